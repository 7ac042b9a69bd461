"""Draws, their distributions, and replays."""

import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

import kitchen as kt
from kitchen.errors import SeedError, TraceError
from kitchen.model.distributions import (
    Constant,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Uniform,
    residual_of_sample,
)
from kitchen.model.rules import Rule

FIELDS = ["first", "item", "received_s", "ready_s", "pickup_s", "u", "z", "replications"]
GAPS, ITEMS, DELAYS, PREPS, TIES, ESTIMATES, BUSY, SLOW = range(8)
"""Numbers of the purposes. They are a part of every draw and must never change."""


def same_draws(a, b, fields=FIELDS):
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in fields)


def first_orders(trace, count):
    """A frame of the first orders of every replication."""
    frame = trace.frame()
    return frame[frame["order"] < count].reset_index(drop=True)


@pytest.fixture
def prepared(rush):
    """Rush with preparation, so that all purposes draw."""
    return rush.replace({"orders.prep": {"distribution": "gamma", "mean": 3.0, "shape": 2.0}})


# --- random numbers ------------------------------------------------------------------------------


def numpys(seed, purpose, replication, count):
    """The same numbers from NumPy's own Philox, set to the block before the first."""
    key = np.random.SeedSequence(seed, spawn_key=(purpose,)).generate_state(2, np.uint64)
    counter = ((replication << 64) - 1) % 2**256  # it counts up before it gives
    philox = np.random.Philox(key=int(key[0]) + (int(key[1]) << 64), counter=counter)
    return np.random.Generator(philox).random(count)


@pytest.mark.parametrize("seed", [0, 1, 12345, 2**31, 2**64, 2**70 + 1])
@pytest.mark.parametrize("replication", [0, 1, 6, 2**40])
def test_draws_are_those_of_numpys_philox_bit_for_bit(prepared, seed, replication):
    trace = kt.draw(prepared, replications=1, seed=seed, first=replication)
    u = {purpose: numpys(seed, purpose, replication, 132) for purpose in range(6)}
    assert np.array_equal(trace.u, u[TIES])
    assert trace.z == pytest.approx(stats.norm.ppf(u[ESTIMATES]), rel=1e-12)
    assert np.array_equal(trace.item, np.floor(u[ITEMS] * len(trace.menu)))
    ready = trace.received_s + prepared.orders.prep.quantile(u[PREPS])
    assert np.array_equal(trace.ready_s, ready)
    assert np.array_equal(trace.pickup_s, (2.0 + 4.0 * u[DELAYS]) + trace.received_s)
    gaps = [-math.log1p(-x) / 10.0 for x in u[GAPS]]
    assert np.cumsum(gaps) == pytest.approx(trace.received_s, rel=1e-13)


@pytest.mark.parametrize(
    "seed", [-1, 1.5, 2.0, True, "7", None, math.nan, np.float64(3), np.True_, [1]]
)
def test_a_seed_that_is_no_whole_number_of_at_least_0_is_refused(rush, seed):
    for call in (kt.draw, kt.simulate):
        with pytest.raises(SeedError, match=r"^seed: must be a whole number of at least 0, got "):
            call(rush, seed=seed)


def test_seeds_may_be_of_any_size_and_all_differ(rush):
    seeds = [0, 1, 7, 2**32, 2**64, 2**70, 2**70 + 1, 10**100]
    traces = [kt.draw(rush, seed=seed) for seed in seeds]
    assert len({trace.received_s[0] for trace in traces}) == len(seeds)
    assert same_draws(kt.draw(rush, seed=np.int64(7)), traces[2])


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "3", None])
def test_a_number_of_replications_that_makes_no_sense_is_refused(rush, count):
    line = r"^replications: must be a whole number of at least 1( and at most \d+)?, got .*\.$"
    with pytest.raises(TraceError, match=line):
        kt.draw(rush, replications=count)
    with pytest.raises(TraceError, match=line):
        kt.simulate(rush, replications=count)


@pytest.mark.parametrize("first", [-1, 1.5, True, "3", None])
def test_a_first_replication_that_makes_no_sense_is_refused(rush, first):
    with pytest.raises(TraceError, match=r"^first: must be a whole number of at least 0.*, got "):
        kt.draw(rush, first=first)


def test_a_replication_beyond_all_counters_is_refused(rush):
    with pytest.raises(TraceError, match="^first: "):
        kt.draw(rush, first=2**70)


# --- what depends on what ------------------------------------------------------------------------


def test_one_order_more_changes_nothing_else(prepared):
    few, more = (
        kt.draw(prepared.replace({"orders.count": count}), replications=20, seed=3)
        for count in (50, 51)
    )
    assert len(few) == 20 * 50
    pd.testing.assert_frame_equal(few.frame(), first_orders(more, 50), check_exact=True)


def test_one_replication_more_changes_nothing_else(prepared):
    few, more = (kt.draw(prepared, replications=count, seed=3) for count in (9, 10))
    rest = more.frame().query("replication < 9")
    pd.testing.assert_frame_equal(few.frame(), rest, check_exact=True)


@settings(max_examples=30)
@given(begin=st.integers(0, 50), count=st.integers(1, 10), orders=st.integers(1, 30))
def test_any_stretch_of_replications_is_what_it_is_among_all(prepared, begin, count, orders):
    scenario = prepared.replace({"orders.count": orders})
    among = kt.draw(scenario, replications=60, seed=11).frame()
    among = among[among["replication"].between(begin, begin + count - 1)].reset_index(drop=True)
    alone = kt.draw(scenario, replications=count, seed=11, first=begin).frame()
    pd.testing.assert_frame_equal(among, alone, check_exact=True)


def test_purposes_do_not_disturb_each_other(rush, prepared):
    plain, with_prep = kt.draw(rush, seed=5), kt.draw(prepared, seed=5)
    assert same_draws(plain, with_prep, ["item", "received_s", "pickup_s", "u", "z"])
    later = kt.draw(rush.replace({"couriers.delay.high": 9.0}), seed=5)
    assert same_draws(plain, later, ["item", "received_s", "u", "z"])
    assert (later.pickup_s >= plain.pickup_s).all()
    faster = kt.draw(rush.replace({"arrivals.rate": 20.0}), seed=5)
    assert np.array_equal(faster.received_s * 2.0, plain.received_s)
    assert same_draws(plain, faster, ["item", "u", "z"])


