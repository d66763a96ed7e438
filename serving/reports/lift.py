"""What leadloop's order brings beyond others, from the slots of the queue that were drawn by lot: `report lift`."""

from typing import Any

import numpy as np
from sqlalchemy import Connection

from features.history import Floats
from leadloop.store.slots import DRAWN, RANKED, StoredDraw
from serving.reports.ask import Ask
from serving.reports.lift_estimate import Order, by_propensity, doubly_robust
from serving.reports.lift_missing import LEAST, missing
from serving.reports.lift_rival import Rival
from serving.reports.lift_slots import MEASURES, Key, Lists, read
from serving.reports.lift_told import notes, tables
from serving.reports.report import Report

OURS, RANDOM, NEWEST, RIVAL = "leadloop", "random", "newest", "challenger"


def report(connection: Connection, ask: Ask) -> Report:
    """The report, with what is still missing where nothing can be said."""
    every = read(connection, ask, ask.within)
    lists = every.ripe(ask.as_of)
    told = _told(lists, ask)
    if told["drawn"]["worked"] >= LEAST and told["drawn"]["wins"] + told["ranked"]["wins"]:
        told |= {"orders": _orders(lists), "against": _against(lists)}
        if ask.rival is not None:
            told["challenger"] = _challenger(lists, ask.rival)
    else:
        told["missing"] = missing(connection, every, ask)
    title = ask.say("lift title")
    return Report("lift", ask.lang, title, told, tables(told, ask), notes(told, ask))


def _told(lists: Lists, ask: Ask) -> dict[str, Any]:
    """How much there is to go by."""
    return {
        "as_of": ask.shown,
        "within_days": lists.within,
        "lists": len(lists.draws),
        "young_lists": lists.young,
        "slots": lists.slots,
        "drawn": _kind(lists, DRAWN),
        "ranked": _kind(lists, RANKED),
        "orders": {},
        "against": {},
        "challenger": None,
        "missing": None,
    }


def _kind(lists: Lists, kind: str) -> dict[str, Any]:
    rows = [(row, worked) for row, worked in zip(lists.entries, lists.worked, strict=True) if row.kind == kind]
    won = sum(lists.won(row) for row, worked in rows if worked)
    worked = sum(worked for _, worked in rows)
    return {
        "slots": len(rows),
        "worked": worked,
        "worked_share": worked / len(rows) if rows else None,
        "wins": won,
    }


def _expected(lists: Lists, measure: str) -> Floats:
    """What the model that made the lists says of every entry."""
    name = {"value": "importance", "wins": "p_win"}[measure]
    return np.array([getattr(row, name) for row in lists.entries], dtype=np.float64)


def _taken(lists: Lists, name: str) -> Floats:
    """How much of each entry an order has on its lists."""
    slots = [lists.draws[row.day, row.list] for row in lists.entries]
    rows = zip(lists.entries, slots, strict=True)
    if name == OURS:
        return np.array([float(row.rank <= draw.slots) for row, draw in rows])
    if name == NEWEST:
        return np.array([float(row.newest is not None) for row in lists.entries])
    return np.array([draw.slots / draw.eligible for _, draw in rows])


def _order(lists: Lists, name: str, measure: str) -> Order:
    """An order by itself."""
    taken, said = _taken(lists, name), _expected(lists, measure)
    everybody = sum(draw.slots * _mean(draw, measure) for draw in lists.draws.values())
    return Order(taken[lists.counted()], everybody if name == RANDOM else float((taken * said).sum()))


def _mean(draw: StoredDraw, measure: str) -> float:
    return float(draw.importance if measure == "value" else draw.p_win)


def _less(lists: Lists, name: str, measure: str) -> Order:
    """Leadloop's order less another."""
    more, said = _taken(lists, OURS) - _taken(lists, name), _expected(lists, measure)
    up = float((np.maximum(more, 0.0) * said).sum())
    if name == NEWEST:
        return Order(more[lists.counted()], up, float((np.maximum(-more, 0.0) * said).sum()))
    ours = float((_taken(lists, OURS) * said).sum())
    by_chance = sum(draw.slots * _mean(draw, measure) for draw in lists.draws.values())
    return Order(more[lists.counted()], up, max(by_chance - (ours - up), 0.0))


def _both(lists: Lists, order: Order, measure: str, said: Floats) -> dict[str, Any]:
    sample = lists.sample(measure, said)
    return {"dr": doubly_robust(sample, order).as_json(), "ips": by_propensity(sample, order).as_json()}


def _orders(lists: Lists) -> dict[str, Any]:
    """What a slot brings by each order."""
    return {
        name: {each: _both(lists, _order(lists, name, each), each, _said(lists, each)) for each in MEASURES}
        for name in (OURS, RANDOM, NEWEST)
    }


def _said(lists: Lists, measure: str) -> Floats:
    return _expected(lists, measure)[lists.counted()]


def _against(lists: Lists) -> dict[str, Any]:
    """What a slot brings more by leadloop's order."""
    return {
        name: {each: _both(lists, _less(lists, name, each), each, _said(lists, each)) for each in MEASURES}
        for name in (RANDOM, NEWEST)
    }


def _challenger(lists: Lists, rival: Rival) -> dict[str, Any]:
    """What a slot would have brought more by the challenger, on the lists that it was asked about."""
    mine = lists.only(set(rival.chosen))
    found: dict[str, Any] = {"model_version": rival.version, "lists": len(mine.draws)}
    found |= {"left_out": rival.left_out, "taught": rival.taught, "same": None, "value": None, "wins": None}
    if not mine.draws or not len(mine.counted()):
        return found
    chosen = [row.lead_id in rival.chosen[row.day, row.list] for row in mine.entries]
    more = np.array(chosen, dtype=np.float64) - _taken(mine, OURS)
    found["same"] = 1.0 - float(np.maximum(-more, 0.0).sum()) / max(1, mine.slots)
    for i, measure in enumerate(MEASURES):
        which = 1 - i  # what a rival says of a lead begins with the chance
        said = np.array([_of(rival, (row.day, row.list), row.lead_id)[which] for row in mine.entries])
        up = sum(_of(rival, key, lead)[which] for key, lead in _new(mine, rival))
        order = Order(more[mine.counted()], up, float((np.maximum(-more, 0.0) * said).sum()))
        found[measure] = _both(mine, order, measure, said[mine.counted()])
    return found


def _of(rival: Rival, key: Key, lead_id: str) -> tuple[float, float]:
    return rival.said[key].get(lead_id, (0.0, 0.0))


def _new(lists: Lists, rival: Rival) -> list[tuple[Key, str]]:
    """The leads that the challenger would have put on each list and leadloop's order did not."""
    ours: dict[Key, set[str]] = {key: set() for key in lists.draws}
    for row in lists.entries:
        if row.rank <= lists.draws[row.day, row.list].slots:
            ours[row.day, row.list].add(row.lead_id)
    return [(key, lead) for key, mine in ours.items() for lead in sorted(rival.chosen[key] - mine)]
