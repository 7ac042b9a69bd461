"""Numbers, names, paths and functions as arguments."""

import math
import os
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.errors import FileError, KitchenError, SeedError, shown
from kitchen.utils.validation import (
    LARGEST_COUNT,
    as_path,
    check_callback,
    check_seed,
    flag,
    number,
    one_of,
    plain_value,
    share,
    whole,
)

FIVES = [
    5,
    5.0,
    np.int64(5),
    np.uint8(5),
    np.float32(5),
    np.float64(5),
    Decimal("5"),
    Decimal("5.0"),
]
NO_NUMBERS = [
    None,
    True,
    np.bool_(True),
    "5",
    b"5",
    [5],
    5j,
    Decimal("NaN"),
    Decimal("sNaN"),
    math.nan,
]


@pytest.mark.parametrize("five", FIVES, ids=repr)
def test_a_five_of_any_kind_is_a_whole_number_and_a_number(five):
    assert type(whole("n", five, at_least=1)) is int and whole("n", five, at_least=1) == 5
    assert type(number("n", five, at_least=5)) is float and number("n", five, at_least=5) == 5.0


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_what_is_no_number_is_refused_with_the_name_of_the_argument(value):
    for check in (number, share):
        with pytest.raises(KitchenError, match="^n: must be a "):
            check("n", value)
    with pytest.raises(KitchenError, match="^n: must be a whole number of at least 0, got "):
        whole("n", value, at_least=0)


def test_a_number_that_is_refused_is_shown_as_what_it_was():
    assert [shown(value) for value in (5, 5.0, np.float64(5), np.int64(5), Decimal("5"), 5.5)] == [
        "5", "5.0", "5.0", "5", "5", "5.5",
    ]  # fmt: skip
    with pytest.raises(SeedError, match=r"got 5\.0\.$"):
        check_seed(5.0)


def test_a_seed_is_any_integer_and_never_a_float():
    assert check_seed(np.int64(5)) == 5 and check_seed(10**400) == 10**400
    for value in (5.0, np.float64(5), Decimal("5")):
        with pytest.raises(SeedError):
            check_seed(value)


def test_a_number_of_things_fits_an_index():
    assert whole("n", LARGEST_COUNT, at_least=1) == LARGEST_COUNT
    with pytest.raises(KitchenError, match=r"and at most 9.22e\+18"):
        whole("n", LARGEST_COUNT + 1, at_least=1)


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (np.int64(5), 5),
        (np.longdouble(5), 5.0),
        (Decimal("5.00"), 5),
        (Decimal("5.5"), 5.5),
        (Decimal("1e400"), math.inf),
        (np.array([1, 2]), [1, 2]),
        (pd.Series([1.5]), [1.5]),
        ({"a": (np.float32(0.5), [np.bool_(True)])}, {"a": (0.5, [True])}),
        ("text", "text"),
        (int, int),
    ],
)
def test_values_of_other_libraries_become_plain(given, plain):
    value = plain_value(given)
    assert value == plain and type(value) is type(plain)


def test_a_flag_is_true_or_false_and_no_number():
    assert flag("bound", np.bool_(True)) is True
    for value in (1, 0, None, "yes", pd.DataFrame(), pd.Series([True])):
        with pytest.raises(KitchenError, match="^bound: must be True or False, got "):
            flag("bound", value)


def test_a_text_is_one_of_the_options():
    assert one_of("keep", "ledger", ["ledger", "summary"]) == "ledger"
    for value in ("legder", None, ["ledger"], pd.Series(["ledger"])):
        with pytest.raises(KitchenError, match="^keep .* is unknown.* There are: ledger, summary"):
            one_of("keep", value, ["ledger", "summary"])


def test_a_callback_takes_one_argument():
    for function in (None, print, lambda done: None, lambda *done: None, [].append):
        assert check_callback(function) is function
    for wrong in (True, 5, "print", lambda: None, lambda one, two: None):
        with pytest.raises(KitchenError, match="^callback: must be a function of one argument"):
            check_callback(wrong)


def test_a_path_begins_at_home_where_it_begins_with_a_tilde(monkeypatch):
    monkeypatch.setenv("HOME", "/cooks/ann")
    assert os.fspath(as_path("~/menu.csv")) == "/cooks/ann/menu.csv"
    assert os.fspath(as_path("menu~.csv")) == "menu~.csv"
    for wrong in (None, 3, b"menu.csv", pd.DataFrame()):
        with pytest.raises(FileError, match="cannot be the name of a file"):
            as_path(wrong)


def test_every_reader_and_writer_knows_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    menu = kt.draw(kt.Scenario.load("rush").replace({"orders.count": 3})).menu.frame()
    kt.write_csv(menu, "~/menu.csv")
    assert (tmp_path / "menu.csv").exists() and (tmp_path / "menu.csv.schema.json").exists()
    assert len(kt.read_csv("~/menu.csv")) == len(kt.read_orders("~/menu.csv")) == len(menu)
    scenario = kt.Scenario.load("rush").replace({"orders.file": "~/menu.csv", "orders.count": 3})
    assert scenario.orders.file == str(tmp_path / "menu.csv")
    scenario.save("~/mine.toml")
    assert kt.Scenario.load("~/mine.toml") == scenario
    kt.Strategy("oldest").save("~/strategy.toml")
    assert kt.Strategy.load("~/strategy.toml").name == "oldest"
    kt.simulate(scenario, keep="summary").to_csv("~/run")
    assert (tmp_path / "run" / "summary.csv").exists()
    kt.sweep(scenario, {"arrivals.rate": [8, 9]}, ["oldest"], replications=2, out="~/swept")
    assert kt.read_sweep("~/swept").points == 2