# --- replications that differ --------------------------------------------------------------------


def lasting(scenario, duration_s=60.0, **changes):
    """The scenario with a duration instead of a count, so that the number of orders is random."""
    keys = {f"{k.replace('__', '.')}": v for k, v in changes.items()}
    return scenario.replace({"orders.count": None, "orders.duration_s": duration_s, **keys})


def test_spreads_of_0_leave_every_draw_as_it_was(prepared):
    zeros = {"orders.busy": 0.0, "couriers.slow": 0.0, "couriers.delay_from": "received"}
    for scenario in (prepared, lasting(prepared)):
        plain, same = kt.draw(scenario, 20, 3), kt.draw(scenario.replace(zeros), 20, 3)
        assert same_draws(plain, same)


def test_busy_and_slow_replications_have_streams_of_their_own(prepared):
    plain = kt.draw(prepared, replications=20, seed=3)
    busy = kt.draw(prepared.replace({"orders.busy": 0.3}), replications=20, seed=3)
    slow = kt.draw(prepared.replace({"couriers.slow": 0.3}), replications=20, seed=3)
    both = kt.draw(prepared.replace({"orders.busy": 0.3, "couriers.slow": 0.3}), 20, 3)
    assert same_draws(plain, busy, ["item", "u", "z", "first"])
    assert busy.pickup_s - busy.received_s == pytest.approx(plain.pickup_s - plain.received_s)
    assert same_draws(plain, slow, ["item", "received_s", "ready_s", "u", "z"])
    assert same_draws(both, busy, ["received_s", "ready_s"])
    assert both.pickup_s - both.received_s == pytest.approx(slow.pickup_s - slow.received_s)


def test_a_busy_replication_is_the_same_alone_and_among_many(rush):
    scenario = lasting(rush, orders__busy=0.4, couriers__slow=0.2)
    among = kt.draw(scenario, replications=30, seed=2).frame().query("replication == 7")
    alone = kt.draw(scenario, seed=2, first=7).frame()
    pd.testing.assert_frame_equal(among.reset_index(drop=True), alone, check_exact=True)


def test_the_factors_are_those_quantiles_of_their_own_streams(rush):
    plain = kt.draw(rush, seed=9, first=4)
    odd = kt.draw(rush.replace({"orders.busy": 0.5, "couriers.slow": 0.25}), seed=9, first=4)
    rate = stats.gamma.ppf(numpys(9, BUSY, 4, 1), 4.0) / 4.0
    delay = np.exp(0.25 * stats.norm.ppf(numpys(9, SLOW, 4, 1)))
    assert odd.received_s == pytest.approx(plain.received_s / rate, rel=1e-12)
    mine, usual = odd.pickup_s - odd.received_s, plain.pickup_s - plain.received_s
    assert mine == pytest.approx(delay * usual, rel=1e-9)


