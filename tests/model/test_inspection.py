"""What a function says, as a digest: another one when the function does something else."""

import numpy as np
import pytest

from kitchen.model.inspection import fingerprint


def make(source, **scope):
    exec(source, scope)
    return scope["f"]


def test_blanks_and_comments_change_nothing():
    one = make("def f(x):\n    return x + 1\n")
    two = make("def f(x):\n    # add one\n\n    return (x + 1)\n")
    assert fingerprint(one) == fingerprint(two)


@pytest.mark.parametrize(
    "other",
    [
        "def f(x):\n    return x + 2\n",
        "def f(x):\n    return x - 1\n",
        "def f(x, y=3):\n    return x + 1\n",
        "def f(x):\n    return x.age + 1\n",
    ],
)
def test_other_code_is_another(other):
    assert fingerprint(make("def f(x):\n    return x + 1\n")) != fingerprint(make(other))


@pytest.mark.parametrize(
    ("one", "two"), [(1.0, 2.0), (np.arange(3), np.arange(4)), ((1, 2), (1, 3))]
)
def test_what_it_uses_counts(one, two):
    source = "def f(x):\n    return K\n"
    assert fingerprint(make(source, K=one)) != fingerprint(make(source, K=two))
    assert fingerprint(make(source, K=one)) == fingerprint(make(source, K=one))


def test_what_it_calls_and_closes_over_counts():
    def outer(step, helper_adds):
        def helper(x):
            return x + 1 if helper_adds else x - 1

        def f(x):
            return helper(x) * step

        return f

    digests = {fingerprint(outer(step, adds)) for step in (1, 2) for adds in (True, False)}
    assert len(digests) == 4
    assert fingerprint(outer(1, True)) == fingerprint(outer(1, True))


def test_what_it_reads_of_a_module_counts():
    import types

    def rule_with(weight, adds):
        module = types.ModuleType("mine")
        exec(f"K = {weight}\ndef score(x):\n    return x {adds} 1\n", vars(module))
        return make("def f(x):\n    return m.score(x) * m.K\n", m=module)

    digests = {fingerprint(rule_with(weight, adds)) for weight in (1, 2) for adds in "+-"}
    assert len(digests) == 4
    assert fingerprint(rule_with(1, "+")) == fingerprint(rule_with(1, "+"))


def test_helpers_that_are_compiled_count():
    import numba

    one = make("def f(x):\n    return h(x)\n", h=numba.njit(make("def f(x):\n    return x + 1\n")))
    two = make("def f(x):\n    return h(x)\n", h=numba.njit(make("def f(x):\n    return x - 1\n")))
    assert fingerprint(one) != fingerprint(two)


def test_a_set_is_the_same_in_every_process():
    import subprocess
    import sys

    code = "from kitchen.model.inspection import fingerprint\ndef f(x):\n    return x in {'a', 'b', 'c', 'd'}\nprint(fingerprint(f))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(told) == 1
    assert told.pop().strip()
