"""Models swapped every second under load: failed requests, and answers with one version's chance under another's name.

`python -m benchmarks.swap --seconds 60`; `--json` for programs. The versions differ in every chance; what each says of
the leads asked about is known beforehand. Exits 1 when a request failed, an answer was mixed or no swap was seen.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx

from leadloop import console
from leadloop.demo import DemoSettings, simulate, write_csv
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from models import registry
from serving.scorer import when
from tests.support import bring_in, serving
from training import retrain

LEADS: tuple[dict[str, Any], ...] = ({}, {"source": "webinar"}, {"source": "web", "country": "FR"})
CLIENTS = 4
LEADS_MADE_UP = 2_000
_SAME = 1e-9
As = Mapping[str, Sequence[float]]
"""By version, the chances of LEADS."""


@dataclass
class Seen:
    """What came back."""

    answers: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)

    def look(self, scores: Sequence[Mapping[str, Any]], expected: As, numbers: Sequence[int]) -> None:
        """Compare the scores of an answer with what the version that they name says."""
        versions = {str(score["model_version"]) for score in scores}
        self.answers.update(versions)
        wrong = [
            score
            for score, number in zip(scores, numbers, strict=True)
            if abs(score["p_win"] - expected[str(score["model_version"])][number]) > _SAME
        ]
        if wrong or len(versions) > 1:
            self.mixed.append(f"{versions}: {[score['p_win'] for score in scores]}")


def other_version(settings: Settings) -> str:
    """Register the champion again with all its chances lower; returns the number."""
    version = registry.load(settings)
    outcome = version.bundle.outcome
    shifted = replace(outcome.calibration, intercept=outcome.calibration.intercept - 1.0)
    lower = replace(version.bundle, outcome=replace(outcome, calibration=shifted))
    scorecard = {name: value for name, value in version.scorecard.items() if name != "model_version"}
    return registry.register(settings, lower, scorecard, {"params": {}, "tags": {}})


def known(client: httpx.Client, settings: Settings, versions: Sequence[str]) -> dict[str, list[float]]:
    """What each version says of LEADS: asked when it alone was switched on."""
    told: dict[str, list[float]] = {}
    for version in versions:
        registry.promote(settings, version)
        while (scores := _batch(client).json()["scores"])[0]["model_version"] != version:
            time.sleep(0.05)
        told[version] = [score["p_win"] for score in scores]
    return told


def under_load(client: httpx.Client, settings: Settings, seconds: float, every: float = 1.0) -> tuple[Seen, int]:
    """Swap while clients ask; what they saw and how many swaps were made."""
    first = registry.load(settings).version
    versions = [first, other_version(settings)]
    expected, seen, stop = known(client, settings, versions), Seen(), Event()
    if expected[versions[0]] == expected[versions[1]]:
        raise RuntimeError("the two versions say the same; nothing could be told apart")
    threads = [Thread(target=_ask, args=(str(client.base_url), expected, seen, stop)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    swaps, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        registry.promote(settings, versions[swaps % 2])
        swaps += 1
        stop.wait(every)
    stop.set()
    for thread in threads:
        thread.join()
    return seen, swaps


def _batch(client: httpx.Client) -> httpx.Response:
    return client.post("/v1/score/batch", json={"leads": list(LEADS)})


def _ask(address: str, expected: As, seen: Seen, stop: Event) -> None:
    with httpx.Client(base_url=address, timeout=30) as client:
        while not stop.is_set():
            for number, lead in enumerate(LEADS):
                _answered(lambda lead=lead: client.post("/v1/score", json={"lead": lead}), expected, seen, [number])
            _answered(lambda: _batch(client), expected, seen, range(len(LEADS)))


def _answered(ask: Any, expected: As, seen: Seen, numbers: Sequence[int]) -> None:
    try:
        answer: httpx.Response = ask()
    except httpx.HTTPError as error:
        seen.failed.append(repr(error))
        return
    if answer.status_code != httpx.codes.OK:
        seen.failed.append(f"{answer.status_code} {answer.text[:200]}")
        return
    body = answer.json()
    seen.look(body.get("scores", [body]), expected, numbers)


def made_up(folder: Path) -> Settings:
    """A made-up company that has a champion."""
    settings = Settings(home=folder / "home", tune_trials=0)
    write_csv(simulate(DemoSettings(seed=0, leads=LEADS_MADE_UP)), folder / "files")
    ledger = Ledger.open(settings.ledger_url)
    bring_in(ledger, folder / "files")
    retrain.train(settings, ledger, when(ledger, None))
    ledger.close()
    return settings


def copied(home: Path, folder: Path) -> Settings:
    """A home that has a champion, copied: versions are registered there."""
    return Settings(home=shutil.copytree(home, folder / "home"))


def measure(seconds: float, home: Path | None) -> dict[str, float]:
    """A real server on a company of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = copied(home, Path(scratch)) if home else made_up(Path(scratch))
        with serving(settings.home) as client:
            seen, swaps = under_load(client, settings, seconds)
    for complaint in [*seen.failed[:5], *seen.mixed[:5]]:
        console.warn(complaint)
    return {
        "swaps": swaps,
        "answers": sum(seen.answers.values()),
        "versions_seen": len(seen.answers),
        "failed": len(seen.failed),
        "mixed": len(seen.mixed),
    }


def main() -> None:
    """Print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--home", type=Path, help="of a trained company; default: one made up here")
    given = parser.parse_args()
    figures = measure(given.seconds, given.home)
    if given.json:
        json.dump({"figures": figures, "peers": {}, "ratios": {}}, sys.stdout, indent=1)
    else:
        console.print_table(
            f"{given.seconds:g} s of swaps under load", ("", "count"), list(figures.items()), ("count",)
        )
    sys.exit(1 if figures["failed"] or figures["mixed"] or figures["versions_seen"] < 2 else 0)


if __name__ == "__main__":
    main()
