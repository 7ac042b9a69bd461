"""Exact figures that the engine must reproduce, within errors that the central limit theorem gives.

``data/figures.csv`` has a row a figure: key, setting, what is measured, the exact figure and, where
it is known, ``sd1``, the standard deviation that one order contributes. With it an estimate from N
orders must lie within 4 sd1 / sqrt(N); elsewhere within 4 standard errors, told by how replications
scatter. Settings have Poisson arrivals unless they say otherwise and start empty; the first 200 s
are left out.

The figures rest on queueing theory. One shelf without overflow is Erlang's loss system, in which
only the mean delay matters, and with expiry the mean of the shorter of delay and age. Shelves with
an overflow and eager recall are a loss network of product form, which again feels only the means.
Without recall they are a Markov chain, solved numerically, for exponential delays only. An
unlimited shelf is M/G/infinity. Evicting the oldest loses an order whenever as many as there are
slots arrive while it waits.
"""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from oracle.settings import (
    CONSTANT,
    EVEN,
    EXPONENTIAL,
    FIGURES,
    LONG_SPAN_S,
    MANY_ORDERS,
    ORDERS,
    SPAN_S,
    TEMPS,
    TWO_EACH,
    UNIFORM,
    UNLIMITED,
    WARM_UP_S,
    Setting,
)
from support.paths import DATA

import kitchen as kt

GAMMA = {"distribution": "gamma", "mean": 4.0, "shape": 2.5}
LOGNORMAL = {"distribution": "lognormal", "median": 4.0 * math.exp(-0.32), "sigma": 0.8}
SKEWED = {"distribution": "empirical", "values": [1.0, 1.0, 1.0, 13.0]}
ANY_DELAY = [UNIFORM, EXPONENTIAL, CONSTANT, GAMMA, LOGNORMAL, SKEWED]


def share(summary, what, temp=None):
    """The share of all orders that was discarded or expired, and how many orders there were."""
    of = f"_{temp}" if temp else ""
    orders = summary[f"orders{of}"].sum()
    return summary[f"{what}{of}"].sum() / orders, orders


def check_share(key, summary, what="discarded", temp=None):
    """Within 4 sd1 / sqrt(N) of the figure."""
    figure, sd1 = FIGURES.loc[key, ["figure", "sd1"]]
    estimate, orders = share(summary, what, temp)
    assert abs(estimate - figure) <= 4 * sd1 / math.sqrt(orders)


def check_mean(key, values, weights=None):
    """Within 4 standard errors, from a value a replication; ratios of sums if there are weights."""
    figure = FIGURES.loc[key, "figure"]
    values = np.asarray(values, float)
    weights = np.ones_like(values) if weights is None else np.asarray(weights, float)
    assert values.size >= 30
    estimate = np.average(values, weights=weights)
    scatter = weights * (values - estimate) / weights.mean()
    error = scatter.std(ddof=1) / math.sqrt(values.size)
    assert abs(estimate - figure) <= 4 * error
    assert error < 0.02 * figure + 1e-12  # or the check would mean little


def check_ratio(key, summary, column):
    check_mean(key, summary[column], summary["orders"])


@pytest.fixture(
    params=[
        pytest.param(ORDERS, marks=pytest.mark.slow),
        pytest.param(MANY_ORDERS, marks=pytest.mark.long),
    ]
)
def orders(request):
    return request.param


@pytest.fixture(scope="session")
def one_shelf_rush(tmp_path_factory):
    """Setting A1: one shelf of ten, two orders a second, couriers after 2 to 6 s."""
    return Setting(tmp_path_factory.mktemp("A1"), {"only": 2.0}, {"only": 10})


# --- one shelf: Erlang's B formula ---------------------------------------------------------------


def test_one_shelf_loses_what_erlang_says(one_shelf_rush, orders):
    check_share("A1", one_shelf_rush.summary(orders))


def test_the_mean_number_on_one_shelf_is_the_carried_load(one_shelf_rush, orders):
    check_mean("A4", one_shelf_rush.summary(orders)["occupancy_only"])


