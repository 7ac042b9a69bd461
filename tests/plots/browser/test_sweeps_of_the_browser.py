"""The browser's lines and maps of sweeps have the rows that matplotlib draws."""

import json

import numpy as np
import pytest
from matplotlib.colors import to_hex

from kitchen import plots
from kitchen.errors import KitchenError
from kitchen.model.measures import DIFFERENCE
from kitchen.plots.browser.sweep_best import OTHERS, best_map, colours_of
from kitchen.plots.browser.sweeps import heat_map, line_plot
from kitchen.plots.style import COLOURS, looks
from kitchen.plots.sweep_hover import hover_boxes
from kitchen.sweeps.sweep import sweep

SLOTS, RATE, LAW = "shelves.overflow.capacity", "arrivals.rate", "decay"
NAMES = ["random", "oldest", "discard newcomer"]


@pytest.fixture(scope="module")
def frame(rush):
    design = {SLOTS: [5, 10, 15], RATE: [8.0, 12.0], LAW: ["linear", "cliff"]}
    return sweep(rush, design, NAMES, replications=60, seed=2).frame


def sent(plot):
    """What the browser gets."""
    return json.loads(json.dumps(plot.as_data(), allow_nan=False))


def some(frame, **fixed):
    """Rows with one value of some parameters."""
    for path, value in fixed.items():
        frame = frame[frame[{"rate": RATE, "law": LAW, "slots": SLOTS}[path]] == value]
    return frame


