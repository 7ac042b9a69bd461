"""Visual style of all figures: colour-blind safe colours, line styles, markers, fonts."""

from __future__ import annotations

import colorsys
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from typing import NamedTuple

import matplotlib
from matplotlib.colors import to_rgb

DPI = 110
INK, GREY, PALE = "#222222", "#6b6b6b", "#9a9a9a"
DOT = "#0072B2"

STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": PALE,
    "axes.facecolor": "white",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.8,
    "hatch.linewidth": 0.7,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.facecolor": "white",
    "text.color": INK,
    "text.hinting": "no_hinting",  # a sixth of the time that a picture takes
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.color": INK,
    "ytick.labelsize": 8.5,
}


_MORE_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Hiragino Sans",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "Arial Unicode MS",
)
"""Fonts for letters that DejaVu Sans lacks, used where installed."""


_ONE_AT_A_TIME = threading.RLock()
"""Lock of matplotlib's settings, which belong to the process and not to a thread."""


_title_locations: list[str] = []
"""Where titles went before each entry into the style, outermost first."""


@contextmanager
def in_style():
    """Context manager that applies the style and restores matplotlib's settings afterwards.

    One thread at a time is inside, so that several threads may draw. Interactive mode is kept: pyplot
    may choose its backend inside, at the first figure, and a notebook's backend switches it on.
    """
    with _ONE_AT_A_TIME:
        interactive = matplotlib.is_interactive()
        _title_locations.append(matplotlib.rcParams["axes.titlelocation"])
        try:
            with matplotlib.rc_context({**STYLE, "font.family": _fonts()}):
                try:
                    yield
                finally:
                    interactive = matplotlib.is_interactive()
        finally:
            _title_locations.pop()
            matplotlib.interactive(interactive)


def title_as_outside() -> None:
    """Until the style ends, put titles where the user's settings put them, as `plt.title` does."""
    matplotlib.rcParams["axes.titlelocation"] = _title_locations[0]


def styled(draw):
    """Decorator that runs a drawing function in the style of this package."""

    @wraps(draw)
    def inside(*args, **kwargs):
        with in_style():
            return draw(*args, **kwargs)

    return inside


@cache
def _fonts() -> list[str]:
    from matplotlib.font_manager import fontManager

    there = set(fontManager.get_font_names())
    return [*STYLE["font.family"], *(font for font in _MORE_FONTS if font in there)]


class Look(NamedTuple):
    """Colour, line style, marker and hatch of one item; items differ in more than colour."""

    colour: str
    dash: tuple | str
    marker: str
    hatch: str

    @property
    def dark(self) -> tuple:
        """The colour, darkened for text on white."""
        hue, light, saturation = colorsys.rgb_to_hls(*to_rgb(self.colour))
        return colorsys.hls_to_rgb(hue, min(light, 0.33), saturation)


# Okabe and Ito's colours, distinct in every kind of colour vision; yellow only for areas.
_VERMILLION, _BLUE, _SKY, _ORANGE = "#D55E00", "#0072B2", "#56B4E9", "#E69F00"
_GREEN, _PURPLE, _YELLOW, _BLACK = "#009E73", "#CC79A7", "#F0E442", "#000000"
_LONG, _SHORT, _MIXED = (0, (5, 1.5)), (0, (1.5, 1)), (0, (6, 1.5, 1.2, 1.5))

_USUAL = {
    "hot": Look(_VERMILLION, "-", "o", ""),
    "cold": Look(_BLUE, _LONG, "s", "//"),
    "frozen": Look(_SKY, _SHORT, "^", "\\\\"),
    "overflow": Look(_PURPLE, _MIXED, "D", "xx"),
    "room": Look(_GREEN, (0, (3, 1)), "v", ".."),
    "heater": Look(_VERMILLION, "-", "o", ""),
    "cooler": Look(_BLUE, _LONG, "s", "//"),
    "shelf": Look(_GREEN, _MIXED, "D", ".."),
    "delivered": Look(_GREEN, "-", "s", ""),
    "delivered value": Look(_GREEN, "-", "s", ""),
    "revenue": Look(_GREEN, "-", "s", ""),
    "lost by decay": Look(_YELLOW, "-", "o", ".."),
    "expired": Look(_ORANGE, "-", "X", "///"),
    "discarded": Look(_VERMILLION, "-", "v", "xx"),
}
COLOURS = (_GREEN, _ORANGE, _BLACK, _BLUE, _VERMILLION, _PURPLE, _SKY)
"""Colours for what has none of its own, in the order in which they are given."""

_DASHES = ("-", _LONG, _SHORT, _MIXED, (0, (3, 1, 1, 1, 1, 1)))
_MARKERS = ("P", "*", "h", "<", ">", "p", "d", "o", "s", "^", "v")
_HATCHES = ("++", "oo", "--", "||", "\\\\", "//")


_given: ContextVar[dict[str, Look] | None] = ContextVar("_given", default=None)
"""Looks that are fixed for a while, by name."""


@contextmanager
def one_look_a_temp(scenario, temps):
    """Context manager in which a temp has one look in all figures, and its home the same.

    Parameters
    ----------
    scenario : Scenario
        A shelf that is home to one temp is looked up here.
    temps : list of str
    """
    given = looks(temps)
    homes = {temp: scenario.shelves_of(temp)[:1] for temp in temps}
    for nth, shelf in enumerate(scenario.shelves):
        own = [temp for temp, home in homes.items() if home == [nth]]
        if len(own) == 1:
            given[shelf.name] = given[own[0]]
    token = _given.set(given)
    try:
        yield
    finally:
        _given.reset(token)


def looks(names) -> dict[str, Look]:
    """Look of each name: fixed for common names, assigned in turn to others."""
    names = list(dict.fromkeys(map(str, names)))
    given = _given.get() or {}
    made = {name: look for name, look in given.items() if name in names}
    taken = {look.colour for look in made.values()}
    for name in names:
        if name not in made and name in _USUAL and _USUAL[name].colour not in taken:
            made[name] = _USUAL[name]
            taken.add(_USUAL[name].colour)
    taken |= {look.colour for look in given.values()}
    free = [colour for colour in COLOURS if colour not in taken] or list(COLOURS)
    others = [name for name in names if name not in made]
    for i, name in enumerate(others):
        made[name] = Look(
            free[i % len(free)],
            _DASHES[(i + i // len(free)) % len(_DASHES)],
            _MARKERS[i % len(_MARKERS)],
            _HATCHES[i % len(_HATCHES)],
        )
    return {name: made[name] for name in names}


def luminance(colour) -> float:
    """Relative luminance of a colour of matplotlib's, from 0 of black to 1 of white.

    Notes
    -----
    WCAG 2.2, definition of relative luminance. The contrast of two colours is the ratio of their
    luminances, to each of which 0.05 is added.
    """
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in to_rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ink_on(colour) -> str:
    """Black or white, whichever stands out on a colour: the contrast is at least 4.58.

    Examples
    --------
    >>> ink_on("#D55E00"), ink_on("#0072B2")
    ('#000000', '#ffffff')
    """
    of_white, of_black = 1.05 / (luminance(colour) + 0.05), (luminance(colour) + 0.05) / 0.05
    return "#ffffff" if of_white > of_black else "#000000"
