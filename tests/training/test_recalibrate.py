"""Recalibrating: a world that drifts gets true chances back, one that stays is left alone, and nothing is refitted."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from features.history import Floats, read
from leadloop.clock import DAY, HOUR, isoformat
from leadloop.errors import ModelError, NoModelError, NothingToLearnError
from leadloop.settings import Settings
from leadloop.store import leads, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow, OutcomeRow
from models import aliases, registry
from models.bundle import BODY, TREES, Bundle
from models.calibration import Calibration, chance, line
from models.switches import history
from tests.checks import T0
from tests.support import leadloop, run_of
from training import retrain
from training.calibrate import calibrate
from training.recalibrate import BEFORE, LEAST, Recalibrated, fit_map, recalibrate

Somewhere = Callable[[str], Settings]
LEADS, A_DAY, CHANGE = 2_000, 5, 200
"""Leads, how many come in a day, and the day on which the world changes."""
TRAINED, NOW = T0 + CHANGE * DAY, T0 + (LEADS // A_DAY) * DAY


def company(shift: float) -> tuple[list[LeadRow], list[OutcomeRow], Floats]:
    """Leads whose size says how likely they are won; from the day of the change on the odds are other by exp(shift)."""
    draws = np.random.default_rng(11)
    size, day = draws.normal(0, 1, LEADS), np.arange(LEADS) / A_DAY
    p = chance(-0.7 + 1.2 * size + np.where(day >= CHANGE, shift, 0.0))
    won = draws.random(LEADS) < p
    made, done = [], []
    for i in range(LEADS):
        name, at = f"{i:04d}", T0 + int(day[i] * DAY)
        made.append(LeadRow(name, at, at, attributes={"size": round(float(3 + size[i]), 3)}))
        ends = "won" if won[i] else "lost"
        for stage, later in (("contacted", at + HOUR), (ends, at + 3 * DAY)):
            done.append(OutcomeRow(name, stage, later, later, outcome_id=f"{name} {stage}"))
    return made, done, p


@dataclass(frozen=True)
class Company:
    """A ledger, the version that was trained on the day of the change, and each lead's true chance."""

    settings: Settings
    ledger: Ledger
    trained: retrain.Trained
    p: Floats


def founded(settings: Settings, shift: float) -> Company:
    made, done, p = company(shift)
    ledger = Ledger.open(settings.ledger_url)
    with ledger.writing() as connection:
        leads.add(connection, made)
        outcomes.add(connection, done)
    return Company(settings, ledger, retrain.train(settings, ledger, TRAINED), p)


@pytest.fixture(scope="module")
def drifted(somewhere: Somewhere) -> Iterator[Company]:
    """A company whose odds fell to a fifth."""
    made = founded(somewhere("drifted"), -1.6)
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def steady(somewhere: Somewhere) -> Iterator[Company]:
    """A company where nothing changed."""
    made = founded(somewhere("steady"), 0.0)
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def mended(drifted: Company) -> Recalibrated:
    """The drifted company after it was recalibrated."""
    return recalibrate(drifted.settings, drifted.ledger, NOW)


def off_by(company: Company) -> Floats:
    """How far the champion's chances of the newest leads are from the true ones."""
    history, newest = read(company.ledger, NOW), np.arange(LEADS - 300, LEADS)
    p: Floats = registry.load(company.settings).bundle.score(history, newest, history.created_at[newest]).p_win
    return np.asarray(np.abs(p - company.p[newest]))


def test_chances_that_a_drift_made_untrue_are_true_again(drifted: Company, mended: Recalibrated) -> None:
    after, before = mended.scorecard.metrics, mended.scorecard.baselines[BEFORE]
    assert (mended.before, mended.version, mended.scorecard.verdict) == ("1", "2", "activate")
    assert (after["calibration_error"] or 1) < 0.3 * (before["calibration_error"] or 0)
    assert off_by(drifted).mean() < 0.05


