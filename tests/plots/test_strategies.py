"""Pictures, checked by what they show."""

import subprocess
import sys

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import kitchen as kt
from kitchen import plots
from kitchen.errors import KitchenError
from kitchen.plots.axes import png, spread
from kitchen.plots.style import looks
from kitchen.simulation import metrics
from kitchen.utils.formatting import folded, plain, plains

NASTY = [
    "$\\frac{a}{b}$",
    "$",
    "_hidden",
    "<script>alert(1)</script>",
    "{x} %s \\n",
    "two\nlines\tand a tab",
    "",
    "long " * 60,
]


def intervals(means, names=None, **keys):
    """A frame of means with an interval of 0.02 to either side."""
    names = names or [f"s{i}" for i in range(len(means))]
    mean = np.array(means, float)
    frame = pd.DataFrame({"strategy": names, "mean": mean, "low": mean - 0.02, "high": mean + 0.02})
    return frame.assign(replications=9, **(keys or {"measure": "lost_per_order"}))


def differences(means, names=None, low=None, high=None):
    frame = intervals(means, names).rename(columns={"mean": "difference"})
    frame["low"] = frame["low"] if low is None else low
    frame["high"] = frame["high"] if high is None else high
    return frame.assign(baseline="base")


def all_pairs(lost, significant=None):
    """Every pair of strategies that lose the given shares; significant where given, else where they differ."""
    names, lost = list(lost), list(lost.values())
    rows = [
        (
            names[i],
            names[j],
            lost[i] - lost[j],
            lost[i] != lost[j] if significant is None else significant,
        )
        for i in range(len(names))
        for j in range(i + 1, len(names))
    ]
    frame = pd.DataFrame(rows, columns=["strategy", "other", "difference", "significant"])
    return frame.assign(measure="lost_per_order")


def below_bound(regrets, gap_closed):
    """Regret and share gap_closed of each strategy; the first is the baseline."""
    names = list(regrets)
    frames = [
        intervals(list(numbers), names, measure=measure)
        for measure, numbers in (("regret", regrets.values()), ("gap_closed", gap_closed))
    ]
    return pd.concat(frames, ignore_index=True).assign(baseline=names[0] if names else "")


def over_loads(lines, values=(8, 10, 12), setting="arrivals.rate"):
    """The means of each strategy at each value of a setting, and differences to the first."""
    first = next(iter(lines.values()), [])
    frames = []
    for name, means in lines.items():
        frame = intervals(means, [name] * len(means)).assign(setting=setting, value=list(values))
        frame["difference"] = np.subtract(means, first)
        frame["difference_low"] = frame["difference"] - 0.001
        frame["difference_high"] = frame["difference"] + 0.001
        frames.append(frame)
    return pd.concat(frames, ignore_index=True).assign(baseline=next(iter(lines), ""))


def split(names, delivered=0.7):
    shares = [delivered, 0.1, 0.15, round(0.75 - delivered, 9)]
    rows = [(n, part, s) for n in names for part, s in zip(metrics.PARTS, shares, strict=True)]
    return pd.DataFrame(rows, columns=["strategy", "part", "share"])


def over_time(names=("hot", "cold"), strategy="a"):
    time = np.arange(0.0, 11.0)
    rows = [
        pd.DataFrame(
            {
                "strategy": strategy,
                "time_s": time,
                "shelf": name,
                "orders": 5.0,
                "fill": 0.08 * (i + 1) * np.sin(np.pi * time / 10),
                "value": 1 - 0.03 * (i + 1) * time / 10,
            }
        )
        for i, name in enumerate(names)
    ]
    frame = pd.concat(rows, ignore_index=True)
    frame["shelf"] = pd.Categorical(frame["shelf"], names, ordered=True)
    return frame


def some_paths(name="Soup", shelves=("overflow", "hot")):
    frame = pd.DataFrame(
        {
            "order": 3,
            "name": name,
            "outcome": "delivered",
            "stay": [0, 0, 1, 1],
            "shelf": np.repeat(shelves, 2),
            "age_s": [0.0, 4.0, 4.0, 6.0],
            "value": [1.0, 0.748, 0.748, 0.685],
        }
    )
    return frame.assign(strategy="a", replication=0)


