"""A comparison in a few sentences that claim no more than its figures allow."""

from __future__ import annotations

import numpy as np
import pandas as pd

NAMED = 4
"""How many strategies a sentence names before it counts the rest."""


FEW = 30
"""With fewer replications the intervals of skewed measures hold in clearly less than 95 %."""


def in_words(table, measure: str) -> str:
    """Which strategy loses least, by how much, and how sure that is.

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
    amount = f"{_share(lost['mean'])} of the value of its orders"
    alone = len(table.strategies) == 1
    subject = f"{_quoted(best)} loses" + ("" if alone else " least:")
    if lost["replications"] < 2:
        return (
            f"{subject} {amount}. This is one replication, which gives no interval: nothing can be "
            "said about how sure it is."
        )
    how_sure = (
        f"(95 % interval {_share(lost['low'])[:-2]} to {_share(lost['high'])}, "
        f"{lost['replications']:,} replications)"
    )
    against = _against(table, best, measure)
    if not alone and (against[["difference", "low", "high"]] == 0).all(axis=None):
        told = [
            f"All {len(table.strategies)} strategies lose {amount} {how_sure}: they cannot be told "
            "apart, each loses the same in every replication."
        ]
    else:
        told = [f"{subject} {amount} {how_sure}."]
        if not alone:
            told += [_baseline(table, best, against), _others(table, against)]
    return " ".join([sentence for sentence in (*told, *_conditions(table)) if sentence])


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
    rows = pd.DataFrame(figures, others, columns).assign(apart=rows["apart"].to_numpy())
    return rows.loc[[name for name in table.ranked if name != best]]


def _baseline(table, best: str, against) -> str:
    """By how much the best is better than the baseline, where that can be said."""
    name = table.strategies[0].name
    if name == best:
        return "It is the baseline."
    row = against.loc[name]
    if not row["apart"]:
        return ""
    low, high = _points(max(row["low"], 0.0)), _points(row["high"])
    return (
        f"That is {_points(row['difference'])} percentage points less than the baseline "
        f"{_quoted(name)}, 95 % interval {low} to {high}."
    )


def _others(table, against) -> str:
    """Which strategies cannot be told apart from the best."""
    unsure = against[~against["apart"]]
    twins = unsure[(unsure[["low", "high"]] == 0).all(axis=1)]
    close = unsure.drop(twins.index)
    clear = len(against) - len(unsure)
    if not len(unsure):
        return "The other one loses more." if clear == 1 else f"The other {clear} lose more."
    if len(unsure) == 1 and clear and unsure.index[0] == table.ranked[1]:
        told = f"The two best, {_listed(table.ranked[:2])}, cannot be told apart"
        told += " (the same in every replication)" if len(twins) else ""
    elif len(twins):
        told = f"It cannot be told apart from {_listed(twins.index)}"
        told += " (the same in every replication)"
        told += f", nor from {_listed(close.index)}" if len(close) else ""
    else:
        told = f"It cannot be told apart from {_listed(close.index)}"
    if clear:
        told += "; the other one loses more" if clear == 1 else f"; the other {clear} lose more"
    return told + "."


def _conditions(table) -> list[str]:
    """What was left out, whether that was enough, and whether the precision asked for was reached."""
    told = []
    if table.replications < FEW:
        told.append(
            f"With fewer than {FEW} replications intervals hold somewhat less often than they say."
        )
    parts = []
    if table.warm_up_s:
        parts.append(f"in the first {table.warm_up_s:g} s")
    if table.cool_down_s:
        parts.append(f"in the last {table.cool_down_s:g} s")
    if parts:
        told.append(f"Orders that were ready {' or '.join(parts)} are left out.")
    if table.precision is not None and len(table.strategies) > 1:
        wanted = f"{_points(table.precision)} percentage points to either side"
        if table.half_width <= table.precision:
            told.append(f"Every interval against the baseline is at most {wanted}, as asked.")
        else:
            told.append(
                f"The cap of {table.cap:,} replications came before every interval against the "
                f"baseline was at most {wanted}; the widest is {_points(table.half_width)}."
            )
    return told


def _share(value: float) -> str:
    percent = 100 * max(value, 0.0)
    return f"{percent:.{1 if percent >= 9.95 else 2}f} %"


def _points(share: float) -> str:
    """A difference of shares in percentage points, to two digits."""
    points = 100 * share
    return f"{points:.2g}" if abs(points) < 9.95 else f"{points:.0f}"


def _quoted(name: str) -> str:
    name = name if len(name) <= 60 else f"{name[:57]}..."
    return f"'{name}'" if name.isprintable() else repr(name)


def _listed(names) -> str:
    """Names in a sentence; the rest of many are counted."""
    names = [_quoted(name) for name in names]
    if len(names) > NAMED + 1:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
