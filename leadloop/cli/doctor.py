"""The command that looks whether everything is there that the others need."""

from typing import TYPE_CHECKING, Annotated

import typer

from leadloop import console
from leadloop.cli.options import FAILED, Config, Home, Json, Lang, app, language_of, settings_of
from leadloop.errors import SettingsError

if TYPE_CHECKING:
    from serving.doctor import Finding

_MARKS = {"ok": "[green]ok[/green]   ", "mind": "[yellow]mind[/yellow] ", "wrong": "[red]wrong[/red]"}
_DONE = {
    "en": ("Everything that is needed is there.", "Something is wrong; see above what to do."),
    "fr": ("Tout ce qu’il faut est là.", "Quelque chose ne va pas ; voyez ci-dessus quoi faire."),
}


@app.command()
def doctor(
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="That is to be served on.")] = None,
    lang: Lang = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Look whether everything is there; exit code 1 when something is wrong."""
    from serving.doctor import WRONG, Finding, examine

    try:
        settings = settings_of(home, config, port=port)
    except SettingsError as error:
        found, language = [Finding("settings", WRONG, "settings_wrong", {"cause": error})], lang or "en"
    else:
        language = language_of(settings, lang)
        found = list(examine(settings))
    healthy = all(each.state != WRONG for each in found)
    if as_json:
        lines = [{"check": each.check, "state": each.state, "text": each.told(language)} for each in found]
        console.print_json({"healthy": healthy, "findings": lines})
    else:
        _show(found, language, healthy=healthy)
    raise typer.Exit(0 if healthy else FAILED)


def _show(found: "list[Finding]", lang: str, *, healthy: bool) -> None:
    for each in found:
        console.out.print(_MARKS[each.state], end=" ")
        console.out.print(f"{each.check}: {each.told(lang)}", markup=False, highlight=False)
    console.out.print(_DONE[lang][0 if healthy else 1])
