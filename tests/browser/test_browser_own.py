"""What people bring themselves: a strategy they compose, files they upload, a point of a sweep they click."""

import pytest
from support.browser import screenshot
from support.pages import IMAGE, answered, open_tab
from support.paths import ROOT

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

MENU = "name,temp,shelf_life_s,decay_rate,price\nSoup,hot,300,0.5,8\nIce,frozen,200,0.4,3\n"


def upload(page, tool, button, file):
    """Choose a file in the dialog of a button."""
    with page.expect_file_chooser() as chosen:
        tool.get_by_role("button", name=button).click()
    chosen.value.set_files(file)


def test_a_composed_strategy_stands_in_the_picture_and_in_the_address(served, page):
    page.goto(served)
    tool = answered(page, "Explorer")
    tool.get_by_role("button", name="a strategy of your own").click()
    tool.get_by_label("discard", exact=True).select_option("newest")
    tool.get_by_label("demote", exact=True).select_option("slowest decaying")
    tool.get_by_label("name", exact=True).fill(f"mine {IMAGE}")
    tool.get_by_label("name", exact=True).press("Tab")
    tool.get_by_role("button", name="Compare it").click()
    expect(tool.locator("svg").get_by_text("mine").first).to_be_visible()
    screenshot(page, "composer")
    page.wait_for_url("**/*own=*")
    page.reload()
    tool = answered(page, "Explorer")
    expect(tool.locator("svg").get_by_text("mine").first).to_be_visible()


def test_a_menu_and_a_log_are_uploaded_and_compared(served, page, tmp_path):
    page.goto(served)
    tool = answered(page, "Explorer")
    tool.get_by_role("button", name="your own data").click()
    (tmp_path / "small.csv").write_text(MENU, encoding="utf-8")
    upload(page, tool, "a menu", tmp_path / "small.csv")
    expect(tool.get_by_text("small.csv: 2 dishes, hot and frozen.")).to_be_visible()
    expect(tool.get_by_label("scenario", exact=True)).to_have_value("small.csv")
    upload(page, tool, "replay your own orders", next((ROOT / "data").glob("*log*.csv")))
    expect(tool.get_by_role("alert")).to_contain_text("Give tz=")
    page.watch.check()
    tool.get_by_label("time zone").fill("Europe/London")
    tool.get_by_label("time zone").press("Tab")
    expect(tool.get_by_text("evenings can be replayed")).to_be_visible()
    expect(tool.get_by_role("alert")).to_have_count(0)
    screenshot(page, "uploads")


def test_a_cell_of_a_map_opens_its_point_in_the_comparison(served, page):
    page.goto(served)
    answered(page, "Explorer")
    open_tab(page, "Sweeper")
    tool = answered(page, "Sweeper")
    tool.get_by_label("strategy", exact=True).select_option("the best of each cell")
    expect(page.locator("figure.chart .title")).to_contain_text("The best strategy")
    page.locator("figure.chart [data-nth]").last.click()
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    tool = answered(page, "Explorer")
    expect(tool.get_by_label("more settings")).to_have_value(
        "arrivals.rate=30.0; shelves.overflow.capacity=30"
    )
