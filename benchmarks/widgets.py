"""How long a widget takes from the change of a control to what is new, measured in the browser.

The clock is the page's own. It starts when the key or the click arrives in the page, and stops when
the frame with the new picture has been handed on to be painted: after the picture's `load`, or the
change of the board's HTML, and the animation frame that follows. In between lie the browser, the
server, the kernel and the way back. Each change waits until the one before is all done.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.explorer import explorer_latency
from tests.support.browser import (
    chromium,
    jupyterlab,
    kitchen_serve,
    missing,
    new_page,
    open_notebook,
)

CHANGES = 60
WARM_UP = 5
REST_MS = 250
PLAYED_S = 4

CLOCK = """() => {
  window.times = [];
  let began = null;
  const begin = () => { began = performance.now(); };
  addEventListener("keydown", begin, true);
  addEventListener("click", begin, true);
  window.done = () => requestAnimationFrame(() => setTimeout(() => {
    if (began !== null) times.push(performance.now() - began);
    began = null;
  }));
}"""
BOARD = """tool => {
  const board = tool.querySelector(".kt-boards").parentElement;
  window.changes = [];
  new MutationObserver(() => { changes.push(performance.now()); done(); })
    .observe(board, { childList: true, subtree: true, characterData: true });
}"""


def latency() -> None:
    """Medians and 95 % points of the explorer and the live board, in JupyterLab and as it is served."""
    if reason := missing():
        print(f"widgets in the browser: not measured, {reason}")
        return
    print("milliseconds from the change of a control to the new picture, in Chromium")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        explorer_latency(browser, Path(folder))
        with jupyterlab(Path(folder) / "lab") as lab:
            for tool, measure in TOOLS.items():
                with new_page(browser) as page:
                    open_notebook(lab, page, [f"import kitchen as kt\nkt.widgets.{tool}()"], tool)
                    measure(page, "JupyterLab")
        (Path(folder) / "served").mkdir()
        with kitchen_serve(Path(folder) / "served") as address:
            for tab, measure in zip(("Live kitchen",), TOOLS.values(), strict=True):
                with new_page(browser) as page:
                    page.goto(address)
                    page.get_by_role("tab", name=tab).click()
                    measure(page, "kitchen serve")


def live(page, where: str) -> None:
    """To the next event, and to the next; then as fast as it plays."""
    tool = page.locator(".kt-app:not(:has(.kt-app)):visible")
    tool.locator(".kt-board").nth(1).wait_for()
    page.evaluate(CLOCK)
    tool.evaluate(BOARD)
    step = tool.get_by_title("to the next event", exact=True)

    def change(nth: int) -> None:
        step.click()
        page.wait_for_function("nth => times.length === nth", arg=nth)

    tell(f"live board, two kitchens, a step, {where}", repeat(page, change))
    tool.get_by_title("to the start", exact=True).click()
    tool.locator(".widget-play button").first.click()
    page.wait_for_timeout(500)
    page.evaluate("changes.length = 0")
    page.wait_for_timeout(PLAYED_S * 1000)
    played = np.array(page.evaluate("changes"))
    longest = np.diff(played).max()
    print(
        f"  {'live board, playing, ' + where:60s}{len(played) / PLAYED_S:.1f} pictures a second, "
        f"the longest pause {longest:.0f} ms"
    )


TOOLS = {"LiveKitchen": live}


def repeat(page, change: Callable[[int], None]) -> np.ndarray:
    """Milliseconds of each change, after some that are not counted."""
    for nth in range(1, WARM_UP + CHANGES + 1):
        change(nth)
        page.wait_for_timeout(REST_MS)
    return np.array(page.evaluate("times"))[WARM_UP:]


def tell(what: str, times: np.ndarray) -> None:
    """One line."""
    median, most = np.percentile(times, [50, 95])
    print(
        f"  {what:60s}median {median:.0f}, 95 % within {most:.0f}, {len(times)} changes", flush=True
    )
