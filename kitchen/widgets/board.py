"""HTML of a snapshot of the kitchen: its shelves, counts and last events."""

from __future__ import annotations

import heapq
import math
from functools import lru_cache
from html import escape

from kitchen.plots.style import looks
from kitchen.simulation.snapshot import Event, Shelf, Snapshot, Standing, differing_orders
from kitchen.utils.formatting import DASH, plain
from kitchen.widgets.static_files import style_element

MOST_ROWS = 16
"""Largest number of slots of a shelf that shows a row for each slot."""

MOST_CELLS = 240
"""Largest number of slots of a shelf that shows a square for each; larger ones show a fill bar only."""

LISTED = 3
"""Number of orders that are named on a shelf without rows."""

NEWS = 6
"""Number of lines that list the last events."""

STYLE = style_element("board.css")
"""Style element of the boards, needed once on a page."""

_WORDS = {
    "place": "+ placed",
    "move": "\u2192 moved",
    "pickup": "\u2713 fetched",
    "expire": "! expired",
    "discard": "\u00d7 discarded",
}


def board(one: Snapshot, other: Snapshot | None = None) -> str:
    """HTML of one snapshot, or of two side by side; `STYLE` must be on the page too.

    Parameters
    ----------
    one, other : Snapshot
        Of the same scenario. With two, orders with different positions are marked.
    """
    marks = _marks(one.temps)
    snapshots = [one] if other is None else [one, other]
    differing = differing_orders(one, other) if other is not None else set()
    places = [_places(snapshot) if differing else {} for snapshot in snapshots]
    long = max(snapshot.end_s for snapshot in snapshots)
    sections = [
        _board(snapshot, long, marks, differing, elsewhere)
        for snapshot, elsewhere in zip(snapshots, reversed(places), strict=True)
    ]
    two = " kt-two" if other is not None else ""
    return (
        f'<div class="kt-boards{two} mathjax_ignore tex2jax_ignore" translate="no">'
        f'<div class="kt-pair">{"".join(sections)}</div>{_key(marks, other is not None)}</div>'
    )


def page(one: Snapshot, other: Snapshot | None = None) -> str:
    """Self-contained HTML of `board`, with its style."""
    return STYLE + board(one, other)


def clock(time_s: float, end_s: float) -> str:
    """A time as text: hundredths of a second in a short run, hours:minutes:seconds in a long one."""
    if end_s < 600:
        return f"{time_s:.2f} s"
    seconds = math.floor(time_s)
    sign = "\u2212" if seconds < 0 else ""
    minutes, seconds = divmod(abs(seconds), 60)
    return f"{sign}{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


# A board


def _board(snapshot: Snapshot, long: float, marks: dict, differing: set, elsewhere: dict) -> str:
    text, title = _name(snapshot.strategy)
    time, wide = clock(snapshot.time_s, long), min(len(snapshot.shelves), 4)
    shelves = "".join(
        _shelf(shelf, snapshot, marks, differing, elsewhere) for shelf in snapshot.shelves
    )
    return (
        f'<section class="kt-board" aria-label="{title}, at {time}"><div class="kt-head">'
        f'<div role="heading" aria-level="3" class="kt-title" title="{title}"><bdi>{text}</bdi></div>'
        f'<span class="kt-time">{time} <small>of {clock(snapshot.end_s, long)}</small></span></div>'
        f"{_counts(snapshot)}"
        f'<div class="kt-shelves kt-of-{wide}">{shelves}</div>{_news(snapshot, long, marks)}</section>'
    )


def _counts(snapshot: Snapshot) -> str:
    lost = snapshot.lost_share
    cells = {
        "ready": f"{snapshot.ready:,} of {snapshot.orders:,}",
        "on shelves": f"{snapshot.standing:,}",
        "delivered": f"{snapshot.delivered:,}",
        "expired": f"{snapshot.expired:,}",
        "discarded": f"{snapshot.discarded:,}",
        "moves": f"{snapshot.moves:,}",
        "value delivered": _amount(snapshot.value_delivered),
        "lost so far": DASH if math.isnan(lost) else f"{100 * lost:.1f} %",
    }
    pairs = "".join(f"<div><span>{name}</span><b>{cell}</b></div>" for name, cell in cells.items())
    return f'<div class="kt-counts">{pairs}</div>'


