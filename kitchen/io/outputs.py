"""Which files kitchen may replace: its own, unchanged, and never one that the work reads.

Every command with `--out` and every function that writes frames goes through here. A file that
stands in the way is kitchen's own if

- a CSV file has a schema next to it (`orders.csv.schema.json`) with the file's present checksum;
- a schema names kitchen's profile, and has the keys that only kitchen writes;
- a Parquet file has kitchen's key in its metadata;
- `manifest.json` is that of a report; `report.html` and others have their checksum in it.

So a file that somebody edited is not kitchen's any more. What is not its own is refused before the
work starts; `--force` (`force=True`) replaces it. Files that the work reads are refused with or
without it. A folder that holds a sweep has rules of its own: see `kitchen.sweeps.store`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kitchen.errors import FileError, KitchenError, inline
from kitchen.io import files_read, read
from kitchen.io.write import PARQUET_KEY, filled, folder_of
from kitchen.utils.validation import flag

SCHEMA_SUFFIX = ".schema.json"
"""What a schema's file name adds to that of its CSV file."""

MANIFEST = "manifest.json"
"""The record of a report, with the checksums of its other files."""


@contextmanager
def output_folder(
    path, names: Iterable[str], *, reads: Iterable = (), force: bool = False
) -> Iterator[Path]:
    """Context manager that writes files into a folder, all of them or none, as `write.filled`.

    Parameters
    ----------
    path : path
    names : iterable of str
        The files that may be written, so that a refusal comes before the work.
    reads : iterable of paths
        Files that the work reads. Those that a command has read are known without this.
    force : bool
        Replace files that are not kitchen's own, too.

    Raises
    ------
    FileError
        If a file would be replaced that is read or not kitchen's own, or cannot be written; then
        `path` is as it was.
    """
    reads, folder = list(reads), folder_of(path)
    refuse_overwriting((folder / name for name in names), reads=reads, force=force)
    with filled(path) as new:
        yield new
        written = [file.relative_to(new) for file in new.rglob("*") if file.is_file()]
        refuse_overwriting((folder / name for name in written), reads=reads, force=force)


def with_schemas(names: Iterable[str]) -> list[str]:
    """File names, with that of its schema after each CSV file."""
    return [
        file
        for name in names
        for file in ([name, name + SCHEMA_SUFFIX] if name.endswith(".csv") else [name])
    ]


def refuse_overwriting(files: Iterable, *, reads: Iterable = (), force: bool = False) -> None:
    """Refuse to replace files that are read, or (without `force`) that are not kitchen's own.

    Raises
    ------
    FileError
        That names the first such file.
    """
    force = flag("force", force)
    inputs = {os.path.realpath(path) for path in reads if path is not None} | files_read.all_noted()
    strangers = []
    for file in files:
        if not _is_file(file):
            continue
        if _is_one_of(file, inputs):
            raise FileError(
                f"{inline(file)}: is read for this work and would be overwritten. Write elsewhere."
            )
        if not force and not is_own(file):
            strangers.append(file)
    if strangers:
        more = f", as are {len(strangers) - 1} more files" if len(strangers) > 1 else ""
        raise FileError(
            f"{inline(strangers[0])}: is there, and not as kitchen wrote it{more}. Write elsewhere, or "
            "replace what is there with --force (in Python force=True)."
        )


def is_own(path) -> bool:
    """Whether a file is as kitchen wrote it."""
    with files_read.unnoted():
        return _is_own(Path(path))


def _is_own(path: Path) -> bool:
    try:
        if path.name.endswith(SCHEMA_SUFFIX):
            schema = read.read_json(path)
            return isinstance(schema, dict) and {"hash", "rows", "guarded", "schema"} <= set(schema)
        if path.name == MANIFEST:
            return _report_manifest(path) is not None
        if path.suffix == ".csv":
            schema = read.read_json(f"{path}{SCHEMA_SUFFIX}")
            return (
                isinstance(schema, dict)
                and schema.get("bytes") == path.stat().st_size
                and schema.get("hash") == f"sha256:{_checksum(path)}"
            )
        if path.suffix == ".parquet":
            import pyarrow.parquet as parquet

            return PARQUET_KEY in (parquet.read_schema(path).metadata or {})
        if path.suffix == ".html" and _seal(path.read_bytes()):
            return True
        files = _report_manifest(path.with_name(MANIFEST)) or {}
        return path.name in files and files[path.name] == _checksum(path)
    except (KitchenError, OSError, ValueError):  # pyarrow's errors are ValueErrors
        return False


def sealed(page: str) -> str:
    """A page with its checksum at the end, by which it is known as kitchen's own."""
    return f"{page}<!-- kitchen sha256:{hashlib.sha256(page.encode()).hexdigest()} -->\n"


def _seal(page: bytes) -> bool:
    """Whether a page ends in its own checksum."""
    text, mark, seal = page.rpartition(b"<!-- kitchen sha256:")
    return bool(mark) and seal == f"{hashlib.sha256(text).hexdigest()} -->\n".encode()


def _report_manifest(path: Path) -> dict | None:
    """Checksums by file name of a report's manifest; None if it is none."""
    manifest = read.read_json(path)
    if not isinstance(manifest, dict) or not {"scenario", "versions", "files"} <= set(manifest):
        return None
    return manifest["files"] if isinstance(manifest["files"], dict) else None


def _checksum(path: Path) -> str:
    with read.open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_file(path) -> bool:
    """Whether something is there that could be replaced; folders are refused elsewhere."""
    try:
        return os.path.lexists(path) and not os.path.isdir(path)
    except ValueError:
        return False


def _is_one_of(file, inputs: set[str]) -> bool:
    """Whether a file is one of the inputs, under whatever name."""
    if os.path.realpath(file) in inputs:
        return True
    for other in inputs:
        try:
            if os.path.samefile(file, other):
                return True
        except (OSError, ValueError):
            continue
    return False
