"""What is worth telling at once: a lead that became hot, a promise at risk, another model, drift; each told once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Protocol

from sqlalchemy import Connection, func, select

from leadloop.clock import DAY, isoformat, now, to_micros
from leadloop.settings import Settings
from leadloop.store.content import among
from leadloop.store.outbox import Note, put, put_all
from leadloop.store.tables import outbox

_END_OF_TIME = 2**63 - 1  # where an undated ledger is looked at
HOT, AT_RISK, MODEL_CHANGED, DRIFT = "lead.hot", "deadline.at_risk", "model.changed", "model.drift"


class Scored(Protocol):
    """A stored score, as far as it is told; `as_of` in microseconds UTC."""

    @property
    def lead_id(self) -> str: ...
    @property
    def as_of(self) -> int: ...
    @property
    def model_version(self) -> str: ...
    @property
    def p_win(self) -> float: ...
    @property
    def expected_value(self) -> float: ...
    @property
    def priority(self) -> float: ...
    @property
    def stars(self) -> int: ...
    @property
    def flames(self) -> int: ...
    @property
    def cell(self) -> str: ...


@dataclass(frozen=True, slots=True)
class HotRule:
    """Which leads are hot: enough stars and flames, or one of the cells. Told again after `again_days` or later."""

    stars: int = 3
    flames: int = 2
    cells: tuple[str, ...] = ()
    again_days: float = 1.0

    @classmethod
    def of(cls, settings: Settings) -> "HotRule":
        """The rule that is configured."""
        return cls(settings.hot_stars, settings.hot_flames, tuple(settings.hot_cells), settings.hot_again_days)

    def holds(self, score: Scored) -> bool:
        """The lead is hot."""
        return (score.stars >= self.stars and score.flames >= self.flames) or score.cell in self.cells


@dataclass(frozen=True, slots=True)
class AtRisk:
    """An uncontacted lead whose deadline (microseconds UTC) comes near."""

    lead_id: str
    due_at: int
    cell: str | None = None


@dataclass(frozen=True, slots=True)
class Drifted:
    """What moved away from what a model was trained on; `values`: those that came or went.

    `reason`: of refusals, the one whose share of them changed most, from `share_before` to `share`.
    """

    model_version: str
    as_of: str | None
    feature: str
    fr: str
    en: str
    psi: float | None
    missing_before: float | None
    missing: float | None
    values: Sequence[Mapping[str, Any]]
    reason: str | None = None
    share_before: float | None = None
    share: float | None = None


def crossings(before: Mapping[str, Scored], after: Iterable[Scored], rule: HotRule) -> list[Scored]:
    """Those of the new scores that are hot where the lead's score before was not, or there was none."""
    return [
        score
        for score in after
        if rule.holds(score) and not ((was := before.get(score.lead_id)) is not None and rule.holds(was))
    ]


def notice(connection: Connection, before: Mapping[str, Scored], after: Iterable[Scored], rule: HotRule) -> list[str]:
    """Tell of leads that became hot, in the transaction that stores their scores; the ids of the events.

    A lead that goes to and fro over the limit is told of once in `again_days`.
    """
    hot = crossings(before, after, rule)
    told = (
        _told_since(connection, [s.lead_id for s in hot], to_micros(now()) - int(rule.again_days * DAY))
        if hot
        else set()
    )
    return put_all(connection, [_hot(score) for score in hot if score.lead_id not in told])


def _told_since(connection: Connection, lead_ids: Sequence[str], since: int) -> set[str]:
    newest = select(outbox.c.lead_id, func.max(outbox.c.created_at)).where(
        outbox.c.kind == HOT, among(connection, outbox.c.lead_id, lead_ids)
    )
    return {lead_id for lead_id, at in connection.execute(newest.group_by(outbox.c.lead_id)) if at > since}


def _hot(score: Scored) -> Note:
    figures = {"p_win": score.p_win, "expected_value": score.expected_value, "priority": score.priority}
    payload = {
        "lead_id": score.lead_id,
        "as_of": None if score.as_of == _END_OF_TIME else isoformat(score.as_of),
        "model_version": score.model_version,
        **{name: float(value) if isfinite(value) else None for name, value in figures.items()},
        "stars": int(score.stars),
        "flames": int(score.flames),
        "cell": score.cell,
    }
    return Note(HOT, score.lead_id, payload, once=f"{score.as_of} {score.model_version}")


def notice_at_risk(connection: Connection, leads: Iterable[AtRisk]) -> list[str]:
    """Tell of deadlines that come near, each lead and deadline once; the ids of the events that are new."""
    return put_all(connection, [_at_risk(lead) for lead in leads])


def _at_risk(lead: AtRisk) -> Note:
    payload = {"lead_id": lead.lead_id, "deadline": isoformat(lead.due_at), "cell": lead.cell}
    return Note(AT_RISK, lead.lead_id, payload, once=str(lead.due_at))


def notice_model(connection: Connection, version: str, previous: str | None, switched_at: int) -> str | None:
    """Tell that another model serves; once for this version and instant (of the switch, the same in every process)."""
    payload = {"model_version": version, "previous": previous, "switched_at": isoformat(switched_at)}
    return put(connection, MODEL_CHANGED, None, payload, once=f"{version} {switched_at}")


def notice_drift(connection: Connection, found: Iterable[Drifted], at: int) -> list[str]:
    """Tell of what began to drift, each once a look (`at`); the ids of the events that are new."""
    notes = [
        Note(DRIFT, None, asdict(drifted), once=f"{drifted.model_version} {drifted.feature} {at}") for drifted in found
    ]
    return put_all(connection, notes) if notes else []