def _shelf(shelf: Shelf, snapshot: Snapshot, marks: dict, differing: set, elsewhere: dict) -> str:
    text, title = _name(shelf.name)
    taken, capacity = len(shelf.orders), shelf.capacity

    def row(order: Standing) -> str:
        there = elsewhere.get(order.order, "") if order.order in differing else None
        return _row(order, snapshot, marks, there)

    if capacity == 0:
        inside = '<div class="kt-note">no slots</div>'
    elif capacity <= MOST_ROWS:
        rows = [_FREE] * max(capacity, taken)
        for order in shelf.orders:
            rows[order.slot] = row(order)
        inside = f'<div role="list">{"".join(rows)}</div>'
    else:
        cells = _cells(shelf, snapshot, marks, differing) if capacity <= MOST_CELLS else ""
        lists = {"least value": heapq.nsmallest(LISTED, shelf.orders, key=_worst_first)}
        if capacity > MOST_CELLS:
            lists["newest"] = heapq.nlargest(LISTED, shelf.orders, key=_newest_last)
        inside = cells + "".join(
            f'<div class="kt-note">{what}</div><div role="list">{"".join(map(row, some))}'
            f"{_FREE * (LISTED - len(some))}</div>"
            for what, some in lists.items()
        )
    share = min(100 * taken / capacity, 100.0) if capacity else 0.0
    return (
        f'<div class="kt-shelf" role="group" aria-label="{title}: {taken:,} of {capacity:,} taken">'
        f'<div class="kt-shelf-head"><span class="kt-shelf-name" title="{title}"><bdi>{text}</bdi>'
        f"</span><span>{taken:,}/{capacity:,}</span></div>"
        f'<div class="kt-fill"><i style="width:{share:.1f}%"></i></div>{inside}</div>'
    )


_FREE = '<div role="listitem" class="kt-slot kt-free"></div>'


def _row(order: Standing, snapshot: Snapshot, marks: dict, there: str | None) -> str:
    """Row of a taken slot; `there` is the order's place in the other kitchen, None if the same."""
    text, title = _name(order.name)
    letter, colours = marks[order.temp]
    state, tag, just_now = "", "", snapshot.just_now(order.since_s)
    if order.came_from is not None:
        origin, full = _name(order.came_from)
        state = " kt-moved" if just_now else ""
        shown = f"\u2190 {origin}" if just_now else "\u2190"
        tag = f'<em class="kt-tag" title="moved here from {full}">{shown}</em>'
    elif just_now:
        state, tag = " kt-new", '<em class="kt-tag">new</em>'
    if there is not None:
        state += " kt-apart"
        title += f"; in the other kitchen {there or 'it is not on a shelf'}"
    share = 100 * order.value
    value = "waste" if order.spoilt else f"{share:.1f} %"
    return (
        f'<div role="listitem" class="kt-slot{state}" title="{title}">'
        f'<span class="kt-bar"><i{_level(order.value)} style="width:{share:.1f}%"></i></span>'
        f'<b class="kt-temp" style="{colours}">{letter}</b><bdi class="kt-name">{text}</bdi>'
        f'{tag}<span class="kt-value">{value}</span></div>'
    )


def _cells(shelf: Shelf, snapshot: Snapshot, marks: dict, differing: set) -> str:
    """A square for each slot, coloured from below as high as the value."""
    cells = ['<div class="kt-cell kt-free"></div>'] * max(shelf.capacity, len(shelf.orders))
    for order in shelf.orders:
        _, title = _name(order.name)
        letter, colours = marks[order.temp]
        state = ""
        if snapshot.just_now(order.since_s):
            state = " kt-new" if order.came_from is None else " kt-moved"
        if order.order in differing:
            state += " kt-apart"
        share = 100 * order.value
        cells[order.slot] = (
            f'<div class="kt-cell{state}" title="{title}, {share:.1f} %">'
            f'<i style="height:{share:.0f}%;{colours}"></i><b>{letter}</b></div>'
        )
    return f'<div class="kt-cells">{"".join(cells)}</div>'


