"""Service days of a log: when each opens, which are partial, which can be used."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kitchen.utils.text import text_dtype

USED, ARRIVALS, LEFT_OUT = "yes", "arrivals only", "left out"
"""What a day can be used for."""

FEW = 0.3
"""A day with fewer orders than this share of the median day is partial."""

FEW_AT_THE_ENDS = 0.6
"""The same of the first and the last day, in which logs begin and end."""

MUCH_MISSING = 0.15
"""By how much the share of missing pickups may exceed the median day's before they count as not recorded."""

MISSING_AT_LEAST = 0.3
"""Share of missing pickups below which a day is always used."""

TO_JUDGE = 3
"""Fewest days of which some can be told to be partial."""


def service_dates(local: pd.Series, begins_s: float) -> pd.Series:
    """The date of each order's service day: what comes before it begins belongs to the day before."""
    return (local - pd.Timedelta(seconds=begins_s)).dt.normalize()


def openings(dates: pd.Series, opens_s: float, zone) -> pd.Series:
    """The instant in UTC at which the service day of each date opens, by the wall clock.

    `opens_s` counts from midnight of the date, and passes 86,400 where a day opens after midnight.
    """
    wall = pd.Series(dates.unique()) + pd.Timedelta(seconds=opens_s)
    first = np.ones(len(wall), dtype=bool)  # of the two in the doubled hour
    local = wall.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    instants = local.dt.tz_convert("UTC").dt.as_unit("ns").set_axis(dates.unique())
    return dates.map(instants)


def table_of_days(frame: pd.DataFrame) -> pd.DataFrame:
    """Date, orders, missing pickups, median delay and use of each service day, from `Log.frame`."""
    groups = frame.groupby("day", sort=True)
    delays = (frame["pickup_s"] - frame["received_s"]).groupby(frame["day"]).median()
    days = pd.DataFrame(
        {
            "date": groups["date"].first(),
            "orders": groups.size().astype("int64"),
            "pickup_missing": 1.0 - groups["collected"].mean(),
            "delay_median_s": delays,
        }
    )
    missing, orders = days["pickup_missing"], days["orders"]
    usual = missing.median() if missing.median() < 1 else 0.0
    use = np.where(missing > max(MISSING_AT_LEAST, usual + MUCH_MISSING), ARRIVALS, USED).astype(
        object
    )
    why = np.where(use == ARRIVALS, "pickups were not recorded", "").astype(object)
    if len(days) >= TO_JUDGE:
        least = np.full(len(days), FEW)
        least[[0, -1]] = FEW_AT_THE_ENDS
        partial = orders.to_numpy() < least * orders.median()
        use[partial] = LEFT_OUT
        why[partial] = "a partial day"
    days["use"], days["why"] = use, why
    return days.reset_index(drop=True).astype({"use": text_dtype(), "why": text_dtype()})
