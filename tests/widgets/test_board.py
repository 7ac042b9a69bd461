"""The board: HTML that is well formed, shows what the snapshot says, keeps its size, and stays text."""

import json
import re
from html.parser import HTMLParser

import pytest

import kitchen as kt
from kitchen.simulation.snapshot import Snapshots, differing_orders, parting
from kitchen.utils.formatting import plain
from kitchen.widgets.board import LISTED, MOST_CELLS, MOST_ROWS, NEWS, STYLE, board, clock, page

NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</div></section><style>*{display:none}</style>",
    '" onmouseover="alert(1)" x=\'',
    "$x$ and $$\\frac{1}{2}$$ and \\(y\\)",
    "two\nlines\tand a tab",
    "long " * 60,
    "\u200b",  # nothing that can be seen
    "\u202eright to left \u05e9\u05dc\u05d5\u05dd",
    "&lt;b&gt; &amp; &#60;i&#62;",
    "\x00\x07 control",
]
ALLOWED = {"div", "section", "span", "small", "b", "i", "em", "bdi"}


class Node:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent = tag, dict(attributes), parent
        self.children = []

    @property
    def classes(self):
        return (self.attributes.get("class") or "").split()

    @property
    def text(self):
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    def all(self, *names):
        """Elements below this one that have all of these classes, in their order."""
        found = []
        for child in self.children:
            if isinstance(child, Node):
                if set(names) <= set(child.classes):
                    found.append(child)
                found += child.all(*names)
        return found

    def one(self, *names):
        (found,) = self.all(*names)
        return found


class Tree(HTMLParser):
    """A tree of the elements; every one must be closed by its own end tag."""

    def __init__(self, html):
        super().__init__()
        self.root = self.here = Node("root", {}, None)
        self.feed(html)
        self.close()
        assert self.here is self.root, f"{self.here.tag} is not closed"

    def handle_starttag(self, tag, attributes):
        assert tag in ALLOWED, tag
        assert not [name for name, _ in attributes if name.startswith("on")]
        assert {name for name, _ in attributes} <= {
            "class", "style", "title", "role", "aria-label", "aria-level", "translate",
        }  # fmt: skip
        node = Node(tag, attributes, self.here)
        self.here.children.append(node)
        self.here = node

    def handle_endtag(self, tag):
        assert tag == self.here.tag
        self.here = self.here.parent

    def handle_data(self, text):
        self.here.children.append(text)

    def handle_comment(self, text):
        raise AssertionError(text)


def parsed(*moments):
    return Tree(board(*moments)).root


def pair(scenario, one="discard newcomer", other="oldest", seed=1):
    trace = kt.draw(scenario, 1, seed)
    return [Snapshots(kt.simulate(scenario, strategy, trace=trace)) for strategy in (one, other)]


@pytest.fixture(scope="module")
def rush_pair(rush):
    return pair(rush)


@pytest.fixture(scope="module")
def nasty(tmp_path_factory):
    """A kitchen in which dishes, shelves, temps and the strategy have names that might do harm."""
    menu = tmp_path_factory.mktemp("nasty") / "menu.json"
    dishes = [
        {"name": name, "temp": temp, "shelfLife": 20, "decayRate": 0.5}
        for name in NASTY
        for temp in ("hot", "<b>odd</b>")
    ]
    menu.write_text(json.dumps(dishes))
    scenario = kt.Scenario.load("rush").replace(
        {
            "orders.file": str(menu),
            "shelves.hot.name": "<script>hot</script>",
            "shelves.overflow.name": '"><img src=x onerror=alert(1)>',
            "name": "<b>nasty</b>",
        }
    )
    strategies = [kt.Strategy("oldest", name=NASTY[1]), kt.Strategy("random", name=NASTY[3])]
    return pair(scenario, *strategies)


def percent(value):
    return f"{100 * value:.1f} %"


# What it shows


