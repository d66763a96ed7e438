"""The compiled loops over trees: which way splits send a row, where it ends, and what each feature added."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from models.lanes import FEW, MANY, few, load, many, peek, store, together, wide
from models.packing import floats, ints, words

_QUICK = {"cache": True, "nogil": True, "fastmath": {"contract", "reassoc", "nsz"}, "error_model": "numpy"}


@intrinsic  # type: ignore[untyped-decorator] # numba has no types of its own
def _lowest(_: object, word: Any) -> Any:
    """The place of the lowest bit of a uint32 that is not 0."""

    def make(_: object, builder: ir.IRBuilder, __: object, args: tuple[ir.Value, ...]) -> ir.Value:
        return builder.zext(builder.cttz(args[0], ir.Constant(ir.IntType(1), 1)), ir.IntType(64))

    return types.int64(word), make


@njit(cache=True, nogil=True)
def strike(packed, x, left):  # type: ignore[no-untyped-def] # numba infers types
    """Take out of the words `left` the bits that the splits that send row x right take; `packed` begins with what
    `questions.by_value` lays out.
    """
    first, base, codes, lists = ints(packed, 0), ints(packed, 1), ints(packed, 2), ints(packed, 3)
    rising, listed, threshold = words(packed, 4), words(packed, 5), floats(packed, 6)
    for f in range(len(codes)):
        value, others = x[f], codes[f]
        if others == 0 and value == value:
            for i in range(first[f], first[f + 1]):
                if not peek(threshold, i) < value:
                    break
                word = np.uint64(peek(rising, 2 * i))
                left[word] &= np.uint32(peek(rising, 2 * i + 1))
        else:
            each = base[f] + (np.int64(value) if 0.0 <= value < others else others)
            for i in range(lists[each], lists[each + 1]):
                word = np.uint64(peek(listed, 2 * i))
                left[word] &= np.uint32(peek(listed, 2 * i + 1))


@njit(cache=True, nogil=True)
def sum_of(packed, x):  # type: ignore[no-untyped-def] # numba infers types
    """The leaves that a row ends in, added up tree by tree; `packed`: trees as `ways.lay_out` has them."""
    start, leaf = ints(packed, 7), floats(packed, 8)
    left = np.empty(start[-1], dtype=np.uint32)
    left[:] = 0xFFFFFFFF
    strike(packed, x, left)
    total = 0.0
    for t in range(len(start) - 1):
        word = start[t]
        while left[word] == 0:
            word += 1
        total += leaf[32 * word + _lowest(left[word])]
    return total


@njit(cache=True, nogil=True)
def add_up(packed, X, out):  # type: ignore[no-untyped-def] # numba infers types
    """The same of rows."""
    for row in range(len(X)):
        out[row] = sum_of(packed, X[row])


@njit(**_QUICK)
def _down(first, middle, left, where, facts, follows, passed, work, a, c):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba
    """From the splits of a block to their children, with the products of the ways."""
    for i in range(first, middle):
        side, here = peek(left, i), load(work, 2 * wide(c) * (i - first + 1), c)
        lost = here * _lost(peek(facts, 4 * i + side), peek(where, 4 * i + 3), follows, passed, a, c)
        store(work, peek(where, 4 * i + 1 - side), lost)
        store(work, peek(where, 4 * i + side), here - lost)


@njit(**_QUICK)
def _lost(share, number, follows, passed, a, c):  # type: ignore[no-untyped-def] # numba infers types
    """Of a way's product, the share of the side that the row does not take, which took so many of those that taught."""
    if number == 0:
        return c * share
    if peek(follows, number):
        return c * share / (a + c * peek(passed, number))
    return 0.0 * c + share / peek(passed, number)


@njit(**_QUICK)
def _at_leaves(first, middle, last, left, where, facts, work, c):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba
    """The splits of two leaves."""
    for i in range(middle, last):
        way, at, told = 4 * i + peek(left, i), 2 * wide(c) * (i - first + 1), peek(where, 4 * i + 2)
        lost = c * peek(facts, way)
        store(work, at + wide(c), peek(facts, way + 2) - lost)
        store(work, told, load(work, told, c) + load(work, at, c) * lost)


