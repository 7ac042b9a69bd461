"""Sweeps: every point is what `compare` says of it, on the same draws, in the order of the design."""

import sys
import threading

import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.engine import batches
from kitchen.errors import KitchenError, RuleError, ScenarioError, SeedError, StrategyError
from kitchen.model.measures import MEASURES
from kitchen.sweeps import planning
from kitchen.sweeps.ranges import MOST_POINTS
from kitchen.sweeps.sweep import Sweep, sweep

MODULE = sys.modules["kitchen.sweeps.sweep"]  # kt.sweep is the function
NAMES = ["discard newcomer", "random", "oldest"]
GRID = {"shelves.overflow.capacity": range(5, 16, 5), "arrivals.rate": [8, 12.5]}


@pytest.fixture(scope="module")
def swept(rush):
    return sweep(rush, GRID, NAMES, replications=12, seed=3)


def of_compare(scenario, strategies, **options):
    """What `compare_over` says of a scenario that it changes to what it is already."""
    options = {"replications": 12, "seed": 3, "min_strategies": 1, **options}
    frame = kt.compare_over(scenario, "name", [scenario.name], strategies, **options)
    return frame.drop(columns=["setting", "value"])


def figures(frame):
    """All columns of figures, as one array."""
    columns = ["mean", "low", "high", "replications"]
    columns += ["difference", "difference_low", "difference_high"]
    return frame[columns].to_numpy(float)


def test_each_point_is_what_compare_says_of_it(swept, rush):
    for (capacity, rate), rows in swept.frame.groupby(list(GRID), sort=False):
        world = rush.replace({"shelves.overflow.capacity": capacity, "arrivals.rate": rate})
        alone = of_compare(world, NAMES)
        assert rows["strategy"].tolist() == alone["strategy"].tolist()
        assert rows["measure"].tolist() == alone["measure"].tolist()
        assert rows["baseline"].tolist() == alone["baseline"].tolist()
        np.testing.assert_array_equal(figures(rows), figures(alone))


def test_the_last_path_of_a_grid_changes_fastest(swept):
    points = swept.frame.drop_duplicates("point")
    assert points["point"].tolist() == list(range(6))
    assert points["shelves.overflow.capacity"].tolist() == [5, 5, 10, 10, 15, 15]
    assert points["arrivals.rate"].tolist() == [8.0, 12.5] * 3


def test_the_frame_is_long_with_the_keys_first(swept):
    assert list(swept.frame) == [
        "point",
        *GRID,
        *("strategy", "measure", "mean", "low", "high", "replications"),
        *("baseline", "difference", "difference_low", "difference_high"),
    ]
    assert len(swept.frame) == 6 * 3 * (len(MEASURES) + 4)
    assert swept.frame["point"].dtype == swept.frame["replications"].dtype == np.int64
    assert swept.frame["strategy"].cat.ordered and swept.frame["measure"].cat.ordered
    assert list(swept.frame["strategy"].cat.categories) == NAMES


def test_a_grid_is_the_same_as_the_list_of_its_points(swept, rush):
    points = [
        {"shelves.overflow.capacity": capacity, "arrivals.rate": rate}
        for capacity in (5, 10, 15)
        for rate in (8, 12.5)
    ]
    listed = sweep(rush, points, NAMES, replications=12, seed=3)
    pd.testing.assert_frame_equal(listed.frame, swept.frame)


def test_a_point_is_the_same_alone_and_on_any_number_of_threads(swept, rush):
    one = sweep(rush, GRID, NAMES, replications=12, seed=3, workers=1)
    three = sweep(rush, iter(_points_of(swept)), NAMES, replications=12, seed=3, workers=3)
    pd.testing.assert_frame_equal(one.frame, swept.frame)
    pd.testing.assert_frame_equal(three.frame, swept.frame)
    last = sweep(rush, [_points_of(swept)[-1]], NAMES, replications=12, seed=3, workers=2)
    rows = swept.frame[swept.frame["point"] == 5]
    np.testing.assert_array_equal(figures(last.frame), figures(rows))


def _points_of(swept):
    return swept.frame.drop_duplicates("point")[swept.parameters].to_dict("records")


