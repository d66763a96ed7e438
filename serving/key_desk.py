"""Where keys are made and ended, by command and on the page alike; nobody hands out more than is theirs to do."""

from collections.abc import Set
from dataclasses import dataclass

from leadloop.access import Role
from leadloop.errors import InputError
from leadloop.settings import Settings
from leadloop.store import keys
from leadloop.store.keys import DAYS, ApiKey, Holder
from leadloop.store.ledger import Ledger
from serving.access import TABLE
from serving.writing import write

DAYS_AT_MOST = 3_650
NAME_AT_MOST = 100


def grants(role: Role | None) -> Set[Role]:
    """For which roles somebody may make a key: those that may do nothing that they may not do themselves.

    >>> sorted(grants(Role.operations)), grants(Role.admin) == frozenset(Role)
    ([<Role.operations: 'operations'>], True)
    """
    beyond = {other for roles in TABLE.values() if roles and role not in roles for other in roles}
    return frozenset(Role) - beyond


@dataclass(frozen=True)
class Desk:
    """Changes in the name of `actor`, as the audit log names them."""

    settings: Settings
    ledger: Ledger
    actor: str

    def create(self, holder: Holder, days: int = DAYS) -> tuple[ApiKey, str]:
        """Make a key; what it is is told here and never again.

        Raises: InputError when there is no such team, or it would mean nothing.
        """
        self._refuse(holder, days)
        return write(self.ledger, lambda connection: keys.create(connection, holder, days, self.actor))

    def revoke(self, key_id: str) -> ApiKey:
        """End a key for good.

        Raises: UnknownKeyError.
        """
        return write(self.ledger, lambda connection: keys.revoke(connection, key_id, self.actor))

    def _refuse(self, holder: Holder, days: int) -> None:
        if holder.team is not None and holder.team not in self.settings.teams:
            raise InputError(f"There is no team '{holder.team}' in the setting teams; write it there first")
        if (holder.owner or holder.team) and holder.role != Role.sales:
            raise InputError("An owner or a team goes with the role sales only; leave it out, or choose sales")
        if not 1 <= days <= DAYS_AT_MOST:
            raise InputError(f"A key is good for 1 to {DAYS_AT_MOST} days, not for {days}")
        if len(holder.name) > NAME_AT_MOST:
            raise InputError(f"A key's name has at most {NAME_AT_MOST} characters, this one has {len(holder.name)}")
