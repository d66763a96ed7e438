"""What is the same wherever the loop learns, on one machine or on many: what is tested, measured and registered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from features.catalogue import Catalogue
from features.history import NEVER, Floats, History, Ints
from leadloop.clock import isoformat
from leadloop.errors import NothingToLearnError
from leadloop.settings import Settings
from leadloop.store import judged
from leadloop.store.outcomes import StoredOutcome
from models import registry
from models.bundle import Bundle
from models.decay import Decay
from models.drift_reference import Reference, looked_back, recent
from models.importance import importances
from models.priority import TIERS, Population, reach_later
from models.reasons import FAMILIES
from models.switches import Noted
from models.value import ValueModel
from training import parameters, personas, rules, scorecard
from training.against import Peer, capacity, peers, window
from training.compare import Sides, compare
from training.dataset import Dataset, arrival, order_of, past_the_horizon, ripe, teachable, to_judge
from training.labels import Labels
from training.leakage import NOTHING_REFUSED, Ruling
from training.model_card import Told, documents
from training.rows import Fitted, Recipe, Rows
from training.scorecard import Predictions, Scorecard, Tested
from training.split import Split, forward
from training.words import said as in_words

Progress = Callable[[str], None]
SILENT = "this ledger records only wins: a lead without one when the horizon has passed counts as not won"
LEAST = 20
"""Outcomes from which on a model is learned."""
NO_TAGS: Mapping[str, str] = {}
JUDGES_AT_MOST = 50_000
"""Test leads beyond which figures are sharp enough: so many are drawn."""
LEAST_EACH = 10
"""Wins, and leads not won, for which the test takes outcomes as they were known when it began."""


@dataclass(frozen=True)
class Trained:
    """What a training came to. `promoted`: whether the version is now the champion; `before`: the one until then."""

    version: str
    scorecard: Scorecard
    promoted: bool
    before: str | None = None


@dataclass(frozen=True)
class Learned:
    """A recipe's result on some leads. `taught`: the rows that taught it, or a sample of them; `ruling`: what leaks."""

    catalogue: Catalogue
    fitted: Fitted
    value: ValueModel
    decay: Decay
    rows: int
    data_hash: str
    taught: Rows
    notes: tuple[str, ...] = ()
    ruling: Ruling = NOTHING_REFUSED


@dataclass(frozen=True)
class Past:
    """What the ledger knew at an instant: who there was and what had become of them."""

    history: History
    labels: Labels
    open: NDArray[np.bool_]
    as_of: int
    silent: bool  # wins are recorded, and nothing else


@dataclass(frozen=True)
class Seen:
    """What is said of the test leads: by the model, a chance and an amount each, and by its peers, log-odds; and when
    each lead was last heard of, those that taught and those of the test.
    """

    p: Floats
    value: Floats
    raw: Mapping[str, Floats]
    heard_train: Floats
    heard_test: Floats


@dataclass(frozen=True)
class Played:
    """The recipe as it was played for the scorecard: what it learned then, on whom it was tested, and what was said."""

    learned: Learned
    split: Split
    train: Dataset
    test: Dataset
    tested: Tested


@dataclass(frozen=True)
class Made:
    """A model and how it did forward in time, not registered yet. `run`: what MLflow is to show of it; `importances`:
    None of rules, which learned nothing.
    """

    bundle: Bundle
    scorecard: Scorecard
    run: Mapping[str, Mapping[str, Any]]
    importances: Mapping[str, Any] | None = None
    by_rules: bool = False


@dataclass(frozen=True)
class Standing:
    """Scores of the open leads that others are compared with."""

    importance: Floats
    urgency: Floats
    fit: Floats
    readiness: Floats


