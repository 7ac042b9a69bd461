"""Playing a replication: what is refused, what a page holds, and that it says what the run says."""

import html
import json
import re

import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.plots.browser.marks import marks
from kitchen.plots.browser.page import page, script, script_source
from kitchen.plots.browser.payload import payload, text_of
from kitchen.plots.browser.scores import scores
from kitchen.simulation.snapshot import Snapshots, parting

HOSTILE = "</script><script>alert(1)</script> \u2028 \u202e \u0645\u0631\u062d\u0628\u0627 \u53a8\u623f \U0001f35c"


@pytest.fixture(scope="module")
def rush():
    return kt.Scenario.load("rush")


@pytest.fixture(scope="module")
def trace(rush):
    return kt.draw(rush, replications=1, seed=1)


@pytest.fixture(scope="module")
def runs(rush, trace):
    return [kt.simulate(rush, rule, trace=trace) for rule in ("discard newcomer", "oldest")]


def test_the_ledger_goes_to_the_browser_row_by_row(runs):
    data = payload(*runs)
    for run, kitchen in zip(runs, data["kitchens"], strict=True):
        assert kitchen["time"] == run.ledger["time_s"].tolist()
        assert kitchen["order"] == run.ledger["order"].tolist()
        fetched = run.orders[run.orders["outcome"] == "delivered"]
        assert sum(kitchen["worth"]) == pytest.approx(fetched["value"].sum())
    names = data["orders"]["names"]
    assert [names[n] for n in data["orders"]["name"]] == runs[0].orders["name"].tolist()


def test_two_kitchens_of_132_orders_are_small_enough_to_send_once(runs):
    assert len(text_of(payload(*runs))) < 60_000


@pytest.mark.parametrize(
    "strategy",
    [
        "oldest",
        "lowest value",
        "latest pickup",
        kt.Strategy("lowest value", discard_from="anywhere"),
        kt.Strategy("lowest value per shelf second", demote="slowest decaying"),
    ],
)
def test_whoever_was_discarded_had_the_lowest_score_of_the_candidates(rush, trace, strategy):
    run = kt.simulate(rush, strategy, trace=trace)
    found = scores(run)
    discards = np.flatnonzero(run.ledger["event"] == "discard")
    assert [decision["row"] for decision in found] == discards.tolist()
    for decision in found:
        order = run.ledger["order"][decision["row"]]
        by_order = dict(decision["candidates"])
        known = [score for score in by_order.values() if score is not None]
        assert order in by_order
        assert not known or by_order[order] == min(known)


def test_the_candidates_of_a_discard_stand_on_its_shelves_or_are_the_newcomer(rush, trace):
    run = kt.simulate(rush, "lowest value", trace=trace)
    ledger = run.ledger
    for decision in scores(run):
        row = decision["row"]
        before = ledger[ledger["time_s"] < ledger["time_s"][row]]
        last = before.drop_duplicates("order", keep="last").set_index("order")["to_shelf"]
        standing = set(last[last == "overflow"].index)
        listed = {order for order, _ in decision["candidates"]}
        assert len(listed - standing) == 1
        assert len(listed) == len(standing) + 1


def test_no_text_of_a_menu_can_leave_the_data(tmp_path, rush):
    menu = [{"name": HOSTILE, "temp": "hot", "shelfLife": 100, "decayRate": 0.5}]
    (tmp_path / "menu.json").write_text(json.dumps(menu), encoding="utf-8")
    hostile = rush.replace({"orders.file": str(tmp_path / "menu.json"), "name": HOSTILE})
    played = kt.simulate(hostile, kt.Strategy(name=HOSTILE)).play()
    text = page(played.data, played.title)
    assert text.count("<script") == 2
    assert text.count("</script>") == 2
    found = json.loads(re.search(r'<script type="application/json">(.*?)</script>', text, re.S)[1])
    assert "alert(1)" in found["orders"]["names"][0]
    assert "\u202e" not in text


