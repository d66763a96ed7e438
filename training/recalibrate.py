"""Makes a version's chances true again on the outcomes that came in since; nothing of its model is fitted anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from features.history import NEVER, Floats, History
from features.history import read as read_history
from leadloop.clock import isoformat, parse_as_of
from leadloop.errors import ModelError, NothingToLearnError
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from models import registry
from models.baseline import last_sign
from models.bundle import Bundle
from models.calibration import Calibration, chance, log_odds
from models.registry import Version
from models.switches import Noted
from training import parameters, scorecard
from training.against import capacity, window
from training.calibrate import ENOUGH, calibrate, choose, losses_of, surely_less, with_spread
from training.compare import Sides, compare
from training.dataset import Dataset, ripe, to_judge
from training.model_card import Told, documents
from training.recipe import Past, populated
from training.resample import draw
from training.retrain import Local
from training.scorecard import Predictions, Scorecard, Tested
from training.split import Split
from training.standing import champion_of
from training.verdict import DOUBT, SURE, Verdict, worse
from training.words import Both, both

BEFORE = "before"
"""The name of the old map among the baselines."""
LEAST, LEAST_WINS = 50, 10
"""Outcomes, and wins among them, from which on chances are recalibrated."""


@dataclass(frozen=True)
class Recalibrated:
    """What came of it. `before`: the version it began with; `version`: the new one, None where none was made;
    `scorecard`: of the new map, fitted on the older half of the outcomes, on the newer half; `champion`: the version
    that stands now.
    """

    before: str
    version: str | None
    scorecard: Scorecard
    champion: str | None

    @property
    def promoted(self) -> bool:
        """Whether the new version is the champion."""
        return self.version is not None and self.version == self.champion


def recalibrate(
    settings: Settings,
    ledger: Ledger,
    as_of: int,
    ref: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Recalibrated:
    """Fit a new map on outcomes that the version (None: the champion) never saw; switch it on if it is surely truer.

    Truer than the version it began with, that is: where another one stands, it waits as challenger.

    Raises: NoModelError, NothingToLearnError when too few outcomes came in since, ModelError when it can't be mended.
    """
    old = registry.load(settings, ref)
    since = _since(old)
    say("reading the ledger")
    history = read_history(ledger, as_of, blocks=old.bundle.catalogue.read_apart)
    engine = Local(settings, ledger, history)
    past = engine.past(as_of)
    data = fresh(settings, past, old, since)
    _refuse_few(data, old, since)
    say(f"{len(data)} outcomes since: the older half fits, the newer half judges")
    X = engine.columns(old.bundle.catalogue, data)
    trial = _Trial(settings, engine, old, data, X, old.bundle.outcome.win.raw(X))
    card = trial.card(past)
    if not trial.truer:
        return Recalibrated(old.version, None, card, champion_of(settings))
    say("fitting the map on all of them, and registering")
    bundle = populated(settings, engine, past, _with(old, trial.fitted(len(data)), data, past))
    version = _register(settings, old, bundle, card, {"rows": len(data), "digest": data.hash})
    if champion_of(settings) == old.version:
        registry.promote(settings, version, Noted.told("recalibrate", card.why, card.why_fr))
    else:
        registry.challenge(settings, version)
    return Recalibrated(old.version, version, replace(card, model_version=version), champion_of(settings))


def _since(old: Version) -> int:
    """When the version was trained. Raises: ModelError when that is unknown, or no map of chances can help."""
    facts, name = old.bundle.facts, f"Version {old.version}"
    if old.scorecard.get("verdict") == "do_not_activate":
        raise ModelError(f"{name} was refused for its order, which recalibrating does not change; train again")
    if facts.get("chosen") == "rules":
        raise ModelError(f"{name} ranks by rules: nothing was learned that could be recalibrated; run `leadloop train`")
    if not facts.get("as_of"):
        raise ModelError(f"{name} comes from an undated ledger: nothing tells which outcomes are newer; train again")
    return parse_as_of(str(facts["as_of"]))


def fresh(settings: Settings, past: Past, old: Version, since: int) -> Dataset:
    """Ripe leads that sales first touched after `since`, oldest first, but for those that gave the old map already.

    What the model was taught, it knows better than it will know anything new: those leads would flatter it.
    """
    history, horizon = past.history, settings.horizon_days
    leads = np.flatnonzero(ripe(history, past.labels, past.as_of, horizon))
    data = to_judge(history, past.labels, leads, horizon)
    used = old.bundle.facts.get("recalibrated_to")
    new = (data.as_of > since) & (data.as_of != NEVER)
    new &= data.order > (parse_as_of(str(used)) if used else -np.inf)
    data = data.take(new)
    return data.take(np.argsort(data.order, kind="stable"))


def _refuse_few(data: Dataset, old: Version, since: int) -> None:
    wins = int(data.won.sum())
    if len(data) < LEAST or wins < LEAST_WINS:
        raise NothingToLearnError(
            f"{len(data)} ripe outcomes, {wins} of them wins, are new to version {old.version} (trained as of "
            f"{isoformat(since)}): {LEAST}, {LEAST_WINS} of them wins, are the least to recalibrate on; wait for more"
        )


def fit_map(old: Calibration, raw: Floats, won: Floats, weight: Floats, order: Floats) -> Calibration:
    """A map of the raw log-odds: chosen anew where there are many wins, else the old one moved, and held to itself.

    One that would turn the order round is no map of chances: then the old one stays.
    """
    if float(weight @ won) >= ENOUGH:
        found = choose(raw, won, weight, order).calibration
    else:
        found = with_spread(old.moved(calibrate(old(raw), won, weight)), raw, won, weight)
    return found if found.rises else old


@dataclass(frozen=True)
class _Trial:
    """The new map, fitted on the older half, against the old one on the newer half. `raw`: before any map."""

    settings: Settings
    engine: Local
    old: Version
    data: Dataset
    X: Floats
    raw: Floats

    @cached_property
    def fits(self) -> Dataset:
        """The older half."""
        return self.data.take(np.arange(len(self.data) // 2))

    @cached_property
    def judges(self) -> Dataset:
        """The newer half."""
        return self.data.take(np.arange(len(self.data) // 2, len(self.data)))

    def fitted(self, count: int) -> Calibration:
        """The map that the oldest so many give."""
        some, before = self.data.take(np.arange(count)), self.old.bundle.outcome.calibration
        return fit_map(before, self.raw[:count], some.won, some.weight, some.order)

    @cached_property
    def said(self) -> dict[str, Floats]:
        """Log-odds of the judging leads: by the new map, the old one, and the share of wins of the older half."""
        raw, share = self.raw[len(self.fits) :], np.full(len(self.judges), self.fits.won.mean())
        new, old = self.fitted(len(self.fits)), self.old.bundle.outcome.calibration
        return {"after": new(raw), BEFORE: old(raw), "constant": log_odds(share)}

    @cached_property
    def losses(self) -> dict[str, Floats]:
        """The log loss of each judging lead by each of them."""
        return {name: losses_of(self.judges.won, said) for name, said in self.said.items()}

    @property
    def truer(self) -> bool:
        """Whether the new map is surely better than the old one."""
        return surely_less(self.losses["after"], self.losses[BEFORE], self.judges.weight)

    def doubt(self, name: str) -> float:
        """In how many of the resamples such chances are no truer than the base rate."""
        drawn = draw(len(self.judges), self.settings.seed)
        gain = (self.losses["constant"] - self.losses[name])[drawn.rows]
        return worse(drawn.counts.T @ gain)

    def verdict(self) -> tuple[Verdict, list[Both]]:
        """The order is the old one. Percentages come back where they are surely true, and go where that is in doubt."""
        means = {name: float(each.mean()) for name, each in self.losses.items()}
        figures = {"leads": len(self.judges), "after": means["after"], "before": means[BEFORE]}
        shown = self.old.scorecard["verdict"] == "activate"
        if not self.truer:
            off = [both("untrue before")] if self.doubt(BEFORE) > DOUBT else []
            return self.old.scorecard["verdict"], [both("no truer than before", **figures), *off]
        true = self.doubt("after") <= (DOUBT if shown else SURE)
        why = both("true chances" if true else "untrue chances")
        return ("activate" if true else "rank_only"), [both("truer than before", **figures), why]

    def card(self, past: Past) -> Scorecard:
        """The scorecard of the new map, with the old one as a baseline."""
        tested = self._tested(past.history)
        split = Split(self.fits.lead, self.judges.lead, "time")
        made = scorecard.make(tested, split, window(past.history, split), list(self.old.scorecard["excluded"]))
        verdict, why = self.verdict()
        facts = {"outcomes": len(self.data), "wins": int(self.data.won.sum()), "recalibrated_from": self.old.version}
        en, fr = [each.en for each in why], [each.fr for each in why]
        return replace(made, verdict=verdict, facts=facts, why=en, why_fr=fr)

    def _tested(self, history: History) -> Tested:
        fits, judges, bundle = self.fits, self.judges, self.old.bundle
        heard = (last_sign(history, each.lead, each.as_of) for each in (fits, judges))
        points = self.settings.points_column
        compared = compare(bundle.catalogue, points, Sides(fits, judges, *heard), {}, self.engine.columns)
        value = bundle.value.expected(self.X[len(fits) :])
        p = {name: chance(said) for name, said in self.said.items()}
        return Tested(
            won=judges.won,
            amount=np.where(judges.won == 1, np.nan_to_num(judges.amount, nan=bundle.value.mean), 0.0),
            model=Predictions(p["after"], p["after"], p["after"] * value),
            baselines={**compared.baselines, BEFORE: Predictions(p[BEFORE], p[BEFORE], p[BEFORE] * value)},
            capacity=capacity(self.settings, history, judges),
            seed=self.settings.seed,
            rivals=compared.rivals,
            segments=compared.segments,
            notes=compared.notes,
        )


def _with(old: Version, found: Calibration, data: Dataset, past: Past) -> Bundle:
    """The version's own parts with another map, and where it came from."""
    facts = {
        **old.bundle.facts,
        "recalibrated_as_of": isoformat(past.as_of),
        "recalibrated_from": old.version,
        "recalibrated_to": isoformat(int(past.history.created_at[data.lead].max())),
    }
    return replace(old.bundle, outcome=replace(old.bundle.outcome, calibration=found), facts=facts)


def _register(settings: Settings, old: Version, bundle: Bundle, card: Scorecard, data: Mapping[str, Any]) -> str:
    facts = bundle.facts
    params = {
        **parameters.of_every(settings, parse_as_of(str(facts["as_of"]))),
        **{name: facts.get(name) for name in ("recalibrated_as_of", "recalibrated_from", "chosen")},
        "rows": data["rows"],
        "features": len(bundle.catalogue.features),
        "seed": settings.seed,
    }
    tags = {"verdict": card.verdict, "why": "; ".join(card.why), "feature_hash": bundle.catalogue.hash}
    run: dict[str, dict[str, Any]] = {
        "params": params,
        "tags": {**tags, **registry.named("recalibrate", facts["recalibrated_as_of"])},
        "data": {"calibration": data},
    }
    told = card.as_dict()
    pages = documents(Told(told, bundle, old.importances, run["data"]))
    return registry.register(settings, bundle, told, run, importances=old.importances, pages=pages)
