"""Counter-based random numbers: a stream per purpose, a number per replication and order."""

from __future__ import annotations

import math
from functools import lru_cache

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from kitchen.utils.jit import kernel

GAPS, ITEMS, DELAYS, PREPS, TIES, ESTIMATES, BUSY, SLOW = range(8)
"""Codes of the purposes of random streams. They are part of every key: never reorder them."""

_M0, _M1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_W0, _W1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)


@lru_cache(maxsize=64)
def stream_key(seed: int, purpose: int) -> np.ndarray:
    """The Philox key of a purpose, shape (2,), uint64; NumPy's SeedSequence mixes it."""
    return np.random.SeedSequence(seed, spawn_key=(purpose,)).generate_state(2, np.uint64)


def uniforms(seed: int, purpose: int, first: np.ndarray, replications: np.ndarray) -> np.ndarray:
    """Uniform random numbers in [0, 1), one per order.

    Parameters
    ----------
    seed, purpose : int
    first : int64 array, shape (replications + 1,)
        Where each replication's orders begin in the result; the last number is its length.
    replications : array, shape (replications,)
        Their numbers.
    """
    out = np.empty(int(first[-1]))
    _fill(stream_key(seed, purpose), first, np.asarray(replications, np.uint64), out)
    return out


def uniform_each(seed: int, purpose: int, replications: np.ndarray) -> np.ndarray:
    """Uniform random numbers in [0, 1), one per replication."""
    return uniforms(seed, purpose, np.arange(len(replications) + 1), replications)


def choices(seed: int, purpose: int, first: np.ndarray, replication: int, among: int) -> np.ndarray:
    """Uniform random integers from 0 to `among` - 1, one per order, int32."""
    out = np.empty(int(first[-1]), np.int32)
    row = np.empty(int(np.max(np.diff(first), initial=0)))
    _fill_choices(stream_key(seed, purpose), first, np.uint64(replication), float(among), row, out)
    return out


def unit_arrivals(seed: int, first: np.ndarray, replication: int) -> np.ndarray:
    """Arrival times of Poisson processes of rate 1, one process per replication."""
    out = np.empty(int(first[-1]))
    _fill_arrivals(stream_key(seed, GAPS), first, np.uint64(replication), out)
    return out


def count_unit_arrivals(seed: int, replication: int, until: np.ndarray) -> np.ndarray:
    """Number of arrivals of `unit_arrivals` up to `until`, one time per replication; int64."""
    counts = np.empty(until.size, np.int64)
    _count_arrivals(stream_key(seed, GAPS), np.uint64(replication), until, counts)
    return counts


@intrinsic
def _multiply(typingctx, a, b):
    """The high and the low 64 bits of a product of two uint64."""

    def codegen(context, builder, signature, arguments):
        wide = ir.IntType(128)
        product = builder.mul(*(builder.zext(x, wide) for x in arguments))
        high = builder.lshr(product, ir.Constant(wide, 64))
        halves = [builder.trunc(half, ir.IntType(64)) for half in (high, product)]
        return context.make_tuple(builder, signature.return_type, halves)

    return types.UniTuple(types.uint64, 2)(types.uint64, types.uint64), codegen


@numba.njit(inline="always")
def _philox(key0, key1, block, replication):
    """Four random words of the counter (block, replication, 0, 0)."""
    c0, c1, c2, c3 = block, replication, np.uint64(0), np.uint64(0)
    for _ in range(10):
        high0, low0 = _multiply(_M0, c0)
        high1, low1 = _multiply(_M1, c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ key0, low1, high0 ^ c3 ^ key1, low0
        key0 += _W0
        key1 += _W1
    return c0, c1, c2, c3


@numba.njit(inline="always")
def _unit(word):
    """The upper 53 bits as a number in [0, 1), as NumPy does it."""
    return np.float64(word >> np.uint64(11)) * 2.0**-53


@numba.njit(forceinline=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _row(key, replication, out):
    """Uniform numbers of one replication, from its order 0 on."""
    block = np.uint64(0)
    whole = out.size // 4 * 4
    for j in range(0, whole, 4):
        a, b, c, d = _philox(key[0], key[1], block, replication)
        out[j], out[j + 1], out[j + 2], out[j + 3] = _unit(a), _unit(b), _unit(c), _unit(d)
        block += np.uint64(1)
    if whole < out.size:
        words = _philox(key[0], key[1], block, replication)
        for j in range(whole, out.size):
            out[j] = _unit(words[j - whole])


@kernel(lambda: ("uint64[::1]", "int64[::1]", "uint64[::1]", "float64[::1]"))
def _fill(key, first, replications, out):
    for i in range(first.size - 1):
        _row(key, replications[i], out[first[i] : first[i + 1]])


@kernel(lambda: ("uint64[::1]", "int64[::1]", "uint64", "float64", "float64[::1]", "int32[::1]"))
def _fill_choices(key, first, replication, among, row, out):
    for i in range(first.size - 1):
        begin, size = first[i], first[i + 1] - first[i]
        _row(key, replication + np.uint64(i), row[:size])
        for j in range(size):
            out[begin + j] = np.int32(row[j] * among)


@kernel(lambda: ("uint64[::1]", "int64[::1]", "uint64", "float64[::1]"))
def _fill_arrivals(key, first, replication, out):
    for i in range(first.size - 1):
        row = out[first[i] : first[i + 1]]
        _row(key, replication + np.uint64(i), row)
        time = 0.0
        for j in range(row.size):
            time -= math.log(1.0 - row[j])
            row[j] = time


@kernel(lambda: ("uint64[::1]", "uint64", "float64[::1]", "int64[::1]"))
def _count_arrivals(key, replication, until, counts):
    for i in range(counts.size):
        lane = replication + np.uint64(i)
        block, count, time = np.uint64(0), 0, 0.0
        while time <= until[i]:
            for word in _philox(key[0], key[1], block, lane):
                time -= math.log(1.0 - _unit(word))
                count += time <= until[i]
            block += np.uint64(1)
        counts[i] = count
