"""Tables as CSV with a schema beside them, so that a frame comes back exactly as it was.

The schema of `orders.csv` is the file `orders.csv.schema.json`: a Data Resource with a Table Schema
(datapackage.org, version 2), which other tools understand too. Ours beside the standard: `dtype`
(pandas' name for the type) and `unit` of a column, `emptyTexts` (see `_unblank`), `rows`, and
`guarded`: whether text that a spreadsheet may run has an apostrophe in front. Names and categories
are given as the CSV file has them, apostrophes and all.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from pathlib import Path

from kitchen.errors import FileError, inline, shown, unknown
from kitchen.io import csv_text, read, write

SUFFIX = ".schema.json"
PROFILE = "https://datapackage.org/profiles/2.0/dataresource.json"
_SIZES = ("8", "16", "32", "64")
DTYPES = {  # the first is what a schema without `dtype` means
    "integer": (
        "int64",
        *(f"{kind}{n}" for kind in ("int", "uint", "Int", "UInt") for n in _SIZES),
    ),
    "number": ("float64", "float32", "Float64", "Float32"),
    "boolean": ("bool", "boolean"),
    "string": ("str", "string", "object"),
    "any": ("str",),
}
KINDS = {
    dict: "a table",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a whole number",
}
WORDS = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
BLOCK = 1 << 24  # bytes parsed at a time; a row that is longer is read in a second attempt

# --- Writing ------------------------------------------------------------------------------------


def write_csv(frame, path, raw=False):
    """Write a data frame as CSV, see `files.write_csv`, and its schema beside it.

    Parameters
    ----------
    frame : DataFrame
        Columns of text, whole numbers, floats, booleans and categories (text or whole numbers) come
        back from `read_csv` as they were; any other column as text. So do the columns' names.
    path : path
    raw : bool
        True leaves text as it is that a spreadsheet may take for a formula.

    Raises
    ------
    FileError
    """
    csv_text.write_csv(frame, path, raw)
    path = Path(path)
    with open(path, "rb") as file:
        checksum, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
    protect = str if raw else csv_text.harmless
    columns = enumerate(frame.columns)
    fields = [_field(frame.iloc[:, index], str(name), protect) for index, name in columns]
    if len(fields) == 1 and (rows := _empty_texts(frame.iloc[:, 0])):
        fields[0]["emptyTexts"] = rows
    schema = {
        "$schema": PROFILE,
        "type": "table",
        "name": re.sub(r"[^-a-z0-9._]+", "-", path.stem.lower()),
        "path": path.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n"},
        "bytes": size,
        "hash": f"sha256:{checksum}",
        "rows": len(frame),
        "guarded": not raw,
        "schema": {"fields": fields, "missingValues": [""]},
    }
    write.write_json(schema, _beside(path))


def _beside(path) -> Path:
    return Path(f"{path}{SUFFIX}")


def _field(series, name: str, protect) -> dict:
    """What the schema says of a column."""
    field = {"name": protect(name), "type": "any", "dtype": "str"}
    for kind, dtypes in DTYPES.items():
        if str(series.dtype) in dtypes and (kind != "string" or _is_text(series)):
            field |= {"type": kind, "dtype": str(series.dtype)}
            break
    if series.dtype == "category":
        labels = series.cat.categories
        if is_text := _is_text(labels):
            labels = map(protect, labels)
        if is_text or labels.dtype == "int64":
            field |= {
                "type": "string" if is_text else "integer",
                "dtype": "category",
                "categories": list(labels),
                "categoriesOrdered": series.cat.ordered,
            }
    if name.endswith("_s"):
        field["unit"] = "s"
    return field


def _is_text(values) -> bool:
    from pandas.api.types import infer_dtype

    return infer_dtype(values, skipna=True) in ("string", "empty")


def _empty_texts(series) -> list[int]:
    return [row for row, value in enumerate(series) if isinstance(value, str) and not value]


# --- Reading ------------------------------------------------------------------------------------


def read_csv(path, *, edited=False, raw=False):
    """The data frame of a CSV file, with the types that its schema gives.

    Without a schema beside it (`orders.csv.schema.json` for `orders.csv`) every column is text,
    except those that hold in every row exactly what `write_csv` writes for a whole number, for a
    boolean (`true`, `false`) or for a float (`3.0`, `0.1`, `1e+300`, or nothing). So 007, 1E5,
    1_000, +5, NA and ' 5' stay as they are. An empty cell is a missing value.

    Parameters
    ----------
    path : path
    edited : bool
        True: the file may differ from what was written, as long as its cells fit the schema. It is
        refused otherwise, since a spreadsheet that saves a CSV file turns text such as 007 into 7.
    raw : bool
        True: a file without a schema was written raw, so all of its apostrophes stay.

    Returns
    -------
    DataFrame

    Raises
    ------
    FileError
        Also if the file was changed, or does not fit its schema: with row (the header is row 1,
        blank lines do not count) and column.
    """
    import pandas as pd

    data, name = read.read_bytes(path), inline(path)
    schema = _read_schema(_beside(path)) if _beside(path).exists() else None
    as_written = schema and schema["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
    if not as_written:
        _check_quotes(data.removeprefix(codecs.BOM_UTF8), name)
    header = _header(data, path)
    _check_header(header, [field["name"] for field in schema["fields"]] if schema else None, name)
    cells = _cells(data, len(header), path)
    if len(cells) == 1:
        cells = [_unblank(cells[0], schema["fields"][0]["emptyTexts"] if schema else [])]
    if schema:
        fields, raw = schema["fields"], not schema["guarded"]
    else:
        fields = [{"name": n, **_guess(texts)} for n, texts in zip(header, cells, strict=True)]
    expose = str if raw else csv_text.exposed
    columns = [
        _values(texts, field, expose, f"{name}: row ")
        for texts, field in zip(cells, fields, strict=True)
    ]
    rows = len(cells[0]) if cells else schema["rows"]
    if schema and not (as_written or edited):
        raise FileError(_changed(name, rows, schema["rows"]))
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(rows))
    return frame.set_axis([expose(field["name"]) for field in fields], axis=1)


def _changed(name: str, rows: int, written: int) -> str:
    count = f" {written} rows were written, now there are {rows}." if rows != written else ""
    return (
        f"{name}: was changed after it was written.{count} A spreadsheet that saves it turns text "
        "such as 007 or 1E5 into numbers. If the change is right, read the file with edited=True."
    )


# The cells of a file, as text


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
    """The names of the columns, as the file has them."""
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline="")
    try:
        return next((cells for cells in csv.reader(text) if cells), [])
    except (UnicodeDecodeError, csv.Error) as error:
        read.read_text(path)  # it can tell where a byte is wrong
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


def _cells(data: bytes, width: int, path) -> list:
    """The columns of a file as arrays of text; an empty cell is null, "" is empty text."""
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
                read.read_text(path)  # it can tell where a byte is wrong
                problem = " ".join(str(error).split())
                raise FileError(f"{inline(path)}: not CSV: {problem}.") from None
            row = invalid[0]
            raise FileError(
                f"{inline(path)}: row {row.number}: has {row.actual_columns} cells, the header has "
                f"{width}. Put text that holds a comma between double quotes."
            ) from None
    return [column[1:] for column in table.columns]


def _parsed(data: bytes, width: int, block: int, invalid: list | None = None):
    """All rows, the header too; those of the wrong length are added to `invalid`."""
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


def _unblank(texts, empty_texts: list[int]):
    """The cells of a table of one column, where "" is a null too, except in some rows."""
    import pyarrow.compute as pc

    empty = pc.fill_null(pc.equal(texts, ""), False).to_numpy(zero_copy_only=False).copy()
    kept = [row for row in empty_texts if type(row) is int and 0 <= row < len(empty)]
    empty[kept] = False
    return pc.if_else(empty, None, texts)


# From text to values


def _guess(texts) -> dict:
    """The type of a column of which nothing is known."""
    for kind in WORDS if texts.null_count < len(texts) else ():
        # a cast that fails is slow, so the first rows are tried alone
        if _is_written_as(kind, texts[:100]) and _is_written_as(kind, texts):
            return {"type": kind, "dtype": DTYPES[kind][0]}
    return {"type": "string", "dtype": "str"}


def _is_written_as(kind: str, texts) -> bool:
    """Whether all texts are what `write_csv` writes for values of a kind."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        values = texts.cast(_arrow_type(DTYPES[kind][0]))
    except pa.ArrowInvalid:
        return False
    if kind == "number":
        is_nan = pc.any(pc.is_nan(values)).as_py()
        return not is_nan and csv_text.float_cells(values).equals(texts)
    return not values.null_count and values.cast(texts.type).equals(texts)


