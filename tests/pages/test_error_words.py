"""What goes wrong is told in the reader's language: each error that people meet on a page has its French."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from leadloop.clock import DAY
from leadloop.settings import Settings
from leadloop.store import leads
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow
from serving.app import create_app
from serving.pages.error_words import LONGEST, known_again, told
from serving.pages.languages import errors
from tests.pages.raised import SAMPLE, Said, said
from tests.store.support import kept
from tests.support import answering, bring_in

SAID = said()
HOLE = re.compile(r"%\((\w+)\)s")
FRENCH = re.compile(r'<span lang="fr">(.*?)</span>', re.DOTALL)
KEY = {"do": "create", "role": "service", "days": "9", "name": "crm"}
HOOK = {"do": "add", "kinds": "lead.hot"}


@pytest.mark.parametrize("each", SAID, ids=lambda each: each.where)
def test_every_error_that_people_meet_has_its_french(each: Said) -> None:
    text, lang = told("fr", each.text)
    assert lang == "fr"
    assert sorted(SAMPLE.findall(text)) == sorted(SAMPLE.findall(each.text))


def test_an_error_without_french_is_found() -> None:
    assert told("fr", "This was never translated; translate it") == ("This was never translated; translate it", "en")
    assert len(SAID) > 150


def test_every_french_error_is_raised_somewhere() -> None:
    known = (known_again("fr", each.text) for each in SAID)
    raised = {found[0].english for found in known if found is not None}
    assert [message for message, _ in errors("fr") if message not in raised] == []


@pytest.mark.parametrize(("message", "french"), errors("fr"))
def test_a_french_error_holds_what_the_english_one_holds(message: str, french: str) -> None:
    assert sorted(HOLE.findall(french)) == sorted(HOLE.findall(message))


def test_an_error_within_an_error_is_told_too() -> None:
    text, _ = told("fr", "until: 'soon' is not a time; write ISO 8601, such as 2026-03-01T09:00:00Z")
    assert text.startswith("Date de retour\N{NO-BREAK SPACE}: «\N{NO-BREAK SPACE}soon\N{NO-BREAK SPACE}» n’est pas")


def test_what_is_very_long_is_not_looked_up() -> None:
    assert told("fr", f"There is no such file{'!' * LONGEST}")[1] == "en"


def test_english_pages_say_what_the_program_said() -> None:
    assert {told("en", each.text) for each in SAID} == {(each.text, "en") for each in SAID}


@pytest.fixture
def site(ledger: Ledger, ledger_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    """A French browser without a script, on a ledger of one lead where nothing can be undone."""
    kept(ledger, leads, LeadRow("L-1", DAY, DAY, attributes={"source": "web"}, identity={}))
    settings = Settings(home=tmp_path, database_url=ledger_url, undo_minutes=0.0, teams={"North": ["lea"]})
    with answering(create_app(settings, without_key=True)) as client:
        client.headers.update({"Accept": "text/html", "Accept-Language": "fr"})
        yield client


def shown(answer: httpx.Response) -> str:
    """What the page says in French of what went wrong, on one line and with plain spaces."""
    return " ".join(" ".join(unescape(each) for each in FRENCH.findall(answer.text)).split())


@pytest.mark.parametrize(
    ("path", "sent", "says"),
    [
        ("/ops/keys", KEY | {"days": "9999"}, "Une clé vaut de 1 à 3650 jours, et non 9999"),
        ("/ops/keys", KEY | {"owner": "lea"}, "Un responsable ou une équipe ne va qu’avec le rôle des ventes"),
        ("/ops/webhooks", HOOK | {"url": "ftp://x.example"}, "L’adresse est en ftp, non en https"),
        ("/ops/webhooks", HOOK | {"url": "https://127.0.0.1"}, "mène à 127.0.0.1, qui n’est pas sur l’internet public"),
        ("/ops/data", {"do": "merge", "lead": "L-1", "other": "L-1"}, "ne peut pas être son propre doublon"),
        ("/queue/L-1", {"do": "reject"}, "Le motif manque ; choisissez parmi"),
        ("/queue/L-2", {"do": "accept"}, "Il n’y a pas de lead « L-2 » dans la base"),
    ],
)
def test_what_was_sent_wrong_is_told_in_french(site: httpx.Client, path: str, sent: dict[str, str], says: str) -> None:
    answer = site.post(path, data=sent)
    assert answer.status_code in (404, 422)
    assert says in shown(answer)


def test_a_click_that_comes_too_late_is_told_in_french_also_in_place(site: httpx.Client) -> None:
    assert site.post("/queue/L-1", data={"do": "reject:spam"}).status_code == 303
    late = site.post("/queue/L-1", data={"do": "undo"}, headers={"HX-Request": "true"})
    closed = site.post("/queue/L-1", data={"do": "accept"})
    assert (late.status_code, closed.status_code) == (409, 409)
    assert "Le clic pouvait être annulé jusqu’à 20" in shown(late)
    assert "Le lead « L-1 » est clos : rejected (spam) depuis 20" in shown(closed)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/queue?team=Nowhere", "Il n’y a pas d’équipe « Nowhere »"),
        ("/ops/audit?since=soon", "« soon » n’est pas une date"),
        ("/ops/data?from=first", "La demande n’a pas la forme que décrit /openapi.json"),
        ("/nowhere", "Il n’y a rien à cette adresse"),
    ],
)
def test_what_was_asked_wrong_is_told_in_french(site: httpx.Client, path: str, says: str) -> None:
    assert says in shown(site.get(path))


def test_why_rows_were_refused_is_told_in_french(site: httpx.Client, ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("lead_id,created_at\nL-3,soon\nL-4,\n")
    bring_in(ledger, file)
    assert "n’est pas une date ; écrivez-la selon ISO 8601" in shown(site.get("/ops/data"))


def test_the_api_stays_english(site: httpx.Client) -> None:
    answer = site.post("/v1/queue/L-2/accept")
    assert answer.json()["detail"] == "There is no lead 'L-2' in the ledger; import it first"
