"""Types: what mypy and an editor make of a user's script."""

import re
import subprocess
import sys

import pytest
from support.paths import ROOT

import kitchen as kt

SCRIPT = """
from collections.abc import Callable
from pathlib import Path

import pandas as pd

import kitchen as kt


def longest_to_go(order) -> float:
    return -order.pickup_in_s


rush: kt.Scenario = kt.Scenario.load("rush").replace({"arrivals.rate": 9.0})
mine = kt.Strategy(discard=longest_to_go, recall=None, name="mine")
strategies: list[kt.Strategy | str | Callable] = ["random", mine, longest_to_go]

run: kt.Run = kt.simulate(rush, longest_to_go, replications=3, seed=1, step_s=2.0)
orders: pd.DataFrame = run.orders
files: list[Path] = run.to_csv("out")
trace: kt.Trace = kt.draw(rush, replications=3)
again: kt.Run = kt.simulate(rush, "oldest", trace=trace, callback=print)
kt.simulate(rush, trace=None)

table: kt.Comparison = kt.compare(rush, strategies, replications=20, precision="auto")
kt.compare(rush, ["random", "oldest"], trace=trace, baseline="random")
frames: pd.DataFrame = kt.compare_over(rush, "arrivals.rate", [8, 10], strategies)
most: kt.Bound = kt.bound(trace, rush)
best: str = table.ranked[0]
words: str = table.verdict

swept: kt.Sweep = kt.sweep(rush, {"arrivals.rate": [8, 10]}, strategies, out=Path("swept"))
where: pd.DataFrame = kt.break_even(swept, "arrivals.rate", "random", "mine")
failing: kt.Regions = kt.regions(swept, "mine", limit="5%")
matters = kt.sensitivity(rush, {"arrivals.rate": [8, 10]}, n=64)
kt.read_sweep("swept").frame
merged: kt.Sweep = kt.merge_sweep("swept")
advice: kt.WarmUp = kt.warm_up(run, precision="5%")
seconds: float = advice.warm_up_s
sizing: kt.Sizing = kt.size(rush, mine, shelves={"overflow": range(5, 20)})
tuned: kt.Tuning = kt.tune(rush, kt.Rule(lambda order, p: p[0], params=(1.0,)), budget=20)
best_of_all: kt.Selection = kt.select_best(rush, strategies, seed=3)
learned: kt.Learned = kt.learn([rush, rush], "joint", budget=100)
learned.save("learned.toml")
fitted: kt.Fit = kt.fit(orders, kitchen=rush)
checked: pd.DataFrame = fitted.check(splits=2).frame
held: str = fitted.compare(strategies, inputs=20).verdict
ranked: kt.Levers = kt.levers(rush, mine, learned=mine)
log: kt.Log = kt.read_log("orders.csv", tz="Europe/London", between=("17:00", "23:00"))
replayed: kt.Trace = log.trace("leave out")
menu: kt.Menu = kt.read_orders("orders.csv")
kt.write_csv(orders, "orders.csv")
kept: pd.DataFrame = kt.read_csv(Path("orders.csv"), edited=True)
page: Path = kt.report(rush, strategies, out="out")
rule = kt.Rule(longest_to_go, name="mine")
fine = kt.check_rule(rule), kt.check_strategy(mine, rush)
shipped: pd.DataFrame = kt.strategies()
version: str = kt.__version__
kt.plots.shelves(run.shelves)
kt.Explorer(rush, strategies)

try:
    kt.read_study("study.toml")
except kt.KitchenError as error:
    print(error)
"""

FAULTS = """
import kitchen as kt

rush = kt.Scenario.load("rush")
kt.simulate(rush, "random", replicatons=3)
kt.no_such_name
kt.simulate("rush")
kt.compare(rush, 3)
kt.simulate(rush).no_such_frame
"""


@pytest.fixture(scope="module")
def errors(tmp_path_factory):
    """What mypy finds: the file, and the texts of its errors by line."""
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "right.py").write_text(SCRIPT)
    (folder / "wrong.py").write_text(FAULTS)
    settings = ["--config-file", ROOT / "pyproject.toml", "--cache-dir", folder / "cache"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *settings, "right.py", "wrong.py"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.stderr == "" and done.returncode == 1, done.stderr
    found = {"right": {}, "wrong": {}}
    for name, line, text in re.findall(r"^(\w+)\.py:(\d+): error: (.*)$", done.stdout, re.M):
        found[name][int(line)] = text
    return found


def test_a_script_that_uses_what_is_public_has_no_errors(errors):
    used = set(re.findall(r"\bkt\.(\w+)", SCRIPT))
    assert len(used) >= 20 and used <= set(kt.__all__)
    assert errors["right"] == {}


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("replicatons", 'Unexpected keyword argument "replicatons" for "simulate"'),
        ("no_such_name", 'Module has no attribute "no_such_name"'),
        ('simulate("rush")', 'Argument 1 to "simulate" has incompatible type "str"'),
        ("compare(rush, 3)", 'Argument 2 to "compare" has incompatible type "int"'),
        ("no_such_frame", '"Run" has no attribute "no_such_frame"'),
    ],
)
def test_a_fault_is_found_before_the_script_runs(errors, fault, text):
    (line,) = (n for n, code in enumerate(FAULTS.split("\n"), start=1) if fault in code)
    assert errors["wrong"][line].startswith(text)


def test_completion_lists_every_public_name():
    assert set(kt.__all__) <= set(dir(kt))
    stub = (ROOT / "kitchen" / "__init__.pyi").read_text(encoding="utf-8")
    assert set(kt.__all__) == set(re.findall(r" as (\w+)$", stub, re.M))
