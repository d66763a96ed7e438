"""Reads a job title in French or English: how senior its holder is, and which department they work in."""

import re
import unicodedata
from functools import lru_cache

from leadloop.store.rows import Value

STEPS = (
    ("étudiant ou stagiaire", "student or intern"),
    ("assistant", "assistant"),
    ("collaborateur", "staff"),
    ("responsable", "manager"),
    ("direction", "head or director"),
    ("dirigeant", "executive or owner"),
)
"""What each step of seniority is called, in French and English."""

DEPARTMENTS = {
    "independent": ("indépendant", "self-employed"),
    "studies": ("études", "studies"),
    "marketing": ("marketing et communication", "marketing and communication"),
    "sales": ("ventes", "sales"),
    "purchasing": ("achats", "purchasing"),
    "finance": ("finance", "finance"),
    "people": ("ressources humaines", "human resources"),
    "legal": ("juridique", "legal"),
    "it": ("informatique", "IT"),
    "operations": ("opérations", "operations"),
    "research": ("produit et recherche", "product and research"),
    "service": ("service client", "customer service"),
    "consulting": ("conseil", "consulting"),
    "management": ("direction générale", "general management"),
}
"""What each department is called, in French and English; the first whose words a title has is the one."""

_STUDENT = (
    r"etudiante?s?|eleve|student(?! (affairs|services|success))|undergraduate|stagiaire|intern|internship"
    r"|trainee|alternante?|apprentie?|apprentice|doctorante?|phd (candidate|student)|lyceenne?"
)
_OWNER = (
    r"ceo|pdg|dg|dga|(?<!vice )president(e|es)?|gerante?|(co ?)?founder|(co ?)?fondat(eur|rice)|(?<!product )owner"
    r"|proprietaire|managing (director|partner)|general manager|direct(eur|rice) generale?|dirigeante?"
    r"|chef(fe)? d entreprise"
)
_STAFF = (
    r"specialiste?|chargee?|ingenieure?|engineer|analyste?|develop(p?eu(r|se)|er)|programm(er|eu(r|se))"
    r"|technicien(ne)?|technician|executive|officer|representative|experte?|architecte?|designer|graphiste"
    r"|coordinat(eur|rice|or)|professeure?|teacher|enseignante?|attachee?|agente?|scientist|researcher"
    r"|chercheu(r|se)|conseill(er|ere)|administrat(eur|rice|or)|operat(eur|rice|or)|employee?|nurse|infirmiere?"
    r"|doctor|medecin"
)
_SENIORITY = (
    (0, _STUDENT),
    (1, r"assistante?(?! (direct|manager|professor|vice))|secretaires?|secretary|receptionist|clerk|office manager"),
    (5, rf"{_OWNER}|c[fimortps]o|chro|cdo|ciso|chief( \w+){{1,3}} officer"),
    (4, r"direct(eur|rice|or)s?|[se]?vp|vice president(e)?|head|dsi|daf|drh|dircom|rssi"),
    (2, r"(account|community|case) manager|gestionnaire"),
    (3, r"managers?|responsable|chef(fe)?|(team )?lead(er)?|supervis(or|eur|euse)|principal|cadre"),
    (1, r"junior|aide|helper"),
    (2, _STAFF),
)
_DEPARTMENT = {
    "independent": r"freelance(r)?|independante?|(auto|micro) ?entrepreneu(re?|se)|self employed",
    "studies": rf"(?!intern\b|stagiaire|trainee|alternant|apprenti)({_STUDENT})|professeure?|teacher|enseignante?",
    "marketing": r"marketing|cmo|communications?|brand|marque|growth|seo|content|contenus?|digitale?|community"
    r"|dircom|presse|pr|evenementiel(le)?|demand generation",
    "sales": r"sales|ventes?|avant ventes?|commercia(l|le|ux)|business develop\w*|account (executive|manager)"
    r"|key accounts?|grands comptes|cro|revenue|vend(eur|euse)|chargee? d affaires",
    "purchasing": r"achats?|acheteu(r|se)|purchas\w+|procurement|buyer|sourcing|approvisionn\w+",
    "finance": r"financ\w+|cfo|daf|comptab\w+|account(ant|ants|ing|s)|tresor\w+|treasur\w+|audit\w*|controleu(r|se)"
    r"|controller|gestion|tax|fiscal\w*",
    "people": r"hr|rh|drh|chro|human resources|ressources humaines|people|talents?|recru\w+|payroll|paie|formation",
    "legal": r"legal|juri\w+|avocate?|lawyer|compliance|conformite|counsel|notaire|dpo",
    "it": r"it|informati\w+|dsi|rssi|c[ti]o|ciso|si|develop(p?eu(r|se)|er|ment)|programm(er|eu(r|se))|software"
    r"|logiciels?|data|devops|syst?ems?|systemes?|reseaux?|network|cyber\w*|cloud|web|tech|technolog\w+",
    "operations": r"operations?|ops|coo|exploitation|production|usine|factory|plant|logisti\w+|supply chain|maintenance"
    r"|qualit[ey]|manufactur\w+|industri\w+|chantier|project|projets?",
    "research": r"products?|produits?|r d|recherche|research\w*|innovation|engineering|design\w*|ux|scientist",
    "service": r"customers?|clients?|clientele|support|success|services?|sav|help ?desk",
    "consulting": r"consultante?s?|consulting|conseil\w*",
    "management": rf"{_OWNER}|direction|executive|office|agence|branch|business",
}
_STAIRS = tuple((step, re.compile(rf"\b(?:{words})\b")) for step, words in _SENIORITY)
_DOORS = tuple((name, re.compile(rf"\b(?:{words})\b")) for name, words in _DEPARTMENT.items())


def seniority(value: Value) -> float:
    """How high in the company, 0 (student or intern) to 5 (executive or owner); NaN where the title does not say.

    >>> [seniority(t) for t in ("Étudiante", "Assistante de direction", "Développeuse", "Chef de produit")]
    [0.0, 1.0, 2.0, 3.0]
    >>> [seniority(t) for t in ("Head of Purchasing", "VP Sales", "PDG", "Gérante", "asdf")]
    [4.0, 4.0, 5.0, 5.0, nan]
    """
    return _seniority(plain(value))


def department(value: Value) -> str | None:
    """Which department, one of DEPARTMENTS; None where the title does not say.

    >>> [department(t) for t in ("Directrice des achats", "Chief Revenue Officer", "DSI", "CEO & founder", "asdf")]
    ['purchasing', 'sales', 'it', 'management', None]
    """
    return _department(plain(value))


def plain(value: Value) -> str:
    """A text as words without case, accents or punctuation.

    >>> plain("Chargée d’Études (R&D)"), plain("C.E.O.")
    ('chargee d etudes r d', 'ceo')
    """
    text = value if isinstance(value, str) else ""
    letters = unicodedata.normalize("NFKD", text[:200].replace(".", "")).casefold()
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in letters if not unicodedata.combining(c))))


@lru_cache(10_000)
def _seniority(title: str) -> float:
    found = next((step for step, words in _STAIRS if words.search(title)), None)
    if found is None:
        return float("nan") if _department(title) is None else 2.0
    return float(found)


@lru_cache(10_000)
def _department(title: str) -> str | None:
    return next((name for name, words in _DOORS if words.search(title)), None)


def meaning() -> object:
    """All words that are told apart, so that a model knows when they changed."""
    return [[str(name), words.pattern] for name, words in (*_STAIRS, *_DOORS)]