class Engine(Protocol):
    """Where the work on features is done: in this process, or on the workers of a cluster.

    `follows_open`: whether leads that are worked and still open teach as well.
    """

    @property
    def follows_open(self) -> bool: ...

    def judged(self, past: Past, leads: Ints, order: Floats) -> Self:
        """The same engine, which has judged on these leads what leaks and does not judge again."""

    def past(self, as_of: int) -> Past:
        """Everybody on record today, with what had become of them by `as_of`."""

    def learn(self, past: Past, leads: Ints, order: Floats, known: Recipe | None = None) -> Learned:
        """The recipe: moments over the wait, features, a model chosen and calibrated forward in time.

        `known`: what was chosen before, for where there are so many leads that it need not be chosen anew.
        """

    def see(self, learned: Learned, peers: Mapping[str, Peer], train: Dataset, test: Dataset) -> Seen:
        """Predict the test leads with what was learned and with its peers on the same features."""

    def columns(self, catalogue: Catalogue, data: Dataset) -> Floats:
        """The columns of a catalogue for these moments, brought here: meant for few columns."""

    def sketch(self, data: Dataset) -> tuple[Catalogue, Floats]:
        """The catalogue that these moments teach, without optional blocks, and its columns."""

    def stand(self, bundle: Bundle, leads: Ints, as_of: int) -> Standing:
        """Score leads at an instant."""


def train(settings: Settings, engine: Engine, as_of: int, say: Progress) -> Trained:
    """Learn from everything known at `as_of`, test that forward in time, register it, switch it on if the gate lets.

    With fewer ripe outcomes than can teach, leads are ranked by rules, where nothing better is switched on.

    Raises: NothingToLearnError when there is no lead at all.
    """
    with threadpool_limits(1, user_api="blas"):  # two threads fight for both cores over small matrices
        return _train(settings, engine, as_of, say)


def _train(settings: Settings, engine: Engine, as_of: int, say: Progress) -> Trained:
    past = engine.past(as_of)
    made = make(settings, prepared(settings, engine, past, say), past, say)
    version = register(settings, made, say)
    promoted = registry.mark(settings) is None if made.by_rules else made.scorecard.verdict != "do_not_activate"
    noted = Noted.told("training", made.scorecard.why, made.scorecard.why_fr)
    before = registry.promote(settings, version, noted) if promoted else registry.refuse(settings, version, noted)
    return Trained(version, replace(made.scorecard, model_version=version), promoted, before)


def known_of(settings: Settings, past: Past) -> NDArray[np.bool_]:
    """Leads with a ripe outcome."""
    return ripe(past.history, past.labels, past.as_of, settings.horizon_days)


def can_learn(settings: Settings, past: Past) -> bool:
    """Whether there are outcomes enough, of both kinds, to learn a model."""
    known = known_of(settings, past)
    return bool(known.sum() >= LEAST and len(np.unique(past.labels.state[known])) == 2)


SomeEngine = TypeVar("SomeEngine", bound=Engine)


def prepared(settings: Settings, engine: SomeEngine, past: Past, say: Progress) -> SomeEngine:
    """The engine, once it has judged what leaks; as it is where too little is known to tell."""
    if not can_learn(settings, past):
        return engine
    say("looking for columns that leak")
    return engine.judged(past, teachers(settings, engine, past), order_by(past.history, settings))


def make(settings: Settings, engine: Engine, past: Past, say: Progress) -> Made:
    """Learn from everything known, and test the recipe forward in time; nothing is registered.

    `engine`: one that was prepared. Raises: NothingToLearnError when there is no lead at all.
    """
    if not can_learn(settings, past):
        return _by_rules(settings, engine, past, say)
    with threadpool_limits(1, user_api="blas"):
        card, played = try_out(settings, engine, past, say)
        say("fitting on everything known")
        leads, order = teachers(settings, engine, past), order_by(past.history, settings)
        learned = engine.learn(past, leads, order, played.learned.fitted.recipe)
        bundle = populated(settings, engine, past, _bundle(settings, past, learned))
        matters = importances(bundle, learned.taught.X, learned.taught.weight, settings.seed)
        who = personas.find(engine.columns, played.learned.catalogue, played.train, played.test, settings.seed)
    return Made(bundle, card, _run(settings, past, learned, card, played), {**matters, "personas": who.as_json()})


