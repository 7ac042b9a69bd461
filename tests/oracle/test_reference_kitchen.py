"""The reference kitchen against cases small enough to be worked out by hand."""

import math
import random

import pytest
from oracle.reference_kitchen import Order, Shelf, Strategy, World, mix, simulate, tie_breaker

HOT, COLD, FROZEN, OVERFLOW = 0, 1, 2, 3
"""Where the shelves of `four_shelves` stand."""


def four_shelves(**options):
    """One slot each for hot, cold and frozen, and an overflow of one slot with modifier 2."""
    shelves = (
        Shelf("hot", ("hot",), 1),
        Shelf("cold", ("cold",), 1),
        Shelf("frozen", ("frozen",), 1),
        Shelf("overflow", "any", 1, 2.0),
    )
    return a_world(*shelves, **options)


def two_shelves(hot=1, overflow=1, **options):
    """A hot shelf (index 0) and an overflow with modifier 2 (index 1)."""
    shelves = Shelf("hot", ("hot",), hot), Shelf("overflow", "any", overflow, 2.0)
    return a_world(*shelves, **options)


def one_shelf(capacity, **options):
    return a_world(Shelf("only", "any", capacity), **options)


def a_world(*shelves, decay="freshness", eta="exact", **options):
    return World(shelves, ("hot", "cold", "frozen"), decay=decay, eta=eta, **options)


def an_order(index, ready_s, pickup_s, temp="hot", life_s=20.0, decay_rate=1.0, **fields):
    fields = {"price": 1.0, "received_s": ready_s, **fields}
    return Order(index, temp, life_s, decay_rate, ready_s=ready_s, pickup_s=pickup_s, **fields)


def rows(ledger):
    return [(e.time_s, e.order, e.event, e.from_shelf, e.to_shelf) for e in ledger]


def ends(ledger):
    """How each order left: {index: (event, time)}."""
    return {e.order: (e.event, e.time_s) for e in ledger if e.event not in ("place", "move")}


def delivered_value(ledger):
    return sum(e.value for e in ledger if e.event == "pickup")


def first_in(order):
    return -order.waited_s


def last_in(order):
    return order.waited_s


def newcomer(order):
    return 0.0 if order.is_newcomer else math.inf


def nobody(order):
    return math.inf


def anyone(order):
    return 0.0


def latest_pickup(order):
    return -order.pickup_in_s


# --- the golden trace ----------------------------------------------------------------------------

SIX_ORDERS = [
    an_order(0, 0.0, 6.0, "hot"),
    an_order(1, 1.0, 5.0, "hot"),
    an_order(2, 2.0, 7.0, "cold"),
    an_order(3, 3.0, 9.0, "cold"),
    an_order(4, 5.5, 8.5, "hot"),
    an_order(5, 7.0, 9.0, "frozen"),
]


def test_the_golden_trace_with_eager_recall_and_the_newcomer_discarded():
    ledger = simulate(four_shelves(), SIX_ORDERS, Strategy(newcomer, recall=first_in))
    assert [tuple(e[:5]) for e in ledger] == [
        (0.0, 0, "place", None, HOT),
        (1.0, 1, "place", None, OVERFLOW),
        (2.0, 2, "place", None, COLD),
        (3.0, 3, "discard", None, None),
        (5.0, 1, "pickup", OVERFLOW, None),
        (5.5, 4, "place", None, OVERFLOW),
        (6.0, 0, "pickup", HOT, None),
        (6.0, 4, "move", OVERFLOW, HOT),
        (7.0, 2, "pickup", COLD, None),
        (7.0, 5, "place", None, FROZEN),
        (8.5, 4, "pickup", HOT, None),
        (9.0, 5, "pickup", FROZEN, None),
    ]
    values = [1.0, 1.0, 1.0, 1.0, 0.6, 1.0, 0.7, 0.95, 0.75, 1.0, 0.825, 0.9]
    assert [e.value for e in ledger] == pytest.approx(values)
    weighted_ages = [0.0, 0.0, 0.0, 0.0, 8.0, 0.0, 6.0, 1.0, 5.0, 0.0, 3.5, 2.0]
    assert [e.weighted_age_s for e in ledger] == pytest.approx(weighted_ages)
    assert delivered_value(ledger) == pytest.approx(3.775)


def test_the_golden_trace_without_recall_leaves_order_four_on_overflow():
    ledger = simulate(four_shelves(), SIX_ORDERS, Strategy(newcomer))
    assert not [e for e in ledger if e.event == "move"]
    assert delivered_value(ledger) == pytest.approx(3.65)


def test_the_golden_trace_with_the_oldest_on_overflow_discarded():
    strategy = Strategy(first_in, recall=first_in, discard_from="overflow")
    ledger = simulate(four_shelves(), SIX_ORDERS, strategy)
    discards = [(e.time_s, e.order, e.from_shelf, e.value) for e in ledger if e.event == "discard"]
    assert discards == [(3.0, 1, OVERFLOW, pytest.approx(0.8)), (5.5, 3, OVERFLOW, 0.75)]
    assert delivered_value(ledger) == pytest.approx(3.175)


# --- decay ---------------------------------------------------------------------------------------


def test_weighted_age_is_carried_along_when_an_order_moves():
    orders = [an_order(0, 0.0, 4.0), an_order(1, 0.0, 6.0, decay_rate=0.63)]
    ledger = simulate(two_shelves(decay="weighted"), orders, Strategy(newcomer, recall=first_in))
    move, last = ledger[-2:]
    assert move[:5] == (4.0, 1, "move", 1, 0)
    assert move.weighted_age_s == 8.0
    assert last[:5] == (6.0, 1, "pickup", 0, None)
    assert last.weighted_age_s == 10.0
    assert last.value == pytest.approx(0.685)


