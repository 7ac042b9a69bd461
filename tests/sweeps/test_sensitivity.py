"""Sensitivity: indices agree with closed forms and with SciPy, and words say no more than they do."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import sobol_indices

from kitchen.errors import KitchenError, ScenarioError, SeedError, StrategyError
from kitchen.sweeps.designs import Design, saltelli
from kitchen.sweeps.sensitivity import Sensitivity, sensitivity, shares_of_variance
from kitchen.sweeps.sweep import Sweep, sweep

RATE, SLOTS, RULE = "arrivals.rate", "shelves.overflow.capacity", "strategy.discard"
RANGES = {RATE: (8.0, 12.0), SLOTS: range(10, 21), RULE: ["discard newcomer", "oldest"]}


def outputs_of(function, ranges, number, seed=0):
    """A function at Saltelli's points, shape (paths + 2, number)."""
    x = saltelli(ranges, number, seed).frame.drop(columns="point").to_numpy(float)
    return function(x.T).reshape(-1, number)


def ishigami(x):
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def ishigami_shares():
    """Saltelli et al., Global Sensitivity Analysis: The Primer (2008), p. 180; a = 7, b = 0.1."""
    a, b = 7.0, 0.1
    first = np.array([(1 + b * np.pi**4 / 5) ** 2 / 2, a**2 / 8, 0.0])
    pair = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = first.sum() + pair
    return first / whole, (first + [pair, 0, pair]) / whole


A = np.array([0.0, 1.0, 4.5, 9.0, 99.0])


def sobols_g(x):
    return np.prod((np.abs(4 * x.T - 2) + A) / (1 + A), axis=1)


def sobols_g_shares():
    """Sobol, Mathematics and Computers in Simulation 55 (2001): V_i = 1 / (3 (1 + a_i)^2)."""
    own = 1 / (3 * (1 + A) ** 2)
    whole = np.prod(1 + own) - 1
    return own / whole, own * np.prod(1 + own) / (1 + own) / whole


WEIGHTS = np.array([1.0, 2.0, 0.5])
WIDTHS = np.array([1.0, 3.0, 4.0])


def additive(x):
    return WEIGHTS @ x


def additive_shares():
    """Uniform on a range of width w, times a weight: variance (weight w)^2 / 12."""
    share = (WEIGHTS * WIDTHS) ** 2
    return share / share.sum(), share / share.sum()


CASES = {
    "ishigami": (ishigami, {f"x{i}": (-np.pi, np.pi) for i in range(3)}, ishigami_shares()),
    "sobol's g": (sobols_g, {f"x{i}": (0, 1) for i in range(5)}, sobols_g_shares()),
    "additive": (additive, {"a": (0, 1), "b": (-1, 2), "c": (5, 9)}, additive_shares()),
}


@pytest.mark.parametrize("case", CASES)
def test_indices_are_those_of_the_closed_form(case):
    """4,096 points; the error of Sobol points is far below that of drawn ones, 1 / sqrt(4096)."""
    function, ranges, (first, total) = CASES[case]
    found = shares_of_variance(outputs_of(function, ranges, 4096), 0.95, 0)
    np.testing.assert_allclose(found.first[0], first, atol=0.01)
    np.testing.assert_allclose(found.total[0], total, atol=0.01)
    np.testing.assert_allclose(found.together[0], 1 - first.sum(), atol=0.02)


@pytest.mark.parametrize("case", CASES)
def test_intervals_hold_the_true_index_about_as_often_as_they_say(case):
    """20 designs of 128 points, all indices of a function together. For two of the functions they
    always hold, as Sobol points are more even than the bootstrap knows; those of Sobol's g in 0.93."""
    function, ranges, truth = CASES[case]
    held = []
    for seed in range(20):
        found = shares_of_variance(outputs_of(function, ranges, 128, seed), 0.95, seed)
        for figures, share in zip((found.first, found.total), truth, strict=True):
            held += list((figures[1] <= share + 1e-9) & (share - 1e-9 <= figures[2]))
    assert np.mean(held) > 0.88


@pytest.mark.parametrize("case", CASES)
def test_estimates_are_those_of_scipy(case):
    function, ranges, _ = CASES[case]
    y = outputs_of(function, ranges, 256, seed=3)
    found = shares_of_variance(y, 0.95, 0)
    scipy = sobol_indices(func={"f_A": y[:1], "f_B": y[1:2], "f_AB": y[2:, None, :]}, n=256)
    np.testing.assert_allclose(found.first[0], scipy.first_order, atol=1e-12)
    np.testing.assert_allclose(found.total[0], scipy.total_order, rtol=1e-12)


