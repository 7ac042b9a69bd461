"""Exports as spreadsheets, tills and delivery services write them."""

from datetime import datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.errors import LogError

EVENINGS = [datetime(2025, 10, day, 17) for day in (13, 14, 15)]
ORDERS = [
    (
        evening + timedelta(minutes=3 * k),
        evening + timedelta(minutes=3 * k + 11),
        9.5 + 500 * (k % 4),
    )
    for evening in EVENINGS
    for k in range(30)
]
"""Received, picked up and price; every pickup is 11 minutes after receipt."""


def written(tmp_path, header, lines, encoding="utf-8"):
    path = tmp_path / "log.csv"
    path.write_bytes("\r\n".join([header, *lines]).encode(encoding))
    return path


def as_ordered(log, orders=ORDERS):
    """Whether a log has the orders, to the second."""
    received = [(came - came.replace(hour=17, minute=0)).total_seconds() for came, _, _ in orders]
    assert log.frame["received_s"].tolist() == received
    np.testing.assert_allclose(log.frame["pickup_s"] - log.frame["received_s"], 660.0)
    np.testing.assert_allclose(log.frame["price"], [price for _, _, price in orders])
    return True


def test_a_german_spreadsheet(tmp_path):
    """Byte order mark, semicolons, 1.009,50 €, two columns, a cancelled order and a row of totals."""
    lines = [
        f"{k};{a:%d.%m.%Y};{a:%H:%M} Uhr;Suppe;Gekühlt;{p:_.2f} €;{b:%H:%M} Uhr;geliefert".replace(
            f"{p:_.2f}", f"{p:_.2f}".replace(".", ",").replace("_", ".")
        )
        for k, (a, b, p) in enumerate(ORDERS)
    ]
    lines.insert(3, lines[3].replace("3;", "99;", 1).replace("geliefert", "storniert"))
    header = "Bestellnummer;Bestellt am;Uhrzeit;Artikel;Lagerung;Preis;Abgeholt;Status"
    path = written(tmp_path, header, [*lines, "Summe;;;;;68.355,00 €;;"], "utf-8-sig")
    log = kt.read_log(path, tz="Europe/Berlin")
    assert as_ordered(log) and (log.frame["temp"] == "cold").all()
    done = log.problems.set_index("problem")["rows"]
    assert done["cancelled"] == 1 and done["received: missing"] == 1


def test_a_french_till(tmp_path):
    """Windows-1252, 17h03, accents in the header, blank lines before the total."""
    lines = [
        f"{k};{a:%d/%m/%Y %Hh%M};Tarte;Chaud;{p:.2f};{b:%Hh%M};livrée".replace(f"{p:.2f}", f"{p:.2f}".replace(".", ","))
        for k, (a, b, p) in enumerate(ORDERS)
    ]  # fmt: skip
    header = "N° commande;Date de commande;Plat;Température;Prix;Heure de retrait;Statut"
    path = written(tmp_path, header, [*lines, "", ";;;;;;", "Total;;;;9,00;;"], "cp1252")
    log = kt.read_log(path, tz="Europe/Paris")
    assert as_ordered(log) and log.columns["name"] == "Plat"


@pytest.mark.parametrize("half", ["%I:%M %p", "%I:%M%p", "dots"])
def test_an_american_till(tmp_path, half):
    """Months first, a clock of 12 hours, "$1,009.50" in quotes, a grand total."""

    def clock(t):
        text = t.strftime("%I:%M %p" if half == "dots" else half)
        return text.replace("PM", "p.m.") if half == "dots" else text

    lines = [
        f'{k},{a:%m/%d/%Y},{clock(a)},Soup,"${p:,.2f}",{clock(b)}'
        for k, (a, b, p) in enumerate(ORDERS)
    ]
    header = "Order #,Order Date,Order Time,Item,Total,Picked Up"
    log = kt.read_log(written(tmp_path, header, [*lines, 'Grand total,,,90,"$68,355.00",']))
    assert as_ordered(log) and log.columns["order_id"] == "Order #"


def test_a_service_that_mixes_z_and_offsets(tmp_path):
    def at(t, k):
        if k % 2:
            return f"{t - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
        return f"{t:%Y-%m-%d %H:%M:%S}+01:00"

    lines = [f"{k},{at(a, k)},{at(b, k)},{p}" for k, (a, b, p) in enumerate(ORDERS)]
    path = written(tmp_path, "id,created_at,picked_up_at,price", lines)
    with pytest.raises(LogError, match="has another offset than those above"):
        kt.read_log(path)
    assert as_ordered(kt.read_log(path, tz="Europe/London"))


def test_a_spreadsheet_with_dates_and_times_as_cells(tmp_path):
    rows = [
        {"Order date": datetime.combine(a.date(), time()), "Order time": a.time(), "Pick-up time": b.time(), "Price": p}
        for a, b, p in ORDERS
    ]  # fmt: skip
    path = tmp_path / "log.xlsx"
    pd.DataFrame([*rows, {"Price": 68_355.0}]).to_excel(path, index=False)
    assert as_ordered(kt.read_log(path, tz="Europe/London"))


