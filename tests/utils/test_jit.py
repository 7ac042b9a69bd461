"""Compiling kernels: what is said of it, where it is kept, and when it is switched off."""

import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from support.paths import ROOT

import kitchen as kt
from kitchen.utils import jit

SOURCE = """
from kitchen.utils.jit import kernel

@kernel(lambda: ("int64",))
def add_one(number):
    return number + 1

@kernel(lambda: ("int64",))
def add_two(number):
    return number + 2
"""
NOTICE = "compiling the engine for this machine; it is kept, so this happens once"


@pytest.fixture
def kernels(tmp_path, monkeypatch):
    """A function that loads a module of kernels anew, as the next process would."""
    (tmp_path / "some_kernels.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    jit._log_compilation.cache_clear()

    def load():
        sys.modules.pop("some_kernels", None)
        return __import__("some_kernels")

    yield load
    sys.modules.pop("some_kernels", None)
    jit._log_compilation.cache_clear()


@pytest.fixture
def impatient(monkeypatch):
    """The notice comes in the thread that compiles, as soon as it begins."""

    class Now:
        def __init__(self, seconds, function):
            self.start = function

        def cancel(self):
            pass

    monkeypatch.setattr(threading, "Timer", Now)


def notices(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "kitchen"]


def test_compilation_is_announced_once_a_process(kernels, impatient, caplog):
    module = kernels()
    assert (module.add_one(1), module.add_two(1)) == (2, 3)
    assert notices(caplog) == [NOTICE]


def test_code_from_the_disk_cache_is_not_announced_however_slowly_it_loads(
    kernels, impatient, caplog, monkeypatch
):
    from numba.core.caching import FunctionCache

    kernels().add_one(1)
    caplog.clear()
    jit._log_compilation.cache_clear()
    load = FunctionCache.load_overload

    def slow(*args):
        time.sleep(0.05)
        return load(*args)

    monkeypatch.setattr(FunctionCache, "load_overload", slow)
    assert kernels().add_one(1) == 2
    assert notices(caplog) == []


def test_a_quick_compilation_is_not_announced(kernels, caplog, monkeypatch):
    monkeypatch.setattr(jit, "NOTICE_AFTER_S", 600.0)
    before = threading.active_count()
    assert kernels().add_one(1) == 2
    assert notices(caplog) == []
    deadline = time.monotonic() + 60
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before  # no timer stays behind


# Other processes: settings of Numba count for all of a process


def run(code, folder, **environment):
    """A Python process; returns (exit code, stdout, stderr)."""
    (folder / "some_kernels.py").write_text(SOURCE)
    path = os.pathsep.join([str(ROOT), str(folder)])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path, **environment},
    )
    return done.returncode, done.stdout.strip(), done.stderr.strip()


NOWHERE = """
from numba.core import caching
for name, locator in vars(caching).items():
    if name.endswith("Locator") and "UserProvided" not in name:
        locator.from_function = classmethod(lambda cls, function, file: None)
"""

KEPT_FOR_NOW = """
import os, some_kernels, numba
print(some_kernels.add_one(1), some_kernels.add_two(1), len(os.listdir(numba.config.CACHE_DIR)))
print(os.environ["NUMBA_CACHE_DIR"])
"""


def test_without_a_folder_for_the_cache_a_temporary_one_serves(tmp_path):
    code, out, err = run(NOWHERE + KEPT_FOR_NOW, tmp_path, NUMBA_CACHE_DIR="")
    assert code == 0, err
    figures, folder = out.splitlines()
    assert figures == "2 3 1"
    assert not os.path.exists(folder)
    assert err.startswith("the compiled engine cannot be kept: ") and err.count("\n") == 0
    assert "NUMBA_CACHE_DIR" in err


def test_without_any_folder_kernels_are_compiled_all_the_same(tmp_path):
    no_folder = """
import tempfile
def mkdtemp(**options):
    raise FileNotFoundError("no usable temporary directory")
tempfile.mkdtemp = mkdtemp
import some_kernels
print(some_kernels.add_one(1), some_kernels.add_two(1))
"""
    code, out, err = run(NOWHERE + no_folder, tmp_path, NUMBA_CACHE_DIR="")
    assert (code, out) == (0, "2 3"), err
    assert err.startswith("the compiled engine cannot be kept: ") and err.count("\n") == 0


@pytest.mark.parametrize("strategy", ["'random'", "lambda order: order.value"])
def test_switched_off_compilation_is_refused_with_the_name_of_the_variable(strategy, tmp_path):
    code = f"""
import kitchen as kt
try:
    kt.simulate(kt.Scenario.load("rush"), {strategy})
except kt.KitchenError as error:
    print(error)
"""
    code, out, err = run(code, tmp_path, NUMBA_DISABLE_JIT="1")
    assert (code, err) == (0, "")
    assert out == (
        "NUMBA_DISABLE_JIT: the environment variable is set, but the engine must be compiled. "
        "Unset it."
    )


