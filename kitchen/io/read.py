"""Strict readers of text, TOML, JSON and Parquet files; errors are one line with the place."""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from functools import partial
from math import isinf
from pathlib import Path, PurePath
from typing import NamedTuple

from kitchen.errors import FileError, inline, parser_message, shown, system_message
from kitchen.io import files_read
from kitchen.utils.system import bytes_text, require_memory
from kitchen.utils.validation import as_path, is_text

LARGEST = 1e9
"""Bytes of the largest file of data that is read: CSV, JSON, Parquet."""

LARGEST_TOML = 1e7
"""Bytes of the largest TOML file that is read: a scenario, a strategy, a study."""

BYTES_A_VALUE = 64
"""Memory of a value of a Parquet file as a Python object, bytes, roughly."""


class Handed(NamedTuple):
    """A file that was handed over, as a page does: readers take it in place of a path.

    Attributes
    ----------
    name : str
        Its name, for messages, and for its suffix; no file of that name is looked for.
    data : bytes
    """

    name: str
    data: bytes

    def __str__(self) -> str:
        return self.name

    @property
    def suffix(self) -> str:
        """The ending of the name: ``.csv``."""
        return PurePath(self.name).suffix


def as_file(source, what: str) -> Path | Handed:
    """A file by its path, as `as_path` has it, or as it was handed over.

    Raises
    ------
    FileError
        If it is neither.
    """
    return source if isinstance(source, Handed) else as_path(source, what)


def handed(file) -> Handed:
    """An open file as `Handed`: with a method `read` that gives bytes, and a `name`.

    Raises
    ------
    FileError
        If it is in text mode, has no name, or cannot be read.
    """
    name = getattr(file, "name", None)
    if not isinstance(name, str):
        raise FileError("an open file needs a name that says what it is: file.name = 'orders.csv'.")
    try:
        data = file.read()
    except (OSError, ValueError) as error:
        raise FileError(f"{inline(name)}: cannot be read: {parser_message(str(error))}.") from None
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise FileError(f"{inline(name)}: must be open for bytes, as with open(path, 'rb').")
    return Handed(PurePath(name).name, bytes(data))


def read_text(path, most: float = LARGEST) -> str:
    """The text of a UTF-8 file, without byte order mark, line ends unchanged.

    Raises
    ------
    FileError
        If there is no such file, it cannot be read, or a byte of it is not UTF-8. Bytes are
        counted from 0, lines from 1.
    """
    data = read_bytes(path, most)
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileError(
            f"{inline(path)}: byte {error.start} (line {line}) is 0x{data[error.start]:02x}, "
            "which is not UTF-8. Save the file as UTF-8."
        ) from None


def read_json(path):
    """The value of a JSON file; what parsers interpret differently is refused.

    Raises
    ------
    FileError
        Also for a key that occurs twice in an object, NaN and Infinity, numbers beyond float64,
        halves of surrogate pairs, and nesting too deep to follow.
    """
    text = read_text(path)
    name = inline(path)
    if not text.strip():
        raise FileError(f"{name}: the file is empty. It should hold JSON.")
    hooks = {
        "object_pairs_hook": partial(_object_without_twins, name),
        "parse_constant": partial(_refuse_constant, name),
        "parse_float": partial(_finite_number, name, float),
        "parse_int": partial(_finite_number, name, int),
    }
    try:
        value = json.loads(text, **hooks)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and _is_json_lines(text):
            raise FileError(
                f"{name}: is JSON lines, a value on each line, and must be a single JSON value. Put "
                "the lines into a list: [ before the first, ] after the last, commas between them."
            ) from None
        ended = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        advice = "The text seems to be cut off." if ended else "Correct it there."
        raise FileError(
            f"{name}: line {error.lineno}, column {error.colno}: "
            f"not JSON: {parser_message(error.msg)}. {advice}"
        ) from None
    except RecursionError:
        raise FileError(f"{name}: the JSON is nested too deeply to be read.") from None
    if re.search(r"\\u[dD][89a-fA-F]", text):
        _refuse_lone_surrogates(name, value)
    return value


def read_toml(path) -> dict:
    """The content of a TOML file. `nan` and `inf` are valid TOML: callers check for them.

    Raises
    ------
    FileError
        If the file cannot be read or is not TOML.
    """
    text = read_text(path, LARGEST_TOML)
    name = inline(path)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise FileError(f"{name}: the TOML is nested too deeply to be read.") from None
    except ValueError as error:  # TOMLDecodeError, and whole numbers of thousands of digits
        problem, where = str(error), ""
        if found := re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", problem):
            line, column = found.groups()
            where = f"line {line}, column {column}: " if line else "at the end: "
            problem = problem[: found.start()]
        raise FileError(f"{name}: {where}not TOML: {parser_message(problem)}.") from None


