"""How fast the widgets are in a browser: what the explorer answers, and what the player draws."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.explorer import explorer_latency
from benchmarks.player import player_speed
from tests.support.browser import chromium, missing


def latency() -> None:
    """Latency of the explorer and speed of the player, in JupyterLab, as they are served, as a file."""
    if reason := missing():
        print(f"widgets in the browser: not measured, {reason}")
        return
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        player_speed(browser, Path(folder))
        print("milliseconds from the change of a control to the new picture, in Chromium")
        explorer_latency(browser, Path(folder))
