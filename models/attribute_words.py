"""What attributes are called in French and English, with the gender that French needs; a CRM's own names otherwise."""

from dataclasses import dataclass

import features.readings
from features.titles import plain


@dataclass(frozen=True)
class Label:
    """An attribute's name in a sentence, and how to say that nothing was given."""

    name: str
    missing: str


_NAMES = {
    "source": ("source", True, "source"),
    "lead source": ("source", True, "lead source"),
    "utm source": ("source", True, "source"),
    "lead origin": ("origine", True, "lead origin"),
    "campaign": ("campagne", True, "campaign"),
    "utm campaign": ("campagne", True, "campaign"),
    "medium": ("canal", False, "medium"),
    "utm medium": ("canal", False, "medium"),
    "channel": ("canal", False, "channel"),
    "job title": ("fonction", True, "job title"),
    "fonction": ("fonction", True, "job title"),
    "poste": ("fonction", True, "job title"),
    "taille": ("taille d’entreprise", True, "company size"),
    "secteur": ("secteur", False, "sector"),
    "pays": ("pays", False, "country"),
    "langue": ("langue", True, "language"),
    "campagne": ("campagne", True, "campaign"),
    "origine": ("origine", True, "origin"),
    "title": ("fonction", True, "job title"),
    "occupation": ("profession", True, "occupation"),
    "specialization": ("spécialisation", True, "specialization"),
    "company size": ("taille d’entreprise", True, "company size"),
    "employees": ("effectif", False, "employees"),
    "number of employees": ("effectif", False, "employees"),
    "revenue": ("chiffre d’affaires", False, "revenue"),
    "annual revenue": ("chiffre d’affaires", False, "annual revenue"),
    "industry": ("secteur", False, "industry"),
    "sector": ("secteur", False, "sector"),
    "country": ("pays", False, "country"),
    "region": ("région", True, "region"),
    "state": ("région", True, "state"),
    "city": ("ville", True, "city"),
    "location": ("lieu", False, "location"),
    "language": ("langue", True, "language"),
    "owner": ("responsable commercial", False, "owner"),
    "sales agent": ("responsable commercial", False, "sales agent"),
    "budget": ("budget", False, "budget"),
    "timeline": ("échéance du projet", True, "timeline"),
    "product": ("produit", False, "product"),
    "interest": ("centre d’intérêt", False, "interest"),
    "comment": ("commentaire", False, "comment"),
    "comment words": ("mots du commentaire", False, "words in the comment"),
    "message": ("message", False, "message"),
    "budget confirmed": ("budget confirmé", False, "budget confirmed"),
    "do not email": ("refus des e-mails", False, "no e-mails wanted"),
    "do not call": ("refus des appels", False, "no calls wanted"),
    "total visits": ("nombre de visites", False, "visits in all"),
    "totalvisits": ("nombre de visites", False, "visits in all"),
    "page views per visit": ("pages vues par visite", True, "page views per visit"),
    "total time spent on website": ("temps passé sur le site", False, "time spent on the site"),
    "website": ("site web", False, "website"),
    "page": ("page", True, "page"),
    "device": ("appareil", False, "device"),
    "age": ("âge", False, "age"),
    "gender": ("genre", False, "gender"),
}
_PLURAL = frozenset({"comment words", "page views per visit"})

READINGS = {
    "seniority": {
        "fr": Label("niveau hiérarchique", "niveau hiérarchique inconnu"),
        "en": Label("seniority", "seniority unknown"),
    },
    "department": {"fr": Label("service", "service inconnu"), "en": Label("department", "department unknown")},
    "company size": {
        "fr": Label("taille d’entreprise (en personnes)", "taille d’entreprise inconnue"),
        "en": Label("company size (in people)", "company size unknown"),
    },
}
"""What is read out of other attributes."""


def label_of(kind: str, name: str, lang: str) -> Label:
    """What to call the attribute `name`, or what is read out of it, by its `kind`.

    >>> label_of("seniority", "poste", "en").name, label_of("category", "poste", "en").name
    ('seniority', 'job title')
    """
    if kind in READINGS:
        return READINGS[kind][lang]
    if kind in features.readings.READINGS:
        reading = features.readings.READINGS[kind]
        return (
            Label(reading.fr, f"{reading.fr} : inconnu") if lang == "fr" else Label(reading.en, f"{reading.en} unknown")
        )
    return label(name, lang)


def label(name: str, lang: str) -> Label:
    """What to call an attribute; a name that nobody here knows is shown as it stands in the CRM.

    >>> label("job_title", "fr").missing, label("X-Score", "fr").missing, label("Lead Source", "en").missing
    ('fonction non renseignée', 'X-Score : non renseigné', 'lead source not given')
    """
    known = _NAMES.get(plain(name.replace("_", " ")))
    if known is None:
        shown = " ".join(name.replace("_", " ").split())
        return Label(shown, f"{shown} : non renseigné" if lang == "fr" else f"{shown}: not given")
    french, feminine, english = known
    if lang == "fr":
        return Label(french, f"{french} non renseigné{'e' if feminine else ''}{_s(name)}")
    return Label(english, f"{english} not given")


def _s(name: str) -> str:
    return "s" if plain(name.replace("_", " ")) in _PLURAL else ""


def names_salespeople(name: str) -> bool:
    """Whether the values of an attribute are who sells.

    >>> names_salespeople("Owner"), names_salespeople("sales_agent"), names_salespeople("source")
    (True, True, False)
    """
    return label(name, "en").name in ("owner", "sales agent")