def test_points_are_averaged_in_batches_without_a_trace(swept, rush, monkeypatch):
    monkeypatch.setattr(planning, "POINTS_A_PART", 1)
    monkeypatch.setitem(batches.ORDERS_A_BATCH, "drawn", 500)  # three replications at once
    again = sweep(rush, GRID, NAMES, replications=12, seed=3, workers=1)
    pd.testing.assert_frame_equal(again.frame, swept.frame)


def test_every_point_meets_the_same_orders(rush):
    never_full = sweep(
        rush, {"shelves.overflow.capacity": [400, 800, 900]}, NAMES, replications=5, seed=9
    )
    first, second, third = (figures(rows) for _, rows in never_full.frame.groupby("point"))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, third)
    other = sweep(rush, {"shelves.overflow.capacity": [400]}, NAMES, replications=5, seed=10)
    assert (figures(other.frame) != first).any()


def test_settings_of_strategies_vary_under_their_names(rush):
    settings = {
        "strategy.recall": ["first in", None],
        "strategy.discard_from": ["anywhere", "overflow"],
    }
    found = sweep(rush, settings, ["random", "oldest"], replications=12, seed=3)
    for (recall, place), rows in found.frame.groupby(list(settings), observed=True, sort=False):
        changed = [
            kt.Strategy(name, recall=recall, discard_from=place, name=name)
            for name in ("random", "oldest")
        ]
        np.testing.assert_array_equal(figures(rows), figures(of_compare(rush, changed)))
    assert list(found.frame["strategy.recall"].cat.categories) == ["first in", "none"]
    assert found.frame["strategy.recall"].cat.ordered
    assert found.strategies == ["random", "oldest"]


def test_a_rule_of_the_user_is_a_value_and_goes_by_its_name(rush):
    def mine(order):
        return order.value

    found = sweep(rush, {"strategy.discard": ["random", mine]}, ["oldest"], replications=12, seed=3)
    assert list(found.frame["strategy.discard"].cat.categories) == ["random", "mine"]
    rows = found.frame[found.frame["strategy.discard"] == "mine"]
    alone = of_compare(rush, [kt.Strategy(mine, name="oldest")])
    np.testing.assert_array_equal(figures(rows), figures(alone))


def test_two_functions_of_one_name_stay_apart(rush):
    laws = [lambda age, w, life, rate: 1 - w / life, lambda age, w, life, rate: 1 - age / life]
    found = sweep(rush, {"decay": laws}, ["oldest"], replications=2)
    assert list(found.frame["decay"].cat.categories) == ["<lambda>", "<lambda> (2)"]


def test_words_numbers_and_tables_are_values(rush):
    delays = [
        {"distribution": "uniform", "low": 2.0, "high": 6.0},
        {"distribution": "constant", "value": 4.0},
    ]
    found = sweep(rush, {"eta": ["unknown", 1.5], "couriers.delay": delays}, NAMES, replications=2)
    assert list(found.frame["eta"].cat.categories) == ["unknown", "1.5"]
    assert found.frame["couriers.delay"].cat.categories[1] == "distribution constant, value 4.0"


def test_numbers_of_numpy_are_numbers(rush):
    grid = {"shelves.hot.capacity": np.arange(3, 5), "arrivals.rate": np.array([9.0, 10.0])}
    found = sweep(rush, grid, NAMES, replications=2)
    assert found.frame["shelves.hot.capacity"].dtype == np.int64
    assert found.points == 4


def test_a_design_without_paths_is_the_scenario_as_it_is(rush):
    found = sweep(rush, {}, NAMES, replications=12, seed=3)
    assert found.parameters == [] and found.points == 1
    np.testing.assert_array_equal(figures(found.frame), figures(of_compare(rush, NAMES)))


def test_one_strategy_and_one_replication_are_enough(rush):
    found = sweep(rush, {"arrivals.rate": [8, 9]}, ["random"], replications=1)
    assert found.frame["low"].isna().all()
    assert (found.frame[["difference", "difference_low", "difference_high"]] == 0).all(axis=None)


def test_shelves_of_other_names_have_measures_of_their_own(rush):
    found = sweep(rush, {"shelves.hot.name": ["hot", "warm"]}, ["random"], replications=2)
    names = found.frame.groupby("point")["measure"].agg(set)
    assert "occupancy_warm" in names[1] and "occupancy_hot" not in names[1]
    assert "occupancy_hot" in names[0] and "occupancy_warm" not in names[0]
    lost = found.table()["mean"].tolist()
    assert lost[0] == lost[1]