ALL = {
    "ranking": lambda names: plots.ranking(intervals([0.1] * len(names), names)),
    "paired": lambda names: plots.paired(differences([0.1] * len(names), names)),
    "pairs": lambda names: plots.pairs(all_pairs({n: 0.1 * i for i, n in enumerate(names)})),
    "regret": lambda names: plots.regret(
        below_bound(dict.fromkeys(names, 0.1), [0.2] * len(names))
    ),
    "ranking_by_load": lambda names: plots.ranking_by_load(
        over_loads({n: [0.1 * i] * 3 for i, n in enumerate(names)})
    ),
    "waste_by_cause": lambda names: plots.waste_by_cause(
        pd.concat([intervals([0.1] * len(names), names, cause=c) for c in metrics.CAUSES])
    ),
    "waste_by_temp": lambda names: plots.waste_by_temp(
        pd.concat([intervals([0.1] * len(names), names, temp=t) for t in (*names, "hot")])
    ),
    "value_split": lambda names: plots.value_split(split(names)),
    "shelves": lambda names: plots.shelves(over_time(tuple(names))),
    "value": lambda names: plots.value(over_time(tuple(names))),
    "paths": lambda names: plots.paths(pd.concat([some_paths(n, (n, "hot")) for n in names])),
}


def texts_of(ax):
    """All text of the figure, drawn first so that nothing is missing."""
    ax.figure.draw_without_rendering()
    return [t for t in ax.figure.findobj(matplotlib.text.Text) if t.get_text().strip()]


def row_names(ax):
    return [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]


def dots(ax):
    """The points of lines that are drawn as markers alone."""
    found = [line for line in ax.lines if line.get_linestyle() == "None"]
    return np.concatenate([line.get_xydata() for line in found])


def whiskers(ax):
    return np.concatenate([c.get_segments() for c in ax.collections if len(c.get_segments())])


# Strategies