def _arrow_type(dtype: str):
    import pyarrow as pa

    return pa.bool_() if dtype in DTYPES["boolean"] else getattr(pa, dtype.lower())()


def _values(texts, field: dict, expose, place: str):
    """A column of a data frame out of its cells; `place` is where errors begin."""
    import pandas as pd
    import pyarrow as pa

    kind, dtype = field["type"], field["dtype"]
    if dtype == "category":
        return _categorical(texts, field, expose, place)
    if kind not in WORDS:
        texts = _exposed(texts, expose)
        if dtype == "object":
            return pd.Series(texts.to_pylist(), dtype=object)
        return pd.array(texts, dtype)
    arrow = _arrow_type(dtype)
    try:
        values = texts.cast(arrow)
    except pa.ArrowInvalid:
        raise FileError(_misfit(texts, _first_wrong(texts, arrow), field, place)) from None
    if dtype != dtype.lower() or dtype == "boolean":
        return pd.array(values.combine_chunks(), dtype)
    if values.null_count and kind != "number":
        row = values.is_null().index(True).as_py()
        raise FileError(_misfit(texts, row, field, place))
    return values.to_numpy()


def _categorical(texts, field: dict, expose, place: str):
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    labels = field["categories"]
    codes = pc.index_in(texts, pa.array(map(str, labels), texts.type))
    wrong = pc.and_(codes.is_null(), texts.is_valid()).index(True).as_py()
    if wrong >= 0:
        there = ", ".join(shown(label) for label in labels[:10]) + ", ..." * (len(labels) > 10)
        raise FileError(
            f"{place}{wrong + 2}, {inline(field['name'])}: must be one of {there or 'none'}, "
            f"got {shown(texts[wrong].as_py())}."
        )
    if field["type"] == "string":
        categories = pd.Index(map(expose, labels), dtype="str")
    else:
        categories = pd.Index(labels, dtype="int64")
    kind = pd.CategoricalDtype(categories, field["categoriesOrdered"])
    return pd.Categorical.from_codes(codes.fill_null(-1).to_numpy(), dtype=kind)


