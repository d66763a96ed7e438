"""One frozen Settings for the whole loop, read once: environment, then leadloop.toml, then these defaults."""

import json
import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, IPvAnyNetwork, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError as PydanticSettingsError

from leadloop.access import Role
from leadloop.clock import PERIOD, known_zone
from leadloop.contract import ContractSettings, SlaSettings
from leadloop.costs import LeadCosts
from leadloop.errors import SettingsError
from leadloop.tactics import Cell, Tactic, Tiers

DEFAULT_FILE = Path("leadloop.toml")
_PREFIX = "LEADLOOP_"
_OTHERS = {_PREFIX + name for name in ("CONFIG", "FAILPOINT", "FETCH", "SERVE", "SERVE_DRAIN")}
"""Variables that are read elsewhere."""
_NEARLY = 0.8
"""So alike (Ratcliff and Obershelp 1988) are a setting and its mistyped name. Others are let through: a script's own,
or what Kubernetes tells of a service whose name begins with leadloop.
"""
_MAY_HOLD_A_PASSWORD = ("database_url", "mlflow_tracking_uri", "oidc_client_secret")


class Settings(BaseSettings):
    """Every setting, each as `LEADLOOP_<NAME>` in the environment or `<name>` in leadloop.toml.

    `MLFLOW_TRACKING_URI` keeps the name that MLflow's own tools know. Tables (`reasons`, `stages`) are JSON in the
    environment.
    """

    model_config = SettingsConfigDict(
        env_prefix="LEADLOOP_", frozen=True, extra="forbid", populate_by_name=True, env_ignore_empty=True
    )

    home: Path = Path("var")
    database_url: str = ""
    mlflow_tracking_uri: Annotated[str, Field(validation_alias="MLFLOW_TRACKING_URI")] = ""
    experiment: str = "leadloop"
    registered_model: str = "leadloop"
    timezone: str = ""
    currency: str = "EUR"
    capacity: Annotated[int, Field(ge=1, description="leads that the team can take on in a day")] = 20
    horizon_days: Annotated[float, Field(gt=0, description="a win later than this does not count")] = 180.0
    test_share: Annotated[float, Field(gt=0, lt=1, description="newest share of ripe leads, for the scorecard")] = 0.3
    points_column: Annotated[str, Field(description="attribute with the points you already have; empty: by name")] = ""
    seed: int = 0
    tune_trials: Annotated[int, Field(ge=0, description="sets of LightGBM's parameters that a training tries")] = 12
    allow_columns: Annotated[list[str], NoDecode, Field(description="attributes that the leakage guard lets in")] = []
    language: Annotated[str, Field(pattern="^(en|fr)$")] = "en"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    workers: Annotated[int, Field(ge=1)] = 1
    max_body_bytes: Annotated[int, Field(ge=1_000, description="of a request; longer ones are refused")] = 5_000_000
    stages: Annotated[dict[str, str], Field(description="your stage names -> ours")] = {}
    reasons: Annotated[dict[str, str], Field(description="your reasons -> ours")] = {}
    # Operations: the model that serves
    watch_model_seconds: Annotated[float, Field(gt=0, description="how often a server looks for another champion")] = 1
    # Operations: logs and stopping
    log_format: Annotated[str, Field(pattern="^(json|text)$")] = "text"
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    access_log: Annotated[str, Field(pattern="^(off|errors|all)$", description="which requests get a line")] = "errors"
    slow_request_ms: Annotated[float, Field(gt=0, description="from here on a request counts as slow")] = 1_000
    drain_seconds: Annotated[float, Field(ge=0, description="not ready for so long before it stops taking")] = 1
    # Operations: scores that are stored
    store_scores: Annotated[bool, Field(description="whether a server stores the scores of the ledger's leads")] = True
    rescore_hours: Annotated[float, Field(gt=0, description="after so long all open leads are scored again")] = 24
    drift_hours: Annotated[float, Field(gt=0, description="how often a server looks whether leads drift")] = 24
    keep_scores_days: Annotated[float, Field(ge=1, description="older scores go, but for each lead's newest")] = 90

    # The model's life
    retrain_every_hours: Annotated[float, Field(gt=0, description="how often a worker retrains")] = 168
    retrain_doubt: Annotated[float, Field(gt=0, le=0.5, description="of a challenger that is switched on")] = 0.5
    retrain_slower: Annotated[float, Field(ge=1, description="than the champion's a score may take")] = 2.0
    retrain_budget_ms: Annotated[float, Field(ge=0, description="so much a score may take in any case")] = 5.0
    retrain_lease_seconds: Annotated[float, Field(ge=1, description="without a sign a retraining is dead")] = 120
    retention_period: Annotated[str, Field(description="a worker erases who was silent for so long; empty: nobody")] = (
        ""
    )

    # Access
    sales_see: Annotated[Literal["all", "own"], Field(description="whose leads sales keys see")] = "all"
    teams: Annotated[dict[str, list[str]], Field(description="your teams -> owners of leads")] = {}
    rate_limit: Annotated[int, Field(ge=0, description="requests a minute a key and process; 0: any number")] = 12_000
    oidc_issuer: Annotated[str, Field(description="your identity provider, by which people sign in; empty: off")] = ""
    oidc_client_id: str = ""
    oidc_client_secret: Annotated[str, Field(repr=False)] = ""
    oidc_role_claim: Annotated[str, Field(description="what of the ID token says who is what")] = "roles"
    oidc_roles: Annotated[dict[str, Role], Field(description="values of that claim -> our roles")] = {}
    oidc_owner_claim: Annotated[str, Field(description="what of it says whose leads somebody's own are")] = ""

    # The queue
    tiers: Annotated[Tiers | None, Field(description="fixed cut-offs of stars and flames; none: percentiles")] = None
    tactics: Annotated[dict[Cell, Tactic], Field(description="cell -> what to do; others: as shipped")] = {}
    undo_minutes: Annotated[float, Field(ge=0, description="how long a click in the queue can be undone")] = 60.0

    explore_share: Annotated[float, Field(ge=0, le=0.5, description="of a day's slots, drawn by lot")] = 0.05

    # The promise
    sla: Annotated[SlaSettings | None, Field(description="the first contact that sales promises")] = None
    contract: Annotated[ContractSettings | None, Field(description="the goal, and each side's promises")] = None
    # Marketing
    lead_costs: Annotated[LeadCosts | None, Field(description="what a lead of each source or campaign costs")] = None
    target: Annotated[dict[str, list[str]], Field(description="attribute -> values of the leads you aim at")] = {}

    webhook_allow_http: bool = False
    webhook_allow_private: bool = False
    webhook_networks: Annotated[list[IPvAnyNetwork], NoDecode, Field(description="inside networks with targets")] = []
    webhook_ports: Annotated[list[int], NoDecode, Field(description="of targets; empty: any")] = [80, 443, 8080, 8443]
    webhook_ca_file: Annotated[Path | None, Field(description="certificates of your own authority, PEM")] = None
    webhook_timeout_seconds: Annotated[float, Field(gt=0, le=30, description="for one attempt, all of it")] = 10.0
    webhook_attempts: Annotated[int, Field(ge=1, le=100, description="before a delivery is given up")] = 20
    webhook_give_up_days: Annotated[float, Field(gt=0, le=30, description="after its first attempt")] = 3.0
    webhook_keep_days: Annotated[float, Field(ge=0, description="of what was delivered or given up")] = 30.0
    hot_stars: Annotated[int, Field(ge=0, le=3)] = 3
    hot_flames: Annotated[int, Field(ge=0, le=3)] = 2
    hot_cells: Annotated[list[str], NoDecode, Field(description="hot whatever their stars and flames")] = []
    hot_again_days: Annotated[float, Field(ge=0, description="before a lead is told of again")] = 1.0

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return known_zone(name)

    @field_validator("retention_period")
    @classmethod
    def _known_period(cls, period: str) -> str:
        if period.strip() and not PERIOD.fullmatch(period.strip().casefold()):
            raise ValueError("is no period; write one such as 3y, 18m or 90d")
        return period.strip()

    @field_validator("allow_columns", "webhook_networks", "webhook_ports", "hot_cells", mode="before")
    @classmethod
    def _listed(cls, names: Any) -> Any:
        """In the environment a list is JSON, or names between commas."""
        if not isinstance(names, str):
            return names
        return json.loads(names) if names.lstrip().startswith("[") else [each.strip() for each in names.split(",")]

    @property
    def zone(self) -> ZoneInfo | None:
        """The zone of times written without an offset; None: such times are refused."""
        return ZoneInfo(self.timezone) if self.timezone else None

    @property
    def ledger_url(self) -> str:
        """Where the ledger is: the URL given, else SQLite under home."""
        return self.database_url or _sqlite(self.home / "ledger.db")

    @property
    def tracking_uri(self) -> str:
        """Where MLflow keeps runs and versions: the URI given, else SQLite under home."""
        return self.mlflow_tracking_uri or _sqlite(self.home / "mlflow.db")

    @property
    def models_dir(self) -> Path:
        """Local copies of registered models, so that scoring never waits for MLflow."""
        return self.home / "models"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags of the command win over the environment, that over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def _sqlite(file: Path) -> str:
    """The URL of an SQLite file, whatever characters its folders have."""
    return "sqlite:///" + str(file.resolve()).replace("%", "%25").replace("?", "%3F")


