"""CSV text: writing data frames, guarding spreadsheets from formulas, reading cells."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Callable
from itertools import islice
from numbers import Number
from typing import NamedTuple

from kitchen.errors import FileError, inline, shown
from kitchen.io.read import read_bytes, read_text
from kitchen.io.write import atomic

CSV_ROWS = 65_536
"""Rows that are turned into text at a time."""

BLOCK = 1 << 24
"""Bytes that are parsed at a time; a row that is longer is read in a second attempt."""


def write_csv(frame, path, raw=False):
    r"""Write a data frame as a CSV file: UTF-8, with a header, lines that end in "\n".

    Floats have the fewest digits that give the same float64 again. A null is an empty cell; an
    empty text is "", two quotes (so are both in a table of one column). The index is left out.

    Parameters
    ----------
    frame : DataFrame
    path : path
    raw : bool
        By default text (cells, labels of categories, names of columns) that a spreadsheet might
        run as a formula gets an apostrophe in front, see `harmless`; True leaves it as it is.
        Numbers are the same either way.
    """
    with atomic(path) as temporary, open(temporary, "wb") as file:
        file.writelines(_csv_pieces(frame, raw, inline(path)))


def csv_bytes(frame, raw=False) -> bytes:
    """A data frame as the bytes of a CSV file, as `write_csv` writes it.

    Raises
    ------
    FileError
        If a text holds half of a surrogate pair.
    """
    return b"".join(_csv_pieces(frame, raw, "the CSV file"))


def _csv_pieces(frame, raw: bool, name: str):
    """The bytes of a CSV file in pieces: header, then `CSV_ROWS` rows each; `name` is for errors."""
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
    """`text` guarded against being run as a formula by a spreadsheet; `exposed` is the inverse.

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
    """Floats as text: the fewest digits that give the same number again; 3 is "3.0"."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = values.cast(pa.large_string())
    whole = pc.match_substring_regex(texts, r"^-?[0-9]+$")
    return pc.if_else(
        pc.fill_null(whole, False), _join(texts, pa.scalar(".0", texts.type), ""), texts
    )


def _join(*texts_and_separator):
    """Texts of several columns joined row by row; null counts as empty."""
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


# --- Reading ---------------------------------------------------------------------------------


class Cells(NamedTuple):
    """The cells of a CSV file as text.

    Attributes
    ----------
    header : list of str
        Names of the columns.
    columns : list of pyarrow.ChunkedArray
        Texts of each column, without the header; an empty cell is null, "" is empty text.
    where : callable
        Index of a row -> how a message about it begins: file and row.
    """

    header: list[str]
    columns: list
    where: Callable[[int], str]


def read_cells(path, headed: Callable[[list[str]], None] | None = None) -> Cells:
    """The column names and the cells of a CSV file, every cell as text.

    Empty lines are left out, and a first line ``sep=,``, which spreadsheets write. Apostrophes that
    `write_csv` put in front of text stay: see `exposed`.

    Parameters
    ----------
    path : path
    headed : callable, optional
        Called with the header before anything else is read, to refuse what is none.

    Raises
    ------
    FileError
        If the file is not CSV, its cells are not separated by commas, it has no header or a column
        twice, or if a row has not as many cells
        as the header. Rows are numbered as in a spreadsheet: the header of most files is row 1.
    """
    data = _without_separator_line(read_bytes(path), inline(path))
    header = _header(data, path)
    _check_separator(header, inline(path))
    if headed is not None:
        headed(header)
    return cells_of(data, path)


SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
"""What other programs put between cells."""


def _without_separator_line(data: bytes, name: str) -> bytes:
    """The content with an empty line in place of a first line ``sep=,``, so that rows keep their numbers."""
    bare = data.removeprefix(codecs.BOM_UTF8)
    line = re.match(rb'"?sep=(.)"?\r?\n', bare, re.IGNORECASE)
    if line is None:
        return data
    if (mark := line[1].decode("latin-1")) != ",":
        raise FileError(_not_commas(name, mark))
    return b"\n" + bare[line.end() :]


def _check_separator(header: list[str], name: str) -> None:
    """Refuse a header whose cells are separated by something else than commas."""
    if len(header) == 1:
        for mark in SEPARATORS:
            if mark in header[0]:
                raise FileError(_not_commas(name, mark))


def _not_commas(name: str, mark: str) -> str:
    return (
        f"{name}: the cells must be separated by commas, got {SEPARATORS.get(mark, shown(mark))}. "
        "Save it as CSV with commas between the cells and points in the numbers."
    )


def cells_of(data: bytes, path, expected: list[str] | None = None, trusted=False) -> Cells:
    """The cells of a CSV file with this content, see `read_cells`.

    Parameters
    ----------
    data : bytes
    path : path
        Of the file, for messages.
    expected : list of str, optional
        The names that the header must have; any by default.
    trusted : bool
        The content is surely what `write_csv` wrote, so that quotes are not checked.
    """
    name = inline(path)
    if not trusted:
        _check_quotes(data.removeprefix(codecs.BOM_UTF8), name)
    header = _header(data, path)
    _check_header(header, expected, name)
    columns = _columns(data, len(header), path)
    return Cells(header, columns, lambda row: f"{name}: row {_row_number(data, row + 1)}")


def _row_number(data: bytes, record: int) -> int:
    """The number that a spreadsheet gives the record of an index: it counts empty lines too."""
    numbers = (number for number, cells in enumerate(_reader(data), start=1) if cells)
    try:
        return next(islice(numbers, record, None))
    except csv.Error:  # a cell before it is longer than Python's parser accepts
        return record + 1


def _reader(data: bytes):
    return csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""))


def _check_quotes(data: bytes, name: str) -> None:
    """Refuse a quote that stands beside text, and one that is never closed.

    Split at the quotes, every other piece is outside of them. It must be empty there (two quotes
    that stand for one) or touch them with the end of a cell.
    """
    pieces = data.split(b'"')
    last = len(pieces) - 1
    for index in range(0, last + 1, 2):
        piece = pieces[index]
        before = index == 0 or piece[:1] in b",\r\n"
        after = index == last or piece[-1:] in b",\r\n"
        if piece and not (before and after):
            problem = "text stands beside a double quote. Put the whole cell between double quotes."
            break
    else:
        if last % 2 == 0:
            return
        problem, index, before = "a double quote is never closed.", last, False
    line = sum(piece.count(b"\n") for piece in pieces[: index + before]) + 1
    raise FileError(f"{name}: line {line}: not CSV: {problem}")


def _header(data: bytes, path) -> list[str]:
    """The names of the columns as they stand in the file."""
    try:
        return next(filter(None, _reader(data)), [])
    except (UnicodeDecodeError, csv.Error) as error:
        read_text(path)  # it can tell where a byte is wrong
        raise FileError(f"{inline(path)}: line 1: not CSV: {error}.") from None


def _check_header(header: list[str], expected: list[str] | None, name: str) -> None:
    if expected is None:
        if not header:
            raise FileError(
                f"{name}: the file is empty. It should begin with the names of columns."
            )
        if twins := [column for column in header if header.count(column) > 1]:
            raise FileError(
                f"{name}: the column {shown(twins[0])} is there twice. Keep one of them."
            )
        return
    for index, (got, column) in enumerate(zip(header, expected, strict=False), start=1):
        if got != column:
            raise FileError(
                f"{name}: row 1: column {index} must be {shown(column)}, as in its schema, "
                f"got {shown(got)}."
            )
    if len(header) != len(expected):
        raise FileError(
            f"{name}: row 1: has {len(header)} columns, its schema has {len(expected)}."
        )


def _columns(data: bytes, width: int, path) -> list:
    """The columns of a file as arrays of text, without the header."""
    import pyarrow as pa

    if not width:
        return []
    invalid = []
    try:
        table = _parsed(data, width, BLOCK)
    except pa.ArrowInvalid:  # an error, of which this tells the row, or a row longer than a block
        try:
            table = _parsed(data, width, min(len(data) + 1, 2**31 - 1), invalid)
        except pa.ArrowInvalid as error:
            if not invalid:
                read_text(path)  # it can tell where a byte is wrong
                problem = " ".join(str(error).split())
                raise FileError(f"{inline(path)}: not CSV: {problem}.") from None
            _check_separator(_header(data, path), inline(path))
            row = invalid[0]
            number = _row_number(data, row.number - 1)
            raise FileError(
                f"{inline(path)}: row {number}: has {row.actual_columns} cells, the header has "
                f"{width}. Put text that holds a comma between double quotes."
            ) from None
    return [column[1:] for column in table.columns]


def _parsed(data: bytes, width: int, block: int, invalid: list | None = None):
    """All rows with the header; rows of the wrong length are added to `invalid`."""
    import pyarrow as pa
    from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, read_csv

    names = [str(index) for index in range(width)]
    alone = invalid is not None  # rows are only counted without threads
    handler = (lambda row: invalid.append(row) or "error") if alone else None
    return read_csv(
        pa.BufferReader(data),
        ReadOptions(column_names=names, block_size=block, use_threads=not alone),
        ParseOptions(newlines_in_values=True, invalid_row_handler=handler),
        ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
