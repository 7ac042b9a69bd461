"""What the decay law says of an order, and its tie-breaker: compiled into the kernel."""

from __future__ import annotations

import math

import numba
import numpy as np

from kitchen.model.decay import CUSTOM, EXPONENTIAL, STRAIGHT

# Without the wrappers, which nobody calls, all compiles in three fifths of the time. What is not said of
# `forceinline` a function would take over from its caller.
_OPTIONS = {"error_model": "numpy", "nogil": True, "_nrt": False}
_OPTIONS |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
apart = numba.njit(forceinline=False, **_OPTIONS)
inline = numba.njit(forceinline=True, **_OPTIONS)


@inline
def value_of(settings, law, kind, age, weighted):
    """Normalised value of an order, in [0, 1]."""
    used = (settings.age_pace * age + kind.pace * weighted) / kind.shelf_life_s
    if settings.shape == STRAIGHT:
        return max(1.0 - used, 0.0)
    return _curved(settings.shape, law, kind, age, weighted, used)


@apart
def _curved(shape, law, kind, age, weighted, used):
    """The value under a law that is not linear in the share of the shelf life used."""
    if shape == EXPONENTIAL:
        return math.exp(-used)
    if shape == CUSTOM:
        return min(max(law(age, weighted, kind.shelf_life_s, kind.decay_rate), 0.0), 1.0)
    return 1.0 if used < 1.0 else 0.0


@inline
def lasts_for(settings, law, kind, age, weighted, modifier):
    """Seconds until an order expires on a shelf with this modifier; 0 if it has, inf if never."""
    if settings.shape == CUSTOM:
        return _search(settings.waste_below, law, kind, age, weighted, modifier)
    left = kind.limit - (settings.age_pace * age + kind.pace * weighted)
    if left <= 0.0:
        return 0.0
    speed = settings.age_pace + kind.pace * modifier
    return left / speed if speed > 0.0 else math.inf


@apart
def _search(waste_below, law, kind, age, weighted, modifier):
    """Seconds until a user's law reaches the threshold, by bisection to the last bit."""
    life, rate = kind.shelf_life_s, kind.decay_rate
    if law(age, weighted, life, rate) <= waste_below:
        return 0.0
    low, high = 0.0, life
    while law(age + high, weighted + modifier * high, life, rate) > waste_below:
        low, high = high, 2.0 * high
        if high > 1e9 * life:
            return math.inf
    while True:
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high:
            return high
        if law(age + middle, weighted + modifier * middle, life, rate) > waste_below:
            low = middle
        else:
            high = middle


@inline
def _mixed(z):
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@inline
def tie_breaker(u, trigger_u):
    """A uniform number of one order at one decision: a hash of two drawn numbers."""
    mine = np.uint64(u * 2.0**53) + np.uint64(0x9E3779B97F4A7C15)
    word = _mixed(_mixed(mine) ^ np.uint64(trigger_u * 2.0**53))
    return np.float64(word >> np.uint64(11)) * 2.0**-53
