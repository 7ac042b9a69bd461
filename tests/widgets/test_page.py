"""The page as a whole: what a tool hands on to another."""

import pytest

from kitchen.widgets.page import Page


def test_a_cell_of_a_sweep_opens_in_the_comparison_with_the_same_figures():
    shown = Page("rush")
    assert shown.explorer.wait(60)
    shown.go_to("Sweep")
    sweeper = shown.tools["Sweep"]
    sweeper.controls["one_values"].value = sweeper.controls["two_values"].value = "2"
    sweeper.controls["run"].click()
    assert sweeper.wait(120) and sweeper.faults == []
    viewer = sweeper.viewer
    viewer.controls["strategy"].value = ""
    viewer.picture._handle_custom_msg({"chosen": 3}, [])
    assert shown.explorer.wait(120) and shown.explorer.faults == viewer.faults == []
    assert shown.tabs.selected_index == 0
    cell = viewer.picture.shown["cells"][3]
    means = shown.explorer.table.means_of(viewer.controls["measure"].value)["mean"]
    assert cell["figure"] == pytest.approx(means.min(), rel=1e-12)


@pytest.mark.parametrize(("asked", "set_to"), [(60, 100), (100, 100), (10**6, 20_000)])
def test_a_point_opens_with_the_next_number_of_replications_that_the_slider_has(asked, set_to):
    shown = Page("rush")
    shown.open_point("rush", {"arrivals.rate": 8.0}, ["random"], asked, 2)
    assert shown.explorer.controls["replications"].value == set_to
    assert shown.explorer.wait(120) and shown.explorer.faults == []


def test_what_is_too_long_for_an_address_is_told_and_forgotten_when_it_is_shorter():
    shown = Page("rush")
    assert shown.explorer.wait(120)
    settings = shown.explorer.controls["settings"]
    for text, told in (("decay=cliff;" * 1000, 1), ("decay=cliff", 0)):
        settings.value = text
        assert shown.explorer.wait(120) and len(shown.faults) == told
        assert ("settings=" in shown.address.query) == (not told)
