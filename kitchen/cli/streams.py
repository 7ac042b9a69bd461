"""Streams of the command line: notices and progress bars on stderr."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager


class _Notice(logging.Handler):
    """Log handler that prints each message once on stderr, above a progress bar."""

    def __init__(self):
        super().__init__()
        self.printed = set()

    def emit(self, record):
        from tqdm import tqdm

        message = record.getMessage()
        if message not in self.printed:
            self.printed.add(message)
            tqdm.write(f"kitchen: {message}", file=sys.stderr)


@contextmanager
def notices(quiet: bool):
    """Print the log's messages on stderr; with `quiet` its errors only."""
    log, handler = logging.getLogger("kitchen"), _Notice()
    handler.setLevel(logging.ERROR if quiet else logging.INFO)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


@contextmanager
def progress(args, total: float | None, unit: str = " replications", each: float = 1):
    """Yield a `callback` that moves a progress bar on stderr; None without a terminal.

    `each` is the number of replications per unit of the bar.
    """
    if args.quiet or not sys.stderr or not sys.stderr.isatty():
        yield None
        return
    from kitchen.utils.system import bar

    with bar(total, unit, each) as callback:
        yield callback
