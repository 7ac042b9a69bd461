"""The verdict of a comparison in words; it claims no more than its figures allow."""

from __future__ import annotations

import numpy as np

from kitchen.comparison import copies
from kitchen.comparison.one_measure import EVENINGS_FOR_LEVELS
from kitchen.model.measures import PRIMARY_MONEY, Measure
from kitchen.model.strategy import Strategy
from kitchen.stats.intervals import FEWEST_DIFFERING, too_few
from kitchen.utils.formatting import (
    MOST_NAMED,
    enumeration,
    number_text,
    points_text,
    quoted,
    quoted_list,
    share_text,
)

FEW = 30
"""Number of replications below which 95 % intervals of skewed measures cover clearly less than 95 %."""


def in_words(table) -> str:
    """The verdict: which strategy is best, by how much, and how sure that is.

    Parameters
    ----------
    table : Comparison
    """
    measure, best = table.measured, table.ranked[0]
    mean = _means(table, table.measure).loc[best]
    if np.isnan(mean["mean"]):
        return "No orders came, so there is nothing to compare."
    alone = len(table.strategies) == 1
    ties = tied_best(table)
    everyone = len(ties) == len(table.strategies)
    subject = _subject(measure, best, alone)
    figure = _figure(measure, mean["mean"], "its")
    if len(ties) > 1:
        subject = _tied(measure, quoted_list(ties), everyone)
        figure = _figure(measure, mean["mean"], "their")
    if mean["replications"] < 2:
        sentences = [
            f"{subject} {figure}. This is one replication, which gives no interval: nothing can be "
            "said about how sure it is."
        ]
        return " ".join([*sentences, *shared_decisions(table.strategies)])
    how_sure = (
        f"(95 % interval {_interval(measure, mean['low'], mean['high'])}, "
        f"{mean['replications']:,} replications)"
    )
    if table.has_few_evenings:
        how_sure = f"({mean['replications']:,} evenings)"
    against = _against(table, best)
    if not alone and (against["differing"] == 0).all():
        all_of_them = f"All {len(table.strategies)} strategies"
        same = "lose" if measure.part_of else f"are the same by {measure.title}:"
        sentences = [
            f"{all_of_them} {same} {figure} {how_sure}: there is no difference, each "
            f"{'loses' if measure.part_of else 'has'} the same in every replication.",
            _in_money(table, best),
        ]
    else:
        sentences = [f"{subject} {figure} {how_sure}.", _in_money(table, best)]
        if not alone:
            name = quoted(best) if len(ties) > 1 else "It"
            sentences += [
                _baseline(table, best, against),
                _others(table, against, name),
                _few(against, name),
            ]
    sentences += [*shared_decisions(table.strategies), *_conditions(table)]
    return " ".join([sentence for sentence in sentences if sentence])


def _means(table, measure: str):
    """Means with intervals of one measure, by strategy."""
    return table.means_of(measure).set_index("strategy")


def _paired(table, measure: str):
    """Differences to the baseline of one measure, by strategy."""
    return table.paired_of(measure).set_index("strategy")


def _subject(measure: Measure, best: str, alone: bool) -> str:
    """The begin of the sentence on the best strategy, up to its figure."""
    if measure.part_of:
        return f"{quoted(best)} loses" + ("" if alone else " least:")
    if alone:
        return f"{quoted(best)}, {measure.title}:"
    return f"{quoted(best)} is best by {measure.title} ({measure.better}):"


def _tied(measure: Measure, names: str, everyone: bool) -> str:
    """The same of several strategies that are equally good."""
    if measure.part_of:
        return f"{names} lose the same{'' if everyone else ', least of all'}:"
    return f"{names} are the same by {measure.title}{'' if everyone else ', best of all'}:"


def _figure(measure: Measure, number: float, whose: str) -> str:
    """A figure with what it is a part of, or with its unit."""
    if measure.part_of:
        return f"{share_text(number)} of {measure.part_of.format(whose)}"
    return share_text(number) if measure.is_share else f"{number_text(number)} {measure.unit}"


