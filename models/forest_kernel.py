"""The compiled loops over trees: which way splits send a row, where it ends, and what each feature added."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from models.lanes import FEW, MANY, load_few, load_many, store_few, store_many
from models.packing import floats, ints, words


@njit(cache=True, nogil=True, inline="always")
def _answer(start, sets, threshold, nan_right, word_start, word_count, words, x, goes_right):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba
    """Which splits send a row right (1), as LightGBM's Tree::Decision has it: those of one feature in one go."""
    for f in range(len(sets)):
        value, first, last = x[f], start[f], start[f + 1]
        if sets[f] == 0:
            if value == value:
                for i in range(first, last):
                    goes_right[i] = value > threshold[i]
            else:
                for i in range(first, last):
                    goes_right[i] = nan_right[i]
        elif value >= 0.0:
            number = np.int64(value)
            word, bit = number >> 5, np.uint32(number & 31)
            for i in range(first, last):
                known = word < word_count[i]
                goes_right[i] = 1 - ((words[word_start[i] + word] >> bit) & 1) if known else 1
        else:
            for i in range(first, last):
                goes_right[i] = 1


@njit(cache=True, nogil=True)
def ask(start, sets, threshold, nan_right, word_start, word_count, words, X, goes_right):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba
    """Which splits send each row right, into `goes_right`, shape (rows, splits)."""
    for row in range(len(X)):
        _answer(start, sets, threshold, nan_right, word_start, word_count, words, X[row], goes_right[row])


@intrinsic  # type: ignore[untyped-decorator] # numba has no types of its own
def _lowest(_: object, word: Any) -> Any:
    """The place of the lowest bit of a uint32 that is not 0."""

    def make(_: object, builder: ir.IRBuilder, __: object, args: tuple[ir.Value, ...]) -> ir.Value:
        return builder.zext(builder.cttz(args[0], ir.Constant(ir.IntType(1), 1)), ir.IntType(64))

    return types.int64(word), make


@njit(cache=True, nogil=True)
def sum_of(packed, x):  # type: ignore[no-untyped-def] # numba infers types
    """The leaves that a row ends in, added up tree by tree; `packed`: trees as `ways.lay_out` has them."""
    first, base, codes = ints(packed, 0), ints(packed, 1), ints(packed, 2)
    lists, start = ints(packed, 3), ints(packed, 4)
    rising, listed, threshold, leaf = words(packed, 5), words(packed, 6), floats(packed, 7), floats(packed, 8)
    left = np.empty(start[-1], dtype=np.uint32)
    left[:] = 0xFFFFFFFF
    for f in range(len(codes)):
        value, others = x[f], codes[f]
        if others == 0 and value == value:
            for i in range(first[f], first[f + 1]):
                if not threshold[i] < value:
                    break
                left[rising[2 * i]] &= rising[2 * i + 1]
        else:
            each = base[f] + (np.int64(value) if 0.0 <= value < others else others)
            for i in range(lists[each], lists[each + 1]):
                left[listed[2 * i]] &= listed[2 * i + 1]
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


def _sweeper(width, load, store):  # type: ignore[no-untyped-def] # numba infers types
    """Down each tree with the products of a path, and up again with the sums of what hangs below; all lanes at once.

    At a split the factors of its two ways, each relative to what came before about the same feature, add up to 1: so
    with `rate` that of the left one, what hangs below is right + rate x (left - right), and the split's feature is
    given its way's product x (left - right) x the change of (o - z) (`gain`). Branches are avoided, and children that
    are leaves write to and read from a place of no meaning, of zeros. Where the row left the way about this feature
    above, both ways keep their shares and nothing is gained.
    """

    def sweep(start, where, facts, above, again, nodes, weights, most, goes_right, out):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba
        product, below = np.empty(width * (most + 1)), np.zeros(width * (most + 1))
        rates, gains = np.empty(width * most), np.empty(width * most)
        follows, told, flat, columns = np.ones(2 * most), np.empty(width * out.shape[1]), again.ravel(), 2 + width
        a, weight = load(nodes, 0), load(weights, 0)
        c = 1.0 - a
        for row in range(len(goes_right)):
            told[:] = 0.0
            for t in range(len(start) - 1):
                first, last = start[t], start[t + 1]
                store(product, 0, weight)
                for i in range(first, last):
                    s, left, share, number = i - first, 1.0 - goes_right[row, where[i, 0]], facts[i, 0], where[i, 1]
                    if number < 0:
                        follows[2 * s], follows[2 * s + 1] = left, 1.0 - left
                        rate = a * left + c * share
                        store(gains, width * s, 0.0 * a + (left - share))
                    else:
                        k, on = columns * number, follows[above[number]]
                        left *= on
                        follows[2 * s], follows[2 * s + 1] = left, on - left
                        inverse = load(flat, k + 2) * on
                        rate = (a * left + c * share) * inverse + (1.0 - on) * flat[k + 1]
                        store(gains, width * s, ((left - share) - rate * (on - flat[k])) * inverse)
                    store(rates, width * s, rate)
                    here = load(product, width * s)
                    there = here * rate
                    store(product, where[i, 2], there)
                    store(product, where[i, 3], here - there)
                for i in range(last - 1, first - 1, -1):
                    at, j = width * (i - first), where[i, 4]
                    right = load(below, where[i, 3]) + facts[i, 2]
                    more = load(below, where[i, 2]) + facts[i, 1] - right
                    store(below, at, right + load(rates, at) * more)
                    store(told, j, load(told, j) + load(product, at) * more * load(gains, at))
            for j in range(out.shape[1] - 1):
                for lane in range(width):
                    out[row, j] += told[width * j + lane]

    return sweep


_QUICK = {"cache": True, "nogil": True, "fastmath": {"contract", "reassoc", "nsz"}, "error_model": "numpy"}
sweep_few = njit(**_QUICK)(_sweeper(FEW, load_few, store_few))  # type: ignore[no-untyped-call] # numba infers types
sweep_many = njit(**_QUICK)(_sweeper(MANY, load_many, store_many))  # type: ignore[no-untyped-call] # the same
