"""One process at a time works, on either database; the turn of a dead one ends."""

import os
import subprocess
import sys

import pytest

from leadloop.store import chores
from leadloop.store.alone import Turn, TurnLostError, is_dead, turn
from leadloop.store.ledger import Ledger

HOLD = """
import os, signal, sys
from leadloop.store.alone import Turn
from leadloop.store.ledger import Ledger
assert Turn(Ledger.open(sys.argv[1]), "job", 600.0).begin()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_second_has_no_turn_until_the_first_ends(ledger: Ledger) -> None:
    with turn(ledger, "job", 60.0) as first, turn(ledger, "job", 60.0) as second:
        assert first is not None
        assert second is None
    with turn(ledger, "job", 60.0) as third:
        assert third is not None


def test_the_turn_of_a_killed_process_of_this_machine_ends_at_once(ledger: Ledger, ledger_url: str) -> None:
    subprocess.run([sys.executable, "-c", HOLD, ledger_url], check=False)
    with turn(ledger, "job", 60.0) as mine:
        assert mine is not None


def test_the_turn_of_a_process_elsewhere_ends_with_its_lease(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        assert chores.take(connection, "job", "elsewhere/boot/1 4 abc", 600.0)
    with turn(ledger, "job", 60.0) as mine:
        assert mine is None
    with ledger.writing() as connection:
        assert chores.take(connection, "job", "elsewhere/boot/1 4 abc", -1.0)
    with turn(ledger, "job", 60.0) as mine:
        assert mine is not None


def test_who_was_too_silent_is_told_that_its_turn_is_over(ledger: Ledger) -> None:
    silent = Turn(ledger, "job", 0.0)
    assert silent.begin()
    with turn(ledger, "job", 60.0) as mine:
        assert mine is not None
        with pytest.raises(TurnLostError):
            silent.check()


def test_nobody_alive_or_elsewhere_is_taken_for_dead() -> None:
    mine = Turn(Ledger.open("sqlite://"), "job", 1.0).holder
    assert not is_dead(mine)
    assert not is_dead(mine.replace(str(os.getpid()), "1"))
    assert not any(is_dead(name) for name in ("", "x", "elsewhere/boot/1 999999999 abc", "a b c"))
