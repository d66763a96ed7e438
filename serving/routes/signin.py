"""People sign in at your own identity provider (OpenID Connect): there and back, and out again."""

from collections.abc import Mapping
from typing import Any

import httpx
from authlib.integrations.starlette_client import OAuth, OAuthError
from fastapi import APIRouter, Request
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from leadloop.access import Role
from leadloop.clock import instant
from leadloop.errors import SettingsError
from leadloop.settings import Settings
from leadloop.store import audit
from leadloop.store.ledger import Ledger
from serving.access import Caller
from serving.pages.signin import local
from serving.sessions import begin, signed_in

router = APIRouter(include_in_schema=False)
HOME = "/"
"""Where people come to who asked for no other page: to their first one."""


def provider(settings: Settings) -> Any:
    """The identity provider of the settings, asked when somebody signs in; PKCE, state and nonce go along.

    Raises: SettingsError when they would let in nobody, or anybody.
    """
    if not (settings.oidc_client_id and settings.oidc_client_secret and settings.oidc_roles):
        raise SettingsError("oidc_issuer wants oidc_client_id, oidc_client_secret and oidc_roles beside it")
    if not settings.oidc_issuer.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise SettingsError(f"oidc_issuer is {settings.oidc_issuer}; write an address that begins with https://")
    return OAuth().register(
        "oidc",
        server_metadata_url=settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
    )


@router.get("/login")
async def login(request: Request, next: str = HOME) -> Response:  # noqa: A002 -- the name that everyone uses
    """To the provider."""
    request.session["next"] = local(next)
    try:
        answer: Response = await request.app.state.oidc.authorize_redirect(request, request.url_for("callback"))
    except (httpx.HTTPError, RuntimeError, ValueError):
        raise HTTPException(503, "The identity provider (setting oidc_issuer) does not answer; try again") from None
    return answer


@router.get("/callback")
async def callback(request: Request) -> Response:
    """Back from the provider: who that is, and which role they have."""
    settings: Settings = request.app.state.settings
    caller = _caller(await _claims(request, settings), settings)
    await run_in_threadpool(_noted, request.app.state.leadloop.ledger, caller)
    target = request.session.get("next", HOME)
    begin(request.session, caller, instant())
    return RedirectResponse(target, 303)


@router.post("/logout")
async def logout(request: Request) -> Response:
    """Out: the cookie is empty from now on."""
    request.session.clear()
    return RedirectResponse(HOME, 303)


async def _claims(request: Request, settings: Settings) -> Mapping[str, Any]:
    expected = {"iss": {"values": [settings.oidc_issuer]}, "aud": {"values": [settings.oidc_client_id]}}
    try:
        token = await request.app.state.oidc.authorize_access_token(request, claims_options=expected)
    except httpx.HTTPError:
        raise HTTPException(503, "The identity provider (setting oidc_issuer) does not answer; try again") from None
    except (OAuthError, JoseError, ValueError) as error:
        raise HTTPException(401, f"Signing in failed ({type(error).__name__}); begin again at /login") from None
    claims: Mapping[str, Any] | None = token.get("userinfo")
    if claims is None:
        raise HTTPException(401, "The identity provider sent no ID token; ask for the scope openid")
    return claims


def _caller(claims: Mapping[str, Any], settings: Settings) -> Caller:
    role = _role(claims.get(settings.oidc_role_claim), settings.oidc_roles)
    owner = claims.get(settings.oidc_owner_claim) if settings.oidc_owner_claim else None
    return signed_in(str(claims["sub"]), role, None if owner is None else str(owner))


def _role(value: object, roles: Mapping[str, Role]) -> Role:
    """The first of the setting's roles, in its order, that the claim (a text or a list of them) has."""
    held = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    for name, role in roles.items():
        if name in held:
            return role
    raise HTTPException(403, "You are known and have no role here; ask who runs leadloop (setting oidc_roles)")


def _noted(ledger: Ledger, caller: Caller) -> None:
    with ledger.writing() as connection:
        audit.record(connection, caller.actor, "person.signed_in", caller.actor, {"role": str(caller.role)})
