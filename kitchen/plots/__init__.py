"""Pictures of the tables: every function takes a frame and an optional ``ax`` and returns the Axes.

Nothing is simulated or shown here; a notebook shows the Axes that a cell ends with. Shares stay
shares on the axes (0.05) and are written as percentages (5). Names are drawn as plain text.
"""

from kitchen.model.measures import MEASURES, Measure, measure_named
from kitchen.plots.sensitivity import sensitivity
from kitchen.plots.sizing import sizing
from kitchen.plots.strategies import (
    paired,
    pairs,
    ranking,
    ranking_by_load,
    regret,
    value_split,
    waste_by_cause,
    waste_by_temp,
)
from kitchen.plots.sweep_hover import Spot, spots
from kitchen.plots.sweeps import parameters, sweep_lines, sweep_map, values_of
from kitchen.plots.time import paths, shelves, value
from kitchen.utils.formatting import value_texts

__all__ = [
    "MEASURES",
    "Measure",
    "Spot",
    "measure_named",
    "paired",
    "pairs",
    "parameters",
    "paths",
    "ranking",
    "ranking_by_load",
    "regret",
    "sensitivity",
    "shelves",
    "sizing",
    "spots",
    "sweep_lines",
    "sweep_map",
    "value",
    "value_split",
    "value_texts",
    "values_of",
    "waste_by_cause",
    "waste_by_temp",
]
