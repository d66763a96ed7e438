"""Webhooks while receivers fail, are slow and hang up, and senders are killed: sent, received, twice, lost.

The rounds are those of tests/serving/hook_rounds.py: run it as `python -m benchmarks.webhooks`. `--json` for programs.
Exits 1 when anything was lost, came out of order or was badly signed.
"""

from benchmarks.rounds import counted, measure, parsed, tell
from leadloop import console
from tests.serving.hook_rounds import run

FIGURES = ("sent", "received", "duplicates", "lost", "left")


def main() -> None:
    """Print what was sent, received, received twice and lost."""
    given = parsed(__doc__, 100, "on each database")
    found = measure(lambda url, _: run(url, given.rounds, given.seed))
    figures = {f"{name}.{figure}": one[figure] for name, one in found.items() for figure in FIGURES} | counted(found)
    title = f"{given.rounds} rounds on each database"
    tell(
        found,
        figures,
        as_json=given.json,
        table=lambda: console.print_table(title, ("", "count"), list(figures.items()), ("count",)),
        failed=any(one["lost"] or one["left"] for one in found.values()),
    )


if __name__ == "__main__":
    main()
