"""Whatever a command line and its files say: exit code 0 or 2, and a refusal is one line."""

import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from support.fuzz import cases

from kitchen.cli import main

resource = pytest.importorskip("resource")

SECONDS = {"ITIMER_PROF": 10, "ITIMER_REAL": 100}
"""Longest time of a command: of the processor; and by the clock, if it waits for something."""

MEMORY = 1e9
"""Most memory that a command may add to that of the process, bytes."""

pytestmark = [pytest.mark.usefixtures("compiled"), pytest.mark.slow]


class TooSlow(BaseException):
    """A command took longer than `SECONDS`."""


@contextmanager
def in_time():
    def stop(number, _):
        raise TooSlow(signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in (signal.SIGPROF, signal.SIGALRM)}
    for timer, seconds in SECONDS.items():
        signal.setitimer(getattr(signal, timer), seconds)
    try:
        yield
    finally:
        for timer in SECONDS:
            signal.setitimer(getattr(signal, timer), 0)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def empty_folder():
    before, folder = Path.cwd(), tempfile.mkdtemp()
    os.chdir(folder)
    try:
        yield Path(folder)
    finally:
        os.chdir(before)
        shutil.rmtree(folder)


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def check(case, capsys):
    argv, files = case
    with empty_folder() as folder:
        for name, data in files.items():
            (folder / name).write_bytes(data)
        before = peak_bytes()
        with in_time():
            code = main.main(argv)
        out, err = capsys.readouterr()
        assert peak_bytes() - before < MEMORY
        for name, data in files.items():
            assert (folder / name).read_bytes() == data  # nothing that was there has changed
        hidden = [path for path in folder.rglob(".kitchen-*")]
    assert code in (0, 2)
    assert "Traceback" not in out + err and hidden == []
    if code == 2:
        line = err.splitlines()[-1]
        assert (
            out == "" and line.startswith("kitchen: ") and len(line) <= 520 and line.isprintable()
        )
        notices = err.splitlines()[:-1]
        assert all(notice.startswith("kitchen: ") for notice in notices)


SETTINGS = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
NO_SHRINKING = [Phase.explicit, Phase.generate]


@settings(max_examples=500, derandomize=True, **SETTINGS)
@given(cases())
def test_hostile_input_is_refused_in_one_line(capsys, case):
    check(case, capsys)


@pytest.mark.long
@settings(max_examples=20_000, derandomize=False, phases=NO_SHRINKING, **SETTINGS)
@given(cases())
def test_much_hostile_input_is_refused_in_one_line(capsys, case):
    check(case, capsys)
