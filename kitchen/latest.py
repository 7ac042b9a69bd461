"""Work on the newest wish only, beside the program that goes on wishing.

A slider that is dragged wishes many times a second. Each wish replaces the one that waits; work that
has begun is finished and shown if it is quick, so that a picture follows the hand, and given up if it
is slow.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

PATIENCE_S = 0.4
"""A wish older than this gives way when a newer one has come."""


class GivenUp(Exception):
    """Raised inside the work when it is no longer wanted."""


class Turn:
    """One piece of work in progress, and whether it is still wanted."""

    def __init__(self, latest: Latest, number: int):
        self._latest = latest
        self._number = number
        self._began = time.monotonic()

    @property
    def newest(self) -> bool:
        """Whether nothing newer is waiting and nobody has cancelled."""
        return self._latest._number == self._number

    def check(self) -> None:
        """Go on, or leave the work.

        Raises
        ------
        GivenUp
            If the work was cancelled, or a newer wish waits and this one has had its time.
        """
        waited = time.monotonic() - self._began
        if not self.newest and (self._latest._cancelled >= self._number or waited > PATIENCE_S):
            raise GivenUp


class Latest:
    """Does the newest piece of work in a thread of its own, one at a time.

    Parameters
    ----------
    work : callable
        Called with a wish and its `Turn`; in a thread, never twice at the same time.
    failed : callable
        Called with whatever `work` raises, other than `GivenUp`; in the same thread.
    """

    def __init__(self, work: Callable[[Any, Turn], None], failed: Callable[[Exception], None]):
        self._work = work
        self._failed = failed
        self._changed = threading.Condition()
        self._wish: Any = None
        self._number = self._done = self._cancelled = 0
        self._running = False
        self.begun = 0

    @property
    def waiting(self) -> bool:
        """Whether anything is left to do: false in work that was cancelled and not replaced."""
        return self._done < self._number

    def ask(self, wish) -> None:
        """Wish for something, instead of what was wished for before."""
        with self._changed:
            self._wish = wish
            self._number += 1
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="kitchen", daemon=True).start()

    def cancel(self) -> None:
        """Wish for nothing: what is worked on is left at its next check."""
        with self._changed:
            self._cancelled = self._number
            self._number += 1
            self._done = self._number

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing is left to do; False if that took longer than `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, timeout_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._done == self._number:
                    self._running = False
                    self._changed.notify_all()
                    return
                number, wish = self._number, self._wish
                self.begun += 1
            try:
                self._work(wish, Turn(self, number))
            except GivenUp:
                pass
            except Exception as error:
                with suppress(Exception):  # whoever cannot be told must not end the work for good
                    self._failed(error)
            with self._changed:
                self._done = max(self._done, number)
