"""A click on the queue or on a lead: one form, which says in one field what to do; stored as the API stores it."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from leadloop.errors import InputError, ModelError
from serving import feedback
from serving.backlog.keeping import NotRankedYetError
from serving.backlog.lines import Backlog
from serving.backlog.telling import today
from serving.feedback import Done, Feedback
from serving.pages import vocabulary
from serving.pages.frame import Screen, screen_of, show
from serving.pages.page import marked
from serving.pages.queue import PAGE, named, one, told, whose
from serving.pages.signin import local
from serving.routes.queue import Asking, Whose
from serving.state import State
from serving.writing import write

router = APIRouter(include_in_schema=False)
TAKEN_BACK = marked("Taken back")


@dataclass(frozen=True)
class Sent:
    """What the form said. `action`: accept, contact, reject, snooze or undo; `argument`: its reason, day or outcome."""

    action: str
    argument: str | None
    note: str | None
    back: str


async def _sent(request: Request) -> Sent:
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    action, _, argument = form.get("do", "").partition(":")
    if action not in (*feedback.STAGES, "undo"):
        raise InputError("do: is missing; it says what to do, such as accept or reject:no_budget")
    return Sent(action, argument or form.get("until"), form.get("note"), local(form.get("back", "/queue")))


@router.post("/queue/{lead_id}")
def click(request: Request, lead_id: str, asking: Asking, sent: Annotated[Sent, Depends(_sent)]) -> Response:
    """Store it, and show what came of it: in place to a script, else on the page that it came from."""
    state: State = request.app.state.leadloop
    done = write(state.ledger, lambda connection: _stored(connection, state, asking, lead_id, sent))
    screen = screen_of(request, PAGE)
    if screen.in_place:
        return _in_place(screen, state, asking, sent, done)
    return RedirectResponse(_back(sent, done), 303)


def _stored(connection: Connection, state: State, asking: Whose, lead_id: str, sent: Sent) -> Done:
    if sent.action == "undo":
        return feedback.undo(connection, state.settings, asking.sees, lead_id, sent.argument)
    reason = sent.argument if sent.action == "reject" else None
    until = sent.argument if sent.action == "snooze" else None
    clicked = Feedback(lead_id, sent.action, reason, sent.note, until)
    return feedback.click(connection, state.settings, asking.sees, clicked)


def _back(sent: Sent, done: Done) -> str:
    """The page that it came from, which says what was done."""
    split = urlsplit(sent.back)
    kept = [(name, value) for name, value in parse_qsl(split.query) if name not in ("done", "lead", "outcome")]
    if sent.action != "undo":
        kept += [("done", sent.action), ("lead", done.outcome.lead_id), ("outcome", done.outcome.outcome_key)]
    return split.path + (f"?{urlencode(kept)}" if kept else "")


def _in_place(screen: Screen, state: State, asking: Whose, sent: Sent, done: Done) -> Response:
    """The line of the lead and what is on top, as they are now."""
    backlog, lead_id = _caught_up(state), done.outcome.lead_id
    top = _top(screen, state, asking, backlog)
    if sent.action == "undo" and backlog is not None:
        row = one(state, backlog, asking, lead_id, screen.lang)
        values = {**told(screen, state, asking, [row]), "row": row, "back": sent.back}
        return show(screen, "parts/queue_again.html", {**values, **top})
    said = screen.say(vocabulary.DONE.get(sent.action, TAKEN_BACK))
    values = {
        "person": named(state, asking, lead_id),
        "said": said,
        "why": vocabulary.reason(screen, done.outcome.reason),
        "outcome": done.outcome.outcome_key,
        "back": sent.back,
        "whose": whose(screen),
    }
    return show(screen, "parts/queue_done.html", {**values, **top})


def _top(screen: Screen, state: State, asking: Whose, backlog: Backlog | None) -> dict[str, Any]:
    """What the tiles take; without a list there is nothing to put into them."""
    known: dict[str, Any] = {"today": None, "figures": screen.figures, "currency": screen.settings.currency}
    if backlog is None:
        return known
    mine = state.drawer.listed(backlog, asking.owners).mine
    figures = today(backlog, mine, state.settings.capacity, backlog.taken_by(asking.owners))
    return {**known, "today": figures, "order_only": backlog.scorer.version.chances == "order_only"}


def _caught_up(state: State) -> Backlog | None:
    try:
        return state.keeper.caught_up()
    except (ModelError, NotRankedYetError):
        return None
