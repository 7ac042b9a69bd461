"""Reading and writing files safely."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.versions import TO_LAST_BIT

from kitchen.errors import FileError
from kitchen.io import csv_text, read, write

PACKAGE = Path(read.__file__).parents[2]
PLAIN_TEXT = st.text(st.characters(codec="utf-8"))
TRICKY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00", "\x1b[2J", "\x7f", "\x85"]
TRICKY += ["  =1", "\u00a0=1", "\uff1d1", "\ufeff=1", "\u200b=1", "\u202eabc", "'", "'=1", "''"]
HARMLESS = ["Pizza", "7-Up", "Mac & Cheese = good", "Crème", "(cold)", "", " ", "é=1", "1e5", "007"]


@pytest.fixture
def refusal(tmp_path):
    """A function that calls another and gives the one line of its refusal, without the folder."""

    def refusal(function, *given_, **options):
        with pytest.raises(FileError) as caught:
            function(*given_, **options)
        line = str(caught.value)
        assert len(line.splitlines()) == 1 and line.endswith(".")
        return line.replace(f"{tmp_path}/", "")

    return refusal


@pytest.fixture
def put(tmp_path):
    """A function that makes a file of the given text or bytes."""

    def put(content, name="menu.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


# --- Reading text -------------------------------------------------------------------------------


def test_text_is_read_without_its_byte_order_mark_and_with_its_line_ends(put):
    assert read.read_text(put(b"\xef\xbb\xbfa\r\nb\n\xc3\xa9")) == "a\r\nb\né"
    assert read.read_text(str(put("\ufeff\ufeffa"))) == "\ufeffa"
    assert read.read_text(put(b"")) == ""


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"one line\nCr\xe9me", "byte 11 (line 2) is 0xe9"),
        (b"\xff\xfea\x00", "byte 0 (line 1) is 0xff"),
        (b"\xef\xbb\xbf\n\n\x80", "byte 5 (line 3) is 0x80"),
        (b"cut \xe2\x82", "byte 4 (line 1) is 0xe2"),
        (b"half of a pair \xed\xa0\x80", "byte 15 (line 1) is 0xed"),
        (b"overlong \xc0\xaf", "byte 9 (line 1) is 0xc0"),
    ],
)
def test_a_byte_that_is_not_utf8_is_named_with_its_place(put, refusal, data, line):
    assert refusal(read.read_text, put(data)) == (
        f"menu.json: {line}, which is not UTF-8. Save the file as UTF-8."
    )


@pytest.mark.parametrize("read", [read.read_text, read.read_json, read.read_toml])
def test_what_is_no_file_is_refused_in_one_line(tmp_path, refusal, read):
    (tmp_path / "folder").mkdir()
    assert refusal(read, tmp_path / "menu") == "menu: there is no such file."
    assert refusal(read, tmp_path / "folder") == "folder: is a folder. Give the name of a file."
    assert "cannot be the name of a file" in refusal(read, "a\x00b")
    assert "cannot be the name of a file" in refusal(read, 3)
    assert refusal(
        read, tmp_path / "a\nb"
    ) == f"'{tmp_path}/a\\nb': there is no such file.".replace(f"{tmp_path}/", "")


def test_a_failure_while_reading_is_told_in_one_line(refusal):
    path = "/proc/self/mem"
    if not os.path.exists(path):
        pytest.skip("there is no file here that can be opened and fails when it is read")
    assert refusal(read.read_text, path).startswith("/proc/self/mem: cannot be read: ")


# --- Reading JSON -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "the file is empty. It should hold JSON."),
        (" \n", "the file is empty. It should hold JSON."),
        ('{"a": 1, "b": 2, "a": 3}', "the key 'a' is there twice in the object {'a': 3, 'b': 2}. "),
        ('[{"a": {"b": 1, "b": 1}}]', "the key 'b' is there twice in the object {'b': 1}. "),
        ("[NaN]", "NaN is not a number of JSON."),
        ("[-Infinity]", "-Infinity is not a number of JSON."),
        ("[1e999]", "the number 1e999 is too large for a float64."),
        ("[-1e999]", "the number -1e999 is too large for a float64."),
        ("9" * 310, "the number 999"),
        ("9" * 9999, "the number 999"),
        ('[\n{"a": 1,\n "b" 2}]', "line 3, column 6: not JSON: expecting ':' delimiter."),
        (
            "[1, 2",
            "line 1, column 6: not JSON: expecting ',' delimiter. The text seems to be cut off.",
        ),
        ('["a', "line 1, column 2: not JSON: unterminated string starting at. The text seems"),
        ("[1,]", "line 1, column "),
        ("{'a': 1}", "line 1, column 2: not JSON: "),
        ('["a\tb"]', "line 1, column 4: not JSON: invalid control character at."),
        ("[1] 2", "line 1, column 5: not JSON: extra data. Correct it there."),
        ('"\\ud800"', r"the text: '\ud800' holds half of a surrogate pair"),
        ('[0, {"a": "\\uDFFF"}]', r"[1].a: '\udfff' holds half of a surrogate pair"),
        ('{"a": {"\\ud83d": 1}}', r"a: the key '\ud83d': '\ud83d' holds half of a surrogate pair"),
        ("[" * 100_000, "the JSON is nested too deeply to be read."),
        ('{"a":' * 100_000, "the JSON is nested too deeply to be read."),
    ],
    ids=lambda value: value[:20].encode("unicode_escape").decode(),
)
def test_json_that_has_no_one_meaning_is_refused(put, refusal, text, line):
    assert refusal(read.read_json, put(text)).startswith(f"menu.json: {line}")


def test_json_that_is_cut_off_anywhere_is_refused(put, refusal):
    text = '{"orders": [{"id": "a\\n", "shelfLife": 1.5e0, "temp": null}, {}]}'
    for length in range(len(text)):
        assert refusal(read.read_json, put(text[:length])).startswith("menu.json: ")
    assert read.read_json(put(text)) == json.loads(text)


def test_a_surrogate_pair_is_one_character(put):
    assert read.read_json(put('{"\\ud83c\\udf55": ["\\ud83c\\udf55"]}')) == {"🍕": ["🍕"]}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | PLAIN_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_what_is_written_as_json_is_what_is_read(tmp_path_factory, value):
    path = tmp_path_factory.getbasetemp() / "value.json"
    write.write_json(value, path)
    assert repr(read.read_json(path)) == repr(json.loads(path.read_text(encoding="utf-8")))
    assert read.read_json(path) == value


# --- Reading TOML -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb =\n", "line 2, column 4: not TOML: invalid value."),
        ("a = 1\na = 2\n", "line 2, column 6: not TOML: cannot overwrite a value."),
        ('a = "x', "at the end: not TOML: "),
        ("a = [1,", "at the end: not TOML: "),
        ('a = "\\ud800"', "line 1, column "),
        ("a = " + "9" * 9999, "not TOML: exceeds the limit"),
        ("a = " + "[" * 100_000, "the TOML is nested too deeply to be read."),
    ],
    ids=lambda value: value[:20].encode("unicode_escape").decode(),
)
def test_toml_with_a_fault_is_refused_with_its_place(put, refusal, text, line):
    assert refusal(read.read_toml, put(text, "rush.toml")).startswith(f"rush.toml: {line}")


def test_toml_may_have_a_byte_order_mark_and_windows_line_ends(put):
    path = put('\ufeff[a]\r\nb = "Crème"\r\n')
    assert read.read_toml(path) == {"a": {"b": "Crème"}}


# --- Writing at once or not at all --------------------------------------------------------------


def test_the_new_file_appears_only_when_it_is_complete(tmp_path):
    path = tmp_path / "out.svg"
    path.write_text("old")
    with write.atomic(path) as temporary:
        assert temporary.parent == tmp_path and temporary.suffix == ".svg"
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new" and names_in(tmp_path) == ["out.svg"]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("before", ["old", None])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, failure, before):
    path = tmp_path / "out.csv"
    if before:
        path.write_text(before)
    with pytest.raises(failure), write.atomic(path) as temporary:
        temporary.write_text("half")
        raise failure
    assert names_in(tmp_path) == (["out.csv"] if before else [])
    assert not before or path.read_text() == before


def test_an_error_of_the_system_becomes_one_line(tmp_path, refusal):
    def fails():
        with write.atomic(tmp_path / "out.csv"):
            raise OSError(28, "No space left on device")

    assert refusal(fails) == (
        "out.csv: cannot be written: No space left on device. Nothing was changed."
    )
    assert names_in(tmp_path) == []


def test_the_content_is_on_the_disk_before_it_takes_the_name(tmp_path, monkeypatch):
    done = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        note = lambda *given_, name=name, real=real: (done.append(name), real(*given_))  # noqa: E731
        monkeypatch.setattr(write.os, name, note)
    write.write_text("new", tmp_path / "out")
    assert done[:2] == ["fsync", "replace"] and (tmp_path / "out").read_text() == "new"


def test_a_writer_that_loses_its_file_does_not_destroy_the_old_one(tmp_path, refusal):
    (tmp_path / "out.csv").write_text("old")

    def fails():
        with write.atomic(tmp_path / "out.csv") as temporary:
            temporary.unlink()

    assert "cannot be written" in refusal(fails)
    assert (tmp_path / "out.csv").read_text() == "old"


def test_what_is_no_place_for_a_file_is_refused(tmp_path, refusal):
    (tmp_path / "folder").mkdir()
    put = write.write_text
    assert refusal(put, "x", tmp_path / "folder") == (
        "folder: cannot be written: it is a folder. Give the name of a file."
    )
    assert "there is no folder" in refusal(put, "x", tmp_path / "missing" / "out.csv")
    assert "this is the name of a folder" in refusal(put, "x", f"{tmp_path}/missing/")
    assert "it is a folder" in refusal(put, "x", "")
    assert "cannot be the name of a file" in refusal(put, "x", "a\x00b")
    assert "cannot be the name of a file" in refusal(put, "x", 3)
    assert "cannot be written" in refusal(put, "x", tmp_path / ("x" * 300))
    assert names_in(tmp_path) == ["folder"] and names_in(tmp_path / "folder") == []


@pytest.mark.skipif(not os.path.exists(os.devnull) or os.name != "posix", reason="needs /dev/null")
def test_a_device_is_not_replaced_by_a_file(refusal):
    assert "it is not an ordinary file" in refusal(write.write_text, "x", os.devnull)
    assert not os.path.isfile(os.devnull)


def test_a_file_that_may_not_be_written_is_left_alone(tmp_path, refusal, monkeypatch):
    path = tmp_path / "out.csv"
    path.write_text("old")
    path.chmod(0o444)
    if os.access(path, os.W_OK):  # the superuser may write anything; ask as somebody else would
        monkeypatch.setattr(write.os, "access", lambda *_: False)
    assert "cannot be written: Permission denied" in refusal(write.write_text, "new", path)
    assert path.read_text() == "old" and names_in(tmp_path) == ["out.csv"]


@pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX")
def test_permissions_and_symbolic_links_stay_as_they_were(tmp_path):
    kept, link, fresh, other = (tmp_path / name for name in ("kept", "link", "fresh", "other"))
    kept.write_text("old")
    kept.chmod(0o640)
    link.symlink_to(kept)
    write.write_text("new", link)
    assert link.is_symlink() and kept.read_text() == "new"
    assert kept.stat().st_mode & 0o777 == 0o640
    write.write_text("new", fresh)
    other.write_text("made by Python")
    assert fresh.stat().st_mode == other.stat().st_mode


WRITERS_ON_A_FULL_DISK = """
import os, resource, signal, sys
import numpy as np, pandas as pd
from kitchen.io import csv_text, write
from kitchen.errors import FileError

