"""Record dtypes and codes of the engine, and the tuples of arrays that reach the kernel.

Structured arrays, so that what belongs together lies together in memory and a function takes few
arguments. Nothing here is compiled; the kernel's types follow from these.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kitchen.model.rules import CANDIDATE

# Codes (a cached kernel does not notice when one changes: touch kernel.py then)

DELIVERED, EXPIRED, DISCARDED = range(3)
"""Outcomes of an order."""

PLACE, MOVE, PICKUP, EXPIRE, DISCARD = range(5)
"""Events of the ledger; the last three are `PICKUP` plus the outcome."""

DEMOTE_RULE, RECALL_RULE, DISCARD_RULE, ISSUE_RULE, RECALL_WHEN_BLOCKED = range(5)
"""Decisions, in the order of `Strategy.rules`; the last is the recall rule, asked when blocked."""

NONE, SINGLE, CALL = range(3)
"""Kinds of rule: none, one field with a sign, a function."""

NO_SHELF = -1
NOBODY, NO_NUMBER = -1, -2
"""What a decision returns instead of an order: nobody is chosen; a rule returned NaN."""

# Records

KIND = np.dtype(
    [
        ("temp", np.int64),
        ("shelf_life_s", np.float64),
        ("decay_rate", np.float64),
        ("price", np.float64),
        ("limit", np.float64),
        ("pace", np.float64),
    ],
    align=True,
)
"""A kind of order on the menu; `limit` and `pace` are of its decay law's clock."""

CELL = np.dtype([("nth", np.int64), ("rank", np.int64), ("modifier", np.float64)], align=True)
"""Of a temp and a number n: the n-th shelf of the temp's list, or -1; the place of shelf n
in that list, or a number past its end; how fast the temp ages on shelf n."""

STAND = np.dtype([("shelf", np.int64), ("temp", np.int64)], align=True)
"""Orders of one temp on one shelf, as candidates; -1 closes a list of such."""

FACTS = np.dtype(
    [
        ("shape", np.int64),
        ("held", np.int64),
        ("estimates", np.int64),
        ("pooled", np.int64),
        ("eager", np.int64),
        ("newcomer_may_go", np.int64),
        ("keeps_shelves", np.int64),
        ("age_pace", np.float64),
        ("waste_below", np.float64),
        ("warm_up_s", np.float64),
    ],
    align=True,
)
"""What is one number for the whole run."""

RULE = np.dtype(
    [("kind", np.int64), ("field", np.int64), ("sign", np.float64), ("reads", np.int64)],
    align=True,
)
"""A decision: no rule, one field with a sign, or a call; `reads` has a bit for each field."""

GUEST = np.dtype(
    [
        ("order", np.int32),
        ("temp", np.uint32),
        ("shelf", np.int32),
        ("position", np.uint32),
        ("received_s", np.float64),
        ("ready_s", np.float64),
        ("expected_s", np.float64),
        ("until_s", np.float64),
        ("since_s", np.float64),
        ("expires_s", np.float64),
        ("weighted_age_s", np.float64),
        ("modifier", np.float64),
        ("shelf_life_s", np.float64),
        ("decay_rate", np.float64),
        ("price", np.float64),
        ("limit", np.float64),
        ("pace", np.float64),
        ("u", np.float64),
    ],
    align=True,
)
"""An order in the house. It stays `until_s` at the latest; its courier is estimated for `expected_s`,
where there are estimates; `modifier` is that of where it stands, `position` its place in the stack."""

SHELF = np.dtype(
    [("capacity", np.int64), ("taken", np.int64), ("standing_s", np.float64)], align=True
)
"""A shelf, and the order-seconds spent on it."""

STACK = np.dtype([("begin", np.int64), ("taken", np.int64)], align=True)
"""The guests of one temp on one shelf: their numbers are listed from `begin` on, in no order."""

ALARM = np.dtype([("time_s", np.float64), ("order", np.int64)], align=True)
"""When an order will expire if nothing moves it."""

TALLY = np.dtype(
    [
        ("outcomes", np.int32, (3,)),
        ("moves", np.int32),
        ("worth", np.float64),
        ("wait_s", np.float64),
        ("cost", np.float64),
    ],
    align=True,
)
"""What the orders of one temp came to: counts by outcome, moves, the value and the wait of the
delivered, the prices of the wasted; of the orders that became ready after the warm-up."""

FAULT = np.dtype(
    [("happened", np.int64), ("order", np.int64), ("decision", np.int64), ("time_s", np.float64)],
    align=True,
)
"""Which rule did not say a number, of whom, when."""

