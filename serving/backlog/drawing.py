"""A day's list with its drawn slots, made from the leads that wait, and as it is noted for the report on lift."""

from dataclasses import dataclass

import numpy as np

from features.history import Ints
from leadloop.clock import from_micros, now, to_micros
from leadloop.settings import Settings
from leadloop.store.slots import DRAWN, FILLER, OTHER, RANKED, StoredDraw, StoredSlot
from serving.backlog.lines import Backlog
from serving.backlog.lots import Drawn, Waiting, draw, put
from serving.backlog.making import midnight


@dataclass(frozen=True)
class Day:
    """A day by the customer's clock: its date, and when it began, microseconds UTC."""

    date: str
    begins_at: int


@dataclass(frozen=True)
class Noted:
    """A list and its leads, as they are stored."""

    draw: StoredDraw
    slots: list[StoredSlot]

    @property
    def drawn(self) -> dict[str, int]:
        """The drawn leads and their positions on the list, from 1."""
        return {row.lead_id: row.position for row in self.slots if row.kind == DRAWN and row.position is not None}


def today(settings: Settings) -> Day:
    """The day of this moment."""
    begun = midnight(settings, to_micros(now()))
    local = from_micros(begun).astimezone(settings.zone) if settings.zone else from_micros(begun)
    return Day(local.date().isoformat(), begun)


def drawn_list(backlog: Backlog, mine: Ints, settings: Settings, day: Day, name: str) -> Noted | None:
    """Draw the slots of a day's list of the leads `mine`, best first; None where every lead is on it anyway.

    Only leads that sales has said nothing of take part: the others keep their places among them.
    """
    fresh = np.flatnonzero(backlog.lines["fresh"][mine])
    taking_part = mine[fresh]
    places = fresh[fresh < settings.capacity]
    seed = f"{settings.seed}|{day.date}|{name}"
    newest = _newest_first(backlog, taking_part, len(places))
    lot = backlog.lines["lot"][taking_part]
    found = draw(Waiting(lot, newest, len(places), settings.explore_share, seed))
    if found is None:
        return None
    shown = put(mine, taking_part[found.picked], places[found.at])[: settings.capacity]
    told = _draw(backlog, taking_part, len(places), settings.explore_share, (day, name))
    return Noted(told, _slots(backlog, _Taking(taking_part, newest, found, shown), told))


def _newest_first(backlog: Backlog, leads: Ints, slots: int) -> Ints:
    """The place of each lead when the newest come first, where that is among the slots; behind them, their number."""
    place = np.full(len(leads), len(leads))
    if not slots:
        return place
    created_at = backlog.lines["created_at"][leads]
    latest = np.partition(created_at, -slots)[-slots]
    near = np.flatnonzero(created_at >= latest)
    order = np.lexsort((backlog.lines["lot"][leads[near]], ~created_at[near]))[:slots]
    place[near[order]] = np.arange(slots)
    return place


@dataclass(frozen=True)
class _Taking:
    """The leads that take part, best first; their places newest first; what was drawn; the list as it is shown."""

    leads: Ints
    newest: Ints
    drawn: Drawn
    shown: Ints


def _draw(backlog: Backlog, leads: Ints, slots: int, share: float, which: tuple[Day, str]) -> StoredDraw:
    (day, name), lines = which, backlog.lines
    return StoredDraw(
        day=day.date,
        list=name,
        begins_at=day.begins_at,
        as_of=backlog.as_of,
        model_version=backlog.scorer.version.version,
        slots=slots,
        eligible=len(leads),
        share=share,
        p_win=float(lines["p_win"][leads].mean()),
        importance=float(lines["importance"][leads].mean()),
        recorded_at=to_micros(now()),
    )


def _slots(backlog: Backlog, taking: _Taking, told: StoredDraw) -> list[StoredSlot]:
    """The leads on the list, and those that the model or the order of arrival would have put there."""
    position = {lead: i for i, lead in enumerate(taking.shown.tolist(), start=1)}
    by_lot = set(taking.drawn.picked.tolist())
    on_it = [i for i, lead in enumerate(taking.leads[: 2 * told.slots].tolist()) if lead in position]
    others = np.flatnonzero(taking.newest < told.slots).tolist()
    found = []
    for i in sorted({*range(told.slots), *by_lot, *on_it, *others}):
        lead, newest = int(taking.leads[i]), int(taking.newest[i])
        line, at = backlog.lines[lead], position.get(lead)
        kind = DRAWN if i in by_lot else RANKED if i < taking.drawn.sure else FILLER if at else OTHER
        found.append(
            StoredSlot(
                day=told.day,
                list=told.list,
                lead_id=str(backlog.lead_ids[lead]),
                kind=kind,
                chance=float(taking.drawn.chance[i]),
                position=at,
                rank=i + 1,
                newest=newest + 1 if newest < told.slots else None,
                p_win=float(line["p_win"]),
                importance=float(line["importance"]),
                model_version=told.model_version,
                recorded_at=told.recorded_at,
            )
        )
    return found
