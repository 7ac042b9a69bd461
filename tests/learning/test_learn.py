"""Learning a strategy, and the honesty of its verdict."""

import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.errors import KitchenError
from kitchen.learning.evaluator import Evaluator, seed_for

SMALL = {"replications": 20, "budget": 30, "bound_replications": 2}


def priced(scenario):
    """A crowded kitchen whose prices differ, drawn beforehand: 5 to 40 for a dish."""
    delay = {"distribution": "uniform", "low": 4.0, "high": 12.0}
    return scenario.replace({"couriers.delay": delay, "eta": 1.0})


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    path = tmp_path_factory.mktemp("menu") / "priced.csv"
    rush = kt.Scenario.load("rush")
    menu = kt.draw(rush).menu.frame()
    menu["price"] = np.random.default_rng(5).uniform(5, 40, len(menu)).round(2)
    menu.to_csv(path, index=False)
    return priced(rush.replace({"orders.file": str(path), "orders.currency": "EUR"}))


@pytest.fixture(scope="module")
def learned(crowded):
    return kt.learn(crowded, "joint", **{**SMALL, "budget": 60})


def test_what_is_learned_in_a_crowded_kitchen_with_prices_gains_and_says_so(learned):
    assert learned.gains and learned.strategy is learned.learned
    assert learned.measure == "lost_revenue_share"
    assert "is better than the best of" in learned.verdict
    assert "of the gap between that best and the clairvoyant bound" in learned.verdict
    assert "bound of 2 replications" in learned.verdict
    assert "To know exactly when each courier comes" in learned.verdict


def test_the_gain_is_that_of_a_comparison_on_the_test_s_orders(crowded, learned):
    trace = kt.draw(crowded, 4 * SMALL["replications"], seed_for(1, "test"))
    table = kt.compare(crowded, [learned.selection.strategy, learned.learned], trace=trace)
    paired = table.paired[table.paired["measure"] == learned.measure].iloc[0]
    for column in ("difference", "low", "high", "differing"):
        assert learned.paired[column].iloc[0] == pytest.approx(paired[column], rel=1e-9)
    assert learned.paired["high"].iloc[0] < 0


def test_the_gain_holds_on_many_other_orders(crowded, learned):
    """On 1,500 replications of another seed, a dozen times as many as chose it."""
    table = kt.compare(
        crowded, [learned.selection.strategy, learned.strategy], replications=1_500, seed=77
    )
    paired = table.paired[table.paired["measure"] == learned.measure].iloc[0]
    assert paired["high"] < 0


def test_the_share_of_the_gap_is_the_gain_by_the_distance_to_the_bound(crowded, learned):
    trace = kt.draw(crowded, 2, seed_for(1, "test"))
    bound = kt.bound(trace, crowded, measure="revenue").frame["lost_revenue_share"].mean()
    shipped = Evaluator((crowded,), learned.measure, 2, traces=(trace,))
    gap = shipped.values(learned.selection.strategy).mean() - bound
    assert learned.gap.gap == pytest.approx(gap)
    gain = -learned.paired["difference"].iloc[0]
    assert learned.gap.closed == pytest.approx(gain / gap)


def test_the_saved_strategy_is_the_learned_one_with_the_same_ledger(crowded, learned, tmp_path):
    learned.save(tmp_path / "learned.toml")
    again = kt.Strategy.load(tmp_path / "learned.toml")
    assert again.learned_under == {"eta": 1.0}
    space = {}
    exec(learned.source, space)
    runs = [
        kt.simulate(crowded, own, replications=2, seed=5)
        for own in (learned.strategy, again, space["strategy"])
    ]
    pd.testing.assert_frame_equal(runs[0].ledger, runs[1].ledger)
    pd.testing.assert_frame_equal(runs[0].ledger, runs[2].ledger)


@pytest.mark.slow
def test_learning_again_gives_the_same_on_any_number_of_threads(crowded, learned):
    crowd = crowded.replace({"orders.count": 600})
    options = {"replications": 100, "budget": 10, "bound_replications": 0}
    one, two = (kt.learn(crowd, **options, threads=threads) for threads in (1, 3))
    assert one.verdict == two.verdict and one.history.equals(two.history)
    assert one.learned.to_toml() == two.learned.to_toml()


def test_where_nothing_is_ever_short_the_answer_is_the_shipped_strategy():
    roomy = kt.Scenario.load("classic").replace({"arrivals.rate": 0.1})
    result = kt.learn(roomy, **SMALL)
    assert not result.gains and result.strategy is result.selection.strategy
    assert result.paired["differing"].iloc[0] == 0
    assert "nothing to win" in result.verdict and "would not help" in result.verdict


def test_rush_has_next_to_nothing_to_win(rush):
    result = kt.learn(rush, **SMALL)
    assert not result.gains
    assert "not shown to be better than the best that ships" in result.verdict


def test_of_several_scenarios_the_mean_gain_is_told(crowded):
    busier = crowded.replace({"arrivals.rate": 12.0, "eta": 2.0})
    result = kt.learn([crowded, busier], "joint", **SMALL)
    assert result.learned.learned_under == {}  # under two
    test = Evaluator.kept([crowded, busier], result.measure, 80, seed_for(1, "test"))
    shipped, learned = test.encode([result.selection.strategy, result.learned]).values()
    assert result.paired["difference"].iloc[0] == pytest.approx((learned - shipped).mean())


