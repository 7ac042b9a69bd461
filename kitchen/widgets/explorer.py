"""The explorer: sliders for a scenario, ticks for strategies, and the comparison that follows."""

from __future__ import annotations

import math
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
from kitchen.model.scenario import Scenario, setting
from kitchen.model.strategy import Strategy
from kitchen.plots.axes import fixed, png
from kitchen.simulation import metrics
from kitchen.simulation.simulate import simulate
from kitchen.widgets.app import (
    App,
    Picture,
    as_scenario,
    code,
    download,
    offered,
    ticks_of,
    whole_number,
    worlds,
)
from kitchen.widgets.background import Step, Work
from kitchen.widgets.code import as_python
from kitchen.widgets.sliders import Knob, knobs, turned

MOST_REPLICATIONS = 20_000
LOOKS = 20
"""Replications that are looked at for the pictures over time, and for the best possible."""

WIDE, HIGH = 7.2, 3.5
"""Inches of each picture."""

SPARE = 0.15
"""Inches to the right of the first picture's numbers, which may get longer."""

SECONDS_TO_WAIT = 20.0
"""For the first pictures, before the page is shown without them."""


class Wish(NamedTuple):
    """All that the pictures depend on."""

    base: str
    scenario: Scenario
    strategies: list[Strategy]
    replications: int
    seed: int
    measure: str
    view: str

    @property
    def compared(self) -> tuple:
        """What the comparison itself depends on."""
        names = [strategy.name for strategy in self.strategies]
        return self.scenario, names, self.replications, self.seed


