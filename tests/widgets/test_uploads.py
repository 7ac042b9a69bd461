"""What is uploaded into the explorer is shown as if it came from a file, and what is wrong is told."""

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


def hand_in(explorer, name, content, what="log"):
    """As the browser does when a file is chosen."""
    file = {
        "name": name, "type": "", "size": len(content), "content": memoryview(content),
        "last_modified": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    }  # fmt: skip
    explorer.uploads.buttons[what].value = (file,)
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
    explorer.uploads.zone.value = "Europe/London"
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
    assert escape(log.verdict) in explorer.uploads.told.value
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
    explorer.uploads.zone.value = "Europe/London"
    hand_in(explorer, "orders.csv", SAMPLE.read_bytes())
    assert "orders.csv" in explorer.table.scenario.name
    other = Explorer("friday", ["discard newcomer", "oldest"], replications=20)
    with pytest.raises(KitchenError, match=r"the address: scenario 'orders\.csv' is unknown"):
        restore(other, written(explorer))


MENU = b"name,temp,shelf_life_s,decay_rate,price\nSoup,hot,300,0.5,8\nIce,frozen,200,0.4,3\n"


def test_an_uploaded_menu_is_that_of_the_kitchen_on_the_page(explorer):
    hand_in(explorer, "small.csv", MENU, "menu")
    assert explorer.faults == [] and "2 dishes, hot and frozen" in explorer.uploads.told.value
    menu = kt.Menu.from_frame(pd.read_csv(io.BytesIO(MENU)))
    friday = kt.Scenario.load("friday")
    world = friday.replace({"orders.file": None}).replace({"orders.menu": menu})
    wanted = kt.compare(world, ["discard newcomer", "oldest"], replications=20, seed=1)
    pd.testing.assert_frame_equal(explorer.table.frame, wanted.frame)


def test_an_uploaded_scenario_has_the_menu_that_was_uploaded_before_it(explorer, tmp_path):
    (tmp_path / "small.csv").write_bytes(MENU)
    world = kt.Scenario.load("rush").replace(
        {"name": "mine", "orders.file": str(tmp_path / "small.csv")}
    )
    text = world.to_toml(tmp_path).encode()
    hand_in(explorer, "mine.toml", text, "settings")
    assert (
        "mine.toml: orders.file: 'small.csv' is a file that this page does not have"
        in explorer.faults[0]
    )
    hand_in(explorer, "small.csv", MENU, "menu")
    explorer.uploads.buttons["settings"].value = ()
    hand_in(explorer, "mine.toml", text, "settings")
    assert explorer.faults == [] and explorer.controls["scenario"].value == "mine"
    wanted = kt.compare(world, ["discard newcomer", "oldest"], replications=20, seed=1)
    pd.testing.assert_frame_equal(explorer.table.frame, wanted.frame)


@pytest.mark.parametrize("file", ["/etc/passwd", "../orders.csv", "orders.json"])
def test_a_scenario_never_reads_a_file_of_this_machine(explorer, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.json").write_text("[]", encoding="utf-8")
    text = kt.Scenario.load("rush").replace({"name": "mine"}).to_toml()
    text = text.replace("[orders]", f'[orders]\nfile = "{file}"')
    hand_in(explorer, "mine.toml", text.encode(), "settings")
    assert "is a file that this page does not have" in explorer.faults[0]


def test_a_scenario_may_name_a_menu_that_ships(explorer):
    hand_in(explorer, "mine.toml", kt.Scenario.load("dinner").to_toml().encode(), "settings")
    assert explorer.faults == [] and explorer.scenario.orders == kt.Scenario.load("dinner").orders


def test_an_uploaded_strategy_is_compared(explorer):
    mine = kt.Strategy("newest", recall=None, name="mine")
    hand_in(explorer, "mine.toml", mine.to_toml().encode(), "settings")
    assert explorer.faults == [] and explorer.table.strategies[-1].describe() == mine.describe()


def test_a_mapping_says_how_the_log_is_read(explorer):
    hand_in(explorer, "mapping.toml", b'tz = "Europe/London"\n', "settings")
    hand_in(explorer, "orders.csv", SAMPLE.read_bytes())
    assert explorer.faults == [] and "orders.csv" in explorer.table.scenario.name
    zoned = explorer.uploads.told.value
    hand_in(explorer, "late.toml", b'tz = "Europe/London"\nday_begins = "12:00"\n', "settings")
    assert explorer.faults == [] and explorer.uploads.told.value == zoned
    hand_in(explorer, "wrong.toml", b'tz = "Europe/London"\nmenu = "gone.csv"\n', "settings")
    assert (
        "wrong.toml: menu: 'gone.csv' is a file that this page does not have" in explorer.faults[0]
    )


@pytest.mark.parametrize(
    ("what", "name", "content", "told"),
    [
        ("menu", "small.csv", b"", "small.csv: "),
        ("menu", "small.exe", b"MZ", "small.exe: the name of a file of orders ends in"),
        ("menu", "small.csv", b"name,temp\nSoup,hot\n", "small.csv: "),
        ("settings", "mine.toml", b"name = ", "mine.toml: at the end: not TOML"),
        ("settings", "mine.toml", b"", "mine.toml: "),
        ("settings", "mine.toml", b'[strategy]\ndiscard = "nobody"\n', "mine.toml: strategy.discard"),
        ("settings", "mine.toml", b'tz = 1\nnonsense = 2\n', "mine.toml: key 'nonsense' is unknown"),
        ("settings", "mine.exe", b'[strategy]\n', "mine.exe: the name of a file of settings"),
    ],
)  # fmt: skip
def test_files_that_are_wrong_are_told_in_one_line(explorer, what, name, content, told):
    before = explorer.table
    hand_in(explorer, name, content, what)
    assert explorer.faults and told in explorer.faults[0] and "\n" not in explorer.faults[0]
    assert "fault of kitchen" not in explorer.faults[0] and explorer.table is before


@pytest.mark.parametrize(
    ("rows", "told"),
    [(b"", "small.csv: no dishes, so nothing comes."), (b"Soup,hot,300,0.5,8\n", "1 dish, hot.")],
)
def test_an_uploaded_menu_of_nothing_or_of_one_dish_is_told_as_such(explorer, rows, told):
    hand_in(explorer, "small.csv", MENU.splitlines(keepends=True)[0] + rows, "menu")
    assert explorer.faults == [] and told in explorer.uploads.told.value
