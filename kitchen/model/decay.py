"""Decay laws: normalised value as a function of age, weighted age, shelf life and decay rate."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kitchen.errors import ScenarioError, unknown
from kitchen.utils.jit import first_class, function_type, kernel

STRAIGHT, EXPONENTIAL, STEP, CUSTOM = range(4)
"""Codes of the shapes of value over the used share of the shelf life."""

LAW_SIGNATURE = ("float64", "float64", "float64", "float64")
"""Numba types of a law's arguments: age, weighted age, shelf life, decay rate."""

LawFunction = Callable[[float, float, float, float], float]


@dataclass(frozen=True)
class Law:
    """A decay law: normalised value by age, weighted age, shelf life and decay rate.

    Attributes
    ----------
    name : str
    shape : int
        One of `STRAIGHT`, `EXPONENTIAL`, `STEP`, `CUSTOM`.
    age_pace : float
        Spoilage per second of age.
    weighted_pace : float
        Spoilage per second of weighted age, times the decay rate if `by_rate`.
    by_rate : bool
    function : callable or None
        (age, weighted age, shelf life, decay rate) -> value; of a `CUSTOM` law only.

    Examples
    --------
    >>> import kitchen as kt
    >>> weighted = kt.decay.LAWS["weighted"]
    >>> weighted.value(age_s=6.0, weighted_age_s=10.0, shelf_life_s=20.0, decay_rate=0.63).item()
    0.685
    """

    name: str
    shape: int
    age_pace: float = 0.0
    weighted_pace: float = 0.0
    by_rate: bool = False
    formula: str = ""
    function: LawFunction | None = None

    def paces(self, decay_rate: np.ndarray) -> np.ndarray:
        """Spoilage per second of weighted age, shape (orders,)."""
        rate = np.asarray(decay_rate, float)
        return self.weighted_pace * (rate if self.by_rate else np.ones_like(rate))

    def limits(self, shelf_life_s: np.ndarray, waste_below: float) -> np.ndarray:
        """Spoilage at which an order is waste, seconds, shape (orders,); inf where it never is.

        Solves ``value(x) = waste_below`` for the named laws; not for a `CUSTOM` law.
        """
        life = np.asarray(shelf_life_s, float)
        if self.shape == EXPONENTIAL:
            share = -math.log(waste_below) if waste_below > 0 else math.inf
        elif self.shape == STRAIGHT:
            share = 1.0 - waste_below
        else:
            share = 1.0
        return share * life

    def value(self, age_s, weighted_age_s, shelf_life_s, decay_rate) -> np.ndarray:
        """Normalised value in [0, 1], element by element.

        Parameters
        ----------
        age_s, weighted_age_s, shelf_life_s, decay_rate : array_like, broadcastable
            Seconds, seconds, seconds, and the decay rate of the order.

        Returns
        -------
        array
            Of the broadcast shape.
        """
        age, weighted, life, rate = np.broadcast_arrays(
            *(np.asarray(a, float) for a in (age_s, weighted_age_s, shelf_life_s, decay_rate))
        )
        if self.shape == CUSTOM:
            return np.clip(_each(self, age, weighted, life, rate), 0.0, 1.0)
        with np.errstate(all="ignore"):
            used = (self.age_pace * age + self.paces(rate) * weighted) / life
        if self.shape == EXPONENTIAL:
            return np.exp(-used)
        if self.shape == STEP:
            return np.where(used < 1.0, 1.0, 0.0)
        return np.maximum(1.0 - used, 0.0)


LAWS = {
    law.name: law
    for law in (
        Law("linear", STRAIGHT, 1.0, 1.0, True, "1 - (age + d w) / L"),
        Law("weighted", STRAIGHT, 0.0, 1.0, True, "1 - d w / L"),
        Law("freshness", STRAIGHT, 0.0, 1.0, False, "1 - w / L"),
        Law("exponential", EXPONENTIAL, 1.0, 1.0, True, "exp(-(age + d w) / L)"),
        Law("cliff", STEP, 1.0, 1.0, True, "1 while age + d w < L, then 0"),
    )
}
"""The named decay laws: w is the weighted age, d the decay rate, L the shelf life."""


