"""A kitchen with prices in which the choice matters, and its report."""

import pytest

import kitchen as kt

REPLICATIONS = 40


@pytest.fixture(scope="session")
def priced():
    """An hour of `friday` on few slots: some 70 orders."""
    slots = {"hot": 5, "cold": 3, "frozen": 2, "overflow": 3}
    changes = {f"shelves.{name}.capacity": number for name, number in slots.items()}
    changes |= {"orders.duration_s": 4000.0, "name": "evening"}
    return kt.Scenario.load("friday").replace(changes)


@pytest.fixture(scope="session")
def priced_folder(priced, tmp_path_factory):
    out = tmp_path_factory.mktemp("priced")
    kt.report(priced, replications=REPLICATIONS, out=out)
    return out


@pytest.fixture(scope="session")
def best(priced):
    """The strategy that the report calls the best combination."""
    result = kt.levers(priced, replications=REPLICATIONS, bound_replications=0)
    found = next(lever for lever in result.changes if lever.name == "best combination")
    return found.strategy
