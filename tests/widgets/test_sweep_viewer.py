"""The sweep viewer without a browser: controls in, rows and HTML out."""

import html
import re
import threading
from base64 import b64decode

import numpy as np
import pandas as pd
import pytest

from kitchen.errors import KitchenError
from kitchen.sweeps.sweep import sweep

pytest.importorskip("ipywidgets")

from kitchen.widgets.answer import values_of
from kitchen.widgets.sweep_viewer import SweepViewer

SLOTS, RATE, RECALL = "shelves.overflow.capacity", "arrivals.rate", "strategy.recall"
NAMES = ["random", "oldest", "discard newcomer"]
GRID = {SLOTS: [5, 10, 15], RATE: [8.0, 12.0], RECALL: ["first in", None]}


@pytest.fixture(scope="module")
def found(rush):
    return sweep(rush, GRID, NAMES, replications=4, seed=2)


@pytest.fixture
def viewer(found):
    return SweepViewer(found)


def hover_texts(viewer):
    """What the browser tells where somebody points, spot by spot."""
    shown = viewer.picture.shown
    return [cell["hover"] for cell in shown["cells"]] if "cells" in shown else shown["hover"]


def boxes(viewer):
    """The hover boxes of the page without a kernel."""
    return re.findall(r'<i tabindex="-?\d+" style="[^"]*"><b class="[^"]*">(.*?)</b></i>', viewer.still(), re.S)  # fmt: skip


def faded(viewer):
    """Whether a browser fades the picture: it is of other values than the controls have."""
    return viewer.picture.shown["of"] != values_of(viewer.controls.values())


def picture(viewer):
    return viewer.picture.data


def held(viewer):
    return [path for path in GRID if not viewer.controls[f"at {path}"].disabled]


def test_it_begins_with_a_map_of_the_first_two_parameters(viewer, found):
    assert viewer.controls["kind"].value == "heat map"
    assert (viewer.controls["x"].value, viewer.controls["second"].value) == (SLOTS, RATE)
    assert held(viewer) == [RECALL]
    assert viewer.faults == []
    frame = found.frame
    expected = frame[
        (frame["measure"] == "lost_per_order")
        & (frame["strategy"] == "random")
        & (frame[RECALL] == "first in")
    ]
    pd.testing.assert_frame_equal(viewer.frame, expected)
    assert len(hover_texts(viewer)) == 6


def test_the_spots_tell_the_figures_of_the_rows(viewer):
    for text, (_, row) in zip(hover_texts(viewer), viewer.frame.iterrows(), strict=True):
        first, second, who, figure = text.split("\n")
        assert first == f"{SLOTS} = {row[SLOTS]}" and second == f"{RATE} = {row[RATE]:g}"
        assert who == "random" and figure.startswith(f"value lost: {100 * row['mean']:.2f} %")


def test_the_table_is_in_percent_where_the_picture_is(viewer):
    row = viewer.frame.iloc[0]
    assert "mean, %" in viewer.figures.value and f"{100 * row['mean']:.6g}" in viewer.figures.value
    viewer.controls["measure"].value = "moves"
    row = viewer.frame.iloc[0]
    assert "%" not in viewer.figures.value and f"{row['mean']:.6g}" in viewer.figures.value


def test_a_parameter_on_no_axis_is_held_at_the_value_chosen(viewer):
    before = picture(viewer)
    viewer.controls[f"at {RECALL}"].value = "none"
    assert set(viewer.frame[RECALL]) == {"none"}
    assert picture(viewer) != before
    viewer.controls["second"].value = RECALL
    assert held(viewer) == [RATE]
    assert set(viewer.frame[RECALL]) == {"none", "first in"} and set(viewer.frame[RATE]) == {8.0}


def test_an_axis_taken_by_the_other_is_given_up(viewer):
    viewer.controls["x"].value = RATE
    assert viewer.controls["second"].value == SLOTS
    assert [value for _, value in viewer.controls["second"].options] == [SLOTS, RECALL]
    assert viewer.faults == []