def test_a_table_has_a_row_a_point_and_strategy(swept):
    table = swept.table()
    assert len(table) == 6 * 3
    assert "measure" not in table
    lost = swept.frame[swept.frame["measure"] == "lost_per_order"]
    assert table["mean"].tolist() == lost["mean"].tolist()
    assert swept.table("occupancy_hot")["mean"].between(0, 10).all()
    with pytest.raises(KitchenError, match="Did you mean 'moves'"):
        swept.table("move")


def test_progress_is_told_of_every_replication(rush):
    message, lock = [], threading.Lock()

    def callback(done):
        with lock:
            message.append(done)

    sweep(rush, GRID, NAMES, replications=7, callback=callback)
    assert sum(message) == 6 * 3 * 7


def test_what_advance_raises_ends_the_sweep(rush):
    class Cancelled(Exception):
        pass

    message = []

    def callback(done):
        message.append(done)
        raise Cancelled

    with pytest.raises(Cancelled):
        sweep(rush, {"arrivals.rate": range(1, 200)}, NAMES, replications=2, callback=callback)
    assert len(message) < 20


def test_a_sweep_shows_itself_in_a_few_lines_without_obeying_names(rush):
    strategies = [kt.Strategy("random", name="<script>alert(1)</script>")]
    found = sweep(rush, {"arrivals.rate": range(1, 41)}, strategies, replications=1)
    html = found._repr_html_()
    assert "40 points x 1 strategies" in repr(found)
    assert "1, 2, 3, 4, 5, 6, ..." in html and "&lt;script&gt;" in html and "<script>" not in html
    assert html.count("<tr") == 2  # the header, and the one setting
    assert isinstance(found, Sweep) and found.seed == 1 and found.replications == 1


# What is refused, before anything runs


@pytest.fixture
def nothing_runs(monkeypatch):
    def ran(*args, **kwargs):
        raise AssertionError("it ran")

    monkeypatch.setattr(MODULE.points, "figures", ran)


@pytest.mark.parametrize(
    ("design", "fault", "message"),
    [
        ({"arrivals.rat": [8]}, ScenarioError, r"Did you mean 'arrivals\.rate'"),
        ({"shelves.overflw.capacity": [8]}, ScenarioError, r"Did you mean 'shelves\.overflow'"),
        ({"strategy.recal": ["none"]}, StrategyError, r"Did you mean 'strategy\.recall'"),
        ({"strategy.recall": ["fist in"]}, RuleError, "Did you mean 'first in'"),
        ({"strategy.recall_when": ["eager", "late"]}, StrategyError, "'late' is unknown"),
        ({"arrivals.rate": [8, 9, -1]}, ScenarioError, "got -1"),
        ({"shelves.hot.capacity": [5, 5.5]}, ScenarioError, "got 5.5"),
        ({"arrivals.rate": []}, KitchenError, "arrivals.rate: has no values"),
        ({"arrivals.rate": 8}, KitchenError, r"list of values, got 8\..* \[8\]"),
        ({"decay": "linear"}, KitchenError, "list of values, got 'linear'"),
        ({"couriers.delay": {"low": 2}}, KitchenError, "list of values"),
        ([], KitchenError, "has no points"),
        ("arrivals.rate", KitchenError, "design: points must be a list of tables"),
        (7, KitchenError, "design: points must be a list of tables"),
        ([{"arrivals.rate": 8}, 9], KitchenError, "got 9"),
        (
            [{"arrivals.rate": 8}, {"decay": "linear"}],
            KitchenError,
            "point 1 lacks 'arrivals.rate'",
        ),
        ([{"arrivals.rate": 8}, {"arrivals.rate": 8, "eta": 1}], KitchenError, "point 1 has 'eta'"),
        ({"arrivals.rate": range(1, MOST_POINTS + 2)}, KitchenError, "10,000,001 points"),
        (
            {"arrivals.rate": range(1, 4001), "shelves.hot.capacity": range(5000)},
            KitchenError,
            "20,000,000 points, and at most 10,000,000",
        ),
        ({"orders.file": [None, "not_there.json"]}, KitchenError, "not_there.json"),
        (
            {"strategy.issue": ["matched", "soonest to expire"], "expired_orders": ["held"]},
            StrategyError,
            "does not go with",
        ),
    ],
)
def test_a_fault_of_any_point_is_told_before_anything_runs(
    rush, nothing_runs, design, fault, message
):
    with pytest.raises(fault, match=message):
        sweep(rush, design, NAMES, replications=2)


