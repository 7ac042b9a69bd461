"""`merge_sweep`: a sweep whose parts several jobs have written, joined."""

from __future__ import annotations

from pathlib import Path

from kitchen.sweeps import store
from kitchen.sweeps.sweep import Sweep, read_sweep


def merge_sweep(path: str | Path) -> Sweep:
    """Join the parts of a sweep that several jobs have written, and read it; nothing is computed.

    Raises
    ------
    FileError
        If the folder holds no sweep, a job is still running, or parts are missing: the message says
        which jobs have to run again.

    Examples
    --------
    >>> import tempfile
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> grid = {"arrivals.rate": [8, 10]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for part in ("1/2", "2/2"):  # as two jobs of a cluster would, at once
    ...         _ = kt.sweep(rush, grid, ["random"], replications=5, out=folder, part=part)
    ...     swept = kt.merge_sweep(folder)
    >>> swept.points
    2
    """
    store.merge(path)
    return read_sweep(path)
