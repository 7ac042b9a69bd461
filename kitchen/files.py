"""Reading and writing files safely.

What is read is either understood completely or refused with one line that says where. What is
written appears all at once: another file of that name stays whole until the new one is complete.
"""

import csv
import errno
import io
import json
import os
import re
import secrets
import stat
import tomllib
import unicodedata
from contextlib import contextmanager, suppress
from functools import partial
from math import isinf
from numbers import Number
from pathlib import Path
from textwrap import wrap

from kitchen.errors import FileError, inline, shown

CSV_ROWS = 65_536  # rows turned into text at a time

# --- Reading ----------------------------------------------------------------------------------


def read_text(path) -> str:
    """The text of a UTF-8 file, without its byte order mark and with its line ends as they are.

    Raises
    ------
    FileError
        If there is no such file, it cannot be read, or a byte of it is not UTF-8. Bytes are
        counted from 0, lines from 1.
    """
    data = read_bytes(path)
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileError(
            f"{inline(path)}: byte {error.start} (line {line}) is 0x{data[error.start]:02x}, "
            "which is not UTF-8. Save the file as UTF-8."
        ) from None


def read_json(path):
    """The value of a JSON file; only JSON that has one meaning everywhere is accepted.

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
        ended = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        advice = "The text seems to be cut off." if ended else "Correct it there."
        raise FileError(
            f"{name}: line {error.lineno}, column {error.colno}: "
            f"not JSON: {_sentence(error.msg)}. {advice}"
        ) from None
    except RecursionError:
        raise FileError(f"{name}: the JSON is nested too deeply to be read.") from None
    if re.search(r"\\u[dD][89a-fA-F]", text):
        _refuse_lone_surrogates(name, value)
    return value


def read_toml(path) -> dict:
    """The tables of a TOML file. `nan` and `inf` are legal TOML; the caller judges them."""
    text = read_text(path)
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
        raise FileError(f"{name}: {where}not TOML: {_sentence(problem)}.") from None


def read_csv(path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The column names and the rows of a CSV file, every cell as text.

    Each row comes with its number as a spreadsheet shows it: the header is row 1. Empty rows are
    left out, and the apostrophes that `write_csv` put in front of text are taken away.

    Raises
    ------
    FileError
        Also without a header, with a column twice, or if a row has not as many cells as it.
    """
    text = read_text(path)
    name = inline(path)
    header = None
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            cells = [exposed(cell) for cell in cells]
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = cells
            elif len(cells) != len(header):
                raise FileError(
                    f"{name}: row {number}: has {len(cells)} cells, the header has {len(header)}. "
                    "Put text that holds a comma between double quotes."
                )
            else:
                rows.append((number, cells))
    except csv.Error as error:
        raise FileError(
            f"{name}: line {reader.line_num}: not CSV: {_sentence(str(error))}."
        ) from None
    if header is None:
        raise FileError(f"{name}: the file is empty. It should begin with the names of columns.")
    for column in header:
        if header.count(column) > 1:
            raise FileError(f"{name}: the column {shown(column)} is there twice. Keep one of them.")
    return header, rows


def read_parquet(path) -> tuple[list[str], dict[str, list]]:
    """The column names of a Parquet file, and its columns as lists; null is None.

    Raises
    ------
    FileError
        Also if it is no Parquet file, or is damaged: checksums are compared.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = read_bytes(path)
    try:
        file = pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
        table = file.read()
        columns = zip(table.column_names, table.columns, strict=True)
        return table.column_names, {name: column.to_pylist() for name, column in columns}
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise FileError(
            f"{inline(path)}: not Parquet, or damaged: {_sentence(str(error))}."
        ) from None


def read_bytes(path) -> bytes:
    """The bytes of a file.

    Raises
    ------
    FileError
    """
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise FileError(f"{inline(path)}: there is no such file.") from None
    except IsADirectoryError:
        raise FileError(f"{inline(path)}: is a folder. Give the name of a file.") from None
    except OSError as error:
        raise FileError(f"{inline(path)}: cannot be read: {_reason(error)}.") from error
    except (TypeError, ValueError) as error:  # no path at all, or one that holds a NUL
        raise FileError(f"{shown(path)} cannot be the name of a file: {error}.") from None


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
    """Look at every key and text of a JSON value; only escapes can have made such characters."""
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


def is_text(value: str) -> bool:
    """Whether `value` can be written as UTF-8, which halves of surrogate pairs cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _sentence(problem: str) -> str:
    """The message of a parser, fit to go on in the middle of a line of ours."""
    problem = " ".join(problem.split()).rstrip(".")
    return problem[:1].lower() + problem[1:200]


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else " ".join(str(error).split()) or "no reason"


