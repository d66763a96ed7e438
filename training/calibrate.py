"""Learns how far raw log-odds are from true chances, on predictions made forward in time, by what wins forward."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from features.history import Floats, Ints
from models.calibration import Calibration, bent, chance, line, log_odds

IDENTITY = np.array([0.0, 1.0])
STRENGTH = 20.0
"""Pseudo-observations that hold a map to the identity, so that few outcomes make no wild chances."""
FLATTEST = 0.01
"""The least slope of a line: a map always rises, so that it neither ties nor turns round what the model told apart."""
LATELY, STEADY, AS_IT_IS = "line, newest first", "line", "as it is"
HALF_LIFE = 0.25
"""Share of the time seen after which a prediction counts half: the market moves, and today's level is asked for."""
LAST = 0.1
"""The same for the choice between maps: what mended the chances a while ago may spoil those of a model that has learned
since."""
ENOUGH_LATELY = 50
"""Wins below which all count alike."""
ENOUGH = 200
"""Wins below which nothing but a line is tried: a bend wants more to show itself."""
KNOTS = 30
ROUNDS = 4
"""Parts of the predictions, in the order of time: each map is fitted on the first ones and judged on the next."""


@dataclass(frozen=True)
class Judged:
    """The map chosen, by its name, and the log loss of each on later predictions than it was fitted on."""

    calibration: Calibration
    chosen: str
    losses: Mapping[str, float]


def choose(raw: Floats, won: Floats, weight: Floats, order: Floats) -> Judged:
    """Fit each map on older predictions, judge it on newer ones, and fit the first that none beats surely.

    A lead may be there twice, as won and as not won, with the weights of both. Rows with one `order` stay together.
    """
    chosen, means = LATELY if float(weight @ won) >= ENOUGH_LATELY else STEADY, dict[str, float]()
    if float(weight @ won) >= ENOUGH:
        later, found = _losses(raw, won, weight, order)
        counted = weight[later] * lately(order[later], LAST)
        for name, losses in found.items():
            if surely_less(losses, found[chosen], counted):
                chosen = name
        means = {name: float(np.average(each, weights=counted)) for name, each in found.items()}
    counts = weight * lately(order) if chosen == LATELY else weight
    return Judged(with_spread(MAPS[chosen](raw, won, counts), raw, won, counts), chosen, means)


def lately(order: Floats, half_life: float = HALF_LIFE) -> Floats:
    """How much a row counts for today: half for each share `half_life` of the time seen that it is older; mean 1."""
    span = float(np.ptp(order))
    if not span:
        return np.ones(len(order))
    weight = np.exp2(-(order.max() - order) / (span * half_life))
    return np.asarray(weight / weight.mean())


def surely_less(losses: Floats, than: Floats, weight: Floats) -> bool:
    """Whether the mean of paired losses is lower by more than its standard error."""
    difference = than - losses
    mean = np.average(difference, weights=weight)
    error = np.sqrt((weight**2 * (difference - mean) ** 2).sum()) / weight.sum()
    return bool(mean > error)


def _losses(raw: Floats, won: Floats, weight: Floats, order: Floats) -> tuple[Ints, dict[str, Floats]]:
    """The rows of all parts but the first, and the loss of each by each map, fitted on the parts before it."""
    part = _parts(order)
    rows = [np.flatnonzero(part == number) for number in range(1, ROUNDS)]
    found: dict[str, list[Floats]] = {name: [] for name in MAPS}
    for number, after in enumerate(rows, start=1):
        before = part < number
        for name, fit in MAPS.items():
            counts = weight[before] * (lately(order[before]) if name == LATELY else 1.0)
            found[name].append(losses_of(won[after], fit(raw[before], won[before], counts)(raw[after])))
    return np.concatenate(rows), {name: np.concatenate(each) for name, each in found.items()}


def losses_of(won: Floats, log_odds_: Floats) -> Floats:
    """The log loss of each row."""
    return np.asarray(np.logaddexp(0.0, log_odds_) - won * log_odds_)


def level_of(log_odds_: Floats, won: Floats, weight: Floats) -> float:
    """What is to be added to all for as many to be won as were, by Newton's method; held within 10."""
    level = 0.0
    for _ in range(25):
        p = chance(log_odds_ + level)
        level += float(weight @ (won - p)) / max(float(weight @ (p * (1 - p))), 1e-9)
        level = min(max(level, -10.0), 10.0)
    return level


def _parts(order: Floats) -> Ints:
    ranks = np.unique(order, return_inverse=True)[1]
    edges = np.quantile(ranks, np.linspace(0.0, 1.0, ROUNDS + 1)[1:-1])
    return np.searchsorted(edges, ranks, side="left").astype(np.int64)


def calibrate(raw: Floats, won: Floats, weight: Floats, strength: float = STRENGTH) -> Calibration:
    """A line in the log-odds by penalised maximum likelihood, held to the identity by `strength` pseudo-observations.

    Newton's method on two numbers, each step halved until it leads downhill; the penalty keeps few outcomes from
    making wild chances.
    """
    found = _newton(np.stack([np.ones_like(raw), raw]), IDENTITY, won, weight, strength * 0.05)
    return line(float(found[0]), float(found[1]))


