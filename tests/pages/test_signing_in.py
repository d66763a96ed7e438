"""A browser is signed in with a key, stays so until the key, the visit or the day ends, and writes for nobody else."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from leadloop.access import Role
from leadloop.clock import DAY, HOUR, instant
from leadloop.settings import Settings
from leadloop.store import keys
from leadloop.store.keys import Holder
from leadloop.store.ledger import Ledger
from serving import gate, keyring, visits
from serving.app import create_app
from tests.support import answering

PAGE = {"Accept": "text/html"}


@pytest.fixture
def locked(ledger_url: str, tmp_path: Path) -> FastAPI:
    """An app that wants keys, on each database in turn."""
    return create_app(Settings(home=tmp_path, database_url=ledger_url))


@pytest.fixture
def person(locked: FastAPI) -> Iterator[httpx.Client]:
    """A browser that asks it."""
    with answering(locked) as client:
        client.headers["Accept"] = "text/html"
        yield client


@pytest.fixture
def key(person: httpx.Client, ledger: Ledger) -> tuple[str, str]:
    """A sales key: its id, and what it is."""
    with ledger.writing() as connection:
        made, secret = keys.create(connection, Holder(Role.sales), 1)
    return made.key_id, secret


def origin(client: httpx.Client) -> dict[str, str]:
    """What a browser says of a form on a page of this server."""
    return {"Origin": str(client.base_url).rstrip("/")}


def sign_in(client: httpx.Client, secret: str, **form: str) -> httpx.Response:
    """Send the form."""
    return client.post("/signin", data={"key": secret, **form}, headers=origin(client))


def opens(client: httpx.Client) -> bool:
    """Whether the queue is shown rather than the form to sign in (there is no model to rank by)."""
    return client.get("/queue").status_code == 503


def test_a_key_signs_a_browser_in_and_the_cookie_is_no_key(person: httpx.Client, key: tuple[str, str]) -> None:
    assert person.get("/queue").status_code == 401
    answer = sign_in(person, key[1], next="/leads/L-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/leads/L-1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert key[1] not in cookie
    assert opens(person)
    bare = httpx.get(
        person.base_url.join("/v1/queue"), headers={"Authorization": f"Bearer {person.cookies[visits.COOKIE]}"}
    )
    assert bare.status_code == 401


def test_the_ledger_keeps_only_a_hash_of_the_cookie(person: httpx.Client, key: tuple[str, str], ledger: Ledger) -> None:
    sign_in(person, key[1])
    with ledger.reading() as connection:
        stored = str(connection.execute(text("SELECT * FROM visits")).all())
    assert key[0] in stored
    assert person.cookies[visits.COOKIE] not in stored


@pytest.mark.parametrize("secret", ["", "nonsense", f"ll_0123456789ab_{'0' * 64}"])
def test_a_wrong_key_shows_the_form_again(person: httpx.Client, secret: str) -> None:
    answer = sign_in(person, secret)
    assert (answer.status_code, "set-cookie" in answer.headers) == (422, False)
    assert "unknown, expired or revoked" in answer.text


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_signing_in_leads_to_no_other_server(person: httpx.Client, key: tuple[str, str], path: str) -> None:
    assert sign_in(person, key[1], next=path).headers["location"] == "/"


def test_a_page_of_elsewhere_signs_nobody_in_and_writes_for_nobody(person: httpx.Client, key: tuple[str, str]) -> None:
    for told in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        assert person.post("/signin", data={"key": key[1]}, headers=told).status_code == 400
    sign_in(person, key[1])
    for told in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        assert person.post("/queue/L-1", data={"do": "accept"}, headers=told).status_code == 403
    assert person.post("/queue/L-1", data={"do": "accept"}, headers=origin(person)).status_code == 404


def test_a_revoked_key_ends_its_visits(
    person: httpx.Client, key: tuple[str, str], ledger: Ledger, locked: FastAPI
) -> None:
    sign_in(person, key[1])
    assert opens(person)
    with ledger.writing() as connection:
        keys.revoke(connection, key[0])
    locked.state.keys.look()
    assert person.get("/queue").status_code == 401


def test_signing_out_ends_the_visit_for_every_copy_of_the_cookie(person: httpx.Client, key: tuple[str, str]) -> None:
    sign_in(person, key[1])
    copy = dict(person.cookies)
    assert person.post("/signout", headers=origin(person)).status_code == 303
    person.cookies.update(copy)
    assert person.get("/queue").status_code == 401


def test_a_visit_ends_in_the_evening(
    person: httpx.Client, key: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(person, key[1])
    monkeypatch.setattr(keyring, "TRUSTED_SECONDS", 10**6)
    for hours, there in ((11, True), (13, False)):
        monkeypatch.setattr(gate, "instant", lambda hours=hours: instant() + hours * HOUR)
        assert opens(person) == there


def test_a_visit_ends_with_its_key(person: httpx.Client, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    with ledger.writing() as connection:
        secret = keys.create(connection, Holder(Role.sales), 1)[1]
    monkeypatch.setattr(keyring, "TRUSTED_SECONDS", 10**6)
    sign_in(person, secret)
    monkeypatch.setattr(gate, "instant", lambda: instant() + DAY)
    assert person.get("/queue").status_code == 401


def test_programs_get_problem_documents_where_people_get_pages(person: httpx.Client) -> None:
    kinds = [
        person.get("/nowhere", headers={"Accept": accept}).headers["content-type"] for accept in ("*/*", "text/html")
    ]
    assert kinds == ["application/problem+json", "text/html; charset=utf-8"]
    assert person.get("/v1/queue").headers["content-type"] == "application/problem+json"


def test_a_server_without_keys_says_so_instead_of_asking_for_one(ledger_url: str, tmp_path: Path) -> None:
    with answering(create_app(Settings(home=tmp_path, database_url=ledger_url), without_key=True)) as client:
        assert "nobody needs a key" in client.get("/signin").text
        assert client.post("/signin", headers=origin(client)).status_code == 303
