"""The frames that users hold: columns, types, categories, and the smallest of cases."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from support.changed_frames import assert_no_change_reaches_back

import kitchen as kt

TEXT = pd.Series(["text"]).dtype
WHOLE, NUMBER = np.dtype(np.int64), np.dtype(np.float64)
STRATEGY, TEMP, SHELF, OUTCOME, EVENT = "strategy", "temp", "shelf", "outcome", "event"
CATEGORIES = {
    TEMP: ["hot", "cold", "frozen"],
    SHELF: ["hot", "cold", "frozen", "overflow"],
    OUTCOME: ["delivered", "expired", "discarded"],
    EVENT: ["place", "move", "pickup", "expire", "discard"],
    STRATEGY: ["random"],
}
COLUMNS = {
    "orders": {
        "strategy": STRATEGY,
        "replication": WHOLE,
        "order": WHOLE,
        "order_id": TEXT,
        "name": TEXT,
        "temp": TEMP,
        "price": NUMBER,
        "shelf_life_s": NUMBER,
        "decay_rate": NUMBER,
        "opens_s": NUMBER,
        "received_s": NUMBER,
        "ready_s": NUMBER,
        "pickup_s": NUMBER,
        "outcome": OUTCOME,
        "left_s": NUMBER,
        "value": NUMBER,
        "shelf": SHELF,
        "weighted_age_s": NUMBER,
        "moves": WHOLE,
        "waited_s": NUMBER,
    },
    "ledger": {
        "strategy": STRATEGY,
        "replication": WHOLE,
        "order": WHOLE,
        "time_s": NUMBER,
        "event": EVENT,
        "from_shelf": SHELF,
        "to_shelf": SHELF,
        "value": NUMBER,
    },
    "shelves": {
        "strategy": STRATEGY,
        "replication": WHOLE,
        "time_s": NUMBER,
        "shelf": SHELF,
        "orders": WHOLE,
        "fill": NUMBER,
        "value_mean": NUMBER,
        "value_min": NUMBER,
    },
    "contents": {
        "strategy": STRATEGY,
        "replication": WHOLE,
        "order": WHOLE,
        "time_s": NUMBER,
        "shelf": SHELF,
        "name": TEXT,
        "temp": TEMP,
        "age_s": NUMBER,
        "value": NUMBER,
    },
    "summary": {
        "strategy": STRATEGY,
        "replication": WHOLE,
        "orders": WHOLE,
        "delivered": WHOLE,
        "expired": WHOLE,
        "discarded": WHOLE,
        "wasted": WHOLE,
        "delivered_share": NUMBER,
        "expired_share": NUMBER,
        "discarded_share": NUMBER,
        "wasted_share": NUMBER,
        "value_per_order": NUMBER,
        "lost_per_order": NUMBER,
        "revenue": NUMBER,
        "revenue_per_order": NUMBER,
        "full_revenue": NUMBER,
        "lost_revenue": NUMBER,
        "lost_revenue_share": NUMBER,
        "expired_cost": NUMBER,
        "discarded_cost": NUMBER,
        "waste_cost": NUMBER,
        "wait_mean_s": NUMBER,
        "moves": WHOLE,
        **{f"occupancy_{shelf}": NUMBER for shelf in CATEGORIES[SHELF]},
        **{
            f"{what}_{temp}": kind
            for temp in CATEGORIES[TEMP]
            for what, kind in {
                "orders": WHOLE,
                "expired": WHOLE,
                "discarded": WHOLE,
                "wasted_share": NUMBER,
                "value_per_order": NUMBER,
                "revenue": NUMBER,
                "lost_revenue": NUMBER,
            }.items()
        },
    },
}


def check_frame(frame, name):
    """Exactly these columns, of exactly these types."""
    assert list(frame.columns) == list(COLUMNS[name])
    assert isinstance(frame.index, pd.RangeIndex)
    for column, kind in COLUMNS[name].items():
        found = frame[column].dtype
        if not isinstance(kind, str) or kind not in CATEGORIES:
            assert found == kind, column
            continue
        assert isinstance(found, pd.CategoricalDtype), column
        assert list(found.categories) == CATEGORIES[kind]
        assert found.ordered or kind == STRATEGY


@pytest.fixture(scope="module", params=["usual", "no orders", "empty menu", "one order", "no time"])
def run(request, rush, tmp_path_factory):
    """Two replications of rush as it is, and without anything or next to nothing in it."""
    changes = {
        "usual": {},
        "no orders": {"orders.count": 0},
        "one order": {"orders.count": 1},
        "no time": {"orders.count": None, "orders.duration_s": 0.0},
        "empty menu": {},
    }[request.param]
    if request.param == "empty menu":
        menu = tmp_path_factory.mktemp("menu") / "empty.json"
        menu.write_text("[]")
        changes["orders.file"] = str(menu)
    return kt.simulate(rush.replace(changes), "random", replications=2, seed=1)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_frame_has_its_columns_and_types_in_every_case(run, name):
    frame = getattr(run, name)
    check_frame(frame, name)
    if len(run.orders) == 0 and name in ("orders", "ledger", "contents"):
        assert len(frame) == 0


def test_a_summary_has_a_row_a_replication_even_if_nothing_happens(run):
    summary = run.summary
    assert summary["replication"].tolist() == [0, 1]
    assert (summary["delivered"] + summary["wasted"] == summary["orders"]).all()
    nothing = summary["orders"] == 0
    shares = summary[[c for c in summary if c.endswith("_share") or "_per_order" in c]]
    assert shares[nothing].isna().all(axis=None)
    assert (summary.loc[nothing, ["waste_cost", "moves", "wasted"]] == 0).all(axis=None)


def test_the_shelves_of_a_kitchen_without_orders_are_seen_empty_once(run):
    if len(run.orders) == 0:
        seen = run.shelves
        assert (seen["time_s"] == 0.0).all()
        assert len(seen) == 2 * 4
        assert (seen["orders"] == 0).all()
        assert seen["value_mean"].isna().all()


def test_one_order_stands_on_its_shelf_from_ready_to_pickup(rush):
    run = kt.simulate(rush.replace({"orders.count": 1}), "random", seed=1)
    (order,) = run.orders.to_dict("records")
    assert order["outcome"] == "delivered"
    assert order["shelf"] == order["temp"]
    assert order["left_s"] == order["pickup_s"]
    assert order["waited_s"] == order["weighted_age_s"] == order["pickup_s"] - order["ready_s"]
    assert run.ledger["event"].tolist() == ["place", "pickup"]
    assert run.ledger["time_s"].tolist() == [order["ready_s"], order["pickup_s"]]
    ticks = np.arange(np.ceil(order["ready_s"]), np.ceil(order["pickup_s"]))
    assert run.contents["time_s"].tolist() == ticks.tolist()


def test_an_order_that_never_stood_on_a_shelf_has_none():
    scenario = kt.Scenario.load("rush").replace({f"shelves.{i}.capacity": 0 for i in range(4)})
    run = kt.simulate(scenario, "oldest", seed=1)
    assert run.orders["shelf"].isna().all()
    assert (run.orders["outcome"] == "discarded").all()
    assert run.ledger[["from_shelf", "to_shelf"]].isna().all(axis=None)
    assert run.shelves["fill"].isna().all()  # the share of no slots
    assert (run.orders["value"] == 1.0).all()


def test_temps_are_in_the_order_of_the_shelves_then_of_the_orders(tmp_path, rush):
    menu = tmp_path / "menu.csv"
    rows = ["a,tepid,9,0", "b,cold,9,0", "c,warm,9,0", "d,hot,9,0"]
    menu.write_text("\n".join(["name,temp,shelf_life_s,decay_rate", *rows]))
    orders = kt.simulate(rush.replace({"orders.file": str(menu)}), "random").orders
    temps = ["hot", "cold", "frozen", "tepid", "warm"]
    assert orders["temp"].cat.categories.tolist() == temps


def test_the_last_shelf_of_an_order_is_the_one_it_left_from(rush):
    run = kt.simulate(rush, "random", replications=20, seed=2)
    ends = run.ledger[run.ledger["event"].isin(["pickup", "expire", "discard"])]
    ends = ends.set_index(["replication", "order"])["from_shelf"].sort_index()
    orders = run.orders.set_index(["replication", "order"])["shelf"]
    pd.testing.assert_series_equal(orders, ends, check_names=False)


def test_shares_by_temp_and_occupancies_have_the_names_of_temps_and_shelves(tmp_path):
    odd = "hot, $\\frac{1}{2}$ & <b>"
    menu = tmp_path / "menu.json"
    menu.write_text('[{"name": "x", "temp": "a.b", "shelfLife": 9, "decayRate": 0}]')
    scenario = kt.Scenario.load("rush").replace({"orders.file": str(menu), "shelves.hot.name": odd})
    summary = kt.simulate(scenario, "random").summary
    assert f"occupancy_{odd}" in summary
    assert "wasted_share_a.b" in summary


def test_a_frame_is_made_once_and_no_change_to_it_reaches_back(rush, tmp_path):
    run = kt.simulate(rush, "random")
    for name in COLUMNS:
        made = [(getattr(run, name), vars(run)[name])[1] for _ in range(2)]
        assert made[0] is made[1]
    run.to_csv(tmp_path / "before")
    assert_no_change_reaches_back(run, COLUMNS)
    run.to_csv(tmp_path / "after")
    for name in COLUMNS:
        before, after = (tmp_path / when / f"{name}.csv" for when in ("before", "after"))
        assert before.read_bytes() == after.read_bytes()


@pytest.mark.parametrize("step_s", [0.1, 0.3, 0.05, 1.0, 2.5, 0.007])
def test_ticks_are_multiples_of_the_step_to_the_shortest_decimal(rush, step_s):
    run = kt.simulate(rush, "random", step_s=step_s)
    times = run.shelves["time_s"].unique()
    assert times.tolist() == [float(k * Decimal(repr(step_s))) for k in range(len(times))]
    assert set(run.contents["time_s"]) <= set(times)
    last_s = run.ledger["time_s"].max()
    assert times[-2] < last_s <= times[-1]


def test_no_change_to_the_frames_of_a_result_reaches_back(rush):
    comparison = kt.compare(rush, ["oldest", "random"], replications=3, bound=True)
    frames = ["summaries", "frame", "paired", "pairs", "regret", "bounds"]
    assert_no_change_reaches_back(comparison, frames)
    design = {"arrivals.rate": [8.0, 12.0]}
    swept = kt.sweep(rush, design, ["oldest", "random"], replications=2, keep="summaries")
    assert_no_change_reaches_back(swept, ["frame", "summaries"])
    assert_no_change_reaches_back(kt.bound(kt.draw(rush, 2, seed=1), rush), ["frame"])
    ranges = {"arrivals.rate": (8.0, 12.0), "shelves.overflow.capacity": range(5, 21)}
    assert_no_change_reaches_back(kt.sensitivity(rush, ranges, n=8, replications=2), ["frame"])
    assert_no_change_reaches_back(kt.regions(swept), ["frame", "limits", "points"])
    advice = kt.warm_up(kt.simulate(rush, "random", replications=2))
    assert_no_change_reaches_back(advice, ["frame", "series"])
