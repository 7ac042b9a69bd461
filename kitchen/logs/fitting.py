"""A scenario fitted to a log of real evenings: arrivals, couriers, preparation and menu."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kitchen.engine.encode import temps_of
from kitchen.errors import KitchenError, ScenarioError, inline, shown
from kitchen.io.csv_text import write_csv
from kitchen.logs.checking import Check, check_parts
from kitchen.logs.evenings import LONGEST_S, Evenings, evenings_of
from kitchen.logs.fit_verdict import fit_in_words
from kitchen.logs.fitted import Parts, fit_parts
from kitchen.logs.input_uncertainty import InputComparison, compare_with_inputs
from kitchen.model.menu import Menu
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.utils import html
from kitchen.utils.formatting import counted
from kitchen.utils.frames import cached_frame
from kitchen.utils.validation import amount, as_path


@dataclass(frozen=True, eq=False)
class Fit:
    """A scenario fitted to a log.

    Attributes
    ----------
    scenario : Scenario
        The kitchen with what was fitted. It holds its menu: write both with `save`.
    kitchen : Scenario
        The kitchen that was given: its shelves, decay law and `eta` are no part of a log.
    menu : Menu
        The dishes of the log, in the proportion in which they were ordered.
    evenings : Evenings
        What was fitted to.
    parts : Parts
        Arrivals, delays and preparation, in full.

    Examples
    --------
    >>> import kitchen as kt
    >>> friday = kt.Scenario.load("friday")
    >>> fitted = kt.fit(kt.draw(friday, replications=8, seed=1).frame(), kitchen=friday)
    >>> fitted.check(splits=1, replications=40).frame["figure"].tolist()
    ['orders', 'busiest_hour', 'most_at_once', 'mean_at_once', 'mean_delay_s']
    """

    scenario: Scenario
    kitchen: Scenario
    menu: Menu
    evenings: Evenings
    parts: Parts

    def __repr__(self):
        orders, evenings = self.evenings.orders, len(self.evenings)
        return f"Fit({counted(orders, 'order')} of {counted(evenings, 'evening')})"

    def _repr_html_(self) -> str:
        rates = [
            (
                f"{_clock(row.from_s)} to {_clock(row.to_s)}",
                f"{row.orders:,}",
                html.measured(row.rate_h, row.low, row.high, ",.0f"),
            )
            for row in self.arrivals.itertuples()
        ]
        delays = [
            (
                row.family,
                html.number(row.aic, ",.0f"),
                html.number(row.p, ".2g"),
                *(
                    html.number(seconds / 60, ".1f")
                    for seconds in (row.mean_s, row.q50_s, row.q90_s)
                ),
            )
            for row in self.delays.itertuples()
        ]
        minutes = [f"{what} (min)" for what in ("mean", "median", "90 % point")]
        return html.block(
            html.heading("Fit", self.scenario.name),
            html.paragraph(html.text(self.verdict, 3000)),
            html.table(("after opening", "orders", "orders an hour"), rates, "<>>"),
            html.table(("couriers' delay", "AIC", "p (KS)", *minutes), delays, "<>>>>>"),
        )

    @property
    def arrivals(self) -> pd.DataFrame:
        """The rate of arrivals, a row a piece: ``from_s, to_s, orders, rate_h, low, high``.

        Orders an hour in a usual evening, with 95 % intervals that hold what evenings differ.
        """
        return self.parts.arrivals.frame.copy()

    @property
    def delays(self) -> pd.DataFrame:
        """Families fitted to couriers' delays, best by AIC first, and the observed values last."""
        return self.parts.delays.frame.copy()

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """What was fitted: ``quantity, value, unit``, and ``p`` of the test that goes with it."""
        arrivals, delays = self.parts.arrivals, self.parts.delays
        mean_s = self.scenario.couriers.delay.expected_s()
        rows = [
            ("evenings", len(self.evenings), "", math.nan),
            ("orders of an evening", float(self.evenings.counts.mean()), "", math.nan),
            ("pieces of the rate", len(arrivals.frame), "", arrivals.poisson_p),
            (
                "variance over mean of counts",
                arrivals.overdispersion,
                "",
                arrivals.overdispersion_p,
            ),
            ("busy", arrivals.busy, "", arrivals.overdispersion_p),
            ("delays", delays.number, "", math.nan),
            ("delays that are only known to be longer", delays.censored, "", math.nan),
            ("mean delay", mean_s, "s", math.nan),
            ("slow", delays.slow, "", math.nan),
        ]
        if self.parts.preps is not None:
            rows.append(("mean preparation", self.scenario.orders.prep.expected_s(), "s", math.nan))
        return pd.DataFrame(rows, columns=["quantity", "value", "unit", "p"])

    @property
    def verdict(self) -> str:
        """What was found, in sentences."""
        return html.Sentences(fit_in_words(self.evenings, self.parts, self.scenario))

    def plot(self, ax=None):
        """Picture of the fitted rate; `kitchen.plots.fit_delays` draws the delays."""
        from kitchen.plots.fits import fit_arrivals

        return fit_arrivals(self.arrivals, ax)

    def save(self, path) -> list[Path]:
        """Write the scenario to a TOML file, and its menu to a CSV file beside it.

        Returns
        -------
        list of Path
            The files: mine.toml and mine_orders.csv.

        Raises
        ------
        ScenarioError, FileError
            If the name does not end in ``.toml``, or a file cannot be written.
        """
        path = as_path(path, "a scenario's file")
        if path.suffix != ".toml":
            raise ScenarioError(f"{inline(path)}: the name of a scenario's file ends in .toml.")
        menu = path.with_name(f"{path.stem}_orders.csv")
        write_csv(self.menu.frame(), menu)
        changes = {"orders.menu": None, "orders.file": str(menu), "name": path.stem}
        self.scenario.replace(changes).save(path)
        return [path, menu]

    def check(self, splits: int = 6, replications: int = 200, seed: int = 1) -> Check:
        """Fit on half of the evenings, predict the other half; see `Check`.

        Parameters
        ----------
        splits : int
            Random halves; each is used both ways.
        replications : int
            Evenings that are drawn for each prediction.
        seed : int

        Raises
        ------
        KitchenError
            If there are fewer than 4 evenings with pickups.
        """
        return check_parts(self.evenings, self.kitchen, self.parts, splits, replications, seed)

    def compare(
        self,
        strategies: Iterable,
        *,
        inputs: int = 80,
        replications: int = 400,
        seed: int = 1,
        measure: str | None = None,
        threads: int | None = None,
    ) -> InputComparison:
        """Compare strategies with intervals that hold what the data leave open.

        Parameters
        ----------
        strategies : iterable
            As for `kitchen.compare`; the first is the baseline.
        inputs : int
            Times that evenings are drawn with replacement and the scenario is fitted to them anew.
        replications : int
            Evenings drawn from the fitted scenario, for the estimates.
        seed : int
        measure : str, optional
            By default lost revenue where prices differ, else lost value.
        threads : int, optional

        Raises
        ------
        KitchenError
            If an argument is not valid, or there is one evening only.
        """
        return compare_with_inputs(
            self.evenings, self.kitchen, self.parts, strategies, scenario=self.scenario, inputs=inputs,
            replications=replications, seed=seed, measure=measure, threads=threads,
        )  # fmt: skip


