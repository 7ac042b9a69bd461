"""Inspection of Python functions: the fields that a rule reads, and its other dependencies.

A rule should depend on the order alone, so that its scores are the same in every run and thread.
"""

from __future__ import annotations

import builtins
import dis
import inspect
import types
from collections.abc import Callable, Iterator
from hashlib import sha256

import numpy as np

from kitchen.errors import shown

_HIDDEN = {"random", "secrets", "time", "datetime", "os", "sys", "uuid"}
_CHANCE = {"random", "secrets", "time", "uuid"}
_SIDE_EFFECTS = {open: "opens a file", input: "waits for the keyboard", print: "prints"}
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)
_WRITES = {"STORE_GLOBAL", "DELETE_GLOBAL", "STORE_DEREF", "DELETE_DEREF"}


def dependencies(function: Callable) -> tuple[list[str], list[str]]:
    """Dependencies of a function, and of those it calls, other than their arguments.

    Parameters
    ----------
    function : callable
        A plain Python function.

    Returns
    -------
    findings : list of str
        Random numbers, clocks, files and anything else that can change between calls: a sentence
        each.
    notes : list of str
        Numbers and arrays from outside, whose values compiled code takes when a run starts.
    """
    findings, notes = {}, {}  # by name, so that each is reported once
    for part in _functions(function):
        scope = {**vars(builtins), **part.__globals__, **_closure(part)}
        for name in _written(part):
            findings[name] = (
                f"It changes {name!r}, which stands outside of it. A rule must leave all as it is: it "
                "is asked any number of times, in any order, by several threads."
            )
        for name in _used(part):
            if name not in scope:
                findings[name] = f"It uses {name!r}, which there is not."
            elif name not in findings:
                finding, note = _suspicion(name, scope[name], part)
                findings |= {name: finding} if finding else {}
                notes |= {name: note} if note else {}
        for value in part.__defaults__ or ():
            if isinstance(value, (list, dict, set, bytearray)):
                findings[shown(value)] = (
                    f"A default argument is a {type(value).__name__} ({shown(value)}), which "
                    "can change from call to call. Use numbers, or a Rule with params."
                )
    return list(findings.values()), list(notes.values())


def chance_in(function: Callable) -> str | None:
    """What makes a function's results differ between calls: a name, or None if there is nothing.

    Random numbers, clocks, and variables outside of it that it changes; also in the compiled
    functions that it calls. Numbers and arrays from outside are constants of compiled code.
    """
    for part in _functions(function):
        for name in _written(part):
            return name
        names = {name for code in _codes(part.__code__) for name in code.co_names}
        for name, thing in _outside(part).items():
            module = _source_of(thing)
            if module == "numpy" and "random" in names and isinstance(thing, types.ModuleType):
                return f"{name}.random"
            if module.split(".")[0] in _CHANCE or module.startswith("numpy.random"):
                return name
    return None


def _source_of(thing) -> str:
    """Name of a module, or of that in which a function or the owner of a method is defined."""
    if isinstance(thing, types.ModuleType):
        return thing.__name__
    owner = getattr(thing, "__self__", None)
    if isinstance(thing, (*_FUNCTIONS, types.MethodType)):
        if owner is not None and not isinstance(owner, types.ModuleType):
            return type(owner).__module__  # np.random.normal is a method of a hidden generator
        return thing.__module__ or getattr(owner, "__name__", "")
    return type(thing).__module__ if type(thing).__module__.startswith("numpy.random") else ""


def _suspicion(name: str, thing, function) -> tuple[str, str]:
    """The finding and the note about a thing that a rule uses; empty if there is none."""
    module = _source_of(thing)
    draws = module == "numpy" and "random" in function.__code__.co_names
    if module.split(".")[0] in _HIDDEN or draws or module.startswith("numpy.random"):
        return (
            f"It uses {name!r}, so it depends on something other than the order, and no two runs are "
            "alike. For chance there is order.u: a uniform number, the same under every strategy.",
            "",
        )
    if any(thing is effect for effect in _SIDE_EFFECTS):
        return f"It {_SIDE_EFFECTS[thing]}, each time that it is asked about an order.", ""
    if isinstance(thing, (list, dict, set, bytearray)):
        return (
            f"It reads {name!r}, a {type(thing).__name__} that stands outside of it and can change "
            "while the kitchen runs. Use a tuple, or a Rule with params.",
            "",
        )
    if isinstance(thing, np.ndarray):
        return "", (
            f"It reads the array {name!r} as it is when a simulation starts; a Rule with params would "
            "show the numbers in reports."
        )
    if isinstance(thing, (bool, int, float, np.number)):
        return "", (
            f"It depends on {name} = {shown(thing)}, as it is when a simulation starts; a Rule with "
            "params would show the number in reports."
        )
    plain = (str, tuple, type(None), type, types.ModuleType, *_FUNCTIONS)
    if isinstance(thing, plain) or hasattr(thing, "py_func") or callable(thing):
        return "", ""
    return (
        f"It reads {name!r}, a {type(thing).__name__}, which compiled code cannot hold. Use numbers, "
        "or a Rule with params.",
        "",
    )


