"""What a rule reads is told from its byte code, and never too little."""

import types

import numba
import pytest

import kitchen as kt
from kitchen.model.inspection import fields_named, sole_field
from kitchen.model.rules import FIELDS, INDEX_OF, Rule

KEY = "value_at_pickup"
helpers = types.ModuleType("helpers")
helpers.WEIGHT = 1.0


@numba.njit
def _worth(order):
    return order.value_at_pickup


helpers.worth = _worth


def by_name(order):
    return order.value_at_pickup


def by_helper(order):
    return helpers.worth(order)


def by_key(order):
    return order[KEY]


def by_place(order):
    return order[11]


def by_another_name(order):
    plate = order
    return plate.value_at_pickup


def minus(order):
    return -order.age_s


def branches(order):
    return order.value if order.u < order.price else order.home_fill


def with_params(order, p):
    return p[0] * order.value + p[1] * order.pickup_in_s


def in_a_loop(order):
    total = 0.0
    for _ in range(3):
        total += order.value * order.u
    return total


def forgives(order):
    try:
        return 1.0 / order.value_at_pickup
    except Exception:
        return order.price


def weighted(order):
    return helpers.WEIGHT * order.value


@pytest.mark.parametrize(
    ("function", "read"),
    [
        (by_name, {"value_at_pickup"}),
        (minus, {"age_s"}),
        (branches, {"value", "u", "price", "home_fill"}),
        (with_params, {"value", "pickup_in_s"}),
        (in_a_loop, {"value", "u"}),
    ],
)
def test_fields_read_by_their_names_are_told(function, read):
    assert fields_named(function) == read


@pytest.mark.parametrize("function", [by_helper, by_key, by_place, by_another_name])
def test_a_rule_that_hands_its_order_on_may_read_everything(function):
    assert fields_named(function) is None
    assert Rule(function).fields == set(FIELDS)


@pytest.mark.parametrize("function", [by_helper, by_key, by_place, by_another_name])
def test_a_rule_decides_the_same_however_it_reads_its_field(function):
    rush = kt.Scenario.load("rush")
    trace = kt.draw(rush, 50, seed=1)
    expected = kt.simulate(rush, by_name, trace=trace).orders["outcome"]
    assert (expected == "discarded").any()
    assert (kt.simulate(rush, function, trace=trace).orders["outcome"] == expected).all()


def test_a_lone_field_is_known_by_its_code_and_not_by_trying():
    assert sole_field(by_name) == ("value_at_pickup", 1.0)
    assert sole_field(minus) == ("age_s", -1.0)
    assert Rule(minus).single == (INDEX_OF["age_s"], -1.0)
    assert Rule(forgives).single is None


def test_a_number_in_a_module_that_changes_changes_the_rule(monkeypatch):
    rush = kt.Scenario.load("rush")
    trace = kt.draw(rush, 50, seed=1)

    def discarded():
        return kt.simulate(rush, weighted, trace=trace).orders["outcome"].to_numpy() == "discarded"

    before = discarded()
    monkeypatch.setattr(helpers, "WEIGHT", -1.0)
    assert (before != discarded()).any()
