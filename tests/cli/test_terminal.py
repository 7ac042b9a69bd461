"""Tables in a terminal: they fit its width, and `--format` gives their figures to other programs."""

import io
import json

import pandas as pd
import pytest
from wcwidth import wcswidth

import kitchen as kt
from kitchen.cli import main, text_tables
from kitchen.cli.formats import PRINT_TABLES


@pytest.fixture
def say(capsys):
    """Run a command; what it prints."""

    def run(*argv):
        assert main.main([*argv, "--quiet"]) == 0
        return capsys.readouterr().out

    return run


FEW = ("--replications", "10", "--seed", "3")
COMMANDS = [
    ("run", "rush", *FEW),
    ("compare", "rush", "--strategies", "random, lowest value per shelf second", *FEW),
    ("levers", "rush", *FEW),
    ("strategies",),
    ("scenarios",),
    ("scenarios", "rush"),
]


@pytest.mark.parametrize("wide", [76, 80, 132])
@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_no_line_is_wider_than_the_terminal(say, monkeypatch, argv, wide):
    monkeypatch.setenv("COLUMNS", str(wide))
    lines = say(*argv).splitlines()
    assert max(map(wcswidth, lines)) <= wide
    assert lines


@pytest.mark.parametrize("argv", COMMANDS[:4], ids=" ".join)
def test_nothing_is_lost_where_a_table_is_narrow(say, monkeypatch, argv):
    whole = say(*argv)
    monkeypatch.setenv("COLUMNS", "64")
    narrow = say(*argv)
    assert sorted("".join(whole.split()).replace("-", "")) == sorted(
        "".join(narrow.split()).replace("-", "")
    )


def test_wide_characters_take_two_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    rows = [("红烧牛肉面" * 4, "1.00"), ("pizza 🍕", "10.00")]
    text = text_tables.table(("name", "lost"), rows, "<>")
    lines = text.splitlines()
    assert max(map(wcswidth, lines)) <= 40
    ends = {wcswidth(line) for line in lines if line.endswith("00") or line.endswith("lost")}
    assert len(ends) == 1  # the numbers stand below each other


def test_differences_of_shares_are_points_and_zero_has_no_sign(rush):
    table = kt.compare(rush, ["random", "oldest"], replications=20, seed=1)
    text = text_tables.ranking(table.frame, table.paired)
    assert "points against random" in text
    assert "-0.00" not in text
    head = text.splitlines()[0]
    assert head.count("%") == 2  # of the ends of both intervals alone


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_csv_and_json_say_the_same(say, argv):
    as_csv = pd.read_csv(io.StringIO(say(*argv, "--format", "csv")), keep_default_na=False)
    as_json = json.loads(say(*argv, "--format", "json"))
    assert len(as_csv) == len(as_json) > 0
    assert list(as_csv.columns) == list(as_json[0])


def test_csv_has_the_figures_that_python_has(say, rush):
    out = say("compare", "rush", "--strategies", "random, oldest", *FEW, "--format", "csv")
    found = pd.read_csv(io.StringIO(out))
    wanted = kt.compare(rush, ["random", "oldest"], replications=10, seed=3).frame
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False, check_categorical=False)


def test_every_command_that_prints_a_table_has_the_option(capsys):
    for name in PRINT_TABLES:
        assert main.main([name, "--help"]) == 0
        assert "--format {table,csv,json}" in capsys.readouterr().out


def test_the_sizes_of_a_sizing_are_in_percent_in_text_and_table(say):
    out = say(
        "size", "rush", "--target", "0.05", "--shelf", "overflow=10:25", "--replications", "50"
    )
    rows = [line for line in out.splitlines() if line.endswith("chosen")]
    assert rows and rows[0].count("%") == 3


def test_the_doctor_says_when_another_kitchen_is_in_the_way(say, monkeypatch):
    from kitchen.cli import doctor

    found = doctor._version_of
    monkeypatch.setattr(
        doctor, "_version_of", lambda name: "0.3.1" if name == "kitchen" else found(name)
    )
    told = " ".join(say("doctor").split())
    assert "in the way the package 'kitchen' 0.3.1, which is somebody else's" in told
    assert "pip uninstall kitchen kitchensim, then pip install kitchensim" in told
