"""The learned strategy that ships for `friday`, and the figures of docs/learning.md.

`python docs/learn_friday.py ship` learns it anew and writes kitchen/model/strategies/friday.toml;
`python docs/learn_friday.py` fills all rows of the table, `python docs/learn_friday.py rush` that row
alone. A row takes seconds to three minutes. Its draws belong to `learn` alone: no report meets them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import kitchen as kt
from kitchen.learning.evaluator import Evaluator, seed_for

PAGE = Path(__file__).resolve().parent / "learning.md"
SHIPPED = PAGE.parents[1] / "kitchen" / "model" / "strategies" / "friday.toml"
MARK = "<!-- figures: learning -->\n"
SEED = 2026


def friday(slots: dict[str, int] | None = None, **changes) -> kt.Scenario:
    capacities = {f"shelves.{name}.capacity": number for name, number in (slots or {}).items()}
    return kt.Scenario.load("friday").replace({**capacities, **changes})


def overloaded() -> kt.Scenario:
    """`rush` with couriers of 4 to 12 s, and prices of 5 to 40 drawn for its menu."""
    rush = kt.Scenario.load("rush")
    menu = kt.draw(rush).menu.frame()
    menu["price"] = np.random.default_rng(5).uniform(5, 40, len(menu)).round(2)
    path = Path(tempfile.mkdtemp()) / "priced.csv"
    menu.to_csv(path, index=False)
    delay = {"distribution": "uniform", "low": 4.0, "high": 12.0}
    return rush.replace({"orders.file": str(path), "couriers.delay": delay})


TIGHT = {"hot": 19, "cold": 12, "frozen": 10, "overflow": 10}
ROWS = {
    "friday": friday,
    "friday, 60 % of dinner's slots": lambda: friday(TIGHT),
    "friday, couriers unknown": lambda: friday(eta="unknown"),
    "friday, couriers known exactly": lambda: friday(eta="exact"),
    "rush, overloaded and priced": overloaded,
    "rush": lambda: kt.Scenario.load("rush"),
    "classic": lambda: kt.Scenario.load("classic"),
}
"""Rows of the table -> scenario."""


def gained(learned: kt.Learned) -> str:
    """The gain over the best that ships with half of its interval, points; in bold if it is shown."""
    row = learned.paired.iloc[0]
    sign = -1 if learned.measure.startswith("lost") else 1
    if row["low"] != row["low"]:  # too few replications differ for an interval
        return f"differs in {row['differing']} of {row['replications']}"
    text = f"{100 * sign * row['difference']:+.2f} ± {50 * (row['high'] - row['low']):.2f}"
    return f"**{text}**" if learned.gains else text


def lost(scenario: kt.Scenario, strategy: kt.Strategy, measure: str) -> str:
    """What a strategy loses, on the replications of the test."""
    test = Evaluator((scenario,), measure, 600, seed_for(SEED, "test"), threads=2)
    return f"{100 * test.values(strategy).mean():.1f} %"


def over_today(learned: kt.Learned) -> str:
    rows = learned.paired
    own = rows[(rows["strategy"] == learned.learned.name) & (rows.index > 0)]
    return "" if not len(own) else f"{-100 * own['difference'].iloc[0]:+.2f}"


def cells(scenario: kt.Scenario) -> list[str]:
    """The figures of a row."""
    made = {}
    for template in ("bid price", "joint"):
        begun = time.process_time()
        bounds = 16 if template == "joint" else 0
        made[template] = kt.learn(scenario, template, seed=SEED, bound_replications=bounds)
        seconds = time.process_time() - begun
        print(f"{template}, {seconds:.0f} s of processor time\n{made[template].verdict}\n")
        print(made[template].source)
    joint = made["joint"]
    gap = joint.gap
    return [
        lost(scenario, joint.selection.strategy, joint.measure),
        gained(made["bid price"]),
        gained(joint),
        "" if gap is None else f"{100 * gap.gap:.1f}",
        "" if gap is None else f"{100 * gap.closed:.0f} %",
        over_today(joint),
    ]


def fill(name: str, figures: list[str]) -> None:
    """Put the figures of a row into the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.split(MARK)
    table, rest = after.split("\n\n", 1)
    lines = [
        f"| {name} | {' | '.join(figures)} |" if line.startswith(f"| {name} |") else line
        for line in table.split("\n")
    ]
    PAGE.write_text("\n\n".join([before + MARK + "\n".join(lines), rest]), encoding="utf-8")


def ship() -> None:
    """Learn the strategy that ships, with more replications and evaluations than by default."""
    learned = kt.learn(
        kt.Scenario.load("friday"), "joint", replications=300, budget=1_000, seed=SEED
    )
    print(learned.verdict)
    assert learned.gains
    learned.save(SHIPPED)


def main(names: list[str]) -> None:
    for name in names or ROWS:
        if name == "ship":
            ship()
            continue
        print(f"--- {name}\n")
        fill(name, cells(ROWS[name]()))


if __name__ == "__main__":
    main(sys.argv[1:])
