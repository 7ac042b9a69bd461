"""Report chapters on finished studies: sweeps, sensitivity analyses, sizings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen import plots
from kitchen.errors import KitchenError, inline, shown
from kitchen.model.measures import measure_named
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.plots.axes import own_figures, png
from kitchen.reporting import anonymous, sweep_section
from kitchen.reporting.sweep_section import Picture, sweep_pictures
from kitchen.sizing.layouts import PATH
from kitchen.sizing.sizing import Sizing
from kitchen.sizing.verdict import figure
from kitchen.sweeps.designs import Design
from kitchen.sweeps.sensitivity import Sensitivity
from kitchen.sweeps.sweep import Sweep
from kitchen.utils.formatting import DASH, counted, quoted, signed

KINDS = {Sweep: "sweep", Sensitivity: "sensitivity", Sizing: "sizing"}
"""Kinds of studies by their class."""

MOST_ERRORS = 10
"""Largest number of failed points on the page; the file has all."""


class Table(NamedTuple):
    """Table of texts; a cell is a pair of a text and a smaller text under it."""

    head: list[str]
    rows: list[list[tuple[str, str]]]
    note: str


class Chapter(NamedTuple):
    """Chapter of the page on one study, with its files.

    Attributes
    ----------
    name : str
        Name of its file and its key in the manifest: ``sweep_1``.
    heading, verdict : str
    about : list of str
        The varied parameters and the amount of work.
    pictures : list of Picture
    table : Table or None
    errors : list of (str, str)
        The first failed points, with their errors.
    failed : int
        Number of failed points.
    code, conditions : str
        Python that reproduces the study, and what else that takes.
    frames : dict of str to DataFrame
        Tables by file name.
    record : dict
        Entry in the manifest.
    """

    name: str
    heading: str
    verdict: str
    about: list[str]
    pictures: list[Picture]
    table: Table | None
    errors: list[tuple[str, str]]
    failed: int
    code: str
    conditions: str
    frames: dict[str, pd.DataFrame]
    record: dict


def finished(studies) -> list[Sweep | Sensitivity | Sizing]:
    """The studies as a list.

    Raises
    ------
    KitchenError
        If one of them is of another type.
    """
    if isinstance(studies, tuple(KINDS)):
        return [studies]
    do = "They are what sweep, sensitivity and size return."
    if not isinstance(studies, Iterable) or isinstance(studies, str):
        raise KitchenError(f"studies: must be a list of studies, got {shown(studies)}. {do}")
    studies = list(studies)
    for nth, study in enumerate(studies):
        if not isinstance(study, tuple(KINDS)):
            raise KitchenError(
                f"studies[{nth}]: must be a finished Sweep, Sensitivity or Sizing, got "
                f"{shown(study)}. {do}"
            )
    return studies


@own_figures()
def chapters(studies: list[Sweep | Sensitivity | Sizing], scenario: Scenario) -> list[Chapter]:
    """Chapters on studies, in the given order.

    Parameters
    ----------
    studies : list
        As `finished` returns it.
    scenario : Scenario
        The scenario of the page: chapters on other scenarios say so.

    Raises
    ------
    ScenarioError
        If `scenario` is no `Scenario`.
    """
    require_scenario(scenario)
    made, numbers = [], Counter()
    for study in studies:
        kind = next(kind for cls, kind in KINDS.items() if isinstance(study, cls))
        numbers[kind] += 1
        make = {"sweep": _on_sweep, "sensitivity": _on_sensitivity, "sizing": _on_sizing}[kind]
        made.append(make(study, f"{kind}_{numbers[kind]}", scenario))
    return made


# A sweep


def _on_sweep(swept: Sweep, name: str, scenario: Scenario) -> Chapter:
    any_points = len(swept.frame) > 0
    rows = swept.table() if any_points else swept.frame
    any_figures = bool(rows["mean"].notna().any())
    varied = [path for path in swept.parameters if rows[path].nunique() > 1]
    what = " and ".join(varied) if len(varied) < 3 else f"{len(varied)} settings"
    none = "All points failed, so there are no figures."
    return Chapter(
        name=name,
        heading=f"Sweep: value lost over {what}" if varied else "Sweep of a single setting",
        verdict=sweep_section.verdict(swept, varied) if any_points else none,
        about=[
            sweep_section.amount(swept),
            *sweep_section.varied(swept),
            *_other(
                anonymous.anonymous_spec(swept)["scenario"], anonymous.scenario_values(scenario)
            ),
        ],
        pictures=sweep_pictures(swept, varied, f"{name}.csv") if any_figures else [],
        table=Table(*sweep_section.table(swept, varied)) if any_figures else None,
        errors=_errors(swept),
        failed=len(swept.errors),
        code=_code(swept, name, "sweep", "", f"{swept.strategies}"),
        conditions=_conditions(swept),
        frames={name: anonymous.anonymous_frame(swept), **_error_frames(swept, name)},
        record={"kind": "sweep", **anonymous.anonymous_spec(swept)},
    )


# What matters


def _on_sensitivity(result: Sensitivity, name: str, scenario: Scenario) -> Chapter:
    swept, frame = result.sweep, result.frame
    title = measure_named(result.measure).title
    ranges = dict(result.design.parts)
    wide = frame.set_index(["parameter", "index"])[["mean", "low", "high"]]
    total = frame[frame["index"] == "total"].sort_values("mean", ascending=False, kind="stable")
    paths = list(total["parameter"])
    table = [
        [
            (path, ""),
            _percents(*wide.loc[(path, "first")]),
            _percents(*wide.loc[(path, "total")]),
            (ranges[path].words(), ""),
        ]
        for path in paths
    ]
    shares = ", ".join(f"{path} {_percents(*wide.loc[(path, 'total')])[0]}" for path in paths[:8])
    level = f"{100 * result.confidence:g} %"
    picture = Picture(
        png(plots.sensitivity(frame).figure),
        f"Shares of the variance of {title}, with interactions: {shares}.",
        f"{name}.csv",
        "The share of the variance over these ranges that each setting explains: by itself, and "
        "together with its interactions with the others.",
    )
    head = ["Setting", "By itself", "With interactions", "Values"]
    note = f"Shares of the variance of {title}; {level} intervals."
    return Chapter(
        name=name,
        heading=f"What matters for {title}",
        verdict=result.verdict,
        about=[
            sweep_section.amount(swept),
            *_other(
                anonymous.anonymous_spec(swept)["scenario"], anonymous.scenario_values(scenario)
            ),
        ],
        pictures=[picture],
        table=Table(head, table, note),
        errors=_errors(swept),
        failed=len(swept.errors),
        code=_code(
            swept,
            name,
            "sensitivity",
            ".ranges",
            f"{swept.strategies[0]!r}, measure={result.measure!r}, n={result.design.n}, "
            f"confidence={result.confidence:g}",
        ),
        conditions=_conditions(swept),
        frames={name: frame, **_error_frames(swept, name)},
        record={
            "kind": "sensitivity",
            "measure": result.measure,
            "confidence": result.confidence,
            **anonymous.anonymous_spec(swept),
        },
    )


def _percents(mean: float, low: float, high: float) -> tuple[str, str]:
    if np.isnan(mean):
        return DASH, ""
    write = lambda share: signed(100 * share, 1).lstrip("+")  # noqa: E731
    return f"{write(mean)} %", "" if np.isnan(low) else f"{write(low)} to {write(high)}"


# How much shelf


def _on_sizing(result: Sizing, name: str, scenario: Scenario) -> Chapter:
    measure, strategy = result.measure, result.strategy.name
    title = measure_named(measure).title
    paths = [path for path in result.frame.columns if path.startswith("shelves.")]
    shelves = [path.removeprefix("shelves.").removesuffix(".capacity") for path in paths]
    tried = {shelf: sorted(set(map(int, result.frame[PATH.format(shelf)]))) for shelf in shelves}
    spec, own = anonymous.scenario_values(result.scenario), anonymous.scenario_values(scenario)
    chosen = "no layout is shown to hold"
    if result.layout is not None:
        chosen = ", ".join(f"{shelf} {slots:,}" for shelf, slots in result.layout.items())
    picture = Picture(
        png(plots.sizing(result.curve).figure),
        f"{title.capitalize()} over the cost of the layout; chosen: {chosen}.",
        f"{name}.csv",
        "Waste of the efficient layouts: no layout that was tried costs less and wastes as little. "
        "Filled where the target is held with confidence.",
    )
    return Chapter(
        name=name,
        heading=f"How much shelf is enough for {figure(measure, result.target)} of {title}"
        if measure_named(measure).is_share
        else f"How much shelf is enough for {title} of {figure(measure, result.target)}",
        verdict=result.verdict,
        about=[
            f"Strategy {quoted(strategy)} in scenario {inline(result.scenario.name)}; "
            f"{counted(len(result.frame), 'layout')} tried.",
            *_other(_with_slots(spec, own, tried), own),
        ],
        pictures=[picture],
        table=_neighbours(result, title),
        errors=[],
        failed=0,
        code=(
            f"kitchen.size(scenario, {strategy!r}, target={result.target:g}, measure={measure!r}, "
            f"confidence={result.confidence:g})"
        ),
        conditions=(
            "Also pass the capacities to choose from, the costs, the replications and the seed, or the "
            "trace, of this study: a sizing does not keep them."
        ),
        frames={name: result.frame},
        record={
            "kind": "sizing",
            "scenario": spec,
            "strategy": {"name": strategy, **result.strategy.describe()},
            "measure": measure,
            "target": result.target,
            "confidence": result.confidence,
            "tried": tried,
            "layout": result.layout,
        },
    )


def _neighbours(result: Sizing, title: str) -> Table | None:
    """One row per shelf: its slots, and the effect of fewer slots."""
    if result.layout is None:
        return None
    fewer, rows = result.fewer.set_index("shelf"), []
    for shelf, slots in result.layout.items():
        cells = [(shelf, ""), (f"{slots:,}", "")]
        if shelf in fewer.index:
            row = fewer.loc[shelf]
            write = lambda key, row=row: figure(result.measure, row[key])  # noqa: E731
            end = "fails" if row["fails"] else "too close to call"
            end = "holds" if row["within"] else end
            cells.append((f"{row[PATH.format(shelf)]:,}", ""))
            cells.append((write("mean"), f"{write('low')} to {write('high')}"))
            cells.append((end, ""))
        else:
            cells += [(DASH, "")] * 3
        rows.append(cells)
    head = ["Shelf", "Slots", "With fewer", f"{title.capitalize()} then", "The target"]
    return Table(head, rows, "Fewer on one shelf, the others as chosen; 95 % intervals.")


def _with_slots(spec: dict, own: dict, tried: dict) -> dict:
    """Values of a scenario with the page's capacities on the shelves that were sized."""
    slots = {shelf["name"]: shelf["capacity"] for shelf in own["shelves"]}
    shelves = [
        {**shelf, "capacity": slots.get(shelf["name"])} if shelf["name"] in tried else shelf
        for shelf in spec["shelves"]
    ]
    return {**spec, "shelves": shelves}