def test_the_command_line_says_that_compilation_is_switched_off_in_one_line(tmp_path):
    line = "import sys; from kitchen.cli.main import main; sys.exit(main(['run', 'rush']))"
    code, out, err = run(line, tmp_path, NUMBA_DISABLE_JIT="1")
    assert (code, out) == (2, "")
    assert (
        err.startswith("kitchen: NUMBA_DISABLE_JIT: the environment variable is set")
        and err.count("\n") == 0
    )


def test_a_shipped_rule_is_compiled_once_and_kept_on_disk(tmp_path):
    """A second process reads from Numba's cache what the first has compiled."""
    code = (
        "import kitchen as kt\n"
        "rule = kt.rules.BUILT_IN['discard']['expires before pickup'].compiled\n"
        "print(sum(rule.stats.cache_hits.values()), sum(rule.stats.cache_misses.values()))"
    )
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    said = [
        subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert said == [["0", "1"], ["1", "0"]]


def test_a_rule_may_use_linear_algebra(rush):
    """Numba is loaded without it, so it is loaded by the rule."""
    mine, yours = np.array([1.0, 2.0]), np.array([3.0, 4.0])

    def by_a_product(order):
        return np.dot(mine, yours) * order.value

    def by_its_result(order):
        return 11.0 * order.value

    runs = [
        kt.simulate(rush, rule).orders.drop(columns="strategy")
        for rule in (by_a_product, by_its_result)
    ]
    assert runs[0].equals(runs[1])


COMPILED = """
import sys
from numba.core import event
import kitchen as kt
from kitchen.model.rules import BUILT_IN, DECISIONS

class Compiled(event.Listener):
    def on_start(self, started):
        names.append(started.data["dispatcher"].py_func.__qualname__)

    def on_end(self, ended):
        pass

names, scenario = [], kt.Scenario.load("friday")
with event.install_listener("numba:compile", Compiled()):
    for decision in DECISIONS:
        for name in BUILT_IN[decision]:
            kt.simulate(scenario, kt.Strategy(**{decision: name}), keep="summary")
    kt.simulate(scenario, kt.Strategy({"rule": "bid price", "params": [1.0, 0.5]})).shelves
    busy = {"orders.busy": 0.2, "couriers.slow": 0.1}
    kt.compare(scenario.replace(busy), ["random", "oldest"], replications=5)
print(len(names), *sorted(set(names)))
"""


def test_a_second_process_compiles_nothing(tmp_path):
    """Of all shipped rules, of drawing and of frames; the first compiles what is not kept yet."""
    code, _, err = run(COMPILED, tmp_path)
    assert code == 0, err
    code, out, err = run(COMPILED, tmp_path)
    assert (code, out) == (0, "0"), err


def test_a_shipped_rule_is_compiled_where_nothing_can_be_kept(tmp_path):
    code, out, err = run(
        NOWHERE
        + "import os; os.environ.pop('HOME', None)\n"
        + "import kitchen as kt\n"
        + "for name in ('newest', 'expires before pickup'):\n"
        + "    print(kt.rules.BUILT_IN['discard'][name].compiled is not None)\n",
        tmp_path,
        NUMBA_CACHE_DIR="",
    )
    assert (code, out) == (0, "True\nTrue"), err
    assert err.startswith("the compiled engine cannot be kept: ") and err.count("\n") == 0


def test_a_kernel_is_compiled_anew_when_a_file_that_it_is_made_of_has_changed(tmp_path):
    """Numba by itself minds the file of the kernel alone."""
    (tmp_path / "parts.py").write_text(
        "import numba\n\n@numba.njit\ndef part(x):\n    return x + 1.0\n"
    )
    (tmp_path / "whole.py").write_text(
        "import parts\nfrom kitchen.utils.jit import kernel\n\n"
        "@kernel(lambda: ('float64',), parts=(parts,))\ndef whole(x):\n    return parts.part(x)\n"
    )
    code = "import whole; print(whole.whole(1.0), sum(whole.whole.compile().stats.cache_hits.values()))"
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept"), "PYTHONPATH": paths}

    def said():
        return subprocess.run(
            [sys.executable, "-B", "-c", code],
            cwd=tmp_path, env=env, capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip

    assert [said(), said()] == [["2.0", "0"], ["2.0", "1"]]
    changed = (tmp_path / "parts.py").read_text().replace("+ 1.0", "+ 10.0")
    (tmp_path / "parts.py").write_text(changed)
    assert said() == ["11.0", "0"]
