"""One reading of a log: its phases, from the cells of a file to orders by evening."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath

import numpy as np
import pandas as pd

from kitchen.errors import LogError, listed, shown
from kitchen.logs import arguments
from kitchen.logs import columns as roles
from kitchen.logs import days as service
from kitchen.logs.delays import Clock, after_receipt
from kitchen.logs.dishes import join_dishes, menu_of
from kitchen.logs.instants import (
    clock_seconds,
    durations_of,
    looks_numeric,
    span_seconds,
    times_of,
    zone_of,
)
from kitchen.logs.log import Log
from kitchen.logs.problems import Problems
from kitchen.logs.table import BLANKS, Table, read_table, texts_of
from kitchen.utils.formatting import plain
from kitchen.utils.text import as_text
from kitchen.utils.validation import flag

HALF_HOUR_S = 1800.0
"""An evening without `between` opens at the half hour before its first order."""

TO_JUDGE_A_CLOCK = 20
"""Fewest orders of which it can be told that none came in the afternoon."""

ISO_EXAMPLE = "times as 2025-12-31T18:00:00+01:00"
"""What is always understood, for messages."""


class Reading:
    """One reading of a log: arguments checked, then phase by phase."""

    def __init__(self, source, **given):
        self.zone = zone_of(given["tz"])
        self.begins_s = clock_seconds("day_begins", given["day_begins"])
        self.between = arguments.between(given["between"])
        self.units = arguments.units(given["units"])
        self.dayfirst = None if given["dayfirst"] is None else flag("dayfirst", given["dayfirst"])
        self.cancelled = arguments.statuses(given["cancelled"])
        self.max_delay_s = span_seconds("max_delay", given["max_delay"])
        self.store = given["store"]
        self.dishes = {key: given[key] for key in ("temps", "shelf_life", "decay_rate")}
        self.menu = menu_of(given["menu"])
        self.table: Table = read_table(source)
        self.problems = Problems(len(self.table.frame) + len(self.table.ragged))
        self.columns, self.guessed = roles.assign(
            list(self.table.frame.columns), given["columns"], self.table.name
        )
        self.notes: list[str] = []

    def log(self) -> Log:
        """The log."""
        self._note_file()
        cells = self._cells()
        frame = self._orders(cells)
        frame = self._times(frame, cells)
        frame = self._repeated(frame)
        frame, opens_s = self._evenings(frame)
        frame, assumed = join_dishes(
            frame, self.menu, **self.dishes, problems=self.problems, where=self._where_row
        )
        keep = ["date", "day", "row", "store", "order_id", "name", "temp", "price", "shelf_life_s"]
        keep += ["decay_rate", "received_s", "ready_s", "pickup_s", "collected"]
        frame = frame[[column for column in keep if column in frame]].reset_index(drop=True)
        days = service.table_of_days(frame)
        for use, why in ((service.LEFT_OUT, "a partial day"), (service.ARRIVALS, "")):
            own = days.index[(days["use"] == use)]
            rows = frame["row"][frame["day"].isin(own)]
            what = f"day {use}: {why or 'pickups were not recorded'}"
            example = None if own.empty else str(days["date"][own[0]].date())
            done = f"{len(own)} of {len(days)} days not replayed"
            self.problems.add(what, rows, done, example)
        if not (days["use"] != service.LEFT_OUT).any():
            raise LogError(f"{self.table.name}: no evening can be used: {len(days)} were partial.")
        return Log(
            source=PurePath(self.table.name).name,
            zone=str(self.zone_used),
            opens_s=opens_s,
            guessed=self.guessed,
            columns=self.columns,
            assumed=tuple([*self.notes, *assumed]),
            frame=frame,
            days=days,
            problems=self.problems.frame(),
        )

    # --- Phases ---------------------------------------------------------------------------------

    def _where(self, index: int) -> str:
        return self._where_row(self.table.rows[index])

    def _where_row(self, row: int) -> str:
        return f"{self.table.name}: row {row}"

    def _note_file(self) -> None:
        table = self.table
        if table.ragged:
            rows, text = [row for row, _ in table.ragged], table.ragged[0][1]
            done = "row left out"
            self.problems.add("row with too many or too few cells", rows, done, text[:80])
        if table.encoding != "UTF-8":
            what = f"file is in {table.encoding}, not in UTF-8"
            self.problems.add(what, table.rows, "converted")

    def _cells(self) -> dict[str, pd.Series]:
        """The cells of each role, blanks counted and taken off."""
        cells = {}
        for role, column in self.columns.items():
            parts = column if isinstance(column, tuple) else (column,)
            cleaned = [self._cleaned(role, part) for part in parts]
            if len(cleaned) == 1:
                cells[role] = cleaned[0]
                continue
            date, time = (_as_text(part) for part in cleaned)
            date = date.str.replace(r"[ T]00:00(:00)?$", "", regex=True)
            time = time.str.replace(r"^\d+-\d+-\d+[ T]", "", regex=True)
            cells[role] = date + " " + time
        return cells

    def _cleaned(self, role: str, column: str) -> pd.Series:
        raw = self.table.frame[column]
        text = texts_of(raw)
        if pd.api.types.is_string_dtype(text.dtype):
            before = as_text(raw)
            padded = before.notna() & (before != before.str.strip()) & text.notna()
            self._count(f"{role}: blanks around the text", padded, "taken off", raw)
            signs = set(BLANKS) - {""}
            sign = text.isna() & before.str.strip().str.lower().isin(signs)
            self._count(f"{role}: a sign for nothing", sign, "taken as missing", raw)
        return text

    def _count(self, what: str, mask, done: str, cells: pd.Series | None = None) -> None:
        """Count rows of the file, given as a mask over all of them."""
        found = np.flatnonzero(np.asarray(mask))
        if found.size:
            example = None if cells is None else cells.iloc[found[0]]
            self.problems.add(what, self.table.rows[found], done, example)

    def _orders(self, cells) -> pd.DataFrame:
        """Rows that are orders of this kitchen: those cancelled and of other kitchens left out."""
        frame = pd.DataFrame({"row": self.table.rows})
        frame.attrs["decimal_comma"] = self.table.decimal_comma
        keep = np.ones(len(frame), dtype=bool)
        for role in ("order_id", "name", "temp", "price", "shelf_life_s", "decay_rate", "store"):
            if role in cells:
                frame[role] = cells[role]
        if "store" in cells:
            keep &= self._of_store(_as_text(cells["store"]))
        elif self.store is not None:
            raise LogError(
                "store: no column says which kitchen an order is of: columns={'store': ...}."
            )
        if "status" in cells:
            gone = _as_text(cells["status"]).str.lower().isin(self.cancelled).to_numpy() & keep
            self._count("cancelled", gone, "left out", cells["status"])
            keep &= ~gone
            self._note_statuses(cells["status"][keep])
        return frame[keep]

    def _note_statuses(self, kept: pd.Series) -> None:
        """Say which statuses count as cooked, as a list of cancelled ones is never complete."""
        names = [plain(name, 24) for name in _as_text(kept).dropna().unique()]
        if strange := [name for name in names if name.lower() not in arguments.COOKED]:
            self.notes.append(f"orders with these statuses were cooked: {listed(strange, 120)}")

    def _of_store(self, stores: pd.Series) -> np.ndarray:
        names = stores.dropna().unique()
        if self.store is None:
            if len(names) > 1:
                raise LogError(
                    f"{self.table.name}: holds {len(names):,} kitchens. Give one: store=, of "
                    f"{listed(map(repr, names), 120)}."
                )
            return np.ones(len(stores), dtype=bool)
        wanted = str(self.store)
        if wanted not in set(names):
            raise LogError(
                f"store: {shown(self.store)} is not in the log. There are: {listed(map(str, names))}."
            )
        own = (stores == wanted).fillna(False).to_numpy(dtype=bool)
        self._count("of another kitchen", ~own, "left out", stores)
        return own

    def _unit(self, role: str) -> str | None:
        """Unit of a role's numbers: as given, else as its column is named."""
        if role in self.units:
            return self.units[role]
        column = self.columns[role]
        unit = None if isinstance(column, tuple) else roles.plain_name(column)[1]
        if unit:
            self.notes.append(f"{role} is in {unit}, by the name of its column")
        return unit

    def _times(self, frame: pd.DataFrame, cells) -> pd.DataFrame:
        """Instants of receipt, and delays after it; what cannot be is missing."""
        times = {}

        def where(nth: int) -> str:
            return self._where_row(frame["row"].iloc[nth])

        for role in roles.INSTANTS:
            if role in cells:
                own = cells[role].loc[frame.index]
                unit = self._unit(role) if _may_be_numbers(own) else None
                times[role] = times_of(role, own, unit, self.dayfirst, self.zone, where)
                self.notes += times[role].notes
                if self.dayfirst is None:  # what received shows holds for the others
                    self.dayfirst = times[role].dayfirst
                self._add(
                    frame,
                    f"{role}: cannot be read",
                    own.notna() & _unread(times[role]),
                    _DONE[role],
                    own,
                )
                if times[role].shifted is not None:
                    done = "an hour added"
                    self._add(
                        frame, f"{role}: the clocks skipped it", times[role].shifted, done, own
                    )
        received = times["received"]
        if received.clock_s is not None:
            raise LogError(
                f"{self.table.name}: {shown(self.columns['received'])} has times without dates. Give "
                "both columns: columns={'received': [date, time]}."
            )
        missing = cells["received"].loc[frame.index].isna()
        self._add(frame, "received: missing", missing, "row left out", None)
        self.zone_used = self.zone or received.zone or "UTC"
        clock = Clock(received.utc, self.zone_used, self.max_delay_s)
        frame = frame.assign(utc=received.utc, local=clock.local)
        self._note_clock(frame["local"])
        for role in ("ready", "pickup"):
            delay = np.full(len(frame), np.nan)
            if role in times:
                own = cells[role].loc[frame.index]
                if times[role].after_s is not None:
                    self.notes.append(f"{role} counts from receipt")
                count = partial(self._of_role, frame, role, own)
                delay = after_receipt(times[role], clock, role, where, own, count)
            frame[f"{role}_after"] = delay
        if "prep" in cells and "ready" not in times:
            own = cells["prep"].loc[frame.index]
            prep = durations_of("prep", own, self._unit("prep"), where)
            bad = prep.notna() & ~prep.between(0, self.max_delay_s)
            self._add(frame, "prep: below 0 or too long", bad, "taken as missing", own)
            frame["ready_after"] = prep.mask(bad)
        no_pickup = frame["pickup_after"].isna() & frame["utc"].notna()
        self._add(frame, "pickup: missing", no_pickup, "as `missing` of trace() says", None)
        if {"ready", "prep"} & set(cells):
            self._fill_ready(frame)
        else:
            frame["ready_after"] = 0.0
        return frame[frame["utc"].notna()]

    def _note_clock(self, local: pd.Series) -> None:
        """Say so if all times could be of a clock of 12 hours whose AM and PM were lost."""
        hours = local.dropna().dt.hour
        if len(hours) >= TO_JUDGE_A_CLOCK and hours.between(1, 12).all():
            self.notes.append(
                "no order came after 12:59, and the clock has 24 hours (else export AM and PM)"
            )

    def _fill_ready(self, frame: pd.DataFrame) -> None:
        gone = frame["ready_after"].isna() & frame["utc"].notna()
        usual = frame["ready_after"].median()
        usual = 0.0 if np.isnan(usual) else usual
        self._add(frame, "ready: missing", gone, f"{usual:.0f} s after receipt, the median", None)
        frame["ready_after"] = frame["ready_after"].fillna(usual)

    def _add(self, frame, what, mask, done, cells) -> None:
        """Count rows of the orders that are left, given as a mask over them."""
        found = np.flatnonzero(np.asarray(mask, dtype=bool))
        if found.size:
            example = None if cells is None else cells.iloc[found[0]]
            self.problems.add(what, frame["row"].to_numpy()[found], done, example)

    def _of_role(self, frame, role: str, cells, what: str, mask, done: str) -> None:
        self._add(frame, f"{role}: {what}", mask, done, cells)

    def _repeated(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Sorted by receipt, orders that are there twice left out."""
        if not len(frame):
            raise LogError(
                f"{self.table.name}: no order is left: {_reasons(self.problems)}. Say which column "
                f"holds the time of receipt, columns={{'received': ...}}, or export {ISO_EXAMPLE}."
            )
        received = frame["utc"].astype("int64").to_numpy()
        back = np.r_[False, np.diff(received) < 0]
        self._add(frame, "received before the row above", back, "sorted by receipt", None)
        if 2 * back.sum() > len(frame):  # the newest first: so are those of the same second
            frame, received = frame.iloc[::-1], received[::-1]
        frame = frame.iloc[np.argsort(received, kind="stable")]
        if "order_id" in frame:
            frame = frame.assign(date=service.service_dates(frame["local"], self.begins_s))
            keys = ["order_id", "date", *(key for key in ("name",) if key in frame)]
            twice = frame["order_id"].notna() & frame.duplicated(keys)
            if 2 * twice.sum() > len(frame):
                raise LogError(
                    f"{self.table.name}: order_id: {twice.sum():,} of {len(frame):,} orders repeat the "
                    "number of another one of the evening, as if it were that of a dish. Name another "
                    "column, or leave it out: columns={'order_id': None}, --column order_id=."
                )
            self._add(frame, "the same order twice", twice, "the first kept", frame["order_id"])
            frame = frame[~twice]
        return frame

    def _evenings(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, float]:
        """Times as seconds from the opening of each service day; also the opening's local time."""
        frame = frame.assign(date=service.service_dates(frame["local"], self.begins_s))
        since = (frame["local"] - frame["date"]).dt.total_seconds()  # 14:00 to 38:00
        if self.between:
            opens_s, closes_s = (_after(s, self.begins_s) for s in self.between)
            closes_s += 86400.0 * (closes_s <= opens_s)
            out = ~since.between(opens_s, closes_s, inclusive="left")
            self._add(frame, "outside of opening hours", out, "left out", frame["local"])
            frame = frame[~out]
        else:
            opens_s = float(np.floor(since.min() / HALF_HOUR_S) * HALF_HOUR_S)
        if not len(frame):
            raise LogError(
                f"{self.table.name}: no order came between {' and '.join(_texts(self.between))}."
            )
        opening = service.openings(frame["date"], opens_s, self.zone_used)
        received = (frame["utc"] - opening).astype("int64") / 1e9
        frame = frame.assign(
            received_s=np.maximum(received, 0.0),
            ready_s=np.maximum(received, 0.0) + frame["ready_after"],
            pickup_s=np.maximum(received, 0.0) + frame["pickup_after"],
        )
        frame["collected"] = frame["pickup_s"].notna()
        frame["day"] = pd.factorize(frame["date"], sort=True)[0].astype("int64")
        return frame.sort_values(["day", "received_s"], kind="stable"), opens_s % 86400.0


_DONE = {"received": "row left out", "ready": "taken as missing", "pickup": "taken as missing"}


def _unread(times) -> pd.Series:
    """Whether each cell of a column has no time."""
    for values in (times.clock_s, times.after_s):
        if values is not None:
            return values.isna()
    return times.utc.isna()


def _may_be_numbers(cells: pd.Series) -> bool:
    return not pd.api.types.is_datetime64_any_dtype(cells) and looks_numeric(cells)


def _as_text(cells: pd.Series) -> pd.Series:
    """Cells as text, whole numbers without a fraction."""
    if pd.api.types.is_float_dtype(cells) and (cells.dropna() % 1 == 0).all():
        return as_text(cells.astype("Int64")).where(cells.notna())
    return as_text(cells).where(cells.notna())


def _reasons(problems: Problems) -> str:
    """What left rows out, with the first of those that could not be read."""
    frame = problems.frame()
    texts = []
    for row in frame[frame["done"].str.contains("left out")].itertuples():
        first = f", as {shown(row.example)} in row {row.first_row}"
        texts.append(f"{row.rows:,} {row.problem}{'' if pd.isna(row.example) else first}")
    return "; ".join(texts) or "none has a time"


def _after(clock_s: float, begins_s: float) -> float:
    """A time of day in seconds after midnight of the service day's date."""
    return clock_s if clock_s >= begins_s else clock_s + 86400.0


def _texts(between) -> list[str]:
    return [f"{int(s // 3600):02}:{int(s % 3600 // 60):02}" for s in between]
