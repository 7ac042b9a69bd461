"""The instant at which two strategies part, against their ledgers."""

import pytest
from support.report_page import page_of

import kitchen as kt
from kitchen.engine.source import Source
from kitchen.reporting.parting_section import find_parting

pytestmark = pytest.mark.usefixtures("compiled")


def ledgers(scenario, strategies, replication, seed=1):
    trace = kt.draw(scenario, 1, seed, first=replication)
    return [
        kt.simulate(scenario, own, trace=trace).ledger.drop(columns="strategy")
        for own in strategies
    ]


@pytest.fixture(scope="module")
def two(best):
    return kt.Strategy(), best


@pytest.fixture(scope="module")
def parting(priced, two):
    return find_parting(Source(priced, 1), *two, 40)


def test_up_to_that_instant_both_ledgers_are_the_same_and_then_they_differ(priced, two, parting):
    replication, time_s = parting.frame.loc[0, ["replication", "time_s"]]
    one, other = ledgers(priced, two, replication)
    before = [rows[rows["time_s"] < time_s].reset_index(drop=True) for rows in (one, other)]
    assert before[0].equals(before[1])
    at = [rows[rows["time_s"] == time_s].reset_index(drop=True) for rows in (one, other)]
    assert not at[0].equals(at[1])


def test_each_strategy_says_what_it_does_there(priced, two, parting):
    replication, time_s = parting.frame.loc[0, ["replication", "time_s"]]
    for rows, column in zip(ledgers(priced, two, replication), ("today", "best"), strict=True):
        done = rows[rows["time_s"] == time_s].set_index("order")["event"]
        told = parting.frame.set_index("order")[column]
        assert set(told[told != "stays"].index) <= set(done.index)
        for order, event in done.items():
            word = {"place": "placed", "move": "moved", "discard": "discarded"}.get(event)
            assert word is None or word in told[order]
    assert [name for name, _ in parting.deeds] == [own.name for own in two]


def test_the_table_begins_with_what_is_treated_differently(parting):
    differ = [marked for _, marked in parting.rows]
    assert differ[0] and sum(differ) == (parting.frame["today"] != parting.frame["best"]).sum()
    shelves = parting.frame[parting.frame["shelf"] != ""]
    assert len(shelves) >= len(parting.rows) - 1


def test_strategies_that_never_differ_have_no_parting(priced):
    def newcomer(order):
        return 0.0 if order.is_newcomer else float("inf")

    assert find_parting(Source(priced, 1), kt.Strategy(), kt.Strategy(newcomer), 3) is None
    nothing = priced.replace({"orders.duration_s": 0.0})
    assert find_parting(Source(nothing, 1), kt.Strategy(), kt.Strategy("oldest"), 2) is None


def test_the_page_shows_it_only_where_a_strategy_is_better(priced_folder, tmp_path):
    assert "What the best strategy does differently" in page_of(priced_folder).text
    classic = kt.Scenario.load("classic")
    kt.report(classic, ["discard newcomer", "oldest"], replications=3, out=tmp_path)
    text = page_of(tmp_path).text
    assert "What the best strategy does differently" not in text
    assert not (tmp_path / "parting.csv").exists()
