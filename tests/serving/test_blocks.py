"""A model with every optional block: by every door it sees the same of a lead, its colleagues too."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from features.account import COLLEAGUES_AT_MOST
from features.blocks import OPTIONAL
from features.catalogue import Catalogue, learn_catalogue
from features.history import Floats, History, Ints, read, read_named
from features.kernel import matrix
from leadloop.clock import DAY, isoformat
from leadloop.errors import InputError
from leadloop.settings import Settings
from leadloop.store import lake as lakes
from leadloop.store import packed
from leadloop.store.lake import Lake
from models import registry
from models.calibration import Calibration
from models.outcome import OutcomeModel, ReasonModel
from models.value import ValueModel
from serving import distributed
from serving.app import create_app
from serving.distributed import Choice
from serving.fresh import fresh_scores
from serving.incoming import Sent, prepare
from serving.scorer import Scorer, existing, when
from serving.worklist import rank
from tests.checks import bits
from tests.support import Loop, answering
from training.candidates import fit_ridge
from training.rows import Rows


@dataclass(frozen=True)
class Everybody:
    """The made-up company as one history, with what the kernel says of everybody now."""

    history: History
    leads: Ints
    now: int
    catalogue: Catalogue
    X: Floats

    def some(self, step: int = 61) -> list[str]:
        """Leads with colleagues, and the busiest account's among them."""
        others = self.account(self.X)[:, 0]
        crowded = np.flatnonzero(np.isnan(others))[:2]
        chosen = [*np.flatnonzero(others > 0)[::step], *crowded, int(np.nanargmax(others))]
        return [self.history.lead_ids[self.leads[i]] for i in chosen]

    def account(self, X: Floats) -> Floats:
        """The columns of the company."""
        return X[:, [feature.block == "account" for feature in self.catalogue.features]]

    def of(self, lead_id: str) -> Floats:
        """Its row."""
        row: Floats = self.X[self.leads.tolist().index(self.history.lead_ids.index(lead_id))]
        return row


@pytest.fixture(scope="module")
def everybody(loop: Loop) -> Everybody:
    history, now = read(loop.ledger, blocks=OPTIONAL), when(loop.ledger, None)
    leads = existing(history, now)
    as_of = np.full(len(leads), now)
    catalogue = learn_catalogue(history, leads, as_of)
    return Everybody(history, leads, now, catalogue, matrix(catalogue, history, leads, as_of))


