"""No command replaces a file that it reads, nor one that kitchen did not write."""

import hashlib
from pathlib import Path

import pytest

import kitchen as kt
from kitchen.cli import main

pytestmark = pytest.mark.usefixtures("compiled")

MENU = "name,temp,shelf_life_s,decay_rate\nSoup,hot,300,0.5\nSalad,cold,200,0.3\n"
FEW = ["--replications", "2"]
COMMANDS = {
    "run": (["run", "rush", *FEW], "summary.csv"),
    "compare": (["compare", "rush", "--strategies", "random,oldest", *FEW], "pairs.csv"),
    "export": (["export", "rush"], "contents.csv"),
    "several": (["export", "rush", "--strategies", "random,oldest"], "summary.csv"),
    "parquet": (["export", "rush", "--format", "parquet"], "orders.parquet"),
    "report": (["report", "rush", "--strategies", "random", *FEW], "report.html"),
    "size": (["size", "rush", "--shelf", "hot=9:10", "--target", "90%", *FEW], "curve.csv"),
    "sweep": (["export", "swept"], "frame.csv"),
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def refusal(capsys, here):
    """Run a command that must be refused; every file is then as it was. Returns the line."""

    def run(argv):
        capsys.readouterr()
        before = contents(here)
        assert main.main([str(a) for a in argv]) == 2
        out, err = capsys.readouterr()
        assert out == "" and err.count("\n") == 1
        assert contents(here) == before
        return err

    return run


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def never(*_, **__):
    raise AssertionError("the work must not begin")


def swept(folder):
    kt.sweep(
        kt.Scenario.load("rush"), {"arrivals.rate": [8, 10]}, ["random"], replications=2, out=folder
    )


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize("name", ["orders.csv", "orders.json"])
def test_a_menu_is_never_overwritten_by_the_export_that_reads_it(refusal, here, name, force):
    (here / "orders.csv").write_text(MENU)
    kt.write_csv(kt.read_orders("orders.csv").frame(), "orders.csv", force=True)
    (here / "orders.json").symlink_to("orders.csv")  # the same file by another name
    if name == "orders.json":
        (here / "menu.csv").hardlink_to(here / "orders.csv")
        name = "menu.csv"
    line = refusal(["export", "rush", "--orders", name, "--out", ".", *force])
    assert (
        line
        == "kitchen: orders.csv: is read for this work and would be overwritten. Write elsewhere.\n"
    )


def test_a_scenario_and_its_menu_are_never_overwritten(refusal, here):
    (here / "ranking.csv").write_text(MENU)
    kt.Scenario.load("rush").replace({"orders.file": "ranking.csv"}).save("mine.toml")
    (here / "report.html").symlink_to("mine.toml")
    argv = ["mine.toml", "--out", ".", "--force", "--replications", "2"]
    assert "report.html: is read for this work" in refusal(["report", *argv])
    (here / "report.html").unlink()
    assert "ranking.csv: is read for this work" in refusal(["report", *argv])
    assert "ranking.csv: is read for this work" in refusal(["compare", *argv])


def test_a_strategy_is_never_overwritten(refusal, here):
    kt.Strategy(discard="oldest").save("mine.toml")
    (here / "summary.csv").symlink_to("mine.toml")
    argv = ["run", "--strategy", "mine.toml", "--out", ".", "--force", *FEW]
    assert "summary.csv: is read for this work" in refusal(argv)


def test_a_study_is_no_folder_for_its_sweep(refusal, here):
    (here / "study.toml").write_text(
        'scenario = "rush"\nreplications = 2\ndesign.ranges."arrivals.rate" = [8, 10]\n'
    )
    assert "holds study.toml and no sweep" in refusal(["sweep", "study.toml", "--out", "."])


@pytest.mark.parametrize("command", COMMANDS)
def test_files_of_others_are_refused_before_the_work_unless_forced(
    refusal, here, monkeypatch, command
):
    argv, name = COMMANDS[command]
    if command == "sweep":
        swept("swept")
    (here / "out").mkdir()
    (here / "out" / name).write_text("mine\n")
    argv = [*argv, "--out", "out"]
    with monkeypatch.context() as patch:
        patch.setattr("kitchen.engine.batches.Batches.run", never)
        line = refusal(argv)
    assert line == (
        f"kitchen: {Path('out') / name}: is there, and not as kitchen wrote it. Write elsewhere, or "
        "replace what is there with --force (in Python force=True).\n"
    )
    assert main.main([*argv, "--force"]) == 0
    assert (here / "out" / name).read_bytes() != b"mine\n"
    assert main.main(argv) == 0  # its own files are replaced without it


def test_a_file_that_was_edited_is_not_replaced(refusal, here):
    assert main.main(["report", "--strategies", "random", "--out", "out", *FEW]) == 0
    argv = ["report", "--strategies", "random", "--out", "out", *FEW]
    for name in ("report.html", "ranking.csv"):
        path = here / "out" / name
        before = path.read_bytes()
        path.write_bytes(before + b"a note of mine\n")
        assert f"{name}: is there, and not as kitchen wrote it." in refusal(argv)
        path.write_bytes(before)
    assert main.main(argv) == 0


def test_the_files_of_a_sweep_are_not_overwritten_by_its_export(refusal, here):
    swept("swept")
    argv = ["export", "swept", "--format", "parquet", "--out", "swept", "--force"]
    assert "holds a sweep" in refusal(argv)
    (here / "out").mkdir()
    (here / "out/frame.parquet").symlink_to(here / "swept/frame.parquet")
    argv[-2] = "out"
    assert "frame.parquet: is read for this work" in refusal(argv)


def test_functions_refuse_as_commands_do(here):
    (here / "summary.csv").write_text(MENU)
    (here / "orders.csv").write_text(MENU)
    scenario = kt.Scenario.load("rush").replace({"orders.file": "orders.csv"})
    run = kt.simulate(scenario, seed=1)
    both = kt.compare(scenario, ["random", "oldest"], replications=2, keep="ledger")
    for write in (
        lambda force: run.to_csv(".", force=force),
        lambda force: both.to_csv(".", force=force),
    ):
        for force in (False, True):
            with pytest.raises(kt.KitchenError, match="orders.csv: is read for this work"):
                write(force)
    with pytest.raises(kt.KitchenError, match="summary.csv: is there, and not as kitchen wrote it"):
        kt.write_csv(run.summary, "summary.csv")
    assert (here / "summary.csv").read_text() == MENU
    kt.write_csv(run.summary, "summary.csv", force=True)
    kt.write_csv(run.summary, "summary.csv")  # now it is its own
    (here / "report.html").write_text("mine")
    with pytest.raises(kt.KitchenError, match="report.html: is there"):
        kt.report(scenario, ["random"], replications=2, out=".")
    assert (here / "report.html").read_text() == "mine"
