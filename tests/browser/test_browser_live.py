"""The live kitchen as people see it."""

import re

import pytest
from support.browser import screenshot

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


def time_of(tool, board=0):
    """Seconds that a board shows."""
    text = tool.locator(".kt-time").nth(board).inner_text()
    return float(re.match(r"[\d.]+", text)[0])


def wait_past(tool, time_s):
    """Until the first board shows a later time; returns that."""
    tool.page.wait_for_function(
        "past => parseFloat(document.querySelector('.kt-time').textContent) > past", arg=time_s
    )
    return time_of(tool)


def test_the_time_slider_moves_the_time_and_the_board_fills(show):
    tool = show("LiveKitchen")
    expect(tool.locator(".kt-board")).to_have_count(2)
    assert time_of(tool) == time_of(tool, 1) == 0
    free = tool.locator(".kt-free").count()
    tool.locator(".noUi-handle").focus()
    for _ in range(4):
        tool.page.keyboard.press("PageUp")
    wait_past(tool, 0.5)
    assert time_of(tool) == time_of(tool, 1)
    assert tool.locator(".kt-free").count() < free
    assert tool.locator(".kt-name").count() > 0
    screenshot(tool.page, "live")


def test_play_runs_until_it_is_stopped(show):
    tool = show("LiveKitchen")
    play = tool.locator(".widget-play button").first
    play.click()
    wait_past(tool, wait_past(tool, 0.5))
    play.click()
    tool.page.wait_for_timeout(300)  # what was under way
    stopped = time_of(tool)
    tool.page.wait_for_timeout(500)
    assert time_of(tool) == stopped


def test_two_strategies_look_alike_until_they_part_and_differ_then(show):
    tool = show("LiveKitchen")
    parting = float(re.search(r"[\d.]+", tool.get_by_text("they part at").inner_text())[0])
    left, right = (tool.locator(".kt-board").nth(n).locator(".kt-shelves") for n in (0, 1))
    expect(tool.locator(".kt-board .kt-apart")).to_have_count(0)
    tool.get_by_role("button", name="to where they part").click()
    expect(tool.locator(".kt-board .kt-apart").first).to_be_visible()
    assert time_of(tool) == pytest.approx(parting, abs=0.01)
    assert left.inner_text() != right.inner_text()
    screenshot(tool.page, "live_apart")
    tool.get_by_title("to the event before", exact=True).click()
    expect(tool.locator(".kt-board .kt-apart")).to_have_count(0)
    assert time_of(tool) < parting
    assert left.inner_text() == right.inner_text()


def test_the_same_strategy_twice_never_parts(show):
    tool = show("LiveKitchen")
    left, right = (tool.get_by_label(side, exact=True) for side in ("left", "right"))
    right.select_option(label=left.locator("option:checked").inner_text())
    expect(tool.get_by_text("they never part")).to_be_visible()


def test_a_bad_seed_is_told_in_the_page_and_forgotten_when_it_is_mended(show):
    tool = show("LiveKitchen")
    seed, alert = tool.get_by_label("seed", exact=True), tool.get_by_role("alert")
    for bad in ("-1", "1.5", "<b>x</b>"):
        seed.fill(bad)
        seed.press("Enter")
        expect(alert).to_contain_text("seed: must be a whole number")
        expect(alert).to_contain_text(bad)
    expect(tool.locator(".kt-stale .kt-board").first).to_be_visible()
    seed.fill("7")
    seed.press("Enter")
    expect(alert).to_have_count(0)
    expect(tool.locator(".kt-stale")).to_have_count(0)
