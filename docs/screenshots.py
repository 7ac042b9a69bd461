"""The pictures of README.md, taken anew: `python docs/screenshots.py`, by hand; it needs Chromium.

`report.png` is the top of the report of `friday`; `live.png` and `explorer.png` are taken of JupyterLab.
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

IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1370, 1600
"""Size of the browser, pixels: JupyterLab takes some 170 of the width."""

REPORT_WIDTH = 920
"""Width of the report, pixels."""

MARGIN = 28
"""What is left out above the heading that ends the picture of the report, pixels."""

COLOURS = 128
"""Of a picture: a third of its size in bytes, and looks the same."""

REST_MS = 1500
"""How long a page is left alone before its picture is taken."""


def report(browser, folder: Path) -> None:
    """Page one of the default report: what is at stake, and what would help."""
    made = kt.report(kt.Scenario.load("friday"), seed=1, out=folder / "report")
    with harness.new_page(browser, REPORT_WIDTH, HEIGHT) as page:
        page.goto(made.as_uri())
        end = page.get_by_role("heading", name="The best strategies").bounding_box()
        top = {"x": 0, "y": 0, "width": REPORT_WIDTH, "height": end["y"] - MARGIN}
        _save(page.screenshot(clip=top), "report")


def live(page) -> None:
    """Two kitchens at the instant at which they first differ."""
    tool = shown(page)
    tool.locator(".shelves canvas").nth(1).wait_for()
    _take(page, tool, "live")


def explorer(page) -> None:
    """Four strategies, and their differences."""
    tool = shown(page)
    tool.locator("svg .row").first.wait_for()
    _take(page, tool, "explorer")


TOOLS = {
    live: "import kitchen as kt\nkt.LiveKitchen('rush', ['discard newcomer', 'oldest'], seed=1)",
    explorer: "import kitchen as kt\nkt.Explorer('rush', replications=200, seed=1)",
}


def _take(page, tool, name: str) -> None:
    page.mouse.move(0, 0)
    page.wait_for_timeout(REST_MS)
    _save(tool.screenshot(), name)


def _save(picture: bytes, name: str) -> None:
    image = Image.open(BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def main() -> None:
    """Take all pictures."""
    if reason := harness.missing():
        raise SystemExit(reason)
    with tempfile.TemporaryDirectory() as folder, harness.chromium() as browser:
        report(browser, Path(folder))
    with tempfile.TemporaryDirectory() as folder, harness.jupyterlab(Path(folder)) as lab:
        for take, cell in TOOLS.items():
            with (
                harness.chromium() as browser,
                harness.new_page(browser, WIDTH, HEIGHT) as page,
            ):
                harness.open_notebook(lab, page, [cell], take.__name__)
                take(page)
                page.watch.check()
    print(f"{IMAGES.relative_to(ROOT)}: report.png, live.png, explorer.png")


if __name__ == "__main__":
    main()
