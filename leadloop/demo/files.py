"""A demo world as the CSV files that `leadloop import` reads, and the truth beside them, which it ignores."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from leadloop.clock import isoformat
from leadloop.demo.world import DemoWorld
from leadloop.store.rows import IDENTITY, EventRow, LeadRow, OutcomeRow, Value

_Line = Mapping[str, Value]
_LEADS = ("lead_id", "created_at", "recorded_at", *IDENTITY)
_EVENTS = ("lead_id", "type", "occurred_at", "recorded_at", "event_id")
_OUTCOMES = ("outcome_id", "lead_id", "stage", "occurred_at", "recorded_at", "reason", "amount", "currency", "actor")
_TRUTH = ("lead_id", "kind", "p_win", "untouched")


def write_csv(world: DemoWorld, folder: Path) -> None:
    """Write leads.csv, events.csv, outcomes.csv and truth.csv; a blank cell is something not given."""
    folder.mkdir(parents=True, exist_ok=True)
    attributes = _names(row.attributes for row in world.leads)
    properties = _names(row.properties for row in world.events)
    _write(folder / "leads.csv", (*_LEADS, *attributes), (_lead(row) for row in world.leads))
    _write(folder / "events.csv", (*_EVENTS, *properties), (_event(row) for row in world.events))
    _write(folder / "outcomes.csv", _OUTCOMES, (_outcome(row) for row in world.outcomes))
    _write(folder / "truth.csv", _TRUTH, _truth(world))


def _names(columns: Iterable[Mapping[str, Value]]) -> list[str]:
    """Every name once, in the order of first use."""
    return list(dict.fromkeys(name for one in columns for name in one))


def _write(path: Path, columns: tuple[str, ...], lines: Iterable[_Line]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def _lead(row: LeadRow) -> _Line:
    times = {"created_at": _time(row.created_at), "recorded_at": _time(row.recorded_at)}
    return {"lead_id": row.lead_id, **times, **row.identity, **row.attributes}


def _event(row: EventRow) -> _Line:
    times = {"occurred_at": _time(row.occurred_at), "recorded_at": _time(row.recorded_at)}
    return {"lead_id": row.lead_id, "type": row.type, **times, "event_id": row.event_id, **row.properties}


def _outcome(row: OutcomeRow) -> _Line:
    times = {"occurred_at": _time(row.occurred_at), "recorded_at": _time(row.recorded_at)}
    given = {"reason": row.reason, "amount": row.amount, "currency": row.currency, "actor": row.actor}
    return {"outcome_id": row.outcome_id, "lead_id": row.lead_id, "stage": row.stage, **times, **given}


def _truth(world: DemoWorld) -> Iterator[_Line]:
    """One line a lead: what it is, and its chance if worked at the very end."""
    ids = sorted({row.lead_id for row in world.leads})
    chances = world.truth.p_win(ids, world.truth.market.settings.end_at).tolist()
    for name, kind, chance in zip(ids, world.truth.kind(ids), chances, strict=True):
        untouched = "true" if name in world.truth.untouched else "false"
        yield {"lead_id": name, "kind": kind, "p_win": round(chance, 6), "untouched": untouched}


def _time(instant: int | None) -> str | None:
    return None if instant is None else isoformat(instant)
