"""Every notebook runs on the made-up company, holds what it claims, defines nothing, and is the same in both files."""

import ast
import runpy
from pathlib import Path

import jupytext
import pytest

from tests.support import Loop

FOLDER = Path(__file__).parents[2] / "notebooks"
SCRIPTS = sorted(FOLDER.glob("*.py"))
every_notebook = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)


def test_they_are_numbered_from_one() -> None:
    assert [path.name[:2] for path in SCRIPTS] == [f"{number:02d}" for number in range(1, len(SCRIPTS) + 1)]
    assert len(SCRIPTS) >= 5


@every_notebook
def test_it_runs_and_what_it_claims_holds(loop: Loop, script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLOOP_HOME", str(loop.settings.home))
    assert runpy.run_path(str(script))


@every_notebook
def test_it_asserts_what_it_says_and_defines_nothing(script: Path) -> None:
    parts = list(ast.walk(ast.parse(script.read_text(encoding="utf-8"))))
    assert sum(isinstance(part, ast.Assert) for part in parts) >= 2
    assert not [part for part in parts if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]


@every_notebook
def test_its_two_files_say_the_same_and_hold_no_outputs(script: Path) -> None:
    book, paired = jupytext.read(script), jupytext.read(script.with_suffix(".ipynb"))
    assert [(cell.cell_type, cell.source) for cell in book.cells] == [
        (cell.cell_type, cell.source) for cell in paired.cells
    ]
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in paired.cells)


@every_notebook
def test_its_first_cell_says_in_french_what_it_is_about(script: Path) -> None:
    first = jupytext.read(script).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith(f"# {int(script.name[:2])}. ")
    assert "> **En bref.**" in first.source