def test_ranking_puts_the_best_on_top_with_its_mean_and_interval():
    ax = plots.ranking(intervals([0.3, 0.1, 0.2], ["c", "a", "b"]))
    assert row_names(ax) == ["a", "b", "c"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    np.testing.assert_allclose(dots(ax), [[0.1, 0], [0.2, 1], [0.3, 2]])
    np.testing.assert_allclose(whiskers(ax)[0], [[0.08, 0], [0.12, 0]])
    assert {"10.00 %", "20.00 %", "30.00 %"} <= {t.get_text() for t in texts_of(ax)}


def test_ranking_turns_around_where_more_is_better():
    ax = plots.ranking(
        intervals([0.3, 0.1], ["c", "a"], measure="value_per_order"), "value_per_order"
    )
    assert row_names(ax) == ["c", "a"]
    assert "more is better" in ax.get_xlabel()


def test_equal_strategies_keep_their_order():
    names = [f"s{i}" for i in range(20)]
    assert row_names(plots.ranking(intervals([0.5] * 20, names))) == names


def test_a_mean_without_an_interval_is_a_dot_alone():
    frame = intervals([0.1, 0.2]).assign(low=np.nan, high=np.nan, replications=1)
    ax = plots.ranking(frame)
    assert not any(len(c.get_segments()) for c in ax.collections)
    assert "one replication" in ax.get_title(loc="left")


def test_a_strategy_without_orders_is_listed_last_and_says_so():
    ax = plots.ranking(intervals([np.nan, 0.2], ["none", "some"]))
    assert row_names(ax) == ["some", "none"]
    assert "no orders" in {t.get_text() for t in texts_of(ax)}


def test_every_number_lies_within_the_limits():
    ax = plots.ranking(intervals([0.3, 0.1, 0.95]))
    low, high = ax.get_xlim()
    assert low < 0.08
    assert high == pytest.approx(1.0)


@pytest.mark.parametrize("measure", metrics.MEASURES)
def test_every_measure_of_a_comparison_has_a_label_with_its_unit(measure):
    ax = plots.ranking(intervals([3.0], measure=measure), measure)
    unit = {"wait_mean_s": "(s)", "moves": "per replication"}
    if metrics.MEASURES[measure].is_money:
        unit[measure] = "menu's prices"
    assert unit.get(measure, "%") in ax.get_xlabel()
    assert set(plots.MEASURES) == set(metrics.MEASURES)


def test_the_orders_on_each_shelf_are_a_measure_too():
    ax = plots.ranking(intervals([3.0], measure="occupancy_hot"), "occupancy_hot")
    assert ax.get_xlabel().startswith("orders on hot (mean number)")


def test_an_unknown_measure_is_refused_with_a_guess():
    with pytest.raises(KitchenError, match="Did you mean 'wasted_share'"):
        plots.ranking(intervals([0.1]), "wasted_shares")


def test_another_frame_is_refused_by_the_column_it_lacks():
    with pytest.raises(KitchenError, match="the column 'cause' is missing"):
        plots.waste_by_cause(intervals([0.1]))


def test_a_difference_is_hollow_exactly_where_its_interval_covers_zero():
    frame = differences(
        [0.1, -0.1, 0.0, 0.05], low=[0.05, -0.2, 0, -0.01], high=[0.2, -0.05, 0, 0.1]
    )
    ax = plots.paired(frame)
    faces = {
        round(x, 3): to_hex(line.get_markerfacecolor())
        for line in ax.lines
        if line.get_linestyle() == "None"
        for x, _ in line.get_xydata()
    }
    hollow = {x for x, face in faces.items() if face == "#ffffff"}
    assert hollow == {0.0, 0.05}
    assert set(faces) == {-0.1, 0.0, 0.05, 0.1}


def test_differences_are_read_against_a_line_at_zero_and_name_the_baseline():
    ax = plots.paired(differences([0.5, 0.6]))
    assert ax.get_xlim()[0] < 0 < ax.get_xlim()[1]
    assert "base" in ax.get_title(loc="left")
    assert "percentage points" in ax.get_xlabel()
    assert {"+50.00", "+60.00"} <= {t.get_text() for t in texts_of(ax)}


def test_pairs_shade_significant_differences_with_the_best_on_top():
    ax = plots.pairs(all_pairs({"c": 0.3, "a": 0.1, "twin": 0.1}))
    assert row_names(ax) == ["1 a", "2 twin", "3 c"]
    shade = ax.images[0].get_array()
    assert shade.filled(-1).tolist() == [[-1, 0, 1], [-1, -1, 1], [-1, -1, -1]]
    written = {t.get_position(): t.get_text() for t in ax.texts}
    assert written == {(1, 0): "0", (2, 0): "\u221220.00", (2, 1): "\u221220.00"}
    assert [t.get_text() for t in ax.get_xticklabels()] == ["2", "3"]
    assert "row minus" in ax.get_xlabel()


def test_pairs_without_significant_difference_are_not_shaded_however_they_differ():
    shade = plots.pairs(all_pairs({"a": 0.1, "b": 0.4}, significant=False)).images[0].get_array()
    assert shade.filled(-1).tolist() == [[-1, 0], [-1, -1]]


def test_pairs_turn_around_where_more_is_better():
    frame = all_pairs({"less": 0.1, "more": 0.4}).assign(measure="value_per_order")
    ax = plots.pairs(frame, "value_per_order")
    assert row_names(ax) == ["1 more", "2 less"]
    assert [t.get_text() for t in ax.texts] == ["+30.00"]


def test_pairs_of_forty_strategies_are_shaded_without_numbers():
    ax = plots.pairs(all_pairs({f"s{i}": 0.01 * i for i in range(40)}))
    assert not ax.texts
    assert ax.images[0].get_array().count() == 40 * 39 / 2


def test_regret_is_the_way_to_a_line_that_nobody_crosses():
    frame = below_bound({"base": 0.3, "mine": 0.12}, [0.0, 0.6])
    ax = plots.regret(frame)
    assert row_names(ax) == ["mine", "base"]
    np.testing.assert_allclose(dots(ax), [[0.12, 0], [0.3, 1]])
    assert ax.get_xlim()[0] <= 0.0
    assert {"12.00", "30.00", "60 %", "baseline"} <= {t.get_text() for t in texts_of(ax)}
    assert "(percentage points)" in ax.get_xlabel()


def test_a_baseline_at_the_bound_leaves_the_gap_closed_out():
    ax = plots.regret(below_bound({"base": 0.0, "mine": 0.12}, [np.nan, np.nan]))
    assert not any("nan" in t.get_text() for t in texts_of(ax))


def test_lines_over_load_are_the_means_with_bands_of_their_intervals():
    ax = plots.ranking_by_load(over_loads({"a": [0.1, 0.2, 0.4], "b": [0.2, 0.2, 0.3]}))
    assert ax.lines[0].get_xydata().tolist() == [[8, 0.1], [10, 0.2], [12, 0.4]]
    band = ax.collections[0].get_paths()[0].get_extents()
    assert (band.x0, band.x1) == (8, 12)
    assert (band.y0, band.y1) == pytest.approx((0.08, 0.42))
    assert ax.get_xlabel() == "arrivals.rate (orders per second)"
    assert "(% of full value per order)" in ax.get_ylabel()


def test_lines_over_load_can_be_the_differences_to_the_baseline():
    ax = plots.ranking_by_load(
        over_loads({"a": [0.1, 0.2, 0.4], "b": [0.2, 0.2, 0.3]}), paired=True
    )
    assert ax.lines[0].get_ydata().tolist() == [0, 0, 0]
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [0.1, 0.0, -0.1], atol=1e-12)
    assert "percentage points" in ax.get_ylabel()
    assert "baseline, a," in ax.get_title(loc="left")


