"""A strategy of one's own, put together from shipped rules for the four decisions."""

from __future__ import annotations

from html import escape

import ipywidgets as widgets

from kitchen.model.strategy import DISCARD_FROM, RECALL_WHEN, SETTINGS, Strategy, strategies
from kitchen.widgets.folded import Folded

LABELS = {
    "discard": "discard",
    "discard_from": "out of",
    "recall": "recall",
    "recall_when": "when",
    "demote": "demote",
    "issue": "issue",
}
"""What a list says, by the argument of `Strategy` that it sets."""


class Composer(Folded):
    """Lists of rules, and a button that puts the strategy into the comparison.

    Parameters
    ----------
    explorer : Explorer

    Attributes
    ----------
    lists : dict of str to Dropdown
        By the arguments of `Strategy`.
    name : Text
        The strategy's name; its rules, where it is empty.
    add : Button
    meaning : HTML
        What the chosen rules do.

    Examples
    --------
    >>> from kitchen.widgets.explorer import Explorer
    >>> explorer = Explorer("rush", ["discard newcomer", "oldest"], replications=10)
    >>> _ = explorer.wait()
    >>> explorer.composer.lists["discard"].value = "newest"
    >>> explorer.composer.add.click()
    >>> explorer.wait(), [strategy.name for strategy in explorer.table.strategies]
    (True, ['discard newcomer', 'oldest', 'newest'])
    """

    def __init__(self, explorer):
        self._meanings: dict[str, dict[str, str]] = {
            "discard_from": {name: SETTINGS[name] for name in DISCARD_FROM},
            "recall_when": {name: SETTINGS[name] for name in RECALL_WHEN},
        }
        for decision, rules in strategies().groupby("decision", sort=False):
            named = zip(rules["name"], rules["description"], strict=True)
            self._meanings[str(decision)] = dict(named)
        first = {**Strategy().describe(), "discard": "oldest"}
        wide = {"layout": {"width": "330px"}, "style": {"description_width": "60px"}}
        self.lists = {
            key: widgets.Dropdown(
                options=list(self._meanings[key]), value=first[key], description=label, **wide
            )
            for key, label in LABELS.items()
        }
        self.name = widgets.Text(
            description="name", placeholder="that of its rules", continuous_update=False, **wide
        )
        self.add = widgets.Button(description="Compare it", button_style="primary")
        self.meaning = widgets.HTML()
        super().__init__(
            "a strategy of your own", [*self.lists.values(), self.name, self.meaning, self.add]
        )
        for control in self.lists.values():
            explorer.when(control, self._tell)
        explorer.on_click(self.add, lambda: explorer.add(self.strategy))
        self._tell()

    @property
    def strategy(self) -> Strategy:
        """The strategy of the lists."""
        chosen = {key: control.value for key, control in self.lists.items()}
        return Strategy(**chosen, name=self.name.value.strip() or None)

    def _tell(self) -> None:
        self.lists["recall_when"].disabled = self.lists["recall"].value == "none"
        told = [
            f"<p><b>{LABELS[key]} {escape(control.value)}</b>: "
            f"{escape(self._meanings[key][control.value])}</p>"
            for key, control in self.lists.items()
            if not control.disabled
        ]
        self.meaning.value = f'<div class="kt-meaning">{"".join(told)}</div>'