@pytest.mark.parametrize("time", [0.0, 2.0, 5.041232984748193, 7.0, 12.0, 17.0, 100.0])
def test_rows_show_the_orders_of_the_moment_in_their_slots(rush_pair, time):
    snapshot = rush_pair[0].at(time)
    panels = parsed(snapshot).all("kt-shelf")
    assert len(panels) == len(snapshot.shelves)
    for panel, shelf in zip(panels, snapshot.shelves, strict=True):
        head = panel.one("kt-shelf-head")
        assert head.text == f"{shelf.name}{len(shelf.orders)}/{shelf.capacity}"
        assert panel.attributes["aria-label"] == (
            f"{shelf.name}: {len(shelf.orders)} of {shelf.capacity} taken"
        )
        slots = panel.all("kt-slot")
        assert len(slots) == shelf.capacity
        taken = {order.slot: order for order in shelf.orders}
        for place, slot in enumerate(slots):
            if place not in taken:
                assert "kt-free" in slot.classes and not slot.text
                continue
            order = taken[place]
            assert slot.one("kt-name").text == order.name
            assert slot.attributes["title"] == order.name
            assert slot.one("kt-value").text == percent(order.value)
            assert slot.one("kt-temp").text == order.temp[0].upper()
            (bar,) = slot.one("kt-bar").children
            assert bar.attributes["style"] == f"width:{100 * order.value:.1f}%"


def test_counters_are_those_of_the_moment(rush_pair):
    snapshot = rush_pair[1].at(12.0)
    counts = parsed(snapshot).one("kt-counts")
    told = dict([part.text for part in cell.children] for cell in counts.children)
    assert told == {
        "ready": f"{snapshot.ready} of 132",
        "on shelves": str(snapshot.standing),
        "delivered": str(snapshot.delivered),
        "expired": str(snapshot.expired),
        "discarded": str(snapshot.discarded),
        "moves": str(snapshot.moves),
        "value delivered": f"{snapshot.value_delivered:.2f}",
        "lost so far": percent(snapshot.lost_share),
    }


def test_the_head_has_the_strategy_and_the_time(rush_pair):
    heads = parsed(*(m.at(7.0) for m in rush_pair)).all("kt-head")
    assert [head.one("kt-title").text for head in heads] == ["discard newcomer", "oldest"]
    assert [head.one("kt-time").text for head in heads] == ["7.00 s of 17.73 s"] * 2


def test_what_just_happened_is_told_newest_first(rush_pair):
    words = {
        "place": "+ placed",
        "move": "\u2192 moved",
        "pickup": "\u2713 fetched",
        "discard": "\u00d7 discarded",
    }
    seen = set()
    for time in rush_pair[1].times[NEWS::5]:
        snapshot = rush_pair[1].at(time)
        lines = parsed(snapshot).one("kt-news").all("kt-line")
        assert len(lines) == NEWS
        for line, event in zip(lines, snapshot.events, strict=False):
            assert line.one("kt-when").text == f"{event.time_s:.2f} s"
            assert line.one("kt-what").text == words[event.event]
            assert event.name in line.text and percent(event.value) in line.text
            for shelf in (event.from_shelf, event.to_shelf):
                assert shelf is None or shelf in line.text
            assert ("kt-now" in line.classes) == snapshot.just_now(event.time_s)
            seen.add(event.event)
    assert seen == set(words)


def test_what_was_just_placed_or_moved_says_so_in_words(rush_pair):
    seen = set()
    for time in rush_pair[0].times[::10]:
        snapshot = rush_pair[0].at(time)
        for panel, shelf in zip(parsed(snapshot).all("kt-shelf"), snapshot.shelves, strict=True):
            slots = panel.all("kt-slot")
            for order in shelf.orders:
                slot, now = slots[order.slot], snapshot.just_now(order.since_s)
                tags = [tag.text for tag in slot.all("kt-tag")]
                kind = "moved" if order.came_from else "new"
                seen.add((kind, now))
                assert (f"kt-{kind}" in slot.classes) == now
                if order.came_from:
                    assert tags == [f"\u2190 {order.came_from}" if now else "\u2190"]
                    assert slot.one("kt-tag").attributes["title"].endswith(order.came_from)
                else:
                    assert tags == (["new"] if now else [])
    assert len(seen) == 4


def test_waste_that_is_held_says_so():
    slow = kt.Scenario.load("heater").replace({"couriers.delay.high": 60.0})
    moments = Snapshots(kt.simulate(slow, seed=1))
    time = next(
        t for t in moments.times for s in moments.at(t).shelves for o in s.orders if o.spoilt
    )
    snapshot = moments.at(time)
    spoilt = sum(order.spoilt for shelf in snapshot.shelves for order in shelf.orders)
    values = [value.text for value in parsed(snapshot).all("kt-value")]
    assert values.count("waste") == spoilt > 0


# Two kitchens


