"""What the program says when something goes wrong, read from the modules whose errors people meet on a page.

`python -m tests.pages.raised` prints what of it has no French.
"""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import TypeGuard

from starlette.exceptions import HTTPException

from leadloop.errors import LeadLoopError
from leadloop.intake.values import BadValueError
from serving.pages.error_words import told
from serving.refused import RefusedError

ROOT = Path(__file__).parents[2]
MODULES = (
    "leadloop.clock",
    *(f"leadloop.store.{name}" for name in ("backlog", "definitions", "deliveries", "duplicates", "imports", "keys")),
    *(f"leadloop.store.{name}" for name in ("ledger", "samples", "webhooks")),
    *(f"models.{name}" for name in ("bundle", "by_client", "by_rest", "by_sql", "copies", "fetch", "registry")),
    *(f"serving.{name}" for name in ("feature_report", "feedback", "gate", "hook_address", "hook_sending", "hooks")),
    *(f"serving.{name}" for name in ("key_check", "key_desk", "keyring", "limits", "model_diff", "problems")),
    *(f"serving.{name}" for name in ("refused", "sheet", "sight", "smoke", "swap", "switching", "versions")),
    *(f"serving.backlog.{name}" for name in ("keeping", "paging")),
    *(f"serving.reports.{name}" for name in ("calculator", "definitions")),
    *(f"serving.routes.{name}" for name in ("models", "queue", "reports", "signin")),
    *(f"serving.pages.{path.stem}" for path in sorted((ROOT / "serving" / "pages").glob("[!_]*.py"))),
)
"""Pages, what they call, and what keeps why a delivery failed or a model was refused."""
IMPORTING = tuple(
    f"leadloop.intake.{name}"
    for name in ("block", "csv_file", "exports", "jsonl_file", "parquet_file", "tables", "values")
)
"""Of these pages show why a row was refused, and nothing else: files are imported by a command."""
SECOND = (HTTPException, RefusedError, BadValueError)
"""Errors that are told second what happened; others are told first."""
SAYING: Mapping[str, int] = {"Reply": 1, "disable": 3, "told": 2, "too_often": 0}
"""Other calls that are told what happened, and as which argument."""
SAMPLE = re.compile(r"‹\d+›")
"""What a text holds where the code leaves a hole."""


@dataclass(frozen=True)
class Said:
    """A text with a sample in each hole, and the line that says it."""

    text: str
    where: str


def said() -> list[Said]:
    """Each text once."""
    found = {each.text: each for name in (*MODULES, *IMPORTING) for each in _of(name)}
    return sorted(found.values(), key=lambda each: each.where)


def _of(name: str) -> Iterator[Said]:
    module = import_module(name)
    for function in ast.walk(_tree(module)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            scope = Scope(module, function)
            for node in ast.walk(function):
                if isinstance(node, ast.Raise | ast.Call):
                    yield from (Said(text, f"{name}:{node.lineno}") for text in _told_by(scope, node))


def _told_by(scope: "Scope", node: ast.Raise | ast.Call) -> Iterator[str]:
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name):
        kind: object = getattr(scope.module, node.exc.id, None)
        if _meets(kind, scope):
            yield str(kind())
    if isinstance(node, ast.Call):
        at = _place(scope, node.func)
        if at is not None and len(node.args) > at:
            yield from (_numbered(text) for text in scope.texts(node.args[at]) if text.strip(_ANY))


def _place(scope: "Scope", called: ast.expr) -> int | None:
    """As which argument a call is told what happened; None where it is not."""
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    kind: object = getattr(scope.module, name, None)
    if _meets(kind, scope):
        return int(issubclass(kind, SECOND))
    return None if scope.module.__name__ in IMPORTING else SAYING.get(name)


def _meets(kind: object, scope: "Scope") -> TypeGuard[type[Exception]]:
    """Whether people meet errors of this kind of this module."""
    wanted = (BadValueError,) if scope.module.__name__ in IMPORTING else (LeadLoopError, HTTPException, RefusedError)
    return isinstance(kind, type) and issubclass(kind, wanted)


_ANY = "\0"
"""A hole of which nothing is known before it runs."""


@dataclass(frozen=True)
class Scope:
    """Where a name of a function means what."""

    module: ModuleType
    function: ast.FunctionDef | ast.AsyncFunctionDef

    def texts(self, node: ast.expr) -> list[str]:
        """Every text that an expression can be, as far as the code says so."""
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                return ["".join(each) for each in product(*(self.texts(part) for part in parts))]
            case ast.FormattedValue(value=value, format_spec=None):
                return self.texts(value)
            case ast.IfExp(body=one, orelse=other):
                return [*self.texts(one), *self.texts(other)]
            case ast.BoolOp(op=ast.Or(), values=[one, other]):
                return [*filter(None, self.texts(one)), *self.texts(other)]
            case ast.BinOp(left=one, op=ast.Add(), right=other):
                return ["".join(each) for each in product(self.texts(one), self.texts(other))]
            case ast.Name(id=name) if name not in self._given_to():
                return self._named(name)
            case ast.Call(func=ast.Name(id=name)):
                return self._returned(getattr(self.module, name, None))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                return _back(self.module, name)
        return [_ANY]

    def _given_to(self) -> set[str]:
        """Names of its arguments, of which only the caller knows what they are."""
        return {each.arg for each in ast.walk(self.function.args) if isinstance(each, ast.arg)}

    def _named(self, name: str) -> list[str]:
        for within in (self.function, _tree(self.module)):
            given = [text for node in ast.walk(within) for text in self._given(node, name)]
            if given:
                return given
        return [_ANY]

    def _given(self, node: ast.AST, name: str) -> list[str]:
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in node.targets):
            return self.texts(node.value)
        return []

    def _returned(self, called: object) -> list[str]:
        """What a function of ours gives back."""
        home = inspect.getmodule(called)
        if not inspect.isfunction(called) or home is None or not _is_ours(home):
            return [_ANY]
        return _back(home, called.__name__)


def _back(module: ModuleType, name: str) -> list[str]:
    """What the function or method of this name gives back."""
    functions = (node for node in ast.walk(_tree(module)) if isinstance(node, ast.FunctionDef))
    scope = next(Scope(module, each) for each in functions if each.name == name)
    given = [node.value for node in ast.walk(scope.function) if isinstance(node, ast.Return) and node.value]
    return list(dict.fromkeys(text for value in given for text in scope.texts(value)))


def _is_ours(module: ModuleType) -> bool:
    return module.__file__ is not None and ROOT in Path(module.__file__).parents


def _numbered(text: str) -> str:
    """Each hole with a sample of its own."""
    first, *rest = re.split(f"{_ANY}+", text)
    return first + "".join(f"‹{number}›{part}" for number, part in enumerate(rest, 1))


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


if __name__ == "__main__":
    for each in said():
        if told("fr", each.text)[1] != "fr":
            print(f"{each.where}: {each.text}")  # noqa: T201 -- it is asked to
