"""One look for a temp in all figures, and the same for its home."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kitchen as kt
from kitchen.plots.style import ink_on, looks, luminance, one_look_a_temp


def scenario(*shelves):
    return kt.Scenario.load("rush").replace({"shelves": list(shelves)})


HOT = {"name": "lamp", "holds": ["warm"], "capacity": 3}
COLD = {"name": "box", "holds": ["iced"], "capacity": 3}
REST = {"name": "rack", "holds": "any", "capacity": 3}


def test_a_temp_and_its_home_look_alike_whatever_their_names_and_order():
    with one_look_a_temp(scenario(COLD, HOT, REST), ["warm", "iced"]):
        temps, shelves = looks(["iced", "warm"]), looks(["box", "lamp", "rack"])
        alone = looks(["lamp"])
    assert shelves["lamp"] == temps["warm"] == alone["lamp"]
    assert shelves["box"] == temps["iced"]
    assert len({look.colour for look in shelves.values()}) == 3


def test_a_shelf_that_is_home_to_several_temps_has_a_look_of_its_own():
    with one_look_a_temp(scenario(REST), ["warm", "iced"]):
        temps, shelves = looks(["warm", "iced"]), looks(["rack"])
    assert shelves["rack"].colour not in {look.colour for look in temps.values()}


def test_an_open_shelf_that_is_home_to_one_temp_looks_like_it():
    heater = kt.Scenario.load("heater")
    with one_look_a_temp(heater, ["hot", "cold", "room"]):
        assert looks(["heater", "cooler", "shelf"])["shelf"] == looks(["room"])["room"]


def test_looks_are_as_before_afterwards():
    before = looks(["lamp", "box"])
    with pytest.raises(ZeroDivisionError), one_look_a_temp(scenario(HOT, REST), ["warm"]):
        raise ZeroDivisionError
    assert looks(["lamp", "box"]) == before


def test_what_is_no_shelf_keeps_its_look():
    plain = looks(["expired", "discarded"])
    with one_look_a_temp(kt.Scenario.load("rush"), ["hot", "cold", "frozen"]):
        assert looks(["expired", "discarded"]) == plain


@given(st.tuples(*[st.floats(0.0, 1.0)] * 3))
def test_what_is_written_on_any_colour_can_be_read(colour):
    light, dark = sorted((luminance(colour), luminance(ink_on(colour))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.58


def test_the_luminance_of_a_colour_is_that_of_the_guidelines():
    # worked out by hand from the definition in WCAG 2.2
    assert luminance("#ffffff") == 1.0 and luminance("#000000") == 0.0
    assert luminance("#777777") == pytest.approx(0.18448, abs=1e-5)
    assert luminance("#ff0000") == 0.2126
