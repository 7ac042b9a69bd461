"""Mappings: TOML files with the keywords of `read_log`, for logs of one kind."""

from __future__ import annotations

from kitchen.errors import LogError, inline, unknown
from kitchen.io.read import Handed, read_toml
from kitchen.utils.validation import as_path

KEYWORDS = (
    "columns",
    "tz",
    "day_begins",
    "between",
    "store",
    "units",
    "dayfirst",
    "temps",
    "shelf_life",
    "decay_rate",
    "cancelled",
    "max_delay",
    "menu",
)
"""What a mapping may have, each as `read_log` takes it."""


def read_mapping(path) -> dict:
    """The keywords of a mapping file; a menu is looked up in the folder of the file, if it has one.

    Raises
    ------
    FileError
        If the file cannot be read or is not TOML.
    LogError
        If a key is unknown.
    """
    content = read_toml(path)
    for key in content:
        if key not in KEYWORDS:
            raise LogError(f"{inline(path)}: {unknown('key', key, KEYWORDS)}")
    if isinstance(content.get("menu"), str) and not isinstance(path, Handed):
        content["menu"] = str(as_path(path).parent / content["menu"])
    return content
