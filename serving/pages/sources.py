"""Sources and campaigns, as a page: what each brings, how far it comes, what it costs and what the model expected."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.pages.exports import offer
from serving.pages.frame import screen_of
from serving.pages.page import Page, Section, marked
from serving.pages.reporting import NONE, Asked, made, values

router = APIRouter(include_in_schema=False)
PAGE = Page("/marketing/sources", marked("Sources and campaigns"), Section.marketing, router)


@router.get("/marketing/sources")
async def sources(request: Request, wanted: Asked) -> Response:
    """The page; `?by=campaign` for campaigns."""
    screen, by = screen_of(request, PAGE), wanted.by or "source"
    found = await made(request, f"{by}s", screen.lang, wanted)
    rows = found.report.data[f"{by}s"]
    known = [row for row in rows if row["expected_wins"] is not None]
    named = (("source", marked("Sources")), ("campaign", marked("Campaigns")))
    told = {
        "by": by,
        "rows": rows,
        "tabs": [(screen.say(text), screen.same(by=name), by == name) for name, text in named],
        "links": [screen.link("/marketing/refusals", **{by: row[by] or NONE}) for row in rows],
        "expected": sum(row["expected_wins"] for row in known) if known else None,
        "real": sum(row["real_wins"] for row in known),
    }
    return await run_in_threadpool(offer, screen, "sources.html", {**values(screen, found, wanted), **told})
