"""Named tuples of arrays in one word: what is read and written is that of the tuple itself."""

from typing import NamedTuple

import numba
import numpy as np
import pytest

from kitchen.engine.by_reference import by_reference
from kitchen.engine.parts import apart

PAIR = np.dtype([("number", np.float64), ("count", np.int64)], align=True)


class Inner(NamedTuple):
    table: np.ndarray
    pairs: np.ndarray


class Outer(NamedTuple):
    first: np.ndarray
    inner: Inner
    last: np.ndarray


def an_outer():
    return Outer(
        np.arange(5.0),
        Inner(np.arange(12.0).reshape(3, 4), np.array([(2.5, 7), (0.5, 3)], PAIR)),
        np.array([9], np.int32),
    )


def summed(outer):
    """What both ways of handing on have to make of it; it writes, too."""
    inner, total = outer.inner, 0.0
    for i in range(inner.table.shape[0]):
        for j in range(inner.table.shape[1]):
            total += (10 * i + j) * inner.table[i, j]
    inner.pairs[1].count += outer.last[0]
    inner.pairs[0].number = outer.first[outer.first.size - 1]
    outer.first[0] = total
    return total


def written(outer):
    return [outer.first, outer.inner.table, outer.inner.pairs, outer.last]


def test_a_tuple_by_reference_is_the_tuple():
    inner = apart(summed)

    @numba.njit(_nrt=False)
    def handed_on(outer):
        return inner(by_reference(outer))

    one, other = an_outer(), an_outer()
    expected = summed(
        Outer(*one[:1], Inner(one.inner.table, one.inner.pairs.view(np.recarray)), *one[2:])
    )
    assert handed_on(other) == expected == 800.0 + 252.0 + 42.0
    for mine, plain in zip(written(other), written(one), strict=True):
        np.testing.assert_array_equal(mine, plain)


def test_a_name_that_is_not_in_the_tuple_does_not_compile():
    @numba.njit
    def misspelt(outer):
        return by_reference(outer).innner.table[0, 0]

    with pytest.raises(numba.core.errors.TypingError, match="innner"):
        misspelt(an_outer())
