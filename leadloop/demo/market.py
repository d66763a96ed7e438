"""The demo world before anybody sells: arrivals, people, intent and engagement, none of which depends on sales."""

from dataclasses import dataclass

import numpy as np

from leadloop.clock import HOUR, SECOND
from leadloop.demo.arrivals import Arrivals, arrive
from leadloop.demo.draws import Draws, Floats, Ints
from leadloop.demo.engagement import Engagement, engage
from leadloop.demo.intent import Intent, draw_intent
from leadloop.demo.people import People, draw_people
from leadloop.demo.settings import DemoSettings

_ROOM = 1 << 33  # seconds to a lead in `activity`, more than any world lasts


@dataclass(frozen=True)
class Market:
    """All that is fixed before sales; leads are indices from 0 in the order of arrival.

    `activity`: sorted; lead * _ROOM + seconds since the start, of what leads did themselves.
    """

    settings: DemoSettings
    draws: Draws
    arrivals: Arrivals
    people: People
    intent: Intent
    engagement: Engagement
    activity: Ints

    def idle_hours(self, lead: Ints, at: Ints) -> Floats:
        """Hours at instants `at` since the leads' last own activity, their arrival at the least."""
        since = (at - self.settings.start_at) // SECOND
        place = np.searchsorted(self.activity, lead * _ROOM + since, side="right") - 1
        last = self.activity[np.maximum(place, 0)]
        seconds = np.where((place >= 0) & (last // _ROOM == lead), last % _ROOM, -1)
        last_at = np.maximum(self.settings.start_at + seconds * SECOND, self.arrivals.created_at[lead])
        hours: Floats = np.maximum(at - last_at, 0) / HOUR
        return hours


def open_market(settings: DemoSettings) -> Market:
    """Draw everything that happens whether or not sales lift a finger."""
    draws = Draws(settings.seed)
    arrivals = arrive(settings, draws)
    people, intent = draw_people(draws, arrivals), draw_intent(draws, arrivals)
    engagement = engage(settings, draws, arrivals, people, intent)
    own = engagement.where(engagement.own)
    activity = np.sort(own.lead * _ROOM + (own.occurred_at - settings.start_at) // SECOND)
    return Market(settings, draws, arrivals, people, intent, engagement, activity)


def lead_id(lead: int) -> str:
    """The id of a lead by its index; as text it sorts by arrival up to ten million leads.

    >>> lead_id(0)
    'L-0000001'
    """
    return f"L-{lead + 1:07d}"