def _interval(measure: Measure, low: float, high: float) -> str:
    if measure.is_share:
        return f"{share_text(low)[:-2]} to {share_text(high)}"
    return f"{number_text(low)} to {number_text(high)}"


def _step(measure: Measure, number: float) -> str:
    """The size of a difference, without its unit."""
    return points_text(number) if measure.is_share else number_text(number)


def _in_money(table, best: str) -> str:
    """What the best strategy loses of all prices in a replication, where a share of money ranks."""
    if table.measure != PRIMARY_MONEY:
        return ""
    lost = _means(table, "lost_revenue").loc[best, "mean"]
    of = table.summaries["full_revenue"].mean()
    unit = table.scenario.orders.currency or "in the menu's prices"
    return f"In money: {number_text(lost)} of {number_text(of)} {unit} in a replication."


def shared_decisions(strategies: list[Strategy]) -> list[str]:
    """A sentence on what all strategies do alike beside the discard rule, if they do.

    A strategy that is given as the name of a discard rule has these decisions too, and they can
    matter as much.

    Examples
    --------
    >>> shared_decisions([Strategy("oldest"), Strategy("random", recall=None)])
    ['All strategies demote nobody and let each courier take its own order.']
    """
    if len(strategies) < 2:
        return []
    first, *others = strategies
    settings, rest = first.describe(), [strategy.describe() for strategy in others]

    def shared(key: str) -> bool:
        return all(other[key] == settings[key] for other in rest)

    parts = []
    if shared("recall") and shared("recall_when"):
        when = ", when an arrival is blocked" if first.recall_when == "blocked" else ""
        rule = f"move food home (recall {quoted(settings['recall'])}{when})"
        parts.append(rule if first.recall else "move no food home")
    if shared("demote"):
        parts.append(f"demote by {quoted(settings['demote'])}" if first.demote else "demote nobody")
    if shared("issue"):
        pool = f"pool their couriers (issue {quoted(settings['issue'])})"
        parts.append(pool if first.issue else "let each courier take its own order")
    return [f"All strategies {enumeration(parts)}."] if parts else []


def tied_best(table) -> list[str]:
    """The strategies that are exactly as good as the best."""
    mean = _means(table, table.measure)["mean"].loc[table.ranked]
    return list(mean.index[np.isclose(mean, mean.iloc[0], rtol=1e-12, atol=0.0)])


def _against(table, best: str):
    """Each other strategy against the best, a row each, from all pairs, best first.

    Columns ``significant, differing, replications, few``: whether they differ significantly, in how
    many of the replications they differ, and whether those are too few for an interval.
    """
    rows = table.pairs_of(table.measure)
    rows = rows[(rows[["strategy", "other"]] == best).any(axis=1)]
    turn = (rows["strategy"] == best).to_numpy()
    others = np.where(turn, rows["other"].astype(object), rows["strategy"].astype(object))
    rows = rows[["significant", "differing", "replications"]].set_axis(others)
    rows = rows.assign(
        few=too_few(rows["differing"], rows["replications"]) & (rows["differing"] > 0)
    )
    return rows.loc[[name for name in table.ranked if name != best]]


def _baseline(table, best: str, against) -> str:
    """By how much the best is better than the baseline, where that is significant."""
    name = table.strategies[0].name
    if name == best:
        return "It is the baseline."
    if not against.loc[name, "significant"]:
        return ""
    measure, row = table.measured, _paired(table, table.measure).loc[best]
    gain, low, high = row["difference"], row["low"], row["high"]
    if not measure.more_is_better:
        gain, low, high = -gain, -high, -low
    return (
        f"That is {_step(measure, gain)} {measure.step_unit} "
        f"{'more' if measure.more_is_better else 'less'} than the baseline "
        f"{quoted(name)}, 95 % interval {_step(measure, low)} to {_step(measure, high)}"
        f"{_saved(table, best)}."
    )


