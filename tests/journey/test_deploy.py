"""The files under deploy/ are what cron, systemd and Kubernetes read, and name commands that there are."""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest
import yaml

from leadloop.cli import app
from leadloop.cli.life import STOPPED
from leadloop.settings import Settings
from tests.support import COMMAND, _environment
from training.decision import Decision
from training.retraining import Retrained

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = DEPLOY / "Dockerfile"
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
"""Root may write wherever it likes, so it lets somebody else run the command."""
COMMANDS = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}


def unit(name: str) -> configparser.ConfigParser:
    """A unit of systemd; of a key that is there several times, the last."""
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign] # keys keep their capitals
    read.read(DEPLOY / name, encoding="utf-8")
    return read


def cron_job() -> Any:
    """The CronJob."""
    return yaml.safe_load((DEPLOY / "kubernetes-retrain.yaml").read_text())


def test_every_file_names_a_command_that_there_is() -> None:
    for file in (each for each in DEPLOY.iterdir() if each.suffix not in (".timer", ".md") and each != DOCKERFILE):
        named = re.findall(r"(?:bin/)?leadloop ([a-z]+)(?: --json)?(?:\n| >|;)", file.read_text())
        assert named, file
        assert set(named) <= COMMANDS, file


def in_a_pod(folder: Path, does: str) -> "subprocess.Popen[str]":
    """The command of the pod, where `leadloop` is a script that does something else."""
    command = cron_job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["command"]
    (folder / "leadloop").write_text(f"#!/bin/sh\n{does}\n")
    (folder / "leadloop").chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "TMPDIR": str(folder)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder)


def test_a_refusal_is_no_failure_for_systemd_nor_for_kubernetes(tmp_path: Path) -> None:
    assert unit("leadloop-retrain.service")["Service"]["SuccessExitStatus"].split() == ["3", str(STOPPED)]
    for code, shown in ((0, 0), (1, 1), (3, 0)):
        process = in_a_pod(tmp_path, f"echo told; exit {code}")
        assert (process.communicate()[0], process.returncode) == ("told\n", shown)


def test_a_pod_that_finds_the_lease_of_a_dead_one_fails_and_is_tried_again_for_longer_than_it_lasts(
    tmp_path: Path,
) -> None:
    busy = json.dumps(Retrained(Decision("busy", [], {}), None, None).as_dict(), indent=1)
    (tmp_path / "busy.json").write_text(busy)
    process = in_a_pod(tmp_path, "cat busy.json")
    assert (process.communicate()[0].strip(), process.returncode) == (busy, 1)
    tries = cron_job()["spec"]["jobTemplate"]["spec"]["backoffLimit"]
    assert sum(10 * 2**each for each in range(tries - 1)) > 2 * Settings().retrain_lease_seconds


def test_the_shell_of_a_pod_passes_sigterm_on_and_waits_for_the_end(tmp_path: Path) -> None:
    does = "trap 'sleep 0.3; echo given back; exit 143' TERM; touch begun; while :; do sleep 0.05; done"
    process = in_a_pod(tmp_path, does)
    while not (tmp_path / "begun").exists():
        sleep(0.02)
    process.terminate()
    assert (process.communicate(timeout=30)[0], process.returncode) == ("given back\n", STOPPED)


def test_kubernetes_starts_no_second_one() -> None:
    spec = cron_job()["spec"]
    assert (cron_job()["kind"], spec["concurrencyPolicy"]) == ("CronJob", "Forbid")
    assert re.fullmatch(r"\d+ \d+ \* \* \d", spec["schedule"])


def test_the_pod_may_do_nothing_but_its_work() -> None:
    pod = cron_job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    may = pod["containers"][0]["securityContext"]
    assert (may["capabilities"], may["seccompProfile"]) == ({"drop": ["ALL"]}, {"type": "RuntimeDefault"})
    assert (may["allowPrivilegeEscalation"], may["readOnlyRootFilesystem"], may["runAsNonRoot"]) == (False, True, True)
    assert pod["enableServiceLinks"] is False


