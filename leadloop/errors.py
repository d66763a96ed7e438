"""The whole error tree of leadloop; a docstring is the default message."""


class LeadLoopError(Exception):
    """Something went wrong in leadloop."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class SettingsError(LeadLoopError):
    """A setting is missing or wrong; correct it in leadloop.toml or the environment."""


class InputError(LeadLoopError):
    """What came in can't be used; nothing of it was stored."""


class MappingError(InputError):
    """The mapping file doesn't fit the export; correct it and import again."""


class UnknownLeadError(InputError):
    """There is no such lead in the ledger; import it first."""


class ErasedLeadError(InputError):
    """The lead was erased, and does not come back."""


class StoreError(LeadLoopError):
    """The ledger can't be reached; check LEADLOOP_DATABASE_URL."""


class NothingToLearnError(LeadLoopError):
    """The ledger has too few ripe outcomes to learn from; import more of them."""


class ModelError(LeadLoopError):
    """A model can't be used."""


class NoModelError(ModelError):
    """No model is switched on; run `leadloop train`."""


class NoImportancesError(ModelError):
    """What matters to this model was never kept; run `leadloop train`."""


class BrokenModelError(ModelError):
    """The saved model is not what was registered; promote another version or train again."""


class RefusedVersionError(ModelError):
    """The version's verdict is no; force it with a reason, or train again."""


class RegistryError(ModelError):
    """MLflow can't be reached; check MLFLOW_TRACKING_URI."""


class ClusterError(LeadLoopError):
    """The Dask cluster can't be used; check --scheduler and the workers, and run the command again."""
