"""What a function says, as a digest: another one when the function does something else."""

import numpy as np
import pytest

from kitchen.dependencies import fingerprint


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
