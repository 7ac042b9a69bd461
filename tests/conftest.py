"""Shared by all tests: how Hypothesis runs, how tests are shared out, the default scenario."""

import inspect
import os
import signal
import subprocess
import sys
import threading

import pytest
from hypothesis import HealthCheck, settings
from support.paths import ROOT

settings.register_profile(
    "kitchen",
    derandomize=True,  # the same examples on every machine
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("kitchen")

os.environ.pop("COLUMNS", None)  # pytest-xdist says 80; tables are printed whole where nobody does


def is_worker(config):
    """Is this one of the processes that pytest-xdist deals tests to?"""
    return hasattr(config, "workerinput")


def pytest_configure():
    """Let interrupts arrive: a shell that starts tests in the background has them ignored."""
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if ignored and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


def compile_engine():
    """As kept on disk for all processes; it takes half a minute where it is not there yet."""
    doctor = [sys.executable, "-m", "kitchen", "doctor", "--quiet"]
    subprocess.run(doctor, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)


def pytest_sessionstart(session):
    """Compile before tests are shared out: or each worker would, all of them at the same time."""
    shared = getattr(session.config.option, "dist", "no") != "no"
    if shared and not is_worker(session.config) and not session.config.option.collectonly:
        compile_engine()


@pytest.fixture(scope="session")
def compiled(request):
    """The engine, compiled on disk and loaded here: no notice of that comes into what a test reads."""
    from kitchen.engine import encode, kernel, random, trace
    from kitchen.model import decay

    if not is_worker(request.config):
        compile_engine()
    for module in (decay, random, trace, kernel, encode):
        for function in vars(module).values():
            if inspect.isfunction(function) and hasattr(function, "compile"):
                function.compile()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Where tests are shared out, begin with what takes longest, so that nobody waits at the end."""
    if is_worker(config):
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Deal a whole file to one process, as its tests share fixtures; and groups that are marked."""
    from xdist.scheduler import LoadGroupScheduling

    class FilesAndGroups(LoadGroupScheduling):
        def _split_scope(self, nodeid):
            return super()._split_scope(nodeid).split("::")[0]

    if config.option.dist != "loadgroup":
        return None
    config.option.loadscopereorder = False  # they are in order: see above
    return FilesAndGroups(config, log)


@pytest.fixture(scope="session")
def rush():
    """The default scenario, in which strategies differ."""
    from kitchen import Scenario

    return Scenario.load("rush")


@pytest.fixture(autouse=True)
def no_figure_is_left_over():
    """Where a test has made matplotlib import pyplot, plots are its figures until they are closed."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
