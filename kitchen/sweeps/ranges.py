"""Ranges of a design's parameters: intervals, whole numbers in steps, choices."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import NamedTuple

import numpy as np

from kitchen.errors import KitchenError, shown
from kitchen.model.rules import BUILT_IN, NO_RULE, Rule
from kitchen.utils.validation import is_number, is_whole, plain_value

MOST_POINTS = 10**7
"""Largest number of points of a design."""

OF_STRATEGY = "strategy."
"""Prefix of the path of a strategy's setting."""

_ENDS, _STEPS = ("low", "high"), ("first", "last", "step")


class Between(NamedTuple):
    """Continuous range: any number from `low` to `high`."""

    low: float
    high: float

    def at(self, u):
        """Inverse distribution function at `u` in [0, 1), of any shape."""
        return self.low + u * (self.high - self.low)

    def given(self) -> tuple:
        """The range as a user writes it."""
        return tuple(self)

    def plain(self, path: str) -> dict:
        """The range as a file holds it."""
        return {"low": self.low, "high": self.high}

    def words(self) -> str:
        return f"{self.low:g} to {self.high:g}"


class Steps(NamedTuple):
    """Discrete range: whole numbers at even distances."""

    values: range

    def at(self, u):
        """Inverse of the distribution function: each number has the same share of [0, 1)."""
        return self.values.start + self.values.step * _nth(u, len(self.values))

    def given(self) -> range:
        return self.values

    def plain(self, path: str) -> dict:
        return {"first": self.values[0], "last": self.values[-1], "step": self.values.step}

    def words(self) -> str:
        step = abs(self.values.step)
        by = f" by {step:,}" if step > 1 else ""
        return f"{self.values[0]:,} to {self.values[-1]:,}{by}, whole numbers"


class Choices(NamedTuple):
    """List of choices, of any kind."""

    values: tuple

    def at(self, u):
        """Each value has the same share of [0, 1); an array of objects where kinds differ."""
        nth = _nth(u, len(self.values))
        return self.values[nth] if np.ndim(nth) == 0 else as_array(self.values)[nth]

    def given(self) -> list:
        return list(self.values)

    def plain(self, path: str) -> list:
        return [as_plain(path, value) for value in self.values]

    def words(self) -> str:
        some = [value_text(value) for value in self.values[:6]]
        return ", ".join(some) + (f", ... ({len(self.values):,})" if len(self.values) > 6 else "")


Range = Between | Steps | Choices


# Reading


def read_paths(given, what: str, each: str) -> list[tuple[str, object]]:
    """Paths and the values given for them; a path that is there twice is refused."""
    if not isinstance(given, Mapping):
        raise KitchenError(
            f"{what}: must be a table of paths and {each} for each, got {shown(given)}."
        )
    if not given:
        raise KitchenError(f"{what}: has no paths. Name at least one.")
    seen: set[str] = set()
    for path in given:
        if not isinstance(path, str) or not path.strip():
            raise KitchenError(f"{what}: a path must be a text, got {shown(path)}.")
        if path.strip() in seen:
            raise KitchenError(f"{what}: the path {shown(path)} is there twice.")
        seen.add(path.strip())
    return list(given.items())


def read_range(path: str, given) -> Range:
    """Read the range of a path: a pair of numbers, a ``range``, a list, or their plain form.

    Raises
    ------
    KitchenError
        For a range that is empty, reversed, or of a single value, and for anything else.
    """
    if isinstance(given, Mapping):
        given = _steps(path, given) if set(given) & set(_STEPS) else _ends(path, given)
    if isinstance(given, range):
        if not _length(path, given):
            order = f"range({given.stop}, {given.start})"
            hint = f" Reversed? {order}." if given.start > given.stop and given.step > 0 else ""
            raise KitchenError(f"{path}: {given} is empty.{hint}")
        _refuse_single(path, given)
        return Steps(given)
    if isinstance(given, tuple) and len(given) == 2:
        return _between(path, *given)
    if isinstance(given, np.ndarray) and given.ndim == 1:
        given = given.tolist()
    if not isinstance(given, list):
        raise KitchenError(
            f"{path}: must be a pair (low, high), a range of whole numbers, or a list of choices, "
            f"got {shown(given)}."
        )
    values = tuple(plain_value(value) for value in given)
    if not values:
        raise KitchenError(f"{path}: is an empty list. Give at least two choices.")
    _refuse_single(path, values)
    refuse_nan(path, values)
    return Choices(values)


def read_values(path: str, values) -> Steps | Choices:
    """Read the values of one path of a grid, in their order.

    Raises
    ------
    KitchenError
    """
    if isinstance(values, Mapping) and set(values) & set(_STEPS):
        values = _steps(path, values)
    ordered = isinstance(values, Iterable) and not isinstance(
        values, (str, bytes, Mapping, set, frozenset)
    )
    if not ordered:
        raise KitchenError(
            f"{path}: must have a list of values, got {shown(values)}. A single one goes in a "
            f"list: [{shown(values)}]."
        )
    if isinstance(values, range):
        refuse_size(_length(path, values), path)
        return Steps(values)
    refuse_size(len(values) if hasattr(values, "__len__") else 1, path)
    values = tuple(plain_value(value) for value in islice(values, MOST_POINTS + 1))
    refuse_size(len(values), path)
    refuse_nan(path, values)
    return Choices(_distinct(values))


