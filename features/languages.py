"""Reads which language a lead likely speaks, from a locale or a country that mostly speaks one."""

from features.titles import plain
from leadloop.store.rows import Value

LANGUAGES = {
    "fr": ("français", "French"),
    "en": ("anglais", "English"),
    "de": ("allemand", "German"),
    "es": ("espagnol", "Spanish"),
    "it": ("italien", "Italian"),
    "pt": ("portugais", "Portuguese"),
    "nl": ("néerlandais", "Dutch"),
}
"""Languages told apart, and what they are called in French and English."""

_NAMES = {
    "fr": "fr fra french francais france mc monaco sn senegal ci cote d ivoire ma maroc morocco tn tunisie tunisia",
    "en": "en eng english anglais gb uk us usa ie au nz united kingdom royaume uni great britain england united states"
    " etats unis ireland irlande australia australie new zealand nouvelle zelande",
    "de": "de deu german allemand deutsch germany allemagne deutschland at austria autriche osterreich",
    "es": "es spa spanish espagnol espanol spain espagne espana mx mexico mexique ar argentina argentine co colombia"
    " colombie cl chile chili pe peru perou",
    "it": "it ita italian italien italiano italy italie italia",
    "pt": "pt por portuguese portugais portugues portugal br brazil bresil brasil",
    "nl": "nl nld dutch neerlandais nederlands netherlands pays bas nederland",
}
_PHRASES = (
    *("cote d ivoire", "united kingdom", "royaume uni", "great britain", "united states", "etats unis"),
    *("new zealand", "nouvelle zelande", "pays bas"),
)


def _words() -> dict[str, str]:
    """Each name of a language or a country, with its language."""
    known = {}
    for language, names in _NAMES.items():
        rest = f" {names} "
        for phrase in _PHRASES:
            if f" {phrase} " in rest:
                known[phrase] = language
                rest = rest.replace(f" {phrase} ", " ")
        known |= dict.fromkeys(rest.split(), language)
    return known


_KNOWN = _words()


def language(value: Value) -> str | None:
    """One of LANGUAGES; None where the value does not say, as Belgium, Switzerland and Canada do not.

    >>> [language(v) for v in ("fr-FR", "de_AT", "United States", "Pays-Bas", "BE", "")]
    ['fr', 'de', 'en', 'nl', None, None]
    """
    words = plain(value.replace("_", " ") if isinstance(value, str) else value)
    return _KNOWN.get(words) or _KNOWN.get(_locale(words))


def _locale(words: str) -> str:
    """The language of a locale such as fr-CA, which says it whatever the country."""
    first, _, second = words.partition(" ")
    return first if len(first) == len(second) == len("fr") else ""


def meaning() -> object:
    """All words that are told apart, so that a model knows when they changed."""
    return sorted(_KNOWN.items())
