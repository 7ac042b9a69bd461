"""A letter and colours for each temp, so that a slot can show it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from kitchen.plots.style import ink_on, looks
from kitchen.utils.formatting import plain


class Mark(NamedTuple):
    """A letter that no other temp has; its background; and black or white, whichever stands out on it."""

    letter: str
    colour: str
    ink: str


def marks(temps: list[str]) -> dict[str, Mark]:
    """The mark of each temp.

    Examples
    --------
    >>> [mark.letter for mark in marks(["hot", "cold", "hearty"]).values()]
    ['H', 'C', 'E']
    """
    return dict(zip(temps, _marks_of(tuple(temps)), strict=True))


@lru_cache(maxsize=64)
def _marks_of(temps: tuple[str, ...]) -> tuple[Mark, ...]:
    look, made, used = looks(temps), [], set()
    for nth, temp in enumerate(temps):
        letters = [c.upper() for c in plain(temp) if c.isalnum() and len(c.upper()) == 1]
        others = map(str, range(nth + 1, 2 * len(temps) + 2))
        letter = next(sign for sign in (*letters, *others) if sign not in used)
        used.add(letter)
        made.append(Mark(letter, look[temp].colour, ink_on(look[temp].colour)))
    return tuple(made)
