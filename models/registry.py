"""Versions of the model in MLflow, and the local copies that scoring reads, so that it never waits for MLflow."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadloop.errors import BrokenModelError, NoImportancesError, NoModelError, RegistryError
from leadloop.settings import Settings
from models import aliases, copies, logged, switches
from models import bundle as bundles
from models.aliases import CHALLENGER, CHAMPION, PREVIOUS
from models.bundle import Bundle
from models.by_client import NO_SUCH, client
from models.by_rest import cause_of, shown
from models.copies import has_copy as has_copy
from models.copies import mark as mark
from models.copies import newest as newest
from models.copies import pointed as pointed
from models.switches import TRAINING, Noted

if TYPE_CHECKING:
    from mlflow import MlflowClient

SCORECARD, IMPORTANCES, DATA = "scorecard.json", "importances.json", "data.json"
ORDER_ONLY = "order_only"
PARAM_AT_MOST = 500
"""Characters of a parameter that any version of MLflow takes."""


@dataclass(frozen=True)
class Version:
    """A registered model: its number in MLflow, what it is, how it did when tested, and what matters to it.

    `importances`: None for a version of rules, and for one that was registered before they were kept. `data`: of each
    data set its rows and digest, as logged.log_data takes them.
    """

    version: str
    bundle: Bundle
    scorecard: Mapping[str, Any]
    importances: Mapping[str, Any] | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def chances(self) -> str:
        """`true` where its percentages may be shown, `order_only` where the verdict vouches for no more than ranks."""
        return "true" if self.scorecard.get("verdict") == "activate" else ORDER_ONLY


def register(
    settings: Settings,
    bundle: Bundle,
    scorecard: Mapping[str, Any],
    run: Mapping[str, Mapping[str, Any]],
    *,
    importances: Mapping[str, Any] | None = None,
    pages: Callable[[str], Mapping[str, str]] = lambda _: {},
) -> str:
    """Log a run with the bundle and its scorecard, register it as a version and keep a local copy; returns the number.

    `run`: {"params": …, "tags": …, "data": …} of the MLflow run; `data`: as logged.log_data takes it. `importances`:
    what matters to the model, kept beside it. `pages`: of a version, texts to keep with the run, by file name.

    Raises: RegistryError when MLflow does not answer, or the place of its files can't be written.
    """
    import mlflow

    mlflow_client = client(settings)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bundle"
        bundles.save(bundle, folder)
        more = {IMPORTANCES: importances, DATA: run.get("data")}
        beside = {SCORECARD: scorecard} | {name: content for name, content in more.items() if content is not None}
        for name, content in beside.items():
            copies.write_json(folder / name, content)
        with logged.kept(settings), _run(mlflow_client, settings, run["tags"]):
            mlflow.log_params({key: str(value)[:PARAM_AT_MOST] for key, value in run["params"].items()})
            mlflow.log_metrics({name: value for name, value in scorecard["metrics"].items() if value is not None})
            for name, content in beside.items():
                mlflow.log_dict(dict(content), name)
            logged.log_data(run.get("data", {}))
            version = logged.log_model(settings, bundle, folder)
            logged.describe(mlflow_client, settings, version, scorecard, bundle)
            for name, text in pages(version).items():
                mlflow.log_text(text, name)
        copies.keep(folder, settings.models_dir / version)
    return version


def named(work: str, as_of: str | None) -> dict[str, str]:
    """The tag that names a run in MLflow, which else makes a name up: what was done, and the day as of which if known.

    >>> named("retrain", "2026-06-29T06:00:00Z")
    {'mlflow.runName': 'retrain 2026-06-29'}
    """
    return {"mlflow.runName": f"{work} {as_of[:10]}" if as_of else work}


@contextmanager
def _run(mlflow_client: "MlflowClient", settings: Settings, tags: Mapping[str, Any]) -> Iterator[None]:
    import mlflow

    mlflow.set_experiment(experiment_id=_experiment(mlflow_client, settings))
    with mlflow.start_run(tags=dict(tags)):
        yield


def promote(settings: Settings, version: str, noted: Noted = TRAINING) -> str | None:
    """Make a version the champion, here and in MLflow; the one before becomes `previous`, and it challenges no more.

    Returns the one before.

    Raises: NoModelError when there is no such version, RegistryError when MLflow does not answer.
    """
    registered = aliases.shelf(settings)
    with copies.one_at_a_time(settings):
        known = registered.aliases()
        before = known.get(CHAMPION)
        registered.turn({CHAMPION: version} | ({} if before in (None, version) else {PREVIOUS: str(before)}))
        if known.get(CHALLENGER) == version:
            registered.drop(CHALLENGER)
        copies.point(settings, version)
    if before != version:
        switches.note(registered, switches.PROMOTED, version, before, noted)
    return before


def refuse(settings: Settings, version: str, noted: Noted) -> str | None:
    """Note that a version was not switched on, and why; returns the champion, which stays.

    Raises: RegistryError when MLflow does not answer.
    """
    registered = aliases.shelf(settings)
    champion = registered.aliases().get(CHAMPION)
    switches.note(registered, switches.REFUSED, version, champion, noted)
    return champion


def refused_by(settings: Settings, version: str, by: str) -> bool:
    """Whether it is noted already that `by` refused a version."""
    versions = [each for each in aliases.shelf(settings).versions() if each.version == version]
    return any((each.did, each.by) == (switches.REFUSED, by) for each in switches.history(versions))


def roll_back(
    settings: Settings, noted: Noted = TRAINING, look: Callable[[str], object] = lambda _: None
) -> tuple[str, str]:
    """Let the champion and `previous` change places; returns from which version to which. Again, and it goes forth.

    `look`: is given the version before anything is switched, and raises what is wrong with it.
    Raises: NoModelError when there is no version before, RegistryError when MLflow does not answer.
    """
    registered = aliases.shelf(settings)
    with copies.one_at_a_time(settings):
        champion, before = before_this(registered.aliases())
        look(before)
        registered.turn({CHAMPION: before, PREVIOUS: champion})
        copies.point(settings, before)
    switches.note(registered, switches.ROLLED_BACK, before, champion, noted)
    return champion, before


def before_this(known: Mapping[str, str]) -> tuple[str, str]:
    """The champion and the version before it, of aliases.

    Raises: NoModelError when there is no champion, or none before it.
    """
    champion, before = known.get(CHAMPION), known.get(PREVIOUS)
    if champion is None:
        raise NoModelError("There is no champion to roll back from; run `leadloop train` or promote a version")
    if before in (None, champion):
        raise NoModelError(
            f"There is no version before {champion} to roll back to; name one with `leadloop promote VERSION`"
        )
    return champion, str(before)


def challenge(settings: Settings, version: str | None) -> None:
    """Let the alias `challenger` name a version that is tried beside the champion; None: no version.

    Raises: NoModelError when there is no such version, RegistryError when MLflow does not answer.
    """
    registered = aliases.shelf(settings)
    if version is None:
        registered.drop(CHALLENGER)
    else:
        registered.turn({CHALLENGER: version})


def annotate(settings: Settings, version: str, tags: Mapping[str, str]) -> None:
    """Tag a version in MLflow; a tag that is there is replaced.

    Raises: NoModelError when there is no such version, RegistryError when MLflow does not answer.
    """
    aliases.shelf(settings).annotate(version, tags)


def follow(settings: Settings, version: str) -> None:
    """Note here that the registry switched a version on, for commands and for a start without MLflow.

    Nothing is noted when the registry names another by now: what is noted last is what it said last.

    Raises: RegistryError when it does not answer.
    """
    with copies.one_at_a_time(settings):
        known = aliases.read(settings) or {}
        if known.get(CHAMPION) == version and pointed(settings) != version:
            copies.point(settings, version)


def load(settings: Settings, ref: str | None = None) -> Version:
    """Load a version by number or alias (None: the champion), from its local copy where there is one.

    Raises: NoModelError when there is no such version, BrokenModelError when its files are not what was registered.
    """
    version = _resolve(settings, ref)
    if not has_copy(settings, version):
        fetch(settings, version)
    folder = settings.models_dir / version
    scorecard = {**copies.beside(folder, SCORECARD), "model_version": version}
    importances = copies.beside(folder, IMPORTANCES) if (folder / IMPORTANCES).is_file() else None
    data = copies.beside(folder, DATA) if (folder / DATA).is_file() else {}
    return Version(version, bundles.load(folder), scorecard, importances, data)


def resolve(settings: Settings, ref: str | None = None) -> str:
    """The number of the version that `ref` names (None: the champion).

    Raises: NoModelError when there is none, RegistryError when only MLflow could tell and does not answer.
    """
    version = _resolve(settings, ref)
    if not has_copy(settings, version) and version not in {e.version for e in aliases.shelf(settings).versions()}:
        raise NoModelError(f"There is no model version {version}; `leadloop models list` names all")
    return version


def fetch(settings: Settings, version: str) -> None:
    """Get a local copy of a version from MLflow, in place of one that is broken.

    Raises: NoModelError when there is no such version, RegistryError when MLflow does not answer, BrokenModelError when
    what it has is broken: then nothing is kept.
    """
    _fetch(settings, version, settings.models_dir / version)


def has_whole_copy(settings: Settings, version: str) -> bool:
    """Whether there is a copy here, and its files are what was registered."""
    return _whole(settings.models_dir / version)


def _whole(folder: Path) -> bool:
    return (folder / SCORECARD).is_file() and bundles.whole(folder)


def importances_of(version: Version) -> Mapping[str, Any]:
    """What matters to a version.

    Raises: NoImportancesError when it learned nothing, or was registered before that was kept.
    """
    if version.importances is None and version.bundle.facts.get("chosen") == "rules":
        raise NoImportancesError(
            f"Version {version.version} ranks by rules and has learned nothing that could matter; "
            f"`leadloop train` learns once enough outcomes are in"
        )
    if version.importances is None:
        raise NoImportancesError(
            f"Version {version.version} was trained before importances were kept; `leadloop train` makes one with them"
        )
    return version.importances


def _resolve(settings: Settings, ref: str | None) -> str:
    noted = pointed(settings) if ref in (None, CHAMPION) else None
    if noted is not None:
        return noted
    if ref is not None and ref.isdigit():
        return ref
    if ref in (None, CHAMPION) and not _has_registry(settings):
        raise NoModelError(nothing_on(settings))
    known = aliases.shelf(settings).aliases()
    if (ref or CHAMPION) in known:
        return known[ref or CHAMPION]
    if ref in (None, CHAMPION):
        raise NoModelError(nothing_on(settings))
    there = ", ".join(sorted(known)) or "none yet"
    raise NoModelError(f"There is no model '{ref}'; name a version number or an alias: {there}")


def nothing_on(settings: Settings) -> str:
    """What to say where no version is switched on."""
    last = newest(settings)
    tried = (
        f"; version {last} was trained and not switched on (see `leadloop scorecard --model {last}`)" if last else ""
    )
    return f"No model is switched on{tried}; run `leadloop train`, or name a version: `leadloop models list` shows all"


def _has_registry(settings: Settings) -> bool:
    """Whether there can be anything in MLflow: asking it would make an empty store of four seconds' work."""
    return bool(settings.mlflow_tracking_uri) or (settings.home / "mlflow.db").is_file()