@pytest.mark.parametrize("busy", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("name", ["rush", "friday"])
def test_busy_counts_have_mean_and_variance_of_a_mixed_poisson_process(name, busy):
    scenario, n = kt.Scenario.load(name), 4000
    if name == "rush":
        scenario = lasting(scenario, 20.0)
    scenario = scenario.replace({"orders.busy": busy, "arrivals": thinner(scenario.arrivals)})
    mean = scenario.arrivals.expected(scenario.orders.duration_s)
    counts = np.diff(kt.draw(scenario, replications=n, seed=5).first)
    known = stats.nbinom(busy**-2, 1 / (1 + busy**2 * mean))
    variance, kurtosis = mean + (busy * mean) ** 2, float(known.stats("k"))
    assert known.var() == pytest.approx(variance)
    assert counts.mean() == pytest.approx(
        mean, abs=4 * math.sqrt(variance / n)
    )  # 4 standard errors
    error = variance * math.sqrt((kurtosis + 2) / n)
    assert counts.var(ddof=1) == pytest.approx(variance, abs=4 * error)


def thinner(arrivals):
    """The arrivals at a tenth of their rate."""
    keys = arrivals.model_dump()
    if "rate" in keys:
        return {**keys, "rate": keys["rate"] / 10}
    return {**keys, "rates": [rate / 10 for rate in keys["rates"]]}


def test_slow_replications_have_the_mean_delay_of_the_formula(rush):
    slow, n = 0.3, 3000
    trace = kt.draw(rush.replace({"couriers.slow": slow, "orders.count": 20}), n, seed=6)
    means = (trace.pickup_s - trace.received_s).reshape(n, 20).mean(axis=1)
    expected = rush.couriers.delay.expected_s() * math.exp(slow**2 / 2)
    error = means.std(ddof=1) / math.sqrt(n)
    assert means.mean() == pytest.approx(expected, abs=4 * error)
    medians = np.log(means / rush.couriers.delay.expected_s())  # as many slower as faster
    assert abs(np.mean(medians > 0) - 0.5) < 4 * 0.5 / math.sqrt(n) + 0.02


def test_rules_are_told_the_residual_delay_of_a_usual_replication(rush):
    usual, slow = kt.draw(rush).residual, kt.draw(rush.replace({"couriers.slow": 0.3})).residual
    assert np.array_equal(usual.left_s, slow.left_s)


FACTORS = (1.0, 1.5, 0.5)


@pytest.mark.parametrize("start", ["received", "ready"])
def test_delays_by_half_hour_are_the_usual_ones_times_their_factor(prepared, start):
    changes = {"couriers.delay_from": start, "orders.count": None, "orders.duration_s": 9000.0}
    usual = prepared.replace({**changes, "arrivals.rate": 0.05})
    plain = kt.draw(usual, 5, seed=2)
    factored = kt.draw(usual.replace({"couriers.by_half_hour": list(FACTORS)}), 5, seed=2)
    called = plain.called_s
    factor = np.select([called < 1800, called < 3600], FACTORS[:2], FACTORS[2])
    assert len(set(factor)) == 3
    expected = called + factor * (plain.pickup_s - called)
    np.testing.assert_allclose(factored.pickup_s, expected, rtol=1e-12)
    for column in ("item", "received_s", "ready_s", "u", "z"):
        assert (getattr(factored, column) == getattr(plain, column)).all()
    for key in ("elapsed_s", "left_s"):  # rules are not told
        assert (getattr(factored.residual, key) == getattr(plain.residual, key)).all()


def test_the_mean_delay_of_a_half_hour_is_that_of_the_distribution_times_its_factor(rush):
    changes = {"orders.count": None, "orders.duration_s": 7200.0, "arrivals.rate": 0.1}
    changes |= {"couriers.delay": {"distribution": "gamma", "mean": 900.0, "shape": 2.0}}
    trace = kt.draw(rush.replace({**changes, "couriers.by_half_hour": list(FACTORS)}), 100, seed=3)
    delay, half_hour = trace.pickup_s - trace.received_s, trace.received_s // 1800
    for nth, factor in enumerate((*FACTORS, FACTORS[-1])):
        own = delay[half_hour == nth]
        error = factor * 900.0 / np.sqrt(2.0 * own.size)
        assert own.mean() == pytest.approx(factor * 900.0, abs=4 * error)


@pytest.mark.parametrize("bad", [[0.0], [-1.0], [float("inf")], ["x"], 1.3, [1.0] * 337])
def test_factors_by_half_hour_that_make_no_sense_are_refused(rush, bad):
    with pytest.raises(kt.KitchenError, match="couriers.by_half_hour"):
        rush.replace({"couriers.by_half_hour": bad})


def test_delays_from_readiness_count_from_there(prepared):
    received = kt.draw(prepared, 5, seed=4)
    ready = kt.draw(prepared.replace({"couriers.delay_from": "ready"}), 5, seed=4)
    assert same_draws(received, ready, ["item", "received_s", "ready_s", "u", "z"])
    assert ready.pickup_s - ready.ready_s == pytest.approx(received.pickup_s - received.received_s)


@pytest.mark.parametrize(("start", "elapsed_s"), [("received", 30.0 + 10.0), ("ready", 10.0)])
def test_a_rule_counts_the_elapsed_time_from_where_the_delay_counts(one_slot, start, elapsed_s):
    """10 s after it was ready, 30 s of preparation after it was received."""
    drawn = Uniform(low=0.0, high=100.0).residual()
    told = pickup_in_s(one_slot, 10.0, prep_s=30.0, delay_from=start, residual=drawn)
    assert told == pytest.approx((100.0 - elapsed_s) / 2, rel=1e-9)


@pytest.mark.parametrize("bad", [-0.1, 1.1, math.nan, math.inf, "much", True, None])
def test_a_spread_that_makes_no_sense_is_refused(rush, bad):
    for path in ("orders.busy", "couriers.slow"):
        with pytest.raises(kt.KitchenError, match=f"^rush: {path}: must be a "):
            rush.replace({path: bad})


def test_regular_arrivals_are_never_busy():
    with pytest.raises(kt.KitchenError, match=r"^heater: orders.busy: .* 'poisson' or 'piecewise'"):
        kt.Scenario.load("heater").replace({"orders.busy": 0.1})


# --- what is known -------------------------------------------------------------------------------


@pytest.mark.parametrize("eta", ["exact", 0.0, 5.0])
def test_what_is_known_of_couriers_changes_no_order(prepared, eta):
    """An estimate is off by eta times a number that was drawn whether it is used or not."""
    plain, other = (kt.draw(s, 20, seed=5) for s in (prepared, prepared.replace({"eta": eta})))
    assert same_draws(plain, other)
    pd.testing.assert_frame_equal(plain.frame(), other.frame(), check_exact=True)


def test_the_errors_of_estimates_are_standard_normal(rush):
    z = kt.draw(rush.replace({"orders.count": 100}), replications=1000, seed=4).z
    assert z.shape == (100_000,)
    assert np.isfinite(z).all()
    # Four standard errors of the mean and of the standard deviation of so many.
    assert z.mean() == pytest.approx(0.0, abs=4 / math.sqrt(z.size))
    assert z.std() == pytest.approx(1.0, abs=4 / math.sqrt(2 * z.size))
    assert stats.kstest(z, "norm").pvalue > 1e-4


def test_the_errors_of_estimates_are_those_of_the_replication_wherever_it_stands(rush):
    among = kt.draw(rush, replications=9, seed=4)
    alone = kt.draw(rush, replications=1, seed=4, first=7)
    assert np.array_equal(among.z[among.replication_of == 7], alone.z)
    assert not np.array_equal(alone.z, kt.draw(rush, seed=5, first=7).z)


def test_numbers_of_different_purposes_orders_and_replications_are_uncorrelated(rush):
    scenario = rush.replace({"orders.count": 100})
    trace = kt.draw(scenario, replications=1000, seed=8)
    columns = {
        "u": trace.u,
        "estimate": stats.norm.cdf(trace.z),
        "delay": (trace.pickup_s - trace.received_s - 2.0) / 4.0,
        "item": trace.item / len(trace.menu),
        "gap": np.exp(-10.0 * np.diff(trace.received_s.reshape(1000, 100), prepend=0.0)).ravel(),
    }
    columns |= {f"next {name}": np.roll(values, 1) for name, values in columns.items()}
    columns["u elsewhere"] = np.roll(trace.u, 100)
    table = np.corrcoef(list(columns.values()))
    off = table[~np.eye(len(columns), dtype=bool)]
    assert np.abs(off).max() < 5 / math.sqrt(100_000)
    for name, values in columns.items():
        if "item" not in name:
            assert stats.kstest(values, "uniform").pvalue > 1e-4, name


# --- distributions -------------------------------------------------------------------------------

SIGMA = 0.6244
KNOWN = [
    (Uniform(low=2.0, high=6.0), stats.uniform(2.0, 4.0)),
    (Exponential(mean=4.0), stats.expon(scale=4.0)),
    (Lognormal(median=744.0, sigma=SIGMA), stats.lognorm(SIGMA, scale=744.0)),
    (Lognormal(median=3.0, sigma=1.7), stats.lognorm(1.7, scale=3.0)),
    (Gamma(mean=4.0, shape=0.5), stats.gamma(0.5, scale=8.0)),
    (Gamma(mean=4.0, shape=2.5), stats.gamma(2.5, scale=1.6)),
    (Gamma(mean=100.0, shape=30.0), stats.gamma(30.0, scale=100.0 / 30.0)),
]
NAMES = [f"{d.distribution}-{i}" for i, (d, _) in enumerate(KNOWN)]


@pytest.mark.parametrize(("mine", "known"), KNOWN, ids=NAMES)
def test_quantiles_are_scipys(mine, known):
    u = np.r_[np.linspace(1e-6, 1 - 1e-6, 999), 1e-12, 1 - 2.0**-53]
    assert mine.quantile(u) == pytest.approx(known.ppf(u), rel=1e-9)
    assert mine.expected_s() == pytest.approx(known.mean(), rel=1e-12)


@pytest.mark.parametrize(("mine", "known"), KNOWN, ids=NAMES)
def test_every_number_that_can_be_drawn_gives_a_finite_delay(mine, known):
    u = np.array([0.0, 2.0**-53, 0.5, 1.0 - 2.0**-53])
    delays = mine.quantile(u)
    assert np.isfinite(delays).all()
    assert (delays >= 0).all()
    assert (np.diff(delays) >= 0).all()


def test_a_constant_delay_is_always_the_same():
    assert (Constant(value=4.0).quantile(np.linspace(0, 1, 11)[:-1]) == 4.0).all()


def test_an_empirical_delay_gives_each_of_its_values_its_share():
    values = (5.0, 1.0, 1.0, 9.0)
    drawn = Empirical(values=values).quantile(np.arange(0.0, 1.0, 2.0**-10))
    found, counts = np.unique(drawn, return_counts=True)
    assert dict(zip(found, counts, strict=True)) == {1.0: 512, 5.0: 256, 9.0: 256}
    assert Empirical(values=values).expected_s() == 4.0


def mean_residual(known, elapsed_s):
    """E[D - e | D > e] by numerical integration of the survival function."""
    points = known.isf(known.sf(elapsed_s) * np.geomspace(1.0, 1e-15, 40))
    pieces = [integrate.quad(known.sf, a, b)[0] for a, b in zip(points, points[1:], strict=False)]
    return sum(pieces) / known.sf(elapsed_s)


@pytest.mark.parametrize(("mine", "known"), KNOWN, ids=NAMES)
def test_the_mean_residual_delay_is_the_integral_of_what_survives(mine, known):
    residual = mine.residual()
    assert float(residual(0.0)) == pytest.approx(known.mean(), rel=1e-9)
    elapsed = known.ppf([0.001, 0.05, 0.3, 0.5, 0.56, 0.65, 0.9, 0.99, 0.9999])
    expected = [mean_residual(known, e) for e in elapsed]
    assert residual(elapsed) == pytest.approx(expected, rel=1e-5)


def pickup_in_s(scenario, elapsed_s, pickup_s=1e9, prep_s=0.0, **changes):
    """What the engine tells a rule of a courier, by bisection: a rule cannot take notes.

    Two orders on a shelf of one slot, the second ready `elapsed_s` after the first. The first is thrown away as long
    as its courier is expected for later than the rule's parameter.
    """
    frame = pd.DataFrame(
        {
            "received_s": [0.0, elapsed_s],
            "prep_s": prep_s,
            "pickup_s": [pickup_s, elapsed_s + prep_s + 1.0],
            "temp": "hot",
            "shelf_life_s": 1e12,
            "decay_rate": 0.0,
        }
    )
    trace = replace(kt.Trace.from_frame(frame), **changes)
    low, high = 0.0, 1e6
    for _ in range(60):
        middle = (low + high) / 2
        rule = Rule(expected_later_than, params=(middle,))
        run = kt.simulate(scenario, kt.Strategy(rule), trace=trace)
        thrown = run.orders["outcome"].tolist().index("discarded")
        low, high = (middle, high) if thrown == 0 else (low, middle)
    return low


def expected_later_than(order, p):
    return 0.0 if order.is_newcomer else p[0] - order.pickup_in_s


@pytest.fixture
def one_slot(rush):
    return rush.replace({"shelves": [{"name": "only", "holds": "any", "capacity": 1}]})


@pytest.mark.parametrize(("mine", "known"), KNOWN, ids=NAMES)
def test_a_rule_is_told_the_mean_residual_delay(one_slot, mine, known):
    drawn = kt.draw(one_slot.replace({"couriers.delay": mine.model_dump()})).residual
    elapsed_s = known.ppf(0.4)
    told = pickup_in_s(one_slot, elapsed_s, residual=drawn)
    assert told == pytest.approx(mean_residual(known, elapsed_s), rel=1e-5)


def test_a_rule_is_told_the_mean_residual_delay_of_a_replay(one_slot):
    told = pickup_in_s(one_slot, elapsed_s=0.75, pickup_s=3.0)  # of the delays 3 and 1
    assert told == pytest.approx(2.0 - 0.75, rel=1e-9)
    assert pickup_in_s(one_slot, 2.0, pickup_s=3.0) == pytest.approx(1.0, rel=1e-9)


def test_a_rule_is_told_a_noisy_estimate_until_it_has_passed(one_slot):
    late, early = 0, 7  # seeds, by the sign of what the first order draws
    z = {seed: kt.draw(one_slot, seed=seed).z[0] for seed in (late, early)}
    assert z[early] < 0.0 < z[late]
    noisy = one_slot.replace({"eta": 2.0})
    for seed, number in z.items():
        expected_s = 9.0 + 2.0 * number
        told = pickup_in_s(noisy, 0.5, pickup_s=9.0, seed=seed)
        assert told == pytest.approx(expected_s - 0.5, rel=1e-9)
    almost_s = 9.0 + z[early]  # expected before, but not there yet
    assert pickup_in_s(noisy, almost_s, pickup_s=9.0, seed=early) == pytest.approx(0.0, abs=1e-9)
    exact = one_slot.replace({"eta": "exact"})
    assert pickup_in_s(exact, 0.5, pickup_s=9.0) == pytest.approx(8.5, rel=1e-9)


def test_mean_residual_delays_that_are_known_in_closed_form():
    uniform = Uniform(low=2.0, high=6.0).residual()
    assert uniform([0.0, 1.0, 2.0, 4.0, 5.0]).tolist() == [4.0, 3.0, 2.0, 1.0, 0.5]
    assert (Exponential(mean=4.0).residual()([0.0, 1.0, 1e6]) == 4.0).all()
    constant = Constant(value=4.0).residual()
    assert constant([0.0, 1.0, 3.5]).tolist() == [4.0, 3.0, 0.5]
    assert Uniform(low=3.0, high=3.0).residual()(1.0) == 2.0


@pytest.mark.parametrize(
    ("residual", "largest"),
    [
        (Uniform(low=2.0, high=6.0).residual(), 6.0),
        (Uniform(low=3.0, high=3.0).residual(), 3.0),
        (Constant(value=4.0).residual(), 4.0),
        (Constant(value=0.0).residual(), 0.0),
        (Empirical(values=(5.0, 1.0, 1.0, 9.0)).residual(), 9.0),
    ],
)
def test_past_the_largest_delay_no_more_is_expected(residual, largest):
    assert (residual([largest, largest + 1e-9, largest + 1.0, 1e12]) == 0.0).all()


@given(
    values=st.lists(st.integers(0, 40).map(lambda n: n / 4), min_size=1, max_size=12),
    elapsed=st.integers(0, 90).map(lambda n: n / 8),
)
def test_the_residual_of_a_sample_is_the_mean_of_what_is_longer(values, elapsed):
    values = np.array(values)
    longer = values[values > elapsed]
    expected = (longer - elapsed).mean() if longer.size else 0.0
    assert float(residual_of_sample(values)(elapsed)) == pytest.approx(expected, abs=1e-12)


# --- arrivals ------------------------------------------------------------------------------------


def for_a_while(scenario, **arrivals):
    """The scenario with these arrivals for 50 s."""
    return scenario.replace({"arrivals": arrivals, "orders.count": None, "orders.duration_s": 50.0})


def test_poisson_arrivals_have_the_mean_and_the_variance_of_a_poisson_number(rush):
    scenario, runs = for_a_while(rush, process="poisson", rate=3.0), 20_000
    counts = np.diff(kt.draw(scenario, replications=runs, seed=1).first)
    mean = 150.0
    assert abs(counts.mean() - mean) < 4 * math.sqrt(mean / runs)
    assert abs(counts.var() - mean) < 4 * math.sqrt((mean + 2 * mean**2) / runs)


def test_poisson_arrivals_are_as_likely_at_any_time(rush):
    trace = kt.draw(for_a_while(rush, process="poisson", rate=3.0), replications=500, seed=2)
    assert stats.kstest(trace.received_s / 50.0, "uniform").pvalue > 1e-4
    gaps = np.diff(trace.received_s)[np.diff(trace.replication_of) == 0]
    cut = gaps < 5.0  # far from the end of the fifty seconds
    assert stats.kstest(gaps[cut], "expon", args=(0.0, 1 / 3.0)).pvalue > 1e-4


def test_regular_arrivals_come_each_so_many_seconds_from_0(rush):
    scenario = rush.replace({"arrivals": {"process": "regular", "rate": 4.0}, "orders.count": 5})
    assert kt.draw(scenario, replications=2).received_s.tolist() == 2 * [0.0, 0.25, 0.5, 0.75, 1.0]


def test_regular_arrivals_for_a_while_include_the_last_instant(rush):
    received = kt.draw(for_a_while(rush, process="regular", rate=2.0)).received_s
    assert received.size == 101
    assert received[-1] == 50.0


def test_arrivals_for_a_while_are_those_by_count_up_to_then(rush):
    scenario = for_a_while(rush, process="poisson", rate=3.0)
    trace = kt.draw(scenario, replications=200, seed=4)
    counts = np.diff(trace.first)
    by_count = scenario.replace({"orders.duration_s": None, "orders.count": int(counts.max()) + 1})
    longer = kt.draw(by_count, replications=200, seed=4).frame()
    within = longer[longer["received_s"] <= 50.0].reset_index(drop=True)
    pd.testing.assert_frame_equal(trace.frame(), within, check_exact=True)


PIECES = {"process": "piecewise", "from_s": [0.0, 10.0, 25.0, 40.0], "rates": [1.0, 4.0, 0.0, 2.5]}


def test_piecewise_arrivals_come_at_the_rate_of_the_hour(rush):
    runs = 5_000
    trace = kt.draw(for_a_while(rush, **PIECES), replications=runs, seed=6)
    for begin, end, rate in [(0, 10, 1.0), (10, 25, 4.0), (40, 50, 2.5)]:
        inside = (trace.received_s >= begin) & (trace.received_s < end)
        counts = np.bincount(trace.replication_of[inside], minlength=runs)
        mean = rate * (end - begin)
        assert abs(counts.mean() - mean) < 4 * math.sqrt(mean / runs)
        assert abs(counts.var() - mean) < 4 * math.sqrt((mean + 2 * mean**2) / runs)
        where = (trace.received_s[inside] - begin) / (end - begin)
        assert stats.kstest(where, "uniform").pvalue > 1e-4


def test_nobody_comes_while_the_rate_is_0(rush):
    trace = kt.draw(for_a_while(rush, **PIECES), replications=500, seed=6)
    assert not ((trace.received_s > 25.0) & (trace.received_s < 40.0)).any()
    assert trace.received_s.max() <= 50.0


def test_one_piece_is_a_poisson_process(rush):
    piece = {"process": "piecewise", "from_s": [0.0], "rates": [3.0]}
    a, b = (
        kt.draw(for_a_while(rush, **arrivals), replications=50, seed=7)
        for arrivals in (piece, {"process": "poisson", "rate": 3.0})
    )
    assert same_draws(a, b)


def test_the_menu_is_sampled_evenly_or_in_order(rush):
    size = len(kt.draw(rush).menu)
    drawn = kt.draw(rush, replications=1000, seed=1).item
    counts = np.bincount(drawn, minlength=size)
    assert stats.chisquare(counts).pvalue > 1e-4
    in_order = kt.draw(rush.replace({"orders.sampling": "in order", "orders.count": 300}))
    assert in_order.item.tolist() == [i % size for i in range(300)]


def test_without_a_count_each_order_of_the_menu_comes_once(rush):
    scenario = rush.replace({"orders.count": None, "orders.sampling": "in order"})
    trace = kt.draw(scenario)
    assert trace.item.tolist() == list(range(len(trace.menu)))


def test_the_courier_is_called_when_the_order_is_received(prepared):
    trace = kt.draw(prepared, replications=500, seed=2)
    delay = trace.pickup_s - trace.received_s
    assert stats.kstest(delay, "uniform", args=(2.0, 4.0)).pvalue > 1e-4
    prep = trace.ready_s - trace.received_s
    assert stats.kstest(prep, "gamma", args=(2.0, 0.0, 1.5)).pvalue > 1e-4
    assert (trace.pickup_s < trace.ready_s).any()


# --- replays -------------------------------------------------------------------------------------


def a_frame(**changes):
    """Three orders that make sense, with some columns changed, or left out where None."""
    columns = {
        "ready_s": [0.0, 1.0, 1.0],
        "pickup_s": [3.0, 4.0, 2.5],
        "temp": ["hot", "cold", "hot"],
        "shelf_life_s": [20.0, 30.0, 40.0],
        "decay_rate": [0.5, 0.0, 1.0],
    }
    columns |= changes
    return pd.DataFrame({name: values for name, values in columns.items() if values is not None})


def test_a_drawn_trace_comes_back_from_its_frame(prepared):
    drawn = kt.draw(prepared, replications=5, seed=3, first=2)
    frame = drawn.frame()
    back = kt.Trace.from_frame(frame)
    pd.testing.assert_frame_equal(back.frame(), frame, check_exact=True)
    assert same_draws(drawn, back, ["first", "received_s", "ready_s", "pickup_s", "u"])
    assert back.replications.tolist() == [2, 3, 4, 5, 6]
    runs = [kt.simulate(prepared, "random", trace=trace).ledger for trace in (drawn, back)]
    pd.testing.assert_frame_equal(*runs, check_exact=True)


def test_a_replay_leaves_its_frame_as_it_was(prepared):
    frame = kt.draw(prepared, replications=2).frame()
    before = frame.copy(deep=True)
    kt.simulate(prepared, "random", trace=kt.Trace.from_frame(frame)).orders
    pd.testing.assert_frame_equal(frame, before)


def test_what_a_replay_does_not_say_has_a_default():
    frame = kt.Trace.from_frame(a_frame()).frame()
    assert frame["replication"].tolist() == [0, 0, 0]
    assert frame["price"].tolist() == [1.0, 1.0, 1.0]
    assert frame["received_s"].tolist() == frame["ready_s"].tolist() == [0.0, 1.0, 1.0]
    assert frame["order_id"].nunique() == frame["name"].nunique() == 3
    assert frame["u"].between(0.0, 1.0, inclusive="left").all()
    assert frame["u"].nunique() == 3


def test_columns_that_a_replay_does_not_know_are_passed_over():
    plain, more = a_frame(), a_frame(weather=["rain", None, "sun"], order=[9, 9, 9])
    assert same_draws(kt.Trace.from_frame(plain), kt.Trace.from_frame(more))


def test_preparation_is_added_to_when_an_order_was_received():
    trace = kt.Trace.from_frame(
        a_frame(ready_s=None, received_s=[0.0, 1.0, 1.0], prep_s=[2.0, 0.0, 0.5])
    )
    assert trace.ready_s.tolist() == [2.0, 1.0, 1.5]
    without = kt.Trace.from_frame(a_frame(ready_s=None, received_s=[0.0, 1.0, 1.0]))
    assert without.ready_s.tolist() == [0.0, 1.0, 1.0]


def test_replications_of_a_replay_may_be_mixed_and_keep_their_numbers():
    trace = kt.Trace.from_frame(a_frame(replication=[8, 3, 8], order_id=["a", "b", "c"]))
    frame = trace.frame()
    assert frame["replication"].tolist() == [3, 8, 8]
    assert frame["order"].tolist() == [0, 0, 1]
    assert frame["order_id"].tolist() == ["b", "a", "c"]


def test_the_delays_of_a_replay_stand_in_for_their_distribution():
    trace = kt.Trace.from_frame(a_frame())  # delays of 3.0, 3.0 and 1.5 s
    assert trace.residual([0.0, 1.0, 1.5, 2.0, 3.0]).tolist() == [2.5, 1.5, 1.5, 1.0, 0.0]


@pytest.mark.parametrize(
    "values",
    [
        pd.array([3, 4, 2], dtype="Int64"),
        pd.array([3.0, 4.0, 2.0], dtype="Float64"),
        np.array([3, 4, 2], dtype=np.int8),
        np.array([3, 4, 2], dtype=np.float32),
        pd.Series([3.0, 4.0, 2.0], dtype=object),
    ],
    ids=lambda values: str(values.dtype),
)
def test_numbers_of_any_type_will_do(values):
    assert kt.Trace.from_frame(a_frame(pickup_s=values)).pickup_s.tolist() == [3.0, 4.0, 2.0]


def test_text_of_any_type_will_do():
    for temps in (pd.Categorical(["hot", "cold", "hot"]), np.array(["hot", "cold", "hot"])):
        assert kt.Trace.from_frame(a_frame(temp=temps)).menu.temp.tolist() == ["hot", "cold", "hot"]


NOT_NUMBERS = [None, math.nan, math.inf, -math.inf, "3", "", True]
NUMBERS = ["ready_s", "pickup_s", "shelf_life_s", "decay_rate", "price", "replication", "u", "z"]


@pytest.mark.parametrize("column", NUMBERS)
@pytest.mark.parametrize("value", NOT_NUMBERS)
def test_what_is_no_finite_number_is_refused_with_its_row(column, value):
    if column == "pickup_s" and (value is None or value != value):
        pytest.skip("a missing pickup means that nobody comes")
    frame = a_frame()
    good = list(frame[column]) if column in frame else [0.5, 0.5, 0.5]
    if column == "replication":
        good = [0, 0, 0]
    frame[column] = pd.Series([good[0], value, good[2]], dtype=object if value is True else None)
    with pytest.raises(TraceError) as caught:
        kt.Trace.from_frame(frame)
    line = str(caught.value)
    assert line.startswith(f"trace: {column} of row 1: must be a")
    assert ", got " in line
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pickup_s": None}, "column 'pickup_s' is missing"),
        ({"temp": None}, "column 'temp' is missing"),
        ({"shelf_life_s": None}, "column 'shelf_life_s' is missing"),
        ({"decay_rate": None}, "column 'decay_rate' is missing"),
        ({"ready_s": None}, "column 'ready_s' is missing"),
        ({"ready_s": None}, "received_s, with prep_s"),
        ({"ready_s": [0.0, -1.0, 1.0]}, "ready_s of row 1: must be at least 0, got -1."),
        ({"pickup_s": [3.0, 0.5, 2.5]}, "pickup_s of row 1: must be at least ready_s, got 0.5."),
        ({"shelf_life_s": [1.0, 1.0, 0.0]}, "shelf_life_s of row 2: must be above 0, got 0."),
        ({"shelf_life_s": [1.0, -1.0, 0.0]}, "shelf_life_s of row 1: must be above 0, got -1."),
        ({"decay_rate": [0.0, 0.0, -0.1]}, "decay_rate of row 2: must be at least 0, got -0.1."),
        ({"price": [1.0, -1.0, 1.0]}, "price of row 1: must be at least 0, got -1."),
        ({"u": [0.0, 0.5, 1.0]}, "u of row 2: must be below 1, got 1."),
        ({"u": [0.0, -0.5, 0.0]}, "u of row 1: must be at least 0, got -0.5."),
        ({"replication": [0, -1, 0]}, "replication of row 1: must be at least 0, got -1."),
        ({"replication": [0, 0.5, 0]}, "replication of row 1: must be a whole number of at least 0"),
        ({"replication": [0, 1e300, 0]}, "replication of row 1: must be at most 9007199254740992"),
        ({"temp": ["hot", None, "hot"]}, "temp of row 1: must be a text"),
        ({"name": ["a", "b", None]}, "name of row 2: must be a text"),
        ({"order_id": [None, "b", "c"]}, "order_id of row 0: must be a text"),
        ({"ready_s": [1.0, 0.5, 2.0]}, "ready_s of row 1: must be no earlier than the row above"),
        ({"ready_s": [1.0, 0.5, 2.0]}, "Sort the rows by replication and ready_s."),
        (
            {"received_s": [1.0, 0.5, 0.5], "ready_s": [2.0, 1.0, 1.0]},
            "received_s of row 1: must be no earlier than the row above, got 0.5.",
        ),
        (
            {"received_s": [0.0, 1.0, 1.5], "ready_s": [0.0, 1.0, 1.0]},
            "ready_s of row 2: must be at least received_s, got 1.",
        ),
        (
            {"received_s": [0.0, 1.0, 1.0], "prep_s": [0.0, 0.0, -1.0], "ready_s": None},
            "prep_s of row 2: must be at least 0, got -1.",
        ),
        ({"pickup_s": [3 + 1j, 4, 5]}, "pickup_s of row 0: must be a"),
        ({"pickup_s": pd.to_datetime(["2020-01-01"] * 3)}, "pickup_s of row 0: must be a number"),
        ({"shelf_life_s": pd.array([3, 4, None], dtype="Int64")}, "shelf_life_s of row 2: must be a fi"),
    ],
)  # fmt: skip
def test_a_replay_that_makes_no_sense_is_refused_in_one_line(changes, message):
    with pytest.raises(TraceError) as caught:
        kt.Trace.from_frame(a_frame(**changes))
    line = str(caught.value)
    assert message in line
    assert line.startswith("trace: ")
    assert line.endswith(".")
    assert len(line.splitlines()) == 1


