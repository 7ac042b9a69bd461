"""`simulate`: its arguments, what it keeps, what it refuses, and the files of a run."""

import math
import re
import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from support.hostile_html import NASTY, harmless
from support.versions import TO_LAST_BIT

import kitchen as kt
from kitchen.errors import FileError, KitchenError, ResourceError, RuleError
from kitchen.io.csv_text import read_cells
from kitchen.io.read import read_parquet
from kitchen.stats.intervals import mean_intervals

FRAMES = ["orders", "ledger", "shelves", "contents", "summary"]


@pytest.fixture(scope="module")
def run(rush):
    return kt.simulate(rush, "random", replications=3, seed=1)


# --- arguments -----------------------------------------------------------------------------------


def test_the_defaults_are_one_replication_with_the_newcomer_discarded(rush):
    plain = kt.simulate(rush)
    spelt = kt.simulate(
        rush, "discard newcomer", replications=1, seed=1, step_s=1.0, keep="ledger", warm_up_s=0.0
    )
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(plain, name), getattr(spelt, name))


@pytest.mark.parametrize("name", ["step_s", "warm_up_s"])
@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "1", True, None, [1.0], 1j])
def test_a_time_that_makes_no_sense_is_refused(rush, name, value):
    with pytest.raises(KitchenError, match=rf"^{name}: must be a number .*, got .*\.$"):
        kt.simulate(rush, **{name: value})


def test_the_step_is_above_0_and_the_warm_up_may_be_0(rush):
    with pytest.raises(KitchenError, match=r"^step_s: must be a number above 0, got 0\.$"):
        kt.simulate(rush, step_s=0)
    assert kt.simulate(rush, warm_up_s=0).warm_up_s == 0.0
    assert kt.simulate(rush, step_s=np.float32(0.5)).step_s == 0.5


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", True])
def test_a_number_of_threads_that_makes_no_sense_is_refused(rush, threads):
    with pytest.raises(KitchenError, match=r"^threads: must be a whole number of at least 1, got "):
        kt.simulate(rush, threads=threads)


@pytest.mark.parametrize(
    ("keep", "hint"), [("sumary", "Did you mean 'summary'?"), ("all", ""), (None, ""), (1, "")]
)
def test_what_cannot_be_kept_is_refused(rush, keep, hint):
    with pytest.raises(KitchenError, match="There are: ledger, summary") as caught:
        kt.simulate(rush, keep=keep)
    assert hint in str(caught.value)


@pytest.mark.parametrize("scenario", ["rush", None, {"name": "rush"}])
def test_a_scenario_must_be_loaded_first(scenario):
    with pytest.raises(KitchenError, match=r"^scenario: must be a Scenario, got .*Scenario\.load"):
        kt.simulate(scenario)


@pytest.mark.parametrize("trace", ["rush", [1], pd.DataFrame({"temp": ["hot"]})])
def test_a_trace_must_be_made_first(rush, trace):
    with pytest.raises(KitchenError, match=r"^trace: must be a Trace, got .*Trace\.from_frame"):
        kt.simulate(rush, trace=trace)


def test_an_unknown_strategy_is_refused(rush):
    with pytest.raises(RuleError, match="Did you mean 'lowest value'?"):
        kt.simulate(rush, "lowest_valu")


def test_a_trace_is_used_as_it_is_whatever_the_seed(rush):
    trace = kt.draw(rush, replications=4, seed=9)
    runs = [
        kt.simulate(rush, "random", trace=trace, replications=n, seed=seed).ledger
        for n, seed in ((1, 0), (7, 3))
    ]
    pd.testing.assert_frame_equal(*runs)
    drawn = kt.simulate(rush, "random", replications=4, seed=9).ledger
    pd.testing.assert_frame_equal(runs[0], drawn, check_exact=True)


def test_a_run_leaves_its_trace_as_it_was(rush):
    trace = kt.draw(rush, replications=4, seed=9)
    before = trace.frame()
    kt.simulate(rush, "random", trace=trace).contents
    pd.testing.assert_frame_equal(trace.frame(), before, check_exact=True)


def test_an_estimate_without_noise_is_exact_and_noise_costs(rush):
    exact, clear, wild = (
        kt.simulate(rush.replace({"eta": eta}), "latest pickup", replications=50, seed=1).summary
        for eta in ("exact", 0.0, 1e6)
    )
    pd.testing.assert_frame_equal(exact, clear, check_exact=True)
    assert exact["wasted"].sum() < wild["wasted"].sum()


def test_what_is_known_of_couriers_matters_to_rules_that_ask(rush):
    unknown, exact = (
        kt.simulate(rush.replace({"eta": eta}), "latest pickup", replications=50, seed=1).summary
        for eta in ("unknown", "exact")
    )
    assert exact["wasted"].sum() < unknown["wasted"].sum()


