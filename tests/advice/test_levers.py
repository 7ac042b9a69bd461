"""Levers: each row is what a pair of runs on the same orders says, and what cannot matter is 0."""

import numpy as np
import pandas as pd
import pytest
from support.hostile_html import NASTY, harmless

import kitchen as kt
from kitchen.advice.changes import gentle_overflow, scaled_delay
from kitchen.errors import KitchenError
from kitchen.stats.intervals import paired_differences

REPLICATIONS = 12
MEASURE = "lost_revenue_share"

pytestmark = pytest.mark.usefixtures("compiled")


@pytest.fixture(scope="module")
def busy():
    """An hour of `friday`: some 70 orders on few slots, with prices."""
    slots = {"hot": 5, "cold": 3, "frozen": 2, "overflow": 3}
    changes = {f"shelves.{name}.capacity": number for name, number in slots.items()}
    return kt.Scenario.load("friday").replace({**changes, "orders.duration_s": 4000.0})


@pytest.fixture(scope="module")
def result(busy):
    return kt.levers(busy, replications=REPLICATIONS, bound_replications=2, seed=3)


@pytest.fixture(scope="module")
def idle():
    """So much room that nothing is ever blocked or stands on the overflow."""
    rush = kt.Scenario.load("rush")
    return rush.replace({f"shelves.{shelf.name}.capacity": 200 for shelf in rush.shelves})


def row(result, lever):
    return result.frame.set_index("lever").loc[lever]


def means(scenario, strategy, **options):
    """The measure of each replication."""
    run = kt.simulate(scenario, strategy, keep="summary", **options)
    return run.summary[MEASURE].to_numpy()


# Each row against a pair of runs


def test_a_row_is_the_paired_difference_of_its_run_and_todays(busy, result):
    today = kt.simulate(busy, "discard newcomer", replications=REPLICATIONS, seed=3, keep="summary")
    for lever in result.changes:
        run = kt.simulate(
            lever.scenario, lever.strategy, replications=REPLICATIONS, seed=3, keep="summary"
        )
        both = pd.concat(
            [today.summary.assign(strategy="today"), run.summary.assign(strategy="lever")]
        )
        columns = [MEASURE, "revenue"]
        wanted = paired_differences(both, "today", columns).set_index("measure")
        own = row(result, lever.name)
        difference, low, high = wanted.loc[MEASURE, ["difference", "low", "high"]]
        money = wanted.loc["revenue", ["difference", "low", "high"]]
        assert own["mean"] == run.summary[MEASURE].mean()
        assert np.array_equal(
            own[["gain", "low", "high"]].astype(float), [-difference, -high, -low], equal_nan=True
        )
        assert np.array_equal(
            own[["money", "money_low", "money_high"]].astype(float),
            money.astype(float),
            equal_nan=True,
        )


def test_each_world_differs_in_the_one_thing_that_it_names(busy, result):
    worlds = {lever.name: lever.scenario for lever in result.changes}
    paths = {
        "couriers 10 % sooner": {"couriers.delay.median": 0.9 * 744.0},
        "10 % fewer arrivals": {"arrivals.rates": [0.9 * rate for rate in busy.arrivals.rates]},
        "one more slot: hot": {"shelves.hot.capacity": 6},
        "one more slot: overflow": {"shelves.overflow.capacity": 4},
        "10 % more slots": {
            "shelves.hot.capacity": 6,
            "shelves.cold.capacity": 4,
            "shelves.frozen.capacity": 3,
            "shelves.overflow.capacity": 4,
        },
        "gentle overflow": {"shelves.overflow.modifier": {"hot": 1.0, "cold": 1.0, "frozen": 1.0}},
        "exact courier information": {"eta": "exact"},
        "no courier information": {"eta": "unknown"},
    }
    for name, changes in paths.items():
        assert worlds[name] == busy.replace(changes), name
    for name in ("best discard rule", "best combination", "couriers in a pool"):
        assert worlds[name] == busy
    for lever in result.changes:
        today = lever.strategy.name == "discard newcomer"
        assert today == (lever.scenario != busy and "combination" not in lever.name)


