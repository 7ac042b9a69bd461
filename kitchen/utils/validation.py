"""Validation of arguments: numbers, shares, seeds, names, paths and types, refused with their names.

NumPy's numbers, `decimal.Decimal` and whole floats such as 5.0 count as what they stand for; booleans
count as no number.
"""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Callable, Iterable
from decimal import Decimal
from numbers import Integral, Real
from pathlib import Path

from kitchen.errors import FileError, KitchenError, SeedError, TraceError, shown, unknown

LARGEST_COUNT = 2**63 - 1
"""Largest number of things that an array can index."""


def is_number(value) -> bool:
    """Whether a value is a real number, finite or not; True and False are none."""
    return isinstance(value, (Real, Decimal)) and not isinstance(value, bool)


def is_finite(value) -> bool:
    """Whether a value is a number that a float64 can hold, neither infinite nor NaN."""
    if not is_number(value):
        return False
    try:
        return math.isfinite(float(value))
    except (OverflowError, ValueError):  # a whole number beyond every float; a signaling NaN
        return False


def is_whole(value) -> bool:
    """Whether a value is a whole number: an integer, or a float without a fraction."""
    if is_number(value) and isinstance(value, Integral):
        return True
    return is_finite(value) and value % 1 == 0


def is_text(value: str) -> bool:
    """Whether `value` can be written as UTF-8, which halves of surrogate pairs cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def plain_value(value):
    """NumPy's and pandas' values and `Decimal` as Python's own, also inside of lists and tables."""
    if isinstance(value, Decimal):
        return int(value) if is_whole(value) else math.nan if value.is_nan() else float(value)
    if is_number(value):
        return int(value) if isinstance(value, Integral) else float(value)
    if hasattr(value, "tolist") and not isinstance(value, type):
        return value.tolist()  # arrays, series, indices, NumPy's booleans
    if type(value) in (list, tuple):
        return type(value)(plain_value(inner) for inner in value)
    if type(value) is dict:
        return {key: plain_value(inner) for key, inner in value.items()}
    return value


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
    good = is_finite(value) and value < below
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
    at_most: float = LARGEST_COUNT,
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
            bounds += f" and at most {at_most:{',.0f' if at_most < 1e9 else '.3g'}}"
        raise error(f"{key}: must be a whole number {bounds}, got {shown(value)}.")
    return int(value)


def check_seed(seed) -> int:
    """A seed as an int: any integer of at least 0; a float is none.

    Raises
    ------
    SeedError
    """
    if is_number(seed) and not isinstance(seed, Integral):
        raise SeedError(f"seed: must be a whole number of at least 0, got {shown(seed)}.")
    return whole("seed", seed, at_least=0, at_most=math.inf, error=SeedError)


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
    if not is_finite(given) or not at_least <= given < 1 or given == 0:
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
        simple = isinstance(value, (str, int, float, type(None)))
        got = shown(value) if simple else f"a {type(value).__name__}"
        raise error(f"{key}: must be a {kind.__name__}, got {got}." + (f" {hint}" if hint else ""))
    return value


def one_of(
    key: str, value, options: Iterable[str], error: type[KitchenError] = KitchenError
) -> str:
    """A text that is one of some options.

    Raises
    ------
    KitchenError
        Of the type `error`, with the closest option and the list of all.
    """
    options = list(options)
    if not isinstance(value, str) or value not in options:
        raise error(unknown(key, value, options))
    return value


def position(key: str, value, numbers) -> int:
    """The position of a whole number among others.

    Raises
    ------
    KitchenError
        With how many there are, and from where to where they go.
    """
    numbers = list(map(int, numbers))
    if not is_whole(value) or int(value) not in numbers:
        ends = f"{numbers[0]:,} to {numbers[-1]:,}" if numbers else "none"
        raise KitchenError(f"{key}: must be one of {len(numbers):,} ({ends}), got {shown(value)}.")
    return numbers.index(int(value))


def flag(key: str, value) -> bool:
    """True or False.

    Raises
    ------
    KitchenError
    """
    of_numpy = getattr(value, "ndim", None) == 0 and value.dtype == bool
    if not isinstance(value, bool) and not of_numpy:
        raise KitchenError(f"{key}: must be True or False, got {shown(value)}.")
    return bool(value)


def check_callback(callback: Callable | None) -> Callable | None:
    """A function that is called with the number of replications done, or None.

    Raises
    ------
    KitchenError
        If it is no function, or does not take one argument.
    """
    if callback is None:
        return None
    wanted = "callback: must be a function of one argument, the number of replications done"
    if not callable(callback):
        raise KitchenError(f"{wanted}, got {shown(callback)}.")
    try:
        signature = inspect.signature(callback)
    except (TypeError, ValueError):  # of some functions that are written in C
        return callback
    try:
        signature.bind(1)
    except TypeError:
        name = getattr(callback, "__name__", type(callback).__name__)
        raise KitchenError(f"{wanted}, got {name}{signature}.") from None
    return callback


def as_path(value, what: str = "a file") -> Path:
    """A path with the home folder in place of a leading ``~``.

    Raises
    ------
    FileError
        If it is no text and no path, or holds what no name can.
    """
    if not isinstance(value, (str, os.PathLike)) or not isinstance(os.fspath(value), str):
        raise FileError(f"{shown(value)} cannot be the name of {what}: it is no text and no path.")
    return Path(os.path.expanduser(value))
