"""A server's look at drift, once a day: what raises the alarm is told once, and its figures are kept for Prometheus."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from leadloop.clock import HOUR, now, to_micros
from leadloop.store import chores, notices
from leadloop.store.alone import turn
from leadloop.store.notices import Drifted
from models.drift import Level, Moved, Value
from serving.reports.drift_found import Found, look
from serving.reports.drift_words import DRIFT
from serving.scorer import shown_instant, when
from serving.writing import write

if TYPE_CHECKING:
    from serving.state import State

JOB = "drift"
LEASE_SECONDS = 120.0
NEWEST_LEADS = 5_000
"""Looked at by a server; the report looks at more."""
_log = logging.getLogger("leadloop.drift")
VALUES_TOLD, NAME_AT_MOST = 20, 200


def work(state: "State") -> None:
    """A job: look, where it is time and no other process does."""
    scorer = state.champion.scorer
    if scorer is None or not _due(state, scorer.version.version):
        return
    with turn(state.ledger, JOB, LEASE_SECONDS) as mine:
        if mine is None or not _due(state, scorer.version.version):  # another may have looked just now
            return
        as_of = when(state.ledger, None)
        found = look(state.ledger, scorer, state.settings, as_of, NEWEST_LEADS)
        new = write(state.ledger, lambda connection: keep(connection, found, as_of))
    for alarm in new:
        _log.warning("drift", extra={"model_version": found.version, **alarm.logged()})


def _due(state: "State", version: str) -> bool:
    """Whether nobody looked at this version for so long as is configured."""
    with state.ledger.reading() as connection:
        before = chores.value(connection, JOB)
    same = before.get("model_version") == version
    return not same or to_micros(now()) - int(before.get("at", 0)) > state.settings.drift_hours * HOUR


def keep(connection: Connection, found: Found, as_of: int) -> "list[Alarm]":
    """Keep what was found, and tell of alarms that are new, which are returned."""
    before = chores.value(connection, JOB)
    known = set(before.get("told", ())) if before.get("model_version") == found.version else set()
    alarms, at = list(_alarms(found)), to_micros(now())
    new = [alarm for alarm in alarms if alarm.items - known]
    still = {item for alarm in alarms for item in alarm.items} | {item for item in known if _unsettled(item, found)}
    chores.keep(connection, JOB, {**_figures(found), "at": at, "told": sorted(still)})
    shown = shown_instant(as_of)
    notices.notice_drift(connection, [alarm.told(found.version, shown) for alarm in new], at)
    return new


@dataclass(frozen=True)
class Alarm:
    """One fact, or all chances, or what came of them. `items`: what is told once: the alarm itself, and each value.

    `most`: of refusals the reason that moved most, and its share then and now.
    """

    feature: str
    names: Mapping[str, str]
    items: frozenset[str]
    moved: Moved | None = None
    psi: float | None = None
    most: tuple[str, float, float] | tuple[None, None, None] = (None, None, None)

    def logged(self) -> dict[str, Any]:
        """As a line of the log has it: no values, for one may be somebody's name."""
        moved = self.moved
        figures = {"psi": moved.psi if moved else self.psi, "share_before": self.most[1], "share": self.most[2]}
        rounded = {name: None if figure is None else round(figure, 4) for name, figure in figures.items()}
        return {"feature": self.feature, "reason": self.most[0], **rounded}

    def told(self, version: str, as_of: str | None) -> Drifted:
        """As it is told."""
        moved = self.moved
        values = [_value(each) for each in (moved.values if moved else ())[:VALUES_TOLD]]
        return Drifted(
            model_version=version,
            as_of=as_of,
            feature=self.feature,
            fr=self.names["fr"],
            en=self.names["en"],
            psi=moved.psi if moved else self.psi,
            missing_before=moved.missing_before if moved else None,
            missing=moved.missing if moved else None,
            values=values,
            reason=self.most[0],
            share_before=self.most[1],
            share=self.most[2],
        )


def _value(value: Value) -> dict[str, Any]:
    shown = {name: getattr(value, name) for name in ("kind", "leads", "share_before", "share")}
    return {"name": value.name[:NAME_AT_MOST], **shown}


def _alarms(found: Found) -> Iterator[Alarm]:
    """All that is worth telling at once: what raises the alarm, and values that came or went."""
    for moved in _facts(found):
        items = {f"{moved.source}\x1f{value.kind}\x1f{value.name}" for value in moved.values}
        items |= {moved.source} if moved.level == "alarm" else set()
        if items:
            names = {lang: found.names[lang].get(moved.source, moved.source) for lang in ("en", "fr")}
            yield Alarm(moved.source, names, frozenset(items), moved)
    if found.outcomes and found.outcomes.level == "alarm":
        yield Alarm("outcomes", DRIFT["drift wins"]._asdict(), _one("outcomes"))
    for shift in found.reasons:
        if shift.level == "alarm":
            name = f"reasons: {shift.source}"
            names = {
                lang: t.format(source=shift.source or "–") for lang, t in DRIFT["drift refusals"]._asdict().items()
            }
            yield Alarm(name, names, _one(name), psi=shift.psi, most=shift.most)


def _one(item: str) -> frozenset[str]:
    return frozenset({item})


def _facts(found: Found) -> Sequence[Moved]:
    if found.drift is None:
        return ()
    return (*found.drift.features, *([found.drift.p_win] if found.drift.p_win else []))


def _unsettled(item: str, found: Found) -> bool:
    """Whether what was told of is not steady again; what could not be looked at today is not."""
    levels: dict[str, Level] = {moved.source: moved.level for moved in _facts(found)}
    levels |= {"outcomes": found.outcomes.level} if found.outcomes else {}
    levels |= {f"reasons: {shift.source}": shift.level for shift in found.reasons}
    return levels.get(item.partition("\x1f")[0], "watch") != "steady"


def _figures(found: Found) -> dict[str, Any]:
    """What is kept; no name of a lead is among it."""
    facts, outcomes = _facts(found), found.outcomes
    return {
        "model_version": found.version,
        "level": found.level,
        "facts": {moved.source: [moved.psi, moved.missing] for moved in facts},
        "alarms": len(found.alarms),
        "wins": {"expected": outcomes.expected, "real": float(outcomes.wins)} if outcomes else {},
    }


def psi_of(state: "State") -> list[tuple[tuple[str, ...], float]]:
    """The index of each fact at the last look, for a gauge."""
    return [((source,), float(psi)) for source, (psi, _) in _kept(state).get("facts", {}).items()]


def missing_of(state: "State") -> list[tuple[tuple[str, ...], float]]:
    """The share of leads without each fact."""
    return [((source,), float(missing)) for source, (_, missing) in _kept(state).get("facts", {}).items()]


def alarms_of(state: "State") -> float | None:
    """How many alarms stand."""
    found = _kept(state).get("alarms")
    return None if found is None else float(found)


def wins_of(state: "State") -> list[tuple[tuple[str, ...], float]]:
    """Wins of ripe leads since training: expected, and real."""
    return [((kind,), float(value)) for kind, value in _kept(state).get("wins", {}).items()]


def _kept(state: "State") -> dict[str, Any]:
    with state.ledger.reading() as connection:
        return chores.value(connection, JOB)
