"""Live kitchen widget: an animation of the shelves under one strategy or two."""

from __future__ import annotations

import math

import ipywidgets as widgets
import numpy as np
import pandas as pd

from kitchen.engine.draw import draw
from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError, shown
from kitchen.model.scenario import Scenario
from kitchen.simulation.simulate import Run, simulate
from kitchen.simulation.snapshot import Snapshot, Snapshots, parting
from kitchen.utils.formatting import nice_step, plains
from kitchen.utils.validation import whole
from kitchen.widgets import board
from kitchen.widgets.app import App, as_scenario, offered, whole_number, worlds

INTERVAL_MS = 80
"""Milliseconds from one picture to the next while it plays."""

TICK_S = 0.04
"""Simulated seconds per position of the slider, in a run of usual length."""

FEWEST_TICKS, MOST_TICKS = 300, 10_000_000
"""Limits of the number of slider positions."""

PLAYED_IN_S = 45.0
"""Seconds that a whole run takes to play at the first speed, roughly."""

FASTEST_IN_S = 15.0
"""Seconds that a whole run takes at the highest speed, at most."""

CACHED = 8
"""Number of traces that are cached together with their runs."""

LAST_REPLICATION = 2**62
"""Largest index of a replication."""

NOBODY = ""
"""Value of the control `right` if only one kitchen is shown."""


