"""What MLflow's pages show of a version beside its files: data sets, tags, a description, and how to call it."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version as own_version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadloop.errors import RegistryError
from leadloop.settings import Settings
from models.bundle import Bundle
from models.by_client import client as client_of
from models.by_rest import cause_of, shown, silent
from models.signature import example, signature
from models.version_words import MODELS, VERDICTS, days, instant, word

if TYPE_CHECKING:
    from mlflow import MlflowClient

TAG_AT_MOST = 5_000
"""Characters of a tag or a description that MLflow takes."""
SAID_AT_MOST = 1_500
"""Characters of a paragraph on what was decided."""
JUDGED = "retraining.json"
DECIDED = "\n\n---\n\n"
"""Stands in a description before what a retraining decided."""
ABOUT = (
    "Lead scores by leadloop. Aliases: `champion` serves, `challenger` is tried beside it, `previous` served before. "
    "Switch versions with `leadloop promote`, `rollback` and `diff`."
)
QUIETLY = {"disable_event_logs": True, "disable_warnings": False, "reroute_warnings": False}
"""MLflow prints past its loggers, between our own lines, that there is such a model and that a version was made."""
SHOWN = ("roc_auc", "average_precision", "log_loss", "calibration_error", "lift_at_10")


@contextmanager
def kept(settings: Settings) -> Iterator[None]:
    """Whatever keeps MLflow, or the place where it keeps files, from taking a version is one line.

    Raises: RegistryError.
    """
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (OSError, MlflowException) as error:
        raise RegistryError(
            f"MLflow at {shown(settings)} did not take the version, and nothing is switched on: "
            f"{cause_of(settings, error)}; see that its files can be written, and run the command again"
        ) from error


def log_data(sets: Mapping[str, Mapping[str, Any]]) -> None:
    """Name the moments that taught and judged, in the run that is open: rows, span and a digest, and nobody's data.

    `sets`: by context, such as training and test, {"rows", "digest", …}.
    """
    import mlflow
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.meta_dataset import MetaDataset

    for context, told in sets.items():
        source = CodeDatasetSource(tags={"mlflow.source.type": "leadloop ledger"})
        named = MetaDataset(source, name=f"moments: {context}", digest=str(told["digest"]))
        mlflow.log_input(named, context=context, tags={name: str(value) for name, value in told.items()})


def log_model(settings: Settings, bundle: Bundle, folder: Path) -> str:
    """The bundle as a pyfunc, so that MLflow's other tools can use it; code is logged as text, nothing is pickled.

    Returns the number of the version.
    """
    import mlflow
    from mlflow.utils.autologging_utils import MlflowEventsAndWarningsBehaviorGlobally

    logging.getLogger("mlflow.tracking._model_registry").setLevel(logging.ERROR)
    with MlflowEventsAndWarningsBehaviorGlobally(**QUIETLY):
        logged = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(Path(__file__).with_name("pyfunc.py")),
            artifacts={"bundle": str(folder)},
            pip_requirements=[f"leadloop[train]=={own_version('leadloop')}"],
            registered_model_name=settings.registered_model,
            signature=signature(bundle),
            input_example=example(bundle),
        )
    return str(logged.registered_model_version)


def describe(
    client: "MlflowClient", settings: Settings, version: str, scorecard: Mapping[str, Any], bundle: Bundle
) -> None:
    """Say on the version what it is and what the gate said, as text and as tags that can be searched."""
    name = settings.registered_model
    client.update_registered_model(name, ABOUT)
    client.update_model_version(name, version, description(scorecard, bundle)[:TAG_AT_MOST])
    for key, value in _tags(scorecard, bundle).items():
        client.set_model_version_tag(name, version, key, value[:TAG_AT_MOST])


def log_judged(settings: Settings, version: str, report: Mapping[str, Any], said: Sequence[str]) -> None:
    """Keep how a retraining judged a version: the report as a file of its run, what was decided at the end of its
    description, a paragraph a language; done twice it is as done once.

    Raises: RegistryError when MLflow does not answer.
    """
    from mlflow.exceptions import MlflowException

    name, end = settings.registered_model, DECIDED + "\n\n".join(text[:SAID_AT_MOST] for text in said)
    try:
        client = client_of(settings)
        found = client.get_model_version(name, version)
        client.log_dict(found.run_id, dict(report), JUDGED)
        before = (found.description or "").partition(DECIDED)[0]
        client.update_model_version(name, version, before[: TAG_AT_MOST - len(end)] + end)
    except MlflowException as error:
        raise silent(settings, error) from None


def _tags(scorecard: Mapping[str, Any], bundle: Bundle) -> dict[str, str]:
    """The gate's verdict and why, and what tells versions apart."""
    metrics = scorecard.get("metrics", {})
    known = {
        "verdict": scorecard.get("verdict"),
        "why": "; ".join(scorecard.get("why", [])),
        "why_fr": " ; ".join(scorecard.get("why_fr", [])),
        "trained_as_of": bundle.facts.get("as_of"),
        "chosen": bundle.facts.get("chosen"),
        "feature_hash": bundle.catalogue.hash,
        **{metric: f"{metrics[metric]:.4f}" for metric in SHOWN if metrics.get(metric) is not None},
    }
    return {key: str(value) for key, value in known.items() if value}


