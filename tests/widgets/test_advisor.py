"""The advisor: what would help, ranked, and a rule that is learned; without a browser."""

import base64
import re

import pytest

import kitchen as kt
from kitchen.widgets import advisor as module
from kitchen.widgets.advisor import Advisor

PATIENCE_S = 300


@pytest.fixture
def advisor(monkeypatch):
    monkeypatch.setattr(module, "BUDGET", 20)
    made = Advisor("rush", ["discard newcomer", "oldest"])
    made.controls["replications"].value = "12"
    return made


def ask(advisor, what):
    advisor.controls[what].click()
    assert advisor.wait(PATIENCE_S)


def test_the_levers_are_those_of_the_library(advisor, rush):
    ask(advisor, "levers")
    wanted = kt.levers(rush, "discard newcomer", replications=12, seed=1)
    assert advisor.faults == []
    assert advisor.levers.frame.equals(wanted.frame)
    told = advisor.still()
    assert "Today&#x27;s practice is &#x27;discard newcomer&#x27;" in told
    picture = base64.b64decode(re.search(r"base64,([^\"]+)", told)[1])
    assert picture.startswith(b"\x89PNG")
    content, kind = advisor.files.made("levers.csv")
    assert kind == "text/csv" and content.count(b"\n") == len(wanted.frame) + 1


def test_what_was_learned_is_told_and_can_be_taken_along(advisor, tmp_path):
    advisor.controls["replications"].value = "20"
    ask(advisor, "learn")
    assert advisor.faults == []
    assert (
        advisor.learned.verdict
        in kt.learn(kt.Scenario.load("rush"), replications=20, budget=20, seed=1).verdict
    )
    content, _ = advisor.files.made("learned.toml")
    (tmp_path / "learned.toml").write_bytes(content)
    assert kt.Strategy.load(tmp_path / "learned.toml").rules == advisor.learned.strategy.rules


def test_what_is_of_other_choices_is_faded_until_it_is_asked_for_again(advisor):
    ask(advisor, "levers")
    place = advisor._told["levers"]
    assert "kt-stale" not in place._dom_classes
    advisor.controls["practice"].value = "oldest"
    assert "kt-stale" in place._dom_classes
    ask(advisor, "levers")
    assert "kt-stale" not in place._dom_classes
    assert "&#x27;oldest&#x27;" in place.value


@pytest.mark.parametrize("text", ["1", "2001", "many", ""])
def test_a_bad_number_of_replications_is_told(advisor, text):
    advisor.controls["replications"].value = text
    advisor.controls["levers"].click()
    assert advisor.faults[0].startswith("replications: ")
    assert advisor.levers is None


def test_no_names_are_taken_for_html():
    nasty = kt.Strategy("oldest", name="<img src=x onerror=alert(1)>")
    advisor = Advisor("rush", [nasty])
    advisor.controls["replications"].value = "5"
    ask(advisor, "levers")
    assert "<img src=x" not in advisor.still()
