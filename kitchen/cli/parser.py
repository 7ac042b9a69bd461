"""Parser of the command line: commands, options and their help."""

from __future__ import annotations

import argparse
from functools import partial
from textwrap import fill

from kitchen.cli.formats import add_format
from kitchen.errors import KitchenError
from kitchen.utils.version import __version__

DEFAULT = "friday"
"""Default scenario; `kitchen.model.scenario` has the same, and takes longer to import."""

REPLICATIONS = 200
"""Default number of replications."""

ABOUT = """\
What should a delivery kitchen do with food that has no room?
Simulates shelves, decay and couriers, and compares strategies in the same
replications."""

EXAMPLES = """\
examples:
  kitchen report                  the waste report of the scenario 'friday', in out/
  kitchen scenarios               the shipped scenarios
  kitchen strategies
  kitchen run classic             one strategy, in figures
  kitchen compare rush --strategies "random, lowest value, oldest"
  kitchen compare rush --strategies "oldest, my_strategy.toml"
  kitchen compare rush --set shelves.overflow.capacity=20 --set arrivals.rate=12
  kitchen report my_kitchen.toml --orders my_orders.csv --out my_report
  kitchen export rush --strategies "random, oldest" --format parquet --out frames
  kitchen levers                  what would help in 'friday', ranked
  kitchen size rush --target 0.5% --shelf overflow=0:40
  kitchen sweep study.toml --workers 2
  kitchen learn friday --template joint --out learned.toml
  kitchen play friday --strategies "discard newcomer, oldest" --out play.html
  kitchen log orders.csv --tz Europe/London    what is wrong in an export of orders
  kitchen serve                   the page for people who write no code

kitchen COMMAND --help tells more about a command."""

SETTINGS = """\
A scenario is a shipped name (see: kitchen scenarios) or a TOML file. --set
changes one key of it:
  --set arrivals.rate=12                  a number
  --set decay=linear                      bare words are text
  --set shelves.overflow.capacity=20      a shelf goes by its name
  --set 'couriers.delay={distribution="uniform", low=3, high=9}'"""


class Parser(argparse.ArgumentParser):
    """Argument parser with errors of one line, no abbreviations and preformatted help."""

    def __init__(self, **options):
        shape = partial(argparse.RawDescriptionHelpFormatter, max_help_position=24)
        super().__init__(formatter_class=shape, allow_abbrev=False, **options)

    def error(self, message):
        raise KitchenError(f"{message.rstrip('.')}. See: {self.prog} --help")


class _Version(argparse.Action):
    def __call__(self, parser, *_):
        print("kitchen", __version__)
        parser.exit()


