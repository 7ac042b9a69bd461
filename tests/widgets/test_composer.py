"""A strategy composed on the page: what the lists say is what is simulated and written down."""

import pandas as pd
import pytest

import kitchen as kt
from kitchen.model.strategy import strategies
from kitchen.widgets.address import restore, written
from kitchen.widgets.explorer import Explorer
from kitchen.widgets.explorer_state import MOST_OWN

CHOSEN = {
    "discard": "lowest value",
    "discard_from": "anywhere",
    "recall": "first in",
    "recall_when": "blocked",
    "demote": "slowest decaying",
    "issue": "soonest to expire",
}


@pytest.fixture
def explorer():
    made = Explorer("rush", ["discard newcomer", "oldest"], replications=20)
    assert made.wait(120)
    return made


def compose(explorer, name="", **chosen):
    """Choose and click, as by hand."""
    for key, value in chosen.items():
        explorer.composer.lists[key].value = value
    explorer.composer.name.value = name
    explorer.composer.add.click()
    assert explorer.wait(120)


def test_what_is_composed_stands_in_the_comparison_with_the_figures_of_the_library(explorer):
    compose(explorer, **CHOSEN)
    assert explorer.faults == []
    table = kt.compare(
        kt.Scenario.load("rush"), ["discard newcomer", "oldest", kt.Strategy(**CHOSEN)],
        replications=20, seed=1,
    )  # fmt: skip
    pd.testing.assert_frame_equal(explorer.table.frame, table.frame)


def test_every_shipped_rule_is_on_offer_with_its_sentence(explorer):
    composer, rules = explorer.composer, strategies()
    for decision, own in rules.groupby("decision"):
        assert list(composer.lists[decision].options) == own["name"].tolist()
        for name, told in zip(own["name"], own["description"], strict=True):
            composer.lists[decision].value = name
            assert told.replace("'", "&#x27;") in composer.meaning.value


def test_the_address_carries_it_and_another_page_shows_it(explorer):
    compose(explorer, name="mine & <b>yours</b>", **CHOSEN)
    other = Explorer("rush", ["discard newcomer", "oldest"], replications=20)
    restore(other, written(explorer))
    assert other.wait(120) and other.faults == []
    pd.testing.assert_frame_equal(other.table.frame, explorer.table.frame)


def test_the_script_of_the_page_makes_it_too(explorer):
    compose(explorer, **CHOSEN)
    names = {}
    exec(explorer.script, names)
    pd.testing.assert_frame_equal(names["table"].frame, explorer.frame)


def test_one_that_is_there_is_ticked(explorer):
    explorer.ticks["oldest"].value = False
    compose(explorer, discard="oldest")
    assert explorer.ticks["oldest"].value and explorer.added == {} and explorer.faults == []


def test_a_name_that_is_taken_is_refused_and_one_of_ones_own_is_replaced(explorer):
    compose(explorer, name="oldest", discard="newest")
    assert "a strategy 'oldest' is there already" in explorer.faults[0]
    compose(explorer, name="mine", discard="newest")
    compose(explorer, name="mine", discard="random")
    assert explorer.faults == [] and list(explorer.added) == ["mine"]
    assert explorer.table.strategies[-1].discard.name == "random"


def test_a_recall_that_never_happens_has_no_when(explorer):
    composer = explorer.composer
    composer.lists["recall"].value = "none"
    assert composer.lists["recall_when"].disabled
    assert "<b>when " not in composer.meaning.value
    assert composer.strategy.name == "oldest, recall none"


def test_a_page_takes_so_many_and_says_so(explorer):
    for nth in range(MOST_OWN):
        compose(explorer, name=f"mine {nth}", discard="random")
    compose(explorer, name="one more", discard="random")
    assert "12 strategies of your own are there" in explorer.faults[0]
    assert len(explorer.added) == MOST_OWN and explorer.table is not None
