"""What a training that was killed left in MLflow: a whole version to go on with, or half of one to be set aside."""

from leadloop.settings import Settings
from models.by_client import client as client_of

RUN_TAG = "leadloop.retraining"
"""The tag of MLflow's runs that names the retraining that they belong to."""
_FINISHED, _RUNNING, _KILLED = "FINISHED", "RUNNING", "KILLED"


def whole(settings: Settings, run_id: str) -> str | None:
    """The version that a retraining registered, files and all; None where it did not come so far.

    What it left half done is closed: nobody works on it.
    """
    client = client_of(settings)
    experiment = client.get_experiment_by_name(settings.experiment)
    if experiment is None:
        return None
    tagged = client.search_runs([experiment.experiment_id], filter_string=f"tags.`{RUN_TAG}` = '{run_id}'")
    for run in tagged:
        if run.info.status == _RUNNING:
            client.set_terminated(run.info.run_id, status=_KILLED)
    finished = [run.info.run_id for run in tagged if run.info.status == _FINISHED]
    made = [each for run in finished for each in client.search_model_versions(f"run_id = '{run}'")]
    numbers = [int(each.version) for each in made if each.name == settings.registered_model]
    return str(max(numbers)) if numbers else None
