"""`regions`: in which region of a sweep's settings a strategy fails (scenario discovery)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError, inline, shown, unknown
from kitchen.model.measures import Measure, measure_named, primary_in
from kitchen.simulation.metrics import in_order, need
from kitchen.stats.intervals import widened
from kitchen.sweeps.boxes import Box, failing_boxes
from kitchen.sweeps.sweep import FIGURES, PAIRED, Sweep
from kitchen.utils import html
from kitchen.utils.formatting import counted, enumeration, number_text, whole_percent
from kitchen.utils.frames import frame_field
from kitchen.utils.validation import check_seed, instance, number, share

MOST_TOLD = 3
"""Largest number of regions that the verdict describes."""

_KEYS = ("point", "strategy", "measure", "baseline", *FIGURES, *PAIRED)


@dataclass(frozen=True, eq=False)
class Regions:
    """Regions of settings in which a strategy fails at most points.

    Attributes
    ----------
    strategy, measure : str
    criterion : str
        When a point counts as failing, in words.
    held_out_share, held_out_coverage : float
        How well the regions would do elsewhere, by cross-validation: the share of the points they
        call failing that fail, and the share of the failing points that they find.
    frame : DataFrame
        A row a region, the one with most failing points first: ``region, points, failing, share,
        coverage``. ``share`` is that of its points that fail, ``coverage`` that of all failing
        points that are in it.
    limits : DataFrame
        A row a region and parameter that bounds it: ``region, parameter, low, high, values``. It
        reaches from ``low`` to ``high``, NaN where it is open; ``values`` says it in words.
    points : DataFrame
        A row a point: ``point``, the parameters, ``figure`` (the mean, or the difference that was
        judged), ``fails`` and ``region`` (0 for none).

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> grid = {"arrivals.rate": range(4, 13), "shelves.overflow.capacity": [5, 10, 15]}
    >>> swept = kt.sweep(rush, grid, ["oldest"], replications=20)
    >>> found = kt.regions(swept, limit="5%")
    >>> found.limits["parameter"].unique().tolist()
    ['arrivals.rate']
    """

    strategy: str
    measure: str
    criterion: str
    held_out_share: float
    held_out_coverage: float
    frame: pd.DataFrame = frame_field()
    limits: pd.DataFrame = frame_field()
    points: pd.DataFrame = frame_field()

    def __repr__(self):
        failing, points = int(self.points["fails"].sum()), len(self.points)
        return (
            f"Regions({len(self.frame)} of {self.strategy!r}, which fails at {failing:,} of "
            f"{counted(points, 'point')})"
        )

    def _repr_html_(self) -> str:
        rows = [
            (
                str(row.region),
                self.where(row.region),
                f"{row.failing:,} of {row.points:,}",
                f"{whole_percent(row.coverage)} %",
            )
            for row in self.frame.itertuples()
        ]
        header = ["region", "where", "points that fail", "of all that fail"]
        return html.block(
            html.heading("Regions in which it fails", self.strategy),
            html.paragraph(self.verdict),
            html.table(header, rows, "<<>>") if rows else "",
            html.note(
                f"What counts as failing: {self.criterion}. Frames: frame (a row a region), limits and "
                "points (for plots.regions)."
            ),
        )

    def where(self, region: int) -> str:
        """The limits of a region in words: "arrivals.rate above 10.2"."""
        rows = self.limits[self.limits["region"] == region]
        return enumeration(
            [f"{inline(p)} {v}" for p, v in zip(rows["parameter"], rows["values"], strict=True)]
        )

    @cached_property
    def verdict(self) -> str:
        """The regions in a few sentences, and how far they can be trusted."""
        return html.Sentences(_in_words(self))


def regions(
    swept: Sweep | pd.DataFrame,
    strategy: str | None = None,
    *,
    against: str | None = None,
    measure: str | None = None,
    limit: float | str | None = None,
    seed: int = 1,
) -> Regions:
    """Find the regions of settings in which a strategy fails (scenario discovery).

    Parameters
    ----------
    swept : Sweep or DataFrame
        A sweep, best of a sample of many settings (`designs.sobol`, `designs.latin_hypercube`); or
        its frame.
    strategy : str, optional
        The strategy that is judged; the baseline of the sweep if left out.
    against : str, optional
        Another strategy. The strategy fails where it is significantly worse; one of the two must be
        the baseline. If left out, the baseline is judged against all others, and any other strategy
        against the baseline. The intervals of all points hold together (Bonferroni).
    measure : str, optional
        By default lost revenue where prices differ, else lost value.
    limit : float or str, optional
        The strategy fails where its mean is worse than this, whatever others do: 0.05 or "5%".
    seed : int
        Of the division of the points for cross-validation.

    Returns
    -------
    Regions
        Without regions where the strategy fails at too few points, or at nearly all, or where no
        region predicts failure: the verdict says which.

    Raises
    ------
    KitchenError
        If there is no such strategy or measure, both `limit` and `against` are given, or
        scikit-learn is not installed.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> ranges = {"arrivals.rate": (4.0, 12.0), "shelves.overflow.capacity": range(5, 21)}
    >>> sample = kt.designs.sobol(ranges, 128)
    >>> swept = kt.sweep(rush, sample, ["discard newcomer", "oldest"], replications=20)
    >>> kt.regions(swept, limit="5%").frame.columns.tolist()
    ['region', 'points', 'failing', 'share', 'coverage']

    Notes
    -----
    The leaves of a classification tree (CART) in which most points fail: Breiman, Friedman, Olshen and Stone,
    Classification and Regression Trees, Wadsworth 1984; as scenario discovery, beside PRIM, in
    Lempert, Bryant and Bankes, "Comparing algorithms for scenario discovery", RAND WR-557-NSF, 2008.
    Cross-validation chooses the number of leaves, so that chance at single points makes no region;
    its predictions for points that a tree had not seen are `Regions.held_out_share` and
    `Regions.held_out_coverage`. A tree has edges along the axes only: a slanted boundary becomes
    stairs.
    """
    frame = swept.frame if isinstance(swept, Sweep) else swept
    if not isinstance(frame, pd.DataFrame):
        raise KitchenError(f"regions: must be given a sweep or its frame, got {shown(frame)}.")
    need(frame, list(_KEYS), "regions")
    seed = check_seed(seed)
    measure = primary_in(frame) if measure is None else instance("regions: measure", measure, str)
    rows = frame[(frame["measure"] == measure).to_numpy()]
    if not len(rows):
        measures = list(in_order(frame["measure"]).categories)
        raise KitchenError(f"regions: {unknown('measure', measure, measures)}")
    names, baseline = list(in_order(rows["strategy"]).categories), str(rows["baseline"].iloc[0])
    strategy = baseline if strategy is None else strategy
    for name in (strategy, *([] if against is None else [against])):
        if not isinstance(name, str) or name not in names:
            raise KitchenError(f"regions: {unknown('strategy', name, names)}")
    quantity = measure_named(measure)
    known = swept.parameters if isinstance(swept, Sweep) else frame.columns
    parameters = [column for column in known if column not in _KEYS]
    own = rows[(rows["strategy"] == strategy).to_numpy()].set_index("point")
    if limit is not None:
        if against is not None:
            raise KitchenError("regions: give limit or against, not both: each says what fails.")
        figure = own["mean"]
        fails, criterion = _beyond(figure, limit, quantity)
    else:
        others = _others(strategy, against, names, baseline)
        figure, fails = _beaten(rows, own, strategy, others, baseline, quantity)
        criterion = _beaten_in_words(others, quantity)
    points = own[parameters].assign(figure=figure, fails=fails).dropna(subset=["figure"])
    points = points.reset_index()
    columns, values = _columns(points[parameters])
    found = failing_boxes(values, points["fails"].to_numpy(bool), seed)
    return Regions(
        strategy=strategy,
        measure=measure,
        criterion=criterion,
        held_out_share=found.share,
        held_out_coverage=found.coverage,
        frame=_table(found.boxes, points["fails"].to_numpy(bool)),
        limits=_limits(found.boxes, columns, points),
        points=points.assign(region=_region_of(found.boxes, len(points))),
    )


# When a point fails


def _beyond(figure: pd.Series, limit, quantity: Measure) -> tuple[pd.Series, str]:
    """Where a mean is worse than a limit, and that in words."""
    if quantity.is_share or isinstance(limit, str):
        limit = share("limit", limit)
    else:
        limit = number("limit", limit)
    worse = figure < limit if quantity.more_is_better else figure > limit
    side = "below" if quantity.more_is_better else "above"
    return worse, f"{quantity.title}: {side} {quantity.figure(limit)}"


def _others(strategy: str, against, names: list[str], baseline: str) -> list[str]:
    """The strategies that the judged one is compared with."""
    if against is None:
        others = [name for name in names if name != strategy]
        others = others if strategy == baseline else [baseline]
        if not others:
            raise KitchenError(
                "regions: the sweep has one strategy only, so nothing beats it. Give limit=, as "
                "limit='5%', or sweep with several."
            )
        return others
    if against == strategy:
        raise KitchenError(f"regions: {strategy!r} against itself has no difference.")
    if baseline not in (strategy, against):
        raise KitchenError(
            f"regions: the sweep has differences to {baseline!r} only. Sweep with {strategy!r} or "
            f"{against!r} as the first strategy."
        )
    return [against]


def _beaten(rows, own, strategy, others, baseline, quantity) -> tuple[pd.Series, pd.Series]:
    """The largest disadvantage against the others, and whether one of them is significantly better."""
    judged = others if strategy == baseline else [strategy]
    worst, beaten = pd.Series(np.nan, own.index), pd.Series(False, own.index)
    family = len(own) * len(judged)
    for name in judged:
        other = rows[(rows["strategy"] == name).to_numpy()].set_index("point").reindex(own.index)
        middle, low, high = other[list(PAIRED)].to_numpy(float).T
        low, high = widened(middle, low, high, other["replications"].to_numpy(float), family)
        # Turned so that above 0 is worse for the judged strategy.
        if (strategy == baseline) != quantity.more_is_better:
            middle, low = -middle, -high
        worst = pd.Series(np.fmax(worst, middle), own.index)
        beaten |= pd.Series(low > 0, own.index)
    return worst, beaten


def _beaten_in_words(others: list[str], quantity: Measure) -> str:
    who = repr(inline(others[0])) if len(others) == 1 else "another strategy"
    return f"{quantity.title}: {who} is significantly better"


# From boxes to tables


def _columns(values: pd.DataFrame) -> tuple[list[tuple], np.ndarray]:
    """Columns of a tree: (parameter, None) for numbers, (parameter, word) for each word of the others."""
    columns, arrays = [], []
    for path in values.columns:
        if pd.api.types.is_numeric_dtype(values[path]):
            columns.append((path, None))
            arrays.append(values[path].to_numpy(float))
            continue
        words = in_order(values[path])
        for nth, word in enumerate(words.categories):
            columns.append((path, str(word)))
            arrays.append((words.codes == nth).astype(float))
    return columns, np.column_stack(arrays) if arrays else np.empty((len(values), 0))


def _region_of(boxes: list[Box], points: int) -> np.ndarray:
    result = np.zeros(points, np.int64)
    for nth, box in enumerate(boxes, start=1):
        result[box.inside] = nth
    return result


def _table(boxes: list[Box], fails: np.ndarray) -> pd.DataFrame:
    inside = np.array([int(box.inside.sum()) for box in boxes], np.int64)
    failing = np.array([int(fails[box.inside].sum()) for box in boxes], np.int64)
    return pd.DataFrame(
        {
            "region": np.arange(1, len(boxes) + 1),
            "points": inside,
            "failing": failing,
            "share": failing / np.maximum(inside, 1),
            "coverage": failing / max(int(fails.sum()), 1),
        }
    )


def _limits(boxes: list[Box], columns: list[tuple], points: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for region, box in enumerate(boxes, start=1):
        for path in dict.fromkeys(path for path, _ in columns):
            own = [nth for nth, (other, _) in enumerate(columns) if other == path]
            low, high = box.low[own], box.high[own]
            if not (np.isfinite(low).any() or np.isfinite(high).any()):
                continue
            if columns[own[0]][1] is None:
                is_whole = pd.api.types.is_integer_dtype(points[path])
                ends, text = _span(float(low[0]), float(high[0]), is_whole)
            else:
                ends = (math.nan, math.nan)
                text = _words([columns[nth][1] for nth in own], low, high)
            rows.append((region, path, *ends, text))
    return pd.DataFrame(rows, columns=["region", "parameter", "low", "high", "values"]).astype(
        {"region": np.int64, "low": float, "high": float}
    )


def _span(low: float, high: float, is_whole: bool) -> tuple[tuple[float, float], str]:
    """Ends of a range of numbers, NaN where it is open, and the range in words."""
    if is_whole and math.isfinite(low):
        low = math.floor(low) + 1
    if is_whole and math.isfinite(high):
        high = math.floor(high)
    ends = (low if low > -math.inf else math.nan, high if high < math.inf else math.nan)
    texts = [number_text(end) for end in (low, high)]
    if math.isnan(ends[0]):
        return ends, f"at most {texts[1]}"
    if math.isnan(ends[1]):
        return ends, f"at least {texts[0]}" if is_whole else f"above {texts[0]}"
    if is_whole and low == high:
        return ends, texts[0]
    return ends, f"from {texts[0]} to {texts[1]}"


def _words(words: list[str], low: np.ndarray, high: np.ndarray) -> str:
    """The words that are left, or those that are not, whichever are fewer."""
    left = [word for word, above in zip(words, low, strict=True) if np.isfinite(above)]
    out = [word for word, below in zip(words, high, strict=True) if np.isfinite(below)]
    if left:
        return inline(left[0])
    left = [word for word in words if word not in out]
    if len(left) <= len(out):
        return " or ".join(map(inline, left))
    return f"not {enumeration([inline(word) for word in out]).replace(' and ', ' or ')}"


# Words


def _in_words(found: Regions) -> str:
    points, frame, name = found.points, found.frame, inline(found.strategy)
    failing, number_ = int(points["fails"].sum()), counted(len(points), "point")
    some = f"all of {number_}" if failing == len(points) else f"{failing:,} of {number_}"
    sentences = [
        f"{name!r} fails at {some if failing else f'none of {number_}'} ({found.criterion})."
    ]
    if failing in (0, len(points)):
        return sentences[0]
    if not len(frame):
        sentences.append(
            "No region of settings predicts where: too few points fail, or too few do not, or they lie "
            "scattered. Sweep more points, or other settings."
        )
        return " ".join(sentences)
    for row in frame.head(MOST_TOLD).itertuples():
        label = f"Region {row.region}" if len(frame) > 1 else "Most of these are in one region"
        sentences.append(
            f"{label}: {found.where(row.region)}; {row.failing:,} of {counted(row.points, 'point')} "
            f"there fail, {whole_percent(row.coverage)} % of all that do."
        )
    if len(rest := frame.iloc[MOST_TOLD:]):
        have = "has" if len(rest) == 1 else "have"
        sentences.append(
            f"{counted(len(rest), 'smaller region')} {have} another "
            f"{whole_percent(rest['coverage'].sum())} %."
        )
    outside = points[points["region"] == 0]
    sentences.append(f"Elsewhere {int(outside['fails'].sum()):,} of {len(outside):,} fail.")
    if not math.isnan(found.held_out_share):
        sentences.append(
            "Tried on points that were left out (cross-validation), "
            f"{whole_percent(found.held_out_share)} % of those that such regions call failing do fail, "
            f"and they find {whole_percent(found.held_out_coverage)} % of those that do."
        )
    return " ".join(sentences)
