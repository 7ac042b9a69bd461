"""Pipes, devices, sockets, folders and huge files are refused, and never waited for."""

import os
import socket
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kitchen as kt
from kitchen.cli import main
from kitchen.errors import FileError, KitchenError
from kitchen.io import read

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")

READERS = {
    "scenario.toml": kt.Scenario.load,
    "strategy.toml": kt.Strategy.load,
    "study.toml": kt.read_study,
    "menu.json": kt.read_orders,
    "menu.csv": kt.read_orders,
    "menu.parquet": kt.read_orders,
    "frame.csv": kt.read_csv,
}
COMMANDS = {
    "scenario.toml": ["run", "scenario.toml"],
    "strategy.toml": ["run", "--strategy", "strategy.toml"],
    "study.toml": ["sweep", "study.toml"],
    "menu.json": ["export", "--orders", "menu.json"],
    "menu.csv": ["compare", "--orders", "menu.csv"],
    "menu.parquet": ["run", "--orders", "menu.parquet"],
}


@pytest.fixture
def here(monkeypatch):
    with tempfile.TemporaryDirectory() as folder:  # sockets have short names only
        monkeypatch.chdir(folder)
        yield Path(folder)
        monkeypatch.undo()


def make(kind, path):
    """Something that is no ordinary file; returns what messages call it."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(path))
        server.close()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    return kind


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder"])
@pytest.mark.parametrize("name", READERS)
def test_what_is_no_ordinary_file_is_refused_at_once(here, name, kind):
    make(kind, here / name)
    with pytest.raises(FileError) as refusal:
        READERS[name](name)
    assert f"{name}: is a {kind}. Give the name of a" in str(refusal.value)


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_refuse_a_pipe_in_one_line(here, capsys, name):
    make("pipe", here / name)
    assert main.main(COMMANDS[name]) == 2
    _, err = capsys.readouterr()
    assert err.endswith(f"{name}: is a pipe. Give the name of an ordinary file.\n")
    assert err.startswith("kitchen: ") and err.count("\n") == 1


def test_a_pipe_in_the_place_of_a_schema_is_refused(here):
    (here / "frame.csv").write_text("a\n1\n")
    make("pipe", here / "frame.csv.schema.json")
    with pytest.raises(FileError, match="frame.csv.schema.json: is a pipe"):
        kt.read_csv("frame.csv")


def test_a_pipe_in_a_sweep_is_refused(here):
    make("pipe", here / "sweep.json")
    with pytest.raises(KitchenError):
        kt.read_sweep(here)


@pytest.mark.parametrize("name", READERS)
def test_a_huge_file_is_refused_with_its_size_and_not_read(here, name):
    with open(name, "wb") as file:
        file.truncate(2_500_000_000)  # a sparse file: no disk is used
    with pytest.raises(FileError) as refusal:
        READERS[name](name)
    most = "10 MB" if name.endswith(".toml") else "1 GB"
    assert str(refusal.value) == (
        f"{name}: has 2.5 GB, and at most {most} are read. Give a smaller file."
    )


def test_a_file_that_tells_no_size_is_read_as_far_as_it_goes():
    path = Path("/proc/self/status")
    if not path.exists():
        pytest.skip("needs /proc")
    assert path.stat().st_size == 0
    assert read.read_bytes(path).startswith(b"Name:")
    with pytest.raises(FileError, match="at most 10 B are read"):
        read.read_bytes(path, 10)


def test_a_small_parquet_file_of_very_many_values_is_refused_before_they_are_made(
    here, monkeypatch
):
    column = pa.DictionaryArray.from_arrays(np.zeros(3_000_000, np.int32), ["Soup"])
    pq.write_table(pa.table({"name": column, "temp": column}), "menu.parquet")
    assert (here / "menu.parquet").stat().st_size < 100_000
    memory = type("Memory", (), {"available": 2e8})
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory)
    with pytest.raises(KitchenError, match="6,000,000 values would need about"):
        kt.read_orders("menu.parquet")