def test_an_interrupt_during_the_search_keeps_and_tests_the_best_so_far(crowded):
    before, steps = [], []
    kt.select_best(crowded, max_replications=8 * 20, callback=before.append)

    def interrupting(step):
        steps.append(step)
        if sum(steps) > sum(before) + 500 and not interrupting.done:
            interrupting.done = True
            raise KeyboardInterrupt

    interrupting.done = False

    result = kt.learn(crowded, **SMALL, threads=1, callback=interrupting)
    assert result.interrupted and "interrupted" in result.verdict
    assert len(result.paired) == 3


def test_what_it_does_stands_beside_what_the_best_that_ships_does(learned):
    frame = learned.candidates(replications=3)
    names = [learned.learned.name, learned.selection.strategy.name]
    assert frame["strategy"].unique().tolist() == names
    title = kt.plots.policy_map(frame, names[0], against=names[1]).get_title(loc="left")
    assert title.startswith(f"What {names[0]} discards more (red), less (blue)")
    losses = learned.field_losses(replications=40).set_index("strategy")
    assert losses.loc["price", "low"] > 0
    assert losses["measure"].unique().tolist() == [learned.measure]


def test_the_display_and_the_repr_say_what_was_learned(learned):
    assert repr(learned) == "Learned('learned for rush', template 'joint')"
    assert "clairvoyant" in learned._repr_html_()


@pytest.mark.long
@pytest.mark.parametrize("noisy", [False, True], ids=["no contention", "noise"])
def test_over_40_seeds_a_gain_is_claimed_in_at_most_5_of_100(noisy, tmp_path):
    """Where no rule can win: roomy shelves; and orders that are all alike, with couriers unknown."""
    scenario = kt.Scenario.load("classic").replace({"orders.count": 60, "arrivals.rate": 0.5})
    if noisy:
        scenario = alike(scenario, tmp_path / "one.csv")
    results = [
        kt.learn(scenario, "joint", seed=seed, replications=20, budget=20, bound_replications=0)
        for seed in range(40)
    ]
    assert (results[0].paired["differing"].iloc[0] > 0) == noisy
    assert sum(result.gains for result in results) <= 2


def alike(scenario, path):
    """Orders of one kind that never spoil, and couriers without a memory: nobody knows who is next."""
    row = "a,Rice,hot,1.0,1e9,0.5"
    path.write_text(f"order_id,name,temp,price,shelf_life_s,decay_rate\n{row}\n")
    return scenario.replace(
        {
            "orders.file": str(path),
            "couriers.delay": {"distribution": "exponential", "mean": 20.0},
            "shelves": [{"name": "any", "holds": "any", "capacity": 5}],
            "decay": "cliff",
        }
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"template": "bid prise"}, "Did you mean 'bid price'"),
        ({"measure": "joy"}, "measure 'joy' is unknown"),
        ({"replications": 1}, "replications: must be a whole number of at least 2"),
        ({"budget": 2}, "budget: must be a whole number of at least 10"),
        ({"bound_replications": -1}, "bound_replications: must be a whole number"),
        ({"scenario": "rush"}, "scenario: must be a Scenario"),
    ],
)
def test_what_will_not_do_is_refused_in_one_line(crowded, arguments, text):
    with pytest.raises(kt.KitchenError, match=text) as caught:
        kt.learn(**{"scenario": crowded, **SMALL, **arguments})
    assert "\n" not in str(caught.value)


# --- a replay ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def evenings(crowded):
    return kt.draw(crowded, 30, seed=21)


@pytest.fixture(scope="module")
def replayed(crowded, evenings):
    return kt.learn(crowded, "joint", trace=evenings, budget=60, bound_replications=2)


def test_what_is_learned_from_evenings_is_tested_on_every_second_one(crowded, evenings, replayed):
    both = [replayed.selection.strategy, replayed.learned]
    table = kt.compare(crowded, both, trace=evenings.take(range(0, 30, 2)))
    paired = table.paired[table.paired["measure"] == replayed.measure].iloc[0]
    for column in ("difference", "low", "high", "differing", "replications"):
        assert replayed.paired[column].iloc[0] == pytest.approx(paired[column], rel=1e-9)
    assert "Tested on 15 of 30 evenings" in replayed.verdict


def test_the_evenings_of_the_test_teach_nothing(crowded, evenings, replayed):
    places = np.arange(30)
    places[::2] = np.roll(places[::2], 1)
    shuffled = evenings.take(places)
    assert not np.array_equal(shuffled.received_s, evenings.received_s)
    again = kt.learn(crowded, "joint", trace=shuffled, budget=60, bound_replications=0)
    for mine, other in zip(again.learned.rules, replayed.learned.rules, strict=True):
        assert getattr(mine, "params", None) == getattr(other, "params", None)
    assert again.selection.strategy.name == replayed.selection.strategy.name


def test_its_candidates_are_those_of_the_evenings(replayed):
    known = set(replayed.trace.menu.price)
    assert set(replayed.candidates()["price"]) <= known
    assert replayed.candidates(seed=1).equals(replayed.candidates(seed=2))


def test_too_few_evenings_to_learn_from_are_refused(crowded, evenings):
    with pytest.raises(KitchenError, match="trace: has 7 evenings, and at least 8 are needed"):
        kt.learn(crowded, trace=evenings.take(range(7)))
