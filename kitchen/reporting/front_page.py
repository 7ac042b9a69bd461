"""Page one of a report: what is at stake, what would help, and the best strategies, as text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.advice.changes import COMBINATION
from kitchen.advice.levers import BOUND, Levers
from kitchen.comparison.comparison import Comparison
from kitchen.model.measures import PRIMARY_MONEY
from kitchen.reporting.headline import standout
from kitchen.simulation import metrics
from kitchen.stats.intervals import too_few
from kitchen.utils.formatting import DASH, counted, signed

TOP = 3
"""Strategies on page one, beside today's practice."""


class Bar(NamedTuple):
    """A bar of the tornado, in percent of the width: its begin and width, its interval, zero, bound."""

    begin: float
    width: float
    low: float | None
    high: float | None
    zero: float
    bound: float | None


class LeverRow(NamedTuple):
    """A lever as text: its name, what it comes to, kind, bar, gain, interval and money."""

    name: str
    what: str
    kind: str
    bar: Bar
    gain: str
    interval: str
    money: str


class FrontPage(NamedTuple):
    """The parts of page one.

    Attributes
    ----------
    title, headline : str
    stake : str
        How much is lost under today's practice, and where it goes.
    stakes : list of lists
        A row of today's practice and one of the best strategy: name, and a (figure, share) a part.
    parts : list of str
        Heads of the columns of `stakes`.
    levers : list of LeverRow
    same : list of str
        Levers that change nothing.
    gain_unit, money_unit : str
    top : list of dict
    few : str
        On how many replications the bound rests; empty without one.
    """

    title: str
    headline: str
    stake: str
    stakes: list
    parts: list[str]
    levers: list[LeverRow]
    same: list[str]
    gain_unit: str
    money_unit: str
    top: list[dict]
    few: str


def shows_money(table: Comparison) -> bool:
    """Whether the report speaks of money: prices differ, or a measure in money was asked for."""
    return table.measure == PRIMARY_MONEY or table.measured.is_money


def split(table: Comparison) -> pd.DataFrame:
    """Where the money went, or the value, by strategy."""
    return (metrics.revenue_split if shows_money(table) else metrics.value_split)(table.summaries)


# At stake


def stake(table: Comparison) -> str:
    """How much is lost under today's practice, and where it goes."""
    rows = split(table)
    own = rows[rows["strategy"] == table.strategies[0].name].set_index("part")
    money = shows_money(table)
    figures = own["money"] if money else 100 * own["share"]
    lost = figures.iloc[1:]
    unit = f" {table.scenario.orders.currency}" if table.scenario.orders.currency else ""
    write = _money if money else "{:.1f}".format
    total, full = sum(lost), sum(figures)
    causes = zip(
        lost,
        (
            "decays while orders wait",
            "is spoilt before its courier comes",
            "is discarded for lack of room",
        ),
        strict=True,
    )
    each = ", ".join(f"{write(number)} {cause}" for number, cause in causes)
    if money:
        what = f"of the {write(full)}{unit} that the orders of a replication cost"
        prices = "" if unit else ", in the menu's prices,"
        return f"At stake under today's practice: {write(total)} {what}{prices} is lost. Of that {each}."
    return f"At stake under today's practice: {write(total)} % of the orders' value is lost. Of that {each}."


def stakes(table: Comparison) -> tuple[list[str], list]:
    """Heads, and a row for today's practice and for the best strategy: a figure and a share a part."""
    rows, money = split(table), shows_money(table)
    heads = ["Delivered", "Lost: decayed while waiting", "Lost: spoilt", "Lost: discarded"]
    made = []
    for name in dict.fromkeys([table.strategies[0].name, standout(table).name]):
        own = rows[rows["strategy"] == name]
        cells = []
        for _, row in own.iterrows():
            share = DASH if np.isnan(row["share"]) else f"{100 * row['share']:.1f} %"
            cells.append((_money(row["money"]), share) if money else (share, ""))
        made.append((name, cells))
    return heads, made


def _money(number: float) -> str:
    if np.isnan(number):
        return DASH
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:,.2f}"


# Levers


