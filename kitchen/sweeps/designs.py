"""Experimental designs: grids, lists, Latin hypercubes, Sobol sequences, Saltelli samples.

A design is stored as a few numbers; its points are computed on access.
"""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError, inline, shown, unknown
from kitchen.sweeps.ranges import (
    MOST_POINTS,
    Between,
    Choices,
    Range,
    Steps,
    as_array,
    as_plain,
    read_paths,
    read_range,
    read_values,
    refuse_nan,
    refuse_size,
    value_text,
)
from kitchen.utils import html
from kitchen.utils.formatting import counted
from kitchen.utils.system import require_memory
from kitchen.utils.validation import check_seed, plain_value, whole

GRID, POINTS, LATIN, SOBOL, SALTELLI = "grid", "points", "latin hypercube", "sobol", "saltelli"
SAMPLED = (LATIN, SOBOL, SALTELLI)
"""Kinds of design that are drawn from ranges, with a number of points and a seed."""


@dataclass(frozen=True)
class Design(Sequence):
    """Experimental design: a sequence of points; made by `grid`, `points`, `latin_hypercube` or `sobol`.

    ``design[3]`` is the fourth point, a dict of path -> value. Points are computed on access, so
    that a large design takes no memory. Two designs are equal if their attributes are.

    Attributes
    ----------
    kind : str
        "grid", "points", "latin hypercube", "sobol", or "saltelli" (see `sensitivity`).
    parts : tuple of (path, Between, Steps or Choices)
        The range of each path; empty for a list of points.
    n, seed : int
        Number of points that was given for a sampled design, and the seed of its draws.
    rows : tuple of tuples
        The values of a list of points, in the order of `paths`.
    names : tuple of str
        The paths of a list of points.
    """

    kind: str
    parts: tuple[tuple[str, Range], ...] = ()
    n: int = 0
    seed: int = 1
    rows: tuple[tuple, ...] = ()
    names: tuple[str, ...] = ()

    __hash__ = None  # values may be tables

    @property
    def paths(self) -> list[str]:
        """The settings that vary."""
        return list(self.names) if self.kind == POINTS else [path for path, _ in self.parts]

    @property
    def ranges(self) -> dict[str, object]:
        """Path -> its range, as `latin_hypercube` takes it, or its values in a grid."""
        return {path: part.given() for path, part in self.parts}

    def __len__(self) -> int:
        if self.kind == POINTS:
            return len(self.rows)
        if self.kind == GRID:
            return math.prod(len(part.values) for _, part in self.parts)
        return self.n * (len(self.parts) + 2 if self.kind == SALTELLI else 1)

    def __getitem__(self, nth):
        if isinstance(nth, slice):
            return [self[i] for i in range(*nth.indices(len(self)))]
        return dict(zip(self.paths, self.values(nth), strict=True))

    def values(self, nth: int) -> tuple:
        """The values of a point, in the order of `paths`.

        Raises
        ------
        IndexError
            If there is no such point.
        """
        place = range(len(self))[nth]
        if self.kind == POINTS:
            return self.rows[place]
        if self.kind == GRID:
            result = []
            for _, part in reversed(self.parts):  # the last path changes fastest
                place, own = divmod(place, len(part.values))
                result.append(part.values[own])
            return tuple(reversed(result))
        return tuple(
            plain_value(part.at(self._shares(column, place)))
            for column, (_, part) in enumerate(self.parts)
        )

    @property
    def frame(self) -> pd.DataFrame:
        """All points, a row each: ``point`` (int64, from 0) and a column a path under its name."""
        columns: dict[str, object] = {"point": np.arange(len(self), dtype=np.int64)}
        for column, path in enumerate(self.paths):
            columns[path] = self._column(column)
        return pd.DataFrame(columns)

    def to_dict(self) -> dict:
        """The design as a dict of plain values, as in a manifest or a study file.

        Returns
        -------
        dict
            ``kind``, ``paths`` in their order (which TOML does not keep), and ``ranges`` (with
            ``n`` and ``seed`` of a sampled design) or ``points``. A continuous range is
            ``{low, high}``, whole numbers are ``{first, last, step}``, a list is choices. Rules go
            by their names.

        Raises
        ------
        KitchenError
            If a value is a user's function, which a file cannot hold.
        """
        if self.kind == POINTS:
            rows = [{p: as_plain(p, row[p]) for p in self.names} for row in self]
            return {"kind": self.kind, "paths": self.paths, "points": rows}
        ranges = {path: part.plain(path) for path, part in self.parts}
        sampled = {"n": self.n, "seed": self.seed} if self.kind in SAMPLED else {}
        return {"kind": self.kind, **sampled, "paths": self.paths, "ranges": ranges}

    @classmethod
    def from_dict(cls, data: Mapping) -> Design:
        """Make a design from the dict that `to_dict` returns, or from a study file.

        A list is always choices, and two numbers in it are two choices: a continuous range is
        ``{low = 5.0, high = 15.0}``.

        Raises
        ------
        KitchenError
            For an unknown or missing key ("did you mean"), and as the function that makes such a
            design.
        """
        if not isinstance(data, Mapping):
            raise KitchenError(f"design: must be a table of keys, got {shown(data)}.")
        kind = data.get("kind", GRID)
        if not isinstance(kind, str) or kind not in _MAKERS:
            raise KitchenError(f"design: {unknown('kind', kind, _MAKERS)}")
        needed = ["points"] if kind == POINTS else ["ranges"]
        needed += ["n"] if kind in SAMPLED else []
        for key in data:
            known = ["kind", "paths", *needed, *(["seed"] if kind in SAMPLED else [])]
            if key not in known:
                raise KitchenError(f"design: {unknown('key', key, known)}")
        for key in needed:
            if key not in data:
                raise KitchenError(f"design: {key} is missing.")
        given, paths = data[needed[0]], data.get("paths")
        if paths is not None and kind == POINTS and isinstance(given, list):
            given = [_ordered(row, paths) for row in given]
        elif paths is not None:
            given = _ordered(given, paths)
        more = {key: data[key] for key in ("n", "seed") if key in data}
        return _MAKERS[kind](given, **more)

    def __repr__(self):
        listed = self.paths
        named = ", ".join(inline(path) for path in listed[:4]) + (", ..." if listed[4:] else "")
        seed = f", seed {self.seed}" if self.kind in SAMPLED else ""
        return f"Design({self.kind}, {counted(len(self), 'point')}: {named}{seed})"

    def _repr_html_(self) -> str:
        if self.kind == POINTS:
            table = self.frame
            rows = [(p, f"{nth:,} values", _few(table[p])) for p, nth in _distinct(table)]
        else:
            names = {Between: "range", Steps: "whole numbers", Choices: "choices"}
            rows = [(path, names[type(part)], part.words()) for path, part in self.parts]
        seed = f", seed {self.seed}" if self.kind in SAMPLED else ""
        return html.block(
            html.heading("Design", self.kind),
            html.paragraph(f"{counted(len(self), 'point')}{seed}"),
            html.table(["parameter", "kind", "values"], rows, "<<<"),
            html.note("A sequence of points, and a frame: frame (a row a point)."),
        )

    # The unit cube of a sampled design

    @cached_property
    def _unit(self) -> np.ndarray:
        """Points in the unit cube, shape (n, paths), or (n, 2 x paths) for Saltelli's A and B."""
        return _drawn(self.kind, self.n, len(self.parts), self.seed)

    def _shares(self, column: int, place):
        """Coordinates in [0, 1) of points along a path; `place` is a number or an array of them."""
        if self.kind != SALTELLI:
            return self._unit[place, column]
        block, row = np.divmod(place, self.n)  # A, B, then A with each column of B in turn
        of_b = (block == 1) | (block == column + 2)
        return self._unit[row, column + len(self.parts) * of_b]

    def _column(self, column: int):
        if self.kind == POINTS:
            return as_array([row[column] for row in self.rows])
        part, place = self.parts[column][1], np.arange(len(self))
        if self.kind != GRID:
            return part.at(self._shares(column, place))
        inner = math.prod(len(other.values) for _, other in self.parts[column + 1 :])
        return as_array(part.values)[place // inner % len(part.values)]


# Making designs


def grid(parameters: Mapping[str, Iterable]) -> Design:
    """Full factorial grid: every combination of the values; the last path changes fastest.

    Parameters
    ----------
    parameters : mapping
        Path -> values: a list, an array, or a ``range``. Equal values, such as 8 and 8.0, are one.

    Returns
    -------
    Design

    Raises
    ------
    KitchenError
        If a path has no values or a single one outside of a list, or for more than 10**7 points.

    Examples
    --------
    >>> from kitchen.sweeps import designs
    >>> designs.grid({"arrivals.rate": [8, 10], "shelves.overflow.capacity": range(5, 16, 5)})
    Design(grid, 6 points: arrivals.rate, shelves.overflow.capacity)
    """
    parts = []
    for path, values in read_paths(parameters, "grid", "values"):
        parts.append((path, read_values(path, values)))
    refuse_size(math.prod(len(part.values) for _, part in parts))
    return Design(GRID, tuple(parts))


def points(rows: Iterable[Mapping] | pd.DataFrame) -> Design:
    """Design of given points: a list of mappings path -> value, or a frame with a column a path.

    Raises
    ------
    KitchenError
        If there are no points or more than 10**7, if their paths differ, or if a frame has a path
        twice.

    Examples
    --------
    >>> from kitchen.sweeps import designs
    >>> designs.points([{"arrivals.rate": 8}, {"arrivals.rate": 10}])[1]
    {'arrivals.rate': 10}
    """
    if isinstance(rows, pd.DataFrame):
        rows = rows.drop(columns="point", errors="ignore")
        for path in rows.columns[rows.columns.duplicated()]:
            raise KitchenError(f"design: the path {shown(path)} is there twice.")
        refuse_size(len(rows))
        names = list(rows)
        rows = [dict(zip(names, row, strict=True)) for row in rows.itertuples(False, None)]
    is_list = isinstance(rows, Iterable) and not isinstance(rows, (str, bytes, Mapping))
    if is_list and hasattr(rows, "__len__"):
        refuse_size(len(rows))
    listed = list(islice(rows, MOST_POINTS + 1)) if is_list else []
    if not is_list or not all(isinstance(row, Mapping) for row in listed):
        wrong = next((row for row in listed if not isinstance(row, Mapping)), rows)
        raise KitchenError(
            f"design: points must be a list of tables of paths and a value, got {shown(wrong)}."
        )
    refuse_size(len(listed))
    names = [path for path, _ in read_paths(listed[0], "points", "a value")] if listed[0] else []
    for nth, row in enumerate(listed):
        odd = sorted(map(str, row.keys() ^ set(names)))
        if odd:
            where = "has" if odd[0] in map(str, row) else "lacks"
            raise KitchenError(
                f"design: point {nth} {where} {odd[0]!r}, unlike point 0. All must have the same "
                "paths."
            )
        for path in names:
            refuse_nan(path, [row[path]])
    result = tuple(tuple(plain_value(row[path]) for path in names) for row in listed)
    return Design(POINTS, rows=result, names=tuple(names))


def latin_hypercube(ranges: Mapping[str, object], n: int, seed: int = 1) -> Design:
    """Latin hypercube sample: any number of points that cover each range evenly.

    Of the `n` equal parts of each range, every part has exactly one point; how the parts of
    different paths are combined is drawn.

    Parameters
    ----------
    ranges : mapping
        Path -> range. A pair ``(5.0, 15.0)`` is any number between the two, ``range(5, 31, 5)`` its
        whole numbers, a list choices of any kind (one given twice is twice as likely).
    n : int
        Number of points.
    seed : int
        Seed of the draws: an integer >= 0.

    Returns
    -------
    Design
        The same points for the same seed, on any machine.

    Raises
    ------
    KitchenError
        For a range that is empty, reversed, of a single value or no range at all; for no points or
        more than 10**7.

    Examples
    --------
    >>> from kitchen.sweeps import designs
    >>> design = designs.latin_hypercube({"arrivals.rate": (8.0, 12.0)}, n=4, seed=1)
    >>> sorted(int(rate) for rate in design.frame["arrivals.rate"])
    [8, 9, 10, 11]

    Notes
    -----
    McKay, Beckman and Conover, Technometrics 21 (1979); points are `scipy.stats.qmc`'s. A share u
    of [0, 1) becomes the value floor(u n) of n, so that also whole numbers and choices come equally
    often, give or take one.
    """
    return _sampled(LATIN, ranges, n, seed)


def sobol(ranges: Mapping[str, object], n: int, seed: int = 1) -> Design:
    """Scrambled Sobol sequence: points that cover all ranges together evenly.

    Parameters
    ----------
    ranges : mapping
        As for `latin_hypercube`.
    n : int
        Number of points: a power of two, as only these cover the ranges evenly.
    seed : int
        Seed of the scrambling: an integer >= 0.

    Returns
    -------
    Design

    Raises
    ------
    KitchenError
        As `latin_hypercube`, and for a number that is no power of two.

    Examples
    --------
    >>> from kitchen.sweeps import designs
    >>> len(designs.sobol({"arrivals.rate": (8.0, 12.0), "orders.count": range(80, 161)}, n=8))
    8

    Notes
    -----
    Owen, "Scrambled net variance for integrals of smooth functions", Annals of Statistics 25 (1997);
    points are `scipy.stats.qmc`'s.
    """
    return _sampled(SOBOL, ranges, n, seed)


def saltelli(ranges: Mapping[str, object], n: int, seed: int = 1) -> Design:
    """Saltelli sample for estimating Sobol indices: ``n * (paths + 2)`` points.

    First come `n` points A, then `n` points B, then for each path the points A with that path's
    values from B.

    Parameters
    ----------
    ranges, n, seed
        As for `sobol`.

    Raises
    ------
    KitchenError
        As `sobol`.

    Examples
    --------
    >>> from kitchen.sweeps import designs
    >>> len(designs.saltelli({"arrivals.rate": (8.0, 12.0), "orders.count": range(80, 161)}, n=8))
    32

    Notes
    -----
    Saltelli et al., Computer Physics Communications 181 (2010), 259-270, section 5: A and B are the
    halves of one Sobol sequence of twice as many columns.
    """
    return _sampled(SALTELLI, ranges, n, seed)


_MAKERS: dict[str, Callable[..., Design]] = {
    GRID: grid,
    POINTS: points,
    LATIN: latin_hypercube,
    SOBOL: sobol,
    SALTELLI: saltelli,
}


def _sampled(kind: str, ranges, n, seed) -> Design:
    parts = tuple(
        (path, read_range(path, given)) for path, given in read_paths(ranges, "ranges", "one")
    )
    n = whole("n", n, at_least=1)
    refuse_size(n)
    power = n.bit_length() - 1
    if kind != LATIN and n != 2**power:
        other = " A latin_hypercube takes any number." if kind == SOBOL else ""
        raise KitchenError(
            f"n: Sobol points are even for powers of two, such as {2**power:,} or "
            f"{2 ** (power + 1):,}, got {n:,}.{other}"
        )
    design = Design(kind, parts, n, check_seed(seed))
    refuse_size(len(design))
    require_memory(48 * n * len(parts), f"a design of {counted(n, 'point')}")
    return design


def _drawn(kind: str, n: int, paths: int, seed: int) -> np.ndarray:
    """Shares in [0, 1), shape (n, paths), or (n, 2 x paths) for Saltelli's."""
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    if kind == LATIN:
        drawn = qmc.LatinHypercube(paths, **seeded(qmc.LatinHypercube, rng, "seed")).random(n)
    else:
        columns = paths * (2 if kind == SALTELLI else 1)
        with warnings.catch_warnings():  # scipy warns that a single point is not balanced
            warnings.simplefilter("ignore", UserWarning)
            drawn = qmc.Sobol(columns, **seeded(qmc.Sobol, rng, "seed")).random(n)
    drawn = np.minimum(drawn, 1.0 - 2.0**-53)
    drawn.flags.writeable = False
    return drawn


def seeded(function: Callable, rng: np.random.Generator, old: str) -> dict:
    """The keyword argument for a generator, which SciPy renamed in 1.15."""
    return {"rng" if "rng" in inspect.signature(function).parameters else old: rng}


def _distinct(table: pd.DataFrame) -> list[tuple[str, int]]:
    return [(p, len(set(map(str, table[p])))) for p in table.columns if p != "point"]


def _few(values: pd.Series) -> str:
    words = list(dict.fromkeys(map(value_text, values.tolist())))
    return ", ".join(words[:6]) + (", ..." if len(words) > 6 else "")


def _ordered(given, paths):
    """The mapping with its paths in the order that the file lists them in."""
    if not isinstance(given, Mapping):
        return given
    if not isinstance(paths, list) or sorted(map(str, paths)) != sorted(map(str, given)):
        raise KitchenError(
            f"design: paths must list each path once ({', '.join(map(inline, given))}), got "
            f"{shown(paths)}."
        )
    return {path: given[path] for path in paths}
