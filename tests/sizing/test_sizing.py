"""How much shelf is enough: where the answer is known, where it can be looked up, and how sure it is."""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pandas as pd
import pytest
from support.hostile_html import NASTY, harmless

import kitchen as kt
from kitchen.errors import KitchenError
from kitchen.sizing.layouts import Grid
from kitchen.sizing.search import Evaluator, Search
from kitchen.sizing.sizing import size
from kitchen.stats.sequential import alpha_spent, estimated, interim_sizes

DELAYS = {
    "exponential": {"distribution": "exponential", "mean": 4.0},
    "uniform": {"distribution": "uniform", "low": 2.0, "high": 6.0},
}
WARM_UP_S = 60.0
"""15 mean delays: what is left of the empty start then is e^-15 of it."""


def blocked(load, slots):
    """Erlang's B for 0, 1, ... slots, by its recursion."""
    shares = [1.0]
    for c in range(1, slots + 1):
        shares.append(load * shares[-1] / (c + load * shares[-1]))
    return shares


def small(**changes):
    """A kitchen of 30 orders: thousands of its replications take no time."""
    rush = kt.Scenario.load("rush")
    return rush.replace({"orders.count": 30, "arrivals.rate": 10.0, **changes})


def wasted(scenario, layout, replications=4000, seed=77, measure="wasted_share"):
    world = scenario.replace({f"shelves.{name}.capacity": c for name, c in layout.items()})
    run = kt.simulate(world, replications=replications, seed=seed, keep="summary")
    return run.summary[measure].mean()


# Where the answer is known


@pytest.fixture(scope="session")
def one_dish(tmp_path_factory):
    path = tmp_path_factory.mktemp("menu") / "menu.csv"
    path.write_text("name,temp,shelf_life_s,decay_rate\ndish,only,1e12,0.0\n")
    return str(path)


def check_against_erlang(menu, rate, delay):
    """The smallest c with B(c) below the target, in one step of which B falls by at least 17 %.

    The target is the geometric mean of B(c) and B(c - 1), at least 9 % away from both. Of 300
    replications of 6,000 / sqrt(rate) seconds the standard error of the mean share is 1.1 % of the
    target at most (rate 20; less below), so that both are more than 8 standard errors away. That a
    mean of shares is not quite the share of all orders makes up less than 0.5 %.
    """
    shares = blocked(4.0 * rate, 160)
    slots = next(c for c, share in enumerate(shares) if share < 0.01)
    scenario = kt.Scenario.model_validate(
        {
            "name": "erlang",
            "decay": "freshness",
            "arrivals": {"process": "poisson", "rate": rate},
            "couriers": {"delay": delay},
            "shelves": [{"name": "only", "holds": ["only"], "capacity": 10}],
            "orders": {"file": menu, "duration_s": WARM_UP_S + 6_000 / math.sqrt(rate)},
        }
    )
    found = size(
        scenario,
        shelves={"only": range(slots - 12 if slots > 12 else 0, slots + 12)},
        target=math.sqrt(shares[slots] * shares[slots - 1]),
        replications=20,
        max_replications=300,
        warm_up_s=WARM_UP_S,
    )
    assert found.layout == {"only": slots}
    assert found.scenario.shelves[0].capacity == found.cost == slots
    assert found.fewer["fails"].all() and len(found.fewer) == 1
    assert "No cheaper layout holds" in found.verdict


@pytest.mark.parametrize(
    ("rate", "delay"), [(1, "uniform"), (2, "exponential"), (6, "uniform"), (20, "exponential")]
)
def test_one_shelf_has_as_many_slots_as_erlang_says(one_dish, rate, delay):
    check_against_erlang(one_dish, float(rate), DELAYS[delay])


@pytest.mark.long
@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("rate", range(1, 21))
def test_one_shelf_has_as_many_slots_as_erlang_says_at_any_rate(one_dish, rate, delay):
    check_against_erlang(one_dish, float(rate), DELAYS[delay])


