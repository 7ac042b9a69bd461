"""Tables of logs: CSV with any usual delimiter, JSON, JSON lines, Parquet and Excel as frames."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kitchen.errors import FileError, LogError, inline, listed, parser_message, shown
from kitchen.io.read import as_file, handed, read_bytes, read_json, read_text
from kitchen.utils.text import as_text, text_dtype

DELIMITERS = ",;\t|"
"""What may stand between cells."""

SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx")

LOOKED_AT = 50
"""Lines on which the delimiter is chosen."""


@dataclass
class Table:
    """The rows of a log as they stand in its file.

    Attributes
    ----------
    frame : DataFrame
        Cells are text in CSV, as they are in other formats.
    rows : int64 array
        Number of each row in the file; the header of a CSV file is row 1, other formats count from 0.
    name : str
        Of the file, for messages.
    decimal_comma : bool
        Whether a lone comma in a number is more likely a decimal mark: cells are separated by ;.
    ragged : list of (int, str)
        Rows that have another number of cells than the header, and their text.
    encoding : str
    """

    frame: pd.DataFrame
    rows: np.ndarray
    name: str
    decimal_comma: bool = False
    ragged: list = field(default_factory=list)
    encoding: str = "UTF-8"


def read_table(source) -> Table:
    """A log from a path or an open file, by its suffix, or from a data frame.

    Raises
    ------
    LogError
        If it has no orders, or two columns of the same name.
    FileError
        If it cannot be read or is not what its name says.
    """
    if isinstance(source, pd.DataFrame):
        frame = source.reset_index(drop=True)
        table = Table(frame, np.arange(len(frame)), "the frame")
    else:
        path = as_file(handed(source) if hasattr(source, "read") else source, "a log")
        table = _READERS.get(path.suffix.lower(), _unknown_suffix)(path)
    names = [str(column) for column in table.frame.columns]
    if twice := [name for name in names if names.count(name) > 1]:
        raise LogError(f"{table.name}: the column {shown(twice[0])} is there twice. Rename one.")
    if not len(table.frame):
        there = f", but the columns {listed(map(inline, names))}" if names else ""
        raise LogError(f"{table.name}: has no orders{there}. Give a file with a row an order.")
    table.frame.columns = names
    return table


def _unknown_suffix(path):
    raise FileError(
        f"{inline(path)}: the name of a log ends in {', '.join(SUFFIXES)}, got {shown(path.suffix)}."
    )


# --- CSV ------------------------------------------------------------------------------------------


def _read_csv(path) -> Table:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    name = inline(path)
    data, encoding = _as_utf8(read_bytes(path), name)
    skipped = 0
    delimiter = None
    if line := re.match(rb'"?sep=(.)"?\r?\n', data, re.IGNORECASE):
        delimiter, skipped, data = line[1].decode("latin-1"), 1, data[line.end() :]
    if not data.strip():
        raise LogError(f"{name}: the file is empty. Give a file with a row an order.")
    if blank := re.match(rb"(?:[ \t]*(?:\r\n|\n|\r))+", data):  # lines above the header
        skipped, data = skipped + len(blank[0].splitlines()), data[blank.end() :]
    lines = data[: 1 << 20].decode("utf-8", "ignore").splitlines()[:LOOKED_AT]
    if delimiter is None:
        delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(lines)
    header = [cell.strip() for cell in next(csv.reader(lines, delimiter=delimiter))]
    if twice := [column for column in header if column and header.count(column) > 1]:
        raise LogError(f"{name}: the column {shown(twice[0])} is there twice. Rename one.")
    header = [column or f"column {place + 1}" for place, column in enumerate(header)]
    ragged: list = []

    def leave_out(row):
        ragged.append((row.number, row.text))
        return "skip"

    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, column_names=header, skip_rows_after_names=1, block_size=1 << 24
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=leave_out,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowException as error:
        raise FileError(f"{name}: not CSV: {parser_message(str(error))}.") from None
    frame = pd.DataFrame(
        {
            column: pd.array(cells, text_dtype())
            for column, cells in zip(header, table.columns, strict=True)
        }
    )
    rows = np.arange(1, len(frame) + len(ragged) + 2)
    gone = np.array([number for number, _ in ragged if number is not None], dtype=np.int64)
    rows = np.setdiff1d(rows, gone)[1:][: len(frame)] + skipped
    ragged = [(n + skipped if n else 0, text) for n, text in ragged if text.strip(delimiter + ' "')]
    return Table(frame, rows, name, delimiter == ";", ragged, encoding)


def _as_utf8(data: bytes, name: str) -> tuple[bytes, str]:
    """The content in UTF-8 without byte order mark, and the encoding that it had."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16").encode(), "UTF-16"
        except UnicodeError:
            raise FileError(f"{name}: is no text. Export the log as CSV in UTF-8.") from None
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        raise FileError(f"{name}: is a binary file and no text. Export the log as CSV in UTF-8.")
    try:
        data.decode()
        return data, "UTF-8"
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            raise FileError(
                f"{name}: is a binary file and no text. Export the log as CSV in UTF-8."
            ) from None
        if sum(not c.isprintable() and not c.isspace() for c in text[:4096]) > 5:
            raise FileError(
                f"{name}: is a binary file and no text. Export the log as CSV in UTF-8."
            ) from None
        return text.encode(), "Windows-1252"