def test_recalibrating_switches_the_new_version_on_and_says_where_it_came_from(
    drifted: Company, mended: Recalibrated
) -> None:
    champion = registry.load(drifted.settings)
    assert champion.version == mended.version
    assert champion.bundle.facts["recalibrated_from"] == "1"
    assert champion.bundle.facts["recalibrated_as_of"] == isoformat(NOW)
    assert champion.scorecard["facts"]["recalibrated_from"] == "1"
    told = history(aliases.shelf(drifted.settings).versions())[0]
    assert (told.did, told.by, told.before) == ("promoted", "recalibrate", "1")
    assert told.reason_fr.startswith("recalibré : sur les ")


def test_the_run_of_a_recalibrated_version_says_of_which_and_as_of_when(drifted: Company, mended: Recalibrated) -> None:
    run = run_of(drifted.settings, mended.version)
    assert run.info.run_name == f"recalibrate {isoformat(NOW)[:10]}"
    known = {"recalibrated_from": "1", "as_of": isoformat(TRAINED), "currency": "EUR", "seed": "0"}
    assert known.items() <= run.data.params.items()


def test_recalibrating_refits_nothing(drifted: Company, mended: Recalibrated) -> None:
    one, other = (drifted.settings.models_dir / number for number in ("1", "2"))
    trees = [(folder / TREES).read_bytes() for folder in (one, other) if (folder / TREES).is_file()]
    assert len(set(trees)) <= 1
    bodies = [json.loads((folder / BODY).read_text()) for folder in (one, other)]
    moved = {name for name in bodies[0] if bodies[0][name] != bodies[1][name]}
    assert moved == {"calibration", "facts", "population", "reference"}
    assert bodies[0]["reference"]["columns"] == bodies[1]["reference"]["columns"]  # of when it learned


def test_recalibrating_keeps_the_order(drifted: Company, mended: Recalibrated) -> None:
    assert mended.scorecard.metrics["roc_auc"] == mended.scorecard.baselines[BEFORE]["roc_auc"]


def test_outcomes_that_made_a_map_do_not_judge_the_next_one(drifted: Company, mended: Recalibrated) -> None:
    with pytest.raises(NothingToLearnError, match="0 ripe outcomes, 0 of them wins, are new to version 2"):
        recalibrate(drifted.settings, drifted.ledger, NOW)


def test_where_nothing_changed_the_champion_stays_as_it_is(steady: Company) -> None:
    newest = registry.newest(steady.settings)
    made = recalibrate(steady.settings, steady.ledger, NOW)
    assert (made.before, made.version) == ("1", None)
    assert "not recalibrated" in made.scorecard.why[0]
    assert (registry.newest(steady.settings), registry.load(steady.settings).version) == (newest, "1")


def test_the_command_says_why_not_and_exits_with_3(steady: Company) -> None:
    asked = ("recalibrate", "--home", steady.settings.home, "--as-of", isoformat(NOW))
    told = json.loads(leadloop(*asked, "--json", code=3))
    assert (told["promoted"], told["model_version"], told["recalibrated_from"]) == (False, None, "1")
    assert "pas de recalibrage" in leadloop(*asked, "--lang", "fr", code=3)


def test_too_few_outcomes_are_refused_with_their_number(steady: Company) -> None:
    with pytest.raises(NothingToLearnError, match=rf"new to version 1 .*: {LEAST}, 10 of them wins, are the least"):
        recalibrate(steady.settings, steady.ledger, TRAINED + 10 * DAY)


def test_outcomes_of_leads_that_sales_touched_before_the_training_are_not_new(steady: Company) -> None:
    with pytest.raises(NothingToLearnError, match=r"^0 ripe outcomes"):
        recalibrate(steady.settings, steady.ledger, TRAINED + 2 * DAY)


def test_without_a_champion_there_is_nothing_to_recalibrate(steady: Company, tmp_path: Path) -> None:
    with pytest.raises(NoModelError, match="leadloop train"):
        recalibrate(Settings(home=tmp_path), steady.ledger, NOW)


def again(company: Company, bundle: Bundle, verdict: str) -> str:
    """Another version of the company, registered and not switched on."""
    card = {**registry.load(company.settings, "1").scorecard, "verdict": verdict}
    return registry.register(company.settings, bundle, card, {"params": {}, "tags": {}})


