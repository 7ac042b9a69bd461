"""Pictures of sweeps, checked by what they show."""

import threading

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import kitchen as kt
from kitchen import plots
from kitchen.errors import KitchenError
from kitchen.plots.axes import png
from kitchen.plots.browser.sweeps import BEST
from kitchen.plots.style import in_style
from kitchen.sweeps.sweep import sweep

SLOTS, RATE = "shelves.overflow.capacity", "arrivals.rate"


def swept(means=None, names=("base", "mine"), differ=None, measure="lost_per_order", **grid):
    """A frame as of a sweep: 0.1 more for each strategy, 0.01 for each step of a parameter."""
    grid = grid or {SLOTS: [5, 10, 20], RATE: [8.0, 12.0]}
    index = pd.MultiIndex.from_product([*grid.values(), names], names=[*grid, "strategy"])
    frame = index.to_frame(index=False)
    for path, values in [*grid.items(), ("strategy", names)]:
        if isinstance(values[0], str):
            frame[path] = pd.Categorical(frame[path], list(values), ordered=True)
    nth = frame["strategy"].cat.codes.to_numpy()
    point = np.arange(len(frame)) // len(names)
    frame.insert(0, "point", point)
    mean = 0.1 * (nth + 1) + 0.01 * point if means is None else np.asarray(means, float)
    difference = 0.1 * nth if differ is None else np.asarray(differ, float)
    return frame.assign(
        measure=measure,
        mean=mean,
        low=mean - 0.02,
        high=mean + 0.02,
        replications=9,
        baseline=names[0],
        difference=difference,
        difference_low=difference - 0.005 * (nth > 0),
        difference_high=difference + 0.005 * (nth > 0),
    )


def at(frame, **values):
    for path, value in values.items():
        frame = frame[frame[path] == value]
    return frame


def title(ax):
    return ax.get_title(loc="left")


def cells(ax):
    """What is written in the cells, by (column, row)."""
    return {text.get_position(): text.get_text() for text in ax.texts}


