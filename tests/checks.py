"""The contract that every feature and every win model joins by being in the catalogue, or among the candidates.

Each check of features returns the names of those that break it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue, learn_catalogue
from features.history import NEVER, Floats, History, Ints, build, with_companies, with_given
from features.kernel import matrix
from leadloop.clock import DAY, HOUR, parse_instant
from leadloop.store import company_facts, given
from leadloop.store import events as event_table
from leadloop.store import leads as lead_table
from leadloop.store.events import StoredEvent
from leadloop.store.given import Given
from leadloop.store.leads import StoredLead
from leadloop.store.ledger import Ledger
from leadloop.store.rows import Value
from models.outcome import WinModel

T0 = parse_instant("2026-01-01T00:00:00Z")
NOW = T0 + 60 * DAY


@dataclass(frozen=True)
class Facts:
    """Rows as the ledger hands them to a history."""

    leads: tuple[StoredLead, ...]
    events: tuple[StoredEvent, ...] = ()
    deals: tuple[StoredEvent, ...] = ()
    given: tuple[tuple[str, Given], ...] = ()

    def by(self, as_of: int) -> "Facts":
        """What was recorded by then."""
        leads = tuple(row for row in self.leads if row.recorded_at is None or row.recorded_at <= as_of)
        events, deals = (tuple(row for row in rows if row.recorded_at <= as_of) for rows in (self.events, self.deals))
        return Facts(leads, events, deals, tuple(each for each in self.given if each[1].recorded_at <= as_of))

    def of(self, *lead_ids: str) -> "Facts":
        """What is said of some leads."""
        leads = tuple(row for row in self.leads if row.lead_id in lead_ids)
        events, deals = (tuple(row for row in rows if row.lead_id in lead_ids) for rows in (self.events, self.deals))
        return Facts(leads, events, deals, tuple(each for each in self.given if each[0] in lead_ids))

    def company(self, lead_id: str) -> "Facts":
        """What is said of a lead and its colleagues."""
        accounts = {row.account for row in self.leads if row.lead_id == lead_id and row.account}
        return self.of(lead_id, *{row.lead_id for row in self.leads if row.account in accounts})

    def history(self, lead_id: str | None = None) -> History:
        """Of the lead named (None: of all), with who else is at their companies."""
        own, near = (self, self) if lead_id is None else (self.of(lead_id), self.company(lead_id))
        alone = with_given(build(own.leads, own.events), dict(own.given))
        return with_companies(alone, near.leads, near.events, near.deals)

    def shuffled(self, seed: int) -> "Facts":
        """The same in another order."""
        draws = np.random.default_rng(seed)
        leads = tuple(self.leads[i] for i in draws.permutation(len(self.leads)))
        events, deals = (tuple(rows[i] for i in draws.permutation(len(rows))) for rows in (self.events, self.deals))
        return Facts(leads, events, deals, self.given[::-1])

    def twice(self) -> "Facts":
        """Every row repeated."""
        return Facts(self.leads * 2, self.events * 2, self.deals * 2, self.given * 2)

    @property
    def ids(self) -> list[str]:
        """The leads, sorted."""
        return sorted({row.lead_id for row in self.leads})


def lead(
    lead_id: str = "a",
    recorded_at: int | None = T0,
    account: str | None = None,
    position: float | None = None,
    **attributes: Value,
) -> StoredLead:
    """A version of a lead, created when it was recorded."""
    return StoredLead(lead_id, 0, recorded_at, recorded_at, position, attributes, account)


def event(
    kind: str,
    occurred_at: int,
    recorded_at: int | None = None,
    lead_id: str = "a",
    *,
    key: str | None = None,
    version: int = 0,
) -> StoredEvent:
    """An event, recorded when it happened unless told otherwise."""
    known = occurred_at if recorded_at is None else recorded_at
    return StoredEvent(key or f"{lead_id} {kind} {occurred_at}", version, lead_id, kind, occurred_at, known, {})


def all_of(ledger: Ledger) -> Facts:
    """Everything in a ledger."""
    with ledger.reading() as connection:
        deals, known = tuple(company_facts.read(connection)), tuple(given.read(connection).items())
        return Facts(tuple(lead_table.read(connection)), tuple(event_table.read(connection)), deals, known)


def columns(catalogue: Catalogue, facts: Facts, moments: Sequence[tuple[str, int]]) -> Floats:
    """The features of moments, each a lead's id and an instant."""
    return columns_of(catalogue, facts.history(), moments)


def columns_of(catalogue: Catalogue, history: History, moments: Sequence[tuple[str, int]]) -> Floats:
    """The same, of a history."""
    number = {lead_id: i for i, lead_id in enumerate(history.lead_ids)}
    rows = np.array([number[lead_id] for lead_id, _ in moments], dtype=np.int64)
    return matrix(catalogue, history, rows, np.array([at for _, at in moments], dtype=np.int64))


