"""Commands on an order log: fit, and compare, levers and report on its evenings."""

import pandas as pd
import pytest

import kitchen as kt
from kitchen.cli.main import main

pytestmark = pytest.mark.usefixtures("compiled")


@pytest.fixture(scope="module")
def small():
    """An hour of `friday`, whose couriers are known exactly: a replay has no estimates of its own."""
    changes = {"name": "small", "orders.duration_s": 4000.0, "eta": "exact"}
    return kt.Scenario.load("friday").replace(changes)


@pytest.fixture(scope="module")
def trace(small):
    return kt.draw(small, replications=6, seed=5)


def written(trace, path):
    """Write evenings as an export has them, from five o'clock on."""
    orders = trace.frame()
    opens = pd.Timestamp("2025-11-03T17:00:00Z") + pd.to_timedelta(orders["replication"], unit="D")
    frame = orders[["name", "temp", "price", "shelf_life_s", "decay_rate"]].copy()
    for column in ("received", "pickup"):
        times = opens + pd.to_timedelta(orders[f"{column}_s"], unit="s")
        frame[column] = times.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def log(trace, tmp_path_factory):
    """Six evenings as an export has them."""
    return written(trace, tmp_path_factory.mktemp("log") / "orders.csv")


@pytest.fixture(scope="module")
def scenario(small, tmp_path_factory):
    path = tmp_path_factory.mktemp("scenario") / "small.toml"
    small.save(path)
    return path


def test_a_comparison_on_a_log_is_that_on_the_trace_behind_it(
    small, trace, log, scenario, tmp_path, capsys
):
    names = ["discard newcomer", "latest pickup"]
    argv = ["compare", str(scenario), "--log", str(log), "--strategies", ",".join(names)]
    assert main([*argv, "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert f"small, 6 evenings of {log}" in said and "6 evenings can be replayed" in " ".join(
        said.split()
    )
    keys = ["strategy", "measure"]
    mine = kt.read_csv(tmp_path / "ranking.csv").set_index(keys)["mean"]
    expected = kt.compare(small, names, trace=trace).frame.set_index(keys)["mean"]
    money = [(name, measure) for name in names for measure in ("revenue", "lost_revenue")]
    assert mine.loc[money].to_numpy() == pytest.approx(expected.loc[money].to_numpy(), rel=1e-6)


def test_levers_and_a_report_judge_on_every_second_evening(log, scenario, tmp_path, capsys):
    where = [str(scenario), "--log", str(log)]
    assert main(["levers", *where, "--bound-replications", "0"]) == 0
    assert f"small, 3 evenings of {log}" in capsys.readouterr().out
    assert main(["report", *where, "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "3 evenings are replayed" in page and "6 evenings can be replayed" in page


def test_a_scenario_is_fitted_and_can_be_run(log, scenario, tmp_path, capsys):
    mine = tmp_path / "mine.toml"
    argv = ["fit", str(log), "--kitchen", str(scenario), "--out", str(mine)]
    assert main(argv) == 0
    fitted = kt.Scenario.load(mine)
    assert fitted.shelves == kt.Scenario.load(scenario).shelves
    assert main(["compare", str(mine), "--replications", "5"]) == 0
    mine.write_text(mine.read_text() + "# edited\n")
    capsys.readouterr()
    assert main(argv) == 2
    assert "mine.toml" in capsys.readouterr().err
    assert main([*argv, "--force"]) == 0


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["compare", "friday", "--mapping", "x.toml"], "--mapping: tells how to read a log"),
        (["compare", "friday", "--log", "no.csv"], "no.csv"),
        (["fit", "no.csv"], "no.csv"),
        (["fit", "no.csv", "--out", "mine.csv"], "the name of a scenario's file ends in .toml"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(argv, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1
    assert not list(tmp_path.iterdir())


STUDY = """\
scenario = "{scenario}"
strategies = ["discard newcomer", "oldest"]
replications = 2

[design.ranges]
"shelves.overflow.capacity" = [10, 20]
"""


def test_a_sweep_on_a_log_is_that_on_the_trace_behind_it(
    small, trace, log, scenario, tmp_path, capsys
):
    study = tmp_path / "study.toml"
    study.write_text(STUDY.format(scenario=scenario))
    out = tmp_path / "out"
    assert main(["sweep", str(study), "--log", str(log), "--out", str(out)]) == 0
    assert "6 evenings can be replayed" in " ".join(capsys.readouterr().out.split())
    grid = {"shelves.overflow.capacity": [10, 20]}
    mine = kt.read_sweep(out).table("lost_revenue")
    expected = kt.sweep(small, grid, ["discard newcomer", "oldest"], trace=trace)
    expected = expected.table("lost_revenue")
    assert mine["replications"].unique().tolist() == [6]
    assert mine["mean"].to_numpy() == pytest.approx(expected["mean"].to_numpy(), rel=1e-6)


def test_a_sweep_on_a_log_refuses_what_draws_orders_in_one_line(log, scenario, tmp_path, capsys):
    study = tmp_path / "study.toml"
    text = STUDY.replace('"shelves.overflow.capacity"', '"couriers.slow"').replace(
        "[10, 20]", "[0, 0.1]"
    )
    study.write_text(text.format(scenario=scenario))
    assert main(["sweep", str(study), "--log", str(log), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "'couriers.slow': says how orders are drawn" in said
    assert not (tmp_path / "out").exists()


def test_a_sizing_on_a_log_is_that_on_the_trace_behind_it(
    small, trace, log, scenario, tmp_path, capsys
):
    argv = ["size", str(scenario), "--log", str(log), "--shelf", "overflow=0:40:10"]
    assert main([*argv, "--target", "90%", "--out", str(tmp_path)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "6 evenings can be replayed" in said and "Replayed were 6 evenings" in said
    sized = kt.size(small, trace=trace, shelves={"overflow": range(0, 41, 10)}, target="90%")
    mine = kt.read_csv(tmp_path / "layouts.csv")
    assert mine["mean"].to_numpy() == pytest.approx(sized.frame["mean"].to_numpy(), rel=1e-6)
    assert mine["replications"].tolist() == sized.frame["replications"].tolist()


def test_learning_from_a_log_is_that_from_the_trace_behind_it(small, scenario, tmp_path, capsys):
    trace = kt.draw(small, replications=10, seed=5)
    log = written(trace, tmp_path / "ten.csv")
    argv = ["learn", str(scenario), "--log", str(log), "--budget", "20"]
    assert main([*argv, "--out", str(tmp_path / "learned.toml")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "10 evenings can be replayed" in said and "Tested on 5 of 10 evenings" in said
    read = kt.learn(small, trace=kt.read_log(log).trace(), budget=20)
    assert kt.Strategy.load(tmp_path / "learned.toml").describe() == read.strategy.describe()


def test_learning_from_too_few_evenings_is_refused_in_one_line(log, scenario, capsys):
    assert main(["learn", str(scenario), "--log", str(log)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "trace: has 6 evenings, and at least 8 are needed" in said
