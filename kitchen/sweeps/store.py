"""On-disk store of a sweep: its manifest and finished parts; safe to kill."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from hashlib import file_digest, sha256
from pathlib import Path

from kitchen.errors import FileError, inline, listed, shown
from kitchen.io import files_read
from kitchen.io.read import open_regular, read_json
from kitchen.io.write import atomic, made, write_json
from kitchen.sweeps import locks
from kitchen.sweeps.locks import HOLDER, Job
from kitchen.utils.validation import as_path, whole

log = logging.getLogger("kitchen")

MANIFEST, PARTS, DIGESTS = "sweep.json", "parts", "digests.json"
ESSENTIAL = {
    "scenario", "strategies", "paths", "points", "replications", "seed", "keep", "words", "parts",
}  # fmt: skip
"""Keys that every manifest has."""

DIGITS = 16
"""Number of hexadecimal digits of the digest in the name of a part."""

_PART = re.compile(rf"(\d{{6,}})-([a-z]+)-[0-9a-f]{{{DIGITS}}}\.parquet")


class Store:
    """Folder of a sweep that is being written, part by part; made by `opened`."""

    def __init__(self, folder: Path, tables: tuple[str, ...], parts: int):
        self.folder = folder
        self.tables = tables
        self.parts = parts

    @property
    def complete(self) -> bool:
        """Whether every point is done and in the final files."""
        return _digests(self.folder) is not None

    def missing(self, some: Iterable[int] | None = None) -> list[int]:
        """Parts that are not done, of all or of some; a damaged one is removed and counts as not done."""
        there = self._there()
        return [
            nth
            for nth in (range(self.parts) if some is None else some)
            if not all(self._part(there, nth, name) for name in self.tables)
        ]

    def write(self, nth: int, tables: Mapping) -> None:
        """Write a part to the disk.

        Parameters
        ----------
        nth : int
        tables : mapping
            A pyarrow Table for each name in `Store.tables`.

        Raises
        ------
        FileError
            If it cannot be written; what was there before is still there.
        """
        for name in self.tables:
            data = _bytes(tables[name])
            path = self.folder / PARTS / f"{self._lead(nth, name)}{_digest(data)}.parquet"
            with atomic(path) as temporary:
                temporary.write_bytes(data)

    def finish(self) -> None:
        """Join all parts, in their order, into the final files.

        Raises
        ------
        FileError
            If a part is missing, or the files cannot be written.
        """
        there = self._there()
        for name in self.tables:
            parts = [self._part(there, nth, name) for nth in range(self.parts)]
            _join(parts, self.folder / f"{name}.parquet")
        digests = {name: _digest_of(self.folder / f"{name}.parquet") for name in self.tables}
        write_json(digests, self.folder / DIGESTS)
        self.tidy()

    def tidy(self) -> None:
        """Remove the parts and the locks of jobs, which a finished sweep does not need."""
        with suppress(OSError):
            shutil.rmtree(self.folder / PARTS)
        locks.clear(self.folder)

    def _lead(self, nth: int, name: str) -> str:
        """Beginning of the name of a part's file."""
        return f"{nth:06d}-{name}-"

    def _part(self, there: dict, nth: int, name: str) -> Path | None:
        """The intact file of a part; damaged ones are removed."""
        for path in there.get((nth, name), []):
            if path.stem.endswith(_digest(path.read_bytes())):
                return path
            log.warning("%s was damaged and is made again.", inline(path))
            path.unlink(missing_ok=True)
        return None

    def _there(self) -> dict[tuple[int, str], list[Path]]:
        """The files of all parts, by number and table."""
        result: dict[tuple[int, str], list[Path]] = {}
        for path in (self.folder / PARTS).iterdir() if (self.folder / PARTS).is_dir() else ():
            if named := _PART.fullmatch(path.name):  # ignores copies that someone made
                result.setdefault((int(named[1]), named[2]), []).append(path)
        return result


