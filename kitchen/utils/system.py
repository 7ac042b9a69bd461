"""The machine: free memory, number of threads, progress bars."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from kitchen.errors import KitchenError, ResourceError
from kitchen.utils.validation import whole

SMALL = 1e8
"""Bytes that are allocated without checking the free memory."""


FEWER = 'Ask for fewer replications or orders, or for keep="summary".'
"""Advice where a simulation does not fit into memory."""


def require_memory(needed: float, what: str, advice: str = FEWER) -> None:
    """Refuse work whose arrays would not fit into the free memory.

    Parameters
    ----------
    needed : float
        Bytes.
    what : str
        What needs them, as the subject of a sentence.
    advice : str
        A sentence that says what would do.

    Raises
    ------
    ResourceError
    """
    if needed < SMALL:
        return
    import psutil

    free = psutil.virtual_memory().available
    if needed > 0.9 * free:
        raise ResourceError(
            f"{what} would need about {bytes_text(needed)} of memory and {bytes_text(free)} are free. "
            f"{advice}"
        )


def thread_count(threads: int | None, key: str = "threads") -> int:
    """Number of threads to use; by default one for each processor that this process may use.

    Raises
    ------
    KitchenError
        If it is not a whole number of at least 1.
    """
    if threads is None:
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
    threads = whole(key, threads, at_least=1, error=KitchenError)
    return min(threads, 8 * (os.cpu_count() or 1))  # more would only wait for each other


def bytes_text(size: float) -> str:
    """A number of bytes as text, in the unit that suits it."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            return f"{size:.3g} {unit}" if size < 1e6 else f"{size:.0f} {unit}"
        size /= 1000
    raise AssertionError


@contextmanager
def bar(total: float | None, unit: str, each: float = 1) -> Iterator[Callable[[int], None]]:
    """Progress bar for the length of a block: work done, rate and time left.

    Parameters
    ----------
    total : float, optional
        Units to do; without it only the number of units done is shown.
    unit : str
    each : float
        Steps in one unit.

    Yields
    ------
    callable
        ``callback(steps)`` reports that so many more steps are done; any thread may call it.
    """
    from tqdm.auto import tqdm

    lock = Lock()
    form = {"unit": unit, "unit_scale": True, "leave": False, "smoothing": 0.05}
    with tqdm(total=total, **form) as shown:

        def callback(steps: int) -> None:
            with lock:
                shown.update(steps / each)

        yield callback
