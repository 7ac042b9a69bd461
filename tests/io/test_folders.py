"""Folders appear when the work succeeds, and all at once."""

import os

import pytest

from kitchen.errors import FileError
from kitchen.io.write import filled, made


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


def test_a_link_is_followed_and_a_private_file_stays_private(tmp_path):
    real, folder = tmp_path / "real.csv", tmp_path / "out"
    folder.mkdir()
    real.write_text("old")
    (folder / "linked.csv").symlink_to(real)
    (folder / "private.csv").write_text("old")
    (folder / "private.csv").chmod(0o600)
    with filled(folder) as new:
        for name in ("linked.csv", "private.csv"):
            (new / name).write_text("new")
    assert real.read_text() == "new"
    assert (folder / "linked.csv").is_symlink()
    assert (folder / "private.csv").read_text() == "new"
    assert (folder / "private.csv").stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_moved_takes_those_before_it_back(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("old a")
    (tmp_path / "c.csv").write_text("old c")
    replace = os.replace

    def stubborn(source, target):
        if str(target).endswith("c.csv") and "old" not in str(source):
            raise OSError(16, "Device or resource busy")
        replace(source, target)

    monkeypatch.setattr(os, "replace", stubborn)
    busy = pytest.raises(FileError, match="c.csv: cannot be written: Device or resource busy")
    with busy, filled(tmp_path) as new:
        for name in ("a.csv", "b.csv", "c.csv"):
            (new / name).write_text("new")
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {
        "a.csv": "old a",
        "c.csv": "old c",
    }


def test_a_fault_while_writing_names_the_file_where_it_would_have_been(tmp_path):
    with pytest.raises(FileError) as told, filled(tmp_path / "out") as new:
        raise FileError(f"{new / 'orders.csv'}: cannot be written: no space left on device.")
    assert str(told.value).startswith(str(tmp_path / "out" / "orders.csv"))