class Known(Evaluator):
    """Layouts of which it is known exactly what they waste."""

    def __init__(self, function, pool):
        super().__init__(None, None, "wasted_share", interim_sizes(100, 1000), pool, 1, 10.0)
        self.function = function

    def reach(self, layouts, number):
        for layout in layouts:
            if len(self.values.get(layout, ())) < number:
                self.done += number
                self.values[layout] = np.full(number, self.function[layout])


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("shape", [(25,), (7, 9), (4, 5, 6), (3, 3, 4, 3)])
def test_the_search_finds_the_cheapest_layout_of_any_falling_function(shape, seed):
    rng = np.random.default_rng([seed, *shape])
    falling = rng.exponential(size=shape)
    for axis in range(len(shape)):
        falling = np.flip(np.cumsum(np.flip(falling, axis), axis), axis)
    falling = falling / falling.max() * 0.9
    costs = [np.cumsum(rng.integers(0, 4, n)).astype(float) for n in shape]
    total = sum(np.meshgrid(*costs, indexing="ij"))
    target = float(np.quantile(falling, rng.uniform(0.02, 0.9))) * (1 + 1e-9)
    grid = Grid([f"s{i}" for i in range(len(shape))], [list(range(n)) for n in shape], costs)
    with ThreadPoolExecutor(1) as pool:
        search = Search(grid, Known(falling, pool), target, 0.01)
        search.walk()
        search.decided(grid.largest)
        found = search.settle(search.best())
    assert search.open is None
    assert grid.cost(found) == total[falling <= target].min()
    assert falling[found] <= target


# Where it can be looked up


def check_against_exhaustion(scenario, shelves, costs, measure="wasted_share", lowest=0.01):
    """As cheap as the cheapest of all layouts, by 4,000 replications of each with another seed.

    The target is in the middle of the widest gap between what two layouts waste, so that no layout
    is too close to it to tell.
    """
    layouts = [
        dict(zip(shelves, slots, strict=True)) for slots in itertools.product(*shelves.values())
    ]
    waste = np.array([wasted(scenario, layout, measure=measure) for layout in layouts])
    cost = np.array([sum(costs.get(n, 1.0) * c for n, c in layout.items()) for layout in layouts])
    steps = np.sort(waste[(waste > lowest) & (waste < 0.2)])
    gap = int(np.argmax(steps[1:] / steps[:-1]))
    target = math.sqrt(steps[gap] * steps[gap + 1])
    found = size(scenario, shelves=shelves, costs=costs, target=target, measure=measure, seed=5)
    assert found.cost == pytest.approx(cost[waste <= target].min())
    nth = layouts.index(found.layout)
    assert waste[nth] <= target
    return found


@pytest.mark.parametrize("costs", [{}, {"overflow": 1.7}, {"hot": 0.0, "overflow": 2.0}])
def test_two_shelves_are_as_cheap_as_trying_every_layout_says(costs):
    shelves = {"hot": range(0, 13, 3), "overflow": range(0, 26, 4)}
    check_against_exhaustion(small(), shelves, costs)


def test_three_shelves_are_as_cheap_as_trying_every_layout_says():
    shelves = {"hot": [0, 4, 9], "cold": range(1, 12, 5), "overflow": [0, 5, 11, 18]}
    check_against_exhaustion(small(), shelves, {"overflow": 1.25}, "lost_per_order", 0.015)


# How sure it is


def violations(scenario, target, seeds, truth, shelves, **options):
    """The share of searches whose layout truly wastes more than the target."""
    bad = 0
    for seed in range(seeds):
        found = size(scenario, shelves=shelves, target=target, seed=seed, **options)
        bad += found.layout is not None and truth[tuple(found.layout.values())] > target
    return bad / seeds


@pytest.mark.long
@pytest.mark.parametrize("short", [0.0, 0.02, 0.05])
def test_a_layout_that_does_not_hold_is_seldom_chosen(short):
    # The target is a little below what 5 slots truly waste, which is hardest to tell.
    scenario, shelves = small(), {"overflow": range(0, 13)}
    truth = {(c,): wasted(scenario, {"overflow": c}, 400_000) for c in range(13)}
    target = truth[(5,)] * (1 - short) * (1 - 1e-9)
    share = violations(scenario, target, 400, truth, shelves, max_replications=1600)
    # at most 0.05, with 3 standard errors of 400 searches
    assert share <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


