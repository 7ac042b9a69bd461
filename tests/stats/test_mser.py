"""Where a series settles: MSER-5 on processes whose transient is known, and by its own definition."""

import math

import numpy as np
import pytest
from scipy.stats import t

from kitchen.stats.mser import BATCH, FEWEST, LAST, mser5, replications_for, welch

SERIES = 300


def autoregressive(coefficient, off, length, seed, series=SERIES):
    """AR(1) series that start `off` standard deviations from their mean 0; (series, length)."""
    random = np.random.default_rng(seed)
    spread = 1 / math.sqrt(1 - coefficient**2)
    now, result = np.full(series, off * spread), np.empty((length, series))
    for nth in range(length):
        result[nth] = now
        now = coefficient * now + random.standard_normal(series)
    return result.T


def delays_of_a_queue(load, length, seed, first=0.0, series=SERIES):
    """Delays in M/M/1 queues (Lindley's recursion); `first` is the first customer's. Service takes 1."""
    random = np.random.default_rng(seed)
    now, result = np.full(series, first), np.empty((length, series))
    for nth in range(length):
        result[nth] = now
        steps = random.exponential(1.0, series) - random.exponential(1 / load, series)
        now = np.maximum(0.0, now + steps)
    return result.T


def cuts(series):
    return np.array([mser5(one).observations for one in series])


def test_the_cut_is_the_least_marginal_standard_error_of_all():
    random = np.random.default_rng(1)
    for length in (FEWEST, 63, 250):
        values = np.cumsum(random.standard_normal(length)) * 0.1 + random.standard_normal(length)
        batches = [values[at : at + BATCH].mean() for at in range(0, length - BATCH + 1, BATCH)]
        errors = [
            np.var(batches[d:]) / (len(batches) - d)  # sum of squares over the squared number
            for d in range(len(batches) - LAST)
        ]
        found = mser5(values)
        np.testing.assert_allclose(found.statistic, errors, rtol=1e-9)
        assert found.observations == BATCH * int(np.argmin(errors))
        assert found.settled == (found.observations <= BATCH * len(batches) / 2)


@pytest.mark.parametrize("coefficient", [0.9, 0.99])
@pytest.mark.parametrize("off", [10, 30, 100])
def test_an_autoregressive_process_is_cut_where_it_is_about_one_standard_deviation_off(
    coefficient, off
):
    # The expected sum of squares, derived: a^2 phi^2d (-2 ln phi) / (1 - phi^2) = 1 at its minimum.
    rate = -2 * math.log(coefficient)
    expected = math.log(off**2 * rate / (1 - coefficient**2)) / rate
    found = np.median(cuts(autoregressive(coefficient, off, 5000, seed=2)))
    assert abs(found - expected) <= 2 * BATCH + 0.05 * expected


def test_of_an_autoregressive_process_that_starts_on_its_mean_mostly_nothing_is_cut():
    found = cuts(autoregressive(0.9, 0, 5000, seed=3))
    assert np.median(found) == 0
    assert np.mean(found <= 500) > 0.9


def test_the_mean_of_what_is_left_lacks_most_of_the_bias_of_a_far_start():
    series = autoregressive(0.99, 30, 5000, seed=4)
    left = np.array([one[cut:].mean() for one, cut in zip(series, cuts(series), strict=True)])
    assert abs(left.mean()) < 0.1 * series.mean()


@pytest.mark.parametrize(("load", "first"), [(0.9, 500.0), (0.8, 500.0)])
def test_a_queue_that_starts_full_is_cut_when_it_has_drained(load, first):
    # Wang and Glynn, "On the marginal standard error rule and the testing of initial transient deletion
    # methods" (ACM TOMACS 27, 2016): of a strong transient of a queue MSER deletes what the fluid limit
    # says, here the time in which work of `first` drains at 1 / load - 1 a customer.
    fluid = first / (1 / load - 1)
    found = np.median(cuts(delays_of_a_queue(load, 20_000, seed=5, first=first, series=100)))
    assert fluid <= found < 1.15 * fluid


def test_of_single_queues_that_start_empty_mostly_nothing_is_cut_and_the_mean_is_too_low():
    # Law, Simulation Modeling and Analysis (5th ed., 2015), against MSER; White and Hwang, "Delay times
    # in an M/M/1 queue" (Winter Simulation Conference 2015), answer with averages of replications.
    series = delays_of_a_queue(0.8, 4000, seed=6)
    found = cuts(series)
    assert np.median(found) == 0
    left = np.array([one[cut:].mean() for one, cut in zip(series, found, strict=True)])
    error = left.std() / math.sqrt(SERIES)
    assert left.mean() < 4.0 - 3 * error


def test_averages_of_queues_that_start_empty_are_cut_and_the_bias_is_gone():
    series = delays_of_a_queue(0.9, 10_000, seed=7)
    groups = series.reshape(15, 20, -1).mean(axis=1)
    found = [mser5(one) for one in groups]
    assert np.mean([cut.observations > 0 for cut in found]) > 0.9
    assert np.mean([cut.settled for cut in found]) > 0.9
    left = np.array(
        [one[cut.observations :].mean() for one, cut in zip(groups, found, strict=True)]
    )
    error = left.std(ddof=1) / math.sqrt(len(groups))
    assert abs(left.mean() - 0.9 / 0.1) < 3 * error


def test_a_series_that_is_still_rising_is_not_settled():
    assert not mser5(np.linspace(0, 1, 500)).settled


@pytest.mark.parametrize("level", [0.0, 1.0, 1e9 + 1 / 3])
def test_a_series_that_never_changes_is_not_cut(level):
    assert mser5(np.full(100, level)).observations == 0


def test_a_jump_between_two_levels_is_cut_exactly_there():
    assert mser5(np.r_[np.full(35, 0.1), np.full(200, 0.3)]).observations == 35


def test_welchs_average_is_that_of_the_neighbours():
    values = np.random.default_rng(8).standard_normal(40)
    found = welch(values, 4)
    assert found[0] == values[0]
    assert found[2] == pytest.approx(values[:5].mean())
    assert found[20] == pytest.approx(values[16:25].mean())
    assert np.isnan(found[-4:]).all() and not np.isnan(found[:-4]).any()


@pytest.mark.parametrize("deviation", [0.01, 0.4, 2.0, 30.0])
def test_one_replication_fewer_would_not_reach_the_precision(deviation):
    number = int(replications_for(10.0, deviation, 0.05, 10**7))

    def half_width(n):
        return t.ppf(0.975, n - 1) * deviation / math.sqrt(n)

    assert half_width(number) <= 0.5
    assert number == 2 or half_width(number - 1) > 0.5


def test_the_replications_for_a_mean_of_nothing_are_unknown_and_too_many_are_infinite():
    assert math.isnan(replications_for(0.0, 1.0, 0.05, 100))
    assert math.isnan(replications_for(1.0, math.nan, 0.05, 100))
    assert replications_for(1.0, 100.0, 0.05, 100) == math.inf
