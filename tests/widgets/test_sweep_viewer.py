"""The sweep viewer without a browser: controls in, rows and HTML out."""

import re
import threading

import numpy as np
import pandas as pd
import pytest

from kitchen.errors import KitchenError
from kitchen.sweeps.sweep import sweep

pytest.importorskip("ipywidgets")

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
    """The texts of the hover boxes, as they stand in the page."""
    return re.findall(r'<i tabindex="-?\d+" style="[^"]*"><b class="[^"]*">(.*?)</b></i>', viewer.picture.value, re.S)  # fmt: skip


def picture(viewer):
    return re.search(r"base64,([^\"]*)", viewer.picture.value).group(1)


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


def test_every_picture_has_one_size_so_that_nothing_jumps(viewer):
    from base64 import b64decode

    sizes = set()
    for kind, second in (("heat map", RATE), ("lines", RATE), ("lines", "")):
        viewer.controls["kind"].value = kind
        viewer.controls["second"].value = second
        sizes.add(b64decode(picture(viewer))[16:24])
    assert len(sizes) == 1
    assert viewer.picture.value.startswith('<div class="kt-hover"><img src="data:image/png;base64,')
    assert 'decoding="sync"' in viewer.picture.value


def test_spots_and_their_texts_stay_within_the_picture(viewer):
    for style, across in re.findall(
        r'style="([^"]*)"><b class="kt-\w+ kt-(\w+)"', viewer.picture.value
    ):
        part = dict(item.split(":") for item in style.rstrip(";").split(";"))
        left, top, wide, tall = (
            float(part[key].rstrip("%")) for key in ("left", "top", "width", "height")
        )
        assert left >= 0 and top >= 0 and left + wide <= 100 and top + tall <= 100
        assert across == ("right" if left + wide / 2 < 50 else "left")


def test_spots_can_be_reached_by_the_keyboard_unless_there_are_hundreds(viewer, rush):
    assert viewer.picture.value.count('tabindex="0"') == 6
    many = {SLOTS: range(1, 22), RATE: [float(rate) for rate in range(1, 11)]}
    large = SweepViewer(sweep(rush, many, ["random"], replications=1))
    assert large.picture.value.count('tabindex="-1"') == 210


def test_without_parameters_or_rows_the_page_says_so(rush, found):
    nothing = SweepViewer(sweep(rush, {}, NAMES, replications=2))
    assert "Nothing varies" in nothing.picture.value and "oldest" in nothing.figures.value
    assert len(nothing.frame) == 3
    empty = SweepViewer(found.frame.iloc[:0])
    assert "no rows" in empty.picture.value
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
    assert "no such point" in some.picture.value and not len(some.frame)
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
    for html in (viewer.picture.value, viewer.figures.value, viewer.still()):
        assert "<script" not in html and "<img src=x" not in html
    assert "&lt;script&gt;" in viewer.picture.value
    assert viewer.faults == []


def test_what_cannot_be_drawn_is_told_in_the_page_instead_of_an_old_picture(found):
    twice = pd.concat([found.frame, found.frame], ignore_index=True)
    viewer = SweepViewer(twice)
    assert "more than one row" in viewer.alert.value
    assert "<img" not in viewer.picture.value


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
    assert picture(viewer) in still and still.count("<i tabindex") == 6 and "kt-figures" in still
    assert viewer._repr_mimebundle_()["text/html"] == still


def test_the_frame_is_left_as_it_was(found):
    before = found.frame.copy(deep=True)
    viewer = SweepViewer(found)
    viewer.controls["against"].value = "oldest"
    pd.testing.assert_frame_equal(found.frame, before)
    assert np.isfinite(viewer.frame["mean"]).all()


def test_viewers_in_two_threads_draw_the_same_as_one(found):
    alone = SweepViewer(found).picture.value
    drawn = []
    threads = [
        threading.Thread(target=lambda: drawn.append(SweepViewer(found).picture.value))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(drawn) == {alone}