def load_settings(config: Path | None = None, **given: object) -> Settings:
    """Read the settings once; `given` are the command's flags, None where a flag was not used.

    Raises: SettingsError when the file named is absent or no TOML, or it or the environment holds an unknown or wrong
    setting.
    """
    _refuse_mistyped(os.environ)
    named = config or (Path(os.environ["LEADLOOP_CONFIG"]) if os.environ.get("LEADLOOP_CONFIG") else None)
    if named and not named.is_file():
        raise SettingsError(f"There is no settings file {named}; write one or leave out --config and LEADLOOP_CONFIG")

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=named or DEFAULT_FILE)

    try:
        return FromFile(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type] # pydantic checks them
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{named or DEFAULT_FILE} is no TOML: {error}") from None
    except OSError as error:
        raise SettingsError(f"{named or DEFAULT_FILE} can't be read: {error.strerror}; correct its rights") from None
    except (ValidationError, PydanticSettingsError) as error:
        raise SettingsError(_explain(error, named or DEFAULT_FILE)) from None


def _refuse_mistyped(environment: Mapping[str, str]) -> None:
    """Name the variables that are nearly a setting: whoever mistyped one would believe that it holds."""
    known = [name.upper() for name in Settings.model_fields]
    ours = sorted(name for name, value in environment.items() if value and name.upper().startswith(_PREFIX))
    strangers = [name for name in ours if name.upper() not in _OTHERS | {_PREFIX + each for each in known}]
    near = {name: get_close_matches(name.upper().removeprefix(_PREFIX), known, 1, _NEARLY) for name in strangers}
    if told := ", ".join(f"{name} (the nearest is {_PREFIX}{each[0]})" for name, each in near.items() if each):
        raise SettingsError(f"There is no such setting in the environment: {told}; correct it or unset it")


def _explain(error: Exception, file: Path) -> str:
    """Which setting, in the file or the environment, is wrong and how."""
    if not isinstance(error, ValidationError):
        return f"A setting in the environment can't be read: {error}"
    wrong = [_wrong(".".join(map(str, each["loc"])), each["msg"], each["input"]) for each in error.errors()]
    return f"Wrong settings in {file}, the environment or the flags: " + "; ".join(wrong)


def _wrong(name: str, cause: str, value: object) -> str:
    """One wrong setting; a value is quoted only where it can be no password, which a mistyped name might hide."""
    known = name.partition(".")[0] in Settings.model_fields and name not in _MAY_HOLD_A_PASSWORD
    return f"{name}: {cause} (got {value!r})" if known else f"{name}: {cause}"
