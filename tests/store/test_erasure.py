"""An erased lead is gone from every table, report and page of the ledger, and does not come back."""

import json
import subprocess
import sys
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text, insert, select, text

from leadloop.clock import DAY
from leadloop.errors import UnknownLeadError
from leadloop.store import erasure, events, leads, outcomes, packed, personal
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow
from leadloop.store.tables import (
    idempotency,
    identity_keys,
    imports,
    merges,
    metadata,
    tombstones,
)
from tests.store.support import contents, kept

ADA = {"email": "ada@engines.example", "phone": "+33 6 39 98 12 34", "first_name": "Ada", "last_name": "Byron"}
SECRETS = ("ada@engines.example", "39 98 12 34", "Byron", "L-ada")
SEEN = {"kind": "email", "value": ADA["email"], "recorded_at": DAY}


def _lead(name: str = "L-ada", day: int = 1, identity: dict[str, str] | None = None) -> LeadRow:
    return LeadRow(name, day * DAY, day * DAY, attributes={"note": "x"}, identity=ADA if identity is None else identity)


def _event(name: str = "L-ada", kind: str = "form_submit", day: int = 2, **more: Any) -> EventRow:
    return EventRow(name, kind, day * DAY, more.pop("recorded_at", day * DAY), **more)


def _outcome(name: str = "L-ada", stage: str = "lost", reason: str | None = None, day: int = 3) -> OutcomeRow:
    return OutcomeRow(name, stage, day * DAY, day * DAY, reason)


def _fill(ledger: Ledger, name: str = "L-ada", identity: dict[str, str] | None = None) -> None:
    kept(ledger, leads, _lead(name, identity=identity))
    kept(ledger, events, _event(name))
    kept(ledger, outcomes, _outcome(name))


def _put(ledger: Ledger, table: Table, **values: Any) -> None:
    with ledger.writing() as connection:
        connection.execute(insert(table).values(values))


def _made_up(column: "Column[Any]", name: str) -> Any:
    """A value for any column; the columns that name leads get the lead."""
    if column.name in personal.NAMING:
        return name
    kind = column.type.python_type
    return {str: f"{column.name} of {name}", int: 1, float: 1.0, bytes: b"packed", bool: True}[kind]


def test_each_table_that_names_a_lead_loses_its_rows(ledger: Ledger) -> None:
    for table, _ in personal.naming():
        _put(ledger, table, **{column.name: _made_up(column, "L-ada") for column in table.columns})
    erasure.erase(ledger, ["L-ada"])
    left = contents(ledger)
    assert [table.name for table, _ in personal.naming() if left[table.name]] == []


def test_each_table_either_names_leads_or_is_known_to_name_nobody() -> None:
    naming = {table.name for table, _ in personal.naming()}
    suspects = {table.name for table in metadata.sorted_tables} - naming
    assert suspects <= personal.NAMES_NOBODY, "say in store/personal.py how erasure reaches these tables"


def test_no_column_names_leads_by_a_name_that_erasure_does_not_know() -> None:
    columns = {column.name for table in metadata.sorted_tables for column in table.columns}
    assert {name for name in columns if "lead" in name or name.endswith("_id")} <= {
        *personal.NAMING, "merge_id", "import_id", "key_id", "entry_id", "run_id", "sample_id", "definition_id",
        "open_leads",  # a count
    }  # fmt: skip


def test_a_table_added_later_is_covered_by_its_lead_id_alone() -> None:
    later = MetaData()
    Table("scores", later, Column("lead_id", Text, primary_key=True), Column("seen", LargeBinary))
    Table("clock", later, Column("name", Text, primary_key=True))
    assert [table.name for table, _ in personal.naming(later)] == ["scores"]


def test_nothing_but_a_hash_is_left(ledger: Ledger) -> None:
    _fill(ledger)
    erasure.erase(ledger, ["L-ada"])
    left = contents(ledger)
    assert not [secret for secret in SECRETS if secret in str(left)]
    assert {name for name, rows in left.items() if rows} == {"tombstones", "audit"}


def test_other_leads_stay_as_they_are(ledger: Ledger) -> None:
    _fill(ledger, "L-2", {"email": "ben@works.example"})
    before = contents(ledger)
    _fill(ledger)
    erasure.erase(ledger, ["L-ada"])
    left = ("tombstones", "audit")
    assert contents(ledger, *left) == {name: rows for name, rows in before.items() if name not in left}


