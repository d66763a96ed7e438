"""What the leads of the demo world do: events that follow their intent, and noise that does not."""

from dataclasses import dataclass

import numpy as np

from leadloop.clock import DAY, SECOND
from leadloop.demo.arrivals import Arrivals
from leadloop.demo.draws import Bools, Draws, Floats, Ints, chosen, sigmoid
from leadloop.demo.intent import BURSTS, Intent
from leadloop.demo.people import People
from leadloop.demo.settings import DemoSettings
from leadloop.demo.words import (
    CLICK,
    COMPETITOR,
    DEMO,
    DOWNLOAD,
    EVENT_SHARE,
    FORM,
    OPEN,
    PAGE,
    PRICING,
    SOURCES,
    SPAM,
    STUDENT,
    UNSUBSCRIBE,
    WEBINAR,
)

_WEB = ("organic_search", "webinar", "paid_social", "content_syndication", "referral", "ai_assistant")
_RATE = 0.36  # events a day at intent 1


@dataclass(frozen=True)
class Engagement:
    """One entry an event, in the order of recording; instants in microseconds UTC, whole seconds.

    `number`: counts a lead's events, and so names one for good; `own`: the lead did it itself, unlike a scanner's open.
    """

    lead: Ints
    number: Ints
    type: Ints
    occurred_at: Ints
    recorded_at: Ints
    own: Bools

    def where(self, keep: Bools | Ints) -> "Engagement":
        """Only those events, in that order."""
        return Engagement(
            lead=self.lead[keep],
            number=self.number[keep],
            type=self.type[keep],
            occurred_at=self.occurred_at[keep],
            recorded_at=self.recorded_at[keep],
            own=self.own[keep],
        )


def engage(settings: DemoSettings, draws: Draws, arrivals: Arrivals, people: People, intent: Intent) -> Engagement:
    """All events up to the end, the arrival's own among them."""
    bursts = _following_intent(draws, arrivals, people, intent)
    parts = [_first(draws, arrivals, people), _visit(draws, arrivals, people, intent), bursts]
    parts += [_noise(draws, arrivals), _unsubscribe(draws, arrivals, people)]
    lead, kind, days, own = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(lead, kind="stable")
    lead, kind, days, own = lead[order], kind[order], days[order], own[order]
    number = np.arange(len(lead)) - np.searchsorted(lead, lead)
    occurred_at = arrivals.created_at[lead] + (days * 86_400).astype(np.int64) * SECOND
    recorded_at = occurred_at + _delay(draws, lead, number, kind) * SECOND
    recorded_at = np.maximum(recorded_at, arrivals.recorded_at[lead])
    events = Engagement(lead, number, kind, occurred_at, recorded_at, own)
    events = events.where(_mail_allowed(events) & _distinct(events) & (recorded_at <= settings.end_at))
    return events.where(np.lexsort((events.number, events.lead, events.recorded_at)))


_Part = tuple[Ints, Ints, Floats, Bools]  # lead, type, days since arrival, own


def _first(draws: Draws, arrivals: Arrivals, people: People) -> _Part:
    """What brought the lead: a demo request is the clearest sign of need and timing that there is."""
    index = np.arange(len(arrivals.source))
    eager = sigmoid(-2.2 + 1.1 * people.timing + 0.8 * people.need) * np.where(arrivals.kind == STUDENT, 0.3, 1.0)
    by_source = {"webinar": WEBINAR, "content_syndication": DOWNLOAD, "outbound": CLICK}
    usual = np.array([by_source.get(s.name, FORM) for s in SOURCES])[arrivals.source]
    web = np.array([s.name not in {"trade_show", "content_syndication", "outbound"} for s in SOURCES])[arrivals.source]
    asks = web & (draws.uniform("asks", index) < eager)
    return index, np.where(asks, DEMO, usual), np.zeros(len(index)), np.ones(len(index), dtype=np.bool_)


def _visit(draws: Draws, arrivals: Arrivals, people: People, intent: Intent) -> _Part:
    """What web leads look at in the half hour after their form: the more, the more they need and intend."""
    web = np.array([s.name in _WEB for s in SOURCES])[arrivals.source]
    curious = np.exp(0.6 + 0.35 * people.need + 0.2 * people.timing) * intent.height[:, 0] ** 0.8
    counts = draws.poisson("visit", np.arange(len(web)), np.where(web & (arrivals.kind != SPAM), curious, 0.0))
    lead = np.repeat(np.arange(len(web)), counts)
    place = np.arange(len(lead)) - np.searchsorted(lead, lead)
    weights = _type_weights(arrivals, people)[lead][:, [PAGE, PRICING, DOWNLOAD]]
    kind = np.array([PAGE, PRICING, DOWNLOAD])[draws.choose("visit type", lead, weights, place)]
    days = draws.uniform("visit at", lead, place) * 0.02
    return lead, kind, days, np.ones(len(lead), dtype=np.bool_)


