"""What people decide about duplicates with the command is noted in the audit log."""

import json
from pathlib import Path

from typer.testing import CliRunner

from leadloop.cli import app
from leadloop.clock import DAY
from leadloop.store import audit, leads, merges
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow
from tests.store.support import kept


def test_leads_are_told_apart_merged_and_taken_apart_by_name(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    kept(ledger, leads, LeadRow("L-1", DAY, DAY), LeadRow("L-2", DAY, DAY))
    told = []
    for command in (("apart", "L-1", "L-2"), ("merge", "L-2", "L-1", "--actor", "anna"), ("unmerge", "L-2")):
        answer = CliRunner().invoke(app, [*command, "--home", str(tmp_path), "--json"])
        told.append(json.loads(answer.stdout))
    with ledger.reading() as connection:
        did = [(entry.actor, entry.action) for entry in reversed(audit.read(connection))]
        standing = [each.rule for each in merges.read(connection)]
    ledger.close()
    assert told[0] == {"lead": "L-1", "apart_from": ["L-2"]}
    assert did == [("command", "lead.kept_apart"), ("command", "lead.merged"), ("command", "lead.unmerged")]
    assert standing == []
