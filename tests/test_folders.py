"""Folders appear when the work succeeds, and all at once."""

import os

import pytest

from kitchen.errors import FileError
from kitchen.folders import filled, made


def everything(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_folder_and_those_above_it_are_made(tmp_path):
    with made(tmp_path / "a/b/c") as folder:
        assert folder.is_dir()
    assert everything(tmp_path) == ["a", "a/b", "a/b/c"]


def test_after_a_failure_the_folders_made_for_it_are_gone(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(ZeroDivisionError), made(tmp_path / "a/b/c"):
        raise ZeroDivisionError
    assert everything(tmp_path) == ["a"]


def test_after_a_failure_a_folder_that_holds_something_stays(tmp_path):
    with pytest.raises(ZeroDivisionError), made(tmp_path / "a/b") as folder:
        (folder.parent / "found").write_text("1")
        raise ZeroDivisionError
    assert everything(tmp_path) == ["a", "a/found"]


def test_nothing_appears_before_the_block_ends(tmp_path):
    with filled(tmp_path / "out") as staging:
        (staging / "x.csv").write_text("1")
        (staging / "deep").mkdir()
        (staging / "deep/y.csv").write_text("2")
        assert [path for path in tmp_path.rglob("*.csv") if staging not in path.parents] == []
    assert everything(tmp_path / "out") == ["deep", "deep/y.csv", "x.csv"]


def test_files_of_the_same_name_are_replaced_and_others_stay(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("x.csv", "deep/y.csv", "deep/z.csv"):
        (tmp_path / name).write_text("old")
    with filled(tmp_path) as staging:
        (staging / "x.csv").write_text("new")
        (staging / "deep").mkdir()
        (staging / "deep/y.csv").write_text("new")
    assert everything(tmp_path) == ["deep", "deep/y.csv", "deep/z.csv", "x.csv"]
    assert [(tmp_path / n).read_text() for n in ("x.csv", "deep/y.csv", "deep/z.csv")] == [
        "new", "new", "old",
    ]  # fmt: skip


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_a_failure_leaves_everything_as_it_was(tmp_path, error):
    (tmp_path / "x.csv").write_text("old")
    with pytest.raises(error), filled(tmp_path) as staging:
        (staging / "x.csv").write_text("new")
        raise error
    assert everything(tmp_path) == ["x.csv"]
    assert (tmp_path / "x.csv").read_text() == "old"


def test_a_name_that_is_taken_by_another_kind_stops_all_moves(tmp_path):
    (tmp_path / "b.csv").mkdir()
    with (
        pytest.raises(FileError, match=r"b\.csv: cannot be written: a folder has this name\."),
        filled(tmp_path) as staging,
    ):
        (staging / "a.csv").write_text("1")
        (staging / "b.csv").write_text("2")
    assert everything(tmp_path) == ["b.csv"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("file", "file: is a file. Give the name of a folder."),
        ("file/below/it", "file: is a file. Give the name of a folder."),
        ("", "the name of the folder to write into is empty."),
        ("a\0b", "cannot be the name of a folder"),
        ("x" * 300, "the folder cannot be made: File name too long."),
    ],
)
@pytest.mark.parametrize("use", [made, filled])
def test_a_folder_that_cannot_be_is_refused_before_the_block(
    tmp_path, monkeypatch, use, path, told
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("1")
    with pytest.raises(FileError) as refusal, use(path):
        raise AssertionError("the block must not begin")
    assert told in str(refusal.value)
    assert everything(tmp_path) == ["file"]


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(FileError, match="cannot be written into"), made(tmp_path / "locked"):
        raise AssertionError("the block must not begin")
