"""Commands of the model's life: retrain, and the worker that does it again and again."""

from typing import TYPE_CHECKING

import typer

from leadloop import console
from leadloop.cli.options import (
    VERDICT_IS_NO,
    AsOf,
    Config,
    Home,
    Json,
    Lang,
    app,
    instant_of,
    language_of,
    open_ledger,
    settings_of,
)

if TYPE_CHECKING:
    from training.retraining import Retrained, Tools

STATE = {
    "promoted": "Version {version} is now the champion.",
    "kept": "Version {version} waits as challenger; version {champion} stays the champion.",
    "refused": "Refused; the champion is {champion}.",
    "nothing_new": "Nothing is done; the champion is {champion}.",
    "busy": "Nothing is done here; the champion is {champion}.",
}


@app.command()
def retrain(
    as_of: AsOf = None,
    lang: Lang = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Learn from the newest data; the challenger is promoted if surely better, else kept, or refused (exit code 3)."""
    from training.retraining import retrain as again

    settings = settings_of(home, config)
    language, ledger = language_of(settings, lang), open_ledger(settings)
    done = again(settings, ledger, instant_of(ledger, settings, as_of), console.say, tools_of())
    if as_json:
        console.print_json(done.as_dict())
    else:
        show(done, language)
    if done.decision.outcome == "refused":
        raise typer.Exit(VERDICT_IS_NO)


def tools_of() -> "Tools":
    """What retraining borrows from the room that serves."""
    from serving import smoke, stopwatch
    from serving.scorer import Scorer
    from training.retraining import Tools

    return Tools(timer=stopwatch.milliseconds, look=lambda ledger, version: smoke.check(Scorer(version), ledger))


def show(done: "Retrained", language: str) -> None:
    """What came of it, for people."""
    for reason in done.decision.why:
        console.note(reason.fr if language == "fr" else reason.en)
    if failed := [name for name, passed in done.decision.checks.items() if not passed]:
        console.note(f"not passed: {', '.join(failed)}")
    champion = f"version {done.champion}" if done.champion else "none"
    told = STATE[done.decision.outcome].format(version=done.version, champion=champion)
    console.out.print(told, highlight=False)
