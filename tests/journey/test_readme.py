"""The README's walk from a clone to a ranked queue: every command in it runs here, in its order, as it stands there."""

import csv
import os
import re
import shlex
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.support import COMMAND, serving

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.strip().splitlines()]
RUN_APART = {"make demo", "make test", ".venv/bin/leadloop serve --open"}
TITLES = {"Head of Purchasing": 0.5, "Buyer": 0.3, "Analyst": 0.08, "Student": 0.01}
SOURCES = {"Webinar": 1.4, "Referral": 1.8, "Paid Social": 0.5, "Organic": 1.0}
REASONS = {"Student": "Student", "Analyst": "No money"}
LEADS = 1_500


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A newcomer's folder: `.venv`, their export, the README's mapping file, and what their leads did."""
    desk = tmp_path_factory.mktemp("newcomer")
    (desk / ".venv").symlink_to(Path(sys.prefix))
    (desk / "my-crm.toml").write_text(re.findall(r"```toml\n(.*?)```", README, re.DOTALL)[0])
    header = re.findall(r"```csv\n(.*?)\n", README)[0].split(",")
    draws, rows = np.random.default_rng(7), []
    for number in range(LEADS):
        title, source = draws.choice(list(TITLES)), draws.choice(list(SOURCES))
        won = draws.random() < TITLES[title] * SOURCES[source]
        created = datetime(2025, 1, 1) + timedelta(hours=6 * number)  # noqa: DTZ001 -- as the CRM writes it
        closed = created + timedelta(days=float(draws.gamma(2, 12 if won else 4)))
        still_open = closed > datetime(2025, 1, 1) + timedelta(hours=6 * LEADS)  # noqa: DTZ001
        status = "Open" if still_open else "Won" if won else "Rejected"
        known = [
            f"00Q{number}",
            f"{created:%Y-%m-%d %H:%M}",
            source,
            title,
            "Acme" if won else "",
            f"p{number}@mail.example",
        ]
        end = ["Open", "", "", ""]
        if status != "Open":
            end = [
                status,
                f"{closed:%Y-%m-%d %H:%M}",
                "" if won else REASONS.get(title, "Never answers"),
                "9000" if won else "",
            ]
        rows.append([*known, *end, "Nadia"])
    write(desk / "my-export.csv", header, rows)
    opened = [[f"00Q{n}", "email_open", f"2025-01-0{1 + n % 9}T10:00:00Z"] for n in range(0, LEADS, 3)]
    write(desk / "events.csv", ["lead_id", "type", "occurred_at"], opened)
    return desk


def write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """A CSV file."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def run(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A line of the README in a shell, as the newcomer types it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LEADLOOP_", "MLFLOW_"))}
    return subprocess.run(["bash", "-c", line], cwd=cwd, capture_output=True, text=True, env=environment)


def test_the_readmes_export_walk_ends_in_a_ranked_queue(desk: Path) -> None:
    for line in COMMANDS:
        if line in RUN_APART or line.startswith("curl"):
            continue
        done = run(line, desk)
        assert done.returncode == 0, f"{line}\n{done.stderr}{done.stdout}"
    assert (desk / "scores.csv").stat().st_size > 1_000


def test_the_readmes_requests_are_answered(desk: Path) -> None:
    with serving(desk / "var") as api:
        for line in (line for line in COMMANDS if line.startswith("curl")):
            done = run(line.replace("http://127.0.0.1:8000", str(api.base_url).rstrip("/")), desk)
            assert '"p_win"' in done.stdout, f"{line}\n{done.stderr}{done.stdout}"


def test_make_demo_runs_the_demo(tmp_path: Path) -> None:
    dry = subprocess.run(["make", "--dry-run", "demo"], cwd=ROOT, capture_output=True, text=True)
    assert "leadloop demo" in dry.stdout
    assert (ROOT / "Makefile").read_text().count("\ntest:") == 1


def test_every_command_of_the_readme_is_run_or_named_here() -> None:
    assert set(COMMANDS) >= RUN_APART
    assert all(shlex.split(line)[0] in {"make", "curl", ".venv/bin/leadloop"} for line in COMMANDS)
    assert Path(COMMAND).exists()
