"""Designs: how many points, which ones, the same every time, and what is refused before any is made."""

import json
import tomllib
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import tomli_w
from scipy.stats import qmc

from kitchen.errors import KitchenError, SeedError
from kitchen.model.rules import BUILT_IN
from kitchen.sweeps.designs import Design, grid, latin_hypercube, points, saltelli, sobol
from kitchen.sweeps.ranges import MOST_POINTS
from kitchen.sweeps.sweep import sweep

SLOTS, RATE, RULE = "shelves.overflow.capacity", "arrivals.rate", "strategy.discard"
RANGES = {RATE: (8.0, 12.0), SLOTS: range(5, 31, 5), RULE: ["random", "oldest", "newest"]}
SAMPLED = [latin_hypercube, sobol, saltelli]


def places(values, low, high):
    """Shares of the way from low to high."""
    return (np.asarray(values) - low) / (high - low)


# Grids and lists


def test_a_grid_has_every_combination_and_the_last_path_changes_fastest():
    design = grid({SLOTS: range(5, 16, 5), RATE: [8, 12.5]})
    assert len(design) == 6
    assert list(design) == [{SLOTS: s, RATE: r} for s in (5, 10, 15) for r in (8, 12.5)]
    assert design[-1] == {SLOTS: 15, RATE: 12.5} and design[1:3] == list(design)[1:3]
    assert design.paths == [SLOTS, RATE]
    assert design.frame[RATE].tolist() == [8, 12.5] * 3


def test_a_grid_of_ten_million_points_makes_none_until_it_is_asked():
    design = grid({"a": range(1000), "b": range(10_000)})
    assert len(design) == MOST_POINTS
    assert design[9_999_999] == {"a": 999, "b": 9999} and design[10_000] == {"a": 1, "b": 0}
    assert len(design.parts[0][1].values) == 1000  # the ranges are all that is kept
    with pytest.raises(IndexError):
        design[10**7]


def test_a_list_of_points_keeps_its_values_and_comes_from_a_frame_too():
    rows = [{RATE: np.float64(8.0), "decay": "linear"}, {"decay": "cliff", RATE: 9}]
    design = points(iter(rows))
    assert list(design) == [{RATE: 8.0, "decay": "linear"}, {RATE: 9, "decay": "cliff"}]
    assert type(design[0][RATE]) is float and type(design[1][RATE]) is int
    assert points(design.frame) == points([{RATE: 8.0, "decay": "linear"}, {**rows[1], RATE: 9.0}])


def test_a_point_that_is_changed_does_not_change_the_design():
    design = grid({"a": [1, 2]})
    design[0]["a"] = 5
    assert design[0] == {"a": 1}
    with pytest.raises(AttributeError):
        design.seed = 3


# Sampled designs


@pytest.mark.parametrize("make", SAMPLED)
def test_values_are_of_their_ranges_and_of_their_kind(make):
    design = make(RANGES, 64, seed=1)
    for row in design:
        assert list(row) == list(RANGES)
        assert 8.0 <= row[RATE] < 12.0 and type(row[RATE]) is float
        assert row[SLOTS] in RANGES[SLOTS] and type(row[SLOTS]) is int
        assert row[RULE] in RANGES[RULE]
    frame = design.frame
    assert frame["point"].tolist() == list(range(len(design)))
    assert frame.drop(columns="point").to_dict("records") == list(design)
    assert frame[SLOTS].dtype == np.int64 and frame[RATE].dtype == float


@pytest.mark.parametrize("make", SAMPLED)
def test_a_seed_has_its_own_points_and_always_the_same(make):
    one, again, other = make(RANGES, 16, 3), make(RANGES, 16, seed=3), make(RANGES, 16, seed=4)
    assert one == again and list(one) == list(again)
    assert one != other and list(one) != list(other)


@pytest.mark.parametrize("make", [latin_hypercube, sobol])
def test_every_part_of_a_range_has_one_point(make):
    design = make({"a": (-3.0, 5.0), "b": (0, 1)}, 128, seed=2).frame
    for path, (low, high) in {"a": (-3, 5), "b": (0, 1)}.items():
        parts = np.floor(128 * places(design[path], low, high)).astype(int)
        assert sorted(parts) == list(range(128))


