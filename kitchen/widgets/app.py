"""Base class of the widgets: shows every error on the page.

ipywidgets logs exceptions of callbacks where nobody looks. Callbacks are therefore registered only
through `App.when` and `App.on_click`, which show any exception on the page itself.
"""

from __future__ import annotations

import base64
import logging
import os
import re
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from html import escape

import ipywidgets as widgets

from kitchen.engine.draw import menu_of
from kitchen.errors import KitchenError, shown
from kitchen.model.measures import PRIMARY_MEASURE, primary_measure
from kitchen.model.rules import BUILT_IN
from kitchen.model.scenario import DEFAULT, Scenario
from kitchen.model.strategy import Strategy, as_strategies
from kitchen.widgets.reachable import Reachable
from kitchen.widgets.static_files import static_text, style_element

log = logging.getLogger("kitchen")

SERVED = "VOILA_REQUEST_URL"
"""Environment variable of kernels whose page is served: it has a kernel, and needs no static HTML."""

STYLE = style_element("app.css")

TICKED = ("discard newcomer", "random", "oldest", "lowest value per shelf second")
"""Shipped strategies whose boxes are ticked at first."""


class App(widgets.VBox):
    """Base class of the widgets: a page of controls and pictures.

    A subclass makes its controls, registers what they do with `when` and `on_click`, places
    `self.alert` where the user looks, and calls `show`.

    Attributes
    ----------
    alert : ipywidgets.HTML
        Shows the faults.
    faults : list of str
        Messages of the present faults, one line each.
    """

    def __init__(self):
        super().__init__()
        self.alert = widgets.HTML()
        self._faults: dict[object, tuple[str, str]] = {}
        self._silenced = 0
        self.add_class("kt-app")

    def show(self, *children: widgets.Widget, style: str = "", landmarks: bool = False) -> None:
        """Fill the page; `style` is further CSS, in a style element. See `Reachable`."""
        self.children = (widgets.HTML(STYLE + style), *children, Reachable(landmarks=landmarks))

    def when(
        self, control: widgets.Widget, handler: Callable[[], object], name: str = "value"
    ) -> None:
        """Call `handler` each time a trait of `control` has changed."""
        control.observe(self._guarded(handler), names=name)

    def on_click(self, button: widgets.Button, handler: Callable[[], object]) -> None:
        """Call `handler` each time the button is clicked."""
        button.on_click(self._guarded(handler))

    @contextmanager
    def quietly(self):
        """Within this block changes of controls call no handler."""
        self._silenced += 1
        try:
            yield
        finally:
            self._silenced -= 1

    @property
    def faults(self) -> list[str]:
        """Messages of the present faults, one line each."""
        return [line for line, _ in list(self._faults.values())]

    def show_fault(self, error: Exception, source: object = "page") -> None:
        """Show a fault until `clear_fault` is called for the same source."""
        line, details = str(error), ""
        if not isinstance(error, KitchenError):
            line = f"A fault of kitchen itself: {type(error).__name__}: {error}"
            details = "".join(traceback.format_exception(error))
            log.error("%s\n%s", line, details)
        self._faults[source] = (line, details)
        self._show_faults()

    def clear_fault(self, source: object = "page") -> None:
        """Remove the fault of a source."""
        if self._faults.pop(source, None):
            self._show_faults()

    def still(self) -> str:
        """Static HTML of the widget, for pages without a kernel such as a rendered notebook."""
        return ""

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        still = "" if os.environ.get(SERVED) else self.still()
        return {**bundle, "text/html": still} if bundle and still else bundle

    def _guarded(self, handler: Callable[[], object]) -> Callable:
        def guarded(*_):
            if self._silenced:
                return
            try:
                handler()
            except Exception as error:  # ipywidgets would log it where nobody looks
                self.show_fault(error, handler)
            else:
                self.clear_fault(handler)

        guarded.shows_faults = True
        return guarded

    def _show_faults(self) -> None:
        messages = []
        for line, details in list(self._faults.values()):
            more = f"<details><summary>more</summary><pre>{escape(details)}</pre></details>"
            messages.append(
                f'<div class="kt-fault" role="alert">{escape(line)}{more if details else ""}</div>'
            )
        self.alert.value = "".join(messages)


