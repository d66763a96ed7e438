"""The same leads on SQLite and on PostgreSQL are the same leads."""

from pathlib import Path

from tests.support import Loop, leadloop


def test_scores_from_either_database_are_the_same_bytes(loop: Loop, ledger_url: str, tmp_path: Path) -> None:
    leadloop("import", loop.files, "--home", loop.settings.home, database_url=ledger_url)
    for file, url in (("here.csv", ledger_url), ("there.csv", loop.settings.ledger_url)):
        leadloop("score", "--all", "--out", tmp_path / file, "--home", loop.settings.home, database_url=url)
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()