def test_a_latin_hypercube_takes_any_number():
    design = latin_hypercube({"a": (0.0, 1.0), "b": range(3)}, 7)
    assert sorted(np.floor(7 * design.frame["a"]).astype(int)) == list(range(7))
    assert len(latin_hypercube({"a": (0.0, 1.0)}, 1)) == 1


@pytest.mark.parametrize("make", [latin_hypercube, sobol])
@pytest.mark.parametrize("number", [16, 64, 512])
def test_whole_numbers_and_choices_come_equally_often(make, number):
    """Each of k values has a share of [0, 1) that holds number / k points, give or take one at each
    of its two ends."""
    frame = make(RANGES, number, seed=5).frame
    for path, values in ((SLOTS, list(RANGES[SLOTS])), (RULE, RANGES[RULE])):
        counts = frame[path].value_counts().reindex(values, fill_value=0)
        assert (np.abs(counts - number / len(values)) <= 2).all()


def test_sobol_points_cover_two_ranges_together_better_than_a_latin_hypercube():
    ranges = {"a": (0.0, 1.0), "b": (0.0, 1.0)}
    gaps = [
        np.mean([qmc.discrepancy(make(ranges, 256, s).frame[["a", "b"]]) for s in range(10)])
        for make in (sobol, latin_hypercube)
    ]
    assert gaps[0] < gaps[1] / 2
    boxes = np.floor(16 * sobol(ranges, 256, seed=1).frame[["a", "b"]]).astype(int)
    assert len(set(map(tuple, boxes.to_numpy()))) == 256  # a (0, 8, 2)-net: one in each box


def test_saltellis_points_are_a_then_b_then_a_with_each_path_of_b():
    design = saltelli(RANGES, 8, seed=1)
    assert len(design) == 8 * 5
    rows = [list(design)[first : first + 8] for first in range(0, 40, 8)]
    a, b, *mixed = rows
    for path, block in zip(RANGES, mixed, strict=True):
        assert block == [{**one, path: two[path]} for one, two in zip(a, b, strict=True)]
    assert [row[RATE] for row in a] != [row[RATE] for row in b]


def test_one_choice_given_twice_is_twice_as_likely():
    found = latin_hypercube({"a": ["x", "x", "y"], "b": (0, 1)}, 300).frame["a"]
    assert abs((found == "x").sum() - 200) <= 1


def test_a_sweep_takes_a_design_as_it_takes_a_list(rush):
    design = latin_hypercube(RANGES, 4, seed=1)
    found = sweep(rush, design, ["random"], replications=3)
    listed = sweep(rush, [dict(row) for row in design], ["random"], replications=3)
    pd.testing.assert_frame_equal(found.frame, listed.frame, check_categorical=False)
    both = {SLOTS: [5, 10], RATE: [8, 9]}
    found, listed = (sweep(rush, d, ["random"], replications=3) for d in (grid(both), both))
    pd.testing.assert_frame_equal(found.frame, listed.frame)


# Written and read


DESIGNS = [
    grid({SLOTS: range(5, 16, 5), RATE: [8, 12.5], "down": range(9, 2, -3)}),
    points([{RATE: 8.0, "decay": "linear"}, {RATE: 9.0, "decay": "cliff"}]),
    points([{"couriers.delay": {"distribution": "constant", "value": 4.0}}]),
    *(make({**RANGES, "down": range(9, 2, -3)}, 8, seed=12) for make in SAMPLED),
]


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.kind)
def test_a_design_is_written_and_read_as_json_and_as_toml(design):
    data = design.to_dict()
    for read in (json.loads(json.dumps(data)), tomllib.loads(tomli_w.dumps(data))):
        again = Design.from_dict(read)
        assert again == design and list(again) == list(design)


