"""Running the parts of a sweep that its folder lacks: all of them, or those of one job."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from kitchen.errors import inline
from kitchen.sweeps import store
from kitchen.sweeps.locks import Job

log = logging.getLogger("kitchen")

Run = Callable[[list[int]], Iterator[tuple[int, dict]]]
"""Function of some parts; yields each with its tables, as it is finished."""


def run_in_folder(
    run: Run,
    sizes: list[int],
    spec: dict,
    folder: Path,
    callback: Callable[[int], object] | None,
    job: Job | None = None,
) -> None:
    """Run what is missing of a sweep and keep it in a folder.

    Parameters
    ----------
    run : function
        See `Run`.
    sizes : list of int
        Replications of each part, of all strategies and points together; they are told to `callback`
        for parts that are there already.
    spec : dict
        Specification of the sweep.
    folder : Path
    callback : callable or None
    job : Job, optional
        Run the parts of this job only, while others may write theirs; the sweep is not finished then.

    Raises
    ------
    FileError
    """
    tables, number = store.tables_of(spec["keep"]), len(sizes)
    own = range(number) if job is None else job.own(number)
    opened = (
        store.opened(folder, spec, tables, number)
        if job is None
        else store.opened_for(job, folder, spec, tables, number)
    )
    with opened as kept:
        missing = [] if kept.complete else kept.missing(own)
        there = sum(sizes[part] for part in {*own} - {*missing})
        if callback is not None and there:
            callback(there)
        if missing or job is not None:
            log.info("%s: %s", inline(folder), _progress_text(len(missing), len(own), job))
        with closing(run(missing)) as done:  # type: ignore[type-var]
            for part, result in done:  # workers end before the lock is released
                kept.write(part, result)
        if job is None and not kept.complete:
            kept.finish()


def _progress_text(missing: int, parts: int, job: Job | None) -> str:
    whose = "" if job is None else f" of job {job}"
    if not parts:
        return f"there are no parts{whose}; fewer jobs would do."
    if missing == parts and job is None:
        return f"a new sweep of {parts:,} parts."
    return f"{parts - missing:,} of {parts:,} parts{whose} are done already."