@pytest.mark.parametrize("delay", ANY_DELAY, ids=lambda d: d["distribution"])
@pytest.mark.parametrize(("key", "rate", "slots"), [("A2", 1.0, 5), ("A3", 0.25, 1)])
def test_loss_on_one_shelf_feels_only_the_mean_delay(tmp_path, orders, key, rate, slots, delay):
    check_share(key, Setting(tmp_path, {"only": rate}, {"only": slots}, delay).summary(orders))


def test_regular_arrivals_lose_less(tmp_path, orders):
    setting = Setting(tmp_path, {"only": 2.0}, {"only": 10}, EXPONENTIAL, "regular")
    check_share("B1", setting.summary(orders))


@pytest.mark.parametrize(("age_s", "discarded", "expired"), [(3.0, "D1", "D2"), (4.5, "D3", "D4")])
def test_expiry_shortens_the_stay(tmp_path, orders, age_s, discarded, expired):
    setting = Setting(tmp_path, {"only": 2.0}, {"only": 10}, life_s=age_s)
    summary = setting.summary(orders)
    check_ratio(discarded, summary, "discarded_share")
    check_ratio(expired, summary, "expired_share")


def test_evicting_the_oldest_loses_who_is_overtaken(tmp_path, orders):
    setting = Setting(tmp_path, {"only": 2.0}, {"only": 10}, CONSTANT)
    summary = setting.summary(orders, "oldest", span_s=LONG_SPAN_S)
    check_ratio("H1", summary, "discarded_share")


@pytest.mark.parametrize("rule", ["oldest", "newest", "random", "lowest value", "latest pickup"])
def test_with_exponential_delays_no_rule_without_foresight_matters(tmp_path, orders, rule):
    setting = Setting(tmp_path, {"only": 2.0}, {"only": 10}, EXPONENTIAL, life_s=1e6)
    summary = setting.summary(orders, rule, span_s=LONG_SPAN_S)
    check_ratio("H2", summary, "discarded_share")


# --- a shelf without limit: M/G/infinity ---------------------------------------------------------


def numbers(setting, replications, until_s, seed):
    """Orders on the shelf at each whole second, shape (replications, until_s + 1)."""
    run = kt.simulate(
        setting.scenario(until_s, 0.0), "discard newcomer", replications=replications, seed=seed
    )
    seen = run.shelves
    assert set(seen["shelf"]) == {"only"}
    table = seen.pivot_table(index="replication", columns="time_s", values="orders")
    # A replication that is over has no more rows, and nothing on its shelf.
    wanted = np.arange(until_s + 1.0)
    return table.reindex(index=range(replications), columns=wanted).fillna(0.0).to_numpy()


@pytest.fixture
def unlimited(tmp_path):
    return Setting(tmp_path, {"only": 2.0}, {"only": UNLIMITED})


@pytest.mark.slow
@pytest.mark.parametrize(("key", "time_s"), [("C2", 1), ("C3", 3), ("C4", 5)])
def test_an_unlimited_shelf_fills_as_the_delays_survive(unlimited, key, time_s):
    figure, replications = FIGURES.loc[key, "figure"], ORDERS // 25
    seen = numbers(unlimited, replications, 5, seed=2)[:, time_s]
    assert abs(seen.mean() - figure) <= 4 * math.sqrt(figure / replications)
    # It is a Poisson number: the variance of its sample variance is (m + 2 m^2) / R.
    error = math.sqrt((figure + 2 * figure**2) / replications)
    assert abs(seen.var() - figure) <= 4 * error


@pytest.mark.slow
def test_an_unlimited_shelf_holds_a_poisson_number_that_forgets(unlimited):
    figure = FIGURES.loc["C1", "figure"]
    replications = math.ceil(ORDERS / 2 / SPAN_S)
    seen = numbers(unlimited, replications, 1200, seed=3)[:, 200:]
    check_mean("C1", seen.mean(axis=1))
    check_mean("C1", ((seen - figure) ** 2).mean(axis=1))
    products = (seen[:, 1:] - figure) * (seen[:, :-1] - figure)
    check_mean("C5", products.mean(axis=1) / figure)


