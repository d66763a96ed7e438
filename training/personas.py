"""Finds personas: a small tree over who leads are, grown on the older leads and counted on newer ones."""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from features.catalogue import Catalogue
from features.history import Floats, Ints
from features.profile import Attribute
from features.readings import READINGS
from features.titles import plain
from models.importance import SEGMENTS
from models.personas import KINDS, Condition, Persona, Personas
from training.dataset import Dataset

LEAVES, DEPTH, FOLDS = 6, 3, 5
LEAST, LEAST_SHARE = 30, 0.05
"""Leads of the smallest persona, and their share."""
NOT_WHO = frozenset({"owner", "responsable"}).union(*SEGMENTS.values())
"""How a lead came, or whose it is, is not who it is."""
LEVELS_AT_MOST = 20
"""A rule about more levels is a list that nobody reads."""
Columns = Callable[[Catalogue, Dataset], Floats]
"""The columns of a catalogue for some moments."""


def find(columns: Columns, catalogue: Catalogue, train: Dataset, test: Dataset, seed: int = 0) -> Personas:
    """Personas grown on `train` and counted on `test`; where nothing tells wins apart there is one: everybody."""
    read = {each.name for each in catalogue.attributes if each.kind in READINGS}
    attributes = tuple(each for each in catalogue.attributes if _says_who(each, read))
    bare = Personas(attributes, ())
    X, won = columns(bare.catalogue, train), train.won
    leaves = _grown(attributes, X, won, seed) if attributes and 0 < won.sum() < len(won) else [()]
    grown = Personas(attributes, tuple(Persona(conditions, {}, {}) for conditions in leaves))
    newer = columns(grown.catalogue, test)
    learned, judged = _counts(grown, X, train), _counts(grown, newer, test)
    each = [replace(one, learned=was, judged=is_) for one, was, is_ in zip(grown.each, learned, judged, strict=True)]
    return replace(grown, each=tuple(sorted(each, key=lambda one: -one.learned["wins"] / max(1, one.learned["leads"]))))


def _says_who(attribute: Attribute, read: Set[str]) -> bool:
    """Whether it says who a lead is, briefly enough to be told; a title says it by what is read out of it."""
    raw = attribute.kind == "category" and (attribute.name in read or len(attribute.levels) > LEVELS_AT_MOST)
    named = plain(attribute.name.replace("_", " "))
    return attribute.kind in KINDS and not raw and named not in NOT_WHO


def _counts(personas: Personas, X: Floats, data: Dataset) -> list[dict[str, Any]]:
    """Leads, wins and what the wins brought, a persona each."""
    place = personas.place(X)
    found = []
    for number in range(len(personas.each)):
        mine = place == number
        amounts = data.amount[mine & (data.won == 1)]
        wins = int(data.won[mine].sum())
        found.append({"leads": int(mine.sum()), "wins": wins, "value": float(np.nansum(amounts))})
    return found


@dataclass(frozen=True)
class _Coded:
    """A column as a tree sees it: levels in the order of their share of wins, what is not given as one more value.

    `order`: of levels, their codes from the lowest share up, -1 for not given; None for numbers, which are as they are,
    not given being below all of them.
    """

    attribute: Attribute
    values: Floats
    order: Ints | None
    below: float


def _coded(attribute: Attribute, column: Floats, won: Floats) -> _Coded:
    given = np.isfinite(column)
    if not _has_levels(attribute):
        below = float(column[given].min()) - 1.0 if given.any() else -1.0
        return _Coded(attribute, np.where(given, column, below), None, below)
    codes = np.where(given, column, -1).astype(np.int64)
    there = np.unique(codes)
    base = won.mean()
    share = [(won[codes == code].sum() + 10 * base) / ((codes == code).sum() + 10) for code in there]
    order = there[np.argsort(share, kind="stable")]
    rank = {code: float(place) for place, code in enumerate(order.tolist())}
    return _Coded(attribute, np.array([rank[code] for code in codes.tolist()]), order, 0.0)


def _has_levels(attribute: Attribute) -> bool:
    return bool(attribute.levels)


def _grown(attributes: tuple[Attribute, ...], X: Floats, won: Floats, seed: int) -> list[tuple[Condition, ...]]:
    """The conditions of each leaf of the tree whose size is best out of fold; one leaf where none is better."""
    from sklearn.model_selection import KFold, cross_val_score
    from sklearn.tree import DecisionTreeClassifier

    coded = [_coded(each, X[:, number], won) for number, each in enumerate(attributes)]
    Z = np.column_stack([each.values for each in coded])
    least = max(LEAST, round(LEAST_SHARE * len(won)))
    folds = KFold(FOLDS, shuffle=True, random_state=seed)

    def tree(leaves: int) -> Any:
        return DecisionTreeClassifier(max_leaf_nodes=leaves, max_depth=DEPTH, min_samples_leaf=least, random_state=seed)

    base = -float(((won - won.mean()) ** 2).mean())
    scores = {n: cross_val_score(tree(n), Z, won, cv=folds, scoring="neg_brier_score") for n in range(2, LEAVES + 1)}
    best = max(scores, key=lambda n: (round(float(scores[n].mean()), 6), -n))
    if scores[best].mean() - scores[best].std() / FOLDS**0.5 <= base:
        return [()]
    return [_merged(path, coded) for path in _paths(tree(best).fit(Z, won).tree_)]


_Step = tuple[int, float, bool]
"""A column, a threshold, and whether the leads are those up to it."""


def _paths(tree: Any, node: int = 0, path: tuple[_Step, ...] = ()) -> Iterator[tuple[_Step, ...]]:
    if tree.children_left[node] < 0:
        yield path
        return
    column, at = int(tree.feature[node]), float(tree.threshold[node])
    yield from _paths(tree, int(tree.children_left[node]), (*path, (column, at, True)))
    yield from _paths(tree, int(tree.children_right[node]), (*path, (column, at, False)))


def _merged(path: tuple[_Step, ...], coded: list[_Coded]) -> tuple[Condition, ...]:
    """One condition a column, from the first that was asked."""
    found = []
    for column in dict.fromkeys(step[0] for step in path):
        highs = [at for number, at, up_to in path if number == column and up_to]
        lows = [at for number, at, up_to in path if number == column and not up_to]
        found.append(_condition(coded[column], max(lows, default=None), min(highs, default=None)))
    return tuple(found)


def _condition(one: _Coded, low: float | None, high: float | None) -> Condition:
    if one.order is None:
        missing = low is None or low < one.below
        return Condition(one.attribute.source, low, high, None, missing)
    first = 0 if low is None else int(np.floor(low)) + 1
    last = len(one.order) - 1 if high is None else int(np.floor(high))
    codes = sorted(one.order[first : last + 1].tolist())
    return Condition(one.attribute.source, None, None, tuple(code for code in codes if code >= 0), -1 in codes)