def test_rows_are_counted_as_the_frame_has_them():
    """Sorting by replication does not change the number by which a row is told."""
    frame = a_frame(replication=[1, 0, 0], pickup_s=[3.0, 4.0, math.inf])
    with pytest.raises(TraceError, match=r"pickup_s of row 2: "):
        kt.Trace.from_frame(frame.set_axis([7, 7, 7]))


def test_rows_may_stand_in_the_order_in_which_orders_became_ready():
    frame = a_frame(received_s=[1.0, 0.5, 0.5], ready_s=[1.0, 1.0, 1.5])
    assert kt.Trace.from_frame(frame).received_s.tolist() == [1.0, 0.5, 0.5]


def test_a_replay_may_say_how_far_its_estimates_are_off():
    given = kt.Trace.from_frame(a_frame(z=[0.5, -1.0, 0.0]))
    assert given.z.tolist() == given.frame()["z"].tolist() == [0.5, -1.0, 0.0]


def test_two_columns_of_one_name_are_refused():
    frame = pd.concat([a_frame(), a_frame()[["temp"]]], axis=1)
    with pytest.raises(TraceError, match="temp"):
        kt.Trace.from_frame(frame)


@pytest.mark.parametrize("thing", [None, [1, 2], {"temp": ["hot"]}, "orders.csv"])
def test_a_replay_is_made_from_a_frame_only(rush, thing):
    with pytest.raises(TraceError, match="DataFrame"):
        kt.Trace.from_frame(thing)


