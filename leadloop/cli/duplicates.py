"""Commands about duplicates: merge, apart, unmerge; who may be one person is a report."""

from typing import TYPE_CHECKING, Annotated

import typer

from leadloop import console
from leadloop.cli.options import Config, Home, Json, app, open_ledger, settings_of

if TYPE_CHECKING:
    from serving.duplicate_desk import Desk

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
    _desk(home, config, actor).merge(duplicate, survivor)
    if as_json:
        console.print_json({"duplicate": duplicate, "survivor": survivor})
    else:
        console.out.print(f"Lead '{duplicate}' counts as '{survivor}' now.", markup=False, highlight=False)


@app.command()
def apart(
    lead: LeadId,
    other: LeadId,
    actor: Actor = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Say that two leads that look alike are two people: nobody is asked about them any more."""
    _desk(home, config, actor).keep_apart(lead, other)
    if as_json:
        console.print_json({"lead": lead, "apart_from": [other]})
    else:
        console.out.print(f"Leads '{lead}' and '{other}' are two people.", markup=False, highlight=False)


@app.command()
def unmerge(
    duplicate: LeadId,
    actor: Actor = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Take a lead apart from those that it was joined with, by hand or by itself; it stays apart."""
    others = _desk(home, config, actor).unmerge(duplicate)
    if as_json:
        console.print_json({"lead": duplicate, "apart_from": others})
    else:
        named = ", ".join(others)
        console.out.print(f"Lead '{duplicate}' stands alone again, apart from {named}.", markup=False, highlight=False)


def _desk(home: Home, config: Config, decided_by: str | None) -> "Desk":
    from leadloop.store.audit import COMMAND
    from serving.duplicate_desk import Desk

    return Desk(open_ledger(settings_of(home, config)), COMMAND, decided_by)
