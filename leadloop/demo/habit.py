"""How the demo's sales team picks leads by its own old points: not by the truth, and never all of them."""

from dataclasses import dataclass, field

import numpy as np

from leadloop.clock import DAY, HOUR
from leadloop.demo.desk import SESSIONS, moments, points_of_profile, working_capacity
from leadloop.demo.draws import Floats, Ints
from leadloop.demo.market import Market
from leadloop.demo.profiles import Shown
from leadloop.demo.selling import Worked, owners, work_all
from leadloop.demo.words import EVENT_POINTS, OWNERS, SOURCES

_STALE_DAYS = 75


@dataclass
class _Team:
    """What the team has on its desk, one entry a lead; it changes with every session."""

    points: Floats
    open: Ints  # when a lead may be worked, microseconds UTC
    attempt: Ints
    first_at: Ints  # of the first touch; -1: never
    events_read: int = 0
    allowance: float = 0.0
    worked: list[Worked] = field(default_factory=list)


@dataclass(frozen=True)
class Sales:
    """What the habit left behind. `first_at`: one entry a lead, the instant of its first touch or -1."""

    worked: list[Worked]
    first_at: Ints


def sell(market: Market, shown: Shown) -> Sales:
    """Let the team work from the first day to the last."""
    team = _start(market, shown)
    for day in range(market.settings.days):
        for hour in SESSIONS:
            _session(market, team, market.settings.start_at + day * DAY + hour * HOUR)
    return Sales(team.worked, team.first_at)


def _start(market: Market, shown: Shown) -> _Team:
    count = len(market.arrivals.kind)
    return _Team(
        points=_profile_points(market, shown),
        open=market.arrivals.recorded_at.copy(),
        attempt=np.zeros(count, dtype=np.int64),
        first_at=np.full(count, -1),
    )


def _profile_points(market: Market, shown: Shown) -> Floats:
    """The old points card: title, size, source and country as shown, each owner's favourites, and taste."""
    index = np.arange(len(market.arrivals.kind))
    favourite = market.draws.normal("favourite", np.arange(len(OWNERS))[:, None], np.arange(len(SOURCES))[None, :])
    liked = 5.0 * favourite[owners(market, index), market.arrivals.source]
    return points_of_profile(market, shown) + liked + 6.0 * market.draws.normal("taste", index)


def _session(market: Market, team: _Team, now: int) -> None:
    _read_events(market, team, now)
    team.allowance = min(team.allowance, 1.0) + working_capacity(market.settings, now) / len(SESSIONS)
    chosen = _pick(market, team, now, int(team.allowance))
    if len(chosen):
        team.allowance -= len(chosen)
        _touch(market, team, chosen, now)


def _read_events(market: Market, team: _Team, now: int) -> None:
    events = market.engagement
    until = int(np.searchsorted(events.recorded_at, now, side="right"))
    fresh = slice(team.events_read, until)
    np.add.at(team.points, events.lead[fresh], 0.6 * np.array(EVENT_POINTS, dtype=np.float64)[events.type[fresh]])
    team.events_read = until


def _pick(market: Market, team: _Team, now: int, size: int) -> Ints:
    """The leads with the most points, the younger first; old ones are out of sight."""
    arrived = int(np.searchsorted(market.arrivals.created_at, now, side="right"))
    waiting = np.flatnonzero((team.open[:arrived] <= now) & (team.open[:arrived] > now - _STALE_DAYS * DAY))
    age_days = (now - team.open[waiting]) / DAY
    mood = 7.0 * market.draws.normal("mood", waiting, now // HOUR)
    wish = np.minimum(team.points[waiting], 70.0) - 0.8 * age_days + mood
    return waiting[np.argsort(-wish, kind="stable")[:size]]


def _touch(market: Market, team: _Team, chosen: Ints, now: int) -> None:
    """Work the picks one after another over four hours."""
    at = moments(market, chosen, team.attempt[chosen], now)
    results = work_all(market, chosen, at, team.attempt[chosen])
    team.worked.extend(results)
    team.first_at[chosen] = np.where(team.first_at[chosen] < 0, at, team.first_at[chosen])
    team.attempt[chosen] += 1
    never = np.iinfo(np.int64).max
    team.open[chosen] = [never if one.again_at is None else one.again_at for one in results]
