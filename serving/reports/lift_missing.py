"""Why the report on lift says nothing yet, and when a first answer can come at the earliest."""

from typing import Any

from sqlalchemy import Connection

from leadloop.clock import isoformat
from leadloop.store.instant import is_live
from leadloop.store.slots import DRAWN
from serving.backlog.making import midnight
from serving.reports.ask import Ask
from serving.reports.lift_slots import GRACE, Lists

LEAST = 5
"""Drawn leads that were worked, below which nothing is said."""


def missing(connection: Connection, every: Lists, ask: Ask) -> dict[str, Any]:
    """Why (`too_few`, `history`, `no_share`, `no_list`), and the earliest instant of an answer, None if none is near.

    `every`: all lists, those too that are too young to tell.
    """
    live, drawing = is_live(connection), ask.settings.explore_share > 0
    causes = {"too_few": bool(every.draws), "history": not live, "no_share": not drawing}
    why = [name for name, holds in causes.items() if holds] or ["no_list"]
    first_at = _first_answer_at(every, ask, goes_on=live and drawing)
    return {"why": why, "first_answer_at": None if first_at is None else isoformat(first_at)}


def _first_answer_at(every: Lists, ask: Ask, *, goes_on: bool) -> int | None:
    """When lists with enough drawn leads that were, or may still be, worked have had their time, and one with a win.

    `goes_on`: today's list and later ones have drawn slots too.
    """
    rows = list(zip(every.entries, every.worked, strict=True))
    today = [every.ripe_at(midnight(ask.settings, ask.as_of))] if goes_on else []
    drawn = [(every.begins_at(row), worked) for row, worked in rows if row.kind == DRAWN]
    worked_at = sorted(every.ripe_at(at) for at, worked in drawn if worked or at + GRACE > ask.as_of) + LEAST * today
    won_at = [every.ripe_at(every.begins_at(row)) for row, worked in rows if worked and every.won(row)]
    young_at = [at for draw in every.draws.values() if (at := every.ripe_at(draw.begins_at)) > ask.as_of]
    may_win_at = won_at or young_at or today
    return max(worked_at[LEAST - 1], min(may_win_at)) if len(worked_at) >= LEAST and may_win_at else None
