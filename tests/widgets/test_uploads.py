"""An order log that is uploaded into the explorer: its evenings are replayed, and what is wrong is told."""

import datetime
import io
from html import escape

import pandas as pd
import pytest
from support.paths import ROOT

import kitchen as kt
from kitchen.errors import KitchenError
from kitchen.widgets import uploads
from kitchen.widgets.address import restore, written
from kitchen.widgets.explorer import Explorer

SAMPLE = next((ROOT / "data").glob("*log*.csv"))


def hand_in(explorer, name, content):
    """As the browser does when a file is chosen."""
    file = {
        "name": name, "type": "", "size": len(content), "content": memoryview(content),
        "last_modified": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    }  # fmt: skip
    explorer.upload.button.value = (file,)
    assert explorer.wait(120)


@pytest.fixture
def explorer():
    made = Explorer("friday", ["discard newcomer", "oldest"], replications=20)
    assert made.wait(120)
    return made


def test_the_evenings_of_an_uploaded_log_are_compared(explorer):
    content = SAMPLE.read_bytes()
    hand_in(explorer, "orders.csv", content)
    assert "Give tz=, as 'Europe/London'" in explorer.faults[0]
    explorer.upload.zone.value = "Europe/London"
    assert explorer.wait(120) and explorer.faults == []
    file = io.BytesIO(content)
    file.name = "orders.csv"
    log = kt.read_log(file, tz="Europe/London")
    trace = log.trace()
    wanted = kt.compare(
        kt.Scenario.load("friday"), ["discard newcomer", "oldest"],
        trace=trace.take(range(min(20, trace.replications.size))),
    )  # fmt: skip
    found = explorer.table.frame
    mean = found.set_index(["strategy", "measure"])["mean"].astype(float)
    pd.testing.assert_series_equal(
        mean, wanted.frame.set_index(["strategy", "measure"])["mean"].astype(float)
    )
    assert escape(log.verdict) in explorer.upload.told.value
    assert explorer.files.shown["code"] == ""


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("orders.csv", b"", "orders.csv: the file is empty"),
        ("orders.exe", b"MZ", "orders.exe: the name of a log ends in"),
        ("<img src=x>.csv", b"a,b\n1,2\n", ".csv: "),
    ],
)
def test_what_is_no_log_is_told_in_one_line_and_what_was_shown_stays(explorer, name, content, told):
    before = explorer.table
    hand_in(explorer, name, content)
    assert told in explorer.faults[0] and "<img" not in explorer.alert.value
    assert explorer.table is before


def test_a_file_that_is_too_large_is_refused_with_its_size(explorer, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 1_000_000)
    hand_in(explorer, "orders.csv", b"x" * 2_500_000)
    assert explorer.faults[0].startswith("orders.csv: has 2.5 MB, and a page takes up to 1.")


def test_a_link_to_an_upload_that_nobody_else_has_is_told_in_one_line(explorer):
    explorer.upload.zone.value = "Europe/London"
    hand_in(explorer, "orders.csv", SAMPLE.read_bytes())
    assert "orders.csv" in explorer.table.scenario.name
    other = Explorer("friday", ["discard newcomer", "oldest"], replications=20)
    with pytest.raises(KitchenError, match=r"the address: scenario 'orders\.csv' is unknown"):
        restore(other, written(explorer))
