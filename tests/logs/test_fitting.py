"""A scenario fitted to evenings that were drawn: what went in comes out."""

import math
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import kitchen as kt
from kitchen.errors import KitchenError, ScenarioError, TraceError
from kitchen.logs.arrivals_fit import lewis, partition, poisson_test
from kitchen.logs.delay_fit import FAMILIES, fit_delays, slow_evenings
from kitchen.logs.evenings import evenings_of

SPREADS = {"orders.busy": 0.1, "couriers.slow": 0.08}


@pytest.fixture(scope="module")
def friday():
    return kt.Scenario.load("friday")


@pytest.fixture(scope="module")
def evenings(friday):
    return kt.draw(friday, replications=10, seed=1).frame()


@pytest.fixture(scope="module")
def fitted(friday, evenings):
    return kt.fit(evenings, kitchen=friday)


def true_rates(friday, edges):
    """Mean of the true rate between edges, orders an hour."""
    arrivals = friday.arrivals
    total = np.array([arrivals.expected(edge) for edge in edges])
    return np.diff(total) / np.diff(edges) * 3600


# --- arrivals ------------------------------------------------------------------------------------


def best_cost(counts, penalty):
    """The least cost of any partition, by trying all."""
    n = len(counts)
    costs = []
    for mask in range(2 ** (n - 1)):
        edges = [0, *[i + 1 for i in range(n - 1) if mask >> i & 1], n]
        costs.append(cost(counts, edges, penalty))
    return min(costs)


def cost(counts, edges, penalty):
    total = 0.0
    for a, b in zip(edges[:-1], edges[1:], strict=True):
        k = sum(counts[a:b])
        total += penalty - (k * math.log(k / (b - a)) if k else 0.0)
    return total


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("penalty", [0.5, 2.0, 6.0])
def test_the_partition_is_the_best_of_all(seed, penalty):
    counts = np.random.default_rng(seed).poisson([3, 3, 3, 9, 9, 1, 1, 0, 0, 5])
    found = [*partition(counts, penalty).tolist(), counts.size]
    assert cost(counts, found, penalty) == pytest.approx(best_cost(counts, penalty))


def test_a_constant_rate_is_one_piece(friday):
    flat = friday.replace({"arrivals": {"process": "poisson", "rate": 0.05}})
    pieces = [
        len(kt.fit(kt.draw(flat, 7, seed=seed).frame(), kitchen=friday).arrivals)
        for seed in range(20)
    ]
    assert np.mean(np.array(pieces) == 1) >= 0.8


@pytest.mark.parametrize(("number", "most"), [(3, 0.13), (7, 0.07), (30, 0.03)])
def test_rates_come_back(friday, number, most):
    """Root mean square over orders of the relative error, mean of 10 logs."""
    off = []
    for seed in range(10):
        table = kt.fit(kt.draw(friday, number, seed=100 + seed).frame(), kitchen=friday).arrivals
        edges = np.arange(0.0, 18001.0, 300.0)
        true = true_rates(friday, edges)
        at = np.searchsorted(table["from_s"], edges[:-1], side="right") - 1
        found = table["rate_h"].to_numpy()[at]
        off.append(math.sqrt(np.sum((found - true) ** 2) / np.sum(true**2)))
    assert np.mean(off) < most


def test_intervals_of_rates_hold_the_mean_of_their_piece(friday):
    inside = []
    for seed in range(30):
        log = kt.draw(friday.replace(SPREADS), 10, seed=seed).frame()
        table = kt.fit(log, kitchen=friday).arrivals
        true = true_rates(friday, [*table["from_s"], table["to_s"].iloc[-1]])
        inside += ((table["low"] <= true) & (true <= table["high"])).tolist()
    assert np.mean(inside) > 0.88  # edges are chosen to make pieces differ: a little below 0.95


def test_few_orders_are_counted_by_half_hours(friday):
    log = kt.draw(friday.replace({"orders.duration_s": 3600.0}), 5, seed=1).frame()
    assert len(log) < 500
    table = kt.fit(log, kitchen=friday, duration_s=3600.0).arrivals
    assert table["from_s"].tolist() == [0.0, 1800.0]
    counted = [log["received_s"].lt(1800.0).sum(), log["received_s"].ge(1800.0).sum()]
    assert table["orders"].tolist() == counted
    assert table["rate_h"].tolist() == [2 * n / 5 for n in counted]