@pytest.mark.long
def test_being_the_best_of_many_equals_flatters_no_layout():
    # With all slots alike, layouts of equally many waste the same: a dozen chances to be wrong.
    scenario = small()
    shelves = {"hot": range(0, 5), "overflow": range(0, 9)}
    layouts = itertools.product(*shelves.values())
    truth = {x: wasted(scenario, dict(zip(shelves, x, strict=True)), 100_000) for x in layouts}
    target = min(waste for (hot, overflow), waste in truth.items() if hot + overflow == 6) * 0.99
    share = violations(scenario, target, 200, truth, shelves, max_replications=1600)
    assert share <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)


def test_the_figures_of_the_chosen_layout_come_from_replications_the_search_has_not_met():
    found = size(
        small(), shelves={"overflow": range(0, 13)}, target=0.02, max_replications=1600, seed=3
    )
    row = found.frame[found.frame["chosen"]].iloc[0]
    trace = kt.draw(small(), int(row["replications"]), seed=3, first=1600)
    summary = kt.simulate(found.scenario, trace=trace, keep="summary").summary
    assert row["mean"] == pytest.approx(summary["wasted_share"].mean(), rel=1e-12)
    assert row["low"] < row["mean"] < row["upper"] <= 0.02


def test_all_looks_together_spend_the_error_and_half_of_it_at_the_last():
    looks = interim_sizes(100, 20_000)
    assert looks == [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 20_000]
    parts = [alpha_spent(nth, len(looks), 0.05) for nth in range(len(looks))]
    assert sum(parts) == pytest.approx(0.05) and parts[-1] == 0.025
    assert interim_sizes(50, 50) == [50] and alpha_spent(0, 1, 0.05) == 0.05


@pytest.mark.parametrize("number", [100, 400])
def test_the_upper_limit_of_a_skewed_mean_holds_as_often_as_it_says(number):
    # Waste as in a rush: most replications waste nothing, some a lot. 4,000 samples: 3 standard
    # errors of 0.05 are 0.0103.
    rng = np.random.default_rng(4)
    wasted_ = rng.exponential(0.05, (4000, number)) * (rng.random((4000, number)) < 0.25)
    above = np.mean([estimated(row, 0.01).upper(0.05) < 0.0125 for row in wasted_])
    assert above <= 0.05 + 0.0103


@pytest.mark.parametrize("often", [0.002, 0.01, 0.03])
def test_the_upper_limit_of_a_rare_mean_holds_as_often_as_it_says(often):
    rng = np.random.default_rng(5)
    values = rng.choice([0.02, 0.04], (4000, 200)) * (rng.random((4000, 200)) < often)
    above = np.mean([estimated(row, 0.03).upper(0.05) < 0.03 * often for row in values])
    assert above <= 0.05 + 0.0103


def test_nothing_wasted_in_a_few_replications_does_not_prove_that_nothing_is():
    nothing = estimated(np.zeros(100), 0.01)
    assert nothing.upper(0.05) == pytest.approx(-math.log(0.05) * 0.01 / 100)
    found = size(small(), shelves={"overflow": [40]}, target=1e-7, max_replications=200)
    assert found.layout is None and "too close to call" in found.verdict


def test_a_control_makes_a_mean_surer_and_leaves_it_right():
    rng = np.random.default_rng(6)
    control = rng.normal(2.0, 1.0, (2000, 3000))
    values = 1.0 + 0.7 * (control[:, :100] - 2.0) + 0.1 * rng.normal(size=(2000, 100))
    plain = [estimated(v, 0.1) for v in values]
    message = [estimated(v, 0.1, c) for v, c in zip(values, control, strict=True)]
    spread = np.std([e.mean for e in message])
    assert np.mean([e.error for e in message]) < 0.3 * np.mean([e.error for e in plain])
    assert abs(np.mean([e.mean for e in message]) - 1.0) < 4 * spread / math.sqrt(2000)
    # a standard deviation from 2,000 values is within 3 / sqrt(4000) of the truth
    assert np.mean([e.error for e in message]) == pytest.approx(spread, rel=0.05)


# What is handed back


@pytest.fixture(scope="module")
def found():
    return size(
        small(),
        shelves={"hot": range(0, 9), "overflow": range(0, 21)},
        target="1%",
        max_replications=3200,
    )


