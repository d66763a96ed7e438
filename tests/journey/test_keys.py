"""Keys as the command makes, lists and revokes them, and the audit log as it tells of that."""

import json
from pathlib import Path

from tests.support import leadloop


def created(home: Path, *options: str) -> dict[str, str]:
    """A key that the command made."""
    told: dict[str, str] = json.loads(leadloop("keys", "create", "--json", "--home", home, *options))
    return told


def listed(home: Path) -> list[dict[str, str | None]]:
    """What the command says of the keys."""
    told: list[dict[str, str | None]] = json.loads(leadloop("keys", "list", "--json", "--home", home))["keys"]
    return told


def test_a_key_is_shown_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    told = created(tmp_path, "--role", "service", "--name", "CRM")
    assert list(told) == ["id", "role", "key", "expires_at"]
    assert told["key"].startswith(f"ll_{told['id']}_")
    assert told["key"].encode() not in b"".join(file.read_bytes() for file in tmp_path.glob("ledger.db*"))
    assert told["key"] not in json.dumps(listed(tmp_path))


def test_a_secret_has_256_bits_and_no_two_are_the_same(tmp_path: Path) -> None:
    secrets = {created(tmp_path, "--role", "admin")["key"].split("_")[2] for _ in range(2)}
    assert [len(bytes.fromhex(secret)) * 8 for secret in secrets] == [256, 256]


def test_a_revoked_key_stays_listed_as_such(tmp_path: Path) -> None:
    told = created(tmp_path, "--role", "marketing")
    first = json.loads(leadloop("keys", "revoke", told["id"], "--json", "--home", tmp_path))
    again = json.loads(leadloop("keys", "revoke", told["id"], "--json", "--home", tmp_path))
    assert (first["state"], first["revoked_at"]) == ("revoked", again["revoked_at"])
    assert [row["state"] for row in listed(tmp_path)] == ["revoked"]


def test_making_and_revoking_is_in_the_audit_log_once_each(tmp_path: Path) -> None:
    told = created(tmp_path, "--role", "sales", "--owner", "nadia")
    for _ in range(2):
        leadloop("keys", "revoke", told["id"], "--home", tmp_path)
    entries = json.loads(leadloop("audit", "--json", "--home", tmp_path))["entries"]
    subject = f"key:{told['id']}"
    assert [(e["action"], e["subject"]) for e in entries] == [("key.revoked", subject), ("key.created", subject)]
    assert json.loads(leadloop("audit", "--json", "--home", tmp_path, "--since", "2999-01-01"))["entries"] == []


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    leadloop("keys", "create", "--role", "king", "--home", tmp_path, code=2)
    leadloop("keys", "create", "--role", "admin", "--owner", "nadia", "--home", tmp_path, code=2)
    leadloop("keys", "create", "--role", "sales", "--team", "nord", "--home", tmp_path, code=1)
    leadloop("keys", "create", "--role", "admin", "--expires-days", "0", "--home", tmp_path, code=2)
    leadloop("keys", "revoke", "nobody", "--home", tmp_path, code=1)
    leadloop("audit", "--since", "soon", "--home", tmp_path, code=2)


def test_a_team_is_one_of_the_settings(tmp_path: Path) -> None:
    told = leadloop(
        "keys", "create", "--role", "sales", "--team", "nord", "--home", tmp_path, teams='{"nord": ["nadia"]}'
    )
    assert "shown this once" in told
