"""Which version the registry's alias names, asked without importing MLflow, so that a server can ask every second."""

import base64
import json
import os
from collections.abc import Mapping
from functools import lru_cache
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from leadloop.errors import RegistryError
from leadloop.settings import Settings

CHAMPION = "champion"
ANSWER_SECONDS = 5.0
_NO_SUCH_MODEL = 404
_QUERY = text("SELECT alias, version FROM registered_model_aliases WHERE name = :name")


def read(settings: Settings) -> Mapping[str, str] | None:
    """Aliases of our model and the versions that they name; None where MLflow keeps them in a way of its own.

    A tracking server is asked over REST, a database by SQL: both take milliseconds, `import mlflow` takes seconds.

    Raises: RegistryError when it does not answer.
    """
    uri = settings.tracking_uri
    if uri.startswith(("http://", "https://")):
        return _from_server(settings)
    if uri.startswith("sqlite:") or "postgresql" in uri.partition(":")[0]:
        return _from_database(settings)
    return None


def _from_server(settings: Settings) -> dict[str, str]:
    name = quote(settings.registered_model, safe="")
    address, signed = _signed(settings.tracking_uri)
    url = f"{address.rstrip('/')}/api/2.0/mlflow/registered-models/get?name={name}"
    try:
        with urlopen(Request(url, headers=signed), timeout=ANSWER_SECONDS) as answer:  # noqa: S310 -- http(s) only
            return _named(json.load(answer))
    except HTTPError as error:
        if error.code == _NO_SUCH_MODEL:
            return {}
        raise _silent(settings, f"it answers {error.code}") from None
    except (HTTPException, OSError, ValueError) as error:
        raise _silent(settings, str(getattr(error, "reason", error))) from None


def _named(answer: Any) -> dict[str, str]:
    known = answer.get("registered_model", {}).get("aliases", [])
    return {str(each["alias"]): str(each["version"]) for each in known}


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


def _from_database(settings: Settings) -> dict[str, str]:
    if settings.tracking_uri.startswith("sqlite:") and not _has_file(settings.tracking_uri):
        return {}  # asking would make an empty one
    try:
        with _engine(settings.tracking_uri).connect() as connection:
            rows = connection.execute(_QUERY, {"name": settings.registered_model}).all()
    except (SQLAlchemyError, ArgumentError, ImportError) as error:
        raise _silent(settings, type(error).__name__) from None
    return {str(alias): str(version) for alias, version in rows}


@lru_cache(maxsize=4)
def _engine(uri: str) -> Engine:
    """Holds no connection open, since somebody else's database may go at any time."""
    return create_engine(uri, poolclass=NullPool, hide_parameters=True)


def _has_file(uri: str) -> bool:
    file = make_url(uri).database
    return bool(file) and Path(str(file)).is_file()


def _silent(settings: Settings, cause: str) -> RegistryError:
    """The password that an address may hold is not said."""
    address = settings.tracking_uri
    shown = address.rpartition("@")[2] if "@" in address else address
    return RegistryError(f"MLflow at {shown} does not answer: {cause}")
