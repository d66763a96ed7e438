"""A sample's leads out of what a browser sends: a file or pasted lines, without who the people are."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from sqlalchemy import Connection

from leadloop.errors import InputError
from leadloop.store import samples
from leadloop.store.contact import folded
from leadloop.store.samples import AT_MOST, SampleLead

EMAIL = frozenset({"email", "e mail", "mail", "courriel", "email address", "adresse e mail"})
WHO = EMAIL | {
    *("phone", "telephone", "tel", "mobile", "first name", "last name", "firstname", "lastname", "name", "full name"),
    *("prenom", "nom", "nom de famille", "contact", "contact name", "address", "adresse", "linkedin"),
}
"""Columns that say who somebody is, folded: sales judges what a lead is, and a sample keeps nothing else."""
ID = frozenset({"lead id", "leadid", "id"})
_PERSON = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|\+?\d(?:[\s.\-]?\d){8,}")
_LONGEST = 300  # of a value
_COLUMNS = 30


@dataclass(frozen=True)
class Form:
    """What a form said; `file`: of the one that was chosen, "" where none was."""

    fields: Mapping[str, str] = field(default_factory=dict)
    file: str = ""


def form_of(body: bytes, kind: str) -> Form:
    """Read a form, with a file or without.

    Raises: InputError when it is no form, or the file is no text.
    """
    if not kind.startswith("multipart/form-data"):
        return Form(dict(parse_qsl(body.decode("utf-8", "replace"))))
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n" + body)
    fields, file = dict[str, str](), ""
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        text = _text(content if isinstance(content, bytes) else b"")
        if part.get_filename() is not None:
            file = text
        else:
            fields[str(part.get_param("name", "", header="content-disposition"))] = text.strip()
    return Form(fields, file)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")  # what spreadsheets write in western Europe


def leads_of(connection: Connection, text: str) -> list[SampleLead]:
    """The leads of a CSV text with a line of headings; one that the ledger knows by its id or e-mail has that id.

    Raises: InputError when there are none, too many, or no headings.
    """
    rows = _rows(text)
    emails = [_first(row, EMAIL) for row in rows]
    known = samples.holders(connection, [email for email in emails if email])
    return [
        SampleLead(_first(row, ID) or known.get(email) or f"S-{samples.token()}-{n + 1}", _facts(row))
        for n, (row, email) in enumerate(zip(rows, emails, strict=True))
    ]


def _rows(text: str) -> list[dict[str, str]]:
    lines = text.strip("\ufeff\n\r ")
    heading = lines.partition("\n")[0]
    separator = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(lines), delimiter=separator)
    try:
        heads, *rows = list(reader)
    except (ValueError, csv.Error):
        raise InputError("leads: nothing can be read; send CSV with a line of headings and a line a lead") from None
    if not rows or len(heads) > _COLUMNS or not all(head.strip() for head in heads):
        raise InputError("leads: send CSV with a line of headings and a line a lead; every column needs its heading")
    if len(rows) > AT_MOST:
        raise InputError(f"leads: {len(rows):,} are too many for people to judge; send at most {AT_MOST}")
    return [dict(zip((head.strip() for head in heads), row, strict=False)) for row in rows if any(row)]


def _first(row: Mapping[str, str], names: frozenset[str]) -> str:
    return next((value.strip() for name, value in row.items() if folded(name.replace("_", " ")) in names), "")


def _facts(row: Mapping[str, str]) -> dict[str, str]:
    """What a lead is, and not who: neither columns that say so, nor values that look like an address or a number."""
    return {
        name: value.strip()[:_LONGEST]
        for name, value in row.items()
        if value.strip() and folded(name.replace("_", " ")) not in WHO | ID and not _PERSON.search(value)
    }


def headings(leads: Sequence[SampleLead]) -> list[str]:
    """The columns that any of the leads has, in their order."""
    return list(dict.fromkeys(name for lead in leads for name in lead.facts))
