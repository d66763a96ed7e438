"""The ledger's connections: one state for a reader, all or nothing for a writer, patience between two of them."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import sleep

import pytest
from sqlalchemy import text

from leadloop.clock import DAY
from leadloop.errors import StoreError
from leadloop.settings import Settings
from leadloop.store import events, instant, leads, outcomes
from leadloop.store import ledger as ledger_module
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow
from tests.store.support import at_once, contents, kept

AS_ROOT = os.name == "posix" and os.geteuid() == 0


def _fail_after_writing(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        leads.add(connection, [_lead("L-1")])
        outcomes.add(connection, [OutcomeRow("L-1", "won", DAY, DAY)])
        raise KeyError


def _lose_the_connection(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with ledger.writing() as other:
            other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        leads.count(connection)


def _lead(lead_id: str) -> LeadRow:
    return LeadRow(lead_id, DAY, DAY)


def test_a_reader_sees_one_state_while_another_connection_writes(ledger: Ledger) -> None:
    kept(ledger, leads, _lead("L-1"))
    with ledger.reading() as connection:
        before = leads.count(connection)
        kept(ledger, leads, _lead("L-2"))
        assert (before, leads.count(connection)) == (1, 1)


def test_a_reader_sees_one_state_across_tables(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        leads.count(connection)
        kept(ledger, events, EventRow("L-1", "x", DAY, DAY))
        assert events.read(connection) == []


def test_the_next_reader_sees_what_was_written(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        leads.count(connection)
    kept(ledger, leads, _lead("L-1"))
    with ledger.reading() as connection:
        assert leads.count(connection) == 1


def test_what_is_not_committed_is_not_read(ledger: Ledger) -> None:
    with ledger.writing() as writer:
        leads.add(writer, [_lead("L-1")])
        with ledger.reading() as reader:
            assert leads.count(reader) == 0


def test_a_writer_sees_its_own_rows(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        leads.add(connection, [_lead("L-1")])
        assert leads.count(connection) == 1


def test_a_failed_writer_leaves_nothing(ledger: Ledger) -> None:
    empty = contents(ledger)
    with pytest.raises(KeyError):
        _fail_after_writing(ledger)
    assert contents(ledger) == empty


def test_a_failed_writer_lets_the_next_one_write(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        _fail_after_writing(ledger)
    assert kept(ledger, leads, _lead("L-1")) == 1


def test_a_writer_waits_for_another_writer_of_the_same_row(ledger: Ledger) -> None:
    begun, counts = Event(), dict[str, int]()

    def slow() -> None:
        with ledger.writing() as connection:
            counts["first"] = leads.add(connection, [_lead("L-1")])
            begun.set()
            sleep(0.2)

    def quick() -> None:
        begun.wait()
        counts["second"] = kept(ledger, leads, _lead("L-1"))

    assert at_once(slow, quick) == []
    assert counts == {"first": 1, "second": 0}


def test_writers_of_the_same_rows_in_another_order_wait_for_each_other(ledger: Ledger) -> None:
    rows = [LeadRow(f"L-{i}", DAY, DAY, identity={"phone": str(i)}) for i in range(1_500)]
    counts: list[int] = []
    works = [lambda given=given: counts.append(kept(ledger, leads, *given)) for given in (rows, rows[::-1]) * 2]
    assert at_once(*works) == []
    assert sum(counts) == 1_500


def test_many_small_writers_all_get_their_turn(ledger: Ledger) -> None:
    def work(name: int) -> Callable[[], object]:
        return lambda: [kept(ledger, leads, _lead(f"L-{name}-{i}")) for i in range(10)]

    assert at_once(*(work(name) for name in range(4))) == []
    with ledger.reading() as connection:
        assert leads.count(connection) == 40


def test_a_reader_is_never_kept_waiting_by_a_writer(ledger: Ledger) -> None:
    with ledger.writing() as writer:
        leads.add(writer, [_lead("L-1")])
        with ledger.reading() as reader:  # in the writer's own thread: to wait for it would be to wait for ever
            assert leads.count(reader) == 0


def test_a_writer_that_waited_too_long_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ledger_module, "BUSY_MILLISECONDS", 20)
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    with opened.writing(), pytest.raises(StoreError, match=r"ledger\.db does not answer: database is locked"):
        kept(opened, leads, _lead("L-1"))
    opened.close()


def test_a_lost_connection_is_an_error_of_the_store_and_the_next_one_works(postgres_url: str) -> None:
    opened = Ledger.open(postgres_url)
    with pytest.raises(StoreError, match="does not answer"):
        _lose_the_connection(opened)
    with opened.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    opened.close()


def test_a_ledger_keeps_its_rows_when_it_is_closed_and_opened_again(ledger: Ledger, ledger_url: str) -> None:
    kept(ledger, leads, _lead("L-1"))
    ledger.close()
    again = Ledger.open(ledger_url)
    assert kept(again, leads, _lead("L-1")) == 0
    again.close()


def test_the_newest_instant_is_the_last_recording_of_any_table(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", DAY, 3 * DAY))
    kept(ledger, events, EventRow("L-1", "x", DAY, 7 * DAY))
    kept(ledger, outcomes, OutcomeRow("L-1", "won", 9 * DAY, 5 * DAY))
    with ledger.reading() as connection:
        assert instant.newest(connection) == 7 * DAY


def test_an_undated_ledger_has_no_newest_instant(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", None, None))
    kept(ledger, outcomes, OutcomeRow("L-1", "won", None, None))
    with ledger.reading() as connection:
        assert instant.newest(connection) is None


@pytest.mark.parametrize("name", ["a b", "é", "per%20cent", "quote'", "what?", "#1"])
def test_a_ledger_can_live_in_a_home_of_any_name(tmp_path: Path, name: str) -> None:
    settings = Settings(home=tmp_path / name)
    Ledger.open(settings.ledger_url).close()
    assert (tmp_path / name / "ledger.db").is_file()


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("", "can't be read; write sqlite"),
        ("ledger.db", "can't be read; write sqlite"),
        ("sqlite://ledger.db", "can't be read; write sqlite"),
        ("sqlite+nothing:///x", "can't be read; write sqlite"),
        ("postgresql+psycopg://u:secret@127.0.0.1:port/x", "can't be read; write sqlite"),
        ("mysql://u:secret@127.0.0.1/x", "names mysql; the ledger is SQLite or PostgreSQL"),
        ("postgresql+psycopg2://u:secret@127.0.0.1/x", "psycopg2 is not installed; install leadloop"),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/x", "u:...@127.0.0.1:1/x can't be opened: .*refused"),
        ("postgresql+psycopg://127.0.0.1:1/x?user=u&password=secret", "127.0.0.1:1/x can't be opened"),
        (
            "postgresql+psycopg://u:secret@127.0.0.1/x?colour=red",
            'can\'t be opened: invalid connection option "colour"',
        ),
    ],
)
def test_a_url_of_no_ledger_is_refused_clearly_and_without_its_password(url: str, clear: str) -> None:
    with pytest.raises(StoreError, match=clear) as refused:
        Ledger.open(url)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_refusal_has_no_chain_of_causes_to_print(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"no database" * 1_000)
    with pytest.raises(StoreError) as refused:
        Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    assert refused.value.__suppress_context__


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_bytes(b"lead_id,created_at\n" * 1_000)
    with pytest.raises(StoreError, match=r"leads\.csv can't be opened: file is not a database"):
        Ledger.open(f"sqlite:///{tmp_path / 'leads.csv'}")
    assert (tmp_path / "leads.csv").read_bytes() == b"lead_id,created_at\n" * 1_000


def test_a_folder_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open database file"):
        Ledger.open(f"sqlite:///{tmp_path}")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file in its place")
    with pytest.raises(StoreError, match=r"home can't be made: .*; choose another LEADLOOP_HOME"):
        Ledger.open(f"sqlite:///{tmp_path / 'home' / 'ledger.db'}")


@pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")
def test_a_read_only_folder_is_refused_by_name(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match=r"ledger\.db can't be opened: unable to open database file"):
        Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")


@pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")
def test_a_home_below_a_read_only_folder_is_refused_by_name(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match=r"home can't be made: Permission denied"):
        Ledger.open(f"sqlite:///{tmp_path / 'home' / 'ledger.db'}")


def test_a_missing_driver_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"psycopg is not installed; install leadloop\[postgres\]"):
        Ledger.open("postgresql+psycopg://127.0.0.1/x")
