"""The pictures of README.md, taken anew: `python docs/screenshots.py`, by hand; it needs Chromium.

`rush.png` is a plot; `live.png` and `explorer.png` are taken of JupyterLab.
"""

from __future__ import annotations

import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support import browser as harness  # noqa: E402
from support.pages import shown  # noqa: E402

import kitchen as kt  # noqa: E402
from kitchen.plots.axes import png  # noqa: E402

IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1370, 1600
"""Size of the browser, pixels: JupyterLab takes some 170 of the width."""

COLOURS = 128
"""Of a picture: a third of its size in bytes, and looks the same."""

REST_MS = 1500
"""How long a page is left alone before its picture is taken."""


def rush() -> None:
    """The ranking of six strategies."""
    nobody = kt.Strategy("discard newcomer", recall=None, name="nobody moves home")
    names = ["discard newcomer", "random", "oldest", "lowest value", "soonest to expire"]
    table = kt.compare(kt.Scenario.load("rush"), [*names, nobody], replications=500, seed=1)
    (IMAGES / "rush.png").write_bytes(png(kt.plots.ranking(table.frame).figure))


def live(page) -> None:
    """Two kitchens at the instant at which they first differ."""
    tool = shown(page)
    tool.get_by_role("button", name="to where they part").click()
    tool.locator(".kt-board .kt-apart").first.wait_for()
    _take(page, tool, "live")


def explorer(page) -> None:
    """Four strategies, and their differences."""
    tool = shown(page)
    tool.locator("img").nth(1).wait_for()
    _take(page, tool, "explorer")


TOOLS = {
    live: "import kitchen as kt\nkt.LiveKitchen('rush', ['discard newcomer', 'oldest'], seed=1)",
    explorer: "import kitchen as kt\nkt.Explorer('rush', replications=200, seed=1)",
}


def _take(page, tool, name: str) -> None:
    page.mouse.move(0, 0)
    page.wait_for_timeout(REST_MS)
    picture = Image.open(BytesIO(tool.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def main() -> None:
    """Take all pictures."""
    if reason := harness.missing():
        raise SystemExit(reason)
    rush()
    with tempfile.TemporaryDirectory() as folder, harness.jupyterlab(Path(folder)) as lab:
        for take, cell in TOOLS.items():
            with (
                harness.chromium() as browser,
                harness.new_page(browser, WIDTH, HEIGHT) as page,
            ):
                harness.open_notebook(lab, page, [cell], take.__name__)
                take(page)
                page.watch.check()
    print(f"{IMAGES.relative_to(ROOT)}: rush.png, live.png, explorer.png")


if __name__ == "__main__":
    main()
