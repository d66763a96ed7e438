"""What a column's name gives away, in French and English: that it may hold what only became known after the moment.

A name is never proof: `training.findings` asks for figures beside it, better ones where honest columns have it too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from features.titles import plain

SURE, DOUBTFUL, AMBIGUOUS = 0.52, 0.55, 0.65
"""How well a column of such a name must surely rank leads (AUC) to be refused."""


@dataclass(frozen=True)
class Suspicion:
    """`meaning`: what such a column holds. `words`: matches names; `unless`: matches the honest ones among them.

    `bar`: the AUC from which the figures bear the name out.
    """

    meaning: str
    words: re.Pattern[str]
    unless: re.Pattern[str]
    bar: float = SURE


def _suspicion(meaning: str, words: str, unless: str = "(?!)", bar: float = SURE) -> Suspicion:
    return Suspicion(meaning, re.compile(rf"\b({words})\b"), re.compile(rf"\b({unless})\b"), bar)


_BEFORE = "previous|prior|past|precedente?|anterieure?"
_FIRST = rf"{_BEFORE}|first|initial|premiere?"
_WORK = (
    r"calls?|contacts?|attempts?|meetings?|touch(es|points?)?|activities|interactions?|e ?mails?|follow ?ups?|relances?"
    r"|appels?|rdv|rendez vous|echanges?|taches?|tasks?|demos?|conversations?|repl(y|ies)|responses?|messages?"
)
_COUNT = r"numbers?|no|nb|nbr|num|n|counts?|total|sum|nombre|somme|many|qty"

SUSPICIONS: Mapping[str, Suspicion] = {
    "sale": _suspicion(
        "the sale itself, or the end of the lead",
        r"contract|contrat|signed|signature|signee?|closed?|closing|clotur\w*|won|win|gagnee?|lost|loss|perdue?"
        r"|converted|conversion|convertie?|invoiced?|invoices|facture?e?|paid|payee?|payment (date|amount|received)"
        r"|deal|order (id|number|no|date|value|amount)|commande|purchased|purchase (date|amount|value|id)"
        r"|date d achat|achetee?"
        r"|sale (date|amount|price|value)|sold|vendue?|(client|customer) (since|id|number|no|ref)|cliente? depuis"
        r"|numero (de )?client|onboarding|onboarded|mrr|acv|ltv|lifetime value|churned|enrolled|inscrite?",
        rf"{_FIRST}|signed up|sign up|paid (search|social|media|ads?)|conversion page|(incumbent|current) contract"
        r"|contract (type|end|expiry|length)|(planned|intended) purchase",
    ),
    "vendor": _suspicion(
        "a score of another vendor, as it stood at the export",
        r"scores?|scoring|indice|points?|propensity"
        r"|(activity|profile|engagement|lead|quality|fit|intent|health|behaviou?r\w*|demographic) (index|rank)",
        r"credit|prices?|prix|consumer|confidence|market|stock|alexa|traffic|domain|test|exam"
        r"|points? of|points? de|(pain|selling|data) points?",
    ),
    "verdict": _suspicion(
        "a verdict or rating that sales gives while it works the lead",
        r"tags?|etiquettes?|qualit[ey]|qualite|ratings?|notation|note|disposition|outcome|results?|resultat|verdict"
        r"|reasons?|motif|raison|qualified|qualifiee?|temperature|profile?|objections?|next step|prochaine etape"
        r"|(lead|sales|prospect) (grade|class)|bant|budget confirmed|budget confirme|feedback",
        rf"{_FIRST}|(reasons?|motif|raison) (for|of|du|de la|d|pour) \w+|(contact|visit|inquiry|enquiry|buying) reason"
        r"|raison sociale|(company|risk|linkedin|social|public|job|buyer|investor) profile?|credit|air|product"
        r"|note de frais",
    ),
    "contact": _suspicion(
        "what is only known once sales was in touch",
        r"(call|talk|conversation|meeting|appel|entretien) (duration|length|time|seconds|minutes|result|status|notes?)"
        r"|duration|duree|(time|days|hours|jours|temps) (to|until|avant) \w+|response time|contacted|contactee?"
        r"|call ?back|rappelee?|meeting (held|date)|demo (done|held|date|given)|rdv|rendez vous"
        r"|(proposal|quote|devis|offer|offre) (sent|date|amount|value|envoyee?)|negotiation|negociation",
        rf"{_BEFORE}|(project|loan|stay|trip|employment|visit|session|site|web|video) (duration|length)"
        r"|(duration|duree) (of|de|du|d) (\w+ )?(project|projet|loan|pret|stay|sejour|employment|visit|visite|session)",
    ),
    "state": _suspicion(
        "a state as of the export, not as of the moment",
        r"last|latest|most recent|derniere?s?|modified|modifiee?|modification|updated( at| on)?|mise? a jour|maj"
        r"|status|statut|stage|etape|phase|lifecycle|pipeline|priorite|priority",
        rf"{_FIRST}|(last|dernier) (name|nom|job|employer|year|campaign|source|medium|channel)|(marital|employment"
        r"|legal|civil|residen\w*|family|home|housing|citizen\w*|visa|student|ownership|work|working|professional"
        r"|insurance|relationship) (status|statut)"
        r"|statut (marital|juridique|civil|familial|legal)"
        r"|(funding|company|growth|startup|life|project|business|buying) (stage|phase)",
        DOUBTFUL,
    ),
    "count": _suspicion(
        "a total of what sales did, as of the export",
        rf"({_COUNT}) (of |de |d |des )?({_WORK})|({_WORK}) (counts?|total|made|sent|done|passes|envoyes)|calls|appels",
        _BEFORE,
        DOUBTFUL,
    ),
    "amount": _suspicion(
        "what a sale brings",
        r"(won|deal|closed|contract|actual|final|total|sales?|expected|opportunity) (revenue|amount|value|montant)"
        r"|revenue|amount|montant|chiffre d affaires",
        r"annual|yearly|annuel|company|entreprise|loan|requested|range|band|tranche|credit|employees"
        r"|needed|financed|project|projet|souhaitee?|demandee?",
        AMBIGUOUS,
    ),
}
"""Kinds of suspicion by name, the more telling first. Each has a line in docs/leakage.md."""

ASSIGNED = re.compile(r"\b(owner|agent|rep|seller|assigned|assignee|attribuee?|commerciale?|vendeur|conseiller)\b")
"""Who works a lead: filled in when it is taken on, which says nothing of its end."""

HOW_IT_CAME = frozenset({"source", "campaign", "country", "job_title"})
"""Columns by which a lead comes in, however much their levels are worth: the format of files says so."""


def suspicion_of(column: str) -> str | None:
    """The kind of suspicion that a column's name raises, None for a name like any other.

    >>> suspicion_of("Lead Quality"), suspicion_of("nb_appels"), suspicion_of("closeDate"), suspicion_of("source")
    ('verdict', 'count', 'sale', None)
    >>> suspicion_of("marital_status"), suspicion_of("Reason for contact")
    (None, None)
    """
    name = words_of(column)
    fits = (k for k, s in SUSPICIONS.items() if s.words.search(name) and not s.unless.search(name))
    return next(fits, None)


def words_of(column: str) -> str:
    """The words of a column's name, without case, accents or punctuation.

    >>> words_of("Durée_appel"), words_of("closeDate"), words_of("emp.var.rate")
    ('duree appel', 'close date', 'emp var rate')
    """
    return plain(re.sub(r"(?<=[a-z])(?=[A-Z])|[_.]", " ", column))
