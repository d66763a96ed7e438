"""As of an instant: a full ledger answers as one that never received anything later, byte for byte."""

import csv
import json
from pathlib import Path

import pytest

from leadloop.clock import DAY, isoformat
from tests.support import Loop, leadloop


@pytest.fixture(scope="module")
def instant(loop: Loop) -> str:
    """A hundred days before the end of the made-up company."""
    return isoformat(loop.world.truth.market.settings.end_at - 100 * DAY)


@pytest.fixture(scope="module")
def truncated(loop: Loop, instant: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same files without any row recorded after that instant, and in another order."""
    folder = tmp_path_factory.mktemp("truncated")
    for name in ("leads", "events", "outcomes"):
        with (
            (loop.files / f"{name}.csv").open(newline="") as source,
            (folder / f"{name}.csv").open("w", newline="") as target,
        ):
            reader = csv.DictReader(source)
            writer = csv.DictWriter(target, reader.fieldnames or [])
            writer.writeheader()
            writer.writerows(reversed([row for row in reader if row["recorded_at"] <= instant]))
    return folder


@pytest.fixture(scope="module")
def homes(loop: Loop, truncated: Path, instant: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two homes that learned as of that instant: one from everything, one from what was known then."""
    full, early = tmp_path_factory.mktemp("full"), tmp_path_factory.mktemp("early")
    for home, files in ((full, loop.files), (early, truncated)):
        leadloop("import", files, "--home", home)
        leadloop("train", "--as-of", instant, "--home", home)
    return full, early


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_scores_as_of_an_instant_equal_those_of_a_ledger_that_knew_no_more(
    homes: tuple[Path, Path], instant: str, ending: str, tmp_path: Path
) -> None:
    files = [tmp_path / f"{place}.{ending}" for place in ("full", "early")]
    for home, file in zip(homes, files, strict=True):
        leadloop("score", "--all", "--as-of", instant, "--out", file, "--home", home)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[0].stat().st_size > 10_000


def test_the_queue_and_an_explanation_equal_too(homes: tuple[Path, Path], instant: str) -> None:
    queues = [leadloop("queue", "--as-of", instant, "--json", "--home", home) for home in homes]
    assert queues[0] == queues[1]


def test_the_models_learned_are_the_same_bytes(homes: tuple[Path, Path]) -> None:
    full, early = (home / "models" / "1" for home in homes)
    assert (full / "manifest.json").read_bytes() == (early / "manifest.json").read_bytes()
    assert (full / "scorecard.json").read_bytes() == (early / "scorecard.json").read_bytes()


def test_without_as_of_a_ledger_is_looked_at_as_of_its_newest_row(homes: tuple[Path, Path], loop: Loop) -> None:
    rooms = (loop.world.leads, loop.world.events, loop.world.outcomes)
    newest = isoformat(max(row.recorded_at or 0 for rows in rooms for row in rows))
    assert json.loads(leadloop("queue", "--json", "--home", homes[0]))["as_of"] == newest


def test_an_as_of_that_is_no_time_is_wrong_usage(homes: tuple[Path, Path]) -> None:
    leadloop("score", "--as-of", "yesterday", "--home", homes[0], code=2)
