"""Studies in a file, read and run; and from the command line."""

import pandas as pd
import pytest

import kitchen as kt
from kitchen.cli.main import main
from kitchen.errors import KitchenError
from kitchen.sweeps.study_file import read_study

STUDY = """
scenario = "rush"
strategies = ["discard newcomer", "oldest"]
replications = 5
seed = 3

[design]
kind = "grid"
[design.ranges]
"arrivals.rate" = [8, 10]
"shelves.overflow.capacity" = { first = 5, last = 15, step = 5 }

[sensitivity]
n = 8
measure = "wasted_share"
[sensitivity.ranges]
"arrivals.rate" = { low = 8.0, high = 12.0 }
"shelves.overflow.capacity" = { first = 5, last = 15, step = 5 }
"""
GRID = {"arrivals.rate": [8, 10], "shelves.overflow.capacity": range(5, 16, 5)}
NAMES = ["discard newcomer", "oldest"]


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    return "study.toml"


@pytest.fixture
def say(capsys):
    """Run a command; yields its exit code, output and errors."""

    def run(*words):
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_the_sweep_of_a_study_is_the_one_it_tells(study, rush):
    found = read_study(study).sweep()
    expected = kt.sweep(rush, GRID, NAMES, replications=5, seed=3)
    pd.testing.assert_frame_equal(found.frame, expected.frame)


def test_the_analysis_of_a_study_is_the_one_it_tells(study, rush):
    found = read_study(study).sensitivity()
    ranges = {"arrivals.rate": (8.0, 12.0), "shelves.overflow.capacity": range(5, 16, 5)}
    expected = kt.sensitivity(rush, ranges, measure="wasted_share", n=8, replications=5, seed=3)
    pd.testing.assert_frame_equal(found.frame, expected.frame)


def test_files_are_looked_for_beside_the_study(study, tmp_path, rush):
    inner = tmp_path / "inner"
    inner.mkdir()
    rush.replace({"arrivals.rate": 12}).save(inner / "mine.toml")
    kt.Strategy("oldest", recall=None, name="own").save(inner / "own.toml")
    text = STUDY.replace('"rush"', '"mine.toml"').replace('"oldest"', '"own.toml"')
    (inner / "study.toml").write_text(text, encoding="utf-8")
    found = read_study(inner / "study.toml")
    assert found.scenario.arrivals.rate == 12
    assert [strategy.name for strategy in found.strategies] == ["discard newcomer", "own"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("replications", "replicatons", "study.toml: key 'replicatons' is unknown.*Did you mean"),
        ("replications = 5", "replications = 2.5", "must be a whole number"),
        ('"rush"', '"rash"', "Did you mean 'rush'"),
        ('"oldest"', '"oldets"', "study.toml: strategies: .*Did you mean 'oldest'"),
        ('"oldest"', '"discard newcomer"', "two strategies are named"),
        ('"grid"', '"gird"', "study.toml: design: kind 'gird' is unknown. Did you mean 'grid'"),
        ("[8, 10]", "[]", "arrivals.rate"),
        ("{ first = 5, last = 15, step = 5 }", "{ first = 15, last = 5 }", "overflow.capacity"),
        ("{ low = 8.0, high = 12.0 }", "{ low = 12.0, high = 8.0 }", "study.toml: .*arrivals.rate"),
        ("[sensitivity]", "[sensitivty]", "Did you mean 'sensitivity'"),
    ],
)
def test_what_is_wrong_in_a_study_is_told_in_a_line(study, old, new, message):
    with open(study, "w", encoding="utf-8") as file:
        file.write(STUDY.replace(old, new))
    with pytest.raises(KitchenError, match=message) as caught:
        read_study(study)
    assert "\n" not in str(caught.value)


def test_a_study_without_what_is_asked_for_says_so(study):
    with open(study, "w", encoding="utf-8") as file:
        file.write('scenario = "rush"\n')
    with pytest.raises(KitchenError, match=r"study.toml: design is missing"):
        read_study(study).sweep()
    with pytest.raises(KitchenError, match=r"study.toml: sensitivity is missing"):
        read_study(study).sensitivity()


# The command line


def test_a_sweep_is_kept_and_exported_in_one_go(study, say, tmp_path, rush):
    code, out, _ = say("sweep", study)
    assert code == 0
    assert "6 points x 2 strategies" in out
    expected = kt.sweep(rush, GRID, NAMES, replications=5, seed=3).frame
    pd.testing.assert_frame_equal(kt.read_sweep("out/study").frame, expected)
    assert say("export", "out/study", "--out", "csv")[0] == 0
    pd.testing.assert_frame_equal(kt.read_csv("csv/frame.csv"), expected)


