"""Sweeps that are kept in a folder: interrupted anywhere, by anything, they end up the same."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
from support.paths import ROOT

import kitchen as kt
from kitchen.errors import FileError, KitchenError
from kitchen.sweeps import planning

MODULE = import_module("kitchen.sweeps.sweep")
GRID = {"arrivals.rate": [8, 10, 12], "shelves.overflow.capacity": [0, 5, 10, 15]}
NAMES = ["discard newcomer", "oldest"]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Two points a part, so that there are six parts."""
    monkeypatch.setattr(planning, "POINTS_A_PART", 2)


def kept(folder, **options):
    rush = kt.Scenario.load("rush")
    return kt.sweep(rush, GRID, NAMES, **{"replications": 5, "seed": 3, "out": folder, **options})


def content(folder):
    return {p.name: p.read_bytes() for p in sorted(Path(folder).rglob("*")) if p.is_file()}


class Stopped(Exception):
    pass


def stop_after(number):
    """Tells progress, and stops when so many replications are done."""
    done = [0]

    def callback(replications):
        done[0] += replications
        if done[0] >= number:
            raise Stopped

    return callback


def test_a_sweep_in_a_folder_is_the_sweep_in_memory(tmp_path):
    here, there = kept(None), kept(tmp_path / "s")
    pd.testing.assert_frame_equal(here.frame, there.frame)
    pd.testing.assert_frame_equal(here.frame, kt.read_sweep(tmp_path / "s").frame)


def test_what_is_done_is_not_done_again(tmp_path):
    with pytest.raises(Stopped):
        kept(tmp_path / "s", workers=1, callback=stop_after(61))  # 20 replications a part
    message = []
    kept(tmp_path / "s", workers=1, callback=message.append)
    assert message[0] == 60  # three parts were there
    assert sum(message) == 120
    assert content(tmp_path / "s") == content_of_uninterrupted(tmp_path)


def content_of_uninterrupted(tmp_path):
    kept(tmp_path / "uninterrupted")
    return content(tmp_path / "uninterrupted")


def test_a_finished_sweep_runs_nothing(tmp_path, monkeypatch):
    first = kept(tmp_path / "s")

    def never(*given, **options):
        raise AssertionError("it ran again")

    monkeypatch.setattr(MODULE.points, "figures", never)
    message = []
    again = kept(tmp_path / "s", callback=message.append)
    pd.testing.assert_frame_equal(first.frame, again.frame)
    assert message == [120]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": 4}, "seed is 3 there and 4 here"),
        ({"replications": 6}, "replications is 5 there and 6 here"),
        ({"warm_up_s": 1.0}, r"warm_up_s is 0\.0 there and 1\.0 here"),
        ({"keep": "summaries"}, "keep is 'means' there and 'summaries' here"),
    ],
)
def test_another_sweep_never_mixes_with_it(tmp_path, options, message):
    kept(tmp_path / "s")
    before = content(tmp_path / "s")
    with pytest.raises(FileError, match=message):
        kept(tmp_path / "s", **options)
    assert content(tmp_path / "s") == before


def test_another_scenario_design_or_strategy_never_mixes_with_it(tmp_path, rush):
    kept(tmp_path / "s")
    given = {"replications": 5, "seed": 3, "out": tmp_path / "s"}
    with pytest.raises(FileError, match=r"scenario\.shelves\[0\]\.capacity is 10 there and 9 here"):
        kt.sweep(rush.replace({"shelves.hot.capacity": 9}), GRID, NAMES, **given)
    with pytest.raises(FileError, match=r"design\.ranges"):
        kt.sweep(rush, {**GRID, "arrivals.rate": [8, 10, 13]}, NAMES, **given)
    with pytest.raises(FileError, match=r"strategies\[1\]"):
        kt.sweep(rush, GRID, [NAMES[0], kt.Strategy("oldest", recall=None, name="oldest")], **given)


def test_a_version_of_other_code_never_mixes_with_it(tmp_path, monkeypatch):
    kept(tmp_path / "s")
    monkeypatch.setattr(planning, "code_digest", lambda: "another")
    with pytest.raises(FileError, match="code is .* there and 'another' here"):
        kept(tmp_path / "s")


