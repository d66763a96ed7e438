"""What kind of e-mail and phone a lead gave when it came in; never the e-mail or the phone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from features.spec import Feature
from leadloop.store.given import Given, kinds

if TYPE_CHECKING:
    from features.history import History

BLOCK = "contact"
EMAIL, CODE = "kind of e-mail", "calling code"

EMAILS = {
    "company": ("d’entreprise, ou aucun", "a company’s, or none"),
    "free": ("gratuit", "free"),
    "role": ("de fonction (info@…)", "a role’s (info@…)"),
    "education": ("d’école", "a school’s"),
}
"""Kinds of e-mail and what they are called in French and English; none counts as the first, since it may come later."""

CODES_AT_MOST = 20

CONTACT = (
    Feature(f"contact: {EMAIL}", "category", EMAIL, "type d’e-mail", EMAIL, tuple(EMAILS.values()), BLOCK),
    Feature(
        f"contact: {CODE}",
        "category",
        CODE,
        "indicatif du téléphone (le plus courant si aucun)",
        "calling code of the phone (the most frequent where there is none)",
        block=BLOCK,
    ),
)

NOTHING = kinds(None, None)
"""What a lead that gave neither is taken for."""


def given_by(history: "History", given: Mapping[str, Given]) -> tuple[Given, ...]:
    """What each lead gave with its first row, and not later."""
    first = history.version_at[history.start[:-1]].tolist()
    found = (given.get(lead_id, NOTHING) for lead_id in history.lead_ids)
    return tuple(each if each.recorded_at <= at else NOTHING for each, at in zip(found, first, strict=True))


def frequent(codes: Counter[str], leads: int) -> tuple[str, ...]:
    """The calling codes told apart, most frequent first.

    >>> frequent(Counter({"33": 9, "": 20, "32": 9, "1": 4}), 42)
    ('32', '33')
    """
    enough = max(5, round(0.002 * leads))
    ranked = sorted((-count, code) for code, count in codes.items() if code and count >= enough)
    return tuple(code for _, code in ranked[:CODES_AT_MOST])


def encoded(given: Sequence[Given], codes: tuple[str, ...]) -> list[tuple[float, float]]:
    """The columns of CONTACT for what some leads gave; nothing given is what is most frequent, so that it says nothing.

    >>> encoded([kinds("a@gmail.com", "+32 2 61 91 99"), kinds("", ""), kinds("", "+1 212 555 0100")], ("33", "32"))
    [(1.0, 1.0), (0.0, 0.0), (0.0, 2.0)]
    """
    email, code = {kind: float(i) for i, kind in enumerate(EMAILS)}, {name: float(i) for i, name in enumerate(codes)}
    other = float(len(codes))
    return [
        (email.get(each.email, 0.0), code.get(each.calling_code, other) if each.calling_code else 0.0) for each in given
    ]


def meaning() -> object:
    """What the columns mean besides their names."""
    return [list(EMAILS), [feature.name for feature in CONTACT]]
