"""Who the leads of the demo world say they are: names, reserved domains and telephones, and duplicates."""

import unicodedata

import numpy as np

from leadloop.demo.draws import Ints
from leadloop.demo.market import Market
from leadloop.demo.words import (
    COMPANY_HEADS,
    COMPANY_TAILS,
    COUNTRIES,
    FIRST_NAMES,
    FREE_MAIL,
    LAST_NAMES,
    PHONE_DIGITS,
    PHONES,
    STUDENT,
)

_FREE_MAIL_SHARE = (0.14, 0.45, 0.35, 0.3, 0.55, 0.85, 0.1)  # by kind
_EXACT, _CASE, _OTHER_MAIL = 0.4, 0.6, 0.8  # below which a duplicate is so


def identities(market: Market) -> list[dict[str, str]]:
    """One a lead; a duplicate repeats its person's, exactly or nearly."""
    first = _persons(market)
    near = market.draws.uniform("near", np.arange(len(first))).tolist()
    who = market.arrivals.person.tolist()
    return [first[who[i]] if who[i] == i else _again(first[who[i]], near[i], i) for i in range(len(first))]


def _persons(market: Market) -> list[dict[str, str]]:
    """Who each lead would be as the first of its person."""
    index, draws = np.arange(len(market.arrivals.kind)), market.draws
    free = draws.uniform("free mail", index) < np.array(_FREE_MAIL_SHARE)[market.arrivals.kind]
    no_phone = draws.uniform("phone given", index) < 0.45
    no_name = draws.uniform("name given", index) < 0.06
    no_company = draws.uniform("company given", index) < np.where(market.arrivals.kind == STUDENT, 0.6, 0.12)
    names, mails, phones = _names(market, index), draws.below("mail", index, 9_973), draws.below("phone", index, 10_000)
    return [
        _without(
            _person(market, lead, names[lead], (bool(free[lead]), int(mails[lead]), int(phones[lead]))),
            {"phone": no_phone[lead], "first_name": no_name[lead], "company": no_company[lead], "domain": free[lead]},
        )
        for lead in index.tolist()
    ]


def _names(market: Market, index: Ints) -> list[tuple[str, str]]:
    first = market.draws.below("first name", index, len(FIRST_NAMES["fr"])).tolist()
    last = market.draws.below("last name", index, len(LAST_NAMES)).tolist()
    french = market.people.french.tolist()
    return [(FIRST_NAMES["fr" if french[i] else "en"][first[i]], LAST_NAMES[last[i]]) for i in index.tolist()]


def _person(market: Market, lead: int, name: tuple[str, str], mail: tuple[bool, int, int]) -> dict[str, str]:
    """`mail`: whether it is free mail, and two numbers that tell namesakes and telephones apart."""
    company, domain = _company(int(market.people.company[lead]), int(market.arrivals.kind[lead]))
    free, number, phone = mail
    local = f"{_plain(name[0])}.{_plain(name[1])}"
    host = FREE_MAIL[number % len(FREE_MAIL)] if free else domain
    return {
        "email": f"{local}{number if free else number % 9 + 2 if number < 2_000 else ''}@{host}",
        "phone": _phone(COUNTRIES[market.people.country[lead]], phone, lead),
        "first_name": name[0],
        "last_name": name[1],
        "company": company,
        "domain": domain,
    }


def _company(number: int, kind: int) -> tuple[str, str]:
    """Its name, which others may share, and its domain, which they can't."""
    head, tail = COMPANY_HEADS[number % len(COMPANY_HEADS)], COMPANY_TAILS[number // 7 % len(COMPANY_TAILS)]
    if kind == STUDENT:
        return f"Université {head}", f"univ-{_plain(head)}{number % 1000}.example"
    return f"{head} {tail}", f"{_plain(head)}-{_plain(tail)}-{number % 10_000_000}{'abcdefg'[kind]}.example"


def _phone(country: str, phone: int, lead: int) -> str:
    plan = country if country in PHONES else "FR"
    digits = PHONE_DIGITS[plan]
    return PHONES[plan][lead % len(PHONES[plan])] + f"{phone % 10**digits:0{digits}d}"


def _without(identity: dict[str, str], blank: dict[str, np.bool_]) -> dict[str, str]:
    return {name: value for name, value in identity.items() if not blank.get(name, False)}


def _again(first: dict[str, str], near: float, lead: int) -> dict[str, str]:
    """The same person again: to the letter, in capitals, from another mailbox, or known by telephone and name."""
    if near < _EXACT:
        return dict(first)
    if near < _CASE:
        return {**first, "email": first["email"].upper(), "last_name": first["last_name"].upper()}
    if near < _OTHER_MAIL:
        return {**first, "email": first["email"].split("@")[0] + "@" + FREE_MAIL[lead % len(FREE_MAIL)]}
    plain: dict[str, str] = {name: _plain(first[name]).title() for name in ("first_name", "last_name") if name in first}
    return first | plain | {"email": f"contact{lead % 100}@" + first["email"].split("@")[1]}


def _plain(text: str) -> str:
    """Without accents and in small letters."""
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().lower()