def _following_intent(draws: Draws, arrivals: Arrivals, people: People, intent: Intent) -> _Part:
    index, slots = np.arange(len(arrivals.source))[:, None], np.arange(BURSTS)[None, :]
    mean = _RATE * intent.height * intent.cool_days * _talkative(draws, arrivals)[:, None]
    counts = draws.poisson("events", index, mean, slots)
    row = np.repeat(np.arange(counts.size), counts.ravel())
    place = np.arange(len(row)) - np.searchsorted(row, row)
    lead, burst = row // BURSTS, row % BURSTS
    slot = place * BURSTS + burst
    wait = draws.exponential("cooling", lead, slot) * intent.cool_days[lead, burst]
    wait += draws.exponential("rising", lead, slot) * intent.rise_days[lead, burst]
    days = (intent.starts_at[lead, burst] - arrivals.created_at[lead]) / DAY + wait
    uniforms = draws.uniform("event type", lead, slot)
    kind = chosen(uniforms, _type_weights(arrivals, people)[lead])
    known = days > 0  # before its arrival nobody knows whose visit it was
    return lead[known], kind[known], days[known], np.ones(int(known.sum()), dtype=np.bool_)


def _talkative(draws: Draws, arrivals: Arrivals) -> Floats:
    """Some click more than others, whatever they intend; students most of all."""
    index = np.arange(len(arrivals.kind))
    habit = np.exp(0.5 * draws.normal("talkative", arrivals.person))
    by_kind = np.select(
        [arrivals.kind == STUDENT, arrivals.kind == COMPETITOR, arrivals.kind == SPAM], [1.4, 1.3, 0.2], 1.0
    )
    talk: Floats = habit * by_kind * (draws.uniform("blocks tracking", index) > 0.08)
    return talk


def _type_weights(arrivals: Arrivals, people: People) -> Floats:
    """Shape (leads, types but unsubscribe): prices are looked at by who could pay and soon, papers by who studies."""
    weights = np.tile(np.array(EVENT_SHARE), (len(arrivals.kind), 1))
    weights[:, PRICING] *= np.exp(0.9 * people.budget + 0.7 * people.timing)
    weights[:, DEMO] *= np.exp(0.9 * people.timing + 0.6 * people.need)
    weights[:, FORM] *= np.exp(0.4 * people.need)
    student, rival = arrivals.kind == STUDENT, arrivals.kind == COMPETITOR
    weights[:, DOWNLOAD] *= np.where(student, 3.5, 1.0)
    weights[:, PRICING] *= np.where(student, 0.4, np.where(rival, 2.5, 1.0))
    weights[:, PAGE] *= np.where(rival, 1.8, 1.0)
    return weights


def _noise(draws: Draws, arrivals: Arrivals) -> _Part:
    """Opens over half a year that mean nothing: a glance at a newsletter, or a scanner that opens all of them."""
    index = np.arange(len(arrivals.kind))
    scanned = draws.uniform("scanner", arrivals.person) < 0.14
    counts = draws.poisson("noise", index, np.where(scanned, 12.0, 1.5))
    lead = np.repeat(index, counts)
    place = np.arange(len(lead)) - np.searchsorted(lead, lead)
    days = draws.uniform("noise day", lead, place) * 180.0
    return lead, np.full(len(lead), OPEN), days, np.zeros(len(lead), dtype=np.bool_)


def _unsubscribe(draws: Draws, arrivals: Arrivals, people: People) -> _Part:
    index = np.arange(len(arrivals.kind))
    tired = draws.uniform("tired", index) < sigmoid(-2.6 - 0.6 * people.need)
    lead = index[tired]
    days = draws.exponential("tired day", lead) * 45.0
    return lead, np.full(len(lead), UNSUBSCRIBE), days, np.zeros(len(lead), dtype=np.bool_)


def _delay(draws: Draws, lead: Ints, number: Ints, kind: Ints) -> Ints:
    """Seconds until it is recorded: at once for most, a day for lists of attendees, days for what a tool syncs late."""
    luck = draws.uniform("late", lead, number)
    wait = draws.exponential("lateness", lead, number)
    late = np.select(
        [luck < 0.02, luck < 0.10, kind == WEBINAR], [wait * 172_800, wait * 5_400, wait * 43_200], wait * 20
    )
    seconds: Ints = np.minimum(late, 12 * 86_400).astype(np.int64)
    return seconds


def _distinct(events: Engagement) -> Bools:
    """Not twice the same of one lead in one second: without an id, a ledger takes the second for the first again."""
    order = np.lexsort((events.number, events.occurred_at, events.type, events.lead))
    columns = np.stack([events.lead, events.type, events.occurred_at])[:, order]
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[order[1:]] = (columns[:, 1:] != columns[:, :-1]).any(axis=0)
    return fresh


def _mail_allowed(events: Engagement) -> Bools:
    """No mail is opened after an unsubscription."""
    until = np.full(int(events.lead.max(initial=0)) + 1, np.iinfo(np.int64).max)
    left = events.type == UNSUBSCRIBE
    until[events.lead[left]] = events.occurred_at[left]
    mail = (events.type == OPEN) | (events.type == CLICK)
    allowed: Bools = ~mail | (events.occurred_at <= until[events.lead])
    return allowed