def test_lewis_makes_uniform_numbers_uniform():
    generator = np.random.default_rng(1)
    pooled = np.concatenate([lewis(np.sort(generator.random(n))) for n in (1, 2, 5, 50) * 200])
    assert stats.kstest(pooled, "uniform").pvalue > 0.001


def frame_of(times, number=0):
    """A log of these arrivals of one evening."""
    return pd.DataFrame(
        {
            "replication": number,
            "received_s": times,
            "pickup_s": np.asarray(times) + 600.0,
            "temp": "hot",
            "shelf_life_s": 1800.0,
            "decay_rate": 0.5,
        }
    )


def test_arrivals_that_are_no_poisson_process_are_found_out():
    generator = np.random.default_rng(2)
    edges = np.array([0.0, 36000.0])
    regular = np.cumsum(generator.uniform(30.0, 90.0, 500))
    groups = np.sort(np.repeat(generator.uniform(0, 36000, 170), 3) + generator.random(510))
    for times in (regular, groups):
        assert poisson_test(evenings_of(frame_of(times), 40000.0), edges) < 1e-6
    ps = []
    for _ in range(200):
        times = np.sort(generator.uniform(0, 36000, generator.poisson(500)))
        rounded = np.floor(times / 60.0) * 60.0  # to minutes
        ps.append(poisson_test(evenings_of(frame_of(rounded), 36000.0), edges))
    rejected = np.mean(np.array(ps) < 0.05)
    assert rejected < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 200)


# --- busy and slow evenings ----------------------------------------------------------------------


def test_busy_and_slow_come_back(friday):
    found = []
    for seed in range(12):
        log = kt.draw(friday.replace(SPREADS), 40, seed=50 + seed).frame()
        scenario = kt.fit(log, kitchen=friday).scenario
        found.append((scenario.orders.busy, scenario.couriers.slow))
    error = np.std(found, axis=0, ddof=1) / math.sqrt(len(found))
    assert np.mean(found, axis=0) == pytest.approx([0.1, 0.08], abs=4 * error.max() + 0.003)


def test_evenings_that_are_alike_are_neither_busy_nor_slow(fitted):
    assert fitted.scenario.orders.busy < 0.03
    assert fitted.scenario.couriers.slow < 0.03


def test_the_delay_of_a_usual_evening_is_not_counted_twice(friday):
    """Spread between evenings is in `slow`, not in sigma as well."""
    log = kt.draw(friday.replace({"couriers.slow": 0.5}), 40, seed=3).frame()
    delay = kt.fit(log, kitchen=friday).scenario.couriers.delay
    assert delay.sigma == pytest.approx(0.6244, abs=0.01)


def test_one_factor_for_all_delays_of_an_evening_is_found():
    generator = np.random.default_rng(4)
    truth = np.array([0.5, 1.0, 2.0])
    groups = [factor * generator.gamma(4.0, 100.0, 4000) for factor in truth]
    slow, factors = slow_evenings(groups)
    assert factors / factors[1] == pytest.approx(truth, rel=0.05)
    assert slow == pytest.approx(np.log(truth).std(ddof=1), rel=0.05)


# --- delays --------------------------------------------------------------------------------------

DRAWN = {
    "lognormal": {"median": 700.0, "sigma": 0.6},
    "gamma": {"mean": 700.0, "shape": 4.0},
    "exponential": {"mean": 700.0},
    "uniform": {"low": 200.0, "high": 900.0},
}


def delays(family, number, seed=1):
    keys = {"distribution": family, **DRAWN[family]}
    rush = kt.Scenario.load("rush").replace({"couriers.delay": keys})
    rng = np.random.default_rng(seed)
    return rush.couriers.delay.quantile(rng.random(number)), rush.couriers.delay


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_comes_back_with_its_parameters(family):
    values, true = delays(family, 3000)
    found = fit_delays([values])
    assert found.family == family == found.frame["family"][0]
    for key, value in DRAWN[family].items():
        assert found.distribution[key] == pytest.approx(value, rel=0.06)
    assert found.frame["mean_s"][0] == pytest.approx(true.expected_s(), rel=0.05)