def register(
    settings: Settings, made: Made, say: Progress, tags: Mapping[str, str] = NO_TAGS, work: str = "train"
) -> str:
    """Register what was made in MLflow; the number of its version. `tags`: more for its run; `work`: what made it."""
    say("registering in MLflow")
    told = made.scorecard.as_dict()
    run = {**made.run, "tags": {**made.run["tags"], **registry.named(work, made.bundle.facts["as_of"]), **tags}}
    pages = documents(Told(told, made.bundle, made.importances, run.get("data", {})))
    return registry.register(settings, made.bundle, told, run, importances=made.importances, pages=pages)


def _by_rules(settings: Settings, engine: Engine, past: Past, say: Progress) -> Made:
    """Rank by rules and say so."""
    there = np.flatnonzero(arrival(past.history) <= past.as_of)
    if not len(there):
        raise NothingToLearnError("There is no lead to learn from or to rank; import leads and train again")
    say("too few outcomes to learn from: ranking by rules")
    data = to_judge(past.history, past.labels, there, settings.horizon_days, past.as_of)
    at = np.full(len(there), past.as_of)
    catalogue, X = engine.sketch(replace(data, lead=there, as_of=at))
    bundle = rules.bundle_of(catalogue, X, past.labels, _facts(settings, past, "rules"))
    bundle = populated(settings, engine, past, bundle)
    card = rules.scorecard_of(past.labels, known_of(settings, past), LEAST)
    run: dict[str, dict[str, Any]] = {
        "params": {
            **parameters.of_every(settings, past.as_of),
            "rows": len(data),
            "features": len(catalogue.features),
            "chosen": "rules",
        },
        "tags": {"verdict": card.verdict, "why": "; ".join(card.why)},
        "data": {"ranked": {"rows": len(data), "digest": data.hash}},
    }
    return Made(bundle, card, run, by_rules=True)


def teachers(settings: Settings, engine: Engine, past: Past) -> Ints:
    """Numbers of the leads that teach."""
    who = teachable if engine.follows_open else ripe
    return np.flatnonzero(who(past.history, past.labels, past.as_of, settings.horizon_days))


def closed(history: History, rows: Sequence[StoredOutcome], as_of: int) -> NDArray[np.bool_]:
    """Which leads these outcomes, known at `as_of`, leave to nobody."""
    left = judged.closed(rows, history.people, as_of)
    return np.array([lead_id in left for lead_id in history.lead_ids], dtype=bool)


def past_of(settings: Settings, history: History, labels: Labels, closed: NDArray[np.bool_], as_of: int) -> Past:
    """What an instant knew, from the labels of its outcomes and who was `closed` by then."""
    known = past_the_horizon(history, labels, as_of, settings.horizon_days)
    return Past(history, known, ~closed & (arrival(history) <= as_of), as_of, labels.only_wins)


def order_by(history: History, settings: Settings) -> Floats:
    """Something that grows with time for every lead; drawn where nobody knows, which the split says."""
    order = order_of(history)
    if not np.isnan(order).any():
        return order
    return np.random.default_rng(settings.seed).permutation(len(history)).astype(np.float64)


def try_out(settings: Settings, engine: Engine, past: Past, say: Progress) -> tuple[Scorecard, Played]:
    """Play the recipe at the start of the test window, with what was known then, and look at the test once.

    Nothing is registered.
    """
    with threadpool_limits(1, user_api="blas"):
        return _try_out(settings, engine, past, say)


