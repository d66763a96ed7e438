"""The periodic job: promotes what is surely better on leads that neither knows, keeps or refuses the rest, and why."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from features.history import Floats, read
from leadloop.clock import HOUR, isoformat
from leadloop.errors import BrokenModelError
from leadloop.settings import Settings
from leadloop.store import audit, runs
from leadloop.store.alone import turn
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow, OutcomeRow
from models import aliases, registry
from models.by_client import client
from models.switches import REASON_AT_MOST, Switch, history
from tests.support import COMMAND, _environment, leadloop, run_of
from tests.training.company import Company, day, fill
from training.dataset import Dataset
from training.decision import Decision, Outcome
from training.recipe import teachers
from training.retrain import Local
from training.retraining import JOB, Retrained, Tools, _tell, retrain
from training.standing import carry_out
from training.window import LEAST, News, news

Somewhere = Callable[[str], Settings]
BEFORE, NOW = 60, 110
STEADY, TURNED = Company(NOW, seed=2), Company(NOW, turn=64, seed=2)
QUICK = {"tune_trials": 0, "capacity": 2, "horizon_days": 20.0}


@dataclass(frozen=True)
class Shop:
    """A company with a champion of day BEFORE, and all that came in until day NOW."""

    settings: Settings
    ledger: Ledger

    def retrain(self, number: int = NOW, tools: Tools | None = None, **changed: object) -> Retrained:
        """The job, as of a day."""
        return retrain(self.settings.model_copy(update=changed), self.ledger, day(number), tools=tools)


@contextmanager
def shop(settings: Settings, lead_rows: list[LeadRow], outcome_rows: list[OutcomeRow]) -> Iterator[Shop]:
    """The company's first model is trained on the unmarked rows."""
    chosen = settings.model_copy(update=QUICK)
    ledger = Ledger.open(chosen.ledger_url)
    fill(ledger, lead_rows, outcome_rows)
    made = Shop(chosen, ledger)
    assert made.retrain(BEFORE).decision.outcome == "promoted"
    yield made
    ledger.close()


@pytest.fixture(scope="module")
def turned(somewhere: Somewhere) -> Iterator[tuple[Shop, Retrained]]:
    """The market turned after the champion had learned, and the job has run once."""
    with shop(somewhere("turned"), TURNED.leads, TURNED.outcomes) as made:
        yield made, made.retrain()


def switched(settings: Settings) -> list[Switch]:
    """Who switched what, the newest first."""
    return history(aliases.shelf(settings).versions())


def test_a_challenger_that_knows_the_market_of_today_is_promoted(turned: tuple[Shop, Retrained]) -> None:
    made, done = turned
    assert (done.decision.outcome, done.version, done.champion) == ("promoted", "2", "2")
    assert aliases.read(made.settings) == {"champion": "2", "previous": "1"}
    assert registry.pointed(made.settings) == "2"


def test_what_was_decided_and_why_is_in_the_ledger_the_registry_and_the_audit_log(
    turned: tuple[Shop, Retrained],
) -> None:
    made, done = turned
    with made.ledger.reading() as connection:
        kept, logged = runs.newest(connection)[0], audit.read(connection)[0]
    tags = client(made.settings).get_model_version(made.settings.registered_model, "2").tags
    assert (kept.decision, kept.report["why"]) == ("promoted", done.as_dict()["why"])
    assert (tags["retraining.decision"], tags["retraining.why"]) == ("promoted", "; ".join(kept.report["why"]))
    assert tags["retraining.why_fr"] == "; ".join(kept.report["why_fr"])
    assert switched(made.settings)[0].reason_fr == kept.report["why_fr"][-1][:REASON_AT_MOST]
    assert (logged.action, logged.subject) == ("model.promoted", "model:2")


def test_a_run_in_mlflow_says_that_it_is_a_retrainings_and_as_of_when(turned: tuple[Shop, Retrained]) -> None:
    made, done = turned
    assert run_of(made.settings, done.version).info.run_name == f"retrain {isoformat(day(NOW))[:10]}"


