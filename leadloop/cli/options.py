"""Options that commands share, and how they become settings, an open ledger and an instant."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadloop.clock import parse_as_of
from leadloop.errors import InputError
from leadloop.settings import Settings, load_settings

if TYPE_CHECKING:
    from leadloop.store.lake import Lake
    from leadloop.store.ledger import Ledger

FAILED, VERDICT_IS_NO = 1, 3
"""Exit codes beside 0, done, and 2, wrong usage."""
NO_VERSION = {"en": "none", "fr": "aucune"}
"""Stands for the champion where there is none."""

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


class Engine(StrEnum):
    """Where the work is done: in this process, or on the workers of a Dask cluster."""

    local = "local"
    dask = "dask"


EngineName = Annotated[Engine, typer.Option("--engine", help="dask: many machines, which read a lake.")]
LakeFolder = Annotated[Path | None, typer.Option("--lake", help="For dask: a folder that `leadloop lake` wrote.")]
Scheduler = Annotated[str | None, typer.Option("--scheduler", help="For dask: its address; default: one made here.")]
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
    from serving.scorer import when

    return _instant(when(ledger, None), settings, as_of)


def _instant(newest: int, settings: Settings, as_of: str | None) -> int:
    from features.history import NEVER

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


@dataclass(frozen=True)
class Cluster:
    """What `--engine dask` works on: a lake, and the scheduler given."""

    lake: "Lake"
    scheduler: str | None

    def instant_of(self, settings: Settings, as_of: str | None) -> int:
        """The instant that `--as-of` names, else the one at which the lake was written.

        Raises: typer.BadParameter (exit code 2) when it is no time, or the lake has none.
        """
        from features.history import NEVER

        return _instant(int(NEVER) if self.lake.as_of is None else self.lake.as_of, settings, as_of)


def cluster_of(engine: Engine, folder: Path | None, scheduler: str | None) -> Cluster | None:
    """What to work on with `--engine dask`, None with the engine of this process.

    Raises: typer.BadParameter (exit code 2) when the options do not go together, InputError when there is no lake.
    """
    if engine == Engine.local:
        if folder or scheduler:
            raise typer.BadParameter("only with --engine dask", param_hint="--lake" if folder else "--scheduler")
        return None
    if folder is None:
        raise typer.BadParameter("--engine dask reads a lake; write one with `leadloop lake`", param_hint="--lake")
    import distributed  # noqa: F401 -- says which extra is missing before any work is done

    from leadloop.store.lake import Lake

    return Cluster(Lake.open(folder), scheduler)


def language_of(settings: Settings, lang: str | None) -> str:
    """The language asked for, else the configured one."""
    if lang not in (None, "en", "fr"):
        raise typer.BadParameter("write en or fr", param_hint="--lang")
    return lang or settings.language
