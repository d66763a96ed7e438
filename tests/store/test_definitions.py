"""What the company means is kept with everything that stood there before."""

import pytest

from leadloop.errors import InputError
from leadloop.store import audit, definitions
from leadloop.store.ledger import Ledger


def _edit(ledger: Ledger, en: str | None, fr: str | None) -> None:
    with ledger.writing() as connection:
        definitions.edit(connection, "state.mql", en, fr, "key:ops")


def test_each_edit_is_kept_and_the_newest_counts(ledger: Ledger) -> None:
    _edit(ledger, "one", "un")
    _edit(ledger, "two", "deux")
    _edit(ledger, None, None)
    with ledger.reading() as connection:
        edits = definitions.history(connection)["state.mql"]
        noted = [entry.subject for entry in audit.read(connection)]
    assert [(each.en, each.fr, each.shipped) for each in edits] == [
        (None, None, True),
        ("two", "deux", False),
        ("one", "un", False),
    ]
    assert noted == ["definition:state.mql"] * 3


@pytest.mark.parametrize(("en", "fr"), [("one", ""), ("", "un"), ("x" * 2_001, "y")])
def test_a_definition_is_written_in_both_languages_and_is_no_book(ledger: Ledger, en: str, fr: str) -> None:
    with pytest.raises(InputError):
        _edit(ledger, en, fr)
