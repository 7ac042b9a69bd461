"""Threads that are kept from call to call, and share batches of work with the thread that asks."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache


def share_out(work: Callable, batches: Sequence[tuple], threads: int) -> None:
    """Call ``work(*batch)`` for all batches, in this thread and up to ``threads - 1`` kept ones.

    Batches begin in order. After an error, or Ctrl-C, no further one begins, those that run are waited
    for, and the error of the earliest batch is raised: all batches before it have begun, so no race of
    threads decides which that is. This thread works too, so work may share out work of its own.
    """
    if threads == 1 or len(batches) == 1:
        for batch in batches:
            work(*batch)
        return
    waiting, errors = deque(enumerate(batches)), {}

    def take_turns() -> None:
        while waiting:
            try:
                nth, batch = waiting.popleft()
            except IndexError:  # another thread was faster
                return
            try:
                work(*batch)
            except BaseException as error:
                waiting.clear()
                errors[nth] = error

    helping = max(min(threads, len(batches)) - 1, 0)
    helpers = [_pool(helping).submit(take_turns) for _ in range(helping)]
    try:
        take_turns()
    finally:
        waiting.clear()
        wait([helper for helper in helpers if not helper.cancel()])
    if errors:
        try:
            raise errors[min(errors)]
        finally:
            errors.clear()  # else its traceback keeps itself, and the arrays of the work, alive


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """So many threads, which are kept."""
    return ThreadPoolExecutor(threads, thread_name_prefix="kitchen")


if hasattr(os, "register_at_fork"):  # threads do not live on in a fork
    os.register_at_fork(after_in_child=_pool.cache_clear)
