"""CSV text: writing data frames, guarding spreadsheets from formulas, reading cells."""

from __future__ import annotations

import csv
import io
import unicodedata
from numbers import Number

from kitchen.errors import FileError, inline, parser_message, shown
from kitchen.io.read import read_text
from kitchen.io.write import atomic

CSV_ROWS = 65_536  # rows turned into text at a time


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


# --- Reading ---------------------------------------------------------------------------------


def read_cells(path) -> tuple[list[str], list[tuple[int, list[str]]]]:
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
            f"{name}: line {reader.line_num}: not CSV: {parser_message(str(error))}."
        ) from None
    if header is None:
        raise FileError(f"{name}: the file is empty. It should begin with the names of columns.")
    for column in header:
        if header.count(column) > 1:
            raise FileError(f"{name}: the column {shown(column)} is there twice. Keep one of them.")
    return header, rows
