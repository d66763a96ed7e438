"""Settings: the environment beats the file beats the defaults, and what is wrong is refused by file and key."""

import json
import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, ValidationError

from leadloop.contract import ContractSettings, SlaSettings
from leadloop.costs import LeadCosts
from leadloop.errors import SettingsError
from leadloop.settings import Settings, load_settings
from leadloop.tactics import Tactic, Tiers

BOTH_WAYS = {
    "home": Path("elsewhere"),
    "database_url": "postgresql+psycopg://u@h/x",
    "mlflow_tracking_uri": "http://127.0.0.1:5000",
    "experiment": "mine",
    "registered_model": "mine",
    "timezone": "Europe/Paris",
    "currency": "USD",
    "capacity": 7,
    "horizon_days": 90.5,
    "test_share": 0.25,
    "points_column": "Lead Score",
    "seed": 3,
    "tune_trials": 2,
    "allow_columns": ["Tags", "Lead Quality"],
    "language": "fr",
    "host": "0.0.0.0",  # noqa: S104 -- nothing binds
    "port": 9000,
    "workers": 2,
    "max_body_bytes": 9_000,
    "stages": {"Gagné": "won"},
    "reasons": {"Trop cher": "no_budget"},
    "sla": SlaSettings(within="4 working hours", country="FR"),
    "contract": ContractSettings(per="quarter", counted="mql"),
    "sales_see": "own",
    "teams": {"nord": ["nadia", "paul"]},
    "rate_limit": 60,
    "oidc_issuer": "https://id.example",
    "oidc_client_id": "leadloop",
    "oidc_client_secret": "s3cret",
    "oidc_role_claim": "groups",
    "oidc_roles": {"lead-admins": "admin"},
    "oidc_owner_claim": "email",
    "watch_model_seconds": 2.5,
    "log_format": "json",
    "log_level": "debug",
    "access_log": "all",
    "slow_request_ms": 250.5,
    "drain_seconds": 2.5,
    "store_scores": False,
    "rescore_hours": 6.5,
    "drift_hours": 12.5,
    "retrain_every_hours": 24.5,
    "retrain_doubt": 0.15,
    "retrain_slower": 1.5,
    "retrain_budget_ms": 2.5,
    "retrain_lease_seconds": 60.5,
    "retention_period": "24m",
    "lead_costs": LeadCosts(source={"ads": 40}, campaign={"spring": 12.5}),
    "target": {"country": ["FR", "BE"], "employees": [">=50"]},
    "keep_scores_days": 30.5,
    "webhook_allow_http": True,
    "webhook_allow_private": True,
    "webhook_networks": [IPv4Network("10.1.0.0/16"), IPv6Network("fd00:1::/32")],
    "webhook_ports": [443, 9443],
    "webhook_ca_file": Path("ca.pem"),
    "webhook_timeout_seconds": 2.5,
    "webhook_attempts": 7,
    "webhook_give_up_days": 1.5,
    "webhook_keep_days": 7.5,
    "hot_stars": 2,
    "hot_flames": 3,
    "hot_cells": ["call_now"],
    "hot_again_days": 2.5,
    "tiers": Tiers(stars=(1.0, 2.0, 3.5)),
    "tactics": {"nurture": Tactic(fr="Rien", en="Nothing", next_en=("wait",))},
    "undo_minutes": 5.5,
    "explore_share": 0.2,
}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder and no settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in [*Settings.model_fields, "config"]:
        monkeypatch.delenv(_variable(name), raising=False)


def _variable(name: str) -> str:
    return "MLFLOW_TRACKING_URI" if name == "mlflow_tracking_uri" else f"LEADLOOP_{name.upper()}"


def _plain(name: str) -> object:
    return _dumped(BOTH_WAYS[name])


def _dumped(value: object) -> object:
    if isinstance(value, dict):
        return {name: _dumped(each) for name, each in value.items()}
    return value.model_dump(exclude_unset=True, mode="json") if isinstance(value, BaseModel) else value


def _write(content: str | bytes, path: str = "leadloop.toml") -> Path:
    Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return Path(path)


def _toml(name: str) -> str:
    value = _plain(name)
    if isinstance(value, dict):
        return f"[{name}]\n" + "".join(f'"{theirs}" = {_inline(ours)}\n' for theirs, ours in value.items())
    return f"{name} = {json.dumps(value, default=str)}\n"


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_inline(each)}" for name, each in value.items()) + " }"
    return json.dumps(value)


def _text(name: str) -> str:
    value = _plain(name)
    return json.dumps(value, default=str) if isinstance(value, dict | list | bool) else str(value)


