"""What a server counts, and what it looks up when Prometheus asks; several processes are summed."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from leadloop.clock import SECOND, now, to_micros
from leadloop.errors import LeadLoopError
from leadloop.settings import Settings
from leadloop.store import backlog, chores, to_score
from serving import drifting
from serving.noticing import standings

if TYPE_CHECKING:
    from serving.state import State

TOGETHER = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes of one server leave their counts for whichever is asked; set before this module is imported."""
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
Values = Iterable[tuple[tuple[str, ...], float]]
"""Values of a gauge, each with its labels."""


@dataclass(frozen=True)
class Gauge:
    """Something looked up when Prometheus asks; `read` gives one number, or one for each set of `labels`.

    What can't be read at the moment is left out.
    """

    name: str
    text: str
    read: Callable[["State"], "float | Values | None"]
    labels: tuple[str, ...] = ()


def _model(state: "State") -> Values:
    scorer = state.champion.scorer
    return [((scorer.version.version,), 1.0)] if scorer else []


def _refused(state: "State") -> Values:
    refused = state.champion.refused
    return [((refused.version,), 1.0)] if refused else []


def _waiting(state: "State") -> float:
    with state.ledger.reading() as connection:
        return float(to_score.waiting(connection)[0])


def _waiting_seconds(state: "State") -> float:
    with state.ledger.reading() as connection:
        since = to_score.waiting(connection)[1]
    return 0.0 if since is None else (to_micros(now()) - since) / SECOND


def _queue_age(state: "State") -> float | None:
    return state.keeper.last_age_seconds()


def _outbox(state: "State") -> Values:
    with state.ledger.reading() as connection:
        depth = backlog.depth(connection, to_micros(now()))
    return [(("waiting",), float(depth.waiting)), (("dead",), float(depth.dead))]


def _outbox_oldest(state: "State") -> float:
    with state.ledger.reading() as connection:
        return backlog.depth(connection, to_micros(now())).oldest_seconds


def _drift(state: "State") -> float | None:
    with state.ledger.reading() as connection:
        found = chores.value(connection, "scores").get("psi")
    return None if found is None else float(found)


GAUGES: tuple[Gauge, ...] = (
    Gauge("leadloop_model_info", "1 for the version that serves", _model, ("version",)),
    Gauge("leadloop_model_refused", "1 for a version that was switched on and refused", _refused, ("version",)),
    Gauge("leadloop_leads_to_score", "leads whose stored score is behind their history", _waiting),
    Gauge("leadloop_leads_to_score_seconds", "for how long the first of them has been", _waiting_seconds),
    Gauge("leadloop_queue_age_seconds", "since the ledger was last looked at for the queue", _queue_age),
    Gauge("leadloop_promises", "leads that wait for a promised first contact", standings, ("state",)),
    Gauge("leadloop_outbox", "webhook deliveries", _outbox, ("state",)),
    Gauge("leadloop_outbox_oldest_seconds", "for how long the oldest delivery has waited", _outbox_oldest),
    Gauge("leadloop_stars_psi", "population stability of the stars of open leads, today's against training's", _drift),
    Gauge("leadloop_feature_psi", "population stability of a fact of new leads", drifting.psi_of, ("feature",)),
    Gauge("leadloop_feature_missing", "share of new leads without a fact", drifting.missing_of, ("feature",)),
    Gauge("leadloop_drift_alarms", "alarms of drift that stand", drifting.alarms_of),
    Gauge("leadloop_wins_since_training", "wins of ripe leads, expected and real", drifting.wins_of, ("kind",)),
)


class Metrics:
    """The counters of a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "leadloop_request_seconds", "time to answer", ("route", "status"), buckets=BUCKETS, registry=self.registry
        )
        self.scores = Counter("leadloop_scores", "scores given in answers", registry=self.registry)
        self.stored = Counter("leadloop_scores_stored", "scores stored", registry=self.registry)
        self.swaps = Counter("leadloop_model_swaps", "models that took over from another", registry=self.registry)
        self.refusals = Counter("leadloop_model_refusals", "models that were refused", registry=self.registry)
        self._known: dict[tuple[str, int], Callable[[float], None]] = {}

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request; the way to its series is looked up once."""
        key = (route, status // 100)
        observe = self._known.get(key)
        if observe is None:
            observe = self._known[key] = self._seconds.labels(route, f"{key[1]}xx").observe
        observe(seconds)

    def page(self, state: "State") -> bytes:
        """Everything, as Prometheus reads it."""
        if TOGETHER not in os.environ:
            return generate_latest(self.registry) + generate_latest(_looked_up(state))
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call] # untyped in prometheus-client
        return generate_latest(together) + generate_latest(_looked_up(state))


class _LookedUp:
    """A collector of the gauges."""

    def __init__(self, state: "State") -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        """One family a gauge."""
        for gauge in GAUGES:
            family = GaugeMetricFamily(gauge.name, gauge.text, labels=gauge.labels)
            for labels, value in self._values(gauge):
                family.add_metric(labels, value)
            yield family

    def _values(self, gauge: Gauge) -> Values:
        try:
            found = gauge.read(self._state)
        except LeadLoopError:
            return ()
        if found is None:
            return ()
        return [((), float(found))] if isinstance(found, int | float) else found


def _looked_up(state: "State") -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_LookedUp(state))
    return registry


def share(settings: Settings) -> None:
    """Make the folder in which the processes that start next leave their counts; those of earlier ones go."""
    folder: Path = settings.home.resolve() / "metrics"
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[TOGETHER] = str(folder)
