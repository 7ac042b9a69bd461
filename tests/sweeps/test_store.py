"""The folder of a sweep: what is done stays done, and nothing is mixed up."""

import os
import subprocess
import sys

import pyarrow as pa
import pytest

from kitchen.errors import FileError
from kitchen.sweeps import store
from kitchen.sweeps.store import opened

ASKED = {key: None for key in store.ESSENTIAL} | {
    "scenario": {"name": "rush", "rates": [1, 2]},
    "seed": 1,
}
TABLES = ("frame", "errors")


def part(nth):
    return {
        "frame": pa.table({"point": [2 * nth, 2 * nth + 1], "mean": [0.5, float("nan")]}),
        "errors": pa.table({"point": pa.array([nth], pa.int64()), "error": ["no"]}),
    }


def fill(folder, parts, of=3):
    with opened(folder, ASKED, TABLES, of) as kept:
        for nth in parts:
            kept.write(nth, part(nth))
        if not kept.missing():
            kept.finish()


def content(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_what_was_written_is_not_missing(tmp_path):
    fill(tmp_path / "s", [1])
    with opened(tmp_path / "s", ASKED, TABLES, 3) as kept:
        assert kept.missing() == [0, 2]


def test_the_order_in_which_parts_are_done_does_not_show(tmp_path):
    fill(tmp_path / "one", [0, 1, 2])
    fill(tmp_path / "two", [2])
    fill(tmp_path / "two", [1, 0])
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert sorted(content(tmp_path / "one")) == [
        ".lock", "digests.json", "errors.parquet", "frame.parquet", "sweep.json"
    ]  # fmt: skip


def test_a_finished_sweep_holds_all_rows_in_order(tmp_path):
    fill(tmp_path / "s", [2, 0, 1])
    assert store.final(tmp_path / "s", "frame")["point"].to_pylist() == list(range(6))
    assert store.final(tmp_path / "s", "errors")["point"].to_pylist() == [0, 1, 2]


def test_an_unfinished_sweep_is_not_read(tmp_path):
    fill(tmp_path / "s", [0])
    with pytest.raises(FileError, match="not finished"):
        store.final(tmp_path / "s", "frame")


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "gone"])
def test_a_part_that_was_damaged_is_done_again(tmp_path, name, harm, caplog):
    fill(tmp_path / "s", [0, 1])
    (path,) = (tmp_path / "s" / "parts").glob(f"000001-{name}-*")
    data = bytearray(path.read_bytes())
    data[len(data) // 4] ^= 1
    harmed = {"flip": data, "cut": data[:50], "empty": b""}
    path.unlink() if harm == "gone" else path.write_bytes(harmed[harm])
    with opened(tmp_path / "s", ASKED, TABLES, 3) as kept:
        assert kept.missing() == [1, 2]


def test_leftovers_of_a_killed_process_are_swept_away(tmp_path):
    fill(tmp_path / "s", [0])
    left = tmp_path / "s" / "parts" / ".0123456789abcdef.parquet"
    left.write_bytes(b"half")
    fill(tmp_path / "s", [1])
    assert not left.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 2}, "seed is 1 there and 2 here"),
        (
            {"scenario": {"name": "rush", "rates": [1, 3]}},
            r"scenario.rates\[1\] is 2 there and 3 here",
        ),
        ({"kitchen": "9"}, "kitchen is null there and '9' here"),
    ],
)
def test_another_sweep_is_refused_and_nothing_is_touched(tmp_path, change, message):
    fill(tmp_path / "s", [0])
    before = content(tmp_path / "s")
    with (
        pytest.raises(FileError, match=message),
        opened(tmp_path / "s", {**ASKED, **change}, TABLES, 3),
    ):
        raise AssertionError
    assert content(tmp_path / "s") == before


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(FileError, match=r"thesis\.docx"), opened(tmp_path, ASKED, TABLES, 3):
        raise AssertionError
    assert not (tmp_path / "sweep.json").exists()


def test_the_second_writer_is_told_who_holds_the_folder(tmp_path):
    message = f"process {os.getpid()} on .* is writing here since"
    with opened(tmp_path / "s", ASKED, TABLES, 3), pytest.raises(FileError, match=message):
        fill(tmp_path / "s", [0])
    fill(tmp_path / "s", [0])


def test_a_killed_holder_holds_nothing(tmp_path):
    code = f"""
import time
from kitchen.sweeps.store import opened
with opened({str(tmp_path / "s")!r}, {ASKED!r}, {TABLES!r}, 3):
    print("held", flush=True)
    time.sleep(60)
"""
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(FileError, match=f"process {holder.pid} "):
        fill(tmp_path / "s", [0])
    holder.kill()
    holder.wait()
    holder.stdout.close()
    fill(tmp_path / "s", [0])


def test_a_full_disk_leaves_what_was_done(tmp_path, monkeypatch):
    fill(tmp_path / "s", [0])

    def full(*given, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FileError, match="No space left on device"):
        fill(tmp_path / "s", [1])
    monkeypatch.undo()
    with opened(tmp_path / "s", ASKED, TABLES, 3) as kept:
        assert kept.missing() == [1, 2]


def test_a_process_killed_while_joining_joins_again(tmp_path, monkeypatch):
    fill(tmp_path / "whole", [0, 1, 2])

    def killed(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(store.Store, "tidy", killed)
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path / "s", [0, 1, 2])
    monkeypatch.undo()
    with opened(tmp_path / "s", ASKED, TABLES, 3) as kept:
        assert kept.complete
    assert content(tmp_path / "s") == content(tmp_path / "whole")


def test_a_folder_that_is_no_sweep_is_told(tmp_path):
    with pytest.raises(FileError, match=r"holds no sweep: there is no sweep\.json"):
        store.manifest(tmp_path)


def test_a_final_file_that_was_damaged_is_not_shown(tmp_path):
    fill(tmp_path / "s", [0, 1, 2])
    path = tmp_path / "s" / "frame.parquet"
    data = bytearray(path.read_bytes())
    for place in range(0, len(data), 7):  # also where no checksum of a page looks
        data[place] ^= 1
        path.write_bytes(data)
        with pytest.raises(FileError, match="is not as it was written"):
            store.final(tmp_path / "s", "frame")
        data[place] ^= 1


@pytest.mark.parametrize(
    "name", ["000000-frame-ab-conflict.parquet", "0x-frame-ab.parquet", "notes"]
)
def test_files_of_others_among_the_parts_do_not_matter(tmp_path, name):
    fill(tmp_path / "s", [0])
    (tmp_path / "s" / "parts" / name).write_bytes(b"?")
    fill(tmp_path / "s", [1, 2])
    assert store.final(tmp_path / "s", "frame").num_rows == 6


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_digests_that_cannot_be_read_are_made_again(tmp_path, content):
    fill(tmp_path / "s", [0, 1, 2])
    (tmp_path / "s" / "digests.json").write_text(content)
    with pytest.raises(FileError, match="not finished"):
        store.final(tmp_path / "s", "frame")
    fill(tmp_path / "s", [0, 1, 2])
    assert store.final(tmp_path / "s", "frame").num_rows == 6


@pytest.mark.parametrize("content", ["", "[]", "{}", "{"])
def test_a_manifest_that_cannot_be_read_says_what_to_do(tmp_path, content):
    fill(tmp_path / "s", [0])
    (tmp_path / "s" / "sweep.json").write_text(content)
    with pytest.raises(FileError, match="is no manifest of a sweep. Remove"):
        fill(tmp_path / "s", [1])
