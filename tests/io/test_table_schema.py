"""Tables as CSV with a schema beside them."""

import doctest
import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kitchen as kt
from kitchen.errors import FileError
from kitchen.io import csv_text, table_schema
from kitchen.utils.text import text_dtype

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
TRICKY = [
    "",
    " ",
    "'",
    "''",
    "'=1",
    "''=1",
    "'\t",
    "=1",
    "+1",
    "-1",
    "@A",
    "\t=1",
    "\r",
    "\n",
    "\r\n",
]
TRICKY += ["a\rb", "a\nb", "a\r\nb", "\x00", "\x00=1", "\ufeff", "\ufeff=1", "'\ufeff=1", "\uff1d1"]
TRICKY += [
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    "\u200b=1",
    "=cmd|' /C calc'!A0",
    "|",
    '"',
    '""',
    'a"b',
    ",",
]
TRICKY += [
    "007",
    "1E5",
    "1e5",
    "1_000",
    "+5",
    " 5",
    "5",
    "5.0",
    "NA",
    "nan",
    "None",
    "null",
    "NULL",
]
TRICKY += [
    "true",
    "inf",
    "-inf",
    "-0",
    "#N/A",
    "\u2028",
    "\x85",
    "\x1a",
    "\U0001f372",
    "2024-01-01",
]
texts = st.sampled_from(TRICKY) | TEXT
cells = st.none() | texts
wholes = st.integers(-(2**63), 2**63 - 1)
floats = st.floats()
EDGES = [
    -0.0,
    0.0,
    5e-324,
    -5e-324,
    0.1,
    1e22,
    1e16,
    1.5,
    1e300,
    2.0**53 + 2,
    np.inf,
    -np.inf,
    np.nan,
]


@st.composite
def columns(draw, rows):
    """A column of any kind that is promised to come back."""

    def values(of, dtype):
        return pd.Series(draw(st.lists(of, min_size=rows, max_size=rows)), dtype=dtype)

    kind = draw(st.sampled_from(["text", "object", "kinds", "numbers", "int", "float", "bool"]))
    if kind in ("kinds", "numbers"):
        labels = draw(st.lists(texts if kind == "kinds" else wholes, unique=True, max_size=5))
        codes = st.integers(-1, len(labels) - 1)
        labels = pd.Index(labels, dtype="str" if kind == "kinds" else "int64")
        dtype = pd.CategoricalDtype(labels, draw(st.booleans()))
        codes = draw(st.lists(codes, min_size=rows, max_size=rows))
        return pd.Series(pd.Categorical.from_codes(codes, dtype=dtype))
    if kind in ("text", "object"):
        return values(cells, text_dtype() if kind == "text" else "object")
    if kind == "int":
        return values(wholes, "int64")
    if kind == "float":
        return values(st.sampled_from(EDGES) | floats, "float64")
    return values(st.booleans(), "bool")


@st.composite
def data_frames(draw):
    rows = draw(st.integers(0, 6))
    names = draw(st.lists(texts, unique=True, min_size=1, max_size=5))
    frame = pd.DataFrame(dict(enumerate(draw(columns(rows)) for _ in names)))
    return frame.set_axis(pd.Index(names, dtype="str"), axis=1)


def same(got, expected):
    """Whether two frames are the same to the last bit of a float."""
    pd.testing.assert_frame_equal(got, expected, check_exact=True)
    for name in expected.columns[expected.dtypes == "float64"]:
        ours, theirs = got[name].to_numpy(), expected[name].to_numpy()
        assert (np.signbit(ours) == np.signbit(theirs))[~np.isnan(theirs)].all()


@pytest.fixture
def there_and_back(tmp_path):
    def there_and_back(frame, **options):
        table_schema.write_csv(frame, tmp_path / "t.csv", **options)
        return table_schema.read_csv(tmp_path / "t.csv")

    return there_and_back


@pytest.fixture
def refusal(tmp_path):
    """A function that reads a file and gives the one line of its refusal, without the folder."""

    def refusal(path, **options):
        with pytest.raises(FileError) as caught:
            table_schema.read_csv(path, **options)
        line = str(caught.value)
        assert len(line.splitlines()) == 1 and line.endswith(".")
        return line.replace(f"{tmp_path}/", "")

    return refusal


