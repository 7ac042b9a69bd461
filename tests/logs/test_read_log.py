"""A log that is read: guesses, evenings, the verdict, the replay and its missing pickups."""

import io
import re
import runpy

import numpy as np
import pandas as pd
import pytest
from support.logs import MAPPING, SAMPLE, write
from support.paths import ROOT

import kitchen as kt
from kitchen.errors import KitchenError
from kitchen.logs.columns import guess

# --- The sample ---------------------------------------------------------------------------------


def test_the_script_makes_the_sample_to_the_byte():
    make = runpy.run_path(str(ROOT / "data" / "make_sample_log.py"))["sample_log"]
    assert make().encode() == SAMPLE.read_bytes()
    assert SAMPLE.stat().st_size < 1_000_000


def test_the_sample_has_what_real_logs_have(sample):
    problems = set(sample.problems["problem"])
    assert {"cancelled", "the same order twice", "pickup: a sign for nothing"} <= problems
    assert len(sample.days) == 28 and sample.evenings == 26
    unrecorded = sample.days[sample.days["use"] == "arrivals only"]
    assert [str(date.date()) for date in unrecorded["date"]] == ["2025-10-22", "2025-11-02"]
    assert sample.days["orders"].mean() == pytest.approx(300, rel=0.06)


# --- Columns ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (["placedAt", "pickedUpAt"], {"received": "placedAt", "pickup": "pickedUpAt"}),
        (["Order Date", "Order Time"], {"received": ("Order Date", "Order Time")}),
        (["Prep time (min)", "received_s"], {"prep": "Prep time (min)", "received": "received_s"}),
        (["RESTAURANT ID", "Total EUR"], {"store": "RESTAURANT ID", "price": "Total EUR"}),
        (["colour"], {}),
    ],
)
def test_columns_are_guessed_by_names_of_any_spelling(columns, found):
    assert guess(columns) == found


def test_the_verdict_says_what_was_guessed_and_assumed(sample):
    text = sample.verdict
    for part in (
        "received = 'Placed at'", "26 evenings can be replayed, from 18:00 (Europe/London)",
        "2 evenings are used for arrivals only", "the decay rate is the default, 0.5",
    ):  # fmt: skip
        assert part in text
    bare = kt.read_log(pd.DataFrame({"received": ["2025-11-03T18:00:00Z"]}))
    assert "no column says the temp: all are hot" in bare.verdict
    assert "shelf lives are the defaults, hot 30 min" in bare.verdict


def test_a_role_is_left_out_by_none(week, tmp_path):
    path = write(week, tmp_path / "log.csv")
    log = kt.read_log(path, {"pickup": None}, mapping=MAPPING)
    assert not log.frame["collected"].any() and "pickup" not in log.guessed


def test_keywords_win_over_the_mapping(week, tmp_path):
    path = write(week, tmp_path / "log.csv")
    log = kt.read_log(
        path, mapping=MAPPING, shelf_life=dict.fromkeys(["hot", "cold", "frozen"], 60)
    )
    assert set(log.frame["shelf_life_s"]) == {60.0}


def test_an_unknown_key_of_a_mapping_is_refused_by_name(tmp_path):
    path = tmp_path / "m.toml"
    path.write_text("timezone = 'UTC'\n", encoding="utf-8")
    with pytest.raises(kt.KitchenError, match=r"m\.toml: key 'timezone' is unknown\."):
        kt.read_log(SAMPLE, mapping=path)


def test_a_menu_gives_what_the_log_lacks_by_name_whatever_its_spelling():
    menu = pd.DataFrame(
        {
            "name": ["Soup"],
            "temp": ["cold"],
            "shelf_life_s": [77.0],
            "decay_rate": [0.3],
            "price": [4.0],
        }
    )
    frame = pd.DataFrame({"received": ["2025-11-03T18:00:00Z"] * 2, "name": ["SOUP ", "Pie"]})
    log = kt.read_log(frame, menu=menu)
    first = log.frame.iloc[0]
    assert (first["temp"], first["price"], first["shelf_life_s"], first["decay_rate"]) == ("cold", 4.0, 77.0, 0.3)  # fmt: skip
    assert set(log.problems["problem"]) >= {"temp: missing", "price: missing"}


# --- Evenings -----------------------------------------------------------------------------------


def test_orders_after_midnight_belong_to_the_evening_before(sample):
    late = sample.frame[sample.frame["received_s"] > 6.5 * 3600]
    assert len(late) > 100
    assert (sample.frame.groupby("date")["received_s"].min() < 3600).all()


def test_the_first_and_last_evening_are_left_out_where_the_log_begins_or_ends_in_them(
    week, tmp_path
):
    rows = [row for row in week if row["Placed at"] > "2025-10-21T23"]
    log = kt.read_log(write(rows, tmp_path / "log.csv"), mapping=MAPPING)
    assert log.days["use"].iloc[0] == "left out" and log.days["why"].iloc[0] == "a partial day"
    assert log.days["use"].iloc[1:].ne("left out").all()
    assert 0 not in log.replay()["day"].unique()
    assert "1 evening is left out as partial" in log.verdict


