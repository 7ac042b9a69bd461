"""Confidence intervals of means over replications and of differences between strategies.

Pure functions from summaries to tables. An interval is the 95 % interval of a mean over replications:
Student's t and Hall's for skewed values, whichever reaches farther (`interval`). A replication in
which a measure has no value (no orders, or none of that temp) is left out for it; ``replications`` is
the number of the others. With one replication there is no interval, nor where two strategies differ
in a few replications only (`too_few`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError, unknown
from kitchen.model.measures import MEASURES, holds_shares
from kitchen.stats.skewness import skewness_of, skewnesses, transformed, untransformed

LEVEL = 0.95
"""Confidence level of all intervals."""

FEWEST_DIFFERING = 30
"""Number of differing replications below which a difference that most replications do not show has
no interval: at 5 to 30 of them 95 % intervals of every kind that was tried covered 65 to 90 %."""


def interval(mean, deviation, skewness, number, family=1):
    """Confidence interval of a mean: the farther of Student's end and Hall's on either side.

    Parameters
    ----------
    mean, deviation, skewness : array
        Of the values; see `skewnesses`.
    number : array
        Number of values.
    family : int or array
        Number of intervals that hold together with 95 % (Bonferroni).

    Returns
    -------
    tuple of two arrays
        Lower and upper ends; NaN with fewer than two values.

    Examples
    --------
    >>> [round(float(end), 2) for end in interval(0.0, 1.0, 0.0, 9)]  # Student's t
    [-0.77, 0.77]
    >>> [round(float(end), 2) for end in interval(0.0, 1.0, 2.0, 9)]
    [-0.77, 2.77]

    Notes
    -----
    Hall's ends are mean - g^-1(+-t) se with g(x) = x + a x^2 / 3 + a^2 x^3 / 27 + a / 6 and a =
    skewness / sqrt(number); Hall, Journal of the Royal Statistical Society B 54 (1992), 221-228.
    Student's are too short on the side of a long tail, Hall's on the other side and wherever long
    tails on both sides make a sample look skewed; docs/statistics.md has the coverage of all three.
    """
    number = np.asarray(number, float)
    enough = np.maximum(number, 2)
    t, a = quantile(enough - 1, family), np.asarray(skewness) / np.sqrt(enough)
    error = np.where(number > 1, deviation / np.sqrt(enough), np.nan)
    below, above = np.maximum(t, untransformed(t, a)), np.maximum(t, -untransformed(-t, a))
    return mean - below * error, mean + above * error


def quantile(freedom, family=1) -> np.ndarray:
    """Quantile of Student's t for two-sided intervals, `family` of which hold together."""
    from scipy.special import stdtrit  # the quantile of Student's t, without all of scipy.stats

    return stdtrit(freedom, 1 - (1 - LEVEL) / (2 * np.asarray(family)))


def too_few(differing, number):
    """Whether too few replications differ for an interval of the difference.

    Where every replication differs, a few serve.

    Examples
    --------
    >>> too_few(7, 200), too_few(40, 200), too_few(7, 7)
    (True, False, False)
    """
    return (differing < FEWEST_DIFFERING) & (differing < number)


def widened(difference, low, high, replications, family):
    """Intervals of 95 % each as intervals that hold together with 95 % (Bonferroni).

    Parameters
    ----------
    difference, low, high : array
    replications : array
    family : int
        Number of intervals.

    Returns
    -------
    tuple of two arrays
        Lower and upper ends. Each half is stretched as Student's quantile is, which keeps the lean of
        a skewed interval.

    Examples
    --------
    >>> [round(float(end), 2) for end in widened(1.0, 0.0, 3.0, 100, 5)]
    [-0.32, 3.65]
    """
    freedom = np.maximum(np.asarray(replications, float), 2) - 1
    factor = quantile(freedom, max(family, 1)) / quantile(freedom)
    return difference - factor * (difference - low), difference + factor * (high - difference)


def within(low, high, shares=True):
    """Ends of intervals, cut to 0 and 1 where the quantities are `shares`."""
    return tuple(np.where(shares, np.clip(end, 0.0, 1.0), end) for end in (low, high))


