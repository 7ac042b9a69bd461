"""Direct search: known minima, the budget, interrupts."""

import numpy as np
import pytest

from kitchen.learning.direct_search import minimise

OPTIONS = {"replications": 160, "budget": 300, "seed": 1}


def ellipse(params, replications):
    """Least at (3, -20, 0.5), where it is 7."""
    away = (params - [3.0, -20.0, 0.5]) / [1.0, 10.0, 0.2]
    return 7.0 + away @ np.diag([1.0, 4.0, 9.0]) @ away


@pytest.mark.parametrize("seed", range(5))
def test_the_minimum_of_an_ellipse_is_found(seed):
    start, scale = np.array([0.0, 0.0, 1.0]), np.array([1.0, 10.0, 0.2])
    found = minimise(ellipse, start, scale, **{**OPTIONS, "seed": seed})
    np.testing.assert_allclose(found.best, [3.0, -20.0, 0.5], atol=0.02, rtol=1e-3)
    assert found.score == min(done.score for done in found.history if done.replications == 160)


def test_one_parameter_is_enough():
    found = minimise(
        lambda p, n: (p[0] - 2.0) ** 2, np.zeros(1), np.ones(1), **{**OPTIONS, "budget": 100}
    )
    assert found.best.shape == (1,)
    assert abs(found.best[0] - 2.0) < 0.01


def test_the_start_wins_where_nothing_is_better():
    found = minimise(lambda p, n: float((p**2).sum()), np.zeros(2), np.ones(2), **OPTIONS)
    np.testing.assert_array_equal(found.best, [0.0, 0.0])


@pytest.mark.parametrize("budget", [10, 50, 333])
def test_no_more_is_evaluated_than_the_budget_allows(budget):
    hard = np.random.default_rng(3)  # scores without any order never converge
    found = minimise(
        lambda p, n: hard.random(), np.zeros(4), np.ones(4), **{**OPTIONS, "budget": budget}
    )
    spent = sum(done.replications for done in found.history) / 160
    assert budget - 10 < spent <= budget


def test_parameters_without_a_score_count_as_worst():
    def score(params, replications):
        return np.nan if params[0] > 1.0 else -params[0]

    found = minimise(score, np.zeros(1), np.ones(1), **OPTIONS)
    assert 0.9 < found.best[0] <= 1.0


def test_an_interrupt_keeps_the_best_so_far():
    calls = []

    def score(params, replications):
        if len(calls) == 80:
            raise KeyboardInterrupt
        calls.append(ellipse(params, replications))
        return calls[-1]

    found = minimise(score, np.zeros(3), np.array([1.0, 10.0, 0.2]), **OPTIONS)
    assert found.interrupted and len(found.history) == 80
    assert found.score == min(done.score for done in found.history if done.replications == 160)


def test_an_interrupt_before_anything_is_known_is_passed_on():
    def score(params, replications):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        minimise(score, np.zeros(3), np.ones(3), **OPTIONS)
