"""Traces: the orders and couriers of all replications, drawn or replayed.

A trace is a menu and flat arrays over all orders; replication i owns the orders from ``first[i]`` to
``first[i + 1]``. Drawn or replayed, it is the same to the engine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from hashlib import sha256

import numpy as np
import pandas as pd

from kitchen.engine import random
from kitchen.errors import TraceError, shown
from kitchen.model.distributions import Residual, residual_of_sample
from kitchen.model.menu import Menu
from kitchen.utils.jit import kernel
from kitchen.utils.validation import is_number, is_text

BYTES_PER_ORDER = 40
"""Memory of one order of a trace, bytes."""


@dataclass(frozen=True, eq=False)
class Trace:
    """The orders and couriers of some replications, drawn or replayed.

    Make one with `kitchen.draw` or, from a log, with `Trace.from_frame`.

    Attributes
    ----------
    menu : Menu
        The kinds of order.
    first : int64 array, shape (replications + 1,)
        Where each replication's orders begin.
    item : int32 array, shape (orders,)
        Index of each order's kind on the menu.
    received_s, ready_s, pickup_s : float64 arrays, shape (orders,)
        Seconds, by the clock of the trace. Within a replication orders are sorted by `received_s`.
        `pickup_s` is NaN where nobody comes.
    opens_s : float64 array, shape (replications,)
        Opening of each replication, by the same clock: averages, warm-up and ticks count from there.
        0 if drawn; in a replay the instant that it names, else its first arrival.
    replications : int64 array, shape (replications,)
        Numbers of the replications.
    residual : Residual
        Mean residual courier delay, for kitchens that know the distribution of delays only.
    seed : int or None
        None for a replay.
    delay_from : {"received", "ready"}
        From when couriers' delays count; in a replay from receipt.
    evening : int64 array, shape (replications,), or None
        Evening of a log that each replication is a copy of, where what the log lacks was drawn several
        times; None where no two are copies of one.

    Examples
    --------
    >>> import kitchen as kt
    >>> trace = kt.draw(kt.Scenario.load("rush"), replications=2, seed=1)
    >>> len(trace), trace.first.tolist()
    (264, [0, 132, 264])
    """

    menu: Menu
    first: np.ndarray
    item: np.ndarray
    received_s: np.ndarray
    ready_s: np.ndarray
    pickup_s: np.ndarray
    opens_s: np.ndarray
    replications: np.ndarray
    residual: Residual
    seed: int | None = None
    delay_from: str = "received"
    given_u: np.ndarray | None = None
    given_z: np.ndarray | None = None
    evening: np.ndarray | None = None

    def __len__(self) -> int:
        return self.item.size

    def __repr__(self):
        drawn = "replay" if self.seed is None else f"seed {self.seed}"
        return f"Trace({len(self):,} orders in {self.replications.size:,} replications, {drawn})"

    @cached_property
    def u(self) -> np.ndarray:
        """Uniform number in [0, 1) of each order, from which its tie-breakers are hashed."""
        if self.given_u is not None:
            return self.given_u
        return random.uniforms(self.seed or 0, random.TIES, self.first, self.replications)

    @cached_property
    def z(self) -> np.ndarray:
        """Standard normal number of each order: the error of its courier's estimate, in standard
        deviations."""
        if self.given_z is not None:
            return self.given_z
        from scipy.special import ndtri

        drawn = random.uniforms(self.seed or 0, random.ESTIMATES, self.first, self.replications)
        return ndtri(np.maximum(drawn, 2.0**-54))

    @property
    def called_s(self) -> np.ndarray:
        """Times from which couriers' delays count, seconds, shape (orders,)."""
        return self.received_s if self.delay_from == "received" else self.ready_s

    @cached_property
    def courier_s(self) -> np.ndarray:
        """`pickup_s` with inf where nobody comes, shape (orders,)."""
        missing = np.isnan(self.pickup_s)
        return np.where(missing, np.inf, self.pickup_s) if missing.any() else self.pickup_s

    @cached_property
    def pickup_order(self) -> np.ndarray:
        """Indices within each replication by pickup time, those for whom nobody comes last; int32."""
        times, missing = self.pickup_s, np.isnan(self.pickup_s)
        if missing.any():  # buckets need finite times
            latest = np.max(times, where=~missing, initial=0.0)
            times = np.where(missing, np.nextafter(latest, np.inf), times)
        return _sorted_within(self.first, times)

    @cached_property
    def ready_order(self) -> np.ndarray:
        """Indices within each replication, sorted by ready time; int32, shape (orders,)."""
        return _sorted_within(self.first, self.ready_s)

    @cached_property
    def is_overtaken(self) -> bool:
        """Whether an order becomes ready before one that was received earlier."""
        if self.ready_s is self.received_s:
            return False
        sooner_than_above = np.flatnonzero(np.diff(self.ready_s) < 0) + 1
        return not np.isin(sooner_than_above, self.first).all()

    @cached_property
    def replication_of(self) -> np.ndarray:
        """Number of each order's replication, int64, shape (orders,)."""
        return np.repeat(self.replications, np.diff(self.first))

    @cached_property
    def index(self) -> np.ndarray:
        """The index of each order within its replication, int64, shape (orders,)."""
        return np.arange(len(self)) - np.repeat(self.first[:-1], np.diff(self.first))

    def take(self, places) -> Trace:
        """The trace of some replications, by their positions in this one, in that order.

        Parameters
        ----------
        places : array of int, shape (n,)

        Examples
        --------
        >>> import kitchen as kt
        >>> trace = kt.draw(kt.Scenario.load("rush"), replications=5)
        >>> trace.take([4, 1])
        Trace(264 orders in 2 replications, seed 1)
        """
        places = np.asarray(places, np.int64)
        begin, size = self.first[places], np.diff(self.first)[places]
        first = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        orders = np.arange(first[-1]) + np.repeat(begin - first[:-1], size)
        columns = {
            key: None if (own := getattr(self, key)) is None else own[orders]
            for key in ("item", "received_s", "ready_s", "pickup_s", "given_u", "given_z")
        }
        return replace(
            self,
            first=first,
            opens_s=self.opens_s[places],
            replications=self.replications[places],
            evening=None if self.evening is None else self.evening[places],
            **columns,
        )

    def digest(self) -> str:
        """Digest of all orders with their times and dishes, in hexadecimal digits."""
        digest = sha256(self.menu.digest().encode())
        for column in (self.replications, self.opens_s, self.first, self.item, self.u, self.z):
            digest.update(column.tobytes())
        for column in (self.received_s, self.ready_s, self.pickup_s):
            digest.update(column.tobytes())
        return digest.hexdigest()

    def frame(self) -> pd.DataFrame:
        """The trace as a DataFrame that `from_frame` reads back."""
        menu, item = self.menu, self.item
        return pd.DataFrame(
            {
                "replication": self.replication_of,
                "order": self.index,
                "order_id": menu.order_id[item],
                "name": menu.name[item],
                "temp": menu.temp[item],
                "price": menu.price[item],
                "shelf_life_s": menu.shelf_life_s[item],
                "decay_rate": menu.decay_rate[item],
                "received_s": self.received_s,
                "ready_s": self.ready_s,
                "pickup_s": self.pickup_s,
                "opens_s": np.repeat(self.opens_s, np.diff(self.first)),
                "u": self.u,
                "z": self.z,
            }
        )

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Trace:
        """A trace from a table of orders, for instance of a real log.

        Parameters
        ----------
        frame : DataFrame
            A row per order: ``ready_s`` (or ``received_s`` and, optionally, ``prep_s``), ``temp,
            shelf_life_s, decay_rate, pickup_s``, and optionally ``replication`` (0), ``order_id``,
            ``name``, ``price`` (1.0), ``opens_s`` (when the replication opens: one number for all of
            its rows, not after its first arrival, which is what it is if left out), ``u`` and ``z``
            (the numbers behind tie-breakers and estimates; drawn if left out). Times are seconds by
            any clock. A missing ``pickup_s`` means that nobody comes. Within a replication rows are
            sorted by arrival. Other columns are ignored.

        Raises
        ------
        TraceError
            If a column is missing or a value is not valid; the message names column and row.

        Examples
        --------
        >>> import pandas as pd
        >>> import kitchen as kt
        >>> log = pd.DataFrame({"ready_s": [0.0, 5.0], "temp": ["hot", "cold"],
        ...     "shelf_life_s": [300.0, 600.0], "decay_rate": [0.5, 0.2], "pickup_s": [9.0, 8.0]})
        >>> kt.Trace.from_frame(log)
        Trace(2 orders in 1 replications, replay)
        """
        return _replay(frame)


