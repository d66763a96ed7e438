"""Whether a model may serve: it scores made-up leads and some stored ones as a score must be, and the same twice."""

from collections.abc import Iterator

import numpy as np
from sqlalchemy import select

from features.catalogue import Catalogue
from features.history import NEVER, History, Ints, build, read, with_companies, with_given
from leadloop.clock import DAY, parse_instant
from leadloop.errors import BrokenModelError, StoreError
from leadloop.store.events import StoredEvent
from leadloop.store.leads import StoredLead
from leadloop.store.ledger import Ledger
from leadloop.store.tables import leads as lead_table
from serving.scorer import Scored, Scorer, existing, when

STORED_LEADS = 5
"""How many of the ledger's leads a new model is tried on."""
_CAME_IN = parse_instant("2026-03-02T09:00:00Z")
_MAY_LACK = frozenset({"fit", "readiness"})
"""What a model that learned no reasons leaves out."""
_NUMBERS = ("p_win", "expected_value", "importance", "urgency", "priority", "fit", "readiness")


def check(scorer: Scorer, ledger: Ledger) -> None:
    """Score with it; which also compiles and loads all that the first request would wait for.

    Raises: BrokenModelError saying what is wrong with its scores.
    """
    try:
        for history, leads, as_of in _samples(scorer.version.bundle.catalogue, ledger):
            first, again = (scorer.score(history, leads, as_of) for _ in range(2))
            _look_at(first, again)
            first.reasons()
    except BrokenModelError:
        raise
    except Exception as error:  # whatever a file can make code do
        raise BrokenModelError(
            f"Version {scorer.version.version} can't score: {type(error).__name__} {error}; "
            f"promote another version or train again"
        ) from error


def _look_at(first: Scored, again: Scored) -> None:
    for name in _NUMBERS:
        values, repeated = getattr(first.scores, name), getattr(again.scores, name)
        if name not in _MAY_LACK and not np.isfinite(values).all():
            raise BrokenModelError(
                f"Version {first.version.version} gives no finite {name}; promote another version or train again"
            )
        if not np.array_equal(values, repeated, equal_nan=True):
            raise BrokenModelError(f"Version {first.version.version} gives another {name} for the same lead")
    chances = first.scores.p_win
    if ((chances < 0) | (chances > 1)).any():
        raise BrokenModelError(f"Version {first.version.version} gives chances outside of 0 to 1; train again")


def _samples(catalogue: Catalogue, ledger: Ledger) -> Iterator[tuple[History, Ints, Ints]]:
    made_up = _made_up(catalogue)
    for many in (1, len(made_up)):  # one lead alone may go another way than many
        as_of = _CAME_IN + 3 * DAY if catalogue.dated else int(NEVER)
        yield made_up, np.arange(many), np.full(many, as_of)
    history, as_of = _stored(catalogue, ledger)
    leads = existing(history, as_of)
    if len(leads):
        yield history, leads, np.full(len(leads), as_of)


def _made_up(catalogue: Catalogue) -> History:
    """A lead of which nothing is known, and one with something in each attribute and an event of each kind."""
    at = _CAME_IN if catalogue.dated else None
    filled = {each.name: 1.0 if each.kind == "number" else (each.levels or ("1",))[0] for each in catalogue.attributes}
    leads = [StoredLead("made-up-1", 0, at, at, None, {}, None), StoredLead("made-up-2", 0, at, at, None, filled, None)]
    events = [
        StoredEvent(f"made-up-{i}", 0, "made-up-2", kind, _CAME_IN + DAY, _CAME_IN + DAY, {})
        for i, kind in enumerate(catalogue.kinds)
    ]
    return with_companies(with_given(build(leads, events), {}), leads, events, [])


def _stored(catalogue: Catalogue, ledger: Ledger) -> tuple[History, int]:
    """Some of the ledger's leads; none while it does not answer, which is not the model's fault."""
    try:
        at = when(ledger, None)
        with ledger.reading() as connection:
            asked = connection.execute(select(lead_table.c.lead_id).limit(STORED_LEADS)).scalars().all()
        return read(ledger, None if at == NEVER else at, sorted(set(asked)), catalogue.read_apart), at
    except StoreError:
        return build([], []), int(NEVER)
