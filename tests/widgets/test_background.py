"""Only the newest request is computed, and what was started is finished or cancelled."""

import threading

import pytest

from kitchen.errors import Cancelled
from kitchen.widgets import background
from kitchen.widgets.background import LatestOnly


def never(error):
    raise AssertionError(error)


class Slow:
    """Work that waits at a gate, and writes down what became of each request."""

    def __init__(self):
        self.gate = threading.Event()
        self.started = threading.Event()
        self.done, self.left = [], []

    def __call__(self, request, token):
        self.started.set()
        assert self.gate.wait(60)
        try:
            token.check()
        except Cancelled:
            self.left.append(request)
            raise
        self.done.append(request)


@pytest.fixture
def slow():
    return Slow()


def test_of_many_requests_the_running_one_and_the_last_are_done(slow):
    worker = LatestOnly(slow, never)
    worker.submit(0)
    assert slow.started.wait(60)
    for request in range(1, 20):
        worker.submit(request)
    slow.gate.set()
    assert worker.wait(60)
    assert slow.done == [0, 19]
    assert worker.started == 2


def test_slow_work_is_cancelled_for_a_newer_request(slow, monkeypatch):
    monkeypatch.setattr(background, "PATIENCE_S", -1.0)
    worker = LatestOnly(slow, never)
    worker.submit("old")
    assert slow.started.wait(60)
    worker.submit("new")
    slow.gate.set()
    assert worker.wait(60)
    assert (slow.left, slow.done) == (["old"], ["new"])


def test_slow_work_is_finished_if_no_newer_request_waits(slow, monkeypatch):
    monkeypatch.setattr(background, "PATIENCE_S", -1.0)
    worker = LatestOnly(slow, never)
    worker.submit("only")
    slow.gate.set()
    assert worker.wait(60)
    assert (slow.left, slow.done) == ([], ["only"])


def test_cancelled_work_stops_and_nothing_follows(slow):
    worker = LatestOnly(slow, never)
    worker.submit("unwanted")
    assert slow.started.wait(60)
    worker.submit("waiting")
    worker.cancel()
    slow.gate.set()
    assert worker.wait(60)
    assert (slow.left, slow.done) == (["unwanted"], [])
    assert not worker.waiting


def test_after_a_cancel_a_new_request_is_done(slow):
    worker = LatestOnly(slow, never)
    worker.submit("unwanted")
    assert slow.started.wait(60)
    worker.cancel()
    worker.submit("wanted")
    slow.gate.set()
    assert worker.wait(60)
    assert (slow.left, slow.done) == (["unwanted"], ["wanted"])


def test_a_fault_is_reported_and_the_next_request_is_done():
    done, faults = [], []

    def work(request, token):
        if request == "bad":
            raise ValueError("no")
        done.append(request)

    worker = LatestOnly(work, faults.append)
    worker.submit("bad")
    assert worker.wait(60)
    worker.submit("good")
    assert worker.wait(60)
    assert [str(fault) for fault in faults] == ["no"]
    assert done == ["good"]


def test_a_cancel_before_any_request_does_nothing():
    worker = LatestOnly(lambda request, token: None, never)
    worker.cancel()
    assert worker.wait(1)
    assert worker.started == 0
