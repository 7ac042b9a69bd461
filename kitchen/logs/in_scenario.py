"""A log in the kitchen of a scenario, whose menu gives the dishes that the log has not."""

from __future__ import annotations

from kitchen.errors import inline


def trace_of(log, scenario, draws: int = 1):
    """The evenings of a log as a trace; None without one.

    Where the log has no dishes they are drawn from the scenario's menu, `draws` times.
    """
    if log is None:
        return None
    return log.trace() if log.has_items else log.trace(items=scenario, draws=draws)


def log_in_words(log, scenario) -> list[str]:
    """The verdict on a log, and from which menu its dishes are drawn; empty without a log."""
    if log is None:
        return []
    if log.has_items:
        return [log.verdict]
    menu = f"the menu of {inline(scenario.name)}"
    return [f"{log.verdict} Here dishes, with temp and shelf life, are drawn from {menu}."]