folder = sys.argv[1]
numbers = np.random.default_rng(1).random(20_000)
frame = pd.DataFrame({"a": numbers, "b": ["text"] * 20_000})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
for write, value in [
    (csv_text.write_csv, frame),
    (write.write_parquet, frame),
    (write.write_json, numbers),
    (write.write_text, "x" * 20_000),
]:
    try:
        write(value, os.path.join(folder, "out"))
    except FileError as error:
        print(error)
"""


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    pytest.importorskip("resource", reason="this system cannot limit the size of a file")
    (tmp_path / "out").write_text("old")
    code = [sys.executable, "-W", "error", "-c", WRITERS_ON_A_FULL_DISK, str(tmp_path)]
    done = subprocess.run(code, capture_output=True, text=True, cwd=PACKAGE)
    line = f"{tmp_path}/out: cannot be written: File too large. Nothing was changed."
    assert done.stderr == "" and done.stdout.splitlines() == [line] * 4
    assert names_in(tmp_path) == ["out"] and (tmp_path / "out").read_text() == "old"


@pytest.mark.parametrize("put", [write.write_text, write.write_json])
def test_half_a_surrogate_pair_is_not_written(tmp_path, refusal, put):
    assert refusal(put, "x\ud800", tmp_path / "out") == (
        r"out: cannot be written: '\ud800' is half of a surrogate pair, which is no character."
    )
    assert names_in(tmp_path) == []


# --- Writing CSV --------------------------------------------------------------------------------


def written(frame, folder, **options):
    """The text of the CSV file of a frame."""
    csv_text.write_csv(frame, folder / "out.csv", **options)
    return (folder / "out.csv").read_bytes().decode()


def test_a_csv_file_byte_for_byte(tmp_path):
    frame = pd.DataFrame(
        {
            "strategy": pd.Categorical(["a, b", "c"]),
            "order": [-1, 2**62],
            "value": [-0.0, 0.1],
            "left_s": [3.0, np.nan],
            "name": ['Soup "hot"', None],
            "ok": [True, False],
        },
        index=[7, 9],
    )
    assert written(frame, tmp_path) == (
        "strategy,order,value,left_s,name,ok\n"
        '"a, b",-1,-0.0,3.0,"Soup ""hot""",true\n'
        "c,4611686018427387904,0.1,,,false\n"
    )


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=50))
def test_every_float_comes_back_as_it_was(tmp_path_factory, values):
    path = tmp_path_factory.getbasetemp() / "floats.csv"
    csv_text.write_csv(pd.DataFrame({"x": values}), path)
    cells = path.read_text().splitlines()[1:]
    assert [np.float64(cell).tobytes() for cell in cells] == [
        np.float64(v).tobytes() for v in values
    ]
    assert all(len(cell.lower().strip("+-")) <= 24 for cell in cells)


