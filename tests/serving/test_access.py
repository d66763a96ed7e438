"""Who may ask what: each role exactly what the table says, with keys that are made, end and are taken back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from leadloop.access import Role
from leadloop.clock import DAY, instant
from leadloop.settings import Settings
from leadloop.store import keys
from leadloop.store.keys import Holder
from leadloop.store.ledger import Ledger, _engine
from serving import gate, key_check, keyring
from serving.access import PUBLIC, TABLE, Doors
from serving.app import create_app
from tests.support import answering

ROUTES = sorted(TABLE)
UNKNOWN = f"ll_0123456789ab_{'0' * 64}"


def bearer(key: str) -> dict[str, str]:
    """The header that carries a key."""
    return {"Authorization": f"Bearer {key}"}


def made(ledger: Ledger, role: Role = Role.admin, days: int = 1) -> tuple[str, str]:
    """A new key: its id, and what it is."""
    with ledger.writing() as connection:
        key, secret = keys.create(connection, Holder(role), days)
    return key.key_id, secret


def asked(client: httpx.Client, method: str, path: str, key: str) -> int:
    """The status of a request with a body that no route can read, so that it changes nothing."""
    return client.request(
        method, path.replace("{", "").replace("}", ""), headers=bearer(key), content=b"no"
    ).status_code


@pytest.fixture
def keyed(ledger_url: str, tmp_path: Path) -> FastAPI:
    """An app that wants keys, on each database in turn."""
    return create_app(Settings(home=tmp_path, database_url=ledger_url))


@pytest.fixture
def locked(keyed: FastAPI) -> Iterator[httpx.Client]:
    """A client of that app."""
    with answering(keyed) as client:
        yield client


@pytest.fixture
def books(locked: httpx.Client, ledger_url: str) -> Iterator[Ledger]:
    """That app's ledger, opened beside it as the command does."""
    opened = Ledger.open(ledger_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def by_role(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, dict[Role, str]]]:
    """A server that wants keys, and a key of each role."""
    home = tmp_path_factory.mktemp("roles")
    with answering(create_app(Settings(home=home))) as client:
        ledger = Ledger.open(Settings(home=home).ledger_url)
        yield client, {role: made(ledger, role)[1] for role in Role}
        ledger.close()


def _methods(app: FastAPI) -> Iterator[tuple[str, set[str]]]:
    for route in iter_route_contexts(app.routes):
        methods = set(route.methods or ())
        yield str(route.path), methods - {"HEAD"} if "GET" in methods else methods


def served() -> set[tuple[str, str]]:
    """Every route that the app has, documented or not."""
    oidc = {"oidc_issuer": "https://id.example", "oidc_client_id": "x", "oidc_client_secret": "x"}
    app = create_app(Settings().model_copy(update={**oidc, "oidc_roles": {"x": Role.sales}}))
    return {(method, path) for path, methods in _methods(app) for method in methods}


def test_every_route_is_in_the_table() -> None:
    assert served() - set(TABLE) == set()


def test_every_documented_route_is_in_the_table() -> None:
    paths = create_app(Settings()).openapi()["paths"]
    assert {(method.upper(), path) for path, methods in paths.items() for method in methods} - set(TABLE) == set()


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_each_role_may_do_exactly_what_the_table_says(
    by_role: tuple[httpx.Client, dict[Role, str]], method: str, path: str
) -> None:
    client, held = by_role
    answered = {role: asked(client, method, path, key) for role, key in held.items()}
    allowed = TABLE[method, path] or set(Role)
    assert {role for role, status in answered.items() if status not in (401, 403)} == set(allowed)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_key_only_public_routes_answer(
    by_role: tuple[httpx.Client, dict[Role, str]], method: str, path: str
) -> None:
    answer = by_role[0].request(method, path.replace("{", "").replace("}", ""))
    assert (answer.status_code == 401) == (TABLE[method, path] is not PUBLIC)


def test_who_may_not_is_told_in_a_problem_document(by_role: tuple[httpx.Client, dict[Role, str]]) -> None:
    client, held = by_role
    unknown, wrong = client.get("/v1/queue"), client.get("/v1/audit", headers=bearer(held[Role.sales]))
    assert [(each.status_code, each.headers["content-type"]) for each in (unknown, wrong)] == [
        (401, "application/problem+json"), (403, "application/problem+json"),
    ]  # fmt: skip
    assert unknown.headers["www-authenticate"] == "Bearer"
    assert "sales" in wrong.json()["detail"]


