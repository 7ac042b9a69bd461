"""The headline of a report: what the best strategy saves against today's practice, in one sentence."""

from __future__ import annotations

import numpy as np

from kitchen.advice.changes import with_rules
from kitchen.comparison.comparison import Comparison
from kitchen.model.measures import PRIMARY_MONEY, Measure, measure_named
from kitchen.model.strategy import Strategy
from kitchen.utils.formatting import enumeration, plain, points_text, quoted, time_unit

NAME = 120
"""Characters of a name in the headline."""

IN_PRICES = ", in the menu's prices"
"""What stands in place of a currency."""

FROM = {
    "anywhere": "from all shelves",
    "overflow": "from the overflow only",
    "overflow+newcomer": "from the overflow",
}
"""Candidates of the discard rule, in words."""


def headline(table: Comparison) -> str:
    """What the best strategy saves against the first one, today's practice; or that nothing does.

    Parameters
    ----------
    table : Comparison
    """
    today, best = table.strategies[0], _best(table)
    level = table.means_of(table.measure).set_index("strategy")["mean"]
    if np.isnan(level[today.name]):
        return "No orders came, so there is nothing to compare."
    practice = f"{quoted(today.name)}, today's practice"
    if len(table.strategies) == 1:
        return f"{_capital(practice)}: {_level(table, today.name)}."
    if nothing_differs(table):
        return (
            f"It makes no difference which of the {len(table.strategies)} strategies is used: each "
            f"comes to the same in every replication, {_level(table, today.name)}."
        )
    if best is today:
        return (
            f"No strategy that was compared is better than {practice}: {_level(table, today.name)}."
        )
    if table.replications < 2:
        return (
            f"In one replication {_subject(best, today)} {_saves(table, best.name)}; one replication "
            "says nothing about how sure that is."
        )
    if standout(table) is today:
        return (
            f"No strategy that was compared is significantly better than {practice}: "
            f"{_level(table, today.name)}."
        )
    return f"{_capital(_subject(best, today))} {_saves(table, best.name)}."


def nothing_differs(table: Comparison) -> bool:
    """Whether every strategy comes to the same in every replication, by the measure of the report."""
    rows = table.paired_of(table.measure)
    return len(rows) > 0 and bool((rows["differing"] == 0).all())


def nothing_discarded(table: Comparison) -> bool:
    """Whether there was room for every order under every strategy."""
    return not table.summaries["discarded"].any()


def twins(table: Comparison) -> list[str]:
    """Strategies that come to exactly the same as today's practice in every replication."""
    columns = table.summaries.columns.drop("strategy")
    rows = table.summaries.set_index("strategy")[columns]
    today = rows.loc[[table.strategies[0].name]].reset_index(drop=True)
    return [
        name
        for name in table.ranked
        if name != table.strategies[0].name
        and rows.loc[[name]].reset_index(drop=True).equals(today)
    ]


def standout(table: Comparison) -> Strategy:
    """The best strategy if it is significantly better than today's practice, else that practice.

    One replication tells nothing of significance: there it is the best as measured.
    """
    today, best = table.strategies[0], _best(table)
    if best is today or table.replications < 2:
        return best
    return best if _pair(table, best.name, today.name)["significant"] else today


def _best(table: Comparison) -> Strategy:
    """The best strategy; today's practice among equals."""
    level = table.means_of(table.measure).set_index("strategy")["mean"]
    today, best = table.strategies[0], table.ranked[0]
    if np.isclose(level[today.name], level[best], rtol=1e-12, atol=0.0):
        return today
    return next(own for own in table.strategies if own.name == best)


def _pair(table: Comparison, best: str, today: str):
    """The row of two strategies among all pairs."""
    rows = table.pairs_of(table.measure)
    names = rows[["strategy", "other"]].astype(object)
    both = names.isin([best, today]).all(axis=1)
    return rows[both].iloc[0]


# Words