def test_the_bound_is_the_end_of_the_axis(busy, result):
    own = result.frame.iloc[-1]
    assert (own["lever"], own["kind"], own["replications"]) == ("clairvoyant bound", "bound", 2)
    best = kt.bound(busy, replications=2, seed=3, measure="revenue").frame
    today = kt.simulate(busy, replications=2, seed=3, keep="summary").summary
    lost = 1 - best["bound"] / today["full_revenue"]
    assert own["gain"] == pytest.approx((today[MEASURE] - lost).mean())
    assert own["money"] == pytest.approx((best["bound"] - today["revenue"]).mean())
    rules = result.frame[result.frame["kind"] == "free"]
    assert own["gain"] > rules["gain"].max() > 0


@pytest.mark.parametrize("measure", ["wasted_share", "value_per_order"])
def test_other_measures_have_bounds_of_their_own(busy, measure):
    own = kt.levers(busy, measure=measure, replications=2, bound_replications=2).frame
    kind = {"wasted_share": "waste", "value_per_order": "value"}[measure]
    limit = kt.bound(busy, replications=2, measure=kind).frame[measure]
    assert own["mean"].iloc[-1] == pytest.approx(limit.mean())
    assert (own["gain"].iloc[-1] >= own["gain"][own["kind"] == "free"]).all()


# The choice of the rules


def test_the_best_rule_is_chosen_on_replications_that_nothing_is_judged_on(busy, result):
    chosen = kt.draw(busy, REPLICATIONS, seed=3, first=REPLICATIONS)
    rules = kt.strategies().query("decision == 'discard'")["name"]
    best = min(rules, key=lambda rule: means(busy, rule, trace=chosen).mean())
    assert row(result, "best discard rule")["what"] == best
    for decision in ("recall", "demote"):
        options = kt.strategies().query(f"decision == '{decision}'")["name"]
        losses = {
            rule: means(busy, kt.Strategy(**{decision: rule}), trace=chosen).mean()
            for rule in options
        }
        own = next(x for x in result.changes if x.name == f"best {decision} rule")
        assert means(busy, own.strategy, trace=chosen).mean() == min(losses.values())


def test_the_best_combination_is_no_worse_than_the_best_single_rule_where_it_was_chosen(
    busy, result
):
    chosen = kt.draw(busy, REPLICATIONS, seed=3, first=REPLICATIONS)
    strategies = {lever.name: lever.strategy for lever in result.changes}
    together = means(busy, strategies["best combination"], trace=chosen).mean()
    alone = means(busy, strategies["best discard rule"], trace=chosen).mean()
    assert together <= alone


def test_a_learned_strategy_is_judged_beside_the_others(busy):
    def mine(order):
        """Mine."""
        return order.price

    options = {"replications": 3, "bound_replications": 0}
    made = kt.levers(busy, learned=kt.Strategy(mine, name="learned"), **options)
    own = row(made, "learned strategy")
    gain = means(busy, "discard newcomer", replications=3) - means(busy, mine, replications=3)
    assert (own["kind"], own["what"]) == ("free", "learned")
    assert own["gain"] == pytest.approx(gain.mean())
    assert "learned strategy" not in set(kt.levers(busy, **options).frame["lever"])


def test_todays_practice_stays_where_no_rule_is_better(busy, result):
    best = next(lever.strategy for lever in result.changes if lever.name == "best combination")
    again = kt.levers(busy, best, replications=REPLICATIONS, bound_replications=0, seed=3)
    own = row(again, "best combination")
    assert own["what"] == f"{best.name}, as today"
    assert (own["gain"], own["differing"]) == (0.0, 0)


# What cannot matter


def test_levers_that_cannot_matter_are_0_and_the_verdict_says_so(idle):
    made = kt.levers(idle, replications=40, bound_replications=0)
    rules = made.frame[made.frame["kind"] == "free"]
    assert (rules["gain"] == 0).all() and (rules["differing"] == 0).all()
    assert rules["what"].str.endswith("as today").all()
    slots = made.frame[made.frame["lever"].str.contains("slot")]
    assert (slots["gain"] == 0).all()
    assert "No other rule that was tried is significantly better." in made.verdict
    assert "No difference in any replication: best discard rule" in made.verdict


def test_where_nothing_at_all_matters_the_verdict_is_one_sentence(idle):
    world = idle.replace({"couriers.delay": {"distribution": "constant", "value": 0.0}})
    made = kt.levers(world, replications=3, bound_replications=0)
    assert (made.frame["gain"] == 0).all()
    assert "No lever changes anything here" in made.verdict


