"""Spoiled variants of a clean log: each is repaired and counted, or refused in one line."""

import json
from copy import deepcopy
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from support.logs import MAPPING, write

import kitchen as kt

LONDON = ZoneInfo("Europe/London")
TIMES = ("Placed at", "Collected at")


def instant(text):
    return datetime.fromisoformat(text)


def each_time(rows, change):
    for row in rows:
        for column in TIMES:
            if row[column]:
                row[column] = change(instant(row[column]))
    return rows


def before_the_clocks(rows):
    """Without the evenings after which local times are ambiguous."""
    return [row for row in rows if row["Placed at"] < "2025-10-25T12"]


def same(log, clean, but=("row",)):
    """Whether two logs hold the same orders, whatever their files look like."""
    drop = list(but)
    pd.testing.assert_frame_equal(
        log.frame.drop(columns=drop), clean.frame.drop(columns=drop), check_exact=False, atol=1e-6
    )


def counted(log, problem):
    found = log.problems[log.problems["problem"].str.contains(problem, regex=False)]
    assert len(found) == 1, log.problems
    return int(found["rows"].iloc[0])


def read(rows, tmp_path, **options):
    delimiter, encoding = options.pop("delimiter", ","), options.pop("encoding", "utf-8")
    path = write(rows, tmp_path / options.pop("file", "log.csv"), delimiter, encoding)
    return kt.read_log(path, mapping=MAPPING, **options)


@pytest.fixture
def rows(week):
    return deepcopy(week)


# --- Spelling and files: nothing to repair ------------------------------------------------------


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_any_usual_delimiter(rows, clean, tmp_path, delimiter):
    same(read(rows, tmp_path, delimiter=delimiter), clean)


def test_tabs_in_a_tsv(rows, clean, tmp_path):
    same(read(rows, tmp_path, delimiter="\t", file="log.tsv"), clean)


def test_decimal_commas(rows, clean, tmp_path):
    for row in rows:
        row["Price (EUR)"] = row["Price (EUR)"].replace(".", ",")
    same(read(rows, tmp_path, delimiter=";"), clean)


def test_signs_of_currency(rows, clean, tmp_path):
    for row in rows:
        row["Price (EUR)"] = f"€ {row['Price (EUR)']}"
    same(read(rows, tmp_path), clean)


def test_a_byte_order_mark(rows, clean, tmp_path):
    same(read(rows, tmp_path, encoding="utf-8-sig"), clean)


def test_utf16(rows, clean, tmp_path):
    log = read(rows, tmp_path, encoding="utf-16")
    same(log, clean)
    assert counted(log, "UTF-16") == len(rows)


def test_windows_1252(rows, clean, tmp_path):
    rows[0]["Dish"] = "Crème brûlée"
    own = read(rows, tmp_path)
    log = read(rows, tmp_path, encoding="cp1252")
    same(log, own)
    assert counted(log, "Windows-1252") == len(rows)


def test_a_line_sep(rows, clean, tmp_path):
    path = write(rows, tmp_path / "log.csv", ";")
    path.write_text("sep=;\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    same(kt.read_log(path, mapping=MAPPING), clean)


@pytest.mark.parametrize("kind", ["json", "jsonl", "parquet", "xlsx"])
def test_other_formats(rows, clean, tmp_path, kind):
    path, frame = tmp_path / f"log.{kind}", pd.DataFrame(rows)
    if kind == "json":
        path.write_text(json.dumps({"orders": rows}), encoding="utf-8")
    elif kind == "jsonl":
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    elif kind == "parquet":
        frame["Placed at"] = pd.to_datetime(frame["Placed at"], utc=True)
        frame.to_parquet(path)
    else:
        frame.to_excel(path, index=False)
    same(kt.read_log(path, mapping=MAPPING), clean)


def test_a_data_frame_with_times(rows, clean):
    frame = pd.DataFrame(rows)
    for column in TIMES:
        frame[column] = pd.to_datetime(frame[column].replace("", None), utc=True)
    before = frame.copy(deep=True)
    same(kt.read_log(frame, mapping=MAPPING), clean)
    pd.testing.assert_frame_equal(frame, before)


def test_times_in_utc(rows, clean, tmp_path):
    each_time(rows, lambda t: t.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ"))
    same(read(rows, tmp_path), clean)


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 1000)])
def test_seconds_since_1970_are_recognised(rows, clean, tmp_path, unit, factor):
    log = read(each_time(rows, lambda t: str(int(t.timestamp() * factor))), tmp_path)
    same(log, clean)
    assert f"received counts {unit} since 1970" in log.verdict