def deeds(best: Strategy, today: Strategy) -> list[str]:
    """What a strategy does where it differs from another one."""
    said = []
    words, others = best.describe(), today.describe()
    if words["discard"] != others["discard"] or words["discard_from"] != others["discard_from"]:
        where = "" if best.discard_from == today.discard_from else f" {FROM[best.discard_from]}"
        said.append(f"discarding{where} by {quoted(best.discard.name)}")
    if words["recall"] != others["recall"]:
        said.append(
            f"moving home by {quoted(best.recall.name)}" if best.recall else "moving nothing home"
        )
    elif words["recall_when"] != others["recall_when"]:
        said.append(f"moving home {'when blocked' if best.recall_when == 'blocked' else 'at once'}")
    if words["demote"] != others["demote"]:
        by = f"sending to the overflow by {quoted(best.demote.name)}" if best.demote else ""
        said.append(by or "sending nobody but the newcomer to the overflow")
    if words["issue"] != others["issue"]:
        by = f"pooling couriers by {quoted(best.issue.name)}" if best.issue else ""
        said.append(by or "letting each courier take its own order")
    return said


def _subject(best: Strategy, today: Strategy) -> str:
    """What is done in place of what."""
    said = enumeration(deeds(best, today))
    named = best.name != with_rules(best).name
    if named or not said:
        name = f"the strategy '{plain(best.name, NAME)}'"
        said = f"{name} ({said})" if said else name
    return f"{said} in place of {quoted(today.name)}"


def _saves(table: Comparison, best: str) -> str:
    """What the best strategy saves of what today's practice loses, with its interval."""
    measure = "lost_revenue" if table.measure == PRIMARY_MONEY else table.measure
    quantity = measure_named(measure).in_currency(table.scenario.orders.currency or "")
    row = table.paired_of(measure).set_index("strategy").loc[best]
    mean = table.means_of(measure).set_index("strategy")["mean"]
    today = mean[table.strategies[0].name]
    ends = (row["difference"], row["low"], row["high"])
    if not quantity.more_is_better:
        ends = (-row["difference"], -row["high"], -row["low"])
    if quantity.is_share:
        gain, low, high = map(points_text, ends)
        text = f"from {_percent(today)} to {_percent(mean[best])} %, by {gain} points"
    else:
        unit, size = _unit(quantity, today)
        gain, low, high, level = (_amount(end / size) for end in (*ends, today))
        text = f"{gain} of {level}{unit} of {quantity.title}"
    interval = "" if np.isnan(row["low"]) else f" (95 % interval {low} to {high})"
    if quantity.is_share:
        verb = "raises" if quantity.more_is_better else "lowers"
        return f"{verb} {quantity.title} {text}{interval}"
    each = " a replication" if "per replication" in quantity.unit else ""
    prices = IN_PRICES if quantity.is_money and not quantity.currency else ""
    if quantity.more_is_better:
        text = f"adds {gain} to {level}{unit} of {quantity.title}"
    else:
        text = f"saves {text}"
    return f"{text}{each}{prices}{interval}"


def _unit(quantity: Measure, level: float) -> tuple[str, float]:
    """Unit of an amount, and how many of the measure's it has: minutes where seconds are unreadable."""
    if quantity.unit == "s":
        unit, size = time_unit(level)
        return f" {unit}", size
    return (f" {quantity.currency}" if quantity.currency else ""), 1.0


def _percent(share: float) -> str:
    """A share in percent with three digits."""
    return f"{100 * share:.{1 if share >= 0.0995 else 2}f}"


def _amount(number: float) -> str:
    """An amount in three digits at least, and in whole numbers from 100 on."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _level(table: Comparison, name: str) -> str:
    """The level of a strategy: what it loses, in percent and in money."""
    mean = {
        measure: table.means_of(measure).set_index("strategy")["mean"][name]
        for measure in {table.measure, "lost_revenue"}
        if measure == table.measure or table.measure == PRIMARY_MONEY
    }
    text = f"{table.measured.title} {table.measured.figure(mean[table.measure])}"
    if table.measure != PRIMARY_MONEY:
        return text
    own = table.summaries["strategy"] == name
    full, unit = table.summaries.loc[own, "full_revenue"].mean(), table.scenario.orders.currency
    money = f"{mean['lost_revenue']:,.0f} of {full:,.0f} {unit or ''}".rstrip()
    return f"{text}, {money} a replication{'' if unit else IN_PRICES}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
