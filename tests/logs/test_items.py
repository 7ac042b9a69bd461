"""Logs that do not say what was ordered: dishes drawn from a menu, several times; and few evenings."""

import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.cli.main import main

pytestmark = pytest.mark.usefixtures("compiled")

STRATEGIES = ["discard newcomer", "oldest"]


@pytest.fixture(scope="module")
def small():
    changes = {"name": "small", "orders.duration_s": 9000.0}
    return kt.Scenario.load("friday").replace(changes)


@pytest.fixture(scope="module")
def truth(small):
    return kt.draw(small, replications=8, seed=5)


def without_dishes(trace):
    """The evenings as an export has them that does not say what was ordered."""
    orders = trace.frame()
    opens = pd.Timestamp("2025-11-03T17:00:00Z") + pd.to_timedelta(orders["replication"], unit="D")
    times = {
        role: opens + pd.to_timedelta(orders[f"{role}_s"], unit="s")
        for role in ("received", "pickup")
    }
    return pd.DataFrame(times)


@pytest.fixture(scope="module")
def bare(truth):
    return without_dishes(truth)


@pytest.fixture(scope="module")
def log(bare):
    return kt.read_log(bare)


def test_dishes_that_are_drawn_lose_what_the_true_dishes_lost(small):
    measure, off, hot_off = "lost_per_order", [], []
    for seed in range(100, 106):
        truth = kt.draw(small, replications=8, seed=seed)
        log = kt.read_log(without_dishes(truth))
        true, hot, drawn = (
            kt.compare(small, STRATEGIES, trace=trace, measure=measure)
            for trace in (truth, log.trace(), log.trace(items=small, draws=20))
        )
        true, hot = (table.means_of(measure).set_index("strategy")["mean"] for table in (true, hot))
        by_draw = drawn.draws.pivot(index="draw", columns="strategy", values=measure)
        assert len(by_draw) == 20
        off.append((true - by_draw.mean()) / by_draw.std())  # the truth is one more draw
        hot_off.append((true - hot) / by_draw.std())
    assert np.sqrt(np.square(off).mean()) < 1.6  # 0.72 and 0.84 over 30 seeds
    assert np.sqrt(np.square(hot_off).mean()) > 3  # as all hot the answer was wrong


def test_copies_of_an_evening_are_one_replication_and_their_spread_is_told(small, log):
    trace = log.trace(items=small, draws=5, seed=3)
    table = kt.compare(small, STRATEGIES, trace=trace)
    assert trace.replications.size == 40 and table.replications == 8
    runs = [kt.simulate(small, name, trace=trace, keep="summary") for name in STRATEGIES]
    for name, run in zip(STRATEGIES, runs, strict=True):
        lost = run.summary[table.measure].to_numpy().reshape(5, 8)
        own = table.summaries[table.summaries["strategy"] == name]
        np.testing.assert_allclose(own[table.measure], lost.mean(axis=0), rtol=1e-12)
        drawn = table.draws[table.draws["strategy"] == name]
        np.testing.assert_allclose(drawn[table.measure], lost.mean(axis=1), rtol=1e-12)
    assert "was drawn 5 times" in table.verdict
    best, other = (table.draws[table.draws["strategy"] == name] for name in table.ranked)
    gain = 100 * (other[table.measure].to_numpy() - best[table.measure].to_numpy())
    low, high = (f"{end:.2g}" for end in (gain.min(), gain.max()))
    said = table.verdict.split("its gain over ")[1].split(" points")[0]
    assert low in said and high in said and said.startswith(f"'{table.ranked[1]}'")
    assert "Intervals are over evenings, not over draws." in table.verdict
    one = kt.compare(small, STRATEGIES, trace=log.trace(items=small))
    assert one.draws is None and "drawn" not in one.verdict


def test_missing_pickups_that_are_drawn_several_times_are_told_too(small, truth):
    frame = truth.frame()
    opens = pd.Timestamp("2025-11-03T17:00:00Z") + pd.to_timedelta(frame["replication"], unit="D")
    for role in ("received", "pickup"):
        frame[role] = opens + pd.to_timedelta(frame[f"{role}_s"], unit="s")
    frame = frame[["name", "temp", "price", "shelf_life_s", "decay_rate", "received", "pickup"]]
    frame.loc[::7, "pickup"] = pd.NaT
    table = kt.compare(small, STRATEGIES, trace=kt.read_log(frame).trace(draws=4), bound=True)
    assert table.replications == 8 and "was drawn 4 times" in table.verdict
    assert len(table.bounds) == 8 and np.isfinite(table.regret["mean"]).all()


def test_a_seed_fixes_the_dishes_and_what_the_log_says_stays(small, bare):
    priced = kt.read_log(bare.assign(price=np.arange(len(bare)) + 0.5))
    first, again = (priced.replay(items=small, draws=2, seed=9) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    one, two = (first[first["draw"] == draw].reset_index() for draw in (0, 1))
    assert (one["price"] == priced.frame["price"]).all() and (one["price"] == two["price"]).all()
    assert (one["name"] != two["name"]).any()
    menu = kt.draw(small).menu.frame()
    assert set(first["name"]) <= set(menu["name"])
    other = priced.replay(items=small, seed=10)
    assert (other["name"] != one["name"]).any()


def test_evenings_and_draws_do_not_share_dishes(small, log):
    trace = log.trace(items=small, draws=2)
    begins = [
        trace.menu.name[trace.item[start : start + 50]].tolist() for start in trace.first[:-1]
    ]
    assert len({tuple(names) for names in begins}) == trace.replications.size


def test_a_log_with_dishes_refuses_others(small, bare):
    with pytest.raises(kt.KitchenError, match="items: the log says what was ordered"):
        kt.read_log(bare.assign(temp="hot")).trace(items=small)
    with pytest.raises(kt.KitchenError, match="scenario"):
        kt.read_log(bare).trace(items="friday")


def test_the_command_draws_dishes_from_the_scenarios_menu(small, bare, tmp_path, capsys):
    small.save(tmp_path / "small.toml")
    bare.to_csv(tmp_path / "orders.csv", index=False)
    argv = [str(tmp_path / "small.toml"), "--log", str(tmp_path / "orders.csv")]
    assert main(["compare", *argv, "--strategies", ",".join(STRATEGIES)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "are drawn from the menu of small" in said and "was drawn 10 times" in said
    assert "8 evenings" in said


# --- Few evenings -------------------------------------------------------------------------------


@pytest.mark.parametrize(("evenings", "few"), [(2, True), (5, True), (6, False)])
def test_below_six_evenings_of_a_log_only_differences_have_intervals(small, truth, evenings, few):
    replay = kt.Trace.from_frame(truth.frame()).take(range(evenings))
    table = kt.compare(small, STRATEGIES, trace=replay)
    own = table.frame[table.frame["measure"] == table.measure]
    assert own["low"].isna().all() == own["high"].isna().all() == few
    assert ("levels have no intervals" in table.verdict) == few
    assert (f"({evenings} evenings)" in table.verdict) == few
    paired = table.paired[table.paired["measure"] == table.measure]
    assert paired["low"].notna().all()


def test_few_drawn_replications_keep_their_intervals(small):
    table = kt.compare(small, STRATEGIES, replications=4)
    assert table.frame["low"].notna().any() and "levels" not in table.verdict