def _clock(seconds: float) -> str:
    """Seconds as hours and minutes: 1:30."""
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02}"


def fit(log, kitchen: Scenario, *, duration_s: float | None = None) -> Fit:
    """Fit arrivals, couriers, preparation and the menu of a scenario to real evenings.

    Parameters
    ----------
    log : Log or DataFrame
        A frame has a row per order: ``replication`` (the evening), ``received_s`` (seconds from the
        evening's opening), ``pickup_s`` (missing where nobody came), ``temp, shelf_life_s,
        decay_rate`` and, optionally, ``ready_s``, ``name``, ``price``, ``opens_s`` and ``seen_s``
        (until when an order without pickup was seen waiting).
    kitchen : Scenario
        Its shelves, decay law, `eta` and ``couriers.delay_from``, which no log tells.
    duration_s : float, optional
        How long an evening lasts; by default to the first half hour after the last order of all.

    Returns
    -------
    Fit

    Raises
    ------
    TraceError, ScenarioError, KitchenError
        If the frame is not valid, has no orders or no pickups, or no shelf holds a temp.

    Examples
    --------
    >>> import kitchen as kt
    >>> friday = kt.Scenario.load("friday")
    >>> evenings = kt.draw(friday, replications=8, seed=1).frame()
    >>> fitted = kt.fit(evenings, kitchen=friday)
    >>> fitted
    Fit(8,234 orders of 8 evenings)
    >>> fitted.scenario.couriers.delay.distribution
    'lognormal'
    """
    require_scenario(kitchen)
    if duration_s is not None:
        duration_s = amount("duration_s", duration_s, above=True)
        if duration_s > LONGEST_S:
            raise KitchenError(
                f"duration_s: must be at most {LONGEST_S:,.0f}, got {shown(duration_s)}. An evening ends."
            )
    evenings = evenings_of(log, duration_s)
    menu = evenings.menu()
    temps_of(kitchen, menu)
    parts = fit_parts(evenings, kitchen)
    scenario = parts.scenario(kitchen, evenings.duration_s, menu)
    return Fit(scenario, kitchen, menu, evenings, parts)