@pytest.mark.parametrize("frame", [a_frame().iloc[:0], a_frame().iloc[:0].astype(object)])
def test_a_frame_without_rows_is_one_replication_in_which_nothing_happens(rush, frame):
    trace = kt.Trace.from_frame(frame)
    assert len(trace) == 0
    run = kt.simulate(rush, "random", trace=trace)
    assert run.summary["orders"].tolist() == [0]
    assert len(run.orders) == len(run.ledger) == 0


def test_order_ids_may_come_twice_in_a_replay_as_they_do_in_a_drawn_trace():
    trace = kt.Trace.from_frame(a_frame(order_id=["a", "a", "b"]))
    assert trace.menu.order_id[trace.item].tolist() == ["a", "a", "b"]


# --- the opening ---------------------------------------------------------------------------------


def log_of(orders, shift_s=0.0, **columns):
    """A log without an opening, by a clock that is off by so much."""
    log = orders.drop(columns="opens_s").assign(**columns)
    for time in ("received_s", "ready_s", "pickup_s"):
        log[time] += shift_s
    return log


@pytest.mark.parametrize("shift_s", [3_600.0, 64_800.0, 1.7e9])
def test_figures_do_not_depend_on_where_the_clock_of_a_log_begins(rush, shift_s):
    orders = kt.draw(rush, 1, seed=1).frame().head(60)

    def run(shift_s):
        trace = kt.Trace.from_frame(log_of(orders, shift_s))
        return kt.simulate(rush, "oldest", trace=trace, warm_up_s=1.0, step_s=0.5)

    ours, theirs = run(0.0), run(shift_s)
    assert len(ours.shelves) == len(theirs.shelves)
    assert len(ours.contents) == len(theirs.contents)
    clock_s = 4 * np.spacing(shift_s)  # what the clock resolves
    pd.testing.assert_frame_equal(ours.summary, theirs.summary, rtol=1e-9, atol=100 * clock_s)
    assert ours.summary["occupancy_hot"][0] > 5.0
    within = [
        kt.metrics.summary_within(r.orders, r.ledger, rush, warm_up_s=1.0, cool_down_s=1.0)
        for r in (ours, theirs)
    ]
    pd.testing.assert_frame_equal(*within, rtol=1e-9, atol=100 * clock_s)
    assert theirs.shelves["time_s"].iloc[0] == theirs.trace.opens_s[0]


