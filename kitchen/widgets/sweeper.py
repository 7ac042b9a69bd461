"""Sweeper widget: choose one or two parameters and their ranges, run the sweep, view it."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import ipywidgets as widgets
import numpy as np

from kitchen.errors import KitchenError, shown
from kitchen.io.csv_text import csv_bytes
from kitchen.model.scenario import Scenario
from kitchen.sweeps.sweep import Sweep, sweep
from kitchen.widgets.answer import Files
from kitchen.widgets.app import (
    App,
    as_scenario,
    head,
    name_in,
    offered,
    ticks_of,
    whole_number,
    worlds,
)
from kitchen.widgets.background import Progress, Work
from kitchen.widgets.sliders import Knob, knobs
from kitchen.widgets.sweep_viewer import SweepViewer

NOTHING = "nothing else"
MOST_VALUES = 40
"""Largest number of values of a parameter."""

MOST_LANES = 2_000_000
"""Largest sweep of the widget: points x strategies x replications."""


class Sweeper(App):
    """Widget that sweeps one or two numbers of a scenario and compares strategies.

    Parameters
    ----------
    scenario : Scenario or str, optional
        The first scenario.
    strategies : list, optional
        The strategies on offer, as for `compare`; the shipped ones if left out.
    open_point : callable, optional
        Called with the name of a scenario, paths and values, names of strategies, replications and
        seed when a cell of the map is clicked.

    Attributes
    ----------
    controls : dict of str to widget
        ``scenario, one, one_from, one_to, one_values, two, ..., replications, seed, run``.
    ticks : dict of str to widget
        A box for each strategy.
    sweep : Sweep or None
        The last result.
    viewer : SweepViewer or None
        The viewer that shows it.
    files : Files
        The sweep as CSV, made when it is clicked.

    Examples
    --------
    >>> sweeper = Sweeper("rush", ["random", "oldest"])
    >>> sweeper.controls["two"].value = "nothing else"
    >>> {path: len(values) for path, values in sweeper.design.items()}
    {'arrivals.rate': 9}
    """

    def __init__(self, scenario=None, strategies=None, open_point=None):
        super().__init__()
        first = as_scenario(scenario)
        self._worlds = worlds(first)
        self._offered = offered(strategies)
        self.ticks = ticks_of(self._offered, strategies is None)
        self._open_point = open_point
        self.sweep: Sweep | None = None
        self.viewer: SweepViewer | None = None
        self._parameters: dict[str, tuple[str, Knob]] = {}
        self._kept = TemporaryDirectory(prefix="kitchen_")
        self._requests: list[tuple] = []
        self._place = widgets.VBox()
        self.files = Files(lambda name: (csv_bytes(self.sweep.frame), "text/csv"))
        self.work = Work(self, self._work, has_result=lambda: self.sweep is not None)
        name = name_in(self._worlds, first)
        self.controls = _controls(list(self._worlds), name)
        self._other_world()
        self.when(self.controls["scenario"], self._other_world)
        for which in ("one", "two"):
            self.when(self.controls[which], lambda which=which: self._other_range(which))
        self.on_click(self.controls["run"], self._run)
        self.show(self._page())

    @property
    def scenario(self) -> Scenario:
        """The chosen scenario."""
        return self._worlds[self.controls["scenario"].value]

    @property
    def design(self) -> dict[str, list]:
        """Values of each varied parameter, by path, set by the controls.

        Raises
        ------
        KitchenError
            If a range is empty or no number.
        """
        design = {}
        for which in ("one", "two"):
            if (label := self.controls[which].value) != NOTHING:
                path, knob = self._parameters[label]
                if path in design:
                    raise KitchenError(
                        f"{label}: is chosen twice. Choose another second parameter."
                    )
                design[path] = self._values(which, knob)
        return design

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the sweep; False if that took longer than `timeout_s`."""
        return self.work.wait(timeout_s)

    def still(self) -> str:
        if self.viewer is None:
            return "<p>A sweep over two numbers of a scenario; it needs a kernel to be run.</p>"
        return self.viewer.still()

    def _page(self) -> widgets.Widget:
        control = self.controls
        rows = [
            widgets.HBox([control[key] for key in (which, f"{which}_from", f"{which}_to", f"{which}_values")])
            for which in ("one", "two")
        ]  # fmt: skip
        ticks = widgets.Box(
            list(self.ticks.values()),
            layout=widgets.Layout(flex_flow="row wrap"),
        )
        amount = widgets.HBox([control["replications"], control["seed"], control["run"]])
        heading = widgets.HTML("<h3>Strategies; the first is the baseline</h3>")
        parts = [control["scenario"], *rows, heading, ticks, amount]
        return widgets.VBox([*parts, head(self.work, self.alert), self._place, self.files])

    def _other_world(self) -> None:
        """Offer the numbers of the chosen scenario."""
        self._parameters = parameters(self.scenario)
        names = list(self._parameters)
        with self.quietly():
            self.controls["one"].options = names
            self.controls["one"].value = names[0]
            self.controls["two"].options = [NOTHING, *names]
            last = next((n for n in reversed(names) if n.endswith("(slots)")), NOTHING)
            self.controls["two"].value = last
        for which in ("one", "two"):
            self._other_range(which)

    def _other_range(self, which: str) -> None:
        """Suggest a range for the chosen number."""
        label = self.controls[which].value
        used = label != NOTHING
        for end in ("from", "to", "values"):
            self.controls[f"{which}_{end}"].layout.visibility = "visible" if used else "hidden"
        if used:
            path, knob = self._parameters[label]
            low, high = knob.low, knob.high
            if isinstance(knob.value, tuple):
                first, second = knob.value
                low, high = (low, second) if path == knob.paths[0] else (first, high)
            self.controls[f"{which}_from"].value = f"{low:g}"
            self.controls[f"{which}_to"].value = f"{high:g}"

    def _values(self, which: str, knob: Knob) -> list:
        """Evenly spaced values of a parameter."""
        label = self.controls[which].value
        low, high = (
            _number(self.controls[f"{which}_{end}"].value, label) for end in ("from", "to")
        )
        number = whole_number(self.controls[f"{which}_values"].value, f"{label}: values")
        if not low < high:
            raise KitchenError(
                f"{label}: must go from a lower to a higher number, got {low:g} to {high:g}."
            )
        if not 2 <= number <= MOST_VALUES:
            raise KitchenError(f"{label}: takes 2 to {MOST_VALUES} values, got {shown(number)}.")
        values = np.linspace(low, high, number)
        if knob.whole:
            return sorted({round(value) for value in values})
        return [float(f"{value:.6g}") for value in values]

    def _run(self) -> None:
        names = [name for name, tick in self.ticks.items() if tick.value]
        replications = whole_number(self.controls["replications"].value, "replications")
        seed = whole_number(self.controls["seed"].value, "seed")
        design = self.design
        lanes = (
            int(np.prod([len(values) for values in design.values()])) * len(names) * replications
        )
        if lanes > MOST_LANES:
            raise KitchenError(
                f"this sweep would simulate {lanes:,} replications; a page does up to {MOST_LANES:,}. "
                "Ask for fewer values, strategies or replications."
            )
        strategies = [self._offered[name] for name in names]
        self.work.submit((self.scenario, design, strategies, replications, seed, lanes))

    def _work(self, request: tuple, progress: Progress) -> None:
        scenario, design, strategies, replications, seed, lanes = request
        progress.begin("sweeping", lanes)
        result = sweep(
            scenario,
            design,
            strategies,
            replications=replications,
            seed=seed,
            out=self._folder(request),
            callback=progress.callback,
        )
        viewer = SweepViewer(result, self._open_point and partial(self._open, request))
        self.sweep, old, self.viewer = result, self.viewer, viewer
        self._place.children = (viewer,)
        if old is not None:
            old.close()
        self.files.show(["sweep.csv"], {})

    def _open(self, request: tuple, point: dict) -> None:
        """Hand on a point of the sweep with all that it was made of."""
        scenario, _, strategies, replications, seed, _ = request
        names = [strategy.name for strategy in strategies]
        self._open_point(name_in(self._worlds, scenario), point, names, replications, seed)

    def _folder(self, request: tuple) -> Path:
        """Folder of a sweep, so that a cancelled one resumes when it is run again."""
        if request not in self._requests:
            self._requests.append(request)
        return Path(self._kept.name) / str(self._requests.index(request))