@pytest.fixture(scope="module")
def settings(loop: Loop, everybody: Everybody, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Where a model that looks at colleagues is the champion, on the company's ledger."""
    X, n = everybody.X, len(everybody.X)
    won = (np.nan_to_num(everybody.account(X)[:, 0]) > np.random.default_rng(0).random(n) * 4).astype(np.float64)
    rows = Rows(X, won, np.ones(n), np.full(n, "", dtype=object), np.arange(n, dtype=np.float64))
    outcome = OutcomeModel(fit_ridge(everybody.catalogue, rows, 0.03), Calibration(), ReasonModel(("",), (1.0,)))
    known = registry.load(loop.settings).bundle
    home = Settings(home=tmp_path_factory.mktemp("company"), database_url=loop.settings.ledger_url)
    bundle = replace(known, catalogue=everybody.catalogue, outcome=outcome, value=ValueModel())
    registry.promote(home, registry.register(home, bundle, {"metrics": {}}, {"params": {}, "tags": {}}))
    return home


@pytest.fixture(scope="module")
def scorer(settings: Settings) -> Scorer:
    return Scorer.load(settings)


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[httpx.Client]:
    with answering(create_app(settings, without_key=True)) as client:
        yield client


def test_the_company_has_accounts_of_more_leads_than_are_looked_at(everybody: Everybody) -> None:
    companies = everybody.history.companies
    assert companies is not None
    assert np.diff(companies.start).max() > COLLEAGUES_AT_MOST
    assert np.nan_to_num(everybody.account(everybody.X)).max(axis=0).min() > 0


def test_a_lead_read_alone_has_the_bits_that_it_has_among_all(loop: Loop, everybody: Everybody) -> None:
    for lead_id in everybody.some():
        alone = read(loop.ledger, everybody.now, [lead_id], blocks=OPTIONAL)
        X = matrix(everybody.catalogue, alone, np.array([0]), np.array([everybody.now]))
        assert np.array_equal(bits(X[0]), bits(everybody.of(lead_id)))


def test_a_lead_alone_at_an_earlier_instant_has_the_bits_of_that_instant(loop: Loop, everybody: Everybody) -> None:
    at = everybody.now - 90 * DAY
    for lead_id in everybody.some(131):
        numbers, as_of = np.array([everybody.history.lead_ids.index(lead_id)]), np.array([at])
        alone = read(loop.ledger, at, [lead_id], blocks=OPTIONAL)
        if len(alone):
            together = matrix(everybody.catalogue, everybody.history, numbers, as_of)
            assert np.array_equal(bits(matrix(everybody.catalogue, alone, np.array([0]), as_of)), bits(together))


@pytest.mark.parametrize("days", [30, 200])
def test_what_was_recorded_later_changes_no_bit_of_anybody(loop: Loop, everybody: Everybody, days: int) -> None:
    at = everybody.now - days * DAY
    then, now = read(loop.ledger, at, blocks=OPTIONAL), everybody.history
    both = [lead_id for lead_id in then.lead_ids if lead_id in set(now.lead_ids)]
    as_of = np.full(len(both), at)
    one, other = (
        matrix(everybody.catalogue, history, np.array([history.lead_ids.index(each) for each in both]), as_of)
        for history in (then, now)
    )
    assert len(both) > 1_000
    assert np.array_equal(bits(one), bits(other))


def test_leads_read_within_a_transaction_have_the_same_bits(loop: Loop, everybody: Everybody) -> None:
    some = everybody.some()
    with loop.ledger.reading() as connection:
        history = read_named(connection, None, some, blocks=OPTIONAL, rows_of=packed.from_rows)
    X = matrix(everybody.catalogue, history, np.arange(len(history)), np.full(len(history), everybody.now))
    together = np.array([everybody.of(lead_id) for lead_id in history.lead_ids])
    assert np.array_equal(bits(X), bits(together))


def test_leads_that_are_sent_see_the_colleagues_that_are_stored(loop: Loop, everybody: Everybody) -> None:
    some = everybody.some()
    ready = prepare(
        loop.ledger, [Sent({"lead_id": lead_id}) for lead_id in some], timezone=None, dated=True, blocks=OPTIONAL
    )
    X = matrix(everybody.catalogue, ready.history, np.arange(len(some)), ready.as_of)
    assert np.array_equal(bits(X), bits(np.array([everybody.of(lead_id) for lead_id in some])))


def test_a_new_lead_of_a_known_company_sees_who_is_there(loop: Loop, everybody: Everybody) -> None:
    few = {lead_id for lead_id in everybody.some(1) if 0 < everybody.account(everybody.of(lead_id)[None])[0, 0] < 9}
    known = (row for row in loop.world.leads if row.lead_id in few and row.identity.get("domain"))
    row = max(known, key=lambda row: row.recorded_at or 0)
    sent = [
        Sent({"created_at": isoformat(everybody.now), "company": "x", "domain": row.identity["domain"].upper()})
    ] * 2
    ready = prepare(loop.ledger, sent, timezone=None, dated=True, blocks=OPTIONAL)
    X = everybody.account(matrix(everybody.catalogue, ready.history, np.arange(2), ready.as_of))
    stored = everybody.account(everybody.of(row.lead_id)[None])
    assert X[:, 0].tolist() == [stored[0, 0] + 1] * 2


def test_a_contact_that_is_sent_is_told_by_its_kind(loop: Loop, everybody: Everybody) -> None:
    sent = [
        Sent({"created_at": isoformat(everybody.now), "email": email}) for email in ("a@gmail.com", "info@b.example")
    ]
    ready = prepare(loop.ledger, sent, timezone=None, dated=True, blocks=OPTIONAL)
    X = matrix(everybody.catalogue, ready.history, np.arange(2), ready.as_of)
    column = [feature.name for feature in everybody.catalogue.features].index("contact: kind of e-mail")
    assert X[:, column].tolist() == [1, 2]


def test_the_command_scores_a_lead_alone_as_among_all(loop: Loop, everybody: Everybody, scorer: Scorer) -> None:
    every = {row["lead_id"]: row["p_win"] for row in rank(loop.ledger, scorer, everyone=True).rows}
    for lead_id in everybody.some(131):
        (alone,) = rank(loop.ledger, scorer, lead_ids=[lead_id]).rows
        assert alone["p_win"] == every[lead_id]


def test_what_just_came_in_is_scored_as_among_all(loop: Loop, scorer: Scorer) -> None:
    every = {row["lead_id"]: row["p_win"] for row in rank(loop.ledger, scorer, everyone=True).rows}
    rows = [row for row in loop.world.leads if row.lead_id in every][::211]
    with loop.ledger.reading() as connection:
        fresh = fresh_scores(connection, scorer, rows, "en")
    assert {lead_id: score["p_win"] for lead_id, score in fresh.items()} == {
        row.lead_id: every[row.lead_id] for row in rows
    }


def test_the_api_gives_the_numbers_of_the_command(
    loop: Loop, everybody: Everybody, scorer: Scorer, client: httpx.Client
) -> None:
    rows: list[dict[str, Any]] = rank(loop.ledger, scorer, everyone=True).rows[::97]
    sent = [{"lead_id": row["lead_id"]} for row in rows]
    scores = client.post("/v1/score/batch", json={"leads": sent}).json()["scores"]
    np.testing.assert_allclose([s["p_win"] for s in scores], [r["p_win"] for r in rows], rtol=0, atol=1e-9)


def test_colleagues_are_a_reason_in_words(client: httpx.Client, everybody: Everybody) -> None:
    sent = {"lead": {"lead_id": everybody.some()[-1]}}
    texts = [reason["text"] for reason in client.post("/v1/score?lang=fr", json=sent).json()["reasons"]]
    assert any("autres leads" in text for text in texts)


def test_a_lake_refuses_a_model_that_looks_at_colleagues(
    loop: Loop, everybody: Everybody, scorer: Scorer, tmp_path: Path
) -> None:
    lakes.write(loop.ledger, tmp_path / "lake", 2, everybody.now)
    nobody: Any = None
    with pytest.raises(InputError, match="account, contact"):
        distributed.rank(nobody, Lake.open(tmp_path / "lake"), scorer, Choice(everybody.now))
