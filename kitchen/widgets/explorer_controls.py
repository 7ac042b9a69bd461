"""Controls of the explorer that stand for numbers of a scenario, and how typed settings move them."""

from __future__ import annotations

import ipywidgets as widgets

from kitchen.model.decay import LAWS, law_name
from kitchen.model.measures import MEASURES
from kitchen.model.scenario import Scenario
from kitchen.utils.formatting import plains
from kitchen.widgets.app import primary_of
from kitchen.widgets.explorer_views import VIEWS
from kitchen.widgets.presets import PRESETS
from kitchen.widgets.sliders import Knob, near, step_through
from kitchen.widgets.typed import Entry, is_set, value_in

CHOICES = ("eta", "decay", "expired_orders")
"""Settings that are chosen from a list."""

LOOK = {"width": "330px", "label": "130px"}
"""Widths of a control and of its label."""

SHORTEST_LABEL = 36
"""Letters of a label, on two lines; a longer one is cut in its middle, never where it differs."""

FIRST_TICKED, NO_PRESET = "the first that is ticked", "..."
"""What the lists of today's practice and of presets say at first."""

AMOUNTS = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
"""Numbers of replications on the slider."""

TYPED = "typed below"
"""What a slider says whose value is typed in "more settings"."""


def wide() -> dict:
    """Layout and style of a control, new for each."""
    return {
        "layout": widgets.Layout(width=LOOK["width"]),
        "style": {"description_width": LOOK["label"]},
    }


def fixed_controls(
    worlds: dict[str, Scenario], chosen: str, strategies: list[str], replications: int, seed: int
) -> dict[str, widgets.Widget]:
    """Controls that every scenario has, by name."""
    choice = widgets.Layout(flex="1 1 auto", width="auto", max_width="400px", min_width="0")
    beside = {"layout": choice, "style": {"description_width": "60px"}}
    measures = [(measure.label, key) for key, measure in MEASURES.items()]
    return {
        "scenario": widgets.Dropdown(
            options=list(worlds), value=chosen, description="scenario", **wide()
        ),
        "today": widgets.Dropdown(
            options=[FIRST_TICKED, *strategies],
            description="today's practice",
            tooltip="the strategy that the others are compared with",
            **wide(),
        ),
        "preset": widgets.Dropdown(
            options=[NO_PRESET, *PRESETS],
            description="what if",
            tooltip="several knobs moved together, from the scenario's own values",
            **wide(),
        ),
        "reset": widgets.Button(
            description="as it was",
            tooltip="all knobs back to the scenario's own values",
            layout=widgets.Layout(width="100px", align_self="flex-end"),
        ),
        "replications": widgets.SelectionSlider(
            options=sorted({*AMOUNTS, replications}),
            value=replications,
            description="replications",
            **wide(),
        ),
        "seed": widgets.Text(str(seed), description="seed", continuous_update=False, **wide()),
        "settings": widgets.Text(
            description="more settings",
            placeholder="shelves.hot.capacity=12; decay=cliff",
            continuous_update=False,
            **wide(),
        ),
        "measure": widgets.Dropdown(
            options=measures, value=primary_of(worlds[chosen]), description="measure", **beside
        ),
        "view": widgets.Dropdown(options=list(VIEWS), description="and also", **beside),
    }


def sliders(made: list[Knob]) -> dict[str, widgets.Widget]:
    """A slider of each knob, by the first path that it sets."""
    labels = plains([_label(knob) for knob in made], SHORTEST_LABEL)
    return {knob.paths[0]: _slider(knob, label) for knob, label in zip(made, labels, strict=True)}


def choices(base: Scenario) -> dict[str, widgets.Dropdown]:
    """A list for each of `CHOICES`."""
    etas = {"not known": "unknown", "known exactly": "exact"}
    etas |= {"known to 1 s": 1.0, "known to 5 s": 5.0}
    if base.eta not in etas.values():
        etas[f"known to {base.eta:g} s"] = base.eta
    laws = {name: name for name in LAWS} | {law_name(base.decay): base.decay}
    kept = {"leave their shelf": "removed", "are held": "held"}
    texts = ("couriers are", "decay law", "expired orders")
    return {
        name: widgets.Dropdown(
            options=options, value=getattr(base, name), description=text, **wide()
        )
        for name, text, options in zip(CHOICES, texts, (etas, laws, kept), strict=True)
    }


