"""Retrainings as the ledger keeps them: how far each came, so that a killed one can be completed, and its decision."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Row, select, update

from leadloop.clock import isoformat, now, to_micros
from leadloop.store.content import add_once
from leadloop.store.tables import runs

BEGUN, NOTED, DECIDED, DONE = "begun", "version noted", "decided", "done"
"""Steps of a run, in their order: begun, its version registered and noted, its decision noted, carried out."""
JUDGED = ("promoted", "kept", "refused")
"""Decisions that say something of a challenger."""
NEVER = 2**63 - 1
"""Where an undated ledger is looked at."""


@dataclass(frozen=True, slots=True)
class Run:
    """A retraining. `as_of`, `started_at`, `ended_at`: microseconds UTC. `data`, `recipe`: hashes of what it learned
    from and how; `champion`: the version that stood when it began; `version`: the one that it registered.
    """

    run_id: str
    started_at: int
    ended_at: int | None
    as_of: int
    step: str
    holder: str
    data: str
    recipe: str
    champion: str | None
    version: str | None
    decision: str | None
    report: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """For people and programs."""
        return {
            "run_id": self.run_id,
            "started_at": isoformat(self.started_at),
            "ended_at": None if self.ended_at is None else isoformat(self.ended_at),
            "as_of": None if self.as_of == NEVER else isoformat(self.as_of),
            "step": self.step,
            "champion_before": self.champion,
            "version": self.version,
            "decision": self.decision,
            "report": dict(self.report),
        }


def begin(connection: Connection, as_of: int, learned: tuple[str, str], champion: str | None, holder: str) -> Run:
    """A new run, in a writing transaction. `learned`: hashes of the data and of the recipe."""
    data, recipe = learned
    at = to_micros(now())
    run = Run(token_hex(8), at, None, as_of, BEGUN, holder, data, recipe, champion, None, None, {})
    row = {name: getattr(run, name) for name in Run.__slots__} | {"report": "{}"}
    add_once(connection, runs, [row])
    return run


def note(connection: Connection, run: Run, **changed: Any) -> Run:
    """Note how far a run came, in a writing transaction; the run as it is now."""
    kept = {name: json.dumps(value) if name == "report" else value for name, value in changed.items()}
    connection.execute(update(runs).where(runs.c.run_id == run.run_id).values(**kept))
    return _run(connection.execute(select(runs).where(runs.c.run_id == run.run_id)).one())


def end(connection: Connection, run: Run, **changed: Any) -> Run:
    """Note that a run is done."""
    return note(connection, run, step=DONE, ended_at=to_micros(now()), **changed)


def unfinished(connection: Connection) -> Run | None:
    """The run that was begun last and not completed: whoever had it is dead, where its turn is over."""
    query = select(runs).where(runs.c.ended_at.is_(None)).order_by(runs.c.started_at.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _run(row)


def newest(connection: Connection, at_most: int = 1) -> list[Run]:
    """The last runs that were completed, the newest first."""
    query = select(runs).where(runs.c.ended_at.is_not(None)).order_by(runs.c.started_at.desc()).limit(at_most)
    return [_run(row) for row in connection.execute(query)]


def same(connection: Connection, data: str, recipe: str) -> Run | None:
    """The last run that learned, or would have learned, from the same data by the same recipe and came to an end."""
    told = runs.c.decision.in_(JUDGED)
    query = select(runs).where(runs.c.data == data, runs.c.recipe == recipe, runs.c.ended_at.is_not(None), told)
    row = connection.execute(query.order_by(runs.c.started_at.desc()).limit(1)).one_or_none()
    return None if row is None else _run(row)


def _run(row: Row[Any]) -> Run:
    kept = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name for it
    return Run(**{**kept, "report": json.loads(kept["report"])})
