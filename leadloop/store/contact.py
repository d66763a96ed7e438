"""How a lead can be reached, written in one way, and whether two leads may be one person by their names."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from leadloop.store.rows import LeadRow

EMAIL, PHONE = "email", "phone"
DEFAULT_REGION = "FR"
"""Where a national number without a known country is read; two leads without one still meet in it."""
MANY = 5
"""A number or mailbox that more people than this share is a switchboard: it says nothing about who is who."""
ALIKE = 90.0
"""From this likeness (rapidfuzz ratio, 0-100) on, two spellings are one name: 'paul' and 'paula' (89) are two."""

_COUNTRIES = {
    "france": "FR", "germany": "DE", "deutschland": "DE", "allemagne": "DE", "united kingdom": "GB", "uk": "GB",
    "royaume uni": "GB", "united states": "US", "usa": "US", "etats unis": "US", "spain": "ES", "espagne": "ES",
    "italy": "IT", "italie": "IT", "belgium": "BE", "belgique": "BE", "switzerland": "CH", "suisse": "CH",
    "netherlands": "NL", "pays bas": "NL", "canada": "CA", "india": "IN", "inde": "IN", "ireland": "IE",
}  # fmt: skip
_ROLES = """
accounting achats admin administration billing business commercial compta comptabilite contact direction enquiries
facturation hello help info information inquiries it jobs mail marketing no-reply none noreply office orders postmaster
presse press purchasing reception recrutement rh hr sales secretariat service support team test ventes webmaster
"""
ROLES = frozenset(_ROLES.split())
_PLAIN_MAIL = re.compile(r"[a-z0-9_+\-]+(?:\.[a-z0-9_+\-]+)*@(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,}")
_PLAIN_PHONE = re.compile(r"\+(?:33[1-9]\d{8}|49[1-9]\d{6,10}|44[1-9]\d{9}|1[2-9]\d{9})")
_SPACING = str.maketrans("", "", " .-/()\u00a0\u202f")
_GMAIL = frozenset({"gmail.com", "googlemail.com"})


def keys_of(row: LeadRow) -> Iterator[tuple[str, str]]:
    """The kind and value of each key that a lead's row brings."""
    if (email := row.identity.get("email")) and (mail := normal_email(email)):
        yield EMAIL, mail
    if (phone := row.identity.get("phone")) and (number := normal_phone(phone, _region(row.attributes.get("country")))):
        yield PHONE, number


@lru_cache(maxsize=65_536)
def normal_email(text: str) -> str | None:
    """The mailbox that mail to this address reaches: small letters, no plus-tag, no dots at Gmail; None: no address.

    >>> normal_email(" Ada.Byron+fair@GoogleMail.com"), normal_email("ada.byron@x.example"), normal_email("ada@")
    ('adabyron@gmail.com', 'ada.byron@x.example', None)
    """
    small = text.strip().lower()
    if not _PLAIN_MAIL.fullmatch(small):
        return _unusual_email(small)
    return _mailbox(small)


def _unusual_email(text: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        checked = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return _mailbox(checked.normalized.lower())


def _mailbox(address: str) -> str:
    local, _, domain = address.rpartition("@")
    bare = local.partition("+")[0] or local
    if domain in _GMAIL:
        return f"{bare.replace('.', '')}@gmail.com"
    return f"{bare}@{domain}"


@lru_cache(maxsize=65_536)
def normal_phone(text: str, region: str = DEFAULT_REGION) -> str | None:
    """The number as E.164, a national one read in `region` (ISO 3166); None where it is no possible number.

    >>> normal_phone("06 39 98 12 34"), normal_phone("+33 (0)6 39 98 12 34"), normal_phone("call me")
    ('+33639981234', '+33639981234', None)
    """
    plain = text.translate(_SPACING)
    return plain if _PLAIN_PHONE.fullmatch(plain) else _unusual_phone(text, region)


def _unusual_phone(text: str, region: str) -> str | None:
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, parse

    try:
        number = parse(text, region)
    except NumberParseException:
        return None
    return format_number(number, PhoneNumberFormat.E164) if is_possible_number(number) else None


def _region(country: object) -> str:
    named = folded(country) if isinstance(country, str) else ""
    return named.upper() if len(named) == 2 and named != "uk" else _COUNTRIES.get(named, DEFAULT_REGION)


def is_role(email: str) -> bool:
    """Whether a mailbox is a post and not a person.

    >>> is_role("contact37@x.example"), is_role("ada@x.example")
    (True, False)
    """
    return email.partition("@")[0].rstrip("0123456789.-_") in ROLES


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """Small letters and digits, no accents, single spaces.

    >>> folded(" Jean-François  LE GOFF ")
    'jean francois le goff'
    """
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.sub(r"[^\w]+", " ", "".join(c for c in bare if not unicodedata.combining(c))).split())


Name = tuple[str, str]
"""First and last name, folded; '' where not given."""


def name_of(identity: Mapping[str, str]) -> Name:
    """Who the lead says it is."""
    return folded(identity.get("first_name", "")), folded(identity.get("last_name", ""))


def agree(one: Name, other: Name) -> bool:
    """Whether nothing in two names speaks against one person: parts not given say nothing; first and last may swap.

    >>> agree(("jean", "dupont"), ("", "dupont")), agree(("jean", "dupont"), ("jeanne", "dupont"))
    (True, False)
    """
    return _parts_agree(one, other) or (all(one) and all(other) and _parts_agree(one, other[::-1]))


def _parts_agree(one: Name, other: Name) -> bool:
    return all(not a or not b or a == b or _alike(a, b) for a, b in zip(one, other, strict=True))


@lru_cache(maxsize=262_144)
def _alike(one: str, other: str) -> bool:
    from rapidfuzz.fuzz import ratio

    return bool(ratio(one, other) >= ALIKE)


def groups(names: Sequence[Name]) -> list[list[int]]:
    """Who of the holders of one shared number or mailbox are one person; empty where too many share it to tell.

    Two are when they agree with the same others: somebody without a name is nobody in particular among several.

    >>> groups([("ada", "byron"), ("", "byron"), ("ada", "byron")])
    [[0, 1, 2]]
    >>> groups([("ada", "byron"), ("", ""), ("charles", "babbage")])
    []
    """
    people = {*(name for name in names if any(name))}
    if len(people) + sum(1 for name in names if not any(name)) > MANY:
        return []
    found: dict[tuple[bool, ...], list[int]] = {}
    order = [*sorted(people), ("", "")]
    rows = {name: tuple(agree(name, other) for other in order) for name in order}
    for i, name in enumerate(names):
        found.setdefault(rows[name], []).append(i)
    return [group for group in found.values() if len(group) > 1]
