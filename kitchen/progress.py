"""A bar that tells how far long work is, in a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock


@contextmanager
def bar(total: float | None, unit: str, each: float = 1) -> Iterator[Callable[[int], None]]:
    """Show a bar for the length of the block: how much is done, how fast, and the time left.

    Parameters
    ----------
    total : float, optional
        Of `unit`; without it only what is done is told.
    unit : str
    each : float
        How many of the steps that are told make one unit.

    Yields
    ------
    callable
        ``advance(steps)``: so many steps more are done; from any thread.
    """
    from tqdm.auto import tqdm

    lock = Lock()
    form = {"unit": unit, "unit_scale": True, "leave": False, "smoothing": 0.05}
    with tqdm(total=total, **form) as shown:

        def advance(steps: int) -> None:
            with lock:
                shown.update(steps / each)

        yield advance