def mean_intervals(summaries: pd.DataFrame, measures=MEASURES) -> pd.DataFrame:
    """Means over replications with confidence intervals.

    Parameters
    ----------
    summaries : DataFrame
        Rows of `Run.summary`, of one or several strategies.
    measures : sequence of str
        Columns to average.

    Returns
    -------
    DataFrame
        A row per strategy and measure: ``strategy, measure, mean, low, high, replications``. ``low``
        and ``high`` are NaN with fewer than two replications, the mean with none.

    Raises
    ------
    KitchenError
        If a column is missing.

    Examples
    --------
    >>> import kitchen as kt
    >>> run = kt.simulate(kt.Scenario.load("rush"), "random", replications=20, keep="summary")
    >>> kt.metrics.mean_intervals(run.summary, ["wasted_share"]).columns.tolist()
    ['strategy', 'measure', 'mean', 'low', 'high', 'replications']
    """
    measures = list(measures)
    need(summaries, ["strategy", *measures], "summaries")
    strategy = in_order(summaries["strategy"])
    values = summaries[measures].astype(float)
    return with_intervals(values, strategy, "measure", measures)


def paired_differences(
    summaries: pd.DataFrame, baseline: str | None = None, measures=MEASURES
) -> pd.DataFrame:
    """Paired differences to a baseline strategy, with confidence intervals.

    Each interval holds with 95 % by itself; those of `all_pairs` hold together.

    Parameters
    ----------
    summaries : DataFrame
        Rows of `Run.summary` of several strategies with the same orders.
    baseline : str, optional
        Name of a strategy; the first one by default.
    measures : sequence of str

    Returns
    -------
    DataFrame
        A row per measure and strategy other than the baseline: ``strategy, baseline, measure,
        difference, low, high, replications, differing``; the difference is the strategy minus the
        baseline, and ``differing`` the number of replications in which it is not 0. Where those are
        too few (`too_few`), ``low`` and ``high`` are NaN.

    Raises
    ------
    KitchenError
        If there is no such baseline, or a strategy has a replication twice.

    Examples
    --------
    >>> import pandas as pd
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> runs = [kt.simulate(rush, s, replications=20, keep="summary") for s in ("random", "oldest")]
    >>> summaries = pd.concat([run.summary for run in runs])
    >>> kt.metrics.paired_differences(summaries, "random", ["wasted_share"])["strategy"].tolist()
    ['oldest']
    """
    measures = list(measures)
    values, names = by_strategy(summaries, measures)
    if baseline is None:
        baseline = names[0] if names else ""
    elif baseline not in names:
        raise KitchenError(unknown("baseline", baseline, names))
    others = values[values.index.get_level_values(0) != baseline]
    if len(others):
        against = values.xs(baseline, level=0).reindex(others.index.get_level_values(1))
        others = others - against.to_numpy()
    strategy = pd.Categorical(others.index.get_level_values(0), names, ordered=True)
    table = with_intervals(
        others.reset_index(drop=True), strategy, "measure", measures, differences=True
    )
    table = table[table["strategy"] != baseline].reset_index(drop=True)
    table.insert(1, "baseline", pd.Categorical([baseline] * len(table), names, ordered=True))
    return table.rename(columns={"mean": "difference"})


