"""Validation of arguments: numbers, shares, seeds and types, each refused with the argument's name.

NumPy's numbers, `decimal.Decimal` and whole floats such as 5.0 count as what they stand for; booleans
count as no number.
"""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

from kitchen.errors import KitchenError, SeedError, TraceError, shown

MOST_DIGITS = 10**300
"""Whole numbers beyond this have no float64 of their own."""


def is_number(value) -> bool:
    """Whether a value is a real number, finite or not; True and False are none."""
    return isinstance(value, (int, float, np.integer, np.floating, Decimal)) and not isinstance(
        value, bool
    )


def is_whole(value) -> bool:
    """Whether a value is a whole number: an integer, or a float without a fraction."""
    if not is_number(value):
        return False
    if isinstance(value, (int, np.integer)):
        return True
    return math.isfinite(value) and value == int(value)


def number(
    key: str,
    value,
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float = math.inf,
    wanted: str | None = None,
    error: type[KitchenError] = KitchenError,
) -> float:
    """A finite number within bounds, as a float.

    Parameters
    ----------
    key : str
        What the number is for; messages begin with it.
    above, at_least, below : float, optional
        Bounds.
    wanted : str, optional
        What would do, for the message; made of the bounds if left out.
    error : type

    Raises
    ------
    KitchenError
    """
    good = is_number(value) and not (isinstance(value, int) and abs(value) > MOST_DIGITS)
    good = good and math.isfinite(value) and value < below
    good = good and (above is None or value > above) and (at_least is None or value >= at_least)
    if not good:
        if wanted is None:
            bounds = [f"above {above:g}"] if above is not None else []
            bounds += [f"of at least {at_least:g}"] if at_least is not None else []
            bounds += [f"below {below:g}"] if below < math.inf else []
            wanted = " ".join(["a number", " and ".join(bounds)]).strip()
        raise error(f"{key}: must be {wanted}, got {shown(value)}.")
    return float(value)


def amount(key: str, value, above: bool = False) -> float:
    """A finite number of at least 0, or above 0.

    Raises
    ------
    KitchenError
    """
    return number(key, value, above=0) if above else number(key, value, at_least=0)


def whole(
    key: str,
    value,
    at_least: int,
    at_most: float = math.inf,
    error: type[KitchenError] = TraceError,
) -> int:
    """A whole number within bounds, as an int.

    Raises
    ------
    KitchenError
        Of the type `error`.
    """
    integral = is_whole(value)
    if not integral or not at_least <= value <= at_most:
        bounds = f"of at least {at_least}"
        if integral and value > at_most:
            bounds += f" and at most {at_most:.3g}"
        raise error(f"{key}: must be a whole number {bounds}, got {shown(value)}.")
    return int(value)


def check_seed(seed) -> int:
    """A seed as an int: any integer of at least 0; a float is none.

    Raises
    ------
    SeedError
    """
    if isinstance(seed, (float, np.floating, Decimal)):
        raise SeedError(f"seed: must be a whole number of at least 0, got {shown(seed)}.")
    return whole("seed", seed, at_least=0, error=SeedError)


def share(
    key: str,
    value,
    at_least: float = 0.0,
    example: str = "0.01 or '1%'",
    needs_unit: bool = False,
) -> float:
    """A share below 1, given as a number or in percent: 0.01 or '1%'.

    It must be above 0, or at least `at_least` where that is given. With `needs_unit`, a text without
    "%" is refused: nobody can tell whether '0.1' is a tenth of a percent or ten.

    Raises
    ------
    KitchenError
    """
    given = value
    if isinstance(value, str):
        text = value.strip()
        try:
            if needs_unit and not text.endswith("%"):
                given = float(text)
                raise KitchenError(f"{key}: {text!r} has no unit. Write '{text}%' for percent.")
            given = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            given = math.nan
    if not is_number(given) or not at_least <= given < 1 or given == 0:
        bound = f"of at least {at_least:g}" if at_least else "above 0"
        raise KitchenError(
            f"{key}: must be a share {bound} and below 1, as {example}, got {shown(value)}."
        )
    return float(given)


def instance(key: str, value, kind: type, hint: str = "", error: type[KitchenError] = KitchenError):
    """A value of a class, unchanged.

    Parameters
    ----------
    key : str
    value : object
    kind : type
    hint : str
        A sentence that says how to make one.
    error : type

    Raises
    ------
    KitchenError
        Of the type `error`.
    """
    if not isinstance(value, kind):
        found = shown(value) if isinstance(value, (str, int, float, type(None))) else None
        got = found if found is not None else type(value).__name__
        raise error(f"{key}: must be a {kind.__name__}, got {got}." + (f" {hint}" if hint else ""))
    return value