# --- value ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "decay", "life_s", "measured"),
    [
        ("E1", "linear", 20.0, "value_per_order"),
        ("E2", "linear", 5.0, "value_per_order"),
        ("E3", "exponential", 10.0, "value_per_order"),
    ],
)
def test_without_contention_value_is_an_integral(tmp_path, orders, key, decay, life_s, measured):
    shelves = {"only": UNLIMITED}
    setting = Setting(tmp_path, {"only": 2.0}, shelves, decay=decay, life_s=life_s)
    check_ratio(key, setting.summary(orders), measured)


def test_value_and_loss_multiply_on_one_shelf(tmp_path, orders):
    setting = Setting(tmp_path, {"only": 2.0}, {"only": 10}, decay="linear", life_s=20.0)
    check_ratio("E4", setting.summary(orders), "value_per_order")


# --- overflow ------------------------------------------------------------------------------------

UNEVEN = {"hot": 1.0, "cold": 0.5, "frozen": 0.25}
STEPS = {"hot": 3, "cold": 2, "frozen": 1, "overflow": 2}


@pytest.mark.parametrize("delay", ANY_DELAY, ids=lambda d: d["distribution"])
def test_overflow_with_recall_is_a_loss_network(tmp_path, orders, delay):
    summary = Setting(tmp_path, EVEN, TWO_EACH, delay).summary(orders)
    check_share("F1", summary)
    check_mean("F1o", summary["occupancy_overflow"])


@pytest.mark.parametrize("recall", ["first in", "fastest decaying", lambda order: order.u])
def test_the_recall_rule_changes_neither_loss_nor_mean_value(tmp_path, orders, recall):
    setting = Setting(tmp_path, EVEN, TWO_EACH, life_s=20.0)
    summary = setting.summary(orders, kt.Strategy(recall=recall))
    check_share("F1", summary)
    check_ratio("F1v", summary, "value_per_order")


@pytest.mark.parametrize("delay", ANY_DELAY, ids=lambda d: d["distribution"])
def test_overflow_is_shared_by_unequal_temps(tmp_path, orders, delay):
    summary = Setting(tmp_path, UNEVEN, STEPS, delay).summary(3 * orders)
    for temp, letter in TEMPS.items():
        check_share("F2" + letter, summary, temp=temp)


def test_the_value_of_unequal_temps(tmp_path, orders):
    setting = Setting(tmp_path, UNEVEN, STEPS, life_s=20.0)
    check_ratio("F2v", setting.summary(orders), "value_per_order")


@pytest.mark.parametrize("delay", [UNIFORM, EXPONENTIAL], ids=lambda d: d["distribution"])
def test_shelves_of_ten_with_an_overflow_of_fifteen(tmp_path, orders, delay):
    rates, shelves = dict.fromkeys(EVEN, 3.0), {"hot": 10, "cold": 10, "frozen": 10, "overflow": 15}
    summary = Setting(tmp_path, rates, shelves, delay).summary(orders)
    check_share("F4", summary)
    check_mean("F4o", summary["occupancy_overflow"])


def test_overflow_without_recall_is_a_markov_chain(tmp_path, orders):
    setting = Setting(tmp_path, EVEN, TWO_EACH, EXPONENTIAL)
    check_share("G1", setting.summary(orders, kt.Strategy(recall=None)))


def test_overflow_without_recall_is_a_markov_chain_for_unequal_temps(tmp_path, orders):
    setting = Setting(tmp_path, UNEVEN, STEPS, EXPONENTIAL)
    summary = setting.summary(3 * orders, kt.Strategy(recall=None))
    for temp, letter in TEMPS.items():
        check_share("G2" + letter, summary, temp=temp)