def test_an_erased_lead_does_not_come_back_by_the_same_rows(ledger: Ledger) -> None:
    _fill(ledger)
    erasure.erase(ledger, ["L-ada"])
    before = contents(ledger)
    assert kept(ledger, leads, _lead(), _lead("L-2", identity={})) == 1
    assert [kept(ledger, events, _event()), kept(ledger, outcomes, _outcome())] == [0, 0]
    assert contents(ledger)["identities"] == before["identities"] == []


def test_an_erased_lead_does_not_come_back_by_new_rows(ledger: Ledger) -> None:
    _fill(ledger)
    erasure.erase(ledger, ["L-ada"])
    assert kept(ledger, leads, _lead(day=900)) + kept(ledger, events, _event(day=900)) == 0


def test_without_tombstones_rows_pass_untouched_by_one_query(ledger: Ledger) -> None:
    from leadloop.store.tombstones import admitted

    rows = [_lead()]
    with ledger.reading() as connection:
        assert admitted(connection, rows) is rows


def test_an_unknown_lead_is_refused_and_the_others_stay(ledger: Ledger) -> None:
    _fill(ledger)
    before = contents(ledger)
    with pytest.raises(UnknownLeadError, match="There is no lead 'L-no' in the ledger; nothing was erased"):
        erasure.erase(ledger, ["L-ada", "L-no"])
    assert contents(ledger) == before


def test_erasing_twice_says_so_and_changes_nothing(ledger: Ledger) -> None:
    _fill(ledger)
    erasure.erase(ledger, ["L-ada"])
    before = contents(ledger)
    again = erasure.erase(ledger, ["L-ada"])
    assert (again.lead_ids, again.already, again.rows) == ((), ("L-ada",), {})
    assert contents(ledger) == before


def test_the_rows_that_left_are_counted(ledger: Ledger) -> None:
    _fill(ledger)
    done = erasure.erase(ledger, ["L-ada", "L-ada"])
    assert (done.lead_ids, done.rows["leads"], done.rows["events"]) == (("L-ada",), 1, 1)


def test_a_kept_import_report_no_longer_quotes_the_lead(ledger: Ledger) -> None:
    _fill(ledger)
    kept(ledger, outcomes, _outcome(reason="she left her husband"), _outcome("L-2", reason="no more budget"))
    bad = [{"file": "a.csv", "line": 2, "column": "amount", "value": value, "cause": "is no number"}
           for value in ("call Byron", "ask L-ada", "Byronic", "soon")]  # fmt: skip
    reasons = {"she left her husband": 1, "no more budget": 2, "spoke to BYRON": 3}
    _put(ledger, imports, import_id="i", started_at=1, report=json.dumps({"bad_rows": bad, "reasons": reasons}))
    erasure.erase(ledger, ["L-ada"])
    with ledger.reading() as connection:
        report = json.loads(connection.execute(select(imports.c.report)).scalar_one())
    assert [row["value"] for row in report["bad_rows"]] == ["(erased)", "(erased)", "Byronic", "soon"]
    assert report["reasons"] == {"(erased)": 4, "no more budget": 2}


def test_kept_answers_to_requests_that_quote_the_lead_are_forgotten(ledger: Ledger) -> None:
    _fill(ledger)
    for key, name in (("a", "L-ada"), ("b", "L-adam")):
        _put(ledger, idempotency, key=key, request="h", status=201, body=f'{{"lead_id":"{name}"}}', started_at=1)
    erasure.erase(ledger, ["L-ada"])
    assert "L-adam" in str(contents(ledger)["idempotency"])
    assert len(contents(ledger)["idempotency"]) == 1


def test_the_packed_history_of_a_lead_that_an_event_was_moved_to_follows(ledger: Ledger) -> None:
    for name in ("L-ada", "L-2"):
        kept(ledger, leads, _lead(name, identity={}))
    kept(ledger, events, _event(event_id="e"), _event("L-2", event_id="e", recorded_at=9 * DAY))
    erasure.erase(ledger, ["L-ada"])
    with ledger.reading() as connection:
        assert packed.kept(connection, ["L-ada", "L-2"]) == packed.from_rows(connection, ["L-2"])


@pytest.mark.parametrize(("rule", "named"), [("by hand", ("L-2",)), ("apart", ())])
def test_a_lead_merged_with_it_is_named_and_one_kept_apart_is_not(
    ledger: Ledger, rule: str, named: tuple[str, ...]
) -> None:
    _fill(ledger)
    _fill(ledger, "L-2", {})
    _put(ledger, merges, merge_id="m", duplicate_id="L-ada", survivor_id="L-2", recorded_at=1, rule=rule)
    assert erasure.erase(ledger, ["L-ada"]).same_person == named


