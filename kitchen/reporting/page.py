"""The page of a report: its template filled with the texts, tables and pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from kitchen.advice import verdict as levers_verdict
from kitchen.advice.levers import Levers
from kitchen.comparison.comparison import Comparison
from kitchen.comparison.verdict import tied_best
from kitchen.model.rules import DECISIONS
from kitchen.model.scenario import Scenario, eta_words
from kitchen.plots.browser.page import script_element, script_source
from kitchen.reporting import provenance
from kitchen.reporting.chapters import Chapter
from kitchen.reporting.front_page import front_page, shows_money
from kitchen.reporting.headline import headline, nothing_differs, nothing_discarded, standout
from kitchen.reporting.parting_section import Parting
from kitchen.reporting.pictures import drawn
from kitchen.reporting.sweep_section import Picture
from kitchen.stats.intervals import too_few
from kitchen.utils.formatting import DASH, percent_text, signed, time_unit

TEMPLATES = Path(__file__).parent / "templates"
"""Folder of the page's templates and style sheet."""


def page(
    table: Comparison,
    result: Levers,
    parting: Parting | None,
    tables: dict,
    pictures: dict[str, Picture],
    record: dict,
    more: list[Chapter],
    detailed: int,
    shown: list[str],
    warnings: list[str],
) -> str:
    """The page as HTML.

    Parameters
    ----------
    table : Comparison
    result : Levers
    parting : Parting or None
        Where the best strategy and today's practice first differ.
    tables : dict of str to DataFrame
    pictures : dict of str to Picture
    record : dict
        The manifest.
    more : list of Chapter
        Chapters on studies.
    detailed : int
        Number of replications in the pictures over time.
    shown : list of str
        Strategies that are shown, best first.
    warnings : list of str
        What looks like a slip in the orders.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    orders = table.summaries["orders"]
    best = standout(table)
    wait_unit, wait_size = time_unit(float(np.nan_to_num(table.summaries["wait_mean_s"].max())))
    return environment.get_template("report.html").render(
        scenario=table.scenario,
        front=front_page(table, result, headline(table), shown),
        warnings=warnings,
        measured=table.measured,
        money=shows_money(table),
        currency=table.scenario.orders.currency or "in the menu's prices",
        verdict=table.verdict,
        lever_verdict=result.verdict,
        lever_note=levers_verdict.conditions(result),
        any_orders=bool(orders.sum()),
        orders_mean=f"{orders.mean():,.4g}",
        replications=record["replications"],
        baseline=record["baseline"],
        best=best.name,
        tied=len(tied_best(table)) > 1,
        nothing_differs=nothing_differs(table),
        nothing_discarded=nothing_discarded(table),
        left_out=len(shown) - len(drawn(shown, record["baseline"])),
        same=[name for name in table.ranked if name not in shown],
        nothing_wasted=not table.summaries["wasted"].any(),
        parting=parting,
        player=parting.player if parting else "",
        script=script_element(),
        script_source=script_source(),
        wait_unit=wait_unit,
        ranked=_ranked_rows(table, tables, wait_size, shown),
        strategies=_strategy_rows(table),
        pictures=pictures,
        detailed=detailed,
        chapters=more,
        words=_words(table.scenario, record),
        manifest=record,
        kitchen_toml=provenance.scenario_toml(table.scenario),
        kitchen_remark=provenance.scenario_remark(table.scenario),
        best_toml=provenance.strategy_toml(best),
    )


def _words(scenario: Scenario, record: dict) -> list[str]:
    """The kitchen in sentences; of evenings that were replayed, what is known of their orders."""
    words = scenario.words()
    if not record["replayed"]:
        return words
    evenings = (
        f"{record['replications']:,} evenings are replayed, with their own orders and couriers (of 4 or "
        "more every second one; the others choose the rules among the levers). "
        f"{eta_words(scenario.eta)}"
    )
    return [evenings, *record["notes"], *words[len(scenario.words_on_orders()) :]]


# The comparison in full


def _ranked_rows(table: Comparison, tables: dict, wait_size: int, shown: list[str]) -> list[dict]:
    """Rows of the table of strategies, best first, as text."""
    measure, quantity = table.measure, table.measured
    means = table.frame.set_index(["strategy", "measure"])
    paired = table.paired.set_index(["strategy", "measure"])
    level = table.frame[table.frame["measure"] == measure].set_index("strategy")["mean"]
    place = level[shown].round(12).rank(method="min", ascending=not quantity.more_is_better)
    short = tables.get("regret")
    rows = []
    for name in shown:
        own = means.loc[name]["mean"]
        figure = means.loc[(name, measure)]
        row = {
            "place": f"{place[name]:.0f}" if place[name] == place[name] else DASH,
            "name": name,
            "lost": DASH if np.isnan(figure["mean"]) else quantity.written(figure["mean"]),
            "interval": _interval(figure["low"], figure["high"], _writer(quantity)),
            "money": _number(own["lost_revenue"], ",.0f"),
            "difference": "today's practice",
            "difference_interval": "",
            "gap": "",
            "wasted": percent_text(own["wasted_share"], none=DASH),
            "expired": percent_text(own["expired_share"], none=DASH),
            "discarded": percent_text(own["discarded_share"], none=DASH),
            "wait": _number(own["wait_mean_s"] / wait_size, ",.1f"),
        }
        if short is not None:
            gap = short[(short["strategy"] == name) & (short["measure"] == "regret")]["mean"].iloc[
                0
            ]
            row["gap"] = DASH if np.isnan(gap) else f"{100 * gap:.2f}"
        if (name, measure) in paired.index:
            row |= _difference(paired.loc[(name, measure)], quantity)
        rows.append(row)
    return rows


def _difference(row, quantity) -> dict:
    """Texts of a paired difference and its interval."""
    scale = quantity.scale
    if row["replications"] > 1 and too_few(row["differing"], row["replications"]):
        interval = f"differs in {row['differing']:,} of {row['replications']:,}: no interval"
        if row["differing"] == 0:
            return {"difference": "the same", "difference_interval": ""}
    else:
        interval = _interval(row["low"], row["high"], lambda v: signed(scale * v, 2))
    return {"difference": _number(scale * row["difference"], None), "difference_interval": interval}


def _writer(quantity) -> Callable[[float], str]:
    if quantity.is_share:
        return lambda share: f"{100 * share:.2f}"
    return lambda number: f"{number:,.4g}"


def _number(value: float, form: str | None) -> str:
    if np.isnan(value):
        return DASH
    return signed(value, 2) if form is None else f"{value:{form}}"


def _interval(low: float, high: float, written: Callable) -> str:
    """An interval as text; without width, no replication differed."""
    if np.isnan(low):
        return "no interval"
    return "always" if low == high else f"{written(low)} to {written(high)}"


# What each strategy does


def _strategy_rows(table: Comparison) -> list[dict]:
    """Name and discard rule of each strategy, best first, and where else it differs from today's practice."""
    strategies = {strategy.name: strategy for strategy in table.strategies}
    today = table.strategies[0]
    rows = []
    for strategy in (strategies[name] for name in table.ranked):
        settings, usual = strategy.describe(), today.describe()
        lines = []
        for decision in sorted(DECISIONS, key="discard".__ne__):
            rule = getattr(strategy, decision)
            if decision == "discard" or strategy is today or settings[decision] != usual[decision]:
                lines.append((decision, settings[decision], rule.description if rule else ""))
        for setting in ("recall_when", "discard_from"):
            if strategy is today or settings[setting] != usual[setting]:
                lines.append((setting.replace("_", " "), settings[setting], ""))
        rows.append({"name": strategy.name, "lines": lines})
    return rows