ABOUT_VERSION: Mapping[str, Mapping[str, str]] = {
    "en": {
        "told": "**{verdict}**: {why}. {does} See `model_card.en.html` among the files of its run.",
        "rules": "Ranks open leads by rules over {columns} columns, made at {at}; nothing was learned.",
        "learned": "Ranks open leads by the chance of a win within {horizon} days; learned at {at} "
        "({model}, {columns} columns).",
        "at": "{instant}",
        "undated": "an undated export",
        "verdict": "Not judged",
        "why": "no reasons given",
        "model": "unknown",
        "and": "; ",
    },
    "fr": {
        "told": "**{verdict}** : {why}. {does} Voir `model_card.fr.html` parmi les fichiers de son run.",
        "rules": "Classe les leads ouverts par des règles sur {columns} colonnes, établies {at} ; rien n’a été appris.",
        "learned": "Classe les leads ouverts par la probabilité d’une vente en {horizon} jours ; appris {at} "
        "({model}, {columns} colonnes).",
        "at": "au {instant}",
        "undated": "à partir d’un export sans date",
        "verdict": "Non jugé",
        "why": "sans raisons",
        "model": "inconnu",
        "and": " ; ",
    },
}
"""A version in a paragraph; the last five stand where nothing is known, and between reasons."""


def description(scorecard: Mapping[str, Any], bundle: Bundle) -> str:
    """A version in a few lines of Markdown, in English and French; its model card has the rest."""
    return "\n\n".join(_described(scorecard, bundle, lang) for lang in ABOUT_VERSION)


def _described(scorecard: Mapping[str, Any], bundle: Bundle, lang: str) -> str:
    facts, words = bundle.facts, ABOUT_VERSION[lang]
    why = (scorecard.get("why_fr") if lang == "fr" else None) or scorecard.get("why", [])
    horizon = days(facts.get("horizon_days"))
    known = {
        "at": words["at"].format(instant=instant(str(facts["as_of"]))) if facts.get("as_of") else words["undated"],
        "horizon": horizon.replace(".", ",") if lang == "fr" else horizon,
        "columns": len(bundle.catalogue.features),
        "model": word(MODELS, facts.get("chosen", words["model"]), lang),
    }
    does = words["rules" if facts.get("chosen") == "rules" else "learned"].format(**known)
    verdict = word(VERDICTS, scorecard.get("verdict") or words["verdict"], lang)
    return words["told"].format(verdict=verdict, why=words["and"].join(why) or words["why"], does=does)