def rising(raw: Floats, won: Floats, weight: Floats) -> Calibration:
    """The same line; log-odds that later leads speak against are flattened, never turned round."""
    found = calibrate(raw, won, weight)
    if found.slope >= FLATTEST:
        return found
    level = float(_newton(np.ones((1, len(raw))), IDENTITY[:1], won, weight, STRENGTH * 0.05)[0])
    return line(level - FLATTEST * float(np.average(raw, weights=weight)), FLATTEST)


def beta(raw: Floats, won: Floats, weight: Floats) -> Calibration:
    """Beta calibration (Kull, Silva Filho & Flach 2017); a line where it would not rise everywhere."""
    low, high = bent(raw)
    terms, hold = np.stack([np.ones_like(raw), low, -high]), STRENGTH * 0.05
    found = _newton(terms, np.array([0.0, 1.0, 1.0]), won, weight, hold)
    if min(found[1:]) <= 0.0:
        return rising(raw, won, weight)
    intercept, below, above = found.tolist()
    return Calibration(intercept, below, above)


def isotonic(raw: Floats, won: Floats, weight: Floats) -> Calibration:
    """The rising step function of most likelihood (Zadrozny & Elkan 2002), smoothed to a broken line."""
    knots = _knots(raw)
    shares = _rising(raw, won, weight)
    return _through(knots, shares(knots))


def venn_abers(raw: Floats, won: Floats, weight: Floats) -> Calibration:
    """Inductive Venn-Abers (Vovk & Petej 2014) at some knots: the isotonic share with the lead itself as lost, and as
    won, merged to the chance that regrets least.
    """
    knots, mean = _knots(raw), float(np.average(weight))
    both = [_with(raw, won, weight, knot, mean) for knot in knots.tolist()]
    lost, won_ = (np.array(each) for each in zip(*both, strict=True))
    return _through(knots, won_ / (1.0 - lost + won_))


def _with(raw: Floats, won: Floats, weight: Floats, knot: float, mean: float) -> tuple[float, float]:
    """The share at a knot if one more lead there were lost, and if it were won."""
    more, heavier = np.append(raw, knot), np.append(weight, mean)
    at = np.array([knot])
    return tuple(float(_rising(more, np.append(won, each), heavier)(at)[0]) for each in (0.0, 1.0))  # type: ignore[return-value] # two of them


def _rising(raw: Floats, won: Floats, weight: Floats) -> Callable[[Floats], Floats]:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(raw, won, sample_weight=weight)
    return lambda at: np.asarray(fitted.predict(at))


def _knots(raw: Floats) -> Floats:
    return np.unique(np.quantile(raw, np.linspace(0.01, 0.99, KNOTS)))


def _through(knots: Floats, shares: Floats) -> Calibration:
    """A broken line in the log-odds that always rises a little, so that it never ties what the model told apart."""
    values = np.maximum.accumulate(log_odds(np.clip(shares, 0.002, 0.998)))
    values = values + 0.01 * (knots - knots.mean())
    return Calibration(knots=tuple(knots.tolist()), values=tuple(values.tolist()))


MAPS: Mapping[str, Callable[[Floats, Floats, Floats], Calibration]] = {
    LATELY: rising,
    STEADY: rising,
    AS_IT_IS: lambda raw, won, weight: Calibration(),
    "beta": beta,
    "isotonic": isotonic,
    "venn_abers": venn_abers,
}
"""A later one is taken only where it is surely better forward in time."""


def with_spread(calibration: Calibration, raw: Floats, won: Floats, weight: Floats) -> Calibration:
    """With the covariance of a beta map around it (inverse of the observed information), for intervals of chances."""
    low, high = bent(raw)
    terms = np.stack([np.ones_like(raw), low, -high])
    p = chance(calibration(raw))
    information = (terms * (weight * p * (1 - p))) @ terms.T + STRENGTH * 0.05 * np.eye(3)
    return replace(calibration, spread=tuple(map(tuple, np.linalg.inv(information).tolist())))


def _newton(terms: Floats, start: Floats, won: Floats, weight: Floats, hold: float) -> Floats:
    """Minimise the log loss of `start`-held coefficients; each step is halved until it leads downhill."""
    found, loss = start, _loss(start, start, terms, (won, weight, hold))
    for _ in range(100):
        p = 0.5 + 0.5 * np.tanh(0.5 * (found @ terms))
        gradient = terms @ (weight * (p - won)) + hold * (found - start)
        hessian = (terms * (weight * p * (1 - p))) @ terms.T + hold * np.eye(len(start))
        step = np.linalg.solve(hessian, gradient)
        while (lower := _loss(found - step, start, terms, (won, weight, hold))) > loss and np.abs(step).max() > 1e-10:
            step = step / 2
        if lower > loss:
            break
        found, loss = found - step, lower
        if np.abs(step).max() < 1e-10:
            break
    return np.asarray(found)


def _loss(at: Floats, start: Floats, terms: Floats, given: tuple[Floats, Floats, float]) -> float:
    """Negative log likelihood and penalty."""
    won, weight, hold = given
    z = at @ terms
    return float(weight @ losses_of(won, z) + 0.5 * hold * ((at - start) ** 2).sum())
