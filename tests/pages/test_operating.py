"""Who runs leadloop switches models, ends keys and decides duplicates on pages; each ends with the right rows."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from re import search

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from leadloop.access import Role
from leadloop.clock import DAY
from leadloop.settings import Settings
from leadloop.store import audit, keys, leads, merges, notices, people
from leadloop.store.keys import Holder
from leadloop.store.ledger import Ledger
from leadloop.store.notices import HotRule
from leadloop.store.rows import LeadRow
from models import aliases, registry
from serving.app import create_app
from serving.state import State
from tests.serving.receiver import Receiver, receiving
from tests.store.support import kept
from tests.store.test_outbox import Score
from tests.support import answering, bring_in


@pytest.fixture
def app(ledger_url: str, tmp_path: Path) -> FastAPI:
    """An app without a model, on each database in turn, that may send to this machine."""
    inside = {"webhook_allow_http": True, "webhook_allow_private": True, "webhook_ports": []}
    return create_app(Settings(home=tmp_path, database_url=ledger_url, **inside), without_key=True)  # type: ignore[arg-type]


@pytest.fixture
def site(app: FastAPI) -> Iterator[httpx.Client]:
    """A browser without a script on it."""
    with answering(app) as client:
        client.headers["Accept"] = "text/html"
        client.follow_redirects = True
        yield client


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A browser's tab that runs no script."""
    with browser.new_context(java_script_enabled=False, locale="en-GB") as context:
        yield context.new_page()


def done(ledger: Ledger) -> list[tuple[str, str]]:
    """Who did what, the oldest first."""
    with ledger.reading() as connection:
        return [(entry.actor, entry.action) for entry in reversed(audit.read(connection))]


def test_a_version_is_switched_on_and_back_on_the_page(tab: Page, life: Settings) -> None:
    with answering(create_app(life, without_key=True)) as client:
        tab.goto(f"{client.base_url}/ops/models")
        tab.get_by_role("link", name="Switch on… 1").click()
        tab.get_by_label("Why?").fill("the newer one was too bold")
        tab.get_by_role("button", name="Switch version 1 on").click()
        expect(tab.get_by_role("status")).to_contain_text("Version 1 serves now")
        assert aliases.read(life) == {"champion": "1", "previous": "2"}
        tab.get_by_role("link", name="Roll back to version 2…").click()
        tab.get_by_role("button", name="Roll back to version 2").click()
        expect(tab.get_by_role("status")).to_contain_text("Version 2 serves again")
        expect(tab.locator("body")).to_contain_text("the newer one was too bold")
    ledger = Ledger.open(life.ledger_url)
    assert done(ledger)[-2:] == [("open", "model.promoted"), ("open", "model.rolled_back")]
    assert aliases.read(life) == {"champion": "2", "previous": "1"}
    ledger.close()


def test_a_version_whose_verdict_is_no_is_switched_on_only_by_who_insists_and_says_why(life: Settings) -> None:
    with answering(create_app(life, without_key=True)) as client:
        client.headers["Accept"] = "text/html"
        asked = client.get("/ops/models", params={"promote": "3"})
        refused = client.post("/ops/models", data={"do": "promote", "version": "3"})
        silent = client.post("/ops/models", data={"do": "promote", "version": "3", "force": "yes"})
        assert "I insist" in asked.text
        assert (refused.status_code, silent.status_code) == (422, 422)
        assert "could not be done" in refused.text
        told = registry.load(life, "3").scorecard["why_fr"][0]
        assert escape(told) in client.get("/ops/models", params={"lang": "fr"}).text
        assert (aliases.read(life) or {})["champion"] == "2"
        why = {"force": "yes", "reason": "a trial week"}
        assert client.post("/ops/models", data={"do": "promote", "version": "3", **why}).status_code == 303
        assert (aliases.read(life) or {})["champion"] == "3"


def test_another_version_is_compared_and_looked_at_before_it_is_switched_on(life: Settings) -> None:
    with answering(create_app(life, without_key=True)) as client:
        client.headers["Accept"] = "text/html"
        page = client.get("/ops/models/diff", params={"b": "1"}).text
        same = client.get("/ops/models/diff", params={"b": "champion", "lang": "fr"})
        card = client.get("/ops/models/1", params={"lang": "fr"}).text
        assert client.get("/ops/models/99").status_code == 404
    assert "What version 1 would change" in page
    assert 'href="/ops/models?promote=1"' in page
    assert (same.status_code, "Les deux sont la version 2 : choisissez-en deux." in same.text) == (200, True)
    assert "Les probabilités sont-elles justes" in card
    assert card.count('<svg role="img"') == 2