def test_what_was_looked_at_is_a_file_of_the_versions_run_and_its_description_says_what_was_decided(
    turned: tuple[Shop, Retrained],
) -> None:
    made, done = turned
    mlflow = client(made.settings)
    found = mlflow.get_model_version(made.settings.registered_model, "2")
    kept = json.loads(Path(mlflow.download_artifacts(found.run_id, "retraining.json")).read_text())
    assert (kept["outcome"], kept["champion_before"], kept["checks"]) == ("promoted", "1", done.decision.checks)
    assert kept["report"]["differences"] == done.report["differences"]
    assert found.tags["retraining.failed"] == ""
    day_of = isoformat(day(NOW))[:10]
    assert f"**Switched on** by the retraining of {day_of}: {done.decision.why[0].en}" in found.description
    assert f"**Mise en service** par le réentraînement du {day_of} : {done.decision.why[0].fr}" in found.description


def test_told_twice_a_description_says_once_what_was_decided_and_names_the_failed_checks(
    turned: tuple[Shop, Retrained],
) -> None:
    made, done = turned
    assert done.run is not None
    outcomes: tuple[Outcome, ...] = ("kept", "refused")
    for outcome in outcomes:
        failed = Decision(outcome, done.decision.why, {"scores": True, "leaks": False, "latency": False})
        _tell(made.settings, done.run, "1", failed)
    found = client(made.settings).get_model_version(made.settings.registered_model, "1")
    assert found.tags["retraining.failed"] == "leaks, latency"
    assert ("Ranks open leads" in found.description, found.description.count("by the retraining")) == (True, 1)
    assert "**Refused** by the retraining" in found.description


def test_both_are_judged_on_leads_first_touched_after_both_had_learned(turned: tuple[Shop, Retrained]) -> None:
    report = turned[1].report
    assert report["taught_until"]["champion"] < report["taught_until"]["challenger"] == report["window"]["from"]
    assert report["differences"]["log_loss"]["gain"] > 0


def test_the_same_again_registers_nothing(turned: tuple[Shop, Retrained]) -> None:
    made, _ = turned
    again = made.retrain()
    assert (again.decision.outcome, again.champion, again.decision.why[0].en) == (
        *("nothing_new", "2", "nothing new since version 2"),
    )
    assert registry.newest(made.settings) == "2"


@pytest.mark.parametrize(("step", "decision"), [(runs.NOTED, None), (runs.DECIDED, "promoted")])
def test_a_run_whose_version_mlflow_has_no_more_is_set_aside_and_a_new_one_begins(
    turned: tuple[Shop, Retrained], step: str, decision: str | None
) -> None:
    made, done = turned
    with made.ledger.writing() as connection:
        run = runs.begin(connection, day(NOW), ("other", "recipe"), "1", "dead")
        runs.note(connection, run, step=step, decision=decision, version="77", report=done.as_dict())
    said = list[str]()
    again = retrain(made.settings, made.ledger, day(NOW), said.append)
    assert (again.decision.outcome, again.completed, again.champion) == ("nothing_new", False, "2")
    assert "MLflow has no version 77 any more" in said[0]
    with made.ledger.reading() as connection:
        assert [each.decision for each in runs.newest(connection, 2)] == ["nothing_new", "superseded"]


def test_while_another_retrains_nothing_is_done(turned: tuple[Shop, Retrained]) -> None:
    made, _ = turned
    with turn(made.ledger, JOB, 60.0) as mine:
        assert mine is not None
        assert made.retrain(NOW - 1).decision.outcome == "busy"


def test_a_version_that_somebody_switched_on_meanwhile_stays(turned: tuple[Shop, Retrained]) -> None:
    made, done = turned
    assert done.run is not None
    judged = replace(done.run, champion="7", version="1")
    _, found = carry_out(made.settings, judged)
    assert (found.outcome, aliases.read(made.settings)) == (
        "kept",
        {"champion": "2", "previous": "1", "challenger": "1"},
    )
    assert "version 2 was switched on meanwhile" in found.why[-1].en


