"""Menus that have been read, kept for as long as their files stay as they are."""

from __future__ import annotations

import os
import time
from functools import cache, lru_cache
from pathlib import Path

from kitchen.model.menu import COLUMNS, Menu, read_orders, shipped_menu_path

SETTLED_AFTER_S = 2.0
"""Seconds after which a change of a file shows in its time of change; FAT counts in steps of 2 s."""


def menu_of_file(path: str | Path | None) -> Menu:
    """The menu of a file, or the shipped one; read again only if the file has changed.

    The arrays of a kept menu cannot be written to, as all who ask get the same.

    Raises
    ------
    FileError, OrdersError
        As `read_orders`.

    Examples
    --------
    >>> menu_of_file(None) is menu_of_file(None)
    True
    """
    path = _shipped() if path is None else path
    try:
        now = os.stat(path)
    except OSError:
        return read_orders(path)  # says what is wrong with it
    if abs(time.time() - now.st_mtime) < SETTLED_AFTER_S:
        return read_orders(path)
    return _read(path, now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)


_shipped = cache(shipped_menu_path)


@lru_cache(maxsize=16)
def _read(path, *stamp: int) -> Menu:
    """The menu of a file as it was at this stamp."""
    menu = read_orders(path)
    for column in COLUMNS:
        getattr(menu, column).setflags(write=False)
    return menu
