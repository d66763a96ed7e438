"""Which version the registry's aliases name, asked and turned without importing MLflow wherever that can be."""

from collections.abc import Mapping

from leadloop.settings import Settings
from models.by_rest import ByRest
from models.by_sql import BySql
from models.registered import Shelf

CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"


def read(settings: Settings) -> Mapping[str, str] | None:
    """Aliases of our model and the versions that they name; None where MLflow keeps them in a way of its own.

    A tracking server is asked over REST, a database by SQL: both take milliseconds, `import mlflow` takes seconds.

    Raises: RegistryError when it does not answer.
    """
    asked = short(settings)
    return None if asked is None else asked.aliases()


def short(settings: Settings) -> Shelf | None:
    """The short way to the registry; None where there is none."""
    uri = settings.tracking_uri
    if uri.startswith(("http://", "https://")):
        return ByRest(settings)
    if uri.startswith("sqlite:") or "postgresql" in uri.partition(":")[0]:
        return BySql(settings)
    return None


def shelf(settings: Settings) -> Shelf:
    """The registry, the short way or else through MLflow's own client."""
    asked = short(settings)
    if asked is not None:
        return asked
    from models.by_client import ByClient

    return ByClient(settings)
