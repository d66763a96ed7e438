"""What people take along: each page as one file that needs nothing else, each of its tables for a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from leadloop.access import Role
from leadloop.settings import Settings
from leadloop.store import keys
from leadloop.store.keys import Holder
from leadloop.store.ledger import Ledger
from serving.app import create_app
from serving.pages.page import Page
from serving.pages.registry import PAGES
from serving.pages.standalone import POLICY, standalone
from tests.pages.looking import Looker
from tests.support import answering

Doors = tuple[httpx.Client, dict[Role, str]]
every_page = pytest.mark.parametrize("page", PAGES, ids=[page.path for page in PAGES])
UNCOVERED = """() => [...document.querySelectorAll('main table')]
  .filter(table => !table.closest('.figures, figure.chart'))
  .filter(table => !(table.closest('.card') || document.querySelector('.heading')).querySelector('a.file[href*="csv"]'))
  .map(table => table.innerText.slice(0, 80))"""
FILES = "() => [...new Set([...document.querySelectorAll('main a[href*=\"csv\"]')].map(each => each.href))]"


class Refers(HTMLParser):
    """What a page is made of: its elements, and what they lead to or load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements, self.names, self.outward = set[str](), set[str](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.elements.add(tag)
        self.names |= {name for name, _ in attrs}
        self.outward += [value or "" for name, value in attrs if name in ("href", "src", "action", "style")]


@pytest.fixture
def place(lead_id: str, sample_id: str) -> dict[str, str]:
    """What stands in the paths of pages."""
    return {"lead_id": quote(lead_id), "sample_id": sample_id}


@every_page
def test_it_is_one_file_that_holds_nothing_from_elsewhere(
    site: httpx.Client, page: Page, place: dict[str, str]
) -> None:
    answer = site.get(page.address.format(**place), params={"file": "html", "lang": "fr"})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["content-disposition"].endswith('.html"')
    found = Refers(answer.text)
    assert {each for each in found.outward if not each.startswith(("mailto:", "tel:", "#"))} == set()
    assert found.elements & {"form", "button", "dialog", "script", "link", "nav", "input", "select", "img"} == set()
    assert [name for name in found.names if name.startswith(("hx-", "on", "data-live"))] == []
    assert f'content="{POLICY}"' in answer.text
    assert answer.text.rstrip().endswith("</html>")


@every_page
def test_its_file_looks_as_the_page_and_breaks_no_rule(looker: Looker, page: Page, tmp_path: Path) -> None:
    file, address = tmp_path / "page.html", looker.address(page, "fr")
    file.write_text(httpx.get(address, params={"lang": "fr", "file": "html"}, timeout=60).text, encoding="utf-8")
    with looker.context() as context:
        tab, complaints = context.new_page(), list[str]()
        tab.on("console", lambda told: complaints.append(told.text))
        tab.goto(file.as_uri())
        assert tab.locator("h1").first.inner_text() == looker.look(page, "fr").heading
        assert tab.evaluate("() => getComputedStyle(document.querySelector('main')).paddingTop") == "24px"
        assert complaints == []


@every_page
def test_each_of_its_tables_is_a_file_for_spreadsheets(looker: Looker, page: Page) -> None:
    with looker.context() as context:
        tab = context.new_page()
        tab.goto(looker.address(page, "en"))
        assert tab.evaluate(UNCOVERED) == []
        for address in tab.evaluate(FILES):
            answer = httpx.get(address, timeout=60)
            found = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
            assert answer.headers["content-type"].startswith("text/csv")
            assert len(found) > 1, address
            assert {len(row) for row in found} == {len(found[0])}
            assert len(set(found[0])) == len(found[0])


@every_page
def test_a_table_that_it_has_not_is_a_page_that_says_so(site: httpx.Client, page: Page, place: dict[str, str]) -> None:
    for asked in ({"csv": "nothing"}, {"file": "pdf"}):
        answer = site.get(page.address.format(**place), params=asked, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "<h1" in answer.text


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """A server of nothing that wants keys, and a key of each role."""
    settings = Settings(home=tmp_path_factory.mktemp("exports"))
    with answering(create_app(settings)) as client:
        ledger = Ledger.open(settings.ledger_url)
        with ledger.writing() as connection:
            made = {role: keys.create(connection, Holder(role))[1] for role in Role}
        yield client, made
        ledger.close()


@every_page
@pytest.mark.parametrize("asked", [{"csv": "x"}, {"file": "html"}], ids=["csv", "html"])
def test_files_are_for_those_who_may_open_the_page(empty: Doors, page: Page, asked: dict[str, str]) -> None:
    client, made = empty
    path = page.path.replace("{", "").replace("}", "")
    assert client.get(path, params=asked).status_code == 401
    told = {role: client.get(path, params=asked, headers=_as(made[role])).status_code for role in Role}
    assert {role for role, status in told.items() if status != 403} == set(page.roles)


def _as(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_what_works_only_on_a_server_is_gone_and_links_are_words() -> None:
    page = (
        '<head><meta name="htmx-config" content="{}"><link rel="stylesheet" href="/a.css"></head><header></header>'
        '<p>1 &lt; 2 <a class="x" href="/leads/1">Léa</a> <a href="tel:1">1</a></p><div data-live>a<div>b</div>c</div>'
        '<table hx-target="tr"><svg viewBox="0 0 1 1"><use href="#star"/></svg><input><td>d</td></table>'
    )
    told = standalone(page, "p{}", "today")
    assert '<style>p{}</style></head><header><p class="who">today</p></header>' in told
    assert '<p>1 &lt; 2 <span class="x">Léa</span> <a href="tel:1">1</a></p><table>' in told
    assert '<svg viewBox="0 0 1 1"><use href="#star"/></svg>' in told
