"""A comparison hands out the frames of all strategies under each other, and files of them."""

import pandas as pd
import pytest

import kitchen as kt
from kitchen.errors import KitchenError, ResourceError

NAMES = ["oldest", "random", "discard newcomer"]
FRAMES = ["orders", "ledger", "shelves", "contents"]


@pytest.fixture(scope="module")
def both(rush):
    return kt.compare(rush, NAMES, replications=3, seed=5, keep="ledger", step_s=2.5)


@pytest.mark.parametrize("name", FRAMES)
def test_frames_are_those_of_the_runs_under_each_other(rush, both, name):
    frame = getattr(both, name)
    assert frame["strategy"].cat.categories.tolist() == NAMES and frame["strategy"].cat.ordered
    assert frame["strategy"].drop_duplicates().tolist() == NAMES
    for strategy, rows in frame.groupby("strategy", observed=True):
        run = kt.simulate(rush, strategy, replications=3, seed=5, step_s=2.5)
        alone = getattr(run, name).drop(columns="strategy")
        pd.testing.assert_frame_equal(rows.drop(columns="strategy").reset_index(drop=True), alone)


def test_summaries_are_the_same_whatever_is_kept(rush, both):
    lean = kt.compare(rush, NAMES, replications=3, seed=5)
    pd.testing.assert_frame_equal(both.summaries, lean.summaries)
    assert lean.runs is None


def test_a_change_to_a_frame_does_not_reach_back(both):
    frame = both.orders
    frame["value"] = -1.0
    assert (both.orders["value"] >= 0).all()


@pytest.mark.parametrize("name", FRAMES)
def test_without_ledgers_the_frames_are_refused(rush, name):
    table = kt.compare(rush, NAMES, replications=2)
    with pytest.raises(KitchenError, match=f"{name}: this comparison kept its summaries only"):
        getattr(table, name)


def test_a_replay_keeps_its_ledgers_too(rush):
    trace = kt.draw(rush, 2, 9)
    table = kt.compare(rush, NAMES[:2], trace=trace, keep="ledger")
    assert len(table.orders) == 2 * len(trace)


def test_what_does_not_fit_into_memory_is_refused_before_anything_runs(rush, monkeypatch):
    def never(*_, **__):
        raise AssertionError("the work must not begin")

    monkeypatch.setattr("kitchen.engine.batches.Batches.run", never)
    with pytest.raises(ResourceError, match=r"ledger of .* orders under 3 strategies"):
        kt.compare(rush, NAMES, replications=10**10, keep="ledger")


@pytest.mark.parametrize("precision", [None, 0.05])
def test_precision_keeps_the_ledgers_of_all_replications(rush, precision):
    table = kt.compare(rush, NAMES[:2], replications=2, precision=precision, keep="ledger")
    assert table.orders["replication"].nunique() == table.replications


def test_another_word_for_keep_is_refused(rush):
    with pytest.raises(KitchenError, match="keep 'ledgers' is unknown. Did you mean 'ledger'"):
        kt.compare(rush, NAMES, keep="ledgers")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_files_are_read_back_as_the_tables(rush, both, tmp_path, kind):
    write = {"csv": both.to_csv, "parquet": both.to_parquet}[kind]
    paths = write(tmp_path)
    attributes = {"ranking": "frame"}
    assert [path.name for path in paths] == [
        f"{name}.{kind}" for name in ("ranking", "paired", "pairs", "summaries", *FRAMES)
    ]
    read = {"csv": kt.read_csv, "parquet": pd.read_parquet}[kind]
    for path in paths:
        frame = getattr(both, attributes.get(path.stem, path.stem))
        pd.testing.assert_frame_equal(read(path), frame, check_categorical=kind == "csv")
    write(tmp_path)  # its own files are replaced


def test_only_what_was_kept_is_written(rush, tmp_path):
    table = kt.compare(rush, NAMES[:2], replications=3, bound=True)
    names = [path.stem for path in table.to_csv(tmp_path)]
    assert names == ["ranking", "paired", "pairs", "summaries", "regret"]
