"""Upload of an order log into the explorer: its evenings are replayed in place of draws."""

from __future__ import annotations

import io
from html import escape

import ipywidgets as widgets

from kitchen.errors import KitchenError, inline
from kitchen.logs.in_scenario import log_in_words, trace_of
from kitchen.logs.read_log import read_log

MOST_BYTES = 8_000_000
"""Largest file that a browser hands over in one message."""

ENDINGS = ".csv,.tsv,.txt,.json,.jsonl,.parquet,.xlsx"


class Upload(widgets.VBox):
    """A button that takes an order log, and what was read, repaired and assumed.

    The kitchen as the controls say lends its shelves, and its menu where the log has no dishes.

    Parameters
    ----------
    explorer : Explorer

    Attributes
    ----------
    button : FileUpload
    zone : Text
        Time zone of the kitchen, for a log whose times do not say it.
    told : HTML
        The verdict on the log.
    """

    def __init__(self, explorer):
        self._explorer = explorer
        self.button = widgets.FileUpload(
            accept=ENDINGS,
            multiple=False,
            description="replay your own orders",
            tooltip="an export of orders: CSV, JSON, Parquet or Excel",
            layout=widgets.Layout(width="auto"),
        )
        self.zone = widgets.Text(
            description="time zone",
            placeholder="as Europe/London",
            continuous_update=False,
            layout=widgets.Layout(width="260px"),
        )
        self.told = widgets.HTML()
        super().__init__([self.button, self.zone, self.told])
        for control in (self.button, self.zone):
            explorer.when(control, self._taken)

    def _taken(self) -> None:
        """Read the file, offer its evenings, and show them."""
        if not self.button.value:
            return
        (file,) = self.button.value
        content = bytes(file["content"])
        if len(content) > MOST_BYTES:
            raise KitchenError(
                f"{inline(file['name'])}: has {len(content) / 1e6:,.1f} MB, and a page takes up to "
                f"{MOST_BYTES / 1e6:,.0f}. With --log FILE the command line takes more."
            )
        handed = io.BytesIO(content)
        handed.name = file["name"]
        log = read_log(handed, tz=self.zone.value.strip() or None)
        world = self._explorer.scenario
        trace, words = trace_of(log, world), " ".join(log_in_words(log, world))
        self._explorer.offer_world(world.replace({"name": inline(file["name"])}), trace=trace)
        self.told.value = f'<p class="kt-verdict">{escape(words)}</p>'
