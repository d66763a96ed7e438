"""LightGBM's text as arrays, walked by compiled loops: the score as LightGBM gives it, and exact contributions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.history import Floats, Ints

CATEGORICAL, DEFAULT_LEFT, MISSING = 1, 2, {0: "nothing", 2: "NaN"}
"""Bits of a split's decision_type, and, above them, what counts as missing (1 would be zero)."""
LANES = 3
"""Quadrature nodes that are worked off at once; n of them are exact for up to 2 n features on a path."""
NODE_COUNTS = (3, 6, 9, 12, 18, 33)


class Splits(NamedTuple):
    """All trees, side by side; tree t owns splits start[t]:start[t+1], a parent before its children.

    `left`, `right`: the child within the tree, or below 0 the leaf ~child, whose value is `left_value`, `right_value`;
    these are 0 where the child is a split. `code`: a categorical split sends left the codes in its set of bits,
    `word_count` of the `words` from `word_start` on; another one sends left what is at most `threshold`, and NaN where
    `nan_left`. `alone`: the values of trees without a split.
    """

    start: Ints
    feature: Ints
    threshold: Floats
    code: Ints
    nan_left: Ints
    word_start: Ints
    word_count: Ints
    left: Ints
    right: Ints
    left_value: Floats
    right_value: Floats
    words: NDArray[np.uint32]
    alone: Floats


class Paths(NamedTuple):
    """What the way down to each split is, for contributions.

    `above`: 2 x the nearest split above about the same feature, + 1 where the way goes right there; `nowhere` for
    none. `share`, `left_share`: of the rows that taught, how many took all ways about this feature down to here, and
    then went left. `left`, `right`: LANES x the child, LANES x most for a leaf. `most`: splits of the largest tree;
    `nowhere`: 2 x most.
    """

    above: Ints
    share: Floats
    left_share: Floats
    left: Ints
    right: Ints
    most: int


@dataclass(frozen=True)
class Forest:
    """Trees that add up to log-odds. `groups`: trees by how many quadrature nodes their paths ask for."""

    splits: Splits
    paths: Paths
    groups: Mapping[int, Ints]
    expected: float

    def raw(self, X: Floats) -> Floats:
        """Log-odds of rows X, shape (len(X),): to the bit what LightGBM adds up."""
        out = np.zeros(len(X))
        _walk(self.splits, np.ascontiguousarray(X), out)
        return out

    def contributions(self, X: Floats) -> Floats:
        """Exact path-dependent Shapley values (Lundberg et al. 2018), shape (len(X), features + 1); last, the mean.

        With o = 1 where a row follows the splits about a feature down to a leaf, else 0, and z the share of rows that
        does, the value of feature j is the sum over leaves of value x (o_j - z_j) x the integral over t in [0, 1] of
        the product, over the other features of the path, of (t o + (1 - t) z): a polynomial, for which Gauss-Legendre
        nodes are exact.
        """
        out = np.zeros((len(X), X.shape[1] + 1))
        for count, trees in self.groups.items():
            _sweep(self.splits, self.paths, trees, *_NODES[count], np.ascontiguousarray(X), out)
        out[:, -1] = self.expected
        return out


def parse(text: str) -> Forest:
    """The trees of LightGBM's own text.

    Raises: ValueError when its trees are of a kind that is not walked here.
    """
    trees = [_tree(block) for block in text.split("\nTree=")[1:]]
    ways = [_ways(tree) for tree in trees]
    by_count: dict[int, list[int]] = {}
    for number, way in enumerate(ways):
        if way.longest:
            by_count.setdefault(_count(way.longest), []).append(number)
    groups = {count: np.array(some, dtype=np.int64) for count, some in sorted(by_count.items())}
    splits = _side_by_side(trees)
    return Forest(splits, _paths(splits, ways), groups, float(sum(tree.mean for tree in trees)))


class _Tree(NamedTuple):
    """As LightGBM writes it."""

    split_feature: list[int]
    threshold: list[float]
    decision_type: list[int]
    left_child: list[int]
    right_child: list[int]
    leaf_value: list[float]
    internal_count: list[float]
    leaf_count: list[float]
    cat_boundaries: list[int]
    cat_threshold: list[int]

    @property
    def mean(self) -> float:
        """Over the rows that taught it."""
        if not self.split_feature:
            return self.leaf_value[0]
        weighted = sum(v * n for v, n in zip(self.leaf_value, self.leaf_count, strict=True))
        return weighted / self.internal_count[0]

    def rows(self, child: int) -> float:
        return self.internal_count[child] if child >= 0 else self.leaf_count[~child]


_REALS = {"threshold", "leaf_value", "internal_count", "leaf_count"}


def _tree(block: str) -> _Tree:
    fields = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
    if fields.get("is_linear", "0") != "0":
        raise ValueError("its trees have linear leaves")
    lists = [
        [float(each) if name in _REALS else int(each) for each in fields.get(name, "").split()]
        for name in _Tree._fields
    ]
    tree = _Tree(*lists)  # type: ignore[arg-type] # each by its name
    if any(decision >> 2 not in MISSING for decision in tree.decision_type):
        raise ValueError("its trees take zero for missing")
    return tree


