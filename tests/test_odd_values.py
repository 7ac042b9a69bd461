"""Odd values for every argument of every public function: a result or a `KitchenError`, nothing else."""

import contextlib
import inspect
import io
import warnings
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.model.scenario import setting

ODD = {
    "None": None,
    "True": True,
    "-1": -1,
    "0": 0,
    "5": 5,
    "5.0": 5.0,
    "5.5": 5.5,
    "nan": float("nan"),
    "inf": float("inf"),
    "2**63": 2**63,
    "10**400": 10**400,
    "empty text": "",
    "x": "x",
    "NUL": "\0",
    "lone surrogate": "\ud800",
    "bytes": b"",
    "list": [],
    "list of x": ["x"],
    "list of a list": [[]],
    "dict": {},
    "dict of x": {"x": "x"},
    "dict of 5": {5: 5},
    "tuple": (),
    "frame": pd.DataFrame({"x": [1, 2]}),
    "empty frame": pd.DataFrame(),
    "series": pd.Series([1.0, 2.0]),
    "array": np.array([[1.0, 2.0]]),
    "lambda": lambda: 0,
    "rule": lambda order: order.value,
    "type": int,
    "object": object(),
    "Decimal": Decimal("5"),
    "Decimal NaN": Decimal("sNaN"),
    "int64": np.int64(5),
    "float64 nan": np.float64("nan"),
    "bool_": np.bool_(True),
    "complex": 5j,
    "missing path": Path("no such file"),
}

LOG = pd.DataFrame(
    {
        "received": ["2025-11-03T18:00:00Z"] * 2,
        "pickup": ["2025-11-03T18:09:00Z", None],
        "name": ["a", "b"],
    }
)

REFUSED_BY_WIDGETS = {"5", "nan", "x", "lone surrogate", "list", "frame", "dict", "object"}

SKIPPED = {
    # Valid and slow: processes that start, widgets that begin to draw.
    **{
        (name, argument): {key for key in ODD if key not in REFUSED_BY_WIDGETS}
        for name in ("Explorer", "LiveKitchen", "Sweeper")
        for argument in ("scenario", "strategies")
    },
    ("sweep", "workers"): {"5", "5.0", "Decimal", "int64"},
    ("sensitivity", "workers"): {"5", "5.0", "Decimal", "int64"},
}


