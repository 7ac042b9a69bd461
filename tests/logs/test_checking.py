"""Predictions of evenings that were not fitted to, and comparisons that hold what data leave open."""

import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.errors import KitchenError
from kitchen.logs.checking import FIGURES, figures

SPREADS = {"orders.busy": 0.1, "couriers.slow": 0.08}
STRATEGIES = ["discard newcomer", "lowest revenue per shelf second"]


@pytest.fixture(scope="module")
def friday():
    return kt.Scenario.load("friday")


def fit_to(friday, evenings, seed, **changes):
    log = kt.draw(friday.replace(changes), evenings, seed=seed).frame()
    return kt.fit(log, kitchen=friday)


# --- check ---------------------------------------------------------------------------------------


def test_figures_of_an_evening_by_hand():
    received = np.array([0.0, 100.0, 3700.0])
    ready = received + np.array([10.0, 0.0, 50.0])
    pickup = np.array([150.0, 160.0, 3720.0])  # the last courier is there before the food
    found = figures(received, ready, pickup, received, duration_s=1000.0)
    assert found == {
        "orders": 3.0,
        "busiest_hour": 2.0,
        "most_at_once": 2.0,
        "mean_at_once": (140.0 + 60.0) / 1000.0,
        "mean_delay_s": (150.0 + 60.0 + 20.0) / 3,
    }


def test_the_most_at_once_does_not_count_who_leaves_as_another_comes():
    received = np.array([0.0, 60.0])
    found = figures(received, received, received + 60.0, received, 120.0)
    assert found["most_at_once"] == 1.0


@pytest.mark.slow
def test_envelopes_hold_about_nine_in_ten_of_the_evenings_of_the_same_world(friday):
    shares = [
        fit_to(friday, 16, 200 + k, **SPREADS).check(splits=1, seed=k).frame["inside"].mean()
        for k in range(12)
    ]
    # 12 logs; halves of one log err together: standard error about 0.025
    assert np.mean(shares) == pytest.approx(0.88, abs=0.08)


def test_a_world_without_busy_evenings_is_found_too_narrow(friday):
    """Evenings that differ, predicted as if they did not: many are outside."""
    fitted = fit_to(friday, 16, 3, **{"orders.busy": 0.3})
    good = fitted.check(splits=2).frame.set_index("figure")["inside"]["orders"]
    trace = kt.draw(fitted.scenario.replace({"orders.busy": 0.0}), 200, seed=1)
    low, high = np.quantile(np.diff(trace.first), [0.05, 0.95])
    blind = np.mean((fitted.evenings.counts >= low) & (fitted.evenings.counts <= high))
    assert blind < 0.5 < good


def test_a_check_names_its_figures_and_what_not_to_trust(friday):
    fitted = fit_to(friday, 8, 4)
    check = fitted.check(splits=2, replications=60)
    assert check.frame["figure"].tolist() == list(FIGURES)
    assert (check.frame["evenings"] == 2 * 8).all()
    rows = check.evenings
    inside = (rows["low"] <= rows["observed"]) & (rows["observed"] <= rows["high"])
    assert (inside == rows["inside"]).all()
    means = rows.groupby("figure")["inside"].mean()
    assert check.frame.set_index("figure")["inside"].to_dict() == means.to_dict()
    assert "orders in the busiest hour" in check.verdict
    again = fitted.check(splits=2, replications=60)
    pd.testing.assert_frame_equal(again.evenings, rows, check_exact=True)


def test_few_evenings_cannot_be_checked(friday):
    with pytest.raises(KitchenError, match="at least 4 evenings with pickups, there are 3"):
        fit_to(friday, 3, 1).check()


@pytest.mark.parametrize(
    "bad", [{"splits": 0}, {"splits": 1.5}, {"replications": 3}, {"seed": -1}, {"seed": "x"}]
)
def test_arguments_of_a_check_that_make_no_sense_are_refused(friday, bad):
    with pytest.raises(KitchenError, match=f"^{next(iter(bad))}: "):
        fit_to(friday, 4, 1).check(**bad)


