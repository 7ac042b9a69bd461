"""The package's exceptions, and the words they share."""

import pickle

import numpy as np
import pytest

from kitchen import errors
from kitchen.errors import KitchenError, inline, nearest, shown, unknown

KINDS = ["Scenario", "Orders", "Rule", "Trace", "Seed", "Resource", "File"]
RULES = ["discard newcomer", "random", "lowest value", "highest value"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_error_is_caught_as_a_kitchen_error(kind):
    error = getattr(errors, f"{kind}Error")("what went wrong")
    assert isinstance(error, KitchenError) and not isinstance(error, OSError | ValueError)
    assert str(error) == "what went wrong"


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_survives_the_way_back_from_another_process(kind):
    error = getattr(errors, f"{kind}Error")("what went wrong")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error) and again.args == error.args


def test_a_misspelt_name_is_answered_with_what_was_meant_and_all_there_are():
    assert unknown("discard rule", "lowest_valu", RULES) == (
        "discard rule 'lowest_valu' is unknown. Did you mean 'lowest value'? "
        "There are: discard newcomer, random, lowest value, highest value."
    )


def test_nothing_is_suggested_for_a_name_that_resembles_none():
    assert unknown("scenario", "xyzzy", ["classic", "rush"]) == (
        "scenario 'xyzzy' is unknown. There are: classic, rush."
    )


def test_a_name_where_there_is_nothing_to_choose_from():
    assert unknown("scenario", "rush", []) == "scenario 'rush' is unknown. There are none."


@pytest.mark.parametrize(
    ("got", "meant"),
    [
        ("Lowest Value", "lowest value"),
        ("lowest-value", "lowest value"),
        ("LOWEST_VALUE", "lowest value"),
        ("hihgest value", "highest value"),
        ("rnadom", "random"),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_case_and_joining_marks_do_not_hide_what_was_meant(got, meant):
    assert nearest(got, RULES) == meant


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-5, "-5"),
        (0.1, "0.1"),
        (2.0, "2.0"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (True, "true"),
        (None, "null"),
        ("a\nb", r"'a\nb'"),
        ("\ud800", r"'\ud800'"),
        ("\u202e", r"'\u202e'"),
        (np.float64(0.25), "0.25"),
        (np.int32(3), "3"),
        (np.bool_(True), "true"),
        pytest.param(10**5000, "a number of 16610 bits", id="many digits"),
    ],
)
def test_a_value_is_quoted_as_the_file_would_have_it(value, words):
    assert shown(value) == words


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, [["y" * 999] * 999] * 999, {"k" * 999: "v" * 999}, "\n" * 500, np.zeros(999)],
    ids=["text", "lists", "table", "line ends", "array"],
)
def test_a_quoted_value_is_one_line_of_moderate_length(value):
    assert len(shown(value).splitlines()) == 1
    assert len(shown(value)) <= 160


def test_a_name_is_escaped_only_where_it_would_break_the_line():
    assert inline("menus/Crème brûlée.json") == "menus/Crème brûlée.json"
    assert inline("a\nb.json") == r"'a\nb.json'"


def test_a_message_is_at_most_500_characters_with_place_and_advice_kept():
    error = KitchenError("menu.json: orders[3]: " + "x" * 5000 + ". Use an id of its own.")
    assert len(str(error)) == 500
    assert str(error).startswith("menu.json: orders[3]: x") and " ... " in str(error)
    assert str(error).endswith("x. Use an id of its own.")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_of_many_good_names_the_first_are_listed_and_all_are_counted():
    names = [f"shelf number {n}" for n in range(1000)]
    text = unknown("shelf", "shelf number 7x7", names)
    assert "Did you mean 'shelf number 7" in text
    assert "There are: shelf number 0, shelf number 1, " in text
    assert text.endswith(", ... (1,000 in all).") and len(text) < 400