def test_other_arguments_are_checked_as_everywhere(rush, nothing_runs):
    grid = {"arrivals.rate": [8]}
    with pytest.raises(ScenarioError, match=r"Scenario\.load"):
        sweep("rush", grid, NAMES)
    with pytest.raises(StrategyError, match="two strategies are named 'random'"):
        sweep(rush, grid, ["random", "random"])
    with pytest.raises(KitchenError, match="replications: must be a whole number"):
        sweep(rush, grid, NAMES, replications=0)
    with pytest.raises(SeedError, match="seed"):
        sweep(rush, grid, NAMES, seed=-1)
    with pytest.raises(KitchenError, match="workers"):
        sweep(rush, grid, NAMES, workers=0)


def test_if_every_point_fails_the_first_fault_is_told(rush):
    def broken(order):
        return float("nan")

    with pytest.raises(
        KitchenError, match=r"all 2 points failed; point 0: rule 'broken' returned nan"
    ):
        sweep(rush, {"arrivals.rate": [30, 31]}, [broken], replications=2)


def test_a_point_that_fails_is_recorded_and_the_others_go_on(rush, caplog):
    def broken_when_full(order):
        return (
            order.value / (1.0 - order.overflow_fill) if order.overflow_fill < 1.0 else float("nan")
        )

    design = {"arrivals.rate": [1, 30, 2]}
    found = sweep(rush, design, [broken_when_full], replications=2)
    assert list(found.errors["point"]) == [1]
    assert "broken_when_full" in found.errors["error"][0]
    assert list(found.frame["point"].unique()) == [0, 2]
    assert "1 of 3 points failed; point 1: rule 'broken_when_full'" in caplog.text


# --- a replay ------------------------------------------------------------------------------------

SHELVES = {"shelves.overflow.capacity": [3, 10], "strategy.recall": [None, "largest gain"]}


@pytest.fixture(scope="module")
def evenings(rush):
    """Seven evenings, numbered as those of a log are after some were left out."""
    drawn = kt.draw(rush.replace({"eta": "exact"}), replications=9, seed=8)
    return drawn.take([0, 1, 3, 4, 5, 7, 8])


@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_each_point_of_a_replay_is_what_compare_says_of_these_evenings(rush, evenings, executor):
    swept = sweep(rush, SHELVES, NAMES, trace=evenings, executor=executor, keep="summaries")
    assert swept.replications == 7
    for (capacity, recall), rows in swept.frame.groupby(list(SHELVES), sort=False, observed=True):
        world = rush.replace({"shelves.overflow.capacity": capacity})
        recalling = None if recall == "none" else recall
        own = [kt.Strategy(name, recall=recalling, name=name) for name in NAMES]
        alone = of_compare(world, own, trace=evenings)
        np.testing.assert_array_equal(figures(rows), figures(alone))
    assert swept.summaries["replication"].unique().tolist() == [0, 1, 3, 4, 5, 7, 8]


@pytest.mark.parametrize(
    "path",
    ["arrivals.rate", "couriers.delay.low", "orders.count", "couriers.slow", '"orders".busy'],
)
def test_a_replay_refuses_settings_that_would_draw_other_orders(rush, evenings, path):
    with pytest.raises(KitchenError, match="says how orders are drawn, and with a trace none are"):
        sweep(rush, {path: [1, 2]}, NAMES, trace=evenings)


def test_a_folder_tells_one_log_from_another(rush, evenings, tmp_path):
    grid = {"shelves.overflow.capacity": [3, 10]}
    first = sweep(rush, grid, NAMES, trace=evenings, out=tmp_path / "kept")
    again = sweep(rush, grid, NAMES, trace=evenings, out=tmp_path / "kept")
    pd.testing.assert_frame_equal(first.frame, again.frame)
    later = evenings.take([0, 1, 2, 3, 4, 5, 5])
    with pytest.raises(KitchenError, match="holds another sweep: trace is"):
        sweep(rush, grid, NAMES, trace=later, out=tmp_path / "kept")