def test_a_setting_in_words_stands_in_the_order_given():
    frame = over_loads({"a": [0.1, 0.2, 0.4]}, ["linear", "cliff", "$x$"], "decay")
    ax = plots.ranking_by_load(frame)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["linear", "cliff", "$x$"]
    assert ax.lines[0].get_xdata().tolist() == [0, 1, 2]


def test_a_comparison_is_drawn_as_it_is(rush):
    table = kt.compare(rush, ["random", "oldest", "newest"], replications=5)
    assert len(plots.pairs(table.pairs).texts) == 3
    assert (
        plots.pairs(table.pairs, "occupancy_hot").get_title(loc="left").startswith("Orders on hot")
    )
    frame = kt.compare_over(rush, "arrivals.rate", [8, 10], ["random", "oldest"], replications=5)
    assert len(plots.ranking_by_load(frame).lines) == 2


def test_bars_are_as_long_as_the_waste():
    frame = pd.concat(
        [intervals([0.1, 0.2], cause="expired"), intervals([0.3, 0.0], cause="discarded")]
    )
    ax = plots.waste_by_cause(frame)
    lengths = [bar.get_width() for bar in ax.patches]
    assert lengths == [0.1, 0.2, 0.3, 0.0]
    assert all(bar.get_x() == 0.0 for bar in ax.patches)
    assert ax.get_xlim()[0] == 0.0
    assert len({bar.get_hatch() for bar in ax.patches}) == 2


def test_every_temp_has_a_marker_and_a_colour_of_its_own():
    frame = pd.concat([intervals([0.1, 0.2], temp=t) for t in ("hot", "cold", "frozen", "odd")])
    ax = plots.waste_by_temp(frame)
    drawn = [line for line in ax.lines if line.get_linestyle() == "None"]
    assert len({line.get_marker() for line in drawn}) == 4
    assert len({to_hex(line.get_color()) for line in drawn}) == 4
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["hot", "cold", "frozen", "odd"]


def test_the_bars_of_the_value_fill_the_whole_width():
    ax = plots.value_split(split(["a", "b"]))
    ends = {}
    for bar in ax.patches:
        row = round(bar.get_y() + bar.get_height() / 2)
        assert bar.get_x() == pytest.approx(ends.get(row, 0.0))
        ends[row] = bar.get_x() + bar.get_width()
    assert ends == pytest.approx({0: 1.0, 1: 1.0})
    assert ax.get_xlim() == (0.0, 1.0)


def test_a_split_of_money_says_so():
    money = split(["a"]).replace({"part": {"delivered value": "revenue"}})
    ax = plots.value_split(money)
    assert ax.get_title(loc="left") == "Where the money went"
    assert ax.get_xlabel() == "share of the prices of all orders (%)"
    assert plots.value_split(split(["a"])).get_title(loc="left") == "Where the value went"


# Over time


def test_the_lines_are_the_fill_of_each_shelf():
    frame = over_time()
    ax = plots.shelves(frame)
    assert len(ax.lines) == 2
    np.testing.assert_allclose(ax.lines[1].get_ydata(), frame["fill"][frame["shelf"] == "cold"])
    assert ax.get_ylim() == (0.0, 1.06)
    assert ax.get_xlim() == (0.0, 10.0)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "slots taken (% of capacity)")
    assert {"hot", "cold"} <= {t.get_text() for t in texts_of(ax)}