def _try_out(settings: Settings, engine: Engine, past: Past, say: Progress) -> tuple[Scorecard, Played]:
    leads = np.flatnonzero(ripe(past.history, past.labels, past.as_of, settings.horizon_days))
    split = forward(past.history, leads, order_of(past.history), settings.test_share, settings.seed)
    then, train_leads, notes = as_it_was(settings, past, split, engine)
    say(f"testing forward in time: {len(train_leads)} leads teach, {len(split.test)} newer ones judge")
    learned = engine.learn(then, train_leads, order_by(past.history, settings))
    test = to_judge(past.history, past.labels, judges(split.test, settings.seed), settings.horizon_days)
    closed = train_leads[then.labels.known[train_leads]]
    train = to_judge(then.history, then.labels, closed, settings.horizon_days)
    say("measuring against what anyone could do without it")
    others, said = peers(learned.catalogue, learned.taught, settings.seed)
    tested = _tested(settings, engine, past, learned, (train, test), engine.see(learned, others, train, test))
    excluded = [
        {"column": refusal.column, "evidence": refusal.evidence, "evidence_fr": in_words(refusal.evidence, "fr")}
        for refusal in learned.catalogue.excluded
    ]
    card = scorecard.make(tested, split, window(past.history, split), excluded)
    facts = {
        "chosen": learned.fitted.chosen,
        "candidates": learned.fitted.losses,
        "taught_by": len(train_leads),
        "calibrated_by": learned.fitted.calibrated_by,
        "calibrations": dict(learned.fitted.maps),
        "blocks": sorted(learned.catalogue.optional),
        "still_open": int((~then.labels.known[train_leads]).sum()),
    }
    silent = [SILENT] if past.silent else []
    more = [*notes, *learned.notes, *learned.ruling.notes, *(each.en for each in said), *silent]
    return replace(card, notes=[*card.notes, *more], facts=facts), Played(learned, split, train, test, tested)


def judges(leads: Ints, seed: int) -> Ints:
    """Those of the test leads that are looked at: all, or so many drawn by chance, in their order."""
    if len(leads) <= JUDGES_AT_MOST:
        return leads
    drawn = np.random.default_rng(seed).choice(len(leads), JUDGES_AT_MOST, replace=False)
    return leads[np.sort(drawn)]


def _tested(
    settings: Settings, engine: Engine, past: Past, learned: Learned, sides: tuple[Dataset, Dataset], seen: Seen
) -> Tested:
    train, test = sides
    value, heard = learned.value, (seen.heard_train, seen.heard_test)
    compared = compare(learned.catalogue, settings.points_column, Sides(train, test, *heard), seen.raw, engine.columns)
    return Tested(
        won=test.won,
        amount=np.where(test.won == 1, np.nan_to_num(test.amount, nan=value.mean), 0.0),
        model=Predictions(seen.p, seen.p, seen.p * seen.value),
        baselines=compared.baselines,
        capacity=capacity(settings, past.history, test),
        seed=settings.seed,
        rivals=compared.rivals,
        segments=compared.segments,
        notes=compared.notes,
    )


def as_it_was(settings: Settings, past: Past, split: Split, engine: Engine) -> tuple[Past, Ints, list[str]]:
    """The past as it was known when the first test lead came in, and the leads that could teach by then."""
    if not (past.history.dated and past.labels.dated):
        return past, split.train, ["outcomes are known as they stood at the export, not when they came about"]
    then = engine.past(int(past.history.created_at[split.test].min()))
    leads = _apart(teachers(settings, engine, then), past.history, split)
    closed = leads[then.labels.known[leads]]
    wins = int((then.labels.state[closed] == 1).sum())
    if min(wins, len(closed) - wins) < LEAST_EACH:
        note = "too few outcomes were in when the test began: the training leads' outcomes are taken as known today"
        return past, split.train, [note]
    return then, leads, []


def _apart(leads: Ints, history: History, split: Split) -> Ints:
    """Those that are not in the test, nor of an account that is."""
    tested = np.zeros(len(history), dtype=bool)
    tested[split.test] = True
    return leads[[not tested[i] and history.account[i] not in split.barred for i in leads.tolist()]]


def value_of(labels: Labels, leads: Ints) -> ValueModel:
    """What a win brought so far."""
    amounts = labels.amount[leads]
    known = amounts[~np.isnan(amounts)]
    return ValueModel(float(known.mean()), len(known)) if len(known) else ValueModel()


