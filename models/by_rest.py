"""The registry asked over REST, as a tracking server wants it, without importing MLflow: milliseconds, not seconds."""

import base64
import json
import os
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from leadloop.errors import NoModelError, RegistryError
from leadloop.settings import Settings
from models.registered import Registered

ANSWER_SECONDS = 5.0
AT_MOST = 1_000
"""Versions that are listed, the newest first."""
_NO_SUCH_MODEL = 404


class ByRest:
    """Aliases, tags and versions of our model, of a tracking server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._name = settings.registered_model
        self._address, self._headers = _signed(settings.tracking_uri)

    def aliases(self) -> dict[str, str]:
        """Aliases and the versions that they name."""
        return {str(each["alias"]): str(each["version"]) for each in self._model().get("aliases", [])}

    def versions(self) -> list[Registered]:
        """Every version, the newest first."""
        query = {"filter": f"name='{self._name}'", "max_results": AT_MOST, "order_by": "version_number DESC"}
        answer = self._ask("GET", f"model-versions/search?{urlencode(query)}") or {}
        return [
            Registered(
                str(each["version"]),
                int(each["creation_timestamp"]),
                each.get("description", ""),
                {tag["key"]: tag.get("value", "") for tag in each.get("tags", [])},
            )
            for each in answer.get("model_versions", [])
        ]

    def turn(self, aliases: Mapping[str, str]) -> None:
        """Let aliases name these versions, in this order."""
        for alias, version in aliases.items():
            self._tell("registered-models/alias", version, alias=alias)

    def drop(self, alias: str) -> None:
        """Let an alias name nothing."""
        self._ask("DELETE", "registered-models/alias", {"name": self._name, "alias": alias})

    def annotate(self, version: str, tags: Mapping[str, str]) -> None:
        """Tag a version."""
        for key, value in tags.items():
            self._tell("model-versions/set-tag", version, key=key, value=value)

    def model_tags(self) -> dict[str, str]:
        """Tags of the registered model itself."""
        return {tag["key"]: tag.get("value", "") for tag in self._model().get("tags", [])}

    def tag_model(self, tags: Mapping[str, str]) -> None:
        """Tag the registered model itself."""
        for key, value in tags.items():
            self._ask("POST", "registered-models/set-tag", {"name": self._name, "key": key, "value": value})

    def _model(self) -> dict[str, Any]:
        query = urlencode({"name": self._name})
        return dict((self._ask("GET", f"registered-models/get?{query}") or {}).get("registered_model", {}))

    def _tell(self, path: str, version: str, **more: str) -> None:
        if self._ask("POST", path, {"name": self._name, "version": version, **more}) is None:
            raise NoModelError(f"There is no model version {version} in MLflow at {shown(self._settings)}")

    def _ask(self, method: str, path: str, body: Mapping[str, str] | None = None) -> Mapping[str, Any] | None:
        """What it answers; None where what is named is not there."""
        url = f"{self._address.rstrip('/')}/api/2.0/mlflow/{path}"
        data = None if body is None else json.dumps(body).encode()
        headers = self._headers | ({} if data is None else {"Content-Type": "application/json"})
        try:
            request = Request(url, data=data, headers=headers, method=method)  # noqa: S310 -- http(s) only
            with urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 -- the same
                return dict(json.load(answer))
        except HTTPError as error:
            if error.code == _NO_SUCH_MODEL:
                return None
            raise silent(self._settings, f"it answers {error.code}") from None
        except (HTTPException, OSError, ValueError) as error:
            raise silent(self._settings, str(getattr(error, "reason", error))) from None


def _signed(uri: str) -> tuple[str, dict[str, str]]:
    """The address, and headers that sign in as MLflow's own client does: by a token, else by name and password."""
    parts = urlsplit(uri)
    address = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    if token := os.environ.get("MLFLOW_TRACKING_TOKEN"):
        return address, {"Authorization": f"Bearer {token}"}
    name = os.environ.get("MLFLOW_TRACKING_USERNAME") or unquote(parts.username or "")
    password = os.environ.get("MLFLOW_TRACKING_PASSWORD") or unquote(parts.password or "")
    both = base64.b64encode(f"{name}:{password}".encode()).decode()
    return address, {"Authorization": f"Basic {both}"} if name else {}


def shown(settings: Settings) -> str:
    """Where MLflow is; the password that an address may hold is not said."""
    address = settings.tracking_uri
    return address.rpartition("@")[2] if "@" in address else address


def silent(settings: Settings, cause: object) -> RegistryError:
    """That it does not answer, and why."""
    return RegistryError(f"MLflow at {shown(settings)} does not answer: {cause_of(settings, cause)}")


def cause_of(settings: Settings, error: object) -> str:
    """The first line of what MLflow says, which may hold its address, without the password."""
    first = next(iter(str(error).splitlines()), "") or type(error).__name__
    signed_in = urlsplit(settings.tracking_uri).netloc.rpartition("@")[0]
    return first.replace(f"{signed_in}@", "") if signed_in else first
