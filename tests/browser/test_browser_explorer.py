"""The explorer as people see it."""

import csv
import re

import pytest
from support.browser import open_notebook, screenshot

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

COUNTED = """
import ipywidgets as widgets
import kitchen as kt
explorer = kt.widgets.Explorer("rush")
button, label = widgets.Button(description="count"), widgets.HTML()
def count(_):
    explorer.wait()
    label.value = f"<b>{explorer.work.started} computations, rate {explorer.controls['arrivals.rate'].value:g}</b>"
button.on_click(count)
widgets.VBox([button, label, explorer])
"""


def picture(tool):
    """The ranking, once it is there: its address changes whenever the picture does."""
    image = tool.locator("img").first
    expect(image).to_have_js_property("complete", True)
    tool.page.wait_for_function("image => image.naturalWidth > 0", arg=image.element_handle())
    return image


def wait_for_another(tool, image, source):
    """Until the picture is another, and loaded."""
    expect(image).not_to_have_attribute("src", source)
    return picture(tool).get_attribute("src")


def slider(tool, label):
    """The slider whose label begins so."""
    named = tool.page.locator(".widget-label").filter(has_text=re.compile(f"^{label}"))
    return tool.locator(".widget-slider").filter(has=named)


def test_a_slider_is_moved_and_the_picture_changes_but_not_its_size(show):
    tool = show("Explorer")
    image = picture(tool)
    before, box = image.get_attribute("src"), image.bounding_box()
    slider(tool, "arrivals").locator(".noUi-handle").focus()
    tool.page.keyboard.press("ArrowRight")
    after = wait_for_another(tool, image, before)
    assert after != before
    assert image.bounding_box() == box
    expect(tool.locator(".kt-stale")).to_have_count(0)
    screenshot(tool.page, "explorer")


def test_settings_that_make_no_sense_are_told_in_the_page(show):
    tool = show("Explorer")
    picture(tool)
    more, alert = tool.get_by_label("more settings"), tool.get_by_role("alert")
    for bad, message in (
        ("shelves.hot.capacity=-3", "capacity: must be a whole number of at least 0, got -3"),
        ("shelves.hott.capacity=3", "Did you mean 'shelves.hot'?"),
        ("nothing", "needs a path and a value"),
    ):
        more.fill(bad)
        more.press("Enter")
        expect(alert).to_contain_text(message)
    assert tool.locator("img.kt-stale, .kt-stale img").count() > 0
    screenshot(tool.page, "explorer_refused")
    more.fill("")
    more.press("Enter")
    expect(alert).to_have_count(0)
    expect(tool.locator(".kt-stale")).to_have_count(0)


def test_twenty_fast_changes_lead_to_the_last_value_and_to_fewer_computations(lab, page):
    open_notebook(lab, page, [COUNTED], "counted")
    tool = page.locator(".kt-app")
    image = picture(tool)
    before = image.get_attribute("src")
    arrivals = slider(tool, "arrivals")
    arrivals.locator(".noUi-handle").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    last = float(arrivals.locator(".widget-readout").inner_text())
    assert last > 10
    wait_for_another(tool, image, before)
    page.get_by_role("button", name="count").click()
    label = page.locator("b", has_text="computations")
    expect(label).to_be_visible()
    started, rate = re.fullmatch(r"(\d+) computations, rate ([\d.]+)", label.inner_text()).groups()
    assert float(rate) == last
    assert 2 <= int(started) < 21  # the first picture's among them


def test_what_is_shown_can_be_taken_along(served, page, tmp_path):
    page.goto(served)
    tool = page.locator(".kt-app:not(:has(.kt-app)):visible")
    picture(tool)
    with page.expect_download() as download:
        tool.get_by_role("link", name="ranking.csv").click()
    download.value.save_as(tmp_path / "ranking.csv")
    text = (tmp_path / "ranking.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    ticked = tool.locator("input[type=checkbox]:checked").count()
    assert ticked > 1 and len({row["strategy"] for row in rows}) == ticked
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tool.get_by_text("the same in Python").click()
    tool.get_by_role("button", name="Copy").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "import kitchen as kt" in copied
    compile(copied, "copied", "exec")