def test_small_floats_are_written_with_their_own_digits(tmp_path):
    frame = pd.DataFrame({"x": np.array([0.1, 2.0], "f4")})
    assert written(frame, tmp_path) == "x\n0.1\n2.0\n"


def test_a_frame_comes_back_from_csv_as_it_was(tmp_path):
    random = np.random.default_rng(3)
    rows = 2 * csv_text.CSV_ROWS + 17  # so that several pieces are written
    frame = pd.DataFrame(
        {
            "replication": np.arange(rows),
            "name": random.choice(["Pizza", "Soup, hot", 'a "b"', "two\nlines"], rows),
            "value": random.random(rows) * 10.0 ** random.integers(-20, 20, rows),
            "whole": random.integers(0, 9, rows).astype(float),
        }
    )
    frame.loc[::7, "value"] = np.nan
    before = frame.copy(deep=True)
    csv_text.write_csv(frame, tmp_path / "out.csv")
    read = pd.read_csv(tmp_path / "out.csv", **TO_LAST_BIT)
    pd.testing.assert_frame_equal(read, frame, check_exact=True)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("text", TRICKY)
def test_text_that_a_spreadsheet_might_run_gets_an_apostrophe(tmp_path, text):
    frame = pd.DataFrame({text: [text], "kind": pd.Categorical([text]), "any": [text]})
    frame["any"] = frame["any"].astype(object)
    rows = list(csv.reader(io.StringIO(written(frame, tmp_path), newline="")))
    assert rows == [[f"'{text}", "kind", "any"], [f"'{text}"] * 3]
    rows = list(csv.reader(io.StringIO(written(frame, tmp_path, raw=True), newline="")))
    assert rows == [[text, "kind", "any"], [text] * 3]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_written_as_it_is(text):
    assert csv_text.harmless(text) == text == csv_text.exposed(text)


