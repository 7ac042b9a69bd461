"""The address of the page: a link shares what is shown, a reload keeps it, a bad one is told."""

import pytest
from support.browser import new_page, screenshot
from support.pages import shown

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


def answered(page):
    """The explorer with a full answer."""
    tool = shown(page)
    expect(tool.locator(".lead")).not_to_be_empty()
    expect(tool.locator(".answer.stale")).to_have_count(0)
    return tool


def test_a_link_shares_what_is_shown_and_a_reload_keeps_it(served, browser, page):
    page.goto(served)
    tool = answered(page)
    tool.get_by_label("newest", exact=True).check()
    tool.get_by_label("what if").select_option("25 % more orders")
    page.wait_for_url("**/*arrivals.rate=12.5*")
    tool = answered(page)
    words = tool.locator(".lead").inner_text()
    screenshot(page, "address")
    with new_page(browser) as other:
        other.goto(page.url)
        tool = answered(other)
        expect(tool.locator(".lead")).to_have_text(words)
        expect(tool.get_by_label("newest", exact=True)).to_be_checked()
        other.watch.check()
    page.reload()
    tool = answered(page)
    expect(tool.locator(".lead")).to_have_text(words)
    tool.get_by_role("button", name="as it was").click()
    page.wait_for_url(lambda url: "arrivals.rate" not in url and "newest" in url)


def test_a_bad_link_is_told_in_one_line_and_the_page_opens_as_ever(served, page):
    page.goto(f"{served}&orders.file=/etc/passwd")
    answered(page)
    alert = page.get_by_role("alert")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text("the address: setting 'orders.file' is unknown")
    page.wait_for_url(lambda url: "passwd" not in url)
