"""Scenario discovery: a planted box is found, and chance is no region."""

import sys

import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.errors import KitchenError
from kitchen.stats.intervals import widened


def swept_frame(points, mean, difference=None, half=0.01):
    """The frame of a sweep with two strategies, made of a table of parameters and figures."""
    number = len(points)
    difference = np.zeros(number) if difference is None else np.asarray(difference, float)
    rows = []
    for name, figure, gap, wide in (
        ("baseline", mean, np.zeros(number), 0.0),
        ("other", mean + difference, difference, half),
    ):
        rows.append(
            points.assign(
                point=np.arange(number),
                strategy=name,
                measure="lost_per_order",
                mean=figure,
                low=figure,
                high=figure,
                replications=100,
                baseline="baseline",
                difference=gap,
                difference_low=gap - wide,
                difference_high=gap + wide,
            )
        )
    return pd.concat(rows, ignore_index=True)


def cube(number=400, parameters=("rate", "slots", "noise", "more noise"), seed=1):
    random = np.random.default_rng(seed)
    return pd.DataFrame({name: random.random(number) for name in parameters})


def plant(points, seed=2, inside=0.97, outside=0.02):
    """Whether each point fails: nearly always where rate > 0.6 and slots < 0.4, else hardly ever."""
    box = (points["rate"] > 0.6) & (points["slots"] < 0.4)
    chance = np.where(box, inside, outside)
    return np.random.default_rng(seed).random(len(points)) < chance


def test_a_planted_box_is_found_with_its_edges_and_nothing_else():
    points = cube()
    fails = plant(points)
    found = kt.regions(swept_frame(points, np.where(fails, 0.2, 0.01)), limit=0.1)
    assert len(found.frame) == 1
    limits = found.limits.set_index("parameter")
    assert sorted(limits.index) == ["rate", "slots"]
    assert limits.loc["rate", "low"] == pytest.approx(0.6, abs=0.03)
    assert np.isnan(limits.loc["rate", "high"])
    assert limits.loc["slots", "high"] == pytest.approx(0.4, abs=0.03)
    assert found.frame["share"][0] > 0.9 and found.frame["coverage"][0] > 0.8
    assert found.held_out_share > 0.85 and found.held_out_coverage > 0.75


def test_a_planted_box_with_an_edge_on_every_side_is_found():
    points = cube(1000, ("rate", "slots", "noise"))
    box = points["rate"].between(0.3, 0.6) & points["slots"].between(0.5, 0.9)
    found = kt.regions(swept_frame(points, box * 1.0), limit=0.5)
    limits = found.limits.set_index("parameter")
    assert len(found.frame) == 1 and sorted(limits.index) == ["rate", "slots"]
    ends = limits.loc[["rate", "slots"], ["low", "high"]].to_numpy()
    np.testing.assert_allclose(ends, [[0.3, 0.6], [0.5, 0.9]], atol=0.02)


@pytest.mark.parametrize("seed", range(8))
def test_where_failure_is_chance_there_is_no_region(seed):
    points = cube(seed=seed)
    fails = np.random.default_rng(seed + 100).random(len(points)) < 0.3
    found = kt.regions(swept_frame(points, fails * 1.0), limit=0.5)
    assert not len(found.frame) and not found.points["region"].any()
    assert "No region of settings predicts where" in found.verdict


def test_words_and_whole_numbers_are_named_as_they_are():
    random = np.random.default_rng(5)
    points = pd.DataFrame(
        {
            "slots": random.integers(1, 31, 600),
            "decay": random.choice(["linear", "weighted", "cliff"], 600),
        }
    )
    fails = (points["slots"] <= 12) & (points["decay"] == "cliff")
    found = kt.regions(swept_frame(points, fails * 1.0), limit=0.5)
    said = found.limits.set_index("parameter")["values"]
    assert said.to_dict() == {"slots": "at most 12", "decay": "cliff"}
    fails = (points["slots"] > 20) & (points["decay"] != "cliff")
    found = kt.regions(swept_frame(points, fails * 1.0), limit=0.5)
    said = found.limits.set_index("parameter")["values"]
    assert said.to_dict() == {"slots": "at least 21", "decay": "not cliff"}
    assert found.where(1) == "slots at least 21 and decay not cliff"


def test_regions_are_disjoint_and_their_limits_hold_exactly_their_points():
    points = cube(800, ("rate", "slots"))
    fails = (points["rate"] + points["slots"] > 1.3) | (points["rate"] < 0.1)  # stairs, and a band
    found = kt.regions(swept_frame(points, fails * 1.0), limit=0.5)
    assert len(found.frame) > 2
    for region, own in found.limits.groupby("region"):
        inside = pd.Series(True, points.index)
        for row in own.itertuples():
            values = points[row.parameter]
            inside &= (values > (row.low if row.low == row.low else -np.inf)) & (
                values <= (row.high if row.high == row.high else np.inf)
            )
        np.testing.assert_array_equal(inside, found.points["region"] == region)
    table = found.points.groupby("region")["fails"].agg(["size", "sum"]).drop(0)
    assert found.frame["points"].tolist() == table["size"].tolist()
    assert found.frame["failing"].tolist() == table["sum"].tolist()
    np.testing.assert_allclose(found.frame["coverage"], table["sum"] / fails.sum())


