"""Rows of knobs: what a knob means, and a button that puts it back while it is moved."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import ipywidgets as widgets
from pydantic import BaseModel

from kitchen.model.scenario import Scenario, path_steps
from kitchen.widgets.app import App
from kitchen.widgets.sliders import near


def meaning(path: str, scenario: Scenario) -> str:
    """What the setting of a path means: the description of its key, as in a scenario file.

    Examples
    --------
    >>> meaning("shelves.hot.capacity", Scenario.load("rush"))
    'Number of slots; each holds one order.'
    """
    at, said = scenario, ""
    for step in path_steps(path):
        if isinstance(at, BaseModel):
            field = type(at).model_fields.get(step)
            said = field.description if field and field.description else said
            at = getattr(at, step, None)
        elif isinstance(at, tuple | list):
            named = [each for each in at if getattr(each, "name", None) == step]
            at = named[0] if named else at[int(step)] if step.isdecimal() else None
        elif isinstance(at, dict):
            at = at.get(step)
    return " ".join(said.split())


def row(app: App, control: widgets.Widget, own, name: str) -> widgets.HBox:
    """A knob, and a button that puts it back to the scenario's own value; seen while it is moved.

    Parameters
    ----------
    app : App
    control : widget
        With a `value`.
    own : object
        The scenario's value.
    name : str
        Of the knob, for those who do not see it.
    """
    back = widgets.Button(
        description="\N{ANTICLOCKWISE OPEN CIRCLE ARROW}",
        tooltip=f"{name}: back to the scenario's own value",
        layout=widgets.Layout(width="28px", flex="0 0 28px", padding="0", visibility="hidden"),
    )

    def put_back() -> None:
        control.value = own

    app.on_click(back, put_back)
    seen = {True: "hidden", False: "visible"}
    widgets.dlink(
        (control, "value"),
        (back.layout, "visibility"),
        lambda value: seen[near(value) == near(own)],
    )
    return widgets.HBox([control, back], layout=widgets.Layout(align_items="center"))


def glossary(meanings: Mapping[str, str]) -> str:
    """HTML of a list of knobs with what they mean, closed at first."""
    entries = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in meanings.items() if said
    )
    return f'<details class="kt-help"><summary>What the knobs mean</summary><dl>{entries}</dl></details>'
