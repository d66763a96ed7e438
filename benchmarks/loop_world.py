"""The company of the eighteen months: its history worked newest first, then the same days again for each order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from leadloop.clock import DAY
from leadloop.demo import DemoSettings, open_market
from leadloop.demo.desk import Contact, Desk, sessions
from leadloop.demo.draws import Ints
from leadloop.demo.feed import Batch, Feed, Row, given_rows
from leadloop.demo.market import Market
from leadloop.demo.profiles import Shown, show

MONTH_DAYS = 30
RETRAIN_DAYS = 7
"""As the ready cron line, the timer and the worker have it."""
HISTORY_DAYS = 270
LEADS_A_DAY, CAPACITY = 12, 8
"""Eight leads a working day are 48 % of what comes in."""

Progress = Callable[[float], None]
"""Hears the share done, 0 to 1."""


@dataclass(frozen=True)
class Plan:
    """What is played. `history_days`: worked newest first before the comparison begins."""

    months: int = 18
    history_days: int = HISTORY_DAYS
    leads_a_day: int = LEADS_A_DAY
    capacity: int = CAPACITY
    retrain_days: int = RETRAIN_DAYS

    @property
    def days(self) -> int:
        """All of them, the history's too."""
        return self.history_days + self.months * MONTH_DAYS

    @property
    def changes(self) -> tuple[int, int]:
        """The days on which sources change: after one third and after two thirds of the months."""
        of_months = self.months * MONTH_DAYS
        return self.history_days + of_months // 3, self.history_days + of_months * 2 // 3

    def settings(self, seed: int) -> DemoSettings:
        """The world of a seed."""
        leads = self.leads_a_day * self.days
        return DemoSettings(seed, leads, self.days, self.capacity, changes=self.changes)


@dataclass(frozen=True)
class World:
    """A company that anybody may work. `given`: what its CRM learns whether or not anybody sells."""

    plan: Plan
    market: Market
    shown: Shown
    given: list[Row]

    @property
    def begins_at(self) -> int:
        """When the comparison begins."""
        return self.market.settings.start_at + self.plan.history_days * DAY

    def first_of_their_person(self, leads: Ints) -> Ints:
        """Without duplicates, as if a CRM knew every one of them at sight."""
        first: Ints = leads[self.market.arrivals.person[leads] == leads]
        return first


class Order(Protocol):
    """Who says which leads come first. `told`: what became known; `learn`: it is time to train again."""

    def told(self, batch: Batch, now: int) -> None: ...

    def learn(self, now: int) -> None: ...

    def pick(self, desk: Desk, now: int, size: int) -> Ints: ...


def open_world(plan: Plan, seed: int) -> World:
    """Draw everything that does not depend on sales."""
    market = open_market(plan.settings(seed))
    shown = show(market)
    return World(plan, market, shown, given_rows(market, shown))


def play(world: World, order: Order, progress: Progress = lambda _: None) -> list[Contact]:
    """The history, newest first, and then every session of the months in this order; the contacts of the months."""
    desk, feed = Desk(world.market), Feed(world.given)
    work_history(world, desk, feed)
    past = len(desk.contacts)
    order.told(feed.until(world.begins_at), world.begins_at)
    order.learn(world.begins_at)
    learned_at = world.begins_at
    for now, size in sessions(world.market.settings, world.plan.history_days, world.plan.days):
        order.told(feed.until(now), now)
        if now - learned_at >= world.plan.retrain_days * DAY:
            order.learn(now)
            learned_at += world.plan.retrain_days * DAY
        feed.add(desk.work(order.pick(desk, now, size), now))
        progress((now - world.begins_at) / (world.market.settings.end_at - world.begins_at))
    return desk.contacts[past:]


def work_history(world: World, desk: Desk, feed: Feed) -> None:
    """The days before the comparison, newest first, the same for all."""
    for now, size in sessions(world.market.settings, 0, world.plan.history_days):
        feed.add(desk.work(newest(world, desk, now)[:size], now))


def newest(world: World, desk: Desk, now: int) -> Ints:
    """Who waits, the last to arrive first."""
    waiting = world.first_of_their_person(desk.waiting(now))
    return waiting[np.argsort(-world.market.arrivals.created_at[waiting], kind="stable")]
