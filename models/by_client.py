"""The registry asked through MLflow's own client: the long way, for what is kept in a way of MLflow's own."""

import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from leadloop.errors import NoModelError
from leadloop.settings import Settings
from models.by_rest import cause_of, silent
from models.registered import Registered

if TYPE_CHECKING:
    from mlflow import MlflowClient

NO_SUCH = "RESOURCE_DOES_NOT_EXIST"
"""MLflow's code for what it does not have."""
AT_MOST = 1_000
"""Versions that are listed, the newest first."""


def client(settings: Settings) -> "MlflowClient":
    """MLflow's client, on our store; importing MLflow takes seconds."""
    os.environ.setdefault("MLFLOW_UV_AUTO_DETECT", "false")  # else it copies whatever project the command runs in
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")  # of a few files, between our own lines
    import mlflow

    for noisy in ("mlflow", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    settings.home.mkdir(parents=True, exist_ok=True)
    given = os.environ.get("MLFLOW_TRACKING_URI")
    mlflow.set_tracking_uri(settings.tracking_uri)  # which also writes the environment, where our settings come from
    if given is None:
        os.environ.pop("MLFLOW_TRACKING_URI", None)
    mlflow.set_registry_uri(settings.tracking_uri)
    return mlflow.MlflowClient()


class ByClient:
    """Aliases, tags and versions of our model through MLflow's client."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._name = settings.registered_model
        self._client = client(settings)

    def aliases(self) -> dict[str, str]:
        """Aliases and the versions that they name.

        Raises: RegistryError when it does not answer.
        """
        from mlflow.exceptions import MlflowException

        try:
            known = self._client.get_registered_model(self._name).aliases
        except MlflowException as error:
            if error.error_code == NO_SUCH:
                return {}
            raise silent(self._settings, error) from None
        return {alias: str(version) for alias, version in known.items()}

    def versions(self) -> list[Registered]:
        """Every version, the newest first."""
        from mlflow.exceptions import MlflowException

        named = f"name = '{self._name}'"
        try:
            found = self._client.search_model_versions(named, max_results=AT_MOST, order_by=["version_number DESC"])
        except MlflowException as error:
            raise silent(self._settings, error) from None
        return [
            Registered(str(each.version), int(each.creation_timestamp), each.description or "", dict(each.tags))
            for each in found
        ]

    def turn(self, aliases: Mapping[str, str]) -> None:
        """Let aliases name these versions.

        Raises: NoModelError when there is no such version.
        """
        from mlflow.exceptions import MlflowException

        try:
            for alias, version in aliases.items():
                self._client.set_registered_model_alias(self._name, alias, version)
        except MlflowException as error:
            raise NoModelError(f"{dict(aliases)} can't be switched: {cause_of(self._settings, error)}") from None

    def drop(self, alias: str) -> None:
        """Let an alias name nothing."""
        from mlflow.exceptions import MlflowException

        try:
            self._client.delete_registered_model_alias(self._name, alias)
        except MlflowException as error:
            raise silent(self._settings, error) from None

    def annotate(self, version: str, tags: Mapping[str, str]) -> None:
        """Tag a version.

        Raises: NoModelError when there is no such version.
        """
        from mlflow.exceptions import MlflowException

        try:
            for key, value in tags.items():
                self._client.set_model_version_tag(self._name, version, key, value)
        except MlflowException as error:
            raise NoModelError(f"Version {version} can't be tagged: {cause_of(self._settings, error)}") from None

    def model_tags(self) -> dict[str, str]:
        """Tags of the registered model itself."""
        from mlflow.exceptions import MlflowException

        try:
            return dict(self._client.get_registered_model(self._name).tags)
        except MlflowException as error:
            raise silent(self._settings, error) from None

    def tag_model(self, tags: Mapping[str, str]) -> None:
        """Tag the registered model itself."""
        from mlflow.exceptions import MlflowException

        try:
            for key, value in tags.items():
                self._client.set_registered_model_tag(self._name, key, value)
        except MlflowException as error:
            raise silent(self._settings, error) from None
