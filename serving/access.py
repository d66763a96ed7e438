"""Who may ask what over HTTP: one table of routes and roles, and who is asking."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from re import Pattern

from starlette.requests import HTTPConnection
from starlette.routing import compile_path

from leadloop.access import Role

SERVICE, SALES, MARKETING, OPERATIONS, ADMIN = Role.service, Role.sales, Role.marketing, Role.operations, Role.admin
EVERYONE: Set[Role] = frozenset(Role)
PUBLIC: Set[Role] = frozenset()
"""Answered without asking who asks: no role is needed."""

_CRM = {SERVICE, ADMIN}
_SCORES = {SERVICE, MARKETING, OPERATIONS, ADMIN}
_LEADS = {SERVICE, SALES, MARKETING, ADMIN}
_FEEDBACK = {SERVICE, SALES, ADMIN}
_RUNNING = {OPERATIONS, ADMIN}
_SELLERS = {SALES, ADMIN}
_CAMPAIGNS = {MARKETING, ADMIN}
_READERS = {SALES, MARKETING, ADMIN}
_PEOPLE = {SALES, MARKETING, OPERATIONS, ADMIN}

TABLE: Mapping[tuple[str, str], Set[Role]] = {
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/docs"): PUBLIC,
    ("GET", "/login"): PUBLIC,
    ("GET", "/callback"): PUBLIC,
    ("POST", "/logout"): EVERYONE,
    ("GET", "/signin"): PUBLIC,
    ("POST", "/signin"): PUBLIC,
    ("POST", "/signout"): EVERYONE,
    ("GET", "/static/{name}"): PUBLIC,
    ("GET", "/"): _PEOPLE,
    ("GET", "/queue"): _READERS,
    ("POST", "/queue/{lead_id}"): _SELLERS,
    ("GET", "/leads/{lead_id}"): _READERS | _RUNNING,
    ("GET", "/reports/{file}"): _PEOPLE,
    ("GET", "/marketing/refusals"): _PEOPLE,
    ("GET", "/marketing/features"): _PEOPLE,
    ("GET", "/marketing/sources"): _PEOPLE,
    ("GET", "/marketing/personas"): _PEOPLE,
    ("GET", "/marketing/samples"): _READERS,
    ("POST", "/marketing/samples"): _CAMPAIGNS,
    ("GET", "/marketing/samples/{sample_id}"): _READERS,
    ("POST", "/marketing/samples/{sample_id}/verdict"): _SELLERS,
    ("POST", "/marketing/samples/{sample_id}/close"): _CAMPAIGNS,
    ("POST", "/marketing/samples/{sample_id}/delete"): _CAMPAIGNS,
    ("GET", "/contract"): _PEOPLE,
    ("GET", "/funnel"): _PEOPLE,
    ("GET", "/definitions"): _PEOPLE,
    ("POST", "/definitions"): _RUNNING,
    ("GET", "/ops/models"): _RUNNING,
    ("POST", "/ops/models"): _RUNNING,
    ("GET", "/ops/models/diff"): _RUNNING,
    ("GET", "/ops/models/{version}"): _RUNNING,
    ("GET", "/ops/lift"): _RUNNING,
    ("GET", "/ops/data"): _RUNNING,
    ("POST", "/ops/data"): _RUNNING,
    ("GET", "/ops/webhooks"): _RUNNING,
    ("POST", "/ops/webhooks"): _RUNNING,
    ("GET", "/ops/keys"): _RUNNING,
    ("POST", "/ops/keys"): _RUNNING,
    ("GET", "/ops/audit"): _RUNNING,
    ("GET", "/metrics"): _RUNNING,
    ("POST", "/v1/leads"): _CRM,
    ("POST", "/v1/events"): _CRM,
    ("POST", "/v1/outcomes"): _CRM,
    ("POST", "/v1/score"): _SCORES,
    ("POST", "/v1/score/batch"): _SCORES,
    ("GET", "/v1/queue"): _LEADS,
    ("POST", "/v1/queue/{lead_id}/accept"): _FEEDBACK,
    ("POST", "/v1/queue/{lead_id}/contact"): _FEEDBACK,
    ("POST", "/v1/queue/{lead_id}/reject"): _FEEDBACK,
    ("POST", "/v1/queue/{lead_id}/snooze"): _FEEDBACK,
    ("POST", "/v1/queue/{lead_id}/undo"): _FEEDBACK,
    ("GET", "/v1/leads/{lead_id}"): _LEADS | _RUNNING,
    ("GET", "/v1/leads/{lead_id}/scores"): _LEADS | _RUNNING,
    ("GET", "/v1/leads/{lead_id}/changes"): _LEADS | _RUNNING,
    ("DELETE", "/v1/leads/{lead_id}"): _RUNNING,
    ("GET", "/v1/leads/{lead_id}/export"): _RUNNING,
    ("GET", "/v1/reports/{name}"): {SALES, MARKETING, OPERATIONS, ADMIN},
    ("GET", "/v1/model"): EVERYONE,
    ("GET", "/v1/models"): _RUNNING,
    ("GET", "/v1/models/diff"): _RUNNING,
    ("POST", "/v1/models/rollback"): _RUNNING,
    ("POST", "/v1/models/{version}/promote"): _RUNNING,
    ("GET", "/v1/audit"): _RUNNING,
    ("GET", "/v1/webhooks"): _RUNNING,
    ("POST", "/v1/webhooks"): _RUNNING,
    ("GET", "/v1/webhooks/dead"): _RUNNING,
    ("POST", "/v1/webhooks/replay"): _RUNNING,
    ("DELETE", "/v1/webhooks/{webhook}"): _RUNNING,
    ("POST", "/v1/webhooks/{webhook}/rotate"): _RUNNING,
    ("POST", "/v1/webhooks/{webhook}/enable"): _RUNNING,
    ("POST", "/v1/webhooks/{webhook}/test"): _RUNNING,
}
"""Every route. One that is not here is not answered, whoever asks."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking. `actor`: as the audit log names them; `key_id` tells callers apart. `role`: None for nobody."""

    key_id: str
    role: Role | None
    name: str = ""
    owner: str | None = None
    team: str | None = None
    actor: str = ""


NOBODY = Caller("nobody", None, actor="nobody")
ANYONE_HERE = Caller("open", Role.admin, actor="open")
"""Whoever is on this machine, where the server is open to it."""


def caller_of(request: HTTPConnection) -> Caller:
    """Who is asking; a dependency of routes."""
    caller: Caller = request.scope["caller"]
    return caller


class Doors:
    """The table, ready to be looked up by address."""

    def __init__(self, table: Mapping[tuple[str, str], Set[Role]] = TABLE) -> None:
        self._exact: dict[str, dict[str, Set[Role]]] = {}
        self._patterns: list[tuple[Pattern[str], dict[str, Set[Role]]]] = []
        for (method, path), roles in table.items():
            self._at(path)[method] = roles

    def _at(self, path: str) -> dict[str, Set[Role]]:
        if "{" not in path:
            return self._exact.setdefault(path, {})
        pattern = compile_path(path)[0]  # as the router itself reads it
        for known, methods in self._patterns:
            if known == pattern:
                return methods
        self._patterns.append((pattern, {}))
        return self._patterns[-1][1]

    def methods(self, path: str) -> Mapping[str, Set[Role]] | None:
        """What may be done at an address, and by whom; None where nothing is."""
        exact = self._exact.get(path)
        if exact is not None:
            return exact
        return next((methods for pattern, methods in self._patterns if pattern.match(path)), None)
