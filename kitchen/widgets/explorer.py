"""Explorer widget: sliders of a scenario, boxes of strategies, and their comparison."""

from __future__ import annotations

import math
from dataclasses import replace
from html import escape
from typing import NamedTuple

import ipywidgets as widgets
import pandas as pd

from kitchen import plots
from kitchen.comparison.comparison import Comparison, compare
from kitchen.engine.draw import draw
from kitchen.errors import Cancelled, KitchenError
from kitchen.io.csv_text import csv_bytes
from kitchen.model.decay import LAWS, law_name
from kitchen.model.measures import BOUND_OF
from kitchen.model.scenario import Scenario, setting
from kitchen.model.strategy import Strategy
from kitchen.plots.axes import fixed, png
from kitchen.simulation import metrics
from kitchen.simulation.simulate import simulate
from kitchen.utils.validation import whole
from kitchen.widgets.app import (
    App,
    Picture,
    as_scenario,
    code,
    download,
    offered,
    primary_of,
    ticks_of,
    whole_number,
    worlds,
)
from kitchen.widgets.background import Progress, Work
from kitchen.widgets.code import as_python
from kitchen.widgets.sliders import Knob, knobs, turned

MOST_REPLICATIONS = 20_000
"""Largest number of replications on the slider."""

DETAILED = 20
"""Replications simulated for the shelves over time and for the clairvoyant bound."""

WIDE, HIGH = 7.2, 3.5
"""Width and height of each picture, inches."""

SPARE = 0.15
"""Space to the right of the first picture's numbers, which may get longer, inches."""

FIRST_WAIT_S = 20.0
"""Longest wait for the first pictures before static HTML goes without them, seconds."""


class Settings(NamedTuple):
    """Values of the controls that the pictures depend on."""

    base: str
    scenario: Scenario
    strategies: list[Strategy]
    replications: int
    seed: int
    measure: str
    view: str

    @property
    def compared(self) -> tuple:
        """The part that the comparison itself depends on."""
        names = [strategy.name for strategy in self.strategies]
        return self.scenario, names, self.replications, self.seed


