"""The notebooks, run from top to bottom as a new user would."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def executed(request, tmp_path_factory):
    """A notebook with its outputs; what it writes goes to a folder of its own."""
    notebook = nbformat.read(request.param, as_version=4)
    folder = tmp_path_factory.mktemp(request.param.stem)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), before]))
    try:
        NotebookClient(
            notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}
        ).execute()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return notebook


def outputs(notebook):
    return [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]


def test_there_is_a_notebook():
    assert NOTEBOOKS


def test_every_cell_that_plots_shows_a_picture(executed):
    plotting = [c for c in executed.cells if c.cell_type == "code" and "kt.plots." in c.source]
    assert plotting
    for cell in plotting:
        assert any("image/png" in out.get("data", {}) for out in cell.outputs), cell.source


def test_no_cell_prints_a_warning(executed):
    told = [out.text for out in outputs(executed) if out.get("name") == "stderr"]
    assert [text for text in told if "compiling the engine" not in text] == []


def test_the_first_notebook_tells_which_strategy_loses_least(executed):
    told = "".join(out.get("text", "") for out in outputs(executed))
    assert "loses least" in told
