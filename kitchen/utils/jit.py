"""Just-in-time compilation with Numba: kernels once, users' functions as first-class values.

Nothing here compiles at import. A kernel is compiled for one explicit signature when it is first
called and cached on disk by Numba. Users' functions enter a kernel as values of one function type,
so that no strategy and no decay law makes a kernel compile again.
"""

from __future__ import annotations

import atexit
import dis
import functools
import inspect
import logging
import os
import re
import shutil
import tempfile
import threading
import traceback
import types
from collections.abc import Callable
from contextlib import contextmanager
from functools import cache

import numpy as np

from kitchen.errors import RuleError, unknown
from kitchen.utils.environment import check_environment

log = logging.getLogger("kitchen")

PACKAGE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")
"""Folder of this package's files, with a separator at its end."""

NOTICE_AFTER_S = 1.0
"""Seconds that one compilation may take before a notice is logged."""


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
    first_class : bool
        Whether it is handed to other kernels as a value, which takes one wrapper more.
    parts : tuple of modules
        Other files that the function is made of: the disk cache minds them, too.
    """

    def __init__(
        self,
        signature: Callable[[], tuple],
        counts_references: bool = True,
        first_class: bool = False,
        parts: tuple[types.ModuleType, ...] = (),
    ):
        self.signature = signature
        self.parts = parts
        self.options = {
            "error_model": "numpy",
            "_nrt": counts_references,
            "no_cfunc_wrapper": not first_class,
        }
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
        """The compiled function: from memory, from the disk cache, or made now.

        Raises
        ------
        KitchenError
            If the environment forbids to compile.
        """
        with self.lock:
            if self.compiled is None:
                check_environment()
                _import_array_functions()
                dispatcher = _dispatcher(self.function, self.options)
                _mind(dispatcher, self.parts)
                with _notice_if_compiled(dispatcher):
                    dispatcher.compile(_types(self.signature()))
                dispatcher.disable_compile()
                self.compiled = dispatcher
        return self.compiled


@cache
def _import_array_functions() -> None:
    """Import Numba's array functions without scipy.linalg, a fifth of the time of a first comparison.

    They only try whether it is there, as it is. A function that calls np.dot loads it when it is
    compiled.
    """
    from numba.np import linalg

    ensure = getattr(linalg, "ensure_blas", None)
    linalg.ensure_blas = lambda: None
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        linalg.ensure_blas = ensure


def _dispatcher(function: Callable, options: dict):
    """Numba's dispatcher of a kernel, with a disk cache if there is a folder for one."""
    import numba

    if not _no_cache_folder.is_set():
        try:
            return numba.njit(nogil=True, cache=True, **options)(function)
        except RuntimeError as error:
            if "cannot cache function" not in str(error):
                raise
            _use_temporary_cache()
    cached = bool(numba.config.CACHE_DIR)
    return numba.njit(nogil=True, cache=cached, **options)(function)


def _mind(dispatcher, parts: tuple[types.ModuleType, ...]) -> None:
    """Let the disk cache of a dispatcher mind the dates and sizes of more files than its own."""
    kept = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if kept is not None and parts:
        stamps = [os.stat(part.__file__) for part in parts]
        more = tuple((stamp.st_mtime, stamp.st_size) for stamp in stamps)
        kept._source_stamp = (kept._source_stamp, more)


_no_cache_folder = threading.Event()
"""Set as soon as Numba has found no folder that it may write compiled code into."""

_cache_lock = threading.Lock()


def _use_temporary_cache() -> None:
    """Keep compiled code in a temporary folder, of this process and those that it starts.

    Without a temporary folder nothing is kept: every process compiles what it needs.
    """
    import numba

    with _cache_lock:
        if _no_cache_folder.is_set():
            return
        try:
            folder = tempfile.mkdtemp(prefix="kitchen-numba-")
        except OSError:
            folder = ""
        else:
            os.environ["NUMBA_CACHE_DIR"] = folder  # child processes read it, and so does Numba
            atexit.register(_remove_cache, folder, os.getpid())
        numba.config.CACHE_DIR = folder
        _no_cache_folder.set()
        log.warning(
            "the compiled engine cannot be kept: there is no folder to write it into, so it is "
            "compiled anew each time. Set NUMBA_CACHE_DIR to a folder that can be written."
        )


def _remove_cache(folder: str, process: int) -> None:
    if os.getpid() == process:  # not in a fork of the process that made it
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _notice_if_compiled(dispatcher):
    """Log a notice when the disk cache does not serve and compilation takes a while."""
    from numba.core import event

    timer = threading.Timer(NOTICE_AFTER_S, _log_compilation)
    timer.daemon = True

    class Start(event.Listener):
        def on_start(self, event):
            if event.data["dispatcher"] is dispatcher:
                timer.start()

        def on_end(self, event):
            if event.data["dispatcher"] is dispatcher:
                timer.cancel()

    with event.install_listener("numba:compile", Start()):
        yield