def test_a_study_file_may_leave_out_the_kind_of_a_grid_and_the_order_of_its_paths():
    text = """
    [design.ranges]
    "arrivals.rate" = [8, 10]
    "shelves.overflow.capacity" = { first = 5, last = 30, step = 5 }
    """
    read = Design.from_dict(tomllib.loads(text)["design"])
    assert read == grid({RATE: [8, 10], SLOTS: range(5, 31, 5)})
    text = """
    kind = "latin hypercube"
    n = 5
    [ranges]
    "arrivals.rate" = { low = 8, high = 12 }
    "strategy.discard" = ["random", "oldest"]
    """
    assert Design.from_dict(tomllib.loads(text)) == latin_hypercube(
        {RATE: (8, 12), RULE: ["random", "oldest"]}, 5
    )


def test_a_design_says_what_it_was_made_of():
    assert sobol(RANGES, 8).ranges == RANGES
    assert grid({RATE: [8, 9], SLOTS: range(3)}).ranges == {RATE: [8, 9], SLOTS: range(3)}


def test_rules_are_written_by_their_names_and_none_by_its_word():
    design = grid({RULE: [BUILT_IN["discard"]["oldest"]], "strategy.recall": [None, "first in"]})
    ranges = design.to_dict()["ranges"]
    assert ranges == {RULE: ["oldest"], "strategy.recall": ["none", "first in"]}


def test_a_function_cannot_be_written():
    def mine(order):
        return order.value

    with pytest.raises(KitchenError, match=r"strategy.discard: .* mine is not one of them"):
        grid({RULE: ["random", mine]}).to_dict()


def test_a_design_tells_itself_in_a_line_and_a_table():
    design = latin_hypercube({RATE: (8.0, 12.0), SLOTS: range(5, 31, 5), "<b>": ["$x$", 1]}, 6, 2)
    assert repr(design) == (
        "Design(latin hypercube, 6 points: arrivals.rate, shelves.overflow.capacity, <b>, seed 2)"
    )
    html = design._repr_html_()
    for message in (
        "8 to 12",
        "5 to 30 by 5, whole numbers",
        "$x$, 1",
        "&lt;b&gt;",
        "6 points, seed 2",
    ):
        assert message in html
    assert "linear, cliff" in DESIGNS[1]._repr_html_()
    assert "9,000,000 points" in grid({"a": range(3000), "b": range(3000)})._repr_html_()


