"""What each rejection reason says, in training and in reports: of fit, need, timing, budget, reach or competition."""

from collections.abc import Iterable, Mapping

FAMILIES = {
    "not_a_buyer": "fit",
    "off_target": "fit",
    "too_small": "fit",
    "no_budget": "budget",
    "bad_timing": "timing",
    "not_interested": "need",
    "competitor_chosen": "competition",
    "unreachable": "reach",
    "invalid_contact": "reach",
    "duplicate": "data",
    "spam": "data",
    "already_customer": "other",
}
OTHER = "other"


def code(text: str | None, own: Mapping[str, str]) -> str | None:
    """The shipped reason that a text stands for (`own`: the customer's names); None where no reason was given.

    >>> code("Pas de budget", {"pas de budget": "no_budget"}), code("Not a Buyer", {}), code("moved to Mars", {})
    ('no_budget', 'not_a_buyer', 'other')
    """
    if text is None or not text.strip():
        return None
    folded = _folded(text)
    named = _mapped(own).get(folded, folded).replace(" ", "_").replace("-", "_")
    return named if named in FAMILIES else OTHER


def _mapped(own: Mapping[str, str]) -> dict[str, str]:
    return {_folded(key): reason for key, reason in own.items()}


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def codes(texts: Iterable[str | None], own: Mapping[str, str]) -> dict[str | None, str | None]:
    """The shipped reason of each different text: reports ask for the same few a hundred thousand times."""
    return {text: code(text, own) for text in set(texts)}


def unknown(texts: Mapping[str, int], own: Mapping[str, str]) -> dict[str, int]:
    """The reasons, with how often each came, that no name of ours or the customer's stands for."""
    meant = {_folded(text) for text in own} | {OTHER}
    return {text: n for text, n in sorted(texts.items()) if code(text, own) == OTHER and _folded(text) not in meant}