def test_courier_information_is_worth_nothing_to_rules_that_do_not_read_it(busy, result):
    own = row(result, "exact courier information")
    assert (own["gain"], own["what"]) == (0.0, "today's rules do not use it")
    used = kt.levers(busy, "latest pickup", replications=REPLICATIONS, bound_replications=0)
    own = row(used, "exact courier information")
    assert own["what"] == "for today's rules" and own["differing"] > 0


def test_no_orders_no_gain():
    nothing = kt.Scenario.load("rush").replace({"orders.count": 0})
    made = kt.levers(nothing, replications=2)
    assert made.frame["gain"].isna().all()
    assert made.verdict == "No orders came, so there is nothing that could help."
    kt.plots.levers(made.frame)
    made._repr_html_()


def test_couriers_are_no_pool_where_expired_orders_are_held():
    heater = kt.Scenario.load("heater").replace({"orders.count": 20})
    made = kt.levers(heater, replications=2, bound_replications=0)
    assert heater.expired_orders == "held"
    assert "couriers in a pool" not in set(made.frame["lever"])


# Changes of the kitchen


@pytest.mark.parametrize(
    "delay",
    [
        {"distribution": "uniform", "low": 2.0, "high": 6.0},
        {"distribution": "exponential", "mean": 4.0},
        {"distribution": "constant", "value": 4.0},
        {"distribution": "lognormal", "median": 4.0, "sigma": 0.5},
        {"distribution": "gamma", "mean": 4.0, "shape": 3.0},
        {"distribution": "empirical", "values": [1.0, 4.0, 9.0]},
    ],
)
def test_a_scaled_delay_has_scaled_quantiles(delay):
    rush = kt.Scenario.load("rush").replace({"couriers.delay": delay})
    u = np.array([0.0, 0.1, 0.5, 0.99])
    scaled = scaled_delay(rush, 0.9).couriers.delay
    assert scaled.quantile(u) == pytest.approx(0.9 * rush.couriers.delay.quantile(u))


def test_an_overflow_that_is_gentle_already_is_no_lever():
    rush = kt.Scenario.load("rush")
    temps = ["hot", "cold", "frozen"]
    assert gentle_overflow(rush, temps).shelves[-1].modifier == dict.fromkeys(temps, 1.0)
    gentler = rush.replace({"shelves.overflow.modifier": 0.5})
    assert gentle_overflow(gentler, temps) is None


# Money, direction, display


def test_a_gain_is_positive_whatever_the_direction_of_the_measure(busy):
    options = {"replications": 5, "bound_replications": 0}
    less = kt.levers(busy, measure="lost_per_order", **options).frame
    more = kt.levers(busy, measure="value_per_order", **options).frame
    assert list(less["lever"]) == list(more["lever"])
    assert more[["gain", "low", "high"]].to_numpy(float) == pytest.approx(
        less[["gain", "low", "high"]].to_numpy(float), nan_ok=True, abs=1e-12
    )


def test_money_is_left_out_where_there_are_no_prices(busy, result):
    assert result.measure == MEASURE and "EUR" in result.verdict
    rush = kt.levers(kt.Scenario.load("rush"), replications=2, bound_replications=0)
    assert rush.measure == "lost_per_order"
    assert rush.frame["money"].isna().all()


def test_no_figure_depends_on_the_number_of_threads(busy):
    options = {"replications": 5, "bound_replications": 2}
    one, two = (kt.levers(busy, threads=number, **options).frame for number in (1, 2))
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("name", NASTY)
def test_names_do_no_harm_on_the_page(busy, name):
    def mine(order):
        return order.value

    made = kt.levers(
        busy.replace({"name": name}),
        kt.Strategy(mine, name=name),
        learned=kt.Strategy(mine, name=name),
        replications=2,
        bound_replications=0,
    )
    harmless(made._repr_html_())


def test_odd_arguments_are_refused(busy):
    with pytest.raises(KitchenError, match="measure 'wasted' is unknown"):
        kt.levers(busy, measure="wasted")
    with pytest.raises(KitchenError, match="bound_replications"):
        kt.levers(busy, bound_replications=-1)
