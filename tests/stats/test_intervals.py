"""Intervals of means: Student's t and Hall's, families, and the cut of shares."""

import inspect

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import kitchen as kt
from kitchen.stats.intervals import interval, widened
from kitchen.stats.skewness import skewnesses
from kitchen.sweeps import designs
from kitchen.sweeps.sensitivity import shares_of_variance


def test_an_end_is_the_farther_of_students_and_of_halls_formula_in_the_paper():
    values = np.random.default_rng(1).exponential(1.0, (25, 4))
    mean, deviation = values.mean(axis=0), values.std(axis=0, ddof=1)
    a = stats.skew(values) / 5
    np.testing.assert_allclose(skewnesses(values), 5 * a, rtol=1e-12)
    for family in (1, 6):
        t = stats.t.ppf(1 - 0.025 / family, 24)
        hall = [mean - 3 / a * (np.cbrt(1 + a * (y - a / 6)) - 1) * deviation / 5 for y in (t, -t)]
        low, high = interval(mean, deviation, 5 * a, 25, family)
        np.testing.assert_allclose(low, np.minimum(mean - t * deviation / 5, hall[0]), rtol=1e-12)
        np.testing.assert_allclose(high, np.maximum(mean + t * deviation / 5, hall[1]), rtol=1e-12)
        assert (high == pytest.approx(hall[1], rel=1e-12)) and (low < hall[0]).all()


def test_without_skewness_an_interval_is_students_and_widening_it_is_bonferronis():
    own = interval(0.2, 1.0, 0.0, 25)
    assert own == pytest.approx(stats.t.interval(0.95, 24, 0.2, 0.2), rel=1e-12)
    ends = widened(0.2, *own, 25, 7)
    assert ends == pytest.approx(interval(0.2, 1.0, 0.0, 25, 7), rel=1e-12)


def test_a_skewed_mean_is_covered_where_students_t_does_not():
    """Lognormal values, 20 at a time: 4,000 samples, a standard error of 0.004."""
    values = np.random.default_rng(2).lognormal(0.0, 1.0, (20, 4_000))
    covered = []
    for skewness in (skewnesses(values), np.zeros(4_000)):
        low, high = interval(values.mean(axis=0), values.std(axis=0, ddof=1), skewness, 20)
        covered.append(np.mean((low <= np.exp(0.5)) & (np.exp(0.5) <= high)))
    assert covered[0] > covered[1] + 0.02


def test_twelve_equal_strategies_with_long_tails_are_rarely_called_different():
    """Values of a t distribution with 4 degrees, 15 of each: 400 families, a standard error of 0.007.

    Over 2,000 such families two are called different in 0.018; with Hall's alone in 0.085.
    """
    rng = np.random.default_rng(6)
    names, replications = np.repeat(np.arange(12), 15).astype(str), np.tile(np.arange(15), 12)
    frame = pd.DataFrame({"strategy": names, "replication": replications})
    wrong = [
        kt.metrics.all_pairs(frame.assign(moves=rng.standard_t(4, 180)), ["moves"])["significant"]
        for _ in range(400)
    ]
    assert np.mean([family.any() for family in wrong]) <= 0.05


def test_the_skewness_of_a_constant_sample_is_zero():
    values = np.column_stack([np.full(9, 0.1), np.full(9, 1e9), np.zeros(9), np.full(9, np.nan)])
    assert skewnesses(values).tolist() == [0, 0, 0, 0]


def test_no_interval_of_a_sobol_index_leaves_zero_to_one():
    """A function of nearly one parameter: without the cut its interval reaches above 1."""
    design = designs.saltelli(
        {"arrivals.rate": (0.0, 1.0), "couriers.delay.low": (0.0, 1.0)}, 16, 3
    )
    x = np.array([design.values(nth) for nth in range(len(design))], float)
    outputs = (x[:, 0] ** 3 + 0.01 * x[:, 1]).reshape(-1, design.n)
    shares = shares_of_variance(outputs, 0.95, 1)
    ends = np.concatenate([figure[1:].ravel() for figure in shares])
    assert ((ends >= 0) & (ends <= 1)).all()
    assert (ends == 1).any() and (ends == 0).any()


def test_there_is_one_default_seed():
    public = [getattr(kt, name) for name in kt.__all__]
    functions = [function for function in public if inspect.isfunction(function)]
    functions += [designs.latin_hypercube, designs.sobol, designs.saltelli]
    seeds = {}
    for function in functions:
        seed = inspect.signature(function).parameters.get("seed")
        if seed is not None and seed.default not in (inspect.Parameter.empty, None):
            seeds[function.__name__] = seed.default
    assert len(seeds) > 6 and set(seeds.values()) == {1}, seeds