@njit(**_QUICK)
def _up(first, middle, left, where, facts, follows, passed, work, a, c):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba
    """From the children to the splits of a block, with the sums of what hangs below; the features get their parts."""
    for i in range(middle - 1, first - 1, -1):
        side, at, number = peek(left, i), 2 * wide(c) * (i - first + 1), peek(where, 4 * i + 3)
        taken = load(work, peek(where, 4 * i + side) + wide(c), c) + peek(facts, 4 * i + 2 + side)
        other = load(work, peek(where, 4 * i + 1 - side) + wide(c), c) + peek(facts, 4 * i + 3 - side)
        lost = (taken - other) * _lost(peek(facts, 4 * i + side), number, follows, passed, a, c)
        store(work, at + wide(c), taken - lost)
        if peek(follows, number):
            told, here = peek(where, 4 * i + 2), load(work, at, c)
            if number > 0:
                here = here / (a + c * peek(passed, number))
            store(work, told, load(work, told, c) + here * lost)


def _sweeper(width, first_lanes):  # type: ignore[no-untyped-def] # numba infers types
    def sweep(packed, X, out):  # type: ignore[no-untyped-def] # the same
        """What each feature adds, row by row, to `out` of zeros; last, the mean. `packed`: as `levels.lay_out` has it.

        Down the splits of a block with the products of the ways, and up again with the sums of what hangs below; all
        lanes at once. With a = t and c = 1 - t by node, and z the share of the rows that taught and took all ways about
        a feature down to here, the feature's factor is a + c z while the row takes them too, and c z after that. The
        factors of the two sides of a split add up to the one before. Relative to that, the side that the row does not
        take has the share `_lost`, so that what hangs below is taken - lost x (taken - other). For that side,
        (o - z) / factor goes to -1 / c, by 1 / (c x factor before); so the feature is given the way's product x lost x
        (taken - other) / (c x factor before), and nothing where the row had left its ways above. The division by c
        comes once, in the end.
        """
        size, groups, blocks, roots = ints(packed, 7)[0], ints(packed, 8), ints(packed, 9), ints(packed, 10)
        where, again, facts, passed = words(packed, 11), words(packed, 12), floats(packed, 13), floats(packed, 14)
        nodes, weights, expected = floats(packed, 15), floats(packed, 16), floats(packed, 17)[0]
        features = len(ints(packed, 2))
        left, follows = np.empty(len(where) // 4, dtype=np.uint32), np.ones(len(passed), dtype=np.uint32)
        work = np.zeros(size + width * features)
        for row in range(len(X)):
            left[:] = 1
            strike(packed, X[row], left)
            for k in range(len(passed) - 1):
                same = peek(left, peek(again, 3 * k)) == peek(again, 3 * k + 1)
                follows[k + 1] = same * peek(follows, peek(again, 3 * k + 2))
            for g in range(len(groups) // 2):
                a = first_lanes(nodes, width * g)
                c, weight = 1.0 - a, first_lanes(weights, width * g)
                work[size:] = 0.0
                for b in range(groups[2 * g], groups[2 * g + 1]):
                    first, middle, last = blocks[4 * b], blocks[4 * b + 1], blocks[4 * b + 2]
                    for k in range(blocks[4 * b - 1] if b > 0 else 0, blocks[4 * b + 3]):
                        store(work, roots[k], weight)
                    _down(first, middle, left, where, facts, follows, passed, work, a, c)
                    _at_leaves(first, middle, last, left, where, facts, work, c)
                    _up(first, middle, left, where, facts, follows, passed, work, a, c)
                for f in range(features):
                    out[row, f] += together(load(work, size + width * f, c) / c)
            out[row, -1] = expected

    return sweep


sweep_few = njit(**_QUICK)(_sweeper(FEW, few))  # type: ignore[no-untyped-call] # numba infers types
sweep_many = njit(**_QUICK)(_sweeper(MANY, many))  # type: ignore[no-untyped-call] # the same
