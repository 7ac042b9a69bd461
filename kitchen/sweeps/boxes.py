"""Boxes in which points fail: leaves of a classification tree that cross-validation has pruned."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from kitchen.errors import KitchenError

MOST_LEAVES = 12
"""Largest number of leaves of a tree: what has more is no description."""

FOLDS = 10
"""Number of parts of the points, each of which judges the trees of all others."""

FEWEST_POINTS = 5
"""Smallest number of points in a leaf, and of points of either kind for a tree."""


class Box(NamedTuple):
    """A box of columns: ``low < value <= high`` in each.

    Attributes
    ----------
    low, high : array, shape (columns,)
        Infinite where there is no limit.
    inside : bool array, shape (points,)
    """

    low: np.ndarray
    high: np.ndarray
    inside: np.ndarray


class Boxes(NamedTuple):
    """Boxes in which most points fail, and how well they did on points that they had not seen.

    Attributes
    ----------
    boxes : list of Box
        Disjoint, the one with most failing points first.
    share, coverage : float
        Of the points that cross-validation predicts to fail, those that do; of those that fail, the
        ones that it predicts. NaN without boxes, and the share where it predicts none.
    """

    boxes: list[Box]
    share: float
    coverage: float


def failing_boxes(values: np.ndarray, fails: np.ndarray, seed: int) -> Boxes:
    """Boxes in which most points fail.

    Parameters
    ----------
    values : array, shape (points, columns)
        Words as one column of 0 and 1 for each.
    fails : bool array, shape (points,)
    seed : int
        Of the folds.

    Returns
    -------
    Boxes
        None where fewer than `FEWEST_POINTS` fail, or do not, or where no tree predicts better than
        the share of all points that fail.

    Notes
    -----
    A tree grows leaf by leaf, the best split first. The number of leaves is the smallest whose mean squared
    error of prediction (Brier's score), in cross-validation, is within one standard error of the least:
    Breiman, Friedman, Olshen and Stone, Classification and Regression Trees, Wadsworth 1984, section
    3.4.3.
    """
    nothing = Boxes([], math.nan, math.nan)
    folds = min(FOLDS, int(fails.sum()), int((~fails).sum()))
    if folds < FEWEST_POINTS or not values.shape[1]:
        return nothing
    tree, held_out = _tools()
    scores, predicted = [], []
    for leaves in range(1, MOST_LEAVES + 1):
        errors, chances = np.empty(folds), np.empty(len(fails))
        for nth, (seen, unseen) in enumerate(held_out(folds, seed).split(values, fails)):
            if leaves == 1:
                chances[unseen] = fails[seen].mean()
            else:
                grown = tree(leaves).fit(values[seen], fails[seen])
                chances[unseen] = grown.predict_proba(values[unseen])[:, 1]
            errors[nth] = np.mean((chances[unseen] - fails[unseen]) ** 2)
        scores.append((errors.mean(), errors.std(ddof=1) / math.sqrt(folds)))
        predicted.append(chances >= 0.5)
    means, spreads = np.array(scores).T
    best = int(np.argmin(means))
    leaves = 1 + int(np.argmax(means <= means[best] + spreads[best]))
    if leaves == 1:
        return nothing
    found = _boxes_of(tree(leaves).fit(values, fails), values, fails)
    called = predicted[leaves - 1]
    hits = int((called & fails).sum())
    share = hits / int(called.sum()) if called.any() else math.nan
    return Boxes(found, share, hits / int(fails.sum()))


def _tools():
    """(leaves -> an untrained tree), (folds, seed -> a division of the points)."""
    try:
        from sklearn.model_selection import StratifiedKFold
        from sklearn.tree import DecisionTreeClassifier
    except ModuleNotFoundError:
        raise KitchenError(
            "regions needs scikit-learn. Install it with: pip install 'kitchensim[regions]'"
        ) from None

    def tree(leaves: int):
        return DecisionTreeClassifier(
            max_leaf_nodes=leaves, min_samples_leaf=FEWEST_POINTS, random_state=0
        )

    return tree, lambda folds, seed: StratifiedKFold(folds, shuffle=True, random_state=seed)


def _boxes_of(grown, values: np.ndarray, fails: np.ndarray) -> list[Box]:
    """The leaves in which at least half of the points fail; two that make up their parent are one."""
    tree, leaf = grown.tree_, grown.apply(values)

    def boxes(node: int, low: np.ndarray, high: np.ndarray) -> tuple[list[Box], bool]:
        """The boxes below a node, and whether they are all of it."""
        left, right = tree.children_left[node], tree.children_right[node]
        if left < 0:
            inside = leaf == node
            whole = bool(fails[inside].mean() >= 0.5)
            return ([Box(low, high, inside)] if whole else []), whole
        column, at = tree.feature[node], tree.threshold[node]
        below, above = high.copy(), low.copy()
        below[column], above[column] = at, at
        (some, all_left), (others, all_right) = boxes(left, low, below), boxes(right, above, high)
        if all_left and all_right:
            inside = np.any([box.inside for box in some + others], axis=0)
            return [Box(low, high, inside)], True
        return some + others, False

    nowhere = np.full(values.shape[1], np.inf)
    found, _ = boxes(0, -nowhere, nowhere)
    return sorted(found, key=lambda box: -int(fails[box.inside].sum()))
