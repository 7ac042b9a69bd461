"""Drawing of traces: the orders and couriers of all replications of a scenario."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kitchen.engine import random
from kitchen.engine.trace import BYTES_PER_ORDER, Trace, require_finite
from kitchen.model.menu import Menu
from kitchen.model.menu_cache import menu_of_file
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.utils.system import require_memory
from kitchen.utils.validation import check_callback, check_seed, instance, whole


def draw(
    scenario: Scenario,
    replications: int = 1,
    seed: int = 1,
    first: int = 0,
    menu: Menu | None = None,
    callback: Callable[[int], object] | None = None,
) -> Trace:
    """Draw the orders and couriers of some replications.

    Parameters
    ----------
    scenario : Scenario
    replications : int
        Number of replications, at least 1.
    seed : int
        Any integer of at least 0.
    first : int
        Number of the first replication: replication 7 is the same whether drawn alone
        (``first=7``) or as the eighth of many.
    menu : Menu, optional
        The kinds of order; read from the scenario's file by default.
    callback : callable, optional
        Called with 0 after each stage; what it raises ends the drawing. Millions of orders take
        seconds.

    Returns
    -------
    Trace
        Its mean residual delay is that of ``couriers.delay``: rules take every replication for a usual
        one at a usual hour, and are not told whether today's couriers are slow.

    Raises
    ------
    SeedError
        If the seed is not an integer of at least 0.
    ResourceError
        If the orders would not fit into memory.
    OrdersError, FileError
        If the menu cannot be read.
    TraceError
        If times grow beyond every number.

    Examples
    --------
    >>> import kitchen as kt
    >>> kt.draw(kt.Scenario.load("rush"), replications=200, seed=1)
    Trace(26,400 orders in 200 replications, seed 1)
    """
    require_scenario(scenario)
    seed = check_seed(seed)
    replications = whole("replications", replications, at_least=1, at_most=1e300)
    start = whole("first", first, at_least=0, at_most=2**62)
    if menu is not None:
        instance("menu", menu, Menu, "Read one with kt.read_orders.")
    check_callback(callback)
    done = callback or (lambda number: None)
    menu = menu_of(scenario) if menu is None else menu
    expected = orders_per_replication(scenario, menu)
    _require_room(expected * replications, replications, expected)
    numbers = np.arange(start, start + replications)
    busy = _factors(scenario.orders.rate_factor, seed, random.BUSY, numbers)
    slow = _factors(scenario.couriers.delay_factor, seed, random.SLOW, numbers)
    counts = _counts(scenario, menu, seed, start, expected * busy)
    _require_room(float(counts.sum()), replications, expected)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    done(0)
    item = items(scenario, menu, seed, offsets, start)
    done(0)
    couriers, prep = scenario.couriers, scenario.orders.prep
    with np.errstate(all="ignore"):
        ready = received = _arrivals(scenario, seed, offsets, start, busy)
        done(0)
        if prep is not None:
            ready = received + prep.quantile(random.uniforms(seed, random.PREPS, offsets, numbers))
            done(0)
        chance = random.uniforms(seed, random.DELAYS, offsets, numbers)
        done(0)
        pickup = couriers.delay.quantile(chance)
        done(0)
        if couriers.slow:
            pickup *= np.repeat(slow, counts)
        called = received if couriers.delay_from == "received" else ready
        if couriers.by_half_hour:
            pickup *= couriers.factor_at(called)
        pickup += called
        residual = couriers.delay.residual()
    require_finite(
        {"arrivals": received, "orders.prep": ready, "couriers.delay": pickup}, scenario.name
    )
    return Trace(
        menu=menu,
        first=offsets,
        item=item,
        received_s=received,
        ready_s=ready,
        pickup_s=pickup,
        opens_s=np.zeros(replications),
        replications=numbers,
        residual=residual,
        seed=seed,
        delay_from=couriers.delay_from,
    )


def menu_of(scenario: Scenario) -> Menu:
    """The menu that a scenario draws from: its own, that of its file, else the shipped one."""
    orders = scenario.orders
    return orders.menu.menu if orders.menu else menu_of_file(orders.file)


def orders_per_replication(scenario: Scenario, menu: Menu) -> float:
    """Number of orders in a replication: exact, or the mean where a duration ends it."""
    if not len(menu):
        return 0
    orders = scenario.orders
    if orders.duration_s is None:
        return len(menu) if orders.count is None else orders.count
    return scenario.arrivals.expected(orders.duration_s)


def _require_room(orders: float, replications: int, each: float) -> None:
    """Refuse what would not fit into memory."""
    require_memory(orders * BYTES_PER_ORDER, f"drawing {replications:,} x {each:,.0f} orders")


def _factors(distribution, seed, purpose, numbers) -> np.ndarray:
    """A factor for each replication from a stream of its own, shape (replications,); 1 if None."""
    if distribution is None:
        return np.ones(numbers.size)
    drawn = random.uniform_each(seed, purpose, numbers)
    return distribution.quantile(np.maximum(drawn, 2.0**-54))


def _counts(scenario, menu, seed, start, expected: np.ndarray) -> np.ndarray:
    """Orders in each replication, int64, shape (replications,); `expected` are their means."""
    ends_at_random = scenario.orders.duration_s is not None and scenario.arrivals.is_random
    if not ends_at_random or not len(menu):
        exact = orders_per_replication(scenario, menu)
        return np.full(expected.size, int(exact), np.int64)
    return random.count_unit_arrivals(seed, start, expected)


def _arrivals(scenario, seed, offsets, start, busy: np.ndarray) -> np.ndarray:
    """Times at which orders are received, seconds, shape (orders,).

    `busy` multiplies the rate of each replication: by a time of the process of rate 1 that is as much
    shorter.
    """
    if not scenario.arrivals.is_random:
        return scenario.arrivals.times(_index(offsets))
    unit_times = random.unit_arrivals(seed, offsets, start)
    if scenario.orders.busy:
        unit_times /= np.repeat(busy, np.diff(offsets))
    return scenario.arrivals.times(unit_times)


def items(scenario: Scenario, menu: Menu, seed: int, offsets: np.ndarray, start: int) -> np.ndarray:
    """The kind of each order, its index on the menu, int32, shape (orders,).

    Replication `start` + i has the orders from ``offsets[i]`` to before ``offsets[i + 1]``.
    """
    if scenario.orders.sampling == "random":
        return random.choices(seed, random.ITEMS, offsets, start, len(menu))
    return (_index(offsets) % max(len(menu), 1)).astype(np.int32)


def _index(offsets: np.ndarray) -> np.ndarray:
    """The index of each order in its replication."""
    return np.arange(offsets[-1]) - np.repeat(offsets[:-1], np.diff(offsets))
