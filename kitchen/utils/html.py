"""HTML fragments for notebooks: escaped text, tables, headings."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from math import isnan

from kitchen.utils.formatting import DASH

MOST_CHARACTERS = 600
"""Of one text; the middle of a longer one is left out."""

NAME_CHARACTERS = 80
"""Of a name in a table or a heading."""

MOST_ROWS = 50
"""Of a table or a list; the rest of more is counted."""

LINE = "1px solid rgba(128, 128, 128, 0.35)"
_JOINERS = "\u200c\u200d"
"""Invisible, and needed inside words of some scripts and inside some emoji."""


class Html(str):
    """Text that is HTML already; all other text is escaped before it is shown."""


def text(value, most: int = MOST_CHARACTERS) -> Html:
    """`value` as text in HTML, between tags or in an attribute: nothing in it is taken for a tag.

    What cannot be seen (control characters, changes of the direction of writing, halves of surrogate
    pairs) becomes a blank or a replacement character. The middle of a text of more than `most`
    characters is left out, since names often differ at their ends.
    """
    if isinstance(value, Html):
        return value
    return Html(escape(_cut("".join(map(_seen, str(value))), most), quote=True))


def name(value) -> Html:
    """A name that a user gave, as `text`, and never empty."""
    told = text(value, NAME_CHARACTERS)
    return told if told.strip() else Html("(no name)")


def quiet(value) -> Html:
    """Text that matters less."""
    return Html(f'<span style="opacity: 0.7;">{text(value)}</span>')


def strong(value) -> Html:
    """Text that matters more."""
    return Html(f"<b>{text(value)}</b>")


def joined(*parts) -> Html:
    """Pieces of text and HTML, one after the other."""
    return Html("".join(map(text, parts)))


def block(*parts) -> Html:
    """What one thing shows: its heading, paragraphs, lists and tables."""
    inside = "\n".join(part for part in parts if part)
    return Html(f'<div style="max-width: 64em; line-height: 1.4;">\n{inside}\n</div>')


def heading(kind: str, called) -> Html:
    """What it is and what it is called."""
    return paragraph(joined(quiet(kind), " ", strong(name(called))))


def paragraph(value) -> Html:
    return Html(f'<p style="margin: 0.3em 0;">{text(value)}</p>')


def note(value) -> Html:
    """A remark below a table: smaller and thinner, without a frame."""
    return Html(f'<p style="margin: 0.3em 0; font-size: 0.9em; opacity: 0.7;">{text(value)}</p>')


def bullets(values: Iterable) -> Html:
    """A list of sentences."""
    some, more = _first(values)
    items = [f'<li style="margin: 0.1em 0;">{text(value)}</li>' for value in [*some, *more]]
    return Html(f'<ul style="margin: 0.3em 0; padding-left: 1.4em;">{"".join(items)}</ul>')


def facts(pairs: Iterable[tuple]) -> Html:
    """A definition list: what is told, and what it is."""
    rows = "".join(
        f'<dt style="opacity: 0.7; float: none; width: auto;">{text(key)}</dt>'
        f'<dd style="margin: 0;">{text(value)}</dd>'
        for key, value in pairs
    )
    style = "display: grid; grid-template-columns: max-content 1fr; gap: 0.1em 1em;"
    return Html(f'<dl style="{style} margin: 0.3em 0;">{rows}</dl>')


def table(header: Sequence, rows: Iterable[Sequence], align: str) -> Html:
    """A table; the first column names the rows.

    Parameters
    ----------
    header : sequence
        A text or HTML a column.
    rows : iterable of sequences
        Cells, as many as the header has; text is escaped, `Html` is not.
    align : str
        ``<`` or ``>`` for each column.
    """
    rows, more = _first(rows)
    sides = zip(header, align, strict=True)
    head = "".join(_cell("th", cell, side, 'scope="col" ') for cell, side in sides)
    body = []
    for first, *others in rows:
        cells = [_cell("th", first, align[0], 'scope="row" ')]
        cells += [_cell("td", cell, side) for cell, side in zip(others, align[1:], strict=True)]
        body.append(f"<tr>{''.join(cells)}</tr>")
    style = "border-collapse: collapse; border: none; margin: 0.4em 0;"
    made = (
        '<div style="overflow-x: auto; font-variant-numeric: tabular-nums;">'
        f'<table style="{style}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )
    return Html("".join([made, *map(note, more)]))


def number(value: float, form: str = ".2f") -> str:
    """A figure as text, with a true minus; a dash where there is none."""
    if isnan(value):
        return DASH
    told = f"{value:{form}}"
    is_nothing = "+" in form and float(told.replace(",", "")) == 0
    return told.lstrip("+-") if is_nothing else told.replace("-", "\u2212")


def measured(mean: float, low: float, high: float, form: str = ".2f") -> Html:
    """A mean and its interval, if there is one; one without any width says "always"."""
    if isnan(mean):
        return quiet("no orders")
    if isnan(low):
        return text(number(mean, form))
    ends = "always" if low == high else f"{number(low, form)} to {number(high, form)}"
    whole = joined(number(mean, form), " ", quiet(f"({ends})"))
    return Html(f'<span style="white-space: nowrap;">{whole}</span>')


def _cell(tag: str, value, side: str, attributes: str = "") -> str:
    weight = "600" if 'scope="col"' in attributes else "400"
    style = (
        f"text-align: {'left' if side == '<' else 'right'}; font-weight: {weight}; "
        f"padding: 0.2em 1.2em 0.2em 0; border: none; border-bottom: {LINE}; vertical-align: top; "
        "background: none;"
    )
    return f'<{tag} {attributes}style="{style}">{text(value)}</{tag}>'


def _first(values: Iterable) -> tuple[list, list[str]]:
    """At most `MOST_ROWS` of them, and a sentence that counts the rest, if there is one."""
    values = list(values)
    rest = len(values) - MOST_ROWS
    return values[:MOST_ROWS], [f"\u2026 and {rest:,} more."] if rest > 0 else []


def _seen(character: str) -> str:
    """A character that can be seen and does nothing else."""
    if character.isprintable() or character in _JOINERS:
        return character
    if character.isspace() or unicodedata.category(character) == "Cc":
        return " "
    return "\ufffd"


def _cut(value: str, most: int) -> str:
    if len(value) <= most:
        return value
    tail = most // 3
    return f"{value[: most - tail - 1].rstrip()}\u2026{value[-tail:].lstrip()}"
