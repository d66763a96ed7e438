"""LightGBM's text as arrays, walked by compiled loops: the score as LightGBM gives it, and exact contributions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.history import Floats, Ints
from models.forest_kernel import add_up, ask, sweep_few, sweep_many
from models.forest_text import CATEGORICAL, DEFAULT_LEFT, Path, Tree, bits_of, path_of, read
from models.lanes import FEW, MANY
from models.ways import lay_out

NODE_COUNTS = (FEW, MANY, 2 * MANY, 3 * MANY, 5 * MANY)
"""Quadrature nodes, worked off FEW or MANY at once; n of them are exact for up to 2 n features on a path."""
ROWS_AT_ONCE = 64
"""Of whose splits it is kept at once which way they go."""
INT = np.int32

Small = NDArray[np.int32]


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
    words: NDArray[np.uint32]


class Ways(NamedTuple):
    """The trees as `forest_kernel.add_up` takes them, and how many splits they have."""

    packed: Ints
    splits: int


class Group(NamedTuple):
    """Trees whose paths ask for the same number of quadrature nodes, of which it has a `width`, in order.

    Tree t owns splits start[t]:start[t+1], a parent before its children. `where`, shape (splits, 5): of each the number
    of its question; its number among those that ask `again` about a feature, below 0 where it is the first to on its
    way; width x the child on the left and on the right, or x `most` for a leaf; width x its feature. `facts`, shape
    (splits, 3): of the rows that taught and took all ways about this feature down to here, then left, the share of all;
    the values of the children that are leaves. `above`: for those that ask again, 2 x the nearest split above about the
    same feature, + 1 where the way goes right there; `again`, shape (those, 2 + width): the share of rows that came
    down to here; of these, that went left; 1 / (a + (1 - a) x the first) by node a. `most`: splits of the largest tree.
    """

    start: Ints
    where: Small
    facts: Floats
    above: Small
    again: Floats
    nodes: Floats
    weights: Floats
    most: int
    width: int


@dataclass(frozen=True)
class Forest:
    """Trees that add up to log-odds; `expected`: their mean."""

    questions: Questions
    ways: Ways
    groups: tuple[Group, ...]
    expected: float

    def raw(self, X: Floats) -> Floats:
        """Log-odds of rows X, shape (len(X),): to the bit what LightGBM adds up."""
        out = np.empty(len(X))
        add_up(self.ways.packed, np.ascontiguousarray(X), out)
        return out

    def contributions(self, X: Floats) -> Floats:
        """Exact path-dependent Shapley values (Lundberg et al. 2018), shape (len(X), features + 1); last, the mean.

        With o = 1 where a row follows the splits about a feature down to a leaf, else 0, and z the share of rows that
        does, the value of feature j is the sum over leaves of value x (o_j - z_j) x the integral over t in [0, 1] of
        the product, over the other features of the path, of (t o + (1 - t) z): a polynomial, for which Gauss-Legendre
        nodes are exact.
        """
        out = np.zeros((len(X), X.shape[1] + 1))
        for at in range(0, len(X), ROWS_AT_ONCE):
            some = slice(at, at + ROWS_AT_ONCE)
            goes_right = np.empty((len(X[some]), self.ways.splits), dtype=np.uint8)
            ask(*self.questions, np.ascontiguousarray(X[some]), goes_right)
            for group in self.groups:
                sweep = sweep_few if group.width == FEW else sweep_many
                sweep(*group[:-1], goes_right, out[some])
        out[:, -1] = self.expected
        return out


def parse(text: str) -> Forest:
    """The trees of LightGBM's own text.

    Raises: ValueError when its trees are of a kind that is not walked here.
    """
    trees = [read(block) for block in text.split("\nTree=")[1:]]
    place, questions = _questions(trees)
    ways = Ways(lay_out(trees, place, questions), len(questions.threshold))
    expected = float(sum(tree.mean for tree in trees))
    return Forest(questions, ways, _groups(trees, place), expected)


def _questions(trees: Sequence[Tree]) -> tuple[list[Small], Questions]:
    """The splits of all trees sorted by feature; of each tree, the numbers that its splits are given thereby."""
    feature = _ints(f for tree in trees for f in tree.split_feature)
    order = np.argsort(feature, kind="stable")
    number = np.empty(len(order), dtype=INT)
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


def _ints(values: object) -> Ints:
    return np.array(list(values), dtype=np.int64)  # type: ignore[call-overload] # an iterable


def _starts(sizes: Sequence[int]) -> list[int]:
    return [0, *accumulate(sizes)]


def _groups(trees: Sequence[Tree], place: Sequence[Small]) -> tuple[Group, ...]:
    """Trees with splits by the nodes that they ask for: FEW where that does for all of them, else by MANY."""
    known = [(tree, path_of(tree), numbers) for tree, numbers in zip(trees, place, strict=True) if len(numbers)]
    counts = [_count(path.longest) for _, path, _ in known]
    least = FEW if max(counts, default=FEW) == FEW else MANY
    found = list[Group]()
    for count in sorted({max(count, least) for count in counts}):
        some = [each for each, its in zip(known, counts, strict=True) if max(its, least) == count]
        width = min(count, MANY)
        nodes, weights = np.polynomial.legendre.leggauss(count)
        for at in range(0, count, width):
            between = slice(at, at + width)
            found.append(_group(some, (nodes[between] + 1.0) / 2.0, weights[between] / 2.0))
    return tuple(found)


def _count(longest: int) -> int:
    """How many quadrature nodes are exact for the longest path of a tree."""
    found = next((count for count in NODE_COUNTS if 2 * count >= longest), None)
    if found is None:
        raise ValueError(f"a path of its trees looks at {longest} features, more than {2 * NODE_COUNTS[-1]}")
    return found


def _group(some: Sequence[tuple[Tree, Path, Small]], nodes: Floats, weights: Floats) -> Group:
    width, sizes = len(nodes), [len(numbers) for _, _, numbers in some]
    most, where, facts = max(sizes), list[tuple[int, ...]](), list[tuple[float, ...]]()
    above, again = list[int](), list[tuple[float, float]]()
    for tree, path, numbers in some:
        first = [each < 0 for each in path.above]
        number = [-1 if it else len(above) + first[:s].count(False) for s, it in enumerate(first)]
        above += [each for each in path.above if each >= 0]
        left, right = ([width * (most if c < 0 else c) for c in each] for each in (tree.left_child, tree.right_child))
        features = [width * feature for feature in tree.split_feature]
        where += zip(numbers.tolist(), number, left, right, features, strict=True)
        values = (
            [0.0 if c >= 0 else tree.leaf_value[~c] for c in each] for each in (tree.left_child, tree.right_child)
        )
        facts += zip(path.left_share, *values, strict=True)
        shares = zip(path.share, path.left_share, first, strict=True)
        again += [(z, below / z) for z, below, it in shares if not it]
    known = np.array(again, dtype=np.float64).reshape(-1, 2)
    inverse = 1.0 / (nodes + (1.0 - nodes) * known[:, :1])
    start, each = np.array(_starts(sizes), dtype=np.int64), np.array(where, dtype=INT)
    asked = (np.array(above, dtype=INT), np.hstack([known, inverse]))
    return Group(start, each, np.array(facts), *asked, nodes, weights, most, width)
