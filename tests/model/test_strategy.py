"""Strategies: their settings, names and words."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hostile_html import NASTY, harmless
from support.paths import ROOT
from support.scenarios import NAMES

import kitchen as kt
from kitchen.errors import FileError, RuleError, StrategyError
from kitchen.model.rules import BUILT_IN, Rule
from kitchen.model.strategy import as_strategies, as_strategy

DISCARD = list(BUILT_IN["discard"])
DOCS = ROOT / "docs" / "strategies.md"


def my_rule(order):
    """Throw away what costs least."""
    return order.price


def test_a_discard_rule_by_name_is_that_rule_with_the_defaults():
    strategy = as_strategy("latest pickup")
    assert strategy.name == strategy.discard.name == "latest pickup"
    assert strategy.recall.name == "first in"
    assert strategy.demote is None
    assert strategy.issue is None
    assert (strategy.recall_when, strategy.discard_from) == ("eager", "overflow+newcomer")


def test_the_default_strategy_discards_the_newcomer():
    assert kt.Strategy().name == "discard newcomer"


@pytest.mark.parametrize(
    "strategy",
    ["my rule", my_rule, Rule(my_rule), kt.Strategy(my_rule)],
    ids=["name", "function", "rule", "strategy"],
)
def test_a_strategy_may_be_given_as_a_function_a_rule_or_itself(strategy):
    if strategy == "my rule":
        strategy = lambda order: order.price  # noqa: E731
        assert as_strategy(strategy).discard.function is strategy
    else:
        assert as_strategy(strategy).discard.function is my_rule


def test_a_strategy_is_passed_on_as_it_is():
    strategy = kt.Strategy("oldest")
    assert as_strategy(strategy) is strategy


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "discard newcomer"),
        ({"discard": "oldest"}, "oldest"),
        ({"discard": my_rule}, "my_rule"),
        ({"recall": None}, "discard newcomer, recall none"),
        ({"recall": "none"}, "discard newcomer, recall none"),
        ({"recall": "fastest decaying"}, "discard newcomer, recall fastest decaying"),
        ({"demote": my_rule}, "discard newcomer, demote my_rule"),
        ({"demote": "nobody"}, "discard newcomer"),
        ({"issue": "matched"}, "discard newcomer"),
        ({"recall_when": "blocked"}, "discard newcomer, recall when blocked"),
        ({"recall_when": "blocked", "recall": None}, "discard newcomer, recall none"),
        ({"discard_from": "anywhere"}, "discard newcomer, from anywhere"),
        ({"discard": "oldest", "name": "mine"}, "mine"),
        ({"discard": Rule(my_rule, "cheapest", ())}, "cheapest"),
    ],
)
def test_a_strategy_is_called_by_what_differs_from_the_defaults(settings, name):
    assert kt.Strategy(**settings).name == name
    assert repr(kt.Strategy(**settings)) == f"Strategy({name!r})"


def test_settings_that_differ_give_names_that_differ():
    strategies = [
        kt.Strategy(discard, recall, None, "matched", when, place)
        for discard in ("oldest", "random")
        for recall, when in (("first in", "eager"), ("first in", "blocked"), (None, "eager"))
        for place in ("overflow", "overflow+newcomer", "anywhere")
    ]
    assert len({strategy.name for strategy in strategies}) == len(strategies)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"recall_when": "blockd"}, "recall_when 'blockd' is unknown. Did you mean 'blocked'?"),
        ({"recall_when": None}, "recall_when "),
        ({"discard_from": "any where"}, "Did you mean 'anywhere'?"),
        ({"discard_from": "newcomer"}, "There are: overflow, overflow+newcomer, anywhere."),
        ({"name": ""}, "name: must be a text that is not empty, got ''."),
        ({"name": "  "}, "name: must be a text that is not empty"),
        ({"name": 3}, "name: must be a text that is not empty, got 3."),
    ],
)
def test_a_setting_that_is_unknown_is_refused(settings, message):
    with pytest.raises(StrategyError) as caught:
        kt.Strategy(**settings)
    assert message in str(caught.value)


def test_a_strategy_tells_its_settings_in_words():
    def by_weights(order, p):
        return p[0] * order.value

    strategy = kt.Strategy(Rule(by_weights, params=(0.5,)), recall=None)
    told = strategy.describe()
    assert told["discard"] == "by_weights [0.5]"
    assert told["recall"] == "none"
    assert told["demote"] == "nobody"
    assert told["issue"] == "matched"
    assert told["recall_when"] == "eager"
    assert told["discard_from"] == "overflow+newcomer"
    assert list(told) == ["demote", "recall", "discard", "issue", "recall_when", "discard_from"]


def test_several_strategies_are_made_of_names_functions_and_strategies():
    made = as_strategies(["random", my_rule, kt.Strategy("oldest", recall=None)])
    assert [s.name for s in made] == ["random", "my_rule", "oldest, recall none"]
    assert [s.name for s in as_strategies("random")] == ["random"]
    assert [s.name for s in as_strategies(my_rule)] == ["my_rule"]
    assert [s.name for s in as_strategies(kt.Strategy("oldest"))] == ["oldest"]


def test_two_strategies_of_one_name_cannot_be_told_apart():
    with pytest.raises(StrategyError, match="two strategies are named 'random'"):
        as_strategies(["random", "oldest", "random"])
    assert len(as_strategies(["random", kt.Strategy("random", name="again")])) == 2


def test_no_strategy_at_all_is_refused():
    with pytest.raises(StrategyError, match="at least one"):
        as_strategies([])


def test_an_unknown_strategy_among_several_is_refused():
    with pytest.raises(RuleError, match="Did you mean 'random'"):
        as_strategies(["oldest", "randm"])


def test_what_ships_is_told_a_line_each():
    table = kt.strategies()
    assert list(table.columns) == ["decision", "name", "description"]
    assert isinstance(table, pd.DataFrame)
    assert table.loc[table["decision"] == "discard", "name"].tolist() == DISCARD
    assert set(table["decision"]) == {"discard", "recall", "demote", "issue"}
    assert (table["description"].str.len() > 5).all()
    assert not table.duplicated(["decision", "name"]).any()


@pytest.mark.parametrize("name", DISCARD)
def test_every_shipped_strategy_runs_under_its_name(rush, name):
    run = kt.simulate(rush, name, seed=1)
    assert (run.orders["strategy"] == name).all()
    assert run.strategy.name == name


def test_nobody_is_moved_without_recall_and_demotion(rush):
    run = kt.simulate(rush, kt.Strategy(recall=None), replications=5)
    assert run.summary["moves"].sum() == 0
    assert not (run.ledger["event"] == "move").any()


def test_held_orders_wait_for_their_own_courier_and_not_for_a_pool(rush):
    strategy = kt.Strategy(issue="first in first out")
    with pytest.raises(StrategyError, match="does not go with expired_orders = 'held' of 'rush'"):
        kt.simulate(rush.replace({"expired_orders": "held"}), strategy)


# --- from a file ---------------------------------------------------------------------------------

ALL_KEYS = {
    "discard": "latest pickup",
    "recall": "none",
    "demote": "least harmed",
    "issue": "lowest value",
    "recall_when": "blocked",
    "discard_from": "anywhere",
    "name": "mine",
}


@pytest.fixture
def written(tmp_path):
    """Write a strategy's file; returns its path."""

    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def toml(settings):
    return "[strategy]\n" + "".join(f'{key} = "{value}"\n' for key, value in settings.items())


