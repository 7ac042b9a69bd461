"""Temporary files and folders named after their process, so that those of a dead one can be removed.

A process that is killed cannot tidy up. So each temporary name carries host, process and its start:
`.kitchen-HOST-PROCESS-START-RANDOM`. Whoever writes into the folder next removes what belongs to
processes of this host that are gone.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

PREFIX = ".kitchen-"
"""Beginning of all temporary names."""

TOLERANCE_S = 3600
"""Difference of two readings of one process's start, seconds: a clock may be set in between."""

_NAME = re.compile(rf"{re.escape(PREFIX)}([0-9a-f]{{8}})-(\d+)-(\d+)-[0-9a-f]{{16}}(\..{{1,15}})?")

_looked_into: set[tuple[int, str]] = set()
"""Process and folder of each look by `remove_dead` with again=False."""


def new_name() -> str:
    """A new name of this process for a temporary file or folder."""
    return f"{_prefix(os.getpid())}-{secrets.token_hex(8)}"


@contextmanager
def folder_in(folder: Path) -> Iterator[Path]:
    """Context manager of an empty temporary folder; those of dead processes are removed first."""
    remove_dead(folder)
    made = folder / new_name()
    made.mkdir(mode=0o700)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def remove_dead(folder: Path, again: bool = True) -> None:
    """Remove the temporary files and folders of processes of this host that are gone.

    Parameters
    ----------
    folder : Path
    again : bool
        False looks once per process and folder: for files that come by the thousand.
    """
    if not again:
        key = (os.getpid(), str(folder))
        if key in _looked_into:
            return
        _looked_into.add(key)
    with suppress(OSError):
        names = [entry.name for entry in os.scandir(folder) if entry.name.startswith(PREFIX)]
        for name in filter(_is_dead, names):
            path = folder / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with suppress(OSError):
                    path.unlink()


def _is_dead(name: str) -> bool:
    """Whether a temporary name belongs to a process of this host that is gone."""
    import psutil

    parts = _NAME.fullmatch(name)
    if not parts or parts[1] != _host():
        return False
    try:
        process = psutil.Process(int(parts[2]))
        if process.status() == psutil.STATUS_ZOMBIE:  # has ended, and its parent has not asked yet
            return True
        return abs(process.create_time() - int(parts[3])) > TOLERANCE_S
    except psutil.NoSuchProcess:
        return True
    except (
        psutil.Error,
        OverflowError,
    ):  # there, but not ours to look at; or no number of a process
        return False


@cache
def _prefix(process: int) -> str:
    import psutil

    return f"{PREFIX}{_host()}-{process}-{int(psutil.Process(process).create_time())}"


@cache
def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]