def one_plus_half(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return 1.0 - (age_s + decay_rate * weighted_age_s) / shelf_life_s


@pytest.mark.parametrize(
    ("law", "waste_below", "expires_s"),
    [
        ("linear", 0.0, 10.0),
        ("linear", 0.5, 5.0),
        ("weighted", 0.0, 20.0),
        ("weighted", 0.25, 15.0),
        ("freshness", 0.0, 10.0),
        ("exponential", 0.0, None),
        ("exponential", 0.5, 10.0 * math.log(2.0)),
        ("cliff", 0.0, 10.0),
        ("cliff", 0.5, 10.0),
        (one_plus_half, 0.0, 10.0),
        (one_plus_half, 0.5, 5.0),
    ],
)
def test_each_law_expires_when_its_value_reaches_the_threshold(law, waste_below, expires_s):
    world = two_shelves(hot=0, decay=law, waste_below=waste_below)  # modifier 2 from the start
    ledger = simulate(world, [an_order(0, 0.0, 1000.0, decay_rate=0.5)], Strategy(newcomer))
    last = ledger[-1]
    if expires_s is None:
        assert last[:3] == (1000.0, 0, "pickup")
        assert last.value == pytest.approx(math.exp(-100.0))
    else:
        assert last[1:6] == (0, "expire", 1, None, 0.0)
        assert last.time_s == pytest.approx(expires_s)


def test_an_order_that_does_not_decay_never_expires():
    for law in ("weighted", lambda age, weighted_age, life, rate: 1.0 - rate * weighted_age / life):
        ledger = simulate(
            one_shelf(1, decay=law), [an_order(0, 0.0, 1e6, decay_rate=0.0)], Strategy(newcomer)
        )
        assert ledger[-1][:6] == (1e6, 0, "pickup", 0, None, 1.0)


def test_a_cliff_keeps_the_full_value_until_the_end():
    world = one_shelf(1, decay="cliff")
    ledger = simulate(world, [an_order(0, 0.0, 9.5, decay_rate=1.0)], Strategy(newcomer))
    assert ledger[-1][:6] == (9.5, 0, "pickup", 0, None, 1.0)


def test_a_move_puts_off_the_expiry():
    orders = [an_order(0, 0.0, 4.0), an_order(1, 0.0, 15.0), an_order(2, 0.0, 30.0, "cold")]
    world = four_shelves()
    ledger = simulate(world, orders, Strategy(newcomer, recall=first_in))
    assert rows(ledger)[4:] == [  # on overflow order 1 would have expired at 10
        (4.0, 1, "move", OVERFLOW, HOT),
        (15.0, 1, "pickup", HOT, None),
        (20.0, 2, "expire", COLD, None),
    ]
    assert ledger[5].value == pytest.approx(1.0 - 19.0 / 20.0)


def test_a_modifier_can_differ_by_temp():
    world = a_world(Shelf("only", "any", 2, {"hot": 2.0, "cold": 4.0, "frozen": 1.0}))
    orders = [an_order(0, 0.0, 90.0, "hot"), an_order(1, 0.0, 90.0, "cold")]
    ledger = simulate(world, orders, Strategy(newcomer))
    assert ends(ledger) == {0: ("expire", 10.0), 1: ("expire", 5.0)}


# --- ties ----------------------------------------------------------------------------------------


def test_an_order_that_expires_as_its_courier_comes_is_waste():
    for law in ("freshness", lambda age, weighted_age, life, rate: 1.0 - weighted_age / life):
        ledger = simulate(one_shelf(1, decay=law), [an_order(0, 0.0, 20.0)], Strategy(newcomer))
        assert rows(ledger)[1:] == [(20.0, 0, "expire", 0, None)]


def test_at_one_instant_expiry_comes_before_pickup_before_arrival():
    orders = [
        an_order(0, 20.0, 30.0),
        an_order(1, 0.0, 20.0, life_s=50.0),
        an_order(2, 0.0, 90.0),
    ]
    assert rows(simulate(one_shelf(2), orders, Strategy(newcomer)))[2:] == [
        (20.0, 2, "expire", 0, None),
        (20.0, 1, "pickup", 0, None),
        (20.0, 0, "place", None, 0),
        (30.0, 0, "pickup", 0, None),
    ]


def test_within_a_kind_the_lower_index_comes_first():
    orders = [an_order(i, 0.0, 20.0 if i < 2 else 15.0, life_s=30.0 if i > 1 else 20.0)
              for i in (3, 1, 2, 0)]  # fmt: skip
    ledger = simulate(one_shelf(4), orders, Strategy(newcomer))
    assert [(e.event, e.order) for e in ledger] == [
        *[("place", i) for i in range(4)],
        *[("pickup", 2), ("pickup", 3)],
        *[("expire", 0), ("expire", 1)],
    ]


def test_an_arrival_takes_the_slot_that_comes_free_at_that_instant():
    orders = [an_order(0, 0.0, 5.0), an_order(1, 5.0, 9.0)]
    assert ends(simulate(one_shelf(1), orders, Strategy(newcomer))) == {
        0: ("pickup", 5.0),
        1: ("pickup", 9.0),
    }


def test_an_order_recalled_at_the_instant_of_its_expiry_expires_at_home():
    orders = [an_order(0, 0.0, 10.0, life_s=10.0), an_order(1, 0.0, 90.0)]
    ledger = simulate(two_shelves(), orders, Strategy(newcomer, recall=first_in))
    assert rows(ledger)[2:] == [
        (10.0, 0, "expire", 0, None),
        (10.0, 1, "move", 1, 0),
        (10.0, 1, "expire", 0, None),
    ]


def test_a_move_does_not_revive_an_order_by_a_rounding_error():
    # At 0.35 the order on overflow has a weighted age of 2 * (0.35 - 0.2), which as float is < 0.3.
    orders = [an_order(0, 0.0, 9.0, life_s=0.35), an_order(1, 0.2, 9.0, life_s=0.3)]
    ledger = simulate(two_shelves(), orders, Strategy(newcomer, recall=first_in))
    assert ends(ledger) == {0: ("expire", 0.35), 1: ("expire", 0.35)}


# --- couriers who are there first ----------------------------------------------------------------


def test_a_courier_who_is_there_first_takes_the_order_at_its_full_value():
    orders = [an_order(0, 5.0, 3.0, received_s=1.0), an_order(1, 6.0, 6.0)]
    for world in (one_shelf(0), one_shelf(1)):
        ledger = simulate(world, orders, Strategy(newcomer))
        assert ledger == [
            (5.0, 0, "pickup", None, None, 1.0, 0.0),
            (6.0, 1, "pickup", None, None, 1.0, 0.0),
        ]


# --- a pool of couriers --------------------------------------------------------------------------


def pool(issue, **options):
    return Strategy(newcomer, issue=issue, **options)


@pytest.mark.parametrize(("issue", "first_taken"), [(first_in, 0), (last_in, 1), (anyone, 0)])
def test_a_courier_of_a_pool_takes_whom_the_rule_wants(issue, first_taken):
    orders = [an_order(0, 0.0, 9.0), an_order(1, 1.0, 5.0)]
    ledger = simulate(one_shelf(2), orders, pool(issue))
    assert rows(ledger)[2:] == [
        (5.0, first_taken, "pickup", 0, None),
        (9.0, 1 - first_taken, "pickup", 0, None),
    ]
    assert ledger[2].value == pytest.approx(0.75 if first_taken == 0 else 0.8)


def test_couriers_of_a_pool_who_find_nothing_take_what_is_ready_next_one_each():
    orders = [
        an_order(0, 4.0, 1.0, received_s=0.0),
        an_order(1, 5.0, 2.0, received_s=0.0),
        an_order(2, 3.0, 7.0),
        an_order(3, 6.0, 8.0),
    ]
    assert simulate(one_shelf(1), orders, pool(last_in)) == [
        (3.0, 2, "pickup", None, None, 1.0, 0.0),
        (4.0, 0, "pickup", None, None, 1.0, 0.0),
        (5.0, 1, "place", None, 0, 1.0, 0.0),
        (6.0, 3, "discard", None, None, 1.0, 0.0),
        (7.0, 1, "pickup", 0, None, 0.9, 2.0),
    ]


def test_an_order_whose_courier_took_another_one_is_placed_and_waits_for_the_next():
    orders = [an_order(0, 0.0, 9.0), an_order(1, 5.0, 2.0, received_s=0.0)]
    assert rows(simulate(one_shelf(1), orders, pool(first_in))) == [
        (0.0, 0, "place", None, 0),
        (2.0, 0, "pickup", 0, None),
        (5.0, 1, "place", None, 0),
        (9.0, 1, "pickup", 0, None),
    ]


def test_the_courier_of_an_order_that_is_gone_still_comes_for_the_others():
    orders = [an_order(0, 0.0, 6.0, life_s=2.0), an_order(1, 0.0, 7.0, life_s=50.0)]
    assert rows(simulate(one_shelf(2), orders, pool(first_in)))[2:] == [
        (2.0, 0, "expire", 0, None),
        (6.0, 1, "pickup", 0, None),
    ]


def test_a_pool_too_comes_after_an_expiry_and_before_an_arrival_at_one_instant():
    orders = [an_order(0, 0.0, 9.0, life_s=5.0), an_order(1, 5.0, 5.0), an_order(2, 5.0, 5.0)]
    assert rows(simulate(one_shelf(1), orders, pool(first_in))) == [
        (0.0, 0, "place", None, 0),
        (5.0, 0, "expire", 0, None),
        (5.0, 1, "pickup", None, None),
        (5.0, 2, "pickup", None, None),
    ]


def test_a_pickup_of_a_pool_frees_its_slot_for_a_recall():
    orders = [an_order(0, 0.0, 9.0), an_order(1, 1.0, 5.0)]
    assert rows(simulate(two_shelves(), orders, pool(first_in, recall=first_in)))[2:] == [
        (5.0, 0, "pickup", 0, None),
        (5.0, 1, "move", 1, 0),
        (9.0, 1, "pickup", 0, None),
    ]


def test_a_courier_asks_for_its_own_order_and_the_order_it_takes_asks_for_the_recalls():
    seen = []

    def notes(order):
        seen.append(order.u)
        return first_in(order)

    orders = [an_order(i, 0.0, 9.0 - i, u=(i + 1) / 8) for i in range(3)]
    simulate(three_in_a_row(), orders, pool(notes, recall=notes))
    # The courier of order 2 takes order 0, then order 1 is moved, then order 2.
    asked = [(1, 3), (2, 3), (3, 3), (2, 1), (3, 1), (3, 1)]
    assert seen[:6] == [tie_breaker(u / 8, asker / 8) for u, asker in asked]


def test_a_courier_who_wants_nothing_of_what_there_is_waits():
    orders = [an_order(0, 0.0, 4.0), an_order(1, 5.0, 7.0), an_order(2, 5.0, 8.0)]
    assert rows(simulate(one_shelf(2), orders, pool(nobody))) == [
        (0.0, 0, "place", None, 0),
        (5.0, 1, "pickup", None, None),
        (5.0, 2, "place", None, 0),
        (20.0, 0, "expire", 0, None),
        (25.0, 2, "expire", 0, None),
    ]


def test_what_nobody_wants_and_what_never_expires_is_left_behind_at_the_last_event():
    def the_second(order):
        return 0.0 if order.price > 1.0 else math.inf

    orders = [
        an_order(0, 0.0, 4.0, decay_rate=0.0),
        an_order(1, 0.0, 5.0, decay_rate=0.0, price=2.0),
        an_order(2, 0.0, 6.0, decay_rate=0.0),
    ]
    world = two_shelves(hot=2, decay="weighted")
    ledger = simulate(world, orders, pool(the_second, recall=nobody))
    assert rows(ledger)[3:] == [
        (4.0, 1, "pickup", 0, None),
        (6.0, 0, "discard", 0, None),
        (6.0, 2, "discard", 1, None),
    ]
    assert [e.value for e in ledger] == [1.0] * 6
    one_that_expires = an_order(3, 2.0, 3.0, life_s=9.0)
    world = two_shelves(hot=4, decay="weighted")
    assert rows(simulate(world, [*orders, one_that_expires], pool(nobody)))[4:] == [
        (11.0, 3, "expire", 0, None),
        *[(11.0, index, "discard", 0, None) for index in range(3)],
    ]


def test_held_orders_and_a_pool_are_refused():
    with pytest.raises(ValueError, match="need matched ones"):
        simulate(one_shelf(1, expired_orders="held"), [], pool(first_in))


# --- held ----------------------------------------------------------------------------------------


def test_a_held_order_keeps_its_slot_until_its_courier_comes():
    orders = [an_order(0, 0.0, 25.0), an_order(1, 22.0, 30.0), an_order(2, 25.0, 30.0)]
    strategy = Strategy(newcomer)
    assert ends(simulate(one_shelf(1, expired_orders="held"), orders, strategy)) == {
        0: ("expire", 25.0),
        1: ("discard", 22.0),
        2: ("pickup", 30.0),
    }
    assert ends(simulate(one_shelf(1, expired_orders="removed"), orders, strategy)) == {
        0: ("expire", 20.0),
        1: ("pickup", 30.0),
        2: ("discard", 25.0),
    }


def test_a_held_order_leaves_in_the_order_of_pickups_and_is_waste_on_a_tie():
    orders = [an_order(0, 0.0, 20.0, life_s=30.0), an_order(1, 0.0, 20.0)]
    ledger = simulate(one_shelf(2, expired_orders="held"), orders, Strategy(newcomer))
    assert rows(ledger)[2:] == [(20.0, 0, "pickup", 0, None), (20.0, 1, "expire", 0, None)]
    assert ledger[-1].value == 0.0
    assert ledger[-1].weighted_age_s == 20.0


def test_a_held_order_frees_its_slot_for_a_recall_and_is_not_revived_by_one():
    orders = [an_order(0, 0.0, 25.0), an_order(1, 0.0, 30.0)]
    world = two_shelves(expired_orders="held")
    ledger = simulate(world, orders, Strategy(newcomer, recall=first_in))
    assert rows(ledger)[2:] == [
        (25.0, 0, "expire", 0, None),
        (25.0, 1, "move", 1, 0),
        (30.0, 1, "expire", 0, None),
    ]
    assert ledger[-1].weighted_age_s == 2.0 * 25.0 + 5.0


# --- recall --------------------------------------------------------------------------------------

THREE_IN_A_ROW = [an_order(i, 0.0, 4.0 if i == 0 else 9.0) for i in range(3)]


def three_in_a_row():
    return a_world(Shelf("best", "any", 1), Shelf("good", "any", 1), Shelf("poor", "any", 1, 2.0))


def test_a_recall_frees_a_slot_for_the_next_recall():
    ledger = simulate(three_in_a_row(), THREE_IN_A_ROW, Strategy(newcomer, recall=first_in))
    assert rows(ledger) == [
        (0.0, 0, "place", None, 0),
        (0.0, 1, "place", None, 1),
        (0.0, 2, "place", None, 2),
        (4.0, 0, "pickup", 0, None),
        (4.0, 1, "move", 1, 0),
        (4.0, 2, "move", 2, 1),
        (9.0, 1, "pickup", 0, None),
        (9.0, 2, "move", 1, 0),
        (9.0, 2, "pickup", 0, None),
    ]


def test_a_recall_may_skip_a_shelf_and_then_frees_the_last():
    ledger = simulate(
        three_in_a_row(), THREE_IN_A_ROW, Strategy(newcomer, recall=lambda order: order.value)
    )
    assert [row for row in rows(ledger) if row[2] == "move"] == [(4.0, 2, "move", 2, 0)]


def test_a_chain_of_recalls_stops_where_nobody_wants_the_slot():
    def only_from_good(order):
        return 0.0 if order.shelf == 1 else math.inf

    ledger = simulate(three_in_a_row(), THREE_IN_A_ROW, Strategy(newcomer, recall=only_from_good))
    assert [row for row in rows(ledger) if row[2] == "move"] == [(4.0, 1, "move", 1, 0)]


def test_a_recall_never_moves_an_order_to_a_shelf_that_does_not_hold_it():
    orders = [
        an_order(0, 0.0, 4.0, "hot"),
        an_order(1, 0.0, 9.0, "cold"),
        an_order(2, 1.0, 9.0, "cold"),
    ]
    ledger = simulate(four_shelves(), orders, Strategy(newcomer, recall=anyone))
    assert [row[1:] for row in rows(ledger) if row[0] == 4.0] == [(0, "pickup", HOT, None)]


def test_the_departure_that_starts_a_chain_is_the_asker_of_all_its_recalls():
    seen = []

    def notes(order):
        seen.append(order.u)
        return first_in(order)

    orders = [an_order(i, 0.0, 4.0 if i == 0 else 9.0, u=(i + 1) / 8) for i in range(3)]
    simulate(three_in_a_row(), orders, Strategy(newcomer, recall=notes))
    asked_by_first = [tie_breaker(u, 1 / 8) for u in (2 / 8, 3 / 8, 3 / 8)]
    assert seen == [*asked_by_first, tie_breaker(3 / 8, 2 / 8)]


BLOCKED = [
    an_order(0, 0.0, 2.0, "hot"),
    an_order(1, 1.0, 8.0, "hot"),
    an_order(2, 3.0, 9.0, "cold"),
    an_order(3, 4.0, 9.5, "cold"),
]


def test_a_blocked_recall_waits_for_an_arrival_that_finds_no_room():
    strategy = Strategy(newcomer, recall=first_in, recall_when="blocked")
    assert rows(simulate(four_shelves(), BLOCKED, strategy)) == [
        (0.0, 0, "place", None, HOT),
        (1.0, 1, "place", None, OVERFLOW),
        (2.0, 0, "pickup", HOT, None),
        (3.0, 2, "place", None, COLD),
        (4.0, 1, "move", OVERFLOW, HOT),
        (4.0, 3, "place", None, OVERFLOW),
        (8.0, 1, "pickup", HOT, None),
        (9.0, 2, "pickup", COLD, None),
        (9.5, 3, "pickup", OVERFLOW, None),
    ]


@pytest.mark.parametrize("recall", [None, nobody])
def test_the_discard_rule_is_asked_if_a_blocked_recall_moves_nobody(recall):
    strategy = Strategy(newcomer, recall=recall, recall_when="blocked")
    assert ends(simulate(four_shelves(), BLOCKED, strategy))[3] == ("discard", 4.0)


def test_a_blocked_recall_does_not_look_at_orders_without_a_better_shelf():
    orders = [an_order(i, float(i), 20.0, "hot", life_s=90.0) for i in range(3)]
    strategy = Strategy(newcomer, recall=first_in, recall_when="blocked")
    assert ends(simulate(two_shelves(), orders, strategy))[2] == ("discard", 2.0)


def test_the_demote_rule_is_asked_after_a_blocked_recall():
    def cold_ones(order):
        return -order.waited_s if order.temp == 1 else newcomer(order)

    strategy = Strategy(newcomer, recall=first_in, demote=cold_ones, recall_when="blocked")
    assert [row for row in rows(simulate(four_shelves(), BLOCKED, strategy)) if row[0] == 4.0] == [
        (4.0, 1, "move", OVERFLOW, HOT),
        (4.0, 2, "move", COLD, OVERFLOW),
        (4.0, 3, "place", None, COLD),
    ]


# --- demote --------------------------------------------------------------------------------------

STAYS_LONG_THEN_SHORT = [an_order(0, 0.0, 9.0), an_order(1, 1.0, 3.0)]


def test_the_order_that_is_demoted_moves_before_the_newcomer_is_placed():
    strategy = Strategy(newcomer, demote=latest_pickup)
    assert rows(simulate(two_shelves(), STAYS_LONG_THEN_SHORT, strategy)) == [
        (0.0, 0, "place", None, 0),
        (1.0, 0, "move", 0, 1),
        (1.0, 1, "place", None, 0),
        (3.0, 1, "pickup", 0, None),
        (9.0, 0, "pickup", 1, None),
    ]


@pytest.mark.parametrize("demote", [None, nobody, newcomer])
def test_the_newcomer_goes_further_if_nobody_else_is_demoted(demote):
    ledger = simulate(two_shelves(), STAYS_LONG_THEN_SHORT, Strategy(newcomer, demote=demote))
    assert rows(ledger)[1] == (1.0, 1, "place", None, 1)


def test_a_demotion_goes_to_the_first_later_shelf_with_room():
    orders = [an_order(i, float(i), 9.0, life_s=90.0) for i in range(3)]
    ledger = simulate(three_in_a_row(), orders, Strategy(newcomer, demote=first_in))
    assert [row[1:] for row in rows(ledger)[:5]] == [
        (0, "place", None, 0),
        (0, "move", 0, 1),
        (1, "place", None, 0),
        (1, "move", 0, 2),
        (2, "place", None, 0),
    ]


def test_the_demote_rule_does_not_see_orders_that_have_no_later_shelf_with_room():
    # Two orders stand on "shared": the last shelf of one; the other can go on to "hot".
    world = a_world(
        Shelf("cold", ("cold",), 1), Shelf("shared", ("cold", "hot"), 2), Shelf("hot", ("hot",), 1)
    )
    orders = [
        an_order(0, 0.0, 50.0, "cold"),  # demoted at 1; from then on "shared", the last it has
        an_order(1, 1.0, 2.5, "cold"),  # leaves room on the earlier shelf of order 0
        an_order(2, 2.0, 50.0, "hot"),  # on "shared", its home
        an_order(3, 3.0, 50.0, "hot"),
    ]
    ledger = simulate(world, orders, Strategy(newcomer, demote=first_in))
    assert [row for row in rows(ledger) if row[0] == 3.0] == [
        (3.0, 2, "move", 1, 2),
        (3.0, 3, "place", None, 1),
    ]


def test_the_demote_rule_is_asked_after_a_discard():
    orders = [an_order(0, 0.0, 50.0), an_order(1, 1.0, 50.0), an_order(2, 2.0, 50.0)]
    strategy = Strategy(first_in, demote=latest_pickup, discard_from="overflow")
    ledger = simulate(two_shelves(), orders, strategy)
    # At 1 order 0 is demoted; at 2 it is thrown away and order 1 goes to the slot that it leaves.
    assert [row[1:] for row in rows(ledger) if row[0] == 2.0] == [
        (0, "discard", 1, None),
        (1, "move", 0, 1),
        (2, "place", None, 0),
    ]


def test_neither_a_discard_nor_a_demotion_starts_a_recall():
    # Order 0 is thrown away at home while order 1 waits on overflow for that very slot.
    orders = [an_order(0, 0.0, 50.0), an_order(1, 1.0, 50.0), an_order(2, 2.0, 50.0)]
    strategy = Strategy(first_in, recall=first_in, discard_from="anywhere")
    assert [row[1:] for row in rows(simulate(two_shelves(), orders, strategy))[2:4]] == [
        (0, "discard", 0, None),
        (2, "place", None, 0),
    ]


# --- discard -------------------------------------------------------------------------------------

FULL_HOUSE = [an_order(i, float(i), 9.0) for i in range(3)]


@pytest.mark.parametrize(
    ("rule", "discard_from", "victim"),
    [
        (first_in, "anywhere", 0),
        (last_in, "anywhere", 2),
        (first_in, "overflow+newcomer", 1),
        (last_in, "overflow+newcomer", 2),
        (first_in, "overflow", 1),
        (last_in, "overflow", 1),
        (nobody, "anywhere", 2),
        (nobody, "overflow+newcomer", 2),
        (nobody, "overflow", 2),
        (anyone, "anywhere", 0),
        (anyone, "overflow+newcomer", 1),
    ],
)
def test_the_victim_is_the_lowest_score_among_the_candidates(rule, discard_from, victim):
    strategy = Strategy(rule, discard_from=discard_from)
    ledger = simulate(two_shelves(), FULL_HOUSE, strategy)
    assert [e.order for e in ledger if e.event == "discard"] == [victim]


def test_a_tie_goes_to_the_lower_index_even_if_that_is_the_newcomer():
    orders = [an_order(1, 0.0, 9.0), an_order(0, 1.0, 9.0)]
    ledger = simulate(one_shelf(1), orders, Strategy(anyone))
    assert ends(ledger)[0] == ("discard", 1.0)


def test_a_discard_is_worth_what_was_thrown_away():
    ledger = simulate(one_shelf(1), FULL_HOUSE[:2], Strategy(first_in, discard_from="overflow"))
    assert ledger[1] == (1.0, 0, "discard", 0, None, 0.95, 1.0)


@pytest.mark.parametrize("discard_from", ["overflow", "overflow+newcomer", "anywhere"])
def test_a_kitchen_without_slots_throws_every_order_away(discard_from):
    ledger = simulate(two_shelves(0, 0), FULL_HOUSE, Strategy(anyone, discard_from=discard_from))
    assert rows(ledger) == [(float(i), i, "discard", None, None) for i in range(3)]


@pytest.mark.parametrize("demote", [None, anyone])
def test_a_home_without_slots_sends_its_orders_to_overflow(demote):
    strategy = Strategy(newcomer, recall=first_in, demote=demote)
    assert rows(simulate(two_shelves(hot=0), FULL_HOUSE[:1], strategy)) == [
        (0.0, 0, "place", None, 1),
        (9.0, 0, "pickup", 1, None),
    ]


# --- what a rule sees ----------------------------------------------------------------------------


def seen_by_the_discard_rule(world, orders):
    seen = []

    def notes(order):
        seen.append(order)
        return newcomer(order)

    simulate(world, orders, Strategy(notes, discard_from="anywhere"))
    return seen


def test_a_rule_sees_orders_as_they_are_and_the_newcomer_as_on_overflow():
    orders = [
        an_order(0, 0.0, 9.0, "cold", life_s=40.0),
        an_order(1, 1.0, 13.0, "cold", decay_rate=0.5, price=7.0, u=0.25),
        an_order(2, 6.0, 10.0, "cold", life_s=10.0, u=0.75),
    ]
    at_home, on_overflow, arriving = seen_by_the_discard_rule(four_shelves(), orders)
    assert (at_home.temp, at_home.shelf, at_home.is_newcomer) == (1, COLD, 0)
    assert at_home.expires_in_s == at_home.expires_in_home_s == 34.0
    assert at_home.value_at_pickup == at_home.value_at_pickup_home == pytest.approx(1.0 - 9 / 40)

    assert (on_overflow.shelf, on_overflow.is_newcomer) == (OVERFLOW, 0)
    assert (on_overflow.shelf_life_s, on_overflow.decay_rate, on_overflow.price) == (20.0, 0.5, 7.0)
    assert (on_overflow.age_s, on_overflow.waited_s, on_overflow.weighted_age_s) == (5.0, 5.0, 10.0)
    assert on_overflow.value == pytest.approx(0.5)
    assert (on_overflow.expires_in_s, on_overflow.expires_in_home_s) == (5.0, 10.0)
    assert on_overflow.pickup_in_s == 7.0
    assert on_overflow.value_at_pickup == 0.0  # it expires two seconds before
    assert on_overflow.value_at_pickup_home == pytest.approx(1.0 - 17.0 / 20.0)
    assert (on_overflow.home_fill, on_overflow.overflow_fill) == (1.0, 1.0)
    assert on_overflow.u == tie_breaker(0.25, 0.75)

    assert (arriving.shelf, arriving.is_newcomer, arriving.value) == (-1, 1, 1.0)
    assert (arriving.age_s, arriving.weighted_age_s) == (0.0, 0.0)
    assert (arriving.expires_in_s, arriving.expires_in_home_s) == (5.0, 10.0)
    assert arriving.value_at_pickup == pytest.approx(0.2)
    assert arriving.value_at_pickup_home == pytest.approx(0.6)
    assert arriving.u == tie_breaker(0.75, 0.75)


def test_the_demote_rule_sees_the_newcomer_where_there_is_room():
    seen = []

    def notes(order):
        seen.append(order)
        return newcomer(order)

    world = a_world(
        Shelf("hot", "any", 1, 1.0), Shelf("warm", "any", 4, 2.0), Shelf("worst", "any", 2, 4.0)
    )
    orders = [an_order(i, float(i), 90.0, life_s=100.0) for i in range(3)]
    simulate(world, orders, Strategy(newcomer, demote=notes))
    last = seen[-1]
    assert (last.shelf, last.is_newcomer, last.expires_in_s) == (-1, 1, 50.0)
    assert (last.home_fill, last.overflow_fill) == (1.0, 0.0)


def test_a_held_order_that_has_expired_expires_in_no_time():
    orders = [an_order(0, 0.0, 40.0), an_order(1, 30.0, 40.0, life_s=20.0)]
    expired, fresh = seen_by_the_discard_rule(one_shelf(1, expired_orders="held"), orders)
    assert (expired.value, expired.expires_in_s, expired.expires_in_home_s) == (0.0, 0.0, 0.0)
    assert (expired.value_at_pickup, expired.value_at_pickup_home) == (0.0, 0.0)
    assert fresh.expires_in_s == 20.0


def test_an_order_that_expires_as_its_courier_comes_is_expected_to_be_worth_nothing():
    orders = [an_order(0, 0.0, 10.0), an_order(1, 1.0, 10.5)]
    standing, arriving = seen_by_the_discard_rule(one_shelf(1, waste_below=0.5), orders)
    assert standing.expires_in_s == standing.pickup_in_s == 9.0
    assert (standing.value_at_pickup, standing.value_at_pickup_home) == (0.0, 0.0)
    assert arriving.value_at_pickup == pytest.approx(0.525)


def test_an_order_that_never_expires_has_forever_to_go():
    world = one_shelf(0, decay="exponential")
    (seen,) = seen_by_the_discard_rule(world, FULL_HOUSE[:1])
    assert seen.expires_in_s == seen.expires_in_home_s == math.inf
    assert (seen.home_fill, seen.overflow_fill) == (1.0, 1.0)


def test_an_unknown_courier_is_expected_by_the_time_since_the_order_was_received():
    world = one_shelf(1, eta="unknown", residual=lambda elapsed_s: max(0.0, 10.0 - elapsed_s) / 2)
    orders = [
        an_order(0, 4.0, 99.0, received_s=1.0, life_s=90.0),
        an_order(1, 9.0, 99.0, received_s=8.0, life_s=90.0),
    ]
    standing, arriving = seen_by_the_discard_rule(world, orders)
    assert (standing.pickup_in_s, arriving.pickup_in_s) == (1.0, 4.5)


def test_a_noisy_estimate_is_believed_until_it_has_passed():
    orders = [
        an_order(0, 0.0, 9.0, expected_s=11.0),
        an_order(1, 0.0, 10.0, expected_s=3.0),
        an_order(2, 4.0, 12.0, expected_s=11.5),
    ]
    seen = seen_by_the_discard_rule(one_shelf(2, eta="noisy"), orders)
    assert [order.pickup_in_s for order in seen] == [7.0, 0.0, 7.5]
    assert seen[0].value_at_pickup == pytest.approx(1.0 - 11.0 / 20.0)
    assert seen[1].value_at_pickup == seen[1].value


def test_estimates_that_no_rule_reads_change_nothing():
    orders = [an_order(i, float(i), 7.0 - i, expected_s=i * i) for i in range(3)]
    noisy, exact = (
        simulate(one_shelf(2, eta=eta), orders, Strategy(first_in)) for eta in ("noisy", "exact")
    )
    assert noisy == exact


def test_the_tie_breaker_mixes_as_splitmix_does():
    increment, outputs_of_seed_zero = 0x9E3779B97F4A7C15, [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]
    assert [mix(increment), mix(2 * increment % 2**64)] == outputs_of_seed_zero
    assert tie_breaker(0.0, 0.0) == (mix(outputs_of_seed_zero[0]) >> 11) / 2**53


def test_tie_breakers_are_uniform_over_candidates_and_over_askers():
    drawn = [random.Random(i).random() for i in range(2000)]
    for numbers in ([tie_breaker(u, 0.5) for u in drawn], [tie_breaker(0.5, u) for u in drawn]):
        four_standard_errors = 4.0 * math.sqrt(1.0 / 12.0 / len(numbers))
        assert sum(numbers) / len(numbers) == pytest.approx(0.5, abs=four_standard_errors)
        assert min(numbers) >= 0.0
        assert max(numbers) < 1.0


# --- refusals ------------------------------------------------------------------------------------


def test_a_score_that_is_not_a_number_names_the_rule_the_order_and_the_time():
    def mine(order):
        return math.nan if order.is_newcomer else 0.0

    with pytest.raises(ValueError, match=r"rule 'mine' returned nan for order 1 at 1\.0 s"):
        simulate(one_shelf(1), FULL_HOUSE[:2], Strategy(mine))


def test_an_estimate_that_is_missing_is_refused():
    with pytest.raises(ValueError, match="order 0: a noisy estimate needs expected_s"):
        simulate(one_shelf(1, eta="noisy"), FULL_HOUSE[:1], Strategy(newcomer))


def test_a_law_that_is_not_a_number_is_refused():
    world = one_shelf(1, decay=lambda age, weighted_age, life, rate: math.nan)
    with pytest.raises(ValueError, match="decay law returned nan for order 0"):
        simulate(world, FULL_HOUSE[:1], Strategy(newcomer))


@pytest.mark.parametrize(
    ("orders", "message"),
    [
        ([FULL_HOUSE[0], FULL_HOUSE[0]], "order 0 comes twice"),
        ([an_order(0, 0.0, 1.0, "lukewarm")], "unknown to the world"),
        ([an_order(0, 0.0, 1.0, "frozen")], "no shelf holds 'frozen'"),
    ],
)
def test_orders_that_make_no_sense_are_refused(orders, message):
    with pytest.raises(ValueError, match=message):
        simulate(a_world(Shelf("hot", ("hot",), 1)), orders, Strategy(newcomer))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decay": "lineer"}, "decay must be one of"),
        ({"waste_below": 1.0}, "waste_below must be in"),
        ({"expired_orders": "kept"}, "expired_orders must be one of"),
        ({"eta": "maybe"}, "eta must be one of"),
        ({"eta": "unknown"}, "needs a residual function"),
    ],
)
def test_options_that_the_world_does_not_know_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        one_shelf(1, **options)


