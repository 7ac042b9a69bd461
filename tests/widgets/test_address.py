"""The address of the page: what it carries comes back, and what nobody may set is refused."""

from urllib.parse import parse_qs, urlencode

import pytest

import kitchen as kt
from kitchen.errors import KitchenError
from kitchen.model.strategy import Strategy
from kitchen.widgets.address import LONGEST, MOST_OWN, restore, written
from kitchen.widgets.explorer import Explorer
from kitchen.widgets.explorer_state import SINGLE
from kitchen.widgets.page import Page

pytestmark = pytest.mark.usefixtures("compiled")


@pytest.fixture(scope="module")
def explorer():
    made = Explorer("rush")
    assert made.wait(60)
    return made


def state(explorer):
    """All that the comparison depends on, and the view."""
    settings = explorer._settings()
    strategies = [own.describe() | {"name": own.name} for own in settings.strategies]
    return settings.scenario, strategies, *settings[3:7]


def moved():
    """An explorer that was moved in every way."""
    explorer = Explorer("rush")
    control = explorer.controls
    control["scenario"].value = "friday"
    control["couriers.delay.median"].value = 801.0
    control["shelves.hot.capacity"].value = 20
    control["decay"].value = "cliff"
    control["settings"].value = "shelves.cold.capacity=9; waste_below=0.25"
    control["measure"].value = "revenue"
    control["view"].value = "waste by cause"
    control["seed"].value = "7"
    control["replications"].value = 50
    explorer.offer(
        Strategy("oldest", recall=None, demote="least harmed", name="mine & <b>yours</b>")
    )
    control["today"].value = "random"
    explorer.ticks["newest"].value = True
    explorer.ticks["oldest"].value = False
    assert explorer.wait(60) and explorer.faults == []
    return explorer


def test_a_page_as_it_opens_has_no_state_in_its_address(explorer):
    assert written(explorer) == ""


def test_what_is_written_comes_back_the_same_in_another_page():
    first, other = moved(), Explorer("rush")
    query = written(first)
    restore(other, query)
    assert other.wait(60) and other.faults == []
    assert state(other) == state(first)
    assert written(other) == query


def test_a_range_comes_back():
    first, other = Explorer("rush"), Explorer("rush")
    first.controls["couriers.delay.low"].value = (1.0, 9.5)
    restore(other, written(first))
    assert other.scenario == first.scenario != kt.Scenario.load("rush")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("orders.file=/etc/passwd", "setting 'orders.file' is unknown"),
        ("scenario=/etc/passwd", "scenario '/etc/passwd' is unknown"),
        ("settings=orders.file%3D/etc/passwd", "cannot be set by a link"),
        ("settings=orders.%22file%22%3D/etc/passwd", "cannot be set by a link"),
        ("settings=orders%3D%7Bfile%3D%22/etc/passwd%22%7D", "cannot be set by a link"),
        ("arrivals.rate=nan", "must be a number from"),
        ("arrivals.rate=1e99", "must be a number from"),
        ("arrivals.rate=-1", "must be a number from"),
        ("couriers.delay.low=9,2", "two rising numbers"),
        ("couriers.delay.low=9", "two rising numbers"),
        ("shelves.hot.capacity=2.5", "must be a whole number from"),
        ("shelves.hot.capacity=%D9%A3", "must be a whole number from"),
        ("seed=1;2", "must be a whole number"),
        ("seed=1&seed=2", "is there twice"),
        ("replications=1000000", "replications '1000000' is unknown"),
        ("strategy=__import__", "strategy '__import__' is unknown"),
        ("today=nobody", "today 'nobody' is unknown"),
        ("own=%7B", "is no strategy"),
        ("own=%5B%5D", "must be a table of keys"),
        ("own=" + "%5B" * 1500, "is no strategy"),
        ("own=%7B%22discard%22:%22/etc/passwd%22%7D", "/etc/passwd"),
        ("own=%7B%22discard%22:%22oldest%22%7D", "is there already"),
        ("&".join(["own=%7B%7D"] * (MOST_OWN + 1)), "more than 12 strategies"),
        ("measure=__class__", "measure '__class__' is unknown"),
        ("nonsense", "is no list of settings"),
        ("seed=%ff", "is no list of settings"),
        ("seed=" + "1" * LONGEST, "letters"),
        ("settings=expired_orders=maybe", "expired_orders"),
    ],
)
def test_what_nobody_may_set_is_refused_in_one_line_and_nothing_moves(explorer, query, told):
    before = state(explorer)
    with pytest.raises(KitchenError) as refused:
        restore(explorer, query + "&waste_below=0.5")
    line = str(refused.value)
    assert told in line and "\n" not in line and len(line) < 700
    assert state(explorer) == before and explorer.added == {}


def test_the_servers_token_is_no_state(explorer):
    before = state(explorer)
    restore(explorer, "token=secret")
    assert state(explorer) == before and "token" not in written(explorer)


def test_a_bad_address_is_told_on_the_page_which_opens_as_ever():
    page = Page("rush", "seed=x")
    assert page.explorer.wait(60)
    assert page.faults == ["the address: seed: must be a whole number, got 'x'."]
    assert page.explorer.faults == [] and page.explorer.scenario == kt.Scenario.load("rush")


def test_the_page_writes_what_is_shown_into_its_address():
    page = Page("rush", urlencode({"seed": "3", "strategy": "random"}))
    page.explorer.controls["arrivals.rate"].value = 12.0
    assert page.explorer.wait(60) and page.explorer.faults == []
    said = parse_qs(page.address.query)
    assert said == {"seed": ["3"], "strategy": ["random"], "arrivals.rate": ["12"]}


def test_every_control_of_its_own_is_in_the_state(explorer):
    knobs = {knob.paths[0] for knob in explorer._knobs}
    others = {"reset", "preset", "eta", "decay", "expired_orders"}
    assert explorer.controls.keys() - knobs - others == set(SINGLE)