def test_the_image_holds_the_code_the_extras_and_the_user_of_the_pod() -> None:
    text, project = DOCKERFILE.read_text(), tomllib.loads((ROOT / "pyproject.toml").read_text())
    rooms = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {name for name, to in re.findall(r"^COPY (\w+) (\w+)$", text, re.MULTILINE) if name == to} == set(rooms)
    extras = set(re.findall(r"--extra (\w+)", text))
    assert {"serve", "train", "postgres"} == extras <= set(project["project"]["optional-dependencies"])
    (version,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"uv=={version}\n" in text
    container = cron_job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    assert f"USER {container['securityContext']['runAsUser']}:" in text
    assert f"-t {container['image']} " in text


def test_the_line_of_cron_has_a_time_a_user_and_a_command() -> None:
    lines = (DEPLOY / "leadloop.cron").read_text().splitlines()
    (line,) = (each for each in lines if each and not each.startswith("#") and "=" not in each.split()[0])
    *times, user, command = line.split(maxsplit=6)
    assert (times, user) == (["17", "3", "*", "*", "0"], "leadloop")
    assert "leadloop retrain;" in command


def test_cron_writes_what_people_read_into_one_file_with_the_date(tmp_path: Path) -> None:
    (line,) = (each for each in (DEPLOY / "leadloop.cron").read_text().splitlines() if " leadloop  " in each)
    fake = tmp_path / "leadloop"
    fake.write_text("#!/bin/sh\necho $# $1; echo … >&2; exit 3\n")
    fake.chmod(0o755)
    command = line.partition(" leadloop  ")[2].replace("/opt/leadloop/.venv/bin/leadloop", str(fake))
    command = command.replace("/var/log/leadloop", str(tmp_path))
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, b"", b"")
    dated, told, step = (tmp_path / "retrain.log").read_text().splitlines()
    assert (dated[:2], told, step) == ("20", "1 retrain", "…")
    assert "%" not in line  # which cron takes for the end of the line


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    command = tmp_path / "leadloop"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    for file in DEPLOY.glob("leadloop-*"):
        text = file.read_text().replace("/opt/leadloop/.venv/bin/leadloop", str(command))
        (tmp_path / file.name).write_text(text)
    units = sorted(str(each) for each in tmp_path.glob("leadloop-*"))
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def read_only() -> Iterator[Path]:
    """The code where nobody may write, and a folder `home` beside it for whoever runs the command."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to others
        there = Path(folder)
        for room in ("leadloop", "features", "models", "training", "serving"):
            shutil.copytree(ROOT / room, there / "code" / room, ignore=shutil.ignore_patterns("__pycache__"))
        (there / "home").mkdir()
        (there / "home").chmod(0o777)
        there.chmod(0o755)
        rooms = [each for each in (there / "code").rglob("*") if each.is_dir()]
        for each in rooms:
            each.chmod(0o555)
        if NOBODY and subprocess.run([*NOBODY, sys.executable, "-c", "import numba"], check=False).returncode:
            pytest.skip("nobody may not run Python here")
        yield there
        for each in rooms:
            each.chmod(0o755)


@pytest.mark.parametrize("with_home", [True, False])
def test_the_command_runs_where_neither_the_code_nor_the_users_cache_may_be_written(
    read_only: Path, with_home: bool
) -> None:
    home = read_only / "home"
    given = _environment({"home": str(home)} if with_home else {})
    environment = given | {"HOME": "/nonexistent", "PYTHONPATH": str(read_only / "code"), "TMPDIR": "/tmp"}  # noqa: S108 -- of whoever runs it
    for name in ("XDG_CACHE_HOME", "NUMBA_CACHE_DIR"):
        environment.pop(name, None)
    command = [*NOBODY, COMMAND, "retrain", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=home, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1][:6]) == (1, "error:")
    assert "There is no lead to learn from" in done.stderr
    assert (home / "compiled").exists() == with_home
