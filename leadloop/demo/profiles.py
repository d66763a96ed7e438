"""What the CRM of the demo world shows of its leads: gaps, free text, wrong answers, and what is filled in later."""

from dataclasses import dataclass

import numpy as np

from leadloop.clock import DAY, SECOND
from leadloop.demo.draws import Bools, Floats, Ints
from leadloop.demo.identities import identities
from leadloop.demo.market import Market, lead_id
from leadloop.demo.selling import owners
from leadloop.demo.words import (
    BAND_EDGES,
    BANDS,
    COUNTRIES,
    FUNCTIONS,
    INDUSTRIES,
    KIND_TITLE_SHARE,
    KIND_TITLES,
    OWNERS,
    SENIORITIES,
    SERVED,
    SOURCES,
    SPAM,
    STUDENT,
    TIMELINES,
    TITLES,
)
from leadloop.store.rows import LeadRow, Value

_ASKS_TITLE = {"trade_show": 0.95, "referral": 0.9, "paid_social": 0.65, "organic_search": 0.75}
_ASKS_SIZE = {"paid_social": 0.25, "organic_search": 0.4, "partner": 0.8}
_FORMS = {"organic_search", "paid_social", "ai_assistant", "referral"}
_CHANNELS = {"trade_show": "salon", "webinar": "webinar", "outbound": "sequence", "partner": "partner"}


@dataclass(frozen=True)
class Shown:
    """What the first form shows, one entry a lead: indices into the words, one past their end where it is blank.

    `comment_words`: length of the message left, -1 without one.
    """

    seniority: Ints
    band: Ints
    country: Ints
    industry: Ints
    timeline: Ints
    comment_words: Ints
    titles: list[str | None]


def show(market: Market) -> Shown:
    """Draw the gaps and slips of every first form."""
    index = np.arange(len(market.arrivals.kind))
    people = market.people
    title_given = _given(market, "title", _ASKS_TITLE, 0.85)
    spelling = market.draws.uniform("spelling", index).tolist()
    titles = [_spelt(title, spelling[lead]) for lead, title in enumerate(_titles(market))]
    return Shown(
        seniority=np.where(title_given, people.seniority, len(SENIORITIES)),
        band=np.where(_given(market, "size", _ASKS_SIZE, 0.55), _bands(market), len(BANDS)),
        country=_countries(market),
        industry=np.where(_given(market, "industry", {}, 0.6), people.industry, len(INDUSTRIES)),
        timeline=np.where(_asked(market, "timeline", 0.6), _timelines(market), len(TIMELINES)),
        comment_words=np.where(_asked(market, "comment", 0.65), _comment_words(market, index), -1),
        titles=[title if title_given[lead] else None for lead, title in enumerate(titles)],
    )


def _given(market: Market, name: str, shares: dict[str, float], usual: float) -> Bools:
    share = np.array([shares.get(s.name, usual) for s in SOURCES])[market.arrivals.source]
    return market.draws.uniform(name + " given", np.arange(len(share))) < share


def _asked(market: Market, name: str, share: float) -> Bools:
    """Only web forms ask, and only some fill it in."""
    forms = np.array([s.name in _FORMS for s in SOURCES])[market.arrivals.source]
    return forms & (market.draws.uniform(name + " given", np.arange(len(forms))) < share)


def _bands(market: Market) -> Ints:
    """The band chosen in the form, now and then the one beside."""
    true = np.searchsorted(np.array(BAND_EDGES), market.people.employees)
    slip = market.draws.choose("band slip", np.arange(len(true)), np.array([0.06, 0.88, 0.06])) - 1
    stated: Ints = np.clip(true + slip, 0, len(BANDS) - 1).astype(np.int64)
    return stated


def _countries(market: Market) -> Ints:
    index, true = np.arange(len(market.arrivals.kind)), market.people.country
    liar = (market.arrivals.kind == SPAM) | (market.arrivals.kind == STUDENT)
    wrong = market.draws.uniform("country slip", index) < np.where(liar, 0.15, 0.02)
    stated = np.where(wrong, market.draws.below("country stated", index, len(SERVED)), true)
    blank = market.draws.uniform("country blank", index) < 0.16
    return np.where(blank, len(COUNTRIES), stated)


def _timelines(market: Market) -> Ints:
    """From the timing felt, said with noise: the sooner the lower."""
    index = np.arange(len(market.arrivals.kind))
    said = market.people.timing + 0.5 * market.draws.normal("timeline", index)
    return np.searchsorted(np.array([-1.2, -0.1, 0.6]), -said).astype(np.int64)


def _comment_words(market: Market, index: Ints) -> Ints:
    mood: Floats = 2.3 + 0.6 * market.people.need + 0.4 * market.draws.normal("comment", index)
    return np.clip(np.exp(mood), 1, 250).astype(np.int64)