# Replaying

_NEEDED = ("temp", "shelf_life_s", "decay_rate", "pickup_s")
_KNOWN = (
    *_NEEDED,
    "replication",
    "ready_s",
    "received_s",
    "prep_s",
    "opens_s",
    "order_id",
    "name",
    "price",
    "u",
    "z",
)


def _replay(frame: pd.DataFrame) -> Trace:
    if not isinstance(frame, pd.DataFrame):
        raise TraceError(f"a trace is made from a DataFrame, got {type(frame).__name__}.")
    for column in _NEEDED:
        if column not in frame:
            raise TraceError(_missing(column, frame))
    if "ready_s" not in frame and "received_s" not in frame:
        raise TraceError(
            _missing("ready_s", frame) + " Or received_s, with prep_s if there is any."
        )
    twice = [name for name in _KNOWN if list(frame.columns).count(name) > 1]
    if twice:
        raise TraceError(f"trace: there are two columns named {twice[0]!r}.")
    frame = frame.reset_index(drop=True)
    number = _column(frame, "replication", default=0.0, at_least=0.0, at_most=2.0**53)
    if (number != np.floor(number)).any():
        row = int(np.flatnonzero(number != np.floor(number))[0])
        raise TraceError(_fault(frame, "replication", row, "a whole number of at least 0"))
    rows = np.argsort(number, kind="stable")
    frame, number = frame.iloc[rows], number[rows].astype(np.int64)

    pickup = _column(frame, "pickup_s", at_least=0.0, may_miss=True)
    if "received_s" in frame:
        received = _column(frame, "received_s", at_least=0.0)
        if "ready_s" in frame:
            ready = _column(frame, "ready_s", at_least=0.0)
        else:
            with np.errstate(over="ignore"):
                ready = received + _column(frame, "prep_s", default=0.0, at_least=0.0)
        early = np.flatnonzero(ready < received)
        if early.size:
            raise TraceError(_fault(frame, "ready_s", early[0], "at least received_s"))
        arrival = "received_s"
    else:
        received = ready = _column(frame, "ready_s", at_least=0.0)
        arrival = "ready_s"
    late = np.flatnonzero(pickup < received)
    if late.size:
        raise TraceError(_fault(frame, "pickup_s", late[0], f"at least {arrival}"))
    replications, begins = np.unique(number, return_index=True)
    if not len(frame):  # one replication in which nothing happens
        replications, begins = np.zeros(1, np.int64), np.zeros(1, np.int64)
    require_finite({"ready_s": ready}, "trace")
    same = np.diff(number) == 0
    if ((np.diff(ready) < 0) & same).any():  # then they must stand as they were received
        back = np.flatnonzero((np.diff(received) < 0) & same)
        if back.size:
            raise TraceError(
                _fault(frame, arrival, int(back[0]) + 1, "no earlier than the row above")
                + f" Sort the rows by replication and {arrival}."
            )
    menu = Menu(
        order_id=_texts(frame, "order_id", str),
        name=_texts(frame, "name", "order {}".format),
        temp=_texts(frame, "temp"),
        price=_column(frame, "price", default=1.0, at_least=0.0),
        shelf_life_s=_column(frame, "shelf_life_s", above=0.0),
        decay_rate=_column(frame, "decay_rate", at_least=0.0),
    )
    u = _column(frame, "u", at_least=0.0) if "u" in frame else None
    if u is not None and (u >= 1).any():
        raise TraceError(_fault(frame, "u", int(np.flatnonzero(u >= 1)[0]), "below 1"))
    delays = (pickup - received)[~np.isnan(pickup)]
    return Trace(
        menu=menu,
        first=np.append(begins, len(frame)).astype(np.int64),
        item=np.arange(len(frame), dtype=np.int32),
        received_s=received,
        ready_s=ready,
        pickup_s=pickup,
        opens_s=_openings(frame, received, begins),
        replications=replications.astype(np.int64),
        residual=residual_of_sample(delays if delays.size else np.zeros(1)),
        given_u=u,
        given_z=_column(frame, "z") if "z" in frame else None,
    )


