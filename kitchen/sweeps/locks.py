"""Locks of a sweep's folder: of whoever finishes it, and of each job that writes some of its parts.

The system releases a lock when its process dies, so that no stale lock has to be cleared by hand.
"""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from kitchen.errors import FileError, KitchenError, inline, shown
from kitchen.io.read import read_json
from kitchen.io.write import write_json
from kitchen.utils.validation import is_whole

LOCK, HOLDER = ".lock", "holder.json"
"""Lock of the whole folder, and who holds it."""

MOMENT_S = 30.0
"""How long a job waits for other jobs that are beginning, too."""

_JOB_LOCK = re.compile(r"\.job-(\d+)-of-(\d+)\.lock")


class Job(NamedTuple):
    """One of several jobs that share the parts of a sweep.

    Attributes
    ----------
    number : int
        From 1 on.
    of : int
        Number of jobs.
    """

    number: int
    of: int

    def __str__(self):
        return f"{self.number}/{self.of}"

    def own(self, parts: int) -> range:
        """The parts of this job: every `of`-th one, so that cheap and costly ones are shared evenly."""
        return range(self.number - 1, parts, self.of)


def job_of(value) -> Job:
    """A job from text such as "3/10", or a pair of numbers.

    Raises
    ------
    KitchenError

    Examples
    --------
    >>> job_of("3/10")
    Job(number=3, of=10)
    >>> list(job_of((2, 3)).own(8))
    [1, 4, 7]
    """
    pair = value.split("/") if isinstance(value, str) else value
    with suppress(TypeError, ValueError, OverflowError):
        number, of = (int(one) if isinstance(one, str) or is_whole(one) else 0 for one in pair)
        if 1 <= number <= of:
            return Job(number, of)
    raise KitchenError(
        f"part: must be a number of jobs and which of them, from 1 on, as 3/10, got {shown(value)}."
    )


@contextmanager
def held(folder: Path, wait_s: float = 0.0) -> Iterator[None]:
    """Context manager that locks a folder as a whole.

    Raises
    ------
    FileError
        If another process holds it, for longer than `wait_s`, or it cannot be locked.
    """
    with _locked(folder, LOCK, HOLDER, wait_s):
        yield


@contextmanager
def job_held(folder: Path, job: Job) -> Iterator[None]:
    """Context manager that locks a job, so that nobody else begins the same and nobody finishes the sweep.

    Raises
    ------
    FileError
        If another process runs this job.
    """
    with _locked(folder, *_job_files(job), 0.0):
        yield


def refuse_running(folder: Path) -> None:
    """Refuse a folder in which a job is running; call it with the folder held.

    Raises
    ------
    FileError
    """
    for job in jobs(folder):
        with _locked(folder, *_job_files(job), 0.0, told=False):
            pass


def jobs(folder: Path) -> list[Job]:
    """The jobs that have begun in a folder, running or not."""
    named = (_JOB_LOCK.fullmatch(path.name) for path in folder.glob(".job-*"))
    return sorted(Job(int(match[1]), int(match[2])) for match in named if match)


def clear(folder: Path) -> None:
    """Remove the locks of jobs; call it with the folder held and no job running."""
    for job in jobs(folder):
        for name in _job_files(job):
            with suppress(OSError):
                (folder / name).unlink()


def _job_files(job: Job) -> tuple[str, str]:
    lead = f".job-{job.number}-of-{job.of}"
    return f"{lead}.lock", f"{lead}.json"


@contextmanager
def _locked(
    folder: Path, lock: str, holder: str, wait_s: float, told: bool = True
) -> Iterator[None]:
    """Hold a lock; with `told`, a file says who holds it."""
    from filelock import FileLock, Timeout

    file = FileLock(folder / lock, timeout=wait_s)
    try:
        file.acquire()
    except Timeout:
        raise FileError(f"{inline(folder)}: {_who(folder / holder)}") from None
    except OSError as error:
        raise FileError(f"{inline(folder)}: cannot be locked: {error.strerror}.") from error
    try:
        if told:
            now = time.strftime("%Y-%m-%d %H:%M:%S")
            me = {"process": os.getpid(), "host": platform.node(), "since": now}
            write_json(me, folder / holder)
        yield
    finally:
        if told:
            with suppress(OSError):
                (folder / holder).unlink()
        file.release()  # the file stays, as a waiting process must lock the same one


def _who(holder: Path) -> str:
    advice = "Wait for it, stop it, or give another folder."
    try:
        who = read_json(holder)
        return (
            f"process {who['process']} on {inline(who['host'])} is writing here since "
            f"{inline(who['since'])}. {advice}"
        )
    except (FileError, KeyError, TypeError):
        return f"another process is writing here. {advice}"