def test_days_first_where_a_row_shows_it(rows, tmp_path):
    rows = before_the_clocks(rows)
    own = read(deepcopy(rows), tmp_path)
    same(read(each_time(rows, lambda t: t.strftime("%d/%m/%Y %H:%M:%S")), tmp_path), own)


def test_months_first_with_pm(rows, tmp_path):
    rows = before_the_clocks(rows)
    own = read(deepcopy(rows), tmp_path)
    same(read(each_time(rows, lambda t: t.strftime("%m/%d/%y %I:%M:%S %p")), tmp_path), own)


def test_date_and_time_in_two_columns_and_pickups_without_a_date(rows, tmp_path):
    rows = before_the_clocks(rows)
    own = read(deepcopy(rows), tmp_path)
    nights = 0
    for row in rows:
        placed = instant(row.pop("Placed at"))
        row["Order date"], row["Order time"] = placed.strftime("%Y-%m-%d"), placed.strftime("%H:%M:%S")  # fmt: skip
        if row["Collected at"]:
            nights += instant(row["Collected at"]).date() > placed.date()
            row["Collected at"] = instant(row["Collected at"]).strftime("%H:%M:%S")
    log = read(rows, tmp_path)
    same(log, own)
    assert counted(log, "past midnight") == nights > 0


def test_pickups_as_minutes_after_receipt(rows, clean, tmp_path):
    for row in rows:
        taken = row.pop("Collected at")
        wait = (instant(taken) - instant(row["Placed at"])).total_seconds() if taken else ""
        row["wait"] = f"{wait / 60:.9f}" if taken else ""
    log = read(rows, tmp_path, columns={"pickup": "wait"}, units={"pickup": "min"})
    same(log, clean)


# --- Repaired and counted -----------------------------------------------------------------------


def test_pickups_a_day_early_cross_midnight(rows, clean, tmp_path):
    changed = 0
    for row in rows:
        if row["Collected at"]:
            placed, taken = instant(row["Placed at"]), instant(row["Collected at"])
            if taken.date() > placed.date():
                row["Collected at"] = (taken - timedelta(days=1)).isoformat()
                changed += 1
    log = read(rows, tmp_path)
    same(log, clean)
    assert counted(log, "a day early") == changed > 0


def test_texts_for_nothing(rows, clean, tmp_path):
    signs = ["-", "n/a", "NULL", "NaN", "None", " "]
    changed = 0
    for place, row in enumerate(rows):
        if not row["Collected at"]:
            row["Collected at"] = signs[place % len(signs)]
            changed += signs[place % len(signs)] != " "
    log = read(rows, tmp_path)
    same(log, clean)
    assert counted(log, "pickup: a sign for nothing") == changed > 0


def test_trailing_blanks(rows, clean, tmp_path):
    for row in rows[:40]:
        row["Dish"] += "  "
        row["Storage"] = f" {row['Storage']}"
        row["Placed at"] += " "
    log = read(rows, tmp_path)
    same(log, clean)
    assert {counted(log, f"{role}: blanks") for role in ("name", "temp", "received")} == {40}


def test_orders_that_are_there_twice(rows, clean, tmp_path):
    log = read(rows[:30] + rows, tmp_path)
    same(log, clean)
    assert counted(log, "twice") == 30


def test_cancelled_orders(rows, clean, tmp_path):
    more = [{**row, "Order No": f"x{row['Order No']}", "Status": "Cancelled "} for row in rows[:20]]
    log = read(more + rows, tmp_path)
    same(log, clean)
    assert counted(log, "cancelled") == 20


def test_rows_in_another_order(rows, clean, tmp_path):
    log = read(rows[::-1], tmp_path)
    same(log, clean)
    assert counted(log, "received before the row above") > len(rows) / 2


def test_rows_without_receipt(rows, clean, tmp_path):
    more = [{**rows[0], "Order No": f"y{n}", "Placed at": ""} for n in range(7)]
    log = read(rows + more, tmp_path)
    same(log, clean)
    assert counted(log, "received: missing") == 7


def test_unreadable_times(rows, clean, tmp_path):
    more = [{**rows[0], "Order No": f"y{n}", "Placed at": "about six"} for n in range(5)]
    log = read(rows + more, tmp_path)
    same(log, clean)
    assert counted(log, "received: cannot be read") == 5
    found = log.problems.set_index("problem").loc["received: cannot be read"]
    assert (found["first_row"], found["example"]) == (len(rows) + 2, "about six")


