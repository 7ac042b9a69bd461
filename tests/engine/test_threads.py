"""Threads that are kept: what runs, which error is raised, and that none waits for itself."""

import contextlib
import gc
import os
import threading
import time
import weakref

import pytest

from kitchen.engine.threads import share_out

BATCHES = [(nth,) for nth in range(40)]


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_every_batch_runs_once(threads):
    seen = []
    share_out(seen.append, BATCHES, threads)
    assert sorted(seen) == list(range(40))


def test_without_batches_nothing_runs():
    share_out(pytest.fail, [], 3)


def test_no_more_threads_work_than_were_asked_for():
    ids, both = set(), threading.Barrier(2)

    def work(nth):
        ids.add(threading.get_ident())
        if nth < 2:
            both.wait(timeout=60)  # the first two batches run at the same time

    share_out(work, BATCHES, 2)
    assert len(ids) == 2 and threading.get_ident() in ids


def test_threads_are_kept_for_the_next_calls():
    ids = set()
    for _ in range(100):
        share_out(lambda nth: ids.add(threading.get_ident()), BATCHES[:2], 2)
    assert len(ids) <= 2  # one of them asks


def test_the_error_of_the_earliest_batch_is_raised_whichever_fails_first():
    later_has_failed = threading.Event()

    def work(nth):
        if nth == 0:
            assert later_has_failed.wait(timeout=60)
            raise ValueError("of batch 0")
        later_has_failed.set()
        raise ValueError(f"of batch {nth}")

    with pytest.raises(ValueError, match="of batch 0"):
        share_out(work, BATCHES, 2)


def test_after_an_error_no_further_batch_begins():
    begun, failed = [], threading.Event()

    def work(nth):
        begun.append(nth)
        if nth:
            failed.set()
            raise KeyboardInterrupt
        assert failed.wait(timeout=60)

    with pytest.raises(KeyboardInterrupt):
        share_out(work, BATCHES, 2)
    assert (
        len(begun) <= 3
    )  # the thread of batch 0 may have taken one before the other cleared the rest


def test_nobody_is_left_at_work_when_an_error_is_raised():
    running, both = set(), threading.Barrier(2)

    def work(nth):
        running.add(nth)
        both.wait(timeout=60)
        if nth == 0:
            raise ValueError("of batch 0")
        for _ in range(1000):
            gc.get_count()
        running.remove(nth)

    with pytest.raises(ValueError, match="of batch 0"):
        share_out(work, BATCHES[:2], 2)
    assert running == {0}


def test_work_may_share_out_work_of_its_own():
    """More threads than are kept could never all wait for each other."""
    seen, deep = [], [(nth,) for nth in range(4)]

    def inner(nth):
        seen.append(nth)

    def outer(nth):
        share_out(lambda nth: share_out(inner, deep, 64), deep, 64)

    share_out(outer, deep, 64)
    assert len(seen) == 64


def test_an_error_does_not_keep_the_arrays_of_its_work_alive():
    class Arrays:
        pass

    def fail(arrays):
        def work(nth):
            assert arrays
            raise ValueError

        share_out(work, BATCHES, 2)

    arrays = Arrays()
    kept = weakref.ref(arrays)
    gc.disable()
    try:
        with contextlib.suppress(ValueError):
            fail(arrays)
        del arrays
        deadline = (
            time.monotonic() + 60
        )  # a thread that was not needed lets go of it a moment later
        while kept() is not None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert kept() is None
    finally:
        gc.enable()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process")  # a fork of a process with threads
def test_a_fork_has_threads_of_its_own():
    share_out(lambda nth: None, BATCHES, 3)
    child = os.fork()
    if child == 0:
        seen = []
        share_out(seen.append, BATCHES, 3)
        os._exit(0 if sorted(seen) == list(range(40)) else 1)
    assert os.waitpid(child, 0)[1] == 0