def bent(company: Company, verdict: str) -> str:
    """Another version of the company, whose chances are untrue."""
    bundle = registry.load(company.settings, "1").bundle
    return again(company, replace(bundle, outcome=replace(bundle.outcome, calibration=line(3.0, 4.0))), verdict)


def test_a_version_that_is_not_the_champion_becomes_the_challenger_and_the_command_says_so(
    steady: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = bent(steady, "activate")
    asked = ("recalibrate", "--home", steady.settings.home, "--as-of", isoformat(NOW), "--model", other)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", steady.settings.tracking_uri)
    name = steady.settings.registered_model
    said = leadloop(*asked, registered_model=name)
    known = aliases.read(steady.settings) or {}
    assert (known["champion"], known["challenger"]) == ("1", registry.newest(steady.settings))
    assert f"waits as challenger: it was held against version {other}, which is not the champion (1)" in said
    told = json.loads(leadloop(*asked, "--json", registered_model=name))
    assert (told["promoted"], told["model_version"]) == (False, registry.newest(steady.settings))
    assert "n’est pas le champion (1)" in leadloop(*asked, "--lang", "fr", registered_model=name)


def test_a_version_for_ranks_only_whose_chances_become_true_may_show_them(steady: Company) -> None:
    ranks = bent(steady, "rank_only")
    registry.promote(steady.settings, ranks)
    made = recalibrate(steady.settings, steady.ledger, NOW, ranks)
    assert made.scorecard.verdict == "activate"
    assert made.version is not None
    assert registry.load(steady.settings).version == made.version
    registry.promote(steady.settings, "1")


def test_a_recalibration_that_is_cut_short_leaves_the_champion_it_found(
    steady: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    version = bent(steady, "activate")
    registry.promote(steady.settings, version)
    with monkeypatch.context() as patch:
        patch.setattr(registry, "promote", killed)
        with pytest.raises(KeyboardInterrupt):
            recalibrate(steady.settings, steady.ledger, NOW, version)
    assert registry.load(steady.settings).version == version
    registry.promote(steady.settings, "1")


@pytest.mark.parametrize(
    ("facts", "verdict", "why"),
    [
        ({"as_of": None}, "activate", "undated ledger"),
        ({"chosen": "rules"}, "rank_only", "ranks by rules"),
        ({}, "do_not_activate", "refused for its order"),
    ],
)
def test_what_no_map_can_mend_is_refused(steady: Company, facts: dict[str, str], verdict: str, why: str) -> None:
    bundle = registry.load(steady.settings, "1").bundle
    version = again(steady, replace(bundle, facts={**bundle.facts, **facts}), verdict)
    with pytest.raises(ModelError, match=why):
        recalibrate(steady.settings, steady.ledger, NOW, version)


RAW, BENT = np.linspace(-3, 3, 60), Calibration(0.2, 0.7, 1.4)


@pytest.mark.parametrize("old", [line(-1.0, 0.8), BENT, Calibration(knots=(-1.0, 1.0), values=(-2.0, 0.5))])
def test_few_outcomes_that_fit_the_old_map_leave_it_nearly_as_it_is(old: Calibration) -> None:
    expected = np.repeat(RAW, 2), np.tile([1.0, 0.0], len(RAW))
    p = chance(old(RAW))
    weight = np.stack([p, 1 - p], axis=1).ravel()  # each lead is won and lost, as often as the old map says
    found = fit_map(old, *expected, weight, np.arange(len(weight), dtype=np.float64))
    np.testing.assert_allclose(found(RAW[20:40]), old(RAW[20:40]), atol=1e-6)


def test_outcomes_that_would_turn_the_order_round_leave_the_old_map() -> None:
    won = (RAW < 0).astype(np.float64)
    found = fit_map(BENT, RAW, won, np.ones(len(RAW)), np.arange(len(RAW), dtype=np.float64))
    assert found == BENT


def test_a_moved_map_is_the_line_after_the_map() -> None:
    by = calibrate(BENT(RAW), (RAW > 1).astype(np.float64), np.ones(len(RAW)))
    np.testing.assert_allclose(BENT.moved(by)(RAW), by(BENT(RAW)), atol=1e-12)
