"""How a lead's score moved, for its page: a line through the stored scores, and why each is not the one before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale

from features.history import NEVER
from leadloop import charts
from leadloop.clock import isoformat
from leadloop.store import scores
from leadloop.store.scores import StoredScore
from serving.changes import Place, changes
from serving.pages.drawing import Drawn, drawn
from serving.pages.figures import NONE
from serving.pages.frame import Screen
from serving.pages.page import marked
from serving.state import State
from serving.steps import LEAST, PARTS, WORDS

POINTS, STEPS = 60, 5
LEAST_SPAN = 0.02
"""Of chance, that the line's axis shows at least."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """What moved a score, and by how much, as it is written. `fact`: whether it is of the part above."""

    what: str
    said: str
    fact: bool = False


@dataclass(frozen=True)
class Step:
    """A stored score beside the one before: when it was made, the change as a sentence, its parts if known."""

    at: str | None
    text: str
    parts: Sequence[Part]


def kept(state: State, lead_id: str, most: int = POINTS) -> list[StoredScore]:
    """The stored scores of a lead, newest first."""
    with state.ledger.reading() as connection:
        return scores.history(connection, lead_id, most)


def told(screen: Screen, state: State, stored: Sequence[StoredScore]) -> list[dict[str, Any]]:
    """Why each of them differs from the one before it; one fewer than there are."""
    place = Place(state.ledger, state.settings, state.scorer().version, screen.lang, screen.figures.moment)
    return changes(place, stored)


def line(screen: Screen, row: Row, stored: Sequence[StoredScore]) -> Drawn | None:
    """How the score went since it is stored, up to now; None where there are not two points to join."""
    figure = "priority" if row["chances"] == "order_only" else "p_win"
    points = [(isoformat(each.as_of), float(getattr(each, figure))) for each in reversed(stored) if each.as_of != NEVER]
    if row["as_of"] is not None and (not points or row["as_of"] > points[-1][0]):
        points.append((row["as_of"], row[figure]))
    if len(points) < 2:
        return None
    write = screen.figures
    months = [name for _, name in sorted(Locale(screen.lang).months["format"]["abbreviated"].items())]
    form, least = ("%", LEAST_SPAN) if figure == "p_win" else ("~s", 0.0)
    given = charts.Line(
        [(write.clock(at), value) for at, value in points], form, months, screen.lang, holds=True, least=least
    )
    columns = [
        screen.say(marked("When")),
        screen.say(marked("Chance of a win") if figure == "p_win" else marked("Priority")),
    ]
    rows = [
        (write.moment(at), write.percent(value, 1) if figure == "p_win" else write.number(value))
        for at, value in reversed(points)
    ]
    return drawn(screen.say(marked("How the score moved")), charts.line(given), columns, rows)


def steps(screen: Screen, state: State, row: Row, stored: Sequence[StoredScore]) -> list[Step]:
    """The last changes, newest first; in points of the chance, or log-odds where only the order holds."""
    ranks = row["chances"] == "order_only"
    return [
        Step(each["as_of"], each["text"], list(_parts(screen, each, ranks=ranks)))
        for each in told(screen, state, stored[: STEPS + 1])
    ]


def _parts(screen: Screen, change: Row, *, ranks: bool) -> Iterator[Part]:
    def said(by: Row) -> str:
        if by["p_win"] is None:
            return NONE
        value, digits = (by["log_odds"], 2) if ranks else (100 * by["p_win"], 1)
        return screen.figures.signed(round(value, digits) + 0.0, digits)

    if change["facts"] is None:  # no model is left to tell them by
        return
    for part in PARTS:
        yield Part(_name(screen, change, part), said({name: change[name][part] for name in ("p_win", "log_odds")}))
        facts = change["facts"].get(part, {"facts": []})
        for fact in facts["facts"]:
            yield Part(fact["text"], said(fact), fact=True)
        if facts["facts"] and abs(facts["rest"]["p_win"]) >= LEAST:
            yield Part(screen.say(marked("All other facts together")), said(facts["rest"]), fact=True)


def _name(screen: Screen, change: Row, part: str) -> str:
    name = WORDS[screen.lang][part]
    if part == "model" and change["model_version"] != change["model_version_before"]:
        name += f" ({change['model_version_before']} → {change['model_version']})"
    return name[0].upper() + name[1:]