def test_an_apostrophe_that_was_not_ours_stays():
    assert csv_text.exposed("'Tis Soup") == "'Tis Soup"
    assert csv_text.exposed("''Tis Soup") == "'Tis Soup"


@given(PLAIN_TEXT, st.sampled_from(["", *TRICKY, *HARMLESS]))
def test_protection_can_always_be_undone(text, start):
    text = start + text
    assert csv_text.exposed(csv_text.harmless(text)) == text
    assert csv_text.harmless(text)[:1] not in tuple("=+-@\t\r\n")


def test_numbers_are_the_same_with_and_without_protection(tmp_path):
    frame = pd.DataFrame(
        {
            "a": [-1, -2],
            "b": [-1.5, float("-inf")],
            "c": pd.array([-3, None], "Int64"),
            "d": pd.array([-1.0, None], "Float64"),
            "e": pd.Series([-5, "-5"], dtype=object),
            "f": pd.Categorical([-2, -3]),
        }
    )
    assert written(frame, tmp_path, raw=True) == (
        "a,b,c,d,e,f\n-1,-1.5,-3,-1.0,-5,-2\n-2,-inf,,,-5,-3\n"
    )
    assert written(frame, tmp_path) == "a,b,c,d,e,f\n-1,-1.5,-3,-1.0,-5,-2\n-2,-inf,,,'-5,-3\n"


