"""How long a lead has been touched by what we do, and by how many different things."""

from features import content
from features.spec import Feature

BLOCK = "touch"
SOURCE = "touches"

TOUCH = (
    Feature(
        "touches: days since first",
        "count",
        SOURCE,
        "jours depuis le premier événement",
        "days since the first event",
        block=BLOCK,
    ),
    Feature(
        "touches: types of events",
        "count",
        SOURCE,
        "nombre de types d’événements différents",
        "number of different types of events",
        block=BLOCK,
    ),
    Feature(
        "touches: kinds of content",
        "count",
        SOURCE,
        "nombre de genres de contenus différents (page, e-mail, document, rencontre…)",
        "number of different kinds of content (page, e-mail, document, gathering…)",
        block=BLOCK,
    ),
)


def meaning() -> object:
    """What the columns mean besides their names."""
    return [content.meaning(), [feature.name for feature in TOUCH]]
