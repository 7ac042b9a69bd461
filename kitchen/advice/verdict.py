"""The verdict on levers in words, and their table for a notebook."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kitchen.advice.changes import COMBINATION
from kitchen.model.measures import Measure
from kitchen.stats.intervals import too_few
from kitchen.utils import html
from kitchen.utils.formatting import counted, enumeration, number_text, plain, quoted

NAMED = 4
"""Largest number of levers that a sentence names; the table has all."""

MOST_CHARACTERS = 2_000
"""Characters that are shown of a verdict in a notebook."""

LONGEST = 120
"""Characters of a strategy's name in the verdict."""

SAME = "no difference"
"""What is written of a lever under which no replication comes out differently."""


def in_words(levers) -> str:
    """What helps most of what costs nothing, what the rest would bring, and what changes nothing.

    Parameters
    ----------
    levers : Levers
    """
    frame, measure = levers.frame, levers.quantity
    if np.isnan(levers.today):
        return "No orders came, so there is nothing that could help."
    sentences = [f"Today's practice is {quoted(levers.strategy.name)}: {_level(levers, measure)}."]
    if levers.replications < 2:
        sentences.append(
            "One replication gives no interval: nothing can be said about how sure this is."
        )
    free, costs = (frame[(frame["kind"] == kind) & helps(frame)] for kind in ("free", "costs"))
    costs = costs[~costs["lever"].str.startswith(COMBINATION)]
    sentences.append(_on_rules(levers, measure, free))
    slots = frame[frame["lever"] == "10 % more slots"]
    if len(free) and len(slots) and free["gain"].iloc[0] > slots["gain"].iloc[0] > 0:
        times = free["gain"].iloc[0] / slots["gain"].iloc[0]
        sentences.append(
            f"That is {times:.1f} times as much as {slots['what'].iloc[0]} would gain."
        )
    if len(costs):
        named = [
            f"{row.lever} ({amount(row.gain, measure)})" for row in costs.head(NAMED).itertuples()
        ]
        sentences.append(f"Of what costs something, most comes from {enumeration(named)}.")
    sentences.append(_on_bound(frame, measure))
    same = frame[(frame["differing"] == 0) & (frame["kind"] != "bound")]["lever"]
    if len(same) == len(levers.changes):
        sentences[2:] = ["No lever changes anything here: every replication comes out the same."]
    elif len(same):
        more = f" and {len(same) - NAMED} more" if len(same) > NAMED + 1 else ""
        some = same.head(NAMED if more else NAMED + 1)
        listed = ", ".join(some) + more if more else enumeration(some)
        sentences.append(f"No difference in any replication: {listed}.")
    return " ".join(filter(None, sentences))


def helps(rows: pd.DataFrame) -> pd.Series:
    """Whether each lever helps: its interval is above 0; without intervals, its gain is."""
    none = rows["low"].isna()
    return (rows["low"] > 0) | (none & (rows["gain"] > 0) & (rows["replications"] == 1))


def amount(gain: float, measure: Measure) -> str:
    """A gain as text: points for a share."""
    if not measure.is_share:
        return measure.figure(gain)
    points = 100 * gain
    return f"{points:.{1 if abs(points) >= 0.95 else 2}f} points"


def _level(levers, measure: Measure) -> str:
    return f"{measure.title} {measure.figure(levers.today)}"


def _on_rules(levers, measure: Measure, free: pd.DataFrame) -> str:
    """What the best lever gains that costs nothing."""
    if not len(free):
        return "No other rule that was tried is significantly better."
    best = free.iloc[0]
    direction = "more" if measure.more_is_better else "less"
    text = (
        f"Of what costs nothing, the {best['lever']} helps most, '{plain(best['what'], LONGEST)}': "
        f"{amount(best['gain'], measure)} {direction}"
    )
    if best["low"] == best["low"]:
        ends = [amount(best[key], measure).removesuffix(" points") for key in ("low", "high")]
        text += f" (95 % interval {' to '.join(ends)})"
    if best["money"] == best["money"]:
        text += f", which brings {money_text(best['money'], levers)} a replication"
    return text + "."


def _on_bound(frame: pd.DataFrame, measure: Measure) -> str:
    rows = frame[frame["kind"] == "bound"]
    if not len(rows):
        return ""
    row = rows.iloc[0]
    most = amount(max(row["gain"], 0.0), measure)
    return (
        f"With these orders, couriers and shelves no rules could gain more than about {most}: the "
        f"clairvoyant bound, from {counted(int(row['replications']), 'replication')}."
    )


def money_text(money: float, levers) -> str:
    """Money as text, with the scenario's currency."""
    currency = levers.scenario.orders.currency or ""
    digits = f"{money:,.0f}" if abs(money) >= 100 else number_text(money)
    return f"{digits} {currency}".rstrip()


# The table in a notebook


def columns(levers) -> dict[str, list]:
    """Columns of the table of levers, as text and HTML."""
    frame, measure = levers.frame, levers.quantity
    unit = "points" if measure.is_share else measure.unit
    made = {
        "lever": [html.name(name) for name in frame["lever"]],
        "kind": list(frame["kind"]),
        "what": [html.name(what) for what in frame["what"]],
        f"gain: {'more' if measure.more_is_better else 'less'} {measure.title}, {unit}": [
            _cell(row, ("gain", "low", "high"), measure.scale) for row in frame.itertuples()
        ],
    }
    if frame["money"].notna().any():
        currency = levers.scenario.orders.currency or ""
        made[f"revenue more a replication{currency and f', {currency}'}"] = [
            _cell(row, ("money", "money_low", "money_high"), 1) for row in frame.itertuples()
        ]
    return made


def _cell(row, keys: tuple[str, str, str], scale: int):
    middle, low, high = (scale * getattr(row, key) for key in keys)
    if row.differing == 0 and row.replications:
        return html.quiet(SAME)
    if np.isnan(middle):
        return ""
    digits = "+,.0f" if abs(middle) >= 100 else "+.2f"
    if too_few(row.differing, row.replications):
        said = f"(differs in {row.differing:,} of {row.replications:,})"
        return html.joined(html.number(middle, digits), " ", html.quiet(said))
    return html.measured(middle, low, high, digits)


def conditions(levers) -> str:
    """What the figures are means of, and on what the rules were chosen."""
    text = (
        f"{levers.replications:,} replications on the same orders, 95 % intervals, each by itself. "
        f"The best rules were chosen on {levers.chosen_on:,} "
        f"{'other' if levers.chosen_elsewhere else 'of the same'} replications."
    )
    few = levers.frame.loc[levers.frame["kind"] == "bound", "replications"]
    return text + (f" The bound is of the first {few.iloc[0]:,}." if len(few) else "")
