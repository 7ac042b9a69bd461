"""Arguments of `read_log`, checked: opening hours, units, statuses."""

from __future__ import annotations

from collections.abc import Mapping

from kitchen.errors import LogError, shown, unknown
from kitchen.logs.columns import ROLES
from kitchen.logs.instants import clock_seconds

CANCELLED = frozenset(
    "cancelled canceled rejected failed refunded void voided declined "
    "storniert abgebrochen abgelehnt annulé annulée refusé refusée remboursé remboursée".split()
)
"""Statuses of orders that were never cooked, in lower case."""

COOKED = frozenset(
    "delivered completed complete collected done closed paid finished fulfilled served "
    "geliefert abgeholt livré livrée".split()
    + ["picked up", "picked_up"]
)
"""Statuses that need no word in a verdict, in lower case."""


def between(value) -> tuple[float, float] | None:
    """Opening and closing, seconds after midnight; None where they are not given.

    Raises
    ------
    LogError
    """
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise LogError(
            f"between: must be two times of day, as ('17:00', '23:00'), got {shown(value)}."
        )
    return clock_seconds("between", value[0]), clock_seconds("between", value[1])


def units(value) -> dict:
    """Role -> unit of its numbers.

    Raises
    ------
    LogError
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise LogError(f"units: must be a table of roles and units, got {shown(value)}.")
    for role in value:
        if role not in ROLES:
            raise LogError(f"units: {unknown('role', role, ROLES)}")
    return dict(value)


def statuses(value) -> set[str]:
    """Statuses of orders that were never cooked, in lower case.

    Raises
    ------
    LogError
    """
    if value is None:
        return set(CANCELLED)
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, (list, tuple, set)) or not all(isinstance(v, str) for v in value):
        raise LogError(f"cancelled: must be a list of statuses, got {shown(value)}.")
    return {status.strip().lower() for status in value}
