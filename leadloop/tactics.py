"""What a company decides about its leads: how many stars they get, and what to do with those of each cell."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

Cell = Literal["call_now", "qualify", "develop", "nurture", "unknown"]


def _rising(cutoffs: tuple[float, float, float]) -> tuple[float, float, float]:
    if not cutoffs[0] < cutoffs[1] < cutoffs[2]:
        raise ValueError("must be three rising numbers, from which a lead has one, two and three")
    return cutoffs


Cutoffs = Annotated[tuple[float, float, float], AfterValidator(_rising)]


class Tiers(BaseModel):
    """From which importance a lead has one, two and three stars, from which urgency as many flames."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stars: Cutoffs | None = None
    flames: Cutoffs | None = None


class Tactic(BaseModel):
    """Advice for the leads of a cell, in both languages: what to do, and the next steps or contents in their order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fr: str
    en: str
    next_fr: tuple[str, ...] = ()
    next_en: tuple[str, ...] = ()

    def told(self, lang: str) -> dict[str, str | list[str]]:
        """The advice in one language."""
        return {"text": self.en, "next": list(self.next_en)} if lang == "en" else self._in_french()

    def _in_french(self) -> dict[str, str | list[str]]:
        return {"text": self.fr, "next": list(self.next_fr)}


SHIPPED: Mapping[Cell, Tactic] = {
    "call_now": Tactic(
        en="Call within the hour, while it is on their mind, and open with what they looked at last.",
        fr="Appelez dans l’heure, tant que le sujet est frais, et commencez par ce qu’ils ont consulté en dernier.",
        next_en=(
            "Read the moments below and prepare one question on the last of them",
            "Call; without an answer leave a short message, send an e-mail at once and try again twice the same day",
            "Agree on a date and on who else decides, and send the invitation during the call",
        ),
        next_fr=(
            "Lisez les moments ci-dessous et préparez une question sur le dernier",
            "Appelez ; sans réponse, laissez un court message, envoyez un e-mail et rappelez deux fois dans la journée",
            "Convenez d’une date et de qui d’autre décide, et envoyez l’invitation pendant l’appel",
        ),
    ),
    "qualify": Tactic(
        en="They are ready, but may not be for us: have inside sales find out in ten minutes, before an expert spends"
        " an hour.",
        fr="Ils sont prêts, mais peut-être pas faits pour nous : faites-le vérifier en dix minutes par les commerciaux"
        " sédentaires, avant qu’un expert n’y passe une heure.",
        next_en=(
            "Call today and ask what they want to solve, for how many people, and by when",
            "Check size, sector and role against who buys from us; if it fits, book the expert on the spot",
            "If it does not fit, say so, point to self-service or a partner, and reject with the reason",
        ),
        next_fr=(
            "Appelez aujourd’hui et demandez quel problème résoudre, pour combien de personnes et pour quand",
            "Comparez taille, secteur et fonction à ceux qui nous achètent ; si cela colle, réservez l’expert aussitôt",
            "Sinon, dites-le, orientez vers le libre-service ou un partenaire, et refusez en donnant la raison",
        ),
    ),
    "develop": Tactic(
        en="The right company at the wrong moment: do not sell yet, become the one they call when the moment comes.",
        fr="La bonne entreprise au mauvais moment : ne vendez pas encore, soyez celui qu’ils appelleront le moment"
        " venu.",
        next_en=(
            "Write personally, with a case of a customer of their sector and size",
            "Invite them to the next webinar or event, and find a second contact at the company",
            "Ask when the budget is decided, and snooze the lead until a month before",
        ),
        next_fr=(
            "Écrivez personnellement, avec le cas d’un client de leur secteur et de leur taille",
            "Invitez-les au prochain webinaire ou événement, et trouvez un second contact dans l’entreprise",
            "Demandez quand le budget se décide, et mettez le lead en pause jusqu’à un mois avant",
        ),
    ),
    "nurture": Tactic(
        en="Neither a clear fit nor ready: no call. Let marketing keep in touch, and look again when they act.",
        fr="Ni adéquation claire ni maturité : pas d’appel. Laissez le marketing garder le contact, et revoyez quand"
        " ils agissent.",
        next_en=(
            "Put them into the newsletter and the series of guides for beginners",
            "Ask for the missing facts (role, company size) in the next form instead of by phone",
            "Take them up again at a price page, a demo request or a webinar",
        ),
        next_fr=(
            "Inscrivez-les à la newsletter et à la série de guides pour débuter",
            "Demandez ce qui manque (fonction, taille de l’entreprise) dans le prochain formulaire, pas au téléphone",
            "Reprenez-les dès une visite des tarifs, une demande de démo ou un webinaire",
        ),
    ),
    "unknown": Tactic(
        en="Too few refusals say why yet, so nobody knows how well such leads fit: go by the order, and give the reason"
        " whenever you reject one.",
        fr="Trop peu de refus disent pourquoi, l’adéquation de ces leads est donc inconnue : suivez l’ordre, et donnez"
        " la raison à chaque refus.",
        next_en=(
            "Call in the order of the list",
            "Ask about need, budget and timing on the first call",
            "Note the outcome with its reason: the matrix is learned from that",
        ),
        next_fr=(
            "Appelez dans l’ordre de la liste",
            "Demandez besoin, budget et calendrier dès le premier appel",
            "Notez le résultat et sa raison : la matrice s’apprend ainsi",
        ),
    ),
}


def tactic_of(own: Mapping[Cell, Tactic], cell: Cell, lang: str) -> dict[str, str | list[str]]:
    """The company's own advice for a cell, else the shipped one.

    >>> tactic_of({}, "call_now", "fr")["text"][:23]
    'Appelez dans l’heure, t'
    """
    return (own.get(cell) or SHIPPED[cell]).told(lang)
