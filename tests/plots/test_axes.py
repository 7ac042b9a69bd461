"""Plots beside pyplot: in processes of their own, since pyplot's state belongs to a process."""

import os
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from support.paths import ROOT

FRAME = """
import sys
import pandas as pd
import kitchen as kt
frame = pd.DataFrame(
    {"strategy": ["a", "b"], "mean": [0.1, 0.2], "low": [0.05, 0.15], "high": [0.15, 0.25],
     "replications": 9, "measure": "lost_per_order"}
)
"""
PLOT = "kt.plots.ranking(frame)"


def run(code, folder):
    """Run code in a process of its own that has the frame of a ranking."""
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", FRAME + code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_without_ax_pyplot_saves_and_titles_what_was_drawn(tmp_path):
    run(
        """
import matplotlib.pyplot as plt
from matplotlib.image import imread
ax = kt.plots.ranking(frame)
assert ax is plt.gca() and ax.figure is plt.gcf()
plt.savefig("x.png")
assert len(set(imread("x.png").reshape(-1, 4).sum(axis=1))) > 10  # not blank
assert abs(imread("x.png").shape[1] - 7.2 * 110) <= 1  # our size
assert plt.gca().get_title(loc="left")
plt.title("mine")
assert [ax.get_title(loc=side) for side in ("left", "center", "right")] == ["mine", "", ""]
""",
        tmp_path,
    )


def test_two_plots_never_share_axes_unless_told_to(tmp_path):
    run(
        """
import matplotlib.pyplot as plt
first, second = kt.plots.ranking(frame), kt.plots.ranking(frame)
assert first.figure is not second.figure and plt.gcf() is second.figure
assert len(plt.get_fignums()) == 2
assert kt.plots.ranking(frame, ax=first) is first
second.clear()
assert kt.plots.ranking(frame) is second
empty = frame.iloc[:0]
assert kt.plots.ranking(empty) is not kt.plots.ranking(empty)  # "no strategies to show", twice
""",
        tmp_path,
    )


def test_a_figure_that_pyplot_has_begun_is_drawn_on_as_large_as_it_is(tmp_path):
    run(
        """
import matplotlib.pyplot as plt
figure = plt.figure(figsize=(4, 3))
kt.plots.ranking(frame)
assert plt.get_fignums() == [1] and list(figure.get_size_inches()) == [4, 3]
figure, (left, right) = plt.subplots(1, 2)
assert kt.plots.ranking(frame) is right
plt.sca(left)
assert kt.plots.ranking(frame) is left
plt.title("mine")
assert [left.get_title(loc=side) for side in ("left", "center", "right")] == ["", "mine", ""]
assert plt.rcParams["axes.titlelocation"] == "center"
plt.figure()
plt.axhline(0.5)
assert kt.plots.ranking(frame) is plt.gca() and plt.gca().lines[0].get_ydata()[0] == 0.5
""",
        tmp_path,
    )


def test_pyplot_is_used_only_where_it_is_imported_already(tmp_path):
    run(
        """
ax = kt.plots.ranking(frame)
assert "matplotlib.pyplot" not in sys.modules
import matplotlib.pyplot as plt
assert plt.get_fignums() == []
ax._repr_png_()
assert ax.get_title(loc="left").startswith("Value lost")
""",
        tmp_path,
    )


def test_a_report_leaves_the_figures_of_pyplot_alone(tmp_path):
    run(
        """
import matplotlib.pyplot as plt
ax = plt.gca()
rush = kt.Scenario.load("rush")
swept = kt.sweep(rush, {"arrivals.rate": [9, 10]}, ["random", "oldest"], replications=3, seed=1)
kt.report(rush, replications=3, seed=1, studies=[swept], out="report")
assert plt.get_fignums() == [1] and plt.gcf().axes == [ax]
assert not ax.has_data() and not ax.texts
""",
        tmp_path,
    )


@pytest.mark.slow
def test_a_notebook_shows_each_plot_once(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    pictures = {  # by cell
        FRAME: 0,
        PLOT: 1,
        "import matplotlib.pyplot as plt": 0,
        f"ax = {PLOT}\nax": 1,
        f"{PLOT}\nplt.title('mine');": 1,
        f"{PLOT}\nplt.show()": 1,
        f"{PLOT}\n{PLOT}": 2,
        f"plt.figure()\n{PLOT}": 1,
        f"own = {PLOT}": 1,
        "own": 1,
        "assert plt.get_fignums() == []": 0,
    }
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in pictures])
    NotebookClient(notebook, kernel_name="python3").execute()
    for cell, (source, number) in zip(notebook.cells, pictures.items(), strict=True):
        shown = [out for out in cell.outputs if "image/png" in out.get("data", {})]
        assert len(shown) == number, source
