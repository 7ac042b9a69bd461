"""The command `kitchen learn`: a strategy for a scenario, learned, tested, and written to a file."""

from __future__ import annotations

from kitchen.cli.arguments import amount_of, log_of, scenario_of
from kitchen.cli.streams import progress
from kitchen.errors import KitchenError, inline
from kitchen.logs.in_scenario import log_in_words, trace_of


def run_learn(args) -> str:
    """Run the command; the text to print."""
    from kitchen.cli import text_tables
    from kitchen.io.outputs import refuse_overwriting
    from kitchen.learning.learn import learn

    scenario, (replications, seed) = scenario_of(args), amount_of(args)
    if args.out is not None:
        if not args.out.endswith(".toml"):
            raise KitchenError(
                f"--out {inline(args.out)}: the name of a strategy's file ends in .toml."
            )
        refuse_overwriting([args.out], reads=[scenario.orders.file], force=args.force)
    log = log_of(args)
    with progress(args, None) as callback:
        learned = learn(
            scenario,
            args.template,
            measure=args.measure,
            replications=replications,
            budget=args.budget,
            seed=seed,
            trace=trace_of(log, scenario),
            threads=args.threads,
            callback=callback,
        )
    parts = [inline(repr(learned))]
    parts += map(text_tables.paragraph, log_in_words(log, scenario))
    parts += [text_tables.paragraph(learned.verdict), learned.source.rstrip()]
    if args.out is not None:
        learned.save(args.out)
        parts.append(f"The strategy is in {inline(args.out)}.")
    return "\n\n".join(parts)
