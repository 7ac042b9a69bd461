"""One sweep, written by several jobs into one folder, merged when all are done."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
from support.paths import ROOT

import kitchen as kt
from kitchen.cli.main import main
from kitchen.errors import FileError, KitchenError
from kitchen.sweeps import locks, store
from kitchen.sweeps.locks import Job, job_of

ASKED = {key: None for key in store.ESSENTIAL} | {"seed": 1, "parts": 4, "keep": "means"}
TABLES = ("frame", "errors")

STUDY = """
scenario = "rush"
strategies = ["discard newcomer"]
replications = {replications}

[design.ranges]
"orders.count" = [4, 5, 6, 7]
"arrivals.rate" = {{ first = 5, last = 12, step = 1 }}
"shelves.overflow.capacity" = {{ first = 0, last = 62, step = 1 }}
"""
"""2,016 points, and so five parts."""


def part(nth):
    return {
        "frame": pa.table({"point": [2 * nth, 2 * nth + 1], "mean": [0.5, float("nan")]}),
        "errors": pa.table({"point": pa.array([nth], pa.int64()), "error": ["no"]}),
    }


def run_job(folder, text):
    job = job_of(text)
    with store.opened_for(job, folder, ASKED, TABLES, 4) as kept:
        for nth in kept.missing(job.own(4)):
            kept.write(nth, part(nth))


def run_whole(folder):
    with store.opened(folder, ASKED, TABLES, 4) as kept:
        for nth in kept.missing():
            kept.write(nth, part(nth))
        kept.finish()


def content(folder):
    paths = (path for path in sorted(Path(folder).rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


# The folder


def test_every_part_belongs_to_one_job():
    for of in (1, 3, 7):
        shared = [nth for number in range(1, of + 1) for nth in Job(number, of).own(11)]
        assert sorted(shared) == list(range(11))


def test_merged_jobs_leave_the_bytes_of_an_uninterrupted_sweep_and_nothing_else(tmp_path):
    for text in ("3/3", "1/3", "2/3"):
        run_job(tmp_path / "jobs", text)
    store.merge(tmp_path / "jobs")
    run_whole(tmp_path / "whole")
    assert content(tmp_path / "jobs") == content(tmp_path / "whole")
    store.merge(tmp_path / "jobs")  # again: nothing is left to do
    assert content(tmp_path / "jobs") == content(tmp_path / "whole")


def test_a_sweep_without_part_finishes_what_jobs_have_begun(tmp_path):
    run_job(tmp_path / "jobs", "2/3")
    run_whole(tmp_path / "jobs")
    run_whole(tmp_path / "whole")
    assert content(tmp_path / "jobs") == content(tmp_path / "whole")


def test_jobs_of_different_divisions_may_overlap(tmp_path):
    for text in ("1/2", "1/3", "3/4", "4/4"):
        run_job(tmp_path / "jobs", text)
    with pytest.raises(FileError, match=r"1 of 4 parts are missing\. Run"):
        store.merge(tmp_path / "jobs")
    run_job(tmp_path / "jobs", "2/2")
    store.merge(tmp_path / "jobs")
    run_whole(tmp_path / "whole")
    assert content(tmp_path / "jobs") == content(tmp_path / "whole")


def test_what_is_missing_is_told_by_job_and_nothing_is_changed(tmp_path):
    run_job(tmp_path / "s", "1/3")
    before = content(tmp_path / "s")
    with pytest.raises(FileError, match=r"2 of 4 parts are missing, those of --part 2/3, 3/3\."):
        store.merge(tmp_path / "s")
    assert content(tmp_path / "s") == before


def test_a_damaged_part_is_missing(tmp_path):
    run_job(tmp_path / "s", "1/1")
    (path,) = (tmp_path / "s" / "parts").glob("000002-frame-*")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(FileError, match="1 of 4 parts are missing, those of --part 1/1"):
        store.merge(tmp_path / "s")


def test_jobs_run_at_once_but_none_twice_and_nobody_finishes_meanwhile(tmp_path):
    folder, me = tmp_path / "s", f"process {os.getpid()} on .* is writing here"
    with store.opened_for(Job(1, 2), folder, ASKED, TABLES, 4) as kept:
        kept.write(0, part(0))
        with store.opened_for(Job(2, 2), folder, ASKED, TABLES, 4) as other:
            other.write(1, part(1))
            for again in (
                lambda: run_job(folder, "1/2"),
                lambda: run_whole(folder),
                lambda: store.merge(folder),
            ):
                with pytest.raises(FileError, match=me):
                    again()
        kept.write(2, part(2))
    run_job(folder, "2/2")
    store.merge(folder)
    assert store.final(folder, "frame").num_rows == 8


def test_a_job_of_another_sweep_is_refused(tmp_path):
    run_job(tmp_path / "s", "1/2")
    before = content(tmp_path / "s")
    with (
        pytest.raises(FileError, match="seed is 1 there and 2 here"),
        store.opened_for(Job(2, 2), tmp_path / "s", {**ASKED, "seed": 2}, TABLES, 4),
    ):
        raise AssertionError
    assert content(tmp_path / "s") == before


def test_a_job_waits_for_another_that_is_beginning_but_not_for_a_sweep(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "MOMENT_S", 0.2)
    with store.opened(tmp_path / "s", ASKED, TABLES, 4):
        began = time.monotonic()
        with pytest.raises(FileError, match="is writing here"):
            run_job(tmp_path / "s", "1/2")
        assert time.monotonic() - began >= 0.2
    run_job(tmp_path / "s", "1/2")


@pytest.mark.parametrize(
    "value", ["0/3", "4/3", "3", "a/b", "1/2/3", "", (0, 2), (1.5, 2), 7, None, ("1", object())]
)
def test_what_is_no_job_is_refused_in_one_line(value):
    with pytest.raises(KitchenError, match="as 3/10, got "):
        job_of(value)


# Sweeps


def test_jobs_and_their_merge_give_the_sweep_in_memory(tmp_path, rush):
    grid = {"arrivals.rate": [8, 10], "orders.count": [300_000, 400_000, 500_000]}
    options = {"replications": 2, "seed": 3, "keep": "summaries"}
    for number in (2, 1, 3):
        done = kt.sweep(rush, grid, ["random"], out=tmp_path / "s", part=(number, 3), **options)
        assert "not finished" in done._repr_html_()
        with pytest.raises(FileError, match="not finished"):
            done.frame
    merged = kt.merge_sweep(tmp_path / "s")
    whole = kt.sweep(rush, grid, ["random"], out=tmp_path / "whole", **options)
    assert merged.frame.equals(whole.frame) and merged.summaries.equals(whole.summaries)
    assert content(tmp_path / "s") == content(tmp_path / "whole")


def test_a_job_tells_the_replications_of_its_own_parts_also_those_that_are_there(tmp_path, rush):
    grid = {"arrivals.rate": [8, 9, 10, 11]}
    large, told = rush.replace({"orders.count": 600_000}), []
    for _ in range(2):
        told.append(0)

        def count(done):
            told[-1] += done

        kt.sweep(
            large, grid, ["random"], replications=2, out=tmp_path / "s", part="1/2", callback=count
        )
    assert told == [4, 4]


def test_a_job_needs_a_folder(rush):
    with pytest.raises(KitchenError, match="part: needs out="):
        kt.sweep(rush, {"arrivals.rate": [8]}, ["random"], part="1/2")


def test_the_command_line_runs_jobs_and_merges_them(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("study.toml").write_text(STUDY.format(replications=1))
    assert main(["sweep", "study.toml", "--part", "1/2", "--quiet"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Job 1/2 is done, in out/study. When all 2 are: ")
    assert main(["sweep", "study.toml", "--merge", "--quiet"]) == 2
    assert "2 of 5 parts are missing, those of --part 2/2." in capsys.readouterr().err
    assert main(["sweep", "study.toml", "--part", "2/2", "--quiet"]) == 0
    again = capsys.readouterr().out.strip().split(": ")[1].split()
    assert main([*again[1:], "--quiet"]) == 0
    assert "Sweep(2,016 points x 1 strategies" in capsys.readouterr().out
    for wrong in (["--part", "0/2"], ["--part", "1/2", "--merge"]):
        assert main(["sweep", "study.toml", *wrong]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


# Two at once, and one that dies


def begin(folder, study, text):
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kitchen",
            "sweep",
            str(study),
            "--part",
            text,
            "--out",
            str(folder),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(job):
    out, err = job.communicate(timeout=120)
    assert job.returncode == 0, err
    return out


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_two_processes_write_at_once_one_dies_and_the_merged_bytes_are_those_of_one(tmp_path):
    study, folder = tmp_path / "study.toml", tmp_path / "jobs"
    study.write_text(STUDY.format(replications=2000))
    one, other = begin(folder, study, "1/2"), begin(folder, study, "2/2")
    lock = folder / ".job-2-of-2.json"  # which says who runs it, while it runs
    while other.poll() is None and not lock.exists():
        time.sleep(0.01)
    time.sleep(0.3)
    assert one.poll() is None and other.poll() is None, "both are writing"
    other.kill()
    other.communicate()
    ended(one)
    with pytest.raises(FileError, match=r"those of --part 2/2\."):
        kt.merge_sweep(folder)
    ended(begin(folder, study, "2/2"))
    kt.merge_sweep(folder)
    kt.read_study(study).sweep(out=tmp_path / "whole")
    assert content(folder) == content(tmp_path / "whole")


@pytest.mark.slow
def test_five_jobs_that_begin_at_once_agree(tmp_path):
    study, folder = tmp_path / "study.toml", tmp_path / "jobs"
    study.write_text(STUDY.format(replications=1))
    for job in [begin(folder, study, f"{number}/5") for number in range(1, 6)]:
        ended(job)
    kt.merge_sweep(folder)
    kt.read_study(study).sweep(out=tmp_path / "whole")
    assert content(folder) == content(tmp_path / "whole")
