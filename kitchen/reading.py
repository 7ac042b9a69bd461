"""What a rule reads of its order, told by its byte code without running it.

Careful rather than clever: unless every use of the argument is one field read by its name, the answer is
that anything may be read.
"""

from __future__ import annotations

import dis
from collections.abc import Callable

_NEUTRAL = {"RESUME", "NOP", "CACHE", "EXTENDED_ARG", "COPY_FREE_VARS"}


def fields_named(function: Callable) -> frozenset[str] | None:
    """The attributes that a function reads of its first argument; None if that cannot be told."""
    code = function.__code__
    order = code.co_varnames[0]
    if order in code.co_cellvars:
        return None
    read, steps = set(), _steps(code)
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        named = step.argval if isinstance(step.argval, tuple) else (step.argval,)
        if order not in named or "FAST" not in step.opname:
            continue
        on_top = step.opname.startswith(("LOAD_FAST", "STORE_FAST_LOAD_FAST")) and (
            named.count(order) == 1 and named[-1] == order
        )
        if not on_top or following is None or following.opname != "LOAD_ATTR":
            return None
        read.add(following.argval)
    return frozenset(read)


def sole_field(function: Callable) -> tuple[str, float] | None:
    """(name, sign) of a function that returns one attribute of its argument, or minus it; or None."""
    steps = [step for step in _steps(function.__code__) if step.opname not in _NEUTRAL]
    names = [step.opname for step in steps]
    loads = names[:1] and names[0].startswith("LOAD_FAST") and isinstance(steps[0].argval, str)
    if not loads or steps[0].argval != function.__code__.co_varnames[0]:
        return None
    if names[1:] == ["LOAD_ATTR", "RETURN_VALUE"]:
        return steps[1].argval, 1.0
    if names[1:] == ["LOAD_ATTR", "UNARY_NEGATIVE", "RETURN_VALUE"]:
        return steps[1].argval, -1.0
    return None


def _steps(code) -> list[dis.Instruction]:
    return [step for step in dis.get_instructions(code) if step.opname not in ("CACHE", "NOP")]