# --- is all this sharp enough? -------------------------------------------------------------------


def test_every_row_of_the_table_is_checked():
    source = Path(__file__).read_text()
    keys = {key for key in FIGURES.index if f'"{key}"' in source}
    keys |= {f"{group}{letter}" for group in ("F2", "G2") for letter in TEMPS.values()}
    assert keys == set(FIGURES.index)


@pytest.mark.slow
@pytest.mark.parametrize(("step_s", "falls_by"), [(0.05, 0.017), (0.5, 0.15)])
def test_rounding_events_to_a_step_would_show(one_shelf_rush, step_s, falls_by):
    figure, sd1 = FIGURES.loc["A1", ["figure", "sd1"]]
    scenario = one_shelf_rush.scenario()
    drawn = kt.draw(scenario, replications=1500, seed=4)
    received, pickup = (
        np.ceil(times / step_s) * step_s for times in (drawn.received_s, drawn.pickup_s)
    )
    rounded = replace(drawn, received_s=received, ready_s=received, pickup_s=pickup)
    estimates = []
    for trace in (drawn, rounded):
        run = kt.simulate(
            scenario, "discard newcomer", trace=trace, keep="summary", warm_up_s=WARM_UP_S
        )
        estimate, orders = share(run.summary, "discarded")
        estimates.append(estimate)
    tolerance = 4 * sd1 / math.sqrt(orders)
    exact, coarse = estimates
    assert abs(exact - figure) <= tolerance < abs(coarse - figure)
    assert 1 - coarse / exact == pytest.approx(falls_by, rel=0.1)


# --- the golden trace ----------------------------------------------------------------------------

GOLDEN_SHELVES = {"hot": 1, "cold": 1, "frozen": 1, "overflow": 1}


@pytest.fixture
def golden(tmp_path):
    """Six orders by hand, their scenario, and a function that runs a strategy on them."""
    table = pd.read_csv(DATA / "golden.csv")
    trace = kt.Trace.from_frame(
        table.assign(
            pickup_s=table["ready_s"] + table["delay_s"], shelf_life_s=20.0, decay_rate=1.0
        )
    )
    scenario = Setting(tmp_path, EVEN, GOLDEN_SHELVES).scenario()
    return lambda strategy: kt.simulate(scenario, strategy, trace=trace).orders


@pytest.mark.parametrize(
    ("strategy", "values", "lost"),
    [
        (kt.Strategy("discard newcomer"), [0.7, 0.6, 0.75, 0.825, 0.9], [3]),
        (kt.Strategy("discard newcomer", recall=None), 3.65, [3]),
        (kt.Strategy("oldest", discard_from="overflow"), 3.175, [1, 3]),
    ],
    ids=lambda s: s.name if isinstance(s, kt.Strategy) else "",
)
def test_the_golden_trace(golden, strategy, values, lost):
    orders = golden(strategy)
    delivered = orders[orders["outcome"] == "delivered"]
    if isinstance(values, list):
        assert delivered["value"].tolist() == pytest.approx(values)
    assert delivered["value"].sum() == pytest.approx(np.sum(values))
    assert orders.loc[orders["outcome"] == "discarded", "order"].tolist() == lost


def test_weighted_age_is_carried_along_when_an_order_moves(tmp_path):
    trace = kt.Trace.from_frame(
        pd.DataFrame(
            {
                "ready_s": [0.0, 0.0],
                "pickup_s": [4.0, 6.0],
                "temp": "hot",
                "shelf_life_s": 20.0,
                "decay_rate": 0.63,
            }
        )
    )
    shelves = {"hot": 1, "overflow": 1}
    scenario = Setting(tmp_path, {"hot": 1.0}, shelves, decay="weighted").scenario()
    moved = kt.simulate(scenario, "discard newcomer", trace=trace).orders.iloc[1]
    assert moved["moves"] == 1
    assert moved["weighted_age_s"] == 10.0
    assert moved["value"] == pytest.approx(0.685, abs=1e-12)
