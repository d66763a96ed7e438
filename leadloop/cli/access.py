"""Commands for who may do what, and for what was done: keys, audit."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadloop import console
from leadloop.access import Role
from leadloop.cli.options import Config, Home, Json, app, open_ledger, settings_of
from leadloop.clock import isoformat, now, parse_as_of, to_micros
from leadloop.errors import InputError

if TYPE_CHECKING:
    from leadloop.settings import Settings
    from leadloop.store.audit import Entry
    from leadloop.store.keys import ApiKey
    from serving.key_desk import Desk

keys = typer.Typer(no_args_is_help=True, help="Keys of the API: who may ask what.")
app.add_typer(keys, name="keys")

DAYS_AT_MOST = 3_650


@keys.command()
def create(  # noqa: PLR0913 -- a command's options
    role: Annotated[Role, typer.Option("--role", help="What the holder may do.")],
    name: Annotated[str, typer.Option("--name", help="For whom or what, to tell keys apart.")] = "",
    owner: Annotated[str | None, typer.Option("--owner", help="For sales: whose leads it is about.")] = None,
    team: Annotated[str | None, typer.Option("--team", help="For sales: a team of the setting `teams`.")] = None,
    days: Annotated[int, typer.Option("--expires-days", min=1, max=DAYS_AT_MOST, help="Good for so long.")] = 365,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Make a key; it is shown this once."""
    from leadloop.store.keys import Holder

    settings = settings_of(home, config)
    if (owner or team) and role != Role.sales:
        raise typer.BadParameter("only with --role sales", param_hint="--owner" if owner else "--team")
    made, key = _desk(settings).create(Holder(role, name, owner, team), days)
    told = {"id": made.key_id, "role": str(role), "key": key, "expires_at": isoformat(made.expires_at)}
    if as_json:
        console.print_json(told)
        return
    console.print_table("Key", ("", ""), list(told.items()))
    console.note("it is shown this once; send it as `Authorization: Bearer <key>`")


def _desk(settings: "Settings") -> "Desk":
    from leadloop.store.audit import COMMAND
    from serving.key_desk import Desk

    return Desk(settings, open_ledger(settings), COMMAND)


@keys.command("list")
def list_keys(as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Every key, without what it is."""
    from leadloop.store import keys as store

    with open_ledger(settings_of(home, config)).reading() as connection:
        rows = [_told(key) for key in store.read(connection)]
    if as_json:
        console.print_json({"keys": rows})
        return
    columns = ("id", "name", "role", "owner", "team", "state", "expires_at", "last_used_at")
    console.print_table(f"{len(rows)} keys", columns, [[row[column] for column in columns] for row in rows])


def _told(key: "ApiKey") -> dict[str, Any]:
    holder = key.holder
    who = {"id": key.key_id, "name": holder.name, "role": str(holder.role), "owner": holder.owner, "team": holder.team}
    names = ("created_at", "expires_at", "revoked_at", "last_used_at")
    times = {name: None if (at := getattr(key, name)) is None else isoformat(at) for name in names}
    return {**who, "state": key.standing(to_micros(now())), **times}


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` names it.")],
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """End a key for good; running servers know within seconds."""
    told = _told(_desk(settings_of(home, config)).revoke(key_id))
    if as_json:
        console.print_json(told)
    else:
        console.out.print(f"Key '{key_id}' was revoked at {told['revoked_at']}.", markup=False, highlight=False)


@app.command()
def audit(
    since: Annotated[str | None, typer.Option("--since", help="Not what was done before; ISO 8601.")] = None,
    lead: Annotated[str | None, typer.Option("--lead", help="Only what was done to this lead.")] = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Who did what to what, newest first."""
    from leadloop.store import audit as store

    settings = settings_of(home, config)
    try:
        start = None if since is None else parse_as_of(since, settings.zone)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None
    with open_ledger(settings).reading() as connection:
        entries = store.read(connection, since=start, lead_id=lead)
    if as_json:
        console.print_json({"entries": [store.shown(entry) for entry in entries]})
        return
    rows = [(isoformat(e.recorded_at), e.actor, e.action, e.lead_id or e.subject, _words(e)) for e in entries]
    console.print_table(f"{len(rows)} entries", ("when", "who", "did", "to", "detail"), rows)


def _words(entry: "Entry") -> str:
    return ", ".join(f"{name} {value}" for name, value in entry.detail.items())