def test_a_rule_of_the_same_name_that_says_something_else_never_mixes_with_it(tmp_path, rush):
    def make(sign):
        def mine(order):
            return sign * order.value

        return mine

    given = {"replications": 5, "out": tmp_path / "s"}
    kt.sweep(rush, {"arrivals.rate": [10]}, [make(1.0)], **given)
    kt.sweep(rush, {"arrivals.rate": [10]}, [make(1.0)], **given)
    with pytest.raises(FileError, match=r"strategies\[0\]\.code\.discard"):
        kt.sweep(rush, {"arrivals.rate": [10]}, [make(-1.0)], **given)


@pytest.mark.parametrize("kind", ["points", "latin hypercube"])
def test_a_design_of_own_rules_is_told_point_by_point(tmp_path, rush, kind):
    def make(sign):
        def mine(order):
            return sign * order.pickup_in_s

        return mine

    one, two = make(1.0), make(-1.0)

    def design(turn):
        if kind == "points":
            return [{"strategy.discard": rule} for rule in ((one, two, one), (one, two, two))[turn]]
        return kt.designs.latin_hypercube({"strategy.discard": [one, two]}, 4, seed=3 * turn)

    given = {"replications": 3, "out": tmp_path / "s"}
    kt.sweep(rush, design(0), ["random"], **given)
    kt.sweep(rush, design(0), ["random"], **given)
    with pytest.raises(FileError, match=r"design\.(points|seed)"):
        kt.sweep(rush, design(1), ["random"], **given)


def test_the_manifest_is_enough_to_do_it_again(tmp_path):
    first = kept(tmp_path / "s")
    asked = json.loads((tmp_path / "s" / "sweep.json").read_text(encoding="utf-8"))
    again = kt.sweep(
        kt.Scenario.from_dict(asked["scenario"]),
        kt.designs.Design.from_dict(asked["design"]),
        [kt.Strategy.from_dict(_settings(strategy)) for strategy in asked["strategies"]],
        replications=asked["replications"],
        seed=asked["seed"],
    )
    pd.testing.assert_frame_equal(first.frame, again.frame)


def test_a_shipped_menu_is_told_without_its_place_on_this_machine(tmp_path):
    dinner = kt.Scenario.load("dinner")
    given = {"replications": 2, "seed": 1}
    first = kt.sweep(dinner, {"shelves.hot.capacity": [10]}, NAMES, out=tmp_path / "s", **given)
    text = (tmp_path / "s" / "sweep.json").read_text(encoding="utf-8")
    assert str(Path(kt.__file__).parent) not in text
    again = kt.Scenario.from_dict(json.loads(text)["scenario"])
    found = kt.sweep(again, {"shelves.hot.capacity": [10]}, NAMES, **given)
    pd.testing.assert_frame_equal(first.frame, found.frame)


def _settings(strategy):
    return {key: value for key, value in strategy.items() if key != "code"}


def test_replications_are_kept_on_request(tmp_path, rush):
    found = kept(tmp_path / "s", keep="summaries")
    point = {"arrivals.rate": 12, "shelves.overflow.capacity": 5}
    at = (found.summaries[list(point)] == pd.Series(point)).all(axis=1)
    rows = found.summaries[at & (found.summaries["strategy"] == "oldest")]
    alone = kt.simulate(
        rush.replace(point), "oldest", replications=5, seed=3, keep="summary"
    ).summary
    for column in alone.columns.drop("strategy"):
        assert rows[column].tolist() == alone[column].tolist(), column
    with pytest.raises(KitchenError, match="keep='summaries'"):
        kept(None).summaries


def test_a_point_that_failed_stays_told(tmp_path, rush):
    def broken_when_full(order):
        return order.value if order.overflow_fill < 1.0 else float("nan")

    given = {"replications": 2, "out": tmp_path / "s"}
    first = kt.sweep(rush, {"arrivals.rate": [1, 30, 2]}, [broken_when_full], **given)
    again = kt.sweep(rush, {"arrivals.rate": [1, 30, 2]}, [broken_when_full], **given)
    assert list(first.errors["point"]) == [1]
    pd.testing.assert_frame_equal(first.errors, again.errors)


def test_large_and_small_points_make_parts_of_their_own(tmp_path, rush, monkeypatch):
    monkeypatch.setattr(planning, "POINTS_A_PART", 500)
    design = {"orders.count": [10, 20, 3_000_000, 11, 2_000_000]}
    plan, costs = planning.plan_of(rush, design, ["random"], 1, 0, 0.0, "means")
    assert planning.parts_of(plan, costs) == [range(0, 3), range(3, 5)]


