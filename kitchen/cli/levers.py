"""The command `kitchen levers`: what would help, ranked."""

from __future__ import annotations

from collections.abc import Callable

from kitchen.advice.levers import levers
from kitchen.cli import text_tables
from kitchen.cli.arguments import (
    amount_of,
    learned_of,
    log_of,
    scenario_of,
    strategies_of,
)
from kitchen.cli.formats import printed
from kitchen.errors import KitchenError
from kitchen.io.table_schema import write_csv
from kitchen.logs.in_scenario import log_in_words, trace_of


def run_levers(args, title: Callable, output: Callable, progress: Callable) -> str:
    """Rank the levers of a scenario, write their table into --out, and return what to print.

    `title`, `output` and `progress` are the title of the text and the context managers of the
    command line.
    """
    scenario, strategies = scenario_of(args), strategies_of(args)
    if len(strategies) > 1:
        raise KitchenError(f"levers takes one strategy, got {len(strategies)}.")
    replications, seed = amount_of(args)
    log = log_of(args)
    with output(args, scenario, ["levers"]) as folder, progress(args, None) as callback:
        result = levers(
            scenario,
            strategies[0],
            measure=args.measure,
            learned=learned_of(args, scenario),
            replications=replications,
            bound_replications=args.bound_replications,
            seed=seed,
            trace=trace_of(log, scenario),
            threads=args.threads,
            callback=callback,
        )
        if folder:
            write_csv(result.frame, folder / "levers.csv")
    evenings = None if log is None else result.replications
    parts = [title(scenario, args, evenings=evenings)]
    parts += map(text_tables.paragraph, log_in_words(log, scenario))
    parts += [text_tables.paragraph(result.verdict)]
    text = "\n\n".join([*parts, text_tables.levers(result.frame)])
    return printed(args, text, result.frame)
