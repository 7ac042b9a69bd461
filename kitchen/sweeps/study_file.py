"""Study files: a sweep or a sensitivity analysis described in TOML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from kitchen.errors import KitchenError, StrategyError, inline
from kitchen.io.read import read_toml
from kitchen.model.measures import PRIMARY_MEASURE
from kitchen.model.rules import BUILT_IN
from kitchen.model.scenario import DEFAULT, Scenario
from kitchen.model.strategy import Strategy, as_strategies
from kitchen.sweeps.designs import Design
from kitchen.sweeps.sensitivity import Sensitivity, sensitivity
from kitchen.sweeps.sweep import KEEP, Sweep, sweep
from kitchen.utils.schema import Count, NonNegative, Several, Strict, Text, explain


class _Sensitivity(Strict):
    ranges: dict[str, Any]
    n: Count = 256
    measure: Text = PRIMARY_MEASURE
    strategy: Text | None = None


class _File(Strict):
    scenario: Text = DEFAULT
    strategies: Several[Text] = ("discard newcomer",)
    replications: Count | None = None
    seed: Count = 1
    warm_up_s: NonNegative = 0.0
    keep: Literal[KEEP] = KEEP[0]
    design: dict[str, Any] | None = None
    sensitivity: _Sensitivity | None = None


@dataclass(frozen=True)
class Study:
    """What a file asks for; made by `read_study`.

    Attributes
    ----------
    where : str
        The file's name.
    scenario : Scenario
    strategies : list of Strategy
    design : Design or None
        Of the sweep.
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
        """How many points the sweep has."""
        return len(self._needed("design", self.design))

    @property
    def replications(self) -> int:
        """All that the sweep runs: points x strategies x replications."""
        return self.points * len(self.strategies) * self.options["replications"]

    @property
    def analysed(self) -> tuple[int, int]:
        """How many points the analysis has, and the replications of each."""
        asked = self._needed("sensitivity", self.analysis)
        return asked["n"] * (len(asked["ranges"]) + 2), asked["replications"]

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
        """Find out what matters; `more` are further arguments of `sweep`.

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
    """A study from its TOML file.

    Raises
    ------
    KitchenError
        File, key, what was found and what would do.
    FileError
        If the file, or one that it names, cannot be read.
    """
    path = Path(path)
    try:
        file = _File.model_validate(read_toml(path))
    except ValidationError as error:
        raise KitchenError(f"{inline(path.name)}: {explain(error, _File, {})}") from None
    strategies = as_strategies([_strategy(name, path) for name in file.strategies])
    shared = {"replications": file.replications or 100, "seed": file.seed}
    shared["warm_up_s"] = file.warm_up_s
    return Study(
        where=inline(path.name),
        scenario=_within(path, Scenario.load, _beside(file.scenario, path, Scenario.shipped())),
        strategies=strategies,
        design=_within(path, Design.from_dict, file.design),
        options={**shared, "keep": file.keep},
        analysis=_analysis(file, path, strategies[0], shared),
    )


def _analysis(file: _File, path: Path, first: Strategy, shared: dict) -> dict | None:
    asked = file.sensitivity
    if asked is None:
        return None
    told = {"kind": "latin hypercube", "n": 1, "ranges": asked.ranges}
    ranges = _within(path, Design.from_dict, told).ranges
    strategy = first if asked.strategy is None else _strategy(asked.strategy, path)
    amount = {**shared, "replications": file.replications or 50}
    return {
        "ranges": ranges,
        "strategy": strategy,
        "measure": asked.measure,
        "n": asked.n,
        **amount,
    }


def _within(path: Path, make: Callable, data):
    """What is made of a part of the file; faults are told with the file's name in front."""
    try:
        return None if data is None else make(data)
    except KitchenError as error:
        raise type(error)(f"{inline(path.name)}: {error}") from None


def _strategy(name: str, path: Path) -> Strategy:
    try:
        return Strategy.load(_beside(name, path, BUILT_IN["discard"]))
    except StrategyError as error:
        raise StrategyError(f"{inline(path.name)}: strategies: {error}") from None


def _beside(name: str, path: Path, shipped) -> str | Path:
    """What ships goes by its name; a file is looked for beside the study."""
    return path.parent / name if name not in shipped and name.endswith(".toml") else name