def test_a_strategy_may_come_from_a_file(written):
    for made in (kt.Strategy.load(written(toml(ALL_KEYS))), kt.Strategy.from_dict(ALL_KEYS)):
        assert made.name == "mine"
        told = {key: value for key, value in ALL_KEYS.items() if key != "name"}
        assert made.describe() == told


def test_what_a_file_leaves_out_is_as_in_python(written):
    made = kt.Strategy.load(str(written(toml({"discard": "oldest", "recall": "none"}))))
    assert made.name == "oldest, recall none"
    assert made.describe() == kt.Strategy("oldest", recall=None).describe()
    assert kt.Strategy.from_dict({}).describe() == kt.Strategy().describe()
    assert kt.Strategy.load(written("[strategy]")).name == "discard newcomer"


def test_a_strategy_may_be_loaded_by_the_name_of_a_discard_rule():
    assert kt.Strategy.load("oldest").name == "oldest"


def test_what_was_loaded_runs_as_what_was_written_in_python(rush, written):
    settings = {"discard": "oldest", "demote": "slowest decaying", "discard_from": "anywhere"}
    loaded = kt.simulate(rush, kt.Strategy.load(written(toml(settings))), replications=3).ledger
    pd.testing.assert_frame_equal(
        loaded, kt.simulate(rush, kt.Strategy(**settings), replications=3).ledger
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[strategy]\nrecall = "cheapest"',
            "mine.toml: strategy.recall: recall rule 'cheapest' is unknown: it is a discard rule. There",
        ),
        (
            '[strategy]\ndiscard = "lowest_valu"',
            "strategy.discard: discard rule 'lowest_valu' is unk",
        ),
        ('[strategy]\ndiscard = "lowest_valu"', "Did you mean 'lowest value'?"),
        (
            '[strategy]\ndiscad = "oldest"',
            "mine.toml: strategy: key 'discad' is unknown. Did you mean",
        ),
        ("[strategy]\ndiscard = 3", "mine.toml: strategy.discard: must be a text, got 3."),
        ("[strategy]\nrecall = false", "mine.toml: strategy.recall: must be a text, got false."),
        ('[strategy]\nrecall = ["first in"]', "mine.toml: strategy.recall: must be a text, got ["),
        ('[strategy]\nname = ""', "mine.toml: strategy.name: must not be empty, got ''."),
        (
            '[strategy]\nname = " "',
            "mine.toml: strategy.name: must be a text that is not empty, got",
        ),
        (
            '[strategy]\nrecall_when = "blockd"',
            "mine.toml: strategy.recall_when: must be one of eager, blocked, got 'blockd'. Did you mean",
        ),
        (
            '[strategy]\ndiscard_from = "shelf"',
            "strategy.discard_from: must be one of overflow, overflow+newcomer, anywhere, got 'shelf'.",
        ),
        (
            'discard = "oldest"',
            "mine.toml: key 'discard' is unknown. There are: strategy. The settings",
        ),
        (
            '[stratgy]\ndiscard = "oldest"',
            "mine.toml: key 'stratgy' is unknown. Did you mean 'strategy'?",
        ),
        ("", "mine.toml: strategy: is missing. The settings stand below a line [strategy]."),
        ('strategy = "oldest"', "mine.toml: strategy: must be a table of keys, got 'oldest'."),
        ("[[strategy]]", "mine.toml: strategy: must be a table of keys"),
        (
            '[strategy]\ndiscard = "oldest"\n[arrivals]\nrate = 3',
            "mine.toml: key 'arrivals' is unknown.",
        ),
        ('[strategy]\ndiscard = "lambda order: order.price"', "is unknown."),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_its_key(written, text, message):
    with pytest.raises(StrategyError) as caught:
        kt.Strategy.load(written(text))
    line = str(caught.value)
    assert line.startswith("mine.toml: ")
    assert message in line
    assert len(line.splitlines()) == 1


