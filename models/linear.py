"""A regularised linear model in the log-odds, over a design that makes skewed counts and levels fit for one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from features.catalogue import Catalogue
from features.history import Floats, Ints
from models import terms

SKEWED = 2.0  # a number whose skewness is above this enters as its logarithm


KNOTS = (0.2, 0.4, 0.6, 0.8)
VALUES_AT_MOST = 24
VALUE_OFTEN = 20


@dataclass(frozen=True)
class Column:
    """How one feature enters: `levels` > 0 as one column a level; else as a number, standardised, a flag "missing",
    and either a bend at each of the `knots` (linear splines), so that more is not always better, or, where it takes
    few `values`, a flag for each of them, since such numbers are often codes.
    """

    levels: int = 0
    log: bool = False
    mean: float = 0.0
    scale: float = 1.0
    knots: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """How many columns of the design it makes."""
        return self.levels or 2 + len(self.knots) + len(self.values)

    def encode(self, x: Floats) -> Floats:
        """Shape (len(x), width)."""
        if self.levels:
            codes = np.where(np.isnan(x), self.levels - 1, x).astype(np.int64)
            return np.eye(self.levels)[np.minimum(codes, self.levels - 1)]
        missing = np.isnan(x)
        number = ((np.log1p(np.maximum(x, 0.0)) if self.log else x) - self.mean) / self.scale
        bends = [np.maximum(number - knot, 0.0) for knot in self.knots]
        numbers = [np.where(missing, 0.0, column) for column in (number, *bends)]
        flags = [column.astype(np.float64) for column in (missing, *(x == value for value in self.values))]
        return np.stack([*numbers, *flags], axis=1)


@dataclass(frozen=True)
class Design:
    """The whole design; a row of it depends on nothing but the row it is made from."""

    columns: tuple[Column, ...]

    @classmethod
    def learn(cls, catalogue: Catalogue, X: Floats) -> Self:
        """Means, scales and which numbers are skewed, from rows X of the kernel's matrix."""
        return cls(
            tuple(
                Column(levels=len(catalogue.levels(f.source)) + 2)
                if f.kind == "category"
                else _number(x, count=f.kind == "count")
                for f, x in zip(catalogue.features, X.T, strict=True)
            )
        )

    def transform(self, X: Floats) -> Floats:
        """The design of rows X."""
        if not self.columns:
            return np.zeros((len(X), 0))
        return np.concatenate([c.encode(x) for c, x in zip(self.columns, X.T, strict=True)], axis=1)

    @property
    def origin(self) -> Ints:
        """For each column of the design, the number of the feature it comes from."""
        return np.repeat(np.arange(len(self.columns)), [c.width for c in self.columns])

    @cached_property
    def layout(self) -> terms.Layout:
        """The same for compiled loops, which need not lay it out."""
        return terms.layout(self)

    def as_json(self) -> list[dict[str, Any]]:
        """What must be kept to transform in the same way later."""
        return [asdict(c) for c in self.columns]

    @classmethod
    def from_json(cls, saved: list[dict[str, Any]]) -> Self:
        """The inverse of as_json."""
        return cls(
            tuple(
                Column(**{**column, "knots": tuple(column["knots"]), "values": tuple(column["values"])})
                for column in saved
            )
        )


def _number(x: Floats, *, count: bool) -> Column:
    known = x[~np.isnan(x)]
    if not len(known):
        return Column()
    log = bool(known.min() >= 0) and (count or _skewness(known) > SKEWED)
    shown = np.log1p(known) if log else known
    mean, scale = float(shown.mean()), float(shown.std()) or 1.0
    if count:
        return Column(log=log, mean=mean, scale=scale)
    values, often = np.unique(known, return_counts=True)
    if 2 < len(values) <= VALUES_AT_MOST:
        return Column(log=log, mean=mean, scale=scale, values=tuple(values[often >= VALUE_OFTEN].tolist()))
    return Column(log=log, mean=mean, scale=scale, knots=_knots((shown - mean) / scale))


