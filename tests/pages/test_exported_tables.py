"""Tables of pages as files for spreadsheets: whole, plain, and no more than the caller sees on the page."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from leadloop.access import Role
from leadloop.clock import DAY
from leadloop.settings import Settings
from leadloop.store import audit, keys, leads, merges, webhooks
from leadloop.store.keys import Holder
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow
from leadloop.store.webhooks import Wanted
from serving.app import create_app
from serving.pages.queue import ROWS
from tests.store.support import kept
from tests.support import Loop, answering, bring_in

Doors = tuple[httpx.Client, dict[Role, str]]


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    """The lines of a file for spreadsheets."""
    assert answer.headers["content-type"].startswith("text/csv"), answer.text
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


@pytest.fixture
def doors(few: Settings, ledger: Ledger, loop: Loop) -> Iterator[Doors]:
    """A server of forty leads that wants keys, one of whom is called like a formula; and a key of each role."""
    with ledger.writing() as connection:
        named = {"first_name": "=HYPERLINK(1)", "last_name": "Roux", "company": "@Acme", "email": "roux@acme.example"}
        at = loop.world.leads[0].created_at
        leads.add(connection, [LeadRow("L-formula", at, at, identity=named)])
        made = {role: keys.create(connection, Holder(role))[1] for role in Role}
    with answering(create_app(few)) as client:
        yield client, made


def taken(doors: Doors, role: Role, path: str) -> list[dict[str, str]]:
    """A table as a role gets it."""
    client, made = doors
    return rows(client.get(path, headers=_as(made[role])))


def test_the_file_has_the_whole_queue_and_marketing_sees_no_names_in_it(
    doors: Doors,
) -> None:
    sales, marketing = (taken(doors, role, "/queue?csv=leads") for role in (Role.sales, Role.marketing))
    total = doors[0].get("/v1/queue", headers=_as(doors[1][Role.sales])).json()["total"]
    assert total > ROWS
    assert [row["rank"] for row in sales] == [str(n) for n in range(1, total + 1)]
    assert any(row["name"] for row in sales)
    assert {row["name"] + row["company"] for row in marketing} == {""}
    assert 0 < float(sales[0]["p_win"]) < 1


def test_filters_hold_for_the_file_as_for_the_page(doors: Doors) -> None:
    every = taken(doors, Role.sales, "/queue?csv=leads")
    cell = every[0]["cell"]
    chosen = taken(doors, Role.sales, f"/queue?csv=leads&cell={cell}")
    assert [row["lead_id"] for row in chosen] == [row["lead_id"] for row in every if row["cell"] == cell]


def test_no_spreadsheet_takes_a_name_for_a_formula(doors: Doors) -> None:
    row = next(row for row in taken(doors, Role.sales, "/queue?csv=leads") if row["lead_id"] == "L-formula")
    assert (row["name"], row["company"]) == ("'=HYPERLINK(1) Roux", "'@Acme")


def test_the_file_of_the_audit_log_goes_beyond_the_page(doors: Doors, ledger: Ledger) -> None:
    with ledger.writing() as connection:
        for n in range(60):
            audit.record(connection, "command", "model.promoted", f"model:{n}")
    found = taken(doors, Role.operations, "/ops/audit?csv=entries&area=model.")
    assert [row["subject"] for row in found] == [f"model:{n}" for n in reversed(range(60))]


def test_no_file_holds_a_key_or_a_secret(doors: Doors, ledger: Ledger) -> None:
    client, made = doors
    with ledger.writing() as connection:
        added = webhooks.add(connection, Wanted("https://crm.invalid/hook", ("model.changed",)), 1)
    (secret,) = added.signing(1)
    for path in ("/ops/keys?csv=keys", "/ops/webhooks?csv=targets", "/ops/keys?file=html", "/ops/webhooks?file=html"):
        text = client.get(path, headers=_as(made[Role.admin])).text
        assert "crm.invalid" in text or "operations" in text.lower()
        assert [each for each in (secret, secret.removeprefix("whsec_"), *made.values()) if each in text] == []


def _as(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_the_files_of_data_have_what_the_page_cuts(ledger: Ledger, ledger_url: str, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("lead_id,created_at\n" + "L-9,=soon\n" * 60)
    bring_in(ledger, file)
    for number in range(21, 33, 2):
        kept(
            ledger,
            leads,
            *(_alike(number + i, f"ada{number}", host) for i, host in enumerate(("acme.example", "mail.example"))),
        )
    with ledger.writing() as connection:
        merges.decide(connection, "L-22", "L-21", merges.APART, "open", 1)
    with answering(create_app(Settings(home=tmp_path, database_url=ledger_url), without_key=True)) as client:
        told = {
            name: rows(client.get("/ops/data", params={"csv": name}))
            for name in ("imports", "refused", "pairs", "decided")
        }
    assert [row["bad"] for row in told["imports"]] == ["60"]
    assert [(row["line"], row["value"]) for row in told["refused"]] == [(str(n), "'=soon") for n in range(2, 62)]
    assert {row["lead_email"] for row in told["pairs"]} == {f"ada{n}.byron@mail.example" for n in range(23, 33, 2)}
    assert [(row["one"], row["other"], row["apart"]) for row in told["decided"]] == [("L-22", "L-21", "true")]


def _alike(number: int, first: str, host: str) -> LeadRow:
    who = {"first_name": first, "last_name": "byron", "email": f"{first}.byron@{host}", "domain": "acme.example"}
    return LeadRow(f"L-{number}", number * DAY, number * DAY, attributes={"source": "web"}, identity=who)


def test_the_files_of_another_version_have_every_lead_that_moves(life: Settings) -> None:
    with answering(create_app(life, without_key=True)) as client:
        told = client.get("/v1/models/diff", params={"a": "1", "b": "2"}, timeout=120).json()
        found = {name: rows(client.get("/ops/models/diff", params={"a": "1", "b": "2", "csv": name}))
                 for name in ("enter", "leave", "figures", "owners", "facts")}  # fmt: skip
    for side in ("enter", "leave"):
        assert [(row["lead_id"], row["rank_b"]) for row in found[side]] == [
            (each["lead_id"], str(each["rank"]["b"])) for each in told["queue"][side]
        ]
    assert [float(row["difference"]) for row in found["facts"]] == [each["difference"] for each in told["features"]]
    assert [row["metric"] for row in found["figures"]] == [each["metric"] for each in told["metrics"]]
    assert sum(int(row["difference"]) for row in found["owners"] if not row["team"]) == 0
