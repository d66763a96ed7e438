"""Composes training: ledger, labels, moments, a recipe tested forward in time, the model of today, the registry."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue, learn_catalogue
from features.history import ALWAYS, NEVER, Floats, History, Ints
from features.history import read as read_history
from features.kernel import matrix
from leadloop.clock import isoformat
from leadloop.errors import NothingToLearnError
from leadloop.settings import Settings
from leadloop.store import outcomes
from leadloop.store.ledger import Ledger
from models import registry
from models.baseline import Constant, last_sign
from models.bundle import Bundle
from models.calibration import chance
from models.decay import Decay
from models.priority import TIERS, Population, reach_later
from models.value import ValueModel
from training import fit, scorecard
from training.dataset import Dataset, arrival, order_of, past_the_horizon, ripe, to_judge, to_teach
from training.labels import Labels, label
from training.reasons import FAMILIES
from training.scorecard import Predictions, Scorecard, Tested
from training.split import Split, forward

Progress = Callable[[str], None]
SILENT = "this ledger records only wins: a lead without one when the horizon has passed counts as not won"
LEAST_EACH = 10  # wins, and leads not won, without which nothing can be told apart


@dataclass(frozen=True)
class Trained:
    """What a training came to. `promoted`: whether the version is now the champion."""

    version: str
    scorecard: Scorecard
    promoted: bool


@dataclass(frozen=True)
class Learned:
    """A recipe's result on some leads."""

    catalogue: Catalogue
    fitted: fit.Fitted
    value: ValueModel
    rows: int
    data_hash: str


@dataclass(frozen=True)
class Past:
    """What the ledger knew at an instant: who there was and what had become of them."""

    history: History
    labels: Labels
    open: NDArray[np.bool_]
    as_of: int
    silent: bool  # wins are recorded, and nothing else


def train(settings: Settings, ledger: Ledger, as_of: int, say: Progress = lambda _: None) -> Trained:
    """Learn from everything recorded by `as_of`, test that forward in time, register it, switch it on if the gate lets.

    Raises: NothingToLearnError when there are too few ripe outcomes to tell anything.
    """
    say("reading the ledger")
    past = _past(settings, ledger, read_history(ledger, as_of), as_of)
    leads = np.flatnonzero(ripe(past.history, past.labels, as_of, settings.horizon_days))
    order = _order(past.history, settings)
    split = forward(past.history, leads, order_of(past.history), settings.test_share, settings.seed)
    _enough(past.labels, split)
    card = _test(settings, ledger, past, split, order, say)
    if past.silent:
        card = replace(card, notes=[*card.notes, SILENT])
    say("fitting on everything known")
    learned = _learn(settings, past, leads, order)
    bundle = _bundle(settings, past, learned)
    say("registering in MLflow")
    version = registry.register(settings, bundle, card.as_dict(), _run(settings, past, learned, card))
    card = replace(card, model_version=version)
    promoted = card.verdict != "do_not_activate"
    if promoted:
        registry.promote(settings, version)
    return Trained(version, card, promoted)


def _past(settings: Settings, ledger: Ledger, history: History, as_of: int) -> Past:
    with ledger.reading() as connection:
        rows = outcomes.read(connection, None if as_of == NEVER else as_of)
    labels = label(history, rows, settings.reasons)
    closed = {lead_id for lead_id, standing in outcomes.standings(rows).items() if not standing.open}
    is_open = np.array([lead_id not in closed for lead_id in history.lead_ids], dtype=bool)
    exists = arrival(history) <= as_of
    known = past_the_horizon(history, labels, as_of, settings.horizon_days)
    return Past(history, known, is_open & exists, as_of, labels.only_wins)


def _order(history: History, settings: Settings) -> Floats:
    """Something that grows with time for every lead; drawn where nobody knows, which the split says."""
    order = order_of(history)
    if not np.isnan(order).any():
        return order
    return np.random.default_rng(settings.seed).permutation(len(history)).astype(np.float64)


