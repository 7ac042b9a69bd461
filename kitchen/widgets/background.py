"""Background work for widgets: only the newest request is computed.

A slider that is dragged makes many requests a second. Each replaces the one that waits; work that
has begun is finished and shown if it is quick, so that a picture follows the hand, and cancelled if
it is slow.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import ipywidgets as widgets

from kitchen.errors import Cancelled, KitchenError
from kitchen.widgets.app import App

PATIENCE_S = 0.4
"""A wish older than this gives way when a newer one has come."""


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
        Cancelled
            If the work was cancelled, or a newer wish waits and this one has had its time.
        """
        waited = time.monotonic() - self._began
        if not self.newest and (self._latest._cancelled >= self._number or waited > PATIENCE_S):
            raise Cancelled


class Latest:
    """Does the newest piece of work in a thread of its own, one at a time.

    Parameters
    ----------
    work : callable
        Called with a wish and its `Turn`; in a thread, never twice at the same time.
    failed : callable
        Called with whatever `work` raises, other than `Cancelled`; in the same thread.
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
            except Cancelled:
                pass
            except Exception as error:
                with suppress(Exception):  # whoever cannot be told must not end the work for good
                    self._failed(error)
            with self._changed:
                self._done = max(self._done, number)


SHOWN_AFTER_S = 0.3
"""Work that takes longer than this shows a bar and a button to cancel it."""

TOLD_EVERY_S = 0.1
"""Progress is told at most so often."""


CANCELLED = KitchenError("Cancelled. What is shown is of the settings before.")


class Work(widgets.HBox):
    """Work that follows the newest wish, in a thread, with a bar and a button to cancel it.

    Parameters
    ----------
    app : App
        Where faults are shown.
    work : callable
        Called with a wish and a `Step`.
    left : callable, optional
        Called when what was wished for last will not be shown: it failed, or was cancelled.
    """

    def __init__(self, app: App, work: Callable, left: Callable[[], object] = lambda: None):
        self.bar = widgets.FloatProgress(min=0.0, max=1.0, layout=widgets.Layout(flex="1 1 auto"))
        self.said = widgets.Label(layout=widgets.Layout(width="12em"))
        self.button = widgets.Button(description="Cancel", layout=widgets.Layout(width="6em"))
        super().__init__([self.said, self.bar, self.button])
        self.layout.visibility = "hidden"
        self._app, self._do, self._left = app, work, left
        self._latest = Latest(self._one, lambda error: app.tell(error, self))
        app.on_click(self.button, self._latest.cancel)

    @property
    def begun(self) -> int:
        """How many wishes were ever worked on."""
        return self._latest.begun

    def ask(self, wish) -> None:
        """Work on this, instead of what was wished for before."""
        self._latest.ask(wish)

    def cancel(self) -> None:
        """Leave what is worked on."""
        self._latest.cancel()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing is left to do; False if that took longer than `timeout_s`."""
        return self._latest.wait(timeout_s)

    def _one(self, wish, turn: Turn) -> None:
        try:
            self._do(wish, Step(self, turn))
        except Cancelled:
            if not self._latest.waiting:
                self._app.tell(CANCELLED, self)
                self._left()
            raise
        except Exception as error:
            self._app.tell(error, self)
            self._left()
        else:
            self._app.untell(self)
        finally:
            self.layout.visibility = "hidden"


class Step:
    """One piece of work in progress: says how far it is, and learns when to stop."""

    def __init__(self, work: Work, turn: Turn):
        self._work, self._turn = work, turn
        self._began = self._told = time.monotonic()
        self._done = self._total = 0

    @property
    def newest(self) -> bool:
        """Whether nothing newer waits."""
        return self._turn.newest

    def begin(self, what: str, total: int) -> None:
        """Of `total` steps of something nothing is done yet."""
        self._turn.check()
        self._done, self._total, self._what = 0, total, what

    def callback(self, done: int = 1) -> None:
        """So many steps more are done; from any thread.

        Raises
        ------
        Cancelled
            If the work is no longer wanted.
        """
        self._turn.check()
        self._done += done
        now = time.monotonic()
        if now - self._began < SHOWN_AFTER_S or now - self._told < TOLD_EVERY_S:
            return
        self._told = now
        self._work.bar.value = min(self._done / max(self._total, 1), 1.0)
        self._work.said.value = self._what
        self._work.layout.visibility = "visible"