class Explorer(App):
    """Widget that compares strategies while a scenario is changed with sliders.

    Parameters
    ----------
    scenario : Scenario or str, optional
        The first scenario: a shipped name, a path, or a `Scenario`.
    strategies : list, optional
        The strategies on offer, as for `compare`; the shipped ones if left out.
    replications, seed : int
        The first values of their controls.

    Attributes
    ----------
    controls : dict of str to widget
        By the setting they change: ``"scenario"``, ``"replications"``, ``"arrivals.rate"`` and so on. Setting
        the ``value`` of one is like moving it by hand.
    ticks : dict of str to widget
        A box for each strategy.
    table : Comparison or None
        The comparison that the pictures show.

    Examples
    --------
    >>> explorer = Explorer("rush", ["random", "oldest"], replications=10)
    >>> explorer.wait(), list(explorer.ticks)
    (True, ['random', 'oldest'])
    >>> explorer.controls["arrivals.rate"].value = 12.0   # like moving the slider by hand
    >>> explorer.wait(), explorer.scenario.arrivals.rate
    (True, 12.0)
    """

    def __init__(self, scenario=None, strategies=None, replications: int = 200, seed: int = 1):
        super().__init__()
        first = as_scenario(scenario)
        replications = whole("replications", replications, at_least=1)
        self._worlds = worlds(first)
        self._offered = offered(strategies)
        self.table: Comparison | None = None
        self._shown: Settings | None = None
        self._requested: Settings | None = None
        self._knobs: list[Knob] = []
        self._places: dict[tuple[str, ...], tuple] = {}
        self.controls: dict[str, widgets.Widget] = {}
        self.ticks = ticks_of(self._offered, strategies is None)
        self.picture = Picture(*_pixels())
        self.more = Picture(*_pixels())
        self.verdict = widgets.HTML(layout=widgets.Layout(min_height="64px"))
        self.take = widgets.HTML()
        self.work = Work(self, self._work, self._stale)
        self._fixed_controls(
            next(n for n, s in self._worlds.items() if s == first), replications, seed
        )
        self._turnable = widgets.VBox()
        self._make_knobs()
        for name, control in self.controls.items():
            if name not in ("scenario", "reset"):
                self.when(control, self._changed)
        for tick in self.ticks.values():
            self.when(tick, self._changed)
        self.when(self.controls["scenario"], self._other_world)
        self.on_click(self.controls["reset"], self._other_world)
        self.show(self._page())
        self._changed()

    @property
    def frame(self) -> pd.DataFrame:
        """Means that are shown, one row per strategy and measure."""
        return self._compared_already().frame

    @property
    def scenario(self) -> Scenario:
        """Scenario set by the controls.

        Raises
        ------
        ScenarioError
            If the settings contradict each other.
        """
        return self._world()[1]

    @property
    def script(self) -> str:
        """Python code that reproduces the figures."""
        return _script(self._settings())

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the pictures; False if that took longer than `timeout_s`."""
        return self.work.wait(timeout_s)

    def still(self) -> str:
        self.wait(FIRST_WAIT_S)
        if self.table is None:
            return self.alert.value
        return f"{self.verdict.value}{self.picture.still()}{self.more.still()}"

    # Controls

    def _fixed_controls(self, name: str, replications: int, seed: int) -> None:
        """Controls that every scenario has."""
        wide = {"layout": widgets.Layout(width="330px"), "style": {"description_width": "130px"}}
        self._wide, choice = wide, widgets.Layout(width="400px", max_width="100%")
        measures = [(measure.label, key) for key, measure in plots.MEASURES.items()]
        self.controls = {
            "scenario": widgets.Dropdown(
                options=list(self._worlds), value=name, description="scenario", **wide
            ),
            "reset": widgets.Button(
                description="as it was",
                tooltip="all knobs back to the scenario's own values",
                layout=widgets.Layout(width="100px", align_self="flex-end"),
            ),
            "replications": widgets.SelectionSlider(
                options=_amounts(replications),
                value=replications,
                description="replications",
                **wide,
            ),
            "seed": widgets.Text(str(seed), description="seed", continuous_update=False, **wide),
            "settings": widgets.Text(
                description="more settings",
                placeholder="shelves.hot.capacity=12; decay=cliff",
                continuous_update=False,
                **wide,
            ),
            "measure": widgets.Dropdown(
                options=measures,
                value=primary_of(self._worlds[name]),
                description="measure",
                layout=choice,
            ),
            "view": widgets.Dropdown(options=list(VIEWS), description="and also", layout=choice),
        }

    def _make_knobs(self) -> None:
        """Controls for the numbers of the chosen scenario."""
        base = self._worlds[self.controls["scenario"].value]
        for knob in self._knobs:
            self.controls.pop(knob.paths[0]).close()
        for name in ("eta", "decay", "expired_orders"):
            if name in self.controls:
                self.controls.pop(name).close()
        self._knobs = knobs(base)
        made = {knob.paths[0]: _slider(knob, self._wide) for knob in self._knobs}
        etas = {"not known": "unknown", "known exactly": "exact"}
        etas |= {"known to 1 s": 1.0, "known to 5 s": 5.0}
        if base.eta not in etas.values():
            etas[f"known to {base.eta:g} s"] = base.eta
        laws = {name: name for name in LAWS} | {law_name(base.decay): base.decay}
        kept = {"leave their shelf": "removed", "are held": "held"}
        for name, label, options, value in (
            ("eta", "couriers are", etas, base.eta),
            ("decay", "decay law", laws, base.decay),
            ("expired_orders", "expired orders", kept, base.expired_orders),
        ):
            made[name] = widgets.Dropdown(
                options=options, value=value, description=label, **self._wide
            )
        self.controls |= made
        groups = {"orders": [], "couriers": [], "shelves": [], "food": []}
        for knob in self._knobs:
            groups[knob.group].append(made[knob.paths[0]])
        groups["couriers"].append(made["eta"])
        groups["food"] += [made["decay"], made["expired_orders"]]
        self._turnable.children = [
            child
            for title, controls in groups.items()
            for child in (widgets.HTML(f"<h4>{title.capitalize()}</h4>"), *controls)
        ]

    def _page(self) -> widgets.Widget:
        control = self.controls
        ticks = widgets.VBox(
            list(self.ticks.values()),
            layout=widgets.Layout(height="170px", overflow="auto", flex="0 0 auto", width="330px"),
        )
        strategies = [widgets.HTML("<h4>Strategies; the first is the baseline</h4>"), ticks]
        amount = [control["replications"], control["seed"]]
        knobs_of_all = [self._turnable, control["settings"], control["reset"]]
        left = widgets.VBox(
            [control["scenario"], *strategies, *amount, *knobs_of_all],
            layout=widgets.Layout(width="350px", flex="0 0 350px"),
        )
        place = widgets.Layout(flex="1 1 480px", max_width="800px", padding="0 12px 0 0")
        pictures = widgets.Box(
            [
                widgets.VBox([box, image], layout=place)
                for box, image in ((control["measure"], self.picture), (control["view"], self.more))
            ],
            layout=widgets.Layout(flex_flow="row wrap", width="100%"),
        )
        right = widgets.VBox(
            [self.alert, self.verdict, pictures, self.work, self.take],
            layout=widgets.Layout(flex="1 1 0", min_width="0"),
        )
        return widgets.HBox([left, right])

    # What happens

    def _other_world(self) -> None:
        with self.quietly():
            self.controls["settings"].value = ""
            self.controls["measure"].value = primary_of(
                self._worlds[self.controls["scenario"].value]
            )
            self._make_knobs()
        for name in ("eta", "decay", "expired_orders", *(knob.paths[0] for knob in self._knobs)):
            self.when(self.controls[name], self._changed)
        self._changed()

    def _changed(self) -> None:
        self._requested = None
        try:
            self._requested = self._settings()
        except Exception:
            self._stale()
            raise
        self.work.submit(self._requested)

    def _world(self) -> tuple[str, Scenario]:
        """The name of the chosen scenario, and what the knobs make of it."""
        base = self.controls["scenario"].value
        world = self._worlds[base]
        made = turned(
            self._knobs, {k.paths[0]: self.controls[k.paths[0]].value for k in self._knobs}
        )
        for name in ("eta", "decay", "expired_orders"):
            if self.controls[name].value != getattr(world, name):
                made[name] = self.controls[name].value
        for text in self.controls["settings"].value.split(";"):
            if text.strip():
                path, value = setting(text)
                made[path] = value
        return base, world.replace(made) if made else world

    def _settings(self) -> Settings:
        base, scenario = self._world()
        return Settings(
            base=base,
            scenario=scenario,
            strategies=[self._offered[name] for name, tick in self.ticks.items() if tick.value],
            replications=self.controls["replications"].value,
            seed=whole_number(self.controls["seed"].value, "seed"),
            measure=self.controls["measure"].value,
            view=self.controls["view"].value,
        )

    def _work(self, settings: Settings, progress: Progress) -> None:
        """Draw the ranking at once, and the rest if no newer request waits."""
        if self._shown is None or self._shown.compared != settings.compared:
            progress.begin("comparing", max(len(settings.strategies), 1) * settings.replications)
            table = compare(
                settings.scenario,
                settings.strategies,
                replications=settings.replications,
                seed=settings.seed,
                callback=progress.callback,
                min_strategies=1,
                measure=settings.measure,
            )
        elif self.table.measure != settings.measure:
            table = replace(self.table, measure=settings.measure)
        else:
            table = self.table
        ranking = self._ranking(table, settings.measure)
        self.verdict.value = f'<p class="kt-verdict">{escape(table.verdict)}</p>'
        self.picture.value = ranking
        self.table, self._shown = table, settings
        self.picture.remove_class("kt-stale")
        _go_on(progress)
        self.take.value = self._to_take(table, settings)
        _go_on(progress)
        self.more.value = png(VIEWS[settings.view](table, settings, progress).figure)
        self.more.remove_class("kt-stale")

    def _ranking(self, table: Comparison, measure: str) -> bytes:
        """The first picture; its layout is computed once for the same strategies."""
        names = tuple(strategy.name for strategy in table.strategies)
        ax = plots.ranking(table.frame, measure, ax=fixed(WIDE, HIGH, self._places.get(names)))
        data = png(ax.figure)
        if names not in self._places:
            x, y, width, height = ax.get_position().bounds
            self._places[names] = x, y, width - SPARE / WIDE, height
        return data

    def _stale(self) -> None:
        """Fade pictures that do not show the settings of the controls."""
        self.more.add_class("kt-stale")
        if self._shown is None or self._shown is not self._requested:
            self.picture.add_class("kt-stale")

    def _to_take(self, table: Comparison, settings: Settings) -> str:
        """Links to the tables, the scenario and the script behind the pictures."""
        tables = {"ranking": table.frame, "paired": table.paired, "summaries": table.summaries}
        links = [download(f"{name}.csv", csv_bytes(t), "text/csv") for name, t in tables.items()]
        try:
            toml = settings.scenario.to_toml().encode()
            links.append(
                download(f"{_file_name(settings.scenario.name)}.toml", toml, "application/toml")
            )
        except KitchenError as error:
            links.append(f"<span>{escape(str(error))}</span>")
        return (
            f"<h4>Take it along</h4>{''.join(links)}"
            f"<details><summary>the same in Python</summary>{code(_script(settings))}</details>"
        )

    def _compared_already(self) -> Comparison:
        if self.table is None:
            raise KitchenError("explorer: nothing has been compared yet.")
        return self.table


# The second picture


def _paired(table: Comparison, settings: Settings, progress: Progress):
    return plots.paired(table.paired, settings.measure, ax=fixed(WIDE, HIGH))


def _by_cause(table: Comparison, settings: Settings, progress: Progress):
    return plots.waste_by_cause(metrics.waste_by_cause(table.summaries), ax=fixed(WIDE, HIGH))


def _by_temp(table: Comparison, settings: Settings, progress: Progress):
    return plots.waste_by_temp(metrics.waste_by_temp(table.summaries), ax=fixed(WIDE, HIGH))


def _value_split(table: Comparison, settings: Settings, progress: Progress):
    return plots.value_split(metrics.value_split(table.summaries), ax=fixed(WIDE, HIGH))


def _all_pairs(table: Comparison, settings: Settings, progress: Progress):
    return plots.pairs(table.pairs, settings.measure, ax=fixed(WIDE, HIGH))


def _over_time(table: Comparison, settings: Settings, progress: Progress):
    """How full the shelves are under the best strategy."""
    best = next(s for s in settings.strategies if s.name == table.ranked[0])
    number = min(settings.replications, DETAILED)
    progress.begin("looking at the shelves", number)
    run = simulate(
        settings.scenario, best, replications=number, seed=settings.seed, callback=progress.callback
    )
    last = run.ledger["time_s"].max() if len(run.ledger) else 0.0
    run = simulate(settings.scenario, best, trace=run.trace, step_s=max(last / 300, 1e-3))
    return plots.shelves(run.shelves, ax=fixed(WIDE, HIGH))


def _regret(table: Comparison, settings: Settings, progress: Progress):
    """Gap of each strategy to the clairvoyant bound."""
    number = min(settings.replications, DETAILED)
    progress.begin("clairvoyant bound", number)
    options = {"bound": True, "min_strategies": 1}
    if settings.measure in BOUND_OF:
        options["measure"] = settings.measure
    parts = []
    for nth in range(number):
        trace = draw(settings.scenario, 1, settings.seed, first=nth)
        parts.append(compare(settings.scenario, settings.strategies, trace=trace, **options))
        progress.callback()
    summaries = pd.concat([one.summaries for one in parts], ignore_index=True)
    bounds = pd.concat([one.bounds for one in parts], ignore_index=True)
    frame = metrics.regret(summaries, bounds, settings.strategies[0].name)
    return plots.regret(frame, ax=fixed(WIDE, HIGH))


VIEWS = {
    "the difference to the baseline": _paired,
    "waste by cause": _by_cause,
    "waste by temp": _by_temp,
    "where the value went": _value_split,
    "the shelves over time, under the best": _over_time,
    "all pairs": _all_pairs,
    "gap to the clairvoyant bound": _regret,
}


def _go_on(progress: Progress) -> None:
    if not progress.newest:  # leave the rest undone
        raise Cancelled


def _pixels() -> tuple[int, int]:
    figure = fixed(WIDE, HIGH).figure
    return tuple(int(size) for size in figure.get_size_inches() * figure.dpi)


def _slider(knob: Knob, look: dict) -> widgets.Widget:
    """Slider with the range and step of a knob."""
    unit = f" ({knob.unit})" if knob.unit else ""
    ends = {"min": knob.low, "max": knob.high, "step": knob.step, "value": knob.value}
    words = {
        "description": f"{knob.label}{unit}",
        "tooltip": f"{knob.label}{unit}: {', '.join(knob.paths)}",
    }
    form = f".{max(0, -math.floor(math.log10(knob.step)))}f"
    if isinstance(knob.value, tuple):
        return widgets.FloatRangeSlider(**ends, **words, readout_format=form, **look)
    if knob.whole:
        return widgets.IntSlider(**ends, **words, **look)
    return widgets.FloatSlider(**ends, **words, readout_format=form, **look)


def _amounts(given: int) -> list[int]:
    usual = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, MOST_REPLICATIONS)
    return sorted({*usual, given})


def _script(settings: Settings) -> str:
    """Python code that reproduces the figures; a scenario that does not ship is written out."""
    base = settings.base if settings.base in Scenario.shipped() else None
    return as_python(
        settings.scenario,
        base,
        settings.strategies,
        replications=settings.replications,
        seed=settings.seed,
        measure=None if settings.measure == primary_of(settings.scenario) else settings.measure,
    )


def _file_name(name: str) -> str:
    plain = "".join(c if c.isalnum() or c in "-_ " else "_" for c in name).strip()
    return plain[:60] or "scenario"
