"""The command `kitchen play`: a replication under one strategy or two, as a page."""

from __future__ import annotations

from kitchen.cli.arguments import log_of, scenario_of, strategies_of
from kitchen.engine.source import Source
from kitchen.errors import KitchenError, inline
from kitchen.io.outputs import refuse_overwriting
from kitchen.logs.in_scenario import trace_of
from kitchen.plots.browser.payload import check_amount
from kitchen.plots.browser.play import SUFFIXES, play
from kitchen.simulation.simulate import simulate
from kitchen.simulation.snapshot import Snapshots, parting
from kitchen.utils.validation import check_seed, whole


def run_play(args) -> str:
    """Write the page; the text to print."""
    scenario, strategies = scenario_of(args), strategies_of(args)
    if len(strategies) > 2:
        raise KitchenError(f"play takes one or two strategies, got {len(strategies)}.")
    if not args.out.lower().endswith(SUFFIXES):
        raise KitchenError(f"--out {inline(args.out)}: the name of a page ends in .html.")
    replication = whole("--replication", args.replication, at_least=0, at_most=2**62)
    log = log_of(args)
    reads = [scenario.orders.file, *([] if args.log is None else [args.log])]
    refuse_overwriting([args.out], reads=reads, force=args.force)
    source = Source(scenario, check_seed(args.seed), trace_of(log, scenario))
    if log is not None and replication >= source.trace.replications.size:
        raise KitchenError(
            f"--replication {replication}: the log has {source.trace.replications.size:,} evenings, "
            "numbered from 0."
        )
    check_amount(source.orders_each)
    trace = source.take(replication, replication + 1)
    runs = [simulate(scenario, own, trace=trace) for own in strategies]
    played = play(*runs)
    played.save(args.out)
    said = f"{played.title}\nThe page is {inline(args.out)}."
    if len(runs) == 2 and parting(*map(Snapshots, runs)) is None:
        said += " The two strategies do the same in this replication."
    return said
