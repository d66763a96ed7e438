"""`leadloop report page` writes any page, and its tables, without a server."""

from pathlib import Path

import pytest

from tests.support import Loop, leadloop


def test_the_command_writes_any_page_and_its_tables(loop: Loop, tmp_path: Path) -> None:
    home = loop.settings.home
    page, table = tmp_path / "models.html", tmp_path / "models.csv"
    leadloop("report", "page", "/ops/models", "--out", page, "--lang", "fr", "--home", home)
    leadloop("report", "page", "/ops/models", "--table", "versions", "--out", table, "--home", home)
    assert "<h1>Modèles</h1>" in page.read_text(encoding="utf-8")
    assert table.read_text(encoding="utf-8-sig").startswith("version,aliases,verdict,created_at,roc_auc")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("/nothing",), 1),
        (("/leads/L-nobody",), 1),
        (("/v1/queue",), 1),
        (("queue",), 2),
        (("/queue", "--table", "leads"), 2),
    ],
)
def test_the_command_says_what_is_no_page(loop: Loop, tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    leadloop("report", "page", *arguments, "--out", tmp_path / "x.html", "--home", loop.settings.home, code=code)
    assert not (tmp_path / "x.html").exists()


def test_the_command_refuses_a_folder_that_is_not_there(loop: Loop, tmp_path: Path) -> None:
    out = tmp_path / "no" / "x.html"
    leadloop("report", "sources", "--out", out, "--home", loop.settings.home, code=2)