# --- Writing ----------------------------------------------------------------------------------


@contextmanager
def atomic(path):
    """Write a file so that it appears complete or not at all.

    Yields the `Path` of an empty file in the same folder and with the same suffix. When the block
    ends well, its content is on the disk and it has taken the name `path`, with the permissions of
    the file that had that name; a symbolic link is followed and stays. When the block fails, the
    new file is removed and the old one is as it was.

    Raises
    ------
    FileError
        If `path` cannot be written, or the block raised an OSError: a full disk, for instance.
    """
    try:
        target, mode = _target(path)
        temporary = target.with_name(f".{secrets.token_hex(8)}{target.suffix[:16]}")
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
            f"{inline(path)}: cannot be written: {_reason(error)}. Nothing was changed."
        ) from error


def write_text(text: str, path):
    """Write `text` as UTF-8, with line ends as they are."""
    with atomic(path) as temporary:
        temporary.write_bytes(_encoded(text, path))


def toml_text(data) -> str:
    """What a TOML file of `data` says: plain values, then the tables, lists of tables as [[tables]].

    Tables inside of these stand on one line; None is left out. Floats are written with the fewest
    digits that give the same float64 again.
    """
    plain, sections = {}, []
    for key, value in data.items():
        many = isinstance(value, (list, tuple)) and value and isinstance(value[0], dict)
        if many or isinstance(value, dict):
            header = f"[[{_toml_key(key)}]]" if many else f"[{_toml_key(key)}]"
            sections += [[header, *_toml_lines(table)] for table in (value if many else [value])]
        else:
            plain[key] = value
    return "\n".join("\n".join([*lines, ""]) for lines in [_toml_lines(plain), *sections] if lines)


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
    """Write `value` as JSON: sorted keys, two spaces a level; NumPy's numbers and arrays too.

    Raises
    ------
    FileError
        Also for NaN and infinities, which JSON cannot express.
    """
    try:
        text = json.dumps(
            value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False, default=_plain
        )
    except ValueError as error:
        raise FileError(
            f"{inline(path)}: cannot be written as JSON: {_sentence(str(error))}."
        ) from None
    write_text(text + "\n", path)


