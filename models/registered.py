"""What the registry holds of our model, and what can be done with it whichever way it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Registered:
    """A version as the registry lists it; `created_at` in milliseconds UTC, as MLflow keeps it; None: unknown."""

    version: str
    created_at: int | None
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


class Shelf(Protocol):
    """Aliases, tags and versions of our model. All raise RegistryError when the registry does not answer."""

    def aliases(self) -> dict[str, str]:
        """Aliases and the versions that they name; empty where nothing was registered."""

    def versions(self) -> list[Registered]:
        """Every version, the newest first."""

    def turn(self, aliases: Mapping[str, str]) -> None:
        """Let aliases name these versions, in this order. Raises: NoModelError when there is no such version."""

    def drop(self, alias: str) -> None:
        """Let an alias name nothing."""

    def annotate(self, version: str, tags: Mapping[str, str]) -> None:
        """Tag a version. Raises: NoModelError when there is no such version."""

    def model_tags(self) -> dict[str, str]:
        """Tags of the registered model itself."""

    def tag_model(self, tags: Mapping[str, str]) -> None:
        """Tag the registered model itself."""
