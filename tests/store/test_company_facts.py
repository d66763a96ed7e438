"""Who belongs to a company and what became of its leads, as the ledger tells it on each database."""

import pytest

from features.history import History, read
from leadloop.clock import DAY
from leadloop.store import colleagues, company_facts, events, leads, outcomes
from leadloop.store.events import StoredEvent
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow
from tests.store.support import kept


def lead(lead_id: str, day: int | None, company: str = "Engines") -> LeadRow:
    at = None if day is None else day * DAY
    return LeadRow(lead_id, at, at, identity={"company": company} if company else {})


def outcome(stage: str, day: int, lead_id: str = "a", key: str | None = None, known: int | None = None) -> OutcomeRow:
    return OutcomeRow(lead_id, stage, day * DAY, (day if known is None else known) * DAY, outcome_id=key)


def newest(ledger: Ledger, as_of: int | None = None, at_most: int = 10) -> list[str]:
    with ledger.reading() as connection:
        return colleagues.newest(connection, "engines", as_of, at_most)


def facts(ledger: Ledger, as_of: int | None = None, lead_ids: list[str] | None = None) -> list[StoredEvent]:
    with ledger.reading() as connection:
        return sorted(company_facts.read(connection, as_of, lead_ids), key=lambda row: (row.recorded_at, row.type))


def test_colleagues_come_newest_first(ledger: Ledger) -> None:
    kept(ledger, leads, lead("a", 2), lead("b", 1), lead("Z", 2), lead("d", None), lead("e", 3, "Looms"))
    assert newest(ledger) == ["a", "Z", "b", "d"]
    assert newest(ledger, at_most=2) == ["a", "Z"]


def test_a_colleague_is_none_before_it_was_recorded(ledger: Ledger) -> None:
    kept(ledger, leads, lead("a", 1), lead("b", 2))
    assert newest(ledger, 2 * DAY - 1) == ["a"]


def test_a_lead_is_of_the_account_that_it_named_first(ledger: Ledger) -> None:
    kept(ledger, leads, lead("a", 1, ""), lead("a", 2), lead("a", 3, "Looms"), lead("b", 1, "Looms"), lead("b", 2))
    assert newest(ledger) == ["a"]


def test_stages_are_told_as_what_they_mean_to_a_colleague(ledger: Ledger) -> None:
    stages = ("mql", "accepted", "contacted", "sql", "opportunity", "won", "rejected", "lost", "recycled", "promoter")
    kept(ledger, outcomes, *(outcome(stage, day) for day, stage in enumerate(stages)))
    told = ["said", *["in hand"] * 4, "won", *["let go"] * 3, "said"]
    assert [row.type for row in facts(ledger)] == told


def test_nothing_is_told_before_it_was_recorded(ledger: Ledger) -> None:
    kept(ledger, outcomes, outcome("won", 1, known=3))
    assert (facts(ledger, 3 * DAY - 1), len(facts(ledger, 3 * DAY))) == ([], 1)


def test_an_outcome_without_a_date_tells_nothing(ledger: Ledger) -> None:
    kept(ledger, outcomes, OutcomeRow("a", "won", None, None), OutcomeRow("b", "won", None, DAY))
    assert [(row.lead_id, row.occurred_at) for row in facts(ledger)] == [("b", DAY)]


def test_an_outcome_that_was_moved_comes_with_both_leads(ledger: Ledger) -> None:
    kept(ledger, outcomes, outcome("won", 1, "a", "deal"), outcome("won", 1, "b", "deal", 2), outcome("won", 1, "c"))
    assert {row.lead_id for row in facts(ledger, None, ["a"])} == {"a", "b"}


def told(history: History, lead_id: str) -> dict[str, tuple[int, int, list[str]]]:
    """Of each colleague by its name: when it was known to be one, its events, and what became of it."""
    companies = history.companies
    assert companies is not None
    ids, number = companies.leads.lead_ids, history.lead_ids.index(lead_id)
    own = companies.own[companies.own_start[number]]
    here = companies.company[own]
    found = {}
    for i in companies.members[companies.start[here] : companies.start[here + 1]].tolist():
        did = companies.leads.events.start[i + 1] - companies.leads.events.start[i]
        rows = slice(companies.deals.start[i], companies.deals.start[i + 1])
        became = [companies.deals.kinds[kind] for kind in companies.deals.kind[rows]]
        found[ids[i]] = (int(companies.named_at[i]), int(did), became)
    return found


@pytest.mark.parametrize("as_of", [None, 4 * DAY, 2 * DAY])
def test_a_lead_read_alone_has_the_colleagues_that_it_has_among_all(ledger: Ledger, as_of: int | None) -> None:
    kept(ledger, leads, lead("a", 1), lead("b", 2), lead("c", 3), lead("d", 1, "Looms"), lead("b", 4, "Looms"))
    kept(ledger, events, *(EventRow(name, "view", day * DAY, day * DAY) for name in "abcd" for day in (2, 3, 5)))
    kept(ledger, outcomes, outcome("won", 2, "b"), outcome("accepted", 3, "c"), outcome("won", 2, "d"))
    every = read(ledger, as_of, blocks={"account"})
    for lead_id in "abd":
        assert told(read(ledger, as_of, [lead_id], blocks={"account"}), lead_id) == told(every, lead_id)


def test_a_history_is_read_without_companies_unless_asked(ledger: Ledger) -> None:
    kept(ledger, leads, lead("a", 1))
    assert (read(ledger).companies, read(ledger, None, ["a"]).companies) == (None, None)
