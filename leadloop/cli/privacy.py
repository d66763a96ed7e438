"""Commands for people's rights over their data: erase, export, retention."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadloop import console
from leadloop.cli.options import Config, Home, Json, app, open_ledger, settings_of
from leadloop.errors import InputError, NoModelError
from leadloop.settings import Settings

if TYPE_CHECKING:
    from leadloop.store.erasure import Erased
    from leadloop.store.retention import Plan

_BUSY = "the database file was busy, and old pages may still hold what was erased"


@app.command()
def erase(
    lead_ids: Annotated[list[str], typer.Argument(metavar="ID…", help="The leads' ids.")],
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Erase leads everywhere in the ledger, for good; a hash of the id keeps them from coming back."""
    from leadloop.store import erasure

    done = erasure.erase(open_ledger(settings_of(home, config)), lead_ids)
    if as_json:
        console.print_json(done.as_json())
    else:
        _show_erased(done)
    if not done.file_is_clean:
        console.warn(f"{_BUSY}; erase the same leads once more when nobody reads")


def _show_erased(done: "Erased") -> None:
    for lead_id in done.lead_ids:
        console.out.print(f"Lead '{lead_id}' is erased.", markup=False, highlight=False)
    for lead_id in done.already:
        console.out.print(f"Lead '{lead_id}' is erased already.", markup=False, highlight=False)
    if done.same_person:
        console.warn(f"the same person seems to be {', '.join(done.same_person)} too; erase those as well if so")
    if done.lead_ids:
        console.note("models learned before keep no names; backups, your CRM and imported files are yours to clean")


@app.command()
def export(
    lead_id: Annotated[str, typer.Argument(metavar="ID", help="The lead's id.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file, readable by you alone.")] = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Everything held on a lead, as JSON: for access and portability."""
    found = _everything(settings_of(home, config), lead_id)
    if out:
        _write(out, found)
        console.say(f"everything on lead '{lead_id}' in {out}")
    if as_json or not out:
        console.print_json(found)


def _everything(settings: Settings, lead_id: str) -> dict[str, Any]:
    from leadloop.store.audit import COMMAND
    from serving.exported import everything
    from serving.scorer import Scorer

    try:
        scorer = Scorer.load(settings)
    except NoModelError:
        scorer = None
    return everything(open_ledger(settings), lead_id, scorer, settings.language, COMMAND)


def _write(file: Path, found: dict[str, Any]) -> None:
    import json
    import os

    content = json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False)
    try:
        file.unlink(missing_ok=True)  # an older file may be readable by others
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(content + "\n")
    except OSError as error:
        raise InputError(f"{file} can't be written: {error.strerror}; choose another --out") from None


@app.command()
def retention(
    older_than: Annotated[str, typer.Option("--older-than", help="Since the last contact from them: 3y, 18m, 90d.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many.")] = False,
    include_customers: Annotated[bool, typer.Option("--include-customers", help="Also those who bought.")] = False,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Erase leads that have not been in touch for too long."""
    from leadloop.clock import isoformat, now, to_micros
    from leadloop.store import retention as rule

    ledger, before = open_ledger(settings_of(home, config)), _before(to_micros(now()), older_than)
    with ledger.reading() as connection:
        plan = rule.plan(connection, before, customers_too=include_customers)
    if not as_json:
        _show_plan(plan, isoformat(before))
    erased, clean = 0, True
    if plan.due and not dry_run:
        with console.bar("erasing") as update:
            erased, clean = rule.enforce(
                ledger, before, plan.due, customers_too=include_customers,
                done=lambda n: update(n, len(plan.due), "erasing"),
            )  # fmt: skip
    if not clean:
        console.warn(f"{_BUSY}; run `leadloop erase` on an erased lead when nobody reads")
    if as_json:
        console.print_json(
            {
                **_planned(plan),
                "before": isoformat(before),
                "dry_run": dry_run,
                "erased": erased,
                "file_is_clean": clean,
            }
        )
    elif not dry_run:
        console.out.print(f"{erased:,} leads are erased.", highlight=False)


def _before(now: int, older_than: str) -> int:
    from leadloop.store.retention import cutoff

    try:
        return cutoff(now, older_than)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="--older-than") from None


def _planned(plan: "Plan") -> dict[str, Any]:
    return {
        "due": len(plan.due),
        "in_hand": plan.in_hand,
        "customers_kept": plan.customers,
        "undated_kept": plan.undated,
    }


def _show_plan(plan: "Plan", before: str) -> None:
    rows = [
        ("due", len(plan.due)),
        ("of those, in the hands of sales", plan.in_hand),
        ("kept: customers", plan.customers),
        ("kept: nothing is dated", plan.undated),
    ]
    console.print_table(f"Not in touch since {before[:10]}", ("", "leads"), rows, ("leads",))
