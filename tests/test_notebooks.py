"""The notebooks, run from top to bottom as a new user would, and what they show on pages."""

import importlib.util
import re
import time

import nbformat
import numpy as np
import pytest
from support.paths import ROOT

pytestmark = pytest.mark.slow

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TOOL = re.compile(r"\bkt\.(widgets\.)?(LiveKitchen|Explorer|SweepViewer|Sweeper|page)\(")
WIDGET = "application/vnd.jupyter.widget-view+json"

IN_A_ROW = 20
SLOWEST = 3.0
"""How many times the median an execution may take: one that stalls takes far more."""


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def path_of(request):
    """A notebook's file."""
    return request.param


@pytest.fixture(scope="module")
def executed(path_of, build, compiled):
    """A notebook with its outputs."""
    return build.executed(path_of)


@pytest.fixture(scope="module")
def build():
    """What `make docs` runs."""
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "docs/build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cells(notebook, needle):
    """Cells of code in which a pattern is found."""
    return [c for c in notebook.cells if c.cell_type == "code" and re.search(needle, c.source)]


def outputs(notebook):
    return [out for cell in cells(notebook, "") for out in cell.outputs]


def has_widgets(path):
    return bool(cells(nbformat.read(path, as_version=4), TOOL))


def test_there_is_a_notebook_for_each_story():
    stories = [path.stem.split("_", 1) for path in NOTEBOOKS]
    assert [number for number, _ in stories] == [f"{n:02d}" for n in range(1, len(stories) + 1)]
    assert any(map(has_widgets, NOTEBOOKS))


def test_every_cell_that_plots_shows_a_picture(executed):
    plotting = cells(executed, r"kt\.plots\.")
    assert plotting or cells(executed, TOOL)
    for cell in plotting:
        assert any("image/png" in out.get("data", {}) for out in cell.outputs), cell.source


def test_every_cell_that_makes_a_tool_shows_it_and_what_pages_without_a_kernel_show(executed):
    for cell in cells(executed, TOOL):
        shown = [out.data for out in cell.outputs if WIDGET in out.get("data", {})]
        assert len(shown) == 1, cell.source
        (still,) = (data["text/html"] for data in shown)
        assert "kitchen-player" in still or "<img" in still, cell.source
        assert "kt-fault" not in still.split("</style>")[-1], cell.source


def test_no_cell_prints_a_warning(executed):
    told = [out.text for out in outputs(executed) if out.get("name") == "stderr"]
    assert [text for text in told if "compiling the engine" not in text] == []


def test_a_notebook_that_compares_tells_which_strategy_loses_least(executed):
    told = "".join(
        out.get("text", "") + str(out.get("data", {}).get("text/html", ""))
        for out in outputs(executed)
    )
    assert "loses least" in told or not cells(executed, r"\bkt\.compare\(")


def test_the_first_notebook_compares(executed, path_of):
    assert cells(executed, r"\bkt\.compare\(") or path_of != NOTEBOOKS[0]


LONGEST_LINE = 110
"""Characters of a printed line: JupyterLab breaks longer ones wherever its window ends."""


PRINT_VERDICTS = {"04_live_kitchen", "05_explore", "06_sweeps"}
"""Notebooks that print a verdict, where a cell could end with it. Take one out when it does; add none."""


def test_no_printed_line_is_so_long_that_it_would_break_inside_of_a_word(executed, path_of):
    if path_of.stem in PRINT_VERDICTS:
        assert cells(executed, r"print\(.*\bverdict\)")
        return
    told = [out.text for out in outputs(executed) if out.output_type == "stream"]
    assert [line for text in told for line in text.splitlines() if len(line) > LONGEST_LINE] == []


def test_every_table_is_shown_whole(executed):
    shown = [out.data.get("text/html", "") for out in outputs(executed) if "data" in out]
    cut = r"<p>[\d,]+ rows|<t[dh][^>]*>\s*(?:\.\.\.|…)\s*</t|<td>[^<]{40,}\.\.\.</td>"
    assert [re.search(cut, text)[0] for text in shown if re.search(cut, text)] == []


def test_a_notebook_ends_with_what_to_read_next(path_of):
    last = nbformat.read(path_of, as_version=4).cells[-1]
    assert last.cell_type == "markdown" and last.source.startswith("## What to read next\n\n- [")
    for notebook in re.findall(r"\(([^)]*\.ipynb)\)", last.source):
        assert (path_of.parent / notebook).is_file() and notebook != path_of.name
    for page in re.findall(r"`(docs/[^`]*)`", last.source):
        assert (ROOT / page).is_file()


# As pages


def test_what_a_notebook_shows_on_a_page_asks_for_nothing_elsewhere(executed):
    shown = "".join(out.data.get("text/html", "") for out in outputs(executed) if "data" in out)
    asked = re.findall(
        r"""\ssrc\s*=\s*["']?+(?!data:)[^>]{0,60}|\burl\(\s*["']?+(?!data:|\#)[^)]{0,60}"""
        r"""|<link[^>]*>|@import[^;]*|\b(?:import|fetch)\b[^;\n]{0,60}https?:[^;\n]{0,60}""",
        shown,
    )
    assert asked == []


# Nothing stalls: widgets that are fed from callbacks are known to, under nbclient


def test_a_notebook_with_widgets_runs_again_and_says_the_same(executed, path_of, build):
    if not cells(executed, TOOL):
        return
    again = build.executed(path_of)
    for one, other in zip(cells(executed, ""), cells(again, ""), strict=True):
        assert [out.get("text") for out in one.outputs] == [
            out.get("text") for out in other.outputs
        ]


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_execution_of_twenty_in_a_row_stalls(path, build):
    times = []
    for _ in range(IN_A_ROW):
        began = time.monotonic()
        build.executed(path)
        times.append(time.monotonic() - began)
    assert max(times) <= SLOWEST * np.median(times), times
