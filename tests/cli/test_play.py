"""The command `kitchen play`: a page of one replication, and what it refuses before any work."""

import json
import re

import pytest

import kitchen as kt
from kitchen.cli.main import main

pytestmark = pytest.mark.usefixtures("compiled")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def data_of(page):
    """The data that a page carries."""
    found = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1])


def test_the_page_holds_the_replication_that_was_asked_for(tmp_path, capsys):
    names = "discard newcomer, oldest"
    assert main(["play", "rush", "--strategies", names, "--replication", "3", "--seed", "5"]) == 0
    assert "The page is play.html." in capsys.readouterr().out
    data = data_of((tmp_path / "play.html").read_text(encoding="utf-8"))
    trace = kt.draw(kt.Scenario.load("rush"), replications=4, seed=5).take([3])
    assert data["replication"] == 3 and len(data["kitchens"]) == 2
    assert data["orders"]["ready"] == pytest.approx(trace.ready_s.tolist())


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (
            ["--set", "orders.count=20000000"],
            "play: shows at most 50,000 orders, and a replication has 20,000,000 here.",
        ),
        (["--replication", "1.5"], "--replication: must be a whole number of at least 0, got 1.5."),
        (["--strategies", "random, oldest, newest"], "play takes one or two strategies, got 3."),
        (["--out", "play.pdf"], "--out play.pdf: the name of a page ends in .html."),
    ],
)
def test_what_cannot_be_played_is_refused_before_anything_is_drawn(
    more, told, tmp_path, capsys, monkeypatch
):
    def drawn(*_):
        raise AssertionError("orders were drawn")

    monkeypatch.setattr("kitchen.engine.source.Source.take", drawn)
    assert main(["play", "rush", *more]) == 2
    assert told in capsys.readouterr().err and list(tmp_path.iterdir()) == []


def test_a_page_that_is_there_is_kept_unless_force_is_given(tmp_path, capsys):
    (tmp_path / "play.html").write_text("mine", encoding="utf-8")
    assert main(["play", "rush"]) == 2
    assert "play.html" in capsys.readouterr().err
    assert (tmp_path / "play.html").read_text(encoding="utf-8") == "mine"
    assert main(["play", "rush", "--force"]) == 0
