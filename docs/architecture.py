"""The picture and the table of files in docs/architecture.md, made from the real imports.

`make docs` runs this, and so can you: `python docs/architecture.py`. It reads the code (`ast`) and
imports none of it. `tests/test_docs.py` fails while what is committed differs from what it writes.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter, defaultdict
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PACKAGE = ROOT / "kitchen"
PAGE = HERE / "architecture.md"
PICTURE = HERE / "images/architecture.svg"
BEGIN, END = "<!-- made by docs/architecture.py -->\n", "<!-- end -->\n"

ROW, CELL, ARCS, NAMES, TOP = 34, 34, 200, 120, 108  # pixels
INK, GREY, PALE, ARROW = "#222222", "#6b6b6b", "#eef2f6", "#3b6fa0"


def main() -> None:
    """Write the picture, and the table into its place on the page."""
    PICTURE.write_text(picture(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


# --- What the code says ------------------------------------------------------------------------


def layers() -> list[str]:
    """The folders in the order that import-linter keeps, the uppermost first."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return next(contract["layers"] for contract in contracts if contract["type"] == "layers")


def modules_of(folder: str) -> list[Path]:
    """The files of a folder, or the one file of that name."""
    return sorted((PACKAGE / folder).rglob("*.py")) or [PACKAGE / f"{folder}.py"]


def imports() -> Counter[tuple[str, str]]:
    """(folder, imported folder) -> how many of its files import from there."""
    counted: Counter[tuple[str, str]] = Counter()
    for folder in layers():
        for path in modules_of(folder):
            counted.update((folder, other) for other in _imported_by(path) - {folder})
    return counted


def without_shortcuts(pairs) -> set[tuple[str, str]]:
    """The pairs that do not follow from others: the transitive reduction of an acyclic graph."""
    targets = defaultdict(set)
    for folder, other in pairs:
        targets[folder].add(other)

    def reached(folder: str) -> set[str]:
        return targets[folder].union(*map(reached, targets[folder]))

    return {
        (folder, other)
        for folder, other in pairs
        if not any(other in reached(between) for between in targets[folder] - {other})
    }


def first_sentence(path: Path) -> str:
    """The first sentence of a module's docstring, without its full stop."""
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    told = " ".join(told.split("\n\n")[0].split())
    return re.split(r"(?<=[.?!]) (?=[A-Z`])", told)[0].removesuffix(".")


def _imported_by(path: Path) -> set[str]:
    """The folders of this package from which a file imports, for type checkers alone excepted."""
    found = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        if isinstance(node, ast.ImportFrom):
            found.update(f"{node.module}.{name.name}" for name in node.names)
        waiting += ast.iter_child_nodes(node)
    return {name.split(".")[1] for name in found if name.startswith("kitchen.")}


# --- The picture -------------------------------------------------------------------------------


def picture() -> str:
    """An SVG: folders as rows, the arrows between them, and the matrix of their imports."""
    folders, counted = layers(), imports()
    at = {folder: i for i, folder in enumerate(folders)}
    left = ARCS + NAMES + 20
    width, height = left + CELL * len(folders) + 16, TOP + ROW * len(folders) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="system-ui, sans-serif" font-size="14" fill="{INK}">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        '<marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{ARROW}"/></marker>',
        _text(16, 26, "Who imports from whom", weight=600),
        _text(16, 46, "Arrows: imports that do not follow from others.", GREY, 12),
        _text(16, 62, "Cells: how many files of the row import from the column.", GREY, 12),
    ]
    for folder, i in at.items():
        y = TOP + ROW * i
        parts.append(
            f'<rect x="{ARCS}" y="{y + 3}" width="{NAMES}" height="{ROW - 6}" rx="5" '
            f'fill="{PALE}" stroke="#b8c4d0"/>'
        )
        parts.append(_text(ARCS + NAMES / 2, y + ROW / 2 + 5, folder, anchor="middle"))
        x = left + CELL * i + CELL / 2
        parts.append(
            f'<text transform="translate({x + 5:g} {TOP - 8}) rotate(-60)" font-size="12">'
            f"{escape(folder)}</text>"
        )
    for folder, i in at.items():
        for other, j in at.items():
            x, y, files = left + CELL * j, TOP + ROW * i, counted[folder, other]
            fill = GREY if i == j else "#bcd3e8" if files else "white"
            parts.append(
                f'<rect x="{x}" y="{y}" width="{CELL}" height="{ROW}" fill="{fill}" '
                'stroke="#dddddd"/>'
            )
            if files:
                parts.append(_text(x + CELL / 2, y + 22, str(files), size=12, anchor="middle"))
    for folder, other in sorted(
        without_shortcuts(counted), key=lambda pair: (at[pair[0]], at[pair[1]])
    ):
        parts.append(_arc(at[folder], at[other]))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _arc(i: int, j: int) -> str:
    """An arrow from row i to row j, to the left of the names; it leaves below where others enter."""
    begin, end = TOP + ROW * (i + 0.66), TOP + ROW * (j + 0.34)
    bulge = ARCS - 14 - min(abs(j - i) * 26, ARCS - 30)
    return (
        f'<path d="M{ARCS} {begin:g}C{bulge} {begin:g} {bulge} {end:g} {ARCS - 1} {end:g}" '
        f'fill="none" stroke="{ARROW}" stroke-width="1.4" marker-end="url(#head)"/>'
    )


def _text(x, y, text, fill=INK, size=14, anchor="start", weight=400) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{fill}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


# --- The table ---------------------------------------------------------------------------------


def page(text: str) -> str:
    """The page with its generated part made anew."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return before + BEGIN + table() + END + after


def table() -> str:
    """Every folder and file with the first sentence of its docstring, the uppermost first."""
    counted = imports()
    position = {folder: i for i, folder in enumerate(layers())}
    upwards = sum(position[folder] >= position[other] for folder, other in counted)
    files = sum(len(modules_of(folder)) for folder in position)
    lines = [
        f"{len(position)} folders, {files} files, {len(counted)} pairs of folders of which one "
        f"imports from the other, {upwards} of them upwards.",
        "",
        "| file | what it is |",
        "|---|---|",
    ]
    for folder in position:
        for path in modules_of(folder):
            name, told = path.relative_to(PACKAGE), first_sentence(path)
            if path.name == "__init__.py":
                lines.append(f"| **`{name.parent}/`** | **{told}** |")
            elif len(name.parts) == 1:
                lines.append(f"| **`{name}`** | **{told}** |")
            else:
                lines.append(f"| `{name}` | {told} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
