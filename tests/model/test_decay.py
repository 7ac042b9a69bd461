"""Decay laws: values, the instant of expiry, and laws of one's own."""

import math

import numpy as np
import oracle.reference_kitchen as reference
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import OWN_LAWS

import kitchen as kt
from kitchen.errors import RuleError, ScenarioError
from kitchen.model.decay import LAWS, as_law

NAMES = list(LAWS)
SECONDS, RATES = st.floats(0, 1e4), st.floats(0, 5)
LIVES, SHARES = st.floats(1e-3, 1e5), st.floats(0, 0.99)


def an_order(life_s, rate):
    return reference.Order(0, "hot", life_s, rate, 1.0, 0.0, 0.0, 1.0)


def a_world(decay, waste_below=0.0):
    return reference.World((), ("hot",), decay, waste_below, eta="exact")


@pytest.mark.parametrize("name", [*NAMES, *OWN_LAWS])
def test_a_law_gives_the_value_of_its_formula(name):
    law, world = as_law(name), a_world(name)

    @given(SECONDS, SECONDS, LIVES, RATES)
    def check(age_s, weighted_age_s, life_s, rate):
        expected = reference.value_of(world, an_order(life_s, rate), age_s, weighted_age_s)
        assert float(law.value(age_s, weighted_age_s, life_s, rate)) == pytest.approx(
            expected, abs=1e-12
        )

    check()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("linear", 1 - (4 + 0.5 * 6) / 20),
        ("weighted", 1 - 0.5 * 6 / 20),
        ("freshness", 1 - 6 / 20),
        ("exponential", math.exp(-(4 + 0.5 * 6) / 20)),
        ("cliff", 1.0),
    ],
)
def test_a_law_by_hand(name, value):
    assert float(as_law(name).value(4.0, 6.0, 20.0, 0.5)) == pytest.approx(value, rel=1e-15)
    assert float(as_law(name).value(0.0, 0.0, 20.0, 0.5)) == 1.0


def test_values_stay_between_0_and_1_and_take_arrays_of_any_kind():
    frame = pd.DataFrame({"age": [0.0, 5.0, 100.0], "w": [0.0, 5.0, 100.0], "L": 9.0, "d": 0.5})
    for decay in [*NAMES, *OWN_LAWS]:
        value = as_law(decay).value(frame["age"], frame["w"], frame["L"], frame["d"])
        assert value.shape == (3,)
        assert ((value >= 0) & (value <= 1)).all()
        assert (np.diff(value) <= 0).all()
        column = as_law(decay).value(frame["age"].to_numpy()[:, None], 0.0, 9.0, 0.5)
        assert column.shape == (3, 1)


@pytest.mark.parametrize("name", NAMES)
@given(life_s=LIVES, rate=RATES, waste_below=SHARES)
def test_the_limit_of_spoilage_is_where_the_value_is_the_threshold(name, life_s, rate, waste_below):
    law = as_law(name)
    (limit,) = law.limits(np.array([life_s]), waste_below)
    clock = reference._clock_at_expiry(a_world(name, waste_below), an_order(life_s, rate))
    assert limit == pytest.approx(clock)
    if math.isfinite(limit) and name != "cliff":
        weighted = limit if name != "linear" else 0.0
        age = limit if name in ("linear", "exponential") else 0.0
        if name == "exponential":
            weighted = 0.0
        rate = 1.0
        assert float(law.value(age, weighted, life_s, rate)) == pytest.approx(waste_below, abs=1e-9)


def test_an_exponential_value_never_reaches_0():
    assert as_law("exponential").limits(np.array([5.0]), 0.0).tolist() == [math.inf]


# --- a law of one's own --------------------------------------------------------------------------


