"""Commands about duplicates: merge, unmerge; who may be one person is a report."""

from typing import Annotated

import typer

from leadloop import console
from leadloop.cli.options import Config, Home, Json, app, open_ledger, settings_of

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
