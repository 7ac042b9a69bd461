"""The command line: what each command prints and writes, and how it refuses."""

import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from support.paths import ROOT
from support.versions import TO_LAST_BIT

import kitchen
from kitchen.cli import main, parser, streams
from kitchen.comparison.comparison import compare
from kitchen.errors import FileError
from kitchen.model.scenario import DEFAULT
from kitchen.model.strategy import strategies

COMMANDS = (
    *("report", "run", "compare", "export", "sweep", "size", "sensitivity", "learn"),
    *("levers", "log", "serve", "scenarios", "strategies", "doctor"),
)
PATIENCE_S = 300
"""More than any process takes, however busy the machine."""

FRAMES = ["contents.csv", "ledger.csv", "orders.csv", "shelves.csv", "summary.csv"]
SCHEMAS = [f"{name}.schema.json" for name in FRAMES]


pytestmark = pytest.mark.usefixtures("compiled")


@pytest.fixture
def say(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder; returns (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*argv):
        code = main.main([str(a) for a in argv])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def refused(say, tmp_path):
    """Run a command that must fail: nothing printed, nothing written, one line that is returned."""

    def run(*argv):
        before = sorted(tmp_path.rglob("*"))
        code, out, err = say(*argv)
        assert (code, out) == (2, "")
        assert err.startswith("kitchen: ") and err.endswith("\n") and err.count("\n") == 1
        assert sorted(tmp_path.rglob("*")) == before
        return err.removeprefix("kitchen: ").rstrip()

    return run


def start(*argv, **options):
    """A process of its own, as users have it."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
    return subprocess.Popen([sys.executable, "-m", "kitchen", *argv], **options)


def table_of(text):
    """A printed table as rows of cells, by columns that two blanks separate."""
    lines = text.splitlines()
    rule = next(i for i, line in enumerate(lines) if set(line) == {"-"})
    rows = []
    for line in lines[rule + 1 :]:
        if not line:
            break
        rows.append([cell.strip() for cell in line.split("  ") if cell.strip()])
    return rows


# What the commands do


def test_run_prints_the_means_of_the_summary(say):
    code, out, err = say("run", "rush", "--strategies", "random", "--replications", 5, "--seed", 3)
    assert (code, err) == (0, "")
    rush = kitchen.Scenario.load("rush")
    summary = kitchen.simulate(rush, "random", replications=5, seed=3).summary
    printed = {name: mean for name, mean, *_ in table_of(out)}
    assert list(printed) == [c for c in summary.columns if c not in ("strategy", "replication")]
    for name, mean in printed.items():
        assert float(mean) == pytest.approx(summary[name].mean(), abs=5.1e-5)


def test_the_default_is_the_scenario_friday(say):
    assert say("run", "--replications", 2) == say("run", "friday", "--replications", 2)
    assert parser.DEFAULT == DEFAULT


def test_compare_ranks_by_the_value_lost_and_ends_with_the_verdict(say):
    names = ["oldest", "discard newcomer"]
    code, out, _ = say("compare", "rush", "--strategies", ", ".join(names), "--replications", 30)
    table = compare(kitchen.Scenario.load("rush"), names, replications=30, seed=1)
    lost = table.frame.query("measure == 'lost_per_order'").set_index("strategy")
    best, worst = table_of(out)
    assert code == 0
    assert [best[0], worst[0]] == list(lost.sort_values("mean").index)
    for row in (best, worst):
        shown = [float(cell.rstrip(" %")) / 100 for cell in row[1:4]]
        assert shown == pytest.approx(
            lost.loc[row[0], ["mean", "low", "high"]].astype(float), abs=6e-5
        )
    assert " ".join(out.split()).endswith(" ".join(table.verdict.split()))


def test_compare_writes_the_tables_it_prints(say, tmp_path):
    code, _, _ = say(
        "compare", "rush", "--strategies", "random", "--strategies", "oldest", "--replications", 4,
        "--out", "tables",
    )  # fmt: skip
    table = compare(kitchen.Scenario.load("rush"), ["random", "oldest"], replications=4, seed=1)
    assert code == 0
    for name, frame in (
        ("ranking", table.frame),
        ("paired", table.paired),
        ("summaries", table.summaries),
    ):
        written = pd.read_csv(tmp_path / "tables" / f"{name}.csv", **TO_LAST_BIT)
        pd.testing.assert_frame_equal(written, frame, check_dtype=False, check_categorical=False)


def test_export_writes_every_frame(say, tmp_path):
    code, out, _ = say("export", "rush", "--seed", 7, "--step", 0.5, "--out", "a/b")
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "a/b").iterdir()) == sorted([*FRAMES, *SCHEMAS])
    assert all(name in out for name in FRAMES)
    run = kitchen.simulate(kitchen.Scenario.load("rush"), seed=7, step_s=0.5)
    written = pd.read_csv(tmp_path / "a/b/shelves.csv", **TO_LAST_BIT)
    np.testing.assert_array_equal(written["time_s"], run.shelves["time_s"])
    np.testing.assert_array_equal(written["value_mean"], run.shelves["value_mean"])


def test_export_writes_all_strategies_into_one_set_of_files(say, tmp_path):
    code, out, _ = say(
        "export", "rush", "--strategies", "lowest value,random", "--format", "parquet"
    )
    assert code == 0 and out.startswith("lowest value, random, in out: orders.parquet, ")
    names = [name.replace(".csv", ".parquet") for name in FRAMES]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    rush = kitchen.Scenario.load("rush")
    for name in names:
        written = pd.read_parquet(tmp_path / "out" / name)
        assert written["strategy"].drop_duplicates().tolist() == ["lowest value", "random"]
        for strategy, rows in written.groupby("strategy", observed=True):
            frame = getattr(kitchen.simulate(rush, strategy, seed=1), name.removesuffix(".parquet"))
            figures = rows.drop(columns="strategy").reset_index(drop=True)
            pd.testing.assert_frame_equal(figures, frame.drop(columns="strategy"))


def test_export_replaces_its_own_files_and_leaves_others(say, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/notes.txt").write_text("keep me")
    assert say("export", "rush", "--set", "orders.count=7")[0] == 0
    assert len(pd.read_csv(tmp_path / "out/orders.csv")) == 7
    assert say("export", "rush")[0] == 0
    assert (tmp_path / "out/notes.txt").read_text() == "keep me"
    assert len(pd.read_csv(tmp_path / "out/orders.csv")) == 132
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(
        [*FRAMES, *SCHEMAS, "notes.txt"]
    )


def test_raw_leaves_formulas_as_they_are(say, tmp_path):
    (tmp_path / "menu.csv").write_text(
        "name,temp,shelf_life_s,decay_rate\n=1+1,hot,300,0.5\n=2+2,cold,300,0.5\n"
    )
    say("export", "--orders", "menu.csv", "--out", "safe")
    say("export", "--orders", "menu.csv", "--out", "raw", "--raw")
    assert set(pd.read_csv(tmp_path / "safe/orders.csv")["name"]) == {"'=1+1", "'=2+2"}
    assert set(pd.read_csv(tmp_path / "raw/orders.csv")["name"]) == {"=1+1", "=2+2"}


def test_report_writes_a_page_and_prints_the_ranking_beside_it(say, tmp_path):
    code, out, _ = say(
        "report", "rush", "--replications", 4, "--strategies", "random,oldest", "--out", "here"
    )
    assert code == 0
    assert "share of the orders' value that is lost" in out
    assert {row[0] for row in table_of(out)} == {"random", "oldest"}
    page = (tmp_path / "here/report.html").read_text(encoding="utf-8")
    assert "here/report.html" in out
    assert "--replications 4" in page  # the command that makes it again


def test_report_ranks_by_the_measure_that_is_asked_for_and_shows_a_learned_strategy(say, tmp_path):
    kitchen.Strategy("cheapest", name="mine").save(tmp_path / "mine.toml")
    argv = ["rush", "--replications", 3, "--measure", "wasted_share", "--learned", "mine.toml"]
    code, out, _ = say("report", *argv)
    assert code == 0 and "wasted orders (% of orders), least first" in out
    assert "mine" in {row[0] for row in table_of(out)}
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "<h1>Wasted orders in rush, and what would help</h1>" in page


@pytest.mark.slow
def test_a_report_learns_first_where_it_is_asked_to(say, tmp_path):
    argv = ["rush", "--set", "orders.count=40", "--replications", 2, "--seed", 3]
    code, out, _ = say("report", *argv, "--learn", "--out", "here")
    assert code == 0
    levers = kitchen.read_csv(tmp_path / "here/levers.csv").set_index("lever")
    world = kitchen.Scenario.load("rush").replace({"orders.count": 40})
    found = kitchen.learn(world, seed=3).strategy
    assert levers.loc["learned strategy", "what"] == found.name
    assert found.name in {row[0] for row in table_of(out)}


def test_a_report_learns_or_is_given_what_was_learned(refused):
    assert "give one of them" in refused("report", "--learn", "--learned", "mine.toml")


def test_scenarios_lists_all_and_describes_one(say):
    code, out, _ = say("scenarios")
    assert code == 0
    assert all(name in out for name in kitchen.Scenario.shipped())
    _, out, _ = say("scenarios", "rush", "--set", "shelves.overflow.capacity=23")
    assert "Shelf overflow: 23 slots for anything" in out


def test_a_strategy_may_come_from_a_file_among_names(say, tmp_path):
    (tmp_path / "mine.toml").write_text(
        '[strategy]\ndiscard = "oldest"\nrecall = "none"\n', encoding="utf-8"
    )
    (tmp_path / "yours.toml").write_text(
        '[strategy]\ndiscard = "oldest"\nname = "yours"\n', encoding="utf-8"
    )
    argv = ["--strategies", "random, mine.toml", "--strategies", tmp_path / "yours.toml"]
    code, out, _ = say("compare", *argv, "--replications", 20)
    assert code == 0
    assert sorted(row[0] for row in table_of(out)) == ["oldest, recall none", "random", "yours"]


def test_a_strategy_in_a_file_is_refused_with_file_and_key(refused, tmp_path):
    (tmp_path / "mine.toml").write_text('[strategy]\nrecall = "cheapest"\n', encoding="utf-8")
    line = refused("run", "--strategy", "mine.toml")
    assert line.startswith(
        "mine.toml: strategy.recall: recall rule 'cheapest' is unknown: it is a d"
    )


def test_a_pool_and_held_orders_do_not_go_together(refused, tmp_path):
    (tmp_path / "pool.toml").write_text('[strategy]\nissue = "lowest value"\n', encoding="utf-8")
    line = refused("run", "heater", "--strategy", "pool.toml")
    assert "does not go with expired_orders = 'held' of 'heater'" in line


@pytest.mark.parametrize("decision", ["discard", "recall", "demote", "issue"])
def test_strategies_lists_all_four_decisions(say, decision):
    _, out, _ = say("strategies")
    listed = [name for where, name, _ in table_of(out) if where == decision]
    assert listed == strategies().query("decision == @decision")["name"].tolist()
    assert len(listed) > 2


def test_strategies_lists_every_rule_with_its_description(say):
    _, out, _ = say("strategies")
    for _, name, description in strategies().itertuples(index=False):
        assert f"{name}  " in out and description in out


def test_doctor_tells_versions_and_the_state_of_the_engine(say):
    code, out, _ = say("doctor")
    text = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert code == 0
    assert text["kitchen"] == kitchen.__version__
    assert text["numpy"] == np.__version__
    assert "kernels" in text["engine"] and "GB free of" in text["memory"]


# What is changed in a scenario


def test_settings_reach_the_simulation(say):
    _, out, _ = say(
        "run",
        "rush",
        "--set",
        "orders.count=9",
        "--set",
        "shelves.hot.capacity=0",
        "--replications",
        2,
    )
    printed = {name: mean for name, mean, *_ in table_of(out)}
    assert (printed["orders"], printed["occupancy_hot"]) == ("9", "0")


@pytest.mark.parametrize("seed", [0, 2**70])
def test_any_whole_number_from_0_is_a_seed(say, seed):
    assert say("run", "--replications", 1, "--seed", seed)[0] == 0


def test_no_orders_at_all_are_no_fault(say):
    assert say("run", "rush", "--set", "orders.count=0", "--replications", 2)[0] == 0
    code, out, _ = say("compare", "rush", "--set", "orders.count=0", "--replications", 2)
    assert code == 0 and "nothing to compare" in out


# Refusals


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["run", "rus"], "scenario 'rus' is unknown. Did you mean 'rush'?"),
        (["run", "gone.toml"], "gone.toml: there is no such file."),
        (["run", "--orders", "gone.json"], "gone.json: there is no such file."),
        (["run", "--strategies", "lowest_valu"], "Did you mean 'lowest value'?"),
        (["run", "--strategies", "random,oldest"], "run takes one strategy, got 2."),
        (["compare", "--strategies", "random,random"], "two strategies are named 'random'"),
        (["compare", "--strategies", " , "], "there must be at least one"),
        (["compare", "--strategies", "gone.toml,random"], "gone.toml"),
        (["run", "--set", "shelves.overflw.capacity=3"], "Did you mean 'shelves.overflow'?"),
        (["run", "--set", "shelves.overflow.capacity=-3"], "of at least 0, got -3."),
        (["run", "--set", "shelves.overflow.capacity=2.5"], "whole number, got 2.5."),
        (
            ["run", "rush", "--set", "arrivals.rate=1O"],
            "arrivals.rate: must be a number, got '1O'.",
        ),
        (
            ["run", "rush", "--set", "arrivals.rate=nan"],
            "arrivals.rate: must be a finite number, got nan.",
        ),
        (["run", "--set", "arrivals.rate"], "--set 'arrivals.rate': needs a path and a value"),
        (["run", "--set", "=3"], "--set '=3': needs a path and a value"),
        (["run", "--set", "decay='linear"], "the value is no value of TOML."),
        (
            ["run", "--replications", "0"],
            "replications: must be a whole number of at least 1, got 0.",
        ),
        (["run", "--replications", "2.5"], "of at least 1, got 2.5."),
        (["run", "--replications", "many"], "of at least 1, got 'many'."),
        (["run", "--threads", "0"], "threads: must be a whole number of at least 1, got 0."),
        (["export", "--step", "0"], "step_s: must be a number above 0, got 0."),
        (["export", "--format", "xls"], "invalid choice: 'xls'"),
        (["run", "--replicaitons", "3"], "unrecognized arguments: --replicaitons."),
        (["run", "--seed"], "argument --seed: expected one argument."),
        (["reprot"], "invalid choice: 'reprot'"),
        ([], "the following arguments are required: COMMAND."),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(refused, argv, message):
    assert message in refused(*argv)


@pytest.mark.parametrize("command", ["run", "compare", "export", "report"])
@pytest.mark.parametrize(
    ("seed", "shown"), [("-1", "-1"), ("1.5", "1.5"), ("true", "'true'"), ("x", "'x'")]
)
def test_a_seed_that_is_none_is_refused(refused, command, seed, shown):
    line = refused(command, "--seed", seed)
    assert line == f"seed: must be a whole number of at least 0, got {shown}."


@pytest.mark.parametrize("command", ["run", "compare", "export", "report"])
def test_a_folder_that_cannot_be_is_refused_before_the_work(refused, tmp_path, command):
    (tmp_path / "taken").write_text("a file")
    assert refused(command, "--out", "taken").startswith("taken: is a file.")
    assert refused(command, "--out", "taken/below").startswith("taken: is a file.")
    assert "is empty" in refused(command, "--out", "")


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused(refused, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    assert refused("export", "--out", "locked") == "locked: the folder cannot be written into."


def test_a_folder_in_the_place_of_a_file_stops_an_export_before_anything_appears(refused, tmp_path):
    (tmp_path / "out/orders.csv").mkdir(parents=True)
    assert "orders.csv: cannot be written: a folder has this name." in refused("export")


def test_names_cannot_play_with_the_terminal(refused):
    line = refused("run", "--orders", "a\nb\x1b[31m.json")
    assert line.endswith(r"a\nb\x1b[31m.json': there is no such file.")
    assert "\x1b" not in refused("run", "--\x1b[31m")


def test_a_failing_disk_leaves_what_was_there(say, refused, tmp_path, monkeypatch):
    say("export")
    before = (tmp_path / "out/orders.csv").read_bytes()

    def full(*_, **__):
        raise FileError("no space is left.")

    monkeypatch.setattr("kitchen.io.tables.write_csv", full)
    assert refused("export", "--strategies", "random,oldest") == "no space is left."
    assert (tmp_path / "out/orders.csv").read_bytes() == before


# As a process


def test_help_teaches_with_examples_and_is_quick_to_come():
    """What makes it quick is what it does not import; that can be counted."""
    code = (
        "import sys; from kitchen.cli.main import main; main(['--help']);"
        "print([m for m in ('numpy', 'pandas', 'numba', 'pydantic', 'tqdm') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *text, imported = done.stdout.splitlines()
    assert imported == "[]"
    assert all(any(line.strip().startswith(f"kitchen {c}") for line in text) for c in COMMANDS[:4])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(say, command):
    code, out, err = say(command, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: kitchen {command}")


def test_version_is_the_version(say):
    assert say("--version") == (0, f"kitchen {kitchen.__version__}\n", "")


@pytest.mark.slow
def test_a_process_says_the_same_and_ends_with_the_code(tmp_path):
    process = start("run", "rus", cwd=tmp_path)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (2, "")
    assert err.startswith("kitchen: scenario 'rus'") and err.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("argv", [["--help"], ["strategies"]])
def test_a_reader_who_leaves_early_is_no_fault(argv):
    process = start(*argv)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=PATIENCE_S) in (0, main.PIPE_CLOSED)
    assert err == ""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_an_output_that_cannot_be_written_is_reported_in_one_line():
    with open("/dev/full", "w") as full:
        process = start("strategies", stdout=full)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert err == "kitchen: the output cannot be written: No space left on device.\n"


def test_an_interrupted_command_prints_nothing_and_leaves_nothing(say, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("kitchen.simulation.simulate.simulate", interrupted)
    assert say("export") == (130, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_ctrl_c_in_the_middle_of_writing_leaves_nothing(tmp_path):
    process = start(
        "export", "--replications", "500", "--out", "here", "--step", "0.05", cwd=tmp_path
    )
    deadline = time.monotonic() + PATIENCE_S
    while not list(tmp_path.rglob("ledger.csv")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert (out, err) == ("", "")
    assert process.returncode in (main.INTERRUPTED, -signal.SIGINT)  # a shell says 130 for both
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--quiet"]])
def test_a_bar_is_shown_on_a_terminal_unless_quiet(options):
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (24, 80))
    argv = ["compare", "--replications", "2000", "--strategies", "random,oldest", *options]
    process = start(*argv, stderr=theirs)
    os.close(theirs)
    text = b""
    with suppress(OSError):  # how a terminal says that nobody is there any more
        while part := os.read(ours, 4096):
            text += part
    os.close(ours)
    assert "random" in process.communicate(timeout=PATIENCE_S)[0]
    assert process.returncode == 0
    if options:
        assert text == b""
    else:
        assert b"/4.00k" in text


def test_each_notice_is_one_line_on_stderr_and_comes_once(capsys):
    log = logging.getLogger("kitchen")
    with streams.notices(quiet=False):
        log.warning("something takes a while")
        log.warning("something takes a while")
    with streams.notices(quiet=True):
        log.warning("something takes a while")
    out, err = capsys.readouterr()
    assert (out, err) == ("", "kitchen: something takes a while\n")


# Environment variables


@pytest.mark.parametrize(
    ("name", "value", "argv"),
    [
        ("MPLBACKEND", "nonsense", ("report", "rush", "--replications", "2", "--out", "made")),
        ("MPLBACKEND", "nonsense", ("serve", "--no-browser")),
        ("NUMBA_NUM_THREADS", "0", ("run", "rush", "--replications", "2")),
        ("NUMBA_NUM_THREADS", "many", ("run", "rush", "--replications", "2")),
        ("NUMBA_DISABLE_JIT", "1", ("run", "rush", "--replications", "2")),
    ],
)
def test_an_unusable_environment_variable_is_named_in_one_line(tmp_path, name, value, argv):
    done = subprocess.run(
        [sys.executable, "-m", "kitchen", *argv],
        env={**os.environ, name: value},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"kitchen: {name}: ") and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_reports_an_unusable_environment_variable():
    done = subprocess.run(
        [sys.executable, "-m", "kitchen", "doctor"],
        env={**os.environ, "NUMBA_NUM_THREADS": "0"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert "NUMBA_NUM_THREADS: the environment variable must be" in done.stdout


def test_a_command_without_figures_needs_no_backend():
    done = subprocess.run(
        [sys.executable, "-m", "kitchen", "scenarios"],
        env={**os.environ, "MPLBACKEND": "nonsense"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


# Levers


def test_levers_are_ranked_with_what_costs_nothing_and_what_does(say, tmp_path):
    argv = ["friday", "--set", "orders.duration_s=4000", "--replications", 5]
    argv += ["--set", "shelves.hot.capacity=4", "--bound-replications", 0, "--out", "levers"]
    code, out, _ = say("levers", *argv)
    assert code == 0
    title, verdict, table = out.strip().split("\n\n")
    assert title == "friday, 5 replications, seed 1: gain of each change by itself, best first"
    assert "Today's practice is 'discard newcomer'" in verdict
    header, _, *rows = table.splitlines()
    assert header.split() == ["lever", "kind", "gain", "95", "%", "from", "to", "EUR", "what"]
    kept = kitchen.read_csv(tmp_path / "levers" / "levers.csv")
    assert [row.split("  ")[0] for row in rows] == list(kept["lever"])
    assert {"free", "costs"} == set(kept["kind"])
    wanted = kitchen.Scenario.load("friday").replace(
        {"orders.duration_s": 4000.0, "shelves.hot.capacity": 4}
    )
    own = kitchen.levers(wanted, replications=5, bound_replications=0).frame
    assert kept["gain"].tolist() == own["gain"].tolist()


def test_levers_by_another_measure_and_with_a_learned_strategy(say, tmp_path):
    kitchen.Strategy("cheapest", name="mine").save(tmp_path / "mine.toml")
    argv = ["--replications", 3, "--bound-replications", 0, "--measure", "wasted_share"]
    code, out, _ = say("levers", "rush", *argv, "--learned", "mine.toml")
    assert code == 0 and "learned strategy" in out and "wasted orders" in out


# Order logs


def test_a_log_is_told_with_its_problems_and_evenings(say, tmp_path):
    file, mapping = ROOT / "data" / "sample_log.csv", ROOT / "data" / "sample_log.toml"
    code, out, _ = say("log", file, "--mapping", mapping, "--out", "read")
    assert code == 0
    verdict, problems, days = out.strip().split("\n\n")
    assert "26 evenings can be replayed" in " ".join(verdict.split())
    assert problems.splitlines()[0].split()[:3] == ["problem", "rows", "share"]
    assert len(days.splitlines()) == 2 + 28
    kept = kitchen.read_csv(tmp_path / "read" / "orders.csv")
    own = kitchen.read_log(file, mapping=mapping).frame
    assert kept["pickup_s"].equals(own["pickup_s"])


def test_a_log_is_refused_in_one_line(refused):
    file = ROOT / "data" / "sample_log.csv"
    assert "has another offset than those above" in refused("log", file)
    assert "--column: must be ROLE=COLUMN" in refused("log", file, "--column", "received")
    assert "between: must be a time of day" in refused("log", file, "--between", "5-6pm")
    assert "there is no such file" in refused("log", "none.csv")


def test_levers_refuse_several_strategies_and_measures_that_are_none(refused):
    assert "takes one strategy" in refused("levers", "--strategies", "random, oldest")
    assert "measure 'wasted' is unknown" in refused("levers", "rush", "--measure", "wasted")
