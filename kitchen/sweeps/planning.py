"""Planning of a sweep: its arguments, checked before anything runs, and the parts that run together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kitchen.engine.batches import BYTES_A_LANE
from kitchen.engine.draw import menu_of, orders_per_replication
from kitchen.engine.encode import refuse_chance, refuse_contradictions, temps_of
from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError, shown
from kitchen.model.scenario import path_steps, require_scenario
from kitchen.model.strategy import as_strategies
from kitchen.sweeps import designs
from kitchen.sweeps.designs import Design
from kitchen.sweeps.plan import Plan, code_digest
from kitchen.utils.system import require_memory
from kitchen.utils.validation import amount, check_seed, instance, one_of, whole

ORDERS_A_PART = 1_000_000
"""Number of orders in a part, all strategies together: a tenth of a second of work or so."""

POINTS_A_PART = 500
"""Largest number of points in a part, which are averaged at once."""

KEEP = ("means", "summaries")
"""Values of `keep`: means alone, or the summaries of all replications as well."""

DRAWN = ("orders", "arrivals", "couriers")
"""Tables of a scenario from which orders are drawn: they change nothing in a replay."""


def plan_of(
    scenario, design, strategies, replications, seed, warm_up_s, keep, trace: Trace | None = None
) -> tuple[Plan, np.ndarray]:
    """The plan of a sweep, and the number of orders of each point; arguments are those of `sweep`.

    Raises
    ------
    KitchenError
        If an argument or a point is not valid, or a path has no effect in a replay.
    """
    require_scenario(scenario)
    one_of("keep", keep, KEEP)
    number = whole("replications", replications, at_least=1)
    if trace is not None:
        instance("trace", trace, Trace, "Make one with Trace.from_frame.")
        number = trace.replications.size
    plan = Plan(
        scenario=scenario,
        design=_as_design(design),
        strategies=as_strategies(strategies),
        menus={},
        replications=number,
        seed=check_seed(seed),
        warm_up_s=amount("warm_up_s", warm_up_s),
        summaries=keep == "summaries",
        source=code_digest(),
        trace=trace,
    )
    if trace is not None:
        _refuse_draws(plan.design)
    lanes = len(plan.strategies) * plan.replications
    require_memory(lanes * BYTES_A_LANE, f"{lanes:,} replications a point")
    return plan, _checked(plan)


def parts_of(plan: Plan, costs: np.ndarray) -> list[range]:
    """Ranges of points that run together; they depend on the design alone."""
    parts, first, sum_ = [], 0, 0.0
    for nth, cost in enumerate(costs.tolist(), start=1):
        sum_ += cost
        if sum_ >= ORDERS_A_PART or nth - first >= POINTS_A_PART or nth == len(costs):
            parts.append(range(first, nth))
            first, sum_ = nth, 0.0
    return parts


def _as_design(design) -> Design:
    if isinstance(design, Design):
        return design
    if isinstance(design, Mapping) and design:
        return designs.grid(design)
    return designs.points([{}] if isinstance(design, Mapping) else design)


def _refuse_draws(design: Design) -> None:
    """Refuse settings that say how orders are drawn: a replay has its own orders."""
    for path in design.paths:
        if path_steps(path)[0] in DRAWN:
            raise KitchenError(
                f"{shown(path)}: says how orders are drawn, and with a trace none are: it would change "
                "nothing. Vary shelves or strategies, or fit a scenario to the log and sweep that."
            )


def _checked(plan: Plan) -> np.ndarray:
    """Build every point once, so that faults are raised before the first run; keep the menus.

    Returns
    -------
    array, shape (points,)
        Mean number of orders of each point, all strategies and replications together.
    """
    each = plan.replications * len(plan.strategies)
    costs = np.empty(len(plan.design))
    for nth in range(len(plan.design)):
        try:
            world, strategies = plan.at(nth)
            source = world.orders.source
            if plan.trace is None and source not in plan.menus:
                plan.menus[source] = menu_of(world)
            temps_of(world, plan.menu(world))
            for strategy in strategies:
                refuse_contradictions(world, strategy)
                refuse_chance(strategy)
        except KitchenError as error:
            raise type(error)(f"{plan.label(nth)}: {error}") from None
        if plan.trace is None:
            costs[nth] = each * orders_per_replication(world, plan.menu(world))
        else:
            costs[nth] = len(plan.strategies) * len(plan.trace)
    return costs
