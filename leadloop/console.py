"""What the command prints: progress on stderr, results on stdout, tables for people and JSON for programs."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

_WIDTH = None if sys.stdout.isatty() else 160  # a file or a pipe has no width of its own
out = Console(width=_WIDTH, soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)
WHOLE_FROM = 100  # money wants no decimals, chances do
_SPACES = "\n\u00a0\u202f"  # French numbers are grouped by spaces that do not break
_VERDICTS = {
    "activate": ("bold green", "activer"),
    "rank_only": ("bold yellow", "classer seulement"),
    "do_not_activate": ("bold red", "ne pas activer"),
}


def print_json(result: object) -> None:
    """One JSON document on stdout, floats to the last bit."""
    print(json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False))  # noqa: T201 -- stdout is the result


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], right: Sequence[str] = ()) -> None:
    """A table for people."""
    table = Table(title=Text(title, "bold"), title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left")
    for row in rows:
        table.add_row(*(Text(_shown(value)) for value in row))
    out.print(table)


def heading(title: str) -> None:
    """The title of a table that would have no rows."""
    out.print(Text(title, "bold"))


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= WHOLE_FROM else f"{value:.3f}"
    return _tame(str(value))


def _tame(text: str) -> str:
    """Text from a CRM without control characters, which could make a terminal do things."""
    return "".join(char if char.isprintable() or char in _SPACES else "�" for char in text)


def verdict(name: str, why: Sequence[str], lang: str = "en") -> None:
    """The verdict of a scorecard."""
    colour, french = _VERDICTS[name]
    told = Text.assemble("Verdict: ", (name, colour), _tame(f": {'; '.join(why)}"))
    out.print(told if lang == "en" else Text.assemble("Verdict : ", (french, colour), _tame(f" : {' ; '.join(why)}")))


def note(message: str) -> None:
    """Something that belongs to the result."""
    out.print(Text.assemble(("note: ", "yellow"), _tame(message)))


def warn(message: str) -> None:
    """Something to mind, on stderr."""
    err.print(Text.assemble(("mind: ", "yellow"), _tame(message)))


def say(message: str) -> None:
    """A step of the work, on stderr."""
    err.print(Text.assemble(("… ", "dim"), _tame(message)))


@contextmanager
def bar(label: str) -> Iterator[Callable[[float, float, str], None]]:
    """A progress bar on stderr that is gone when the work is done; call it with done, total and what is worked on."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total, what: progress.update(task, completed=done, total=total, description=what)