def test_a_file_that_is_not_there_or_no_toml_is_refused(tmp_path, written):
    with pytest.raises(FileError, match=r"there\.toml"):
        kt.Strategy.load(tmp_path / "there.toml")
    with pytest.raises(FileError, match=r"mine\.toml"):
        kt.Strategy.load(written("[strategy\n"))
    with pytest.raises(
        StrategyError, match=r"Did you mean 'oldest'\?.*A file's name ends in \.toml\."
    ):
        kt.Strategy.load("oldst")
    for thing in (3, None, {"discard": "oldest"}):
        with pytest.raises(StrategyError, match="a strategy goes by its name or path, got"):
            kt.Strategy.load(thing)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"discad": "oldest"}, "mine: key 'discad' is unknown. Did you mean 'discard'?"),
        (
            {"recall": "oldest"},
            "mine: recall: recall rule 'oldest' is unknown: it is a discard rule.",
        ),
        ({"name": " "}, "mine: name: must be a text that is not empty"),
        ({"discard": my_rule}, "mine: discard: must be a text, got <function my_rule"),
        ({3: "oldest"}, "mine: "),
        (["oldest"], "mine: must be a table of keys, got ['oldest']."),
    ],
)
def test_a_dict_is_as_strict_as_a_file(data, message):
    with pytest.raises(StrategyError) as caught:
        kt.Strategy.from_dict(data, where="mine")
    assert message in str(caught.value)


# --- files that are written ----------------------------------------------------------------------