def write_parquet(frame, path):
    """Write a data frame as Parquet, each page with a checksum. The index is left out."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, UnicodeError) as error:
        raise FileError(
            f"{inline(path)}: cannot be written as Parquet: {_sentence(str(error))}."
        ) from None
    with atomic(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)


def write_csv(frame, path, raw=False):
    r"""Write a data frame as CSV: a header always, UTF-8, lines that end in "\n".

    Floats are written with the fewest digits that give the same float64 again. A null is an empty
    cell; an empty text is one between quotes, "" (in a table of one column both are). The index is
    left out.

    Parameters
    ----------
    frame : DataFrame
    path : path
    raw : bool
        Text (cells, labels of categories, names of columns) that a spreadsheet may take for a
        formula gets an apostrophe in front, see `harmless`; True leaves it as it is. Numbers are
        the same either way.
    """
    with atomic(path) as temporary, open(temporary, "wb") as file:
        file.writelines(_csv_pieces(frame, raw, inline(path)))


def csv_bytes(frame, raw=False) -> bytes:
    """The bytes of the file that `write_csv` would write, for a download from a page.

    Raises
    ------
    FileError
        If a text holds half of a surrogate pair.
    """
    return b"".join(_csv_pieces(frame, raw, "the CSV file"))


def _csv_pieces(frame, raw: bool, name: str):
    """The bytes of a CSV file, the header and then some rows at a time; `name` is for errors."""
    width = frame.shape[1]
    protect = str if raw else harmless
    try:
        header = ",".join(_cell(protect(str(column))) for column in frame.columns)
        columns = [_text_column(frame.iloc[:, index], protect) for index in range(width)]
        head = ((header or '""' * (width == 1)) + "\n").encode()
    except UnicodeError:
        raise FileError(
            f"{name}: cannot be written: a text holds half of a surrogate pair."
        ) from None
    yield head
    for start in range(0, len(frame) if width else 0, CSV_ROWS):
        cells = [column(slice(start, start + CSV_ROWS)) for column in columns]
        lines = _join(*cells, ",").to_pylist()
        if width == 1:  # an empty line would be read as no row at all
            lines = [line or '""' for line in lines]
        yield ("\n".join(lines) + "\n").encode()


def harmless(text: str) -> str:
    """`text` as a spreadsheet shows it without running it; `exposed` is the inverse.

    An apostrophe is put in front of text that begins, blanks aside, with one of = + - @ (or their
    wide forms), with a control or an invisible character, or with an apostrophe.
    """
    return f"'{text}" if _is_risky(text) else text


def exposed(text: str) -> str:
    """`text` without the apostrophe that `harmless` put in front of it."""
    return text[1:] if text[:1] == "'" and _is_risky(text[1:]) else text


def _is_risky(text: str) -> bool:
    first = text[:1]
    if first.isalnum() or not first:
        return False
    if first == "'" or unicodedata.category(first) in ("Cc", "Cf", "Zl", "Zp"):
        return True
    return text.lstrip()[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def _text_column(series, protect):
    """A function slice -> array of CSV cells (null where there is no value) of one column."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    if series.dtype.kind in "biu":
        return lambda rows: _arrow(series.iloc[rows]).cast(pa.large_string())
    if series.dtype.kind == "f" and series.dtype.itemsize in (4, 8):
        return lambda rows: float_cells(_arrow(series.iloc[rows]))
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes, values = series.cat.codes.to_numpy(), series.cat.categories
    elif pd.api.types.infer_dtype(series, skipna=True) in ("string", "empty"):
        codes, values = pd.factorize(series)
    else:  # mixed: 1, True and "1" must not be taken for one another, so each cell for itself
        codes, values = np.arange(len(series)), series
    gone = pd.isna(values)
    cells = [None if null else _cell_of(v, protect) for v, null in zip(values, gone, strict=True)]
    texts = pa.array(cells, pa.large_string())
    return lambda rows: texts.take(pa.array(codes[rows], mask=codes[rows] < 0))


def _arrow(series):
    import pyarrow as pa

    return pa.array(series, from_pandas=True)


def float_cells(values):
    """Shortest digits that give the same number again; whole numbers keep a point, as 3.0."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = values.cast(pa.large_string())
    whole = pc.match_substring_regex(texts, r"^-?[0-9]+$")
    return pc.if_else(
        pc.fill_null(whole, False), _join(texts, pa.scalar(".0", texts.type), ""), texts
    )


def _join(*texts_and_separator):
    """One text per row out of several columns of them; null counts as empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    *texts, separator = texts_and_separator
    return pc.binary_join_element_wise(
        *texts,
        pa.scalar(separator, pa.large_string()),
        null_handling="replace",
        null_replacement="",
    )


def _cell_of(value, protect) -> str:
    text = str(value)
    return _cell(text if isinstance(value, Number) else protect(text)) or '""'


def _cell(text: str) -> str:
    """`text` between double quotes where CSV needs them, or it may be taken for a byte order mark."""
    if text[:1] == "\ufeff" or any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


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
    """The file that `path` stands for, and the permissions of what is there (None if nothing)."""
    name = inline(path)
    try:
        raw = os.fsdecode(path)
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
    """Make the new name durable too, where the system has a way to do that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