def head(*parts: widgets.Widget) -> widgets.VBox:
    """What stays in sight while the page is scrolled: progress, faults and the answer's first lines."""
    made = widgets.VBox(parts)
    made.add_class("kt-head")
    return made


def download(name: str, data: bytes, kind: str, label: str | None = None) -> str:
    """Download link that carries its data; nothing is written on the server.

    Parameters
    ----------
    name : str
        Of the file.
    data : bytes
    kind : str
        Media type: ``text/csv``.
    label : str, optional
        Text of the link; the file's name if left out.
    """
    source = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    return (
        f'<a class="kt-link" download="{escape(name)}" href="{source}">{escape(label or name)}</a>'
    )


def code(text: str) -> str:
    """HTML of a code block with a button that copies it."""
    copy = escape(static_text("copy_code.js").strip())
    return (
        f'<div class="kt-code"><button type="button" onclick="{copy}">Copy</button>'
        f"<pre>{escape(text)}</pre></div>"
    )


def as_scenario(scenario: Scenario | str | None) -> Scenario:
    """The given scenario, or the one loaded from a shipped name or a path."""
    if isinstance(scenario, Scenario):
        return scenario
    return Scenario.load(DEFAULT if scenario is None else scenario)


def worlds(scenario: Scenario) -> dict[str, Scenario]:
    """Scenarios on offer by name: the given one and the shipped ones."""
    shipped = {name: Scenario.load(name) for name in Scenario.shipped()}
    if scenario == shipped.get(scenario.name):
        return shipped
    name = scenario.name if scenario.name not in shipped else f"{scenario.name} (yours)"
    return {name: scenario, **shipped}


def name_in(worlds: dict[str, Scenario], scenario: Scenario) -> str:
    """The name under which a scenario is on offer."""
    return next(name for name, world in worlds.items() if world == scenario)


def primary_of(scenario: Scenario) -> str:
    """The measure that ranks strategies in a scenario, until another is chosen."""
    try:
        return primary_measure(menu_of(scenario))
    except KitchenError:  # whoever simulates will say what is wrong with the menu
        return PRIMARY_MEASURE


def offered(strategies=None) -> dict[str, Strategy]:
    """Strategies on offer by name: the given ones, else all shipped ones."""
    if strategies is not None:
        return {strategy.name: strategy for strategy in as_strategies(strategies)}
    whole = Strategy(
        "lowest value per shelf second",
        recall="soonest to expire",
        demote="slowest decaying",
        discard_from="anywhere",
        name="the careful one",
    )
    others = [
        Strategy(recall=None, name="nobody moves"),
        Strategy(issue="soonest to expire"),
        whole,
    ]
    made = as_strategies([*BUILT_IN["discard"], *others])
    made.sort(key=lambda strategy: strategy.name not in TICKED)  # those in use are in sight
    return {strategy.name: strategy for strategy in made}


def ticks_of(strategies: dict[str, Strategy], shipped: bool) -> dict[str, widgets.Checkbox]:
    """Checkboxes of the strategies; of the shipped ones only those in `TICKED` are ticked."""
    layout = widgets.Layout(width="auto", margin="0 12px 0 0", flex="0 0 auto")
    return {
        name: widgets.Checkbox(
            value=not shipped or name in TICKED, description=name, indent=False, layout=layout
        )
        for name in strategies
    }


def whole_number(text: str, what: str) -> int:
    """Whole number typed into a text box.

    Raises
    ------
    KitchenError
        If the text is no whole number. The range is checked by the library.
    """
    if not re.fullmatch(r"\s*[+-]?\d{1,30}\s*", text):
        raise KitchenError(f"{what}: must be a whole number, got {shown(text)}.")
    return int(text)