def read_parquet(path) -> tuple[list[str], dict[str, list]]:
    """The column names of a Parquet file, and its columns as lists; null is None.

    Raises
    ------
    FileError
        Also if it is no Parquet file, or is damaged: checksums are compared.
    ResourceError
        If its values would not fit into memory; a small file can hold very many.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = read_bytes(path)
    try:
        file = pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
        values = file.metadata.num_rows * file.metadata.num_columns
        need = f"{inline(path)}: its {values:,} values"
        require_memory(values * BYTES_A_VALUE, need, "Give a smaller file.")
        table = file.read()
        columns = zip(table.column_names, table.columns, strict=True)
        return table.column_names, {name: column.to_pylist() for name, column in columns}
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise FileError(
            f"{inline(path)}: not Parquet, or damaged: {parser_message(str(error))}."
        ) from None


def read_bytes(path, most: float = LARGEST) -> bytes:
    """The bytes of a regular file of at most `most` bytes.

    Raises
    ------
    FileError
        If there is no such file, it cannot be read, is larger, or is a folder, a pipe, a device or
        a socket.
    """
    if isinstance(path, Handed):
        return _within(path, len(path.data), most, path.data)
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            data = b"" if size > most else file.read(size + 1)
            while size < len(data) <= most:  # it grows, or tells no size, as those of /proc
                size, data = len(data), data + file.read(1 << 20)
        except OSError as error:
            raise FileError(f"{inline(path)}: cannot be read: {system_message(error)}.") from error
    data = _within(path, max(size, len(data)), most, data)
    files_read.note(path)
    return data


def _within(path, size: int, most: float, data: bytes) -> bytes:
    """The content, unless it is too large."""
    if size > most:
        raise FileError(
            f"{inline(path)}: has {bytes_text(size)}, and at most {bytes_text(most)} are read. "
            "Give a smaller file."
        )
    return data


def open_regular(path):
    """A regular file, open for reading bytes; what is none is refused, and never waited for.

    Raises
    ------
    FileError
        If there is no such file, it cannot be opened, or is a folder, a pipe, a device or a socket.
    """
    try:
        path = os.fspath(as_path(path))
        _require_regular(
            path, os.stat(path).st_mode
        )  # before it is opened: a device may act on that
        file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115  # the caller closes it
        try:
            _require_regular(path, os.fstat(file.fileno()).st_mode)  # it may have changed since
        except BaseException:
            file.close()
            raise
        return file
    except FileNotFoundError:
        raise FileError(f"{inline(path)}: there is no such file.") from None
    except OSError as error:
        raise FileError(f"{inline(path)}: cannot be read: {system_message(error)}.") from error
    except ValueError as error:  # a name that holds a NUL
        raise FileError(f"{shown(path)} cannot be the name of a file: {error}.") from None


def _is_json_lines(text: str) -> bool:
    """Whether each line of a text is a JSON value, as far as its first lines show."""
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        return len(lines) > 1 and all(isinstance(json.loads(line), dict) for line in lines[:10])
    except (ValueError, RecursionError):
        return False


def _open_at_once(path, flags: int) -> int:
    """`os.open` that does not wait for the writer of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _require_regular(path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise FileError(f"{inline(path)}: is a folder. Give the name of a file.")
    kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    kind = next((name for fits, name in kinds if fits(mode)), "a device")
    raise FileError(f"{inline(path)}: is {kind}. Give the name of an ordinary file.")


def _object_without_twins(name, pairs) -> dict:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen = set()
        twin = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise FileError(
            f"{name}: the key {shown(twin)} is there twice in the object {shown(made)}. "
            "Keep one of them."
        )
    return made


def _refuse_constant(name, literal):
    raise FileError(f"{name}: {literal} is not a number of JSON. Give a finite number.")


def _finite_number(name, kind, digits):
    if (kind is float or len(digits) > 300) and isinf(float(digits)):
        raise FileError(f"{name}: the number {shown(digits)[1:-1]} is too large for a float64.")
    return kind(digits)


def _refuse_lone_surrogates(name, value):
    """Refuse a JSON value with half of a surrogate pair, which only an escape can have made."""
    left = [("", value)]
    while left:
        where, value = left.pop()
        if isinstance(value, dict):
            left += [(f"{where}.{key}" if where else key, item) for key, item in value.items()]
            left += [(f"{where}: the key {shown(key)}", key) for key in value]
        elif isinstance(value, list):
            left += [(f"{where}[{index}]", item) for index, item in enumerate(value)]
        elif isinstance(value, str) and not is_text(value):
            raise FileError(
                f"{name}: {inline(where) or 'the text'}: {shown(value)} holds half of a surrogate "
                "pair, which is no character."
            )
