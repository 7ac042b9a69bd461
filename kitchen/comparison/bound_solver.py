"""Solver of the linear and integer programs behind the clairvoyant bound: HiGHS, as SciPy has it."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

TOLERANCE = 1e-6
"""Error allowed to the solver, in orders."""

SOLVER_TOLERANCE = 1e-9
"""Infeasibility that HiGHS allows in a linear program; at its 1e-7 optima came out 2e-8 too low."""


class Optimum(NamedTuple):
    """A replication's optimum: of value, of revenue or of orders delivered; in units of the house."""

    total: float
    exact: bool
    method: str


class Program(NamedTuple):
    """Largest ``gain @ x`` with ``rows @ x <= limit`` and 0 <= x <= 1; some of x are whole."""

    gain: np.ndarray
    rows: object  # sparse, shape (rows, variables)
    limit: np.ndarray
    whole: np.ndarray  # bool, shape (variables,)


class Solver(NamedTuple):
    """How programs are solved.

    HiGHS's presolve takes longer than it saves here (`benchmarks/bounds.py`), so it is off.
    """

    integral: bool
    time_limit_s: float | None
    presolve: bool = False

    def optimum(self, total: float, proven: bool, loose: list[str]) -> Optimum:
        method = "integer program" if self.integral else "linear program"
        if loose:
            method += f", loose: {' and '.join(loose)}"
        return Optimum(float(total), proven and not loose, method)

    def solve(self, program: Program) -> tuple[float, bool]:
        """A bound of the optimum, and whether it is the integer optimum itself.

        Orders that share no full shelf, not even through others, are solved apart.
        """
        until = None if self.time_limit_s is None else time.monotonic() + self.time_limit_s
        total, proven = 0.0, True
        for part in _parts(program) if self.integral else [program]:
            best, certain = _solve(part, self.integral, until, self.presolve)
            total, proven = total + best, proven and certain
        return total, proven


def _parts(program: Program) -> list[Program]:
    """The independent blocks of a program."""
    from scipy.sparse import coo_array, csr_array
    from scipy.sparse.csgraph import connected_components

    entries = coo_array(program.rows)
    rows, variables = entries.shape
    graph = csr_array(
        (np.ones(entries.nnz), (entries.row + variables, entries.col)), 2 * (rows + variables,)
    )
    number, block = connected_components(graph, directed=False)
    if number == 1:
        return [program]
    parts = []
    for i in range(number):
        column = np.flatnonzero(block[:variables] == i)
        row = np.flatnonzero(block[variables:] == i)
        if column.size:
            parts.append(
                Program(
                    program.gain[column],
                    program.rows[row][:, column],
                    program.limit[row],
                    program.whole[column],
                )
            )
    return parts


def _solve(program, integral: bool, until: float | None, presolve: bool) -> tuple[float, bool]:
    """By HiGHS, which lets other threads run meanwhile."""
    gain, whole = program.gain, program.whole
    at_most = float(np.maximum(gain, 0.0).sum())
    options = {"presolve": presolve}
    if until is not None:
        options["time_limit"] = max(until - time.monotonic(), 1e-3)
    solved = (_integer if integral else _linear)(program, options)
    if solved.status == 0:
        near = np.abs(solved.x[whole] - np.round(solved.x[whole])).max(initial=0.0) < TOLERANCE
        return min(-solved.fun, at_most), integral or bool(near)
    dual = solved.get("mip_dual_bound") if integral else None
    proven = -dual if dual is not None and np.isfinite(dual) else at_most
    return min(proven, at_most), False


def _linear(program: Program, options: dict):
    from scipy.optimize import linprog

    return linprog(
        -program.gain,
        A_ub=program.rows if program.limit.size else None,
        b_ub=program.limit if program.limit.size else None,
        bounds=(0.0, 1.0),
        method="highs-ds",
        options=options
        | {
            "primal_feasibility_tolerance": SOLVER_TOLERANCE,
            "dual_feasibility_tolerance": SOLVER_TOLERANCE,
        },
    )


def _integer(program: Program, options: dict):
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    short = csr_array(program.rows)  # SciPy 1.14 takes no longer numbers of rows and columns
    short.indices, short.indptr = short.indices.astype(np.int32), short.indptr.astype(np.int32)
    rows = LinearConstraint(short, -np.inf, program.limit)
    return milp(
        -program.gain,
        integrality=program.whole.astype(int),
        bounds=Bounds(0.0, 1.0),
        constraints=[rows] if program.limit.size else None,
        options=options | {"mip_rel_gap": 0.0},
    )
