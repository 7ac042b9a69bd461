"""Background work for widgets: only the newest request is computed.

A slider that is dragged makes many requests a second. Each replaces the one that waits. Work that
has started is finished and shown if it is quick, so that a picture follows the hand, and cancelled
if it is slow.
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
"""Seconds after which running work is cancelled if a newer request waits."""


class CancelToken:
    """Whether one running request is still wanted."""

    def __init__(self, worker: LatestOnly, number: int):
        self._worker = worker
        self._number = number
        self._started_s = time.monotonic()

    @property
    def newest(self) -> bool:
        """Whether no newer request waits and nothing was cancelled."""
        return self._worker._number == self._number

    def check(self) -> None:
        """Return if the work should go on.

        Raises
        ------
        Cancelled
            If the work was cancelled, or if a newer request waits and `PATIENCE_S` have passed.
        """
        elapsed_s = time.monotonic() - self._started_s
        cancelled = self._worker._cancelled >= self._number
        if not self.newest and (cancelled or elapsed_s > PATIENCE_S):
            raise Cancelled


class LatestOnly:
    """A worker thread that computes the newest request only, one at a time.

    Parameters
    ----------
    work : callable
        Called with a request and its `CancelToken`, in a thread, never twice at the same time.
    failed : callable
        Called in the same thread with any exception of `work` other than `Cancelled`.

    Examples
    --------
    >>> results = []
    >>> worker = LatestOnly(lambda request, token: results.append(request), print)
    >>> worker.submit("ranking")
    >>> worker.wait()
    True
    >>> results
    ['ranking']
    """

    def __init__(
        self, work: Callable[[Any, CancelToken], None], failed: Callable[[Exception], None]
    ):
        self._work = work
        self._failed = failed
        self._changed = threading.Condition()
        self._request: Any = None
        self._number = self._done = self._cancelled = 0
        self._running = False
        self.started = 0

    @property
    def waiting(self) -> bool:
        """Whether a request is unfinished; false while a cancelled one without successor ends."""
        return self._done < self._number

    def submit(self, request) -> None:
        """Request something in place of the request before."""
        with self._changed:
            self._request = request
            self._number += 1
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="kitchen", daemon=True).start()

    def cancel(self) -> None:
        """Drop all requests; running work stops at its next check."""
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
                number, request = self._number, self._request
                self.started += 1
            try:
                self._work(request, CancelToken(self, number))
            except Cancelled:
                pass
            except Exception as error:
                with suppress(Exception):  # a failing error handler must not end the worker
                    self._failed(error)
            with self._changed:
                self._done = max(self._done, number)


SHOWN_AFTER_S = 0.3
"""Seconds after which running work shows a progress bar and a button to cancel it, whether it has
reported anything or not."""

UPDATE_INTERVAL_S = 0.1
"""Least seconds from one update of the progress bar to the next."""


CANCELLED = KitchenError("Cancelled. What is shown is of the settings before.")
CANCELLED_AT_FIRST = KitchenError("Cancelled. Nothing is shown yet.")


class Work(widgets.HBox):
    """Background computation of the newest request, with a progress bar and a Cancel button.

    Parameters
    ----------
    app : App
        Shows the faults.
    work : callable
        Called with a request and a `Progress`.
    abandoned : callable, optional
        Called when the newest request will not be shown because it failed or was cancelled.
    has_result : callable, optional
        Whether results of an earlier request are shown, for the sentence after a cancel.
    """

    def __init__(
        self,
        app: App,
        work: Callable,
        abandoned: Callable[[], object] = lambda: None,
        has_result: Callable[[], bool] = lambda: True,
    ):
        self.bar = widgets.FloatProgress(min=0.0, max=1.0, layout=widgets.Layout(flex="1 1 auto"))
        self.label = widgets.Label(layout=widgets.Layout(width="17em"))
        self.button = widgets.Button(description="Cancel", layout=widgets.Layout(width="6em"))
        super().__init__([self.label, self.bar, self.button])
        self.layout.visibility = "hidden"
        self.add_class("kt-work")
        self._app, self._compute = app, work
        self._abandoned, self._has_result = abandoned, has_result
        self._worker = LatestOnly(self._one, lambda error: app.show_fault(error, self))
        self._visible = threading.Lock()
        app.on_click(self.button, self._cancel_button)

    @property
    def started(self) -> int:
        """Number of requests whose computation was ever started."""
        return self._worker.started

    def submit(self, request) -> None:
        """Request something in place of the request before."""
        self._worker.submit(request)

    def cancel(self) -> None:
        """Cancel the running request."""
        self._worker.cancel()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing is left to do; False if that took longer than `timeout_s`."""
        return self._worker.wait(timeout_s)

    def _cancel_button(self) -> None:
        self.label.value = "cancelling ..."
        self._worker.cancel()

    def _one(self, request, token: CancelToken) -> None:
        progress = Progress(self, token)
        self.bar.value, self.label.value = 0.0, ""
        appears = threading.Timer(SHOWN_AFTER_S, self._appear, (progress,))
        appears.daemon = True
        appears.start()
        try:
            self._compute(request, progress)
        except Cancelled:
            if not self._worker.waiting:
                self._app.show_fault(CANCELLED if self._has_result() else CANCELLED_AT_FIRST, self)
                self._abandoned()
            raise
        except Exception as error:
            self._app.show_fault(error, self)
            self._abandoned()
        else:
            self._app.clear_fault(self)
        finally:
            appears.cancel()
            with self._visible:
                progress.ended = True
                self.layout.visibility = "hidden"

    def _appear(self, progress: Progress) -> None:
        """Show the bar and the button, unless the work has ended meanwhile."""
        with self._visible:
            if not progress.ended:
                self.label.value = progress.words
                self.layout.visibility = "visible"


class Progress:
    """Progress of one running request; raises `Cancelled` when the request is no longer wanted."""

    def __init__(self, work: Work, token: CancelToken):
        self._work, self._token = work, token
        self._updated_s = time.monotonic()
        self._done, self._total, self._what = 0, 0, ""
        self._drawing = self.ended = False

    @property
    def newest(self) -> bool:
        """Whether no newer request waits."""
        return self._token.newest

    @property
    def words(self) -> str:
        """What is being done."""
        return f"{self._what}: drawing orders" if self._drawing else self._what

    def begin(self, what: str, total: int) -> None:
        """Start a phase of `total` steps, named `what` beside the bar."""
        self._token.check()
        self._done, self._total, self._what = 0, total, what

    def callback(self, done: int = 1) -> None:
        """Count `done` more steps as done, 0 while orders are drawn; called from any thread.

        Raises
        ------
        Cancelled
            If the work is no longer wanted.
        """
        self._token.check()
        self._done += done
        self._drawing = not done
        now_s = time.monotonic()
        if now_s - self._updated_s < UPDATE_INTERVAL_S:
            return
        self._updated_s = now_s
        if self._work.layout.visibility == "visible":
            self._work.bar.value = min(self._done / max(self._total, 1), 1.0)
            self._work.label.value = self.words
