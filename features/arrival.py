"""When a lead came in, by the clock on the wall where the company works: weekday, hour, working hours."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from features.history import Floats, Ints
from features.spec import Feature
from leadloop.clock import from_micros

BLOCK = "calendar"
SOURCE = "lead arrival"

WEEKDAYS = (
    ("lundi", "Monday"),
    ("mardi", "Tuesday"),
    ("mercredi", "Wednesday"),
    ("jeudi", "Thursday"),
    ("vendredi", "Friday"),
    ("samedi", "Saturday"),
    ("dimanche", "Sunday"),
)
"""What each weekday is called, in French and English."""

OPENS, CLOSES = 9, 18  # hours of a working day
WORKDAYS = 5  # from Monday on

ARRIVAL = (
    Feature(
        "arrival: weekday", "number", SOURCE, "jour de la semaine de l’arrivée", "weekday of arrival", WEEKDAYS, BLOCK
    ),
    Feature("arrival: hour", "number", SOURCE, "heure de l’arrivée", "hour of arrival", block=BLOCK),
    Feature(
        "arrival: working hours",
        "flag",
        SOURCE,
        "arrivé aux heures de bureau",
        "came in during working hours",
        block=BLOCK,
    ),
)


def arrivals(created_at: Ints, timezone: str) -> Floats:
    """Weekday (0 is Monday), hour and working hours (1 or 0) of instants, shape (n, 3); NaN where there is none.

    `timezone`: a name such as Europe/Paris, "" for UTC.
    """
    different, place = np.unique(created_at, return_inverse=True)
    return np.array([arrival(instant, timezone) for instant in different.tolist()]).reshape(-1, 3)[place]


def arrival(created_at: int, timezone: str) -> tuple[float, float, float]:
    """The same of one instant."""
    try:
        local = from_micros(created_at).astimezone(ZoneInfo(timezone) if timezone else UTC)
    except OverflowError:  # nobody knows when, or beyond the calendar
        return np.nan, np.nan, np.nan
    return local.weekday(), local.hour, working_hours(local)


def working_hours(local: datetime) -> bool:
    """Whether offices are open: Monday to Friday from 9 to 18; no holidays are known.

    >>> [working_hours(datetime(2026, 11, day, hour)) for day, hour in ((25, 9), (25, 18), (28, 11))]
    [True, False, False]
    """
    return local.weekday() < WORKDAYS and OPENS <= local.hour < CLOSES


def meaning() -> object:
    """What the columns mean besides their names."""
    return [OPENS, CLOSES, WORKDAYS, [feature.name for feature in ARRIVAL]]