def test_the_policy_of_the_page_allows_its_script_by_hash_and_nothing_else(runs):
    text = page(payload(*runs), "title")
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1])
    assert f"script-src {script_source()}" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert re.search(r"<script type=\"module\">(.*)</script>", text, re.S)[1] == script()
    assert not re.search(r"https?://", text)


def test_a_notebook_shows_the_page_in_a_frame(runs):
    shown = kt.play(*runs)._repr_html_()
    assert shown.startswith("<iframe")
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', shown)[1]).startswith("<!DOCTYPE html>")


def test_a_run_of_many_plays_one_that_is_the_same_alone(rush):
    run = kt.simulate(rush, "oldest", replications=5, seed=3)
    alone = run.play(replication=4).runs[0]
    kept = run.ledger[run.ledger["replication"] == 4].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.ledger, kept)


def test_a_comparison_plays_its_baseline_and_its_best_on_a_usual_replication(rush):
    table = kt.compare(rush, ["random", "discard newcomer", "oldest"], replications=50, seed=2)
    played = table.play()
    assert [run.strategy.name for run in played.runs] == ["random", "discard newcomer"]
    values = table.summaries.pivot(index="replication", columns="strategy", values=table.measure)
    off = values["discard newcomer"] - values["random"]
    shown = played.runs[0].replications[0]
    assert abs(off[shown] - off.mean()) == (off - off.mean()).abs().min()
    summary = [run.summary[table.measure][0] for run in played.runs]
    assert summary == [values["random"][shown], values["discard newcomer"][shown]]


def test_temps_have_letters_of_their_own():
    letters = [mark.letter for mark in marks(["hot", "cold", "hoot", "h", "\U0001f35c"]).values()]
    assert len(set(letters)) == 5


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lambda run, rush: kt.play(), "one or two runs, got 0"),
        (lambda run, rush: kt.play(run, run, run), "one or two runs, got 3"),
        (lambda run, rush: kt.play("rush"), "must be a Run, got 'rush'"),
        (
            lambda run, rush: kt.play(run, replication=7),
            r"replication: must be one of 1 \(0 to 0\), got 7",
        ),
        (lambda run, rush: kt.play(run, begin_s=float("nan")), "begin_s"),
        (lambda run, rush: kt.play(run, kt.simulate(rush, seed=9)), "different orders"),
        (
            lambda run, rush: kt.play(
                run, kt.simulate(rush.replace({"shelves.hot.capacity": 3}), trace=run.trace)
            ),
            "different shelves",
        ),
        (lambda run, rush: kt.simulate(rush, keep="summary").play(), "kept its summary only"),
        (lambda run, rush: kt.play(run).save("play.txt"), "ends in .html"),
        (
            lambda run, rush: kt.simulate(rush.replace({"orders.count": 50_001})).play(),
            "at most 50,000 orders",
        ),
    ],
)
def test_what_cannot_be_played_is_refused_in_one_line(runs, rush, bad, message):
    with pytest.raises(kt.KitchenError, match=message) as refusal:
        bad(runs[0], rush)
    assert "\n" not in str(refusal.value)


def test_it_begins_where_something_happens(rush, runs):
    kitchens = [Snapshots(run) for run in runs]
    assert payload(*runs)["begin"] == parting(*kitchens)
    ledger = runs[0].ledger
    assert payload(runs[0])["begin"] == ledger["time_s"][ledger["event"] == "discard"].min()
    quiet = kt.simulate(kt.Scenario.load("steady"), seed=1)
    begin = payload(quiet)["begin"]
    times = Snapshots(quiet).times
    standing = [Snapshots(quiet).at(t).standing for t in times]
    assert begin == times[np.argmax(standing)]


def test_no_orders_at_all_are_played_too(rush):
    empty = rush.replace({"orders.count": 0})
    assert kt.simulate(empty).play().data["kitchens"][0]["time"] == []


def test_a_rule_that_never_has_a_choice_explains_nothing(rush, trace):
    run = kt.simulate(rush, "discard newcomer", trace=trace)
    assert (run.ledger["event"] == "discard").any()
    assert scores(run) == []
