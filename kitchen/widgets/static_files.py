"""Loader of the style sheets and scripts in `static/`, which pages carry inline.

A page has no address to fetch files from: it may be a notebook, a served page under a content
security policy, or a file on a disk.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kitchen.plots.browser.bundle import bundle

STATIC = Path(__file__).parent / "static"


@cache
def static_text(name: str) -> str:
    """Text of a file in `static/`, read once in a process."""
    return (STATIC / name).read_text("utf-8")


def style_element(name: str) -> str:
    """A style sheet of `static/` as an HTML style element."""
    return f"<style>\n{static_text(name)}</style>"


def widget_module(*names: str) -> str:
    """Files of `static/` as the module of an anywidget; the last has `render`."""
    return as_widget(*(STATIC / name for name in names))


def as_widget(*paths: Path) -> str:
    """Files as the module of an anywidget; the last has `render`."""
    return f"{bundle(*paths)}\nexport default {{ render }};\n"