@contextmanager
def opened(path, spec: Mapping, tables: tuple[str, ...], parts: int) -> Iterator[Store]:
    """Context manager that locks the folder of a sweep for writing.

    Parameters
    ----------
    path : path
        The folder; created if it does not exist.
    spec : mapping
        Specification of the sweep, in values of JSON. A folder with another one is refused.
    tables : tuple of str
        Names of the tables of each part.
    parts : int
        Number of parts.

    Raises
    ------
    FileError
        If another process writes there, the folder holds another sweep or other files, or it
        cannot be written.
    """
    with made(path) as folder:
        _refuse_strangers(folder)  # before a lock is left there
    with made(path) as folder, locks.held(folder):
        _same_sweep(folder, json.loads(json.dumps(spec)))
        locks.refuse_running(folder)
        store = Store(folder, tables, parts)
        if not store.complete:
            with made(folder / PARTS) as place:
                _forget_unfinished(folder, place)
                yield store
        else:
            store.tidy()
            yield store


@contextmanager
def opened_for(
    job: Job, path, spec: Mapping, tables: tuple[str, ...], parts: int
) -> Iterator[Store]:
    """Context manager that opens the folder of a sweep for one of several jobs that write at once.

    The folder as a whole is locked for a moment only, so that jobs agree on the specification; then
    each writes parts of its own. Arguments are those of `opened`.

    Raises
    ------
    FileError
        As `opened`, and if another process runs the same job.
    """
    with made(path) as folder:
        _refuse_strangers(folder)
    with made(path) as folder, ExitStack() as stack:
        with locks.held(folder, locks.MOMENT_S):
            _same_sweep(folder, json.loads(json.dumps(spec)))
            store = Store(folder, tables, parts)
            if not store.complete:
                (folder / PARTS).mkdir(exist_ok=True)
                stack.enter_context(locks.job_held(folder, job))
        yield store


def merge(path) -> None:
    """Join the parts that jobs have written into the final files; nothing is computed.

    Raises
    ------
    FileError
        If there is no sweep, a job is still running, or parts are missing: then nothing is changed.
    """
    spec, folder = manifest(path), as_path(path)
    with locks.held(folder):
        locks.refuse_running(folder)
        parts = whole(f"{inline(folder / MANIFEST)}: parts", spec["parts"], 0, error=FileError)
        store = Store(folder, tables_of(spec["keep"]), parts)
        if not store.complete:
            if missing := store.missing():
                raise FileError(f"{inline(path)}: {_lacks(folder, missing, store.parts)}")
            store.finish()


def tables_of(keep: str) -> tuple[str, ...]:
    """Names of the tables of each part."""
    return ("frame", "errors", *(["summaries"] if keep == "summaries" else []))


def _lacks(folder: Path, missing: list[int], parts: int) -> str:
    """Which parts are missing, and which jobs make them, as far as their locks tell."""
    some = f"{len(missing):,} of {parts:,} parts are missing"
    ran = {job.of for job in locks.jobs(folder)}
    if len(ran) == 1:
        of = ran.pop()
        again = sorted({nth % of + 1 for nth in missing})
        some += f", those of --part {listed([f'{number}/{of}' for number in again])}"
    return f"{some}. Run them again; the sweep without --part runs all that is missing."


def is_finished(path) -> bool:
    """Whether the final files of a sweep are there."""
    return _digests(as_path(path)) is not None


def holds_sweep(path) -> bool:
    """Whether a folder holds a sweep, finished or not."""
    try:
        return os.path.isfile(as_path(path) / MANIFEST)
    except (OSError, ValueError, FileError):
        return False


def manifest(path) -> dict:
    """The specification of the sweep in a folder.

    Raises
    ------
    FileError
        If there is none.
    """
    file = as_path(path, "a folder") / MANIFEST
    if not os.path.exists(file):
        raise FileError(f"{inline(path)}: holds no sweep: there is no {MANIFEST} in it.")
    try:
        result = read_json(file)
    except FileError:
        result = None
    if not isinstance(result, dict) or not result.keys() >= ESSENTIAL:
        raise FileError(
            f"{inline(file)}: is no manifest of a sweep. Remove {inline(path)} and run it again."
        )
    return result


