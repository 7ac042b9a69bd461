"""Exceptions of the package, and helpers for their messages.

Every message is one line: where, what was expected, what was given. The command line prints that line
only, so anything from a user's file passes through `shown`.
"""

from __future__ import annotations

import os
from decimal import Decimal
from difflib import get_close_matches
from itertools import accumulate
from math import isfinite
from reprlib import Repr

LONGEST = 500
"""Length of the longest message, characters; the middle of a longer one is left out."""

LISTED = 240
"""Length of a list of good names in a message, characters; of more the rest is counted."""


class KitchenError(Exception):
    """Base class of the package's errors, each of which the user can correct.

    Any other exception that is raised is a fault of the package. A message is at most `LONGEST`
    characters long.

    Examples
    --------
    >>> import kitchen as kt
    >>> try:
    ...     kt.Scenario.load("rsh")
    ... except kt.KitchenError as error:
    ...     print(error)
    scenario 'rsh' is unknown. Did you mean 'rush'? ...
    """

    def __init__(self, *args):
        super().__init__(*(shortened(a) if isinstance(a, str) else a for a in args))


class ScenarioError(KitchenError):
    """Error in a scenario or in a value of one of its keys."""


class OrdersError(KitchenError):
    """Error in a menu of orders."""


class RuleError(KitchenError):
    """Error of a rule or decay law: unknown, not compilable, or without a number as its result."""


class StrategyError(KitchenError):
    """Error in a strategy: an unknown setting, or two strategies of the same name."""


class TraceError(KitchenError):
    """Error in the table of a trace."""


class LogError(KitchenError):
    """Error in an order log, or in how it is to be read."""


class SeedError(KitchenError):
    """Error for a seed that is not an integer of at least 0."""


class ResourceError(KitchenError):
    """Error for a request that does not fit into memory."""


class FileError(KitchenError):
    """Error for a file that cannot be read or written."""


class ExtraError(KitchenError, ModuleNotFoundError):
    """Error for a package of an extra that is not installed; the message says how to get it."""


_repr = Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = 80
_repr.maxlevel = 2


def shown(value) -> str:
    """Text of a value for a message: one line of at most 160 characters."""
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, str):
        return _repr.repr(str(value))
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float):
        text = f"{value:.15g}"  # 5.0 stays apart from 5
        return f"{text}.0" if isfinite(value) and text.lstrip("-").isdecimal() else text
    if isinstance(value, Decimal):
        return str(value)[:80]
    if type(value).__module__.partition(".")[0] == "pandas":
        return f"a {type(value).__name__}"
    try:
        text = _repr.repr(value)
    except ValueError:  # an integer of more digits than Python agrees to print
        return f"a number of {value.bit_length()} bits"
    text = " ".join(text.split())
    return text if len(text) <= 160 else f"{text[:157]}..."


def inline(name) -> str:
    """A name for a line of text: unchanged if it is printable, else quoted and escaped."""
    name = str(name)
    return name if name.isprintable() else repr(name)


def nearest(got, options) -> str | None:
    """The option that is spelt most like `got`, or None."""
    if not isinstance(got, str):
        return None
    plain = {_plain(option): option for option in reversed(list(options))}
    close = get_close_matches(_plain(got), plain, n=1, cutoff=0.6)
    return plain[close[0]] if close else None


def unknown(kind: str, got, options) -> str:
    """Message for an unknown name: the closest good name, and the list of all.

    Parameters
    ----------
    kind : str
        What the name should be: "discard rule", "scenario".
    got : object
        The name that was given.
    options : iterable of str
        The good names, in the order to list them.
    """
    options = [inline(option) for option in options]
    guess = nearest(got, options)
    meant = f" Did you mean {shown(guess)}?" if guess is not None else ""
    there = f" There are: {listed(options)}." if options else " There are none."
    return f"{kind} {shown(got)} is unknown.{meant}{there}"


def listed(names, longest: int = LISTED) -> str:
    """Names separated by commas; of a long list the first ones, and how many there are."""
    names = list(names)
    ends = list(accumulate(len(name) + 2 for name in names))
    if not names or ends[-1] - 2 <= longest:
        return ", ".join(names)
    kept = max(sum(end <= longest for end in ends), 1)
    first = ", ".join(
        name if len(name) <= longest else shortened(name, longest) for name in names[:kept]
    )
    return f"{first}, ... ({len(names):,} in all)" if kept < len(names) else first


def shortened(text: str, longest: int = LONGEST) -> str:
    """A text of at most `longest` characters: beginning and end, where place and advice stand."""
    if len(text) <= longest:
        return text
    tail = longest // 3
    head = longest - tail - 5
    return f"{text[:head]} ... {text[len(text) - tail :]}"


def _plain(text: str) -> str:
    """A name in lower case with single spaces, for comparing spellings."""
    return " ".join(text[:200].casefold().replace("_", " ").replace("-", " ").split())


class Cancelled(Exception):
    """Raised inside a computation that has been cancelled."""


def parser_message(problem: str) -> str:
    """A parser's message, shortened for the middle of one of ours."""
    problem = " ".join(problem.split()).rstrip(".")
    return problem[:1].lower() + problem[1:200]


def system_message(error: OSError) -> str:
    """The operating system's message of an error."""
    return os.strerror(error.errno) if error.errno else " ".join(str(error).split()) or "no reason"
