"""What the decay law says of an order, and its tie-breaker: compiled into the kernel."""

from __future__ import annotations

import math

import numpy as np

from kitchen.engine.parts import apart, inline
from kitchen.engine.records import LAW
from kitchen.model.decay import CUSTOM, EXPONENTIAL, LAW_SIGNATURE, STRAIGHT
from kitchen.utils.jit import function_at

_law_at = function_at(lambda: LAW_SIGNATURE)


@inline
def value_of(kitchen, kind, age, weighted):
    """Normalised value of an order, in [0, 1]."""
    settings = kitchen.world.settings[0]
    used = (settings.age_pace * age + kind.pace * weighted) / kind.shelf_life_s
    if settings.shape == STRAIGHT:
        return max(1.0 - used, 0.0)
    return _curved(kitchen, kind, age, weighted, used)


@apart
def _curved(kitchen, kind, age, weighted, used):
    """The value under a law that is not linear in the share of the shelf life used."""
    shape = kitchen.world.settings[0].shape
    if shape == EXPONENTIAL:
        return math.exp(-used)
    if shape == CUSTOM:
        law = _law_at(kitchen.calls[LAW])
        return min(max(law(age, weighted, kind.shelf_life_s, kind.decay_rate), 0.0), 1.0)
    return 1.0 if used < 1.0 else 0.0


@inline
def lasts_for(kitchen, kind, age, weighted, modifier):
    """Seconds until an order expires on a shelf with this modifier; 0 if it has, inf if never."""
    settings = kitchen.world.settings[0]
    if settings.shape == CUSTOM:
        return _search(kitchen, kind, age, weighted, modifier)
    left = kind.limit - (settings.age_pace * age + kind.pace * weighted)
    if left <= 0.0:
        return 0.0
    speed = settings.age_pace + kind.pace * modifier
    return left / speed if speed > 0.0 else math.inf


@apart
def _search(kitchen, kind, age, weighted, modifier):
    """Seconds until a user's law reaches the threshold, by bisection to the last bit."""
    law, waste_below = _law_at(kitchen.calls[LAW]), kitchen.world.settings[0].waste_below
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