def bits(values: Floats) -> NDArray[np.uint64]:
    """Doubles as what they are made of: equal bits are more than equal numbers, and NaN is one of them."""
    return np.ascontiguousarray(np.where(np.isnan(values), np.nan, values)).view(np.uint64)


def differing(catalogue: Catalogue, one: Floats, other: Floats) -> list[str]:
    """The features whose bits differ anywhere."""
    unequal = (bits(one) != bits(other)).any(axis=0)
    return [feature.name for feature, bad in zip(catalogue.features, unequal.tolist(), strict=True) if bad]


def sees_the_future(catalogue: Catalogue, facts: Facts, as_of: int) -> list[str]:
    """Features of any lead known at `as_of` that rows recorded later change."""
    known = facts.by(as_of)
    moments = [(lead_id, as_of) for lead_id in known.ids]
    return differing(catalogue, columns(catalogue, facts, moments), columns(catalogue, known, moments))


def minds_order(catalogue: Catalogue, facts: Facts, as_of: int, seed: int = 0) -> list[str]:
    """Features that change when the rows come in another order."""
    moments = [(lead_id, as_of) for lead_id in facts.ids]
    return differing(catalogue, columns(catalogue, facts, moments), columns(catalogue, facts.shuffled(seed), moments))


def minds_repetition(catalogue: Catalogue, facts: Facts, as_of: int) -> list[str]:
    """Features that change when every row comes twice."""
    moments = [(lead_id, as_of) for lead_id in facts.ids]
    return differing(catalogue, columns(catalogue, facts, moments), columns(catalogue, facts.twice(), moments))


def minds_company(catalogue: Catalogue, facts: Facts, as_of: int, lead_ids: Sequence[str]) -> list[str]:
    """Features of the leads named that are not, alone and from their own rows, what they are among all."""
    together = columns(catalogue, facts, [(lead_id, as_of) for lead_id in facts.ids])
    rows = [facts.ids.index(lead_id) for lead_id in lead_ids]
    alone = [columns_of(catalogue, facts.history(lead_id), [(lead_id, as_of)]) for lead_id in lead_ids]
    return differing(catalogue, together[rows], np.concatenate(alone))


def chokes(catalogue: Catalogue, facts: Facts, as_of: int) -> list[str]:
    """Features that are neither a finite number nor unknown, or a level that is none."""
    X = columns(catalogue, facts, [(lead_id, as_of) for lead_id in facts.ids])
    wrong: NDArray[np.bool_] = np.asarray(np.isinf(X).any(axis=0))
    for i in catalogue.categories:
        known = X[~np.isnan(X[:, i]), i]
        codes = range(len(catalogue.levels(catalogue.features[i].source)) + 1)
        wrong[i] |= not np.isin(known, codes).all()
    return [feature.name for feature, bad in zip(catalogue.features, wrong.tolist(), strict=True) if bad]


def undescribed(catalogue: Catalogue) -> list[str]:
    """Features that say nothing of themselves in one of the languages, or share their name."""
    names = [feature.name for feature in catalogue.features]
    return [
        f.name
        for f in catalogue.features
        if not all(text.strip() for text in (f.name, f.source, f.fr, f.en)) or names.count(f.name) > 1
    ]


def model_minds_company(model: WinModel, X: Floats) -> bool:
    """Whether a row's log-odds or contributions, alone or in another order, differ by a bit from those in a batch."""
    raw, parts = model.raw(X), model.contributions(X)
    alone = np.concatenate([model.raw(row[None]) for row in X])
    alone_parts = np.concatenate([model.contributions(row[None]) for row in X])
    turned = model.raw(X[::-1].copy())[::-1]
    pairs: list[tuple[Floats, Floats]] = [(raw, alone), (raw, turned), (parts, alone_parts)]
    return any(bool((bits(one) != bits(other)).any()) for one, other in pairs)


def model_gap(model: WinModel, X: Floats) -> float:
    """How far contributions are from adding up to the log-odds."""
    return float(np.abs(model.contributions(X).sum(axis=1) - model.raw(X)).max())


# A small world with every kind of attribute, several kinds of events, corrections, late rows and history.

_TITLES = ("Directrice des achats", "Sales manager", "Développeur", "PDG", "Stagiaire RH")
_SIZES = ("1-10", "51 à 200", "PME", "1000+")
_ROLES = ("buyer", "director", "engineer", "student", "manager")