def test_a_route_that_is_not_in_the_table_is_not_answered(keyed: FastAPI) -> None:
    keyed.add_api_route("/v1/forgotten", lambda: "secret")
    keyed.add_api_route("/v1/queue", lambda: "secret", methods=["PUT"])
    with answering(keyed) as client:
        answers = [client.get("/v1/forgotten"), client.put("/v1/queue"), client.get("/v1/queue/")]
    assert [answer.status_code for answer in answers] == [404, 405, 404]
    assert answers[1].headers["allow"] == "GET"


@pytest.mark.parametrize("path", ["/v1/leads/L%2F7/export", "/v1//queue", "/v1/queue%00", "/V1/queue", "/v1/queue;x"])
def test_no_spelling_of_an_address_goes_round_the_table(locked: httpx.Client, path: str) -> None:
    assert locked.get(path).status_code in (401, 404)


def test_the_table_reads_an_address_as_the_router_does() -> None:
    doors = Doors({("GET", "/v1/a/{x}"): PUBLIC, ("POST", "/v1/a/{x}"): PUBLIC, ("GET", "/v1/a/{x}/b"): PUBLIC})
    assert [sorted(doors.methods(path) or {}) for path in ("/v1/a/1", "/v1/a/1/b", "/v1/a/", "/v1/a/1/c")] == [
        ["GET", "POST"], ["GET"], [], [],
    ]  # fmt: skip


def test_a_new_key_works_at_once(locked: httpx.Client, books: Ledger) -> None:
    assert [locked.get("/v1/audit", headers=bearer(made(books)[1])).status_code for _ in range(3)] == [200] * 3