def _functions(function: Callable) -> Iterator[types.FunctionType]:
    """A function and those that it calls, compiled or not."""
    seen, waiting = set(), [function]
    while waiting:
        here = waiting.pop()
        here = getattr(here, "py_func", here)
        if not isinstance(here, types.FunctionType) or here in seen:
            continue
        package = (here.__module__ or "").split(".")[0]
        if seen and package in ("numpy", "numba", "math", *_HIDDEN):
            continue
        seen.add(here)
        yield here
        waiting += _outside(here).values()


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if inspect.iscode(constant):
            yield from _codes(constant)


def _used(function) -> list[str]:
    """Names that a function's code takes from outside, without attributes of the order."""
    names = list(function.__code__.co_freevars)
    for code in _codes(function.__code__):
        names += [s.argval for s in dis.get_instructions(code) if s.opname == "LOAD_GLOBAL"]
    return list(dict.fromkeys(names))


def _written(function) -> list[str]:
    """Names outside of a function that its code changes."""
    outside = set(function.__code__.co_freevars)
    names = []
    for code in _codes(function.__code__):
        for step in dis.get_instructions(code):
            if step.opname in _WRITES and ("GLOBAL" in step.opname or step.argval in outside):
                names.append(step.argval)
    return list(dict.fromkeys(names))


def fingerprint(function: Callable) -> str:
    """Digest of a function's code, of the functions it calls, and of the values it uses.

    Two functions with the same digest do the same. Blanks and comments do not change it; another
    version of Python does.
    """
    digest = sha256()
    for part in _functions(function):
        for code in _codes(part.__code__):
            known = [_told(c) for c in code.co_consts if not isinstance(c, types.CodeType)]
            digest.update(repr((code.co_code, code.co_names, code.co_varnames, known)).encode())
        digest.update(_told((part.__defaults__, part.__kwdefaults__)).encode())
        for name, value in sorted(_outside(part).items()):
            digest.update(f"{name} {_told(value)}".encode())
    return digest.hexdigest()


def _outside(function) -> dict[str, object]:
    """What a function uses from outside, by name; of a module, what is read of it."""
    scope = {**function.__globals__, **_closure(function)}
    found = {name: scope[name] for name in _used(function) if name in scope}
    for name, value in list(found.items()):
        if isinstance(value, types.ModuleType):
            read = {n for code in _codes(function.__code__) for n in code.co_names}
            found |= {f"{name}.{n}": getattr(value, n) for n in read if hasattr(value, n)}
    return found


def _told(value) -> str:
    """A value as text that is the same in every process."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, (set, frozenset)):
        return f"{{{', '.join(sorted(map(_told, value)))}}}"
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_told, value))})"
    if isinstance(value, dict):
        return f"{{{', '.join(sorted(f'{_told(k)}: {_told(v)}' for k, v in value.items()))}}}"
    if callable(value) or isinstance(value, types.ModuleType):
        return getattr(value, "__qualname__", getattr(value, "__name__", type(value).__name__))
    return repr(value)


def _closure(function) -> dict:
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    found = {}
    for name, cell in cells:
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not set yet
            continue
    return found


_NEUTRAL = {"RESUME", "NOP", "CACHE", "EXTENDED_ARG", "COPY_FREE_VARS"}


def fields_named(function: Callable) -> frozenset[str] | None:
    """Attributes of its first argument that a function reads; None if they cannot be determined."""
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
    """Name and sign of the one attribute that a function returns, or None for any other function."""
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