@cache  # once a process
def _log_compilation() -> None:
    if not _no_cache_folder.is_set():  # else it is not kept, which has been said
        log.warning("compiling the engine for this machine; it is kept, so this happens once")


def function_type(arguments: tuple):
    """The Numba type of a first-class function of `arguments` that returns a float64."""
    import numba

    return numba.types.FunctionType(numba.float64(*_types(arguments)))


@cache
def address_of(compiled, arguments: tuple) -> int:
    """Where the machine code of a compiled function is. It stays there: the function is kept."""
    import numba

    found = compiled.get_compile_result(numba.float64(*_types(arguments)))
    return found.library.get_pointer_to_function(found.fndesc.llvm_func_name)


@cache
def function_at(arguments: Callable[[], tuple]):
    """An intrinsic, address -> first-class function of ``arguments()``.

    Handing a function itself to a kernel takes Numba 0.03 ms, in which no other thread runs.
    """
    from numba import types as numba_types
    from numba.core import cgutils
    from numba.extending import intrinsic

    def function_at(typingctx, address):
        made = function_type(arguments())

        def codegen(context, builder, signature, given):
            function = cgutils.create_struct_proxy(made)(context, builder)
            pointer = context.get_value_type(numba_types.voidptr)
            function.jit_addr = builder.inttoptr(given[0], pointer)
            function.c_addr = function.py_addr = cgutils.get_null_value(pointer)
            return function._getvalue()

        return made(numba_types.int64), codegen

    return intrinsic(function_at)


_made: dict = {}


def first_class(
    function: Callable, arguments: tuple, given: int, kind: str, fields=(), *, kept: bool = False
):
    """Compile a user's function so that it can be handed to a kernel.

    The same code with the same constants around it is compiled once in a process.

    Parameters
    ----------
    function : callable
        A plain Python function of four numbers, of a candidate, or of a candidate and parameters.
    given : int
        How many of the arguments it wants: all, or the candidate alone.
    arguments : tuple
        Numba types, or strings that name them.
    kind : str
        What the function is, for messages: "rule", "decay law".
    fields : iterable of str
        What may be read of the first argument, for messages.
    kept : bool
        Keep the compiled function on disk. Only for a function that depends on its own file alone.

    Raises
    ------
    RuleError
        If it cannot be compiled: which function, which line, why.
    """
    import numba

    if not inspect.isfunction(function):
        raise RuleError(f"{kind} {function!r} must be a plain Python function (def or lambda).")
    check_environment()
    _import_array_functions()
    key = (surroundings(function), arguments, given)
    if key not in _made:
        unwrapped = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
        inner = numba.njit(function, error_model="numpy", boundscheck=True, **unwrapped)
        # a decay law is handed to kernels as a value, a rule as an address
        options = {"error_model": "numpy", "no_cfunc_wrapper": kind == "rule"}
        try:
            if kept:
                compiled = _dispatcher(_named_wrapper(function, inner, given), options)
            else:
                compiled = numba.njit(**options)(_wrapper(inner, given))
            compiled.compile(_types(arguments))
            compiled.disable_compile()
        except Exception as error:  # Numba lets errors of many kinds through
            raise RuleError(_cannot_compile(function, kind, error, fields)) from None
        _made[key] = compiled
    return _made[key]


def _wrapper(inner, given: int) -> Callable:
    """A function of the engine's arguments that hands `given` of them to a user's function."""

    def law(age_s, weighted_age_s, shelf_life_s, decay_rate):
        return 1.0 * inner(age_s, weighted_age_s, shelf_life_s, decay_rate)

    def rule(orders, scores, size, p):
        for i in range(size):
            scores[i] = 1.0 * inner(orders[i])
        return 0.0

    def rule_with_params(orders, scores, size, p):
        for i in range(size):
            scores[i] = 1.0 * inner(orders[i], p)
        return 0.0

    return {4: law, 1: rule, 2: rule_with_params}[given]


def _named_wrapper(function: Callable, inner, given: int) -> Callable:
    """The wrapper of a rule as if it stood in the rule's file, by which Numba's disk cache keeps it.

    It has no closure: a compiled function in a closure is another one in each process.
    """
    where = function.__code__
    call = _call_inner if given == 1 else _call_inner_with_params
    code = call.__code__.replace(
        co_filename=where.co_filename,
        co_firstlineno=where.co_firstlineno,
        co_name=where.co_name,
        co_qualname=where.co_qualname,
    )
    wrapper = types.FunctionType(code, {"inner": inner})
    wrapper.__module__ = function.__module__
    return wrapper


