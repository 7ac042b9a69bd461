"""axe-core, which finds what keeps people out of a page; for tests only, and not kept here.

It is looked for in the folder or file of the environment variable `KITCHEN_AXE`, then in
`node_modules/axe-core` of the checkout, then had from npm into a temporary folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from .paths import ROOT

FOLDER = "KITCHEN_AXE"
VERSION = "4.14.1"
SCRIPT = "axe.min.js"

NPM_S = 60
"""Longest wait for npm, seconds."""

SERIOUS = ("critical", "serious")
"""Impacts of findings that a page may not have."""

RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, impact, nodes }) => nodes.map(({ target, html, failureSummary }) =>
    ({ id, impact, target: JSON.stringify(target), html: html.slice(0, 200), why: failureSummary })));
}"""


@cache
def script() -> tuple[str, str]:
    """The text of axe-core, and why it is missing: one of them is empty."""
    for place in (os.environ.get(FOLDER), ROOT / "node_modules" / "axe-core"):
        if place and (found := _within(Path(place))):
            return found.read_text("utf-8"), ""
    if os.environ.get(FOLDER):
        return "", f"{FOLDER} names {os.environ[FOLDER]}, where there is no {SCRIPT}"
    return _from_npm()


def _within(place: Path) -> Path | None:
    candidates = (place, place / SCRIPT, place / "axe-core" / SCRIPT, place / "package" / SCRIPT)
    return next((path for path in candidates if path.is_file()), None)


def _from_npm() -> tuple[str, str]:
    npm = shutil.which("npm")
    if npm is None:
        return "", f"axe-core is not here: set {FOLDER} to its folder, or install npm"
    with tempfile.TemporaryDirectory() as folder:
        asked = [npm, "pack", f"axe-core@{VERSION}", "--silent", "--pack-destination", folder]
        try:
            subprocess.run(asked, cwd=folder, check=True, capture_output=True, timeout=NPM_S)
        except (OSError, subprocess.SubprocessError):
            return "", f"axe-core is not here, and npm cannot fetch it: set {FOLDER} to its folder"
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as packed:
            return packed.extractfile(f"package/{SCRIPT}").read().decode(), ""


def findings(page, impacts=SERIOUS) -> list[dict]:
    """What axe finds in a page of Playwright, frames and shadow roots included."""
    text, missing = script()
    assert not missing, missing
    for frame in page.frames:
        frame.evaluate(text)
    return [found for found in page.evaluate(RUN) if found["impact"] in impacts]


def told(found: list[dict]) -> str:
    """Findings in words, for the message of a test."""
    return json.dumps(found, indent=1)
