"""A dump is the ledger: what is imported from it is the same rows."""

from pathlib import Path

import pytest
from sqlalchemy import Table, select

from leadloop.demo import DemoSettings, simulate, write_csv
from leadloop.errors import InputError
from leadloop.store import dump, events, leads, outcomes, tables
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow
from tests.support import bring_in

ROOMS = (tables.leads, tables.identities, tables.events, tables.outcomes, tables.identity_keys)


def content(ledger: Ledger, table: Table) -> set[tuple[object, ...]]:
    """All rows of a table."""
    with ledger.reading() as connection:
        return {tuple(row) for row in connection.execute(select(table))}


def test_a_dump_imported_into_an_empty_ledger_is_the_same_ledger(ledger: Ledger, tmp_path: Path) -> None:
    write_csv(simulate(DemoSettings(leads=500)), tmp_path / "files")
    bring_in(ledger, tmp_path / "files")
    dump.write(ledger, tmp_path / "dump")
    copy = Ledger.open(f"sqlite:///{tmp_path / 'copy.db'}")
    bring_in(copy, tmp_path / "dump")
    assert all(content(copy, room) == content(ledger, room) for room in ROOMS)
    copy.close()


def test_types_cleared_values_and_corrections_survive(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.writing() as connection:
        leads.add(connection, [LeadRow("a", 0, 0, None, {"n": 5, "t": "5", "b": True, "gone": None})])
        events.add(connection, [EventRow("a", "view", 1, 1, "e", {"p": 1.5}), EventRow("a", "view", 2, 9, "e")])
    dump.write(ledger, tmp_path / "dump")
    copy = Ledger.open(f"sqlite:///{tmp_path / 'copy.db'}")
    bring_in(copy, tmp_path / "dump")
    assert all(content(copy, room) == content(ledger, room) for room in ROOMS)
    copy.close()


def test_a_folder_that_holds_something_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(InputError, match="empty folder"):
        dump.write(ledger, tmp_path)


def test_an_undated_ledger_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.writing() as connection:
        leads.add(connection, [LeadRow("a", None, None, 1.0)])
    with pytest.raises(InputError, match="undated"):
        dump.write(ledger, tmp_path / "dump")


def test_clicks_that_put_off_or_were_undone_survive(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.writing() as connection:
        leads.add(connection, [LeadRow("a", 0, 0)])
        put_off = OutcomeRow("a", "recycled", 1, 1, until_at=9)
        outcomes.add(connection, [put_off, OutcomeRow("a", "rejected", 2, 2, "no_budget")])
        outcomes.add(connection, [OutcomeRow("a", "withdrawn", 1, 3, outcome_id=outcomes.identify(put_off))])
    dump.write(ledger, tmp_path / "dump")
    copy = Ledger.open(f"sqlite:///{tmp_path / 'copy.db'}")
    bring_in(copy, tmp_path / "dump")
    assert content(copy, tables.outcomes) == content(ledger, tables.outcomes)
    copy.close()