def test_training_names_the_champion_that_it_replaces(somewhere: Somewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    with shop(somewhere("anew"), STEADY.leads, STEADY.outcomes) as made:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", made.settings.tracking_uri)
        asked = ("train", "--home", made.settings.home, "--as-of", isoformat(day(BEFORE - 2)))
        name = made.settings.registered_model
        said = leadloop(*asked, registered_model=name, tune_trials="0", capacity="2", horizon_days="20.0")
        assert "Version 2 is now the champion, before it 1; `leadloop rollback` brings it back." in said


def test_too_little_news_is_refused_before_anything_is_trained(somewhere: Somewhere) -> None:
    with shop(somewhere("too little"), STEADY.leads, STEADY.outcomes) as made:
        done = made.retrain(BEFORE + 5)
        assert (done.decision.outcome, done.version, registry.newest(made.settings)) == ("refused", None, "1")
        assert "too little is new to version 1: 20 leads" in done.decision.why[0].en
        assert [each.did for each in switched(made.settings)] == ["promoted"]
        again = made.retrain(BEFORE + 5)
        assert again.decision.why[0].en.startswith("nothing new since the run of ")


def test_a_challenger_that_is_not_surely_better_waits(somewhere: Somewhere) -> None:
    cautious = somewhere("steady").model_copy(update={"retrain_doubt": 0.2})
    with shop(cautious, STEADY.leads, STEADY.outcomes) as made:
        done = made.retrain()
        assert (done.decision.outcome, done.champion) == ("kept", "1")
        assert aliases.read(made.settings) == {"champion": "1", "challenger": "2"}
        assert "80% are wanted" in done.decision.why[0].en


def test_a_challenger_of_shuffled_outcomes_is_refused_by_its_scorecard(somewhere: Somewhere) -> None:
    settings = somewhere("shuffled since")
    with shop(settings, STEADY.leads, STEADY.outcomes):
        pass
    draws = np.random.default_rng(2)
    ends = [row for row in STEADY.outcomes if row.stage != "contacted"]
    drawn = [(ends[i].stage, ends[i].amount) for i in draws.permutation(len(ends)).tolist()]
    shuffled = [replace(row, stage=stage, amount=amount) for row, (stage, amount) in zip(ends, drawn, strict=True)]
    ledger = Ledger.open(f"sqlite:///{settings.home / 'other.db'}")
    fill(ledger, STEADY.leads, [row for row in STEADY.outcomes if row.stage == "contacted"] + shuffled)
    done = retrain(settings.model_copy(update=QUICK), ledger, day(NOW))
    assert (done.decision.outcome, done.champion) == ("refused", "1")
    assert done.decision.checks["scorecard"] is False
    assert "nothing to learn" in done.decision.why[0].en
    assert done.run is not None
    carry_out(settings, done.run)  # a run that is carried out twice
    told = [each for each in switched(settings) if each.did == "refused"]
    assert [(each.version, each.by, each.before) for each in told] == [(done.version, "retrain", "1")]
    assert told[0].reason_fr == "; ".join(each.fr for each in done.decision.why)[:REASON_AT_MOST]
    ledger.close()


def leaking() -> list[LeadRow]:
    """From day BEFORE on, somebody fills a column from what became of the lead."""
    won = {row.lead_id for row in STEADY.outcomes if row.stage == "won"}
    return [
        replace(row, attributes={**row.attributes, "dossier": "A" if row.lead_id in won else "B"})
        for row in STEADY.leads
    ]


@pytest.fixture(scope="module")
def leaky(somewhere: Somewhere) -> Iterator[Shop]:
    """The champion does not know the column that leaks; from the same ledger its successor would."""
    settings = somewhere("leaky")
    with shop(settings, STEADY.leads, STEADY.outcomes):
        pass
    ledger = Ledger.open(f"sqlite:///{settings.home / 'other.db'}")
    fill(ledger, leaking(), STEADY.outcomes)
    yield Shop(settings.model_copy(update=QUICK), ledger)
    ledger.close()


def test_a_column_that_leaks_and_is_let_in_is_refused_though_it_looks_better(leaky: Shop) -> None:
    done = leaky.retrain(allow_columns=["dossier"])
    assert (done.decision.outcome, done.champion, done.decision.checks["leaks"]) == ("refused", "1", False)
    assert done.report["differences"]["log_loss"]["no_better"] == 0.0
    assert "“dossier”" in done.decision.why[0].en


def test_a_column_that_leaks_and_is_not_let_in_teaches_nothing(leaky: Shop) -> None:
    done = leaky.retrain()
    assert done.decision.checks["leaks"] is True
    assert done.version is not None
    assert "dossier" not in [a.name for a in registry.load(leaky.settings, done.version).bundle.catalogue.attributes]


def test_one_that_is_too_slow_or_cannot_score_is_refused_until_it_is_neither(somewhere: Somewhere) -> None:
    def look(_: Ledger, version: registry.Version) -> None:
        raise BrokenModelError(f"Version {version.version} gives no finite p_win")

    slow = Tools(timer=lambda *_: (1.0, 6.0))
    with shop(somewhere("slow"), TURNED.leads, TURNED.outcomes) as made:
        for checked, tools in (("scores", Tools(look=look)), ("latency", slow)):
            refused = made.retrain(tools=tools, seed=len(checked))
            assert (refused.decision.outcome, refused.decision.checks[checked]) == ("refused", False)
        assert made.retrain(tools=slow, retrain_budget_ms=7.0).decision.outcome == "promoted"


def even(data: Dataset) -> Floats:
    """A champion that promises the same of all."""
    return np.full(len(data), 0.3)


def test_no_lead_of_the_window_was_touched_before_either_had_learned(somewhere: Somewhere) -> None:
    settings = somewhere("window").model_copy(update=QUICK)
    ledger = Ledger.open(settings.ledger_url)
    fill(ledger, TURNED.leads, TURNED.outcomes)
    engine = Local(settings, ledger, read(ledger, day(NOW)))
    count, window = news(settings, engine.past(day(NOW)), day(BEFORE), even)
    assert count.enough
    assert window is not None
    then = engine.past(window.start)
    assert not np.isin(window.data.lead, teachers(settings, engine, then)).any()
    assert (window.data.as_of > day(BEFORE)).all()
    assert (then.labels.touched_at[window.data.lead] > window.start).all()
    ledger.close()


def test_open_leads_of_the_window_count_as_long_as_they_lasted(somewhere: Somewhere) -> None:
    settings = somewhere("open").model_copy(update=QUICK)
    ledger = Ledger.open(settings.ledger_url)
    fill(ledger, TURNED.leads, TURNED.outcomes)
    past = Local(settings, ledger, read(ledger, day(NOW))).past(day(NOW))
    _, window = news(settings, past, day(BEFORE), even)
    assert window is not None
    half = np.full(len(window.data), 0.5)
    losses = window.losses(half)
    assert np.allclose(losses[window.closed], np.log(2))
    open_ = np.flatnonzero(~window.closed)
    assert losses[open_[np.argmin(window.data.days[open_])]] < np.log(2)
    ledger.close()


def test_news_is_enough_from_fifty_leads_and_ten_wins_on_that_came_are_coming_or_were_expected_by_now() -> None:
    assert [News(50, 10).enough, News(49, 10).enough, News(500, 9).enough] == [True, False, False]
    assert [News(50, 4, 0.0, 6).enough, News(50, 4, 0.0, 5).enough] == [True, False]
    assert [News(50, 1, 10.0).enough, News(49, 1, 10.0).enough, News(500, 9, 9.9).enough] == [True, False, False]


def test_open_leads_that_sales_made_opportunities_are_wins_on_their_way(somewhere: Somewhere) -> None:
    settings = somewhere("coming").model_copy(update=QUICK)
    ledger = Ledger.open(settings.ledger_url)
    won = {row.lead_id: row.occurred_at or 0 for row in STEADY.outcomes if row.stage == "won"}
    steps = [OutcomeRow(name, "opportunity", at - 36 * HOUR, at - 36 * HOUR) for name, at in won.items()]
    fill(ledger, STEADY.leads, [*STEADY.outcomes, *steps])
    past = Local(settings, ledger, read(ledger, day(NOW))).past(day(NOW))
    count, window = news(settings, past, day(BEFORE), even)
    assert window is not None
    on_their_way = sum(at - 36 * HOUR <= day(NOW) < at for at in won.values())
    assert count.coming == on_their_way > 0
    coming = window.data.take(window.coming)
    assert np.isfinite(coming.steps).all()
    assert not coming.closed.any()
    ledger.close()


def test_of_leads_that_were_promised_and_did_not_come_the_newer_half_judges(somewhere: Somewhere) -> None:
    settings = somewhere("promised").model_copy(update=QUICK)
    ledger = Ledger.open(settings.ledger_url)
    lost = [replace(row, stage="lost", amount=None) if row.stage == "won" else row for row in TURNED.outcomes]
    late = {row.lead_id for row in TURNED.leads if (row.created_at or 0) > day(BEFORE)}
    pairs = zip(TURNED.outcomes, lost, strict=True)
    fill(ledger, TURNED.leads, [new if old.lead_id in late else old for old, new in pairs])
    past = Local(settings, ledger, read(ledger, day(NOW))).past(day(NOW))
    count, window = news(settings, past, day(BEFORE), even)
    assert (count.wins < 10, count.expected >= 10) == (True, True)
    assert window is not None
    assert LEAST <= len(window.data) < count.leads
    assert news(settings, past, day(BEFORE), lambda data: np.full(len(data), 0.001))[1] is None
    ledger.close()


def test_a_first_model_is_for_the_scorecard_to_decide(somewhere: Somewhere) -> None:
    settings = somewhere("first").model_copy(update=QUICK)
    ledger = Ledger.open(settings.ledger_url)
    fill(ledger, STEADY.leads, STEADY.outcomes)
    done = retrain(settings, ledger, day(BEFORE))
    assert (done.decision.outcome, done.champion, done.run and done.run.champion) == ("promoted", "1", None)
    ledger.close()


def test_two_commands_at_once_make_one_version_and_one_after_them_refuses_by_exit_code_3(somewhere: Somewhere) -> None:
    settings = somewhere("at once")
    ledger = Ledger.open(settings.ledger_url)
    fill(ledger, STEADY.leads, STEADY.outcomes)
    ledger.close()
    given = {"tune_trials": "0", "experiment": "at once", "registered_model": "at once", "horizon_days": "20"}
    environment = {**_environment(given), "MLFLOW_TRACKING_URI": settings.mlflow_tracking_uri}

    def command(as_of: str) -> "subprocess.Popen[str]":
        arguments = ["retrain", "--json", "--home", str(settings.home), "--as-of", as_of]
        return subprocess.Popen([COMMAND, *arguments], stdout=subprocess.PIPE, text=True, env=environment)

    both = [command("2026-03-02") for _ in range(2)]
    told = [json.loads(each.communicate(timeout=300)[0]) for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert sorted(each["decision"] for each in told) in (["busy", "promoted"], ["nothing_new", "promoted"])
    assert registry.newest(settings) == "1"
    later = command("2026-03-05")
    refused = json.loads(later.communicate(timeout=300)[0])
    assert (later.returncode, refused["decision"], refused["version"]) == (3, "refused", None)