@pytest.mark.parametrize("family", ["lognormal", "gamma", "exponential"])
def test_a_family_comes_back_where_long_delays_are_only_known_to_be_longer(family):
    values, _ = delays(family, 3000)
    seen = values < 900.0
    found = fit_delays([values[seen]], [np.full((~seen).sum(), 900.0)])
    assert found.censored == (~seen).sum()
    assert found.frame["family"][0] == family
    for key, value in DRAWN[family].items():
        assert found.distribution[key] == pytest.approx(value, rel=0.1)
    naive = fit_delays([values[seen]]).frame["mean_s"][0]
    assert naive < 0.9 * found.frame["mean_s"][0]


def test_the_same_delay_always_is_constant():
    found = fit_delays([np.full(50, 600.0), np.full(20, 600.0)])
    assert found.distribution == {"distribution": "constant", "value": 600.0}


def test_what_no_family_fits_is_given_by_its_quantiles():
    generator = np.random.default_rng(5)
    values = np.concatenate([generator.normal(300, 20, 500), generator.normal(1500, 50, 500)])
    found = fit_delays([values])
    assert found.family == "empirical" and len(found.distribution["values"]) == 512
    made = np.array(found.distribution["values"])
    assert np.quantile(made, [0.1, 0.4, 0.6, 0.9]) == pytest.approx(
        np.quantile(values, [0.1, 0.4, 0.6, 0.9]), rel=0.02
    )
    few = fit_delays([values[::10]])
    assert few.number == 100 and few.family != "empirical"


def test_delays_are_counted_from_where_the_kitchen_counts_them(friday):
    prepared = friday.replace(
        {
            "orders.prep": {"distribution": "gamma", "mean": 400.0, "shape": 4.0},
            "couriers.delay_from": "ready",
        }
    )
    log = kt.draw(prepared, 6, seed=2).frame()
    found = kt.fit(log, kitchen=prepared).scenario
    assert found.couriers.delay.median == pytest.approx(744.0, rel=0.03)
    assert found.orders.prep.mean == pytest.approx(400.0, rel=0.03)
    assert found.couriers.delay_from == "ready"
    other = kt.fit(log, kitchen=friday)
    whole = log["pickup_s"] - log["received_s"]
    assert other.scenario.couriers.delay.expected_s() == pytest.approx(whole.mean(), rel=0.02)
    assert "less time on shelves" in other.verdict


# --- the whole -----------------------------------------------------------------------------------


def test_the_fitted_scenario_is_the_kitchen_with_other_demand(friday, fitted):
    scenario = fitted.scenario
    assert (scenario.shelves, scenario.decay, scenario.eta) == (friday.shelves, friday.decay, 300.0)
    assert scenario.orders.duration_s == 18000.0
    assert scenario.couriers.delay.median == pytest.approx(744.0, rel=0.03)
    expected = scenario.arrivals.expected(18000.0)
    assert expected == pytest.approx(fitted.evenings.counts.mean())


def test_the_menu_has_dishes_in_the_proportion_of_the_log(evenings, fitted):
    share = evenings["name"].value_counts(normalize=True)
    found = pd.Series(fitted.menu.name).value_counts(normalize=True)
    assert set(found.index) <= set(share.index)
    assert (found - share).abs().max() < 2 / 2000
    paid = evenings["price"].mean()
    assert fitted.menu.price.mean() == pytest.approx(paid, rel=0.01)


def test_a_saved_fit_is_loaded_and_drawn_alike(fitted, tmp_path):
    files = fitted.save(tmp_path / "mine.toml")
    assert [file.name for file in files] == ["mine.toml", "mine_orders.csv"]
    (tmp_path / "there").mkdir()
    for file in files:
        file.rename(tmp_path / "there" / file.name)
    loaded = kt.Scenario.load(tmp_path / "there" / "mine.toml")
    a, b = kt.draw(loaded, 2, seed=1), kt.draw(fitted.scenario, 2, seed=1)
    pd.testing.assert_frame_equal(a.frame(), b.frame(), check_exact=True)


