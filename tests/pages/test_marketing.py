"""A marketer's review, a sample before a launch, a definition that operations writes: by a browser, to the ledger."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree

import httpx
import pytest
from playwright.sync_api import Browser, expect

from leadloop.clock import DAY
from leadloop.settings import Settings
from leadloop.store import audit, definitions, leads, samples
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow
from serving.app import create_app
from serving.pages.refusals import worst
from serving.pages.registry import PAGES
from serving.pages.sample_files import form_of, leads_of
from serving.reports.catalogue import REPORTS
from serving.reports.words import say
from tests.pages.looking import Looker
from tests.store.support import kept
from tests.support import answering

AS_PEOPLE = {"Accept": "text/html"}


def test_a_marketer_finds_the_worst_campaign_and_its_main_reason_in_three_clicks(
    looker: Looker, site: httpx.Client
) -> None:
    row = worst(site.get("/v1/reports/rejections").json()["campaigns"])
    assert row is not None
    with looker.context(base_url=looker.base, locale="en-GB") as context:
        tab = context.new_page()
        tab.goto("/")
        tab.locator("nav.side").get_by_role("link", name="Why leads are refused").click()
        tab.get_by_role("link", name=row["campaign"], exact=True).first.click()
        expect(tab.get_by_label("Campaign", exact=True)).to_have_value(row["campaign"])
        main = tab.locator(".tile", has_text="Main reason")
        expect(main).to_contain_text(say("en", f"reason {row['main_reason']}"))
        tab.locator("section", has_text="Examples").get_by_role("link").first.click()
        expect(tab).to_have_url(re.compile("/leads/"))


@pytest.fixture
def desk(ledger: Ledger, ledger_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    """A server on a ledger of one lead, on each database."""
    kept(ledger, leads, LeadRow("L-9", DAY, DAY, identity={"email": "ada@engines.example"}))
    settings = Settings(home=tmp_path / "home", database_url=ledger_url)
    with answering(create_app(settings, without_key=True)) as client:
        yield client


PASTED = """Job title;Company size;E-mail;Phone;Comment
CFO;51-200;Ada@Engines.example;+33 6 39 98 12 34;call +33 6 39 98 12 34
Student;1-10;ben@school.example;;wants a thesis
"""


def test_a_sample_is_sent_and_judged_without_a_script_and_ends_as_the_right_rows(
    browser: Browser, desk: httpx.Client, ledger: Ledger
) -> None:
    options = {"base_url": str(desk.base_url), "java_script_enabled": False, "locale": "fr-FR"}
    with browser.new_context(**options) as context:  # type: ignore[arg-type] # its own types of the same
        tab = context.new_page()
        tab.goto("/marketing/samples")
        tab.get_by_label("Nom de l’échantillon").fill("Printemps")
        tab.get_by_label("Campagne").fill("printemps-27")
        tab.get_by_label("Des lignes à coller").fill(PASTED)
        tab.get_by_role("button", name="Envoyer aux ventes").click()
        tab.locator(".cards .card").first.get_by_role("button", name="À travailler").click()
        student = tab.locator(".cards .card").first
        student.locator("summary").click()
        student.get_by_role("button", name="pas un acheteur").click()
        expect(tab.locator(".tile").nth(1)).to_contain_text("50")
        tab.get_by_role("button", name="Clore").click()
        expect(tab.locator(".cards")).to_have_count(0)
    with ledger.reading() as connection:
        sample = samples.read(connection)[0]
        rows = samples.leads_of(connection)[sample.sample_id]
        said = samples.verdicts(connection)[sample.sample_id]
    assert (sample.name, sample.campaign, sample.closed_at is None) == ("Printemps", "printemps-27", False)
    assert [each.facts for each in rows] == [
        {"Job title": "CFO", "Company size": "51-200"},
        {"Job title": "Student", "Company size": "1-10", "Comment": "wants a thesis"},
    ]
    assert rows[0].lead_id == "L-9"
    assert {(each.lead_id, each.verdict, each.reason) for each in said} == {
        ("L-9", "yes", None),
        (rows[1].lead_id, "no", "not_a_buyer"),
    }


def test_a_definition_is_written_and_taken_back_and_both_are_in_the_ledger(
    browser: Browser, desk: httpx.Client, ledger: Ledger
) -> None:
    with browser.new_context(base_url=str(desk.base_url), locale="en-GB") as context:
        tab = context.new_page()
        tab.goto("/definitions")
        mql = tab.locator('[id="state.mql"]')
        mql.get_by_text("Write it").click()
        mql.get_by_label("In English").fill("Ripe <b>here</b>.")
        mql.get_by_label("In French").fill("Mûr ici.")
        mql.get_by_role("button", name="Save").click()
        expect(mql).to_contain_text("Ripe <b>here</b>.")
        expect(mql.get_by_text("yours")).to_be_visible()
        mql.get_by_text("Write it").click()
        mql.get_by_role("button", name="Back to the shipped text").click()
        expect(mql.get_by_text("yours")).to_have_count(0)
    with ledger.reading() as connection:
        edits = definitions.history(connection)["state.mql"]
        noted = [(entry.actor, entry.action, entry.subject) for entry in audit.read(connection)]
    assert [(each.en, each.fr) for each in edits] == [(None, None), ("Ripe <b>here</b>.", "Mûr ici.")]
    assert noted == [("open", "definition.changed", "definition:state.mql")] * 2


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/definitions", {"name": "state.mql", "en": "one", "fr": ""}),
        ("/definitions", {"name": "state.nonsense", "en": "one", "fr": "un"}),
        ("/marketing/samples", {"name": "x", "leads": "job_title"}),
        ("/marketing/samples", {"name": "", "leads": "job_title\nCFO"}),
    ],
)
def test_what_is_not_complete_is_refused_and_nothing_is_stored(
    desk: httpx.Client, ledger: Ledger, path: str, sent: dict[str, str]
) -> None:
    assert desk.post(path, data=sent, headers=AS_PEOPLE).status_code == 422
    with ledger.reading() as connection:
        assert (samples.read(connection), definitions.history(connection), audit.read(connection)) == ([], {}, [])


@pytest.mark.parametrize("action", ["", "/verdict", "/close", "/delete"])
def test_a_sample_that_is_not_there_is_not_found(desk: httpx.Client, action: str) -> None:
    sent = {"lead": "L-9", "say": "yes"}
    path = f"/marketing/samples/none{action}"
    answer = desk.post(path, data=sent, headers=AS_PEOPLE) if action else desk.get(path, headers=AS_PEOPLE)
    assert answer.status_code == 404


def test_every_page_works_on_a_ledger_that_nobody_has_learned_from(desk: httpx.Client) -> None:
    reports = [page.path for page in PAGES if page.path.startswith(("/marketing", "/contract", "/funnel", "/def"))]
    given = [desk.get(path, headers=AS_PEOPLE).status_code for path in reports if "{" not in path]
    assert given == [200] * 8


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_report_is_one_file_that_needs_nothing_else(site: httpx.Client, name: str) -> None:
    answer = site.get(f"/reports/{name}.html", params={"lang": "fr"})
    root = ElementTree.fromstring(answer.text.partition("\n")[2])  # noqa: S314 -- our own page
    assert root.get("lang") == "fr"
    assert {each.tag for each in root.iter()}.isdisjoint({"script", "link", "img", "iframe"})
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.html"'


@pytest.mark.parametrize("path", ["/marketing/refusals", "/marketing/sources?by=campaign", "/contract", "/funnel"])
def test_every_table_of_a_page_is_a_file_without_formulas(site: httpx.Client, path: str) -> None:
    text = site.get(path, headers=AS_PEOPLE).text
    files = {each.replace("&amp;", "&") for each in re.findall(r'href="(/reports/[^"]+\.csv[^"]*)"', text)}
    assert files
    for file in files:
        answer = site.get(urljoin(str(site.base_url), file))
        rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
        assert answer.status_code == 200
        assert len({len(row) for row in rows}) == 1
        assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "@") or re.match(r"-\D", cell)]


def test_a_page_narrowed_to_a_source_has_files_of_that_source(site: httpx.Client) -> None:
    source = site.get("/v1/reports/rejections").json()["sources"][0]
    rows = site.get("/reports/rejections.csv", params={"table": 1, "source": source["source"]}).text.splitlines()
    assert len(rows) == 2
    assert rows[1].startswith(f"{source['source']},{source['count']},")


@pytest.mark.parametrize("file", ["nothing.html", "rejections.pdf", "rejections.csv?table=99"])
def test_a_file_of_no_report_is_not_found(site: httpx.Client, file: str) -> None:
    assert site.get(f"/reports/{file}").status_code == 404


def test_a_form_is_read_with_a_file_of_a_spreadsheet() -> None:
    file = "fonction;pays\r\nGérant;FR\r\n".encode("cp1252")
    request = httpx.Request(
        "POST", "http://x", data={"name": "Été"}, files={"file": ("leads.csv", file), "other": ("", b"")}
    )
    form = form_of(request.read(), request.headers["content-type"])
    assert (form.fields["name"], form.file) == ("Été", "fonction;pays\r\nGérant;FR\r\n")


def test_an_id_of_the_file_is_kept(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        rows = leads_of(connection, "lead_id,job_title\nL-1,CFO\nL-2,CTO\n")
    assert [(each.lead_id, each.facts) for each in rows] == [
        ("L-1", {"job_title": "CFO"}),
        ("L-2", {"job_title": "CTO"}),
    ]
