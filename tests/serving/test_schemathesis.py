"""Schemathesis, all its checks, on a running server with a key of each role: what the OpenAPI file says is so.

LEADLOOP_TEST_EXAMPLES: how many examples of each operation are made up; with more than the default, every role gets
every phase.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadloop.access import Role
from tests.journey.test_few_outcomes import learned_from_five
from tests.support import COMMAND, leadloop, serving

FEW = 3
EXAMPLES = int(os.environ.get("LEADLOOP_TEST_EXAMPLES", FEW))
PROGRAM, RULES = Path(COMMAND).with_name("schemathesis"), Path(__file__).with_name("schemathesis.toml")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a few leads and a model of rules, which is quick to rank by."""
    return learned_from_five(tmp_path_factory)


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """Where a server on it answers that wants keys."""
    with serving(home, without_key=False, rate_limit="0") as client:
        yield str(client.base_url)


@pytest.mark.parametrize("role", Role)
def test_the_server_keeps_what_the_openapi_file_says(address: str, home: Path, role: Role, tmp_path: Path) -> None:
    key = json.loads(leadloop("keys", "create", "--role", role, "--json", "--home", home))["key"]
    phases = "examples,fuzzing" if EXAMPLES == FEW and role != Role.admin else "examples,coverage,fuzzing,stateful"
    command: list[str | Path] = [PROGRAM, "--config-file", RULES, "--no-color", "run", f"{address}/openapi.json"]
    command += ["-H", f"Authorization: Bearer {key}", "--checks", "all", "--phases", phases, "-n", str(EXAMPLES)]
    patient = ["--request-timeout", "60", "--max-response-time", "60", "--suppress-health-check", "all", "--seed", "1"]
    done = subprocess.run([*command, *patient], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr
