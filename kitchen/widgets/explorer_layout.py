"""Where things stand in the explorer: the answer first for readers, the knobs to its left."""

from __future__ import annotations

from html import escape

import ipywidgets as widgets

from kitchen.utils.formatting import enumeration
from kitchen.widgets.app import App, head
from kitchen.widgets.composer import Composer
from kitchen.widgets.explorer_controls import CHOICES
from kitchen.widgets.knob_rows import glossary, meaning, row
from kitchen.widgets.uploads import Uploads

LEFT = "390px"
"""Width of the column of knobs."""


def page_of(explorer) -> widgets.Widget:
    """The explorer as one widget; the answer comes before the knobs for whoever uses the tab key."""
    control = explorer.controls
    explorer.ticked = widgets.HTML()
    ticks = widgets.VBox(
        list(explorer.ticks.values()),
        layout=widgets.Layout(max_height="170px", overflow="auto", flex="0 0 auto", width="350px"),
    )
    explorer.tick_list = ticks
    strategies = [heading("Strategies"), control["today"], ticks, explorer.ticked]
    explorer.composer = Composer(explorer)
    explorer.uploads = Uploads(explorer)
    amount = [control["replications"], control["seed"]]
    knobs = [control["preset"], explorer._turnable, control["settings"], control["reset"]]
    left = widgets.VBox(
        [
            heading("Kitchen"),
            control["scenario"],
            explorer.uploads,
            *strategies,
            explorer.composer,
            *knobs,
        ]
        + [heading("How closely"), *amount, explorer.help],
        layout=widgets.Layout(width=LEFT, flex=f"0 0 {LEFT}", padding="0 18px 0 0"),
    )
    place = widgets.Layout(flex="1 1 380px", min_width="0", padding="0 12px 0 0")
    explorer.pin.layout = widgets.Layout(flex="0 0 70px", width="70px")
    first = widgets.HBox([control["measure"], explorer.pin])
    pictures = widgets.Box(
        [
            widgets.VBox([box, picture], layout=place)
            for box, picture in ((first, explorer.picture), (control["view"], explorer.more))
        ],
        layout=widgets.Layout(flex_flow="row wrap", width="100%"),
    )
    explorer.lead = widgets.VBox([explorer.verdict])
    right = widgets.VBox(
        [head(explorer.work, explorer.alert, explorer.lead), pictures, explorer.files],
        layout=widgets.Layout(flex="1 1 0", min_width="0"),
    )
    whole = widgets.HBox([right, left], layout=widgets.Layout(flex_flow="row-reverse nowrap"))
    whole.add_class("kt-explorer")
    return whole


def ticked_words(names: list[str]) -> str:
    """HTML of what is compared, wherever the list of boxes is scrolled to."""
    if not names:
        return ""
    others = escape(enumeration(names[1:])) or "nothing"
    return f'<p class="kt-ticked"><b>{escape(names[0])}</b>, today, against {others}</p>'


def heading(text: str) -> widgets.HTML:
    """A heading of a group of controls."""
    return widgets.HTML(f"<h3>{text}</h3>")


def knob_groups(app: App, made: dict, knobs: list, base) -> tuple[list[widgets.Widget], str]:
    """Headings and rows of the knobs, and what each means as HTML.

    Parameters
    ----------
    app : App
    made : dict of str to widget
        Controls by their first path.
    knobs : list of Knob
    base : Scenario
    """
    groups = {"orders": [], "couriers": [], "shelves": [], "food": []}
    for knob in knobs:
        groups[knob.group].append(knob.paths[0])
    groups["couriers"].append("eta")
    groups["food"] += [name for name in CHOICES if name != "eta"]
    rows, meanings = [], {}
    own = {knob.paths[0]: knob.value for knob in knobs}
    for title, paths in groups.items():
        rows.append(heading(title.capitalize()))
        for path in paths:
            control, said = made[path], meaning(path, base)
            meanings[control.description] = said
            control.tooltip = f"{control.description}: {said}"
            value = own[path] if path in own else getattr(base, path)
            rows.append(row(app, control, value, control.description))
    return rows, glossary(meanings)


def close_all(rows) -> None:
    """Close widgets with all that is in them: a page that loads later asks for every open one."""
    for widget in rows:
        close_all(getattr(widget, "children", ()))
        widget.close()
