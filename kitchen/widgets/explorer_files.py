"""What can be taken along from the explorer: tables, pictures, the scenario and the code."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from matplotlib.axes import Axes

from kitchen.comparison.comparison import Comparison
from kitchen.io.csv_text import csv_bytes
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.plots.axes import png
from kitchen.plots.style import in_style
from kitchen.widgets.app import primary_of
from kitchen.widgets.code import as_python

TABLES = {"ranking.csv": "frame", "paired.csv": "paired", "summaries.csv": "summaries"}
"""File of a table -> attribute of the comparison."""

FIRST, SECOND, BOTH = "differences.png", "second picture.png", "pictures.pdf"
"""Files of the pictures, as matplotlib draws them."""

CODE = "code"
"""What the browser asks for where the Python code is opened."""


def file_names(scenario: Scenario) -> list[str]:
    """Names of all files on offer."""
    return [*TABLES, scenario_file(scenario), FIRST, SECOND, BOTH]


def made(
    name: str, table: Comparison, first: Callable[[], Axes], second: Callable[[], Axes]
) -> tuple[bytes, str]:
    """A file's bytes and its media type.

    Parameters
    ----------
    name : str
        One of `file_names`.
    table : Comparison
    first, second : callable
        Draw the pictures.

    Raises
    ------
    ScenarioError
        If the scenario has a function of the user's, which no file can hold.
    """
    if name in TABLES:
        return csv_bytes(getattr(table, TABLES[name])), "text/csv"
    if name == BOTH:
        return _pdf(first(), second()), "application/pdf"
    if name in (FIRST, SECOND):
        return png((first if name == FIRST else second)().figure), "image/png"
    return table.scenario.to_toml().encode(), "application/toml"


def scenario_file(scenario: Scenario) -> str:
    """Name of the scenario's file."""
    plain = "".join(c if c.isalnum() or c in "-_ " else "_" for c in scenario.name).strip()
    return f"{plain[:60] or 'scenario'}.toml"


def script(
    base: str,
    scenario: Scenario,
    strategies: list[Strategy],
    replications: int,
    seed: int,
    measure: str,
) -> str:
    """Python code that reproduces the figures; a scenario that does not ship is written out."""
    return as_python(
        scenario,
        base if base in Scenario.shipped() else None,
        strategies,
        replications=replications,
        seed=seed,
        measure=None if measure == primary_of(scenario) else measure,
    )


def _pdf(*pictures: Axes) -> bytes:
    """Pictures as the pages of a PDF file."""
    from matplotlib.backends.backend_pdf import PdfPages  # only when it is clicked: 50 ms

    target = BytesIO()
    with in_style(), PdfPages(target) as pages:
        for ax in pictures:
            pages.savefig(ax.figure)
    return target.getvalue()