def ticks(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def inside(ax, box):
    """The middle of a hover box, in the coordinates of the data."""
    wide, tall = ax.figure.bbox.size
    middle = (box.left + box.width / 2, 1 - box.top - box.height / 2)
    return ax.transData.inverted().transform((middle[0] * wide, middle[1] * tall))


# Lines


def test_lines_are_the_means_of_each_strategy_with_bands_of_their_intervals():
    ax = plots.sweep_lines(at(swept(), **{RATE: 8.0}), SLOTS)
    assert ax.lines[0].get_xydata() == pytest.approx(np.array([[5, 0.1], [10, 0.12], [20, 0.14]]))
    assert ax.lines[1].get_ydata() == pytest.approx([0.2, 0.22, 0.24])
    band = ax.collections[0].get_paths()[0].get_extents()
    assert (band.x0, band.x1, band.y0, band.y1) == pytest.approx((5, 20, 0.08, 0.16))
    assert ax.get_xlabel() == "shelves.overflow.capacity (slots)"
    assert ax.get_ylabel() == "value lost\n(% of full value per order)"
    assert title(ax) == "Value lost (95 % intervals)\nat arrivals.rate = 8"
    assert {"base", "mine"} <= {text.get_text() for text in ax.texts}


def test_lines_can_be_the_differences_to_the_baseline():
    ax = plots.sweep_lines(at(swept(), **{RATE: 8.0}), SLOTS, paired=True)
    own = [line for line in ax.lines if len(line.get_xdata()) == 3]
    assert own[0].get_ydata().tolist() == [0, 0, 0]
    assert own[1].get_ydata() == pytest.approx([0.1, 0.1, 0.1])
    assert "percentage points" in ax.get_ylabel() and "difference to base" in title(ax)


def test_a_line_for_each_value_of_a_parameter_is_named_by_the_value():
    ax = plots.sweep_lines(at(swept(), strategy="mine"), SLOTS, by=RATE)
    assert ax.lines[0].get_ydata() == pytest.approx([0.2, 0.22, 0.24])
    assert ax.lines[1].get_ydata() == pytest.approx([0.21, 0.23, 0.25])
    ax.figure.draw_without_rendering()
    named = ax.get_legend().get_texts() if ax.get_legend() else ax.texts
    assert {"rate 8", "rate 12"} <= {text.get_text() for text in named}
    assert title(ax).startswith("Value lost: mine")


def test_many_values_of_a_parameter_have_a_bar_of_colours_instead_of_names():
    frame = swept(names=["one"], **{SLOTS: [1, 2, 3], RATE: list(np.linspace(5, 15, 40))})
    ax = plots.sweep_lines(frame, SLOTS, by=RATE)
    assert len(ax.lines) == 40
    assert ax.get_legend() is None and not ax.texts
    (_, bar) = ax.figure.axes
    assert bar.get_ylabel() == "arrivals.rate (orders per second)"
    assert bar.get_ylim() == pytest.approx((5, 15))
    assert to_hex(ax.lines[0].get_color()) != to_hex(ax.lines[39].get_color())


def test_words_stand_apart_as_dots_with_whiskers():
    ax = plots.sweep_lines(swept(decay=["linear", "cliff"]), "decay")
    assert ticks(ax.xaxis) == ["linear", "cliff"]
    assert all(line.get_linestyle() == "None" for line in ax.lines)
    left, right = (line.get_xdata() for line in ax.lines)
    assert (left < right).all() and np.abs(left - [0, 1]).max() < 0.5
    segments = ax.collections[1].get_segments()
    assert segments[0][:, 1] == pytest.approx([0.18, 0.22])


def test_a_single_value_is_a_dot_with_its_whisker_and_its_name():
    ax = plots.sweep_lines(swept(**{SLOTS: [7]}), SLOTS)
    assert ticks(ax.xaxis) == ["7"]
    assert len(ax.lines) == 2 and len(ax.collections) == 2
    assert title(ax) == "Value lost (95 % intervals)"
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["base", "mine"]


def test_a_line_has_a_gap_where_there_were_no_orders():
    frame = swept(means=[0.1, np.nan, 0.3, 0.4], names=["a"], **{SLOTS: [1, 2, 3, 4]})
    ax = plots.sweep_lines(frame, SLOTS)
    assert np.isnan(ax.lines[0].get_ydata()).tolist() == [False, True, False, False]
    assert plots.hover_boxes(ax)[1].text.endswith("value lost: no orders")


def test_one_replication_has_lines_without_bands():
    frame = swept(**{SLOTS: [1, 2]}).assign(low=np.nan, high=np.nan, replications=1)
    ax = plots.sweep_lines(frame, SLOTS)
    assert title(ax) == "Value lost"
    assert "(" not in plots.hover_boxes(ax)[0].text


# Maps


def test_a_map_has_a_cell_for_each_pair_of_values():
    ax = plots.sweep_map(swept(), SLOTS, RATE)
    shade = ax.images[0].get_array()
    assert shade.filled() == pytest.approx(np.array([[0.1, 0.12, 0.14], [0.11, 0.13, 0.15]]))
    assert (ticks(ax.xaxis), ticks(ax.yaxis)) == (["5", "10", "20"], ["8", "12"])
    low, high = ax.get_ylim()
    assert low < high  # the greater value above
    assert cells(ax)[2, 1] == "15.00" and len(cells(ax)) == 6
    assert ax.images[0].get_clim() == pytest.approx((0.1, 0.15))
    assert ax.get_xlabel() == "shelves.overflow.capacity (slots)"
    assert ax.get_ylabel() == "arrivals.rate (orders per second)"
    assert ax.figure.axes[1].get_ylabel() == "value lost\n(% of full value per order)"
    assert title(ax) == "Value lost: base"


def test_a_map_is_of_the_strategy_that_is_named():
    ax = plots.sweep_map(swept(), SLOTS, RATE, strategy="mine")
    assert cells(ax)[0, 0] == "20.00" and title(ax) == "Value lost: mine"


def test_differences_are_centred_at_zero_and_dotted_where_they_may_be_nothing():
    differ = [0, 0.2, 0, 0.1, 0, 0.001, 0, -0.05]  # those of the baseline are 0
    frame = swept(differ=differ, **{SLOTS: [5, 10], RATE: [8.0, 12.0]})
    ax = plots.sweep_map(frame, SLOTS, RATE, against="base")
    assert ax.images[0].get_clim() == pytest.approx((-0.2, 0.2))
    assert cells(ax) == {(0, 0): "+20.00", (0, 1): "+10.00", (1, 0): "+0.10", (1, 1): "\u22125.00"}
    assert title(ax) == "Value lost: mine minus base"
    (dots,) = ax.collections
    (dotted,) = dots.get_paths()
    middle = dotted.get_extents()
    assert ((middle.x0 + middle.x1) / 2, (middle.y0 + middle.y1) / 2) == (1, 0)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["no significant difference"]
    assert "percentage points" in ax.figure.axes[1].get_ylabel()


def test_the_error_of_a_map_is_held_over_its_cells():
    """0.006 leaves out 0 by itself (0.005), and not among four: t with 8 degrees is 3.21, not 2.31."""
    differ = [0, 0.2, 0, 0.1, 0, 0.006, 0, -0.05]
    frame = swept(differ=differ, **{SLOTS: [5, 10], RATE: [8.0, 12.0]})
    (dots,) = plots.sweep_map(frame, SLOTS, RATE, against="base").collections
    assert len(dots.get_paths()) == 1


def test_the_baseline_against_another_is_the_difference_turned_around():
    frame = swept()
    one = plots.sweep_map(frame, SLOTS, RATE, strategy="mine", against="base")
    two = plots.sweep_map(frame, SLOTS, RATE, strategy="base", against="mine")
    np.testing.assert_allclose(one.images[0].get_array(), -two.images[0].get_array())
    assert plots.hover_boxes(two)[0].text.endswith(
        "value lost: \u221210.00 points (\u221210.50 to \u22129.50)"
    )


def test_blue_is_always_for_the_better():
    less = plots.sweep_map(swept(), SLOTS, RATE, against="base").images[0]
    frame = swept(measure="value_per_order")
    more = plots.sweep_map(frame, SLOTS, RATE, "value_per_order", against="base").images[0]
    assert to_hex(less.cmap(0.0)) == to_hex(more.cmap(1.0)) == BEST


def test_cells_without_a_point_or_without_orders_are_hatched_and_named():
    frame = swept(means=[0.1, np.nan, 0.3, 0.4, 0.5, 0.6], names=["a"])
    ax = plots.sweep_map(frame.drop(index=5), SLOTS, RATE)
    assert ax.images[0].get_array().mask.sum() == 2
    assert len(cells(ax)) == 4
    assert len(ax.collections[0].get_paths()) == 2
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["no figures"]
    assert len(plots.hover_boxes(ax)) == 5


def test_words_are_rows_and_columns_in_their_order():
    grid = {"decay": ["linear", "$x$", "cliff"], "strategy.recall": ["none", "first in"]}
    ax = plots.sweep_map(swept(**grid), "decay", "strategy.recall")
    assert ticks(ax.xaxis) == ["linear", "$x$", "cliff"] and ticks(ax.yaxis) == ["none", "first in"]
    png(ax.figure)


def test_one_cell_is_enough():
    ax = plots.sweep_map(swept(**{SLOTS: [7], RATE: [8.5]}), SLOTS, RATE)
    assert cells(ax) == {(0, 0): "10.00"}
    low, high = ax.images[0].get_clim()
    assert low < 0.1 < high


def test_of_forty_by_forty_cells_only_some_are_named_and_none_is_written_in():
    grid = {SLOTS: list(range(40)), RATE: list(np.linspace(5, 15, 40))}
    ax = plots.sweep_map(swept(names=["a"], **grid), SLOTS, RATE)
    assert not cells(ax)
    ax.figure.draw_without_rendering()
    for axis, side in ((ax.xaxis, "x"), (ax.yaxis, "y")):
        boxes = [label.get_window_extent() for label in axis.get_ticklabels()]
        assert 10 < len(boxes) <= 40
        ends = [(getattr(box, f"{side}0"), getattr(box, f"{side}1")) for box in boxes]
        assert all(one[1] <= two[0] for one, two in zip(ends, ends[1:], strict=False))


def test_what_is_written_in_cells_stays_within_them():
    grid = {SLOTS: list(range(12)), RATE: [float(i) for i in range(1, 9)]}
    ax = plots.sweep_map(swept(names=["a"], **grid), SLOTS, RATE)
    ax.figure.draw_without_rendering()
    assert len(ax.texts) == 96
    wide = ax.get_window_extent().width / 12
    assert all(text.get_window_extent().width < wide for text in ax.texts)


# Spots


def test_each_hover_box_of_a_map_covers_its_own_cell():
    ax = plots.sweep_map(swept(), SLOTS, RATE, strategy="mine")
    boxes = plots.hover_boxes(ax)
    assert len(boxes) == 6
    for box in boxes:
        across, up = inside(ax, box)
        slots, rate = [5, 10, 20][round(across)], [8, 12][round(up)]
        assert abs(across - round(across)) < 1e-6 and abs(up - round(up)) < 1e-6
        figure = 0.2 + 0.02 * round(across) + 0.01 * round(up)
        assert box.text.split("\n") == [
            f"{SLOTS} = {slots}",
            f"{RATE} = {rate}",
            "mine",
            f"value lost: {100 * figure:.2f} % ({100 * figure - 2:.2f} to {100 * figure + 2:.2f})",
        ]
        assert 0 < box.left < box.left + box.width < 1 and 0 < box.top < box.top + box.height < 1


def test_each_hover_box_of_lines_is_the_strip_about_its_value():
    ax = plots.sweep_lines(at(swept(), **{RATE: 8.0}), SLOTS)
    boxes = plots.hover_boxes(ax)
    assert [box.text.split("\n")[0] for box in boxes] == [f"{SLOTS} = {n}" for n in (5, 10, 20)]
    assert boxes[1].text.split("\n")[1:] == [
        "base: 12.00 % (10.00 to 14.00)",
        "mine: 22.00 % (20.00 to 24.00)",
    ]
    assert inside(ax, boxes[1])[0] == pytest.approx((7.5 + 15) / 2)
    for one, two in zip(boxes, boxes[1:], strict=False):
        assert one.left + one.width == pytest.approx(two.left)


def test_hover_boxes_hold_for_the_picture_that_is_made():
    ax = plots.sweep_map(swept(), SLOTS, RATE)
    png(ax.figure)
    before = ax.get_window_extent().bounds
    plots.hover_boxes(ax)
    assert ax.get_window_extent().bounds == pytest.approx(before, abs=0.01)  # of a pixel


def test_other_axes_have_no_hover_boxes():
    assert plots.hover_boxes(Figure().subplots()) == []


# What is refused, and what comes in


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda f: plots.sweep_lines(f, SLOTS), r"'arrivals.rate' still has 2 values \(8, 12\)"),
        (lambda f: plots.sweep_lines(f, SLOTS), r"frame\[frame\['arrivals.rate'\] == 8.0\]"),
        (lambda f: plots.sweep_lines(f, SLOTS, by=RATE), r"2 strategies \(base, mine\)"),
        (lambda f: plots.sweep_lines(f, "arrivals.rat"), "Did you mean 'arrivals.rate'"),
        (lambda f: plots.sweep_map(f, SLOTS, "mean"), "parameter 'mean' is unknown"),
        (lambda f: plots.sweep_map(f, SLOTS, SLOTS), "Name two parameters"),
        (lambda f: plots.sweep_map(f, SLOTS, RATE, strategy="min"), "Did you mean 'mine'"),
        (lambda f: plots.sweep_map(f, SLOTS, RATE, "wasted"), "measure 'wasted' is unknown"),
        (lambda f: plots.sweep_map(pd.concat([f, f]), SLOTS, RATE), "more than one row for"),
        (lambda f: plots.sweep_map(f.drop(columns="low"), SLOTS, RATE), "'low' is missing"),
        (
            lambda f: plots.sweep_map(f, SLOTS, RATE, strategy="mine", against="mine"),
            "against itself",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_would_do(draw, message):
    with pytest.raises(KitchenError, match=message):
        draw(swept())


def test_a_difference_that_the_frame_does_not_have_is_refused():
    frame = swept(names=("base", "mine", "other"))
    with pytest.raises(KitchenError, match="differences to 'base' only"):
        plots.sweep_map(frame, SLOTS, RATE, strategy="mine", against="other")


@pytest.mark.parametrize("frame", [swept(means=[np.nan] * 12), swept().iloc[:0]])
def test_where_there_is_nothing_to_draw_the_picture_says_so(frame):
    if len(frame):
        frame = frame.assign(difference=np.nan)
    for ax in (
        plots.sweep_lines(frame[frame[RATE] == 8.0], SLOTS),
        plots.sweep_map(frame, SLOTS, RATE),
        plots.sweep_map(frame, SLOTS, RATE, against="base"),
    ):
        (said,) = ax.texts
        assert said.get_text() == "no orders to show"
        assert plots.hover_boxes(ax) == []


def test_given_axes_are_drawn_on_and_frames_and_settings_stay_as_they_were():
    frame, settings = swept(), dict(matplotlib.rcParams)
    before = frame.copy(deep=True)
    for draw in (
        lambda ax: plots.sweep_lines(frame[frame[RATE] == 8.0], SLOTS, ax=ax),
        lambda ax: plots.sweep_map(frame, SLOTS, RATE, ax=ax),
    ):
        ax = Figure().subplots()
        assert draw(ax) is ax
    pd.testing.assert_frame_equal(frame, before)
    assert dict(matplotlib.rcParams) == settings


@pytest.mark.parametrize(
    "name", ["$\\frac{a}{b}$", "<script>alert(1)</script>", "long " * 60, "_x"]
)
def test_names_are_drawn_as_plain_text(name):
    frame = swept(names=("base", name), **{"decay": ["linear", name], RATE: [8.0, 9.0]})
    for ax in (
        plots.sweep_lines(frame[frame[RATE] == 8.0], "decay"),
        plots.sweep_map(frame, "decay", RATE, strategy=name, against="base"),
    ):
        assert png(ax.figure).startswith(b"\x89PNG")
        for text in ax.figure.findobj(matplotlib.text.Text):
            assert not text.get_parse_math() or "$" not in text.get_text()
        figure = ax.figure
        figure.draw_without_rendering()
        drawn, (wide, tall) = figure.get_tightbbox(), figure.get_size_inches()
        assert -0.01 <= drawn.x0 < drawn.x1 <= wide + 0.01
        assert -0.01 <= drawn.y0 < drawn.y1 <= tall + 0.01


def test_a_sweep_is_drawn_as_it_is(rush):
    found = sweep(rush, {SLOTS: [10, 15], RATE: [8, 10]}, ["random", "oldest"], replications=4)
    shade = plots.sweep_map(found.frame, SLOTS, RATE, strategy="oldest").images[0].get_array()
    table = found.table()
    lost = table[table["strategy"] == "oldest"].pivot(index=RATE, columns=SLOTS, values="mean")
    np.testing.assert_allclose(shade, lost)
    one = found.frame[found.frame[RATE] == 8]
    drawn = plots.sweep_lines(one, SLOTS, measure="occupancy_hot")
    assert drawn.get_ylabel() == "orders on hot\n(mean number)"
    world = rush.replace({SLOTS: 10, RATE: 8})
    mean = kt.compare(world, ["random", "oldest"], replications=4).frame["mean"]
    assert drawn.lines[0].get_ydata()[0] in set(mean)


# Threads


def test_styles_of_two_threads_never_mix():
    before, entered = dict(matplotlib.rcParams), threading.Event()

    def other():
        with in_style():
            entered.set()
            left.wait(5.0)

    left, thread = threading.Event(), threading.Thread(target=other)
    with in_style():
        thread.start()
        entered.wait(0.3)  # without a lock it enters now, and leaves behind what it found
        assert not entered.is_set()
    assert entered.wait(5.0)
    left.set()
    thread.join()
    assert dict(matplotlib.rcParams) == before


def test_a_thread_in_style_may_enter_again():
    with in_style(), in_style():
        assert matplotlib.rcParams["font.family"][0] == "DejaVu Sans"
