"""Only the newest wish is worked on, and what was begun is finished or given up."""

import threading

import pytest

from kitchen.errors import Cancelled
from kitchen.widgets import background
from kitchen.widgets.background import Latest


def never(error):
    raise AssertionError(error)


class Slow:
    """Work that waits at a gate, and writes down what became of each wish."""

    def __init__(self):
        self.gate = threading.Event()
        self.begun = threading.Event()
        self.done, self.left = [], []

    def __call__(self, wish, turn):
        self.begun.set()
        assert self.gate.wait(60)
        try:
            turn.check()
        except Cancelled:
            self.left.append(wish)
            raise
        self.done.append(wish)


@pytest.fixture
def slow():
    return Slow()


def test_of_many_wishes_the_one_at_work_and_the_last_are_done(slow):
    worker = Latest(slow, never)
    worker.ask(0)
    assert slow.begun.wait(60)
    for wish in range(1, 20):
        worker.ask(wish)
    slow.gate.set()
    assert worker.wait(60)
    assert slow.done == [0, 19]
    assert worker.begun == 2


def test_work_that_takes_long_is_given_up_for_a_newer_wish(slow, monkeypatch):
    monkeypatch.setattr(background, "PATIENCE_S", -1.0)
    worker = Latest(slow, never)
    worker.ask("old")
    assert slow.begun.wait(60)
    worker.ask("new")
    slow.gate.set()
    assert worker.wait(60)
    assert (slow.left, slow.done) == (["old"], ["new"])


def test_work_that_takes_long_is_finished_if_nothing_newer_waits(slow, monkeypatch):
    monkeypatch.setattr(background, "PATIENCE_S", -1.0)
    worker = Latest(slow, never)
    worker.ask("only")
    slow.gate.set()
    assert worker.wait(60)
    assert (slow.left, slow.done) == ([], ["only"])


def test_cancelled_work_is_left_and_nothing_follows(slow):
    worker = Latest(slow, never)
    worker.ask("unwanted")
    assert slow.begun.wait(60)
    worker.ask("waiting")
    worker.cancel()
    slow.gate.set()
    assert worker.wait(60)
    assert (slow.left, slow.done) == (["unwanted"], [])
    assert not worker.waiting


def test_after_a_cancel_a_new_wish_is_done(slow):
    worker = Latest(slow, never)
    worker.ask("unwanted")
    assert slow.begun.wait(60)
    worker.cancel()
    worker.ask("wanted")
    slow.gate.set()
    assert worker.wait(60)
    assert (slow.left, slow.done) == (["unwanted"], ["wanted"])


def test_a_fault_is_told_and_the_next_wish_is_done():
    done, faults = [], []

    def work(wish, turn):
        if wish == "bad":
            raise ValueError("no")
        done.append(wish)

    worker = Latest(work, faults.append)
    worker.ask("bad")
    assert worker.wait(60)
    worker.ask("good")
    assert worker.wait(60)
    assert [str(fault) for fault in faults] == ["no"]
    assert done == ["good"]


def test_a_cancel_before_anything_was_asked_is_nothing():
    worker = Latest(lambda wish, turn: None, never)
    worker.cancel()
    assert worker.wait(1)
    assert worker.begun == 0
