"""Trains past one machine: features, matrices and trees stay on the workers of a Dask cluster, scalars come here."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from features.blocks import OPTIONAL
from features.catalogue import Catalogue, catalogue_of
from features.counts import added_up, count
from features.history import Floats, History, Ints
from features.kernel import matrix
from features.lake import check_instant, read
from leadloop.cluster import gather
from leadloop.settings import Settings
from leadloop.store.lake import Lake
from models.bundle import Bundle
from models.calibration import chance
from models.decay import Decay
from models.outcome import OutcomeModel
from models.tree import TreeModel
from training import lake, leakage, recipe
from training.against import Peer
from training.calibrate import calibrate
from training.candidates import fit_reasons
from training.case import Background
from training.dask_trees import Spread, fit_trees
from training.dataset import Dataset, to_teach
from training.evaluate import log_loss
from training.ladder import forward_pairs
from training.lake import Everybody
from training.recipe import Learned, Past, Progress, Seen, Standing, Trained, past_of, value_of
from training.rows import Fitted, Recipe, Rows

if TYPE_CHECKING:
    from distributed import Client

TREES = "lightgbm"
"""The candidate of `training.ladder` that is fitted here; the others want all rows on one machine."""

SAMPLE_ROWS = 50_000
"""So many rows come to one machine, for the model of the reasons and the logistic regression to measure against."""


def train(settings: Settings, client: "Client", source: Lake, as_of: int, say: Progress = lambda _: None) -> Trained:
    """What `training.retrain.train` does, from a lake, on the workers; nothing is registered before all is done.

    Raises: NothingToLearnError when there are too few ripe outcomes, ClusterError when the workers can't finish,
    InputError when the lake does not know that instant.
    """
    check_instant(source, as_of)
    say(f"reading the lake: {source.partitions} partitions, {len(client.nthreads())} workers")
    histories = [client.submit(read, source, number, as_of, pure=False) for number in range(source.partitions)]
    everyone = lake.everybody(gather(client, [client.submit(lake.outline, each, pure=False) for each in histories]))
    return recipe.train(settings, Many(settings, client, source, tuple(histories), everyone), as_of, say)


@dataclass(frozen=True)
class Many:
    """The engine of a cluster. `histories`: of each partition, on the workers; `everyone`: who is where."""

    settings: Settings
    client: "Client"
    source: Lake
    histories: tuple[Any, ...]
    everyone: Everybody
    ruling: leakage.Ruling | None = None
    follows_open: bool = False

    def judged(self, past: Past, leads: Ints, order: Floats) -> Self:
        """The same engine, which knows what leaks, seen on a sample of these leads."""
        data = to_teach(past.history, past.labels, leads, self.settings.horizon_days)
        catalogue = self._catalogue(data)
        taught = self._sample(self._spread(catalogue, data), data, order)
        return replace(self, ruling=self._judge(catalogue, past, taught, data, order))

    def past(self, as_of: int) -> Past:
        """Everybody on record today, with what had become of them by `as_of`."""
        own = self.settings.reasons
        parts = [
            self._submit(lake.outcomes, history, self.source, number, as_of, own)
            for number, history in enumerate(self.histories)
        ]
        known = lake.together(self.everyone, gather(self.client, parts))
        return past_of(self.settings, self.everyone.history, known.labels, known.closed, as_of)

    def learn(self, past: Past, leads: Ints, order: Floats, known: Recipe | None = None) -> Learned:
        """Trees alone, calibrated forward in time."""
        data = to_teach(past.history, past.labels, leads, self.settings.horizon_days)
        catalogue = self._catalogue(data)
        spread = self._spread(catalogue, data)
        taught = self._sample(spread, data, order)
        ruling = self.ruling or self._judge(catalogue, past, taught, data, order)
        catalogue, kept = leakage.without(catalogue, ruling)
        spread, taught = self._narrowed(spread, kept), replace(taught, X=taught.X[:, kept])
        fitted = self._fit(catalogue, spread, data, order[data.lead], taught)
        notes = () if len(taught.won) == len(data) else (_sampled(len(taught.won), len(data)),)
        return Learned(
            catalogue=catalogue,
            fitted=fitted,
            value=value_of(past.labels, leads),
            decay=Decay(),
            rows=len(data),
            data_hash=data.hash,
            taught=taught,
            notes=notes,
            ruling=ruling,
        )

    def see(self, learned: Learned, peers: Mapping[str, Peer], train: Dataset, test: Dataset) -> Seen:
        """Predict the test leads with what was learned and with its peers on the same features."""
        spread = self._spread(learned.catalogue, test)
        return Seen(
            p=self._each(lake.chances, spread, learned.fitted.model),
            value=np.full(len(test), learned.value.mean),
            raw={name: self._each(lake.predicted, spread, peer) for name, peer in peers.items()},
            heard_train=self._of_moments(lake.heard, train.lead, train.as_of),
            heard_test=self._of_moments(lake.heard, test.lead, test.as_of),
        )

    def columns(self, catalogue: Catalogue, data: Dataset) -> Floats:
        """The columns of a catalogue for these moments, brought here."""
        if not len(data):
            return np.empty((0, len(catalogue.features)))
        return self._of_moments(lake.columns, data.lead, data.as_of, catalogue)

    def sketch(self, data: Dataset) -> tuple[Catalogue, Floats]:
        """The catalogue that these moments teach, and its columns, brought here."""
        catalogue = self._catalogue(data)
        return catalogue, self.columns(catalogue, data)

    def stand(self, bundle: Bundle, leads: Ints, as_of: int) -> Standing:
        """Score leads at an instant."""
        found = self._of_moments(lake.scores, leads, np.full(len(leads), as_of), bundle)
        return Standing(*found.T)

    def _catalogue(self, data: Dataset) -> Catalogue:
        """From counts of every partition: those without moments still say which attributes there are."""
        placed, none = self.everyone.placed(data.lead), np.empty(0, dtype=np.int64)
        counts = []
        for number, history in enumerate(self.histories):
            rows = placed.get(number, none)
            counts.append(self._submit(count, history, self.everyone.local[data.lead[rows]], data.as_of[rows]))
        return catalogue_of(added_up(gather(self.client, counts)), self.settings.timezone).without(OPTIONAL)

    def _spread(self, catalogue: Catalogue, data: Dataset) -> Spread:
        """The matrix of these moments, left where their leads are."""
        placed, local = self.everyone.placed(data.lead), self.everyone.local
        parts = {
            number: self._submit(_matrix, self.histories[number], catalogue, local[data.lead[rows]], data.as_of[rows])
            for number, rows in placed.items()
        }
        return Spread(parts, placed, len(catalogue.features))

    def _judge(self, catalogue: Catalogue, past: Past, taught: Rows, data: Dataset, order: Floats) -> leakage.Ruling:
        """What leaks, seen on the rows of the sample and beside them on the leads that nobody has closed."""
        lead, at = leakage.waiting(past.history, past.open & ~past.labels.known, self.settings.seed)
        still = self._of_moments(_rows, lead, at, catalogue) if len(lead) else np.empty((0, len(catalogue.features)))
        changed = gather(self.client, [self._submit(leakage.changes, history) for history in self.histories])
        background = Background(still, order[lead], sum(map(Counter, changed), Counter()))
        moments = leakage.Moments(taught.X, taught.won, data.lead[self._drawn(data)], taught.order)
        return leakage.judge(catalogue, moments, self.settings.allow_columns, background, self.settings.seed)

    def _narrowed(self, spread: Spread, kept: NDArray[np.bool_]) -> Spread:
        """The same rows of fewer columns."""
        if kept.all():
            return spread
        parts = {number: self._submit(lake.columns_of, part, kept) for number, part in spread.parts.items()}
        return Spread(parts, spread.rows, int(kept.sum()))

    def _fit(self, catalogue: Catalogue, spread: Spread, data: Dataset, order: Floats, taught: Rows) -> Fitted:
        """The trees on all rows, with a calibration learned on predictions made forward in time."""
        raw = self._forward(catalogue, spread, data, order)
        seen = ~np.isnan(raw)
        won, weight = data.won[seen], data.weight[seen]
        calibration = calibrate(raw[seen], won, weight)
        trees = self._trees(catalogue, spread, data, np.arange(len(data)))
        model = OutcomeModel(trees, calibration, fit_reasons(catalogue, taught))
        losses = {TREES: log_loss(won, chance(raw[seen]), weight)}
        forward = np.full(len(raw), np.nan)
        forward[seen] = chance(calibration(raw[seen]))
        return Fitted(model, Recipe(TREES), losses, forward)

    def _forward(self, catalogue: Catalogue, spread: Spread, data: Dataset, order: Floats) -> Floats:
        raw = np.full(len(data), np.nan)
        for before, after in forward_pairs(data.won, order):
            model = self._trees(catalogue, spread, data, before)
            raw[after] = self._each(lake.predicted, spread, model)[after]
        return raw

    def _trees(self, catalogue: Catalogue, spread: Spread, data: Dataset, rows: Ints) -> TreeModel:
        return fit_trees(self.client, catalogue, spread, rows, (data.won, data.weight), self.settings.seed)

    def _sample(self, spread: Spread, data: Dataset, order: Floats) -> Rows:
        """At most so many rows, drawn by chance, in their order; all of them where they are few."""
        chosen = self._drawn(data)
        parts = {
            n: self._submit(lake.rows_of, spread.parts[n], np.flatnonzero(chosen[r])) for n, r in spread.rows.items()
        }
        found = gather(self.client, list(parts.values()))
        rows = np.concatenate([r[chosen[r]] for r in spread.rows.values()])
        X = np.concatenate(found)[np.argsort(rows, kind="stable")]
        some = data.take(chosen)
        return Rows(X, some.won, some.weight, some.reason, order[some.lead])

    def _drawn(self, data: Dataset) -> NDArray[np.bool_]:
        chosen = np.zeros(len(data), dtype=bool)
        chosen[np.random.default_rng(self.settings.seed).permutation(len(data))[:SAMPLE_ROWS]] = True
        return chosen

    def _each(self, work: Callable[..., Floats], spread: Spread, model: Any) -> Floats:
        """What a model says of each row."""
        shared = self._submit(_same, model)
        futures = [self._submit(work, part, shared) for part in spread.parts.values()]
        return self._in_order(spread.rows.values(), futures)

    def _of_moments(self, work: Callable[..., Floats], lead: Ints, as_of: Ints, *more: Any) -> Floats:
        """What is to be said of each moment, from its lead's history."""
        placed, local = self.everyone.placed(lead), self.everyone.local
        shared = [self._submit(_same, each) for each in more]
        futures = [
            self._submit(work, self.histories[number], local[lead[rows]], as_of[rows], *shared)
            for number, rows in placed.items()
        ]
        return self._in_order(placed.values(), futures)

    def _in_order(self, rows: Any, futures: list[Any]) -> Floats:
        parts = gather(self.client, futures)
        return np.asarray(np.concatenate(parts)[np.argsort(np.concatenate(list(rows)), kind="stable")])

    def _submit(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return self.client.submit(work, *arguments, pure=False)


def _matrix(history: History, catalogue: Catalogue, lead: Ints, as_of: Ints) -> Floats:
    return matrix(catalogue, history, lead, as_of)


def _rows(history: History, lead: Ints, as_of: Ints, catalogue: Catalogue) -> Floats:
    return matrix(catalogue, history, lead, as_of)


def _same(model: Any) -> Any:
    """As a task's result a model goes from worker to worker, and is made again where one that had it is lost."""
    return model


def _sampled(rows: int, of: int) -> str:
    return f"reasons and the logistic regression were learned from {rows:,} of {of:,} rows, drawn by chance"
