"""Write several data frames into a folder, as CSV or Parquet files: all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from kitchen.io.outputs import output_folder, with_schemas
from kitchen.io.table_schema import write_csv
from kitchen.io.write import write_parquet

KINDS = ("csv", "parquet")
"""Formats of files, which are also their suffixes."""


def write_tables(
    tables: Mapping[str, Callable],
    folder,
    kind: str = "csv",
    *,
    raw: bool = False,
    reads: Iterable = (),
    force: bool = False,
) -> list[Path]:
    """Write data frames into a folder.

    Parameters
    ----------
    tables : mapping
        Name of the file without suffix -> a function that makes the frame. One frame at a time is
        made.
    folder : path
    kind : {"csv", "parquet"}
    raw : bool
        As for `write_csv`.
    reads : iterable of paths
        Files that must never be replaced.
    force : bool
        Replace files that are not as kitchen wrote them.

    Returns
    -------
    list of Path
        The files of the frames.

    Raises
    ------
    FileError
        If a file cannot be written, or would be replaced and must not be; no file is changed then.
    """
    names = [f"{name}.{kind}" for name in tables]
    with output_folder(folder, with_schemas(names), reads=reads, force=force) as new:
        for name, make in zip(names, tables.values(), strict=True):
            if kind == "csv":
                write_csv(make(), new / name, raw=raw)
            else:
                write_parquet(make(), new / name)
    return [Path(folder) / name for name in names]