def _worst_first(order: Standing):
    return order.value, order.order


def _newest_last(order: Standing):
    return order.since_s, order.order


# The last events


def _news(snapshot: Snapshot, long: float, marks: dict) -> str:
    lines = [_line(event, snapshot, long, marks) for event in snapshot.events[:NEWS]]
    if not lines:
        lines = ['<div role="listitem" class="kt-line">nothing has happened yet</div>']
    lines += ['<div role="listitem" class="kt-line"></div>'] * (NEWS - len(lines))
    return (
        f'<div role="list" class="kt-news" aria-label="what just happened">{"".join(lines)}</div>'
    )


def _line(event: Event, snapshot: Snapshot, long: float, marks: dict) -> str:
    text, title = _name(event.name)
    letter, colours = marks[event.temp]
    now = " kt-now" if snapshot.just_now(event.time_s) else ""
    return (
        f'<div role="listitem" class="kt-line{now}"><span class="kt-when">{clock(event.time_s, long)}</span>'
        f'<span class="kt-what">{_WORDS[event.event]}</span>'
        f'<b class="kt-temp" style="{colours}">{letter}</b><bdi title="{title}">{text}</bdi>'
        f'<span class="kt-where">{_where(event)}</span><span>{100 * event.value:.1f} %</span></div>'
    )


def _where(event: Event) -> str:
    """The shelves of an event, as text."""
    from_, to = (
        f"<bdi>{_name(shelf)[0]}</bdi>" if shelf is not None else None
        for shelf in (event.from_shelf, event.to_shelf)
    )
    if event.event == "move":
        return f"{from_} \u2192 {to}"
    if to:
        return f"on {to}"
    if from_:
        return f"from {from_}"
    return "no room" if event.event == "discard" else "at once"


# Shared


def _amount(value: float) -> str:
    return f"{value:,.2f}" if value < 100 else f"{value:,.1f}"


def _places(snapshot: Snapshot) -> dict[int, str]:
    """Position of each order, as text."""
    return {
        order.order: f"it is on {_name(shelf.name)[1]}"
        for shelf in snapshot.shelves
        for order in shelf.orders
    }


def _level(value: float) -> str:
    if value >= 0.5:
        return ""
    return ' class="kt-half"' if value >= 0.25 else ' class="kt-low"'


def _marks(temps: list[str]) -> dict[str, tuple[str, str]]:
    """A letter that no other temp has, and colours, for each temp."""
    return _marks_of(tuple(temps))


@lru_cache(maxsize=64)
def _marks_of(temps: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    look, marks, used = looks(temps), {}, set()
    for nth, temp in enumerate(temps):
        letters = [c.upper() for c in plain(temp) if c.isalnum() and len(c.upper()) == 1]
        others = map(str, range(nth + 1, 2 * len(temps) + 2))
        letter = next(sign for sign in (*letters, *others) if sign not in used)
        used.add(letter)
        red, green, blue = (int(look[temp].colour[i : i + 2], 16) for i in (1, 3, 5))
        ink = "#fff" if 0.3 * red + 0.59 * green + 0.11 * blue < 128 else "#000"
        marks[temp] = (escape(letter), f"background:{look[temp].colour};color:{ink}")
    return marks


@lru_cache(maxsize=8192)
def _name(name: str) -> tuple[str, str]:
    """A user's text as HTML: shortened for the board, and longer for a tooltip."""
    return escape(plain(name, 80), quote=True), escape(plain(name, 400), quote=True)


def _key(marks: dict, two: bool) -> str:
    """Legend of letters, colours and lines."""
    entries = [
        f'<span><b class="kt-temp" style="{colours}">{letter}</b>{_name(temp)[0]}</span>'
        for temp, (letter, colours) in marks.items()
    ]
    entries += [
        "<span>bar and number: what is left of a fresh order's value</span>",
        "<span>\u2190 moved here</span>",
    ]
    if two:
        entries.append(
            '<span><b class="kt-apart"></b>stands differently in the other kitchen</span>'
        )
    return f'<div class="kt-key">{"".join(entries)}</div>'