def as_law(decay: str | LawFunction) -> Law:
    """The `Law` of a name or of a user's function.

    Raises
    ------
    ScenarioError
        If the name is unknown or the function does not take four numbers.
    """
    if isinstance(decay, str):
        if decay not in LAWS:
            raise ScenarioError(unknown("decay law", decay, LAWS))
        return LAWS[decay]
    if not callable(decay):
        raise ScenarioError(f"decay: must be a law's name or a function, got {decay!r}.")
    try:
        inspect.signature(decay).bind(0.0, 0.0, 1.0, 0.5)
    except TypeError:
        raise ScenarioError(
            f"decay law {law_name(decay)!r} must take four numbers: "
            "age, weighted age, shelf life and decay rate."
        ) from None
    return Law(law_name(decay), CUSTOM, function=decay)


def law_name(decay: str | LawFunction) -> str:
    """Name of a decay law."""
    return decay if isinstance(decay, str) else getattr(decay, "__name__", "a function")


# Laws that users write

MOST_KINDS = 200
"""Largest number of kinds of order on which a law is tried; of more, an even choice by shelf life."""

_passed: set = set()
"""Laws that passed `check_law`, with the kinds of order on which they were tried."""


def check_law(law: Law, shelf_life_s, decay_rate, waste_below: float) -> None:
    """Refuse a user's law on which the engine cannot rely.

    A law must return a number, start above the threshold, and never rise in age or weighted age. It
    is tried once on the kinds of order of the menu, at ages up to ten shelf lives.

    Raises
    ------
    ScenarioError
        With the law's name and the first point at which it fails.
    """
    if law.shape != CUSTOM:
        return
    kinds = np.unique(np.column_stack([shelf_life_s, decay_rate]), axis=0)
    kinds = (
        kinds[np.unique(np.linspace(0, len(kinds) - 1, MOST_KINDS).astype(int))]
        if (len(kinds) > MOST_KINDS)
        else kinds
    )
    probe = (compiled_law(law.function), kinds.tobytes(), waste_below)
    if not len(kinds) or probe in _passed:
        return
    share = np.concatenate([np.linspace(0, 2, 41), np.geomspace(2.1, 10, 9)])
    life, rate = kinds[:, 0, None, None], kinds[:, 1, None, None]
    age, weighted = life * share[:, None], life * share[None, :]
    age, weighted, life, rate = np.broadcast_arrays(age, weighted, life, rate)
    raw = _each(law, age, weighted, life, rate)

    def complain(mask, what):
        where = tuple(np.argwhere(mask)[0])
        raise ScenarioError(
            f"decay law {law.name!r} {what}: age {age[where]:.6g} s, weighted age "
            f"{weighted[where]:.6g} s, shelf life {life[where]:.6g} s, decay rate "
            f"{rate[where]:.6g} gives {raw[where]:.6g}."
        )

    if np.isnan(raw).any():
        complain(np.isnan(raw), "is not a number at")
    if (raw[:, 0, 0] <= waste_below).any():
        fresh = np.zeros(raw.shape, bool)
        fresh[:, 0, 0] = raw[:, 0, 0] <= waste_below
        complain(fresh, f"must start above waste_below ({waste_below:g})")
    tolerance = 1e-12
    for axis in (1, 2):
        rises = np.diff(raw, axis=axis, append=np.take(raw, [-1], axis)) > tolerance
        if rises.any():
            complain(rises, "rises; value may only fall. After")
    _passed.add(probe)


def compiled_law(function: LawFunction | None):
    """A law as a first-class compiled function; for a named law, a stand-in that is never called.

    Raises
    ------
    RuleError
        If Numba cannot compile it, with the line and the reason.
    """
    return first_class(function, LAW_SIGNATURE, 4, "decay law") if function else _no_call.compile()


@kernel(lambda: LAW_SIGNATURE, first_class=True)
def _no_call(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return 1.0


def _each(law: Law, age, weighted, life, rate) -> np.ndarray:
    """Values of a user's law over arrays of one shape, not clipped."""
    flat = [np.array(a, dtype=float).ravel() for a in (age, weighted, life, rate)]
    out = np.empty(flat[0].size)
    try:
        _law_loop(compiled_law(law.function), *flat, out)
    except Exception as error:
        raise ScenarioError(
            f"decay law {law.name!r} raised {type(error).__name__}: {error}"
        ) from error
    return out.reshape(np.shape(age))


@kernel(lambda: (function_type(LAW_SIGNATURE), *5 * ("float64[::1]",)))
def _law_loop(law, age_s, weighted_age_s, shelf_life_s, decay_rate, out):
    for i in range(out.size):
        out[i] = law(age_s[i], weighted_age_s[i], shelf_life_s[i], decay_rate[i])
