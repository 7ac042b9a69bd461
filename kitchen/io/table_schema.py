"""CSV files with a Table Schema: a data frame is read back exactly as it was written.

The schema of `orders.csv` is the file `orders.csv.schema.json`, a Data Resource with a Table Schema
(datapackage.org, version 2), which other tools read too. It has these keys that the standard does
not define: `dtype` (pandas' name for the type) and `unit` of a column, `emptyTexts` (see
`_unblank`), `rows` (their number), and `guarded`: whether text that a spreadsheet might run as a
formula has an apostrophe in front. Names and categories are given as in the CSV file, with their
apostrophes.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from kitchen.errors import FileError, inline, shown, unknown
from kitchen.io import csv_text, read, write
from kitchen.io.outputs import SCHEMA_SUFFIX as SUFFIX
from kitchen.io.outputs import refuse_overwriting, with_schemas
from kitchen.utils.text import text_dtype
from kitchen.utils.validation import as_path, flag, instance

if TYPE_CHECKING:
    import pandas as pd

PROFILE = "https://datapackage.org/profiles/2.0/dataresource.json"
"""The version of the standard that schemas follow."""

_SIZES = ("8", "16", "32", "64")
"""Bits of a whole number."""

DTYPES = {
    "integer": (
        "int64",
        *(f"{kind}{n}" for kind in ("int", "uint", "Int", "UInt") for n in _SIZES),
    ),
    "number": ("float64", "float32", "Float64", "Float32"),
    "boolean": ("bool", "boolean"),
    "string": ("str", "string", "object"),
    "any": ("str",),
}
"""Types of the standard -> pandas' dtypes; the first is that of a schema without `dtype`."""

KINDS = {
    dict: "a table",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a whole number",
}
"""What messages call a type of JSON."""

WORDS = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
"""What messages call a type of the standard; its keys are the types that are not text."""

# --- Writing ------------------------------------------------------------------------------------


def write_csv(
    frame: pd.DataFrame, path: str | os.PathLike, raw: bool = False, *, force: bool = False
) -> None:
    """Write a data frame as a CSV file and its schema as a second file next to it.

    Parameters
    ----------
    frame : DataFrame
        Columns of text, whole numbers, floats, booleans and categories (text or whole numbers) come
        back from `read_csv` as they were, any other column as text. The index is left out.
    path : path
        Of the CSV file; the schema's file has the same name with ``.schema.json`` added.
    raw : bool
        By default text that a spreadsheet might run as a formula gets an apostrophe in front;
        True leaves all text as it is.
    force : bool
        Replace a file that is not as kitchen wrote it, too.

    Raises
    ------
    FileError
        If a file cannot be written, there is another one that is not as kitchen wrote it, or a
        text is not Unicode.

    Examples
    --------
    >>> import pathlib, tempfile, pandas as pd, kitchen as kt
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kt.write_csv(pd.DataFrame({"name": ["Soup", "=1+1"]}), f"{folder}/menu.csv")
    ...     pathlib.Path(folder, "menu.csv").read_text()
    "name\\nSoup\\n'=1+1\\n"
    """
    import pandas as pd

    instance("frame", frame, pd.DataFrame, error=FileError)
    raw, path = flag("raw", raw), as_path(path)
    refuse_overwriting(with_schemas([str(path)]), force=force)
    csv_text.write_csv(frame, path, raw)
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
    """The field of a schema that describes a column."""
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


