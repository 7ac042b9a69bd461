"""The peers of the bench: the same kitchen in plain C and as a SimPy model, on one workload.

>>> with c_kitchen() as run_c:            # doctest: +SKIP
...     result = run_c(workload)
>>> run_simpy(workload.part(0, 20))       # doctest: +SKIP
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

OUTCOMES = ("delivered", "expired", "discarded")
COUNTS = (*OUTCOMES, "moves")

C_RULES = ("discard newcomer", "random", "lowest value", "soonest to expire", "a user's")
"""Discard rules that are built into the C kitchen; the last is value x seconds to expiry + 1."""

_SOURCE = Path(__file__).with_name("kitchen.c")
# No fused multiply-add: C then rounds as the engine does and the outcomes can be compared exactly.
_FLAGS = ("-O3", "-march=native", "-fopenmp-simd", "-ffp-contract=off", "-shared", "-fPIC")
_DTYPES = {
    "first": np.int64,
    "ready_s": np.float64,
    "pickup_s": np.float64,
    "u": np.float64,
    "item": np.int32,
    "temp": np.int64,
    "shelf_life_s": np.float64,
    "decay_rate": np.float64,
    "capacity": np.int64,
}


class PeerError(RuntimeError):
    """A peer cannot be built or cannot run this workload."""


@dataclass(frozen=True)
class Workload:
    """What every peer is given: a trace, a menu and the shelves.

    Attributes
    ----------
    first : int64 array, shape (replications + 1,)
        Where each replication's orders begin in the next three; the last entry is their number.
    ready_s, pickup_s : float64 arrays, shape (orders,)
        Seconds, finite, >= 0; `ready_s` never falls within a replication.
    u : float64 array, shape (orders,)
        Drawn numbers in [0, 1), for the rule "random".
    item : int32 array, shape (orders,)
        Row of the menu.
    temp : int64 array, shape (menu,)
        Codes, 0 to temps - 1.
    shelf_life_s, decay_rate : float64 arrays, shape (menu,)
        Seconds > 0; >= 0.
    capacity : int64 array, shape (temps,)
        Slots of each temp's home.
    overflow_capacity, overflow_modifier : int, float
        The modifier is at least 1: the peers count on a move never hastening an expiry.
    law : "linear" or "weighted"

    Raises
    ------
    PeerError
        If the arrays do not fit together or the setting is one the peers were not built for.
    """

    first: np.ndarray
    ready_s: np.ndarray
    pickup_s: np.ndarray
    u: np.ndarray
    item: np.ndarray
    temp: np.ndarray
    shelf_life_s: np.ndarray
    decay_rate: np.ndarray
    capacity: np.ndarray
    overflow_capacity: int
    overflow_modifier: float
    law: str = "linear"

    def __post_init__(self):
        for name, dtype in _DTYPES.items():
            array = np.ascontiguousarray(getattr(self, name), dtype=dtype)
            object.__setattr__(self, name, array)
        self._check()

    def _check(self):
        inside = np.ones(max(self.orders - 1, 0), dtype=bool)
        starts = self.first[1:-1]
        inside[starts[(starts > 0) & (starts < self.orders)] - 1] = False
        menu, temps = len(self.temp), len(self.capacity)
        faults = {
            "law must be linear or weighted": self.law not in ("linear", "weighted"),
            "overflow_modifier must be at least 1": not self.overflow_modifier >= 1.0,
            "capacities must be at least 0": min(*self.capacity, self.overflow_capacity, 0) < 0,
            "first must rise from 0 to the number of orders": self.first[0] != 0
            or self.first[-1] != self.orders
            or np.any(np.diff(self.first) < 0),
            "ready_s, pickup_s and item must be equally long": not (
                len(self.ready_s) == len(self.pickup_s) == len(self.item)
            ),
            "times must be finite and at least 0": not (
                np.isfinite(self.ready_s).all() and np.isfinite(self.pickup_s).all()
            )
            or min(self.ready_s.min(initial=0.0), self.pickup_s.min(initial=0.0)) < 0.0,
            "ready_s must not fall within a replication": np.any(np.diff(self.ready_s)[inside] < 0),
            "item must be a row of the menu": np.any((self.item < 0) | (self.item >= menu)),
            "temp must be a code of a home": np.any((self.temp < 0) | (self.temp >= temps)),
        }
        for message, found in faults.items():
            if found:
                raise PeerError(f"workload: {message}.")

    @property
    def replications(self) -> int:
        return len(self.first) - 1

    @property
    def orders(self) -> int:
        return len(self.ready_s)

    @property
    def age_weight(self) -> float:
        """What plain age counts in the law, beside decay rate x weighted age."""
        return 1.0 if self.law == "linear" else 0.0

    def part(self, start: int, stop: int) -> Workload:
        """Only the replications from `start` up to, not including, `stop`."""
        low, high = self.first[start], self.first[stop]
        return replace(
            self,
            first=self.first[start : stop + 1] - low,
            ready_s=self.ready_s[low:high],
            pickup_s=self.pickup_s[low:high],
            u=self.u[low:high],
            item=self.item[low:high],
        )


@dataclass(frozen=True)
class Result:
    """What every peer answers.

    Attributes
    ----------
    outcome : int8 array, shape (orders,)
        Index into `OUTCOMES`.
    left_s, value : float64 arrays, shape (orders,)
        When the order left, and its value then: 0 if expired, what was thrown away if discarded.
    counts : int64 array, shape (replications, 4)
        Columns `COUNTS`.
    """

    outcome: np.ndarray
    left_s: np.ndarray
    value: np.ndarray
    counts: np.ndarray

    @classmethod
    def empty(cls, workload: Workload) -> Result:
        """Room for the answer, so that a timed run does not have to ask for memory."""
        return cls(
            np.empty(workload.orders, np.int8),
            np.empty(workload.orders),
            np.empty(workload.orders),
            np.empty((workload.replications, len(COUNTS)), np.int64),
        )


Peer = Callable[..., Result]


@contextmanager
def c_kitchen(*, calendar: str = "scan", rule: str = "discard newcomer") -> Iterator[Peer]:
    """Compile `kitchen.c` into a temporary folder and give the function that runs it.

    The function takes a `Workload` and, optionally, the `Result` to write into (`out`); it runs on
    one core and lets other Python threads run meanwhile.

    Parameters
    ----------
    calendar : "scan" or "sorted"
        How the C code finds the next departure; the results are the same.
    rule : str
        One of `C_RULES`: who is discarded when there is no room.

    Raises
    ------
    PeerError
        If there is no C compiler or it fails.
    """
    defines = {"scan": [], "sorted": ["-DSORTED"]}[calendar]
    defines = [*defines, f"-DRULE={C_RULES.index(rule)}"]
    names = (os.environ.get("CC", "gcc"), "gcc", "cc")
    compiler = next(filter(None, map(shutil.which, names)), None)
    if compiler is None:
        raise PeerError("no C compiler found. Install gcc, or name one in the variable CC.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        library = Path(folder) / "kitchen.so"
        command = [compiler, *_FLAGS, *defines, "-o", str(library), str(_SOURCE), "-lm"]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise PeerError(f"{' '.join(command)} failed:\n{made.stderr}")
        yield _runner(ctypes.CDLL(str(library)).simulate)


def _runner(simulate) -> Peer:
    array, whole, real = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
    simulate.argtypes = [whole, *[array] * 8, whole, array, whole, real, real, *[array] * 4]
    simulate.restype = ctypes.c_int

    def run(workload: Workload, out: Result | None = None) -> Result:
        out = Result.empty(workload) if out is None else out
        status = simulate(
            workload.replications,
            *(getattr(workload, name).ctypes.data for name in list(_DTYPES)[:-1]),
            len(workload.capacity),
            workload.capacity.ctypes.data,
            workload.overflow_capacity,
            workload.overflow_modifier,
            workload.age_weight,
            *(getattr(out, column.name).ctypes.data for column in fields(out)),
        )
        if status != 0:
            raise PeerError("the C kitchen found too little memory.")
        return out

    return run


def run_simpy(workload: Workload, out: Result | None = None) -> Result:
    """Run the SimPy model on every replication, one after the other.

    Times and values are those of the other kitchens up to rounding.
    """
    from benchmarks import simpy_kitchen

    out = Result.empty(workload) if out is None else out
    code = {name: index for index, name in enumerate(OUTCOMES)}
    shelves = (
        workload.capacity.tolist(),
        workload.overflow_capacity,
        workload.overflow_modifier,
        workload.age_weight,
    )
    for i in range(workload.replications):
        rows = slice(workload.first[i], workload.first[i + 1])
        item = workload.item[rows]
        columns = (
            workload.temp[item],
            workload.shelf_life_s[item],
            workload.decay_rate[item],
            workload.ready_s[rows],
            workload.pickup_s[rows],
        )
        orders = [
            simpy_kitchen.Order(*row)
            for row in zip(*(column.tolist() for column in columns), strict=True)
        ]
        moves = simpy_kitchen.simulate(orders, *shelves)
        outcome = np.array([code[order.outcome] for order in orders], np.int8)
        out.outcome[rows] = outcome
        out.left_s[rows] = [order.left_s for order in orders]
        out.value[rows] = [order.value for order in orders]
        out.counts[i] = [*np.bincount(outcome, minlength=len(OUTCOMES)), moves]
    return out
