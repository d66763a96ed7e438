"""LightGBM's text of a tree, read, and the ways down it."""

from typing import NamedTuple

CATEGORICAL, DEFAULT_LEFT, MISSING = 1, 2, {0: "nothing", 2: "NaN"}
"""Bits of a split's decision_type, and, above them, what counts as missing (1 would be zero)."""


class Tree(NamedTuple):
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
        """That taught and came to a child."""
        return self.internal_count[child] if child >= 0 else self.leaf_count[~child]


_REALS = {"threshold", "leaf_value", "internal_count", "leaf_count"}


def read(block: str) -> Tree:
    """A tree from its block of LightGBM's text.

    Raises: ValueError when it is of a kind that is not walked here.
    """
    fields = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
    if fields.get("is_linear", "0") != "0":
        raise ValueError("its trees have linear leaves")
    lists = [
        [float(each) if name in _REALS else int(each) for each in fields.get(name, "").split()] for name in Tree._fields
    ]
    tree = Tree(*lists)  # type: ignore[arg-type] # each by its name
    if any(decision >> 2 not in MISSING for decision in tree.decision_type):
        raise ValueError("its trees take zero for missing")
    return tree


def bits_of(tree: Tree, before: int) -> list[tuple[int, int]]:
    """Where in all words each split's set of codes begins, and of how many words it is."""
    found = []
    for threshold, decision in zip(tree.threshold, tree.decision_type, strict=True):
        if decision & CATEGORICAL:
            first, last = tree.cat_boundaries[int(threshold)], tree.cat_boundaries[int(threshold) + 1]
            found.append((before + first, last - first))
        else:
            found.append((0, 0))
    return found


class Path(NamedTuple):
    """Of each split of a tree: how many are above it (`level`); 2 x the nearest one `above` about the same feature, + 1
    where the way goes right there, -1 where there is none; of the rows that taught and took all ways about this feature
    down to here, the `share` of all; of these, that went left then (`left_share`). `longest`: features on a way.
    """

    level: list[int]
    above: list[int]
    share: list[float]
    left_share: list[float]
    longest: int


def path_of(tree: Tree) -> Path:
    """How the ways down a tree look from each split."""
    size, longest = len(tree.split_feature), 0
    way = Path([0] * size, [-1] * size, [1.0] * size, [0.0] * size, 0)
    todo: list[tuple[int, dict[int, tuple[int, float]]]] = [(0, {})] if size else []
    while todo:
        split, path = todo.pop()
        feature = tree.split_feature[split]
        above, share = path.get(feature, (-1, 1.0))
        way.above[split], way.share[split] = above, share
        for side, child in enumerate((tree.left_child[split], tree.right_child[split])):
            kept = share * tree.rows(child) / tree.internal_count[split]
            if side == 0:
                way.left_share[split] = kept
            below = {**path, feature: (2 * split + side, kept)}
            longest = max(longest, len(below))
            if child >= 0:
                way.level[child] = way.level[split] + 1
                todo.append((child, below))
    return way._replace(longest=longest)
