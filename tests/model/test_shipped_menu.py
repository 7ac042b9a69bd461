"""The menu that is shipped."""

import json
from statistics import median

import pytest

from kitchen.model.menu import read_orders, shipped_menu_path


@pytest.fixture(scope="module")
def menu():
    return read_orders(shipped_menu_path()).frame().set_index("name")


def test_the_file_is_a_list_in_the_first_generation_of_the_format():
    orders = json.loads(shipped_menu_path().read_text(encoding="utf-8"))
    assert {tuple(order) for order in orders} == {("id", "name", "temp", "shelfLife", "decayRate")}


def test_temperatures_are_in_the_proportion_that_is_promised(menu):
    assert menu["temp"].value_counts().to_dict() == {"hot": 56, "cold": 38, "frozen": 38}


def test_no_dish_and_no_id_is_there_twice(menu):
    assert menu.index.is_unique and menu["order_id"].is_unique
    assert menu.index.str.casefold().is_unique


def test_shelf_lives_and_decay_rates_are_in_the_ranges_that_are_promised(menu):
    assert menu["shelf_life_s"].min() == 20 and menu["shelf_life_s"].max() == 600
    assert menu["decay_rate"].min() == 0.05 and menu["decay_rate"].max() == 0.9
    assert abs(median(menu["shelf_life_s"]) - 220) <= 5
    assert abs(median(menu["decay_rate"]) - 0.5) <= 0.02
    assert set(menu["price"]) == {1.0}


@pytest.mark.parametrize(
    ("sooner", "later"),
    [
        ("Vanilla Ice Cream", "Frozen Peas"),
        ("Soft Serve Cone", "Vanilla Ice Cream"),
        ("French Fries", "Beef Stew"),
        ("Garden Salad, Dressed", "Garden Salad, Dressing Aside"),
        ("Tuna Sashimi", "Cheese Plate"),
    ],
)
def test_what_spoils_sooner_at_the_table_spoils_sooner_here(menu, sooner, later):
    assert menu["shelf_life_s"][sooner] < menu["shelf_life_s"][later]
    assert menu["decay_rate"][sooner] > menu["decay_rate"][later]


def test_every_stretch_of_the_menu_holds_all_temperatures(menu):
    """So that a scenario that takes the orders in their order meets a mixed kitchen."""
    temps = list(menu["temp"])
    for start in range(0, len(temps) - 11, 11):
        assert set(temps[start : start + 11]) == {"hot", "cold", "frozen"}
