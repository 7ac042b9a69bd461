"""Advisor widget: what would help a kitchen, ranked, and a better rule, learned on request."""

from __future__ import annotations

import base64
from html import escape

import ipywidgets as widgets

from kitchen.advice.levers import Levers, levers
from kitchen.errors import KitchenError
from kitchen.io.csv_text import csv_bytes
from kitchen.learning.learn import Learned, learn
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.plots.axes import png
from kitchen.plots.levers import levers as levers_picture
from kitchen.plots.policy import policy_map
from kitchen.widgets.answer import Files
from kitchen.widgets.app import App, as_scenario, head, name_in, offered, whole_number, worlds
from kitchen.widgets.background import Progress, Work

MOST_REPLICATIONS = 2_000
"""Largest number of replications of the widget: minutes of one processor."""

BUDGET = 300
"""Evaluations of a search that somebody waits for."""

STEPS = {"levers": 60, "learn": 1_300}
"""Roughly how often each counts all replications, for its bar."""


class Advisor(App):
    """Widget that ranks what would help a kitchen, and learns a rule for it.

    Parameters
    ----------
    scenario : Scenario or str, optional
        The first scenario: a shipped name, a path, or a `Scenario`.
    strategies : list, optional
        What may be today's practice, as for `compare`; the shipped ones if left out.

    Attributes
    ----------
    controls : dict of str to widget
        ``scenario, practice, replications, seed, levers, learn``; the last two are buttons.
    levers : Levers or None
        What would help, once it was worked out.
    learned : Learned or None
        What was learned, once it was.
    files : Files
        The levers as CSV and the learned strategy as TOML, made when they are clicked.

    Examples
    --------
    >>> advisor = Advisor("rush", ["discard newcomer", "oldest"])
    >>> advisor.controls["practice"].value
    'discard newcomer'
    """

    def __init__(self, scenario=None, strategies=None):
        super().__init__()
        first = as_scenario(scenario)
        self._worlds = worlds(first)
        self._offered = offered(strategies)
        self.levers: Levers | None = None
        self.learned: Learned | None = None
        self._told = {name: widgets.HTML() for name in STEPS}
        self.files = Files(self._file)
        self.work = Work(self, self._work, has_result=lambda: bool(self.levers or self.learned))
        name = name_in(self._worlds, first)
        self.controls = _controls(list(self._worlds), name, list(self._offered))
        for what in STEPS:
            self.on_click(self.controls[what], lambda what=what: self._ask(what))
        for name in ("scenario", "practice", "replications", "seed"):
            self.when(self.controls[name], self._fade)
        self.show(self._page())

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the answer; False if that took longer than `timeout_s`."""
        return self.work.wait(timeout_s)

    def still(self) -> str:
        told = "".join(place.value for place in self._told.values())
        return (
            told or "<p>What would help a kitchen, ranked; it needs a kernel to be worked out.</p>"
        )

    def _page(self) -> widgets.Widget:
        control = self.controls
        wide = widgets.Layout(flex_flow="row wrap", align_items="center")
        choice = [control[name] for name in ("scenario", "practice", "replications", "seed")]
        buttons = widgets.HBox([control["levers"], control["learn"]])
        parts = [widgets.Box(choice, layout=wide), buttons, head(self.work, self.alert)]
        return widgets.VBox([*parts, *self._told.values(), self.files])

    def _fade(self) -> None:
        """What is shown is of other choices now."""
        for place in self._told.values():
            place.add_class("kt-stale")

    def _ask(self, what: str) -> None:
        control = self.controls
        replications = whole_number(control["replications"].value, "replications")
        if not 2 <= replications <= MOST_REPLICATIONS:
            raise KitchenError(
                f"replications: a page takes 2 to {MOST_REPLICATIONS:,}, got {replications:,}."
            )
        seed = whole_number(control["seed"].value, "seed")
        world = self._worlds[control["scenario"].value]
        self.work.submit(
            (what, world, self._offered[control["practice"].value], replications, seed)
        )

    def _work(self, request: tuple, progress: Progress) -> None:
        what, world, practice, replications, seed = request
        progress.begin(
            {"levers": "trying changes", "learn": "learning"}[what], STEPS[what] * replications
        )
        made = {"levers": self._levers, "learn": self._learn}[what]
        text, picture = made(world, practice, replications, seed, progress)
        self._told[what].value = _told(text, picture)
        for name, place in self._told.items():
            if name == what:
                place.remove_class("kt-stale")
        names = ["levers.csv"] * (self.levers is not None) + ["learned.toml"] * bool(self.learned)
        self.files.show(names, {})

    def _levers(self, world: Scenario, practice: Strategy, replications, seed, progress: Progress):
        self.levers = levers(
            world, practice, replications=replications, seed=seed, callback=progress.callback
        )
        return self.levers.verdict, levers_picture(self.levers.frame).figure

    def _learn(self, world: Scenario, practice: Strategy, replications, seed, progress: Progress):
        self.learned = learn(
            world, replications=replications, budget=BUDGET, seed=seed, callback=progress.callback
        )
        frame, best = self.learned.candidates(), self.learned.selection.strategy.name
        names = [str(name) for name in frame["strategy"].unique()]
        against = best if best in names and len(names) > 1 else None
        return self.learned.verdict, policy_map(frame, against=against).figure

    def _file(self, name: str) -> tuple[bytes, str]:
        if name == "levers.csv":
            return csv_bytes(self.levers.frame), "text/csv"
        return self.learned.strategy.to_toml().encode(), "application/toml"


def _told(text: str, figure) -> str:
    """An answer: its sentences and its picture."""
    picture = base64.b64encode(png(figure)).decode()
    return (
        f'<p class="kt-verdict">{escape(text)}</p>'
        f'<img alt="{escape(text)}" style="max-width:100%" src="data:image/png;base64,{picture}">'
    )


def _controls(
    scenarios: list[str], chosen: str, strategies: list[str]
) -> dict[str, widgets.Widget]:
    wide = {"layout": widgets.Layout(width="370px"), "style": {"description_width": "110px"}}
    narrow = {"layout": widgets.Layout(width="170px"), "style": {"description_width": "90px"}}
    button = {"layout": widgets.Layout(width="auto")}
    return {
        "scenario": widgets.Dropdown(
            options=scenarios, value=chosen, description="scenario", **wide
        ),
        "practice": widgets.Dropdown(
            options=strategies, value=strategies[0], description="today's practice", **wide
        ),
        "replications": widgets.Text("100", description="replications", **narrow),
        "seed": widgets.Text("1", description="seed", **narrow),
        "levers": widgets.Button(
            description="What would help?", button_style="primary", **button,
            tooltip="each change by itself, ranked by what it gains",
        ),
        "learn": widgets.Button(
            description="Learn a better rule", **button,
            tooltip="searches for two numbers of a rule, and tests what was found on fresh replications",
        ),
    }  # fmt: skip