# --- There and back -----------------------------------------------------------------------------


@given(data_frames(), st.booleans())
def test_a_frame_of_any_text_and_any_number_comes_back_as_it_was(there_and_back, frame, raw):
    before = frame.copy(deep=True)
    same(there_and_back(frame, raw=raw), frame)
    pd.testing.assert_frame_equal(frame, before)


@given(st.lists(cells, max_size=8), st.booleans(), st.booleans())
def test_a_single_column_keeps_missing_and_empty_text_apart(there_and_back, values, raw, kinds):
    frame = pd.DataFrame({"only": pd.Series(values, dtype=text_dtype())})
    same(there_and_back(frame, raw=raw), frame)
    if kinds:
        labels = pd.Index(frame["only"].dropna().unique(), dtype="str")
        frame = frame.astype(pd.CategoricalDtype(labels))
        same(there_and_back(frame, raw=raw), frame)


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("text", TRICKY)
def test_a_text_comes_back_as_cell_name_and_category(there_and_back, text, raw):
    frame = pd.DataFrame({text: [text, None, "x"], "k": pd.Categorical([text, "x", None])})
    same(there_and_back(frame, raw=raw), frame)


@pytest.mark.parametrize(
    "dtype",
    ["int8", "uint8", "int32", "uint64", "float32", "Int64", "UInt16", "Float64", "Float32"]
    + ["boolean", "string"],
)
def test_every_type_comes_back_as_itself(there_and_back, dtype):
    values = {"boolean": [True, False, None], "string": ["", "NA", None]}.get(dtype, [0, 100, 7])
    if dtype[0] in "IUF":
        values[2] = None
    frame = pd.DataFrame({"x": pd.Series(values, dtype=dtype), "y": 1})
    same(there_and_back(frame), frame)


def test_whole_numbers_beyond_2_to_the_53_and_all_float32_digits_stay(there_and_back):
    frame = pd.DataFrame({"n": [2**53 + 1, -(2**63)], "u": np.array([2**64 - 1, 0], "uint64")})
    frame["x"] = np.array([0.1, 16777216.0], "float32")
    same(there_and_back(frame), frame)


@pytest.mark.parametrize("frame", [pd.DataFrame(index=range(3)), pd.DataFrame({"a": []})])
def test_a_frame_without_columns_or_rows_keeps_its_size(there_and_back, frame):
    assert there_and_back(frame).shape == frame.shape


def test_two_columns_of_one_name_both_come_back(there_and_back):
    frame = pd.DataFrame([[1, 2.5]]).set_axis(["x", "x"], axis=1)
    assert there_and_back(frame).to_numpy().tolist() == [[1, 2.5]]


def test_columns_of_several_kinds_come_back_as_text(there_and_back):
    frame = pd.DataFrame({"x": pd.Series([1, True, "-5", -5, None], dtype=object), "y": 0})
    assert there_and_back(frame)["x"].isna().tolist() == [False] * 4 + [True]
    assert there_and_back(frame)["x"].tolist()[:4] == ["1", "True", "-5", "-5"]


def test_a_row_longer_than_a_block_and_a_row_across_blocks_come_back(there_and_back, monkeypatch):
    monkeypatch.setattr(csv_text, "BLOCK", 1000)
    frame = pd.DataFrame({"a": ["x" * 300, 'y"\r\n,' * 100, "z" * 300_000], "b": [1, 2, 3]})
    same(there_and_back(frame), frame)
    frame = pd.DataFrame({"a": ["some\ntext, here"] * 500, "b": range(500)})
    same(there_and_back(frame), frame)


def test_every_frame_of_a_run_and_a_comparison_comes_back(tmp_path):
    rush = kt.Scenario.load("rush")
    run = kt.simulate(rush, replications=3)
    for raw in (False, True):
        for path in run.to_csv(tmp_path, raw=raw):
            same(table_schema.read_csv(path), getattr(run, path.stem))
    table = kt.compare(rush, ["discard newcomer", "random"], replications=5)
    for name in ("frame", "paired", "pairs", "summaries"):
        table_schema.write_csv(getattr(table, name), tmp_path / "t.csv")
        same(table_schema.read_csv(tmp_path / "t.csv"), getattr(table, name))


