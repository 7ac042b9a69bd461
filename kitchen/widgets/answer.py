"""Widgets of what the kernel answers: drawn in the browser, and faded there when a control moves.

An answer carries the values of the controls that it is of. The browser compares them with those it
has: it knows that an answer is old before the kernel hears of a change, and shows nothing old at full
strength however late it comes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import ipywidgets as widgets
from anywidget import AnyWidget
from traitlets import Bool, List, Unicode

from kitchen.errors import KitchenError
from kitchen.widgets.static_files import widget_module


class OfControls(AnyWidget):
    """A widget whose data are of some values of controls, as from `values_of`.

    Attributes
    ----------
    data : str
        JSON of what is shown, and ``of``: the values of the controls that it is of.
    watch : list of str
        Models of these controls.
    """

    data = Unicode("").tag(sync=True)
    watch = List(Unicode()).tag(sync=True)

    @property
    def shown(self) -> dict:
        """What is shown; empty at first."""
        return json.loads(self.data) if self.data else {}

    def watch_controls(self, controls: Iterable[widgets.Widget]) -> None:
        """Compare with the values of these controls from now on."""
        self.watch = [control.model_id for control in controls]

    def _keep(self, content: dict, of: dict) -> None:
        self.data = json.dumps({**content, "of": of}, allow_nan=False, separators=(",", ":"))


class Answer(OfControls):
    """A picture or a sentence that depends on controls.

    Attributes
    ----------
    tells_hand : bool
        Whether the browser says when a slider among the controls is held.
    held : bool
        Whether one is.
    """

    _esm = widget_module(
        "answer.css", "draw.js", "dots.js", "sweeps.js", "lead.js", "fresh.js", "answer.js"
    )
    tells_hand = Bool(False).tag(sync=True)
    held = Bool(False).tag(sync=True)

    def on_choice(self, handler: Callable[[int], object]) -> None:
        """Call `handler` with the number of a spot of the picture when it is clicked."""

        def heard(_, message, buffers) -> None:
            nth = message.get("chosen") if isinstance(message, dict) else None
            if type(nth) is int:
                handler(nth)

        self.on_msg(heard)

    def show(self, content: dict, of: dict) -> None:
        """Show something that is of these values of the controls."""
        self._keep(content, of)


class Files(OfControls):
    """Buttons that make a file when they are clicked, and the Python code, made when it is opened.

    Parameters
    ----------
    make : callable
        Called with a name of `show`; returns the file's bytes and media type, or the text of code.
    """

    _esm = widget_module("answer.css", "files.css", "draw.js", "fresh.js", "files.js")

    def __init__(self, make: Callable[[str], tuple[bytes, str] | str], **more):
        super().__init__(**more)
        self._make = make
        self.on_msg(self._asked)

    def show(self, names: list[str], of: dict, code: str = "") -> None:
        """Offer files by their names; `code` is the name of the Python code."""
        self._keep({"names": names, "code": code}, of)

    def made(self, name: str) -> tuple[bytes, str] | str:
        """A file's bytes and media type, or the text of the code; as a click makes it.

        Raises
        ------
        KitchenError
            If it cannot be made: a scenario with a function of the user's is no file.
        """
        return self._make(name)

    def _asked(self, _, message: dict, buffers: list) -> None:
        """Answer a click in a browser; only names that are on offer are made."""
        name = message.get("make") if isinstance(message, dict) else None
        if not isinstance(name, str) or name not in self._offered():
            return
        try:
            made = self.made(name)
        except KitchenError as error:
            self.send({"name": name, "fault": str(error)})
            return
        except Exception as error:
            self.send({"name": name, "fault": f"A fault of kitchen itself: {error!r}"})
            raise
        if isinstance(made, str):
            self.send({"text": made})
        else:
            self.send({"name": name, "type": made[1]}, [made[0]])

    def _offered(self) -> list[str]:
        shown = self.shown
        return [*shown.get("names", []), *filter(None, [shown.get("code")])]


def values_of(controls: Iterable[widgets.Widget]) -> dict[str, list]:
    """Values of controls as the browser has them: model -> [trait, value].

    A control with options is known there by the index of its choice.
    """
    kept = {}
    for control in controls:
        trait = "index" if control.has_trait("index") else "value"
        value = getattr(control, trait)
        kept[control.model_id] = [trait, list(value) if isinstance(value, tuple) else value]
    return kept