def _bundle(settings: Settings, past: Past, learned: Learned) -> Bundle:
    """Everything learned as one thing."""
    return Bundle(
        catalogue=learned.catalogue,
        outcome=learned.fitted.model,
        value=learned.value,
        decay=learned.decay,
        population=Population(),
        families=FAMILIES,
        facts=_facts(settings, past, learned.fitted.chosen),
    )


def _facts(settings: Settings, past: Past, chosen: str) -> dict[str, Any]:
    return {
        "as_of": None if past.as_of == NEVER else isoformat(past.as_of),
        "horizon_days": settings.horizon_days,
        "chosen": chosen,
        "currency": settings.currency,
    }


def populated(settings: Settings, engine: Engine, past: Past, bundle: Bundle) -> Bundle:
    """With the open leads of today as the population that others are compared with."""
    leads = np.flatnonzero(past.open)
    if not len(leads):  # nobody is open: the leads that taught stand in
        leads = np.flatnonzero(past.labels.known)
    scores = engine.stand(bundle, leads, past.as_of)
    population = Population(
        importance=_cutoffs(scores.importance),
        urgency=_cutoffs(scores.urgency),
        fit=_middle(scores.fit, scores.importance),
        readiness=_middle(scores.readiness, scores.importance),
        open_leads=int(past.open.sum()),
        reach_later=reach_later(scores.importance, settings.capacity),
    )
    return replace(bundle, population=population, reference=_reference(settings, engine, past, bundle))


def _reference(settings: Settings, engine: Engine, past: Past, bundle: Bundle) -> Reference | None:
    """What the newest leads look like today: what those of later are compared with.

    Of a model that was only recalibrated, what leads looked like when it learned.
    """
    days = looked_back(past.history, past.as_of)
    leads = recent(past.history, past.as_of, days)
    if not len(leads):  # nobody came in lately
        return bundle.reference
    data = to_judge(past.history, past.labels, leads, settings.horizon_days, past.as_of)
    X = engine.columns(bundle.catalogue, replace(data, as_of=np.full(len(leads), past.as_of)))
    found = Reference.learn(bundle.catalogue, X, bundle.outcome.p_win(X), days)
    return replace(bundle.reference, p_win=found.p_win, p_mean=found.p_mean) if bundle.reference else found


def _cutoffs(values: Floats) -> tuple[float, float, float]:
    low, middle, high = (float(q) for q in np.quantile(values, TIERS))
    return low, middle, high


def _middle(values: Floats, worth: Floats) -> float:
    """Where half of what the leads are worth is above: a backlog that is worth nothing says not who is fit or ready.

    >>> _middle(np.array([0.9, 0.2, 0.8, 0.9]), np.array([0.0, 3.0, 4.0, 0.0]))
    0.8
    """
    if not len(values) or np.isnan(values).any():
        return 0.5
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(worth[order])
    return float(values[order[np.searchsorted(sums, sums[-1] / 2)]]) if sums[-1] > 0 else float(np.median(values))


def _run(
    settings: Settings, past: Past, learned: Learned, card: Scorecard, played: Played
) -> dict[str, dict[str, Any]]:
    """What MLflow shows of this run."""
    return {
        "params": {
            **parameters.of_every(settings, past.as_of),
            **parameters.of_learning(settings),
            "rows": learned.rows,
            "features": len(learned.catalogue.features),
            "chosen": learned.fitted.chosen,
            **parameters.of_winner(learned.fitted.recipe),
        },
        "tags": {
            "verdict": card.verdict,
            "why": "; ".join(card.why),
            "data_hash": learned.data_hash,
            "feature_hash": learned.catalogue.hash,
        },
        "data": {
            "training": {"rows": learned.rows, "digest": learned.data_hash},
            "training for the test": {"rows": played.learned.rows, "digest": played.learned.data_hash},
            "test": {"rows": len(played.test), "digest": played.test.hash},
        },
    }
