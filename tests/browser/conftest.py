"""What tests in a real browser share; they are skipped where there is none.

The browser lives as long as a module of tests: Playwright keeps an event loop running, which others
must not find.
"""

import json
from pathlib import Path

import pytest
from support.browser import (
    SCREENSHOTS,
    TIMEOUT_S,
    chromium,
    jupyterlab,
    kitchen_serve,
    missing,
    new_page,
    open_notebook,
)
from support.pages import IMAGE, QUOTES, SCRIPT, open_tab, shown

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    reason = missing()
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("browser"))  # one Chromium, one JupyterLab
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def browser():
    """Chromium without a window."""
    from playwright.sync_api import expect

    expect.set_options(timeout=TIMEOUT_S * 1000)
    with chromium() as browser:
        yield browser


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call" and report.failed and "page" in item.funcargs:
        SCREENSHOTS.mkdir(exist_ok=True)
        item.funcargs["page"].screenshot(path=SCREENSHOTS / f"failed_{item.name[:60]}.png")
    return report


@pytest.fixture
def page(browser):
    """An empty page; at the end nothing may have gone wrong in it, nor left this machine."""
    with new_page(browser) as page:
        yield page
        page.watch.check()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A JupyterLab; see `in_browser.open_notebook`."""
    with jupyterlab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The address of a `kitchen serve`."""
    with kitchen_serve(tmp_path_factory.mktemp("served"), "rush") as address:
        yield address


@pytest.fixture(params=["JupyterLab", "kitchen serve"])
def show(request, page):
    """Show a tool, in JupyterLab and as it is served; returns where it is, a locator of the page."""

    def show_it(tool: str):
        if request.param == "JupyterLab":
            lab = request.getfixturevalue("lab")
            open_notebook(lab, page, [f"import kitchen as kt\nkt.widgets.{tool}('rush')"], tool)
        else:
            page.goto(request.getfixturevalue("served"))
            open_tab(page, tool)
        return shown(page)

    return show_it


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """A scenario file whose names, shelves and dishes are HTML."""
    folder = tmp_path_factory.mktemp("hostile")
    dishes = [
        {"name": f"{name} {number}", "temp": temp, "shelfLife": 60, "decayRate": 0.5}
        for number, name in enumerate((SCRIPT, IMAGE, QUOTES))
        for temp in ("hot", IMAGE)
    ]
    (folder / "menu.json").write_text(json.dumps(dishes), encoding="utf-8")
    words = {name: json.dumps(text) for name, text in (("script", SCRIPT), ("image", IMAGE))}
    scenario = """
        name = {script}
        decay = "linear"
        [orders]
        file = "menu.json"
        count = 40
        sampling = "random"
        [arrivals]
        process = "poisson"
        rate = 5.0
        [couriers]
        delay = {{ distribution = "uniform", low = 2.0, high = 6.0 }}
        [[shelves]]
        name = {script}
        holds = ["hot", {image}]
        capacity = 6
        [[shelves]]
        name = {image}
        holds = "any"
        capacity = 4
        modifier = 2.0
    """.format(**words)
    (folder / "hostile.toml").write_text(scenario, encoding="utf-8")
    return folder / "hostile.toml"