def final(path, name: str):
    """A table of a finished sweep, as a pyarrow Table.

    Raises
    ------
    FileError
        If the sweep is not finished, or the file is damaged.
    """
    manifest(path)
    folder = as_path(path)
    digests = _digests(folder)
    if digests is None:
        raise FileError(
            f"{inline(path)}: the sweep is not finished. Run it again with the same out=: only what "
            "is missing is computed."
        )
    file = folder / f"{name}.parquet"
    try:
        good = _digest_of(file) == digests.get(name)
    except FileError:
        good = False
    files_read.note(file)
    if not good:
        raise FileError(
            f"{inline(file)}: is not as it was written. Remove {DIGESTS} and run the sweep again."
        )
    return _read(file)


# The specification


def _same_sweep(folder: Path, spec: dict) -> None:
    """Write the specification, or refuse a folder that holds something else."""
    path = folder / MANIFEST
    if os.path.exists(path):
        result = manifest(folder)
        if difference := _difference(result, spec):
            raise FileError(
                f"{inline(folder)}: holds another sweep: {difference}. "
                "Give another folder, or remove this one."
            )
        return
    _refuse_strangers(folder)
    write_json(spec, path)


def _refuse_strangers(folder: Path) -> None:
    """Refuse a folder that holds other files and no sweep."""
    strangers = sorted(p.name for p in folder.iterdir() if p.name != HOLDER and p.name[0] != ".")
    if strangers and not (folder / MANIFEST).exists():
        raise FileError(
            f"{inline(folder)}: holds {inline(strangers[0])} and no sweep. Give a new or an empty folder."
        )


def _difference(old, new, where: str = "") -> str:
    """The first thing in which two manifests differ, in words."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*new, *old]):
            if text := _difference(old.get(key), new.get(key), f"{where}.{key}".lstrip(".")):
                return text
        return ""
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for nth, (one, other) in enumerate(zip(old, new, strict=True)):
            if text := _difference(one, other, f"{where}[{nth}]"):
                return text
        return ""
    return "" if old == new else f"{where} is {shown(old)} there and {shown(new)} here"


# Files


def _digests(folder: Path) -> dict | None:
    """Digests of the final files; None where the sweep is not finished."""
    try:
        result = read_json(folder / DIGESTS)
    except FileError:
        return None
    return result if isinstance(result, dict) else None


def _bytes(table) -> bytes:
    from io import BytesIO

    import pyarrow.parquet as parquet

    target = BytesIO()
    parquet.write_table(table, target, write_page_checksum=True)
    return target.getvalue()


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:DIGITS]


def _digest_of(path: Path) -> str:
    with open_regular(path) as file:
        return file_digest(file, "sha256").hexdigest()


def _read(path: Path):
    import pyarrow.parquet as parquet

    return parquet.read_table(path, page_checksum_verification=True, partitioning=None)


def _join(parts: list[Path | None], target: Path) -> None:
    """Join files into one, a row group each, with one of them in memory at a time."""
    import pyarrow.parquet as parquet

    if None in parts:
        raise FileError(f"{inline(target)}: cannot be made: part {parts.index(None)} is missing.")
    with atomic(target) as temporary:
        schema = parquet.read_schema(parts[0])
        with parquet.ParquetWriter(temporary, schema, write_page_checksum=True) as writer:
            for path in parts:
                writer.write_table(_read(path))


def _forget_unfinished(*folders: Path) -> None:
    """Remove unfinished files that a killed process left."""
    for path in (path for folder in folders for path in folder.glob(".*")):
        if path.suffix in (".parquet", ".json"):
            with suppress(OSError):
                path.unlink()
