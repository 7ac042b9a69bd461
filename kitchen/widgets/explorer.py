"""Explorer widget: sliders of a scenario, boxes of strategies, and their comparison."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kitchen import plots
from kitchen.comparison.comparison import Comparison, compare
from kitchen.engine.trace import Trace
from kitchen.errors import Cancelled, KitchenError
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.plots.browser.dots import DotPlot, paired_dots, ranking_dots
from kitchen.reporting.plain_words import plain_answer
from kitchen.utils.validation import whole
from kitchen.widgets.answer import Answer, Files, values_of
from kitchen.widgets.app import (
    App,
    as_scenario,
    name_in,
    offered,
    primary_of,
    ticks_of,
    whole_number,
    worlds,
)
from kitchen.widgets.background import Progress, Work
from kitchen.widgets.explorer_controls import (
    CHOICES,
    FIRST_TICKED,
    NO_PRESET,
    Overrides,
    choices,
    fixed_controls,
    move,
    sliders,
)
from kitchen.widgets.explorer_files import CODE, file_names, made
from kitchen.widgets.explorer_layout import close_all, knob_groups, page_of, ticked_words
from kitchen.widgets.explorer_settings import Settings, refuse_files, refuse_too_large
from kitchen.widgets.explorer_state import Steered
from kitchen.widgets.explorer_views import VIEWS, View, as_image, canvas, most_possible
from kitchen.widgets.presets import preset_values
from kitchen.widgets.sliders import Knob, knobs, turned
from kitchen.widgets.static_files import style_element
from kitchen.widgets.typed import entries, without

KEPT_BY_LOG = ("shelves", "food")
"""Groups of knobs that matter where evenings of a log are replayed."""

ROUGH = 50
"""Replications of the estimates while a slider is held."""

FIRST_WAIT_S = 20.0
"""Longest wait for the first pictures before static HTML goes without them, seconds."""

BESIDE = {"lost_revenue_share": "lost_revenue"}
"""Measures whose differences are also told in another, which stands beside them."""


class Pinned(NamedTuple):
    """An answer that is kept to compare others with."""

    table: Comparison
    about: str


class Explorer(Steered, App):
    """Widget that compares strategies while a scenario is changed with sliders.

    The first picture is drawn in the browser. While a slider is held it shows rough estimates from
    50 replications, without a verdict; the full comparison comes when the slider is let go.

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
    picture, more, verdict : Answer
        The differences to the baseline, the second picture, and the verdict.
    files : Files
        What can be taken along.
    pin : ToggleButton
        Keeps the answer that is shown, to compare others with.

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
        self.traces: dict[str, Trace] = {}
        self.uploaded: set[str] = set()
        self.table: Comparison | None = None
        self._shown: Settings | None = None
        self._second: tuple[View, pd.DataFrame] | None = None
        self._bounded: tuple[Comparison | None, str] = (None, "")
        self._pinned: Pinned | None = None
        self._knobs: list[Knob] = []
        self.ticks = ticks_of(self._offered, strategies is None)
        self.picture = Answer(tells_hand=True, layout=widgets.Layout(min_height="250px"))
        self.more = Answer(layout=widgets.Layout(min_height="250px"))
        self.verdict = Answer(layout=widgets.Layout(min_height="44px"))
        self.files = Files(self._file)
        self.pin = widgets.ToggleButton(
            description="Pin", tooltip="keep this answer to compare others with", disabled=True
        )
        self.work = Work(self, self._work, has_result=lambda: self.table is not None)
        self.controls = fixed_controls(
            self._worlds, name_in(self._worlds, first), list(self._offered), replications, seed
        )
        self._turnable, self.help = widgets.VBox(), widgets.HTML()
        self._make_knobs()
        for name, control in self.controls.items():
            if name not in ("scenario", "reset", "preset"):
                self._when_moved(name, control)
        for tick in self.ticks.values():
            self.when(tick, self._changed)
        self.when(self.controls["scenario"], self._other_world)
        self.on_click(self.controls["reset"], self._other_world)
        self.when(self.controls["preset"], self._preset)
        self.when(self.picture, self._let_go, "held")
        self.when(self.pin, self._pin)
        self.note_opened()
        self.show(page_of(self), style=style_element("explorer.css"))
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
        return self._settings().script

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the pictures; False if that took longer than `timeout_s`."""
        return self.work.wait(timeout_s)

    def still(self) -> str:
        self.wait(FIRST_WAIT_S)
        if self.table is None or self._second is None:
            return self.alert.value
        pictures = [
            f'<img src="{image["source"]}" alt="{escape(image["title"])}" style="max-width:100%">'
            for image in map(as_image, (self._first_printed(), self._second_printed()))
        ]
        return f"<p>{escape(self.table.verdict)}</p>{''.join(pictures)}"

    # Controls

    def _make_knobs(self) -> None:
        """Controls for the numbers of the chosen scenario."""
        world = self.controls["scenario"].value
        base = self._worlds[world]
        for name in (*(knob.paths[0] for knob in self._knobs), *CHOICES):
            self.controls.pop(name, None)
        before, self._turnable.children = self._turnable.children, ()
        self._knobs = [
            knob for knob in knobs(base) if world not in self.traces or knob.group in KEPT_BY_LOG
        ]
        made = {**sliders(self._knobs), **choices(base)}
        self.controls |= made
        self._overrides = Overrides(self._knobs, made)
        close_all(before)
        self._turnable.children, self.help.value = knob_groups(self, made, self._knobs, base)
        for answer in (self.picture, self.verdict, self.files):
            answer.watch_controls(self._watched())
        self.more.watch_controls([*self._watched(), self.controls["view"]])

    def _watched(self) -> list[widgets.Widget]:
        """Controls that the comparison and its first picture depend on."""
        aside = ("reset", "view", "preset")
        controls = [each for name, each in self.controls.items() if name not in aside]
        return [*controls, *self.ticks.values()]

    # What happens

    def _when_moved(self, name: str, control: widgets.Widget) -> None:
        self.when(control, lambda: self._moved(name))

    def _other_world(self) -> None:
        with self.quietly():
            self.controls["settings"].value = ""
            self.controls["preset"].value = NO_PRESET
            self.controls["measure"].value = primary_of(
                self._worlds[self.controls["scenario"].value]
            )
            self._make_knobs()
        for name in (*CHOICES, *(knob.paths[0] for knob in self._knobs)):
            self._when_moved(name, self.controls[name])
        self._changed()

    def _moved(self, name: str) -> None:
        """A control was moved: typed settings and the slider of the same number go together."""
        with self.quietly():
            if name == "settings":
                typed = entries(self.controls["settings"].value)
                self._overrides.follow(self._world()[1], typed)
            elif name in self._overrides.before and not self._overrides.is_as_typed(name):
                base, text = (
                    self._worlds[self.controls["scenario"].value],
                    self.controls["settings"],
                )
                for path in self._overrides.paths_of(name):
                    text.value = without(text.value, path, base)
                self._overrides.moved_by_hand(name)
        self._changed()

    def _preset(self) -> None:
        """Move the knobs of a preset; all others stand as in the scenario."""
        name = self.controls["preset"].value
        if name == NO_PRESET:
            return
        self._other_world()
        with self.quietly():
            for path, value in preset_values(name, self._knobs).items():
                move(self.controls[path], value, is_slider=True)
            self.controls["preset"].value = name
        self._changed()

    def _chosen(self) -> list[Strategy]:
        """Today's practice, and the other strategies whose boxes are ticked."""
        names = [name for name, tick in self.ticks.items() if tick.value]
        today = self.controls["today"].value
        if today != FIRST_TICKED:
            names = [today, *(name for name in names if name != today)]
        return [self._offered[name] for name in names]

    def _changed(self) -> None:
        names = [strategy.name for strategy in self._chosen()]
        self.ticked.value = ticked_words(names)
        self.work.submit(self._settings())

    def _let_go(self) -> None:
        """A slider was let go: the full comparison comes if what is shown is rough or older."""
        if not self.picture.held and not self._is_shown():
            self._changed()

    def _is_shown(self) -> bool:
        """Whether the first picture is the full answer to the settings of the controls."""
        shown = self.picture.shown
        return bool(shown) and not shown["rough"] and shown["of"] == values_of(self._watched())

    def _world(self) -> tuple[str, Scenario]:
        """The name of the chosen scenario, and what the knobs make of it."""
        base = self.controls["scenario"].value
        world = self._worlds[base]
        made = turned(
            self._knobs,
            {
                path: self.controls[path].value
                for path in (knob.paths[0] for knob in self._knobs)
                if not self.controls[path].disabled
            },
        )
        for name in CHOICES:
            if self.controls[name].value != getattr(world, name):
                made[name] = self.controls[name].value
        made |= {entry.path: entry.value for entry in entries(self.controls["settings"].value)}
        scenario = world.replace(made) if made else world
        refuse_files(world, scenario)
        return base, scenario

    def _settings(self) -> Settings:
        base, scenario = self._world()
        replications = self.controls["replications"].value
        of = values_of(self._watched())
        settings = Settings(
            base=base,
            scenario=scenario,
            strategies=self._chosen(),
            replications=replications,
            seed=whole_number(self.controls["seed"].value, "seed"),
            measure=self.controls["measure"].value,
            view=self.controls["view"].value,
            of=of,
            of_more=of | values_of([self.controls["view"]]),
            rough=self.picture.held and replications > ROUGH,
        )
        refuse_too_large(settings)
        return settings

    def _work(self, settings: Settings, progress: Progress) -> None:
        """The first picture at once; then the verdict and the rest, if no newer request waits."""
        if settings.rough:
            self._show_first(self._compared(settings, progress, ROUGH), settings)
            return
        if self._shown is None or self._shown.compared != settings.compared:
            table = self._compared(settings, progress, settings.replications)
        elif self.table.measure != settings.measure:
            table = replace(self.table, measure=settings.measure)
        else:
            table = self.table
        self._show_first(table, settings)
        self.table, self._shown, self.pin.disabled = table, settings, False
        _go_on(progress)
        plain = plain_answer(table)
        words = {"level": plain.level, "lead": plain.answer, "sure": plain.sure}
        words |= {"kind": "lead", "text": table.verdict}
        bounded, most = self._bounded
        if bounded is table:
            words["most"] = most
        self.verdict.show(words, settings.of)
        code = "" if settings.base in self.traces else CODE  # an upload has no path to name
        self.files.show(file_names(settings.scenario), settings.of, code)
        _go_on(progress)
        view = VIEWS[settings.view]
        frame = view.table(table, settings.seed, progress)
        self._show_second(view, frame, settings)
        self._second = view, frame
        _go_on(progress)
        if bounded is not table:
            words["most"] = most_possible(table, settings.seed, progress)
            self._bounded = table, words["most"]
            self.verdict.show(words, settings.of)

    def _compared(self, settings: Settings, progress: Progress, replications: int) -> Comparison:
        if (trace := self.traces.get(settings.base)) is not None:
            replications = min(trace.replications.size, replications)
            trace = trace.take(np.arange(replications))
        progress.begin("comparing", max(len(settings.strategies), 1) * replications)
        return compare(
            settings.scenario,
            settings.strategies,
            replications=replications,
            seed=settings.seed,
            trace=trace,
            callback=progress.callback,
            min_strategies=1,
            measure=settings.measure,
        )

    # Pictures

    def _show_first(self, table: Comparison, settings: Settings) -> None:
        """Dots of the differences to the baseline; rough ones say so."""
        number = f"{table.replications:,} replications"
        tag = f"rough: {number} while the slider is held" if settings.rough else number
        pinned = self._pinned and _first_dots(replace(self._pinned.table, measure=table.measure))
        self.picture.show(
            {
                **_first_dots(table).as_data(),
                "measure": f"{table.measure} {table.strategies[0].name}",
                "rough": settings.rough,
                "tag": tag,
                "pinned": pinned and {**pinned.as_data(), "about": self._pinned.about},
            },
            settings.of,
        )

    def _show_second(self, view: View, frame: pd.DataFrame, settings: Settings) -> None:
        """The second picture: dots where it has some, else as matplotlib draws it."""
        currency = settings.scenario.orders.currency or ""
        if view.dots is None:
            content = as_image(view.draw(frame, settings.measure))
        else:
            content = view.dots(frame, settings.measure, currency).as_data()
        self.more.show(
            {**content, "measure": f"{settings.view} {settings.measure}"}, settings.of_more
        )

    def _pin(self) -> None:
        """Keep the answer that is shown, or forget the one that was kept."""
        self._pinned = None
        if self.pin.value:
            about = self._shown.about(self._worlds[self._shown.base])
            self._pinned = Pinned(self.table, about)
        self.pin.description = "Unpin" if self.pin.value else "Pin"
        self._changed()

    def _first_printed(self) -> Axes:
        table = self._compared_already()
        if len(table.strategies) == 1:
            return plots.ranking(table.means_of(table.measure), table.measure, ax=canvas())
        return plots.paired(table.paired_of(table.measure), table.measure, ax=canvas())

    def _second_printed(self) -> Axes:
        view, frame = self._second
        return view.draw(frame, self.table.measure)

    def _file(self, name: str) -> tuple[bytes, str] | str:
        """A file, or the code, of what is shown."""
        table = self._compared_already()
        if name == CODE:
            return self._shown.script
        return made(name, table, self._first_printed, self._second_printed)

    def _compared_already(self) -> Comparison:
        if self.table is None:
            raise KitchenError("explorer: nothing has been compared yet.")
        return self.table


def _first_dots(table: Comparison) -> DotPlot:
    """Differences to the baseline, in money too; the levels where there is one strategy."""
    currency, measure = table.scenario.orders.currency or "", table.measure
    if len(table.strategies) == 1:
        return ranking_dots(table.means_of(measure), measure, currency)
    frame, beside = table.paired_of(measure), BESIDE.get(measure)
    if beside:
        frame = pd.concat([frame, table.paired_of(beside)], ignore_index=True)
    return paired_dots(frame, measure, currency, beside)


def _go_on(progress: Progress) -> None:
    if not progress.newest:  # leave the rest undone
        raise Cancelled
