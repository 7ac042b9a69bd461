"""Figures of the result frames: each function takes a frame and an optional ``ax``, returns the Axes.

Nothing is simulated here, and no window opens; a notebook shows the Axes that a cell ends with. Axes
keep shares as numbers (0.05) and label them in percent (5). Names are drawn as plain text.
"""

try:
    import matplotlib  # noqa: F401  # before all else: it refuses an unknown backend
except ValueError as problem:
    import os

    from kitchen.errors import KitchenError, shown

    if (backend := os.environ.get("MPLBACKEND")) is None:
        raise
    raise KitchenError(
        f"MPLBACKEND: the environment variable must name a backend of matplotlib, got "
        f"{shown(backend)}. Unset it: figures are drawn without one."
    ) from problem

from kitchen.model.measures import MEASURES, Measure, measure_named
from kitchen.plots.browser.sweep_rows import parameters, values_of
from kitchen.plots.dots import paired, ranking, regret
from kitchen.plots.fits import fit_arrivals, fit_check, fit_delays
from kitchen.plots.levers import levers
from kitchen.plots.logs import log_days
from kitchen.plots.policy import policy_map
from kitchen.plots.regions import regions
from kitchen.plots.sensitivity import sensitivity
from kitchen.plots.sizing import sizing
from kitchen.plots.strategies import (
    pairs,
    ranking_by_load,
    value_split,
    waste_by_cause,
    waste_by_temp,
)
from kitchen.plots.sweep_best import sweep_best
from kitchen.plots.sweep_hover import HoverBox, hover_boxes
from kitchen.plots.sweeps import sweep_lines, sweep_map
from kitchen.plots.time import paths, shelves, value
from kitchen.plots.warm_up import warm_up
from kitchen.utils.formatting import value_texts

__all__ = [
    "MEASURES",
    "HoverBox",
    "Measure",
    "fit_arrivals",
    "fit_check",
    "fit_delays",
    "hover_boxes",
    "levers",
    "log_days",
    "measure_named",
    "paired",
    "pairs",
    "parameters",
    "paths",
    "policy_map",
    "ranking",
    "ranking_by_load",
    "regions",
    "regret",
    "sensitivity",
    "shelves",
    "sizing",
    "sweep_best",
    "sweep_lines",
    "sweep_map",
    "value",
    "value_split",
    "value_texts",
    "values_of",
    "warm_up",
    "waste_by_cause",
    "waste_by_temp",
]