def test_a_sizing_has_a_row_a_layout_tried(found):
    frame = found.frame
    paths = ["shelves.hot.capacity", "shelves.overflow.capacity"]
    figures = ["cost", "mean", "low", "high", "upper", "replications", "within", "fails", "chosen"]
    assert list(frame.columns) == [*paths, *figures]
    assert not frame.duplicated(paths).any()
    assert (frame["cost"] == frame[paths].sum(axis=1)).all() and frame[
        "cost"
    ].is_monotonic_increasing
    assert (frame["within"] == (frame["upper"] <= 0.01)).all()
    assert not (frame["within"] & frame["fails"]).any()
    chosen = frame[frame["chosen"]].iloc[0]
    assert dict(zip(found.layout, chosen[paths], strict=True)) == found.layout
    assert not frame[frame["cost"] < found.cost]["within"].any()


def test_the_curve_falls_with_cost_and_holds_the_chosen_layout(found):
    curve = found.curve
    assert curve["cost"].is_monotonic_increasing and curve["cost"].is_unique
    assert curve["mean"].is_monotonic_decreasing
    assert curve["chosen"].sum() == 1
    assert set(curve["measure"]) == {"wasted_share"} and set(curve["target"]) == {0.01}
    assert curve["mean"].iloc[0] == 1.0 or curve["cost"].iloc[0] == 0


def test_one_slot_fewer_is_told_for_each_shelf(found):
    slots = {name: c for name, c in found.layout.items() if c}
    assert list(found.fewer["shelf"]) == list(slots)
    for row in found.fewer.to_dict("records"):
        assert row[f"shelves.{row['shelf']}.capacity"] == slots[row["shelf"]] - 1
        assert f"on {row['shelf']} {100 * row['mean']:.3g} %" in found.verdict


def test_the_scenario_has_the_layout_and_shelves_that_cannot_be_chosen_stay(found):
    capacities = {shelf.name: shelf.capacity for shelf in found.scenario.shelves}
    assert {name: capacities[name] for name in found.layout} == found.layout
    changes = {f"shelves.{name}.capacity": slots for name, slots in found.layout.items()}
    assert found.scenario == small().replace(changes)
    assert capacities["cold"] == capacities["frozen"] == 10


def test_every_shelf_may_have_up_to_twice_its_slots_if_none_is_named():
    scenario = small(**{f"shelves.{name}.capacity": 3 for name in ("hot", "cold", "frozen")})
    found = size(scenario, target=0.05, replications=50, max_replications=200)
    assert list(found.layout) == ["hot", "cold", "frozen", "overflow"]
    assert found.frame["shelves.hot.capacity"].max() == 6
    assert found.frame["shelves.overflow.capacity"].max() == 30


def test_the_answer_is_the_same_on_any_number_of_threads():
    options = {
        "shelves": {"hot": range(0, 9), "overflow": range(0, 21)},
        "max_replications": 800,
        "seed": 2,
    }
    one, two, five = (size(small(), threads=threads, **options) for threads in (1, 2, 5))
    for other in (two, five):
        assert one.layout == other.layout and one.verdict == other.verdict
        pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)
        pd.testing.assert_frame_equal(one.curve, other.curve, check_exact=True)


def test_a_shelf_that_costs_something_to_have_is_left_out():
    shelves = {"hot": range(0, 13), "overflow": range(0, 31)}
    free = size(small(), shelves=shelves, max_replications=800)
    dear = size(small(), shelves=shelves, costs={"hot": (1.0, 50.0)}, max_replications=800)
    assert dear.layout["hot"] == 0
    assert dear.cost == dear.layout["overflow"] >= free.cost
    assert "cost" not in dear.verdict.split(")")[0]


def test_waste_may_be_counted_in_prices_and_by_temp():
    shelves = {"overflow": range(0, 26)}
    price = size(small(), shelves=shelves, target=1.0, measure="waste_cost", max_replications=800)
    assert "orders worth" in price.verdict and price.curve["measure"].iloc[0] == "waste_cost"
    hot = size(
        small(), shelves=shelves, target="2 %", measure="wasted_share_hot", max_replications=800
    )
    assert "of the hot orders are wasted" in hot.verdict


def test_a_target_out_of_reach_has_no_layout():
    found = size(small(), shelves={"overflow": [0, 1, 2]}, target=0.001)
    assert found.layout is None and math.isnan(found.cost)
    assert found.scenario == small()
    assert "No allowed layout" in found.verdict and "overflow 2" in found.verdict
    assert not found.frame["chosen"].any() and not len(found.fewer)
    assert "no layout" in repr(found)
    harmless(found._repr_html_())