def test_lines_are_of_all_strategies_until_a_second_parameter_is_chosen(viewer):
    viewer.controls["kind"].value = "lines"
    viewer.controls["second"].value = ""
    assert set(viewer.frame["strategy"]) == set(NAMES) and len(viewer.frame) == 9
    assert viewer.controls["strategy"].disabled and held(viewer) == [RATE, RECALL]
    assert len(hover_texts(viewer)) == 3 and all(
        hover_texts(viewer)[0].count(name) == 1 for name in NAMES
    )
    viewer.controls["second"].value = RATE
    viewer.controls["strategy"].value = "oldest"
    assert set(viewer.frame["strategy"]) == {"oldest"} and len(viewer.frame) == 6
    assert viewer.faults == []


def test_against_the_baseline_shows_differences(viewer):
    assert [v for _, v in viewer.controls["against"].options] == ["", "oldest", "discard newcomer"]
    viewer.controls["strategy"].value = "oldest"
    assert [v for _, v in viewer.controls["against"].options] == ["", "random"]
    viewer.controls["against"].value = "random"
    row = viewer.frame.iloc[0]
    assert "oldest minus random" in hover_texts(viewer)[0]
    sign = f"{100 * row['difference']:+.2f}".replace("-", "\u2212")
    assert f"{sign} points" in hover_texts(viewer)[0]
    viewer.controls["strategy"].value = "random"
    viewer.controls["against"].value = "discard newcomer"
    assert "random minus discard newcomer" in hover_texts(viewer)[0]
    viewer.controls["kind"].value = "lines"
    assert viewer.controls["against"].value == "" and viewer.faults == []


def test_every_measure_can_be_chosen(viewer, found):
    for measure in found.frame["measure"].cat.categories:
        viewer.controls["measure"].value = measure
        assert set(viewer.frame["measure"]) == {measure}
        assert viewer.faults == [] and len(hover_texts(viewer)) == 6


def test_the_picture_is_of_the_controls_whatever_else_a_choice_changes(viewer):
    for name, value in (("x", RATE), ("kind", "lines"), ("second", ""), ("against", "random")):
        viewer.controls[name].value = value
        assert not faded(viewer), name


def test_pages_without_a_kernel_have_one_size_of_picture_and_texts_within_it(viewer):
    sizes = set()
    for kind, second in (("heat map", RATE), ("lines", RATE), ("lines", "")):
        viewer.controls["kind"].value = kind
        viewer.controls["second"].value = second
        still = viewer.still()
        sizes.add(b64decode(re.search(r"base64,([^\"]*)", still).group(1))[16:24])
        assert [html.unescape(text) for text in boxes(viewer)] == hover_texts(viewer)
        for style, across in re.findall(r'style="([^"]*)"><b class="kt-\w+ kt-(\w+)"', still):
            part = dict(item.split(":") for item in style.rstrip(";").split(";"))
            left, top, wide, tall = (
                float(part[key].rstrip("%")) for key in ("left", "top", "width", "height")
            )
            assert left >= 0 and top >= 0 and left + wide <= 100 and top + tall <= 100
            assert across == ("right" if left + wide / 2 < 50 else "left")
    assert len(sizes) == 1


def test_a_large_map_of_a_page_without_a_kernel_has_no_tab_stops(viewer, rush):
    assert viewer.still().count('<i tabindex="0"') == 6
    many = {SLOTS: range(1, 22), RATE: [float(rate) for rate in range(1, 11)]}
    large = SweepViewer(sweep(rush, many, ["random"], replications=1))
    assert large.still().count('<i tabindex="-1"') == 210


def test_without_parameters_or_rows_the_page_says_so(rush, found):
    nothing = SweepViewer(sweep(rush, {}, NAMES, replications=2))
    assert "Nothing varies" in nothing.picture.shown["text"] and "oldest" in nothing.figures.value
    assert len(nothing.frame) == 3
    empty = SweepViewer(found.frame.iloc[:0])
    assert "no rows" in empty.picture.shown["text"]
    assert nothing.faults == empty.faults == []


def test_one_parameter_is_shown_as_lines(rush):
    one = SweepViewer(sweep(rush, {SLOTS: [5, 10]}, NAMES, replications=2))
    assert one.controls["kind"].options == ("lines",)
    assert len(hover_texts(one)) == 2 and len(one.frame) == 6
    one.controls["against"].value = "random"
    assert one.faults == [] and "points" in hover_texts(one)[0]


def test_one_point_is_a_map_of_one_cell(rush):
    one = SweepViewer(sweep(rush, [{SLOTS: 5, RATE: 9}], NAMES, replications=2))
    assert len(hover_texts(one)) == 1 and one.faults == []


