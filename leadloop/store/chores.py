"""What only one process does at a time: a lease that ends by itself when its holder dies, and how far the work came."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, or_, select, update

from leadloop.clock import SECOND, now, to_micros
from leadloop.store.content import add_once
from leadloop.store.tables import chores

_NOBODY = {"holder": "", "until": 0, "value": "{}"}


def take(connection: Connection, name: str, holder: str, seconds: float) -> bool:
    """Take or prolong the lease of a job, in a writing transaction; False while another process has it."""
    at = to_micros(now())
    add_once(connection, chores, [{"name": name, **_NOBODY}])
    free = or_(chores.c.holder == holder, chores.c.until < at)
    mine = update(chores).where(chores.c.name == name, free)
    return connection.execute(mine.values(holder=holder, until=at + int(seconds * SECOND))).rowcount == 1


def take_over(connection: Connection, name: str, dead: str, holder: str, seconds: float) -> bool:
    """Take the lease of a holder that is known to be dead, in a writing transaction; False: another was quicker."""
    its = update(chores).where(chores.c.name == name, chores.c.holder == dead)
    return connection.execute(its.values(holder=holder, until=to_micros(now()) + int(seconds * SECOND))).rowcount == 1


def holder(connection: Connection, name: str) -> str:
    """Who had the lease last; empty when nobody ever did."""
    return connection.execute(select(chores.c.holder).where(chores.c.name == name)).scalar() or ""


def give_back(connection: Connection, name: str, holder: str) -> None:
    """End the lease, if it is still this process's."""
    connection.execute(update(chores).where(chores.c.name == name, chores.c.holder == holder).values(until=0))


def value(connection: Connection, name: str) -> dict[str, Any]:
    """How far the job came; empty when it never began."""
    kept = connection.execute(select(chores.c.value).where(chores.c.name == name)).scalar()
    return dict(json.loads(kept or "{}"))


def keep(connection: Connection, name: str, how_far: Mapping[str, Any]) -> None:
    """Note how far the job came. No name of a lead goes in here: erasure does not look."""
    add_once(connection, chores, [{"name": name, **_NOBODY}])
    connection.execute(update(chores).where(chores.c.name == name).values(value=json.dumps(how_far, sort_keys=True)))


def turn(connection: Connection, name: str, how_far: Mapping[str, Any]) -> dict[str, Any]:
    """Note how far the job came and return what was noted before; who does so at the same time waits."""
    add_once(connection, chores, [{"name": name, **_NOBODY}])
    before = connection.execute(select(chores.c.value).where(chores.c.name == name).with_for_update()).scalar_one()
    keep(connection, name, how_far)
    return dict(json.loads(before))