ROW = np.dtype(
    [
        ("time_s", np.float64),
        ("value", np.float64),
        ("weighted_age_s", np.float64),
        ("order", np.int32),
        ("event", np.int32),
        ("from_shelf", np.int32),
        ("to_shelf", np.int32),
    ],
    align=True,
)
"""A row of the ledger."""


class Orders(NamedTuple):
    """A trace as the kernel sees it; all but `first` have shape (orders,).

    `ready_order` is empty where orders are ready as they come, `u` where no rule reads it,
    `expected_s` where nothing is known of the single courier.
    """

    first: np.ndarray
    item: np.ndarray
    received_s: np.ndarray
    ready_s: np.ndarray
    pickup_s: np.ndarray
    expected_s: np.ndarray
    ready_order: np.ndarray
    pickup_order: np.ndarray
    u: np.ndarray


class World(NamedTuple):
    """Menu, shelves and laws.

    kinds : (kinds,) of `KIND`; cells : (temps, shelves + 1) of `CELL`, the last column the end of
    every list; candidates : (decisions, temps or shelves, any) of `STAND`, who is asked: for a
    recall into a free slot by its shelf, else by the temp of the newcomer; residual : (pieces, 3)
    elapsed, left, slope; facts : (1,) of `FACTS`.
    """

    kinds: np.ndarray
    cells: np.ndarray
    candidates: np.ndarray
    residual: np.ndarray
    facts: np.ndarray


class Rules(NamedTuple):
    """The decisions: `decisions` has a `RULE` each for demote, recall, discard and issue."""

    decisions: np.ndarray
    demote_params: np.ndarray
    recall_params: np.ndarray
    discard_params: np.ndarray
    issue_params: np.ndarray


class Ledger(NamedTuple):
    """Events: lane i writes its rows from ``first[i]`` on, ``count[i]`` of them."""

    first: np.ndarray
    count: np.ndarray
    rows: np.ndarray


class Totals(NamedTuple):
    """What lanes come to: tallies (lanes, temps) of `TALLY`, standing_s (lanes, shelves) of
    order-seconds between warm-up and last arrival, faults (lanes,) of `FAULT`."""

    tallies: np.ndarray
    standing_s: np.ndarray
    faults: np.ndarray


class Lane(NamedTuple):
    """The state of one kitchen.

    `guests` are the records in use and, in the stack `free`, those that are not; `guest_of` tells
    an order's. `alarms` is a heap. `rows` is the whole ledger. `number` holds how far heap, stack
    and ledger are filled; `candidate` and `fields` are one record and its numbers.
    """

    guests: np.ndarray
    shelves: np.ndarray
    stacks: np.ndarray
    listed: np.ndarray
    free: np.ndarray
    guest_of: np.ndarray
    alarms: np.ndarray
    number: np.ndarray
    tallies: np.ndarray
    faults: np.ndarray
    rows: np.ndarray
    candidate: np.ndarray
    fields: np.ndarray


def empty_ledger(rows_per_lane) -> Ledger:
    """Room for rows_per_lane[i] rows of lane i; none at all without lanes."""
    first = np.concatenate([[0], np.cumsum(rows_per_lane)]).astype(np.int64)
    count = np.zeros(first.size - 1, np.int64)
    return Ledger(first, count, np.empty(int(first[-1]), ROW))


def empty_totals(lanes: int, temps: int, shelves: int) -> Totals:
    """Totals of nothing."""
    return Totals(
        np.zeros((lanes, temps), TALLY), np.zeros((lanes, shelves)), np.zeros(lanes, FAULT)
    )


def empty_lane(rank, capacity, most_orders, rows) -> Lane:
    """Memory for a kitchen that has at most so many orders to deal with in one replication."""
    slots = np.minimum(capacity, most_orders)
    shelves = np.zeros(capacity.size, SHELF)
    shelves["capacity"] = capacity
    room = np.where(rank[:, :-1] < capacity.size, slots, 0)  # of a temp on a shelf that holds it
    stacks = np.zeros(room.shape, STACK)
    stacks["begin"] = (np.cumsum(room) - room.ravel()).reshape(room.shape)
    guests = int(slots.sum()) + 1
    candidate = np.zeros(1, CANDIDATE)
    nobody = np.zeros(guests, GUEST)
    nobody["shelf"] = -1
    return Lane(
        guests=nobody,
        shelves=shelves,
        stacks=stacks,
        listed=np.zeros(int(room.sum()), np.uint32),
        free=np.arange(guests),
        guest_of=np.full(most_orders, -1, np.int64),
        alarms=np.zeros(2 * guests, ALARM),
        number=np.array([0, guests, 0], np.int64),
        tallies=np.zeros(rank.shape[0], TALLY),
        faults=np.zeros(1, FAULT),
        rows=rows,
        candidate=candidate,
        fields=candidate.view(np.float64),
    )
