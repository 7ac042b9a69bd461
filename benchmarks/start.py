"""How long `kitchen serve` takes to its first answer in a browser, and which part of that does what.

A start is warm where this machine has compiled the engine before: its machine code is then read from
numba's cache. One start with an empty cache tells what compiling adds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from tests.support.browser import ROOT, kitchen_serve, new_page

STARTS = 7
CACHE = "NUMBA_CACHE_DIR"
MOST_S = 180
"""Longest wait for a first answer, seconds: the engine is compiled in some 10 s of processor."""

BAR_S = 5.0
"""What a warm start may take on a quiet machine, seconds."""

KERNEL = """
import time
begin = time.perf_counter()
import kitchen as kt
kt.widgets.page
read = time.perf_counter()
page = kt.widgets.page("rush")
made = time.perf_counter()
page.explorer.wait()
print(read - begin, made - read, time.perf_counter() - made)
"""
"""What the kernel of a page does: imports, controls, first comparison."""


def start_of_the_page(browser, folder: Path) -> None:
    """Seconds of warm starts and of one with an empty cache, and of their parts."""
    folder.mkdir(exist_ok=True)
    empty = {CACHE: str(folder / "empty")}
    warm = np.array([_start(browser, folder / f"warm {nth}") for nth in range(STARTS)])
    cold = _start(browser, folder / "cold", empty)
    parts = np.array([_in_kernel() for _ in range(STARTS)])
    compiled = _in_kernel({CACHE: str(folder / "empty too")})
    print("seconds from the command 'kitchen serve rush' to the first answer in Chromium")
    for name, values, once in (
        ("to the address", warm[:, 0], cold[0]),
        ("from the address to the first answer", warm[:, 1], cold[1]),
        ("all told", warm.sum(axis=1), cold.sum()),
    ):
        _tell(name, values, once)
    median = np.median(warm.sum(axis=1))
    print(f"  the bar of {BAR_S:g} s, warm: {'held' if median < BAR_S else 'not held'}")
    print("  in the kernel, alone:")
    for name, values, once in zip(
        ("modules read", "controls made", "first comparison"), parts.T, compiled, strict=True
    ):
        _tell(f"  {name}", values, once)


def _start(browser, folder: Path, variables: dict | None = None) -> np.ndarray:
    """Seconds to the address, and from there to the first answer."""
    folder.mkdir()
    begin = time.perf_counter()
    with (
        kitchen_serve(folder, "rush", variables=variables) as address,
        new_page(browser) as page,
    ):
        there = time.perf_counter()
        page.goto(address)
        page.locator("svg .row").first.wait_for(timeout=MOST_S * 1000)
        return np.array([there - begin, time.perf_counter() - there])


def _in_kernel(variables: dict | None = None) -> list[float]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "VOILA_REQUEST_URL": "/"}
    told = subprocess.run(
        [sys.executable, "-c", KERNEL],
        env={**environment, **(variables or {})},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [float(seconds) for seconds in told.split()]


def _tell(name: str, values: np.ndarray, once: float) -> None:
    spread = f"{np.median(values):.2f} ({values.min():.2f} to {values.max():.2f})"
    print(f"  {name:40s}warm {spread}; nothing compiled yet {once:.2f}", flush=True)