def _enough(labels: Labels, split: Split) -> None:
    for side, leads in (("training", split.train), ("test", split.test)):
        wins = int((labels.state[leads] == 1).sum())
        if min(wins, len(leads) - wins) < (LEAST_EACH if side == "training" else 1):
            raise NothingToLearnError(
                f"The {side} part has {wins} wins among {len(leads)} ripe leads; {LEAST_EACH} wins and {LEAST_EACH} "
                "leads that were not won are the least to learn from. Import more outcomes, or wait until leads ripen"
            )


def _test(settings: Settings, ledger: Ledger, past: Past, split: Split, order: Floats, say: Progress) -> Scorecard:
    """Play the recipe at the start of the test window, with what was known then, and look at the test once."""
    then, train_leads, notes = _as_it_was(settings, ledger, past, split)
    say(f"testing forward in time: {len(train_leads)} leads teach, {len(split.test)} newer ones judge")
    learned = _learn(settings, then, train_leads, order)
    test = to_judge(past.history, past.labels, split.test, settings.horizon_days)
    train = to_judge(then.history, then.labels, train_leads, settings.horizon_days)
    X = matrix(learned.catalogue, past.history, test.lead, test.as_of)
    p = learned.fitted.model.p_win(X)
    base = Constant(float(train.won.mean()))
    say("measuring against constant, recency and logistic")
    tested = Tested(
        won=test.won,
        amount=np.where(test.won == 1, np.nan_to_num(test.amount, nan=learned.value.mean), 0.0),
        model=Predictions(p, p * learned.value.expected(X)),
        baselines={
            "constant": Predictions(base.p(len(test)), np.zeros(len(test))),
            "recency": _recency(past.history, train, test),
            "logistic": _logistic(settings, learned, then, train_leads, order, X),
        },
        capacity=_capacity(settings, past.history, test),
        seed=settings.seed,
    )
    excluded = [{"column": refusal.column, "evidence": refusal.evidence} for refusal in learned.catalogue.excluded]
    card = scorecard.make(tested, split, _window(past.history, split), excluded)
    facts = {"chosen": learned.fitted.chosen, "candidates": learned.fitted.losses, "taught_by": len(train_leads)}
    return replace(card, notes=[*card.notes, *notes], facts=facts)


def _as_it_was(settings: Settings, ledger: Ledger, past: Past, split: Split) -> tuple[Past, Ints, list[str]]:
    """The past as it was known when the first test lead came in, and the training leads that were ripe by then."""
    if not (past.history.dated and past.labels.dated):
        return past, split.train, ["outcomes are known as they stood at the export, not when they came about"]
    start = int(past.history.created_at[split.test].min())
    then = _past(settings, ledger, past.history, start)
    known = ripe(then.history, then.labels, start, settings.horizon_days)
    leads = split.train[known[split.train]]
    wins = int((then.labels.state[leads] == 1).sum())
    if min(wins, len(leads) - wins) < LEAST_EACH:
        note = "too few outcomes were in when the test began: the training leads' outcomes are taken as known today"
        return past, split.train, [note]
    return then, leads, []


def _learn(settings: Settings, past: Past, leads: Ints, order: Floats) -> Learned:
    """The recipe: moments over the wait, features, candidates chosen forward in time."""
    data = to_teach(past.history, past.labels, leads, settings.horizon_days)
    catalogue = learn_catalogue(past.history, data.lead, data.as_of)
    rows = _rows(catalogue, past.history, data, order)
    fitted = fit.fit_outcome(catalogue, rows, settings.seed)
    return Learned(catalogue, fitted, _value(past.labels, leads), len(data), data.hash)


def _rows(catalogue: Catalogue, history: History, data: Dataset, order: Floats) -> fit.Rows:
    X = matrix(catalogue, history, data.lead, data.as_of)
    return fit.Rows(X, data.won, data.weight, data.reason, order[data.lead])


def _value(labels: Labels, leads: Ints) -> ValueModel:
    amounts = labels.amount[leads]
    known = amounts[~np.isnan(amounts)]
    return ValueModel(float(known.mean()), len(known)) if len(known) else ValueModel()


