"""The command `kitchen fit`: a scenario fitted to an order log, and written to a file."""

from __future__ import annotations

from pathlib import Path

from kitchen.cli.arguments import log_of, scenario_of
from kitchen.errors import KitchenError, inline


def run_fit(args) -> str:
    """Run the command; the text to print."""
    from kitchen.cli import text_tables
    from kitchen.io.outputs import refuse_overwriting
    from kitchen.logs.fitting import fit

    scenario = scenario_of(args)
    if args.out is not None:
        if not args.out.endswith(".toml"):
            raise KitchenError(
                f"--out {inline(args.out)}: the name of a scenario's file ends in .toml."
            )
        menu = Path(args.out).with_name(f"{Path(args.out).stem}_orders.csv")
        reads = [args.log, args.mapping, scenario.orders.file]
        refuse_overwriting([args.out, menu], reads=reads, force=args.force)
    log = log_of(args)
    fitted = fit(log, kitchen=scenario)
    parts = [inline(repr(fitted)), *map(text_tables.paragraph, (log.verdict, fitted.verdict))]
    if args.out is not None:
        made = " and ".join(inline(path) for path in fitted.save(args.out))
        parts.append(f"The scenario is in {made}.")
    return "\n\n".join(parts)
