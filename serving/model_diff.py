"""What another version would change, shown before it is switched on: computed for both on today's open leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.history import Ints
from leadloop.errors import InputError
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from models import fetch, registry
from models.priority import CELL_NAMES, tier
from models.registry import Version
from models.shape import rank_correlation
from serving.backlog.lines import Backlog
from serving.backlog.making import make
from serving.scorer import Scorer, shown_instant, when

LEADS_TOLD = 50
FEATURES_TOLD = 30


@dataclass(frozen=True)
class Side:
    """A version, and the queue of today's open leads as it ranks them; `rank` of each line, 1 the best."""

    version: Version
    backlog: Backlog

    @property
    def stars(self) -> Ints:
        """Of each line."""
        return self._tiers("importance", self.version.bundle.population.importance)

    @property
    def flames(self) -> Ints:
        """Of each line."""
        return self._tiers("urgency", self.version.bundle.population.urgency)

    @property
    def cell(self) -> Ints:
        """Of each line, a number of CELL_NAMES."""
        return np.ascontiguousarray(self.backlog.lines["cell"]).astype(np.int64)

    @property
    def rank(self) -> Ints:
        """Of each line."""
        rank = np.empty(len(self.backlog), dtype=np.int64)
        rank[self.backlog.order] = np.arange(1, len(rank) + 1)
        return rank

    def _tiers(self, name: str, cutoffs: tuple[float, float, float]) -> Ints:
        values = np.ascontiguousarray(self.backlog.lines[name])
        return np.array([tier(value, cutoffs) for value in values.tolist()], dtype=np.int64)

    def owners(self) -> list[str | None]:
        """Of each line."""
        names = self.backlog.names
        return [None if number < 0 else names[number] for number in self.backlog.lines["owner"].tolist()]


def look_apart(settings: Settings, refs: tuple[str, str]) -> None:
    """For people: a page of nothing but zeros says less than that both are one.

    Raises: InputError when they are, NoModelError when a version is not there.
    """
    first, second = (registry.resolve(settings, ref) for ref in refs)
    if first == second:
        raise InputError(f"Both are version {first}; name two")


def diff(
    settings: Settings,
    ledger: Ledger,
    refs: tuple[str, str],
    as_of: int | None = None,
    capacity: int | None = None,
) -> dict[str, Any]:
    """What changes for today's open leads from the first version to the second; nothing is switched.

    Raises: NoModelError, BrokenModelError when a version is not there or can't be read.
    """
    at, numbers = when(ledger, as_of), [registry.resolve(settings, ref) for ref in refs]
    first, second = _alike(*(_side(settings, ledger, number, at) for number in numbers))
    top = min(capacity or settings.capacity, len(first.backlog))
    return {
        "as_of": shown_instant(first.backlog.as_of),
        "open_leads": len(first.backlog),
        "capacity": capacity or settings.capacity,
        "a": _about(first.version),
        "b": _about(second.version),
        "agreement": _agreement(first, second, top),
        "tiers": _tiers(first, second),
        "queue": _queue(first, second, top),
        "owners": _by_owner(first, second, top),
        "teams": _by_team(settings, first, second, top),
        "features": _features(first.version, second.version),
        "metrics": _metrics(first.version.scorecard, second.version.scorecard),
        "leads": _moved(first, second, top),
    }


def _alike(a: Side, b: Side) -> tuple[Side, Side]:
    """Both without leads that only one knows, such as one that was erased meanwhile."""
    ids = [set(each.backlog.lead_ids.tolist()) for each in (a, b)]
    return _without(a, ids[0] - ids[1]), _without(b, ids[1] - ids[0])


def _without(side: Side, gone: set[str]) -> Side:
    if not gone:
        return side
    nobody = side.backlog.lead_ids[:0], side.backlog.lines[:0]
    return replace(side, backlog=side.backlog.with_lines(sorted(gone), *nobody))


def _side(settings: Settings, ledger: Ledger, number: str, as_of: int) -> Side:
    fetch.apart(settings, number)
    scorer = Scorer.load(settings, number)
    return Side(scorer.version, make(ledger, scorer, settings, as_of))


def _about(version: Version) -> dict[str, Any]:
    card, facts = version.scorecard, version.bundle.facts
    told = {name: card.get(name) for name in ("verdict", "why", "why_fr", "split")}
    return {"version": version.version, **told, "trained_as_of": facts.get("as_of"), "chosen": facts.get("chosen")}


def _agreement(a: Side, b: Side, top: int) -> dict[str, Any]:
    same = int(((a.rank <= top) & (b.rank <= top)).sum())
    return {
        "rank_correlation": rank_correlation(a.rank.astype(np.float64), b.rank.astype(np.float64)),
        "same_in_top": same,
        "top": top,
    }


def _tiers(a: Side, b: Side) -> dict[str, Any]:
    return {
        "stars": _up_and_down(a.stars, b.stars),
        "flames": _up_and_down(a.flames, b.flames),
        "cells": _moves(a.cell, b.cell, CELL_NAMES),
    }


