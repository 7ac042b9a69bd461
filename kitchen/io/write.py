"""Atomic writes of files and folders: complete or not at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from textwrap import wrap

from kitchen.errors import FileError, inline, parser_message, shown, system_message
from kitchen.io import staging
from kitchen.utils.validation import as_path
from kitchen.utils.version import __version__

PARQUET_KEY = b"kitchen"
"""Key in the metadata of a Parquet file: the version that wrote it."""


@contextmanager
def atomic(path):
    """Context manager that writes a file atomically: complete or not at all.

    Yields the `Path` of an empty temporary file in the same folder, with the same suffix. When the
    block ends without an error, the temporary file is flushed to the disk and replaces `path`,
    with the permissions of the file that it replaces; a symbolic link is followed and stays. When
    the block fails, the temporary file is removed and `path` is as it was.

    Raises
    ------
    FileError
        If `path` cannot be written, or the block raised an OSError: a full disk, for instance.
    """
    try:
        target, mode = _target(path)
        staging.remove_dead(target.parent, again=False)
        temporary = target.with_name(f"{staging.new_name()}{target.suffix[:16]}")
        try:
            os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            yield temporary
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())
            if mode is not None:
                os.chmod(temporary, mode)
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise FileError(
            f"{inline(path)}: cannot be written: {system_message(error)}. Nothing was changed."
        ) from error


def write_text(text: str, path):
    """Write `text` as a UTF-8 file, line ends unchanged."""
    with atomic(path) as temporary:
        temporary.write_bytes(_encoded(text, path))


def toml_text(data, within: str = "") -> str:
    """`data` as TOML: plain values, then tables, then lists of tables as [[tables]].

    With `within`, the plain values are those of a table of this name, and tables are inside of it.

    Tables inside of tables are inline; None is left out. Floats have the fewest digits that give
    the same float64 again. tomli_w writes keys and values; the layout is ours, for it has no inline
    tables in a table, and takes a line for each number of a list.
    """
    plain, sections = {}, []
    prefix = f"{_toml_key(within)}." if within else ""
    for key, value in data.items():
        many = isinstance(value, (list, tuple)) and value and isinstance(value[0], dict)
        if many or isinstance(value, dict):
            header = f"[[{prefix}{_toml_key(key)}]]" if many else f"[{prefix}{_toml_key(key)}]"
            sections += [[header, *_toml_lines(table)] for table in (value if many else [value])]
        else:
            plain[key] = value
    first = [f"[{_toml_key(within)}]"] * bool(within) + _toml_lines(plain)
    return "\n".join("\n".join([*lines, ""]) for lines in [first, *sections] if lines)


def _toml_lines(table) -> list[str]:
    there = table.items()
    return [f"{_toml_key(key)} = {_toml_value(value)}" for key, value in there if value is not None]


def _toml_key(key: str) -> str:
    import tomli_w

    return tomli_w.dumps({key: 0}).removesuffix(" = 0\n")


def _toml_value(value) -> str:
    import tomli_w

    if isinstance(value, dict):
        inside = ", ".join(_toml_lines(value))
        return f"{{ {inside} }}" if inside else "{}"
    if not isinstance(value, (list, tuple)):
        return tomli_w.dumps({"_": value}).removeprefix("_ = ").removesuffix("\n")
    line = ", ".join(map(_toml_value, value))
    if len(line) < 80 or any(isinstance(item, str) for item in value):
        return f"[{line}]"
    lines = wrap(line, 92, break_long_words=False, break_on_hyphens=False)
    return "\n".join(["[", *(f"    {line}" for line in lines), "]"])


def write_json(value, path):
    """Write `value` as a JSON file: sorted keys, indented by two spaces, NumPy's types as Python's.

    Raises
    ------
    FileError
        Also for NaN and infinities, which JSON does not have.
    """
    try:
        text = json.dumps(
            value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False, default=_plain
        )
    except ValueError as error:
        raise FileError(
            f"{inline(path)}: cannot be written as JSON: {parser_message(str(error))}."
        ) from None
    write_text(text + "\n", path)


def write_parquet(frame, path):
    """Write a data frame as a Parquet file with checksums. The index is left out.

    Its metadata have the key `PARQUET_KEY`, by which `outputs` knows that kitchen wrote it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, UnicodeError) as error:
        raise FileError(
            f"{inline(path)}: cannot be written as Parquet: {parser_message(str(error))}."
        ) from None
    marked = {**(table.schema.metadata or {}), PARQUET_KEY: __version__.encode()}
    table = table.replace_schema_metadata(marked)
    with atomic(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)


def _encoded(text: str, path) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise FileError(
            f"{inline(path)}: cannot be written: {shown(text[error.start : error.start + 1])} is "
            "half of a surrogate pair, which is no character."
        ) from None


