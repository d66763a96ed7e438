"""Retrainings killed at every point and at any instant: does the next one complete them, with exactly one champion?

The rounds are those of tests/crash/retraining.py, half of them on each database: run it as
`python -m benchmarks.retrain_crash`. `--json` for programs. Exits 1 when anything was wrong.
"""

from benchmarks.rounds import counted, measure, parsed, places, tell
from tests.crash.retraining import run


def main() -> None:
    """Print how many were killed where, and what was wrong."""
    given = parsed(__doc__, 100, "of both databases together")
    found = measure(lambda url, databases: run(url, given.rounds // databases, given.seed))
    figures = counted(found) | {f"{name}.rounds": one["rounds"] for name, one in found.items()}
    title = f"{given.rounds} rounds"
    tell(found, figures, as_json=given.json, table=lambda: places(found, title), failed=False)


if __name__ == "__main__":
    main()