# --- The schema ---------------------------------------------------------------------------------


def test_a_schema_says_what_every_column_is(tmp_path):
    frame = pd.DataFrame(
        {
            "shelf": pd.Categorical(["=b", None], categories=["=b", "a"], ordered=True),
            "left_s": [1.5, np.nan],
            "moves": [1, 2],
            "@name": pd.array(["x", ""], text_dtype()),
        }
    )
    table_schema.write_csv(frame, tmp_path / "My Orders.csv")
    data = (tmp_path / "My Orders.csv").read_bytes()
    assert data.decode() == "shelf,left_s,moves,'@name\n'=b,1.5,1,x\n,,2,\"\"\n"
    assert json.loads((tmp_path / "My Orders.csv.schema.json").read_text()) == {
        "$schema": "https://datapackage.org/profiles/2.0/dataresource.json",
        "type": "table",
        "name": "my-orders",
        "path": "My Orders.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n"},
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "rows": 2,
        "guarded": True,
        "schema": {
            "fields": [
                {
                    "name": "shelf",
                    "type": "string",
                    "dtype": "category",
                    "categories": ["'=b", "a"],
                    "categoriesOrdered": True,
                },
                {"name": "left_s", "type": "number", "dtype": "float64", "unit": "s"},
                {"name": "moves", "type": "integer", "dtype": "int64"},
                {"name": "'@name", "type": "string", "dtype": str(text_dtype())},
            ],
            "missingValues": [""],
        },
    }


def test_a_file_and_its_schema_may_be_renamed_together(tmp_path):
    frame = pd.DataFrame({"id": ["007", "1E5"]})
    table_schema.write_csv(frame, tmp_path / "a.csv")
    for suffix in ("", table_schema.SUFFIX):
        (tmp_path / f"a.csv{suffix}").rename(tmp_path / f"b.csv{suffix}")
    same(table_schema.read_csv(tmp_path / "b.csv"), frame)


GOOD = {"hash": "", "rows": 1, "guarded": True}


@pytest.mark.parametrize(
    ("schema", "line"),
    [
        ([], "must be a table of keys and values, got []."),
        ({}, "the key schema is missing."),
        ({"schema": {"fields": 1}}, "schema: fields: must be a list, got 1."),
        ({"schema": {"fields": [1]}}, "fields[0]: must be a table of keys and values, got 1."),
        (
            {"schema": {"fields": [{"name": "x", "type": "integr"}]}},
            "fields[0]: type 'integr' is unknown. Did you mean 'integer'? There are: integer, number, ",
        ),
        (
            {"schema": {"fields": [{"name": "x", "type": "integer", "dtype": "str"}]}},
            "fields[0]: dtype 'str' is unknown.",
        ),
        ({"schema": {"fields": [{"type": "string"}]}}, "fields[0]: the key name is missing."),
        (
            {
                "schema": {
                    "fields": [
                        {"name": "x", "type": "string", "categories": ["a", "a"]}
                        | {"categoriesOrdered": True}
                    ]
                }
            },
            "fields[0]: categories: must be different texts ",
        ),
        ({**GOOD, "hash": 5, "schema": {"fields": []}}, "hash: must be text, got 5."),
        (
            {**GOOD, "rows": True, "schema": {"fields": []}},
            "rows: must be a whole number, got true.",
        ),
    ],
)
def test_a_schema_with_a_fault_is_refused_with_its_place(tmp_path, refusal, schema, line):
    (tmp_path / "a.csv").write_text("x\n1\n")
    (tmp_path / "a.csv.schema.json").write_text(json.dumps(schema))
    assert refusal(tmp_path / "a.csv").startswith(f"a.csv.schema.json: {line}")


# --- Changed files ------------------------------------------------------------------------------


