"""Formatting of numbers, names and lists for messages, tables and pictures."""

from __future__ import annotations

import textwrap
from math import ceil, floor, isnan, log10

import numpy as np
import pandas as pd

MINUS, DASH = "\u2212", "\u2013"
"""A true minus sign; what stands where there is no figure."""

MOST_NAMED = 4
"""Names that a sentence lists before it counts the rest."""

QUOTED_CHARACTERS = 60
"""A longer name is cut where a sentence quotes it."""

# --- Numbers ------------------------------------------------------------------------------------


def signed(number: float, decimals: int | None = None) -> str:
    """A number with its sign, none for 0; a true minus."""
    text = f"{number:+.{decimals}f}" if decimals is not None else f"{round(number, 9):+g}"
    return "0" if float(text) == 0 else text.replace("-", MINUS)


def fixed_point(number: float, decimals: int) -> str:
    """A number with so many decimals; a true minus, and none before 0."""
    text = f"{number:,.{decimals}f}"
    return text.replace("-", "" if round(number, decimals) == 0 else MINUS)


def decimal_text(number: float, none: str = "-") -> str:
    """A number with at most four decimals, and no zeros at its end."""
    return none if isnan(number) else f"{number:,.4f}".rstrip("0").rstrip(".")


def number_text(number: float) -> str:
    """A number in four digits, or without decimals where it has more."""
    return f"{number:,.0f}" if 9999.5 <= abs(number) < 1e15 else f"{number:,.4g}"


def percent_text(share: float, sign: str = "", none: str = "-") -> str:
    """A share in percent with two decimals, for a column of a table."""
    return none if isnan(share) else f"{100 * share:{sign}.2f} %"


def share_text(share: float) -> str:
    """A share in percent with three digits, for a sentence; never below 0."""
    percent = 100 * max(share, 0.0)
    return f"{percent:.{1 if percent >= 9.95 else 2}f} %"


def whole_percent(share: float, up: bool = False) -> str:
    """A share in whole percent, never below 0; rounded up where it is a bound."""
    percent = 100 * max(share, 0.0)
    return f"{ceil(percent) if up else percent:.0f}"


def points_text(share: float) -> str:
    """A difference of shares in percentage points, to two digits."""
    points = 100 * share
    return f"{points:.2g}" if abs(points) < 9.95 else f"{points:.0f}"


def counted(number: int, thing: str) -> str:
    """A number of things: "1 point", "2 points"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def span_text(*seconds: float) -> str:
    """A time, or a range of times, in seconds, minutes or hours, whichever is readable.

    Examples
    --------
    >>> span_text(744.0), span_text(240.0, 600.0), span_text(18000.0), span_text(2.5)
    ('12.4 min', '4 to 10 min', '5 h', '2.5 s')
    """
    unit, size = time_unit(max(map(abs, seconds)))
    return f"{' to '.join(f'{time / size:.4g}' for time in seconds)} {unit}"


def time_unit(longest_s: float) -> tuple[str, int]:
    """Name and seconds of the unit in which times up to `longest_s` are readable."""
    return ("s", 1) if longest_s < 120 else ("min", 60) if longest_s < 7200 else ("h", 3600)


def rate_text(*rates: float) -> str:
    """One or two rates, orders per second, a second, a minute or an hour, whichever is readable.

    Examples
    --------
    >>> rate_text(10.0), rate_text(0.02, 0.1)
    ('10 a second', '72 and 360 an hour')
    """
    most = max(rates)
    unit, times = (
        ("a second", 1) if most >= 1 else ("a minute", 60) if most >= 0.5 else ("an hour", 3600)
    )
    return f"{' and '.join(f'{times * rate:.4g}' for rate in rates)} {unit}"


def value_texts(values: pd.Series) -> list[str]:
    """The values of a parameter, numbers in as few digits as keep them apart."""
    if not pd.api.types.is_float_dtype(values):
        return plains(map(_value_text, values), 28)
    for digits in range(4, 18):
        texts = [f"{value:.{digits}g}".replace("-", MINUS) for value in values]
        if len(set(texts)) == len(texts) and not any("e" in text for text in texts):
            return texts
    return [f"{value:g}" for value in values]


def _value_text(value) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}".replace("-", MINUS)
    return plain(value, 28)


def nice_step(
    size: float, multiples: tuple[float, ...] = (1, 2, 5), *, round_down: bool = False
) -> float:
    """Nearest round number at or above a positive size: a multiple of a power of ten.

    Parameters
    ----------
    size : float
        Above 0; a shortfall of one part in a billion counts as rounding error.
    multiples : tuple of float
        Rising, from 1 to below 10.
    round_down : bool
        The nearest round number at or below `size` instead.

    Examples
    --------
    >>> nice_step(0.3), nice_step(0.3, round_down=True), nice_step(3.0, (1, 1.5, 3))
    (0.5, 0.2, 3.0)
    """
    power = 10.0 ** floor(log10(size))
    if round_down:
        return max(power * nice for nice in multiples if nice == 1 or power * nice <= size)
    return next(power * nice for nice in (*multiples, 10) if power * nice >= size * (1 - 1e-9))


# --- Names --------------------------------------------------------------------------------------


def plain(name, width: int = 40) -> str:
    """A name on one line of at most `width` characters, without anything that cannot be shown.

    The middle of a long name is left out, since names often differ at their ends.
    """
    text = "".join(c if c.isprintable() else " " for c in str(name))
    text = " ".join(text.split()) or "(no name)"
    if len(text) <= width:
        return text
    tail = width // 3
    return f"{text[: width - tail - 1].rstrip()}\u2026{text[-tail:].lstrip()}"


def plains(names, width: int = 40) -> list[str]:
    """Several names as `plain` has them, but names that differ stay different."""
    seen: dict[str, list[str]] = {}
    texts = []
    for name in map(str, names):
        same = seen.setdefault(plain(name, width), [])
        if name not in same:
            same.append(name)
        nth = same.index(name)
        texts.append(f"{plain(name, width - 4)} ({nth + 1})" if nth else plain(name, width))
    return texts


def folded(name: str, width: int = 26) -> str:
    """A plain name on two lines of about `width` characters, if it is longer than that."""
    lines = textwrap.wrap(name, width)
    return "\n".join(lines if len(lines) <= 2 else [lines[0], plain(" ".join(lines[1:]), width)])


def quoted(name) -> str:
    """A name between quotes, cut where it is very long."""
    name = str(name)
    name = name if len(name) <= QUOTED_CHARACTERS else f"{name[: QUOTED_CHARACTERS - 3]}..."
    return f"'{name}'" if name.isprintable() else repr(name)


# --- Lists --------------------------------------------------------------------------------------


def enumeration(parts) -> str:
    """Parts of a sentence: "a", "a and b", "a, b and c"."""
    parts = list(parts)
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def quoted_list(names) -> str:
    """Quoted names in a sentence; the rest of many are counted."""
    names = [quoted(name) for name in names]
    if len(names) > MOST_NAMED + 1:
        names = [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"]
    return enumeration(names)
