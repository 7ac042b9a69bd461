"""`kitchen learn`: what it prints, and the file that it writes."""

import pytest

import kitchen as kt
from kitchen.cli.main import main

pytestmark = pytest.mark.usefixtures("compiled")

SMALL = ["--replications", "5", "--budget", "10", "--quiet"]


@pytest.fixture
def say(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder: its exit code, and what it prints."""
    monkeypatch.chdir(tmp_path)

    def run(*argv):
        code = main(list(argv))
        return code, *capsys.readouterr()

    return run


def test_the_verdict_and_the_strategy_as_python_are_printed(say):
    code, out, err = say("learn", "rush", *SMALL)
    assert code == 0 and err == ""
    result = kt.learn(kt.Scenario.load("rush"), replications=5, budget=10)
    assert " ".join(result.verdict.split()) in " ".join(out.split())
    assert result.source.rstrip() in out


def test_the_file_is_a_strategy_of_other_commands(say):
    code, out, _ = say("learn", "rush", "--template", "joint", "--out", "learned.toml", *SMALL)
    assert code == 0 and "The strategy is in learned.toml." in out
    loaded = kt.Strategy.load("learned.toml")
    few = ["--replications", "2", "--quiet"]
    code, out, _ = say("compare", "rush", "--strategies", "random, learned.toml", *few)
    assert code == 0 and loaded.name in " ".join(out.split())


def test_a_file_that_is_there_is_not_replaced_unless_forced(say, tmp_path):
    path = tmp_path / "learned.toml"
    path.write_text("mine")
    code, out, err = say("learn", "rush", "--out", "learned.toml", *SMALL)
    assert (code, out, path.read_text()) == (2, "", "mine")
    assert "--force" in err and err.count("\n") == 1
    code, _, _ = say("learn", "rush", "--out", "learned.toml", "--force", *SMALL)
    assert code == 0 and path.read_text().startswith("[strategy]")


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["--out", "learned.csv"], "the name of a strategy's file ends in .toml"),
        (["--template", "deep"], "template 'deep' is unknown"),
        (["--budget", "many"], "budget: must be a whole number"),
        (["--measure", "joy"], "measure 'joy' is unknown"),
    ],
)
def test_what_will_not_do_is_refused_in_one_line(say, argv, text):
    code, out, err = say("learn", "rush", *SMALL, *argv)
    assert (code, out) == (2, "") and text in err and err.count("\n") == 1