@pytest.fixture(scope="module")
def small():
    """A scenario of 5 orders, and valid arguments of each public function."""
    scenario = kt.Scenario.load("rush").replace({"orders.count": 5})
    trace = kt.draw(scenario, replications=2)
    run = kt.simulate(scenario, trace=trace)
    rates = {"arrivals.rate": [8.0, 10.0]}
    strategies = ["discard newcomer", "oldest"]
    swept = kt.sweep(scenario, rates, strategies, replications=2)
    few = {"replications": 2, "seed": 0}
    fitted = kt.fit(kt.draw(scenario, replications=4).frame(), kitchen=scenario)
    tunable = kt.Rule(lambda order, p: p[0] * order.value, params=[1.0])
    measured = {"measure": "wasted_share", "replications": 2, "max_replications": 2}
    return {
        "Explorer": (kt.Explorer, {"scenario": scenario, "strategies": strategies, **few}),
        "KitchenError": None,
        "LiveKitchen": (kt.LiveKitchen, {"scenario": scenario, "strategies": strategies}),
        "Menu": (kt.Menu.from_frame, {"frame": trace.menu.frame()}),
        "Rule": (kt.Rule, {"function": lambda order: order.value}),
        "Scenario": (kt.Scenario.load, {"source": "rush"}),
        "Scenario.from_dict": (kt.Scenario.from_dict, {"data": scenario.model_dump()}),
        "Scenario.replace": (scenario.replace, {"changes": {"arrivals.rate": 8.0}}),
        "Scenario.save": (scenario.save, {"path": "x.toml"}),
        "Scenario.to_toml": (scenario.to_toml, {}),
        "Strategy": (kt.Strategy, {}),
        "Strategy.from_dict": (kt.Strategy.from_dict, {"data": {"discard": "oldest"}}),
        "Strategy.load": (kt.Strategy.load, {"source": "oldest"}),
        "Strategy.save": (kt.Strategy().save, {"path": "x.toml"}),
        "Sweep.table": (swept.table, {}),
        "SweepViewer": (kt.SweepViewer, {"sweep": swept}),
        "Sweeper": (kt.Sweeper, {"scenario": scenario, "strategies": strategies}),
        "Trace": (kt.Trace.from_frame, {"frame": trace.frame()}),
        "bound": (kt.bound, {"trace": trace, "scenario": scenario}),
        "break_even": (
            kt.break_even,
            {"swept": swept, "x": "arrivals.rate", "one": "discard newcomer", "other": "oldest"},
        ),
        "check_rule": (kt.check_rule, {"rule": "oldest"}),
        "check_strategy": (kt.check_strategy, {"strategy": "oldest", "scenario": scenario}),
        "compare": (kt.compare, {"scenario": scenario, "strategies": strategies, **few}),
        "compare_over": (
            kt.compare_over,
            {
                "scenario": scenario,
                "path": "arrivals.rate",
                "values": [8.0, 10.0],
                "strategies": strategies,
                "replications": 2,
            },
        ),
        "draw": (kt.draw, {"scenario": scenario}),
        "fit": (kt.fit, {"log": trace.frame(), "kitchen": scenario}),
        "Fit.check": (fitted.check, {"splits": 1, "replications": 20, "seed": 0}),
        "Fit.compare": (
            fitted.compare,
            {"strategies": strategies, "inputs": 10, "replications": 2, "seed": 0},
        ),
        "Fit.save": (fitted.save, {"path": "x.toml"}),
        "grid": (kt.designs.grid, {"parameters": rates}),
        "latin_hypercube": (kt.designs.latin_hypercube, {"ranges": rates, "n": 4}),
        "learn": (
            kt.learn,
            {"scenario": scenario, "replications": 2, "budget": 10, "bound_replications": 0},
        ),
        "levers": (
            kt.levers,
            {"scenario": scenario, "replications": 2, "bound_replications": 1},
        ),
        "merge_sweep": (kt.merge_sweep, {"path": "x"}),
        "points": (kt.designs.points, {"rows": [{"arrivals.rate": 8.0}]}),
        "read_csv": (kt.read_csv, {"path": "x.csv"}),
        "Log.replay": (kt.read_log(LOG).replay, {}),
        "Log.trace": (kt.read_log(LOG).trace, {}),
        "read_log": (kt.read_log, {"source": LOG}),
        "read_orders": (kt.read_orders, {"path": "x.csv"}),
        "read_study": (kt.read_study, {"path": "x.toml"}),
        "read_sweep": (kt.read_sweep, {"path": "x"}),
        "Run.to_csv": (run.to_csv, {"folder": "x"}),
        "Run.to_parquet": (run.to_parquet, {"folder": "x"}),
        "regions": (kt.regions, {"swept": swept}),
        "select_best": (
            kt.select_best,
            {"scenario": scenario, "strategies": strategies, "max_replications": 2},
        ),
        "sensitivity": (
            kt.sensitivity,
            {"scenario": scenario, "ranges": {"arrivals.rate": (8.0, 9.0)}, "n": 2, **few},
        ),
        "simulate": (kt.simulate, {"scenario": scenario, **few}),
        "size": (
            kt.size,
            {"scenario": scenario, "shelves": {"overflow": [15, 16]}, "target": 0.5, **measured},
        ),
        "sobol": (kt.designs.sobol, {"ranges": rates, "n": 4}),
        "strategies": (kt.strategies, {}),
        "sweep": (
            kt.sweep,
            {"scenario": scenario, "design": rates, "strategies": strategies, **few},
        ),
        "tune": (
            kt.tune,
            {"scenario": scenario, "rule_or_strategy": tunable, "budget": 10, **few},
        ),
        "warm_up": (
            kt.warm_up,
            {"run": kt.simulate(scenario.replace({"orders.count": 90}), replications=2)},
        ),
        "write_csv": (kt.write_csv, {"frame": run.orders, "path": "x.csv"}),
    }


def _arguments(name: str, function) -> list[str]:
    kinds = inspect.Parameter
    return [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind not in (kinds.VAR_KEYWORD, kinds.VAR_POSITIONAL)
    ]


NAMES = [
    "Explorer", "Fit.check", "Fit.compare", "Fit.save", "LiveKitchen", "Log.replay", "Log.trace", "Menu",
    "Rule", "Run.to_csv", "Run.to_parquet", "Scenario",
    "Scenario.from_dict", "Scenario.replace", "Scenario.save", "Scenario.to_toml", "Strategy",
    "Strategy.from_dict", "Strategy.load", "Strategy.save", "Sweep.table", "SweepViewer", "Sweeper",
    "Trace", "bound", "break_even", "check_rule", "check_strategy", "compare", "compare_over", "draw",
    "fit", "grid", "latin_hypercube", "learn", "levers", "merge_sweep", "points", "read_csv", "read_log", "read_orders",
    "read_study", "read_sweep", "regions", "select_best", "sensitivity", "simulate", "size", "sobol", "sweep", "tune", "warm_up",
    "write_csv",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_odd_value_of_any_argument_is_refused_or_gives_a_result(
    name, small, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    function, valid = small[name]
    faults = []
    for argument in _arguments(name, function):
        for odd, value in ODD.items():
            if odd in SKIPPED.get((name, argument), ()) or (argument, odd) == ("callback", "rule"):
                continue
            problem = _problem(function, {**valid, argument: value})
            if problem:
                faults.append(f"{name}({argument}={odd}): {problem}")
    assert not faults, "\n" + "\n".join(faults)


def _problem(function, arguments) -> str | None:
    """What is wrong with how a call ended: an error of another kind, or a message of several lines."""
    try:
        with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(**arguments)
    except kt.KitchenError as error:
        text = str(error)
        if len(text.splitlines()) != 1 or len(text) > 500:
            return f"a message of {len(text)} characters: {text[:100]!r}"
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())[:150]}"
    return None


