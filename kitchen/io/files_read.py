"""The files that a command has read, which none of its output may replace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_noted: ContextVar[set[str] | None] = ContextVar("files read", default=None)


@contextmanager
def noted() -> Iterator[None]:
    """Context manager in which the files that are read are noted: one command."""
    token = _noted.set(set())
    try:
        yield
    finally:
        _noted.reset(token)


@contextmanager
def unnoted() -> Iterator[None]:
    """Context manager in which what is read is not noted: looks at files that may be replaced."""
    token = _noted.set(None)
    try:
        yield
    finally:
        _noted.reset(token)


def note(path) -> None:
    """Note that a file was read."""
    if (files := _noted.get()) is not None:
        files.add(os.path.realpath(path))


def all_noted() -> set[str]:
    """The files that were read in this command; none outside of one."""
    return set(_noted.get() or ())