def test_rows_may_stand_in_any_order_and_the_clock_may_be_any(friday, evenings, fitted):
    mixed = evenings.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(kt.fit(mixed, kitchen=friday).frame, fitted.frame)
    shift = 86400.0 * evenings["replication"]
    times = ["received_s", "ready_s", "pickup_s"]
    late = evenings.assign(**{t: evenings[t] + shift for t in times}, opens_s=shift)
    again = kt.fit(late, kitchen=friday)
    assert again.frame["value"].to_numpy() == pytest.approx(fitted.frame["value"].to_numpy())
    with pytest.raises(KitchenError, match="Count it from each evening's opening"):
        kt.fit(late.drop(columns="opens_s"), kitchen=friday)


class SmallLog:
    """What `fit` needs of a log: its frame and its days."""

    def __init__(self, frame, use):
        self.frame = frame
        self.days = pd.DataFrame({"use": use})


def test_days_of_a_log_that_are_left_out_or_have_no_pickups_are_treated_so(friday, evenings):
    use = ["yes"] * 7 + [
        "arrivals only: pickups were not recorded",
        "left out: a partial day",
        "yes",
    ]
    broken = evenings.copy()
    broken.loc[broken["replication"] == 7, "pickup_s"] = np.nan
    found = kt.fit(SmallLog(broken, use), kitchen=friday)
    assert len(found.evenings) == 9
    counts = evenings.groupby("replication").size()
    assert found.evenings.counts.tolist() == counts.drop(8).tolist()
    assert found.parts.delays.number == counts.drop([7, 8]).sum()
    assert "1 evening without pickups" in found.verdict


def test_orders_without_a_courier_are_no_delays(friday, evenings):
    some = evenings.assign(pickup_s=evenings["pickup_s"].where(evenings.index % 5 > 0))
    found = kt.fit(some, kitchen=friday)
    assert found.parts.delays.number == some["pickup_s"].notna().sum()
    seen = some.assign(seen_s=some["received_s"] + 30.0)
    assert kt.fit(seen, kitchen=friday).parts.delays.censored == some["pickup_s"].isna().sum()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.iloc[:0], "there are no orders"),
        (lambda f: f.assign(pickup_s=np.nan), "no order has a pickup"),
        (lambda f: f.drop(columns="temp"), "column 'temp' is missing"),
        (lambda f: f.assign(temp="lukewarm", name="x").assign(temp=""), "will not do as a temp"),
        (lambda f: f.to_dict(), "must be a log or a DataFrame"),
        (lambda f: f.assign(pickup_s=f["received_s"] - 1.0), "pickup_s of row"),
    ],
)
def test_a_log_that_says_too_little_is_refused_in_one_line(friday, evenings, change, message):
    with pytest.raises(KitchenError, match=message) as refused:
        kt.fit(change(evenings), kitchen=friday)
    assert "\n" not in str(refused.value)


def test_arguments_that_make_no_sense_are_refused(friday, evenings, fitted, tmp_path):
    with pytest.raises(ScenarioError, match="scenario"):
        kt.fit(evenings, kitchen="friday")
    with pytest.raises(KitchenError, match="duration_s"):
        kt.fit(evenings, kitchen=friday, duration_s=-1.0)
    with pytest.raises(KitchenError, match=r"duration_s: an order comes at .* after 60 s"):
        kt.fit(evenings, kitchen=friday, duration_s=60.0)
    with pytest.raises(ScenarioError, match=r"ends in \.toml"):
        fitted.save(tmp_path / "mine.txt")
    with pytest.raises(TraceError):
        kt.fit(None, kitchen=friday)


def test_one_order_and_one_evening_are_fitted_with_a_word(friday, evenings):
    one = kt.fit(evenings[evenings["replication"] == 0], kitchen=friday)
    assert one.scenario.orders.busy == one.scenario.couriers.slow == 0.0
    assert "One evening says nothing of how evenings differ" in one.verdict
    alone = kt.fit(evenings.iloc[:1], kitchen=friday)
    assert alone.scenario.couriers.delay.distribution == "constant"
    assert kt.simulate(alone.scenario, "random", replications=3).summary["orders"].notna().all()


