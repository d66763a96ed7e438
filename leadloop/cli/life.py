"""Commands of the model's life: retrain, and the worker that does it again and again."""

import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from leadloop import console
from leadloop.cli.options import (
    NO_VERSION,
    VERDICT_IS_NO,
    AsOf,
    Config,
    Home,
    Json,
    Lang,
    app,
    instant_of,
    language_of,
    open_ledger,
    settings_of,
)
from leadloop.errors import LeadLoopError

if TYPE_CHECKING:
    from serving.state import State
    from training.retraining import Retrained, Tools

STATE = {
    "en": {
        "promoted": "Version {version} is now the champion.",
        "kept": "Version {version} waits as challenger; version {champion} stays the champion.",
        "refused": "Refused; the champion is version {champion}.",
        "nothing_new": "Nothing is done; the champion is version {champion}.",
        "busy": "Nothing is done here; the champion is version {champion}.",
    },
    "fr": {
        "promoted": "La version {version} est désormais le champion.",
        "kept": "La version {version} attend comme challenger ; la version {champion} reste le champion.",
        "refused": "Refusé ; le champion est la version {champion}.",
        "nothing_new": "Rien n’est fait ; le champion est la version {champion}.",
        "busy": "Rien n’est fait ici ; le champion est la version {champion}.",
    },
}
STOPPED = 128 + signal.SIGTERM
"""Exit code of a retraining that was told to stop: what a shell makes of that signal."""
LOOKED_AT = {
    "en": {True: "passed: {checks}", False: "not passed: {checks}"},
    "fr": {True: "réussi : {checks}", False: "non réussi : {checks}"},
}
DRIFT = {
    "en": (
        "drift: no alarm",
        "drift: 1 alarm ({facts}); see `leadloop report drift`",
        "drift: {count} alarms ({facts}); see `leadloop report drift`",
    ),
    "fr": (
        "dérive : aucune alarme",
        "dérive : 1 alarme ({facts}) ; voir `leadloop report drift`",
        "dérive : {count} alarmes ({facts}) ; voir `leadloop report drift`",
    ),
}
FACTS_NAMED = 5


@app.command()
def retrain(
    as_of: AsOf = None,
    lang: Lang = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Learn from the newest data; the challenger is promoted if it does better, else kept, or refused (code 3)."""
    from training.retraining import retrain as again

    stop = Stop()
    signal.signal(signal.SIGTERM, stop)
    settings = settings_of(home, config)
    language, ledger = language_of(settings, lang), open_ledger(settings)
    done = again(settings, ledger, instant_of(ledger, settings, as_of), stop.say, tools_of())
    if as_json:
        console.print_json(done.as_dict())
    else:
        show(done, language)
    if done.decision.outcome == "refused":
        raise typer.Exit(VERDICT_IS_NO)


@dataclass
class Stop:
    """What SIGTERM does: an exit like any other, so that the lease is given back; at the next step at the latest, since
    Python drops an exit that falls into the end of some object.
    """

    told: bool = False

    def __call__(self, *_: object) -> None:
        """The signal came."""
        self.told = True
        sys.exit(STOPPED)

    def say(self, step: str) -> None:
        """Tell of a step before it is done, if it still is to be."""
        if self.told:
            sys.exit(STOPPED)
        console.say(step)


def tools_of() -> "Tools":
    """What retraining borrows from the room that serves."""
    from serving import smoke, stopwatch
    from serving.reports.drift_found import as_json, look
    from serving.scorer import Scorer
    from training.retraining import Tools

    return Tools(
        timer=stopwatch.milliseconds,
        drift=lambda settings, ledger, as_of, version: as_json(look(ledger, Scorer(version), settings, as_of)),
        look=lambda ledger, version: smoke.check(Scorer(version), ledger),
    )


def show(done: "Retrained", language: str) -> None:
    """What came of it, for people."""
    from serving.reports.language import AND
    from training.decision_words import CHECKS

    for reason in done.decision.why:
        console.note(reason.fr if language == "fr" else reason.en)
    for passed, told in LOOKED_AT[language].items():
        if checks := [name for name, so in done.decision.checks.items() if so == passed]:
            console.note(told.format(checks=AND[language].join(getattr(CHECKS[name], language) for name in checks)))
    if (alarms := done.report.get("drift", {}).get("alarms")) is not None:
        console.note(_drift(alarms, language))
    champion = done.champion or NO_VERSION[language]
    told = STATE[language][done.decision.outcome].format(version=done.version, champion=champion)
    console.out.print(told, highlight=False)


def _drift(alarms: Sequence[Mapping[str, str]], language: str) -> str:
    """One line; the report has the rest."""
    named = [alarm[language] for alarm in alarms[:FACTS_NAMED]] + ["…"] * (len(alarms) > FACTS_NAMED)
    return DRIFT[language][min(len(alarms), 2)].format(count=len(alarms), facts=", ".join(named))


@app.command()
def worker(home: Home = None, config: Config = None) -> None:
    """Retrain on schedule, send webhooks, watch promises and drift, enforce retention: until it is told to stop."""
    from serving.chores import Chore
    from serving.worker import work

    settings = settings_of(home, config)
    work(settings, [Chore("retraining", LOOKS_SECONDS, Schedule().work)])


LOOKS_SECONDS = 5.0
"""How often a worker looks whether it is time to retrain."""
AGAIN_SECONDS = 3_600
"""After a retraining that failed, so long passes before the next."""
BUSY_SECONDS = 60
"""While another process retrains, so long passes before the next look."""
_log = logging.getLogger("leadloop.retraining")


class StoppingError(LeadLoopError):
    """The worker was told to stop; the retraining is completed by the next one."""


@dataclass
class Schedule:
    """When a worker retrains: so long after the last run began, whoever ran it, and at once where one was killed.

    `waits`: whether another process was at it when this one looked last, which is said once.
    """

    not_before: int = 0
    waits: bool = False

    def work(self, state: "State") -> None:
        """A job: retrain, where it is time."""
        from leadloop.clock import SECOND, now, to_micros

        if to_micros(now()) < self.not_before or not self.due(state):
            return
        self.not_before = to_micros(now()) + AGAIN_SECONDS * SECOND
        done = _retrain(state)
        waited, self.waits = self.waits, done.decision.outcome == "busy"
        self.not_before = to_micros(now()) + BUSY_SECONDS * SECOND if self.waits else 0
        if waited and self.waits:
            return
        told = {"decision": done.decision.outcome, "version": done.version, "champion": done.champion}
        _log.info("retraining", extra={**told, "why": "; ".join(each.en for each in done.decision.why)})

    def due(self, state: "State") -> bool:
        """Whether it is time, as the ledger tells it."""
        from leadloop.clock import HOUR, now, to_micros
        from leadloop.store import runs

        with state.ledger.reading() as connection:
            left, last = runs.unfinished(connection), runs.newest(connection)
        passed = to_micros(now()) - (last[0].started_at if last else 0)
        return left is not None or passed >= state.settings.retrain_every_hours * HOUR


def _retrain(state: "State") -> "Retrained":
    from serving.scorer import when
    from training.retraining import retrain as again

    def say(step: str) -> None:
        if state.stopping:
            raise StoppingError
        _log.info("retraining: step", extra={"step": step})

    return again(state.settings, state.ledger, when(state.ledger, None), say, tools_of())
