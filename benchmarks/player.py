"""How many pictures a second the player draws, and how long a jump takes, measured in the browser.

Two kitchens side by side, of the 132 orders of `rush` and of 1,000, in JupyterLab, as they are served
and as a file. The clock is the page's own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import kitchen as kt
from tests.support.browser import jupyterlab, kitchen_serve, new_page, open_notebook

PLAYED_S = 5
JUMPS = 200
ORDERS = (132, 1_000)
STRATEGIES = ("discard newcomer", "oldest")

PLAY = """async (host, seconds) => {
  const player = host.player, times = [];
  player.go(player.opens + 0.3 * (player.end - player.opens));
  player.hooks.frame = now => times.push(now);
  player.play();
  await new Promise(done => setTimeout(done, seconds * 1000));
  player.pause();
  delete player.hooks.frame;
  return times;
}"""
JUMP = """(host, jumps) => {
  const player = host.player, times = [];
  for (let nth = 0; nth < jumps; nth++) {
    const to = player.opens + Math.random() * (player.end - player.opens), began = performance.now();
    player.go(to);
    times.push(performance.now() - began);
  }
  return times;
}"""


def player_speed(browser, folder: Path) -> None:
    """Pictures a second and milliseconds of a jump, wherever the player is shown."""
    print("the player, two kitchens side by side, in Chromium")
    for orders in ORDERS:
        scenario = _of(orders)
        path = folder / f"{orders}_orders.toml"
        scenario.save(path)
        shown = f"kt.widgets.LiveKitchen({str(path)!r}, {list(STRATEGIES)!r})"
        with jupyterlab(folder / f"lab_{orders}") as lab, new_page(browser) as page:
            open_notebook(lab, page, [f"import kitchen as kt\n{shown}"], "player")
            _measure(page, f"{orders:,} orders, JupyterLab")
        (folder / f"served_{orders}").mkdir()
        with (
            kitchen_serve(folder / f"served_{orders}", str(path)) as address,
            new_page(browser) as page,
        ):
            page.goto(address)
            page.get_by_role("tab", name="Live kitchen").click()
            _measure(page, f"{orders:,} orders, kitchen serve")
        trace = kt.draw(scenario, 1, seed=1)
        file = folder / f"{orders}_orders.html"
        kt.play(*(kt.simulate(scenario, name, trace=trace) for name in STRATEGIES)).save(file)
        with new_page(browser) as page:
            page.goto(file.as_uri())
            _measure(page, f"{orders:,} orders, a file of {file.stat().st_size / 1000:,.0f} KB")


def _of(orders: int) -> kt.Scenario:
    """`rush` with so many orders."""
    changes = {"name": f"{orders} orders", "orders.count": orders, "orders.sampling": "random"}
    return kt.Scenario.load("rush").replace(changes)


def _measure(page, where: str) -> None:
    """A line of each figure."""
    host = page.locator(".kitchen-player")
    host.wait_for()
    page.wait_for_timeout(1000)
    host.evaluate(PLAY, 1)
    pauses = np.diff(host.evaluate(PLAY, PLAYED_S))
    jumps = np.array(host.evaluate(JUMP, JUMPS))
    print(
        f"  {where:40s}{1000 / pauses.mean():.1f} pictures a second, the longest pause "
        f"{pauses.max():.0f} ms; a jump: median {np.median(jumps):.1f} ms, 95 % within "
        f"{np.percentile(jumps, 95):.1f} ms",
        flush=True,
    )
