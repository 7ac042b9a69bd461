"""What a killed process left is removed by the next write; what a living one needs is not."""

import os
import signal
import subprocess
import sys

import pytest

from kitchen.io import staging
from kitchen.io.write import filled, write_text

WRITER = """
import sys, time
from pathlib import Path
from kitchen.io.write import atomic, filled
with filled(sys.argv[1]) as new, atomic(Path(sys.argv[1]) / "x.csv"):
    (new / "big.csv").write_text("1" * 1000)
    print("writing", flush=True)
    time.sleep(300)
"""


def hidden(folder):
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def writer(folder):
    """A process that is in the middle of writing a folder and a file."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "writing\n"
    return process


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_the_next_write_removes_what_a_killed_process_left_and_spares_the_living(tmp_path):
    (tmp_path / "kept.csv").write_text("kept")
    dead, living = writer(tmp_path), writer(tmp_path)
    try:
        dead.send_signal(signal.SIGKILL)
        dead.communicate()
        theirs = [name for name in hidden(tmp_path) if f"-{living.pid}-" in name]
        assert len(theirs) == 2 and len(hidden(tmp_path)) == 4
        with filled(tmp_path) as new:
            (new / "next.csv").write_text("2")
        assert hidden(tmp_path) == theirs
    finally:
        living.kill()
        living.communicate()
    write_text("3", tmp_path / "more.csv")  # a single file tidies up, too
    assert hidden(tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.csv", "more.csv", "next.csv"]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_process_killed_while_files_move_leaves_each_complete(tmp_path):
    names = [f"{n}.csv" for n in range(3)]
    for name in names:
        (tmp_path / name).write_text("old")
    code = """
import os, signal, sys
from kitchen.io import write
seen = []
replace = os.replace
def killed(source, target):
    seen.append(target)
    if len(seen) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)
os.replace = killed
with write.filled(sys.argv[1]) as new:
    for name in sys.argv[2:]:
        (new / name).write_text("new")
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path), *names])
    assert done.returncode == -signal.SIGKILL
    assert [(tmp_path / name).read_text() for name in names] == ["new", "old", "old"]
    with filled(tmp_path):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert [(tmp_path / name).read_text() for name in names] == ["new", "old", "old"]


def test_names_of_others_are_left_alone(tmp_path):
    own = staging.new_name()
    host, process, start, random = own.removeprefix(staging.PREFIX).split("-")
    gone = f"{staging.PREFIX}{host}-{2**31 - 7}-{start}-{random}"
    reused = f"{staging.PREFIX}{host}-{process}-{int(start) - 100_000}-{random}"
    elsewhere = f"{staging.PREFIX}{'0' * 8}-{2**31 - 7}-{start}-{random}"
    other = [".kitchen-notes", ".kitchen-", ".hidden", own, elsewhere]
    for name in [gone, reused, *other]:
        (tmp_path / name).mkdir()
    (tmp_path / f"{gone}.csv").write_text("half")
    staging.remove_dead(tmp_path)
    assert hidden(tmp_path) == sorted(other)


def test_a_link_in_the_place_of_a_dead_folder_is_not_followed(tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("1")
    host, _, start, random = staging.new_name().removeprefix(staging.PREFIX).split("-")
    (tmp_path / f"{staging.PREFIX}{host}-{2**31 - 7}-{start}-{random}").symlink_to(precious)
    staging.remove_dead(tmp_path)
    assert hidden(tmp_path) == [] and (precious / "file").read_text() == "1"
