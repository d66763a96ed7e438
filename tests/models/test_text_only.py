"""What is loaded to score is text and JSON: nothing in models/ or serving/ can run what a file holds."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OF_A_CHILD = {"serving/backlog/aside.py"}
"""Gives a child process of its own what it holds in memory, and takes back what that made: never what a file holds."""
FILES = sorted(
    path
    for room in ("models", "serving", "features")
    for path in (ROOT / room).rglob("*.py")
    if str(path.relative_to(ROOT)) not in OF_A_CHILD
)
MODULES = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "shelve", "marshal", "skops", "torch"}
CALLS = {"load_model", "eval", "exec", "literal_eval_unsafe", "unsafe_load", "read_pickle", "__import__"}


def imported(tree: ast.AST) -> set[str]:
    """Top names of all modules imported anywhere in a file."""
    plain = {alias.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    return plain | {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}


def called(tree: ast.AST) -> set[str]:
    """Last names of everything called in a file."""
    functions = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call)]
    return {
        f.attr if isinstance(f, ast.Attribute) else f.id for f in functions if isinstance(f, ast.Attribute | ast.Name)
    }


def test_there_is_something_to_look_at() -> None:
    assert {"bundle.py", "registry.py", "scorer.py"} <= {path.name for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_unpickles_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert imported(tree) & MODULES == set()
    assert called(tree) & CALLS == set()


def test_the_check_finds_what_it_looks_for() -> None:
    tree = ast.parse("import joblib\nfrom mlflow import pyfunc\npyfunc.load_model('x')")
    assert (imported(tree) & MODULES, called(tree) & CALLS) == ({"joblib"}, {"load_model"})
