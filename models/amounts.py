"""Numbers, times and counts as people write them in French and English."""

from functools import lru_cache

MINUTES, HOURS, DAYS, MONTHS = 1 / 24, 1.0, 60.0, 730.0
"""In days: spans shorter than these are told as less than an hour, in hours, in days, in months."""
MONTH, YEAR = 30.4375, 365.25
FARTHEST = 36_500.0  # days: beyond a century nobody measured anything, such as in an undated ledger
HOUR_TO_YEAR = {
    "fr": (("heure", "heures"), ("jour", "jours"), ("mois", "mois"), ("an", "ans")),
    "en": (("hour", "hours"), ("day", "days"), ("month", "months"), ("year", "years")),
}
GROUPED_FROM = 9_999.5  # below, digits are not grouped: 2026 may be a year


@lru_cache(maxsize=8_192)  # most leads have numbers that others have
def written(value: float, lang: str) -> str:
    """A number with the decimal sign and the groups of its language, four digits where it is small.

    >>> written(0.5, "fr"), written(2026.0, "en"), written(1234567.0, "en")
    ('0,5', '2026', '1,234,567')
    """
    if abs(value) >= GROUPED_FROM:
        return f"{value:,.0f}".replace(",", "\u202f") if lang == "fr" else f"{value:,.0f}"
    text = f"{value:.4g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.1g}"
    return text.replace(".", ",") if lang == "fr" else text


def span(days: float, lang: str) -> str:
    """How long, in the unit that a person would choose.

    >>> span(2.2, "fr"), span(1.0, "en"), span(0.2, "fr"), span(400, "en")
    ('2 jours', '1 day', '5 heures', '13 months')
    """
    if days < MINUTES:
        return "moins d’une heure" if lang == "fr" else "less than an hour"
    hour, day, month, year = HOUR_TO_YEAR[lang]
    if days < HOURS and round(days * 24) < 24:
        return counted(round(days * 24), hour, lang)
    if days < DAYS:
        return counted(round(days), day, lang)
    if days < MONTHS:
        return counted(round(days / MONTH), month, lang)
    return counted(round(days / YEAR), year, lang)


def ago(days: float, lang: str) -> str:
    """How long before now; after now where it is negative.

    >>> ago(2.0, "fr"), ago(-12.0, "en")
    ('il y a 2 jours', 'in 12 days')
    """
    if days < 0:
        return f"dans {span(-days, lang)}" if lang == "fr" else f"in {span(-days, lang)}"
    return f"il y a {span(days, lang)}" if lang == "fr" else f"{span(days, lang)} ago"


def told(days: float) -> bool:
    """Whether a time can be told at all."""
    return -FARTHEST < days < FARTHEST


@lru_cache(maxsize=8_192)
def counted(n: float, forms: tuple[str, str], lang: str) -> str:
    """A number with its noun, in French singular below two, in English at one only.

    >>> counted(0, ("activité", "activités"), "fr"), counted(0, ("activity", "activities"), "en")
    ('0 activité', '0 activities')
    """
    single = abs(n) < 2 if lang == "fr" else n == 1
    return f"{written(n, lang)} {forms[0 if single else 1]}"


@lru_cache(maxsize=1_024)
def times(n: float, lang: str) -> str:
    """How often.

    >>> times(1, "en"), times(2, "en"), times(3, "fr")
    ('once', 'twice', '3 fois')
    """
    if lang == "fr":
        return f"{written(n, lang)} fois"
    return {1.0: "once", 2.0: "twice"}.get(n, f"{written(n, lang)} times")