def test_a_revoked_key_ends_within_seconds(
    locked: httpx.Client, books: Ledger, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    key_id, key = made(books)
    assert locked.get("/v1/audit", headers=bearer(key)).status_code == 200
    with books.writing() as connection:
        keys.revoke(connection, key_id)
    eventually(lambda: locked.get("/v1/audit", headers=bearer(key)).status_code == 401)


def test_an_expired_key_lets_nobody_in(locked: httpx.Client, books: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    key = made(books)[1]
    assert locked.get("/v1/audit", headers=bearer(key)).status_code == 200
    monkeypatch.setattr(keyring, "TRUSTED_SECONDS", 10**6)
    monkeypatch.setattr(gate, "instant", lambda: instant() + DAY)
    assert locked.get("/v1/audit", headers=bearer(key)).status_code == 401


def test_the_secret_counts_and_not_the_id(locked: httpx.Client, books: Ledger) -> None:
    key_id, key = made(books)
    wrong = [f"ll_{key_id}_{'0' * 64}", key[:-1], key + "0", key.upper(), f"xx{key[2:]}", "ll__", UNKNOWN, "é"]
    answers = [locked.get("/v1/audit", headers=[(b"Authorization", f"Bearer {each}".encode())]) for each in wrong]
    assert {answer.status_code for answer in answers} == {401}
    assert locked.get("/v1/audit", headers={"Authorization": f"Basic {key}"}).status_code == 401


def test_keys_go_on_for_a_while_when_the_ledger_is_away(
    locked: httpx.Client, books: Ledger, keyed: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring, key = keyed.state.keys, made(books)[1]
    assert locked.get("/v1/model", headers=bearer(key)).status_code == 503  # let in: there is no model
    monkeypatch.setattr(ring, "look", lambda: None)
    passed = ring._looked_at
    monkeypatch.setattr(ring, "_looked_at", passed - (keyring.TRUSTED_SECONDS - 60) * 10**6)
    assert "model" in locked.get("/v1/model", headers=bearer(key)).json()["detail"]
    assert "can't be checked" in locked.get("/v1/model", headers=bearer(UNKNOWN)).json()["detail"]
    monkeypatch.setattr(ring, "_looked_at", passed - (keyring.TRUSTED_SECONDS + 60) * 10**6)
    answer = locked.get("/v1/model", headers=bearer(key))
    assert (answer.status_code, "can't be checked" in answer.json()["detail"]) == (503, True)
    assert answer.headers["retry-after"] == "5"


def test_a_new_key_cannot_be_told_from_a_wrong_one_while_the_ledger_is_away(
    locked: httpx.Client, books: Ledger, keyed: FastAPI
) -> None:
    known = made(books)[1]
    assert locked.get("/v1/audit", headers=bearer(known)).status_code == 200
    keyed.state.keys._ledger = Ledger(_engine("postgresql+psycopg://postgres@127.0.0.1:1/nowhere"))
    answer = locked.get("/v1/audit", headers=bearer(UNKNOWN))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert locked.get("/v1/audit", headers=bearer(known)).status_code == 200


def test_random_keys_make_the_server_look_a_bounded_number_of_times(
    locked: httpx.Client, keyed: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    monkeypatch.setattr(keyed.state.keys, "look", lambda: looks.append(1))
    monkeypatch.setattr(key_check, "FAILURES_A_MINUTE", 10**6)
    answers = [locked.get("/v1/queue", headers=bearer(f"ll_{n:012x}_{'0' * 64}")) for n in range(50)]
    assert {answer.status_code for answer in answers} == {401}
    assert 0 < len(looks) < 50


def test_who_tries_wrong_keys_is_slowed_down_and_right_keys_from_there_still_work(
    locked: httpx.Client, books: Ledger
) -> None:
    key = made(books)[1]
    assert locked.get("/v1/audit", headers=bearer(key)).status_code == 200
    statuses = [locked.get("/v1/queue", headers=bearer(UNKNOWN)) for _ in range(key_check.FAILURES_A_MINUTE + 20)]
    assert (statuses[0].status_code, statuses[-1].status_code) == (401, 429)
    assert int(statuses[-1].headers["retry-after"]) >= 1
    assert locked.get("/v1/audit", headers=bearer(key)).status_code == 200


def test_a_key_that_asks_too_often_waits_and_others_do_not(ledger_url: str, tmp_path: Path) -> None:
    with answering(create_app(Settings(home=tmp_path, database_url=ledger_url, rate_limit=3))) as client:
        ledger = Ledger.open(ledger_url)
        first, second = made(ledger)[1], made(ledger)[1]
        statuses = [client.get("/v1/audit", headers=bearer(first)).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        assert client.get("/v1/audit", headers=bearer(second)).status_code == 200
        ledger.close()


def test_the_use_of_a_key_is_noted_without_a_write_a_request(
    locked: httpx.Client, books: Ledger, keyed: FastAPI
) -> None:
    key_id, key = made(books)
    locked.get("/v1/audit", headers=bearer(key))

    def last() -> int | None:
        with books.reading() as connection:
            return next(each.last_used_at for each in keys.read(connection) if each.key_id == key_id)

    before = last()
    keyed.state.keys.note_use()
    assert (before, last() is not None) == (None, True)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:80", 200),
        ("[::1]:8000", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("", 403),
    ],
)
def test_an_open_server_is_asked_by_a_name_of_this_machine(server: httpx.Client, host: str, status: int) -> None:
    assert server.get("/healthz", headers={"Host": host}).status_code == status


def test_a_page_of_elsewhere_cannot_write_to_an_open_server(server: httpx.Client) -> None:
    answers = [server.post("/v1/leads", json={}, headers={"Origin": o}) for o in ("https://evil.example", "null")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert server.post("/v1/leads", json={}, headers={"Origin": "http://localhost:8000"}).status_code == 422


def test_every_answer_has_the_headers_that_keep_browsers_safe(server: httpx.Client) -> None:
    answers = [server.get("/healthz"), server.get("/v1/nothing"), server.get("/v1/model"), server.post("/v1/leads")]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "strict-transport-security" not in answer.headers
    assert [answer.headers.get("cache-control") for answer in answers] == [None, *["no-store"] * 3]


def test_what_goes_wrong_unforeseen_is_a_problem_with_these_headers_too(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(app) as client:
        monkeypatch.setattr(app.state, "leadloop", None)
        answer = client.get("/v1/model")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.headers["x-content-type-options"] == "nosniff"
