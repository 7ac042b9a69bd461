"""HTML fragments for notebooks: escaped text, tables, headings.

`Html` is markupsafe's `Markup`: text that is HTML already. All other text is escaped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from math import isnan

from markupsafe import Markup as Html
from markupsafe import escape

from kitchen.utils.formatting import DASH

MOST_CHARACTERS = 600
"""Characters that are shown of one text; the middle of a longer one is left out."""

MOST_SAID = 10_000
"""Characters that are shown of sentences that stand alone."""

NAME_CHARACTERS = 80
"""Characters that are shown of a name in a table or a heading."""

MOST_ROWS = 50
"""Rows that are shown of a table or a list; further ones are only counted."""

LINE = "1px solid rgba(128, 128, 128, 0.35)"
"""CSS of the line below a row of a table."""

_JOINERS = "\u200c\u200d"
"""Invisible characters that words of some scripts and some emoji need."""


class Sentences(str):
    """Text that a notebook shows as a paragraph: its lines end between words, and it has no quotes."""

    def _repr_html_(self) -> str:
        return block(paragraph(text(str(self), MOST_SAID)))


def text(value, most: int = MOST_CHARACTERS) -> Html:
    """`value` escaped for HTML, between tags or in an attribute; what is `Html` stays as it is.

    Control characters, changes of the writing direction and halves of surrogate pairs become a
    blank or a replacement character. The middle of a text of more than `most` characters is left
    out, since names often differ at their ends.
    """
    if isinstance(value, Html):
        return value
    return escape(_cut("".join(map(_seen, str(value))), most))


def name(value) -> Html:
    """A user's name for something: always escaped, never empty."""
    escaped = text(str(value), NAME_CHARACTERS)
    return escaped if escaped.strip() else Html("(no name)")


def quiet(value) -> Html:
    """Text in a fainter colour."""
    return Html(f'<span style="opacity: 0.7;">{text(value)}</span>')


def strong(value) -> Html:
    """Bold text."""
    return Html(f"<b>{text(value)}</b>")


def joined(*parts) -> Html:
    """Pieces of text and HTML, one after the other."""
    return Html("").join(map(text, parts))


def block(*parts) -> Html:
    """The whole display of an object: its heading, paragraphs, lists and tables."""
    inside = Html("\n").join(part for part in parts if part)
    return Html(f'<div style="max-width: 64em; line-height: 1.4;">\n{inside}\n</div>')


def heading(kind: str, called) -> Html:
    """The kind of an object and its name, as the first line of its display."""
    return paragraph(joined(quiet(kind), " ", strong(name(called))))


def paragraph(value) -> Html:
    """A paragraph of text."""
    return Html(f'<p style="margin: 0.3em 0;">{text(value)}</p>')


def note(value) -> Html:
    """A remark below a table: small and faint."""
    return Html(f'<p style="margin: 0.3em 0; font-size: 0.9em; opacity: 0.7;">{text(value)}</p>')


def bullets(values: Iterable) -> Html:
    """A list of sentences."""
    some, more = _first(values)
    items = [f'<li style="margin: 0.1em 0;">{text(value)}</li>' for value in some + more]
    return Html(f'<ul style="margin: 0.3em 0; padding-left: 1.4em;">{"".join(items)}</ul>')


def facts(pairs: Iterable[tuple]) -> Html:
    """A definition list: pairs of a key and its value."""
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
    """A number as text, with a true minus sign; a dash for NaN."""
    if isnan(value):
        return DASH
    digits = f"{value:{form}}"
    is_zero = "+" in form and float(digits.replace(",", "")) == 0
    return digits.lstrip("+-") if is_zero else digits.replace("-", "\u2212")


def measured(mean: float, low: float, high: float, form: str = ".2f") -> Html:
    """A mean and its interval, if there is one; an interval without width is shown as "always"."""
    if isnan(mean):
        return quiet("no orders")
    if isnan(low):
        return text(number(mean, form))
    ends = "always" if low == high == mean else f"{number(low, form)} to {number(high, form)}"
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
    """The first `MOST_ROWS` values, and a sentence that counts the rest, if there is one."""
    values = list(values)
    rest = len(values) - MOST_ROWS
    return values[:MOST_ROWS], [f"\u2026 and {rest:,} more."] if rest > 0 else []


def _seen(character: str) -> str:
    """A character, or a visible stand-in for one that cannot be seen or changes others."""
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
