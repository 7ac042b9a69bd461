"""How fast the widgets are in a browser: the start, what the explorer answers, what the player draws."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.explorer import explorer_latency
from benchmarks.player import player_speed
from benchmarks.start import start_of_the_page
from tests.support.browser import chromium, missing


def latency() -> None:
    """Start of the page, speed of the player, latency of the explorer."""
    if reason := missing():
        print(f"widgets in the browser: not measured, {reason}")
        return
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        start_of_the_page(browser, Path(folder) / "start")
        player_speed(browser, Path(folder))
        print("milliseconds from the change of a control to the new picture, in Chromium")
        explorer_latency(browser, Path(folder))
