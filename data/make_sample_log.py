"""Makes data/sample_log.csv: four weeks of an invented kitchen's orders, as a till would export them.

No order, dish or time is of a real kitchen or person. The evenings differ in how busy they are and
how slow couriers are; some pickups are missing, on two evenings nearly all; names and temps are
written as people write them. The kitchen is open past midnight, and on 26 October the clocks go back.

    python data/make_sample_log.py
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from math import exp, floor
from pathlib import Path
from statistics import NormalDist
from zoneinfo import ZoneInfo

import numpy as np

FOLDER = Path(__file__).resolve().parent
FILE = FOLDER / "sample_log.csv"
MENU = FOLDER.parent / "kitchen" / "model" / "scenarios" / "dinner_orders.csv"

ZONE = ZoneInfo("Europe/London")
FIRST_DAY = datetime(2025, 10, 13)
DAYS = 28
OPENS_H = 18
"""Local hour at which the kitchen opens."""

RATES = [24, 36, 50, 56, 48, 36, 24, 16, 10]
"""Mean number of orders in each hour from the opening on; 300 in all, the last ends at 3:00."""

BUSY, SLOW = 0.12, 0.08
"""Standard deviations of the logarithms of an evening's rate and of its couriers' delays."""

MEDIAN_DELAY_S, SIGMA = 744.0, 0.55
MISSING, UNRECORDED = 0.08, {9: 0.95, 20: 0.93}
"""Share of missing pickups; of the evenings whose couriers were hardly recorded."""

CANCELLED, TWICE, PADDED, SHOUTED = 0.015, 0.003, 0.04, 0.06
STORAGE = {"hot": "Hot", "cold": "Chilled", "frozen": "Frozen"}
HEADER = ["Order No", "Placed at", "Dish", "Storage", "Price (EUR)", "Collected at", "Status"]


def sample_log() -> str:
    """The text of the file: the same on every machine, as it rests on uniform numbers alone."""
    rng = np.random.Generator(np.random.PCG64(20251013))
    with open(MENU, encoding="utf-8", newline="") as file:
        dishes = list(csv.DictReader(file))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    number = 10_000
    for day in range(DAYS):
        for row in _evening(rng, day, dishes):
            number += 1
            writer.writerow([number, *row])
            if rng.random() < TWICE:
                writer.writerow([number, *row])
    return out.getvalue()


def _evening(rng, day: int, dishes: list[dict]) -> list[list[str]]:
    opening = (FIRST_DAY + timedelta(days=day, hours=OPENS_H)).replace(tzinfo=ZONE).astimezone(UTC)
    busy, slow = (exp(sd * _normal(rng) - sd * sd / 2) for sd in (BUSY, SLOW))
    times = _arrivals(rng, [busy * rate for rate in RATES])
    rows = []
    for received_s in times:
        dish = dishes[floor(rng.random() * len(dishes))]
        delay_s = slow * MEDIAN_DELAY_S * exp(SIGMA * _normal(rng))
        pickup_s = received_s + min(max(round(delay_s), 30), 3 * 3600)
        missing = rng.random() < UNRECORDED.get(day, MISSING)
        cancelled = rng.random() < CANCELLED
        rows.append(
            [
                _written(opening, received_s),
                _as_typed(rng, dish["name"]),
                STORAGE[dish["temp"]] if rng.random() > PADDED else f"{dish['temp'].upper()} ",
                f"{float(dish['price']):.2f}",
                ("" if rng.random() < 0.8 else "N/A") if missing else _written(opening, pickup_s),
                "cancelled" if cancelled else "delivered",
            ]
        )
    return rows


def _arrivals(rng, rates: list[float]) -> list[int]:
    """Times of a Poisson process in whole seconds, by gaps in operational time."""
    ends = np.cumsum(rates)
    times, mass = [], 0.0
    while True:
        mass -= float(np.log1p(-rng.random()))
        hour = int(np.searchsorted(ends, mass, side="right"))
        if hour >= len(rates):
            return times
        inside = (mass - (ends[hour] - rates[hour])) / rates[hour]
        times.append(floor(3600 * (hour + inside)))


def _as_typed(rng, name: str) -> str:
    u = rng.random()
    return f"{name}  " if u < PADDED else name.upper() if u < PADDED + SHOUTED else name


def _written(opening: datetime, seconds: int) -> str:
    return (opening + timedelta(seconds=seconds)).astimezone(ZONE).isoformat()


def _normal(rng) -> float:
    return NormalDist().inv_cdf(max(rng.random(), 1e-12))


if __name__ == "__main__":
    FILE.write_text(sample_log(), encoding="utf-8", newline="\n")
