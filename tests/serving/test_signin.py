"""People sign in at an identity provider: a real one, small, on this machine."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

from leadloop.access import Role
from leadloop.clock import HOUR, instant
from leadloop.errors import SettingsError
from leadloop.settings import Settings
from serving import gate
from serving.app import create_app
from tests.support import answering

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
STRANGER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
CLIENT, SECRET = "leadloop", "s3cret"


@dataclass
class Provider:
    """What the provider says of whoever signs in, and what it was asked. `spoilt`: claims that it gets wrong."""

    app: FastAPI = field(default_factory=FastAPI)
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "groups": ["staff", "sellers"]})
    spoilt: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: KEY)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path, answer in (("/.well-known/openid-configuration", self.metadata), ("/jwks", self.jwks)):
            self.app.add_api_route(path, answer)
        self.app.add_api_route("/authorize", self.authorize, response_model=None)
        self.app.add_api_route("/token", self.token, methods=["POST"], response_model=None)

    def metadata(self) -> dict[str, Any]:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in ends.items()}}

    def jwks(self) -> dict[str, Any]:
        return {"keys": [KEY.as_dict(private=False)]}

    def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.codes["the-code"] = asked
        back = urlencode({"code": "the-code", "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def token(self, request: Request) -> Response:
        sent = dict(parse_qsl((await request.body()).decode()))
        asked = self.codes.pop(sent["code"])
        challenge = urlsafe_b64encode(sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        known = request.headers.get("authorization", "").startswith("Basic ")
        if not known or (asked["code_challenge"], asked["code_challenge_method"]) != (challenge, "S256"):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        times = {"iat": now, "exp": now + 60}
        claims = {"iss": self.issuer, "aud": CLIENT, "nonce": asked["nonce"], **times, **self.claims, **self.spoilt}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": signed})


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A running provider."""
    made = Provider()
    with answering(made.app) as client:
        made.issuer = str(client.base_url).rstrip("/")
        yield made


@pytest.fixture
def browser(provider: Provider, tmp_path: Path) -> Iterator[httpx.Client]:
    """Somebody's browser, before a server where people may sign in."""
    settings = Settings(
        home=tmp_path, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
        oidc_role_claim="groups", oidc_roles={"admins": Role.admin, "sellers": Role.sales, "staff": Role.marketing},
    )  # fmt: skip
    with answering(create_app(settings)) as client:
        client.follow_redirects = True
        yield client


def origin(client: httpx.Client) -> dict[str, str]:
    """What a browser adds to a write from a page of that server."""
    return {"Origin": str(client.base_url).rstrip("/")}


def test_who_signs_in_has_the_first_role_that_fits(browser: httpx.Client) -> None:
    assert browser.get("/v1/model").status_code == 401
    assert browser.get("/login").url.path == "/queue"
    assert browser.get("/v1/model").status_code == 503  # let in; there is no model
    assert "role sales" in browser.get("/v1/audit").json()["detail"]


def test_signing_in_leads_back_to_the_page_asked_for_and_never_elsewhere(browser: httpx.Client) -> None:
    assert browser.get("/login", params={"next": "/healthz"}).url.path == "/healthz"
    assert browser.get("/login", params={"next": "//evil.example"}).url.path == "/queue"


def test_a_page_asks_to_sign_in_at_the_provider_and_its_button_signs_out(browser: httpx.Client) -> None:
    page = browser.get("/queue", headers={"Accept": "text/html"})
    assert (page.status_code, 'href="/login?next=%2Fqueue"' in page.text) == (401, True)
    assert browser.get("/login", params={"next": "/queue"}).status_code == 503  # let in; there is no model
    assert "Sign out" in browser.get("/queue", headers={"Accept": "text/html"}).text
    browser.post("/signout", headers=origin(browser))
    assert browser.get("/queue").status_code == 401


def test_signing_in_is_in_the_audit_log(browser: httpx.Client, provider: Provider) -> None:
    provider.claims = {"sub": "u-2", "groups": "admins"}
    browser.get("/login")
    entry = browser.get("/v1/audit").json()["entries"][0]
    assert (entry["action"], entry["actor"], entry["detail"]) == ("person.signed_in", "person:u-2", {"role": "admin"})