def read_csv(path: str | os.PathLike, *, edited: bool = False, raw: bool = False) -> pd.DataFrame:
    """Read a CSV file as a data frame, with the types that its schema gives.

    Without a schema (`orders.csv.schema.json` for `orders.csv`) a column is text unless every row
    of it holds exactly what `write_csv` writes for a whole number, for a boolean (`true`, `false`)
    or for a float (`3.0`, `0.1`, `1e+300`, or an empty cell). So 007, 1E5, 1_000, +5, NA and ' 5'
    stay as they are. An empty cell is a missing value.

    Parameters
    ----------
    path : path
    edited : bool
        True accepts a file that was changed after it was written, if its cells fit the schema. By
        default it is refused, since a spreadsheet that saves a CSV file turns text such as 007
        into 7.
    raw : bool
        True keeps all apostrophes in front of text, for a file without a schema that was written
        with ``raw=True``.

    Returns
    -------
    DataFrame

    Raises
    ------
    FileError
        Also if the file was changed, or does not fit its schema: with row (as a spreadsheet counts
        them, the header is row 1) and column.

    Examples
    --------
    >>> import tempfile, pandas as pd, kitchen as kt
    >>> frame = pd.DataFrame({"order_id": ["007", "1E5"], "price": [9.5, None]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kt.write_csv(frame, f"{folder}/orders.csv")
    ...     kt.read_csv(f"{folder}/orders.csv")
      order_id  price
    0      007    9.5
    1      1E5    NaN
    """
    import pandas as pd

    path, edited, raw = as_path(path), flag("edited", edited), flag("raw", raw)
    data, name = read.read_bytes(path), inline(path)
    schema = _read_schema(_beside(path)) if _beside(path).exists() else None
    as_written = schema and schema["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
    expected = [field["name"] for field in schema["fields"]] if schema else None
    cells = csv_text.cells_of(data, path, expected, trusted=as_written)
    texts = cells.columns
    if len(texts) == 1:
        texts = [_unblank(texts[0], schema["fields"][0]["emptyTexts"] if schema else [])]
    if schema:
        fields, raw = schema["fields"], not schema["guarded"]
    else:
        named = zip(cells.header, texts, strict=True)
        fields = [{"name": column, **_guess(text)} for column, text in named]
    expose = str if raw else csv_text.exposed
    columns = [_values(*each, expose, cells.where) for each in zip(texts, fields, strict=True)]
    rows = len(texts[0]) if texts else schema["rows"]
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


# From text to values


def _unblank(texts, empty_texts: list[int]):
    """The cells of a table of one column: "" is null too, except in the rows of `empty_texts`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    empty = pc.fill_null(pc.equal(texts, ""), False).to_numpy(zero_copy_only=False).copy()
    kept = [row for row in empty_texts if type(row) is int and 0 <= row < len(empty)]
    empty[kept] = False
    # not `if_else`, which in pyarrow 18 mixes up the texts of an array that is part of another
    null = pa.scalar(None, texts.type)
    return pa.chunked_array([pc.replace_with_mask(texts.combine_chunks(), empty, null)])


def _guess(texts) -> dict:
    """The type of a column without a schema."""
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


def _values(texts, field: dict, expose, where):
    """A column of a data frame from its cells; `where(row)` is how a message begins."""
    import pandas as pd
    import pyarrow as pa

    kind, dtype = field["type"], field["dtype"]
    if dtype == "category":
        return _categorical(texts, field, expose, where)
    if kind not in WORDS:
        texts = _exposed(texts, expose)
        if dtype == "object":
            return pd.Series(texts.to_pylist(), dtype=object)
        return pd.array(texts, text_dtype() if dtype == "str" else dtype)
    arrow = _arrow_type(dtype)
    try:
        values = texts.cast(arrow)
    except pa.ArrowInvalid:
        raise FileError(_misfit(texts, _first_wrong(texts, arrow), field, where)) from None
    if dtype != dtype.lower() or dtype == "boolean":
        return pd.array(values.combine_chunks(), dtype)
    if values.null_count and kind != "number":
        row = values.is_null().index(True).as_py()
        raise FileError(_misfit(texts, row, field, where))
    return values.to_numpy()


def _categorical(texts, field: dict, expose, where):
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    labels = field["categories"]
    codes = pc.index_in(texts, pa.array(map(str, labels), texts.type))
    wrong = pc.and_(codes.is_null(), texts.is_valid()).index(True).as_py()
    if wrong >= 0:
        there = ", ".join(shown(label) for label in labels[:10]) + ", ..." * (len(labels) > 10)
        raise FileError(
            f"{where(wrong)}, {inline(field['name'])}: must be one of {there or 'none'}, "
            f"got {shown(texts[wrong].as_py())}."
        )
    if field["type"] == "string":
        categories = pd.Index(map(expose, labels), dtype="str")  # as pandas makes them of texts
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
    """The first row whose text cannot be converted to a type."""
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


def _misfit(texts, row: int, field: dict, where) -> str:
    got = texts[row].as_py()
    wanted = f"must be {WORDS[field['type']]} ({field['dtype']})"
    found = "is empty" if got is None else f"got {shown(got)}"
    return f"{where(row)}, {inline(field['name'])}: {wanted}, {found}."


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
