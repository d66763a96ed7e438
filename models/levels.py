"""Trees laid out for their contributions: some at once, level by level, so that no split waits for the one before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from features.history import Floats, Ints
from models.forest_text import Path, Tree, path_of
from models.lanes import FEW, MANY
from models.packing import pack
from models.questions import Pieces, Questions, Small, by_value

NODE_COUNTS = (FEW, MANY, 2 * MANY, 3 * MANY, 5 * MANY)
"""Quadrature nodes, worked off FEW or MANY at once; n of them are exact for up to 2 n features on a path."""
SPLITS_AT_ONCE = 100
"""Trees make up a block until it has so many: enough to overlap, few enough to stay in the nearest cache."""

Known = tuple[Tree, Path, Small]
"""A tree, the ways down it, and the numbers of its questions."""


@dataclass
class Layout:
    """Splits in the order in which `forest_kernel.sweep` takes them, each with its place in the work of its block: by
    turns the product of the way down to it and the sum of what hangs below, `width` lanes each. The first place is of
    no meaning, for children that are leaves; behind the places of the largest block are the features' sums.

    `number`: of its question. `where`, four a split: the places of its child on the right and on the left, its feature,
    and its number among those that ask again about a feature, 0 where it is the first to on its way. `facts`, four a
    split: of the rows that taught and took all ways about its feature down to here, the share that went left, that went
    right; the values of the children on the right and on the left, 0 where they are no leaves. Splits of two leaves
    that are the first to ask come last in a block and have, instead of the shares, what they take from the leaf's
    value: the share x the difference of the right from the left, and of the left from the right.
    `again`, three a split that asks again: the nearest split above about the same feature, whether the way goes left
    there, and its number among these; `passed`: the share of rows that came down to here, with 1 for all others.
    `blocks`, four each: its first split, its first one of two leaves, its end, the end of its `roots` (places).
    """

    width: int
    number: list[int] = field(default_factory=list)
    where: list[tuple[int, ...]] = field(default_factory=list)
    facts: list[tuple[float, ...]] = field(default_factory=list)
    again: list[tuple[int, ...]] = field(default_factory=list)
    passed: list[float] = field(default_factory=lambda: [1.0])
    blocks: list[tuple[int, ...]] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)

    def add(self, block: Sequence[Known]) -> None:
        """One more block."""
        order = sorted((*_turn(tree, path, s), t, s) for t, (tree, path, _) in enumerate(block) for s in _splits(tree))
        place = {(t, s): 2 * self.width * k for k, (*_, t, s) in enumerate(order, 1)}
        first, asks = len(self.where), dict[tuple[int, int], int]()
        for last, _, again, t, s in order:
            tree, path, numbers = block[t]
            self.number.append(int(numbers[s]))
            if again:
                above, side = divmod(path.above[s], 2)
                split = first + place[t, above] // (2 * self.width) - 1
                self.again.append((split, 1 - side, asks.get((t, above), 0)))
                self.passed.append(path.share[s])
                asks[t, s] = len(self.again)
            right, left = tree.right_child[s], tree.left_child[s]
            there = [place[t, child] if child >= 0 else 0 for child in (right, left)]
            self.where.append((*there, tree.split_feature[s], asks.get((t, s), 0)))
            self.facts.append(_facts(tree, path, s, last=last))
        ends = (sum(not last for last, *_ in order), len(order))
        self.roots += [place[t, 0] for t in range(len(block))]
        self.blocks.append((first, *(first + end for end in ends), len(self.roots)))

    def packed(self, questions: Questions, groups: Sequence[tuple[int, int, Floats, Floats]], expected: float) -> Ints:
        """All of it as `forest_kernel.sweep` takes it. `groups`: from which block to before which, by which nodes and
        weights, as many as the width.
        """
        largest = max((last - first for first, _, last, _ in self.blocks), default=0)
        told = 2 * self.width * (largest + 1)
        where = np.array(self.where, dtype=np.uint32).reshape(-1, 4)
        where[:, 2] = told + self.width * where[:, 2]
        order = np.argsort(self.number)
        keeps = np.stack([order, np.zeros_like(order)], axis=1).astype(np.uint32)
        struck = by_value(questions, Pieces(np.array(self.number, dtype=np.int64)[order], keeps))
        nodes, weights = (np.array([group[k] for group in groups], dtype=np.float64) for k in (2, 3))
        several = (np.array([group[:2] for group in groups]), np.array(self.blocks), np.array(self.roots))
        counts = (each.astype(np.int64).ravel() for each in several)
        again = np.array(self.again, dtype=np.uint32).ravel()
        reals = (np.array(each, dtype=np.float64).ravel() for each in (self.facts, self.passed))
        mean = np.array([expected])
        return pack(
            *struck, np.array([told]), *counts, where.ravel(), again, *reals, nodes.ravel(), weights.ravel(), mean
        )


def _splits(tree: Tree) -> range:
    return range(len(tree.split_feature))


def _turn(tree: Tree, path: Path, split: int) -> tuple[bool, int, bool]:
    """Whether a split comes last, else its level, and whether it asks again: one kind after the other."""
    again, leaves = path.above[split] >= 0, tree.left_child[split] < 0 and tree.right_child[split] < 0
    last = leaves and not again
    return last, 0 if last else path.level[split], again


def _facts(tree: Tree, path: Path, split: int, *, last: bool) -> tuple[float, ...]:
    """Of one split, as `Layout` has them."""
    right, left = (
        tree.leaf_value[~each[split]] if each[split] < 0 else 0.0 for each in (tree.right_child, tree.left_child)
    )
    goes_left = path.left_share[split]
    goes_right = path.share[split] - goes_left
    if last:
        return goes_left * (right - left), goes_right * (left - right), right, left
    return goes_left, goes_right, right, left


def lay_out(trees: Sequence[Tree], place: Sequence[Small], questions: Questions) -> tuple[int, Ints]:
    """How many lanes there are, and the trees as `forest_kernel.sweep` takes them.

    `place`: of each tree, the numbers of its questions. FEW nodes where that does for all trees, else by MANY.
    """
    known = [(tree, path_of(tree), numbers) for tree, numbers in zip(trees, place, strict=True) if len(numbers)]
    counts = [_count(path.longest) for _, path, _ in known]
    least = FEW if max(counts, default=FEW) == FEW else MANY
    layout, groups = Layout(least), list[tuple[int, int, Floats, Floats]]()
    for count in sorted({max(count, least) for count in counts}):
        first = len(layout.blocks)
        for block in _blocks([each for each, its in zip(known, counts, strict=True) if max(its, least) == count]):
            layout.add(block)
        nodes, weights = np.polynomial.legendre.leggauss(count)
        for at in range(0, count, least):
            some = slice(at, at + least)
            groups.append((first, len(layout.blocks), (nodes[some] + 1.0) / 2.0, weights[some] / 2.0))
    return least, layout.packed(questions, groups, float(sum(tree.mean for tree in trees)))


def _count(longest: int) -> int:
    """How many quadrature nodes are exact for the longest path of a tree."""
    found = next((count for count in NODE_COUNTS if 2 * count >= longest), None)
    if found is None:
        raise ValueError(f"a path of its trees looks at {longest} features, more than {2 * NODE_COUNTS[-1]}")
    return found


def _blocks(some: Sequence[Known]) -> Iterator[list[Known]]:
    block = list[Known]()
    for each in some:
        block.append(each)
        if sum(len(numbers) for *_, numbers in block) >= SPLITS_AT_ONCE:
            yield block
            block = []
    if block:
        yield block