SHIPPED = st.fixed_dictionaries(
    {
        "discard": st.sampled_from(DISCARD),
        "recall": st.sampled_from([None, *BUILT_IN["recall"]]),
        "demote": st.sampled_from([None, *BUILT_IN["demote"]]),
        "issue": st.sampled_from([None, *BUILT_IN["issue"]]),
        "recall_when": st.sampled_from(["eager", "blocked"]),
        "discard_from": st.sampled_from(["overflow", "overflow+newcomer", "anywhere"]),
        "name": st.none() | NAMES.filter(str.strip),
    }
)


@given(SHIPPED)
def test_any_strategy_of_shipped_rules_comes_back_from_its_file(tmp_path_factory, settings):
    strategy = kt.Strategy(**settings)
    path = tmp_path_factory.mktemp("saved") / "mine.toml"
    strategy.save(path)
    loaded = kt.Strategy.load(path)
    assert loaded.name == strategy.name
    assert loaded.rules == strategy.rules
    assert loaded.describe() == strategy.describe()
    harmless(strategy._repr_html_())


def test_a_strategys_file_has_all_settings_and_a_name_only_if_it_says_more():
    text = kt.Strategy("oldest", recall=None).to_toml()
    assert text == (
        '[strategy]\ndiscard = "oldest"\nrecall = "none"\ndemote = "nobody"\nissue = "matched"\n'
        'recall_when = "eager"\ndiscard_from = "overflow+newcomer"\n'
    )
    assert kt.Strategy("oldest", recall=None, name="mine").to_toml() == text + 'name = "mine"\n'


@pytest.mark.parametrize(
    ("settings", "decision", "rule"),
    [
        ({"discard": my_rule}, "discard", "my_rule"),
        ({"recall": my_rule}, "recall", "my_rule"),
        ({"demote": Rule(my_rule, "slowest decaying")}, "demote", "slowest decaying"),
        ({"issue": BUILT_IN["discard"]["oldest"]}, "issue", "oldest"),
    ],
)
def test_a_rule_that_a_file_cannot_name_is_not_saved(settings, decision, rule, tmp_path):
    strategy = kt.Strategy(**settings, name="it")
    with pytest.raises(StrategyError) as caught:
        strategy.save(tmp_path / "mine.toml")
    assert str(caught.value) == (
        f"strategy 'it': a file names shipped {decision} rules only, and {rule!r} is none of them. "
        "Keep the strategy in a script."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_strategys_file_ends_in_toml(tmp_path):
    with pytest.raises(StrategyError, match=r"the name of a strategy's file ends in \.toml\."):
        kt.Strategy().save(tmp_path / "oldest")
    assert list(tmp_path.iterdir()) == []


# --- in a notebook -------------------------------------------------------------------------------


def test_a_notebook_shows_the_decisions_and_what_each_rule_says():
    strategy = kt.Strategy("latest pickup", recall=None, demote="slowest decaying")
    page = harmless(strategy._repr_html_())
    told = strategy.describe()
    for key, value in told.items():
        at = page.texts.index(key.replace("_", " "))
        assert value in page.texts[at : at + 5]
    for rule in (strategy.discard, strategy.demote):
        assert rule.description in page.texts
    assert "What stands on a later shelf stays there." in page.texts
    assert "Not used: there is no recall rule." in page.texts


@pytest.mark.parametrize("name", NASTY)
def test_names_and_words_of_a_strategy_stay_text(name):
    rule = Rule(my_rule, name, description=name)
    page = harmless(kt.Strategy(rule, demote=rule)._repr_html_())
    assert page.text.count(name) >= 5


# --- what the documents say ----------------------------------------------------------------------


def test_the_documents_explain_every_rule_that_ships():
    text = DOCS.read_text(encoding="utf-8")
    for heading in ("Discard", "Recall", "Demote", "Issue"):
        section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
        first = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)[0]
        table = re.findall(r"^\| `([^`]+)` \|", first, re.MULTILINE)
        assert set(table) == set(kt.strategies().query(f"decision == '{heading.lower()}'")["name"])


def test_the_file_in_the_documents_can_be_loaded(rush, written):
    text = DOCS.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    made = kt.Strategy.load(written(text))
    assert made.name == "the careful one"
    paired = [
        kt.simulate(rush, s, replications=50, seed=1).summary["value_per_order"].mean()
        for s in ("discard newcomer", made)
    ]
    assert paired[0] < paired[1]
