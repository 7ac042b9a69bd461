"""`warm_up`: how long a kitchen that starts empty takes to settle, and how many replications to run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError
from kitchen.model.arrivals import Piecewise
from kitchen.model.measures import MEAN, measure_named
from kitchen.simulation.simulate import Run
from kitchen.stats.intervals import mean_intervals
from kitchen.stats.mser import FEWEST, mser5, replications_for, welch
from kitchen.utils import html
from kitchen.utils.formatting import counted, enumeration, span_text
from kitchen.utils.frames import frame_field
from kitchen.utils.validation import instance, share

SERIES = {"on_shelves": "orders on the shelves", "lost_per_order": ""}
"""What is followed, with its title where it is no measure."""

WINDOW = 50
"""Welch's average reaches over a fiftieth of the series to either side, or 5 orders."""

FEW = 5
"""Replications below which MSER-5 is too often misled: Hoad, Robinson and Davies average five."""

TIMES_THE_CUT = 10
"""What is left should be this many times as long as the warm-up: Banks, Carson, Nelson and Nicol."""

MOST_REPLICATIONS = 10**7
"""Where more replications are needed, it is said that no number will do."""


@dataclass(frozen=True, eq=False)
class WarmUp:
    """How long the warm-up of a run should be, for each series, and what is known after it.

    Attributes
    ----------
    name, strategy : str
        The scenario and the strategy that ran.
    replications : int
    orders : int
        Number of orders of a replication that were looked at.
    precision : float
        Half-width of an interval as a share of the mean that replications are counted for.
    changing : bool
        Whether arrivals change over the evening, so that there is no steady state.
    frame : DataFrame
        A row a series: ``series, settled, orders, warm_up_s, mean, low, high, replications, needed``.
        ``orders`` are left out at the start, which takes ``warm_up_s``; where the series does not
        settle in its first half, ``settled`` is False and both are missing. ``mean`` with its 95 %
        interval is that of the orders after the longer of these cuts, and ``needed`` the number of
        replications at which that interval reaches `precision` of the mean to either side; missing
        where a series does not settle.
    series : DataFrame
        A row a series and order: ``series, order, time_s, mean, welch, warm_up_s``. ``mean`` is the
        average over replications at the order of that number, ``welch`` its moving average, and
        ``time_s`` when that order is ready, on average.

    Examples
    --------
    >>> import kitchen as kt
    >>> steady = kt.Scenario.load("steady").replace({"orders.count": 400})
    >>> run = kt.simulate(steady, "random", replications=20)
    >>> kt.warm_up(run).frame["series"].tolist()
    ['on_shelves', 'lost_per_order']
    """

    name: str
    strategy: str
    replications: int
    orders: int
    precision: float
    changing: bool
    frame: pd.DataFrame = frame_field()
    series: pd.DataFrame = frame_field()

    def __repr__(self):
        seconds = self.warm_up_s
        what = "no steady state" if np.isnan(seconds) else _time(seconds)
        return f"WarmUp({what}, {self.strategy!r} in {self.name!r})"

    def _repr_html_(self) -> str:
        rows = [
            (
                SERIES[row.series] or measure_named(row.series).heading,
                _time(row.warm_up_s) if row.settled else "does not settle",
                html.measured(*(_scale(row.series) * x for x in (row.mean, row.low, row.high))),
                _needed(row.needed),
            )
            for row in self.frame.itertuples()
        ]
        goal = f"replications for \u00b1 {100 * self.precision:g} % of it"
        return html.block(
            html.heading("Warm-up", self.name),
            html.paragraph(self.verdict),
            html.table(["series", "warm-up", "mean after it", goal], rows, "<>>>"),
            html.note("Frames: frame (a row a series), series (for plots.warm_up)."),
        )

    @property
    def warm_up_s(self) -> float:
        """The longer warm-up of the two, seconds, for ``warm_up_s=``.

        NaN if one of them does not settle, or arrivals change.
        """
        frame = self.frame
        known = frame["settled"].all() and not self.changing
        return float(frame["warm_up_s"].max()) if known else float("nan")

    @cached_property
    def verdict(self) -> str:
        """The advice in a few sentences."""
        return html.Sentences(_in_words(self))