def test_one_order_is_an_evening_and_ten_years_are_read():
    one = kt.read_log(pd.DataFrame({"received": ["2025-11-03T18:00:00Z"], "pickup": ["2025-11-03T18:09:00Z"]}))  # fmt: skip
    assert (one.evenings, len(one.trace())) == (1, 1)
    dates = pd.date_range("2015-01-01 18:00", "2024-12-31 18:00", freq="D", tz="UTC")
    frame = pd.DataFrame({"received": dates, "pickup": dates + pd.Timedelta("9min")})
    assert kt.read_log(frame, tz="America/New_York", day_begins="04:00").evenings == len(dates)


# --- The replay ---------------------------------------------------------------------------------


def test_a_drawn_trace_written_as_a_log_gives_the_same_figures(tmp_path):
    friday = kt.Scenario.load("friday")
    trace = kt.draw(friday, replications=3, seed=7)
    table = trace.frame()
    opening = pd.Timestamp(
        "2025-10-25 17:00", tz="Europe/London"
    )  # the clocks go back in this night
    days = [opening + pd.DateOffset(days=day) for day in range(3)]
    out = table[["name", "temp", "price", "shelf_life_s", "decay_rate"]].copy()
    for role in ("received", "ready", "pickup"):
        elapsed = pd.to_timedelta((table[f"{role}_s"] * 1e9).round().astype("int64"), unit="ns")
        start = pd.Series([days[r].tz_convert("UTC") for r in table["replication"]])
        times = (start.dt.as_unit("ns") + elapsed).dt.tz_convert("Europe/London")
        out[role] = [time.isoformat() for time in times]
    out.to_csv(tmp_path / "log.csv", index=False)
    log = kt.read_log(tmp_path / "log.csv", tz="Europe/London", between=("17:00", "22:00"))
    assert log.problems.empty
    for strategy in ("discard newcomer", "oldest"):
        own = kt.simulate(friday, strategy, trace=trace)
        again = kt.simulate(friday, strategy, trace=log.trace())
        pd.testing.assert_frame_equal(
            own.summary, again.summary, check_exact=False, rtol=0, atol=1e-6
        )
        columns = ["outcome", "left_s", "value"]
        pd.testing.assert_frame_equal(own.orders[columns], again.orders[columns], check_exact=False, rtol=0, atol=1e-6)  # fmt: skip


def test_missing_pickups_are_imputed_with_delays_of_the_same_hour(sample):
    made, frame = sample.replay(), sample.frame
    assert made["pickup_s"].notna().all() and not made["collected"].all()
    delay, hour = made["pickup_s"] - made["received_s"], made["received_s"] // 3600
    for own in (0, 2, 4):  # hours with hundreds of known delays
        pool = set(delay[made["collected"] & (hour == own)])
        assert set(delay[~made["collected"] & (hour == own)]) <= pool
    known = made["collected"]
    kept = frame[frame["day"].isin(made["day"].unique())]["pickup_s"].dropna()
    assert np.array_equal(made.loc[known, "pickup_s"], kept)
    # the mean of n drawn delays is within 4 standard errors of that of all
    n, spread = (~known).sum(), delay[known].std()
    assert abs(delay[~known].mean() - delay[known].mean()) < 4 * spread / np.sqrt(n)


def test_a_seed_fixes_what_is_imputed_and_draws_differ(sample):
    pd.testing.assert_frame_equal(sample.replay(seed=3), sample.replay(seed=3))
    two = sample.replay(draws=2)
    first, second = (two[two["draw"] == draw].reset_index(drop=True) for draw in (0, 1))
    pd.testing.assert_frame_equal(first, sample.replay())
    differ = first["pickup_s"] != second["pickup_s"]
    assert differ.any() and not (differ & first["collected"]).any()
    assert sorted(two["replication"].unique()) == list(range(2 * sample.evenings))


def test_orders_without_pickup_are_left_out_or_nobody_comes(sample):
    usable = sample.frame["day"].isin(sample.days.index[sample.days["use"] == "yes"])
    left = sample.replay("leave out")
    assert len(left) == (usable & sample.frame["collected"]).sum()
    never = sample.trace("never")
    assert np.isnan(never.pickup_s).sum() == (~sample.frame["collected"]).sum()
    assert len(never) == len(sample.frame)  # also of the evenings without records


def test_evenings_open_at_second_0(sample):
    assert (sample.trace().opens_s == 0).all()


def test_without_any_pickup_a_replay_is_refused_unless_nobody_comes(week, tmp_path):
    rows = [{**row, "Collected at": ""} for row in week]
    log = kt.read_log(write(rows, tmp_path / "log.csv"), mapping=MAPPING)
    assert set(log.days["use"]) == {"arrivals only"}
    with pytest.raises(kt.KitchenError, match="no evening has its pickups recorded"):
        log.trace()
    assert np.isnan(log.trace("never").pickup_s).all()


