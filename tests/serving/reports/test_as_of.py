"""A report as of an instant equals, to the byte, that of a ledger which never received anything later."""

import json

import pytest

from leadloop.clock import DAY
from leadloop.contract import ContractSettings, MarketingSettings, Promise, SlaSettings
from leadloop.settings import Settings
from leadloop.store import events, leads, outcomes
from leadloop.store.ledger import Ledger
from serving.reports.ask import Ask
from serving.reports.catalogue import REPORTS, make
from serving.reports.report import as_html
from serving.scorer import Scorer, when
from tests.support import Loop

SETTINGS = Settings(
    timezone="Europe/Paris",
    sla=SlaSettings(country="FR", promises=(Promise(cell="call_now", within="1 working hour"),)),
    contract=ContractSettings(goal=300_000.0, marketing=MarketingSettings(leads=150, fit=0.7)),
)


@pytest.fixture(scope="module")
def instant(loop: Loop) -> int:
    """A hundred days before the end of the made-up company."""
    return loop.world.truth.market.settings.end_at - 100 * DAY


@pytest.fixture(scope="module")
def early(loop: Loop, instant: int, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger that never received a row recorded after that instant."""
    found = Ledger.open(f"sqlite:///{tmp_path_factory.mktemp('early') / 'ledger.db'}")
    rooms = ((leads, loop.world.leads), (events, loop.world.events), (outcomes, loop.world.outcomes))
    with found.writing() as connection:
        for room, rows in rooms:
            room.add(connection, [row for row in rows if (row.recorded_at or 0) <= instant])
    return found


def test_what_a_model_expected_is_near_what_came_of_it(loop: Loop) -> None:
    scorer = Scorer.load(loop.settings)
    rows = make(loop.ledger, "sources", Ask(SETTINGS, when(loop.ledger, None)), lambda: scorer).data["sources"]
    expected, real = (sum(row[name] for row in rows) for name in ("expected_wins", "real_wins"))
    assert 0.5 < expected / real < 1.5


def test_the_cell_on_arrival_gives_leads_their_deadline(loop: Loop) -> None:
    scorer, without = Scorer.load(loop.settings), Settings(timezone="Europe/Paris", sla=SlaSettings(country="FR"))
    asks = [Ask(settings, when(loop.ledger, None)) for settings in (SETTINGS, without)]
    strict, loose = (make(loop.ledger, "sla", ask, lambda: scorer).data["total"] for ask in asks)
    assert strict["kept"] < loose["kept"]


@pytest.mark.parametrize("name", sorted(set(REPORTS) - {"features"}))
def test_a_report_as_of_an_instant_knows_nothing_later(loop: Loop, early: Ledger, instant: int, name: str) -> None:
    scorer = Scorer.load(loop.settings)
    ask = Ask(SETTINGS, instant, "fr")
    full, cut = (make(ledger, name, ask, lambda: scorer) for ledger in (loop.ledger, early))
    assert json.dumps(full.as_json(), allow_nan=False) == json.dumps(cut.as_json(), allow_nan=False)
    assert as_html(full) == as_html(cut)
