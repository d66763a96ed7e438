"""What a lead's company did besides: its other leads, what they did lately, and what became of them."""

from features.spec import Feature
from leadloop.store import activity

BLOCK = "account"
SOURCE = "same company"

LEADS_DAYS = (
    180.0  # a count of all leads ever would grow with the ledger, and what was learned early would mislead later
)
EVENTS_DAYS = 30.0
OPEN_DAYS = 180.0  # nobody closes all that they no longer work
COLLEAGUES_AT_MOST = 20
"""An account of more others is no company but a mail provider or a stopgap, and says nothing."""

ACCOUNT = (
    Feature(
        "company: other leads",
        "count",
        SOURCE,
        "autres leads de l’entreprise depuis 180 jours",
        "other leads of the company in 180 days",
        block=BLOCK,
    ),
    Feature(
        "company: events of others",
        "count",
        SOURCE,
        "événements de ses autres leads sur 30 jours",
        "events of its other leads in 30 days",
        block=BLOCK,
    ),
    Feature(
        "company: days since others",
        "count",
        SOURCE,
        "jours depuis le dernier événement d’un autre lead de l’entreprise",
        "days since the last event of another lead of the company",
        block=BLOCK,
    ),
    Feature(
        "company: won before",
        "flag",
        SOURCE,
        "un autre lead de l’entreprise a déjà été gagné",
        "another lead of the company was won before",
        block=BLOCK,
    ),
    Feature(
        "company: open elsewhere",
        "count",
        SOURCE,
        "autres leads de l’entreprise en cours",
        "other leads of the company in hand",
        block=BLOCK,
    ),
)


def lately(days: float, window_days: float) -> bool:
    """Whether what is `days` old, and not yet to come, is within a window.

    >>> lately(0, 30), lately(30, 30), lately(31, 30), lately(-1, 30)
    (True, True, False, False)
    """
    return 0.0 <= days <= window_days


def meaning() -> object:
    """What the columns mean besides their names."""
    counted = [LEADS_DAYS, EVENTS_DAYS, OPEN_DAYS, COLLEAGUES_AT_MOST]
    return [*counted, [feature.name for feature in ACCOUNT], activity.meaning()]