def _plain(value):
    """NumPy's scalars and arrays as Python's, for JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _target(path):
    """The file to write, links followed, and the permissions of an existing one (else None)."""
    name = inline(path)
    try:
        raw = os.path.expanduser(os.fsdecode(path))
        target = Path(os.path.realpath(raw))
        mode = target.stat().st_mode if target.exists() else None
    except (TypeError, ValueError) as error:
        raise FileError(f"{shown(path)} cannot be the name of a file: {error}.") from None
    if mode is None:
        if not target.parent.is_dir():
            raise FileError(f"{name}: cannot be written: there is no folder {target.parent}.")
        if raw.endswith(("/", os.sep)):
            raise FileError(f"{name}: cannot be written: this is the name of a folder.")
        return target, None
    if stat.S_ISDIR(mode):
        raise FileError(f"{name}: cannot be written: it is a folder. Give the name of a file.")
    if not stat.S_ISREG(mode):
        raise FileError(f"{name}: cannot be written: it is not an ordinary file.")
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return target, stat.S_IMODE(mode)


def _sync_folder(folder):
    """Flush a folder's entries to the disk, where the system supports it."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def made(path):
    """Context manager that makes a folder and its parents, and removes them after a failure.

    Yields the folder's `Path`. When the block fails, the folders that were made are removed again
    if they are empty.

    Raises
    ------
    FileError
        Before the block begins, if `path` is a file or cannot be written into.
    """
    new = []
    try:
        yield _make(path, new)
    except BaseException:
        for folder in reversed(new):
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def filled(path):
    """Context manager that writes files into a folder atomically: all of them or none.

    Yields the `Path` of an empty temporary folder. When the block ends without an error, all that
    was written there, subfolders included, moves to `path`: files of the same names are replaced,
    all others stay. What a killed process left of such a folder is removed first.

    Raises
    ------
    FileError
        If a file cannot be written; then `path` is as it was.
    """
    with made(path) as folder, staging.folder_in(folder) as temporary:
        new, old = temporary / "new", temporary / "old"
        new.mkdir()
        old.mkdir()
        try:
            yield new
        except FileError as error:  # of a file that is on its way to `folder`
            raise FileError(str(error).replace(str(new), str(folder))) from error
        sources = sorted(new.rglob("*"))
        moves = [(source, folder / source.relative_to(new)) for source in sources]
        for source, target in moves:
            if target.exists() and source.is_dir() != target.is_dir():
                kind = "a folder" if target.is_dir() else "a file"
                raise FileError(f"{inline(target)}: cannot be written: {kind} has this name.")
            if target.is_file() and not os.access(target, os.W_OK):
                raise FileError(f"{inline(target)}: cannot be written: it is read-only.")
        _move_all(moves, old)


def _move_all(moves: list[tuple[Path, Path]], old: Path) -> None:
    """Move every source to its target; if one cannot be moved, restore all targets.

    Links are followed, and a new file gets the permissions of the file that it replaces. At every
    moment there is a complete file at each target, whenever the process is killed.
    """
    done: list[tuple[Path, Path | None]] = []
    try:
        for number, (source, target) in enumerate(moves):
            if source.is_dir():
                target.mkdir(exist_ok=True)
                continue
            place, kept = target.resolve(), None
            if place.exists():
                shutil.copymode(place, source)
                kept = old / str(number)
                _keep(place, kept)
            os.replace(source, place)
            done.append((place, kept))
    except OSError as error:
        for place, kept in reversed(done):
            with suppress(OSError):
                if kept is None:
                    place.unlink()
                else:
                    os.replace(kept, place)
        raise FileError(f"{inline(target)}: cannot be written: {error.strerror}.") from error


def _keep(place: Path, kept: Path) -> None:
    """A second name for a file, or a copy where the file system has no such links."""
    try:
        os.link(place, kept)
    except OSError:
        shutil.copy2(place, kept)


def folder_of(path) -> Path:
    """`path` as the `Path` of a folder, which need not exist.

    Raises
    ------
    FileError
        If it is empty or not a path.
    """
    if not str(path):
        raise FileError("the name of the folder to write into is empty.")
    return as_path(path, "a folder")


def _make(path, new: list[Path]) -> Path:
    """Make the folder `path`; the folders that were made are added to `new`."""
    folder = folder_of(path)
    try:
        for part in [*reversed(folder.parents), folder]:
            if part.exists() and not part.is_dir():
                raise FileError(f"{inline(part)}: is a file. Give the name of a folder.")
            if not part.exists():
                part.mkdir(exist_ok=True)
                new.append(part)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError as error:
        raise FileError(f"{inline(part)}: the folder cannot be made: {error.strerror}.") from error
    except ValueError as error:  # a name that holds a NUL
        raise FileError(f"{shown(path)} cannot be the name of a folder: {error}.") from None
    if not writable:
        raise FileError(f"{inline(folder)}: the folder cannot be written into.")
    return folder