def test_values_that_are_equal_but_not_the_same_are_told_apart(tmp_path):
    frame = pd.DataFrame({"x": pd.Series([1, True, 1.0, "1", None], dtype=object), "y": 0})
    assert written(frame, tmp_path) == "x,y\n1,0\nTrue,0\n1.0,0\n1,0\n,0\n"


def test_an_empty_frame_is_a_header(tmp_path):
    columns = {"a": pd.Series([], dtype="float64"), "b": pd.Categorical([], categories=["x"])}
    assert written(pd.DataFrame(columns), tmp_path) == "a,b\n"
    assert written(pd.DataFrame(), tmp_path) == "\n"
    assert written(pd.DataFrame({"a": [None, None]}), tmp_path) == 'a\n""\n""\n'


def test_empty_text_has_quotes_and_nothing_has_none(tmp_path):
    frame = pd.DataFrame({"a": ["", None], "b": pd.Categorical([None, ""]), "n": 1})
    assert written(frame, tmp_path) == 'a,b,n\n"",,1\n,"",1\n'


def test_a_name_that_begins_like_a_byte_order_mark_is_not_taken_for_one(tmp_path):
    frame = pd.DataFrame({"\ufeffa": ["\ufeffx"], "b": 1})
    assert written(frame, tmp_path, raw=True) == '"\ufeffa",b\n"\ufeffx",1\n'
    assert csv_text.read_cells(tmp_path / "out.csv").header == ["\ufeffa", "b"]
    assert written(frame, tmp_path) == "'\ufeffa,b\n'\ufeffx,1\n"


cells = st.none() | st.sampled_from(TRICKY + HARMLESS) | PLAIN_TEXT