def all_pairs(summaries: pd.DataFrame, measures=MEASURES) -> pd.DataFrame:
    """Differences between all pairs of strategies, with simultaneous confidence intervals.

    Parameters
    ----------
    summaries : DataFrame
        Rows of `Run.summary` of several strategies with the same orders.
    measures : sequence of str
        Each measure is a family of tests by itself.

    Returns
    -------
    DataFrame
        A row per measure and pair: ``strategy, other, measure, difference, low, high, p, significant,
        replications, differing``; the difference is the strategy minus the other, and ``differing``
        the number of replications in which it is not 0. Where those are too few (`too_few`), ``low``,
        ``high`` and ``p`` are NaN and ``significant`` is False.

    Raises
    ------
    KitchenError
        If a strategy has a replication twice.

    Examples
    --------
    >>> import pandas as pd
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> names = ("discard newcomer", "random", "oldest")
    >>> runs = [kt.simulate(rush, name, replications=20, keep="summary") for name in names]
    >>> len(kt.metrics.all_pairs(pd.concat([run.summary for run in runs]), ["value_per_order"]))
    3

    Notes
    -----
    With k strategies there are m = k (k - 1) / 2 pairs. ``low`` and ``high`` are Bonferroni's
    intervals, of level 1 - 0.05 / m each: in 95 % of comparisons all m hold at once. ``p`` is
    Holm's step-down p value of the paired t test, with Hall's correction for skewness and without,
    whichever is larger; ``significant`` says that it is below 0.05, and in 95 % of comparisons no
    equal pair is called significant. An interval that leaves out 0 always has p < 0.05. The reverse
    can fail by a little: Holm's test only asks whether two differ and so finds more than intervals,
    which also say by how much.
    """
    measures = list(measures)
    values, names = by_strategy(summaries, measures)
    first, second = np.triu_indices(len(names), 1)
    keys = {
        "strategy": pd.Categorical.from_codes(first, names, ordered=True),
        "other": pd.Categorical.from_codes(second, names, ordered=True),
    }
    tables = []
    for nth, measure in enumerate(measures):
        wide = values[measure].unstack(level=0).reindex(columns=names).to_numpy(float)
        figures = _family(wide[:, first] - wide[:, second])
        named = pd.Categorical.from_codes(np.full(first.size, nth), measures, ordered=True)
        tables.append(pd.DataFrame({**keys, "measure": named, **figures}))
    return pd.concat(tables, ignore_index=True)


# Shared


def need(frame: pd.DataFrame, columns, what: str) -> None:
    """Refuse a frame that lacks columns.

    Raises
    ------
    KitchenError
        If a column is missing; the message names `what` the frame is.

    Examples
    --------
    >>> import pandas as pd
    >>> import kitchen as kt
    >>> kt.metrics.need(pd.DataFrame({"strategy": ["random"]}), ["strategy"], "summaries")
    """
    missing = [column for column in columns if column not in frame]
    if missing:
        raise KitchenError(
            f"{what}: the column {missing[0]!r} is missing. There are: "
            f"{', '.join(map(str, frame.columns))}."
        )


def in_order(names: pd.Series) -> pd.Categorical:
    """The names that occur, as ordered categories: in their own order, else in order of appearance.

    Examples
    --------
    >>> import pandas as pd
    >>> import kitchen as kt
    >>> kt.metrics.in_order(pd.Series(["oldest", "random", "oldest"])).categories.tolist()
    ['oldest', 'random']
    """
    if isinstance(names.dtype, pd.CategoricalDtype):
        return names.array.remove_unused_categories().as_ordered()
    return pd.Categorical(names, pd.unique(names.dropna()), ordered=True)


def with_intervals(
    values: pd.DataFrame, strategy, key: str, labels, differences: bool = False
) -> pd.DataFrame:
    """Mean and confidence interval of each column by strategy, as rows; `labels` name the columns.

    Intervals of columns that hold shares stay within 0 and 1. With `differences`, values are
    differences to a baseline: there is also ``differing``, and no interval where that is too few.
    """
    names, labels = list(strategy.categories), list(labels)
    shares = False if differences else np.array([holds_shares(name) for name in values.columns])
    mean, low, high, number = estimates(values, strategy.codes, len(names), shares)
    figures = {"mean": mean, "low": low, "high": high, "replications": number}
    if differences:
        differing = counts_differing(values, strategy.codes, len(names))
        few = too_few(differing, number)
        figures["low"], figures["high"] = (np.where(few, np.nan, end) for end in (low, high))
        figures["differing"] = differing
    return pd.DataFrame(
        {
            "strategy": pd.Categorical(np.repeat(names, len(labels)), names, ordered=True),
            key: pd.Categorical(np.tile(labels, len(names)), labels, ordered=True),
            **{name: figure.ravel() for name, figure in figures.items()},
        }
    )


