"""Commands about duplicates: how many there are and where from, who may be one person, merge, unmerge."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from leadloop import console
from leadloop.cli.options import AsOf, Config, Home, Json, app, instant_of, open_ledger, settings_of
from leadloop.cli.report import report

if TYPE_CHECKING:
    from leadloop.store.duplicates import Survey

PAIRS_SHOWN = 20

LeadId = Annotated[str, typer.Argument(help="The lead's id.")]
Actor = Annotated[str | None, typer.Option("--actor", help="Who decided.")]


@app.command()
def merge(
    duplicate: LeadId,
    survivor: LeadId,
    actor: Actor = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Say that two leads are one person, for whom SURVIVOR stands; `unmerge` takes it back."""
    from leadloop.store import duplicates

    with open_ledger(settings_of(home, config)).writing() as connection:
        duplicates.merge(connection, duplicate, survivor, actor, duplicates.now_of(connection))
    if as_json:
        console.print_json({"duplicate": duplicate, "survivor": survivor})
    else:
        console.out.print(f"Lead '{duplicate}' counts as '{survivor}' now.", markup=False, highlight=False)


@app.command()
def unmerge(
    duplicate: LeadId,
    actor: Actor = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Take a lead apart from those that it was joined with, by hand or by itself; it stays apart."""
    from leadloop.store import duplicates

    with open_ledger(settings_of(home, config)).writing() as connection:
        others = duplicates.unmerge(connection, duplicate, actor, duplicates.now_of(connection))
    if as_json:
        console.print_json({"lead": duplicate, "apart_from": others})
    else:
        named = ", ".join(others)
        console.out.print(f"Lead '{duplicate}' stands alone again, apart from {named}.", markup=False, highlight=False)


@report.command("duplicates")
def duplicates_(as_of: AsOf = None, as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """How many leads are there twice, by what they were found and where they come from; and who may be one person."""
    from features.history import NEVER
    from leadloop.store import duplicates
    from serving.scorer import shown_instant

    settings = settings_of(home, config)
    ledger = open_ledger(settings)
    at = instant_of(ledger, settings, as_of)
    with ledger.reading() as connection:
        found = duplicates.survey(connection, None if at == NEVER else at)
    if as_json:
        console.print_json({"as_of": shown_instant(at), **asdict(found)})
    else:
        _show(found)


def _show(found: "Survey") -> None:
    sources = [(s.source, s.leads, s.duplicates, f"{s.duplicates / s.leads:.1%}") for s in found.sources]
    title = f"{found.duplicates:,} of {found.leads:,} leads are there twice"
    console.print_table(title, ("source", "leads", "duplicates", "share"), sources, ("leads", "duplicates", "share"))
    ways = ", ".join(f"{count:,} by {way}" for way, count in found.found_by.items())
    console.note(f"joined by themselves or by hand: {ways or 'none'}")
    pairs = [(p.lead_id, p.survivor_id, p.score, ", ".join(p.why)) for p in found.proposals[:PAIRS_SHOWN]]
    title = f"{len(found.proposals):,} pairs may be one person: leadloop merge DUPLICATE SURVIVOR"
    console.print_table(title, ("duplicate", "survivor", "score", "why"), pairs, ("score",))