class Overrides:
    """Which controls show a typed setting, and what they showed before.

    Parameters
    ----------
    made : list of Knob
    controls : dict of str to widget
        Sliders by their first path, and the lists of `CHOICES`.
    """

    def __init__(self, made: list[Knob], controls: dict[str, widgets.Widget]):
        self._knobs = {knob.paths[0]: knob for knob in made}
        self._controls = {name: controls[name] for name in (*self._knobs, *CHOICES)}
        self._labels = {name: each.description for name, each in self._controls.items()}
        self.before: dict[str, object] = {}
        self._typed: dict[str, object] = {}

    def follow(self, scenario: Scenario, typed: list[Entry]) -> None:
        """Move the controls to what typed settings make of the scenario, and say so on them."""
        for name, control in self._controls.items():
            paths = self._knobs[name].paths if name in self._knobs else (name,)
            how = {is_set(path, typed, scenario) for path in paths} - {""}
            if not how:
                self._release(name)
                continue
            self.before.setdefault(name, control.value)
            knob = self._knobs.get(name)
            value = value_in(scenario, knob) if knob else getattr(scenario, name)
            self._typed[name] = value
            if value is not None:
                move(control, value, bool(knob))
            control.disabled = value is None or "with others" in how
            control.description = f"{self._labels[name]}, {TYPED}"

    def is_as_typed(self, name: str) -> bool:
        """Whether a control shows what was typed; a browser's slider is off by its last bits."""
        shown, typed = self._controls[name].value, self._typed.get(name)
        return typed is not None and near(shown) == near(typed)

    def moved_by_hand(self, name: str) -> None:
        """A control was moved: it is not overridden from now on."""
        if self.before.pop(name, None) is not None:
            self._controls[name].description = self._labels[name]

    def paths_of(self, name: str) -> tuple[str, ...]:
        """Paths that a control sets."""
        return self._knobs[name].paths if name in self._knobs else (name,)

    def _release(self, name: str) -> None:
        """Back to what a control showed before it was overridden."""
        if name in self.before:
            control = self._controls[name]
            control.disabled, control.description = False, self._labels[name]
            control.value = self.before.pop(name)


def move(control: widgets.Widget, value, is_slider: bool) -> None:
    """Set a control to a value that may lie beyond its ends, between its steps or outside its list."""
    if not is_slider:
        options = list(
            control.options.items() if isinstance(control.options, dict) else control.options
        )
        if value not in [option for _, option in options]:
            control.options = [*options, (str(value), value)]
        control.value = value
        return
    ends = value if isinstance(value, tuple) else (value,)
    beyond = [end - control.min for end in ends]
    if not isinstance(control, widgets.IntSlider):
        control.step = step_through(control.step, *beyond)
        control.readout_format = _form(control.min, control.step, *ends)
    elif beyond[0] % control.step:
        control.step = 1
    control.min, control.max = min(control.min, *ends), max(control.max, *ends)
    control.value = value


def _label(knob: Knob) -> str:
    return f"{knob.label} ({knob.unit})" if knob.unit else knob.label


def _slider(knob: Knob, label: str) -> widgets.Widget:
    """Slider with the range and step of a knob."""
    ends = {"min": knob.low, "max": knob.high, "step": knob.step, "value": knob.value}
    words = {"description": label, "tooltip": f"{_label(knob)}: {', '.join(knob.paths)}"}
    if knob.whole:
        return widgets.IntSlider(**ends, **words, **wide())
    kind = widgets.FloatRangeSlider if isinstance(knob.value, tuple) else widgets.FloatSlider
    return kind(**ends, **words, readout_format=_form(knob.low, knob.step), **wide())


def _form(*numbers: float) -> str:
    """Format with as many decimals as the numbers have."""
    texts = [f"{number:.10f}".rstrip("0") for number in numbers]
    return f".{max(len(text.split('.')[1]) for text in texts)}f"