@pytest.mark.parametrize("options", [{"recall_when": "later"}, {"discard_from": "home"}])
def test_options_that_a_strategy_does_not_know_are_refused(options):
    with pytest.raises(ValueError, match="must be one of"):
        Strategy(newcomer, **options)


# --- what holds for any evening ------------------------------------------------------------------


def a_busy_evening(seed):
    """Orders, a world and a strategy with many simultaneous events: all times are whole numbers."""
    draw = random.Random(seed)
    pooled = seed % 2 == 0
    world = four_shelves(
        decay=draw.choice(["linear", "weighted", "freshness", "exponential", "cliff"]),
        waste_below=draw.choice([0.0, 0.5]),
        expired_orders="removed" if pooled else draw.choice(["removed", "held"]),
        eta=draw.choice(["exact", "noisy"]),
    )
    orders = []
    for index in range(60):
        received_s = float(index // 3)
        ready_s = received_s + draw.choice([0.0, 0.0, 3.0])
        pickup_s = received_s + draw.randrange(1, 12)
        temp, life_s = draw.choice(world.temps), draw.choice([4.0, 8.0, 30.0])
        fields = {"received_s": received_s, "u": draw.random(), "decay_rate": draw.choice([0, 1])}
        fields["expected_s"] = pickup_s + draw.choice([-2.0, 0.0, 2.0])
        orders.append(an_order(index, ready_s, pickup_s, temp, life_s, **fields))
    rules = [first_in, last_in, anyone, nobody, latest_pickup, lambda order: order.u]
    strategy = Strategy(
        draw.choice(rules),
        recall=draw.choice([None, *rules]),
        demote=draw.choice([None, *rules]),
        issue=draw.choice(rules) if pooled else None,
        recall_when=draw.choice(["eager", "blocked"]),
        discard_from=draw.choice(["overflow", "overflow+newcomer", "anywhere"]),
    )
    return world, orders, strategy


@pytest.mark.parametrize("seed", range(40))
def test_every_ledger_can_be_replayed_without_a_contradiction(seed):
    world, orders, strategy = a_busy_evening(seed)
    ledger = simulate(world, orders, strategy)
    stands_on, value, gone, clock = {}, {}, set(), 0.0
    for event in ledger:
        assert event.time_s >= clock
        assert event.order not in gone
        clock = event.time_s
        assert stands_on.pop(event.order, None) == event.from_shelf
        if event.to_shelf is None:
            gone.add(event.order)
        else:
            stands_on[event.order] = event.to_shelf
            shelf = world.shelves[event.to_shelf]
            assert shelf.takes(orders[event.order].temp)
            assert list(stands_on.values()).count(event.to_shelf) <= shelf.capacity
        assert 0.0 <= event.value <= value.get(event.order, 1.0)
        value[event.order] = event.value
    assert gone == set(range(60))
    assert not stands_on