@pytest.mark.parametrize("zone", ["GMT", "UTC"])
@pytest.mark.parametrize("form", ["%a, %d %b %Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"])
def test_times_with_gmt_or_utc_in_words(tmp_path, form, zone):
    lines = [f'"{a:{form}} {zone}","{b:{form}} {zone}",{p}' for a, b, p in ORDERS]
    assert as_ordered(kt.read_log(written(tmp_path, "received,pickup,price", lines)))


def test_offsets_after_dates_in_words_tell_the_clock(tmp_path):
    lines = [f'"{a:%d %b %Y %H:%M:%S} +0200","{b:%d %b %Y %H:%M:%S} +0200",{p}' for a, b, p in ORDERS]  # fmt: skip
    log = kt.read_log(written(tmp_path, "received,pickup,price", lines))
    assert as_ordered(log) and log.opens_s == 17 * 3600


@pytest.mark.parametrize("zone", ["EST", "CEST"])
@pytest.mark.parametrize("form", ["%a, %d %b %Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"])
def test_other_names_of_zones_are_refused_with_the_first(tmp_path, form, zone):
    lines = [f'"{a:{form}} {zone}",{p}' for a, _, p in ORDERS]
    with pytest.raises(LogError, match=f"90 received: cannot be read, as '.*{zone}' in row 2"):
        kt.read_log(written(tmp_path, "received,price", lines))


def test_a_title_above_the_header_is_refused(tmp_path):
    lines = [",,", "received,pickup,price", *(f"{a},{b},{p}" for a, b, p in ORDERS)]
    with pytest.raises(LogError, match="Delete what stands above the header"):
        kt.read_log(written(tmp_path, "Daily sales report,,", lines))


def test_points_of_thousands_beside_decimal_commas(tmp_path):
    prices = ["1.234", "9,50", "1.234,50"] * 30
    lines = [f"{a};{b};{text}" for (a, b, _), text in zip(ORDERS, prices, strict=True)]
    log = kt.read_log(written(tmp_path, "received;pickup;price", lines))
    assert sorted(log.frame["price"].unique()) == [9.5, 1234.0, 1234.5]


def test_statuses_that_no_list_knows_are_named(tmp_path):
    lines = [f"{a},{b},{p},{'odd' if p > 1000 else 'delivered'}" for a, b, p in ORDERS]
    path = written(tmp_path, "received,pickup,price,status", lines)
    assert "orders with these statuses were cooked: odd" in kt.read_log(path).verdict
    assert "statuses" not in kt.read_log(path, cancelled=["odd"]).verdict


def test_a_clock_of_12_hours_without_am_and_pm_is_doubted(tmp_path):
    lines = [f"{a:%Y-%m-%d %I:%M},{b:%Y-%m-%d %I:%M},{p}" for a, b, p in ORDERS]
    path = written(tmp_path, "received,pickup,price", lines)
    assert "no order came after 12:59" in kt.read_log(path).verdict
    lines = [f"{a:%Y-%m-%d %H:%M},{b:%Y-%m-%d %H:%M},{p}" for a, b, p in ORDERS]
    path = written(tmp_path, "received,pickup,price", lines)
    assert "12:59" not in kt.read_log(path).verdict


@pytest.mark.parametrize("above", ["\n", "\r\n  \r\n", "\r"])
def test_blank_lines_above_the_header_are_passed_over(tmp_path, above):
    lines = [f"{a},{b},{p}" for a, b, p in ORDERS]
    path = written(tmp_path, above + "received,pickup,price", lines)
    log = kt.read_log(path)
    assert as_ordered(log)
    assert log.frame["row"].iloc[0] == 2 + len(above.splitlines())


def test_a_dish_that_is_twice_in_a_menu_is_refused_unless_alike(tmp_path):
    lines = [f"{a},{b},soup" for a, b, _ in ORDERS]
    path = written(tmp_path, "received,pickup,name", lines)
    dish = {"name": "Soup", "temp": "cold", "price": 9.5, "shelf_life_s": 600.0, "decay_rate": 0.5}
    log = kt.read_log(path, menu=pd.DataFrame([dish, dish]))
    assert log.frame["shelf_life_s"].unique().tolist() == [600.0]
    other = {**dish, "shelf_life_s": 900.0}
    with pytest.raises(LogError, match="menu: 'Soup' is there twice and not alike"):
        kt.read_log(path, menu=pd.DataFrame([dish, other]))
    kt.read_log(path, menu=pd.DataFrame([dish, {**dish, "name": "Pie"}, {**other, "name": "Pie"}]))


def test_a_column_order_is_not_taken_for_a_number(tmp_path):
    lines = [f"{a},{b},{p},Soup" for a, b, p in ORDERS]
    log = kt.read_log(written(tmp_path, "received,pickup,price,Order", lines))
    assert as_ordered(log) and "order_id" not in log.columns