def parameters(scenario: Scenario) -> dict[str, tuple[str, Knob]]:
    """Numbers of a scenario that can be swept: label -> (path, knob)."""
    swept = {}
    for knob in knobs(scenario):
        if knob.times:
            continue
        for path in knob.paths:
            last = path.rsplit(".", 1)[-1]
            which = {"low": ", at least", "high": ", at most"}[last] if len(knob.paths) > 1 else ""
            unit = f" ({knob.unit})" if knob.unit else ""
            swept[f"{knob.label}{which}{unit}"] = (path, knob)
    return swept


def _controls(scenarios: list[str], chosen: str) -> dict[str, widgets.Widget]:
    made: dict[str, widgets.Widget] = {
        "scenario": widgets.Dropdown(options=scenarios, value=chosen, description="scenario"),
    }
    narrow = {"layout": widgets.Layout(width="130px"), "style": {"description_width": "45px"}}
    for which, words in (("one", "vary"), ("two", "and")):
        made[which] = widgets.Dropdown(description=words, options=[NOTHING])
        made[f"{which}_from"] = widgets.Text(description="from", **narrow)
        made[f"{which}_to"] = widgets.Text(description="to", **narrow)
        made[f"{which}_values"] = widgets.Text("9", description="values", **narrow)
    made["replications"] = widgets.Text("50", description="replications")
    made["seed"] = widgets.Text("1", description="seed", **narrow)
    made["run"] = widgets.Button(description="Run", button_style="primary")
    return made


def _number(text: str, label: str) -> float:
    if not re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", text):
        raise KitchenError(f"{label}: must be a number, got {shown(text)}.")
    return float(text)