def _clean(i: int) -> tuple[StoredLead, ...]:
    at = T0 + i * 6 * HOUR
    first = lead(
        f"c{i:02d}",
        at,
        f"firm{i // 3}" if i % 7 else None,
        visits=i % 11,
        newsletter="yes" if i % 3 else "no",
        source=("web", "fair", "partner", "ads")[i % 4],
        trial_ends=f"2026-03-{1 + i % 28:02d}",
        job_title=_TITLES[i % 5],
        taille=_SIZES[i % 4],
        pays=("France", "UK", "de", "Belgique")[i % 4],
        comment=f"{_ROLES[i % 5]} at firm{i} looking for offer{i}",
    )
    changed: dict[str, Value] = {"visits": i % 7, "source": "web", "trial_ends": None}
    later = StoredLead(first.lead_id, 7, at, at + 12 * DAY, None, changed, f"firm{i // 4}")
    return (first, later) if i % 2 else (first,)


def _deeds(i: int) -> tuple[StoredEvent, ...]:
    name, at = f"c{i:02d}", T0 + i * 6 * HOUR
    kinds = ("page_view", "email_open", "demo_request")
    done = [event(kinds[(i + k) % 3], at + k * 3 * DAY + i * HOUR, lead_id=name) for k in range(i % 6)]
    late = event("page_view", at + DAY, at + 20 * DAY, name, key=f"late {i}")
    old = event("email_open", at + 2 * DAY, at + 2 * DAY, name, key=f"corrected {i}")
    new = event("demo_request", at + 3 * DAY, at + 9 * DAY, name, key=f"corrected {i}", version=1)
    planned = event("page_view", at + 45 * DAY, at, name, key=f"planned {i}")
    return (*done, late, old, new, planned)


def _deals(i: int) -> tuple[StoredEvent, ...]:
    """Taken up, and then won, let go, or let go by mistake, which is known later than it happened."""
    name, at = f"c{i:02d}", T0 + i * 6 * HOUR
    taken = event("in hand", at + DAY, lead_id=name)
    done = event(("won", "let go")[i % 2], at + 5 * DAY, at + (5 + i % 9) * DAY, name, key=f"deal {i}")
    mended = event("in hand", at + 5 * DAY, at + 16 * DAY, name, key=f"deal {i}", version=1)
    return ((taken,), (taken, done), (taken, done, mended))[i % 3]


def given_by(i: int) -> tuple[str, Given]:
    """What lead number i gave, every sixth later than it came in."""
    email = ("ada@gmail.com", "ada@engines.example", "info@engines.example", "")[i % 4]
    phone = ("+33 2 61 91 99 93", "", "+32 2 61 91 99 93")[i % 3]
    return f"c{i:02d}", given.kinds(email, phone, T0 + i * 6 * HOUR + (0 if i % 6 else DAY))


CLEAN = Facts(
    tuple(row for i in range(80) for row in _clean(i)),
    tuple(row for i in range(80) for row in _deeds(i)),
    tuple(row for i in range(80) for row in _deals(i)),
    tuple(given_by(i) for i in range(80)),
)

AWKWARD_VALUES: tuple[Value, ...] = (
    *(None, "", "  ", "n/a", "unseen", True, False, 0, -1, 0.1, -0.0, 1e308, -1e308, 10**400, -(10**400)),
    *("1e400", "nan", "inf", "-inf", "1_000", "١٢", "0x10", "2026-02-30", "2026-02-28T99:00", "2026-01-01T00:00:00Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x" * 10_000, "\x00", "🦄", "\u202eabc", "'; --"),
)


def _awkward(name: str, **attributes: Value) -> StoredLead:
    return StoredLead(name, 0, NOW - DAY, NOW - DAY, None, attributes, None)


def awkward(catalogue: Catalogue) -> Facts:
    """Leads that hold each awkward value in every attribute at once, one without any, and events nobody knows."""
    names = [attribute.name for attribute in catalogue.attributes]
    leads = [_awkward(f"z{i:03d}", **dict.fromkeys(names, value)) for i, value in enumerate(AWKWARD_VALUES)]
    bare = [_awkward("nothing"), _awkward("stranger", never_heard_of=1)]
    odd = [
        *(event("never_heard_of", NOW - HOUR, lead_id="z000"), event("", NOW - HOUR, lead_id="z001")),
        *(event("page_view", 0, lead_id="z002"), event("page_view", NEVER - 1, T0, lead_id="z003")),
        event("page_view", NOW, lead_id="not a lead"),
    ]
    return Facts((*leads, *bare), tuple(odd))


def catalogue_of(facts: Facts, as_of: int = NOW) -> Catalogue:
    """The catalogue that these facts teach."""
    history = facts.history()
    return learn_catalogue(history, np.arange(len(history)), np.full(len(history), as_of))


def undated(facts: Facts) -> Facts:
    """The same leads as an export without dates would have them."""
    newest = {row.lead_id: row for row in sorted(facts.leads, key=lambda r: r.recorded_at or 0)}
    return Facts(tuple(replace(row, created_at=None, recorded_at=None) for row in newest.values()))


def everyone(count: int) -> Ints:
    """The numbers of `count` leads."""
    return np.arange(count, dtype=np.int64)
