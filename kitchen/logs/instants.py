"""Times of a log: texts and numbers as instants in UTC, time zones, and durations."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from kitchen.errors import LogError, shown
from kitchen.logs.columns import UNIT_OF
from kitchen.logs.table import numbers_of
from kitchen.utils.text import as_text
from kitchen.utils.validation import is_finite, one_of

SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
"""Units of numbers -> seconds."""

EPOCHS = {
    "epoch_s": (1e9, 4e9, 1.0),
    "epoch_ms": (1e12, 4e12, 1e-3),
    "epoch_us": (1e15, 4e15, 1e-6),
}
"""Units of times since 1970 -> the numbers of the years 2001 to 2096, and seconds."""

ISO = r"^\d{4}-\d{1,2}-\d{1,2}"
OFFSET = r"\d:\d\d.*?(?:Z|[+-]\d\d:?(?:\d\d)?)$"
CLOCK = r"^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*([AaPp])?\.?[Mm]?\.?$"
SLASHED = r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?!\d)[ T,]*"

ODD = r"[^0-9T:.+/ Z-]"
"""What times of ISO and dates with slashes do not have."""

SPELLINGS = (
    (r"(?i)(?<![a-z])([ap])\.\s?m\.?(?![a-z])", r"\1m"),  # 5:30 p.m.
    (r"(?i)(?<![\d:.])(\d{1,2})(?:\s?h\s?|\.)(\d\d)(?:\s*uhr)$", r"\1:\2"),  # 17.30 Uhr
    (r"(?i)(?<![\d:])(\d{1,2})\s?h\s?(\d\d)$", r"\1:\2"),  # 17h30
    (r"(?i)(:\d\d)\s*(?:uhr|hrs?|h)\.?$", r"\1"),  # 17:30 Uhr
    (r"(:\d\d),(\d+)$", r"\1.\2"),  # 17:30:10,250
    (r"(?i)(\d)\s*(?:utc|gmt)$", r"\1Z"),
)
"""Spellings of times -> how they are read."""

NAMED_ZONE = r"\d\s*(?!AM|PM)[A-Z]{2,5}(?:\s+\d{4})?$"
"""Times with a name of a zone, which may mean several: they cannot be read."""

PLAIN_SLASHED = r"^\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2}"

FORMATS = (
    "%H:%M:%S",
    "%H:%M",
    "%H:%M:%S.%f",
    "%I:%M:%S %p",
    "%I:%M %p",
    "%I:%M:%S%p",
    "%I:%M%p",
)
"""How the time is written after a date with slashes."""


@dataclass
class Times:
    """A column of times as it was understood.

    Attributes
    ----------
    utc : Series of datetime64[ns, UTC]
        NaT where there is none.
    clock_s : Series or None
        Seconds since midnight, in a column of times without dates; `utc` is empty then.
    after_s : Series or None
        Seconds after receipt, in a column of bare numbers.
    zone : tzinfo, str or None
        Of the column's own times; None where its texts name none.
    dayfirst : bool or None
        Whether the day is first in dates with slashes; None where there are none.
    shifted : array of bool
        Times that the clocks skipped when they went forward.
    notes : list of str
        What was assumed, for the verdict.
    """

    utc: pd.Series
    clock_s: pd.Series | None = None
    after_s: pd.Series | None = None
    zone: object = None
    dayfirst: bool | None = None
    shifted: np.ndarray | None = None
    notes: list = field(default_factory=list)


def _in_ns(times: pd.Series) -> pd.Series:
    """Times in nanoseconds; NaT in place of those that are of no evening, as year 9999."""
    zone = times.dt.tz
    low, high = (pd.Timestamp(year, tz=zone) for year in ("1900-01-01", "2200-01-01"))
    return times.where((times >= low) & (times < high)).dt.as_unit("ns")


def zone_of(tz) -> ZoneInfo | None:
    """A time zone by its name in the IANA database.

    Raises
    ------
    LogError
    """
    if tz is None:
        return None
    try:
        if not isinstance(tz, str) or not tz:
            raise ValueError
        return ZoneInfo(tz)
    except (ValueError, OSError, LookupError):
        raise LogError(
            f"tz: must be the name of a time zone, as 'Europe/London', got {shown(tz)}."
        ) from None


def clock_seconds(key: str, value) -> float:
    """A time of day such as "14:00" in seconds after midnight.

    Raises
    ------
    LogError
    """
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", value) if isinstance(value, str) else None
    if (
        found
        and (seconds := 3600 * int(found[1]) + 60 * int(found[2])) < 86400
        and int(found[2]) < 60
    ):
        return float(seconds)
    raise LogError(f"{key}: must be a time of day, as '14:00', got {shown(value)}.")


def span_seconds(key: str, value) -> float:
    """A duration such as "4h" or "90min", or a number of seconds, in seconds.

    Raises
    ------
    LogError
    """
    if isinstance(value, str):
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h)\s*", value)
        seconds = float(found[1]) * SECONDS[found[2]] if found else -1.0
    else:
        seconds = float(value) if is_finite(value) else -1.0
    if not 0 < seconds < 1e9:
        raise LogError(f"{key}: must be a time above 0, as '4h' or '90min', got {shown(value)}.")
    return seconds


def durations_of(role: str, series: pd.Series, unit: str | None, where) -> pd.Series:
    """Cells as seconds: h:mm:ss, mm:ss, "12 min", or numbers in a unit.

    Raises
    ------
    LogError
        For bare numbers without a unit.
    """
    numbers = numbers_of(series)
    if numbers.notna().any():
        if unit is None:
            raise LogError(_without_unit(role, series, numbers, where, SECONDS))
        one_of(f"units: {role}", unit, SECONDS, LogError)
        numbers = numbers * SECONDS[unit]
    if pd.api.types.is_numeric_dtype(series):
        return numbers
    text = as_text(series)
    parts = text.str.extract(r"^(?:(\d+):)?(\d{1,3}):(\d{2}(?:\.\d+)?)$").astype("float64")
    clock = parts[0].fillna(0.0) * 3600 + parts[1] * 60 + parts[2]
    named = text.str.extract(r"^(\d+(?:[.,]\d+)?)\s*([A-Za-z]+)\.?$")
    scale = named[1].str.lower().map(UNIT_OF).map(SECONDS).astype("float64")
    worded = pd.to_numeric(named[0].str.replace(",", ".", regex=False)).astype("float64") * scale
    return numbers.fillna(clock).fillna(worded)


def times_of(role: str, series: pd.Series, unit, dayfirst, tz: ZoneInfo | None, where) -> Times:
    """A column of times as instants in UTC.

    Parameters
    ----------
    role : str
    series : Series
        Cells without blanks, missing where there is no value.
    unit : str or None
        Of bare numbers.
    dayfirst : bool or None
        Whether 3/4/2025 is in April; None where it must be plain.
    tz : ZoneInfo or None
        Of times without offset.
    where : callable
        (index of a cell) -> how a message about it begins.

    Raises
    ------
    LogError
    """
    nothing = pd.Series(pd.NaT, series.index, dtype="datetime64[ns, UTC]")
    if pd.api.types.is_datetime64_any_dtype(series):
        if series.dt.tz is not None:
            known = series.dt.tz
            return Times(_in_ns(series.dt.tz_convert("UTC")), zone=known)
        return localized(role, _in_ns(series), tz, where, series)
    numbers = numbers_of(series) if looks_numeric(series) else None
    if numbers is not None:
        return _from_numbers(role, series, numbers, unit, where)
    series = _respelled(as_text(series))
    clock = series.str.extract(CLOCK)
    if clock[0].notna().mean() > 0.5 * series.notna().mean() and series.notna().any():
        parts = clock[[0, 1, 2]].astype("float64")
        afternoon = clock[3].str.lower()
        hour = parts[0].where(afternoon.isna(), parts[0] % 12 + 12 * (afternoon == "p"))
        seconds = hour * 3600 + parts[1] * 60 + parts[2].fillna(0.0)
        return Times(nothing, clock_s=seconds.where((seconds < 86400) & (parts[1] < 60)))
    return _from_texts(role, series, dayfirst, tz, where)


def _respelled(text: pd.Series) -> pd.Series:
    """Times as ISO and English spell them."""
    odd = text.str.contains(ODD, regex=True, na=False)  # all else would take a million rows long
    if not odd.any():
        return text
    found = text[odd]
    for spelling, plain in SPELLINGS:
        found = found.str.replace(spelling, plain, regex=True)
    return text.mask(odd, found)


def looks_numeric(series: pd.Series) -> bool:
    if pd.api.types.is_numeric_dtype(series):
        return True
    known = series.dropna()
    head = known.iloc[:200]
    return bool(len(head)) and head.str.fullmatch(r"[+-]?\d+(?:[.,]\d+)?").mean() > 0.5


def _from_numbers(role, series, numbers, unit, where) -> Times:
    notes = []
    if unit is None:
        middle = numbers.median()
        unit = next((u for u, (low, high, _) in EPOCHS.items() if low <= middle < high), None)
        if unit is None and numbers.notna().any():
            raise LogError(_without_unit(role, series, numbers, where, [*SECONDS, *EPOCHS]))
        if unit:
            notes.append(f"{role} counts {unit.removeprefix('epoch_')} since 1970")
    one_of(f"units: {role}", unit or "s", [*SECONDS, *EPOCHS], LogError)
    nothing = pd.Series(pd.NaT, series.index, dtype="datetime64[ns, UTC]")
    scale = EPOCHS[unit][2] if unit in EPOCHS else SECONDS[unit or "s"]
    seconds = numbers * scale
    if unit in SECONDS and role != "received":
        return Times(nothing, after_s=seconds, notes=notes)
    fits = seconds.between(-4e9, 4.2e9)
    whole = np.floor(seconds.where(fits, 0.0))
    count = whole.astype("int64") * 10**9 + (
        (seconds.where(fits, 0.0) - whole) * 1e9
    ).round().astype("int64")
    utc = pd.to_datetime(count.where(fits), unit="ns", utc=True).dt.as_unit("ns")
    return Times(utc, zone="UTC", notes=notes)


def _without_unit(role, series, numbers, where, units) -> str:
    row = int(np.flatnonzero(numbers.notna())[0])
    return (
        f"{where(row)}, {role}: {shown(series.iloc[row])} is a number without a unit. "
        f"Give it: units={{{role!r}: ...}}, one of {', '.join(units)}."
    )


def _from_texts(role, text: pd.Series, dayfirst, tz, where) -> Times:
    """Instants from texts with dates."""
    iso = text.str.contains(ISO, regex=True, na=False)
    offset = text.str.contains(OFFSET, regex=True, na=False)
    _refuse_dates_alone(role, text, where)
    naive = pd.Series(pd.NaT, text.index, dtype="datetime64[ns]")
    utc = pd.Series(pd.NaT, text.index, dtype="datetime64[ns, UTC]")
    both = iso & offset
    zone = None
    if both.any():
        found = pd.to_datetime(text.where(both), utc=True, errors="coerce", format="ISO8601")
        utc = utc.mask(both, _in_ns(found))
        zone = tz or _one_offset(role, text, both, where)
    plain = iso & ~offset
    if plain.any():
        found = pd.to_datetime(text.where(plain), errors="coerce", format="ISO8601")
        naive = naive.mask(plain, _in_ns(found))
    slashed = text.str.match(PLAIN_SLASHED, na=False) & ~iso
    if slashed.any():
        dayfirst = _day_is_first(role, text, slashed, dayfirst, where)
        naive = naive.mask(slashed, _slashed(text[slashed], dayfirst).reindex(text.index))
    rest = (
        text.notna()
        & ~iso
        & ~slashed
        & text.str.contains(r"\d{4}.*\d:\d\d|\d:\d\d.*\d{4}", regex=True, na=False)
    )
    if rest.any():
        rest &= ~text.where(rest).str.contains(NAMED_ZONE, regex=True, na=False)
        zoned = rest & offset
        if zoned.any():
            found = pd.to_datetime(text.where(zoned), utc=True, errors="coerce", format="mixed")
            utc = utc.mask(zoned, _in_ns(found))
            zone = zone or tz or _one_offset(role, text, zoned, where)
        plain_rest = rest & ~offset
        if plain_rest.any():
            found = pd.to_datetime(text.where(plain_rest), errors="coerce", format="mixed")
            naive = naive.mask(plain_rest, _in_ns(found))
    if naive.notna().any():
        if utc.notna().any() and tz is None:
            row = int(np.flatnonzero(naive.notna())[0])
            raise LogError(
                f"{where(row)}, {role}: {shown(text.iloc[row])} has no offset from UTC, as others "
                "have. Give tz=, as 'Europe/London'."
            )
        local = localized(role, naive, tz, where, text)
        return Times(
            utc.fillna(local.utc),
            zone=zone or local.zone,
            dayfirst=dayfirst if slashed.any() else None,
            shifted=local.shifted,
            notes=local.notes,
        )
    return Times(utc, zone=zone)


def _refuse_dates_alone(role, text: pd.Series, where) -> None:
    alone = text.str.contains(r"^[\d/.\-]{6,10}(?:[ T]00:00(?::00)?)?$", regex=True, na=False)
    if len(text) and alone.sum() > 0.5 * text.notna().sum():
        row = int(np.flatnonzero(alone)[0])
        raise LogError(
            f"{where(row)}, {role}: {shown(text.iloc[row])} is a date without a time. Give both "
            f"columns: columns={{{role!r}: [date, time]}}."
        )


def _one_offset(role, text: pd.Series, mask: pd.Series, where):
    """The only offset of texts, as a zone; several cannot tell the clock of the kitchen."""
    found = text.where(mask).str.extract(r"(Z|[+-]\d\d:?(?:\d\d)?)$")[0]
    offsets = found.dropna().unique()
    if len(offsets) > 1:
        row = int(np.flatnonzero(found.notna() & (found != offsets[0]))[0])
        raise LogError(
            f"{where(row)}, {role}: {shown(text.iloc[row])} has another offset than those above, "
            f"{offsets[0]}, so the kitchen's clock is not known. Give tz=, as 'Europe/London'."
        )
    if offsets[0] in ("Z", "+00:00", "+0000", "+00"):
        return "UTC"
    return pd.Timestamp(f"2000-01-01T00:00:00{offsets[0]}").tzinfo


def _day_is_first(role, text, slashed, dayfirst, where) -> bool:
    """Whether the day is first in dates with slashes, as given or as some row shows."""

    def place(mask) -> tuple[str, str]:
        row = int(np.flatnonzero(mask)[0])
        return f"{where(row)}, {role}", shown(text.iloc[row])

    short = text.str.match(r"^\d{1,2}-\d{1,2}-\d{2}(?:\D|$)", na=False) & slashed
    if short.any():
        begin, got = place(short)
        raise LogError(f"{begin}: the year of {got} is not plain. Export dates as 2025-12-31.")
    if dayfirst is not None:
        return dayfirst
    parts = text.str.extract(SLASHED)
    first, second = (pd.to_numeric(parts[side].where(slashed)) > 12 for side in (0, 1))
    if first.any() and second.any():
        begin, got = place(second)
        raise LogError(
            f"{begin}: {got} has the month first and other rows have the day first. "
            "Give dayfirst=True or False."
        )
    if not first.any() and not second.any():
        begin, got = place(slashed)
        raise LogError(
            f"{begin}: {got} can be read as day and month or as month and day. "
            "Give dayfirst=True or False."
        )
    return bool(first.any())


def _slashed(text: pd.Series, dayfirst: bool) -> pd.Series:
    """Times after dates such as 31/12/2025 or 12.31.25."""
    parts = text.str.extract(SLASHED)
    first, second = (pd.to_numeric(parts[side]) for side in (0, 1))
    days, months = (first, second) if dayfirst else (second, first)
    year = pd.to_numeric(parts[2])
    year = year.where(parts[2].str.len() == 4, 2000 + year)
    date = pd.to_datetime({"year": year, "month": months, "day": days}, errors="coerce")
    rest = text.str.replace(SLASHED, "", regex=True).str.upper()
    clock = pd.Series(pd.NaT, rest.index, dtype="datetime64[ns]")
    for form in FORMATS:
        left = clock.isna()
        if not left.any():
            break
        found = pd.to_datetime(
            "2000-01-01 " + rest[left], format=f"%Y-%m-%d {form}", errors="coerce"
        )
        clock.loc[left] = _in_ns(found)
    return _in_ns(date) + (clock - pd.Timestamp("2000-01-01"))


def localized(role, naive: pd.Series, tz, where, text) -> Times:
    """Local times as instants; without a zone as they are."""
    if tz is None:
        note = f"{role} has no time zone: taken as it is, without daylight saving"
        return Times(naive.dt.tz_localize("UTC"), zone="UTC", notes=[note])
    local = naive.dt.tz_localize(tz, ambiguous="NaT", nonexistent="NaT")
    lost = naive.notna() & local.isna()
    shifted = np.zeros(len(naive), dtype=bool)
    if lost.any():
        moved = naive[lost].dt.tz_localize(tz, ambiguous="NaT", nonexistent="shift_forward")
        if moved.isna().any():
            row = int(np.flatnonzero(naive.index.isin(moved.index[moved.isna()]))[0])
            raise LogError(
                f"{where(row)}, {role}: {shown(str(text.iloc[row]))} is there twice in {tz}, when "
                "the clocks go back. Export times with their offset from UTC."
            )
        local = local.mask(lost, moved.reindex(local.index))
        shifted = lost.to_numpy()
    return Times(local.dt.tz_convert("UTC"), zone=tz, shifted=shifted)