def test_what_is_drawn_from_a_fit_is_like_the_log(fitted, evenings):
    """Mean orders and delay of 400 drawn evenings, within 4 standard errors of both."""
    drawn = kt.draw(fitted.scenario, 400, seed=8)
    counts = np.diff(drawn.first)
    log_counts = evenings.groupby("replication").size()
    error = math.hypot(counts.std() / 20, log_counts.std() / math.sqrt(10))
    assert counts.mean() == pytest.approx(log_counts.mean(), abs=4 * error)
    delay, seen = drawn.pickup_s - drawn.received_s, evenings["pickup_s"] - evenings["received_s"]
    assert delay.mean() == pytest.approx(seen.mean(), rel=0.02)


# --- the menu in memory --------------------------------------------------------------------------


def test_a_fit_leaves_nothing_in_the_temporary_folder(friday, evenings, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    kt.fit(evenings, kitchen=friday)
    assert not list(tmp_path.iterdir())


def test_a_fitted_scenario_keeps_its_menu_wherever_it_goes(friday, evenings, fitted):
    scenario = kt.fit(evenings, kitchen=friday).scenario  # the fit itself is gone
    changed = scenario.replace({"shelves.overflow.capacity": 20})
    for other in (changed, pickle.loads(pickle.dumps(scenario)), scenario.model_copy()):
        menu = kt.draw(other, replications=1, seed=1).menu
        pd.testing.assert_frame_equal(menu.frame(), fitted.menu.frame())
    assert pickle.loads(pickle.dumps(scenario)) == scenario == fitted.scenario


def test_a_fitted_scenario_is_the_same_from_memory_and_from_its_files(fitted, tmp_path):
    path, menu = fitted.save(tmp_path / "mine.toml")
    loaded = kt.Scenario.load(path)
    assert loaded.orders.file == str(menu) and loaded.orders.menu is None
    options = {"replications": 3, "seed": 4, "keep": "summary"}
    pd.testing.assert_frame_equal(
        kt.simulate(loaded, "oldest", **options).summary,
        kt.simulate(fitted.scenario, "oldest", **options).summary,
        check_exact=True,
    )


def test_a_menu_in_memory_is_not_lost_in_a_file(fitted, tmp_path):
    with pytest.raises(ScenarioError, match="orders.menu: a scenario's file cannot hold a menu"):
        fitted.scenario.save(tmp_path / "mine.toml")
    assert not list(tmp_path.iterdir())
    with pytest.raises(ScenarioError, match="file or menu, not both"):
        fitted.scenario.replace({"orders.file": "menu.csv"})
    with pytest.raises(ScenarioError, match=r"orders.menu: must be a kt.Menu.*got 'menu.csv'"):
        fitted.scenario.replace({"orders.menu": "menu.csv"})


def test_a_sweep_of_a_fitted_scenario_draws_from_its_menu_in_other_processes(fitted, tmp_path):
    grid = {"shelves.overflow.capacity": [5, 20]}
    options = {"replications": 3, "seed": 2, "out": tmp_path / "sweep"}
    swept = kt.sweep(fitted.scenario, grid, ["oldest"], executor="processes", workers=1, **options)
    for capacity in grid["shelves.overflow.capacity"]:
        world = fitted.scenario.replace({"shelves.overflow.capacity": capacity})
        summary = kt.simulate(world, "oldest", replications=3, seed=2, keep="summary").summary
        rows = swept.frame[
            (swept.frame["shelves.overflow.capacity"] == capacity)
            & (swept.frame["measure"] == "lost_per_order")
        ]
        assert rows["mean"].item() == pytest.approx(summary["lost_per_order"].mean(), rel=1e-12)
    assert f"{fitted.scenario.orders.menu}" in swept.spec["menus"]


def test_the_display_of_a_fit_has_its_rates_and_its_families(fitted):
    shown = fitted._repr_html_()
    assert shown.count("<table") == 2 and "orders an hour" in shown
    assert all(family in shown for family in fitted.delays["family"])
    assert "0:00 to " in shown and "nan" not in shown


def test_spellings_of_a_dish_are_one_dish_of_a_fitted_menu(friday, evenings):
    shouted = evenings.assign(name=evenings["name"].where(evenings.index % 5 > 0, evenings["name"].str.upper()))  # fmt: skip
    menu = kt.fit(shouted, kitchen=friday).menu
    assert menu.frame().equals(kt.fit(evenings, kitchen=friday).menu.frame())
