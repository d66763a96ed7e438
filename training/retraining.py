"""The periodic job: learns anew, judges the challenger beside the champion, and switches on, keeps or refuses it.

Each step is noted in the ledger's `runs` before the next begins, so that a run that was killed is completed by the
next; one process at a time works, wherever it is (docs/retraining.md).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from features.blocks import OPTIONAL
from features.history import read as read_history
from leadloop.clock import isoformat
from leadloop.errors import BrokenModelError
from leadloop.settings import Settings
from leadloop.store import audit, failpoint, runs
from leadloop.store.alone import Turn, turn
from leadloop.store.ledger import Ledger
from leadloop.store.runs import Run
from models import aliases, leftovers, logged, registry
from models.registry import Version
from training import decision, fingerprint, recipe
from training.decision import Decision, Trial
from training.decision_words import because, decided
from training.judging import Drifting, Judging, Timer
from training.leakage import NOTHING_REFUSED
from training.recipe import Past, Progress
from training.retrain import Local
from training.standing import carry_out, champion_of, is_learned
from training.window import Window, taught_until

JOB = "retrain"
SUPERSEDED = "superseded"
"""What became of a run that was killed before it decided, when more was recorded before the next; or whose version is
in MLflow no more.
"""


@dataclass(frozen=True)
class Tools:
    """What other rooms lend: the clock of a single score, the report on drift, and a trial whether a version scores.

    `look`: raises BrokenModelError where it does not.
    """

    timer: Timer | None = None
    drift: Drifting | None = None
    look: Callable[[Ledger, Version], object] | None = None


@dataclass(frozen=True)
class Retrained:
    """What came of it. `version`: the one that was registered; `champion`: the one that stands now; `completed`:
    whether a run was completed that another process had begun.
    """

    decision: Decision
    version: str | None
    champion: str | None
    report: Mapping[str, Any] = field(default_factory=dict)
    run: Run | None = None
    completed: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON this is what `leadloop retrain --json` prints."""
        told = self.decision.as_dict()
        run = self.run.as_json() if self.run else {}
        run.pop("report", None)
        return {
            "decision": told.pop("outcome"),
            **told,
            "version": self.version,
            "champion": self.champion,
            "champion_before": run.get("champion_before", self.champion),
            "completed": self.completed,
            "report": dict(self.report),
            "run": run,
        }


def retrain(
    settings: Settings, ledger: Ledger, as_of: int, say: Progress = lambda _: None, tools: Tools | None = None
) -> Retrained:
    """One run of the job, by everything recorded by `as_of` (microseconds UTC); does nothing while another is at it.

    Raises: NothingToLearnError when there is no lead at all, BrokenModelError when the champion can't be read,
    RegistryError, StoreError; the run is completed by the next one.
    """
    with turn(ledger, JOB, settings.retrain_lease_seconds) as mine:
        if mine is None:
            return Retrained(Decision("busy", [because("busy")], {}), None, champion_of(settings))
        return _Job(settings, ledger, as_of, say, tools or Tools(), mine).work()


