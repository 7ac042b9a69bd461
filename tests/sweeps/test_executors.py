"""The executor changes no figure of a sweep: threads, processes, a Dask cluster on this machine."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from importlib import import_module
from multiprocessing import get_context

import loky
import pandas as pd
import pytest
from support.paths import ROOT

import kitchen as kt
from kitchen.errors import KitchenError
from kitchen.sweeps import executors
from kitchen.sweeps.executors import ExecutorError, part_executor

pytestmark = pytest.mark.slow

PATIENCE_S = 300
"""More than anything takes, however busy the machine."""

GRID = {"arrivals.rate": [8, 10, 12], "shelves.overflow.capacity": [0, 5, 10, 15]}


def mine(order):
    return order.value * order.pickup_in_s


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(import_module("kitchen.sweeps.planning"), "POINTS_A_PART", 2)


def swept(executor=None, strategies=("discard newcomer", "oldest"), **options):
    rush = kt.Scenario.load("rush")
    given = {"replications": 5, "seed": 3, "executor": executor, "workers": 2, **options}
    return kt.sweep(rush, GRID, list(strategies), **given)


@pytest.fixture(scope="module")
def serial():
    """The figures of a sweep with a user's rule, in this thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("kitchen.sweeps.planning"), "POINTS_A_PART", 2)
        return swept("serial", ["discard newcomer", mine])


def both(rule=mine):
    return ["discard newcomer", rule]