def test_points_that_are_not_there_are_said_to_be_missing(rush):
    points = [{SLOTS: 5, RATE: 9, "eta": "exact"}, {SLOTS: 6, RATE: 10, "eta": "unknown"}]
    some = SweepViewer(sweep(rush, points, NAMES, replications=2))
    assert len(hover_texts(some)) == 1
    some.controls["kind"].value = "lines"
    some.controls["second"].value = ""
    some.controls[f"at {RATE}"].value = 10
    assert "no such point" in some.picture.shown["text"] and not len(some.frame)
    some.controls["at eta"].value = "unknown"
    assert len(hover_texts(some)) == 1


def test_names_stay_text_whatever_they_hold(found):
    nasty = "<script>alert(1)</script>"
    frame = found.frame.rename(columns={RATE: nasty})
    frame["strategy"] = frame["strategy"].cat.rename_categories({"random": nasty})
    frame["baseline"] = nasty
    frame[RECALL] = frame[RECALL].cat.rename_categories(
        {"first in": '"><img src=x onerror=alert(1)>'}
    )
    viewer = SweepViewer(frame)
    viewer.controls["second"].value = RECALL
    for page in (viewer.figures.value, viewer.still()):
        assert "<script" not in page and "<img src=x" not in page
    assert nasty in hover_texts(viewer)[0]  # as data: the browser takes it for text
    assert viewer.faults == []


def test_what_cannot_be_drawn_is_told_in_the_page_instead_of_an_old_picture(found):
    twice = pd.concat([found.frame, found.frame], ignore_index=True)
    viewer = SweepViewer(twice)
    assert "more than one row" in viewer.alert.value
    assert viewer.picture.shown["text"] == "" and "<img" not in viewer.still()


def test_something_else_is_refused(found):
    with pytest.raises(KitchenError, match="must be a Sweep or its frame, got 7"):
        SweepViewer(7)
    with pytest.raises(KitchenError, match="'difference' is missing"):
        SweepViewer(found.frame.drop(columns="difference"))


def test_every_control_shows_its_faults(viewer):
    for control in viewer.controls.values():
        (handler,) = control._trait_notifiers["value"]["change"][-1:]
        assert handler.shows_faults


def test_the_still_is_a_whole_picture_without_a_kernel(viewer):
    still = viewer.still()
    assert still.count("<img") == 1 and still.count("<i tabindex") == 6 and "kt-figures" in still
    assert viewer._repr_mimebundle_()["text/html"] == still


def test_the_frame_is_left_as_it_was(found):
    before = found.frame.copy(deep=True)
    viewer = SweepViewer(found)
    viewer.controls["against"].value = "oldest"
    pd.testing.assert_frame_equal(found.frame, before)
    assert np.isfinite(viewer.frame["mean"]).all()


def test_viewers_in_two_threads_draw_the_same_as_one(found):
    alone = SweepViewer(found).still()
    drawn = []
    threads = [
        threading.Thread(target=lambda: drawn.append(SweepViewer(found).still())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(drawn) == {alone}


def test_a_map_can_show_who_is_best_in_each_cell_and_a_click_opens_its_point(rush):
    opened = []
    result = sweep(
        rush, {"arrivals.rate": [8, 12], "shelves.overflow.capacity": [10, 15]},
        ["random", "oldest"], replications=5,
    )  # fmt: skip
    viewer = SweepViewer(result, opened.append)
    viewer.controls["kind"].value = "heat map"
    assert viewer.controls["strategy"].label == "random"
    viewer.controls["strategy"].value = ""
    assert viewer.faults == [] and viewer.controls["against"].disabled
    data = viewer.picture.shown
    assert {key["name"] for key in data["keys"]} <= {"random", "oldest"} and "best" in data["title"]
    assert viewer.still().count("<img") == 1
    for nth, cell in enumerate(data["cells"]):
        viewer.picture._handle_custom_msg({"chosen": nth}, [])
        point = {
            viewer.controls["x"].value: float(data["columns"][cell["column"]]),
            viewer.controls["second"].value: float(data["lines"][cell["line"]]),
        }
        assert opened.pop() == point
    for wrong in (-1, 99, "0", None):
        viewer.picture._handle_custom_msg({"chosen": wrong}, [])
    viewer.controls["kind"].value = "lines"
    viewer.picture._handle_custom_msg({"chosen": 0}, [])
    assert opened == [] and viewer.faults == []
