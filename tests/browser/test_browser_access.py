"""The pages for those who use keys, a screen reader or a dark screen."""

import re

import pytest
from support import axe
from support.browser import jupyterlab, new_page, open_notebook, screenshot
from support.contrast import pale_texts
from support.pages import FRESH, TOOLS, answered, open_tab, shown

import kitchen as kt

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

SCHEMES = ("light", "dark")
MOST_STOPS = 20

FOCUS = """() => {
  let element = document.activeElement;
  while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return [element.getAttribute("aria-label") ?? "", element.textContent.trim().slice(0, 60)].join(" ").trim();
}"""


@pytest.fixture
def with_axe():
    """Skips where axe-core cannot be had."""
    _, missing = axe.script()
    if missing:
        pytest.skip(missing)


def focused(page) -> str:
    """Name and text of the element that has the focus."""
    return page.evaluate(FOCUS)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_serious_on_any_tab_of_the_page(served, browser, with_axe, scheme):
    with new_page(browser, scheme=scheme) as page:
        page.goto(served)
        for tool in TOOLS:
            open_tab(page, tool)
            for closed in answered(page, tool).locator("summary:visible").all():
                closed.click()
            found = axe.findings(page)
            assert found == [], f"{tool}: {axe.told(found)}"
        page.watch.check()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_serious_in_a_report_and_in_a_player_of_its_own(
    browser, with_axe, scheme, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("files")
    friday, played = kt.Scenario.load("friday"), folder / "play.html"
    report = kt.report(friday, replications=40, out=folder / "report")
    kt.compare(friday, ["discard newcomer", "oldest"], replications=2).play().save(played)
    with new_page(browser, scheme=scheme) as page:
        for file in (report, played):
            page.goto(file.as_uri())
            page.locator(".shelves canvas").first.wait_for()
            found = axe.findings(page)
            assert found == [], f"{file.name}: {axe.told(found)}"


def test_the_page_has_one_heading_of_its_own_and_landmarks(served, page):
    page.goto(served)
    answered(page, "Explorer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kitchen")
    expect(page.get_by_role("banner")).to_contain_text("Copy a link to this")
    expect(page.get_by_role("navigation", name="tools").get_by_role("tab")).to_have_count(4)
    for title in ("Compare", "Live kitchen"):
        page.get_by_role("tab", name=title).press("Enter")
        expect(page.get_by_role("main").get_by_role("tabpanel", name=title)).to_be_visible()
        expect(page.get_by_role("heading", name=title, level=2)).to_have_count(1)


def test_every_slider_is_named_as_its_label_says(served, page):
    page.goto(served)
    tool = answered(page, "Explorer")
    for name in (
        "arrivals (per s)",
        "courier after (s), lower end",
        "courier after (s), upper end",
    ):
        expect(tool.get_by_role("slider", name=name, exact=True)).to_have_count(1)
    tool.get_by_label("more settings").fill("arrivals.rate = 12")
    page.keyboard.press("Enter")
    expect(tool.get_by_role("slider", name="arrivals (per s), typed below")).to_have_count(1)
    page.wait_for_function(FRESH)
    expect(tool.get_by_label("more settings")).to_have_value("arrivals.rate = 12")


@pytest.mark.parametrize(
    ("tool", "answer"),
    [
        ("Explorer", "the whole verdict"),
        ("LiveKitchen", "play or pause"),
        ("Advisor", "What would help?"),
        ("Sweeper", "Run"),
    ],
)
def test_the_answer_is_reached_from_the_top_by_twenty_stops_of_the_tab_key(
    served, page, tool, answer
):
    page.goto(served)
    open_tab(page, tool)
    if tool in ("Explorer", "LiveKitchen"):
        answered(page, tool)
    else:
        shown(page).get_by_role("button", name=answer).wait_for()
    page.evaluate("document.activeElement.blur()")
    page.mouse.click(2, 2)
    stops = []
    while not any(answer in stop for stop in stops):
        page.keyboard.press("Tab")
        stops.append(focused(page))
        assert len(stops) <= MOST_STOPS, stops


def test_a_list_of_boxes_is_one_stop_and_arrow_keys_go_through_it(served, page):
    page.goto(served)
    tool = answered(page, "Explorer")
    boxes = tool.get_by_role("group", name="strategies").get_by_role("checkbox")
    boxes.first.focus()
    page.keyboard.press("ArrowDown")
    expect(boxes.nth(1)).to_be_focused()
    page.keyboard.press("Space")
    expect(boxes.nth(1)).not_to_be_checked()
    page.keyboard.press("End")
    expect(boxes.last).to_be_focused()
    page.keyboard.press("Tab")
    expect(tool.get_by_role("button", name="a strategy of your own")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(boxes.last).to_be_focused()


def test_what_has_the_focus_is_not_under_the_answer_that_stays_in_sight(served, browser):
    with new_page(browser, 800, 600) as page:
        page.goto(served)
        tool = answered(page, "Explorer")
        tool.get_by_label("seed").focus()
        while not tool.get_by_label("measure").evaluate("e => e === document.activeElement"):
            page.keyboard.press("Shift+Tab")
        head = tool.locator(".kt-head").bounding_box()
        focused = tool.get_by_label("measure").bounding_box()
        assert focused["y"] >= head["y"] + head["height"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_page_follows_the_theme_of_its_reader_and_every_text_of_it_can_be_read(
    served, browser, scheme
):
    with new_page(browser, scheme=scheme) as page:
        page.goto(served)
        for tool in TOOLS:
            open_tab(page, tool)
            place = answered(page, tool)
            if tool == "Explorer":
                _open_code(place)
            assert pale_texts(page.locator("body")) == [], tool
            assert is_dark(place) == (scheme == "dark")
            screenshot(page, f"{tool.lower()}_{scheme}", widths=(800, 1280, 1920))
        page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
        assert is_dark(place) == (scheme == "light")
        assert pale_texts(page.locator("body")) == []


DARK = (
    "import kitchen as kt\nkt.widgets.Explorer('rush')",
    "kt.LiveKitchen('rush')",
    "names = ['discard newcomer', 'oldest']\n"
    "kt.SweepViewer(kt.sweep(kt.Scenario.load('rush'), {'arrivals.rate': [4.0, 6.0]}, names, replications=5))",
)


def test_the_widgets_follow_the_dark_theme_of_jupyterlab(browser, tmp_path):
    with (
        jupyterlab(tmp_path, theme="JupyterLab Dark") as lab,
        new_page(browser) as page,
    ):
        open_notebook(lab, page, list(DARK), "dark")
        expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
        tools = page.locator(".kt-app")
        explorer, live, viewer = (tools.nth(nth) for nth in range(3))
        explorer.locator("svg .row").first.wait_for()
        _open_code(explorer)
        live.locator(".shelves canvas").first.wait_for()
        live.get_by_text("The shelves as a table").click()
        viewer.locator("figure.chart").wait_for()
        for tool in (explorer, live, viewer):
            tool.scroll_into_view_if_needed()
            assert pale_texts(tool) == []
            assert is_dark(tool)
            for place in tool.locator("select, input[type=text]").all():
                assert is_dark(place)
            screenshot(page, f"dark_lab_{[explorer, live, viewer].index(tool)}")
        explorer.get_by_label("more settings").fill("nonsense")
        page.keyboard.press("Enter")
        expect(explorer.get_by_role("alert")).to_be_visible()
        assert pale_texts(explorer) == []
        page.watch.check()


def is_dark(place) -> bool:
    """Whether the ground of an element is darker than a middle grey."""
    colour = place.evaluate("element => getComputedStyle(element).backgroundColor")
    return max(map(float, re.findall(r"[\d.]+", colour)[:3])) < 118


def _open_code(tool) -> None:
    tool.get_by_text("the same in Python").click()
    expect(tool.locator("pre", has_text="import kitchen as kt")).to_be_visible()