def test_the_smallest_layout_will_do_where_everything_holds():
    found = size(small(), shelves={"overflow": range(40, 50)}, target=0.5)
    assert found.layout == {"overflow": 40}
    assert "There is no smaller layout." in found.verdict


def test_where_more_slots_do_harm_the_verdict_says_so(tmp_path):
    # Food that keeps for 3 s expires on the shelf unless it is discarded at once.
    menu = tmp_path / "menu.csv"
    menu.write_text("name,temp,shelf_life_s,decay_rate\ndish,hot,3.0,1.0\n")
    changes = {"orders.file": str(menu), "decay": "freshness", "shelves.overflow.capacity": 0}
    scenario = small(**changes)
    found = size(scenario, shelves={"hot": range(0, 9)}, measure="expired_share", target=0.9)
    assert "More slots do not always help here" in found.verdict


def test_no_orders_mean_nothing_to_size():
    found = size(kt.Scenario.load("rush").replace({"orders.count": 0}))
    assert found.layout is None
    assert found.verdict == "No orders came, so there is nothing to size."
    assert "nan" not in found._repr_html_().lower()


def test_what_is_close_counts_as_failing_and_the_verdict_says_so():
    scenario = small()
    target = wasted(scenario, {"overflow": 5}, 20_000)
    found = size(scenario, shelves={"overflow": range(0, 13)}, target=target, max_replications=400)
    assert found.layout["overflow"] > 5
    assert "too close to call within 400 replications" in found.verdict


def test_a_warm_up_leaves_the_first_orders_out():
    scenario, shelves = small(**{"orders.count": 100}), {"overflow": range(0, 31)}
    start = size(scenario, shelves=shelves, max_replications=800)
    later = size(scenario, shelves=shelves, max_replications=800, warm_up_s=5.0)
    assert later.cost > start.cost


# In a notebook


def test_a_notebook_shows_the_verdict_and_the_slots(found):
    page = harmless(found._repr_html_()).text
    assert found.verdict in page
    for name, slots in found.layout.items():
        assert name in page and str(slots) in page
    assert "\n" not in repr(found) and "\n" not in found.verdict


@pytest.mark.parametrize("name", [*NASTY, "v1.5", "0", "two\nlines"])
def test_names_of_shelves_stay_text(name):
    scenario = small()
    data = scenario.model_dump()
    data["shelves"][3]["name"] = name
    scenario = kt.Scenario.model_validate(data)
    found = size(scenario, shelves={name: [5, 15, 30]}, target=0.3, max_replications=200)
    assert found.scenario.shelves[3].capacity == found.layout[name]
    assert "\n" not in found.verdict
    harmless(found._repr_html_())


# Progress, and stopping


def test_progress_is_told_and_may_stop_the_search():
    message = []
    size(small(), shelves={"overflow": range(0, 13)}, max_replications=400, callback=message.append)
    assert sum(message) > 400

    class Enough(Exception):
        pass

    def stop(_):
        raise Enough

    for threads in (1, 2):
        with pytest.raises(Enough):
            size(small(), threads=threads, callback=stop)


# Bad input


