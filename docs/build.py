"""`make docs`: the site in build/docs/html. It needs no network, to build or to read.

The source is assembled in build/docs/source: the pages of this folder, the notebooks run from top to
bottom, and the reference, which `reference.py` makes from the code. A warning of Sphinx fails the
build. `python docs/build.py --without-notebooks` leaves the notebooks' outputs out.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILT = ROOT / "build/docs"
AT_A_TIME = 2
TIMEOUT_S = 600

sys.path[:0] = [str(HERE)]


def main() -> None:
    """Assemble the source, and have Sphinx make the pages."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=BUILT, help="folder of source and pages")
    options.add_argument("--without-notebooks", action="store_true", help="do not run them")
    given = options.parse_args()
    source = given.out / "source"
    shutil.rmtree(source, ignore_errors=True)
    assemble(source, run=not given.without_notebooks)
    sys.exit(pages(source, given.out / "html"))


def assemble(source: Path, run: bool = True) -> None:
    """Write the source of the site into a new folder; `run` the notebooks, or leave them as they are."""
    from reference import pages as made

    shutil.copytree(HERE, source, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    shutil.copy(HERE / "conf.py", source)
    for path in source.rglob("*.md"):
        up = "../" * len(path.relative_to(source).parent.parts)
        path.write_text(as_page(path.read_text(encoding="utf-8"), up), encoding="utf-8")
    for name in ("CHANGELOG", "CONTRIBUTING"):
        text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
        (source / f"{name.lower()}.md").write_text(as_page(text), encoding="utf-8")
    (source / "decisions/index.md").write_text(decisions(), encoding="utf-8")
    for path, text in made().items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        text = as_page(text, "../") if path.endswith(".md") else text
        (source / path).write_text(text, encoding="utf-8")
    paths = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        notebooks = list(pool.map(executed if run else opened, paths))
    (source / "notebooks").mkdir()
    for path, notebook in zip(paths, notebooks, strict=True):
        notebook.metadata.pop("widgets", None)  # or the page would fetch what shows widgets
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = as_page(cell.source, "../")
        nbformat.write(notebook, source / "notebooks" / path.name)
    listed = "\n".join(path.stem for path in paths)
    (source / "notebooks/index.md").write_text(
        f"# All notebooks\n\n```{{toctree}}\n{listed}\n```\n", encoding="utf-8"
    )


def as_page(text: str, up: str = "") -> str:
    """A page with its links to other files turned to where they lead on the site.

    A page that is named by its path, as `docs/logs.md` is in a notebook, becomes a link; `up` leads from
    the page's folder to the top.
    """
    text = re.sub(r"\]\((?:\.\./)?docs/", "](", text)
    text = re.sub(r"`docs/(?:(decisions/))?([\w-]+)\.md`", rf"[\2]({up}\1\2.md)", text)
    return re.sub(
        r"\]\((?:\.\./)?(CHANGELOG|CONTRIBUTING)\.md", lambda m: f"]({m[1].lower()}.md", text
    )


def decisions() -> str:
    """The page that lists the decisions."""
    names = "\n".join(path.stem for path in sorted((HERE / "decisions").glob("[0-9]*.md")))
    return f"# Decisions\n\nWhat was asked, tried and chosen.\n\n```{{toctree}}\n{names}\n```\n"


def pages(source: Path, out: Path) -> int:
    """Run Sphinx; 0 if it had nothing to say."""
    from sphinx.cmd.build import build_main

    jobs = str(min(2, os.cpu_count() or 1))
    code = build_main(["-b", "html", "-W", "--keep-going", "-q", "-j", jobs, str(source), str(out)])
    if code == 0:
        print(f"The site: {os.path.relpath(out / 'index.html')}")
    return code


def opened(path: Path) -> nbformat.NotebookNode:
    """A notebook as it is."""
    return nbformat.read(path, as_version=4)


def executed(path: Path) -> nbformat.NotebookNode:
    """A notebook with its outputs; a cell that fails ends it with its error."""
    notebook = opened(path)
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


if __name__ == "__main__":
    main()