def test_words_that_would_clash_are_told_apart(rush):
    found = kt.sweep(rush, {"name": ["x (2)", "x", "y"]}, ["random"], replications=1)
    assert found.frame["name"].cat.categories.is_unique
    assert list(found.table()["name"]) == ["x (2)", "x", "y"]


def test_a_folder_that_is_none_is_told_before_anything_runs(rush, monkeypatch):
    monkeypatch.setattr(MODULE.points, "figures", None)
    with pytest.raises(FileError, match="5 cannot be the name of a folder"):
        kt.sweep(rush, {"arrivals.rate": [8]}, ["random"], out=5)


def test_an_export_does_not_touch_the_sweep_itself(tmp_path, capsys):
    from kitchen.cli.main import main

    kept(tmp_path / "s")
    before = content(tmp_path / "s")
    message = ["export", str(tmp_path / "s"), "--format", "parquet", "--out", str(tmp_path / "s")]
    assert main(message) == 2
    assert "holds a sweep. Give another --out" in capsys.readouterr().err
    assert content(tmp_path / "s") == before


# Killed, full, held

SCRIPT = """
import sys
import kitchen as kt
from importlib import import_module
import_module("kitchen.sweeps.planning").POINTS_A_PART = 2
grid = {"arrivals.rate": [8, 10, 12], "shelves.overflow.capacity": [0, 5, 10, 15]}
kt.sweep(kt.Scenario.load("rush"), grid, ["discard newcomer", "oldest"], replications=%d, seed=3,
         out=sys.argv[1], workers=2)
print("done")
"""


def process(folder, replications):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT % replications, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize("kills", [6, pytest.param(50, marks=pytest.mark.long)])
def test_killed_at_random_moments_it_ends_as_if_it_had_not_been(tmp_path, kills):
    replications = 3_000
    kept(tmp_path / "whole", replications=replications)
    chance, killed = random.Random(kills), 0
    folder = tmp_path / "s0"
    while killed < kills:
        runner = process(folder, replications)
        wait_until_begun(folder, runner)
        time.sleep(chance.uniform(0.0, 0.8))
        runner.kill()
        out, _ = runner.communicate()
        if out == "done\n":  # it was quicker: begin anew, having compared
            assert content(folder) == content(tmp_path / "whole")
            folder = tmp_path / f"s{killed}_{chance.random()}"
        else:
            killed += 1
    runner = process(folder, replications)
    out, err = runner.communicate()
    assert out == "done\n", err
    assert content(folder) == content(tmp_path / "whole")


def wait_until_begun(folder, runner):
    """Until the process holds the folder, or has ended."""
    while runner.poll() is None:
        try:
            if json.loads((folder / "holder.json").read_text())["process"] == runner.pid:
                return
        except (OSError, ValueError):
            pass
        time.sleep(0.005)


@pytest.mark.slow
def test_an_interrupt_ends_large_points_soon_and_keeps_what_is_done(tmp_path):
    code = f"""
import kitchen as kt
kt.sweep(kt.Scenario.load("rush"), {{"orders.count": range(400_000, 400_400)}}, ["random"],
         replications=20, out={str(tmp_path / "s")!r}, workers=2)
"""
    runner = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    while not list((tmp_path / "s" / "parts").glob("[0-9]*.parquet")):
        assert runner.poll() is None
        time.sleep(0.05)
    runner.send_signal(signal.SIGINT)
    runner.communicate(timeout=120)
    assert runner.returncode != 0
    assert list((tmp_path / "s" / "parts").glob("*.parquet"))


@pytest.mark.slow
def test_a_second_process_is_told_who_writes(tmp_path):
    runner = process(tmp_path / "s", 30_000)
    wait_until_begun(tmp_path / "s", runner)
    with pytest.raises(FileError, match=f"process {runner.pid} .* is writing here since"):
        kept(tmp_path / "s", replications=30_000)
    runner.kill()
    runner.communicate()


def test_a_full_disk_stops_it_and_nothing_is_lost(tmp_path):
    resource = pytest.importorskip("resource")
    with pytest.raises(Stopped):
        kept(tmp_path / "s", workers=1, callback=stop_after(61))
    before = content(tmp_path / "s")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
        with pytest.raises(FileError, match="cannot be written: File too large"):
            kept(tmp_path / "s", workers=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert content(tmp_path / "s") == before
    kept(tmp_path / "s")
    assert content(tmp_path / "s") == content_of_uninterrupted(tmp_path)