def test_a_drawn_trace_opens_at_zero_and_a_replay_at_its_first_arrival(rush):
    trace = kt.draw(rush, 3, seed=1)
    assert trace.opens_s.tolist() == [0.0, 0.0, 0.0]
    first = trace.received_s[trace.first[:-1]]
    assert kt.Trace.from_frame(log_of(trace.frame())).opens_s.tolist() == first.tolist()
    assert kt.Trace.from_frame(log_of(trace.frame()).head(0)).opens_s.tolist() == [0.0]


def test_a_trace_opens_when_its_frame_says(rush):
    trace = kt.draw(rush, 2, seed=1)
    again = kt.Trace.from_frame(trace.frame())
    assert again.opens_s.tolist() == [0.0, 0.0]
    runs = [kt.simulate(rush, "oldest", trace=t, warm_up_s=2.0) for t in (trace, again)]
    for name in ("summary", "shelves", "contents", "ledger", "orders"):
        pd.testing.assert_frame_equal(*(getattr(run, name) for run in runs), check_exact=True)


@pytest.mark.parametrize(
    ("opens_s", "message"),
    [
        ([0.0, 1.0], "opens_s of row 1: must be the same in all rows of a replication, got 1."),
        ([5.0, 5.0], "opens_s of row 0: must be no later than the replication's first arrival"),
        ([-1.0, -1.0], "opens_s of row 0: must be at least 0, got -1."),
        ([math.nan, 0.0], "opens_s of row 0: must be a finite number, got nan"),
    ],
)
def test_an_opening_that_makes_no_sense_is_refused(opens_s, message):
    log = pd.DataFrame(
        {
            "ready_s": [1.0, 2.0],
            "pickup_s": 9.0,
            "temp": "hot",
            "shelf_life_s": 99.0,
            "decay_rate": 0.5,
            "opens_s": opens_s,
        }
    )
    with pytest.raises(TraceError, match=re.escape(message)):
        kt.Trace.from_frame(log)


