"""The ledger's tables: made once however many open it, equal to tables.py, and undone and redone."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from leadloop.errors import StoreError
from leadloop.store import leads, migrate
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow
from leadloop.store.tables import metadata
from tests.store.support import at_once, contents, kept

OPEN = """
import sys
from leadloop.store.ledger import Ledger
print("ready", flush=True)
sys.stdin.readline()
Ledger.open(sys.argv[1]).close()
"""


def _revise(ledger: Ledger, step: Callable[[Config, str], None], revision: str) -> None:
    config = migrate._config()
    with ledger.writing() as connection:
        config.attributes["connection"] = connection
        step(config, revision)


def _opener(url: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", OPEN, url], stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def _go(process: subprocess.Popen[str]) -> None:
    _, wrong = process.communicate("go\n", timeout=30)
    assert (process.returncode, wrong) == (0, "")


def _differences(ledger: Ledger) -> list[object]:
    with ledger.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def _tables(ledger: Ledger) -> set[str]:
    return set(inspect(ledger.engine).get_table_names())


def test_a_ledger_opened_twice_is_the_same_ledger(ledger: Ledger, ledger_url: str) -> None:
    kept(ledger, leads, LeadRow("L-1", 1, 1))
    again = Ledger.open(ledger_url)
    assert contents(again) == contents(ledger)
    again.close()


def test_opening_an_up_to_date_ledger_takes_no_lock(ledger: Ledger, ledger_url: str) -> None:
    with ledger.writing() as connection:
        leads.add(connection, [LeadRow("L-1", 1, 1)])
        Ledger.open(ledger_url).close()


def test_four_threads_may_open_an_empty_ledger_at_once(ledger_url: str) -> None:
    opened: list[Ledger] = []
    assert at_once(*(lambda: opened.append(Ledger.open(ledger_url)) for _ in range(4))) == []
    assert [_tables(each) for each in opened] == [{*metadata.tables, "alembic_version"}] * 4
    for each in opened:
        each.close()


def test_four_processes_may_open_an_empty_ledger_at_once(ledger_url: str) -> None:
    running = [_opener(ledger_url) for _ in range(4)]
    assert [process.stdout and process.stdout.readline() for process in running] == ["ready\n"] * 4
    assert at_once(*(partial(_go, process) for process in running)) == []


def test_the_migrated_tables_are_those_of_the_code(ledger: Ledger) -> None:
    assert _differences(ledger) == []


def test_a_table_that_differs_would_be_noticed(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        connection.execute(text("ALTER TABLE leads DROP COLUMN position"))
    assert len(_differences(ledger)) == 1


def test_downgrading_takes_every_table_away(ledger: Ledger) -> None:
    _revise(ledger, command.downgrade, "base")
    assert _tables(ledger) == {"alembic_version"}


def test_a_downgraded_ledger_is_whole_again_after_an_upgrade(ledger: Ledger, ledger_url: str) -> None:
    _revise(ledger, command.downgrade, "base")
    Ledger.open(ledger_url).close()
    assert _differences(ledger) == []


def test_a_ledger_of_a_newer_version_is_refused_and_left_as_it_is(ledger: Ledger, ledger_url: str) -> None:
    kept(ledger, leads, LeadRow("L-1", 1, 1))
    with ledger.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"is of another version of leadloop: .*9999.*; upgrade leadloop"):
        Ledger.open(ledger_url)
    assert len(contents(ledger)["leads"]) == 1


def test_someone_elses_tables_are_refused_and_left_as_they_are(ledger_url: str) -> None:
    engine = create_engine(ledger_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE leads (name TEXT)"))
    with pytest.raises(StoreError, match=r"can't be opened: .*leads.* already exists"):
        Ledger.open(ledger_url)
    assert inspect(engine).get_table_names() == ["leads"]
    engine.dispose()
