"""The registry asked by SQL, where MLflow keeps it in a database of ours, without importing MLflow."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from leadloop.errors import NoModelError
from leadloop.settings import Settings
from models.by_rest import shown, silent
from models.registered import Registered

_ALIASES = "SELECT alias, version FROM registered_model_aliases WHERE name = :name"
_THERE = "SELECT 1 FROM model_versions WHERE name = :name AND version = :version AND current_stage <> :gone"
_VERSIONS = """SELECT version, creation_time, description FROM model_versions
    WHERE name = :name AND current_stage <> :gone ORDER BY version DESC"""
_TAGS = "SELECT version, key, value FROM model_version_tags WHERE name = :name"
_MODEL_TAGS = "SELECT key, value FROM registered_model_tags WHERE name = :name"
_GONE = "Deleted_Internal"
"""The stage in which MLflow keeps what was deleted."""
_TURN = (
    "UPDATE registered_model_aliases SET version = :version WHERE name = :name AND alias = :alias",
    "INSERT INTO registered_model_aliases (name, alias, version) VALUES (:name, :alias, :version)",
)
_DROP = "DELETE FROM registered_model_aliases WHERE name = :name AND alias = :alias"
_TAG = (
    "UPDATE model_version_tags SET value = :value WHERE name = :name AND version = :version AND key = :key",
    "INSERT INTO model_version_tags (name, version, key, value) VALUES (:name, :version, :key, :value)",
)
_TAG_MODEL = (
    "UPDATE registered_model_tags SET value = :value WHERE name = :name AND key = :key",
    "INSERT INTO registered_model_tags (name, key, value) VALUES (:name, :key, :value)",
)


class BySql:
    """Aliases, tags and versions of our model, of MLflow's own tables; several aliases turn in one transaction."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._name = settings.registered_model

    def aliases(self) -> dict[str, str]:
        """Aliases and the versions that they name."""
        return {str(alias): str(version) for alias, version in self._rows(_ALIASES)}

    def versions(self) -> list[Registered]:
        """Every version, the newest first."""
        tags: dict[int, dict[str, str]] = {}
        for version, key, value in self._rows(_TAGS):
            tags.setdefault(int(version), {})[str(key)] = str(value)
        return [
            Registered(str(version), int(at), description or "", tags.get(int(version), {}))
            for version, at, description in self._rows(_VERSIONS, gone=_GONE)
        ]

    def turn(self, aliases: Mapping[str, str]) -> None:
        """Let aliases name these versions, all or none."""
        with self._writing(aliases.values()) as connection:
            for alias, version in aliases.items():
                self._put(connection, _TURN, alias=alias, version=int(version))

    def drop(self, alias: str) -> None:
        """Let an alias name nothing."""
        with self._writing([]) as connection:
            connection.execute(text(_DROP), {"name": self._name, "alias": alias})

    def annotate(self, version: str, tags: Mapping[str, str]) -> None:
        """Tag a version."""
        with self._writing([version]) as connection:
            for key, value in tags.items():
                self._put(connection, _TAG, version=int(version), key=key, value=value)

    def model_tags(self) -> dict[str, str]:
        """Tags of the registered model itself."""
        return {str(key): str(value) for key, value in self._rows(_MODEL_TAGS)}

    def tag_model(self, tags: Mapping[str, str]) -> None:
        """Tag the registered model itself."""
        with self._writing([]) as connection:
            for key, value in tags.items():
                self._put(connection, _TAG_MODEL, key=key, value=value)

    def _put(self, connection: Connection, ways: tuple[str, str], **values: Any) -> None:
        change, add = ways
        if not connection.execute(text(change), {"name": self._name, **values}).rowcount:
            connection.execute(text(add), {"name": self._name, **values})

    def _rows(self, query: str, **values: Any) -> Sequence[Any]:
        if not _is_there(self._settings.tracking_uri):
            return []  # asking would make an empty one
        with self._answering(), _engine(self._settings.tracking_uri).connect() as connection:
            return connection.execute(text(query), {"name": self._name, **values}).all()

    @contextmanager
    def _writing(self, versions: Any) -> Iterator[Connection]:
        for version in versions:
            if not (version.isdigit() and self._rows(_THERE, version=int(version), gone=_GONE)):
                raise NoModelError(f"There is no model version {version} in MLflow at {shown(self._settings)}")
        with self._answering(), _engine(self._settings.tracking_uri).begin() as connection:
            yield connection

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, ArgumentError, ImportError) as error:
            raise silent(self._settings, type(error).__name__) from None


def _is_there(uri: str) -> bool:
    if not uri.startswith("sqlite:"):
        return True
    file = make_url(uri).database
    return bool(file) and Path(str(file)).is_file()


@lru_cache(maxsize=4)
def _engine(uri: str) -> Engine:
    """Holds no connection open, since somebody else's database may go at any time."""
    return create_engine(uri, poolclass=NullPool, hide_parameters=True)