def test_two_boards_outline_the_orders_that_stand_differently(rush_pair):
    part = parting(*rush_pair)
    for time in [0.0, part - 1e-6, part, 6.0, 7.0, 9.0]:
        moments = [m.at(time) for m in rush_pair]
        boards = parsed(*moments).one("kt-pair").children
        differing = differing_orders(*moments)
        assert bool(differing) == (time >= part)
        for shown, snapshot in zip(boards, moments, strict=True):
            for panel, shelf in zip(shown.all("kt-shelf"), snapshot.shelves, strict=True):
                slots = panel.all("kt-slot")
                for order in shelf.orders:
                    assert ("kt-apart" in slots[order.slot].classes) == (order.order in differing)


def test_an_outlined_order_says_where_it_is_in_the_other_kitchen(rush_pair):
    moments = [m.at(7.0) for m in rush_pair]
    where = [{o.order: s.name for s in m.shelves for o in s.orders} for m in moments]
    told = 0
    boards = parsed(*moments).one("kt-pair").children
    for shown, snapshot, there in zip(boards, moments, reversed(where), strict=True):
        for panel, shelf in zip(shown.all("kt-shelf"), snapshot.shelves, strict=True):
            for order in shelf.orders:
                slot = panel.all("kt-slot")[order.slot]
                if "kt-apart" in slot.classes:
                    other = there.get(order.order)
                    wanted = f"it is on {other}" if other else "it is not on a shelf"
                    assert slot.attributes["title"].endswith(f"; in the other kitchen {wanted}")
                    told += 1
    assert told > 2


def test_one_board_outlines_nothing(rush_pair):
    assert parsed(rush_pair[0].at(7.0)).all("kt-apart") == []


# Its size


