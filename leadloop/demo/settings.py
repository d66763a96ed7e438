"""What a demo world is asked to be: its seed, its size, its end; read by every other module of the demo."""

from dataclasses import dataclass

from leadloop.clock import DAY, parse_instant
from leadloop.errors import InputError


@dataclass(frozen=True)
class DemoSettings:
    """The same settings give the same world, byte for byte, on any machine.

    `days`: how long leads arrive before `end`. `capacity`: leads that sales can work on a working day; None scales it
    to the number of leads. `end`: ISO 8601 or microseconds UTC; nothing is recorded later. `changes`: days after the
    start when sources change; without, once, half way. With a second day, a source stops on the first (STOPPING), and
    on the second one turns bad (TURNING) and the one that had collapsed is good again.
    """

    seed: int = 0
    leads: int = 6_000
    days: int = 540
    capacity: int | None = None
    end: str | int = "2026-06-30T00:00:00Z"
    changes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.leads < 1 or self.days < 1:
            raise InputError(f"A demo world needs a lead and a day; got leads={self.leads}, days={self.days}")
        if self.capacity is not None and self.capacity < 0:
            raise InputError(f"A demo world's capacity is 0 or more leads a day; got {self.capacity}")
        if len(self.changes) > 2 or list(self.changes) != sorted(set(self.changes) & set(range(1, self.days))):
            raise InputError(f"A demo world changes on two days at most, one after the other; got {self.changes}")

    @property
    def end_at(self) -> int:
        """Microseconds UTC, cut to whole seconds."""
        end = self.end if isinstance(self.end, int) else parse_instant(self.end)
        return end - end % 1_000_000

    @property
    def start_at(self) -> int:
        """The first lead arrives later than this instant."""
        return self.end_at - self.days * DAY

    @property
    def middle_at(self) -> int:
        """When the world drifts."""
        return self.start_at + (self.changes[0] * DAY if self.changes else self.days * DAY // 2)

    @property
    def middle_day(self) -> int:
        """The first whole day after that."""
        return self.changes[0] if self.changes else (self.days + 1) // 2

    @property
    def turn_at(self) -> int | None:
        """When sources change again, if they do."""
        return self.start_at + self.changes[1] * DAY if len(self.changes) > 1 else None
