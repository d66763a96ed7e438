"""The list of leads made by many machines: each scores partitions of a lake as the command does alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import merge
from typing import TYPE_CHECKING, Any

from features.history import NEVER, build
from features.lake import check_instant, read
from leadloop.cluster import gather
from leadloop.errors import InputError
from leadloop.store import lake_outcomes
from leadloop.store.lake import Lake
from models.registry import Version
from serving.scorer import Scorer
from serving.worklist import Worklist, best_first, chosen, left, ranked

if TYPE_CHECKING:
    from distributed import Client

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Choice:
    """Which leads to score at an instant: open ones, everyone, or those named."""

    as_of: int
    everyone: bool = False
    lead_ids: tuple[str, ...] | None = None


def rank(client: "Client", lake: Lake, scorer: Scorer, choice: Choice) -> Worklist:
    """Score on the workers, rank here; the rows are those that `serving.worklist.rank` makes of the same ledger.

    The rows come to this machine, and the list knows no history: reasons are asked for one by one, from the ledger.

    Raises: ClusterError when the workers can't finish, InputError when the lake does not know that instant.
    """
    check_instant(lake, choice.as_of)
    if apart := scorer.version.bundle.catalogue.read_apart:
        raise InputError(
            f"This model looks at what a lake has not (blocks of features: {', '.join(sorted(apart))});"
            " leave out --engine dask"
        )
    # As a task's result the model goes from worker to worker, and is made again where one that had it is lost.
    model = client.submit(_same, scorer.version, pure=False)
    numbers = _partitions(lake, choice)
    parts = [client.submit(score_partition, lake, number, model, choice, pure=False) for number in numbers]
    return Worklist(choice.as_of, _renumbered(gather(client, parts)), build([], []))


def score_partition(lake: Lake, number: int, version: Version, choice: Choice) -> Rows:
    """The rows of one partition, best first, ranked among themselves."""
    history = read(lake, number, choice.as_of)
    named = None if choice.lead_ids is None else list(choice.lead_ids)
    done = set[str]()
    if not choice.everyone and named is None:
        done = left(
            lake_outcomes.read(lake, number, None if choice.as_of == NEVER else choice.as_of),
            history.people,
            choice.as_of,
        )
    return ranked(Scorer(version), history, chosen(history, choice.as_of, done, named), choice.as_of)


def _same(version: Version) -> Version:
    return version


def _partitions(lake: Lake, choice: Choice) -> Iterable[int]:
    if choice.lead_ids is None:
        return range(lake.partitions)
    return lake.homes(choice.lead_ids)


def _renumbered(parts: list[Rows]) -> Rows:
    every = merge(*parts, key=best_first)
    return [{**row, "rank": position} for position, row in enumerate(every, start=1)]
