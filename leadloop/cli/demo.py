"""The whole loop on a made-up company whose true chances are known: `leadloop demo`."""

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from leadloop import console
from leadloop.cli.learn import bring_in, learn, show_import, show_scorecard
from leadloop.cli.options import VERDICT_IS_NO, Config, Home, Json, app, settings_of
from leadloop.cli.use import ranked, show_queue, todays
from leadloop.errors import InputError
from leadloop.settings import Settings

if TYPE_CHECKING:
    from leadloop.demo import DemoWorld
    from leadloop.demo.nearness import Nearness
    from serving.worklist import Worklist

_MARK = ".leadloop-demo"


@app.command()
def demo(
    leads: Annotated[int, typer.Option("--leads", min=500, help="Size of the made-up world.")] = 6_000,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another world.")] = 0,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Walk the whole loop on a made-up company whose true chances are known."""
    settings = _apart(settings_of(home, config))
    world = _world(settings, leads, seed)
    report = bring_in(settings, [settings.home / "files"])
    trained = learn(settings)
    if not trained["promoted"]:
        show_scorecard(trained["scorecard"])
        raise typer.Exit(VERDICT_IS_NO)
    worklist, _ = ranked(settings, None, None)
    near = {name: asdict(each) for name, each in _nearness(world, worklist).items()}
    if as_json:
        card = trained["scorecard"]
        console.print_json({"home": str(settings.home), "import": report, "scorecard": card, "nearness": near})
        return
    show_import(report)
    show_scorecard(trained["scorecard"])
    show_queue(todays(settings, None, None, settings.language), settings.language)
    _show_nearness(near)
    _show_what_next(settings)


def _apart(settings: Settings) -> Settings:
    """The same settings with a home, a ledger and an MLflow of their own: made-up leads never meet real ones."""
    home = (settings.home / "demo").resolve()
    if home.exists() and any(home.iterdir()) and not (home / _MARK).exists():
        raise InputError(f"{home} holds something that is not a demo; choose another --home")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    (home / _MARK).touch()
    return settings.model_copy(update={"home": home, "database_url": "", "mlflow_tracking_uri": ""})


def _world(settings: Settings, leads: int, seed: int) -> "DemoWorld":
    from leadloop.demo import DemoSettings, simulate, write_csv

    with console.bar("making up a company") as update:
        world = simulate(
            DemoSettings(seed=seed, leads=leads), progress=lambda share: update(share, 1.0, "making up a company")
        )
    write_csv(world, settings.home / "files")
    return world


def _nearness(world: "DemoWorld", worklist: "Worklist") -> "dict[str, Nearness]":
    """How near the scores of open leads come to their true chances; untouched ones are those nobody looked at."""
    from leadloop.demo.nearness import nearness

    ids = [row["lead_id"] for row in worklist.rows]
    scored, true = np.array([row["p_win"] for row in worklist.rows]), world.truth.p_win(ids, worklist.as_of)
    untouched = np.array([name in world.truth.untouched for name in ids])
    return {"open": nearness(scored, true), "untouched": nearness(scored[untouched], true[untouched])}


def _show_nearness(near: dict[str, dict[str, Any]]) -> None:
    columns = ("open leads", "leads", "mean scored", "mean true", "AUC", "best AUC", "wins caught in top tenth")
    rows = [(name, *figures.values()) for name, figures in near.items()]
    console.print_table("How near the scores come to the truth, which only a demo knows", columns, rows, columns[1:])


def _show_what_next(settings: Settings) -> None:
    home = Path(settings.home)
    shown = home.relative_to(Path.cwd()) if home.is_relative_to(Path.cwd()) else home
    console.out.print("\nServe it:  ", f"leadloop serve --open --home {shown}", highlight=False)
    console.out.print("Then open:  http://127.0.0.1:8000 (the queue, and all pages; the API: /docs)", highlight=False)
    console.out.print("Your own:   README.md, “Your first export”", highlight=False)
