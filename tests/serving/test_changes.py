"""Why a score changed is told in parts that add up, whatever came in, whichever version scored, whatever is gone."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import numpy as np
import pytest

from features.history import read
from leadloop.cli.moved import show_changes
from leadloop.clock import DAY, HOUR
from leadloop.settings import Settings
from leadloop.store import events, leads, scores
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow
from models import bundle as bundles
from models import registry
from models.bundle import Bundle
from models.linear import Design, LinearModel
from models.outcome import OutcomeModel
from models.registry import Version
from serving.app import create_app
from serving.changes import Place, changes
from serving.scorer import Scorer, existing, when
from serving.scoring import rows_of
from serving.steps import LEAST, PARTS
from serving.way import FIGURES, Seen, Way
from tests.support import Loop, answering, leadloop

MOMENTS, TOLD = 7, 12
Row = dict[str, Any]


def _lower(known: Bundle) -> Bundle:
    """The model, with every chance a notch lower, beside other open leads."""
    calibration = replace(known.outcome.calibration, intercept=known.outcome.calibration.intercept - 1.0)
    low, middle, high = known.population.importance
    population = replace(known.population, importance=(low / 3, middle / 3, high / 3), reach_later=0.7)
    return replace(known, outcome=replace(known.outcome, calibration=calibration), population=population)


def _other(known: Bundle, draws: np.random.Generator) -> Bundle:
    """A model that looks at other columns."""
    catalogue = replace(known.catalogue, kinds=known.catalogue.kinds[:3], attributes=known.catalogue.attributes[::2])
    X = draws.random((200, len(catalogue.features)))
    design = Design.learn(catalogue, X)
    width = sum(column.width for column in design.columns)
    linear = LinearModel(design, draws.normal(0, 0.05, (1, width)), np.array([-1.5]), np.zeros(width))
    return replace(
        known, catalogue=catalogue, outcome=OutcomeModel(linear, known.outcome.calibration, known.outcome.reasons)
    )


@pytest.fixture
def versions(queued: Settings) -> dict[str, Scorer]:
    """Three versions on this machine: that of the made-up company, a lower one, and one that sees other columns."""
    known = Scorer.load(queued).version
    found = {"1": known.bundle, "98": _lower(known.bundle), "99": _other(known.bundle, np.random.default_rng(0))}
    for version, bundle in found.items():
        if version != known.version:
            bundles.save(bundle, queued.models_dir / version)
    return {version: Scorer(replace(known, version=version, bundle=bundle)) for version, bundle in found.items()}


def score(ledger: Ledger, scorer: Scorer, at: int) -> None:
    """Store the scores of everybody at an instant, as a server does."""
    history = read(ledger, at, None, scorer.version.bundle.catalogue.read_apart)
    there = existing(history, at)
    rows = rows_of(scorer.score(history, there, np.full(len(there), at)), at)
    with ledger.writing() as connection:
        scores.add(connection, rows)


def happen(ledger: Ledger, draws: np.random.Generator, names: list[str], at: int) -> None:
    """A few hours of a ledger: events now and late, corrections, and attributes that change or are cleared."""
    kinds = ("demo_request", "page_view", "email_open", "never_heard_of")
    for name in draws.choice(names, 8).tolist():
        happened = at - int(draws.integers(0, 40)) * HOUR
        known = happened if draws.random() < 0.3 else at
        given = {"source": str(draws.choice(["web", "webinar", "unseen"])), "job_title": None}
        with ledger.writing() as connection:
            key = f"k{draws.integers(4)}-{name}"
            events.add(connection, [EventRow(name, str(draws.choice(kinds)), happened, known, key)])
            if draws.random() < 0.4:
                leads.add(connection, [LeadRow(name, at - 300 * DAY, at, None, given)])


@pytest.fixture
def lived(ledger: Ledger, queued: Settings, versions: dict[str, Scorer]) -> list[str]:
    """Leads scored again and again, by whichever version, while things happen to them; their ids."""
    draws, at = np.random.default_rng(5), when(ledger, None)
    names = sorted(read(ledger, at).lead_ids)
    for moment in range(MOMENTS):
        score(ledger, versions[("1", "1", "98", "98", "99", "1", "99")[moment]], at)
        at += int(draws.integers(1, 90)) * HOUR
        happen(ledger, draws, names[:TOLD], at)
    return names[:TOLD]


def told(
    ledger: Ledger, settings: Settings, lead_id: str, current: Version | None = None, lang: str = "en"
) -> list[Row]:
    with ledger.reading() as connection:
        rows = scores.history(connection, lead_id)
    return changes(Place(ledger, settings, current, lang), rows)


def gaps(row: Row) -> Iterator[float]:
    """How far parts are from adding up: of each figure, of the facts of each part, and of the places."""
    for name in FIGURES:
        yield row[name]["before"] + sum(row[name][part] or 0.0 for part in PARTS) - row[name]["after"]
    for part in ("data", "waiting"):
        for name in ("p_win", "log_odds"):
            moved = row["facts"][part]
            yield sum(fact[name] for fact in moved["facts"]) + moved["rest"][name] - row[name][part]


def test_the_parts_of_every_change_add_up(ledger: Ledger, queued: Settings, lived: list[str]) -> None:
    rows = [row for lead_id in lived for row in told(ledger, queued, lead_id)]
    assert len(rows) == TOLD * (MOMENTS - 1)
    assert max(abs(gap) for row in rows for gap in gaps(row)) < 1e-9
    assert {row["told_by"] for row in rows} == {"older"}
    moved = {part for row in rows for part in PARTS if abs(row["priority"][part]) > 1e-6}
    assert moved == set(PARTS)


def test_nothing_but_what_is_named_moved_a_score(ledger: Ledger, queued: Settings, lived: list[str]) -> None:
    rows = [row for lead_id in lived for row in told(ledger, queued, lead_id)]
    same = [row for row in rows if row["model_version"] == row["model_version_before"]]
    assert {row["p_win"][part] for row in same for part in ("model", "population")} == {0.0}
    assert {row["p_win"]["population"] for row in rows} == {0.0}
    quiet = [row for row in same if not row["events"] and not row["attributes"]]
    assert max(abs(row["rest"]["p_win"]) for r in rows for row in r["facts"].values()) < 0.5
    assert quiet == [] or max(abs(row["priority"]["model"]) for row in quiet) == 0.0


def test_what_became_known_is_told_as_the_fact_that_it_is(
    ledger: Ledger, queued: Settings, versions: dict[str, Scorer]
) -> None:
    at = when(ledger, None)
    score(ledger, versions["1"], at)
    name = sorted(read(ledger, at).lead_ids)[0]
    with ledger.writing() as connection:
        events.add(connection, [EventRow(name, "demo_request", at + HOUR, at + HOUR)])
    score(ledger, versions["1"], at + HOUR)
    (row,) = told(ledger, queued, name, lang="fr")
    assert row["facts"]["data"]["facts"][0]["feature"] in ("demo_request", "events")
    assert "a demandé une démo" in str([fact["text"] for fact in row["facts"]["data"]["facts"]])
    assert [event["type"] for event in row["events"]] == ["demo_request"]
    assert "ce que l’on a appris" in row["text"]


def test_only_facts_that_moved_a_score_by_what_can_be_shown_are_named(
    ledger: Ledger, queued: Settings, lived: list[str]
) -> None:
    moved = [row["facts"] for lead_id in lived for row in told(ledger, queued, lead_id)]
    every = [fact for facts in moved for part in ("data", "waiting") for fact in facts[part]["facts"]]
    assert every
    assert min(abs(fact["p_win"]) for fact in every) >= LEAST


def test_a_fact_that_stayed_the_same_is_not_named_however_its_weight_shifted(versions: dict[str, Scorer]) -> None:
    known = versions["1"].version.bundle
    columns, asked = known.catalogue.features, known.explainer.columns[known.explainer.sources.index("demo_request")]
    X = np.full((1, len(columns)), np.nan)
    then, now = (Seen(X, np.array([1.0])), Seen(X.copy(), np.array([1.0])))
    now.X[0, asked] = 1.0
    bundle = SimpleNamespace(
        catalogue=known.catalogue,
        explainer=known.explainer,
        outcome=SimpleNamespace(moved=lambda *_: np.full((1, len(columns)), 0.1), p_win=known.outcome.p_win),
        score_features=known.score_features,
    )
    way = Way(cast("Bundle", bundle), then, then, then, now)
    assert [fact["feature"] for fact in way.facts("data", "en", {})["facts"]] == ["demo_request"]
    assert way.facts("waiting", "en", {})["facts"] == []


def test_a_change_that_nobody_can_explain_has_neither_a_dash_nor_an_empty_table(
    ledger: Ledger, queued: Settings, lived: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for version in ("1", "98", "99"):
        shutil.rmtree(queued.models_dir / version)
    rows = told(ledger, queued, lived[0])
    show_changes(rows, "en", ranks=False)
    shown = capsys.readouterr().out
    assert "no model of then or now" in shown
    assert not {"–", "log-odds"} & set(shown.split())
    assert ": –" not in shown
    assert f"as of {rows[0]['as_of']}" in shown


@pytest.mark.parametrize(("gone", "by"), [(("98",), "newer"), (("1", "98", "99"), "nobody")])
def test_without_the_older_version_the_newer_one_tells_and_without_both_it_is_said(
    ledger: Ledger, queued: Settings, lived: list[str], gone: tuple[str, ...], by: str
) -> None:
    for version in gone:
        shutil.rmtree(queued.models_dir / version)
    rows = [row for lead_id in lived for row in told(ledger, queued, lead_id)]
    found = [row for row in rows if row["model_version_before"] == "98" and row["model_version"] != "98"]
    assert {row["told_by"] for row in found} == {by}
    if by == "newer":
        assert max(abs(gap) for row in rows if row["facts"] for gap in gaps(row)) < 1e-9
        assert all(row["p_win"]["population"] is None and "98" in row["text"] for row in found)
    else:
        assert {row["p_win"][part] for row in found for part in PARTS} == {None}


def test_the_route_the_command_and_the_pages_of_both_are_the_same(
    ledger: Ledger, queued: Settings, lived: list[str]
) -> None:
    settings = queued.model_copy(update={"store_scores": False})
    with answering(create_app(settings, without_key=True)) as crm:
        name, every = lived[0], told(ledger, queued, lived[0], registry.load(queued))
        assert _all_pages(crm, name) == every
        assert crm.get("/v1/leads/nobody/changes").status_code == 404
        assert crm.get(f"/v1/leads/{name}/changes", params={"cursor": "1"}).status_code == 422


def _all_pages(crm: httpx.Client, lead_id: str) -> list[Row]:
    found, cursor = list[Row](), None
    while True:
        page = crm.get(f"/v1/leads/{lead_id}/changes", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        found += page.json()["changes"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            return found


def test_the_command_tells_the_same_in_french(loop: Loop, tmp_path: Path) -> None:
    settings = Settings(home=shutil.copytree(loop.settings.home, tmp_path / "home"))
    ledger, scorer = Ledger.open(settings.ledger_url), Scorer.load(settings)
    at, name = when(ledger, None), loop.world.leads[-1].lead_id
    for moment in (at - 2 * DAY, at):
        score(ledger, scorer, moment)
    told_json = json.loads(leadloop("explain", name, "--changes", "--json", "--lang", "fr", "--home", settings.home))
    assert told_json["changes"] == told(ledger, settings, told_json["lead_id"], scorer.version, "fr")
    shown = leadloop("explain", name, "--changes", "--lang", "fr", "--home", settings.home)
    assert "attente" in shown
    ledger.close()
