"""Study files: a sweep or a sensitivity analysis described in TOML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from kitchen.errors import KitchenError, StrategyError, inline
from kitchen.io.read import read_toml
from kitchen.model.rules import BUILT_IN
from kitchen.model.scenario import DEFAULT, Scenario
from kitchen.model.strategy import Strategy, as_strategies
from kitchen.sweeps.designs import Design
from kitchen.sweeps.sensitivity import Sensitivity, sensitivity
from kitchen.sweeps.sweep import KEEP, Sweep, sweep
from kitchen.utils.schema import Count, NonNegative, Several, Strict, Text, explain
from kitchen.utils.validation import as_path


class _Sensitivity(Strict):
    ranges: dict[str, Any]
    """Path of a setting -> its range, as [low, high] or a list of values."""
    n: Count = 256
    """Base samples; the analysis has n x (number of ranges + 2) points."""
    measure: Text | None = None
    """Measure that is analysed; by default that which ranks strategies."""
    strategy: Text | None = None
    """Strategy that is analysed; the first if left out."""


class _File(Strict):
    scenario: Text = DEFAULT
    """A shipped name, or a path to a TOML file, looked up in the folder of the study."""
    strategies: Several[Text] = ("discard newcomer",)
    """Names of shipped strategies, or paths to their files; the first is the baseline."""
    replications: Count | None = None
    """Replications of each point; by default 100, and 50 in a sensitivity analysis."""
    seed: Count = 1
    """Seed of all draws."""
    warm_up_s: NonNegative = 0.0
    """First seconds of a replication that are left out of the figures."""
    keep: Literal[KEEP] = KEEP[0]
    """What is kept of each point: its statistics, or also a row a replication."""
    design: dict[str, Any] | None = None
    """The points of a sweep: a grid, a list or a sample of settings."""
    sensitivity: _Sensitivity | None = None
    """A sensitivity analysis by Sobol indices."""


@dataclass(frozen=True)
class Study:
    """Specification of a sweep or a sensitivity analysis; made by `read_study`.

    Attributes
    ----------
    where : str
        The file's name.
    scenario : Scenario
    strategies : list of Strategy
    design : Design or None
        Design of the sweep.
    options : dict
        Further arguments of `sweep`.
    analysis : dict or None
        Arguments of `sensitivity`.
    """

    where: str
    scenario: Scenario
    strategies: list[Strategy]
    design: Design | None
    options: dict
    analysis: dict | None

    @property
    def points(self) -> int:
        """Number of points of the sweep."""
        return len(self._needed("design", self.design))

    @property
    def replications(self) -> int:
        """Number of replications of the sweep: points x strategies x replications of each."""
        return self.points * len(self.strategies) * self.options["replications"]

    @property
    def analysed(self) -> tuple[int, int]:
        """Number of points of the sensitivity analysis, and of replications of each."""
        spec = self._needed("sensitivity", self.analysis)
        return spec["n"] * (len(spec["ranges"]) + 2), spec["replications"]

    def sweep(self, **more) -> Sweep:
        """Run the sweep; `more` are further arguments of `sweep`: ``out``, ``executor`` and so on.

        Raises
        ------
        KitchenError
            Also if the file has no design.
        """
        design = self._needed("design", self.design)
        return sweep(self.scenario, design, self.strategies, **self.options, **more)

    def sensitivity(self, **more) -> Sensitivity:
        """Run the sensitivity analysis; `more` are further arguments of `sweep`.

        Raises
        ------
        KitchenError
            Also if the file has no table of that name.
        """
        analysis = self._needed("sensitivity", self.analysis)
        return sensitivity(self.scenario, **analysis, **more)

    def _needed(self, key: str, value):
        if value is None:
            raise KitchenError(f"{self.where}: {key} is missing: a table [{key}] with its ranges.")
        return value


def read_study(path: str | Path) -> Study:
    """Read a study from its TOML file.

    Raises
    ------
    KitchenError
        With file, key, the value there, and what is allowed.
    FileError
        If the file, or one that it names, cannot be read.

    Examples
    --------
    >>> import os, tempfile
    >>> from pathlib import Path
    >>> import kitchen as kt
    >>> text = 'scenario = "rush"' + os.linesep + 'design.ranges."arrivals.rate" = [8, 10]'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "study.toml"
    ...     _ = path.write_text(text)
    ...     study = kt.read_study(path)
    >>> study.points, study.replications
    (2, 200)
    """
    path = as_path(path, "a study")
    try:
        file = _File.model_validate(read_toml(path))
    except ValidationError as error:
        raise KitchenError(f"{inline(path.name)}: {explain(error, _File, {})}") from None
    strategies = as_strategies([_strategy(name, path) for name in file.strategies])
    shared = {"replications": file.replications or 100, "seed": file.seed}
    shared["warm_up_s"] = file.warm_up_s
    return Study(
        where=inline(path.name),
        scenario=_within(path, Scenario.load, _resolved(file.scenario, path, Scenario.shipped())),
        strategies=strategies,
        design=_within(path, Design.from_dict, file.design),
        options={**shared, "keep": file.keep},
        analysis=_analysis(file, path, strategies[0], shared),
    )


def _analysis(file: _File, path: Path, first: Strategy, shared: dict) -> dict | None:
    spec = file.sensitivity
    if spec is None:
        return None
    design = {"kind": "latin hypercube", "n": 1, "ranges": spec.ranges}
    ranges = _within(path, Design.from_dict, design).ranges
    strategy = first if spec.strategy is None else _strategy(spec.strategy, path)
    amount = {**shared, "replications": file.replications or 50}
    return {
        "ranges": ranges,
        "strategy": strategy,
        "measure": spec.measure,
        "n": spec.n,
        **amount,
    }


def _within(path: Path, make: Callable, data):
    """Make an object from a part of the file; error messages begin with the name of the file."""
    try:
        return None if data is None else make(data)
    except KitchenError as error:
        raise type(error)(f"{inline(path.name)}: {error}") from None


def _strategy(name: str, path: Path) -> Strategy:
    try:
        return Strategy.load(_resolved(name, path, BUILT_IN["discard"]))
    except StrategyError as error:
        raise StrategyError(f"{inline(path.name)}: strategies: {error}") from None


def _resolved(name: str, path: Path, shipped) -> str | Path:
    """The name of a shipped object, or the path of a file in the folder of the study."""
    return path.parent / name if name not in shipped and name.endswith(".toml") else name
