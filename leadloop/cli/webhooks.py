"""Commands about webhooks, a function each: who is told at once, what was given up, and sending without a server."""

from typing import TYPE_CHECKING, Annotated

import typer

from leadloop import console
from leadloop.cli.options import FAILED, Config, Home, Json, app, open_ledger, settings_of

if TYPE_CHECKING:
    from leadloop.store.webhooks import Webhook
    from serving.hook_desk import Desk

webhooks = typer.Typer(no_args_is_help=True, help="Who is told at once: hot leads, deadlines at risk, another model.")
app.add_typer(webhooks, name="webhooks")

Id = Annotated[str, typer.Argument(metavar="ID", help="As `leadloop webhooks list` names it.")]
DEAD_SHOWN = 100


def _desk(home: Home, config: Config) -> "Desk":
    from serving.hook_desk import Desk

    settings = settings_of(home, config)
    return Desk(settings, open_ledger(settings), "command")


@webhooks.command()
def add(  # noqa: PLR0913 -- a command's options
    url: Annotated[str, typer.Argument(metavar="URL", help="https, on the public internet.")],
    kind: Annotated[list[str] | None, typer.Option("--kind", help="May be repeated; default: every kind.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only of this owner's leads.")] = None,
    team: Annotated[str | None, typer.Option("--team", help="Only of this team's leads.")] = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Tell a URL from now on; prints the secret that signs, which is not shown again."""
    from leadloop.store.webhooks import KINDS, Wanted

    _show_secret(_desk(home, config).add(Wanted(url, tuple(kind or KINDS), owner, team)), as_json)


def _show_secret(made: "Webhook", as_json: bool) -> None:
    from serving.hook_desk import with_secret

    if as_json:
        console.print_json(with_secret(made))
        return
    console.out.print(f"{made.webhook} {made.url}", markup=False, highlight=False)
    console.out.print(f"secret {made.secrets[0].secret}", markup=False, highlight=False)
    console.note("the secret is not shown again; receivers check signatures with it")


@webhooks.command("list")
def list_(as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Every target, without its secret, and what waits for it."""
    rows = _desk(home, config).all()
    if as_json:
        console.print_json({"webhooks": rows})
        return
    columns = ("id", "url", "kinds", "owner", "team", "off since", "waiting", "dead", "last error")
    lines = [
        (
            *(r["id"], r["url"], ", ".join(r["kinds"]), r["owner"], r["team"]),
            *(r["disabled_at"], r["waiting"], r["dead"], r["error"]),
        )
        for r in rows
    ]
    console.print_table(f"{len(rows)} webhooks", columns, lines, ("waiting", "dead"))


@webhooks.command()
def remove(webhook: Id, as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Forget a target, what waits for it and what was delivered to it."""
    _done(_desk(home, config).remove(webhook), "is removed", as_json)


@webhooks.command()
def enable(webhook: Id, as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Tell a target things again that was switched off because it answered 410."""
    _done(_desk(home, config).enable(webhook), "is told again", as_json)


def _done(changed: "Webhook", what: str, as_json: bool) -> None:
    from serving.hook_desk import shown

    if as_json:
        console.print_json(shown(changed))
    else:
        console.out.print(f"{changed.webhook} {changed.url} {what}.", markup=False, highlight=False)


@webhooks.command()
def rotate(
    webhook: Id,
    keep_hours: Annotated[
        float, typer.Option("--keep-hours", min=0, help="The old secret signs too for so long.")
    ] = 24,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Give a target a new secret; for a while deliveries are signed with both."""
    _show_secret(_desk(home, config).rotate(webhook, keep_hours), as_json)


@webhooks.command("test")
def try_(webhook: Id, as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Send an event that means nothing, now; exit code 1 when it was not taken."""
    from serving.hook_desk import tested

    reply = _desk(home, config).test(webhook)
    if as_json:
        console.print_json(tested(reply))
    else:
        console.out.print(f"taken ({reply.status})" if reply.delivered else f"not taken: {reply.error}", markup=False)
    if not reply.delivered:
        raise typer.Exit(FAILED)


@webhooks.command()
def dead(as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Deliveries that were given up, the newest first; `replay` takes them up again."""
    from serving.hook_desk import dead_shown

    letters, total = _desk(home, config).dead(None if as_json else DEAD_SHOWN)
    rows = [dead_shown(each) for each in letters]
    if as_json:
        console.print_json({"dead": rows, "total": total})
        return
    columns = ("id", "webhook", "kind", "lead_id", "attempts", "error", "dead_at")
    console.print_table(f"{total:,} dead letters", columns, [tuple(row[c] for c in columns) for row in rows])


@webhooks.command()
def replay(
    event: Annotated[str | None, typer.Argument(metavar="[ID]", help="As `leadloop webhooks dead` names it.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Take up again what was given up: the server, or `deliver`, sends it anew."""
    if everything == bool(event):
        raise typer.BadParameter("name a dead letter, or write --all", param_hint="ID")
    replayed = _desk(home, config).replay([event] if event else None)
    if as_json:
        console.print_json({"replayed": replayed})
    else:
        console.out.print(f"{replayed:,} deliveries are taken up again.", highlight=False)


@webhooks.command()
def deliver(as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Send what is due, and end: for cron, where no server runs. A running server does this by itself."""
    from dataclasses import asdict

    from serving.hooks import Courier, clock, forget

    settings = settings_of(home, config)
    ledger = open_ledger(settings)
    tally = Courier.of(settings, ledger).deliver()
    forget(ledger, settings.webhook_keep_days, clock())
    if as_json:
        console.print_json(asdict(tally))
    else:
        told = (
            f"{tally.delivered:,} of {tally.attempts:,} attempts were taken; {tally.dead:,} deliveries were given up."
        )
        console.out.print(told, highlight=False)