def test_years_that_no_evening_is_in_cannot_be_read(rows, clean, tmp_path):
    years = ["9999-12-31T18:00:00+00:00", "1600-01-01T18:00:00+00:00"]
    more = [{**rows[0], "Order No": year, "Placed at": year} for year in years]
    log = read(rows + more, tmp_path)
    same(log, clean)
    assert counted(log, "received: cannot be read") == 2


@pytest.mark.parametrize(
    ("hours", "problem"), [(-0.5, "before receipt"), (7, "more than 4 h after receipt")]
)
def test_pickups_that_cannot_be_are_missing(rows, tmp_path, hours, problem):
    gone = deepcopy(rows)
    changed = [place for place, row in enumerate(rows) if row["Collected at"]][:25]
    for place in changed:
        wrong = instant(rows[place]["Placed at"]) + timedelta(hours=hours)
        rows[place]["Collected at"], gone[place]["Collected at"] = wrong.isoformat(), ""
    log = read(rows, tmp_path)
    same(log, read(gone, tmp_path))
    assert counted(log, problem) == 25


def test_rows_with_too_many_cells_and_empty_lines(rows, clean, tmp_path):
    path = write(rows, tmp_path / "log.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1:1] = ["", "1,2,3,4,5,6,7,8,9,10", "only this"]
    path.write_text("\n".join(lines), encoding="utf-8")
    log = kt.read_log(path, mapping=MAPPING)
    same(log, clean)
    assert counted(log, "too many or too few cells") == 2
    assert log.frame["row"].iloc[0] == 5  # row 1 is the header, rows 2 to 4 are spoiled


def test_orders_outside_of_opening_hours(rows, clean, tmp_path):
    more = [{**rows[0], "Order No": f"z{n}", "Placed at": f"2025-10-22T15:0{n}:00+01:00"} for n in range(6)]  # fmt: skip
    log = read(more + rows, tmp_path)
    same(log, clean)
    assert counted(log, "outside of opening hours") == 6


def test_orders_of_other_kitchens(rows, clean, tmp_path):
    both = [{**row, "Site": site} for row in rows for site in ("North", "South")]
    log = read(both, tmp_path, store="North")
    pd.testing.assert_frame_equal(
        log.frame.drop(columns=["row", "store"]), clean.frame.drop(columns="row")
    )
    assert counted(log, "of another kitchen") == len(rows)


def test_times_that_the_clocks_skipped(tmp_path):
    texts = ["2025-03-30 00:50:00", "2025-03-30 01:20:00", "2025-03-30 02:30:00"]
    frame = pd.DataFrame({"received": texts, "pickup": [None] * 3})
    log = kt.read_log(frame, tz="Europe/London", between=("20:00", "04:00"))
    assert counted(log, "the clocks skipped it") == 1
    assert log.frame["received_s"].tolist() == [17400.0, 18000.0, 19800.0]


def test_the_night_of_the_clocks_is_an_hour_longer(clean):
    night = clean.frame[clean.frame["date"] == "2025-10-25"]
    assert night["received_s"].max() > 8 * 3600
    delays = night["pickup_s"] - night["received_s"]
    assert delays.min() >= 30 and delays.max() < 4 * 3600


# --- Refused in one line ------------------------------------------------------------------------


def refused(call):
    with pytest.raises(kt.KitchenError) as caught:
        call()
    line = str(caught.value)
    assert len(line.splitlines()) == 1 and len(line) <= 500
    return line


def test_no_column_that_says_when_an_order_came(rows, tmp_path):
    rows = [{("when" if k == "Placed at" else k): v for k, v in row.items()} for row in rows]
    assert "no column says when an order came" in refused(lambda: read(rows, tmp_path))


def test_an_unknown_role_or_column_and_a_column_taken_twice(rows, tmp_path):
    line = refused(lambda: read(rows, tmp_path, columns={"recieved": "Placed at"}))
    assert "role 'recieved' is unknown. Did you mean 'received'?" in line
    line = refused(lambda: read(rows, tmp_path, columns={"received": "Placed"}))
    assert "column 'Placed' is unknown. Did you mean 'Placed at'?" in line
    line = refused(
        lambda: read(rows, tmp_path, columns={"received": "Placed at", "pickup": "Placed at"})
    )
    assert "received and pickup: are the same column 'Placed at'" in line


def test_day_and_month_that_cannot_be_told_apart(rows, tmp_path):
    rows = [row for row in before_the_clocks(rows)][:50]
    each_time(rows, lambda t: t.replace(day=t.day % 12 + 1).strftime("%d/%m/%Y %H:%M"))
    assert "can be read as day and month" in refused(lambda: read(rows, tmp_path))
    read(rows, tmp_path, dayfirst=True)


def test_days_and_months_first_in_one_file(rows, tmp_path):
    rows = before_the_clocks(rows)
    each_time(rows[::2], lambda t: t.strftime("%d/%m/%Y %H:%M"))
    each_time(rows[1::2], lambda t: t.strftime("%m/%d/%Y %H:%M"))
    assert "has the month first and other rows" in refused(lambda: read(rows, tmp_path))


def test_years_of_two_digits_between_dashes(rows, tmp_path):
    each_time(rows, lambda t: t.strftime("%y-%m-%d %H:%M"))
    assert "the year of '25-10-21 18:00' is not plain" in refused(lambda: read(rows, tmp_path))


def test_the_days_of_received_say_how_those_of_pickup_are_written(rows, tmp_path):
    rows = before_the_clocks(rows)
    for row in rows:  # the first three pickups alone are recorded, on a day that could be a month
        row["Placed at"] = instant(row["Placed at"]).replace(month=11, day=instant(row["Placed at"]).day - 16).isoformat()  # fmt: skip
        if row["Collected at"]:
            row["Collected at"] = instant(row["Collected at"]).replace(month=11, day=instant(row["Collected at"]).day - 16).isoformat()  # fmt: skip
    later = [
        {
            **rows[0],
            "Order No": "late",
            "Placed at": "2025-11-14T20:00:00+00:00",
            "Collected at": "",
        }
    ]
    rows = [*rows, *later]
    each_time(rows, lambda t: t.strftime("%d/%m/%Y %H:%M:%S"))
    log = read(rows, tmp_path)
    assert log.days["date"].dt.month.eq(11).all()
    assert log.frame["collected"].sum() == sum(bool(row["Collected at"]) for row in rows)


def test_bare_numbers(rows, tmp_path):
    for row in rows:
        row["Collected at"] = "12.5"
    assert "is a number without a unit. Give it: units={'pickup'" in refused(
        lambda: read(rows, tmp_path)
    )


def test_a_local_time_in_the_doubled_hour(rows, tmp_path):
    each_time(rows, lambda t: t.strftime("%Y-%m-%d %H:%M:%S"))
    assert "is there twice in Europe/London, when the clocks go back" in refused(
        lambda: read(rows, tmp_path)
    )


def test_offsets_that_differ_without_a_time_zone(rows, tmp_path):
    path = write(rows, tmp_path / "log.csv")
    assert "has another offset than those above" in refused(lambda: kt.read_log(path))


def test_a_temp_without_a_shelf_life(rows, tmp_path):
    rows[9]["Storage"] = "Lukewarm"
    line = refused(lambda: read(rows, tmp_path))
    assert "row 11: temp 'lukewarm' has no shelf life" in line
    read(rows, tmp_path, temps={"Lukewarm": "hot"})


def test_numbers_of_dishes_in_place_of_orders(rows, tmp_path):
    for row in rows:
        row["Order No"] = row["Dish"]
    line = refused(lambda: read(rows, tmp_path))
    assert "orders repeat the number of another one of the evening" in line
    clean = read(rows, tmp_path, columns={"order_id": None})
    assert len(clean.frame) == len(rows)


def test_many_kitchens_without_store(rows, tmp_path):
    many = [{**row, "Site": f"s{n}"} for n, row in enumerate((rows * 5)[:10_000])]
    assert "holds 10,000 kitchens. Give one: store=" in refused(lambda: read(many, tmp_path))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"Placed at,Collected at\n", "has no orders, but the columns Placed at, Collected at"),
        (b"a,a\n1,2\n", "column 'a' is there twice"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 40, "is a binary file"),
        (bytes(range(128, 256)) * 40, "is a binary file"),
        (b"Placed at\n18:00:00\n18:01:00\n", "has times without dates"),
        (b"Placed at\n2025-10-13\n2025-10-14\n", "is a date without a time"),
        (b"Placed at\nsoon\nlater\n", "no order is left: 2 received: cannot be read"),
    ],
)
def test_files_that_hold_no_orders(tmp_path, content, line):
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    assert line in refused(lambda: kt.read_log(path))


def test_no_evening_between_the_hours(rows, tmp_path):
    line = refused(lambda: read(rows, tmp_path, between=("09:00", "10:00"), tz="Europe/London"))
    assert "no order came between 09:00 and 10:00" in line