def test_the_same_person_under_another_id_is_named_and_stays(ledger: Ledger) -> None:
    _fill(ledger)
    _fill(ledger, "L-2", {"email": "Ada@Engines.example"})
    _fill(ledger, "L-3", {"email": "ben@works.example"})
    assert erasure.erase(ledger, ["L-ada"]).same_person == ("L-2",)
    assert "L-2" in str(contents(ledger)["leads"])


def _bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.glob("ledger.db*")))


def test_the_files_of_sqlite_hold_nothing_of_an_erased_lead(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    _fill(ledger)
    assert ADA["email"].encode() in _bytes(tmp_path)
    assert erasure.erase(ledger, ["L-ada"]).file_is_clean
    assert not [secret for secret in SECRETS if secret.encode() in _bytes(tmp_path)]
    ledger.close()


def _scatter(ledger: Ledger, count: int) -> list[str]:
    """E-mails in random order into an index whose pages split, by a SQLite that does not overwrite what it moves."""
    import hashlib

    mails = [f"{hashlib.sha256(str(i).encode()).hexdigest()[:12]}@x.example" for i in range(count)]
    for start in range(0, count, 500):
        with ledger.writing() as connection:
            connection.execute(text("PRAGMA secure_delete=OFF"))
            rows = [{**SEEN, "value": mails[i], "lead_id": f"L-{i}"} for i in range(start, min(start + 500, count))]
            connection.execute(insert(identity_keys), rows)
    return mails


def test_copies_in_the_gaps_of_split_pages_are_found_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    mails = _scatter(ledger, 12_000)
    some, more = (list(range(start, 12_000, 60)) for start in (0, 1))
    with monkeypatch.context() as nobody_looks:
        nobody_looks.setattr(erasure, "_contain", lambda *_: False)
        erasure.erase(ledger, [f"L-{i}" for i in some])
    assert [mails[i] for i in some if mails[i].encode() in _bytes(tmp_path)], "nothing to find: this test tests nothing"
    assert erasure.erase(ledger, [f"L-{i}" for i in more]).file_is_clean
    assert not [mails[i] for i in some + more if mails[i].encode() in _bytes(tmp_path)]
    ledger.close()


ELSEWHERE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT count(*) FROM tombstones").fetchone()[0])
connection.close()
"""


def test_who_looks_into_the_file_keeps_its_locks_so_that_others_leave_its_log_alone(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    ledger = Ledger.open(f"sqlite:///{file}")
    with ledger.reading() as connection:
        connection.execute(select(tombstones)).all()
    assert not erasure._contain(file, ["nobody"])
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(file)], check=True)
    assert file.with_name("ledger.db-wal").exists(), "another process took itself for the last one"
    ledger.close()


def test_a_file_kept_busy_is_said_to_be_not_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadloop.store.ledger.BUSY_MILLISECONDS", 50)
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    _fill(ledger)
    with ledger.reading() as reader:
        reader.execute(select(tombstones)).all()
        assert not erasure.erase(ledger, ["L-ada"]).file_is_clean
    assert erasure.erase(ledger, ["L-ada"]).file_is_clean
    assert ADA["email"].encode() not in _bytes(tmp_path)
    ledger.close()


def test_an_import_that_runs_meanwhile_does_not_bring_the_lead_back(ledger: Ledger) -> None:
    _fill(ledger)
    with ledger.writing() as importing:
        leads.add(importing, [_lead("L-2", identity={})])
        eraser = Thread(target=erasure.erase, args=(ledger, ["L-ada"]))
        eraser.start()
        sleep(0.3)  # the erasure has begun and waits
        leads.add(importing, [_lead(day=50)])
    eraser.join(timeout=30)
    left = str(contents(ledger))
    assert ("L-2" in left, "L-ada" in left) == (True, False)


def test_everything_held_is_handed_over_and_copies_are_not(ledger: Ledger) -> None:
    _fill(ledger)
    kept(ledger, leads, _lead(day=5, identity={"email": "ada@new.example"}))
    with ledger.reading() as connection:
        found = personal.everything(connection, "L-ada")
    tables = {table.name for table, _ in personal.naming()} - personal.COPIES
    assert set(found) == {"lead_id", "identity", "attributes", *tables}
    assert [row["email"] for row in found["identities"]] == [ADA["email"], "ada@new.example"]
    assert (found["identity"]["email"], found["attributes"]) == ("ada@new.example", {"note": "x"})


def test_times_are_handed_over_as_people_write_them(ledger: Ledger) -> None:
    _fill(ledger)
    with ledger.reading() as connection:
        found = personal.everything(connection, "L-ada")
    assert found["events"][0]["occurred_at"] == "1970-01-03T00:00:00Z"
    assert json.loads(json.dumps(found, allow_nan=False)) == found