def _distinct(values: tuple) -> tuple:
    """The values without those that are there already: 8 and 8.0 are one point of a grid."""
    seen: dict[object, object] = {}
    for nth, value in enumerate(values):
        try:
            seen.setdefault((isinstance(value, bool), value), value)
        except TypeError:  # a table or a list; these are few
            if not any(value == other for other in seen.values()):
                seen[nth] = value
    return tuple(seen.values())


def _between(path: str, low, high) -> Between:
    low, high = plain_value(low), plain_value(high)
    for end in (low, high):
        if not is_number(end):
            raise KitchenError(
                f"{path}: a pair must be two numbers, (low, high), got {shown(end)}. Choices go in "
                "a list."
            )
    try:
        low, high = float(low), float(high)
    except OverflowError:  # a whole number beyond every float
        low, high = -math.inf, math.inf
    if not math.isfinite(high - low):
        raise KitchenError(f"{path}: must be two finite numbers, got {low:g} to {high:g}.")
    if low == high:
        raise KitchenError(f"{path}: {low:g} is a single value. {_SET_IT}")
    if low > high:
        raise KitchenError(f"{path}: is reversed: {low:g} to {high:g}. The lower end comes first.")
    return Between(low, high)


def _ends(path: str, given: Mapping) -> tuple:
    """The pair of a range that a file holds as a table."""
    if set(given) != set(_ENDS):
        raise KitchenError(
            f"{path}: a range is {{low, high}}, or {{first, last, step}} for whole numbers, got "
            f"{shown(dict(given))}."
        )
    return given["low"], given["high"]


def _steps(path: str, given: Mapping) -> range:
    """The whole numbers that a file holds as a table; `last` is included if a step ends there."""
    numbers = [plain_value(given.get(key, 1 if key == "step" else None)) for key in _STEPS]
    whole = all(map(is_whole, numbers))
    numbers = list(map(int, numbers)) if whole else numbers
    if not set(given) <= set(_STEPS) or not whole or numbers[2] == 0:
        raise KitchenError(
            f"{path}: whole numbers are {{first, last, step}}, three whole numbers, got "
            f"{shown(dict(given))}."
        )
    first, last, step = numbers
    return range(first, last + (1 if step > 0 else -1), step)


_SET_IT = "Set it in the scenario, and leave it out here."


def _length(path: str, values: range) -> int:
    try:
        return len(values)
    except OverflowError:
        raise KitchenError(f"{path}: {shown(values)} has too many numbers.") from None


def _refuse_single(path: str, values) -> None:
    if len(values) == 1:
        raise KitchenError(f"{path}: has a single value, {shown(values[0])}. {_SET_IT}")


def refuse_nan(path: str, values) -> None:
    """Refuse numbers that are not finite."""
    for value in values:
        if isinstance(value, (float, np.floating)) and not math.isfinite(value):
            raise KitchenError(f"{path}: must be finite, got {value}.")


def refuse_size(number: int, path=None) -> None:
    """Refuse a design without points or with too many; `path` names the values of a single path."""
    if number < 1:
        what = "values" if path else "points"
        raise KitchenError(f"{path or 'design'}: has no {what}. Give at least one.")
    if number > MOST_POINTS:
        raise KitchenError(
            f"{path or 'design'}: has {number:,} points, and at most {MOST_POINTS:,} will do. "
            "Leave out values, or take a latin_hypercube of fewer points."
        )


# Values


def _nth(u, number: int):
    """Index of the one of `number` equal parts of [0, 1) that holds `u`."""
    nth = np.minimum(np.floor(np.multiply(u, number)), number - 1)
    return int(nth) if np.ndim(nth) == 0 else nth.astype(np.int64)


def as_array(values) -> np.ndarray:
    """Numbers as an array of numbers; anything else as objects."""
    kinds = {type(value) for value in values}
    if kinds <= {int} and all(abs(value) < 2**63 for value in values):
        return np.array(values, dtype=np.int64)
    if kinds <= {int, float}:
        return np.array(values, dtype=float)
    result = np.empty(len(values), dtype=object)
    result[:] = list(values)
    return result


def as_plain(path: str, value):
    """A value as JSON and TOML can hold it."""
    decision = path.removeprefix(OF_STRATEGY)
    if path.startswith(OF_STRATEGY) and value is None and decision in NO_RULE:
        return NO_RULE[decision][0]  # TOML has no null
    if isinstance(value, Rule) and any(
        value is rules.get(value.name) for rules in BUILT_IN.values()
    ):
        return value.name
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [as_plain(path, inner) for inner in value]
    if isinstance(value, Mapping):
        return {str(key): as_plain(path, inner) for key, inner in value.items()}
    raise KitchenError(
        f"{path}: a file holds numbers, texts and the names of rules, and {value_text(value)} is not one "
        "of them. Keep the design in a script."
    )


def value_text(value) -> str:
    """A value in words: rules and functions by their names, a table as its keys and values."""
    if isinstance(value, str):
        return value
    if isinstance(value, Rule) and value.params:
        return f"{value.name} {list(value.params)}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {value_text(inner)}" for key, inner in value.items())
    name = getattr(value, "name", None) or getattr(value, "__name__", None)
    return str(name) if name else str(value) if isinstance(value, float) else shown(value)