@pytest.fixture
def orders(tmp_path):
    frame = pd.DataFrame(
        {
            "order_id": ["007", "1E5", "NA"],
            "temp": pd.Categorical(["hot", "cold", None], ["hot", "cold"], ordered=True),
            "moves": [0, 1, 2],
            "value": [0.5, np.nan, 1.0],
            "ok": [True, False, True],
        }
    )
    table_schema.write_csv(frame, tmp_path / "orders.csv")
    return tmp_path / "orders.csv"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("1E5", "1.00E+05", "was changed after it was written. A spreadsheet "),
        ("007", "7", "was changed after it was written. "),
        (
            "NA,,2,1.0,true\n",
            "",
            "was changed after it was written. 3 rows were written, now there are 2.",
        ),
        ("moves", "Moves", "row 1: column 3 must be 'moves', as in its schema, got 'Moves'."),
        (",ok", "", "row 1: has 4 columns, its schema has 5."),
        (",ok", ",ok,more", "row 1: has 6 columns, its schema has 5."),
        (",", ";", "row 1: column 1 must be 'order_id', as in its schema, got 'order_id;temp;"),
        (",0.5,true", ",0,5,true", "row 2: has 6 cells, the header has 5. "),
        (",1,,false", ",1", "row 3: has 3 cells, the header has 5. "),
        ("hot,0", "hot,0.5", "row 2, moves: must be a whole number (int64), got '0.5'."),
        ("hot,0", "hot,", "row 2, moves: must be a whole number (int64), is empty."),
        (
            ",2,1.0",
            ",99999999999999999999,1.0",
            "row 4, moves: must be a whole number (int64), got '9999",
        ),
        ("1.0", "x=", "row 4, value: must be a number (float64), got 'x='."),
        ("false", "no", "row 3, ok: must be true or false (bool), got 'no'."),
        ("cold", "warm", "row 3, temp: must be one of 'hot', 'cold', got 'warm'."),
        ("007", '"007', "line 2: not CSV: a double quote is never closed."),
        ("007", '"0"07', "line 2: not CSV: text stands beside a double quote."),
        ("007", '0"0"7', "line 2: not CSV: text stands beside a double quote."),
    ],
)
def test_a_change_is_told_with_its_place(orders, refusal, old, new, line):
    text = orders.read_text()
    assert old in text
    orders.write_text(text.replace(old, new))
    assert refusal(orders).startswith(f"orders.csv: {line}")
    if not line.startswith("was changed"):
        assert refusal(orders, edited=True).startswith(f"orders.csv: {line}")


def test_bytes_that_are_not_utf_8_are_told_with_their_place(orders, refusal):
    orders.write_bytes(orders.read_bytes().replace(b"1E5", b"\xff"))
    assert refusal(orders).startswith("orders.csv: byte 48 (line 3) is 0xff, which is not UTF-8.")
    orders.write_bytes(b"\xff")
    assert refusal(orders).startswith("orders.csv: byte 0 (line 1) is 0xff")


def test_an_edited_file_is_read_by_its_schema_on_request(orders):
    text = orders.read_text().replace("NA,,2,1.0,true\n", "5,hot,7,3,TRUE\n\n")
    orders.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    read = table_schema.read_csv(orders, edited=True)
    assert read["order_id"].tolist() == ["007", "1E5", "5"]
    assert read["temp"].cat.ordered and read["temp"].tolist() == ["hot", "cold", "hot"]
    assert read["value"].tolist()[2] == 3.0 and read["ok"].tolist() == [True, False, True]


def test_a_schema_that_was_left_behind_by_another_file_is_noticed(orders, refusal):
    csv_text.write_csv(table_schema.read_csv(orders).iloc[:2], orders)
    assert "3 rows were written, now there are 2." in refusal(orders)


# --- Without a schema ---------------------------------------------------------------------------


def guessed(folder, text, **options):
    (folder / "g.csv").write_bytes(text.encode())
    return table_schema.read_csv(folder / "g.csv", **options)


