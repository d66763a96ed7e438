"""Where rows end in trees without going down them, laid out: QuickScorer (Lucchese et al. 2015).

The leaves of a tree, from left to right, are the bits of its words, BITS a word. All are there at first. Each split
that sends a row right takes out the leaves on its left; the lowest bit that stays is where the row ends. So splits
that send left cost nothing, none waits for another, and what is read is read in the order in which it lies.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.history import Floats, Ints
from models.forest_text import Tree
from models.packing import pack

if TYPE_CHECKING:
    from models.forest import Questions

BITS = 32
_ALL = (1 << BITS) - 1


class Pieces(NamedTuple):
    """What splits do to words, sorted by the number of the question: `keeps`, shape (pieces, 2): a word and the bits
    that stay in it where the split sends right; a split of many leaves has several.
    """

    question: Ints
    keeps: NDArray[np.uint32]


def lay_out(trees: Sequence[Tree], place: Sequence[NDArray[np.int32]], questions: "Questions") -> Ints:
    """The trees as `forest_kernel.add_up` takes them; `place`: of each tree, the numbers of its questions.

    By feature, the pieces of its thresholds as they rise; then lists of pieces: of a number the one of NaN, of a
    category one a code up to the highest that any split sends left, and one of all other values.
    """
    spans = [_spans(tree) for tree in trees]
    start, leaf = _leaves(trees, [order for _, order in spans])
    pieces = _pieces([left for left, _ in spans], place, start)
    first, thresholds, rising = [0], list[Floats](), list[NDArray[np.uint32]]()
    base, codes, lists = [0], list[int](), list[NDArray[np.uint32]]()
    for f, is_set in enumerate(questions.sets):
        between = slice(*np.searchsorted(pieces.question, questions.start[f : f + 2]))
        asked, keeps = pieces.question[between], pieces.keeps[between]
        if is_set:
            right = _sent_right(questions, asked)
        else:
            order = np.argsort(questions.threshold[asked], kind="stable")
            thresholds.append(questions.threshold[asked[order]])
            rising.append(keeps[order])
            right = questions.nan_right[asked][None] == 1
        first.append(sum(map(len, thresholds)))
        codes.append(len(right) - 1)
        base.append(base[-1] + len(right))
        lists += [keeps[each] for each in right]
    numbers = (first, base, codes, [0, *np.cumsum([len(each) for each in lists])], start)
    several = (np.concatenate([np.zeros((0, 2), dtype=np.uint32), *each]).ravel() for each in (rising, lists))
    return pack(
        *(np.array(each, dtype=np.int64) for each in numbers), *several, np.concatenate([[], *thresholds]), leaf
    )


def _leaves(trees: Sequence[Tree], orders: Sequence[Sequence[int]]) -> tuple[list[int], Floats]:
    """The first word of each tree, and of none; the values of the leaves by their bits."""
    start, leaf = [0], list[float]()
    for tree, order in zip(trees, orders, strict=True):
        start.append(start[-1] + -(-len(order) // BITS))
        leaf += [tree.leaf_value[each] for each in order]
        leaf += [0.0] * (BITS * start[-1] - len(leaf))
    return start, np.array(leaf, dtype=np.float64)


def _spans(tree: Tree) -> tuple[list[tuple[int, int]], list[int]]:
    """From which to before which bit the leaves on the left of each split are; and the leaves in the order of bits."""
    below = [0] * len(tree.split_feature)
    pairs = list(zip(tree.left_child, tree.right_child, strict=True))
    for split in reversed(range(len(below))):  # a parent comes before its children
        below[split] = sum(below[child] if child >= 0 else 1 for child in pairs[split])
    at, order, spans = [0] * len(below), [0] * len(tree.leaf_value), list[tuple[int, int]]()
    for split, (left, right) in enumerate(pairs):
        middle = at[split] + (below[left] if left >= 0 else 1)
        spans.append((at[split], middle))
        for child, bit in ((left, at[split]), (right, middle)):
            if child >= 0:
                at[child] = bit
            else:
                order[bit] = ~child
    return spans, order


def _pieces(
    spans: Sequence[Sequence[tuple[int, int]]], place: Sequence[NDArray[np.int32]], start: Sequence[int]
) -> Pieces:
    found = [
        (number, word, keeps)
        for left, numbers, first in zip(spans, place, start, strict=False)
        for number, span in zip(numbers.tolist(), left, strict=True)
        for word, keeps in _kept(first, *span)
    ]
    table = np.array(sorted(found), dtype=np.int64).reshape(-1, 3)
    return Pieces(table[:, 0], table[:, 1:].astype(np.uint32))


def _kept(start: int, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The words of a tree that lose bits from `first` to before `last`, and the bits that stay in each."""
    for word in range(first // BITS, (last - 1) // BITS + 1):
        lost = ((1 << last) - (1 << first)) >> BITS * word
        yield start + word, _ALL & ~lost


def _sent_right(questions: "Questions", asked: Ints) -> NDArray[np.bool_]:
    """Whether each split of a category sends each code right, shape (codes + 1, splits); the last: any other value."""
    count = questions.word_count[asked]
    word = np.arange(count.max())[:, None]
    there = word < count
    bits = np.where(there, questions.words[np.where(there, questions.word_start[asked] + word, 0)], 0)
    left = (bits[:, None] >> np.arange(BITS)[:, None] & 1).reshape(-1, len(asked)) == 1
    codes = int(np.flatnonzero(left.any(axis=1)).max(initial=0)) + 1  # 0 would be a number
    return np.concatenate([~left[:codes], np.ones((1, len(asked)), dtype=np.bool_)])
