"""Where rows end in trees without going down them, laid out: QuickScorer (Lucchese et al. 2015).

The leaves of a tree, from left to right, are the bits of its words, BITS a word. All are there at first. Each split
that sends a row right takes out the leaves on its left; the lowest bit that stays is where the row ends. So splits
that send left cost nothing, none waits for another, and what is read is read in the order in which it lies.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from features.history import Floats, Ints
from models.forest_text import Tree
from models.packing import pack
from models.questions import BITS, Pieces, Questions, Small, by_value

_ALL = (1 << BITS) - 1


def lay_out(trees: Sequence[Tree], place: Sequence[Small], questions: Questions) -> Ints:
    """The trees as `forest_kernel.add_up` takes them; `place`: of each tree, the numbers of its questions."""
    spans = [_spans(tree) for tree in trees]
    start, leaf = _leaves(trees, [order for _, order in spans])
    struck = by_value(questions, _pieces([left for left, _ in spans], place, start))
    return pack(*struck, np.array(start, dtype=np.int64), leaf)


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


def _pieces(spans: Sequence[Sequence[tuple[int, int]]], place: Sequence[Small], start: Sequence[int]) -> Pieces:
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