def test_whole_numbers_and_choices_have_the_shares_of_their_discrete_distributions():
    """x + y with x uniform on 0..4 (variance 2) and y on {0, 3} (variance 2.25)."""
    ranges = {"x": range(5), "y": [0, 3]}
    found = shares_of_variance(outputs_of(lambda x: x[0] + x[1], ranges, 2048), 0.95, 0)
    np.testing.assert_allclose(found.first[0], [2 / 4.25, 2.25 / 4.25], atol=0.01)


def test_intervals_are_the_same_every_time_and_narrower_at_a_lower_level():
    y = outputs_of(*CASES["ishigami"][:2], 64)
    one, two, low = (shares_of_variance(y, level, 1) for level in (0.95, 0.95, 0.5))
    for a, b, c in zip(one, two, low, strict=True):
        np.testing.assert_array_equal(a, b)
        assert ((c[2] - c[1] < a[2] - a[1]) | (a[2] == 0)).all()  # all below 0 is cut to 0


def test_a_parameter_that_changes_nothing_has_an_index_of_nothing_for_sure():
    y = outputs_of(lambda x: x[0], {"a": (0, 1), "b": (0, 1)}, 64)
    found = shares_of_variance(y, 0.95, 0)
    assert found.first[:, 1].tolist() == found.total[:, 1].tolist() == [0, 0, 0]


def test_a_single_parameter_explains_all():
    found = shares_of_variance(outputs_of(lambda x: x[0] ** 2, {"a": (0, 1)}, 16), 0.95, 0)
    assert found.first.tolist() == found.total.tolist() == [[1], [1], [1]]
    assert found.together.tolist() == [0, 0, 0]


@pytest.mark.parametrize("wrong", [0.3, np.nan])
def test_without_variance_or_without_figures_there_are_no_indices(wrong):
    y = np.full((4, 16), 0.3)
    y[1, 3] = wrong
    for figures in shares_of_variance(y, 0.95, 0):
        assert np.isnan(figures).all()


# Of a kitchen


@pytest.fixture(scope="module")
def found(rush):
    return sensitivity(rush, RANGES, n=16, replications=10, seed=3)


def test_it_is_one_sweep_of_saltellis_design(found, rush):
    design = saltelli(RANGES, 16, seed=3)
    assert found.design == design and isinstance(found.design, Design)
    swept = sweep(rush, design, ["discard newcomer"], replications=10, seed=3)
    assert isinstance(found.sweep, Sweep)
    pd.testing.assert_frame_equal(found.sweep.frame, swept.frame)
    means = swept.table()["mean"].to_numpy().reshape(5, 16)
    np.testing.assert_array_equal(found.outputs, means)


def test_the_frame_has_a_row_a_parameter_and_index(found):
    frame = found.frame
    assert list(frame) == ["parameter", "index", "measure", "mean", "low", "high"]
    assert frame["parameter"].tolist() == [path for path in RANGES for _ in "12"]
    assert frame["index"].tolist() == ["first", "total"] * 3
    assert frame["parameter"].cat.ordered and frame["index"].cat.ordered
    shares = shares_of_variance(found.outputs, 0.95, 3)
    np.testing.assert_array_equal(frame["mean"][::2], shares.first[0])
    np.testing.assert_array_equal(frame[["low", "high"]][1::2], shares.total[1:].T)
    assert found.interactions == tuple(shares.together)
    assert (frame["low"] <= frame["high"]).all()


def test_another_measure_takes_no_other_run(found):
    other = found.of("moves")
    assert other.sweep is found.sweep and set(other.frame["measure"]) == {"moves"}
    assert not np.array_equal(other.outputs, found.outputs)
    with pytest.raises(KitchenError, match="Did you mean 'moves'"):
        found.of("move")


def test_threads_and_options_of_the_sweep_are_handed_on(found, rush):
    message = []
    again = sensitivity(
        rush, RANGES, n=16, replications=10, seed=3, workers=1, callback=message.append
    )
    pd.testing.assert_frame_equal(again.frame, found.frame)
    assert sum(message) == 16 * 5 * 10
    with pytest.raises(TypeError):
        sensitivity(rush, RANGES, n=16, no_such_option=1)


def test_what_chance_adds_is_no_more_than_noise_says(rush):
    """Two seeds of the orders at the same points: half the variance of their difference is chance.
    The bound holds on average; here it is twice as large, since most luck is common to all points."""
    design = saltelli(RANGES, 64, seed=1)
    means = []
    for seed in (1, 2):
        swept = sweep(rush, design, ["discard newcomer"], replications=10, seed=seed)
        means.append(Sensitivity(swept, design, "lost_per_order", 0.95))
    one, two = (each.outputs[:2].ravel() for each in means)
    chance = np.var(one - two) / 2 / np.var(one)
    assert 0 < chance < means[0].noise < 0.5


# In words