def _up_and_down(a: Ints, b: Ints) -> dict[str, Any]:
    """Leads that gain or lose any, and how many go from where to where."""
    return {"up": int((b > a).sum()), "down": int((b < a).sum()), "moves": _moves(a, b, tuple(range(4)))}


def _moves(a: Ints, b: Ints, names: Sequence[str | int]) -> list[dict[str, Any]]:
    pairs, counts = np.unique(np.stack([a, b], axis=1), axis=0, return_counts=True)
    return [
        {"from": names[start], "to": names[end], "leads": int(n)}
        for (start, end), n in zip(pairs.tolist(), counts.tolist(), strict=True)
        if start != end
    ]


def _queue(a: Side, b: Side, top: int) -> dict[str, Any]:
    """Who comes into the leads that the team has time for, and who drops out."""
    before, after = a.rank <= top, b.rank <= top
    return {
        "stay": int((before & after).sum()),
        "enter": _leads(a, b, _best(after & ~before, b.rank)),
        "leave": _leads(a, b, _best(before & ~after, a.rank)),
    }


def _best(which: NDArray[np.bool_], rank: Ints) -> Ints:
    chosen = np.flatnonzero(which)
    return chosen[np.argsort(rank[chosen], kind="stable")][:LEADS_TOLD]


def _leads(a: Side, b: Side, which: Ints) -> list[dict[str, Any]]:
    owners, facts = a.owners(), (("rank", a.rank, b.rank), ("stars", a.stars, b.stars), ("flames", a.flames, b.flames))
    return [
        {
            "lead_id": a.backlog.lead_ids[i],
            "owner": owners[i],
            **{name: {"a": int(x[i]), "b": int(y[i])} for name, x, y in facts},
            "cell": {"a": CELL_NAMES[a.cell[i]], "b": CELL_NAMES[b.cell[i]]},
        }
        for i in which.tolist()
    ]


def _moved(a: Side, b: Side, top: int) -> list[dict[str, Any]]:
    """Leads near the top of either queue whose tier or cell changes, those that move farthest first."""
    near = np.minimum(a.rank, b.rank) <= 3 * top
    other = (a.stars != b.stars) | (a.flames != b.flames) | (a.cell != b.cell)
    chosen = np.flatnonzero(near & other)
    far = np.abs(a.rank - b.rank)[chosen]
    return _leads(a, b, chosen[np.argsort(-far, kind="stable")][:LEADS_TOLD])


def _by_owner(a: Side, b: Side, top: int) -> list[dict[str, Any]]:
    """The owner "" stands for leads that are nobody's."""
    owners = a.owners()
    groups: dict[str, set[str | None]] = {each or "": {each} for each in owners}
    return [{"owner": name, **shares} for name, shares in _shares(groups, owners, (a, b), top)]


def _by_team(settings: Settings, a: Side, b: Side, top: int) -> list[dict[str, Any]]:
    groups: dict[str, set[str | None]] = {name: set(owners) for name, owners in settings.teams.items()}
    return [{"team": name, **shares} for name, shares in _shares(groups, a.owners(), (a, b), top)]


def _shares(
    groups: Mapping[str, set[str | None]], owners: Sequence[str | None], sides: tuple[Side, Side], top: int
) -> list[tuple[str, dict[str, int]]]:
    """Leads of each group among the best, by either version; who gains or loses most comes first."""
    tops = [[owners[i] for i in each.backlog.order[:top].tolist()] for each in sides]
    found = []
    for name, members in groups.items():
        a, b = (sum(owner in members for owner in each) for each in tops)
        found.append((name, {"a": a, "b": b, "difference": b - a}))
    return sorted(found, key=lambda each: (-abs(each[1]["difference"]), each[0]))


def _features(a: Version, b: Version) -> list[dict[str, Any]]:
    """Shares of what moves chances, of each fact; empty where a version's were not kept."""
    if a.importances is None or b.importances is None:
        return []
    known = [{fact["feature"]: fact for fact in each.importances["facts"]} for each in (a, b) if each.importances]
    rows = [_feature(name, *(each.get(name) for each in known)) for name in {**known[0], **known[1]}]
    return sorted(rows, key=lambda row: (-abs(row["difference"]), row["feature"]))[:FEATURES_TOLD]


def _feature(name: str, a: Mapping[str, Any] | None, b: Mapping[str, Any] | None) -> dict[str, Any]:
    told, shares = a or b or {}, [float(each.get("share", 0.0)) if each else 0.0 for each in (a, b)]
    words = {lang: told.get(lang, name) for lang in ("fr", "en")}
    return {"feature": name, **words, "a": shares[0], "b": shares[1], "difference": shares[1] - shares[0]}


def _metrics(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Figures side by side, each of its own test, with their intervals."""
    names = {**a.get("metrics", {}), **b.get("metrics", {})}
    return [{"metric": name, **{side: _metric(card, name) for side, card in (("a", a), ("b", b))}} for name in names]


def _metric(card: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {"value": card.get("metrics", {}).get(name), "interval": card.get("intervals", {}).get(name)}