def test_a_run_can_be_drawn_as_it_is(rush):
    run = kt.simulate(rush, "random", replications=3, seed=1, step_s=0.5)
    ax = plots.shelves(run.shelves)
    mean = metrics.mean_fill(run.shelves)
    hot = mean[mean["shelf"] == "hot"]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), hot["fill"])
    assert len(plots.value(run.contents).lines) == len(plots.value(run.shelves).lines) == 4


def test_long_times_are_written_in_hours():
    ax = plots.shelves(over_time().assign(time_s=lambda f: f["time_s"] * 2000))
    ax.figure.draw_without_rendering()
    assert ax.get_xlabel() == "time (h)"
    labels = {t.get_text(): t.get_position()[0] for t in ax.get_xticklabels()}
    assert labels["1"] == pytest.approx(3600)


def test_shelves_that_are_usual_look_the_same_in_every_picture():
    alone = plots.shelves(over_time(("cold",))).lines[0]
    among = plots.shelves(over_time(("odd", "hot", "cold"))).lines[2]
    assert to_hex(alone.get_color()) == to_hex(among.get_color())
    assert alone.get_marker() == among.get_marker()


def test_twelve_shelves_differ_by_more_than_their_colour():
    found = looks([f"shelf {i}" for i in range(12)])
    assert len({(look.colour, look.dash, look.marker) for look in found.values()}) == 12
    ax = plots.shelves(over_time(tuple(found)))
    assert len(ax.get_legend().get_texts()) == 12


def test_values_of_a_shelf_that_is_as_good_as_empty_leave_a_gap():
    frame = over_time(("hot",)).assign(orders=[100] * 9 + [2, 0])
    line = plots.value(frame).lines[0]
    assert np.isfinite(line.get_ydata()).tolist() == [True] * 9 + [False] * 2


def test_a_path_is_drawn_in_the_colours_of_its_shelves_with_a_dot_where_it_moved():
    ax = plots.paths(some_paths())
    first, second, dot, end = ax.lines
    look = looks(["overflow", "hot"])
    assert [first.get_color(), second.get_color()] == [look[s].colour for s in ("overflow", "hot")]
    assert first.get_xydata().tolist() == [[0.0, 1.0], [4.0, 0.748]]
    assert dot.get_xydata().tolist() == [[4.0, 0.748]]
    assert end.get_xydata().tolist() == [[6.0, 0.685]]
    assert "Soup\n#3, delivered" in {t.get_text() for t in texts_of(ax)}


# Whatever comes