def test_every_setting_is_tried_both_ways() -> None:
    assert set(BOTH_WAYS) == set(Settings.model_fields)


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_a_setting_can_be_given_in_the_file(name: str) -> None:
    _write(_toml(name))
    assert getattr(load_settings(), name) == BOTH_WAYS[name] != getattr(Settings(), name)


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_a_setting_can_be_given_in_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_variable(name), _text(name))
    assert getattr(load_settings(), name) == BOTH_WAYS[name]


def test_the_environment_beats_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    _write("capacity = 3\nseed = 4\n")
    monkeypatch.setenv("LEADLOOP_CAPACITY", "5")
    assert (load_settings().capacity, load_settings().seed) == (5, 4)


def test_a_flag_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLOOP_PORT", "9000")
    assert load_settings(port=9001).port == 9001


def test_a_flag_that_was_not_used_changes_nothing() -> None:
    assert load_settings(port=None, home=None).model_dump() == load_settings().model_dump()


def test_an_empty_variable_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLOOP_CAPACITY", "")
    assert load_settings().capacity == 20


def test_without_a_file_the_defaults_hold() -> None:
    assert load_settings().model_dump() == Settings().model_dump()


@pytest.mark.parametrize("table", ["stages", "reasons"])
def test_of_a_table_the_environment_beats_the_file_entry_by_entry(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(f'[{table}]\nA = "file"\nB = "file"\n')
    monkeypatch.setenv(f"LEADLOOP_{table.upper()}", '{"B": "environment"}')
    assert getattr(load_settings(), table) == {"A": "file", "B": "environment"}


def test_leadloop_config_names_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    _write("capacity = 1\n")
    monkeypatch.setenv("LEADLOOP_CONFIG", str(_write("capacity = 2\n", "other.toml")))
    assert load_settings().capacity == 2


def test_the_file_of_the_command_beats_leadloop_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLOOP_CONFIG", "nowhere.toml")
    assert load_settings(_write("capacity = 3\n", "mine.toml")).capacity == 3


def test_a_named_file_that_is_absent_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"There is no settings file nowhere\.toml"):
        load_settings(Path("nowhere.toml"))


def test_an_absent_file_of_leadloop_config_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLOOP_CONFIG", "nowhere.toml")
    with pytest.raises(SettingsError, match=r"There is no settings file nowhere\.toml"):
        load_settings()


WRONG = [
    ("capasity = 3", "capasity"),
    ("[capasity]\na = 1", "capasity"),
    ('capacity = "many"', "capacity"),
    ("capacity = 0", "capacity"),
    ("capacity = 2.5", "capacity"),
    ("home = 5", "home"),
    ("horizon_days = -1", "horizon_days"),
    ("horizon_days = nan", "horizon_days"),
    ("test_share = 1", "test_share"),
    ('language = "de"', "language"),
    ("port = 65536", "port"),
    ("mlflow_tracking_uri = 5", "MLFLOW_TRACKING_URI"),
    ("stages = [1]", "stages"),
    ('[stages]\nWon = ["won"]', r"stages\.Won"),
    ('timezone = "Mars/Base"', "timezone"),
    ('timezone = "Europe"', "timezone"),
    ('timezone = "../../etc/passwd"', "timezone"),
    ('retention_period = "soon"', "retention_period"),
    ('retention_period = "0d"', "retention_period"),
    ("tiers.stars = [3, 2, 1]", r"tiers\.stars"),
    ('tactics.nobody = { fr = "a", en = "b" }', r"tactics\.nobody\.\[key\]"),
    ('tactics.nurture = { fr = "a" }', r"tactics\.nurture\.en"),
    ('sla.within = "soon"', r"sla\.within"),
    ('sla.within = "1 working day"', r"sla\.within"),
    ('sla.withing = "1 hour"', r"sla\.withing"),
    ('sla.hours.monday = "09:00-18:00"', "sla"),
    ('sla.hours.mon = "09:00-25:00"', r"sla\.hours\.mon"),
    ('sla.hours.mon = "14:00-18:00, 09:00-12:00"', r"sla\.hours\.mon"),
    ('sla.hours = { mon = "" }', "sla"),
    ('sla.timezone = "Mars/Base"', r"sla\.timezone"),
    ('sla.region = "57"', "sla"),
    ('sla.closed = ["Christmas"]', r"sla\.closed\.0"),
    ("sla.at_risk = 0", r"sla\.at_risk"),
    ('[[sla.promises]]\nwithin = "1 hour"', r"sla\.promises\.0"),
    ("contract.goal = 0", r"contract\.goal"),
    ('contract.per = "week"', r"contract\.per"),
    ("contract.sales.in_time = 90", r"contract\.sales\.in_time"),
]