@dataclass
class _Job:
    """One run, from what was left over to what is done."""

    settings: Settings
    ledger: Ledger
    as_of: int
    say: Progress
    tools: Tools
    turn: Turn

    def work(self) -> Retrained:
        """Complete what was left, then do what there is to do."""
        left = self._left_over()
        if left is not None and left.step == runs.DECIDED:
            self.say("completing a run that had decided")
            return self._carried_out(left, completed=True)
        run = None if left is None else self._taken_up(left)
        if run is None and (known := self._nothing_new()) is not None:
            return known
        completed, run = run is not None, run or self._begun()
        if run.decision is None:
            run = self._decided(run)
        return self._carried_out(run, completed=completed)

    @cached_property
    def bare(self) -> Local:
        """The ledger's history, read once."""
        self.say("reading the ledger")
        return Local(self.settings, self.ledger, read_history(self.ledger, self.as_of, blocks=OPTIONAL))

    @cached_property
    def past(self) -> Past:
        """What is known today."""
        return self.bare.past(self.as_of)

    @cached_property
    def engine(self) -> Local:
        """The same, once it has judged what leaks."""
        return recipe.prepared(self.settings, self.bare, self.past, self.say)

    @cached_property
    def learned_from(self) -> tuple[str, str]:
        """Hashes of the data and of the recipe."""
        return fingerprint.of_data(self.settings, self.past), fingerprint.of_recipe(self.settings)

    @cached_property
    def champion(self) -> Version | None:
        """The version that stands."""
        standing = champion_of(self.settings)
        return None if standing is None else registry.load(self.settings, standing)

    def _left_over(self) -> Run | None:
        """The run that was killed; it is set aside where somebody deleted its version, or MLflow was restored."""
        with self.ledger.reading() as connection:
            left = runs.unfinished(connection)
        if left is None or left.version is None:
            return left
        if left.version in {each.version for each in aliases.shelf(self.settings).versions()}:
            return left
        self.say(f"MLflow has no version {left.version} any more: the run of {isoformat(left.started_at)} is set aside")
        with self.ledger.writing() as connection:
            runs.end(connection, left, decision=SUPERSEDED)
        return self._left_over()

    def _taken_up(self, left: Run) -> Run | None:
        """Go on with a run that has not decided, if it learns from what is there today; else it is set aside."""
        champion = self.champion.version if self.champion else None
        version = left.version or leftovers.whole(self.settings, left.run_id)
        if (left.data, left.recipe) == self.learned_from and left.champion == champion:
            self.say(f"going on with the run of {isoformat(left.started_at)}")
            return self._note(left, version=version, holder=self.turn.holder)
        with self.ledger.writing() as connection:
            runs.end(connection, left, decision=SUPERSEDED, version=version)
        if version is not None:
            registry.annotate(self.settings, version, {"retraining.decision": SUPERSEDED})
        return None

    def _begun(self) -> Run:
        with self.ledger.writing() as connection:
            champion = self.champion.version if self.champion else None
            run = runs.begin(connection, self.as_of, self.learned_from, champion, self.turn.holder)
        failpoint.hit("retrain_begun")
        return run

    def _note(self, run: Run, **changed: Any) -> Run:
        """Note how far the run came, while the turn is ours."""
        self.turn.check()
        with self.ledger.writing() as connection:
            return runs.note(connection, run, **changed)

    def _nothing_new(self) -> Retrained | None:
        """Whether all of this was learned before."""
        with self.ledger.reading() as connection:
            last = runs.same(connection, *self.learned_from)
        until = taught_until(self.champion) if self.champion else None
        if last is not None and last.version is None:
            why = because("nothing new, nothing made", at=isoformat(last.started_at))
        elif last is not None:
            why = because("nothing new", version=last.version)
        elif self.champion and until is not None and until >= self.as_of:
            why = because("nothing new", version=self.champion.version)
        else:
            return None
        found = Decision("nothing_new", [why], {})
        with self.ledger.writing() as connection:
            champion = self.champion.version if self.champion else None
            run = runs.begin(connection, self.as_of, self.learned_from, champion, self.turn.holder)
            run = runs.end(connection, run, decision=found.outcome, report=found.as_dict())
        return Retrained(found, last.version if last else None, champion, {}, run)

    def _decided(self, run: Run) -> Run:
        """Train, judge, decide, and note that."""
        found, version, report = self._found(run)
        failpoint.hit("retrain_judged")
        kept = {**found.as_dict(), "report": report}
        run = self._note(run, step=runs.DECIDED, decision=found.outcome, version=version, report=kept)
        failpoint.hit("retrain_decided")
        return run

    def _found(self, run: Run) -> tuple[Decision, str | None, dict[str, Any]]:
        if self.champion is None or not is_learned(self.champion):
            return self._first(run)
        count, window = Judging(self.settings, self.bare, self.past, self.champion).window()
        report = self._drift(self.champion)
        if window is None:
            report["new"] = (
                None if count is None else {"leads": count.leads, "wins": count.wins, "coming": count.coming}
            )
            can_learn = recipe.can_learn(self.settings, self.past)
            return decision.too_little(self.champion, count, can_learn=can_learn), None, report
        challenger = self._registered(run)
        measured = {**self._measured(self.champion, window, challenger), **report}
        trial = Trial(self.settings, self.champion, challenger, self.engine.ruling or NOTHING_REFUSED, measured)
        return trial.decide(), challenger.version, measured

    def _first(self, run: Run) -> tuple[Decision, str | None, dict[str, Any]]:
        """No learned model stands: the gate decides; rules that stand already need no other rules."""
        if self.champion is not None and not recipe.can_learn(self.settings, self.past):
            return decision.too_little(self.champion, None, can_learn=False), None, {}
        challenger = self._registered(run)
        return decision.first(challenger.scorecard, self._broken(challenger)), challenger.version, {}

    def _broken(self, challenger: Version) -> str | None:
        """What keeps it from scoring, if anything."""
        if self.tools.look is None:
            return None
        try:
            self.tools.look(self.ledger, challenger)
        except BrokenModelError as error:
            return str(error)
        return None

    def _registered(self, run: Run) -> Version:
        """The challenger: the one that this run registered before it was killed, else a new one."""
        if run.version is None:
            made = recipe.make(self.settings, self.engine, self.past, self.say)
            failpoint.hit("retrain_trained")
            self.turn.check()
            version = recipe.register(self.settings, made, self.say, {leftovers.RUN_TAG: run.run_id}, "retrain")
            failpoint.hit("retrain_registered")
            run = self._note(run, step=runs.NOTED, version=version)
            failpoint.hit("retrain_noted")
        return registry.load(self.settings, run.version)

    def _measured(self, champion: Version, window: Window, challenger: Version) -> dict[str, Any]:
        self.say(f"champion and challenger on the {len(window.data)} newest leads")
        found = Judging(self.settings, self.engine, self.past, champion).measured(window)
        found["broken"] = self._broken(challenger)
        if self.tools.timer is not None and found["broken"] is None:
            champion_ms, challenger_ms = self.tools.timer(self.settings, self.ledger, (champion, challenger))
            found["latency"] = {"champion": champion_ms, "challenger": challenger_ms}
        return found

    def _drift(self, champion: Version) -> dict[str, Any]:
        if self.tools.drift is None:
            return {}
        self.say("looking for drift")
        return {"drift": dict(self.tools.drift(self.settings, self.ledger, self.as_of, champion))}

    def _carried_out(self, run: Run, *, completed: bool) -> Retrained:
        """Do what was decided: it may have been done already, in part or whole."""
        self.turn.check()
        run, found = carry_out(self.settings, run)
        failpoint.hit("retrain_switched")
        if run.version is not None:
            _tell(self.settings, run, run.version, found)
        with self.ledger.writing() as connection:
            run = runs.end(connection, run, decision=found.outcome, report={**run.report, **found.as_dict()})
            if found.outcome == "promoted":
                detail = {"before": run.champion, "retraining": run.run_id}
                audit.record(connection, JOB, "model.promoted", f"model:{run.version}", detail)
        failpoint.hit("retrain_done")
        return Retrained(found, run.version, champion_of(self.settings), run.report.get("report", {}), run, completed)


def _tell(settings: Settings, run: Run, version: str, found: Decision) -> None:
    """Leave with the version, for MLflow's pages, what was looked at and what was decided."""
    failed = ", ".join(name for name, passed in found.checks.items() if not passed)
    registry.annotate(settings, version, {"retraining.failed": failed})
    told = run.as_json()
    kept = {name: told[name] for name in ("run_id", "as_of", "champion_before", "version")}
    report = {**kept, **found.as_dict(), "report": run.report.get("report", {})}
    day = told["as_of"][:10] if told["as_of"] else None
    logged.log_judged(settings, version, report, decided(found.outcome, found.why, day))