def parser() -> Parser:
    """Parser of all commands and options; the parsed arguments have the name of the `command`."""
    made = Parser(prog="kitchen", description=ABOUT, epilog=EXAMPLES)
    made.add_argument("--version", action=_Version, nargs=0, help="the version, and nothing else")
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)

    report = _command(
        commands,
        "report",
        "write the waste report",
        "One HTML file with figures, and a CSV file of the table behind each of them.",
    )
    _add_world(report)
    _add_strategies(
        report,
        "strategies to compare, the first is today's practice",
        none="discard newcomer, all other discard rules, the best combination",
    )
    _add_amount(report)
    _add_log(report)
    _add_measure(report)
    _add_learned(report)
    report.add_argument(
        "--learn",
        action="store_true",
        help="learn a strategy for this scenario first, which takes a minute",
    )
    report.add_argument(
        "--sweep",
        action="append",
        default=[],
        metavar="FOLDER",
        help="add a chapter on the sweep in this folder; can be repeated",
    )
    _add_out(report, "the output folder (default: out)", default="out")

    run = _command(commands, "run", "run one strategy and print the means of its summary")
    _add_world(run)
    _add_strategies(run, "the strategy", default="discard newcomer")
    _add_amount(run)
    _add_out(run, "also write summary.csv there")

    compare = _command(
        commands,
        "compare",
        "compare strategies in the same replications",
        "Prints what each strategy loses with its 95 % interval, the difference to the first, and a "
        "verdict.",
    )
    _add_world(compare)
    _add_strategies(compare, "strategies, the first is the baseline")
    _add_amount(compare)
    _add_log(compare)
    _add_measure(compare)
    compare.add_argument(
        "--baseline",
        metavar="NAME",
        help="the strategy that the others are compared with (default: the first)",
    )
    compare.add_argument(
        "--precision",
        metavar="POINTS",
        help="add replications until every difference to the baseline is known to this precision, as 0.1%%",
    )
    compare.add_argument(
        "--bound",
        action="store_true",
        help="also print the gap of each to the clairvoyant bound (slower)",
    )
    _add_out(compare, "also write ranking.csv, paired.csv, pairs.csv and summaries.csv there")

    export = _command(
        commands,
        "export",
        "write every frame of a run: orders, ledger, shelves, contents, summary",
        "Several strategies stand in the same files, under each other: the column strategy tells. The "
        "folder of a sweep can take the place of a scenario: its tables are written. No file appears "
        "before all are complete.",
    )
    _add_world(export)
    _add_strategies(export, "strategies", default="discard newcomer")
    _add_amount(export, replications=1)
    export.add_argument(
        "--step",
        type=as_number,
        default=1.0,
        metavar="SECONDS",
        help="time step of the frames shelves and contents (default: 1)",
    )
    export.add_argument("--format", choices=("csv", "parquet"), default="csv", help="default: csv")
    export.add_argument(
        "--raw",
        action="store_true",
        help="CSV: leave text that a spreadsheet might take for a formula as it is",
    )
    _add_out(export, "the output folder (default: out)", default="out")

    sweep = _command(
        commands,
        "sweep",
        "compare strategies at every point of a study",
        "The study is a TOML file: see docs/scale.md. Finished points stay in the folder; the same "
        "command again runs only those that are missing.",
    )
    _add_study(sweep, "folder of the results (default: out/ and the study's name)")
    _add_jobs(sweep)
    _add_log(sweep)
    _add_measure(sweep)
    sweep.epilog = None

    sensitivity = _command(
        commands,
        "sensitivity",
        "find out which settings of a study matter",
        "First-order and total Sobol indices of the ranges in the study's table [sensitivity]; "
        "resumable, as a sweep is.",
    )
    _add_study(sensitivity, "folder of the runs (default: out/ and the study's name)")
    sensitivity.epilog = None

    size = _command(
        commands,
        "size",
        "find the smallest shelves that keep waste below a target",
        "Prints the layout of least cost, its confidence, and the waste of other layouts.",
    )
    _add_world(size)
    _add_strategies(size, "the strategy", default="discard newcomer")
    _add_amount(size, replications=100)
    _add_log(size)
    size.add_argument(
        "--target", type=as_number, default="1%", metavar="SHARE", help="as 0.5%% (default: 1%%)"
    )
    size.add_argument(
        "--measure",
        default="wasted_share",
        metavar="NAME",
        help="of summary (default: wasted_share)",
    )
    size.add_argument(
        "--shelf",
        action="append",
        default=[],
        metavar="NAME=FROM:TO[:STEP]",
        help="capacities of a shelf that may be chosen; can be repeated (default: all shelves)",
    )
    size.add_argument(
        "--cost",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="cost of a slot of a shelf (default: 1)",
    )
    size.add_argument(
        "--max-replications",
        type=as_number,
        default=20_000,
        metavar="N",
        help="largest number of replications of a layout (default: 20000)",
    )
    _add_out(size, "also write layouts.csv and curve.csv there")

    learn = _command(
        commands,
        "learn",
        "learn a strategy and test it against the best that ships",
        "Prints the gain on replications that it has never met, or that there is none, and the strategy "
        "as Python. The file of --out is a strategy for --strategies.",
    )
    _add_world(learn)
    learn.add_argument(
        "--template",
        default="bid price",
        metavar="NAME",
        help="'bid price', 2 numbers, or joint, 10 (default: bid price)",
    )
    _add_amount(learn, replications=150)
    _add_log(learn)
    learn.add_argument(
        "--budget",
        type=as_number,
        default=500,
        metavar="N",
        help="evaluations of the search (default: 500)",
    )
    learn.add_argument("--measure", metavar="NAME", help="what to improve (default: as compare)")
    learn.add_argument("--out", metavar="FILE", help="write the strategy to this .toml file")
    learn.add_argument("--force", action="store_true", help="replace the file if it is there")
    fit = _command(
        commands,
        "fit",
        "fit a scenario to an order log",
        "Arrivals, couriers, preparation and dishes of the log; shelves, decay law and what is known of "
        "couriers are those of --kitchen. See docs/logs.md and docs/fitting.md.",
    )
    fit.add_argument("log", metavar="LOG", help="a CSV, JSON, Parquet or Excel file")
    _add_reading(fit)
    fit.add_argument(
        "--kitchen",
        dest="scenario",
        default=DEFAULT,
        metavar="SCENARIO",
        help=f"the kitchen that is fitted (default: {DEFAULT})",
    )
    fit.set_defaults(set=[], orders=None)
    fit.add_argument("--out", metavar="FILE", help="write the scenario to this .toml file")
    fit.add_argument("--force", action="store_true", help="replace the files if they are there")
    play = _command(
        commands,
        "play",
        "write a page that plays one replication",
        "One strategy, or two side by side on the same orders. The page is one file that works without "
        "a kernel and without a network. For example: kitchen play friday --strategies "
        '"discard newcomer, learned for friday" --out play.html',
    )
    _add_world(play)
    _add_strategies(play, "one or two strategies", default="discard newcomer")
    play.add_argument(
        "--replication",
        type=as_number,
        default=0,
        metavar="N",
        help="which one, from 0 on; an evening of --log (default: 0)",
    )
    _add_seed(play)
    _add_log(play)
    play.add_argument("--out", metavar="FILE", default="play.html", help="(default: play.html)")
    play.add_argument("--force", action="store_true", help="replace the file if it is there")
    levers = _command(
        commands,
        "levers",
        "rank what would help: rules, couriers, slots, arrivals",
        "Prints what one change at a time gains against today's practice on the same orders, with its "
        "95 % interval, and the clairvoyant bound.",
    )
    _add_world(levers)
    _add_strategies(levers, "today's practice", default="discard newcomer")
    _add_amount(levers)
    _add_log(levers)
    _add_measure(levers)
    _add_learned(levers)
    levers.add_argument(
        "--bound-replications",
        type=as_number,
        default=4,
        metavar="N",
        help="replications of the clairvoyant bound, slow ones; 0 for none (default: 4)",
    )
    _add_out(levers, "also write levers.csv there")

    log = _command(
        commands,
        "log",
        "read an order log: its problems and its evenings",
        "Prints what was guessed, repaired and left out, and which evenings can be replayed. See "
        "docs/logs.md.",
    )
    log.add_argument("log", metavar="FILE", help="CSV, TSV, JSON, JSON lines, Parquet or Excel")
    _add_reading(log)
    _add_out(log, "also write orders.csv, days.csv and problems.csv there")
    log.epilog = None

    serve = _command(
        commands,
        "serve",
        "open the page for people who write no code",
        "Needs the packages of kitchensim[notebook]. The page is served until Ctrl-C, to this machine "
        "alone unless --host says otherwise, and to those alone who have its address with the token.",
    )
    serve.add_argument("scenario", nargs="?", help="the first scenario: a name or a .toml file")
    serve.add_argument(
        "--port",
        type=as_number,
        metavar="N",
        help="default: the first free one from 8866 on; 0 for any free one",
    )
    serve.add_argument(
        "--host", default="127.0.0.1", metavar="NAME", help="where to listen (default: 127.0.0.1)"
    )
    serve.add_argument("--pages", type=as_number, default=8, help="most pages at once (default: 8)")
    serve.add_argument("--no-browser", action="store_true", help="only print the address")
    serve.epilog = None

    _add_world(_command(commands, "scenarios", "list the shipped scenarios, or describe one"), None)
    _command(commands, "strategies", "list the rules that ship").epilog = None
    _command(
        commands, "doctor", "print versions, memory and the state of the engine, for a bug report"
    ).epilog = None
    add_format(commands)
    return made


