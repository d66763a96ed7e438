"""What the company means by its words, as operations wrote it, with everything that stood there before."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from leadloop.clock import now, to_micros
from leadloop.errors import InputError
from leadloop.store import audit
from leadloop.store.tables import definitions

LONGEST = 2_000
"""Characters of a text."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of one definition; both texts None: as shipped again. `recorded_at`: microseconds UTC."""

    definition_id: str
    name: str
    en: str | None
    fr: str | None
    actor: str
    recorded_at: int

    @property
    def shipped(self) -> bool:
        """Whether the edit went back to what leadloop ships."""
        return self.en is None and self.fr is None


def edit(connection: Connection, name: str, en: str | None, fr: str | None, actor: str) -> Edit:
    """Write a definition in both languages, or (None, None) go back to the shipped one; the audit log notes by whom.

    Raises: InputError when one language is missing or a text is too long.
    """
    texts = [None if text is None else text.strip() for text in (en, fr)]
    if any(texts) and not all(texts):
        raise InputError(f"{name}: write it in both languages, en and fr, or in neither to go back to the shipped text")
    for text in texts:
        if text and len(text) > LONGEST:
            raise InputError(f"{name}: has {len(text):,} characters; write at most {LONGEST:,}")
    made = Edit(uuid4().hex, name, texts[0] or None, texts[1] or None, actor, to_micros(now()))
    connection.execute(insert(definitions).values({each: getattr(made, each) for each in Edit.__dataclass_fields__}))
    audit.record(connection, actor, "definition.changed", f"definition:{name}", {"shipped": made.shipped})
    return made


def history(connection: Connection) -> Mapping[str, Sequence[Edit]]:
    """Every edit by name, the newest first."""
    found: defaultdict[str, list[Edit]] = defaultdict(list)
    newest_first = (definitions.c.recorded_at.desc(), definitions.c.definition_id)
    for row in connection.execute(select(definitions).order_by(*newest_first)):
        found[row.name].append(Edit(*row))
    return found
