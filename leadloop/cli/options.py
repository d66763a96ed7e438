"""Options that commands share, and how they become settings, an open ledger and an instant."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadloop.clock import parse_as_of
from leadloop.errors import InputError
from leadloop.settings import Settings, load_settings

if TYPE_CHECKING:
    from leadloop.store.ledger import Ledger

FAILED, VERDICT_IS_NO = 1, 3
"""Exit codes beside 0, done, and 2, wrong usage."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Lead scoring that closes the loop between marketing and sales.",
)

Json = Annotated[bool, typer.Option("--json", help="Result as JSON on stdout.")]
Home = Annotated[Path | None, typer.Option("--home", help="Where state lives (LEADLOOP_HOME; default var/).")]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (LEADLOOP_CONFIG; default leadloop.toml).")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="As if nothing recorded later existed; ISO 8601.")]
Model = Annotated[str | None, typer.Option("--model", help="Version number or alias; default: the champion.")]
Lang = Annotated[str | None, typer.Option("--lang", help="en or fr.")]


def settings_of(home: Path | None, config: Path | None, **given: object) -> Settings:
    """The settings, with the command's flags on top."""
    return load_settings(config, home=home, **given)


def open_ledger(settings: Settings) -> "Ledger":
    """The ledger, migrated."""
    from leadloop.store.ledger import Ledger

    return Ledger.open(settings.ledger_url)


def instant_of(ledger: "Ledger", settings: Settings, as_of: str | None) -> int:
    """The instant that `--as-of` names, else the newest that the ledger knows.

    Raises: typer.BadParameter (exit code 2) when it is no time, or the ledger has none.
    """
    from features.history import NEVER
    from serving.scorer import when

    newest = when(ledger, None)
    if as_of is None:
        return newest
    if newest == NEVER:
        raise typer.BadParameter(
            "this ledger is undated: nothing in it says when; leave --as-of out", param_hint="--as-of"
        )
    try:
        return parse_as_of(as_of, settings.zone)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="--as-of") from None


def language_of(settings: Settings, lang: str | None) -> str:
    """The language asked for, else the configured one."""
    if lang not in (None, "en", "fr"):
        raise typer.BadParameter("write en or fr", param_hint="--lang")
    return lang or settings.language