def _openings(frame, received: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """Opening of each replication: as the frame says, else its first arrival; 0 without orders."""
    if not len(frame):
        return np.zeros(begins.size)
    first = np.minimum.reduceat(received, begins)
    if "opens_s" not in frame:
        return first
    opens = _column(frame, "opens_s", at_least=0.0)
    sizes = np.diff(np.append(begins, len(frame)))
    other = np.flatnonzero(opens != np.repeat(opens[begins], sizes))
    if other.size:
        raise TraceError(
            _fault(frame, "opens_s", int(other[0]), "the same in all rows of a replication")
        )
    late = np.flatnonzero(opens > np.repeat(first, sizes))
    if late.size:
        raise TraceError(
            _fault(frame, "opens_s", int(late[0]), "no later than the replication's first arrival")
        )
    return opens[begins]


def require_finite(times: dict[str, np.ndarray], where: str) -> None:
    """Refuse times that are not finite; the error names their key."""
    for key, values in times.items():
        if not np.isfinite(values).all():
            raise TraceError(
                f"{where}: {key}: times grow beyond every number. Are its rates and delays in seconds?"
            )


def _missing(column: str, frame) -> str:
    return f"trace: column {column!r} is missing. " + (
        f"There are: {', '.join(map(str, frame.columns))}."
    )


def _column(
    frame, name, default=None, at_least=None, above=None, at_most=None, may_miss=False
) -> np.ndarray:
    """A column as finite floats within bounds, or NaN in place of what `may_miss`."""
    if name not in frame:
        return np.full(len(frame), default, float)
    series = frame[name]
    for row, value in enumerate(series) if series.dtype == object else ():
        number = is_number(value) and not (isinstance(value, Decimal) and value.is_snan())
        if not number and not (may_miss and pd.isna(value)):
            raise TraceError(_fault(frame, name, row, "a number"))
    numeric = pd.api.types.is_any_real_numeric_dtype(series) or series.dtype == object
    if len(series) and not numeric:
        raise TraceError(_fault(frame, name, 0, f"a number, not {series.dtype}"))
    values = np.array(  # a copy, as pandas lends read-only views
        series.to_numpy(dtype=float, na_value=np.nan) if len(series) else (), dtype=float
    )
    bound, bad = "a finite number", ~np.isfinite(values) & ~(may_miss & np.isnan(values))
    if not bad.any() and at_least is not None:
        bound, bad = f"at least {at_least:g}", values < at_least
    if not bad.any() and above is not None:
        bound, bad = f"above {above:g}", values <= above
    if not bad.any() and at_most is not None:
        bound, bad = f"at most {at_most:.0f}", values > at_most
    if bad.any():
        raise TraceError(_fault(frame, name, int(np.flatnonzero(bad)[0]), bound))
    return values


def _texts(frame, name, default=None) -> np.ndarray:
    """A column as an object array of texts; `default` makes them of the rows' numbers."""
    if name not in frame:
        return np.array([default(row) for row in range(len(frame))], dtype=object)
    column = frame[name]
    if column.isna().any():
        raise TraceError(_fault(frame, name, int(np.flatnonzero(column.isna())[0]), "a text"))
    texts = np.empty(len(column), dtype=object)
    texts[:] = list(map(str, column.to_numpy(object)))  # iterating over Arrow's is slow
    if not is_text("".join(texts)):
        row = next(row for row, text in enumerate(texts) if not is_text(text))
        raise TraceError(_fault(frame, name, row, "text without halves of surrogate pairs"))
    return texts


def _fault(frame, name, row, wanted) -> str:
    """The message about one cell, with the row's label in the user's frame."""
    got = shown(frame[name].iloc[row] if name in frame else None)
    return f"trace: {name} of row {frame.index[row]}: must be {wanted}, got {got}."


# Sorting

BUCKETS_AN_ORDER = 2
"""Buckets of the sort for each order: with 1 it took a quarter longer, with 3 a fifteenth less."""


def _sorted_within(first: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Indices within each replication in order of time, ties by index; int32."""
    out = np.empty(times.size, np.int32)
    most = int(np.max(np.diff(first), initial=0))
    begins, bucket = np.empty(BUCKETS_AN_ORDER * most, np.int32), np.empty(most, np.int32)
    uneven = np.zeros(first.size - 1, np.bool_)
    _sort(first, times, begins, bucket, uneven, out)
    for i in np.flatnonzero(uneven):
        mine = slice(first[i], first[i + 1])
        out[mine] = np.argsort(times[mine], kind="stable")
    return out


@kernel(lambda: ("int64[::1]", "float64[::1]", *2 * ("int32[::1]",), "boolean[::1]", "int32[::1]"))
def _sort(first, times, begins, bucket, uneven, out):
    """Bucket sort, then insertion sort: linear time for times that are spread evenly.

    Replications whose times crowd in a few buckets are only marked as `uneven`.
    """
    for i in range(first.size - 1):
        row, order = times[first[i] : first[i + 1]], out[first[i] : first[i + 1]]
        n = row.size
        if n == 0:
            continue
        low, high = row[0], row[0]
        for j in range(n):
            low, high = min(low, row[j]), max(high, row[j])
        buckets = n * BUCKETS_AN_ORDER
        scale = (buckets - 1) / (high - low) if high > low else 0.0
        if not scale < math.inf:
            scale = 0.0
        for j in range(n):
            bucket[j] = np.int32((row[j] - low) * scale)
        for b in range(buckets):
            begins[b] = 0
        for j in range(n):
            begins[bucket[j]] += 1
        work, begin = 0, 0
        for b in range(buckets):
            inside = begins[b]
            work += inside * inside
            begins[b] = begin
            begin += inside
        uneven[i] = work > 64 * n
        if uneven[i]:
            continue
        for j in range(n):
            order[begins[bucket[j]]] = j
            begins[bucket[j]] += 1
        latest = row[order[0]]
        for j in range(1, n):
            moving = order[j]
            time = row[moving]
            if time >= latest:
                latest = time
                continue
            k = j
            while k > 0 and row[order[k - 1]] > time:
                order[k] = order[k - 1]
                k -= 1
            order[k] = moving
