"""The package's exceptions, and the words they share.

Every message is one line: where, what was found, what would do instead. The command line prints
that line and nothing else, so anything that comes from a user's file passes through `shown`.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from math import isfinite
from reprlib import Repr


class KitchenError(Exception):
    """Something the user can put right; anything else that is raised is a fault of the package."""


class ScenarioError(KitchenError):
    """A scenario, or a value given for one of its keys, makes no sense."""


class OrdersError(KitchenError):
    """A menu of orders cannot be used."""


class RuleError(KitchenError):
    """A rule or a decay law is unknown, cannot be compiled, or returned something unusable."""


class StrategyError(KitchenError):
    """A strategy's setting is unknown, or strategies cannot be told apart."""


class TraceError(KitchenError):
    """A trace to replay cannot be used."""


class SeedError(KitchenError):
    """A seed is not an integer of at least 0."""


class ResourceError(KitchenError):
    """What was asked for does not fit into the memory there is."""


class FileError(KitchenError):
    """A file cannot be read or written."""


_repr = Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = 80
_repr.maxlevel = 2


def shown(value) -> str:
    """`value` as a message quotes it: on one line, at most 160 characters long."""
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, str):
        return _repr.repr(str(value))
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float):
        return f"{value:.15g}" if isfinite(value) else str(float(value))
    try:
        text = _repr.repr(value)
    except ValueError:  # an integer of more digits than Python agrees to print
        return f"a number of {value.bit_length()} bits"
    text = " ".join(text.split())
    return text if len(text) <= 160 else f"{text[:157]}..."


def inline(name) -> str:
    """`name` bare where it is harmless in a line of text, else quoted and escaped."""
    name = str(name)
    return name if name.isprintable() else repr(name)


def nearest(got, options) -> str | None:
    """The option that `got` is most likely a misspelling of, or None."""
    if not isinstance(got, str):
        return None
    plain = {_plain(option): option for option in reversed(list(options))}
    close = get_close_matches(_plain(got), plain, n=1, cutoff=0.6)
    return plain[close[0]] if close else None


def unknown(kind: str, got, options) -> str:
    """One line that says that `got` is no `kind`, what was probably meant, and what there is.

    Parameters
    ----------
    kind : str
        What was looked for: "discard rule", "scenario".
    got : object
        What was given; quoted as Python would write it.
    options : iterable of str
        The good names, in the order to list them.
    """
    options = [inline(option) for option in options]
    guess = nearest(got, options)
    meant = f" Did you mean {shown(guess)}?" if guess is not None else ""
    there = f" There are: {', '.join(options)}." if options else " There are none."
    return f"{kind} {shown(got)} is unknown.{meant}{there}"


def _plain(text: str) -> str:
    """The letters that matter when two spellings are compared."""
    return " ".join(text[:200].casefold().replace("_", " ").replace("-", " ").split())


class Cancelled(Exception):
    """Raised inside the work when it is no longer wanted."""


def parser_message(problem: str) -> str:
    """The message of a parser, fit to go on in the middle of a line of ours."""
    problem = " ".join(problem.split()).rstrip(".")
    return problem[:1].lower() + problem[1:200]


def system_message(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else " ".join(str(error).split()) or "no reason"