def estimates(values: np.ndarray, group: np.ndarray, groups: int, shares=False):
    """Mean, ends of its interval and number of values, by group of rows and column.

    Parameters
    ----------
    values : array, shape (rows, columns)
        NaN is no value.
    group : int array, shape (rows,)
        From 0 to `groups` - 1, or -1 for a row without a group.
    shares : bool or array, shape (columns,)
        Whether a column holds shares, whose intervals stay within 0 and 1.

    Returns
    -------
    tuple of four arrays, shape (groups, columns)
        Mean, low, high, number.
    """
    table = pd.DataFrame(np.asarray(values, float))

    def by_group(frame):
        return frame.groupby(pd.Categorical.from_codes(group, np.arange(groups)), observed=False)

    grouped = by_group(table)
    number, mean = grouped.count().to_numpy(np.int64), grouped.mean().to_numpy()
    rest = table - mean[group] if groups else table
    square = rest * rest
    moments = [by_group(power).mean().to_numpy() for power in (square, square * rest)]
    skewness = skewness_of(*moments, by_group(table.abs()).max().to_numpy())
    deviation = grouped.std(ddof=1).to_numpy()
    low, high = interval(mean, deviation, skewness, number)
    return mean, *within(low, high, shares), number


def counts_differing(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Number of values other than 0, by group of rows and column; arguments as for `estimates`."""
    values = np.asarray(values, float)
    differ = pd.DataFrame(((values != 0) & np.isfinite(values)).astype(np.int64))
    keys = pd.Categorical.from_codes(group, np.arange(groups))
    return differ.groupby(keys, observed=False).sum().to_numpy()


def by_strategy(summaries: pd.DataFrame, measures: list) -> tuple[pd.DataFrame, list]:
    """The measures by (strategy, replication), and the strategies' names in their order."""
    need(summaries, ["strategy", "replication", *measures], "summaries")
    strategy = in_order(summaries["strategy"])
    keys = pd.MultiIndex.from_arrays([strategy, summaries["replication"]])
    if keys.has_duplicates:
        twice = keys[keys.duplicated()][0]
        raise KitchenError(f"summaries: strategy {twice[0]!r} has replication {twice[1]} twice.")
    return summaries[measures].astype(float).set_axis(keys), list(strategy.categories)


def _family(differences: np.ndarray) -> dict[str, np.ndarray]:
    """Figures of the pairs of one measure; `differences` has shape (replications, pairs)."""
    from scipy.special import stdtr

    good = np.isfinite(differences)
    number = good.sum(axis=0)
    enough = np.maximum(number, 1)
    mean = np.where(number > 0, np.where(good, differences, 0.0).sum(axis=0) / enough, np.nan)
    square = np.where(good, (differences - mean) ** 2, 0.0).sum(axis=0)
    deviation = np.sqrt(square / np.maximum(number - 1, 1))
    differing = (good & (differences != 0)).sum(axis=0)
    tested = number > 1
    known = tested & ~too_few(differing, number)
    skewness = skewnesses(differences)
    low, high = interval(mean, deviation, skewness, number, max(int(tested.sum()), 1))
    error = deviation / np.sqrt(enough)
    # pairs that never differ are no sign of a difference, and pairs that always differ by the same are
    t = np.divide(mean, error, out=np.where(mean == 0, 0.0, np.inf), where=error > 0)
    t = np.minimum(np.abs(t), np.abs(transformed(t, skewness / np.sqrt(enough))))
    p = np.where(tested, 2 * stdtr(np.maximum(number - 1, 1), -t), np.nan)
    # pairs without an interval stay in the family, so that its size does not hang on the data
    p = np.where(known, _holm(np.where(tested & ~known, 1.0, p)), np.nan)
    return {
        "difference": mean,
        "low": np.where(known, low, np.nan),
        "high": np.where(known, high, np.nan),
        "p": p,
        "significant": p < 1 - LEVEL,
        "replications": number,
        "differing": differing,
    }


def _holm(p: np.ndarray) -> np.ndarray:
    """Holm's p values: the smallest times their number, the next times one less, never falling."""
    order = np.argsort(p)[: int(np.isfinite(p).sum())]
    held = np.full(p.size, np.nan)
    steps = p[order] * np.arange(order.size, 0, -1)
    held[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return held