def test_the_rows_of_the_frame_and_unused_parameters_do_not_change_the_regions():
    points = cube()
    frame = swept_frame(points, plant(points) * 1.0)
    found = kt.regions(frame, limit=0.5)
    mixed = kt.regions(frame.sample(frac=1, random_state=3), limit=0.5)
    wider = kt.regions(frame.assign(constant=1.0), limit=0.5)
    pd.testing.assert_frame_equal(found.limits, wider.limits)
    assert set(mixed.limits["parameter"]) == set(found.limits["parameter"])


def test_without_a_limit_a_strategy_fails_where_another_is_significantly_better():
    points = cube()
    box = ((points["rate"] > 0.6) & (points["slots"] < 0.4)).to_numpy()
    frame = swept_frame(points, np.full(len(points), 0.3), np.where(box, 0.05, -0.004))
    low, _ = widened(0.05, 0.04, 0.06, 100, len(points))
    assert low > 0  # of all points together, too
    worse = kt.regions(frame, "other")
    np.testing.assert_array_equal(worse.points["fails"], box)
    assert worse.criterion == "value lost: 'baseline' is significantly better"
    assert not kt.regions(frame).points["fails"].any()  # 0.004 better is not significant
    turned = swept_frame(points, np.full(len(points), 0.3), np.where(box, -0.05, 0.004))
    for found in (kt.regions(turned), kt.regions(turned, "baseline", against="other")):
        np.testing.assert_array_equal(found.points["fails"], box)
        np.testing.assert_allclose(found.points["figure"], np.where(box, 0.05, -0.004))


def test_where_more_is_better_less_fails():
    points = cube()
    frame = swept_frame(points, np.where(plant(points), 0.5, 0.9)).assign(measure="value_per_order")
    found = kt.regions(frame, measure="value_per_order", limit="70%")
    np.testing.assert_array_equal(found.points["fails"], plant(points))
    assert found.criterion == "value delivered: below 70 %"


def test_points_without_orders_are_left_out():
    points = cube()
    mean = np.where(plant(points), 0.2, 0.01)
    mean[::7] = np.nan
    found = kt.regions(swept_frame(points, mean), limit=0.1)
    assert len(found.points) == np.isfinite(mean).sum()
    assert set(found.limits["parameter"]) == {"rate", "slots"}


def test_a_sweep_of_a_kitchen_fails_where_it_is_busy_and_has_few_slots():
    rush = kt.Scenario.load("rush")
    ranges = {"arrivals.rate": (4.0, 12.0), "shelves.overflow.capacity": range(5, 21)}
    swept = kt.sweep(
        rush, kt.designs.sobol(ranges, 256), ["discard newcomer", "oldest"], replications=40
    )
    limits = kt.regions(swept, limit="5%").limits
    first = limits[limits["region"] == 1].set_index("parameter")
    assert first.loc["arrivals.rate", "low"] > 6 and np.isnan(first.loc["arrivals.rate", "high"])
    beaten = kt.regions(swept, "oldest")
    assert beaten.verdict.startswith("'oldest' fails at ")
    assert not kt.regions(swept).points["fails"].any()


@pytest.mark.parametrize(
    ("level", "words"), [(2.0, "none of 50 points"), (-1.0, "all of 50 points")]
)
def test_a_strategy_that_never_or_always_fails_has_no_region_and_one_sentence(level, words):
    points = cube(50)
    frame = swept_frame(points, points["rate"]).assign(measure="moves")
    found = kt.regions(frame, measure="moves", limit=level)
    assert words in found.verdict and not len(found.frame)
    assert found.verdict.count(".") == 1


def test_what_cannot_be_asked_is_refused():
    points = cube(50)
    frame = swept_frame(points, points["rate"])
    alone = frame[frame["strategy"] == "baseline"]
    for message, call in {
        "sweep or its frame": lambda: kt.regions(3),
        "strategy 'othr' is unknown": lambda: kt.regions(frame, "othr"),
        "measure 'waste' is unknown": lambda: kt.regions(frame, measure="waste"),
        "limit or against": lambda: kt.regions(frame, limit=0.1, against="other"),
        "against itself": lambda: kt.regions(frame, against="baseline"),
        "one strategy only": lambda: kt.regions(alone),
        "limit: must be a share": lambda: kt.regions(frame, limit=5),
        "'mean' is missing": lambda: kt.regions(frame.drop(columns="mean"), limit=0.1),
    }.items():
        with pytest.raises(KitchenError, match=message):
            call()


def test_without_scikit_learn_one_line_says_what_to_install(monkeypatch):
    points = cube(50)
    monkeypatch.setitem(sys.modules, "sklearn.tree", None)
    with pytest.raises(KitchenError, match=r"needs scikit-learn.*regions"):
        kt.regions(swept_frame(points, points["rate"]), limit=0.5)


def test_the_table_in_a_notebook_shows_where_and_how_sure():
    points = cube()
    found = kt.regions(swept_frame(points, plant(points) * 1.0), limit=0.5)
    html = found._repr_html_()
    assert "rate above 0.6" in html and "cross-validation" in html
    assert repr(found).startswith("Regions(1 of 'baseline', which fails at ")