# Shared


def _code(swept: Sweep, name: str, function: str, part: str, more: str) -> str:
    """Python that reproduces a study from the manifest, with `part` of the design."""
    design = f"kitchen.designs.Design.from_dict(spec['design']){part}"
    if "values" in swept.spec["design"]:  # functions, which no file can hold
        design = f"design{part}"
    warm_up, amount = (
        swept.spec["warm_up_s"],
        f"replications={swept.replications}, seed={swept.seed}",
    )
    return (
        "import json, pathlib, kitchen\n"
        f"spec = json.loads(pathlib.Path('manifest.json').read_text('utf-8'))['studies']['{name}']\n"
        f"kitchen.{function}(kitchen.Scenario.from_dict(spec['scenario']), {design}, {more}, "
        + ("trace=trace" if "trace" in swept.spec else amount)
        + (f", warm_up_s={warm_up:g})" if warm_up else ")")
    )


def _conditions(swept: Sweep) -> str:
    versions = ", ".join(f"{name} {v}" for name, v in sorted(swept.spec["versions"].items()))
    text = f"Made with kitchen {swept.spec['kitchen']}, {versions}."
    if any("code" in strategy for strategy in swept.spec["strategies"]):
        text += " Strategies with your own rules must be passed themselves, not by name."
    if "trace" in swept.spec:
        text += (
            f" The {swept.replications:,} evenings of a log were replayed at every point: trace is that "
            f"log's trace(), with the digest {swept.spec['trace'][:8]}."
        )
    return text


def _other(spec: dict, own: dict) -> list[str]:
    """A remark, if the scenario of a study is not that of the page."""
    spec = anonymous.with_menu_name(spec)
    if str(spec["decay"]).startswith(own["decay"]):  # a user's decay law has a digest there
        spec = {**spec, "decay": own["decay"]}
    if json.dumps(own, sort_keys=True) == json.dumps(spec, sort_keys=True):
        return []
    return [
        f"This scenario differs from that of the page: manifest.json has {inline(spec['name'])} as it "
        "was for this study."
    ]


def _errors(swept: Sweep) -> list[tuple[str, str]]:
    """The first failed points, with their parameters and errors."""
    spec = anonymous.anonymous_spec(swept)["design"]
    design = None if "values" in spec else Design.from_dict(spec)
    errors = []
    for row in anonymous.anonymous_errors(swept).head(MOST_ERRORS).itertuples():
        at = design and sweep_section.place(pd.Series(design[row.point]), swept.parameters)
        errors.append((f"Point {row.point}{f' ({at})' if at else ''}", row.error))
    return errors


def _error_frames(swept: Sweep, name: str) -> dict[str, pd.DataFrame]:
    return {f"{name}_errors": anonymous.anonymous_errors(swept)} if len(swept.errors) else {}
