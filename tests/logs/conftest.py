"""The sample log and a clean week of it."""

import csv

import pytest
from support.logs import MAPPING, SAMPLE, write

import kitchen as kt


@pytest.fixture(scope="session")
def sample():
    """The sample log as it is read."""
    return kt.read_log(SAMPLE, mapping=MAPPING)


@pytest.fixture(scope="session")
def week():
    """Eight evenings of the sample as rows of text without any fault, the night of the clocks among them."""
    with open(SAMPLE, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = [row for row in rows if "2025-10-21T12" < row["Placed at"] < "2025-10-29T12"]
    unique = list({row["Order No"]: row for row in rows}.values())
    kept = [row for row in unique if row["Status"] == "delivered"]
    for row in kept:
        row["Dish"], row["Storage"] = row["Dish"].strip(), row["Storage"].strip()
        row["Collected at"] = row["Collected at"].replace("N/A", "")
    return kept


@pytest.fixture(scope="session")
def clean(week, tmp_path_factory):
    """The week as it is read."""
    path = write(week, tmp_path_factory.mktemp("week") / "week.csv")
    return kt.read_log(path, mapping=MAPPING)
