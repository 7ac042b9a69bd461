"""Live kitchen widget: one replication played in the browser, under one strategy or two."""

from __future__ import annotations

import math

import ipywidgets as widgets
import pandas as pd

from kitchen.engine.source import Source
from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError, shown
from kitchen.plots.browser.payload import check_amount, payload
from kitchen.plots.browser.play import Playback
from kitchen.simulation.simulate import Run, simulate
from kitchen.simulation.snapshot import Snapshot, Snapshots, parting
from kitchen.utils.formatting import plains
from kitchen.utils.validation import instance, whole
from kitchen.widgets.answer import values_of
from kitchen.widgets.app import App, as_scenario, name_in, offered, whole_number, worlds
from kitchen.widgets.player import Player

CACHED = 8
"""Number of traces that are cached together with their runs."""

LAST_REPLICATION = 2**62
"""Largest index of a replication."""

NOBODY = ""
"""Value of the control `right` if only one kitchen is shown."""


class LiveKitchen(App):
    """Widget that plays a kitchen, or two side by side that receive the same orders.

    It opens on the instant where something happens. Another strategy or seed is shown at the same
    instant, another scenario where something happens there.

    Parameters
    ----------
    scenario : Scenario or str, optional
        The first scenario: a shipped name, a path, or a `Scenario`.
    strategies : list, optional
        The strategies on offer, as for `compare`; the shipped ones if left out. The first two are
        shown.
    replication, seed : int
        Replication and seed of the draws, as in `draw`. Of a trace the replication counts from 0.
    trace : Trace, optional
        Evenings of a log, replayed in place of drawn ones.

    Attributes
    ----------
    controls : dict of str to widget
        ``scenario, replication, seed, left, right``. Setting the ``value`` of one is like moving it
        by hand. ``right`` is ``""`` if only one kitchen is shown.
    player : Player
        The picture, with its clock and controls.

    Raises
    ------
    KitchenError
        If the scenario, a strategy, the replication or the seed is invalid.

    Examples
    --------
    >>> live = LiveKitchen("rush", ["random", "oldest"], seed=1)
    >>> live.time_s = 6.0
    >>> [snapshot.strategy for snapshot in live.snapshots]
    ['random', 'oldest']
    """

    def __init__(
        self,
        scenario="rush",
        strategies=None,
        replication: int = 0,
        seed: int = 1,
        trace: Trace | None = None,
    ):
        super().__init__()
        first = as_scenario(scenario)
        if trace is not None:
            instance("trace", trace, Trace, "Make one with Trace.from_frame.")
        self._trace = trace
        self._worlds = worlds(first)
        self._offered = offered(strategies)
        self._kept: dict[tuple, tuple[Trace, dict[str, Snapshots]]] = {}
        self._watched: list[Snapshots] = []
        self._world_shown: str | None = None
        self.player = Player()
        begin = name_in(self._worlds, first)
        self.controls = self._make_controls(begin, replication, seed, strategies is None)
        self._changed()
        for control in self.controls.values():
            self.when(control, self._changed)
        self.player.watch_controls(self.controls.values())
        self.show(*self._rows(), self.alert, self.player)

    # State, for scripts and tests

    @property
    def time_s(self) -> float:
        """Instant that is shown, after all events at or before it, seconds; can be set.

        While it plays this is the instant at which it was started.
        """
        return min(max(self.player.time_s, self.begin_s), self.end_s)

    @time_s.setter
    def time_s(self, time_s: float) -> None:
        try:
            time_s = float(time_s)
        except (TypeError, ValueError):
            time_s = math.nan
        if math.isnan(time_s):
            raise KitchenError(f"time_s: must be a number of seconds, got {shown(time_s)}.")
        self.player.time_s = min(max(time_s, self.begin_s), self.end_s)

    @property
    def begin_s(self) -> float:
        """Opening of the replication, seconds by the clock of the orders."""
        return float(self._watched[0].run.trace.opens_s[0])

    @property
    def end_s(self) -> float:
        """Time of the last event in any of the kitchens shown, seconds."""
        return max(self.begin_s, *(watched.end_s for watched in self._watched))

    @property
    def parting_s(self) -> float | None:
        """First time at which the two kitchens differ, seconds; None if they never do."""
        return parting(*self._watched) if len(self._watched) == 2 else None

    @property
    def runs(self) -> list[Run]:
        """Run of each kitchen shown."""
        return [watched.run for watched in self._watched]

    @property
    def snapshots(self) -> list[Snapshot]:
        """Snapshot of each kitchen shown."""
        return [watched.at(self.time_s) for watched in self._watched]

    @property
    def frame(self) -> pd.DataFrame:
        """Orders on the shelves of all kitchens shown, one row per strategy and order."""
        names = [run.strategy.name for run in self.runs]
        frames = [snapshot.frame().astype({"strategy": object}) for snapshot in self.snapshots]
        table = pd.concat(frames, ignore_index=True)
        table["strategy"] = pd.Categorical(table["strategy"], list(dict.fromkeys(names)))
        return table

    def still(self) -> str:
        return f"{self.alert.value}{Playback(tuple(self.runs), self.time_s)._repr_html_()}"

    # Controls

    def _make_controls(self, begin: str, replication, seed, shipped: bool) -> dict:
        names = list(self._offered)
        options = list(zip(plains(names, 60), names, strict=True))
        right = "oldest" if shipped else names[1] if len(names) > 1 else NOBODY
        half = {
            "layout": widgets.Layout(flex="1 1 300px", max_width="460px"),
            "style": {"description_width": "76px"},
        }
        small = {
            "layout": widgets.Layout(width="170px"),
            "style": {"description_width": "76px"},
            "continuous_update": False,
        }
        places = plains(self._worlds, 60)
        controls = {
            "scenario": widgets.Dropdown(
                options=list(zip(places, self._worlds, strict=True)),
                value=begin, description="scenario", **half,
            ),
            "replication": widgets.Text(str(replication), description="replication", **small),
            "seed": widgets.Text(str(seed), description="seed", **small),
            "left": widgets.Dropdown(options=options, value=names[0], description="left", **half),
            "right": widgets.Dropdown(
                options=[("nobody", NOBODY), *options], value=right, description="right", **half
            ),
        }  # fmt: skip
        controls["seed"].disabled = self._trace is not None
        return controls

    def _rows(self) -> list[widgets.Widget]:
        def row(*names):
            layout = widgets.Layout(flex_flow="row wrap", align_items="center", width="100%")
            return widgets.Box([self.controls[name] for name in names], layout=layout)

        return [row("scenario", "replication", "seed"), row("left", "right")]

    # What happens

    def _changed(self) -> None:
        """Play the runs of the new choices."""
        world, of = self.controls["scenario"].value, values_of(self.controls.values())
        self._watched = self._watch(world)
        data = payload(*self.runs)
        anew, self._world_shown = world != self._world_shown, world
        self.player.show(data, of, data["begin"] if anew else None)

    def _watch(self, world: str) -> list[Snapshots]:
        """Runs of the chosen strategies on the same orders, from the cache where possible."""
        control, scenario = self.controls, self._worlds[world]
        seed = whole_number(control["seed"].value, "seed")
        source = Source(scenario, seed, self._trace)
        last = LAST_REPLICATION if self._trace is None else self._trace.replications.size - 1
        replication = whole_number(control["replication"].value, "replication")
        whole("replication", replication, at_least=0, at_most=last)
        key = (world, replication, seed)
        trace, known = self._kept.pop(key, (None, {}))
        if trace is None:
            check_amount(source.orders_each)
            trace = source.take(replication, replication + 1)
        names = [control[side].value for side in ("left", "right")]
        names = [name for name in names if name != NOBODY]
        for name in names:
            if name not in known:
                known[name] = Snapshots(simulate(scenario, self._offered[name], trace=trace))
        self._kept[key] = (trace, known)
        while len(self._kept) > CACHED:
            del self._kept[next(iter(self._kept))]
        return [known[name] for name in names]