def _delimiter(lines: list[str]) -> str:
    """The delimiter under which most lines have as many cells as the header, and most of them."""

    # csv.Sniffer is no help: it splits a lone column `when` at its w.
    def score(mark: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
        width = widths[0] if widths else 1
        return (0.0, 0) if width < 2 else (sum(w == width for w in widths) / len(widths), width)

    return max(DELIMITERS, key=score)


# --- Other formats ---------------------------------------------------------------------------------


def _read_json(path) -> Table:
    name, value = inline(path), read_json(path)
    if isinstance(value, dict):
        value = value.get("orders", value)
    if not isinstance(value, list) or not all(isinstance(order, dict) for order in value):
        raise LogError(
            f'{name}: must be a list of orders, or {{"orders": [...]}}, got {shown(value)}.'
        )
    return _numbered(pd.json_normalize(value), name)


def _read_lines(path) -> Table:
    name, data = inline(path), read_bytes(path)
    if not data.strip():
        raise LogError(f"{name}: the file is empty. Give a file with a row an order.")
    rows = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError) as error:
            message = parser_message(str(error))
            raise FileError(f"{name}: line {number}: not JSON: {message}.") from None
        if not isinstance(rows[-1], dict):
            raise LogError(
                f"{name}: line {number}: must be an order, {{...}}, got {shown(rows[-1])}."
            )
    frame = pd.json_normalize(rows)
    return _numbered(frame, name)


def _read_parquet(path) -> Table:
    import pyarrow as pa
    from pyarrow import parquet

    name, data = inline(path), read_bytes(path)
    try:
        frame = parquet.read_table(pa.BufferReader(data)).to_pandas()
    except (pa.ArrowException, OSError, ValueError) as error:
        message = parser_message(str(error))
        raise FileError(f"{name}: not Parquet, or damaged: {message}.") from None
    return _numbered(frame, name)


def _read_excel(path) -> Table:
    from zipfile import BadZipFile

    name, data = inline(path), read_bytes(path)
    try:
        import openpyxl  # noqa: F401  # what pandas reads Excel with
    except ImportError:
        raise FileError(
            f"{name}: Excel needs the package openpyxl: pip install 'kitchensim[excel]'. Or save as CSV."
        ) from None
    try:
        frame = pd.read_excel(io.BytesIO(data), dtype=object, engine="openpyxl")
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise FileError(f"{name}: not Excel, or damaged: {parser_message(str(error))}.") from None
    table = _numbered(frame, name)
    table.rows = table.rows + 2
    return table


def _numbered(frame, name: str) -> Table:
    frame = frame.reset_index(drop=True)
    return Table(frame, np.arange(len(frame)), name)


_READERS = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), _read_csv),
    ".json": _read_json,
    **dict.fromkeys((".jsonl", ".ndjson"), _read_lines),
    ".parquet": _read_parquet,
    ".xlsx": _read_excel,
}


# --- Cells ------------------------------------------------------------------------------------------

BLANKS = ("", "-", "--", "nan", "null", "none", "n/a", "na", "#n/a", "nat", "n.a.", "?")
"""Texts that stand for a missing value, in lower case."""


def texts_of(series: pd.Series) -> pd.Series:
    """Cells without blanks around them; what is only a sign for nothing is missing.

    Columns of numbers and of dates stay as they are.
    """
    if pd.api.types.is_datetime64_any_dtype(series) or pd.api.types.is_numeric_dtype(series):
        return series
    if len(known := series.dropna()) and series.dtype == object:
        kind = pd.api.types.infer_dtype(known, skipna=True)
        if kind in ("integer", "floating", "mixed-integer-float"):
            return pd.to_numeric(series)
        if kind in ("datetime", "datetime64"):
            return pd.to_datetime(series, utc=any(v.tzinfo is not None for v in known))
        known = known.map(_text)
        series = known.reindex(series.index)
    series = as_text(series).str.strip()
    return series.mask(series.str.lower().isin(BLANKS))


def _text(value) -> str:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def numbers_of(series: pd.Series, decimal_comma: bool = False) -> pd.Series:
    """Cells as numbers: signs of currency are left out, a decimal comma becomes a point."""
    if pd.api.types.is_numeric_dtype(series):
        return series.astype("float64")
    if pd.api.types.is_datetime64_any_dtype(series):
        return pd.Series(np.nan, series.index)
    text = as_text(series).str.replace(r"(?i)[€£$\s']|\b(?:eur|usd|gbp|chf)\b", "", regex=True)
    if text.str.contains(",", regex=False, na=False).any():
        both = text.str.contains(r",\d*\.", regex=True, na=False)
        dots = text.str.contains(r"\.\d{3}(?:\.\d{3})*,", regex=True, na=False)
        decimal = text.str.contains(r",(?!\d{3}(?!\d))", regex=True, na=False) & ~both
        comma = dots | (~both & bool(decimal_comma or decimal.any()))
        european = text.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
        grouped = text.str.fullmatch(r"[+-]?\d{1,3}(?:\.\d{3})+", na=False)  # 1.234 beside 9,50
        comma |= grouped & decimal.any() & ~both.any()
        text = european.where(comma, text.str.replace(",", "", regex=False))
    return pd.to_numeric(text, errors="coerce").astype("float64")