def test_odd_arguments_of_a_replay_are_refused(sample):
    with pytest.raises(kt.KitchenError, match="missing: must be one of 'same hour'"):
        sample.trace("drop")
    with pytest.raises(kt.KitchenError, match="draws: must be a whole number of at least 1"):
        sample.trace(draws=0)


# --- Display ------------------------------------------------------------------------------------


def test_the_picture_has_a_bar_an_evening(sample):
    ax = sample.plot()
    heights = sorted(bar.get_height() for bar in ax.patches)
    assert sorted([*sample.days["orders"], *(sample.days["orders"] * sample.days["pickup_missing"])]) == pytest.approx(heights)  # fmt: skip


def test_frames_of_a_log_do_not_change_when_a_reader_writes_into_them(sample):
    taken = sample.frame
    taken["price"] = 0.0
    assert sample.frame["price"].min() > 0


def test_the_display_has_problems_and_evenings(sample):
    page = sample._repr_html_()
    assert "the same order twice" in page and "2025-10-22" in page
    assert repr(sample).startswith("Log(8,079 orders on 28 evenings, 26 of them usable)")


def test_a_menu_in_a_mapping_is_looked_up_beside_the_mapping(tmp_path, monkeypatch):
    kitchen, elsewhere = tmp_path / "kitchen", tmp_path / "elsewhere"
    kitchen.mkdir()
    elsewhere.mkdir()
    header = "order_id,name,temp,price,shelf_life_s,decay_rate\n"
    (kitchen / "menu.csv").write_text(f"{header}1,Soup,hot,7,900,0.25\n")
    (elsewhere / "menu.csv").write_text(f"{header}1,Soup,hot,9,100,0.75\n")
    (kitchen / "map.toml").write_text('menu = "menu.csv"\n')
    (kitchen / "log.csv").write_text(
        "received,pickup,name\n2025-11-03T18:00:00Z,2025-11-03T18:10:00Z,Soup\n"
    )
    monkeypatch.chdir(elsewhere)
    order = kt.read_log(kitchen / "log.csv", mapping=kitchen / "map.toml").frame.iloc[0]
    assert (order["price"], order["shelf_life_s"], order["decay_rate"]) == (7, 900, 0.25)


# --- an upload -----------------------------------------------------------------------------------


def uploaded(data, name="orders.csv"):
    """An upload as a page hands it over."""
    file = io.BytesIO(data)
    file.name = name
    return file


@pytest.mark.parametrize("suffix", ["csv", "json", "jsonl", "parquet", "xlsx"])
def test_an_upload_is_read_as_the_file_is(week, tmp_path, suffix):
    frame = pd.DataFrame(week)
    path = tmp_path / f"orders.{suffix}"
    writers = {
        "csv": lambda: frame.to_csv(path, index=False),
        "json": lambda: frame.to_json(path, orient="records"),
        "jsonl": lambda: frame.to_json(path, orient="records", lines=True),
        "parquet": lambda: frame.to_parquet(path),
        "xlsx": lambda: frame.to_excel(path, index=False),
    }
    writers[suffix]()
    expected = kt.read_log(path, mapping=MAPPING)
    log = kt.read_log(uploaded(path.read_bytes(), f"C:/mine/orders.{suffix}"), mapping=MAPPING)
    assert log.source == f"orders.{suffix}"
    for name in ("frame", "days", "problems"):
        pd.testing.assert_frame_equal(getattr(log, name), getattr(expected, name))
    with open(path, "rb") as file:
        pd.testing.assert_frame_equal(kt.read_log(file, mapping=MAPPING).frame, expected.frame)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (io.BytesIO(b"received\n"), "an open file needs a name that says what it is"),
        (uploaded(b""), "orders.csv: the file is empty"),
        (uploaded(b"PK", "orders.exe"), "orders.exe: the name of a log ends in"),
        (uploaded(b"\0\1"), "orders.csv: is a binary file"),
        (uploaded(b"nonsense", "orders.parquet"), "orders.parquet: not Parquet"),
        (uploaded(b"received,temp\n"), "orders.csv: has no orders"),
    ],
)
def test_a_bad_upload_is_refused_by_its_name(file, message):
    with pytest.raises(KitchenError, match=re.escape(message)):
        kt.read_log(file)


def test_a_file_that_is_open_for_text_is_refused(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("received\n")
    with open(path) as file, pytest.raises(KitchenError, match="must be open for bytes"):
        kt.read_log(file)


def test_a_verdict_has_the_name_of_the_file_and_a_refusal_its_path(week, tmp_path):
    path = write(week, tmp_path / "log.csv")
    assert kt.read_log(path, mapping=MAPPING).verdict.startswith("log.csv: ")
    with pytest.raises(kt.KitchenError, match=re.escape(str(path))):
        kt.read_log(path)