def test_what_the_order_brings_is_a_page_that_models_lead_to_and_that_names_challengers(life: Settings) -> None:
    with answering(create_app(life, without_key=True)) as client:
        assert 'href="/ops/lift"' in client.get("/ops/models").text
        page = client.get("/ops/lift", params={"model": "1"}).text
        french = client.get("/ops/lift", params={"lang": "fr"}).text
        gone = client.get("/ops/lift", params={"model": "99", "lang": "fr"}, headers={"Accept": "text/html"})
        file = client.get("/reports/lift.html", params={"model": "99"})
    assert "It is live from the first lead, event or outcome that comes by the API" in page
    assert '<option value="1" selected>' in page
    assert "/reports/lift.html?model=1" in page
    assert "On ne peut encore rien dire" in french
    assert (gone.status_code, file.status_code) == (404, 404)
    assert "La version 99 n’est pas sur cette machine" in gone.text


def test_a_key_is_made_shown_once_and_ended_on_the_page(
    tab: Page, ledger: Ledger, ledger_url: str, tmp_path: Path
) -> None:
    with ledger.writing() as connection:
        mine, secret = keys.create(connection, Holder(Role.admin, "Ada"))
    with answering(create_app(Settings(home=tmp_path, database_url=ledger_url))) as client:
        tab.goto(f"{client.base_url}/ops/keys")
        tab.get_by_label("Key").fill(secret)
        tab.get_by_role("button", name="Sign in").click()
        tab.get_by_label("For whom or what").fill("CRM")
        tab.get_by_label("Role").select_option("service")
        tab.get_by_role("button", name="Make a key").click()
        made = tab.locator(".secret code").inner_text()
        asks = {"Authorization": f"Bearer {made}"}
        assert client.get("/v1/model", headers=asks).status_code != 401
        tab.goto(f"{client.base_url}/ops/keys")
        assert made not in tab.content()
        tab.get_by_role("link", name="Revoke… CRM").click()
        tab.get_by_role("button", name="Revoke the key").click()
        expect(tab.get_by_role("status")).to_contain_text("The key CRM is revoked")
    with ledger.reading() as connection:
        (ended,) = [key for key in keys.read(connection) if key.holder.name == "CRM"]
    assert (ended.holder.role, ended.revoked_at is not None, ended.digest) == (Role.service, True, keys.digest(made))
    by = f"key:{mine.key_id}"
    assert done(ledger)[-2:] == [(by, "key.created"), (by, "key.revoked")]


def test_operations_hands_out_no_key_that_may_do_more_than_its_own(
    ledger: Ledger, ledger_url: str, tmp_path: Path
) -> None:
    with ledger.writing() as connection:
        _, secret = keys.create(connection, Holder(Role.operations))
    with answering(create_app(Settings(home=tmp_path, database_url=ledger_url))) as client:
        client.headers.update({"Authorization": f"Bearer {secret}", "Accept": "text/html"})
        page = client.get("/ops/keys").text
        answers = {role: client.post("/ops/keys", data={"do": "create", "role": role, "days": "9"}) for role in Role}
    assert 'value="operations"' in page
    assert 'value="admin"' not in page
    assert [role for role, answer in answers.items() if answer.status_code == 200] == [Role.operations]
    assert {answer.status_code for answer in answers.values()} == {200, 403}


@pytest.mark.parametrize(
    "wrong", [{"days": "0"}, {"days": "soon"}, {"owner": "lea"}, {"team": "Nowhere"}, {"role": "x"}]
)
def test_a_key_that_means_nothing_is_not_made(site: httpx.Client, ledger: Ledger, wrong: dict[str, str]) -> None:
    answer = site.post("/ops/keys", data={"do": "create", "role": "service", "days": "9", "name": "kept", **wrong})
    assert answer.status_code == 422
    assert 'value="kept"' in answer.text
    with ledger.reading() as connection:
        assert keys.read(connection) == []


def alike(number: int, first: str, last: str, host: str) -> LeadRow:
    """A lead of a company."""
    who = {"first_name": first, "last_name": last, "email": f"{first}.{last}@{host}", "domain": "acme.example"}
    return LeadRow(f"L-{number}", number * DAY, number * DAY, attributes={"source": "web"}, identity=who)


