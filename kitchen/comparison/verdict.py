"""The verdict of a comparison in words; it claims no more than its figures allow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kitchen.utils.formatting import points_text, quoted, quoted_list, share_text

FEW = 30
"""Number of replications below which 95 % intervals of skewed measures cover clearly less than 95 %."""


def in_words(table, measure: str) -> str:
    """The verdict: which strategy loses least, by how much, and how sure that is.

    Parameters
    ----------
    table : Comparison
    measure : str
        A share that is better when it is lower.
    """
    best = table.ranked[0]
    lost = table.frame[table.frame["measure"] == measure].set_index("strategy").loc[best]
    if np.isnan(lost["mean"]):
        return "No orders came, so there is nothing to compare."
    amount = f"{share_text(lost['mean'])} of the value of its orders"
    alone = len(table.strategies) == 1
    subject = f"{quoted(best)} loses" + ("" if alone else " least:")
    if lost["replications"] < 2:
        return (
            f"{subject} {amount}. This is one replication, which gives no interval: nothing can be "
            "said about how sure it is."
        )
    how_sure = (
        f"(95 % interval {share_text(lost['low'])[:-2]} to {share_text(lost['high'])}, "
        f"{lost['replications']:,} replications)"
    )
    against = _against(table, best, measure)
    if not alone and (against[["difference", "low", "high"]] == 0).all(axis=None):
        sentences = [
            f"All {len(table.strategies)} strategies lose {amount} {how_sure}: there is no "
            "difference, each loses the same in every replication."
        ]
    else:
        sentences = [f"{subject} {amount} {how_sure}."]
        if not alone:
            sentences += [_baseline(table, best, against), _others(table, against)]
    return " ".join([sentence for sentence in (*sentences, *_conditions(table)) if sentence])


def _against(table, best: str, measure: str):
    """How much more each other strategy loses than the best, a row each, from all pairs."""
    rows = table.pairs[table.pairs["measure"] == measure]
    names = ["strategy", "other"]
    rows = rows[(rows[names] == best).any(axis=1)]
    turn = (rows["strategy"] == best).to_numpy()
    others = np.where(turn, rows["other"].astype(object), rows["strategy"].astype(object))
    columns = ["difference", "low", "high"]
    figures = rows[columns].to_numpy(copy=True)
    figures[turn] = 0.0 - figures[turn][:, [0, 2, 1]]
    rows = pd.DataFrame(figures, others, columns).assign(significant=rows["significant"].to_numpy())
    return rows.loc[[name for name in table.ranked if name != best]]


def _baseline(table, best: str, against) -> str:
    """By how much the best is better than the baseline, where that is significant."""
    name = table.strategies[0].name
    if name == best:
        return "It is the baseline."
    row = against.loc[name]
    if not row["significant"]:
        return ""
    low, high = points_text(max(row["low"], 0.0)), points_text(row["high"])
    return (
        f"That is {points_text(row['difference'])} percentage points less than the baseline "
        f"{quoted(name)}, 95 % interval {low} to {high}."
    )


def _others(table, against) -> str:
    """Which strategies are not significantly different from the best."""
    unsure = against[~against["significant"]]
    twins = unsure[(unsure[["low", "high"]] == 0).all(axis=1)]
    close = unsure.drop(twins.index)
    clear = len(against) - len(unsure)
    if not len(unsure):
        return "The other one loses more." if clear == 1 else f"The other {clear} lose more."
    same = " (the same in every replication)"
    if len(unsure) == 1 and clear and unsure.index[0] == table.ranked[1]:
        text = f"The two best, {quoted_list(table.ranked[:2])}, are not significantly different"
        text += same if len(twins) else ""
    elif len(twins):
        text = f"It is not significantly different from {quoted_list(twins.index)}{same}"
        text += f", nor from {quoted_list(close.index)}" if len(close) else ""
    else:
        text = f"It is not significantly different from {quoted_list(close.index)}"
    if clear:
        text += "; the other one loses more" if clear == 1 else f"; the other {clear} lose more"
    return text + "."


def _conditions(table) -> list[str]:
    """What was left out, whether replications were few, and whether the precision was reached."""
    sentences = []
    if table.replications < FEW:
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
        wanted = f"{points_text(table.precision)} percentage points to either side"
        if table.half_width <= table.precision:
            sentences.append(f"Every interval against the baseline is at most {wanted}, as asked.")
        else:
            sentences.append(
                f"The cap of {table.max_replications:,} replications came before every interval against the "
                f"baseline was at most {wanted}; the widest is {points_text(table.half_width)}."
            )
    return sentences