def lever_rows(result: Levers) -> tuple[list[LeverRow], list[str]]:
    """Rows of the levers, largest gain first, the bound last; and names of those without effect."""
    frame, scale = result.frame, result.quantity.scale
    same = list(frame.loc[(frame["differing"] == 0) & (frame["kind"] != "bound"), "lever"])
    rows = frame[~frame["lever"].isin(same) & frame["gain"].notna()]
    if not len(rows):
        return [], same
    ends = rows[["gain", "low", "high"]].to_numpy(float)
    left, right = min(np.nanmin(ends), 0.0), max(np.nanmax(ends), 0.0)
    span = (right - left) or 1.0
    limit = rows.loc[rows["kind"] == "bound", "gain"]

    def place(gain: float) -> float | None:
        return None if np.isnan(gain) else round(100 * (gain - left) / span, 2)

    made = []
    for row in rows.itertuples():
        begin, end = sorted((place(0.0), place(row.gain)))
        bar = Bar(
            begin, round(end - begin, 2), place(row.low), place(row.high), place(0.0),
            place(float(limit.iloc[0])) if len(limit) else None,
        )  # fmt: skip
        few = too_few(row.differing, row.replications) and row.replications > 1
        ends = f"{_gain(scale * row.low)} to {_gain(scale * row.high)}"
        none = f"differs in {row.differing:,}" if few else ""
        made.append(
            LeverRow(
                row.lever,
                "" if row.lever.startswith(f"{COMBINATION}, ") else row.what,
                row.kind,
                bar,
                _gain(scale * row.gain),
                none if few or np.isnan(row.low) else ends,
                "" if np.isnan(row.money) else signed(round(row.money)),
            )
        )
    return made, same


def _gain(number: float) -> str:
    return signed(number, 0 if abs(number) >= 100 else 1 if abs(number) >= 9.95 else 2)


# The best strategies


def top_rows(table: Comparison, result: Levers, shown: list[str]) -> list[dict]:
    """The best three of the strategies that are shown, today's practice and the bound."""
    scale, money = table.measured.scale, shows_money(table)
    mean = table.frame.set_index(["strategy", "measure"])["mean"]
    paired = table.paired.set_index(["strategy", "measure"])
    today = table.strategies[0].name
    sign = 1.0 if table.measured.more_is_better else -1.0
    rows = []
    for name in dict.fromkeys([*shown[:TOP], today]):
        row = {
            "place": str(shown.index(name) + 1),
            "name": name,
            "level": table.measured.written(mean[name, table.measure]),
            "money": _money(mean[name, "lost_revenue"]) if money else "",
            "gain": "today's practice" if name == today else DASH,
            "interval": "",
            "wasted": f"{100 * mean[name, 'wasted_share']:.1f} %",
        }
        if (name, table.measure) in paired.index:
            own = paired.loc[(name, table.measure)]
            row["gain"] = _gain(sign * scale * own["difference"])
            if not np.isnan(own["low"]):
                ends = sorted((sign * scale * own["low"], sign * scale * own["high"]))
                row["interval"] = " to ".join(map(_gain, ends))
            elif own["differing"] == 0:
                row["gain"] = "the same"
        rows.append(row)
    limit = result.frame[result.frame["lever"] == BOUND]
    if len(limit):
        row = limit.iloc[0]
        ends = (
            ""
            if np.isnan(row["low"])
            else f"{_gain(scale * row['low'])} to {_gain(scale * row['high'])}"
        )
        few = counted(int(row["replications"]), "replication")
        rows.append(
            {
                "place": "",
                "name": f"{BOUND} ({few})",
                "level": "",
                "money": "",
                "gain": _gain(scale * row["gain"]),
                "interval": ends,
                "wasted": "",
            }
        )
    return rows


def front_page(table: Comparison, result: Levers, headline: str, shown: list[str]) -> FrontPage:
    """Page one.

    Parameters
    ----------
    table : Comparison
    result : Levers
        Against the same practice, by the same measure.
    headline : str
    shown : list of str
        Strategies that are shown, best first: without those that come to the same as today's practice.
    """
    heads, made = stakes(table)
    rows, same = lever_rows(result)
    quantity = result.quantity
    limit = result.frame[result.frame["kind"] == "bound"]
    few = counted(int(limit["replications"].iloc[0]), "replication") if len(limit) else ""
    has_money = result.frame["money"].notna().any()
    currency = table.scenario.orders.currency or "in prices"
    return FrontPage(
        title=f"{quantity.title.capitalize()} in {table.scenario.name}, and what would help",
        headline=headline,
        stake=stake(table),
        stakes=made,
        parts=heads,
        levers=rows,
        same=same,
        gain_unit="points" if quantity.is_share else quantity.step_unit,
        money_unit=currency if has_money else "",
        top=top_rows(table, result, shown),
        few=few,
    )