def _side_by_side(trees: Sequence[_Tree]) -> Splits:
    words = [word for tree in trees for word in tree.cat_threshold]
    decision = _ints(d for tree in trees for d in tree.decision_type)
    threshold = _reals(t for tree in trees for t in tree.threshold)
    default, whole = decision & DEFAULT_LEFT != 0, np.zeros_like(decision)
    sets = [each for tree, before in zip(trees, _words_before(trees), strict=True) for each in _sets(tree, before)]
    return Splits(
        start=_starts([len(tree.split_feature) for tree in trees]),
        feature=_ints(f for tree in trees for f in tree.split_feature),
        threshold=threshold,
        code=decision & CATEGORICAL,
        nan_left=np.where(decision >> 2 == 0, threshold >= 0.0, default).astype(np.int64),
        word_start=_ints(each[0] for each in sets) + whole,
        word_count=_ints(each[1] for each in sets) + whole,
        left=_ints(child for tree in trees for child in tree.left_child),
        right=_ints(child for tree in trees for child in tree.right_child),
        left_value=_reals(_value(tree, child) for tree in trees for child in tree.left_child),
        right_value=_reals(_value(tree, child) for tree in trees for child in tree.right_child),
        words=np.array(words or [0], dtype=np.uint32),
        alone=_reals(0.0 if tree.split_feature else tree.leaf_value[0] for tree in trees),
    )


def _words_before(trees: Sequence[_Tree]) -> list[int]:
    before: list[int] = _starts([len(tree.cat_threshold) for tree in trees]).tolist()
    return before[:-1]


def _sets(tree: _Tree, before: int) -> list[tuple[int, int]]:
    """Where in all words each split's set of codes begins, and of how many words it is."""
    found = []
    for threshold, decision in zip(tree.threshold, tree.decision_type, strict=True):
        if decision & CATEGORICAL:
            first, last = tree.cat_boundaries[int(threshold)], tree.cat_boundaries[int(threshold) + 1]
            found.append((before + first, last - first))
        else:
            found.append((0, 0))
    return found


def _value(tree: _Tree, child: int) -> float:
    return 0.0 if child >= 0 else tree.leaf_value[~child]


def _ints(values: object) -> Ints:
    return np.array(list(values), dtype=np.int64)  # type: ignore[call-overload] # an iterable


def _reals(values: object) -> Floats:
    return np.array(list(values), dtype=np.float64)  # type: ignore[call-overload] # an iterable