def never(_):
    raise AssertionError("something ran")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": 0}, "target: must be a share above 0 and below 1"),
        ({"target": 1.0}, "target: must be a share above 0 and below 1"),
        ({"target": -0.1}, "got -0.1"),
        ({"target": math.nan}, "got nan"),
        ({"target": "a few"}, "got 'a few'"),
        ({"target": "120%"}, "got '120%'"),
        ({"target": None}, "got null"),
        ({"target": True}, "got true"),
        (
            {"target": "1%", "measure": "waste_cost"},
            "target: must be a number above 0, in the menu's prices",
        ),
        ({"confidence": 1}, "confidence: must be a share of at least 0.5"),
        ({"confidence": 0.2}, "confidence: must be a share of at least 0.5"),
        ({"measure": "wasted_shar"}, "Did you mean 'wasted_share'"),
        ({"measure": "value_per_order"}, "measure 'value_per_order' is unknown"),
        ({"measure": "wasted_share_warm"}, "wasted_share_hot"),
        ({"measure": 3}, "measure 3 is unknown"),
        ({"shelves": {"overflw": range(3)}}, "shelf 'overflw' is unknown. Did you mean 'overflow'"),
        ({"shelves": {}}, "shelves: names no shelf"),
        ({"shelves": [1, 2]}, "shelves: must be a table of shelves"),
        ({"shelves": {"hot": range(5, 1)}}, "shelves: 'hot': has no capacities"),
        ({"shelves": {"hot": 5}}, "A single one goes in a list: [5]"),
        ({"shelves": {"hot": "5"}}, "must have a range or list of capacities"),
        ({"shelves": {"hot": [1, -2]}}, "'hot': must be a whole number of at least 0, got -2"),
        ({"shelves": {"hot": [1.5]}}, "got 1.5"),
        ({"shelves": {"hot": [True]}}, "got true"),
        ({"shelves": {"hot": [2**50]}}, "must be a whole number"),
        ({"shelves": {"hot": range(10**9)}}, "has more than 10,000 capacities"),
        (
            {"shelves": dict.fromkeys(["hot", "cold", "frozen", "overflow"], range(5000))},
            "there are 6.25e+14 layouts",
        ),
        ({"costs": {"hott": 1}}, "costs: shelf 'hott' is unknown. Did you mean 'hot'"),
        ({"costs": {"hot": -1}}, "costs: 'hot': must be a number of at least 0, got -1"),
        ({"costs": {"hot": math.nan}}, "got nan"),
        ({"costs": {"hot": math.inf}}, "got inf"),
        ({"costs": {"hot": (1, 2, 3)}}, "must be the cost of a slot, or that and the cost of the"),
        ({"costs": {"hot": "dear"}}, "got 'dear'"),
        ({"costs": 2}, "costs: must be a table of shelves"),
        ({"replications": 1}, "replications: must be a whole number of at least 2"),
        ({"max_replications": 50}, "max_replications: must be a whole number of at least 100"),
        ({"seed": -1}, "seed: must be a whole number"),
        ({"threads": 0}, "threads: must be a whole number"),
        ({"warm_up_s": -1}, "warm_up_s: must be a number of at least 0"),
        ({"strategy": "newset"}, "Did you mean 'newest'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line_before_anything_runs(rush, options, message):
    with pytest.raises(KitchenError) as caught:
        size(rush, **options, callback=never)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_scenario_must_be_one():
    with pytest.raises(KitchenError, match="scenario: must be a Scenario"):
        size("rush")


# --- a replay ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def evenings(rush):
    return kt.draw(rush, replications=27, seed=11)


def test_a_replay_is_searched_on_every_second_evening_and_proven_on_the_others(rush, evenings):
    sizing = kt.size(rush, "oldest", trace=evenings, shelves={"overflow": range(41)}, target="9%")
    searched, proven = evenings.take(range(1, 27, 2)), evenings.take(range(0, 27, 2))
    for row in sizing.frame.itertuples():
        own = proven if row.chosen else searched
        world = rush.replace({"shelves.overflow.capacity": row[1]})
        run = kt.simulate(world, "oldest", trace=own, keep="summary")
        assert row.mean == pytest.approx(run.summary["wasted_share"].mean(), rel=1e-12)
        assert row.replications == own.replications.size
    assert sizing.layout is not None
    assert sizing.verdict.endswith(
        "Replayed were 27 evenings, every second one for the search and the others for the proof."
    )


def test_a_layout_that_a_replay_chooses_holds_on_other_evenings(rush):
    shelves = {"overflow": range(0, 41, 2)}
    exceeded = chosen = 0
    for seed in range(60):
        trace = kt.draw(rush, replications=26, seed=100 + seed)
        sizing = kt.size(rush, "oldest", trace=trace, shelves=shelves, target="9%")
        if sizing.layout is not None:
            chosen += 1
            exceeded += true_waste(rush, sizing.layout["overflow"]) > 0.09
    assert chosen >= 50
    assert exceeded / chosen <= 0.05 + 3 * (0.05 * 0.95 / chosen) ** 0.5


@cache
def true_waste(rush, slots):
    world = rush.replace({"shelves.overflow.capacity": slots})
    run = kt.simulate(world, "oldest", replications=2_000, seed=5, keep="summary")
    return run.summary["wasted_share"].mean()


def test_a_replay_of_too_few_evenings_is_refused(rush, evenings):
    with pytest.raises(KitchenError, match="trace: has 3 evenings, and at least 4 are needed"):
        kt.size(rush, trace=evenings.take(range(3)))
