"""How Python functions become machine code: kernels once, users' functions as first-class values.

Nothing here compiles at import. A kernel is compiled for one explicit signature when it is first
called and cached on disk by Numba. Users' functions enter a kernel as values of one function type,
so that no strategy and no decay law makes a kernel compile again.
"""

from __future__ import annotations

import functools
import inspect
import logging
import re
import threading
from collections.abc import Callable

from kitchen.errors import RuleError

log = logging.getLogger("kitchen")

SLOW_COMPILATION_S = 1.0


class kernel:
    """Decorator: a Numba function with one signature, compiled when first called.

    Parameters
    ----------
    signature : callable
        Called without arguments at the first call; returns the tuple of argument types, as Numba
        types or as strings that name them.
    counts_references : bool
        False for a kernel that only reads and writes the arrays it is given: Numba's reference
        counts of arrays inside of tuples cost more than all the rest.
    """

    def __init__(self, signature: Callable[[], tuple], counts_references: bool = True):
        self.signature = signature
        self.options = {"error_model": "numpy", "_nrt": counts_references}
        self.compiled = None
        self.lock = threading.Lock()

    def __call__(self, function):
        self.function = function

        @functools.wraps(function)
        def call(*args):
            return (self.compiled or self.compile())(*args)

        call.compile = self.compile
        return call

    def compile(self):
        """The compiled function: from memory, from the disk cache, or made now."""
        with self.lock:
            if self.compiled is None:
                import numba

                dispatcher = numba.njit(nogil=True, cache=True, **self.options)(self.function)
                say = threading.Timer(
                    SLOW_COMPILATION_S,
                    log.warning,
                    ("compiling the engine for this machine; it is kept, so this happens once",),
                )
                say.daemon = True
                say.start()
                try:
                    dispatcher.compile(_types(self.signature()))
                finally:
                    say.cancel()
                dispatcher.disable_compile()
                self.compiled = dispatcher
        return self.compiled


def function_type(arguments: tuple):
    """The Numba type of a first-class function of `arguments` that returns a float64."""
    from numba import types

    return types.FunctionType(types.float64(*_types(arguments)))


_made: dict = {}


def first_class(function: Callable, arguments: tuple, kind: str):
    """Compile a user's function so that it can be handed to a kernel.

    The same code with the same constants around it is compiled once in a process.

    Parameters
    ----------
    function : callable
        A plain Python function of four numbers, of a candidate, or of a candidate and parameters.
    arguments : tuple
        Numba types, or strings that name them.
    kind : str
        What the function is, for messages: "discard rule", "decay law".

    Raises
    ------
    RuleError
        If it cannot be compiled: which function, which line, why.
    """
    import numba

    if not inspect.isfunction(function):
        raise RuleError(f"{kind} {function!r} must be a plain Python function (def or lambda).")
    key = (_surroundings(function), arguments)
    if key not in _made:
        inner = numba.njit(function, error_model="numpy")
        try:
            outer = _wrappers(inner)[function.__code__.co_argcount, len(arguments)]
            compiled = numba.njit(error_model="numpy")(outer)
            compiled.compile(_types(arguments))
            compiled.disable_compile()
        except numba.core.errors.NumbaError as error:
            raise RuleError(_cannot_compile(function, kind, error)) from None
        _made[key] = compiled
    return _made[key]


def _wrappers(inner):
    """Functions that call `inner`, by (arguments it takes, arguments it is called with)."""

    def law(a, b, c, d):
        return float(inner(a, b, c, d))

    def rule(order, p):
        return float(inner(order))

    def rule_with_params(order, p):
        return float(inner(order, p))

    return {(4, 4): law, (1, 2): rule, (2, 2): rule_with_params}


def _types(arguments):
    """Numba types of a signature in which types may be given by name."""
    from numba.core.sigutils import _parse_signature_string as parse

    return tuple(parse(a) if isinstance(a, str) else a for a in arguments)


def _surroundings(function):
    """What a compiled function depends on: its code and the constants it was compiled with."""
    closure = inspect.getclosurevars(function)
    seen = {**closure.globals, **closure.nonlocals}
    frozen = tuple(sorted((name, _frozen(value)) for name, value in seen.items()))
    return function.__code__, frozen, _frozen(function.__defaults__)


def _frozen(value):
    """A hashable stand-in for a constant: numbers by value, the rest by identity."""
    if isinstance(value, (bool, int, float, str, type(None))):
        return type(value).__name__, repr(value)
    if isinstance(value, tuple):
        return "tuple", tuple(_frozen(v) for v in value)
    return "object", id(value)


def _cannot_compile(function: Callable, kind: str, error: Exception) -> str:
    """One line from Numba's page: the function, the line, the reason."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    code = function.__code__
    where = re.findall(r'File "[^"]*", line (\d+)', text)
    number = int(where[-1]) if where else code.co_firstlineno
    reason = next(
        (
            line
            for line in lines
            if not re.match(r"(Failed|File|During|There are|-|Use|def |>>|<source|Enable)", line)
        ),
        type(error).__name__,
    )
    return (
        f"{kind} {function.__name__!r} cannot be compiled: line {number}"
        f"{_source_line(function, number)}: {reason.rstrip('.')}. "
        "Rules and laws may use numbers, comparisons and the math module."
    )


def _source_line(function: Callable, number: int) -> str:
    """The text of a line of a function, quoted, when its source can be found."""
    try:
        lines, first = inspect.getsourcelines(function)
        return f" ({lines[number - max(first, 1)].strip()!r})"
    except (OSError, TypeError, IndexError):
        return ""