@pytest.fixture(scope="module")
def cluster():
    """A scheduler and two workers, each a process of its own; yields the address and the workers."""
    pytest.importorskip("distributed", reason="dask.distributed is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
    dask = [sys.executable, "-m", "distributed.cli.dask_"]
    start = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    scheduler = subprocess.Popen([*dask[:2], dask[2] + "scheduler", *start], **quiet)
    options = ["--nthreads", "1", "--nworkers", "1", "--no-dashboard"]
    command = [*dask[:2], dask[2] + "worker", address, *options]
    made = [subprocess.Popen(command, **quiet) for _ in range(2)]
    try:
        wait_for_workers(address)
        yield address, made
    finally:
        for process in [*made, scheduler]:
            process.terminate()
        for process in [*made, scheduler]:
            process.wait(PATIENCE_S)


def wait_for_workers(address, number=2):
    from distributed import Client

    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            executors._refuse_silence(address)
            break
        except ExecutorError:
            assert time.monotonic() < until
            time.sleep(0.1)
    with Client(address, timeout=PATIENCE_S, set_as_default=False) as client:
        client.wait_for_workers(number, timeout=PATIENCE_S)


# The same figures


@pytest.mark.parametrize("number", [1, 2, 5])
def test_threads_change_nothing(serial, number):
    found = swept("threads", both(), workers=number)
    pd.testing.assert_frame_equal(found.frame, serial.frame, check_exact=True)


def test_processes_change_nothing(serial):
    found = swept("processes", both())
    pd.testing.assert_frame_equal(found.frame, serial.frame, check_exact=True)


def test_a_cluster_changes_nothing(serial, cluster):
    found = swept(cluster[0], both())
    pd.testing.assert_frame_equal(found.frame, serial.frame, check_exact=True)


def test_a_dask_client_will_do_and_stays_open(serial, cluster):
    from distributed import Client

    with Client(cluster[0], timeout=PATIENCE_S, set_as_default=False) as client:
        found = swept(client, both())
        assert client.status == "running"
    pd.testing.assert_frame_equal(found.frame, serial.frame, check_exact=True)


@pytest.mark.parametrize("number", [None, 2])
def test_any_executor_of_the_standard_library_will_do_and_stays_open(serial, number):
    with ThreadPoolExecutor(2) as threads:
        found = swept(threads, both(), workers=number)
        assert threads.submit(int).result() == 0
    pd.testing.assert_frame_equal(found.frame, serial.frame, check_exact=True)


def test_a_pool_of_loky_changes_nothing(serial):
    with loky.ProcessPoolExecutor(2) as pool:
        found = swept(pool, both())
        assert pool.submit(int).result() == 0
    pd.testing.assert_frame_equal(found.frame, serial.frame, check_exact=True)


def test_the_executor_of_a_dask_client_changes_nothing(serial, cluster):
    from distributed import Client

    with Client(cluster[0], timeout=PATIENCE_S, set_as_default=False) as client:
        found = swept(client.get_executor(), both())
    pd.testing.assert_frame_equal(found.frame, serial.frame, check_exact=True)


@pytest.mark.parametrize("where", ["threads", "processes", "cluster"])
def test_the_files_are_the_same_on_every_executor(tmp_path, where, cluster):
    swept("serial", both(), out=tmp_path / "one")
    swept(cluster[0] if where == "cluster" else where, both(), out=tmp_path / "two")
    for name in ("sweep.json", "frame.parquet", "errors.parquet", "digests.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("where", ["processes", "cluster"])
def test_functions_without_a_module_travel(where, cluster):
    weight = 2.0

    def local(order):
        return weight * order.value

    own = [local, kt.Strategy(lambda order: -order.age_s, name="a lambda")]
    here = swept("serial", own)
    there = swept(cluster[0] if where == "cluster" else where, own)
    pd.testing.assert_frame_equal(here.frame, there.frame, check_exact=True)


def test_a_function_that_names_the_package_travels(serial):
    inside = {}
    exec(
        "import kitchen as kt\ndef rule(order):\n    return order.value * (1 if kt else 2)", inside
    )
    assert executors._packed(inside["rule"])


def test_points_that_fail_are_told_from_everywhere(cluster, rush):
    def broken(order):
        return float("nan")

    loads = {"arrivals.rate": [30, 0.5, 40, 0.6, 50, 0.7]}  # no rule runs where there is room
    given = {"replications": 2, "workers": 2}
    here = kt.sweep(rush, loads, [broken], executor="serial", **given).errors
    assert list(here["point"]) == [0, 2, 4]
    for where in ("threads", "processes", cluster[0]):
        there = kt.sweep(rush, loads, [broken], executor=where, **given).errors
        pd.testing.assert_frame_equal(there, here)


def test_progress_is_told_from_everywhere(cluster):
    for where in ("serial", "threads", "processes", cluster[0]):
        message = []
        swept(where, callback=message.append)
        assert sum(message) == 120


# Faults


def die_once(task, part):
    """A worker that is killed at its second part, the first time."""
    if part == 1 and not os.path.exists(task):
        with open(task, "w"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    return part * part


def die_always(task, part):
    if part == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return part * part


def test_the_work_of_a_process_that_died_is_done_again(tmp_path):
    with part_executor("processes", 2) as processes:
        found = dict(processes.run(die_once, str(tmp_path / "mark"), range(6)))
    assert found == {part: part * part for part in range(6)}


def test_work_that_kills_every_process_is_given_up():
    with (
        part_executor("processes", 2) as processes,
        pytest.raises(ExecutorError, match="died 3 times"),
    ):
        list(processes.run(die_always, None, range(3)))


def test_an_executor_that_loses_a_worker_says_so():
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        part_executor(pool) as given,
        pytest.raises(ExecutorError, match="lost a worker"),
    ):
        list(given.run(die_always, None, range(3)))


def test_a_worker_of_the_cluster_that_dies_loses_nothing(serial, cluster, tmp_path):
    address, made = cluster
    killed = []

    def callback(done):
        if not killed:
            killed.append(made[0].pid)
            for child in children(made[0].pid):
                os.kill(child, signal.SIGKILL)

    found = swept(address, both(), out=tmp_path / "s", callback=callback)
    assert killed
    pd.testing.assert_frame_equal(found.frame, serial.frame, check_exact=True)


def children(pid):
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


SCRIPT = """
import kitchen as kt
def mine(order):
    return order.value
swept = kt.sweep(kt.Scenario.load("rush"), {"arrivals.rate": [8, 9]}, [mine], replications=REPLICATIONS,
                 executor="processes", workers=1)
print(swept.points)
"""
SHORT, LONG = (SCRIPT.replace("REPLICATIONS", number) for number in ("2", "200_000"))


def test_a_script_needs_no_guard(tmp_path):
    (tmp_path / "script.py").write_text(SHORT)
    done = run_python(str(tmp_path / "script.py"))
    assert (done.stdout, done.stderr) == ("2\n", "")


def test_a_program_from_standard_input_may_use_processes():
    done = run_python("-", input=SHORT)
    assert (done.stdout, done.stderr) == ("2\n", "")


def run_python(*words, **given):
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, **given
    )


def test_workers_end_with_the_process_that_started_them(tmp_path):
    import psutil

    (tmp_path / "script.py").write_text(LONG)
    parent = subprocess.Popen([sys.executable, str(tmp_path / "script.py")], cwd=ROOT)
    until = time.monotonic() + PATIENCE_S
    while not (workers := [c for c in psutil.Process(parent.pid).children() if is_worker(c)]):
        assert time.monotonic() < until
        time.sleep(0.1)
    time.sleep(1.0)
    parent.kill()
    parent.wait()
    assert psutil.wait_procs(workers, timeout=PATIENCE_S)[1] == []  # none is alive


def is_worker(process):
    return "loky.backend.popen_loky" in " ".join(process.cmdline())


def test_a_function_that_cannot_travel_says_what_to_do():
    lock = threading.Lock()

    def work(task, part):
        return lock

    message = pytest.raises(ExecutorError, match=r"cannot be sent .* Use executor=\"threads\"")
    with part_executor("processes", 2) as processes, message:
        list(processes.run(work, None, range(2)))


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ExecutorError, match=r"pip install 'kitchensim\[dist\]'"):
        swept("tcp://127.0.0.1:8786")


def test_an_address_without_a_server_is_refused_within_ten_seconds():
    pytest.importorskip("distributed")
    begin = time.monotonic()
    with pytest.raises(ExecutorError, match="no Dask scheduler answers at 'tcp://127.0.0.1:9'"):
        swept("tcp://127.0.0.1:9")
    assert time.monotonic() - begin < 10


def test_a_server_that_says_nothing_is_refused_within_ten_seconds():
    pytest.importorskip("distributed")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        begin = time.monotonic()
        with pytest.raises(ExecutorError, match="no Dask scheduler answers"):
            swept(f"tcp://127.0.0.1:{silent.getsockname()[1]}")
        assert time.monotonic() - begin < 10


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("thread", "Did you mean 'threads'"),
        ("tcp://127.0.0.1", "has no port"),
        ("foo://127.0.0.1:1", "kind of address 'foo' is unknown"),
        ("tcp://127.0.0.1:99999999", "no Dask scheduler answers"),
        (7, "must be one of threads, processes, serial"),
    ],
)
def test_what_is_no_executor_is_refused(bad, message):
    with pytest.raises(KitchenError, match=message):
        swept(bad)
