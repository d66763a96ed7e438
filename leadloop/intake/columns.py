"""Which column of a file is which: the known columns of each table, and what is done with the others."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadloop.errors import InputError
from leadloop.intake.block import refuse_unstorable
from leadloop.intake.hints import fold, likely, listed, shown
from leadloop.intake.values import BadValueError
from leadloop.store.rows import IDENTITY

PROFILE = ("job_title", "country", "source", "campaign", "owner")
"""Columns of leads with a name of their own that are attributes like any other."""

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "leads": ("lead_id", "created_at"),
    "events": ("lead_id", "type", "occurred_at"),
    "outcomes": ("lead_id", "stage", "occurred_at"),
}
KNOWN: Mapping[str, tuple[str, ...]] = {
    "leads": (*REQUIRED["leads"], "recorded_at", *IDENTITY),
    "events": (*REQUIRED["events"], "event_id", "recorded_at"),
    "outcomes": (
        *(*REQUIRED["outcomes"], "reason", "amount", "currency", "actor"),
        *("outcome_id", "recorded_at", "until"),
    ),
}
_NAMED_OTHERS: Mapping[str, tuple[str, ...]] = {"leads": PROFILE, "events": ("campaign",), "outcomes": ()}


@dataclass(frozen=True)
class Layout:
    """Where the columns of a table are in a row of a file.

    `known`: positions by our names; of one that the file doesn't have, the position of the row's last, empty value.
    `others`: (position, name) of the rest. `missing`: required ones that the file doesn't have.
    """

    known: Mapping[str, int]
    others: tuple[tuple[int, str], ...]
    missing: tuple[str, ...]


def layout_of(columns: Sequence[str], table: str) -> Layout:
    """Match the columns of a file with those of a table: exactly, then without case, spaces and underscores.

    >>> layout_of(["Lead ID", "type", "occurred_at", "page"], "events").others
    ((3, 'page'),)

    Raises: BadValueError when two columns stand for the same one.
    """
    ours = _ours(columns, (*KNOWN[table], *_NAMED_OTHERS[table]))
    known = {name: ours.get(name, len(columns)) for name in KNOWN[table]}
    names = {position: name for name, position in ours.items()}
    others = [(at, names.get(at, column)) for at, column in enumerate(columns) if names.get(at) not in known]
    missing = tuple(name for name in REQUIRED[table] if name not in ours)
    return Layout(known, tuple((at, name) for at, name in others if name), missing)


def _ours(columns: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    by_fold = {fold(name): name for name in names}
    for position, column in enumerate(columns):
        name = by_fold.get(fold(column))
        if name in found:
            raise BadValueError(columns[found[name]], f"and '{column}' both mean {name}; rename or remove one of them")
        if name is not None:
            found[name] = position
    return found


def check_header(file: str, columns: Sequence[str]) -> None:
    """Refuse a header in which a name can't be told from another.

    Raises: InputError naming the duplicates.
    """
    twice = [name for name, count in Counter(columns).items() if count > 1 and name]
    if twice:
        names = ", ".join(f"'{shown(name)}'" for name in twice)
        raise InputError(f"{file} line 1 names two columns {names}; rename or remove one of them")
    try:
        refuse_unstorable(columns, columns)
    except BadValueError as refusal:
        raise InputError(f"{file} line 1: a column name {refusal.cause}; rename it") from None


def check_table(file: str, columns: Sequence[str], table: str) -> Layout:
    """The layout of a file that must have what the table requires.

    Raises: InputError naming the missing column, the likely one, and those that are there.
    """
    try:
        layout = layout_of(columns, table)
    except BadValueError as refusal:
        raise InputError(f"{file}: columns '{refusal.column}' {refusal.cause}") from None
    if not layout.missing:
        return layout
    missing = layout.missing[0]
    near = [f"'{shown(name)}'" for name in likely(missing, columns)]
    hint = f"rename {' or '.join(near)} to it if that is what it holds" if near else "add it"
    raise InputError(f"{file} has no column '{missing}', which {table} must have; {hint}; {listed(columns)}")
