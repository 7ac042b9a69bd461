"""The player of a replication as a widget; see `plots/browser/`."""

from __future__ import annotations

from traitlets import Float

from kitchen.plots.browser.page import PLAYER
from kitchen.widgets.answer import OfControls
from kitchen.widgets.static_files import STATIC, as_widget


class Player(OfControls):
    """Canvas on which the browser plays one kitchen or two.

    Attributes
    ----------
    time_s : float
        Instant that is shown while the clock stands still, seconds.
    """

    _esm = as_widget(*PLAYER, STATIC / "fresh.js", STATIC / "live.js")
    time_s = Float(0.0).tag(sync=True)

    def show(self, data: dict, of: dict, time_s: float | None = None) -> None:
        """Play `data` from `time_s` on, or from the instant that the browser is at."""
        with self.hold_sync():
            if time_s is not None:
                self.time_s = time_s
            self._keep({**data, "begin": time_s}, of)