def _recency(history: History, train: Dataset, test: Dataset) -> Predictions:
    """Newest first, and the chance that the past gave to leads as recent as that (constant beyond what it saw)."""
    seen, score = last_sign(history, train.lead, train.as_of), last_sign(history, test.lead, test.as_of)
    wait_seen, wait = _wait(train, seen), _wait(test, score)
    edges = np.unique(np.quantile(wait_seen, np.linspace(0, 1, 6)[1:-1]))
    bins, mean = np.searchsorted(edges, wait_seen), float(train.won.mean())
    shares = np.array(
        [(train.won[bins == b].sum() + 20 * mean) / ((bins == b).sum() + 20) for b in range(len(edges) + 1)]
    )
    return Predictions(shares[np.searchsorted(edges, wait)], score)


def _wait(data: Dataset, last: Floats) -> Floats:
    return np.where(data.as_of == NEVER, 0.0, data.as_of - last)


def _logistic(settings: Settings, learned: Learned, past: Past, leads: Ints, order: Floats, X: Floats) -> Predictions:
    """A plain logistic regression on the same features: what a good afternoon brings."""
    data = to_teach(past.history, past.labels, leads, settings.horizon_days)
    model = fit.fit_logistic(learned.catalogue, _rows(learned.catalogue, past.history, data, order), settings.seed)
    p = chance(model.raw(X))
    return Predictions(p, p)


def _capacity(settings: Settings, history: History, test: Dataset) -> int:
    """How many test leads the team could take on: its capacity over the days in which they came; undated, a fifth."""
    if (test.as_of == NEVER).any():
        return max(1, len(test) // 5)
    created = history.created_at[test.lead]
    days = max(1.0, (created.max() - created.min()) / (24 * 3600 * 1e6))
    return int(np.clip(settings.capacity * days, 1, max(1, len(test) // 2)))


def _window(history: History, split: Split) -> tuple[str | None, str | None]:
    created = history.created_at[split.test]
    if (created == ALWAYS).any():
        return None, None
    return isoformat(int(created.min())), isoformat(int(created.max()))


def _bundle(settings: Settings, past: Past, learned: Learned) -> Bundle:
    """Everything learned as one thing, with the open leads of today as the population that others are compared with."""
    bundle = Bundle(
        catalogue=learned.catalogue,
        outcome=learned.fitted.model,
        value=learned.value,
        decay=Decay(),
        population=Population(),
        families=FAMILIES,
        facts={
            "as_of": None if past.as_of == NEVER else isoformat(past.as_of),
            "horizon_days": settings.horizon_days,
            "chosen": learned.fitted.chosen,
            "currency": settings.currency,
        },
    )
    return replace(bundle, population=_population(settings, past, bundle))


def _population(settings: Settings, past: Past, bundle: Bundle) -> Population:
    leads = np.flatnonzero(past.open)
    if not len(leads):  # nobody is open: the leads that taught stand in
        leads = np.flatnonzero(past.labels.known)
    scores = bundle.score(past.history, leads, np.full(len(leads), past.as_of))
    return Population(
        importance=_cutoffs(scores.importance),
        urgency=_cutoffs(scores.urgency),
        fit=_median(scores.fit),
        readiness=_median(scores.readiness),
        open_leads=int(past.open.sum()),
        reach_later=reach_later(int(past.open.sum()), settings.capacity),
    )


def _cutoffs(values: Floats) -> tuple[float, float, float]:
    low, middle, high = (float(q) for q in np.quantile(values, TIERS))
    return low, middle, high


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) and not np.isnan(values).any() else 0.5


def _run(settings: Settings, past: Past, learned: Learned, card: Scorecard) -> dict[str, dict[str, object]]:
    """What MLflow shows of this run."""
    return {
        "params": {
            "as_of": "undated" if past.as_of == NEVER else isoformat(past.as_of),
            "rows": learned.rows,
            "features": len(learned.catalogue.features),
            "chosen": learned.fitted.chosen,
            "horizon_days": settings.horizon_days,
            "seed": settings.seed,
        },
        "tags": {
            "verdict": card.verdict,
            "why": "; ".join(card.why),
            "data_hash": learned.data_hash,
            "feature_hash": learned.catalogue.hash,
        },
    }