def _exposed(texts, expose):
    """`texts` without the apostrophes of `write_csv`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    marked = pc.fill_null(pc.starts_with(texts, "'"), False).combine_chunks()
    bare = [expose(text) for text in texts.filter(marked).to_pylist()]
    if not bare:
        return texts
    return pc.replace_with_mask(texts.combine_chunks(), marked, pa.array(bare, texts.type))


def _first_wrong(texts, arrow) -> int:
    """The first row whose text is no value of a type."""
    import pyarrow as pa

    low, high = 0, len(texts)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            texts[low:middle].cast(arrow)
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low


def _misfit(texts, row: int, field: dict, place: str) -> str:
    got = texts[row].as_py()
    wanted = f"must be {WORDS[field['type']]} ({field['dtype']})"
    found = "is empty" if got is None else f"got {shown(got)}"
    return f"{place}{row + 2}, {inline(field['name'])}: {wanted}, {found}."


# The schema


def _read_schema(path) -> dict:
    """What a schema file says that `read_csv` needs: `fields`, `hash`, `rows`, `guarded`."""
    content, name = read.read_json(path), inline(path)
    table = _take(content, "schema", dict, name)
    fields = _take(table, "fields", list, f"{name}: schema")
    return {
        "fields": [_read_field(f, f"{name}: fields[{i}]") for i, f in enumerate(fields)],
        "hash": _take(content, "hash", str, name),
        "rows": _take(content, "rows", int, name),
        "guarded": _take(content, "guarded", bool, name),
    }


def _read_field(field, where: str) -> dict:
    kind = _take(field, "type", str, where)
    if kind not in DTYPES:
        raise FileError(f"{where}: {unknown('type', kind, DTYPES)}")
    known = {"name": _take(field, "name", str, where), "type": kind}
    dtypes = DTYPES[kind]
    if "categories" in field:
        dtypes = ("category",)
        labels = known["categories"] = _take(field, "categories", list, where)
        known["categoriesOrdered"] = _take(field, "categoriesOrdered", bool, where)
        fit = {"string": str, "integer": int}.get(kind)
        if any(type(label) is not fit for label in labels) or len({*labels}) < len(labels):
            raise FileError(
                f"{where}: categories: must be different texts in a column of type string, or "
                f"different whole numbers in one of type integer, got {shown(labels)}."
            )
    known["dtype"] = _take({"dtype": dtypes[0], **field}, "dtype", str, where)
    if known["dtype"] not in dtypes:
        raise FileError(f"{where}: {unknown('dtype', known['dtype'], dtypes)}")
    known["emptyTexts"] = _take({"emptyTexts": [], **field}, "emptyTexts", list, where)
    return known


def _take(table, key: str, kind: type, where: str):
    if not isinstance(table, dict):
        raise FileError(f"{where}: must be a table of keys and values, got {shown(table)}.")
    if key not in table:
        raise FileError(f"{where}: the key {key} is missing.")
    if type(table[key]) is not kind:
        raise FileError(f"{where}: {key}: must be {KINDS[kind]}, got {shown(table[key])}.")
    return table[key]
