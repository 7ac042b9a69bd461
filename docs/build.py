"""`make docs`: the notebooks, run from top to bottom, as pages that need no network.

Each page holds its style and its pictures. Widgets, which need a kernel to live, are shown as the
text or table that they leave for such pages. What a notebook writes goes to a folder that is
removed.
"""

from __future__ import annotations

import html
import os
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from jinja2 import FileSystemLoader
from nbclient import NotebookClient
from nbconvert import HTMLExporter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
AT_A_TIME = 2
TIMEOUT_S = 600

INDEX = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>kitchen: notebooks</title>
<style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem }}
dt {{ margin-top: 1rem }} dd {{ margin: 0; color: #444 }}</style></head>
<body><h1>Notebooks</h1><dl>
{rows}
</dl></body></html>
"""


def main() -> None:
    """Write docs/notebooks, or the folder that is named."""
    out = Path(sys.argv[1]) if sys.argv[1:] else HERE / "notebooks"
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        notebooks = list(pool.map(executed, paths))
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.html"):
        old.unlink()
    for path, notebook in zip(paths, notebooks, strict=True):
        (out / f"{path.stem}.html").write_text(page(notebook), encoding="utf-8")
    index = index_of({path.stem: notebook for path, notebook in zip(paths, notebooks, strict=True)})
    (out / "index.html").write_text(index, encoding="utf-8")
    print(f"{len(paths)} notebooks: {os.path.relpath(out / 'index.html')}")


def executed(path: Path) -> nbformat.NotebookNode:
    """A notebook with its outputs; a cell that fails ends it with its error."""
    notebook = nbformat.read(path, as_version=4)
    found = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            notebook,
            timeout=TIMEOUT_S,
            kernel_name="python3",
            store_widget_state=False,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": folder}},
        ).execute(env={**os.environ, "PYTHONPATH": found})
    return notebook


def page(notebook: nbformat.NotebookNode) -> str:
    """A notebook with its outputs as one HTML file."""
    title, _ = _heading(notebook)
    metadata = {**notebook.metadata, "title": title}
    metadata.pop("widgets", None)  # or the page would fetch from elsewhere what shows widgets
    notebook = nbformat.from_dict({**notebook, "metadata": metadata})
    exporter = HTMLExporter(
        extra_loaders=[FileSystemLoader(HERE)],
        template_file="page.html.j2",
        anchor_link_text="",
    )
    return exporter.from_notebook_node(notebook)[0]


def index_of(notebooks: dict[str, nbformat.NotebookNode]) -> str:
    """A page that leads to the others, by their titles and first sentences."""
    rows = []
    for name, notebook in notebooks.items():
        title, told = map(html.escape, _heading(notebook))
        rows.append(f'<dt><a href="{html.escape(name)}.html">{title}</a></dt><dd>{told}</dd>')
    return INDEX.format(rows="\n".join(rows))


def _heading(notebook: nbformat.NotebookNode) -> tuple[str, str]:
    """The title and the first paragraph."""
    lines = next(c.source for c in notebook.cells if c.cell_type == "markdown").split("\n\n")
    told = re.sub(r"[`*]", "", " ".join(lines[1:2]))
    return lines[0].lstrip("# ").strip(), " ".join(told.split())


if __name__ == "__main__":
    main()
