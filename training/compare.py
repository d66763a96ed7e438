"""What the scorecard looks at beside the model's own predictions: points, segments and peers of the test leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.history import Floats
from features.profile import Attribute
from training.against import Heard, against
from training.dataset import Dataset
from training.points import Points, candidates, choose
from training.scorecard import Predictions
from training.segments import Segment, natural
from training.verdict import CHEAP
from training.words import Both, both

Look = Callable[[Catalogue, Dataset], Floats]
"""The columns of a catalogue for moments, shape (moments, features)."""


@dataclass(frozen=True)
class Sides:
    """Who taught and who is tested, one moment a lead, and when each was last heard of."""

    train: Dataset
    test: Dataset
    heard_train: Floats
    heard_test: Floats


@dataclass(frozen=True)
class Compared:
    """The baselines; those that the verdict looks at; the segments; and what else is to be said."""

    baselines: dict[str, Predictions]
    rivals: tuple[str, ...]
    segments: tuple[Segment, ...]
    notes: tuple[Both, ...]


def compare(catalogue: Catalogue, points_column: str, sides: Sides, raw: Mapping[str, Floats], look: Look) -> Compared:
    """Find the points and the segments, and predict the test leads with every baseline.

    `raw`: the peers' log-odds of the test leads. Raises: SettingsError when `points_column` is none.
    """
    points, values = _points(catalogue, points_column, sides, look)
    found = against(sides.train, sides.test, Heard(sides.heard_train, sides.heard_test, *values), raw)
    rivals = tuple(name for name in CHEAP if name != "points" or not (points and points.refused))
    notes = (*((_named(points),) if points else ()), *found.notes)
    return Compared(dict(found.baselines), rivals, segments_of(catalogue, sides.test, look), notes)


def _points(
    catalogue: Catalogue, named: str, sides: Sides, look: Look
) -> tuple[Points | None, tuple[Floats, Floats] | tuple[()]]:
    found = candidates(catalogue, named)
    if not found:
        return None, ()
    seen = look(_of(tuple(each.attribute for each in found)), sides.train)
    chosen = choose(found, seen)
    if chosen is None:
        return None, ()
    points = found[chosen]
    return points, (seen[:, chosen], look(_of((points.attribute,)), sides.test)[:, 0])


def _named(points: Points) -> Both:
    if points.refused:
        return both("points refused", column=points.column, evidence=points.refused)
    return both("points named" if points.named else "points found", column=points.column)


def segments_of(catalogue: Catalogue, test: Dataset, look: Look) -> tuple[Segment, ...]:
    """The segments that companies look at, with the level of each test lead."""
    attributes = natural(catalogue)
    if not attributes:
        return ()
    codes = look(_of(attributes), test)
    return tuple(Segment(attribute, codes[:, i]) for i, attribute in enumerate(attributes))


def _of(attributes: tuple[Attribute, ...]) -> Catalogue:
    return Catalogue(attributes, (), dated=False)
