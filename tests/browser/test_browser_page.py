"""The page of `kitchen serve`, and texts that are no text if anybody takes them for HTML."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from support.browser import WIDTHS, kernels, kitchen_serve, new_page, open_notebook, screenshot
from support.pages import IMAGE, QUOTES, SCRIPT, TOOLS, open_tab, shown

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

HACKED = "typeof window.hacked"

ALL_THREE = """
import kitchen as kt
scenario = kt.Scenario.load({path!r})
names = {names!r}
mine = [kt.Strategy(rule, name=name) for rule, name in zip(["oldest", "newest", "lowest value"], names)]
kt.widgets.LiveKitchen(scenario, mine)
""", """
kt.widgets.Explorer(scenario, mine, replications=20)
""", """
kt.widgets.SweepViewer(kt.sweep(scenario, {{"arrivals.rate": [4.0, 6.0]}}, mine, replications=5))
"""  # fmt: skip


def no_element(page, where):
    """None of the texts became an element."""
    assert page.evaluate(HACKED) == "undefined"
    for selector in ("img[src=x]", "[onerror]", "[onmouseover]", "script"):
        assert where.locator(selector).count() == 0, selector


def test_each_tool_of_the_page_fits_its_width(served, browser):
    for width in WIDTHS:
        with new_page(browser, width) as page:
            page.goto(served)
            for tool in TOOLS:
                open_tab(page, tool)
                shown(page).locator("select:visible").first.wait_for()
                page.wait_for_timeout(200)
                wider = (
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                assert page.evaluate(wider) <= 0, (tool, width)
                if width == WIDTHS[0]:
                    screenshot(page, f"page_{tool.lower()}")
            page.watch.check()


def test_a_sweep_is_run_and_shown(served, page):
    page.goto(served)
    open_tab(page, "Sweeper")
    tool = shown(page)
    tool.get_by_role("button", name="run", exact=False).last.click()
    chart = page.locator("figure.chart")
    expect(chart.locator("svg .spot").first).to_be_attached()
    chart.locator("svg .spot").first.hover()
    expect(page.locator(".tip:visible")).to_contain_text("value lost: ")
    chart.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(chart.locator(".marked")).to_have_count(1)
    expect(chart.locator("[aria-live]")).to_contain_text("arrivals.rate = ")
    screenshot(page, "sweep")
    faded = page.get_by_label("show as").evaluate(
        """select => {
          const roots = [...document.querySelectorAll("*")].map(element => element.shadowRoot);
          const chart = roots.find(root => root?.querySelector("figure.chart"));
          select.selectedIndex = 0;
          select.dispatchEvent(new Event("change", { bubbles: true }));
          return chart.querySelector(".answer").classList.contains("stale");
        }"""
    )
    assert faded  # before the kernel hears of it
    expect(page.locator(".answer.stale:has(figure.chart)")).to_have_count(0)
    assert chart.locator("polyline").count() > 0
    screenshot(page, "sweep_lines")


def test_the_page_begins_with_the_scenario_that_was_asked_for_and_its_names_stay_text(
    browser, hostile, tmp_path
):
    with kitchen_serve(tmp_path, str(hostile)) as address, new_page(browser) as page:
        page.goto(address)
        tool = shown(page)
        expect(tool.get_by_label("scenario").locator("option:checked")).to_contain_text(SCRIPT)
        expect(tool.locator("svg .row").first).to_be_visible()
        no_element(page, tool)
        open_tab(page, "LiveKitchen")
        tool = shown(page)
        expect(tool.locator(".shelves .head").first).to_contain_text(SCRIPT)
        tool.get_by_text("The shelves as a table").click()
        for text in (SCRIPT, IMAGE):
            expect(tool.locator("details td").get_by_text(text).first).to_be_visible()
        tool.locator(".shelves canvas").first.hover(position={"x": 40, "y": 40})
        no_element(page, tool)
        screenshot(page, "hostile_served")
        open_tab(page, "Sweeper")
        no_element(page, shown(page))
        page.watch.check()


def test_names_of_strategies_shelves_and_dishes_stay_text_in_jupyterlab(lab, page, hostile):
    cells = [cell.format(path=str(hostile), names=[SCRIPT, IMAGE, QUOTES]) for cell in ALL_THREE]
    open_notebook(lab, page, cells, "hostile")
    tools = page.locator(".kt-app")
    expect(tools).to_have_count(3)
    for nth, text in enumerate((SCRIPT, IMAGE)):
        expect(tools.first.locator("h3").nth(nth)).to_have_text(text)
    tools.first.get_by_role("button", name="to the next event").click()
    expect(tools.nth(1).locator("svg .row").first).to_be_visible()
    expect(tools.nth(1).locator("svg").first).to_contain_text("<")  # a label, as text
    expect(tools.nth(2).locator("svg .spot").first).to_be_attached()
    for nth in range(3):
        no_element(page, tools.nth(nth))
    screenshot(page, "hostile_lab")


def test_the_kernel_of_a_page_that_is_closed_ends(browser, tmp_path):
    with kitchen_serve(tmp_path) as address, new_page(browser) as page:
        page.goto(address)
        shown(page)
        assert len(kernels(address)) == 1
        page.close(run_before_unload=True)
        assert kernels(address, until=0) == []


FOREIGN = """<!DOCTYPE html><title>elsewhere</title>
<img src="{address}"><iframe src="{address}"></iframe>
<script>
  fetch("{address}", {{ mode: "no-cors", credentials: "include" }}).catch(() => 0);
  new WebSocket("{socket}/api/kernels/x/channels");
</script>
<a href="{base}?scenario=rush">to the kitchen</a>"""


def test_a_page_on_another_port_starts_no_kernel_and_a_person_who_follows_its_link_may(
    browser, tmp_path
):
    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page_of_theirs.encode())

        def log_message(self, *_):
            """Nothing."""

    with (
        kitchen_serve(tmp_path) as address,
        HTTPServer(("127.0.0.1", 0), Elsewhere) as elsewhere,
        new_page(browser) as page,
    ):
        base = address.split("?")[0]
        socket = base.replace("http", "ws").strip("/")
        page_of_theirs = FOREIGN.format(address=address, base=base, socket=socket)
        Thread(target=elsewhere.serve_forever, daemon=True).start()
        page.goto(address)  # the browser has the cookie, and shares it among the ports
        shown(page)
        assert page.url == base
        page.goto(f"http://127.0.0.1:{elsewhere.server_port}/")
        page.wait_for_timeout(2000)
        assert len(kernels(address, until=0)) == 0
        page.get_by_role("link", name="to the kitchen").click()
        expect(page.get_by_role("heading", name="Another page has led here")).to_be_visible()
        assert len(kernels(address)) == 0
        page.get_by_role("link", name="Open the kitchen").click()
        shown(page)
        assert len(kernels(address)) == 1
        elsewhere.shutdown()