@given(st.lists(st.tuples(cells, cells), max_size=6), st.booleans())
def test_any_text_comes_back_from_csv_as_it_was(tmp_path_factory, rows, as_category):
    path = tmp_path_factory.getbasetemp() / "text.csv"
    frame = pd.DataFrame({"a": [a for a, _ in rows], "b": [b for _, b in rows], "number": 1})
    if as_category:
        frame["a"] = frame["a"].astype("category")
    csv_text.write_csv(frame, path)
    with open(path, newline="", encoding="utf-8") as file:
        plain = list(csv.reader(file))
    assert [[*map(csv_text.exposed, row)] for row in plain] == [
        ["a", "b", "number"],
        *([a or "", b or "", "1"] for a, b in rows),
    ]
    found = csv_text.read_cells(path)
    assert found.header == plain[0]
    texts = [map(csv_text.exposed, column.fill_null("").to_pylist()) for column in found.columns]
    assert list(zip(*texts, strict=True)) == [(a or "", b or "", "1") for a, b in rows]


def test_half_a_surrogate_pair_is_not_written_as_csv_or_parquet(tmp_path, refusal):
    frame = pd.DataFrame({"a": pd.Series(["x\ud800"], dtype=object)})
    assert "half of a surrogate pair" in refusal(csv_text.write_csv, frame, tmp_path / "out")
    assert "cannot be written as Parquet" in refusal(write.write_parquet, frame, tmp_path / "out")
    frame = pd.DataFrame({"a": [1]}).set_axis(pd.Index(["x\ud800"], dtype=object), axis=1)
    assert "half of a surrogate pair" in refusal(csv_text.write_csv, frame, tmp_path / "out")
    assert names_in(tmp_path) == []


# --- Reading CSV --------------------------------------------------------------------------------


def test_rows_of_a_csv_carry_the_numbers_of_a_spreadsheet(put):
    path = put('\ufeffa,b\r\n1,"x\r\ny"\r\n\r\n,\r\n007,\'=1\r\n')
    found = csv_text.read_cells(path)
    assert found.header == ["a", "b"]
    texts = [column.to_pylist() for column in found.columns]
    assert texts == [["1", None, "007"], ["x\r\ny", None, "'=1"]]
    assert [found.where(row) for row in range(3)] == [
        f"{path}: row 2",
        f"{path}: row 4",
        f"{path}: row 5",
    ]


def test_a_cell_may_be_longer_than_a_block(put):
    long = "x" * (csv_text.BLOCK + 10)
    assert csv_text.read_cells(put(f"a\n{long}\n", "menu.csv")).columns[0].to_pylist() == [long]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "the file is empty."),
        ("\n\n", "the file is empty."),
        ("a,b\n1\n", "row 2: has 1 cells, the header has 2."),
        ("a,b\n1,2\n1,2,3\n", "row 3: has 3 cells, the header has 2."),
        ("a,b,a\n", "the column 'a' is there twice."),
        ('a,b\n1,"x\n', "line 2: not CSV: "),
        ('a,b\n1,"x"y\n', "line 2: not CSV: "),
        ('a,b\n1,2"x"\n', "line 2: not CSV: text stands beside a double quote."),
        ("a,b\n\n1,2\n\n1\n", "row 5: has 1 cells, the header has 2."),
        ("a" * 200_000, "line 1: not CSV: field larger than field limit"),
    ],
    ids=lambda value: value[:20].encode("unicode_escape").decode(),
)
def test_csv_with_a_fault_is_refused_with_its_place(put, refusal, text, line):
    assert refusal(csv_text.read_cells, put(text, "menu.csv")).startswith(f"menu.csv: {line}")


# --- Parquet and JSON ---------------------------------------------------------------------------


def test_a_frame_comes_back_from_parquet_as_it_was(tmp_path):
    kinds = pd.CategoricalDtype(["hot", "cold", "frozen"], ordered=True)
    frame = pd.DataFrame(
        {
            "order": np.arange(3),
            "temp": pd.Series(["cold", None, "hot"], dtype=kinds),
            "name": ["=1", "'x", None],
            "value": [0.1, np.nan, 5e-324],
        }
    )
    write.write_parquet(frame, tmp_path / "out.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.parquet"), frame)
    header, columns = read.read_parquet(tmp_path / "out.parquet")
    assert header == ["order", "temp", "name", "value"]
    assert columns["name"] == ["=1", "'x", None] and columns["temp"] == ["cold", None, "hot"]