# What is refused


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((12.0, 8.0), "is reversed: 12 to 8. The lower end comes first"),
        ((8, 8), "8 is a single value. Set it in the scenario"),
        (range(5, 6), "has a single value, 5"),
        (["x"], "has a single value, 'x'"),
        (range(5, 5), r"range\(5, 5\) is empty"),
        (range(30, 5), r"is empty. Reversed\? range\(5, 30\)"),
        (range(10**30), "too many numbers"),
        ([], "is an empty list"),
        ((1.0, float("nan")), "must be two finite numbers"),
        ((0.0, float("inf")), "must be two finite numbers"),
        ((0, 10**400), "must be two finite numbers"),
        ((-1e308, 1e308), "must be two finite numbers"),
        ([1.0, float("nan")], "must be finite"),
        (("a", "b"), r"a pair must be two numbers, \(low, high\), got 'a'. Choices go in a list"),
        ((True, 2), "got true"),
        ((1, 2, 3), "must be a pair"),
        (5, "must be a pair"),
        ("8 to 12", "must be a pair"),
        ({1, 2}, "must be a pair"),
        ({"low": 1}, "a range is {low, high}"),
        ({"first": 1, "last": 2.5}, "three whole numbers"),
        ({"first": 1, "last": 5, "step": 0}, "three whole numbers"),
    ],
)
def test_a_range_that_is_none_is_refused_with_its_path(given, message):
    for make in SAMPLED:
        with pytest.raises(KitchenError, match=f"^{RATE}: .*{message}") as caught:
            make({RATE: given}, 8)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: latin_hypercube(RANGES, 0), "n: must be a whole number of at least 1, got 0"),
        (lambda: latin_hypercube(RANGES, True), "n: must be a whole number"),
        (lambda: latin_hypercube(RANGES, MOST_POINTS + 1), "has 10,000,001 points"),
        (lambda: saltelli(RANGES, 2**22), "has 20,971,520 points"),
        (lambda: sobol(RANGES, 300), "such as 256 or 512, got 300. A latin_hypercube takes any"),
        (lambda: latin_hypercube({}, 5), "ranges: has no paths"),
        (lambda: latin_hypercube([RATE], 5), "ranges: must be a table of paths"),
        (lambda: latin_hypercube({3: (1, 2)}, 5), "a path must be a text, got 3"),
        (lambda: grid({RATE: [1], f"{RATE} ": [2]}), "is there twice"),
        (lambda: grid({RATE: 5}), r"must have a list of values, got 5. .*\[5\]"),
        (lambda: grid({RATE: "abc"}), "must have a list of values"),
        (lambda: grid({RATE: []}), f"{RATE}: has no values"),
        (lambda: grid({RATE: range(10**30)}), "too many numbers"),
        (lambda: grid({RATE: [float("nan")]}), "must be finite, got nan"),
        (lambda: grid({"a": range(5000), "b": range(5000)}), "has 25,000,000 points"),
        (lambda: points([]), "design: has no points"),
        (lambda: points({RATE: 1}), "must be a list of tables"),
        (lambda: points([{RATE: 1}, 5]), "got 5"),
        (lambda: points([{RATE: 1}, {SLOTS: 1}]), "point 1 has 'arrivals.rate'|point 1 lacks"),
        (lambda: points([{RATE: float("inf")}]), "must be finite"),
        (
            lambda: points(pd.DataFrame([[1, 2]], columns=[RATE, RATE])),
            "the path 'arrivals.rate' is there twice",
        ),
        (lambda: Design.from_dict({"kind": "sobel"}), "Did you mean 'sobol'"),
        (lambda: Design.from_dict({"kind": "sobol", "ranges": RANGES}), "n is missing"),
        (lambda: Design.from_dict({"kind": "grid", "range": {}}), "Did you mean 'ranges'"),
        (lambda: Design.from_dict([1]), "must be a table of keys"),
        (
            lambda: Design.from_dict({"ranges": {RATE: [1], SLOTS: [2]}, "paths": [RATE]}),
            "paths must list each path once",
        ),
    ],
)
def test_a_design_that_is_none_is_refused_in_one_line(build, message):
    with pytest.raises(KitchenError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1"])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(SeedError, match="seed: must be a whole number of at least 0"):
        latin_hypercube(RANGES, 8, seed=seed)


def test_a_wrong_path_is_told_by_the_scenario(rush):
    with pytest.raises(KitchenError, match="Did you mean"):
        sweep(rush, latin_hypercube({"arrivals.rat": (8, 9)}, 4), ["random"], replications=2)


def test_a_sampled_design_is_not_drawn_before_a_point_is_asked_for():
    design = latin_hypercube(RANGES, 8)
    assert len(design) == 8 and "8 points" in repr(design) and design.to_dict()
    assert "_unit" not in vars(design)


def test_equal_numbers_are_one_point_of_a_grid():
    design = grid({"arrivals.rate": [8, 8.0, np.float64(8), Decimal("8"), 9]})
    assert [point["arrivals.rate"] for point in design] == [8, 9]
    assert all(type(point["arrivals.rate"]) is int for point in design)


def test_truth_and_one_are_two_points_of_a_grid():
    assert len(grid({"x": [True, 1, 1.0, "1", [1], [1]]})) == 4


def test_numpys_numbers_in_a_design_become_plain():
    given = {"x": np.array([1.5, 2.5]), "y": [np.int64(3), np.float32(0.5)]}
    for design in (grid(given), points([{"x": np.float64(1.5), "y": np.int64(3)}])):
        assert {type(value) for point in design for value in point.values()} <= {int, float}


@pytest.mark.parametrize("make", [sobol, saltelli, latin_hypercube])
@pytest.mark.parametrize("n", [2**40, 2**63, 10**400])
def test_too_many_points_are_refused_in_a_short_line(make, n):
    with pytest.raises(KitchenError) as caught:
        make({"arrivals.rate": (8.0, 9.0)}, n)
    assert len(str(caught.value)) < 200
