"""Whether a challenger becomes the champion, waits as challenger, or is refused, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from leadloop.settings import Settings
from models.registry import Version
from training.decision_words import because
from training.leakage import Ruling
from training.window import LEAST, LEAST_WINS, News
from training.words import Both

Outcome = Literal["promoted", "kept", "refused", "nothing_new", "busy"]
SURELY = 0.95
"""In so many of the resamples something is worse before it is called so."""


@dataclass(frozen=True)
class Decision:
    """What was decided. `checks`: each thing that was looked at, and whether it was passed."""

    outcome: Outcome
    why: Sequence[Both]
    checks: Mapping[str, bool]

    def as_dict(self) -> dict[str, Any]:
        """As it is kept."""
        en, fr = [each.en for each in self.why], [each.fr for each in self.why]
        return {"outcome": self.outcome, "why": en, "why_fr": fr, "checks": dict(self.checks)}


def first(card: Mapping[str, Any], broken: str | None = None) -> Decision:
    """Where no learned model is switched on: the gate of `leadloop train`. `broken`: why it can't score at all."""
    if broken is not None:
        return Decision("refused", [Both(broken, broken)], {"scores": False})
    passed = card["verdict"] != "do_not_activate"
    told = [Both(en, fr) for en, fr in zip(card["why"], card["why_fr"], strict=True)]
    return Decision("promoted" if passed else "refused", [because("first"), *told], {"scorecard": passed})


def too_little(champion: Version, news: News | None, *, can_learn: bool) -> Decision:
    """Where two models can't be told apart; `news`: None where nothing is dated."""
    known = {"champion": champion.version}
    if news is None:
        return Decision("refused", [because("undated", **known)], {"dated": False})
    if not can_learn:
        return Decision("refused", [because("too few outcomes", **known)], {"enough": False})
    counted = {"leads": news.leads, "wins": news.wins, "expected": news.expected, "coming": news.coming}
    counted |= {"least": LEAST, "least_wins": LEAST_WINS}
    return Decision("refused", [because("too little new", **known, **counted)], {"enough": False})


@dataclass(frozen=True)
class Trial:
    """What is known of the two when it is to be decided. `measured`: of the window (training/duel.py) and the clock."""

    settings: Settings
    champion: Version
    challenger: Version
    ruling: Ruling
    measured: Mapping[str, Any]

    def decide(self) -> Decision:
        """Refused for whatever is wrong with it, else promoted where it surely is better, else kept."""
        against: dict[str, list[Both]] = {
            "scores": list(self._broken()),
            "scorecard": list(self._by_its_scorecard()),
            "leaks": list(self._leaks()),
            "forward": list(self._worse()),
            "segments": list(self._segments()),
            "calibration": list(self._less_true()),
            "latency": list(self._slower()),
        }
        checks = {name: not said for name, said in against.items()}
        wrong = [said for each in against.values() for said in each]
        if wrong:
            return Decision("refused", wrong, checks)
        better = self._no_better <= self.settings.retrain_doubt
        said = self._said("better" if better else "not surely better", wanted=1 - self.settings.retrain_doubt)
        why = [*self._ranks_only(), said] if better else [said]
        return Decision("promoted" if better else "kept", why, checks | {"better": better})

    @property
    def _no_better(self) -> float:
        return float(self.measured["differences"]["log_loss"]["no_better"])

    def _said(self, key: str, figure: str = "log_loss", **more: object) -> Both:
        found = self.measured["differences"][figure]
        figures = {"before": found["champion"], "after": found["challenger"], "share": 1 - found["no_better"]}
        seen = {name: self.measured["window"][name] for name in ("leads", "wins")}
        return because(key, champion=self.champion.version, **figures, **seen, **more)

    def _broken(self) -> Iterator[Both]:
        if self.measured.get("broken"):
            yield Both(self.measured["broken"], self.measured["broken"])

    def _by_its_scorecard(self) -> Iterator[Both]:
        card = self.challenger.scorecard
        if card["verdict"] == "do_not_activate":
            yield from (Both(en, fr) for en, fr in zip(card["why"], card["why_fr"], strict=True))

    def _leaks(self) -> Iterator[Both]:
        """Somebody let the column in; that it is worth a promotion without anybody looking is another matter."""
        new = {each.name for each in self.challenger.bundle.catalogue.attributes}
        new -= {each.name for each in self.champion.bundle.catalogue.attributes}
        for each in self.ruling.let_in:
            if each.column in new:
                yield because("leaks", column=each.column, evidence=each.evidence, champion=self.champion.version)

    def _ranks_only(self) -> Iterator[Both]:
        """Truer than the chances that are shown, and by its own test not surely truer than the base rate."""
        if self.champion.chances == "true" and self.challenger.scorecard["verdict"] == "rank_only":
            yield because("ranks only", champion=self.champion.version)

    def _worse(self) -> Iterator[Both]:
        if self.measured["differences"]["log_loss"]["worse"] >= SURELY:
            yield self._said("surely worse")
        if self.measured["differences"]["value_at_capacity"]["worse"] >= SURELY:
            yield self._said("less value", "value_at_capacity", capacity=self.measured["capacity"])

    def _segments(self) -> Iterator[Both]:
        for each in self.measured["segments"]:
            if each["worse"]:
                yield because("segment worse", segment=each["segment"], level=each["level"], leads=each["leads"])

    def _less_true(self) -> Iterator[Both]:
        found = self.measured["calibration"]
        if found["farther"] >= SURELY:
            figures = {"before": found["champion"], "after": found["challenger"], "wins": found["wins"]}
            yield because("less true", champion=self.champion.version, **figures)

    def _slower(self) -> Iterator[Both]:
        found, times = self.measured.get("latency"), self.settings.retrain_slower
        budget = self.settings.retrain_budget_ms
        if found and found["challenger"] > max(budget, times * found["champion"]):
            figures = {"before": found["champion"], "after": found["challenger"], "times": times, "budget": budget}
            yield because("slower", champion=self.champion.version, **figures)