def test_a_report_has_a_chapter_on_a_sweep_that_is_kept(study, say, tmp_path):
    assert say("sweep", study, "--out", "kept")[0] == 0
    message = ["report", "rush", "--strategies", "oldest", "--replications", 5, "--sweep", "kept"]
    assert say(*message, "--out", "page")[0] == 0
    pd.testing.assert_frame_equal(kt.read_csv("page/sweep_1.csv"), kt.read_sweep("kept").frame)
    assert "sweep_1.csv" in (tmp_path / "page" / "report.html").read_text(encoding="utf-8")
    code, out, err = say(*message, "--sweep", "page", "--out", "other")
    assert (code, out) == (2, "")
    assert "page: holds no sweep" in err
    assert not (tmp_path / "other").exists()


def test_the_same_command_again_computes_nothing(study, say, monkeypatch):
    first = say("sweep", study, "--out", "kept")

    def never(*given, **options):
        raise AssertionError("it ran again")

    monkeypatch.setattr("kitchen.sweeps.points.figures", never)
    assert say("sweep", study, "--out", "kept") == first


def test_a_changed_study_does_not_mix_with_the_old_one(study, say):
    assert say("sweep", study, "--out", "kept")[0] == 0
    with open(study, "w", encoding="utf-8") as file:
        file.write(STUDY.replace("seed = 3", "seed = 4"))
    code, out, err = say("sweep", study, "--out", "kept")
    assert (code, out) == (2, "")
    assert "kept: holds another sweep: seed is 3 there and 4 here" in err


def test_a_sensitivity_is_told_with_its_indices(study, say):
    code, out, _ = say("sensitivity", study, "--executor", "serial")
    assert code == 0
    assert "with interactions" in out
    assert "shelves.overflow.capacity" in out
    assert kt.read_sweep("out/study_sensitivity").points == 8 * 4


def test_a_size_is_told_with_what_others_would_do(say, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    message = [
        "size",
        "rush",
        "--target",
        "5%",
        "--shelf",
        "overflow=0:30:5",
        "--cost",
        "overflow=2",
    ]
    code, out, _ = say(*message, "--max-replications", 2000, "--out", "sized")
    assert code == 0
    expected = kt.size(
        kt.Scenario.load("rush"),
        shelves={"overflow": range(0, 31, 5)},
        target=0.05,
        costs={"overflow": 2},
        max_replications=2000,
        seed=1,
    )
    assert "chosen" in out
    pd.testing.assert_frame_equal(kt.read_csv("sized/curve.csv"), expected.curve, check_dtype=False)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sweep", "nowhere.toml"], "nowhere.toml"),
        (["sweep", "study.toml", "--dask", "there"], "--dask 'there': is no address"),
        (
            ["sweep", "study.toml", "--dask", "tcp://h:1", "--executor", "serial"],
            "give one of them",
        ),
        (
            ["sweep", "study.toml", "--workers", "0"],
            "workers: must be a whole number of at least 1",
        ),
        (["sweep", "study.toml", "--workers", "many"], "workers: must be a whole number"),
        (["size", "rush", "--shelf", "overflow"], "needs a shelf and its capacities"),
        (["size", "rush", "--shelf", "overflw=0:3"], "Did you mean 'overflow'"),
        (["size", "rush", "--cost", "overflow=much"], "needs a shelf and a number"),
        (["size", "rush", "--target", "150%"], "target"),
        (["size", "rush", "--strategies", "oldest,random"], "takes one strategy"),
        (["export", "study.toml", "--out", "x"], "study.toml"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_exit_code_2(study, say, words, message):
    code, out, err = say(*words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("key", ["scenario", "strategies"])
def test_a_name_too_long_for_a_file_is_refused_like_any_unknown_name(tmp_path, key):
    value = '"' + 3_000 * "a" + '"'
    text = f"{key} = {value if key == 'scenario' else f'[{value}]'}\n"
    study = tmp_path / "study.toml"
    study.write_text(text + '[design]\nkind = "grid"\nranges = { "arrivals.rate" = [8, 10] }\n')
    with pytest.raises(kt.errors.KitchenError, match="is unknown"):
        kt.read_study(study)