def as_number(text: str) -> int | float | str:
    """`text` as a number if it is one; the library validates the rest."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _command(commands, name: str, summary: str, more: str = "") -> Parser:
    about = fill(f"{summary[0].upper()}{summary[1:]}. {more}", 79)
    made = commands.add_parser(name, help=summary, description=about, epilog=SETTINGS)
    made.add_argument("--quiet", action="store_true", help="no progress bar and no notices")
    return made


def _add_world(command, default: str | None = DEFAULT):
    note = f" (default: {default})" if default else ""
    command.add_argument("scenario", nargs="?", help=f"a name or a .toml file{note}")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="change a key of the scenario; can be repeated",
    )
    command.add_argument(
        "--orders", metavar="FILE", help="another menu of orders: JSON, CSV or Parquet"
    )


def _add_strategies(command, text: str, default: str | None = None, none: str = "all that ship"):
    command.set_defaults(default_strategy=default)
    command.add_argument(
        "--strategies",
        "--strategy",
        action="append",
        metavar="NAMES",
        help=f"{text}: names or .toml files, separated by commas (default: {default or none})",
    )


def _add_amount(command, replications: int = REPLICATIONS):
    command.add_argument(
        "--replications",
        type=as_number,
        default=replications,
        metavar="N",
        help=f"number of replications (default: {replications})",
    )
    _add_seed(command)
    command.add_argument("--threads", type=as_number, metavar="N", help="default: one a processor")


def _add_seed(command):
    command.add_argument(
        "--seed",
        type=as_number,
        default=1,
        metavar="N",
        help="seed of the draws: any whole number from 0 on (default: 1)",
    )


def _add_log(command):
    command.add_argument(
        "--log", metavar="FILE", help="replay the evenings of this order log in place of draws"
    )
    _add_reading(command)


def _add_measure(command):
    command.add_argument(
        "--measure",
        metavar="NAME",
        help="what ranks strategies (default: lost_revenue_share where prices differ, else "
        "lost_per_order)",
    )


def _add_reading(command):
    command.add_argument("--mapping", metavar="FILE", help="a TOML file that says how to read it")
    command.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="ROLE=COLUMN",
        help="what a column holds, or ROLE=DATE+TIME for two; can be repeated",
    )
    command.add_argument("--tz", metavar="ZONE", help="time zone of the kitchen, as Europe/London")
    command.add_argument("--store", metavar="NAME", help="the kitchen, in a log of several")
    command.add_argument("--day-begins", metavar="TIME", help="of a service day (default: 14:00)")
    command.add_argument("--between", metavar="FROM-TO", help="opening hours, as 17:00-23:00")


def _add_learned(command):
    command.set_defaults(learn=False)
    command.add_argument(
        "--learned", metavar="FILE", help="also judge the strategy of this .toml file"
    )


def _add_study(command, text: str):
    command.add_argument("study", metavar="STUDY", help="a .toml file")
    _add_out(command, text, force=False)
    command.add_argument("--workers", type=as_number, metavar="N", help="default: one a processor")
    command.add_argument(
        "--executor",
        choices=("threads", "processes", "serial"),
        help="how the work is divided on this machine (default: threads)",
    )
    command.add_argument(
        "--dask", metavar="ADDRESS", help="a Dask scheduler, as tcp://127.0.0.1:8786"
    )


def _add_jobs(command):
    jobs = command.add_mutually_exclusive_group()
    jobs.add_argument(
        "--part",
        metavar="I/N",
        help="run job I of N, from 1 on; all write into the same folder, at once if you like",
    )
    jobs.add_argument(
        "--merge", action="store_true", help="join what the jobs wrote, when all are done"
    )


def _add_out(command, text: str, default: str | None = None, force: bool = True):
    command.add_argument("--out", metavar="FOLDER", default=default, help=text)
    if force:
        command.add_argument(
            "--force",
            action="store_true",
            help="replace files in --out that are not as kitchen wrote them, too",
        )