class LiveKitchen(App):
    """Widget that plays a kitchen, or two side by side that receive the same orders.

    Parameters
    ----------
    scenario : Scenario or str, optional
        The first scenario: a shipped name, a path, or a `Scenario`.
    strategies : list, optional
        The strategies on offer, as for `compare`; the shipped ones if left out. The first two are
        shown.
    replication, seed : int
        Replication and seed of the draws, as in `draw`.

    Attributes
    ----------
    controls : dict of str to widget
        ``scenario, replication, seed, left, right, slider, play, speed, start, back, forward,
        parting``. Setting the ``value`` of one is like moving it by hand; a button has ``click()``.
        ``right`` is ``""`` if only one kitchen is shown.
    board : ipywidgets.HTML
        The picture.
    tick_s : float
        Simulated seconds per position of the slider.

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

    def __init__(self, scenario="rush", strategies=None, replication: int = 0, seed: int = 1):
        super().__init__()
        first = as_scenario(scenario)
        self._worlds = worlds(first)
        self._offered = offered(strategies)
        self._kept: dict[tuple, tuple[Trace, dict[str, Snapshots]]] = {}
        self._watched: list[Snapshots] = []
        self._world_shown: str | None = None
        self._parting_s: float | None = None
        self._time_s = 0.0
        self._exact: tuple[int, float] | None = None
        self.tick_s = TICK_S
        self.board = widgets.HTML(layout=widgets.Layout(width="100%"))
        self.note = widgets.HTML()
        begin = next(name for name, world in self._worlds.items() if world == first)
        self.controls = self._make_controls(begin, replication, seed, strategies is None)
        self._changed()
        for name in ("scenario", "replication", "seed", "left", "right"):
            self.when(self.controls[name], self._changed)
        self.when(self.controls["slider"], self._slid)
        self.when(self.controls["play"], self._stopped, "playing")
        self.when(self.controls["speed"], self._sped)
        for name, handler in (
            ("start", self._to_start),
            ("back", self._back),
            ("forward", self._forward),
            ("parting", self._to_parting),
        ):
            self.on_click(self.controls[name], handler)
        self.link = widgets.jslink(
            (self.controls["play"], "value"), (self.controls["slider"], "value")
        )
        self.show(*self._rows(), self.alert, self.board, style=board.STYLE)

    # State, for scripts and tests

    @property
    def time_s(self) -> float:
        """Simulated time that is shown, after all events at or before it, seconds; can be set."""
        return self._time_s

    @time_s.setter
    def time_s(self, time_s: float) -> None:
        try:
            time_s = float(time_s)
        except (TypeError, ValueError):
            time_s = math.nan
        if math.isnan(time_s):
            raise KitchenError(f"time_s: must be a number of seconds, got {shown(time_s)}.")
        self._go(time_s)

    @property
    def end_s(self) -> float:
        """Time of the last event in any of the kitchens shown, seconds."""
        return max(watched.end_s for watched in self._watched)

    @property
    def parting_s(self) -> float | None:
        """First time at which the two kitchens differ, seconds; None if they never do."""
        return self._parting_s

    @property
    def runs(self) -> list[Run]:
        """Run of each kitchen shown."""
        return [watched.run for watched in self._watched]

    @property
    def snapshots(self) -> list[Snapshot]:
        """Snapshot of each kitchen shown."""
        return [watched.at(self._time_s) for watched in self._watched]

    @property
    def frame(self) -> pd.DataFrame:
        """Orders on the shelves of all kitchens shown, one row per strategy and order."""
        names = [watched.run.strategy.name for watched in self._watched]
        frames = [snapshot.frame().astype({"strategy": object}) for snapshot in self.snapshots]
        table = pd.concat(frames, ignore_index=True)
        table["strategy"] = pd.Categorical(table["strategy"], list(dict.fromkeys(names)))
        return table

    def still(self) -> str:
        return f"{self.alert.value}{board.page(*self.snapshots)}"

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
        return {
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
            "play": widgets.Play(interval=INTERVAL_MS, min=0, max=1, show_repeat=False),
            "start": _button("fast-backward", "to the start"),
            "back": _button("step-backward", "to the event before"),
            "forward": _button("step-forward", "to the next event"),
            "slider": widgets.IntSlider(
                min=0, max=1, readout=False, layout=widgets.Layout(flex="1 1 200px", min_width="120px")
            ),
            "speed": widgets.Dropdown(
                options=[("1 \u00d7", 1)], description="speed",
                layout=widgets.Layout(width="150px"), style={"description_width": "44px"},
            ),
            "parting": widgets.Button(
                description="to where they part",
                tooltip="the first instant at which the two kitchens differ",
                layout=widgets.Layout(width="150px"),
            ),
        }  # fmt: skip

    def _rows(self) -> list[widgets.Widget]:
        def row(*names):
            layout = widgets.Layout(flex_flow="row wrap", align_items="center", width="100%")
            return widgets.Box(
                [self.controls[n] if isinstance(n, str) else n for n in names], layout=layout
            )

        return [
            row("scenario", "replication", "seed"),
            row("left", "right", "parting", self.note),
            row("play", "start", "back", "forward", "slider", "speed"),
        ]

    # What happens

    def _changed(self) -> None:
        """Show the runs of the new choices at the same time; another scenario restarts at 0."""
        control = self.controls
        try:
            world = control["scenario"].value
            replication = whole_number(control["replication"].value, "replication")
            whole("replication", replication, at_least=0, at_most=LAST_REPLICATION)
            seed = whole_number(control["seed"].value, "seed")
            names = [control["left"].value, control["right"].value]
            watched = self._watch(
                world, replication, seed, [name for name in names if name != NOBODY]
            )
        except Exception:
            self.board.add_class("kt-stale")
            raise
        self._watched = watched
        self._parting_s = parting(*watched) if len(watched) == 2 else None
        control["parting"].disabled = self._parting_s is None
        self.note.value = self._parting_words()
        anew = world != self._world_shown
        self._world_shown = world
        with self.quietly():
            control["play"].playing = control["play"].playing and not anew
            self._wind(anew)
        self._go(0.0 if anew else self._time_s)
        self.board.remove_class("kt-stale")

    def _watch(self, world: str, replication: int, seed: int, names: list[str]) -> list[Snapshots]:
        """Runs of strategies on the same orders, from the cache where possible."""
        key = (world, replication, seed)
        trace, known = self._kept.pop(key, (None, {}))
        scenario: Scenario = self._worlds[world]
        if trace is None:
            trace = draw(scenario, 1, seed, first=replication)
        for name in names:
            if name not in known:
                known[name] = Snapshots(simulate(scenario, self._offered[name], trace=trace))
        self._kept[key] = (trace, known)
        while len(self._kept) > CACHED:
            del self._kept[next(iter(self._kept))]
        return [known[name] for name in names]

    def _parting_words(self) -> str:
        if len(self._watched) < 2:
            return ""
        if self._parting_s is None:
            return "they never part"
        return f"they part at {board.clock(self._parting_s, self.end_s)}"

    def _wind(self, anew: bool) -> None:
        """Adapt slider, speeds and ticks to the length of the runs."""
        control, speed = self.controls, self.controls["speed"].value
        self.tick_s = _tick_of(self.end_s)
        last = max(math.ceil(self.end_s / self.tick_s), 1)
        self._exact = None
        for name in ("slider", "play"):
            control[name].max = last
        steps = _steps(self.end_s, self.tick_s)
        per_step = self.tick_s * 1000 / INTERVAL_MS
        control["speed"].options = [(f"{step * per_step:,.6g} \u00d7", step) for step in steps]
        usual = self.end_s / PLAYED_IN_S / per_step or 1.0
        nearest = min(steps, key=lambda step: abs(math.log(step / usual)))
        control["speed"].value = speed if speed in steps and not anew else nearest
        self._sped()

    def _sped(self) -> None:
        self.controls["play"].step = self.controls["speed"].value

    def _slid(self) -> None:
        tick = self.controls["slider"].value
        if self._exact and self._exact[0] == tick:
            self._time_s = self._exact[1]
        else:
            self._time_s = min(tick * self.tick_s, self.end_s)
        self._show_now()

    def _go(self, time_s: float) -> None:
        """Show an exact time; the slider moves to its nearest position."""
        slider = self.controls["slider"]
        self._time_s = min(max(time_s, 0.0), self.end_s)
        tick = min(math.ceil(self._time_s / self.tick_s), slider.max)
        self._exact = (tick, self._time_s)
        with self.quietly():
            slider.value = tick
        self._show_now()

    def _show_now(self) -> None:
        self.board.value = board.board(*self.snapshots)

    def _stopped(self) -> None:
        """Show the end if playing stopped less than a step before it, so that playing restarts."""
        play, slider = self.controls["play"], self.controls["slider"]
        if not play.playing and slider.value + play.step > slider.max:
            self._go(self.end_s)

    def _to_start(self) -> None:
        self._halt(0.0)

    def _back(self) -> None:
        times = self._times()
        earlier = int(np.searchsorted(times, self._time_s, side="left"))
        self._halt(times[earlier - 1] if earlier else 0.0)

    def _forward(self) -> None:
        times = self._times()
        later = int(np.searchsorted(times, self._time_s, side="right"))
        self._halt(times[later] if later < times.size else self.end_s)

    def _to_parting(self) -> None:
        if self._parting_s is not None:
            self._halt(self._parting_s)

    def _halt(self, time_s: float) -> None:
        """Stop playing and show a time."""
        with self.quietly():
            self.controls["play"].playing = False
        self._go(float(time_s))

    def _times(self) -> np.ndarray:
        """Times of all events in the kitchens shown, seconds."""
        return np.unique(np.concatenate([watched.times for watched in self._watched]))


def _button(icon: str, tooltip: str) -> widgets.Button:
    return widgets.Button(icon=icon, tooltip=tooltip, layout=widgets.Layout(width="40px"))


def _tick_of(end_s: float) -> float:
    """Simulated seconds per position of the slider: finer in a short run, coarser in a long one."""
    tick_s = TICK_S
    if 0 < end_s < FEWEST_TICKS * TICK_S:
        tick_s = nice_step(end_s / FEWEST_TICKS, round_down=True)
    while end_s / tick_s > MOST_TICKS:
        tick_s *= 10.0
    return tick_s


def _steps(end_s: float, tick_s: float) -> list[int]:
    """Numbers of ticks per picture, one for each speed."""
    enough = end_s / tick_s * INTERVAL_MS / 1000 / FASTEST_IN_S
    steps = [1]
    while len(steps) < 3 or steps[-1] < enough:
        steps.append((2, 4, 10)[len(steps) % 3 - 1] * 10 ** ((len(steps) - 1) // 3))
    return steps