def test_an_order_for_whom_nobody_comes_is_discarded_at_the_last_event(rush):
    log = pd.DataFrame(
        {
            "ready_s": [0.0, 1.0, 2.0],
            "pickup_s": [math.nan, math.nan, 8.0],
            "temp": "hot",
            "shelf_life_s": [1e9, 2.0, 1e9],
            "decay_rate": [0.0, 1.0, 0.0],
        }
    )
    trace = kt.Trace.from_frame(log)
    assert trace.residual(0.0) == 6.0  # of the one courier that comes
    orders = kt.simulate(rush, trace=trace).orders
    assert orders["outcome"].tolist() == ["discarded", "expired", "delivered"]
    assert orders["left_s"].tolist() == [8.0, 3.0, 8.0]
    held = kt.simulate(rush.replace({"expired_orders": "held"}), trace=trace).orders
    assert held["outcome"].tolist() == ["discarded", "discarded", "delivered"]
    assert held["left_s"].tolist() == [8.0, 8.0, 8.0]
    assert kt.Trace.from_frame(trace.frame()).frame().equals(trace.frame())


def test_some_replications_of_a_trace_are_what_they_were_in_it(rush):
    trace = kt.draw(rush, replications=5, seed=7, first=3)
    some = trace.take([0, 2, 4])
    assert some.replications.tolist() == [3, 5, 7]
    for place, number in enumerate(some.replications):
        alone = kt.draw(rush, replications=1, seed=7, first=int(number))
        pd.testing.assert_frame_equal(some.take([place]).frame(), alone.frame())
    replayed = kt.Trace.from_frame(trace.frame()).take([0, 2, 4])
    pd.testing.assert_frame_equal(
        replayed.frame().drop(columns="opens_s"), some.frame().drop(columns="opens_s")
    )


