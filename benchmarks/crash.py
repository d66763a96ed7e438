"""Writers killed at every failpoint and at any instant, on each database: what was lost, doubled or left half.

The rounds are those of tests/crash: run it as `python -m benchmarks.crash`. `--json` for programs. Exits 1 when
anything was wrong.
"""

from benchmarks.rounds import counted, measure, parsed, places, tell
from tests.crash.rounds import run


def main() -> None:
    """Print how many were killed where, and what was wrong."""
    given = parsed(__doc__, 200, "on each database")
    found = measure(lambda url, _: run(url, given.rounds, given.seed))
    title = f"{given.rounds} rounds on each database"
    tell(found, counted(found), as_json=given.json, table=lambda: places(found, title), failed=False)


if __name__ == "__main__":
    main()
