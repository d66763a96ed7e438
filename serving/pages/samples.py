"""Samples as pages: marketing sends leads of a planned campaign, sales says what it would do with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from leadloop.access import Role
from leadloop.clock import now, to_micros
from leadloop.errors import InputError, ModelError
from leadloop.store import leads as lead_table
from leadloop.store import samples
from leadloop.store.rows import Value
from leadloop.store.samples import AT_MOST, Sample, SampleLead, Verdict
from models.reasons import unknown
from serving.access import Caller
from serving.backlog.keeping import NotRankedYetError
from serving.pages import vocabulary
from serving.pages.exports import Table, offer
from serving.pages.frame import Screen, plain, screen_of
from serving.pages.page import Page, Section, marked
from serving.pages.reporting import Asked, made, values
from serving.pages.sample_files import Form, form_of, headings, leads_of
from serving.reports.samples import tally
from serving.state import State
from serving.writing import write

router = APIRouter(include_in_schema=False)
PAGE = Page("/marketing/samples", marked("Samples"), Section.marketing, router)
ONE = Page("/marketing/samples/{sample_id}", marked("Sample"), Section.marketing, APIRouter(), in_menu=False)
SENDS, JUDGES = frozenset({Role.marketing, Role.admin}), frozenset({Role.sales, Role.admin})
OF_A_SOURCE = 20
HIDDEN = frozenset({"source", "campaign", "owner"})
"""Facts that say nothing about a lead that sales could judge."""
SHOWN = 8
TONES = {"yes": "good", "no": "bad", "unsure": "warn"}
SAYS = {
    "yes": marked("Would work it"),
    "no": marked("Would refuse it"),
    "unsure": marked("Can’t tell"),
    "none": marked("Not looked at yet"),
}


@router.get("/marketing/samples")
async def overview(request: Request, wanted: Asked) -> Response:
    """All samples, and a form to send one."""
    screen = screen_of(request, PAGE)
    found = await made(request, "samples", screen.lang, wanted)
    rows = found.report.data["samples"]
    told = {
        "rows": rows,
        "sends": screen.caller.role in SENDS,
        "sources": await run_in_threadpool(_sources, request.app.state.leadloop),
        "at_most": AT_MOST,
        "links": [screen.link(f"/marketing/samples/{row['sample_id']}") for row in rows],
    }
    return await run_in_threadpool(offer, screen, "samples.html", {**values(screen, found, wanted), **told})


@router.get("/marketing/samples/{sample_id}")
def sample(request: Request, sample_id: str) -> Response:
    """One sample: its leads and what to say of each."""
    state: State = request.app.state.leadloop
    screen = screen_of(request, ONE)
    with state.ledger.reading() as connection:
        one = samples.one(connection, sample_id)
        leads = samples.leads_of(connection, sample_id).get(sample_id, ())
        said = samples.verdicts(connection, sample_id).get(sample_id, ())
    values = _told(screen, one, leads, said)
    return offer(screen, "sample.html", values, [_table(leads, values["counted"]["verdicts"])])


def _table(leads: Sequence[SampleLead], verdicts: Sequence[Mapping[str, Any]]) -> Table:
    """What sales says, with everything that is known of each lead."""
    said = {each["lead_id"]: {"sales_says": each["verdict"], "sales_reasons": each["reasons"]} for each in verdicts}
    columns = ("lead_id", "sales_says", "sales_reasons", *headings(leads))
    return Table(
        "leads", columns, lambda: [{**each.facts, "lead_id": each.lead_id, **said[each.lead_id]} for each in leads]
    )


def _told(screen: Screen, one: Sample, leads: Sequence[SampleLead], said: Sequence[Verdict]) -> dict[str, Any]:
    mine = {each.lead_id: each for each in said if each.actor == screen.caller.actor}
    counted = tally(one, leads, said, screen.settings.reasons)
    judges = screen.caller.role in JUDGES and one.closed_at is None
    return {
        "sample": one,
        "counted": counted,
        "opinion": {each["lead_id"]: each["verdict"] for each in counted["verdicts"]},
        "left": [lead for lead in leads if lead.lead_id not in mine] if judges else [],
        "leads": leads,
        "mine": mine,
        "heads": headings(leads)[:SHOWN],
        "judges": judges,
        "sends": screen.caller.role in SENDS,
        "says": {name: screen.say(text) for name, text in SAYS.items()},
        "tones": TONES,
        "reasons": vocabulary.reasons(screen, screen.settings),
        "reason": lambda code: vocabulary.reason(screen, code),
        "figures": screen.figures,
    }


@dataclass(frozen=True)
class Sent:
    """What a form of these pages said, and by whom."""

    form: Form
    caller: Caller


async def _sent(request: Request) -> Sent:
    form = form_of(await request.body(), request.headers.get("content-type", ""))
    return Sent(form, request.scope["caller"])


Said = Annotated[Sent, Depends(_sent)]


@router.post("/marketing/samples")
def make(request: Request, sent: Said) -> Response:
    """Keep a sample, of a file, of pasted lines or of open leads."""
    state: State = request.app.state.leadloop
    fields = sent.form.fields
    chosen = _open_leads(state, fields["source"]) if fields.get("source") else None

    def work(connection: Connection) -> str:
        leads = chosen if chosen is not None else leads_of(connection, sent.form.file or fields.get("leads", ""))
        kept, _ = samples.make(connection, fields.get("name", ""), fields.get("campaign"), leads, sent.caller.actor)
        return kept.sample_id

    return _to(request, f"/marketing/samples/{write(state.ledger, work)}")


@router.post("/marketing/samples/{sample_id}/verdict")
def verdict(request: Request, sample_id: str, sent: Said) -> Response:
    """Keep what somebody in sales says of a lead."""
    state: State = request.app.state.leadloop
    said, _, reason = sent.form.fields.get("say", "").partition(":")
    if reason and unknown({reason: 1}, state.settings.reasons):
        raise InputError(f"reason: '{reason}' is unknown; choose one that the page shows")
    lead_id = sent.form.fields.get("lead", "")
    one = Verdict(sample_id, lead_id, sent.caller.actor, said, reason or None, to_micros(now()))
    write(state.ledger, lambda connection: samples.judge(connection, one))
    return _to(request, f"/marketing/samples/{sample_id}")


@router.post("/marketing/samples/{sample_id}/close")
def close(request: Request, sample_id: str, sent: Said) -> Response:
    """Take no more verdicts."""
    state: State = request.app.state.leadloop
    write(state.ledger, lambda connection: samples.close(connection, sample_id, sent.caller.actor))
    return _to(request, f"/marketing/samples/{sample_id}")


@router.post("/marketing/samples/{sample_id}/delete")
def delete(request: Request, sample_id: str, sent: Said) -> Response:
    """Delete it with all that was said."""
    state: State = request.app.state.leadloop
    write(state.ledger, lambda connection: samples.remove(connection, sample_id, sent.caller.actor))
    return _to(request, "/marketing/samples")


def _to(request: Request, path: str) -> Response:
    return RedirectResponse(screen_of(request).link(path), 303)


def _sources(state: State) -> list[tuple[str, str]]:
    """Sources of which there are open leads to choose from."""
    try:
        return [(name, plain(name)) for name in state.keeper.current().named("source")]
    except (ModelError, NotRankedYetError):
        return []


def _open_leads(state: State, source: str) -> list[SampleLead]:
    """Open leads of a source, as many as somebody looks at, with what is known of them but who they are."""
    backlog = state.keeper.current()
    number = backlog.number_of.get(source, -1)
    mine = [n for n in backlog.of_owners(None).tolist() if backlog.lines["source"][n] == number]
    ids = [str(backlog.lead_ids[n]) for n in mine[:OF_A_SOURCE]]
    with state.ledger.reading() as connection:
        known: dict[str, dict[str, Value]] = {lead_id: {} for lead_id in ids}
        for row in sorted(lead_table.read(connection, None, ids), key=lambda row: (row.recorded_at or 0, row.version)):
            known[row.lead_id].update(row.attributes)
    return [SampleLead(lead_id, _shown(facts)) for lead_id, facts in known.items()]


def _shown(facts: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in facts.items() if value not in (None, "") and name not in HIDDEN}
