"""Arguments of the command line as objects of the library: scenario, strategies, numbers."""

from __future__ import annotations

from kitchen.cli.parser import DEFAULT, as_number
from kitchen.errors import KitchenError, inline, shown


def scenario_of(args):
    """The `Scenario` of the arguments, with its settings changed."""
    from kitchen.model.scenario import Scenario, setting

    scenario = Scenario.load(DEFAULT if args.scenario is None else args.scenario)
    try:
        changes = dict(map(setting, args.set))
    except KitchenError as error:
        raise KitchenError(f"--set {error}") from None
    if args.orders is not None:
        changes["orders.file"] = args.orders
    return scenario.replace(changes) if changes else scenario


def strategies_of(args) -> list:
    """The strategies of the arguments: names, or files that end in .toml."""
    from kitchen.model.rules import BUILT_IN
    from kitchen.model.strategy import Strategy, as_strategies

    if args.strategies is None:
        return as_strategies(
            [args.default_strategy] if args.default_strategy else BUILT_IN["discard"]
        )
    names = [name.strip() for names in args.strategies for name in names.split(",")]
    return as_strategies(
        [Strategy.load(name) if name.endswith(".toml") else name for name in names if name]
    )


def learned_of(args, scenario, callback=None):
    """The strategy of --learned, or the one that --learn finds; None without either."""
    from kitchen.model.strategy import Strategy

    if args.learned is not None and args.learn:
        raise KitchenError("--learned and --learn: give one of them.")
    if args.learn:
        from kitchen.learning.learn import learn

        options = {"measure": args.measure, "seed": args.seed, "threads": args.threads}
        return learn(scenario, callback=callback, **options).strategy
    return None if args.learned is None else Strategy.load(args.learned)


def log_of(args):
    """The `Log` that the options of reading name; None without one."""
    options = {"tz": args.tz, "store": args.store, "mapping": args.mapping}
    if args.between is not None:
        options["between"] = tuple(args.between.split("-"))
    if args.day_begins is not None:
        options["day_begins"] = args.day_begins
    columns = dict(_pair(text) for text in args.column) or None
    if args.log is None:
        given = [key for key, value in options.items() if value is not None]
        for key in [*given, *(["column"] if columns else [])]:
            raise KitchenError(
                f"--{key.replace('_', '-')}: tells how to read a log. Give --log, too."
            )
        return None
    from kitchen.logs.read_log import read_log

    return read_log(args.log, columns, **options)


def _pair(text: str) -> tuple[str, str | tuple[str, str] | None]:
    """Role and column of ROLE=COLUMN, or ROLE=DATE+TIME; None after ROLE= alone."""
    role, mark, column = text.partition("=")
    if not mark:
        raise KitchenError(f"--column: must be ROLE=COLUMN, got {shown(text)}.")
    names = tuple(name.strip() for name in column.split("+"))
    return role.strip(), names if len(names) == 2 else column.strip() or None


def amount_of(args) -> tuple[int, int]:
    """Replications and seed of the arguments."""
    from kitchen.utils.validation import check_seed, whole

    return whole("replications", args.replications, at_least=1), check_seed(args.seed)


def capacities_of(args) -> dict[str, range] | None:
    """Capacities by shelf of --shelf; None if it was not given."""
    capacities = {}
    for text in args.shelf:
        name, _, ends = text.rpartition("=")
        numbers = ends.split(":")
        if (
            not name
            or not 2 <= len(numbers) <= 3
            or not all(n.strip().isdecimal() for n in numbers)
        ):
            raise KitchenError(
                f"--shelf {shown(text)}: needs a shelf and its capacities, as in overflow=0:30 or "
                "overflow=0:30:5."
            )
        first, last, *step = map(int, numbers)
        if name.strip() in capacities:
            raise KitchenError(f"--shelf {shown(text)}: {inline(name.strip())} is there twice.")
        if first > last:
            raise KitchenError(
                f"--shelf {shown(text)}: goes from {first} down to {last}. Turn it round."
            )
        if step == [0]:
            raise KitchenError(f"--shelf {shown(text)}: the step must be at least 1.")
        capacities[name.strip()] = range(first, last + 1, *step)
    return capacities or None


def costs_of(args) -> dict[str, float] | None:
    """Cost of a slot by shelf of --cost; None if it was not given."""
    costs = {}
    for text in args.cost:
        name, _, number = text.rpartition("=")
        value = as_number(number.strip())
        if not name or isinstance(value, str):
            raise KitchenError(
                f"--cost {shown(text)}: needs a shelf and a number, as in overflow=2.5."
            )
        costs[name.strip()] = value
    return costs or None


def executor_of(args):
    """Executor of a study: its name, or the address of a Dask scheduler.

    Raises
    ------
    KitchenError
        If both options were given.
    """
    if args.dask is not None and args.executor is not None:
        raise KitchenError("--dask and --executor: give one of them.")
    if args.dask is not None and "://" not in args.dask:
        raise KitchenError(f"--dask {shown(args.dask)}: is no address. As in tcp://127.0.0.1:8786.")
    return args.dask or args.executor