@pytest.mark.parametrize(("content", "key"), WRONG)
def test_a_wrong_setting_is_refused_by_file_and_key(content: str, key: str) -> None:
    with pytest.raises(SettingsError, match=rf"mine\.toml.*: {key}: "):
        load_settings(_write(content, "mine.toml"))


@pytest.mark.parametrize("content", ["capacity = [", "capacity 3", "a = 1\na = 2", b'currency = "\xff"', b"\xff\xfea"])
def test_a_file_that_is_no_toml_is_refused_by_name(content: str | bytes) -> None:
    with pytest.raises(SettingsError, match=r"mine\.toml is no TOML: "):
        load_settings(_write(content, "mine.toml"))


@pytest.mark.parametrize(
    ("name", "value"), [("CAPACITY", "many"), ("TIMEZONE", "Mars/Base"), ("STAGES", "{no JSON"), ("REASONS", "[1]")]
)
def test_a_wrong_variable_is_refused_by_its_setting(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"LEADLOOP_{name}", value)
    with pytest.raises(SettingsError, match=name.lower()):
        load_settings()


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("LEADLOOP_RETRAIN_DOUPT", "LEADLOOP_RETRAIN_DOUBT"),
        ("leadloop_capasity", "LEADLOOP_CAPACITY"),
    ],
)
def test_a_mistyped_variable_is_refused_with_the_nearest_name(
    name: str, nearest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "secret")
    with pytest.raises(SettingsError, match=rf"{name} \(the nearest is {nearest}") as refused:
        load_settings()
    assert "secret" not in str(refused.value)


def test_variables_of_others_are_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    read = {"LEADLOOP_SERVE_DRAIN": "0", "LEADLOOP_CONFIG": str(_write("")), "LEADLOOP_NOTHING": "", "LEADLOOP_X": "1"}
    service = "LEADLOOP_WEB_PORT=tcp://10.0.0.1:80 LEADLOOP_WEB_PORT_80_TCP_ADDR=10.0.0.1 LEADLOOP_SERVICE_PORT_HTTP=80"
    for name, value in {**read, **dict(each.split("=") for each in service.split())}.items():
        monkeypatch.setenv(name, value)
    assert load_settings().model_dump() == Settings().model_dump()


def test_every_variable_that_the_code_reads_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = ("leadloop", "features", "models", "training", "serving")
    files = [file for room in rooms for file in (Path(__file__).parents[2] / room).rglob("*.py")]
    for name in {each for file in files for each in re.findall(r'"(LEADLOOP_[A-Z]\w*)"', file.read_text("utf-8"))}:
        monkeypatch.setenv(name, str(_write("")))
    load_settings()


def test_every_wrong_setting_is_named_at_once() -> None:
    with pytest.raises(SettingsError, match=r"capacity: .*; port: "):
        load_settings(_write('capacity = 0\nport = "x"\n'))


@pytest.mark.parametrize("key", ["databse_url", "mlflow_traking_uri"])
def test_a_mistyped_key_does_not_show_the_password_in_it(key: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(_write(f'{key} = "postgresql://u:secret@h/x"'))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("name", ["database_url", "mlflow_tracking_uri"])
def test_a_url_of_the_wrong_type_does_not_show_its_password(name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(_write(f'{name} = ["postgresql://u:secret@h/x"]'))
    assert "secret" not in str(refused.value)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().capacity = 3


def test_two_settings_never_share_a_table() -> None:
    load_settings().stages["A"] = "won"
    assert load_settings().stages == {}


def test_a_time_zone_is_read_into_the_zone() -> None:
    assert load_settings(timezone="Europe/Paris").zone == ZoneInfo("Europe/Paris")


def test_without_a_time_zone_there_is_no_zone() -> None:
    assert load_settings().zone is None


def test_state_lives_under_home(tmp_path: Path) -> None:
    settings = load_settings(home=Path("h"))
    assert settings.ledger_url == f"sqlite:///{tmp_path / 'h' / 'ledger.db'}"
    assert settings.tracking_uri == f"sqlite:///{tmp_path / 'h' / 'mlflow.db'}"


def test_a_url_given_beats_home() -> None:
    settings = load_settings(database_url="sqlite:///a.db", mlflow_tracking_uri="http://h")
    assert (settings.ledger_url, settings.tracking_uri) == ("sqlite:///a.db", "http://h")


def test_reading_settings_makes_nothing(tmp_path: Path) -> None:
    assert load_settings().ledger_url
    assert list(tmp_path.iterdir()) == []
