"""Whose leads somebody sees: sales their own or their team's when so configured; marketing, leads but not people."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from leadloop.access import Role
from leadloop.errors import UnknownLeadError
from leadloop.settings import Settings
from serving.access import Caller, caller_of


@dataclass(frozen=True)
class Sight:
    """What a caller sees. `owners`: whose leads, None: everyone's. `identity`: whether also who the leads are."""

    caller: Caller
    owners: Set[str] | None = None
    identity: bool = True

    def visible(self, owner: str | None) -> bool:
        """Whether a lead with this owner is seen."""
        return self.owners is None or owner in self.owners

    def check(self, lead_id: str, owner: str | None) -> None:
        """Refuse a lead that is not seen in the words for one that is not there, so that nothing is given away.

        Raises: UnknownLeadError.
        """
        if not self.visible(owner):
            raise UnknownLeadError(f"There is no lead '{lead_id}' in the ledger; import it first")

    def narrowed(self, owner: str | None) -> Set[str] | None:
        """Whose leads to list when those of `owner` are asked for (None: whoever's are seen).

        Raises: HTTPException 403 when somebody else's are asked for.
        """
        if owner is None:
            return self.owners
        if not self.visible(owner):
            raise HTTPException(403, f"owner: this key does not see the leads of '{owner}'; leave owner out")
        return frozenset({owner})


@dataclass(frozen=True)
class Rules:
    """What the settings say about who sees what."""

    own_only: bool = False
    teams: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """Those of the settings."""
        return cls(settings.sales_see == "own", settings.teams)

    def sight(self, caller: Caller) -> Sight:
        """What a caller sees."""
        owners = None
        if self.own_only and caller.role == Role.sales:
            team = self.teams.get(caller.team or "", ())
            owners = frozenset(filter(None, (caller.owner, *team)))
        return Sight(caller, owners, identity=caller.role != Role.marketing)


def sight_of(request: Request) -> Sight:
    """What the caller of a request sees."""
    return Rules.of(request.app.state.settings).sight(caller_of(request))


Sees = Annotated[Sight, Depends(sight_of)]
"""For routes: `sees: Sees`."""
