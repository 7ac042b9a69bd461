"""Record dtypes and codes of the engine, and the tuples of arrays that reach the kernel.

Structured arrays, so that what belongs together lies together in memory and a function takes few
arguments. Nothing here is compiled; the kernel's types follow from these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kitchen.model.rules import CANDIDATE

# Codes

DELIVERED, EXPIRED, DISCARDED = np.arange(3)
"""Codes of the outcomes of an order."""

PLACE, MOVE, PICKUP, EXPIRE, DISCARD = np.arange(5)
"""Codes of the events of the ledger; the last three are `PICKUP` plus the outcome."""

DEMOTE_RULE, RECALL_RULE, DISCARD_RULE, ISSUE_RULE, RECALL_WHEN_BLOCKED = np.arange(5)
"""Codes of the decisions, in the order of `Strategy.rules`; the last is a recall after a blocked arrival."""

LAW = 4
"""Place of the decay law among the addresses of compiled functions, after the four rules."""

NONE, SINGLE, CALL = np.arange(3)
"""Codes of the kinds of rule: none, one field with a sign, a function."""

NO_SHELF = np.int64(-1)
"""Stands for a shelf where there is none."""

NOBODY, NO_NUMBER = np.int64(-1), np.int64(-2)
"""What a decision returns instead of a resident: no order is chosen; a rule returned NaN."""

HEAP, ROWS, BEGIN, NEXT, LACKS = range(5)
"""Places in `Lane.number`."""

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
"""A kind of order on the menu. It is waste when its spoilage, in seconds, reaches `limit`; `pace` is
its spoilage per second of weighted age."""

PREFERENCE = np.dtype([("nth", np.int64), ("rank", np.int64), ("modifier", np.float64)], align=True)
"""Preference of a temp for shelves, by a number n: `nth` is the n-th shelf of its list, or -1; `rank`
the place of shelf n in the list, or a number past its end; `modifier` how fast it ages on shelf n."""

SOURCE = np.dtype([("shelf", np.int64), ("temp", np.uint16)], align=True)
"""A source of candidates: the orders of one temp on one shelf. A list of them ends with shelf -1."""

SETTINGS = np.dtype(
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
"""Settings of a run: numbers that hold for every order and shelf; `warm_up_s` from the opening."""

RULE = np.dtype(
    [
        ("kind", np.int64),
        ("field", np.int64),
        ("sign", np.float64),
        ("reads", np.int64),
        ("begin", np.int64),
        ("end", np.int64),
    ],
    align=True,
)
"""A rule: none, one field with a sign, or a call; bit i of `reads` is set if it reads field i. Its
parameters are those from `begin` to before `end`."""

RESIDENT = np.dtype(
    [
        ("order", np.int32),
        ("kind", np.uint32),
        ("position", np.uint32),
        ("temp", np.uint16),
        ("shelf", np.int16),
        ("ready_s", np.float64),
        ("until_s", np.float64),
        ("since_s", np.float64),
        ("expires_s", np.float64),
        ("weighted_age_s", np.float64),
        ("modifier", np.float64),
    ],
    align=True,
)
"""An order in the kitchen, in 64 bytes. It stays until `until_s` at most; `kind` is its line of the
menu, `position` its place in its stack, `modifier` how fast it ages on its shelf."""

MOST_SHELVES, MOST_TEMPS = np.iinfo(np.int16).max, np.iinfo(np.uint16).max
"""As many as the numbers of a resident can tell apart."""

BLOCK = 32
"""Candidates whose fields are written and whose scores are asked for at a time."""

RECORDS = 2**16
"""Records of a lane at first; more if an order stands while as many others become ready."""

SHELF = np.dtype(
    [("capacity", np.int64), ("taken", np.int64), ("standing_s", np.float64)], align=True
)
"""A shelf: its slots, how many are taken, and the order-seconds spent on it."""

STACK = np.dtype([("begin", np.int64), ("taken", np.int64)], align=True)
"""The orders of one temp on one shelf: they are listed from `begin` on, in any order."""

EXPIRY_EVENT = np.dtype([("time_s", np.float64), ("order", np.int64)], align=True)
"""The time at which an order will expire if it is not moved."""

TALLY = np.dtype(
    [
        ("outcomes", np.int32, (3,)),
        ("moves", np.int32),
        ("worth", np.float64),
        ("wait_s", np.float64),
        ("revenue", np.float64),
        ("prices", np.float64, (3,)),
    ],
    align=True,
)
"""Totals of the orders of one temp that became ready after the warm-up: counts by outcome, moves,
value and wait of the delivered, revenue (price x value of the delivered), prices by outcome."""

FAULT = np.dtype(
    [("happened", np.int64), ("order", np.int64), ("decision", np.int64), ("time_s", np.float64)],
    align=True,
)
"""A rule that returned NaN: for which decision and order, and when."""

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
    """A trace as arrays for the kernel; all but `first` and `opens_s` have shape (orders,).

    `opens_s` has the opening of each replication; couriers' delays count from `called_s`; `pickup_s`
    is inf where nobody comes; `ready_order` is empty where orders are ready as they come, `u` where
    no rule reads it, `expected_s` where single couriers are not estimated.
    """

    first: np.ndarray
    opens_s: np.ndarray
    item: np.ndarray
    called_s: np.ndarray
    ready_s: np.ndarray
    pickup_s: np.ndarray
    expected_s: np.ndarray
    ready_order: np.ndarray
    pickup_order: np.ndarray
    u: np.ndarray


class World(NamedTuple):
    """Menu, shelves and settings as arrays for the kernel.

    kinds : (kinds,) of `KIND`; preferences : (temps, shelves + 1) of `PREFERENCE`, the last column
    the end of every list; candidates : (decisions, temps or shelves, any) of `SOURCE`: for a recall
    by the free slot's shelf, else by the newcomer's temp; residual : (pieces, 3) elapsed, left, slope;
    settings : (1,) of `SETTINGS`.
    """

    kinds: np.ndarray
    preferences: np.ndarray
    candidates: np.ndarray
    residual: np.ndarray
    settings: np.ndarray


class Rules(NamedTuple):
    """The decisions: `decisions` has a `RULE` each for demote, recall, discard and issue, `params` the
    parameters of all, one rule's after another's."""

    decisions: np.ndarray
    params: np.ndarray

    def with_params(self, params: Sequence[Sequence[float]]) -> Rules:
        """The same rules with other parameters: some for each, none where there is no rule."""
        decisions, ends = self.decisions.copy(), np.cumsum([len(own) for own in params])
        decisions["begin"], decisions["end"] = np.r_[0, ends[:-1]], ends
        return Rules(decisions, np.concatenate([np.asarray(own, float) for own in params]))


class Ledger(NamedTuple):
    """Events: lane i writes its rows from ``first[i]`` on, ``count[i]`` of them."""

    first: np.ndarray
    count: np.ndarray
    rows: np.ndarray


class Totals(NamedTuple):
    """Totals of lanes: tallies (lanes, temps) of `TALLY`, standing_s (lanes, shelves) of order-seconds
    between warm-up and last arrival, faults (lanes,) of `FAULT`."""

    tallies: np.ndarray
    standing_s: np.ndarray
    faults: np.ndarray


class Lane(NamedTuple):
    """The state of one kitchen during a run.

    `residents` are records, a power of two: that of an order is at its index modulo their number.
    `expiry_events` is a heap. `rows` is the whole ledger. `number` holds the sizes of heap and ledger,
    where the orders of the lane begin, the lane that is run, and whether it lacks records;
    `window_s` is what is counted, from the end of its warm-up to its last arrival, by the clock of its
    orders. `asked` lists the candidates of a decision; `candidates` and `fields` are a block of their
    records and the same as numbers, `scores` what the rule says of them.
    """

    residents: np.ndarray
    shelves: np.ndarray
    stacks: np.ndarray
    listed: np.ndarray
    expiry_events: np.ndarray
    number: np.ndarray
    window_s: np.ndarray
    tallies: np.ndarray
    faults: np.ndarray
    rows: np.ndarray
    asked: np.ndarray
    candidates: np.ndarray
    fields: np.ndarray
    scores: np.ndarray


class Kitchen(NamedTuple):
    """All that the kernel works on; `calls` are the addresses of four compiled rules and of the law."""

    orders: Orders
    world: World
    rules: Rules
    calls: np.ndarray
    lane: Lane


def empty_ledger(rows_per_lane) -> Ledger:
    """An empty ledger with room for rows_per_lane[i] rows of lane i."""
    first = np.concatenate([[0], np.cumsum(rows_per_lane)]).astype(np.int64)
    count = np.zeros(first.size - 1, np.int64)
    return Ledger(first, count, np.empty(int(first[-1]), ROW))


def empty_totals(lanes: int, temps: int, shelves: int) -> Totals:
    """Totals in which nothing has been counted yet."""
    return Totals(
        np.zeros((lanes, temps), TALLY), np.zeros((lanes, shelves)), np.zeros(lanes, FAULT)
    )


def empty_lane(rank, capacity, most_orders, records, rows) -> Lane:
    """The state of an empty kitchen, for replications of `most_orders` orders and so many records."""
    slots = np.minimum(capacity, most_orders)
    shelves = np.zeros(capacity.size, SHELF)
    shelves["capacity"] = capacity
    room = np.where(rank[:, :-1] < capacity.size, slots, 0)  # of a temp on a shelf that holds it
    stacks = np.zeros(room.shape, STACK)
    stacks["begin"] = (np.cumsum(room) - room.ravel()).reshape(room.shape)
    standing = int(slots.sum())
    candidates = np.zeros(BLOCK, CANDIDATE)
    nobody = np.zeros(1 << (min(most_orders, records) - 1).bit_length(), RESIDENT)
    nobody["shelf"] = NO_SHELF
    return Lane(
        residents=nobody,
        shelves=shelves,
        stacks=stacks,
        listed=np.zeros(int(room.sum()), np.uint32),
        expiry_events=np.zeros(2 * standing + 2, EXPIRY_EVENT),
        number=np.zeros(5, np.int64),
        window_s=np.zeros(2),
        tallies=np.zeros(rank.shape[0], TALLY),
        faults=np.zeros(1, FAULT),
        rows=rows,
        asked=np.zeros(standing + 1, np.uint32),
        candidates=candidates,
        fields=candidates.view(np.float64).reshape(BLOCK, -1),
        scores=np.zeros(BLOCK),
    )


def kernel_examples() -> tuple:
    """Small examples of the kernel's arguments: a kitchen, totals and a ledger."""
    whole, short, number = np.zeros(1, np.int64), np.zeros(1, np.int32), np.zeros(1)
    table, ledger = np.zeros((1, 2), PREFERENCE), empty_ledger([1])
    sources, pieces = np.zeros((1, 1, 1), SOURCE), np.zeros((1, 3))
    orders = Orders(whole, number, short, number, number, number, number, short, short, number)
    world = World(np.zeros(1, KIND), table, sources, pieces, np.zeros(1, SETTINGS))
    rules = Rules(np.zeros(4, RULE), number)
    lane = empty_lane(table["rank"], whole, 1, 1, ledger.rows)
    return Kitchen(orders, world, rules, whole, lane), empty_totals(1, 1, 1), ledger
