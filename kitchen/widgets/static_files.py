"""Loader of the style sheets and scripts in `static/`, which pages carry inline.

A page has no address to fetch files from: it may be a notebook, a served page under a content
security policy, or a file on a disk.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"


@cache
def static_text(name: str) -> str:
    """Text of a file in `static/`, read once in a process."""
    return (STATIC / name).read_text("utf-8")


def style_element(name: str) -> str:
    """A style sheet of `static/` as an HTML style element."""
    return f"<style>\n{static_text(name)}</style>"


@cache
def widget_module(*names: str) -> str:
    """Several modules of `static/` as one that imports nothing, with their style sheets.

    An anywidget is imported from a ``blob:`` address, from where no other file can be reached. Each
    module comes after those that it imports; a style sheet becomes the constant ``NAME_CSS``. The
    last module has `render`.
    """
    parts = []
    for name in names:
        text = static_text(name)
        if name.endswith(".css"):
            constant = f"{Path(name).stem.upper()}_CSS"
            parts.append(f"const {constant} = {json.dumps(text)};")
        else:
            text = re.sub(r"^import .*?;\n", "", text, flags=re.MULTILINE)
            parts.append(re.sub(r"^export (?=class|function|const|async)", "", text, flags=re.M))
    return "\n".join([*parts, "export default { render };\n"])