# --- progress and faults -------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("keep", ["ledger", "summary"])
def test_progress_adds_up_to_the_replications(rush, threads, keep):
    done, lock = [], threading.Lock()

    def callback(number):
        with lock:
            done.append(number)

    kt.simulate(rush, replications=50, threads=threads, keep=keep, callback=callback)
    assert sum(done) == 50
    trace = kt.draw(rush, 50)
    drawn = done.count(0)  # while orders are drawn, so that what a callback raises ends that, too
    done.clear()
    kt.simulate(rush, replications=50, threads=threads, keep=keep, trace=trace, callback=callback)
    assert sum(done) == 50 and min(done) >= 1
    assert drawn > 0


@pytest.mark.parametrize("threads", [1, 2])
def test_what_progress_raises_comes_through(rush, threads):
    def callback(number):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kt.simulate(rush, replications=50, threads=threads, callback=callback)


def test_work_that_does_not_fit_is_refused_before_anything_is_drawn(rush, monkeypatch):
    def draw(*args, **kwargs):
        raise AssertionError("drawn")

    monkeypatch.setattr("kitchen.engine.batches.draw", draw)
    huge = rush.replace({"orders.count": 10**9})
    with pytest.raises(ResourceError) as caught:
        kt.simulate(huge, replications=1000)
    line = str(caught.value)
    assert "the ledger of 1,000,000,000,000 orders" in line
    assert "TB" in line
    assert 'keep="summary"' in line
    with pytest.raises(ResourceError):
        kt.simulate(rush, replications=10**12, keep="summary")


def test_one_replication_that_does_not_fit_is_refused(rush):
    with pytest.raises(ResourceError, match="TB"):
        kt.simulate(rush.replace({"orders.count": 10**12}), keep="summary")
    with pytest.raises(ResourceError, match="TB"):
        kt.draw(rush.replace({"orders.count": None, "orders.duration_s": 1e13}))
    with pytest.raises(ResourceError):
        kt.draw(rush, replications=10**30)


@pytest.mark.parametrize("name", ["shelves", "contents"])
def test_looks_that_do_not_fit_are_refused(run, name):
    """Billions of ticks are no reason to stop the machine."""
    with pytest.raises(ResourceError, match="tick"):
        getattr(replace(run, step_s=1e-10), name)


def test_shelves_of_any_capacity_take_no_memory_of_their_own(rush):
    vast = rush.replace({f"shelves.{i}.capacity": 2**40 for i in range(4)})
    assert kt.simulate(vast, replications=2).summary["discarded"].sum() == 0


# --- what is kept --------------------------------------------------------------------------------


def test_only_the_summary_is_there_if_only_the_summary_was_kept(rush):
    run = kt.simulate(rush, replications=5, keep="summary")
    assert len(run.summary) == 5
    assert run.trace is None
    for name in FRAMES[:-1]:
        with pytest.raises(KitchenError, match="keep='ledger'"):
            getattr(run, name)


def test_a_run_says_what_it_is(run, rush):
    assert repr(run) == "Run('random' in 'rush', 3 replications)"
    assert run.scenario is rush
    assert run.strategy.name == "random"
    assert len(run.trace) == 3 * 132


def test_the_warm_up_leaves_out_orders_that_are_ready_before(rush):
    whole = kt.simulate(rush, replications=5, seed=1)
    cut = kt.simulate(rush, replications=5, seed=1, warm_up_s=5.0)
    pd.testing.assert_frame_equal(whole.ledger, cut.ledger)
    late = whole.orders[whole.orders["ready_s"] >= 5.0].groupby("replication").size()
    assert cut.summary["orders"].tolist() == late.tolist()
    nothing = kt.simulate(rush, replications=5, seed=1, warm_up_s=1e6).summary
    assert (nothing["orders"] == 0).all()
    assert nothing[["wasted_share", "value_per_order", "occupancy_hot"]].isna().all(axis=None)


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_every_frame_is_written_and_reads_back_the_same(run, tmp_path, suffix):
    write = run.to_csv if suffix == "csv" else run.to_parquet
    paths = write(tmp_path / "new" / "out")
    assert [path.name for path in paths] == [f"{name}.{suffix}" for name in FRAMES]
    schemas = [f"{path.name}.schema.json" for path in paths if suffix == "csv"]
    assert sorted(path.name for path in (tmp_path / "new" / "out").iterdir()) == sorted(
        [*(path.name for path in paths), *schemas]
    )
    for name, path in zip(FRAMES, paths, strict=True):
        frame = getattr(run, name)
        if suffix == "parquet":
            back = pd.read_parquet(path)
            pd.testing.assert_frame_equal(back, frame, check_categorical=False, check_dtype=False)
            header, _ = read_parquet(path)
            assert header == list(frame.columns)
            continue
        back = pd.read_csv(path, dtype={"order_id": str}, **TO_LAST_BIT)
        numbers = frame.select_dtypes("number").columns
        pd.testing.assert_frame_equal(back[numbers], frame[numbers], check_exact=True)
        for column in frame.columns.difference(numbers):
            texts = frame[column].astype(object).where(frame[column].notna(), None)
            assert back[column].astype(object).where(back[column].notna(), None).tolist() == (
                texts.tolist()
            )