@pytest.mark.parametrize("measure", ["lost_per_order", "moves", "value_per_order"])
@pytest.mark.parametrize("paired", [False, True])
def test_the_lines_are_those_that_matplotlib_draws(frame, measure, paired):
    rows = some(frame, rate=8.0, law="linear")
    data = sent(line_plot(rows, SLOTS, None, measure, paired=paired))
    ax = plots.sweep_lines(rows, SLOTS, None, measure, paired=paired)
    drawn = [line for line in ax.lines if len(line.get_xdata()) == 3]
    assert len(drawn) == len(data["lines"])
    checked = 0
    for line, own, band in zip(drawn, data["lines"], ax.collections, strict=True):
        assert own["at"] == list(line.get_xdata()) and own["middle"] == list(line.get_ydata())
        assert own["colour"].lower() == to_hex(line.get_color())
        corners = {tuple(corner) for corner in band.get_paths()[0].vertices}
        ends = {*zip(own["at"], own["low"], strict=True), *zip(own["at"], own["high"], strict=True)}
        assert corners >= {end for end in ends if end[1] is not None}
        checked += len(ends)
    assert checked > 6
    assert ax.get_title(loc="left") == data["title"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == (data["x"], data["y"])
    assert [box.text for box in hover_boxes(ax)] == data["hover"]


def test_words_are_dots_side_by_side(frame):
    rows = some(frame, rate=8.0, slots=5)
    data = sent(line_plot(rows, LAW, None, "lost_per_order"))
    assert data["dots"] and data["texts"] == ["linear", "cliff"] and data["places"] == [0, 1]


def test_a_line_for_each_value_is_of_one_strategy_and_shaded_by_its_size(frame):
    rows = some(frame[frame["strategy"] == "oldest"], law="linear")
    data = sent(line_plot(rows, RATE, SLOTS, "lost_per_order"))
    ax = plots.sweep_lines(rows, RATE, SLOTS, "lost_per_order")
    assert [line["name"] for line in data["lines"]] == ["capacity 5", "capacity 10", "capacity 15"]
    drawn = [to_hex(line.get_color()) for line in ax.lines if len(line.get_xdata()) == 2]
    assert drawn == [line["colour"] for line in data["lines"]]


@pytest.mark.parametrize("measure", ["lost_per_order", "moves", "value_per_order"])
@pytest.mark.parametrize("against", [None, "oldest"])
def test_the_cells_are_those_that_matplotlib_draws(frame, measure, against):
    rows = some(frame, law="linear")
    plot = heat_map(rows, SLOTS, RATE, measure, "random", against)
    data, ax = sent(plot), plots.sweep_map(rows, SLOTS, RATE, measure, "random", against)
    (image,) = ax.images
    figures = image.get_array()
    for cell in data["cells"]:
        figure = figures[cell["line"], cell["column"]]
        assert cell["figure"] == figure
        assert cell["colour"] == to_hex(image.cmap(image.norm(figure)))
        assert cell["unsure"] == (
            against is not None and not plot.sure[cell["line"], cell["column"]]
        )
    assert len(data["cells"]) == np.isfinite(figures).sum() == 6
    assert tuple(data["limits"]) == image.get_clim()
    assert ax.get_title(loc="left") == data["title"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == (data["x"], data["y"])
    assert [box.text for box in hover_boxes(ax)] == [cell["hover"] for cell in data["cells"]]


def test_a_point_that_is_not_there_has_no_cell(frame):
    rows = some(frame, law="linear")
    rows = rows[~((rows[SLOTS] == 5) & (rows[RATE] == 8.0))]
    data = sent(heat_map(rows, SLOTS, RATE, "moves", "random"))
    assert len(data["cells"]) == 5


def test_without_orders_the_picture_says_so(rush):
    frame = sweep(
        rush.replace({"orders.count": 0}), {SLOTS: [5, 10], RATE: [8, 9]}, NAMES, replications=2
    ).frame
    assert sent(heat_map(frame, SLOTS, RATE))["empty"] == "no orders to show"
    assert sent(line_plot(frame[frame[RATE] == 8], SLOTS))["empty"] == "no orders to show"


@pytest.mark.parametrize("measure", ["lost_per_order", "value_per_order"])
def test_the_best_of_each_cell_is_that_of_the_frame_and_of_matplotlib(frame, measure):
    rows = some(frame, law="linear")
    plot = best_map(rows, SLOTS, RATE, measure)
    data, ax = sent(plot), plots.sweep_best(rows, SLOTS, RATE, measure)
    colours = {key["name"]: key["colour"] for key in data["keys"]}
    own = rows[rows["measure"] == measure].astype({"strategy": str})
    assert len(data["cells"]) == 6
    for cell in data["cells"]:
        at = (own[SLOTS] == plot.columns[cell["column"]]) & (own[RATE] == plot.lines[cell["line"]])
        means = own[at].set_index("strategy")["mean"]
        best = means.idxmax() if measure == "value_per_order" else means.idxmin()
        assert cell["colour"] == colours[best] and cell["figure"] == means[best]
        assert cell["hover"].splitlines()[2].startswith(f"{best}: ")
        (image,) = ax.images
        drawn = image.cmap(image.norm(image.get_array()[cell["line"], cell["column"]]))
        assert to_hex(drawn) == cell["colour"].lower()
    assert [box.text for box in hover_boxes(ax)] == [cell["hover"] for cell in data["cells"]]
    assert ax.get_title(loc="left") == data["title"]


def test_equal_strategies_are_dotted_and_unequal_ones_are_not(frame):
    rows = some(frame, law="linear")
    both = rows[rows["strategy"].isin(["random", "oldest"])]
    twin = both.assign(**{c: 0.0 for c in DIFFERENCE}).assign(
        difference_low=-1.0, difference_high=1.0
    )
    assert not best_map(twin, SLOTS, RATE, "lost_per_order").sure.any()
    apart = both.assign(**{c: -0.1 for c in DIFFERENCE})
    assert best_map(apart, SLOTS, RATE, "lost_per_order").sure.all()


def test_one_strategy_has_no_map_of_the_best(frame):
    one = some(frame[frame["strategy"] == "random"], law="linear")
    one = one.assign(strategy=one["strategy"].cat.remove_unused_categories())
    with pytest.raises(KitchenError, match="the sweep has one strategy, 'random'"):
        best_map(one, SLOTS, RATE)


def test_no_two_winners_share_a_colour_but_the_grey_of_the_rest():
    names = [f"strategy {nth}" for nth in range(len(COLOURS) + 4)]
    best = np.concatenate([np.full(len(names) - nth, nth) for nth in range(len(names))])[None]
    colours = colours_of(names, best)
    assert sorted(colours[: len(COLOURS)]) == sorted(COLOURS)
    assert colours[len(COLOURS) :] == [OTHERS] * 4
    few = colours_of(names, np.array([[0, len(COLOURS), -1]]))  # these two have one look
    assert few[0] == looks(names)[names[0]].colour != few[len(COLOURS)] != OTHERS