@pytest.mark.parametrize(
    ("column", "dtype"),
    [
        (["1", "-2", "0"], "int64"),
        (["1.0", "", "-0.0"], "float64"),
        (["1e+300", "5e-324", "inf"], "float64"),
        (["true", "false", "true"], "bool"),
        (["9223372036854775807", "1", "1"], "int64"),
        *[
            ([cell, "1", "2"], "str")
            for cell in ("007", "1E5", "1_000", "+5", " 5", "NA", "-0", "0x1")
        ],
        (["1", "2.0", "3"], "str"),
        (["1", "", "3"], "str"),
        (["9223372036854775808", "1", "1"], "str"),
        (["1.50", "1.0", "1.0"], "str"),
        (["nan", "1.0", "1.0"], "str"),
        (["True", "true", "true"], "str"),
        (["'-5", "'-6", "'-7"], "str"),
        (["", "", ""], "str"),
    ],
)
def test_without_a_schema_only_what_we_write_as_a_number_is_one(tmp_path, column, dtype):
    read = guessed(tmp_path, "a,b\n" + "".join(f"{cell},x\n" for cell in column))
    assert read["a"].dtype == (text_dtype() if dtype == "str" else dtype)
    texts = [None if isinstance(v, float) and np.isnan(v) else v for v in read["a"].tolist()]
    if dtype == "str":
        assert texts == [csv_text.exposed(cell) or None for cell in column]
    else:
        assert texts == [json.loads(c.replace("inf", "Infinity")) if c else None for c in column]


def test_a_number_far_down_makes_no_column_a_number(tmp_path):
    read = guessed(tmp_path, "a\n" + "1\n" * 500 + "007\n")
    assert read["a"].tolist() == ["1"] * 500 + ["007"]


def test_without_a_schema_empty_text_and_nothing_stay_apart(tmp_path):
    assert guessed(tmp_path, 'a,b\n"",x\n,y\n')["a"].isna().tolist() == [False, True]


def test_apostrophes_go_without_a_schema_unless_the_file_is_raw(tmp_path):
    text = "'=n,b\n'=1,'Tis\n''x,y\n"
    assert guessed(tmp_path, text).to_dict("list") == {"=n": ["=1", "'x"], "b": ["'Tis", "y"]}
    raw = {"'=n": ["'=1", "''x"], "b": ["'Tis", "y"]}
    assert guessed(tmp_path, text, raw=True).to_dict("list") == raw


@given(data_frames())
def test_text_that_is_no_number_survives_without_a_schema(tmp_path_factory, frame):
    path = tmp_path_factory.getbasetemp() / "bare.csv"
    csv_text.write_csv(frame, path)
    if frame.columns[0] == "" and len(frame.columns) == 1:
        return
    read = table_schema.read_csv(path)
    assert read.columns.tolist() == frame.columns.tolist() and len(read) == len(frame)
    for index in range(frame.shape[1] if frame.shape[1] > 1 else 0):
        ours, theirs = read.iloc[:, index], frame.iloc[:, index].astype(object)
        if ours.dtype == text_dtype():
            assert [None if pd.isna(v) else v for v in ours] == [
                None if pd.isna(v) else str(v) for v in theirs
            ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "the file is empty."),
        ("\n\n", "the file is empty."),
        ("a,b,a\n", "the column 'a' is there twice."),
        ("a,b\n1\n", "row 2: has 1 cells, the header has 2."),
        ("a,b\n1,2\n1,2,3\n", "row 3: has 3 cells, the header has 2."),
        ('a,b\n1,"x\n', "line 2: not CSV: a double quote is never closed."),
        ('a,b\n1,"x"y\n', "line 2: not CSV: text stands beside a double quote."),
    ],
)
def test_csv_with_a_fault_is_refused_with_its_place(tmp_path, refusal, text, line):
    (tmp_path / "menu.csv").write_text(text)
    assert refusal(tmp_path / "menu.csv").startswith(f"menu.csv: {line}")


def test_a_file_that_is_not_there_is_refused(tmp_path, refusal):
    assert refusal(tmp_path / "no.csv") == "no.csv: there is no such file."


# Examples


def test_the_examples_of_the_docstrings_run():
    result = doctest.testmod(table_schema)
    assert result.attempted >= 5 and result.failed == 0