def told_of(function, ranges, n=256, replications=50, error=0.001):
    """The verdict on a function, as if a sweep had found its values."""
    design = saltelli(ranges, n, 0)
    y = outputs_of(function, ranges, n).ravel()
    frame = pd.DataFrame({"point": np.arange(len(y)), "mean": y, "replications": replications})
    wide = 2.0 * error if replications > 1 else np.nan
    frame = frame.assign(low=y - wide, high=y + wide)

    class Swept:
        def __init__(self):
            self.replications = replications

        def table(self, measure):
            return frame

    return Sensitivity(Swept(), design, "lost_per_order", 0.95).verdict


def test_the_verdict_says_what_matters_and_what_does_not():
    ranges = {"a": (0.0, 1.0), "b": (0.0, 1.0), "c": (0.0, 1.0)}
    message = told_of(lambda x: 0.3 * x[0] + 0.1 * x[1] + 0.01 * x[2], ranges, 4096)
    assert message.startswith(
        "Over these ranges lost_per_order is 0.205 on average, with a standard"
    )
    assert "Most of that comes from a: 90 % of the variance by itself" in message
    assert "Then comes b, 10 % (" in message and "c hardly matters (at most 1 %)" in message
    assert "What the parameters do adds up" in message
    assert "chance" not in message and "wide" not in message


def test_the_verdict_says_when_parameters_act_together():
    ranges = {"a": (-1.0, 1.0), "b": (-1.0, 1.0)}
    message = told_of(lambda x: x[0] * x[1], ranges, 1024)
    assert "0 % of the variance by itself" in message
    assert "belong to no parameter alone: what one of them does depends on the others" in message


def test_the_verdict_says_when_points_are_too_few_or_chance_is_large():
    message = told_of(*CASES["ishigami"][:2], 16)
    assert (
        "It is not clear whether they depend on each other" in message
        and "take more points, n=32" in message
    )
    assert "take more replications than 50 to be sure" in told_of(
        ishigami, CASES["ishigami"][1], error=1.0
    )
    assert "With one replication it is unknown how much" in told_of(
        ishigami, CASES["ishigami"][1], replications=1
    )


def test_the_verdict_on_what_never_changes_is_that_it_never_changes():
    message = told_of(lambda x: 0.0 * x[0], {"a": (0, 1), "b": (0, 1)}, 16)
    assert message == "lost_per_order is 0 at every point: none of the parameters changes it."


def test_a_kitchen_that_is_never_full_has_nothing_to_explain(rush):
    never_full = rush.replace({"arrivals.rate": 1.0})
    found = sensitivity(
        never_full, {SLOTS: range(50, 60)}, n=8, replications=2, measure="wasted_share"
    )
    assert found.frame[["mean", "low", "high"]].isna().all(axis=None)
    assert "none of the parameters changes it" in found.verdict
    assert np.isnan(found.noise)
    assert "none of the parameters changes it" in found._repr_html_()


def test_points_without_a_figure_are_counted(rush):
    found = sensitivity(rush, {"orders.count": range(0, 4), RATE: (8, 9)}, n=8, replications=2)
    assert "has no figure at" in found.verdict and found.frame["mean"].isna().all()


def test_it_tells_itself_in_a_line_and_a_table(found):
    assert repr(found) == (
        "Sensitivity(lost_per_order of 'discard newcomer' in 'rush', 3 parameters, 80 points)"
    )
    html = found._repr_html_()
    assert found.verdict.split(":")[0] in html and "8 to 12" in html and RATE in html


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"scenario": "rush"}, ScenarioError, "must be a Scenario"),
        ({"strategy": ["random", "oldest"]}, StrategyError, "must be a single one"),
        ({"strategy": "oldst"}, KitchenError, "Did you mean 'oldest'"),
        ({"measure": "lost"}, KitchenError, "measure 'lost' is unknown"),
        ({"confidence": 95}, KitchenError, "confidence: must be a share above 0 and below 1"),
        ({"n": 100}, KitchenError, "such as 64 or 128, got 100"),
        ({"n": 4}, KitchenError, "n: must be at least 8, got 4"),
        ({"seed": -1}, SeedError, "seed"),
        ({"ranges": {}}, KitchenError, "has no paths"),
        ({"ranges": {RATE: 5}}, KitchenError, "must be a pair"),
        ({"ranges": {"arrivals.rat": (8, 9)}}, ScenarioError, "Did you mean"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_runs(rush, change, error, message):
    given = {"scenario": rush, "ranges": RANGES, "strategy": "random", "n": 8, **change}
    given |= {"callback": lambda _: pytest.fail("it ran")}
    with pytest.raises(error, match=message):
        sensitivity(given.pop("scenario"), given.pop("ranges"), given.pop("strategy"), **given)