def test_duplicates_are_decided_on_the_page_and_one_decision_is_taken_back(
    tab: Page, site: httpx.Client, ledger: Ledger
) -> None:
    kept(ledger, leads, alike(1, "ada", "byron", "acme.example"), alike(2, "ada", "byron", "mail.example"))
    kept(ledger, leads, alike(3, "max", "born", "acme.example"), alike(4, "max", "born", "mail.example"))
    tab.goto(f"{site.base_url}/ops/data")
    tab.get_by_role("button", name="One person ada byron").click()
    tab.get_by_role("button", name="Two people max born").click()
    expect(tab.locator("body")).to_contain_text("Nothing to decide")
    with ledger.reading() as connection:
        assert people.read(connection).survivor == {"L-2": "L-1"}
        assert sorted((each.rule, *sorted(each.pair)) for each in merges.read(connection)) == [
            ("apart", "L-3", "L-4"),
            ("by hand", "L-1", "L-2"),
        ]
    tab.get_by_role("button", name="Take apart again").click()
    with ledger.reading() as connection:
        assert people.read(connection).survivor == {}
    assert [action for _, action in done(ledger)] == ["lead.merged", "lead.kept_apart", "lead.unmerged"]


def test_what_an_import_refused_is_told_with_file_line_and_cause(
    site: httpx.Client, ledger: Ledger, tmp_path: Path
) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("lead_id,created_at\nL-1,2026-01-01T10:00:00Z\n" + "L-2,soon\n" * 60)
    bring_in(ledger, file)
    page = site.get("/ops/data").text
    rest = site.get(search(r'href="([^"]*from=50[^"]*)"', page).group(1).replace("&amp;", "&")).text  # type: ignore[union-attr]
    assert "leads.csv" in page
    assert "is not a time" in page
    assert (page.count("<code>soon</code>"), rest.count("<code>soon</code>")) == (50, 10)


def test_a_webhook_is_added_tried_given_another_secret_switched_on_again_and_removed(
    site: httpx.Client, ledger: Ledger, app: FastAPI
) -> None:
    wants = False
    with receiving(Receiver(lambda _: (204 if wants else 410, {}))) as receiver:
        first = site.post("/ops/webhooks", data={"do": "add", "url": receiver.url, "kinds": ["lead.hot"]}).text
        webhook = search(r"wh_[0-9a-f]{16}", first).group()  # type: ignore[union-attr]
        assert "did not take the test event" in site.post("/ops/webhooks", data={"do": "test", "webhook": webhook}).text
        state: State = app.state.leadloop
        with state.ledger.writing() as connection:
            notices.notice(connection, {}, [Score()], HotRule())
        while "410 Gone" not in site.get("/ops/webhooks").text:
            receiver.hold.wait(0.02)
        wants = True
        for form in ({"do": "enable", "webhook": webhook}, {"do": "replay"}):
            assert site.post("/ops/webhooks", data=form).status_code == 200
        while len(receiver.heard) < 3:
            receiver.hold.wait(0.02)
        second = site.post("/ops/webhooks", data={"do": "rotate", "webhook": webhook}).text
        gone = site.post("/ops/webhooks", data={"do": "remove", "webhook": webhook}).text
    assert len({search(r"whsec_[^<]+", page).group() for page in (first, second)}) == 2  # type: ignore[union-attr]
    assert "Nobody is told yet" in gone
    told = ["webhook.added", "webhook.enabled", "delivery.replayed", "webhook.rotated", "webhook.removed"]
    assert done(ledger) == [("open", action) for action in told]


def test_a_webhook_that_may_not_be_is_not_added_and_its_form_stays_filled_in(site: httpx.Client) -> None:
    answer = site.post("/ops/webhooks", data={"do": "add", "url": "ftp://x.example", "kinds": ["lead.hot"]})
    assert answer.status_code == 422
    assert 'value="ftp://x.example"' in answer.text


def test_the_audit_log_is_filtered_and_paged(site: httpx.Client, ledger: Ledger) -> None:
    with ledger.writing() as connection:
        for number in range(60):
            audit.record(connection, "key:7", "lead.exported", f"lead:L-{number}")
        audit.record(connection, "command", "key.revoked", "key:8")
    first = site.get("/ops/audit").text
    older = site.get(search(r'href="([^"]*cursor=[^"]*)"', first).group(1).replace("&amp;", "&")).text  # type: ignore[union-attr]
    assert [page.count("Lead exported</th>") for page in (first, older)] == [49, 11]
    assert site.get("/ops/audit", params={"area": "key."}).text.count('<th scope="row">') == 1
    assert site.get("/ops/audit", params={"actor": "command"}).text.count('<th scope="row">') == 1
    assert "Nothing was done that is like that" in site.get("/ops/audit", params={"since": "2999-01-01"}).text
    assert site.get("/ops/audit", params={"since": "soon"}).status_code == 422


@pytest.mark.parametrize("page", ["models", "data", "webhooks", "keys"])
def test_what_no_page_can_do_is_refused(site: httpx.Client, page: str) -> None:
    assert site.post(f"/ops/{page}", data={"do": "dance"}).status_code == 422
