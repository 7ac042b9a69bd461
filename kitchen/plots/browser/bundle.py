"""Several modules and style sheets as one script that imports nothing.

A page of one file, and a widget that is imported from a ``blob:`` address, can reach no other file.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path


@cache
def bundle(*paths: Path) -> str:
    """The modules, each after those that it imports, as one without imports and exports.

    A style sheet ``name.css`` becomes the constant ``NAME_CSS``.
    """
    parts = []
    for path in paths:
        text = path.read_text("utf-8")
        if path.suffix == ".css":
            parts.append(f"const {path.stem.upper()}_CSS = {json.dumps(text)};")
        else:
            text = re.sub(r"^import .*?;\n", "", text, flags=re.MULTILINE)
            parts.append(re.sub(r"^export (?=class|function|const|async)", "", text, flags=re.M))
    return "\n".join(parts)