# --- compare -------------------------------------------------------------------------------------


def test_a_comparison_splits_its_intervals_in_simulation_and_data(friday):
    fitted = fit_to(friday, 8, 5, **SPREADS)
    table = fitted.compare(STRATEGIES, inputs=20, replications=100, seed=2)
    plain = kt.compare(fitted.scenario, STRATEGIES, replications=100, seed=2)
    means = plain.frame.query("measure == @plain.measure").set_index("strategy")["mean"]
    assert table.frame["mean"].tolist() == pytest.approx(means[STRATEGIES].tolist(), rel=1e-12)
    for frame, middle in ((table.frame, "mean"), (table.paired, "difference")):
        half = (frame["high"] - frame["low"]) / 2
        assert (half >= frame[["simulation", "inputs"]].max(axis=1) * 0.85).all()
        assert (half <= frame["simulation"] + frame["inputs"]).all()
        assert ((frame["low"] < frame[middle]) & (frame[middle] < frame["high"])).all()
    assert table.paired["significant"].tolist() == [True]
    assert table.paired["caution"].tolist() == [""]
    assert "from the data" in table.verdict


def test_below_six_evenings_there_are_differences_with_a_caution_only(friday):
    table = fit_to(friday, 4, 6).compare(STRATEGIES, inputs=10, replications=40)
    assert table.frame[["low", "high"]].isna().all(axis=None)
    assert table.paired["low"].notna().all()
    assert "too short" in table.paired["caution"][0] and "too short" in table.verdict


def test_strategies_that_are_the_same_have_no_interval(friday):
    strategies = [kt.Strategy("random", name="a"), kt.Strategy("random", name="b")]
    table = fit_to(friday, 6, 7).compare(strategies, inputs=10, replications=40)
    row = table.paired.iloc[0]
    assert row["differing"] == 0 and np.isnan(row["low"]) and not row["significant"]
    assert "too rarely" in table.verdict


def test_a_comparison_is_the_same_again_and_on_any_number_of_threads(friday):
    fitted = fit_to(friday, 6, 8)
    one, two = (
        fitted.compare(STRATEGIES, inputs=10, replications=40, threads=threads)
        for threads in (1, 2)
    )
    pd.testing.assert_frame_equal(one.frame, two.frame, check_exact=True)
    pd.testing.assert_frame_equal(one.paired, two.paired, check_exact=True)


def test_one_evening_cannot_be_compared(friday):
    with pytest.raises(KitchenError, match="one evening says nothing"):
        fit_to(friday, 1, 1).compare(STRATEGIES)


@pytest.mark.long
@pytest.mark.parametrize("evenings", [7, 26])
@pytest.mark.parametrize("spreads", [{}, SPREADS], ids=["alike", "busy and slow"])
def test_intervals_with_the_data_hold_the_truth(friday, spreads, evenings):
    """Coverage of at least 0.90, less 2 standard errors of 60 logs; the simulation's alone is poor."""
    world = friday.replace(spreads)
    truth = kt.compare(world, STRATEGIES, replications=20_000, seed=99)
    level = truth.frame.query("measure == @truth.measure")["mean"].to_numpy()
    held, alone = [], []
    for k in range(60):
        table = fit_to(friday, evenings, 700 + k, **spreads).compare(STRATEGIES, seed=k)
        off = table.paired["difference"][0] - (level[1] - level[0])
        row, first = table.paired.iloc[0], table.frame.iloc[0]
        held.append(
            (
                row["low"] <= level[1] - level[0] <= row["high"],
                first["low"] <= level[0] <= first["high"],
            )
        )
        alone.append(abs(off) <= row["simulation"])
    assert (np.mean(held, axis=0) >= 0.90 - 2 * 0.039).all()
    assert np.mean(alone) < 0.85
