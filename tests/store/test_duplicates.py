"""Duplicates: proposed by likeness, merged and taken apart by people, each as known by then."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from leadloop.clock import DAY
from leadloop.errors import InputError, UnknownLeadError
from leadloop.store import duplicates, leads, merges, people
from leadloop.store.ledger import Ledger
from leadloop.store.people import People
from leadloop.store.rows import LeadRow
from tests.store.support import kept


def _lead(lead_id: str, day: int = 1, /, **identity: str) -> LeadRow:
    return LeadRow(lead_id, day * DAY, day * DAY, attributes={"source": "web"}, identity=identity)


def _person(lead_id: str, first: str, last: str, email: str = "", **identity: str) -> LeadRow:
    known = {"first_name": first, "last_name": last, "email": email, **identity}
    return _lead(lead_id, **{name: value for name, value in known.items() if value})


def _people(ledger: Ledger, as_of: int | None = None) -> dict[str, str]:
    with ledger.reading() as connection:
        return dict(people.read(connection, as_of).survivor)


def _merge(ledger: Ledger, duplicate: str, survivor: str, day: int = 10) -> None:
    with ledger.writing() as connection:
        duplicates.merge(connection, duplicate, survivor, "anna", day * DAY)


def _unmerge(ledger: Ledger, lead_id: str, day: int = 12) -> list[str]:
    with ledger.writing() as connection:
        return duplicates.unmerge(connection, lead_id, "anna", day * DAY)


def _proposed(ledger: Ledger) -> list[tuple[str, str]]:
    with ledger.reading() as connection:
        return [(p.lead_id, p.survivor_id) for p in duplicates.propose(connection, people.read(connection))]


def test_the_survivor_named_stands_for_both_though_it_is_younger(ledger: Ledger) -> None:
    kept(ledger, leads, _lead("L-1"), _lead("L-2", 2))
    _merge(ledger, "L-1", "L-2")
    assert _people(ledger) == {"L-1": "L-2"}


def test_a_merge_is_not_known_before_it_was_made_nor_after_it_was_undone(ledger: Ledger) -> None:
    kept(ledger, leads, _lead("L-1"), _lead("L-2"))
    _merge(ledger, "L-2", "L-1", 10)
    _unmerge(ledger, "L-2", 12)
    assert [_people(ledger, day * DAY) for day in (9, 11, 12)] == [{}, {"L-2": "L-1"}, {}]


def test_an_automatic_join_is_taken_apart_for_good(ledger: Ledger) -> None:
    kept(ledger, leads, *(_lead(f"L-{i}", i, email="ada@x.example") for i in (1, 2, 3)))
    assert _unmerge(ledger, "L-2") == ["L-1", "L-3"]
    kept(ledger, leads, LeadRow("L-2", 2 * DAY, 20 * DAY, identity={"email": "ada@x.example"}))
    assert _people(ledger) == {"L-3": "L-1"}


def test_a_survivor_can_leave_too(ledger: Ledger) -> None:
    kept(ledger, leads, *(_lead(f"L-{i}", i, email="ada@x.example") for i in (1, 2, 3)))
    _unmerge(ledger, "L-1")
    assert _people(ledger) == {"L-3": "L-2"}


def test_who_was_taken_apart_can_be_merged_again(ledger: Ledger) -> None:
    kept(ledger, leads, *(_lead(f"L-{i}", i, email="ada@x.example") for i in (1, 2)))
    _unmerge(ledger, "L-2", 10)
    _merge(ledger, "L-2", "L-1", 11)
    assert _people(ledger) == {"L-2": "L-1"}


def test_merging_the_other_way_round_turns_it_round(ledger: Ledger) -> None:
    kept(ledger, leads, _lead("L-1"), _lead("L-2"))
    _merge(ledger, "L-2", "L-1", 10)
    _merge(ledger, "L-1", "L-2", 11)
    assert _people(ledger) == {"L-1": "L-2"}


def test_merging_twice_at_one_instant_is_merging_once(ledger: Ledger) -> None:
    kept(ledger, leads, _lead("L-1"), _lead("L-2"))
    for _ in range(2):
        _merge(ledger, "L-2", "L-1", 10)
        _unmerge(ledger, "L-2", 10)
    _merge(ledger, "L-2", "L-1", 10)
    assert _people(ledger) == {"L-2": "L-1"}


def test_an_unknown_lead_can_t_be_merged(ledger: Ledger) -> None:
    kept(ledger, leads, _lead("L-1"))
    with pytest.raises(UnknownLeadError, match="'L-9'"):
        _merge(ledger, "L-9", "L-1")


def test_a_lead_can_t_be_its_own_duplicate(ledger: Ledger) -> None:
    kept(ledger, leads, _lead("L-1"))
    with pytest.raises(InputError, match="two leads"):
        _merge(ledger, "L-1", "L-1")


def test_who_is_alone_can_t_be_taken_apart(ledger: Ledger) -> None:
    kept(ledger, leads, _lead("L-1"))
    with pytest.raises(InputError, match="nothing to undo"):
        _unmerge(ledger, "L-1")


def test_a_namesake_in_the_same_company_is_proposed(ledger: Ledger) -> None:
    one = _person("L-1", "Théo", "Lambert", "theo.lambert@juniper.example")
    kept(ledger, leads, one, _person("L-2", "Theo", "Lambert", "tlambert@gmail.com", domain="juniper.example"))
    assert _proposed(ledger) == [("L-2", "L-1")]


def test_a_namesake_in_another_company_is_not_proposed(ledger: Ledger) -> None:
    one = _person("L-1", "Théo", "Lambert", "theo.lambert@juniper.example")
    kept(ledger, leads, one, _person("L-2", "Théo", "Lambert", "theo.lambert@cobalt.example"))
    assert _proposed(ledger) == []


def test_who_was_put_apart_is_not_proposed_again(ledger: Ledger) -> None:
    rows = [_person(f"L-{i}", "Théo", "Lambert", f"post{i}@juniper.example", company="Juniper") for i in (1, 2)]
    kept(ledger, leads, *rows)
    _merge(ledger, "L-2", "L-1")
    _unmerge(ledger, "L-2")
    with ledger.writing() as connection:
        merges.decide(connection, "L-2", "L-1", merges.APART, None, 12 * DAY)
    assert _proposed(ledger) == []


def test_of_20_000_leads_of_one_company_each_is_compared_with_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db")
    rows = [_person(f"L-{i}", f"Ada{i % 997}", f"Byron{i % 1009}", f"a{i}@big.example") for i in range(20_000)]
    kept(ledger, leads, *rows)
    counted = Mock(wraps=duplicates._likeness)
    monkeypatch.setattr(duplicates, "_likeness", counted)
    with ledger.reading() as connection:
        duplicates.propose(connection, People())
    ledger.close()
    assert 0 < counted.call_count < 100 * 20_000


def test_the_survey_counts_by_way_and_by_source(ledger: Ledger) -> None:
    kept(ledger, leads, *(_lead(f"L-{i}", i, email="ada@x.example") for i in (1, 2)), _lead("L-3"))
    _merge(ledger, "L-3", "L-1")
    with ledger.reading() as connection:
        found = duplicates.survey(connection)
    assert (found.leads, found.duplicates, dict(found.found_by)) == (3, 2, {"by hand": 1, "email": 1})
    assert found.sources == [duplicates.Source("web", 3, 2)]


def test_leads_that_are_told_apart_are_proposed_no_more_and_can_still_be_merged(ledger: Ledger) -> None:
    kept(
        ledger, leads, _person("L-1", "Ada", "Byron", "ada@x.example"), _person("L-2", "Ada", "Byron", "ada@y.example")
    )
    _apart(ledger, "L-1", "L-2")
    _apart(ledger, "L-2", "L-1")
    assert _proposed(ledger) == []
    with ledger.reading() as connection:
        assert len(merges.read(connection)) == 1
    _merge(ledger, "L-2", "L-1", 11)
    assert _people(ledger) == {"L-2": "L-1"}


def test_one_person_is_not_told_apart_and_neither_is_a_lead_that_is_not_there(ledger: Ledger) -> None:
    kept(ledger, leads, *(_lead(f"L-{i}", i, email="ada@x.example") for i in (1, 2)))
    with pytest.raises(InputError, match="are one person; `leadloop unmerge`"):
        _apart(ledger, "L-1", "L-2")
    with pytest.raises(UnknownLeadError):
        _apart(ledger, "L-1", "L-9")


def _apart(ledger: Ledger, one: str, other: str) -> None:
    with ledger.writing() as connection:
        duplicates.keep_apart(connection, one, other, "anna", 10 * DAY)
