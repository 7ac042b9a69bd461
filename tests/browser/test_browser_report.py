"""A report as it is printed: no picture is cut, no page but the last is half empty, no row is split."""

import re

import pytest
from support.report_page import page_of

import kitchen as kt

HALF = 0.5
"""Share of a page, from its foot, that may be empty at most."""


@pytest.fixture(scope="module", params=["friday", "rush", "classic", "heater"])
def printed(request, browser, tmp_path_factory):
    """The folder of a report and its pages; `classic` has nothing that is discarded."""
    from support.printed import sheets

    out = tmp_path_factory.mktemp(request.param)
    kt.report(kt.Scenario.load(request.param), replications=40, out=out)
    tab = browser.new_page()
    tab.goto(f"file://{out / 'report.html'}")
    tab.pdf(path=out / "report.pdf", prefer_css_page_size=True, print_background=True)
    tab.close()
    return out, sheets(out / "report.pdf")


def test_every_picture_is_on_one_page(printed):
    folder, pages = printed
    assert sum(len(page.pictures) for page in pages) == len(page_of(folder).all("img"))
    for page in pages:
        assert all(low > 0.02 and high < 0.98 for low, high in page.pictures)


def test_no_page_but_the_last_is_half_empty(printed):
    _, pages = printed
    assert [round(page.lowest, 2) for page in pages[:-1] if page.lowest > HALF] == []


def test_page_one_holds_the_headline_the_levers_and_the_best_strategies(printed):
    _, (first, *_) = printed
    text = re.sub(r"\s+", " ", first.text)
    for words in ("and what would help", "At stake under today's practice", "The best strategies"):
        assert words in text
    assert "every strategy met the same orders" in text


def test_it_needs_no_network_and_complains_of_nothing(page, tmp_path):
    kt.report(kt.Scenario.load("rush"), ["random", "oldest"], replications=3, out=tmp_path)
    page.set_content((tmp_path / "report.html").read_text(encoding="utf-8"))
    widths = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]


def test_it_fits_a_phone(page, tmp_path):
    kt.report(kt.Scenario.load("rush"), ["random", "oldest"], replications=3, out=tmp_path)
    page.set_viewport_size({"width": 390, "height": 800})
    page.set_content((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
