"""Delays after receipt: of readiness and pickup, with what cannot be taken as missing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from kitchen.logs.instants import Times, localized
from kitchen.utils.formatting import span_text

DAY_S = 86400.0


class Clock:
    """When orders were received, in UTC and by the kitchen's wall clock."""

    def __init__(self, utc: pd.Series, zone, max_delay_s: float):
        self.utc, self.zone, self.max_delay_s = utc, zone, max_delay_s
        self.local = utc.dt.tz_convert(zone).dt.tz_localize(None)


def after_receipt(
    times: Times, clock: Clock, role: str, where: Callable, cells: pd.Series, count: Callable
) -> pd.Series:
    """Seconds from receipt to the times of a role; NaN where there is none or it cannot be.

    A time without its date that lies before receipt is of the next day: an order that crosses
    midnight. `count` takes a problem, the mask of its rows and what was done.
    """
    if times.after_s is not None:
        delay = times.after_s.copy()
    elif times.clock_s is not None:
        midnight = clock.local.dt.normalize()
        gap = times.clock_s - (clock.local - midnight).dt.total_seconds()
        night = (gap < 0) & (gap + DAY_S <= clock.max_delay_s)
        seconds = times.clock_s + DAY_S * night
        wall = midnight + pd.to_timedelta(seconds, unit="s").dt.as_unit("ns")
        utc = localized(role, wall, clock.zone, where, cells).utc
        delay = (utc - clock.utc).dt.total_seconds()
        count("a time without date, past midnight", night, "taken as the next day")
    else:
        delay = (times.utc - clock.utc).dt.total_seconds()
        night = (delay < 0) & (delay + DAY_S <= clock.max_delay_s)
        count("a day early, past midnight", night, "a day added")
        delay = delay + DAY_S * night
    before = (delay < 0).to_numpy()
    count("before receipt", before, "taken as missing")
    long = (delay > clock.max_delay_s).to_numpy()
    count(f"more than {span_text(clock.max_delay_s)} after receipt", long, "taken as missing")
    return delay.where(~(before | long), np.nan)