def test_a_run_of_which_only_the_summary_was_kept_writes_that(rush, tmp_path):
    run = kt.simulate(rush, replications=2, keep="summary")
    assert [path.name for path in run.to_csv(tmp_path)] == ["summary.csv"]
    cells = read_cells(tmp_path / "summary.csv")
    assert cells.header == list(run.summary.columns)
    assert {len(column) for column in cells.columns} == {2}


def test_a_run_without_orders_writes_files_with_headers(rush, tmp_path):
    run = kt.simulate(rush.replace({"orders.count": 0}))
    for path in run.to_csv(tmp_path):
        assert read_cells(path).header == list(getattr(run, path.stem).columns)
    for path in run.to_parquet(tmp_path):
        assert list(pd.read_parquet(path).columns) == list(getattr(run, path.stem).columns)


def test_a_dish_that_looks_like_a_formula_is_made_harmless_unless_raw(tmp_path, rush):
    menu = tmp_path / "menu.json"
    menu.write_text('[{"name": "=1+2", "temp": "hot", "shelfLife": 99, "decayRate": 0}]')
    run = kt.simulate(rush.replace({"orders.file": str(menu), "orders.count": 1}))
    run.to_csv(tmp_path / "safe")
    run.to_csv(tmp_path / "raw", raw=True)
    assert pd.read_csv(tmp_path / "safe" / "orders.csv")["name"].tolist() == ["'=1+2"]
    assert pd.read_csv(tmp_path / "raw" / "orders.csv")["name"].tolist() == ["=1+2"]


def test_a_folder_that_is_a_file_is_refused_and_left_alone(run, tmp_path):
    taken = tmp_path / "out"
    taken.write_text("mine")
    with pytest.raises(FileError):
        run.to_csv(taken)
    assert taken.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [taken]


# --- in a notebook -------------------------------------------------------------------------------


def facts(run):
    """What the page of a run tells, by its name, and all of its text."""
    page = harmless(run._repr_html_())
    pairs = re.findall(r"(<dt.*?</dt>)(<dd.*?</dd>)", run._repr_html_())
    return {harmless(key).text: harmless(value).text for key, value in pairs}, page.text


def test_a_notebook_shows_the_main_figures_with_their_intervals(rush):
    run = kt.simulate(rush, "random", replications=20, seed=1)
    told, text = facts(run)
    columns = {
        "delivered, %": "delivered_share",
        "expired, %": "expired_share",
        "discarded, %": "discarded_share",
        "value delivered, %": "value_per_order",
        "value lost, %": "lost_per_order",
    }
    means = mean_intervals(run.summary, columns.values()).set_index("measure")
    assert list(told) == ["orders", *columns]
    assert told["orders"] == "132.0 (always)"
    for key, column in columns.items():
        mean, low, high = (100 * means.loc[column, end] for end in ("mean", "low", "high"))
        ends = "always" if low == high else f"{low:.2f} to {high:.2f}".replace("-", "\u2212")
        assert told[key] == f"{mean:.2f} ({ends})"
    assert "random" in text and "in rush, means of 20 replications" in text
    assert all(f"{name} (a row " in text for name in FRAMES)


def test_a_notebook_shows_only_the_frames_that_were_kept(rush):
    _, text = facts(kt.simulate(rush, replications=2, keep="summary"))
    assert "Frames: summary (a row a replication)." in text


def test_a_notebook_shows_one_replication_as_it_is(rush):
    told, text = facts(kt.simulate(rush))
    assert told["orders"] == "132"
    assert all("(" not in figure for figure in told.values())
    assert "one replication" in text


def test_a_notebook_shows_that_no_orders_came(rush):
    told, _ = facts(kt.simulate(rush.replace({"orders.count": 0}), replications=2))
    assert told.pop("orders") == "0.0 (always)"
    assert set(told.values()) == {"no orders"}


@pytest.mark.parametrize("name", NASTY)
def test_names_in_a_run_stay_text(rush, name):
    strategy = kt.Strategy("random", name=name)
    _, text = facts(kt.simulate(rush.replace({"name": name}), strategy))
    assert text.count(name) == 2