def warm_up(run: Run, precision: float | str = "5%") -> WarmUp:
    """How long the start of a run should be left out to estimate a steady state.

    A kitchen starts empty, and what it wastes in its first minutes is less than what it wastes later.
    For the figures of a kitchen that is in full swing, these minutes are left out: ``simulate(...,
    warm_up_s=...)``. This says how many.

    Parameters
    ----------
    run : Run
        With its ledger (``keep="ledger"``, the default); 5 replications or more. Replications should
        be much longer than the warm-up that is to be found.
    precision : float or str
        What replications are counted for: half the width of a 95 % interval, as a share of the mean.

    Returns
    -------
    WarmUp

    Raises
    ------
    KitchenError
        If the run kept its summary only, or a replication has too few orders.

    Examples
    --------
    >>> import kitchen as kt
    >>> steady = kt.Scenario.load("steady").replace({"orders.count": 1000})
    >>> advice = kt.warm_up(kt.simulate(steady, "random", replications=20))
    >>> 1 < advice.warm_up_s < 60
    True

    Notes
    -----
    Two series, an observation an order in the order in which they are ready, are averaged over the
    replications and cut by MSER-5: the orders on the shelves just before it, and the value that it loses
    (1 for waste). The longer of the two cuts is advised. The share of waste is no third one: where
    waste is rare its series is 0 nearly everywhere, and MSER-5 prefers a stretch without any. Sources
    are in `kitchen.stats.mser`, Welch's picture is `plots.warm_up`.

    Orders at the end are not looked at, because nobody comes after them to threaten them: those ready
    so shortly before the last arrival of their replication that 5 % of all orders stay longer. As
    many orders are looked at as the shortest replication has.

    What MSER-5 does is known for a first-order autoregressive process with coefficient ``phi`` that starts
    ``a`` standard deviations off its mean: it cuts where the mean is off by about one standard
    deviation, at ``ln(a^2 (-2 ln phi) / (1 - phi^2)) / (-2 ln phi)``. Averages of many replications
    have a small standard deviation, so that they are cut later, and more surely: of a single run of
    an M/M/1 queue that starts empty it most often cuts nothing, and the mean that is left is too low
    even so. Tests hold it to all of this.
    """
    instance("run", run, Run, "Make one with kitchen.simulate.")
    precision = share("precision", precision, example="0.05 or '5%'")
    orders, trace = run.orders, run.trace
    table = _followed(orders, run.ledger)
    there = table.groupby("replication", sort=False).size()
    long = int(there.min()) if len(there) == orders["replication"].nunique() and len(there) else 0
    if long < FEWEST:
        raise KitchenError(
            f"warm_up: needs replications of at least {FEWEST} orders, apart from the last ones, got "
            f"{long:,}. Make them longer: orders.count or orders.duration_s."
        )
    wide = {
        name: table.loc[table["nth"] < long, name].to_numpy(float).reshape(-1, long)
        for name in ("time_s", *SERIES)
    }
    time_s = wide.pop("time_s").mean(axis=0)
    averages = {name: values.mean(axis=0) for name, values in wide.items()}
    cuts = {name: mser5(average) for name, average in averages.items()}
    settled = np.array([cut.settled for cut in cuts.values()])
    left_out = np.array([cut.observations for cut in cuts.values()])
    after_s = np.where(left_out > 0, time_s[left_out], 0.0)
    frame = pd.DataFrame(
        {
            "series": list(wide),
            "settled": settled,
            "orders": pd.Series(left_out, dtype="Int64").where(settled),
            "warm_up_s": np.where(settled, after_s, np.nan),
        }
    )
    known = _after(wide, int(left_out.max()), run.strategy.name, precision)
    if not settled.all():
        known[[*MEAN, "needed"]] = np.nan
    series = pd.concat(
        [
            pd.DataFrame(
                {
                    "series": name,
                    "order": np.arange(long),
                    "time_s": time_s,
                    "mean": average,
                    "welch": welch(average, max(5, long // WINDOW)),
                    "warm_up_s": cut_s,
                }
            )
            for (name, average), cut_s in zip(averages.items(), frame["warm_up_s"], strict=True)
        ],
        ignore_index=True,
    )
    frame = pd.concat([frame, known], axis=1)
    for one in (frame, series):
        one["series"] = pd.Categorical(one["series"], list(SERIES), ordered=True)
    return WarmUp(
        name=run.scenario.name,
        strategy=run.strategy.name,
        replications=len(there),
        orders=long,
        precision=precision,
        changing=trace is None
        or trace.seed is None
        or isinstance(run.scenario.arrivals, Piecewise),
        frame=frame,
        series=series,
    )


def _followed(orders: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """The series, a row an order that is looked at, by replication and time of being ready.

    Columns ``replication, nth, time_s`` and those of `SERIES`.
    """
    orders = orders.sort_values(["replication", "ready_s", "order"], kind="stable")
    ready = orders["ready_s"]
    stay_s = float(np.quantile(orders["left_s"] - ready, 0.95)) if len(orders) else 0.0
    last = ready.groupby(orders["replication"]).transform("max")
    delivered = (orders["outcome"] == "delivered").to_numpy()
    table = pd.DataFrame(
        {
            "replication": orders["replication"],
            "time_s": ready - orders["opens_s"],
            "on_shelves": _on_shelves(orders, ledger),
            "lost_per_order": np.where(delivered, 1 - orders["value"], 1.0),
        }
    )
    table = table[(ready <= last - stay_s).to_numpy()]
    return table.assign(nth=table.groupby("replication").cumcount())


def _on_shelves(orders: pd.DataFrame, ledger: pd.DataFrame) -> np.ndarray:
    """Number of orders on all shelves just before each order is ready."""
    came = ledger[ledger["event"] == "place"]
    ends = ledger["event"].isin(["pickup", "expire", "discard"])
    left = ledger[ends & ledger["from_shelf"].notna()]
    discarded = (left["event"] == "discard").to_numpy()
    groups = [
        dict(list(frame.groupby("replication")["time_s"]))
        for frame in (came, left[~discarded], left[discarded])
    ]
    result, none = [], pd.Series(dtype=float)
    for replication, ready in orders.groupby("replication", sort=False)["ready_s"]:
        placed, gone, thrown = (np.sort(group.get(replication, none)) for group in groups)
        # At one instant couriers come before orders do, and those before what they displace.
        count = np.searchsorted(placed, ready) - np.searchsorted(gone, ready, side="right")
        result.append(count - np.searchsorted(thrown, ready))
    return np.concatenate(result) if result else np.empty(0)


def _after(wide: dict, left_out: int, strategy: str, precision: float) -> pd.DataFrame:
    """Means over replications after the cut, their intervals, and the replications they take.

    Columns ``mean, low, high, replications, needed``, a row a series.
    """
    means = pd.DataFrame({name: values[:, left_out:].mean(axis=1) for name, values in wide.items()})
    known = mean_intervals(means.assign(strategy=strategy), wide).drop(
        columns=["strategy", "measure"]
    )
    number = len(means)
    spread = means.std(ddof=1) if number > 1 else means.mean() * np.nan
    needed = [
        replications_for(mean, deviation, precision, MOST_REPLICATIONS)
        for mean, deviation in zip(known["mean"], spread, strict=True)
    ]
    return known.assign(needed=needed)


# Words


def _title(series: str) -> str:
    return SERIES[series] or measure_named(series).title


def _scale(series: str) -> float:
    return 1 if SERIES[series] else measure_named(series).scale


def _time(seconds: float) -> str:
    return span_text(float(f"{seconds:.3g}"))


def _needed(number: float) -> str:
    if np.isnan(number):
        return "-"
    return f"{number:,.0f}" if number < np.inf else f"more than {MOST_REPLICATIONS:,}"


def _in_words(result: WarmUp) -> str:
    frame = result.frame
    if result.changing:
        return (
            "Arrivals change over the evening, or are replayed, so there is no steady state: simulate "
            "evenings as a whole, without a warm-up."
        )
    restless = [_title(name) for name in frame["series"][~frame["settled"]]]
    if restless:
        sentences = [
            f"Not settled in the first half of {result.orders:,} orders: {enumeration(restless)}. Make "
            "replications at least twice as long."
        ]
    else:
        sentences = [*_on_the_cut(result), *_on_replications(result)]
    if result.replications < FEW:
        sentences.append(
            f"MSER-5 needs the average of {FEW} replications or more, as a single one misleads it: "
            f"this is a run of {counted(result.replications, 'replication')}."
        )
    return " ".join(sentences)


def _on_the_cut(result: WarmUp) -> list[str]:
    frame, seconds = result.frame, result.warm_up_s
    last = frame.loc[frame["orders"].astype(float).idxmax()]
    left_out = int(last["orders"])
    if not left_out:
        return ["By MSER-5 no start has to be left out."]
    sentences = [
        f"Leave out the first {_time(seconds)}, some {counted(left_out, 'order')} of {result.orders:,}: "
        f"by MSER-5 the last series to settle is {_title(last['series'])}."
    ]
    times = (result.orders - left_out) / left_out
    if times < TIMES_THE_CUT:
        sentences.append(
            f"The rest is only {times:.2g} times as long as that; make replications longer, so that it "
            f"is {TIMES_THE_CUT} times."
        )
    return sentences


def _on_replications(result: WarmUp) -> list[str]:
    frame = result.frame
    lost = frame[frame["series"] == "lost_per_order"].iloc[0]
    if np.isnan(lost["needed"]):
        return []
    return [
        f"To know value lost to \u00b1 {100 * result.precision:g} % of itself takes "
        f"{_needed(lost['needed'])} replications; this run has {result.replications:,}."
    ]