def test_who_signs_out_is_out(browser: httpx.Client) -> None:
    browser.get("/login")
    browser.post("/logout", headers=origin(browser))
    assert browser.get("/v1/model").status_code == 401


def test_a_page_of_elsewhere_can_neither_write_nor_sign_out(browser: httpx.Client, provider: Provider) -> None:
    provider.claims = {"sub": "u-2", "groups": "admins"}
    browser.get("/login")
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert browser.delete("/v1/leads/L-1", headers=headers).status_code == 403
        assert browser.post("/logout", headers=headers).status_code == 403
    assert browser.delete("/v1/leads/L-1", headers=origin(browser)).status_code == 404


def test_the_cookie_is_for_this_server_alone_and_scripts_cannot_read_it(browser: httpx.Client) -> None:
    browser.follow_redirects = False
    cookie = browser.get("/login").headers["set-cookie"].lower()
    assert ("httponly" in cookie, "samesite=lax" in cookie, "secure" in cookie) == (True, True, False)


def test_over_https_the_cookie_goes_over_https_alone(browser: httpx.Client) -> None:
    browser.follow_redirects = False
    answer = browser.get("/login", headers={"X-Forwarded-Proto": "https"})  # uvicorn believes a proxy on this machine
    assert "; secure" in answer.headers["set-cookie"].lower()
    assert "max-age" in answer.headers["strict-transport-security"]


def test_who_has_no_role_is_refused(browser: httpx.Client, provider: Provider) -> None:
    provider.claims = {"sub": "u-3", "groups": ["cleaning"]}
    assert browser.get("/login").status_code == 403
    assert browser.get("/v1/model").status_code == 401


@pytest.mark.parametrize(
    "spoilt",
    [
        {"iss": "https://evil.example"},
        {"aud": "other"},
        {"aud": "other", "azp": CLIENT},
        {"nonce": "other"},
        {"exp": 1},
    ],
)
def test_a_token_that_is_not_for_us_is_refused(
    browser: httpx.Client, provider: Provider, spoilt: dict[str, Any]
) -> None:
    provider.spoilt = spoilt
    assert browser.get("/login").status_code == 401


def test_a_token_signed_by_somebody_else_is_refused(browser: httpx.Client, provider: Provider) -> None:
    provider.key = STRANGER
    assert browser.get("/login").status_code == 401


def test_a_callback_that_nobody_asked_for_is_refused(browser: httpx.Client) -> None:
    answer = browser.get("/callback", params={"code": "the-code", "state": "made-up"})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert browser.get("/callback", params={"error": "access_denied"}).status_code == 401


def test_a_forged_or_old_session_lets_nobody_in(browser: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    browser.get("/login")
    monkeypatch.setattr(gate, "instant", lambda: instant() + 9 * HOUR)
    assert browser.get("/v1/model").status_code == 401
    monkeypatch.undo()
    assert browser.get("/v1/model").status_code == 503
    browser.cookies.set("leadloop", browser.cookies["leadloop"][:-3] + "xyz")
    assert browser.get("/v1/model").status_code == 401


def test_without_the_settings_nobody_can_sign_in(server: httpx.Client) -> None:
    assert server.get("/login").status_code == 404


def test_a_provider_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT, oidc_client_secret=SECRET,
        oidc_roles={"sellers": Role.sales},
    )  # fmt: skip
    with answering(create_app(settings)) as client:
        assert client.get("/login").status_code == 503


@pytest.mark.parametrize(("issuer", "roles"), [("https://id.example", {}), ("http://id.example", {"a": Role.admin})])
def test_settings_that_would_let_in_nobody_or_anybody_are_refused(issuer: str, roles: dict[str, Role]) -> None:
    settings = Settings(oidc_issuer=issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_roles=roles)
    with pytest.raises(SettingsError, match="oidc_issuer"):
        create_app(settings)