# --- What the messages say ----------------------------------------------------------------------


def mix(order, p):
    return p[0] * order.value


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda rush: kt.compare(rush, 5), "strategies: must be a list of strategies, names of "),
        (lambda rush: kt.simulate(rush, callback=True), "callback: must be a function of one "),
        (lambda rush: kt.simulate(rush, mix), r"Give their values: kt\.Rule\(mix, params=\[\.\.\.\]\)"),
        (lambda rush: kt.Rule(mix, params={1.0: "a"}), r"params must be finite numbers\. Give them in"),
        (lambda rush: kt.bound(rush, rush), r"trace: must be a Trace, got a Scenario\. Make one with"),
        (lambda rush: kt.Strategy(name="\ud800"), "name: must be a text"),
        (lambda rush: rush.replace({"name": "\ud800"}), "name: must be text"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_named_with_what_would_do(call, line):
    with pytest.raises(kt.KitchenError, match=line):
        call(kt.Scenario.load("rush"))


def test_half_a_surrogate_pair_in_a_trace_is_named_with_its_row():
    table = kt.draw(kt.Scenario.load("rush").replace({"orders.count": 5})).frame()
    table["name"] = table["name"].astype(object)
    table.loc[3, "name"] = "\ud800"
    with pytest.raises(kt.KitchenError, match="name of row 3: must be text"):
        kt.Trace.from_frame(table)


def test_a_bound_draws_from_a_scenario_as_draw_does():
    rush = kt.Scenario.load("rush").replace({"orders.count": 5})
    both = kt.bound(rush, replications=2), kt.bound(kt.draw(rush, replications=2), rush)
    pd.testing.assert_frame_equal(both[0].frame, both[1].frame)


# --- Numbers of NumPy and of databases ----------------------------------------------------------


@pytest.mark.parametrize("kind", [int, float, np.int64, np.uint8, np.float64, np.float32, Decimal])
def test_a_number_of_any_kind_means_the_same_in_a_scenario(kind):
    rush = kt.Scenario.load("rush")
    changes = {
        "orders.count": 7,
        "shelves.overflow.capacity": 3,
        "shelves.overflow.modifier": {"hot": 3},
        "arrivals.rate": 9,
        "couriers.delay": {"distribution": "empirical", "values": [4, 5]},
        "eta": 2,
    }
    given = {
        **{path: kind(changes[path]) for path in ("orders.count", "shelves.overflow.capacity")},
        "shelves.overflow.modifier": {"hot": kind(3)},
        "arrivals.rate": kind(9),
        "couriers.delay": {"distribution": "empirical", "values": [kind(4), kind(5)]},
        "eta": kind(2),
    }
    changed = rush.replace(given)
    assert changed == rush.replace(changes)
    assert type(changed.orders.count) is int and type(changed.shelves[-1].capacity) is int
    assert changed.to_toml() == rush.replace(changes).to_toml()


def test_arguments_take_numbers_of_numpy():
    rush = kt.Scenario.load("rush").replace({"orders.count": 5})
    plain = kt.simulate(rush, replications=2, seed=3, step_s=2.0).summary
    odd = kt.simulate(
        rush, replications=np.float64(2), seed=np.uint8(3), step_s=Decimal(2), threads=np.int64(1)
    )
    pd.testing.assert_frame_equal(odd.summary, plain)
    strategies = ["discard newcomer", "oldest"]
    over = kt.compare_over(rush, "orders.count", np.array([5, 6]), strategies, replications=2)
    pd.testing.assert_frame_equal(
        over, kt.compare_over(rush, "orders.count", [5, 6], strategies, replications=2)
    )


# --- A dot in a shelf's name --------------------------------------------------------------------


@pytest.fixture
def dotted():
    data = kt.Scenario.load("rush").replace({"orders.count": 5}).model_dump()
    return kt.Scenario.from_dict(
        {**data, "shelves": [*data["shelves"][:-1], {**data["shelves"][-1], "name": "no. 2"}]}
    )


@pytest.mark.parametrize("path", ['shelves."no. 2".capacity', "shelves.'no. 2'.capacity"])
def test_a_shelf_with_a_dot_in_its_name_is_addressed_between_quotes(dotted, path):
    assert dotted.replace({path: 7}).shelves[-1].capacity == 7
    assert dotted.replace(dict([setting(f"{path} = 7")])).shelves[-1].capacity == 7
    assert list(kt.sweep(dotted, {path: [7, 8]}, ["oldest"], replications=2).frame[path].unique()) == [7, 8]  # fmt: skip


def test_the_hint_shows_how_to_quote(dotted):
    with pytest.raises(kt.KitchenError) as caught:
        dotted.replace({"shelves.no. 2.capacity": 7})
    assert (
        "Did you mean 'shelves.\"no. 2\".capacity'? A name with a dot goes between quotes."
        in str(caught.value)
    )
