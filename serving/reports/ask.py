"""What somebody asks of a report: as of when, in which language, and under which assumptions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from features.history import NEVER
from leadloop.settings import Settings
from serving.reports import facts as facts_of
from serving.reports.arrival import NOTHING_SAID, Arrival
from serving.reports.drift_found import Found
from serving.reports.facts import Facts
from serving.reports.placing import Placed
from serving.reports.words import Lang, say
from serving.scorer import shown_instant
from serving.sla import Sla

if TYPE_CHECKING:
    from serving.reports.lift_rival import Rival


@dataclass(frozen=True)
class Ask:
    """`as_of`: microseconds UTC, NEVER in an undated ledger. `arrival`, `drift`: what a model says, where there is one.

    `goal`, `capacity`, `rates` (by stage): what to assume in place of what is configured or learned. `only`: refusals
    of one source, campaign or month. `placed`: which persona each lead is of, where a model tells them apart. `within`:
    days in which wins count; `challenger`: a version to hold against leadloop's lists, `rival`: what it would have
    listed.
    """

    settings: Settings
    as_of: int
    lang: Lang = "en"
    by: str | None = None
    version: str | None = None
    arrival: Arrival = NOTHING_SAID
    drift: Found | None = None
    goal: float | None = None
    capacity: int | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    placed: Placed | None = None
    within: float | None = None
    challenger: str | None = None
    rival: "Rival | None" = None

    @property
    def cut(self) -> int | None:
        """What to read by: None in an undated ledger."""
        return None if self.as_of == NEVER else self.as_of

    @property
    def shown(self) -> str | None:
        """The instant for an answer."""
        return shown_instant(self.as_of)

    @cached_property
    def sla(self) -> Sla | None:
        """The promises configured."""
        return Sla.of(self.settings)

    @property
    def cells(self) -> Mapping[str, str]:
        """The cell of each lead that has one."""
        return self.arrival.cell

    @property
    def counted(self) -> str:
        """What counts as a delivered lead."""
        return self.settings.contract.counted if self.settings.contract else "created_at"

    def facts(self, connection: Connection, since: str | None = None) -> Facts:
        """What is known of every lead."""
        return facts_of.read(connection, self.cut, since or self.counted)

    def say(self, key: str, **values: object) -> str:
        """A text in the language asked for."""
        return say(self.lang, key, **values)