def shape(node):
    """How many elements of each kind that takes room."""
    kinds = ("kt-board", "kt-shelf", "kt-slot", "kt-cell", "kt-line", "kt-note", "kt-counts")
    return [len(node.all(kind)) for kind in kinds]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("rush", {}),
        ("dinner", {}),
        ("heater", {}),
        ("rush", {"shelves.hot.capacity": 1000, "shelves.cold.capacity": 0}),
        ("rush", {"orders.count": 0}),
        ("rush", {"shelves": [{"name": "all", "holds": "any", "capacity": 5}]}),
        ("rush", {"shelves": [{"name": f"s{i}", "holds": "any", "capacity": i} for i in range(8)]}),
    ],
)
def test_a_board_keeps_its_size_while_time_goes_by(name, changes):
    moments = pair(kt.Scenario.load(name).replace(changes))
    shapes = {
        tuple(shape(parsed(*(m.at(time) for m in moments))))
        for time in [0.0, *moments[0].times[:: max(moments[0].times.size // 25, 1)], 1e6]
    }
    assert len(shapes) == 1


def test_shelves_show_rows_then_squares_then_only_their_ends(rush):
    changes = {
        "hot": MOST_ROWS,
        "cold": MOST_ROWS + 1,
        "frozen": MOST_CELLS,
        "overflow": MOST_CELLS + 1,
    }
    scenario = rush.replace({f"shelves.{name}.capacity": n for name, n in changes.items()})
    panels = parsed(Snapshots(kt.simulate(scenario, seed=1)).at(9.0)).all("kt-shelf")
    assert [len(panel.all("kt-slot")) for panel in panels] == [
        MOST_ROWS,
        LISTED,
        LISTED,
        2 * LISTED,
    ]
    assert [len(panel.all("kt-cell")) for panel in panels] == [0, MOST_ROWS + 1, MOST_CELLS, 0]


def test_squares_stand_for_their_orders():
    moments = Snapshots(kt.simulate(kt.Scenario.load("dinner"), seed=1))
    snapshot = moments.at(9000.0)
    for panel, shelf in zip(parsed(snapshot).all("kt-shelf"), snapshot.shelves, strict=True):
        if shelf.capacity <= MOST_ROWS:
            continue
        cells = panel.all("kt-cell")
        for order in shelf.orders:
            cell = cells[order.slot]
            assert cell.attributes["title"] == f"{order.name}, {percent(order.value)}"
            assert cell.text == order.temp[0].upper()
            assert f"height:{100 * order.value:.0f}%" in cell.children[0].attributes["style"]
        assert len(cells) - len(panel.all("kt-cell", "kt-free")) == len(shelf.orders) > LISTED
        values = sorted(order.value for order in shelf.orders)[:LISTED]
        assert [v.text for v in panel.all("kt-value")] == [percent(value) for value in values]


def test_of_a_very_large_shelf_the_worst_and_the_newest_are_named(rush):
    huge = rush.replace({"shelves.hot.capacity": 100_000, "orders.count": 400})
    snapshot = Snapshots(kt.simulate(huge, seed=1)).at(9.0)
    shelf = snapshot.shelves[0]
    panel = parsed(snapshot).all("kt-shelf")[0]
    worst = sorted(shelf.orders, key=lambda o: (o.value, o.order))[:LISTED]
    newest = sorted(shelf.orders, key=lambda o: (-o.since_s, -o.order))[:LISTED]
    assert [name.text for name in panel.all("kt-name")] == [o.name for o in worst + newest]
    assert f"{len(shelf.orders)}/100,000" in panel.text


def test_a_shelf_without_slots_says_so(rush):
    panels = parsed(Snapshots(kt.simulate(rush.replace({"shelves.hot.capacity": 0}))).at(1.0)).all(
        "kt-shelf"
    )
    assert panels[0].one("kt-note").text == "no slots"
    assert "0/0" in panels[0].text


def test_an_empty_kitchen_says_that_nothing_has_happened(rush):
    shown = parsed(Snapshots(kt.simulate(rush.replace({"orders.count": 0}))).at(0.0))
    assert shown.all("kt-line")[0].text == "nothing has happened yet"
    assert "lost so far\u2013" in shown.one("kt-counts").text


def test_a_picture_of_two_rush_kitchens_is_small(rush_pair):
    sizes = [len(board(*(m.at(time) for m in rush_pair)).encode()) for time in rush_pair[0].times]
    assert max(sizes) < 40_000


# Names


def test_nasty_names_stay_text(nasty):
    """The parser refuses every tag, attribute and comment that is not ours."""
    shown = set()
    for time in nasty[0].times[::6]:
        moments = [m.at(time) for m in nasty]
        root = parsed(*moments)
        shown |= {name.text for name in root.all("kt-name")}
        for panel, shelf in zip(root.all("kt-shelf"), moments[0].shelves, strict=False):
            assert panel.one("kt-shelf-name").text == shelf.name
    assert shown == {plain(name, 80) for name in NASTY}


def test_the_whole_of_a_long_name_is_in_its_title(nasty):
    long = next(name for name in NASTY if len(name) == 300)
    for time in nasty[0].times:
        for slot in parsed(nasty[0].at(time)).all("kt-slot"):
            if "kt-free" not in slot.classes and slot.one("kt-name").text == plain(long, 80):
                assert slot.attributes["title"] == long.strip()
                return
    raise AssertionError("the long name was never on a shelf")


def test_a_board_is_no_place_for_formulas(rush_pair):
    root = parsed(rush_pair[0].at(1.0)).one("kt-boards")
    assert {"mathjax_ignore", "tex2jax_ignore"} <= set(root.classes)


def test_temps_with_the_same_first_letter_get_letters_of_their_own(tmp_path, rush):
    temps = ["hot", "hat", "h", "HO", "<>", "\u05e9", "1"]
    menu = tmp_path / "menu.csv"
    menu.write_text(
        "\n".join(["name,temp,shelf_life_s,decay_rate", *(f"x,{t},9,0" for t in temps)]),
        encoding="utf-8",
    )
    shown = parsed(Snapshots(kt.simulate(rush.replace({"orders.file": str(menu)}))).at(3.0))
    letters = [mark.text for mark in shown.one("kt-key").all("kt-temp")]
    assert len(letters) == len(set(letters)) == len(temps) + 2  # and cold and frozen
    assert all(letters)


# The page


def test_a_page_brings_its_style_and_no_script(rush_pair):
    html = page(*(m.at(7.0) for m in rush_pair))
    assert html.startswith(STYLE)
    assert html.count("<style") == 1
    assert "<script" not in html


def test_every_class_of_the_picture_is_the_packages_own(rush_pair):
    shown = parsed(*(m.at(7.0) for m in rush_pair))
    strange = {name for node in shown.all() for name in node.classes if not name.startswith("kt-")}
    assert strange == {"mathjax_ignore", "tex2jax_ignore"}


def test_the_style_touches_nothing_else_on_the_page():
    rules = re.sub(r"@container[^{]*{(.*)}", r"\1", STYLE.removeprefix("<style>"))
    for selectors in re.findall(r"([^{}]+){[^{}]*}", rules):
        for selector in selectors.split(","):
            assert selector.strip().startswith(".kt-"), selector


def test_a_clock_has_hundredths_in_a_short_run_and_hours_in_a_long_one():
    assert clock(7.0, 17.7) == "7.00 s"
    assert clock(7643.02, 20_758.0) == "2:07:23"
    assert clock(0.0, 20_758.0) == "0:00:00"
    assert clock(-1.0, 20_758.0) == "\u22120:00:01"
