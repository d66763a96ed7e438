"""What the splits of trees ask: sorted by feature, and by the values that send a row right."""

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.history import Floats, Ints
from models.forest_text import CATEGORICAL, DEFAULT_LEFT, Tree, bits_of

Small = NDArray[np.int32]
Words = NDArray[np.uint32]
BITS = 32
"""Of a word."""


class Questions(NamedTuple):
    """All splits sorted by the feature that they ask about: feature f owns start[f]:start[f+1].

    A categorical feature (`sets`) sends left the codes in a split's set of bits, `word_count` of the `words` from
    `word_start` on; another one sends left what is at most `threshold`, and NaN where not `nan_right`.
    """

    start: Ints
    sets: NDArray[np.uint8]
    threshold: Floats
    nan_right: NDArray[np.uint8]
    word_start: Ints
    word_count: Ints
    words: Words


class Pieces(NamedTuple):
    """What splits that send a row right do to words, sorted by the number of the question; a split may have several.

    `keeps`, shape (pieces, 2): a word, and the bits that stay in it.
    """

    question: Ints
    keeps: Words


def questions_of(trees: Sequence[Tree]) -> tuple[list[Small], Questions]:
    """The splits of all trees sorted by feature; of each tree, the numbers that its splits are given thereby."""
    feature = _ints(f for tree in trees for f in tree.split_feature)
    order = np.argsort(feature, kind="stable")
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order))
    decision = _ints(d for tree in trees for d in tree.decision_type)[order]
    threshold = np.array([t for tree in trees for t in tree.threshold], dtype=np.float64)[order]
    start = np.searchsorted(feature[order], np.arange(int(feature.max(initial=-1)) + 2)).astype(np.int64)
    sets = np.zeros(len(start) - 1, dtype=np.uint8)
    sets[feature[order]] = decision & CATEGORICAL
    nan_left = np.where(decision >> 2 == 0, threshold >= 0.0, decision & DEFAULT_LEFT != 0)
    before = _starts([len(tree.cat_threshold) for tree in trees])
    bounds = [each for tree, first in zip(trees, before, strict=False) for each in bits_of(tree, first)]
    of_sets = np.array(bounds, dtype=np.int64).reshape(-1, 2)[order]
    bits = np.array([word for tree in trees for word in tree.cat_threshold] or [0], dtype=np.uint32)
    kept = (np.ascontiguousarray(of_sets[:, 0]), np.ascontiguousarray(of_sets[:, 1]), bits)
    ends = _starts([len(tree.split_feature) for tree in trees])
    place = [number[first:last] for first, last in pairwise(ends)]
    return place, Questions(start, sets, threshold, (~nan_left).astype(np.uint8), *kept)


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _starts(sizes: Sequence[int]) -> list[int]:
    return [0, *accumulate(sizes)]


def by_value(questions: Questions, pieces: Pieces) -> tuple[NDArray[np.generic], ...]:
    """The pieces as `forest_kernel.strike` takes them, in the order of its arguments.

    By feature, the pieces of its thresholds as they rise; then lists of pieces: of a number the one of NaN, of a
    category one a code up to the highest that any split sends left, and one of all other values.
    """
    first, thresholds, rising = [0], list[Floats](), list[Words]()
    base, codes, lists = [0], list[int](), list[Words]()
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
    numbers = (first, base, codes, [0, *np.cumsum([len(each) for each in lists])])
    several = (np.concatenate([np.zeros((0, 2), dtype=np.uint32), *each]).ravel() for each in (rising, lists))
    return *(np.array(each, dtype=np.int64) for each in numbers), *several, np.concatenate([[], *thresholds])


def _sent_right(questions: Questions, asked: Ints) -> NDArray[np.bool_]:
    """Whether each split of a category sends each code right, shape (codes + 1, splits); the last: any other value."""
    count = questions.word_count[asked]
    word = np.arange(count.max())[:, None]
    there = word < count
    bits = np.where(there, questions.words[np.where(there, questions.word_start[asked] + word, 0)], 0)
    left = (bits[:, None] >> np.arange(BITS)[:, None] & 1).reshape(-1, len(asked)) == 1
    codes = int(np.flatnonzero(left.any(axis=1)).max(initial=0)) + 1  # 0 would be a number
    return np.concatenate([~left[:codes], np.ones((1, len(asked)), dtype=np.bool_)])