SPREADS = {
    "even": lambda generator, n: generator.uniform(0.0, 100.0, n),
    "tied": lambda generator, n: generator.integers(0, 5, n).astype(float),
    "equal": lambda generator, n: np.full(n, 3.0),
    "crowded but for one": lambda generator, n: np.append(generator.random(n - 1), 1e12),
    "next to each other": lambda generator, n: 1.0 + generator.integers(0, 3, n) * 2.0**-52,
    "barely above 0": lambda generator, n: generator.integers(0, 9, n) * 5e-324,
    "huge": lambda generator, n: generator.uniform(0.0, 1.7e308, n),
}


@pytest.mark.parametrize("spread", SPREADS)
def test_couriers_are_sorted_as_by_numpys_stable_sort(rush, spread):
    generator = np.random.default_rng(5)
    sizes = [0, 1, 2, 3, 17, 400, 0, 5]
    first = np.concatenate([[0], np.cumsum(sizes)])
    times = [SPREADS[spread](generator, n) if n else np.empty(0) for n in sizes]
    trace = replace(kt.draw(rush), first=first, pickup_s=np.concatenate(times))
    expected = [np.argsort(own, kind="stable") for own in times]
    assert trace.pickup_order.tolist() == np.concatenate(expected).tolist()


def test_orders_are_overtaken_within_a_replication_only():
    columns = {"temp": "hot", "shelf_life_s": 9.0, "decay_rate": 0.5, "pickup_s": 50.0}
    times = {"replication": [0, 0, 1, 1], "received_s": [5.0, 6.0, 1.0, 2.0]}
    trace = kt.Trace.from_frame(pd.DataFrame({**times, **columns, "prep_s": [3.0, 3.0, 3.0, 2.0]}))
    assert not trace.is_overtaken  # two that are ready at once come in the order of receipt
    assert trace.ready_order.tolist() == [0, 1, 0, 1]
    trace = kt.Trace.from_frame(pd.DataFrame({**times, **columns, "prep_s": [3.0, 3.0, 3.0, 1.0]}))
    assert trace.is_overtaken


def test_replications_that_are_taken_run_as_they_did(prepared, rush):
    for scenario in (prepared, rush):
        trace = kt.draw(scenario, replications=6)
        some = trace.take([1, 4])
        assert some.is_overtaken == trace.is_overtaken == (scenario is prepared)
        every = kt.simulate(scenario, trace=trace, keep="summary").summary
        summary = kt.simulate(scenario, trace=some, keep="summary").summary
        expected = every.iloc[[1, 4]].reset_index(drop=True)
        pd.testing.assert_frame_equal(summary, expected, check_exact=True)
