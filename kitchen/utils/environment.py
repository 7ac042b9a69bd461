"""Environment variables with which the engine cannot run."""

from __future__ import annotations

import os

from kitchen.errors import KitchenError, shown


def check_environment() -> None:
    """Refuse settings of Numba with which the engine cannot be compiled.

    Raises
    ------
    KitchenError
        If ``NUMBA_DISABLE_JIT`` is on, or ``NUMBA_NUM_THREADS`` is no whole number above 0.
    """
    if os.environ.get("NUMBA_DISABLE_JIT", "0").strip() not in ("", "0"):
        raise KitchenError(
            "NUMBA_DISABLE_JIT: the environment variable is set, but the engine must be compiled. "
            "Unset it."
        )
    threads = os.environ.get("NUMBA_NUM_THREADS")
    if threads is not None and not (threads.strip().isdecimal() and int(threads)):
        raise KitchenError(
            "NUMBA_NUM_THREADS: the environment variable must be a whole number of at least 1, got "
            f"{shown(threads)}. Unset it to use all processors."
        )
