"""Money in the summary: by hand on the golden trace."""

import pandas as pd
import pytest
from support.paths import DATA

import kitchen as kt

PRICES = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]


@pytest.fixture(scope="module")
def summary():
    """One slot each for hot, cold, frozen and overflow; overflow counts double; 20 s to live."""
    table = pd.read_csv(DATA / "golden.csv")
    trace = kt.Trace.from_frame(
        table.assign(
            shelf_life_s=20.0,
            decay_rate=1.0,
            price=PRICES,
            pickup_s=table["ready_s"] + table["delay_s"],
        ).drop(columns=["order", "delay_s"])
    )
    shelves = [{"name": t, "holds": [t], "capacity": 1} for t in ("hot", "cold", "frozen")]
    shelves.append({"name": "overflow", "holds": "any", "capacity": 1, "modifier": 2.0})
    scenario = kt.Scenario.load("rush").replace({"shelves": shelves, "decay": "freshness"})
    return kt.simulate(scenario, "discard newcomer", trace=trace).summary.iloc[0]


def test_each_delivered_order_brings_its_price_times_its_value(summary):
    # values at pickup: order 0 0.7, 1 0.6 (overflow), 2 0.75, 4 0.825 (moved home), 5 0.9
    brought = 10 * 0.7 + 20 * 0.6 + 30 * 0.75 + 50 * 0.825 + 60 * 0.9
    assert summary["revenue"] == pytest.approx(brought)
    assert summary["revenue_per_order"] == pytest.approx(brought / 6)
    assert summary["full_revenue"] == 210
    assert summary["lost_revenue"] == pytest.approx(210 - brought)
    assert summary["lost_revenue_share"] == pytest.approx(1 - brought / 210)


def test_only_order_three_is_wasted_for_its_full_price(summary):
    assert (summary["expired_cost"], summary["discarded_cost"], summary["waste_cost"]) == (
        0,
        40,
        40,
    )


def test_money_by_temp_is_that_of_its_orders(summary):
    hot = 10 * 0.7 + 20 * 0.6 + 50 * 0.825
    assert summary["revenue_hot"] == pytest.approx(hot)
    assert summary["lost_revenue_hot"] == pytest.approx(80 - hot)
    assert summary["lost_revenue_cold"] == pytest.approx(70 - 30 * 0.75)
    assert summary["revenue_frozen"] == pytest.approx(60 * 0.9)