@pytest.mark.parametrize("plot", ALL)
def test_names_are_drawn_as_plain_text(plot):
    ax = ALL[plot](NASTY)
    for text in texts_of(ax):
        assert not text.get_parse_math() or "$" not in text.get_text()
        assert text.get_text().count("\n") <= 1
        assert all(len(line) <= 60 for line in text.get_text().split("\n"))
    texts = " ".join(t.get_text() for t in texts_of(ax)).replace("\n", " ")
    assert "$\\frac{a}{b}$" in texts
    assert "_hidden" in texts
    assert "<script>alert(1)</script>" in texts
    assert png(ax.figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("plot", ALL)
def test_every_axis_has_a_label_with_a_unit_and_every_picture_a_title(plot):
    ax = ALL[plot](["hot", "cold"])
    assert ax.get_title(loc="left")
    assert "(" in ax.get_xlabel()
    assert plot not in ("shelves", "value", "paths") or "%" in ax.get_ylabel()


@pytest.mark.parametrize("plot", ALL)
def test_no_text_is_cut_off_by_the_edge_of_the_figure(plot):
    ax = ALL[plot](["hot", "a strategy with quite a long name, from anywhere, recall none"])
    figure = ax.figure
    figure.draw_without_rendering()
    drawn, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert -0.01 <= drawn.x0 < drawn.x1 <= width + 0.01
    assert -0.01 <= drawn.y0 < drawn.y1 <= height + 0.01


@pytest.mark.parametrize(
    ("plot", "frame"),
    [
        (plots.ranking, intervals([])),
        (plots.paired, differences([])),
        (plots.pairs, all_pairs({})),
        (plots.regret, below_bound({}, [])),
        (plots.ranking_by_load, over_loads({"a": [np.nan] * 3})),
        (plots.waste_by_cause, intervals([], cause="expired")),
        (plots.waste_by_temp, intervals([], temp="hot")),
        (plots.value_split, split([])),
        (plots.shelves, over_time().iloc[:0]),
        (plots.value, over_time().iloc[:0]),
        (plots.paths, some_paths().iloc[:0]),
        (plots.waste_by_cause, intervals([np.nan, np.nan], cause="expired")),
        (plots.waste_by_temp, intervals([np.nan, np.nan], temp="hot")),
        (plots.value_split, split(["a"], np.nan).assign(share=np.nan)),
        (plots.shelves, over_time().assign(fill=np.nan)),
        (plots.shelves, over_time().assign(fill=0.0)),
        (plots.value, over_time().assign(orders=0, value=np.nan)),
    ],
)
def test_where_there_is_nothing_to_draw_the_picture_says_so(plot, frame):
    ax = plot(frame)
    assert not ax.lines
    assert not ax.patches
    (said,) = ax.texts
    assert said.get_text().startswith(("no ", "one ", "nothing "))
    png(ax.figure)


def test_five_hundred_strategies_have_a_readable_row_each():
    ax = plots.ranking(intervals(np.linspace(0, 1, 500)))
    assert len(row_names(ax)) == 500
    points = 72 * ax.get_window_extent().height / ax.figure.dpi / 500
    size = ax.get_yticklabels()[0].get_fontsize()
    assert 7 <= size <= points


def test_on_axes_that_are_given_rows_without_room_go_unlabelled():
    ax = Figure(figsize=(6, 4)).subplots()
    assert plots.ranking(intervals(np.linspace(0, 1, 500)), ax=ax) is ax
    labels = ax.get_yticklabels()
    points = 72 * ax.get_window_extent().height / ax.figure.dpi
    assert 20 < len(labels) < 60
    assert labels[0].get_fontsize() * len(labels) <= points
    assert len(dots(ax)) == 500


@pytest.mark.parametrize("plot", ["shelves", "value", "paths"])
def test_given_axes_are_drawn_on_and_returned(plot):
    frame = some_paths() if plot == "paths" else over_time()
    ax = Figure().subplots()
    assert getattr(plots, plot)(frame, ax=ax) is ax
    assert ax.lines


def test_frames_and_settings_stay_as_they_were():
    frames = [intervals([0.3, 0.1]), over_time(), some_paths()]
    before = [frame.copy(deep=True) for frame in frames]
    settings = dict(matplotlib.rcParams)
    plots.ranking(frames[0])
    plots.shelves(frames[1])
    plots.value(frames[1])
    plots.paths(frames[2])
    for frame, old in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, old)
    assert dict(matplotlib.rcParams) == settings


def test_a_notebook_is_handed_a_picture():
    assert plots.ranking(intervals([0.1]))._repr_png_().startswith(b"\x89PNG")


def test_the_same_frame_gives_the_same_bytes():
    first, second = (png(plots.shelves(over_time()).figure) for _ in range(2))
    assert first == second


def test_drawing_needs_no_pyplot():
    code = (
        "import sys, pandas as pd; from kitchen import plots; from kitchen.plots.axes import png;"
        "f = pd.DataFrame({'strategy': ['a'], 'measure': 'lost_per_order', 'mean': 0.5,"
        "'low': 0.4, 'high': 0.6}); png(plots.ranking(f).figure);"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# Names and places


def test_long_names_keep_their_ends_and_stay_apart():
    names = [f"a very long name of a strategy, number {i} of many, in the end" for i in range(3)]
    texts = plains(names, 30)
    assert len(set(texts)) == 3
    assert all(len(name) <= 34 for name in texts)
    assert plain(names[0], 30).endswith("the end")
    assert plains(["x", "x"]) == ["x", "x"]
    assert folded(plain(names[0], 48)).count("\n") == 1


def test_labels_are_spread_to_the_nearest_places_with_room():
    places = spread(np.array([0.5, 0.5, 0.9]), 0.2, 0.0, 1.0)
    assert places.tolist() == pytest.approx([0.4, 0.6, 0.9])
    crowd = spread(np.array([0.02, 0.0, 0.01, 0.99]), 0.1, 0.0, 1.0)
    assert crowd.tolist() == pytest.approx([0.2, 0.0, 0.1, 0.99])