def straight(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return 1.0 - (age_s + decay_rate * weighted_age_s) / shelf_life_s


def only_weighted(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return 1.0 - decay_rate * weighted_age_s / shelf_life_s


def only_fresh(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return 1.0 - weighted_age_s / shelf_life_s


def falling(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return math.exp(-(age_s + decay_rate * weighted_age_s) / shelf_life_s)


def all_or_nothing(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return 1.0 if age_s + decay_rate * weighted_age_s < shelf_life_s else 0.0


@pytest.mark.parametrize(
    ("name", "function", "waste_below"),
    [
        ("linear", straight, 0.0),
        ("linear", straight, 0.3),
        ("weighted", only_weighted, 0.0),
        ("freshness", only_fresh, 0.3),
        ("exponential", falling, 0.3),  # at 0 the one never expires, the other underflows
        ("cliff", all_or_nothing, 0.0),
    ],
)
def test_a_named_law_written_out_does_the_same(rush, name, function, waste_below):
    """Its expiry is found by bisection instead of in closed form."""
    ledgers = []
    for decay in (name, function):
        scenario = rush.replace(
            {"decay": decay, "waste_below": waste_below, "couriers.delay.high": 300.0}
        )
        run = kt.simulate(scenario, "soonest to expire", replications=2, seed=2)
        ledgers.append(run.ledger)
    assert (ledgers[0]["event"] == "expire").any()
    pd.testing.assert_frame_equal(*ledgers, rtol=1e-9, atol=1e-9)


def test_an_expiry_by_bisection_is_the_first_instant_to_the_last_bit():
    def squared(age_s, weighted_age_s, shelf_life_s, decay_rate):
        return 1.0 - (age_s / shelf_life_s) ** 2

    scenario = kt.Scenario.load("rush").replace({"decay": squared, "waste_below": 0.3})
    columns = {"ready_s": [0.0], "pickup_s": [99.0], "temp": ["hot"], "shelf_life_s": [7.0]}
    trace = kt.Trace.from_frame(pd.DataFrame({**columns, "decay_rate": [0.0]}))
    (left_s,) = kt.simulate(scenario, trace=trace).orders["left_s"]
    before = math.nextafter(left_s, 0.0)
    assert squared(left_s, 0.0, 7.0, 0.0) <= 0.3 < squared(before, 0.0, 7.0, 0.0)


def test_a_law_that_is_above_1_or_below_0_is_cut_off(rush):
    def from_two_to_minus_one(age_s, weighted_age_s, shelf_life_s, decay_rate):
        return 2.0 - 30.0 * age_s / shelf_life_s

    run = kt.simulate(rush.replace({"decay": from_two_to_minus_one}), "random", seed=1)
    assert run.orders["value"].between(0.0, 1.0).all()
    assert run.contents["value"].between(0.0, 1.0).all()
    assert run.contents["value"].eq(1.0).any()
    assert (run.orders["outcome"] == "expired").any()


LOW = 0.1


def starts_low(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return LOW - weighted_age_s / shelf_life_s


def rises_with_age(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return 1.0 - weighted_age_s / shelf_life_s + 0.1 * age_s / shelf_life_s


def rises_with_weighted_age(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return 1.0 - age_s / shelf_life_s + 0.1 * weighted_age_s / shelf_life_s


def rises_when_old(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return 1.0 if age_s < shelf_life_s else 1.5


def nan_when_old(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return math.nan if age_s > shelf_life_s else 1.0


def raises_when_old(age_s, weighted_age_s, shelf_life_s, decay_rate):
    if age_s > shelf_life_s:
        raise ValueError("too old")
    return 1.0


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (starts_low, "must start above waste_below (0.2): age 0 s, weighted age 0 s"),
        (rises_with_age, "rises; value may only fall"),
        (rises_with_weighted_age, "rises; value may only fall"),
        (rises_when_old, "rises; value may only fall"),
        (nan_when_old, "is not a number at: age"),
        (raises_when_old, "too old"),
    ],
)
@pytest.mark.parametrize("keep", ["ledger", "summary"])
def test_a_law_that_makes_no_sense_is_refused_before_the_run(rush, function, message, keep):
    scenario = rush.replace({"decay": function, "waste_below": 0.2})
    with pytest.raises(ScenarioError) as caught:
        kt.simulate(scenario, keep=keep)
    line = str(caught.value)
    assert line.startswith(f"decay law {function.__name__!r} ")
    assert message in line
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize(
    ("decay", "message"),
    [
        ("liner", "decay law 'liner' is unknown. Did you mean 'linear'?"),
        ("Linear", "Did you mean 'linear'?"),
        ("", "decay law '' is unknown"),
        (3, "decay: must be a law's name or a function, got 3"),
        (lambda age_s, w, life_s: 1.0, "must take four numbers"),
    ],
)
def test_what_is_no_law_is_refused(rush, decay, message):
    with pytest.raises(ScenarioError) as caught:
        rush.replace({"decay": decay})
    assert message in str(caught.value)


def test_a_law_that_cannot_be_compiled_is_told_with_its_line(rush):
    def returns_text(age_s, weighted_age_s, shelf_life_s, decay_rate):
        return "fresh"

    with pytest.raises((RuleError, ScenarioError), match="returns_text.*line"):
        kt.simulate(rush.replace({"decay": returns_text}))