def _knots(x: Floats) -> tuple[float, ...]:
    """Bends at the quintiles; none for flags and near-constants, which have nowhere to bend."""
    inner = np.unique(np.quantile(x, KNOTS))
    return tuple(k for k in inner.tolist() if x.min() < k < x.max())


def _skewness(x: Floats) -> float:
    spread = x.std()
    return float((((x - x.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0


@dataclass(frozen=True)
class LinearModel:
    """Log-odds as a sum of terms; `center` is the design's mean in training, from which contributions are counted.

    Several classes at once: `coefficients` has shape (classes, width), `intercepts` (classes,).
    """

    design: Design
    coefficients: Floats
    intercepts: Floats
    center: Floats

    def raw(self, X: Floats) -> Floats:
        """Log-odds (one class) of rows X, shape (len(X),)."""
        return self.raw_classes(X)[:, 0]

    def raw_classes(self, X: Floats) -> Floats:
        """One score a class, shape (len(X), classes)."""
        return terms.classes(self.packed, len(self.intercepts), X)

    def contributions(self, X: Floats) -> Floats:
        """What each feature adds to the log-odds, shape (len(X), features + 1); the last column is where all start."""
        return self.contributions_by_class(X)[:, :, 0]

    def contributions_by_class(self, X: Floats) -> Floats:
        """The same for each class, shape (len(X), features + 1, classes)."""
        return terms.by_feature(self.packed, len(self.intercepts), X)

    @cached_property
    def packed(self) -> Ints:
        """As compiled loops take it."""
        by_column = np.ascontiguousarray(self.coefficients.T)
        return terms.packed(self.design.layout, by_column, self.intercepts, self._usual)

    @property
    def _usual(self) -> Floats:
        """What each feature adds to each class on average, shape (features, classes)."""
        sums = np.zeros((len(self.design.columns), len(self.coefficients)))
        np.add.at(sums, self.design.origin, (self.coefficients * self.center).T)
        return sums

    def as_json(self) -> dict[str, Any]:
        """All of it; floats survive JSON to the last bit."""
        return {
            "design": self.design.as_json(),
            "coefficients": self.coefficients.tolist(),
            "intercepts": self.intercepts.tolist(),
            "center": self.center.tolist(),
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of as_json."""
        arrays = (np.array(saved[name], dtype=np.float64) for name in ("coefficients", "intercepts", "center"))
        return cls(Design.from_json(saved["design"]), *arrays)


@dataclass(frozen=True)
class Beyond:
    """What a linear model adds beyond the range in which leads taught: above `high` of each feature.

    Trees say of a lead that has been silent for a year what they learned of the longest silence they saw. Added to
    them, this goes on from there with the slope that the linear model found.
    """

    linear: LinearModel
    high: tuple[float, ...]

    def raw(self, X: Floats) -> Floats:
        """Log-odds to add to rows X, shape (len(X),); 0 for a lead like those that taught."""
        return self.linear.raw(X) - self.linear.raw(self._within(X))

    def contributions(self, X: Floats) -> Floats:
        """What each feature adds, shape (len(X), features + 1)."""
        if not (self.limits < X).any():
            return np.zeros((len(X), X.shape[1] + 1))
        return self.linear.contributions(X) - self.linear.contributions(self._within(X))

    def _within(self, X: Floats) -> Floats:
        return np.asarray(np.minimum(X, self.limits))

    @cached_property
    def limits(self) -> Floats:
        """`high`, as an array."""
        return np.array(self.high, dtype=np.float64)

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {"linear": self.linear.as_json(), "high": [None if np.isinf(each) else each for each in self.high]}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of as_json."""
        high = tuple(np.inf if each is None else each for each in saved["high"])
        return cls(LinearModel.from_json(saved["linear"]), high)


def beyond(catalogue: Catalogue, X: Floats, linear: LinearModel, share: float = 0.01) -> Beyond:
    """Beyond all but the outermost `share` of the rows that taught, on the side of large counts and long waits."""
    high = [
        float(np.nanquantile(x, 1 - share)) if f.kind == "count" and not np.isnan(x).all() else np.inf
        for f, x in zip(catalogue.features, X.T, strict=True)
    ]
    return Beyond(linear, tuple(high))
