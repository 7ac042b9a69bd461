"""How long the explorer takes to fade, to a rough answer, to the full one, measured in the browser.

The clock is the page's own. It starts when the key or the pointer arrives in the page, and stops when
the frame with what is new has been handed on to be painted. Each change waits until the one before is
all done. With the environment variable `KITCHEN_BEFORE`, a folder with an earlier commit, the same
change is made in turn there, where the first picture was an image.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from tests.support.browser import ROOT, jupyterlab, kitchen_serve, new_page, open_notebook

BEFORE = "KITCHEN_BEFORE"
CHANGES = 40
WARM_UP = 5
REST_MS = 250
STEP = 2
"""Pixels by which a held slider moves."""

CLOCK = """() => {
  window.clock = { faded: [], rough: [], full: [], verdict: [], second: [] };
  let began = null, open = new Set();
  const begin = () => { began = performance.now(); open = new Set(Object.keys(clock)); };
  addEventListener("keydown", begin, true);
  addEventListener("pointermove", event => { if (event.buttons) begin(); }, true);
  window.note = what => {
    if (!open.delete(what)) return;
    const start = began;
    requestAnimationFrame(() => setTimeout(() => clock[what].push(performance.now() - start)));
  };
}"""
ANSWERS = """tool => {
  const roots = [...tool.querySelectorAll("*")].map(element => element.shadowRoot);
  const answer = roots.map(root => root?.querySelector(".answer")).find(Boolean);
  new MutationObserver(() => answer.classList.contains("stale") && note("faded"))
    .observe(answer, { attributes: true, attributeFilter: ["class"] });
  document.addEventListener("answered", event => {
    const { kind, rough } = event.detail;
    note(kind === "words" ? "verdict" : rough === undefined ? "second" : rough ? "rough" : "full");
  });
}"""
IMAGES = """tool => {
  const [first, second] = tool.querySelectorAll("img");
  first.addEventListener("load", () => note("full"));
  second.addEventListener("load", () => note("second"));
}"""


def explorer_latency(browser, folder: Path) -> None:
    """Medians and 95 % points in JupyterLab and as it is served, beside the commit before."""
    packages = {"now": ROOT}
    if os.environ.get(BEFORE):
        packages = {"before": Path(os.environ[BEFORE]), **packages}
    for where, opened in (("JupyterLab", _in_lab), ("kitchen serve", _served)):
        with ExitStack() as stack:
            tools = {
                name: opened(stack, browser, folder / f"{where} {name}".replace(" ", "_"), package)
                for name, package in packages.items()
            }
            times = _take_turns(tools)
            for (name, what), found in times.items():
                base = np.median(times.get(("before", "full"), [np.nan]))
                ratio = "" if np.isnan(base) else f", {np.median(found) / base:.2f} x before"
                told(f"explorer, {where}, {name}: {what}", found, ratio)


def told(what: str, times, more: str = "") -> None:
    """One line."""
    median, most = np.percentile(times, [50, 95])
    line = f"median {median:.0f}, 95 % within {most:.0f}, {len(times)} changes{more}"
    print(f"  {what:60s}{line}", flush=True)


def _in_lab(stack: ExitStack, browser, folder: Path, package: Path):
    lab = stack.enter_context(jupyterlab(folder, package))
    page = stack.enter_context(new_page(browser))
    open_notebook(lab, page, ["import kitchen as kt\nkt.widgets.Explorer('rush')"], "explorer")
    return _ready(page)


def _served(stack: ExitStack, browser, folder: Path, package: Path):
    folder.mkdir()
    address = stack.enter_context(kitchen_serve(folder, "rush", package=package))
    page = stack.enter_context(new_page(browser))
    page.goto(address)
    return _ready(page)


def _ready(page):
    """The tool with its clock, once its pictures are there."""
    tool = page.locator(".kt-app:not(:has(.kt-app)):visible")
    page.wait_for_function(
        """() => { const drawn = [...document.querySelectorAll("*")]
             .filter(e => e.shadowRoot?.querySelector("figure.dots svg .row"));
           return drawn.length === 2 || document.querySelectorAll(".kt-app img").length === 2; }"""
    )
    page.wait_for_timeout(1000)
    page.evaluate(CLOCK)
    tool.evaluate(IMAGES if tool.locator("img").count() else ANSWERS)
    return tool


def _take_turns(tools: dict) -> dict[tuple[str, str], np.ndarray]:
    """Milliseconds by package and kind of answer; the packages take turns."""
    for _ in range(WARM_UP + CHANGES):
        for tool in tools.values():
            _press(tool)
    held = [tool for tool in tools.values() if not tool.locator("img").count()]
    for tool in held:
        _drag(tool)
    found = {}
    for name, tool in tools.items():
        for what, times in tool.page.evaluate("clock").items():
            if times:
                found[name, what] = np.array(times)[WARM_UP:]
    return found


def _press(tool) -> None:
    """The arrival rate goes up by a step."""
    page = tool.page
    page.bring_to_front()
    _slider(tool).focus()
    done = page.evaluate("clock.second.length")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("done => clock.second.length > done", arg=done)
    page.wait_for_timeout(REST_MS)


def _drag(tool) -> None:
    """The slider is held, and moved on when its rough answer is there."""
    page = tool.page
    page.bring_to_front()
    box = _slider(tool).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for nth in range(WARM_UP + CHANGES):
        done = page.evaluate("clock.rough.length")
        page.mouse.move(x + (STEP if nth % 2 else -STEP) * (1 + nth % 5), y)
        page.wait_for_function("done => clock.rough.length > done", arg=done)
        page.wait_for_timeout(REST_MS)
    page.mouse.up()


def _slider(tool):
    named = tool.page.locator(".widget-label", has_text="arrivals")
    return tool.locator(".widget-slider").filter(has=named).locator(".noUi-handle")
