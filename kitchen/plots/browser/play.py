"""Playing a replication: one run, or two that met the same orders, side by side."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property

from kitchen.errors import KitchenError, inline
from kitchen.io.outputs import sealed
from kitchen.io.write import write_text
from kitchen.plots.browser.page import frame, page
from kitchen.plots.browser.payload import payload
from kitchen.simulation.simulate import Run, simulate
from kitchen.utils.formatting import plain
from kitchen.utils.validation import as_path, instance, number, position

SUFFIXES = (".html", ".htm")
"""Ends of the names of pages."""


@dataclass(frozen=True, eq=False)
class Playback:
    """A replication to play: a notebook shows the player, and `save` writes it as a page.

    Attributes
    ----------
    runs : tuple of Run
        One or two, on the same orders.
    begin_s : float or None
        Instant that is shown first.

    Examples
    --------
    >>> import kitchen as kt
    >>> kt.simulate(kt.Scenario.load("rush"), "random").play().title
    'rush, replication 0: random'
    """

    runs: tuple[Run, ...]
    begin_s: float | None = None

    def __repr__(self):
        names = " and ".join(repr(run.strategy.name) for run in self.runs)
        return f"Playback({names} in {self.runs[0].scenario.name!r})"

    @cached_property
    def data(self) -> dict:
        """What the player is given: plain numbers, texts and lists."""
        return payload(*self.runs, begin_s=self.begin_s)

    @property
    def title(self) -> str:
        """Scenario, replication and strategies."""
        names = " and ".join(plain(run.strategy.name) for run in self.runs)
        first = self.runs[0]
        return f"{plain(first.scenario.name)}, replication {int(first.replications[0])}: {names}"

    def save(self, path: str | os.PathLike) -> None:
        """Write the player as one HTML file that needs no kernel and no network.

        Raises
        ------
        KitchenError
            If the name does not end in ``.html``.
        FileError
            If the file cannot be written.
        """
        path = as_path(path, "a page")
        if path.suffix.lower() not in SUFFIXES:
            raise KitchenError(f"{inline(path)}: the name of a page ends in .html.")
        write_text(sealed(page(self.data, self.title)), path)

    def _repr_html_(self) -> str:
        return frame(self.data, self.title)


def play(*runs: Run, replication: int | None = None, begin_s: float | None = None) -> Playback:
    """Play a replication in the browser: the shelves, the orders on them, and what became of each.

    Parameters
    ----------
    *runs : Run
        One run, or two of different strategies on the same orders (`trace=`).
    replication : int, optional
        One of the runs' replications; their first if left out.
    begin_s : float, optional
        Instant that is shown first, seconds by the clock of the orders. By default where the two
        kitchens part, or else where something is wasted.

    Returns
    -------
    Playback

    Raises
    ------
    KitchenError
        If there are more than two runs, no such replication, different orders, or too many.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> trace = kt.draw(rush, replications=1, seed=1)
    >>> kt.play(*(kt.simulate(rush, rule, trace=trace) for rule in ("random", "oldest")))
    Playback('random' and 'oldest' in 'rush')
    """
    for run in runs:
        instance("run", run, Run, "Simulate one with kt.simulate.")
    if begin_s is not None:
        begin_s = number("begin_s", begin_s)
    made = Playback(tuple(_one_replication(run, replication) for run in runs), begin_s)
    made.data  # noqa: B018 - so that what cannot be played is refused here
    return made


def _one_replication(run: Run, replication: int | None) -> Run:
    """A run of one replication alone."""
    nth = 0 if replication is None else position("replication", replication, run.replications)
    if run.replications.size == 1:
        return run
    run.ledger  # noqa: B018 - a run that kept its summary alone refuses, and says why
    return simulate(run.scenario, run.strategy, trace=run.trace.take([nth]), step_s=run.step_s)
