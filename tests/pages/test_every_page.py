"""What every page keeps to; a page joins these tests by being in the registry."""

from collections.abc import Iterator

import httpx
import pytest

from leadloop.access import Role
from leadloop.settings import Settings
from leadloop.store import keys
from leadloop.store.keys import Holder
from leadloop.store.ledger import Ledger
from serving.app import create_app
from serving.pages.languages import LANGUAGES, words
from serving.pages.page import Page
from serving.pages.registry import PAGES
from tests.pages.looking import HERE, REACHABLE, Looker
from tests.support import answering

AT_MOST = 200_000
STOPS = 150
"""So many times Tab is pressed at most."""
every_page = pytest.mark.parametrize("page", PAGES, ids=[page.path for page in PAGES])
both_languages = pytest.mark.parametrize("lang", LANGUAGES)


@every_page
@both_languages
def test_it_opens_and_says_what_it_is_in_the_language_asked_for(looker: Looker, page: Page, lang: str) -> None:
    seen = looker.look(page, lang)
    assert (seen.status, seen.lang) == (200, lang)
    assert seen.heading
    assert seen.title.endswith("leadloop")


@every_page
@both_languages
def test_it_breaks_no_rule_of_its_policy_and_its_console_is_silent(looker: Looker, page: Page, lang: str) -> None:
    assert looker.look(page, lang).complaints == []


@every_page
@both_languages
def test_it_has_no_fault_of_accessibility(looker: Looker, page: Page, lang: str) -> None:
    assert looker.look(page, lang).faults == []


@every_page
@both_languages
def test_it_weighs_less_than_200_kilobytes_and_loads_nothing_from_elsewhere(
    looker: Looker, page: Page, lang: str
) -> None:
    seen = looker.look(page, lang)
    assert 0 < seen.weight < AT_MOST
    assert seen.elsewhere == []


@every_page
@both_languages
def test_it_fits_on_a_phone(looker: Looker, page: Page, lang: str) -> None:
    assert looker.look(page, lang).too_wide <= 0


@every_page
@both_languages
def test_it_says_that_the_server_is_open(looker: Looker, page: Page, lang: str) -> None:
    told = words(lang).gettext("Open mode: no key is needed, and whoever is on this machine may do anything here.")
    assert told in looker.look(page, lang).text


@every_page
@both_languages
def test_without_a_script_it_says_the_same(looker: Looker, page: Page, lang: str) -> None:
    with looker.context(java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(looker.address(page, lang))
        assert tab.locator("h1").first.inner_text() == looker.look(page, lang).heading
        assert tab.locator("form:not([action]):not([method=dialog])").count() == 0


@every_page
def test_the_keyboard_reaches_everything_and_shows_where_it_is(looker: Looker, page: Page) -> None:
    with looker.context() as context:
        tab = context.new_page()
        tab.goto(looker.address(page, "en"))
        wanted = min(STOPS, tab.evaluate(REACHABLE))
        stops: dict[str, bool] = {}
        for _ in range(wanted):
            tab.keyboard.press("Tab")
            place, shown = tab.evaluate(HERE)
            stops[place] = shown
        assert len(stops) == wanted
        assert [place for place, shown in stops.items() if not shown] == []


@pytest.fixture(scope="module")
def by_role(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, dict[Role, str]]]:
    """A server that wants keys, and a key of each role."""
    settings = Settings(home=tmp_path_factory.mktemp("pages"))
    with answering(create_app(settings)) as client:
        ledger, made = Ledger.open(settings.ledger_url), dict[Role, str]()
        for role in Role:
            with ledger.writing() as connection:
                made[role] = keys.create(connection, Holder(role))[1]
        yield client, made
        ledger.close()


@every_page
def test_the_menu_shows_it_to_those_who_may_open_it_and_to_nobody_else(
    by_role: tuple[httpx.Client, dict[Role, str]], page: Page
) -> None:
    client, held = by_role
    path = page.path.replace("{", "").replace("}", "")
    shown = set()
    for role, key in held.items():
        told = client.get(path, headers={"Authorization": f"Bearer {key}", "Accept": "text/html"}).text
        if f'href="{page.path}"' in told:
            shown.add(role)
    assert shown == (set(page.roles) if page.in_menu else set())


@every_page
def test_who_is_not_signed_in_is_asked_to_be(by_role: tuple[httpx.Client, dict[Role, str]], page: Page) -> None:
    answer = by_role[0].get(page.path.replace("{", "").replace("}", ""), headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert 'name="key"' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