class Explorer(App):
    """Compare strategies while turning the knobs of a scenario.

    Parameters
    ----------
    scenario : Scenario or str, optional
        To begin with; a shipped name, a path, or a scenario of one's own.
    strategies : list, optional
        To choose from, as for `compare`; the shipped ones if left out.
    replications, seed : int

    Attributes
    ----------
    controls : dict of str to widget
        By what they set: ``"scenario"``, ``"replications"``, ``"arrivals.rate"`` and so on. Setting
        the ``value`` of one is like moving it by hand.
    ticks : dict of str to widget
        A box for each strategy.
    table : Comparison or None
        What the pictures show.
    """

    def __init__(self, scenario=None, strategies=None, replications: int = 200, seed: int = 1):
        super().__init__()
        first = as_scenario(scenario)
        self._worlds = worlds(first)
        self._offered = offered(strategies)
        self.table: Comparison | None = None
        self._shown: Wish | None = None
        self._wished: Wish | None = None
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
        """The means that are shown; a row a strategy and measure."""
        return self._compared_already().frame

    @property
    def scenario(self) -> Scenario:
        """The scenario as the controls have it.

        Raises
        ------
        ScenarioError
            If they make no sense together.
        """
        return self._world()[1]

    @property
    def script(self) -> str:
        """Python that gives the same figures."""
        return _script(self._wish())

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the pictures; False if that took longer than `timeout_s`."""
        return self.work.wait(timeout_s)

    def still(self) -> str:
        self.wait(SECONDS_TO_WAIT)
        if self.table is None:
            return self.alert.value
        return f"{self.verdict.value}{self.picture.still()}{self.more.still()}"

    # Controls

    def _fixed_controls(self, name: str, replications: int, seed: int) -> None:
        """Controls that every scenario has."""
        wide = {"layout": widgets.Layout(width="330px"), "style": {"description_width": "130px"}}
        self._wide, choice = wide, widgets.Layout(width="400px", max_width="100%")
        measures = {told.title: key for key, told in plots.MEASURES.items()}
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
                options=measures, value="lost_per_order", description="measure", layout=choice
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
        told = {"not known": "unknown", "known exactly": "exact"}
        told |= {"known to 1 s": 1.0, "known to 5 s": 5.0}
        if base.eta not in told.values():
            told[f"known to {base.eta:g} s"] = base.eta
        laws = {name: name for name in LAWS} | {law_name(base.decay): base.decay}
        kept = {"leave their shelf": "removed", "are held": "held"}
        for name, label, options, value in (
            ("eta", "couriers are", told, base.eta),
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
            self._make_knobs()
        for name in ("eta", "decay", "expired_orders", *(knob.paths[0] for knob in self._knobs)):
            self.when(self.controls[name], self._changed)
        self._changed()

    def _changed(self) -> None:
        self._wished = None
        try:
            self._wished = self._wish()
        except Exception:
            self._stale()
            raise
        self.work.ask(self._wished)

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

    def _wish(self) -> Wish:
        base, scenario = self._world()
        return Wish(
            base=base,
            scenario=scenario,
            strategies=[self._offered[name] for name, tick in self.ticks.items() if tick.value],
            replications=self.controls["replications"].value,
            seed=whole_number(self.controls["seed"].value, "seed"),
            measure=self.controls["measure"].value,
            view=self.controls["view"].value,
        )

    def _work(self, wish: Wish, step: Step) -> None:
        """Draw what was wished for: the ranking at once, the rest if nothing newer waits."""
        if self._shown is None or self._shown.compared != wish.compared:
            step.begin("comparing", max(len(wish.strategies), 1) * wish.replications)
            table = compare(
                wish.scenario,
                wish.strategies,
                replications=wish.replications,
                seed=wish.seed,
                callback=step.callback,
                min_strategies=1,
            )
        else:
            table = self.table
        self.picture.value = self._ranking(table, wish.measure)
        self.table, self._shown = table, wish
        self.picture.remove_class("kt-stale")
        self.verdict.value = f'<p class="kt-verdict">{escape(table.verdict)}</p>'
        _go_on(step)
        self.take.value = self._to_take(table, wish)
        _go_on(step)
        self.more.value = png(VIEWS[wish.view](table, wish, step).figure)
        self.more.remove_class("kt-stale")

    def _ranking(self, table: Comparison, measure: str) -> bytes:
        """The first picture; where its axes stand is found out once for the same strategies."""
        names = tuple(strategy.name for strategy in table.strategies)
        ax = plots.ranking(table.frame, measure, ax=fixed(WIDE, HIGH, self._places.get(names)))
        data = png(ax.figure)
        if names not in self._places:
            x, y, width, height = ax.get_position().bounds
            self._places[names] = x, y, width - SPARE / WIDE, height
        return data

    def _stale(self) -> None:
        """The pictures are not those of the controls; the first may be already."""
        self.more.add_class("kt-stale")
        if self._shown is None or self._shown is not self._wished:
            self.picture.add_class("kt-stale")

    def _to_take(self, table: Comparison, wish: Wish) -> str:
        """Links to files of what is shown, and the script that gives it."""
        tables = {"ranking": table.frame, "paired": table.paired, "summaries": table.summaries}
        links = [download(f"{name}.csv", csv_bytes(t), "text/csv") for name, t in tables.items()]
        try:
            toml = wish.scenario.to_toml().encode()
            links.append(
                download(f"{_file_name(wish.scenario.name)}.toml", toml, "application/toml")
            )
        except KitchenError as error:
            links.append(f"<span>{escape(str(error))}</span>")
        return (
            f"<h4>Take it along</h4>{''.join(links)}"
            f"<details><summary>the same in Python</summary>{code(_script(wish))}</details>"
        )

    def _compared_already(self) -> Comparison:
        if self.table is None:
            raise KitchenError("explorer: nothing has been compared yet.")
        return self.table


# The second picture


def _paired(table: Comparison, wish: Wish, step: Step):
    return plots.paired(table.paired, wish.measure, ax=fixed(WIDE, HIGH))


def _by_cause(table: Comparison, wish: Wish, step: Step):
    return plots.waste_by_cause(metrics.waste_by_cause(table.summaries), ax=fixed(WIDE, HIGH))


def _by_temp(table: Comparison, wish: Wish, step: Step):
    return plots.waste_by_temp(metrics.waste_by_temp(table.summaries), ax=fixed(WIDE, HIGH))


def _value_split(table: Comparison, wish: Wish, step: Step):
    return plots.value_split(metrics.value_split(table.summaries), ax=fixed(WIDE, HIGH))


def _all_pairs(table: Comparison, wish: Wish, step: Step):
    return plots.pairs(table.pairs, wish.measure, ax=fixed(WIDE, HIGH))


def _over_time(table: Comparison, wish: Wish, step: Step):
    """How full the shelves are under the best strategy."""
    best = next(s for s in wish.strategies if s.name == table.ranked[0])
    number = min(wish.replications, LOOKS)
    step.begin("looking at the shelves", number)
    run = simulate(wish.scenario, best, replications=number, seed=wish.seed, callback=step.callback)
    last = run.ledger["time_s"].max() if len(run.ledger) else 0.0
    run = simulate(wish.scenario, best, trace=run.trace, step_s=max(last / 300, 1e-3))
    return plots.shelves(run.shelves, ax=fixed(WIDE, HIGH))


def _below_the_best(table: Comparison, wish: Wish, step: Step):
    """What is missing to the best that anybody could have done."""
    number = min(wish.replications, LOOKS)
    step.begin("the best possible", number)
    found = []
    for nth in range(number):
        trace = draw(wish.scenario, 1, wish.seed, first=nth)
        strategies = wish.strategies
        found.append(compare(wish.scenario, strategies, trace=trace, bound=True, min_strategies=1))
        step.callback()
    summaries = pd.concat([one.summaries for one in found], ignore_index=True)
    bounds = pd.concat([one.bounds for one in found], ignore_index=True)
    frame = metrics.regret(summaries, bounds, wish.strategies[0].name)
    return plots.regret(frame, ax=fixed(WIDE, HIGH))


VIEWS = {
    "the difference to the baseline": _paired,
    "waste by cause": _by_cause,
    "waste by temp": _by_temp,
    "where the value went": _value_split,
    "the shelves over time, under the best": _over_time,
    "all pairs": _all_pairs,
    "what is missing to the best possible": _below_the_best,
}


def _go_on(step: Step) -> None:
    """Leave the rest to a newer wish, if there is one."""
    if not step.newest:
        raise Cancelled


def _pixels() -> tuple[int, int]:
    figure = fixed(WIDE, HIGH).figure
    return tuple(int(size) for size in figure.get_size_inches() * figure.dpi)


def _slider(knob: Knob, look: dict) -> widgets.Widget:
    """A slider for a knob, as fine and as far as it goes."""
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
    """Numbers of replications to choose from."""
    usual = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, MOST_REPLICATIONS)
    return sorted({*usual, given})


def _script(wish: Wish) -> str:
    """Python that gives the same figures; a scenario that does not ship is written out."""
    base = wish.base if wish.base in Scenario.shipped() else None
    return as_python(
        wish.scenario, base, wish.strategies, replications=wish.replications, seed=wish.seed
    )


def _file_name(name: str) -> str:
    plain = "".join(c if c.isalnum() or c in "-_ " else "_" for c in name).strip()
    return plain[:60] or "scenario"