def _titles(market: Market) -> list[str]:
    """Each person's title as it should be spelt; some kinds give themselves away."""
    who, kind = market.arrivals.person, market.arrivals.kind
    telling = (market.draws.uniform("telling title", who) < np.array(KIND_TITLE_SHARE)[kind]).tolist()
    pick = market.draws.uniform("title", who).tolist()
    return [_title(market, lead, telling[lead], pick[lead]) for lead in range(len(who))]


def _title(market: Market, lead: int, telling: bool, pick: float) -> str:
    people = market.people
    if telling:
        words = KIND_TITLES[int(market.arrivals.kind[lead])]
        return words[int(pick * len(words))]
    language = "fr" if people.french[lead] and pick < 0.85 else "en"
    return TITLES[language][FUNCTIONS[people.function[lead]]][people.seniority[lead]]


def _spelt(title: str, spelling: float) -> str:
    """As people type: mostly well, else in one case or with a space too many."""
    if spelling < 0.10:
        return title.lower()
    if spelling < 0.15:
        return title.upper()
    return title + " " if spelling < 0.18 else title


def lead_rows(market: Market, shown: Shown) -> list[LeadRow]:
    """Every lead's first row, then what enrichment and corrections add; none of it knows an outcome."""
    who = identities(market)
    owner = owners(market, np.arange(len(who)))
    first = [
        LeadRow(
            lead_id=lead_id(lead),
            created_at=int(market.arrivals.created_at[lead]),
            recorded_at=int(market.arrivals.recorded_at[lead]),
            attributes=_first_attributes(market, shown, lead, OWNERS[owner[lead]]),
            identity=identity,
        )
        for lead, identity in enumerate(who)
    ]
    rows = first + _enriched(market) + _corrected(market)
    return [row for row in rows if row.recorded_at is not None and row.recorded_at <= market.settings.end_at]


def _first_attributes(market: Market, shown: Shown, lead: int, owner: str) -> dict[str, Value]:
    source = SOURCES[market.arrivals.source[lead]].name
    given: dict[str, Value] = {
        "source": source,
        "campaign": _campaign(market, lead, source),
        "owner": owner,
        "language": "fr" if market.people.french[lead] else "en",
        "country": _word(COUNTRIES, shown.country[lead]),
        "job_title": shown.titles[lead],
        "company_size": _word(BANDS, shown.band[lead]),
        "industry": _word(INDUSTRIES, shown.industry[lead]),
        "timeline": _word(TIMELINES, shown.timeline[lead]),
        "comment_words": int(shown.comment_words[lead]) if shown.comment_words[lead] >= 0 else None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _word(words: tuple[str, ...], number: int) -> str | None:
    return words[number] if number < len(words) else None


def _campaign(market: Market, lead: int, source: str) -> str | None:
    """A campaign a source and quarter of the world; searches and referrals belong to none."""
    if source in {"organic_search", "referral", "ai_assistant"}:
        return None
    quarter = (int(market.arrivals.created_at[lead]) - market.settings.start_at) // (91 * DAY) + 1
    return f"{_CHANNELS.get(source, source)}-{quarter:02d}"


def _enriched(market: Market) -> list[LeadRow]:
    """A data provider knows half of the real companies a day later: headcount to ten per cent, band and industry."""
    index = np.arange(len(market.arrivals.kind))
    real = ~np.isin(market.arrivals.kind, (STUDENT, SPAM))
    found = np.flatnonzero((market.draws.uniform("enriched", market.people.company) < 0.55) & real)
    slip = np.exp(0.1 * market.draws.normal("headcount slip", index))
    employees = np.maximum(1, np.round(market.people.employees * slip)).astype(np.int64)
    band = np.searchsorted(np.array(BAND_EDGES), employees)
    after = _seconds(market, "enriched after", 16.0, 40.0)
    return [
        _later(market, lead, after[lead], {"company_size": BANDS[band[lead]], "employees": int(employees[lead]),
                                           "industry": INDUSTRIES[market.people.industry[lead]]})
        for lead in found.tolist()
    ]  # fmt: skip


def _corrected(market: Market) -> list[LeadRow]:
    """A few titles are filled in or spelt properly weeks later, whatever became of the lead."""
    found = np.flatnonzero(market.draws.uniform("corrected", np.arange(len(market.arrivals.kind))) < 0.07)
    after = _seconds(market, "corrected after", 48.0, 1_000.0)
    titles = _titles(market)
    return [_later(market, lead, after[lead], {"job_title": titles[lead]}) for lead in found.tolist()]


def _seconds(market: Market, name: str, least: float, spread: float) -> Ints:
    """Seconds from a number of hours, evenly spread."""
    hours = least + spread * market.draws.uniform(name, np.arange(len(market.arrivals.kind)))
    return (hours * 3_600).astype(np.int64)


def _later(market: Market, lead: int, seconds: int, attributes: dict[str, Value]) -> LeadRow:
    recorded_at = int(market.arrivals.recorded_at[lead]) + int(seconds) * SECOND
    return LeadRow(lead_id(lead), int(market.arrivals.created_at[lead]), recorded_at, attributes=attributes)