def _starts(sizes: Sequence[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


class _Ways(NamedTuple):
    above: list[int]
    share: list[float]
    left_share: list[float]
    longest: int  # features on a path


def _ways(tree: _Tree) -> _Ways:
    size, longest = len(tree.split_feature), 0
    ways = _Ways([-1] * size, [1.0] * size, [0.0] * size, 0)
    todo: list[tuple[int, dict[int, tuple[int, float]]]] = [(0, {})] if size else []
    while todo:
        split, path = todo.pop()
        feature = tree.split_feature[split]
        above, share = path.get(feature, (-1, 1.0))
        ways.above[split], ways.share[split] = above, share
        for side, child in enumerate((tree.left_child[split], tree.right_child[split])):
            kept = share * tree.rows(child) / tree.internal_count[split]
            if side == 0:
                ways.left_share[split] = kept
            below = {**path, feature: (2 * split + side, kept)}
            longest = max(longest, len(below))
            if child >= 0:
                todo.append((child, below))
    return ways._replace(longest=longest)


def _paths(splits: Splits, ways: Sequence[_Ways]) -> Paths:
    most = max((len(way.above) for way in ways), default=0)
    above = _ints(2 * most if each < 0 else each for way in ways for each in way.above)
    left, right = (LANES * np.where(child < 0, most, child) for child in (splits.left, splits.right))
    share = _reals(z for way in ways for z in way.share)
    return Paths(above, share, _reals(z for way in ways for z in way.left_share), left, right, most)


def _count(longest: int) -> int:
    """How many quadrature nodes are exact for the longest path of a tree."""
    found = next((count for count in NODE_COUNTS if 2 * count >= longest), None)
    if found is None:
        raise ValueError(f"a path of its trees looks at {longest} features, more than {2 * NODE_COUNTS[-1]}")
    return found


_ON_MINUS_ONE_TO_ONE = {count: np.polynomial.legendre.leggauss(count) for count in NODE_COUNTS}
_NODES = {count: ((nodes + 1.0) / 2.0, weights / 2.0) for count, (nodes, weights) in _ON_MINUS_ONE_TO_ONE.items()}


@njit(cache=True, nogil=True, inline="always")
def _goes_left(x, threshold, code, nan_left, words, word_start, word_count):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba
    """Whether a value takes the left way, as LightGBM's Tree::Decision has it; without a branch for numbers."""
    if code == 0:
        return (x <= threshold) | ((x != x) & (nan_left != 0))
    if not x >= 0.0:
        return False
    number = np.int64(x)
    word = number >> 5
    return word < word_count and (words[word_start + word] >> (number & 31)) & 1 == 1


@njit(cache=True, nogil=True)
def _walk(splits, X, out):  # type: ignore[no-untyped-def] # numba infers types
    """Add up the leaves that each row falls into; a tree stays in the cache for all rows."""
    start, feature, threshold, code, nan_left, word_start, word_count, left, right = splits[:9]
    left_value, right_value, words, alone = splits[9:]
    for t in range(len(start) - 1):
        first = start[t]
        if start[t + 1] == first:
            out += alone[t]
            continue
        for row in range(len(X)):
            i, node = first, 0
            while True:
                x = X[row, feature[i]]
                if _goes_left(x, threshold[i], code[i], nan_left[i], words, word_start[i], word_count[i]):
                    node, value = left[i], left_value[i]
                else:
                    node, value = right[i], right_value[i]
                if node < 0:
                    break
                i = first + node
            out[row] += value


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"}, error_model="numpy")
def _sweep(splits, paths, trees, nodes, weights, X, out):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba
    """Down each tree with the products of a path, and up again with the sums of what hangs below; LANES nodes at once.

    At a split the factors of its two ways, each relative to what came before about the same feature, add up to 1: so
    with `rate` that of the left one, what hangs below is right + rate x (left - right), and the split's feature is
    given its way's product x (left - right) x the change of (o - z). Lanes are written out and branches avoided,
    since both double the speed; children that are leaves write to and read from a place of no meaning, of zeros.
    """
    start, feature, threshold, code, nan_left, word_start, word_count = splits[:7]
    left_value, right_value, words = splits[9:12]
    aboves, share, left_share, left, right, most = paths
    nowhere = LANES * most
    product, below = np.empty(nowhere + LANES), np.zeros(nowhere + LANES)
    rate, inverse = np.empty(nowhere), np.empty(nowhere)
    follows, told = np.ones(2 * most + 1), np.empty(LANES * out.shape[1])
    for row in range(len(X)):
        told[:] = 0.0
        for n in range(len(trees)):
            first, size = start[trees[n]], start[trees[n] + 1] - start[trees[n]]
            for lane in range(0, len(nodes), LANES):
                a0, a1, a2 = nodes[lane], nodes[lane + 1], nodes[lane + 2]
                c0, c1, c2 = 1.0 - a0, 1.0 - a1, 1.0 - a2
                product[0], product[1], product[2] = weights[lane], weights[lane + 1], weights[lane + 2]
                for s in range(size):
                    i = first + s
                    x = X[row, feature[i]]
                    went = _goes_left(x, threshold[i], code[i], nan_left[i], words, word_start[i], word_count[i])
                    h = LANES * s
                    oa, za, z = follows[aboves[i]], share[i], left_share[i]
                    o = went * oa
                    follows[2 * s], follows[2 * s + 1] = o, oa - o
                    g0, g1, g2 = 1.0 / (a0 * oa + c0 * za), 1.0 / (a1 * oa + c1 * za), 1.0 / (a2 * oa + c2 * za)
                    r0, r1, r2 = (a0 * o + c0 * z) * g0, (a1 * o + c1 * z) * g1, (a2 * o + c2 * z) * g2
                    inverse[h], inverse[h + 1], inverse[h + 2] = g0, g1, g2
                    rate[h], rate[h + 1], rate[h + 2] = r0, r1, r2
                    p0, p1, p2 = product[h], product[h + 1], product[h + 2]
                    r0, r1, r2 = p0 * r0, p1 * r1, p2 * r2
                    k = left[i]
                    product[k], product[k + 1], product[k + 2] = r0, r1, r2
                    k = right[i]
                    product[k], product[k + 1], product[k + 2] = p0 - r0, p1 - r1, p2 - r2
                for s in range(size - 1, -1, -1):
                    i = first + s
                    h, j = LANES * s, LANES * feature[i]
                    k, v = left[i], left_value[i]
                    l0, l1, l2 = below[k] + v, below[k + 1] + v, below[k + 2] + v
                    k, v = right[i], right_value[i]
                    b0, b1, b2 = below[k] + v, below[k + 1] + v, below[k + 2] + v
                    l0, l1, l2 = l0 - b0, l1 - b1, l2 - b2
                    r0, r1, r2 = rate[h], rate[h + 1], rate[h + 2]
                    p0, p1, p2 = product[h] * l0, product[h + 1] * l1, product[h + 2] * l2
                    below[h], below[h + 1], below[h + 2] = b0 + r0 * l0, b1 + r1 * l1, b2 + r2 * l2
                    d, da = follows[2 * s] - left_share[i], follows[aboves[i]] - share[i]
                    told[j] += p0 * (d - r0 * da) * inverse[h]
                    told[j + 1] += p1 * (d - r1 * da) * inverse[h + 1]
                    told[j + 2] += p2 * (d - r2 * da) * inverse[h + 2]
        for j in range(out.shape[1] - 1):
            out[row, j] += told[LANES * j] + told[LANES * j + 1] + told[LANES * j + 2]