def _call_inner(orders, scores, size, p):
    for i in range(size):
        scores[i] = 1.0 * inner(orders[i])  # noqa: F821 - a global of `_named_wrapper`
    return 0.0


def _call_inner_with_params(orders, scores, size, p):
    for i in range(size):
        scores[i] = 1.0 * inner(orders[i], p)  # noqa: F821 - a global of `_named_wrapper`
    return 0.0


def _types(arguments):
    """Numba types of a signature in which types may be given by name."""
    from numba.core.sigutils import _parse_signature_string as parse

    return tuple(parse(a) if isinstance(a, str) else a for a in arguments)


def surroundings(function, depth: int = 8):
    """What a compiled function depends on: its code, and the constants it was compiled with."""
    closure = inspect.getclosurevars(function)
    seen = sorted({**closure.globals, **closure.nonlocals}.items())
    names = function.__code__.co_names
    frozen = tuple((name, _frozen(value, names, depth)) for name, value in seen)
    return function.__code__, frozen, _frozen(function.__defaults__, (), depth)


class _Same:
    """An object as a key: equal to itself only, and kept alive, so that nothing takes its place."""

    def __init__(self, thing):
        self.thing = thing

    def __eq__(self, other):
        return isinstance(other, _Same) and self.thing is other.thing

    def __hash__(self):
        return id(self.thing)


def _frozen(value, names, depth: int):
    """A hashable stand-in for a constant: numbers and arrays by value, the rest by identity.

    Of a module those attributes count that the code names; of a compiled helper, what it depends on.
    """
    if isinstance(value, (bool, int, float, str, type(None))):
        return type(value).__name__, repr(value)
    if isinstance(value, tuple):
        return "tuple", tuple(_frozen(v, names, depth) for v in value)
    if isinstance(value, np.ndarray):
        return "array", value.dtype.str, value.shape, value.tobytes()
    inside = ()
    if inspect.ismodule(value) and depth:
        there = [name for name in names if name in vars(value)]
        inside = tuple((name, _frozen(vars(value)[name], names, depth - 1)) for name in there)
    elif inspect.isfunction(helper := getattr(value, "py_func", None)) and depth:
        inside = surroundings(helper, depth - 1)
    return "object", _Same(value), inside


def where_raised(error: BaseException) -> str:
    """Which of the user's lines an error came out of: " in 'mine', line 3 (...)", if that is known."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    if last.filename.startswith(PACKAGE):
        return ""
    return f" in {last.name!r}, line {last.lineno}" + (f" ({last.line!r})" if last.line else "")


_NOISE = (
    r"(Failed|File|During|There are|-|Use|def |>>|<source|Enable|Traceback|Raised|Cannot unify)"
)


def _cannot_compile(function: Callable, kind: str, error: Exception, fields) -> str:
    """One line from Numba's page: the function, the line, the reason."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    code = function.__code__
    if isinstance(error, KeyError) and error.args[0] in code.co_names:
        number = _line_of_name(code, error.args[0])
        reason = unknown("field", error.args[0], fields)
    elif untyped := re.search(r"Untyped global name '(\w+)'", text):
        number = _line_of_name(code, untyped[1])
        reason = f"{untyped[1]!r} is not compiled; if it is a function, put @numba.njit above it"
    elif "function mul" in text and f'{os.path.basename(__file__)}"' in text:  # see `_wrapper`
        number, reason = code.co_firstlineno, "it does not return a number"
    else:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        found = re.findall(r'File "[^"]*", line (\d+)|\((\d+)\)\s*$', text, flags=re.M)
        number = int(next(filter(None, found[-1]))) if found else code.co_firstlineno
        reason = next((x for x in lines if not re.match(_NOISE, x)), lines[0] if lines else "")
        reason = re.sub(r"\s*Raised from.*", "", reason) or type(error).__name__
    return (
        f"{kind} {function.__name__!r} cannot be compiled: line {number}"
        f"{_source_line(function, number)}: {reason.rstrip('.:')}. "
        "It may use its arguments, numbers, comparisons and the math module."
    )


def _line_of_name(code, name: str) -> int:
    """The line on which a function's code first uses an attribute or a global."""
    steps = (step for step in dis.get_instructions(code) if step.argval == name)
    return next(steps).positions.lineno


def _source_line(function: Callable, number: int) -> str:
    """The text of a line of a function, quoted, when its source can be found."""
    try:
        lines, first = inspect.getsourcelines(function)
        return f" ({lines[number - max(first, 1)].strip()!r})" if number >= first else ""
    except (OSError, TypeError, IndexError):
        return ""
