"""The player on pages that have no kernel: its module, its style, and what the page must allow."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from pathlib import Path

from kitchen.plots.browser.bundle import bundle
from kitchen.plots.browser.payload import text_of

STATIC = Path(__file__).parent / "static"
PLAYER = tuple(
    STATIC / name
    for name in (
        "player.css",
        "ledger.js",
        "layout.js",
        "words.js",
        "board.js",
        "timeline.js",
        "player.js",
    )
)
"""The player's files in an order in which each comes after those that it imports."""

FRAME_HIGH = 760
"""Height of the frame in a notebook, pixels."""

_PAGE_STYLE = """
:root { color-scheme: light dark }
body { margin: 16px auto; max-width: 1600px; padding: 0 12px; font-family: system-ui, sans-serif }
h1 { font-size: 1.3rem }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #e8e8e8 } }
"""

_START = """
for (const host of document.querySelectorAll(".kitchen-player")) {
  host.player = new Player(host, JSON.parse(host.nextElementSibling.textContent));
}
"""


@cache
def script() -> str:
    """The script of a page with players."""
    return bundle(*PLAYER).replace("</script", "<\\/script") + _START


@cache
def script_source() -> str:
    """What a page's policy allows: this script, by its hash, and no other."""
    digest = hashlib.sha256(script().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def embedded(data: dict, theme: str = "", heading: str = "h3") -> str:
    """A player as a part of a page, which has `script_element` once, after all of them.

    Parameters
    ----------
    data : dict
        See `payload.payload`.
    theme : {"", "light", "dark"}
        That of the page; by default the reader's.
    heading : {"h2", "h3"}
        Element of the kitchens' names: one below the heading that the player stands under.
    """
    safe = (
        text_of(data)
        .replace("<", "\\u003c")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
    return (
        f'<div class="kitchen-player" data-theme="{escape(theme)}" data-heading="{heading}">'
        "<noscript>The player needs scripts.</noscript></div>"
        f'<script type="application/json">{safe}</script>'
    )


def script_element() -> str:
    """The script, as an element."""
    return f'<script type="module">{script()}</script>'


def page(data: dict, title: str) -> str:
    """A page of its own: one file that asks nothing of the network."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"style-src 'unsafe-inline'; script-src {script_source()}\">\n"
        f"<title>{escape(title)}</title>\n"
        f"<style>{_PAGE_STYLE}</style>\n"
        f"</head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n{embedded(data, heading='h2')}\n</main>\n"
        f"{script_element()}\n</body>\n</html>\n"
    )


def frame(data: dict, title: str) -> str:
    """The page in a frame of a notebook, where nothing of it touches the page around it."""
    source = escape(page(data, title), quote=True)
    return (
        f'<iframe title="{escape(title)}" sandbox="allow-scripts" loading="lazy" '
        f'style="width:100%;height:{FRAME_HIGH}px;border:0" srcdoc="{source}"></iframe>'
    )