def test_damage_to_any_page_of_a_parquet_file_is_noticed(tmp_path, refusal):
    path = tmp_path / "out.parquet"
    values = np.random.default_rng(0).random(500)
    write.write_parquet(pd.DataFrame({"value": values}), path)
    good = path.read_bytes()
    for place in range(100, 8 * len(values) - 100, 250):  # random numbers cannot be compressed
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert refusal(read.read_parquet, path).startswith("out.parquet: not Parquet, or damaged")
    path.write_bytes(good[: len(good) // 2])
    assert refusal(read.read_parquet, path).startswith("out.parquet: not Parquet, or damaged")


def test_columns_of_several_kinds_are_refused_for_parquet(tmp_path, refusal):
    frame = pd.DataFrame({"a": pd.Series([1, "x"], dtype=object)})
    assert "out.parquet: cannot be written as Parquet: " in refusal(
        write.write_parquet, frame, tmp_path / "out.parquet"
    )


def test_json_is_sorted_indented_and_ends_with_a_line_end(tmp_path):
    value = {"b": np.array([1.0, 2.5]), "a": np.int64(3), "c": {"é": np.float64(0.1)}}
    write.write_json(value, tmp_path / "out.json")
    assert (tmp_path / "out.json").read_bytes().decode() == (
        '{\n  "a": 3,\n  "b": [\n    1.0,\n    2.5\n  ],\n  "c": {\n    "é": 0.1\n  }\n}\n'
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float64("nan")])
def test_numbers_that_json_cannot_express_are_not_written(tmp_path, refusal, value):
    assert "out.json: cannot be written as JSON: " in refusal(
        write.write_json, {"a": [value]}, tmp_path / "out.json"
    )
    assert names_in(tmp_path) == []


# --- Text for pages -----------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"x": [0.1, np.nan, 1e300], "=t": pd.Categorical(["=1", None, 'a"\n,b'])}),
        pd.DataFrame({"n": np.arange(2 * csv_text.CSV_ROWS + 7)}),
        pd.DataFrame({"only": [None, "", "x"]}),
        pd.DataFrame({"x": []}),
        pd.DataFrame(),
    ],
    ids=["kinds", "many rows", "one column", "no rows", "nothing"],
)
def test_a_download_has_the_bytes_of_the_file(tmp_path, frame, raw):
    csv_text.write_csv(frame, tmp_path / "out.csv", raw=raw)
    assert csv_text.csv_bytes(frame, raw=raw) == (tmp_path / "out.csv").read_bytes()


def test_half_a_surrogate_pair_is_no_download(refusal):
    frame = pd.DataFrame({"x": pd.Series(["\ud800"], dtype=object)})
    assert "half of a surrogate pair" in refusal(csv_text.csv_bytes, frame)


KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
LISTS = st.lists(VALUES, max_size=40) | st.lists(st.floats(allow_nan=False), max_size=99)
TABLES = st.dictionaries(KEYS, VALUES | LISTS | st.dictionaries(KEYS, VALUES | LISTS, max_size=3))


@given(
    st.dictionaries(
        KEYS, VALUES | LISTS | TABLES | st.lists(TABLES, min_size=1, max_size=3), max_size=5
    )
)
def test_what_is_written_as_toml_is_what_is_read(value):
    assert read.tomllib.loads(write.toml_text(value)) == value


def test_what_has_no_value_is_left_out_of_toml():
    data = {"a": None, "b": 1, "t": {"c": None, "d": {"e": None}}, "s": [{"f": None}]}
    assert write.toml_text(data) == "b = 1\n\n[t]\nd = {}\n\n[[s]]\n"
