"""Shared by all tests: where helpers are found, how Hypothesis runs, and the shipped scenarios."""

import inspect
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile(
    "kitchen",
    derandomize=True,  # the same examples on every machine
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("kitchen")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes minutes; run with -m long")


@pytest.fixture(scope="session")
def compiled():
    """Every kernel is compiled and in the cache: no notice of that comes into what a test reads."""
    from kitchen.engine import encode, kernel, random, trace
    from kitchen.model import decay

    for module in (decay, random, trace, kernel, encode):
        for function in vars(module).values():
            if inspect.isfunction(function) and hasattr(function, "compile"):
                function.compile()


@pytest.fixture(scope="session")
def rush():
    """The default scenario, in which strategies differ."""
    from kitchen import Scenario

    return Scenario.load("rush")