def _saved(table, best: str) -> str:
    """The gain of the best over the baseline in money, where a share of money ranks."""
    if table.measure != PRIMARY_MONEY:
        return ""
    saved = -_paired(table, "lost_revenue").loc[best, "difference"]
    unit = table.scenario.orders.currency or "in the menu's prices"
    return f": {number_text(saved)} {unit} in a replication"


def _others(table, against, name: str) -> str:
    """Which strategies are not significantly different from the best, and how many lose more."""
    few = against["few"]
    unsure = against[~against["significant"] & ~few]
    twins = unsure[unsure["differing"] == 0]
    close = unsure.drop(twins.index)
    clear = int(against["significant"].sum())
    one, many = (
        ("one other", f"{clear} others") if few.any() else ("the other one", f"the other {clear}")
    )
    if table.measured.part_of:
        more = f"{one} loses more" if clear == 1 else f"{many} lose more"
    else:
        more = f"{one} is worse" if clear == 1 else f"{many} are worse"
    if not len(unsure):
        return f"{more[0].upper()}{more[1:]}." if clear else ""
    same = " (the same in every replication)"
    if len(unsure) == 1 and len(against) > 1 and unsure.index[0] == table.ranked[1]:
        text = f"The two best, {quoted_list(table.ranked[:2])}, are not significantly different"
        text += same if len(twins) else ""
    elif len(twins):
        text = f"{name} is not significantly different from {quoted_list(twins.index)}{same}"
        text += f", nor from {quoted_list(close.index)}" if len(close) else ""
    else:
        text = f"{name} is not significantly different from {quoted_list(close.index)}"
    return f"{text}; {more}." if clear else f"{text}."


def _few(against, name: str) -> str:
    """From which strategies the best differs in too few replications for an interval."""
    few = against[against["few"]]
    if not len(few):
        return ""
    parts = [
        f"from {quoted(other)} in {row.differing:,}"
        + ("" if nth else f" of {row.replications:,} replications")
        for nth, (other, row) in enumerate(
            zip(few.index[:MOST_NAMED], few.itertuples(), strict=False)
        )
    ]
    if len(few) > MOST_NAMED:
        parts.append(f"from {len(few) - MOST_NAMED} more in as few")
    return f"{name} differs {enumeration(parts)}: too few for an interval."


def _conditions(table) -> list[str]:
    """What was left out, whether replications were few, and whether the precision was reached."""
    sentences = []
    if table.draws is not None:
        first, *rest = table.ranked
        baseline = table.strategies[0].name
        other = baseline if first != baseline else (rest or [None])[0]
        sentences.append(copies.in_words(table.draws, table.measured, table.measure, first, other))
    if table.has_few_evenings:
        sentences.append(
            f"With fewer than {EVENINGS_FOR_LEVELS} evenings levels have no intervals, and those of "
            "differences may be too short."
        )
    elif table.replications < FEW:
        sentences.append(
            f"With fewer than {FEW} replications intervals hold somewhat less often than they say."
        )
    parts = []
    if table.warm_up_s:
        parts.append(f"in the first {table.warm_up_s:g} s")
    if table.cool_down_s:
        parts.append(f"in the last {table.cool_down_s:g} s")
    if parts:
        sentences.append(f"Orders that were ready {' or '.join(parts)} are left out.")
    if table.precision is not None and len(table.strategies) > 1:
        measure = table.measured
        wanted = f"{_step(measure, table.precision)} {measure.step_unit} to either side"
        if table.half_width <= table.precision:
            sentences.append(f"Every interval against the baseline is at most {wanted}, as asked.")
        elif np.isinf(table.half_width):
            sentences.append(
                f"The cap of {table.max_replications:,} replications came before every strategy differed "
                f"from the baseline in {FEWEST_DIFFERING} of them, which an interval takes."
            )
        else:
            sentences.append(
                f"The cap of {table.max_replications:,} replications came before every interval against the "
                f"baseline was at most {wanted}; the widest is {_step(measure, table.half_width)}."
            )
    return sentences