def _fetch(settings: Settings, version: str, folder: Path) -> None:
    """Download a version's files; they are text and are checked by hash when they are loaded."""
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    if not _has_registry(settings):
        raise NoModelError(f"There is no model version {version}; run `leadloop train`")
    try:
        uri = client(settings).get_model_version_download_uri(settings.registered_model, version)
        with tempfile.TemporaryDirectory() as scratch:
            came = Path(download_artifacts(f"{uri}/artifacts/bundle", dst_path=scratch))
            if not _whole(came):
                raise BrokenModelError(
                    f"Version {version} came broken from MLflow: a file is missing or not what was registered; "
                    f"promote another version or train again"
                )
            copies.keep(came, folder)
    except (MlflowException, SQLAlchemyError, OSError) as error:
        where = f"MLflow at {shown(settings)}"
        if getattr(error, "error_code", None) == NO_SUCH:
            raise NoModelError(f"There is no model version {version} in {where}") from None
        cause = cause_of(settings, error)
        raise RegistryError(f"{where} does not hand out version {version}: {cause}") from None


def _experiment(client: "MlflowClient", settings: Settings) -> str:
    """Ours; with MLflow's own store under home its files go there too, not to wherever the command runs."""
    found = client.get_experiment_by_name(settings.experiment)
    if found:
        return str(found.experiment_id)
    local = settings.tracking_uri.startswith("sqlite:")
    return str(
        client.create_experiment(
            settings.experiment, (settings.home.resolve() / "artifacts").as_uri() if local else None
        )
    )
