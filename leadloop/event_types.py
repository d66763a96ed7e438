"""Tells which of the usual events a CRM's or a marketing tool's name for a type of event means, however it is spelt."""

import re
import unicodedata
from functools import lru_cache

_WORDS = {
    "accept": "accept accepted accepte acceptee",
    "account": "account accounts compte comptes",
    "ad": "ad ads advert advertisement pub publicite annonce",
    "ask": "ask asked request requests requested asking demande demandee demander demandes",
    "abandon": "abandon abandoned abandonne",
    "attend": "attend attended attendance attendee joined participated participation participe assiste presence",
    "blog": "blog article articles",
    "book": "book booked booking schedule scheduled planned planifie planifiee pris prise reserve reservee agende",
    "bounce": "bounce bounces bounced hardbounce softbounce hardbounced softbounced undelivered rebond rebonds npai",
    "call": "call calls called calling appel appels appele appelle phone telephone tel",
    "callback": "callback rappel",
    "cart": "cart basket panier",
    "case": "casestudy",
    "chat": "chat chats chatted chatbot livechat conversation discussion",
    "click": "click clicks clicked clicking clic clics clique cliquer clickthrough",
    "contact": "contact",
    "content": "content contents contenu contenus asset assets document documents resource resources ressource "
    "whitepaper whitepapers ebook ebooks brochure guide pdf livre blanc file fichier",
    "create": "create created creation cree creee",
    "demo": "demo demos demonstration demonstrations",
    "download": "download downloads downloaded telecharge telechargee telecharger telechargement telechargements dl",
    "email": "email emails mail mails courriel courriels mailing emailing",
    "event": "event events evenement evenements",
    "form": "form forms formulaire formulaires",
    "held": "held done completed realise realisee tenu tenue effectue effectuee",
    "got": "received recu recue",
    "inbound": "inbound incoming entrant",
    "login": "login logins logged connexion connecte signin",
    "meeting": "meeting meetings rdv rendezvous appointment appointments reunion reunions",
    "miss": "missed noshow manque manquee absent absence rate",
    "newsletter": "newsletter newsletters infolettre",
    "open": "open opens opened opening ouvert ouverte ouverts ouverture ouvertures ouvrir",
    "outbound": "outbound outgoing sortant sent send delivered delivery envoye envoyee envoi envois",
    "page": "page pages pageview pageviews",
    "pay": "order ordered commande commandee purchase purchased achat achete",
    "price": "price prices pricing tarif tarifs tarification prix",
    "product": "product products produit produits",
    "quote": "quote quotes quotation devis",
    "report": "report reports reported reporting signale signalement",
    "register": "register registered registration registrations registrant inscrit inscrite inscription inscriptions",
    "reply": "reply replies replied respond responded response responses answer answered repondu reponse reponses",
    "site": "site website web siteweb",
    "signup": "signup signups",
    "sms": "sms texto",
    "spam": "spam complaint complaints plainte indesirable",
    "stand": "booth stand stands salon salons tradeshow",
    "start": "start starts started begin began debut debute commence commencee demarre activated activation",
    "submit": "submit submits submitted submission submissions rempli remplie remplissage soumis soumise soumission",
    "subscribe": "subscribe subscribed subscription abonne abonnee abonnement optin",
    "survey": "survey surveys enquete sondage questionnaire",
    "trial": "trial trials essai essais freetrial",
    "unsubscribe": "unsubscribe unsubscribes unsubscribed unsubscription desabonne desabonnement desinscrit "
    "desinscription desinscriptions optout",
    "use": "use used usage utilise utilisation",
    "video": "video videos",
    "view": "view views viewed viewing seen see vu vue vues voir consulte consultee consultation lu lue read",
    "visit": "visit visits visited visite visites visitee session sessions",
    "watch": "watch watched watching play played regarde regardee",
    "webinar": "webinar webinars webinaire webinaires",
}
_CONCEPT = {word: concept for concept, words in _WORDS.items() for word in words.split()}
_SHORTEST = 3  # letters of a word that may be written together with another
_FILLING_WORDS = (
    "a an the of to for in on our us with by de d du des la le l les un une sur dans au aux par en et and "
    "free hard soft gratuit user lead prospect has was is est link lien new nouveau nouvelle"
)
_FILLING = frozenset(_FILLING_WORDS.split(" "))
_TOGETHER = (
    *(("e mail", "email"), ("opt out", "optout"), ("opt in", "optin"), ("sign up", "signup"), ("sign in", "signin")),
    *(("log in", "login"), ("no show", "noshow"), ("rendez vous", "rendezvous"), ("call back", "callback")),
    *(("page view", "pageview"), ("live chat", "chat"), ("white paper", "whitepaper"), ("e book", "ebook")),
    *(("livre blanc", "ebook"), ("cas client", "casestudy"), ("case study", "casestudy"), ("trade show", "tradeshow")),
    ("blog post", "blog"),
)

_MEANS = {
    "demo_request": "demo ask|demo form|demo ask form|demo book",
    "demo_attended": "demo attend|demo held|demo watch",
    "quote_request": "quote ask|quote form|quote ask form|price ask",
    "contact_request": "contact ask|contact form|contact ask form",
    "callback_request": "callback ask|callback form|call ask",
    "trial_start": "trial|trial start|trial signup|trial create",
    "account_created": "signup|account create|account register|account signup|account open",
    "login": "login",
    "product_use": "product use|use",
    "pricing_view": "price|price view|price page|price page view|price visit|price page visit",
    "product_view": "product view|product page|product page view|product visit|product page visit",
    "page_view": "page|page view|page visit|view|site page view|site page|site view",
    "visit": "visit|site visit|site|site visit page",
    "email_open": "email open|open|email view|newsletter open|email newsletter open",
    "email_click": "email click|click|newsletter click|email newsletter click",
    "email_reply": "email reply|reply",
    "email_sent": "email outbound|email got",
    "bounce": "bounce|email bounce",
    "unsubscribe": "unsubscribe|email unsubscribe|newsletter unsubscribe",
    "spam_complaint": "spam|email spam|spam report|email spam report",
    "newsletter": "newsletter subscribe|newsletter register|newsletter signup|email subscribe",
    "download": "download|content download",
    "content_view": "content view|content open",
    "case_study": "case|case view|case download|case page|case page view",
    "blog_view": "blog|blog view|blog visit|blog page|blog page view",
    "video_view": "video|video view|video watch|video start",
    "form_submit": "form|form site",
    "webinar_registered": "webinar register|webinar book|webinar signup",
    "webinar_attended": "webinar attend|webinar watch|webinar view",
    "webinar_missed": "webinar miss",
    "event_registered": "event register|event book|event signup",
    "event_attended": "event attend|stand attend",
    "stand_visit": "stand visit|stand",
    "meeting_booked": "meeting book|meeting ask",
    "meeting_held": "meeting held|meeting attend",
    "meeting_missed": "meeting miss",
    "call_in": "call inbound",
    "call_out": "call outbound",
    "call_reply": "call reply",
    "call_missed": "call miss",
    "call": "call|call held",
    "chat": "chat|chat start",
    "sms_sent": "sms outbound|sms got",
    "sms_reply": "sms reply",
    "ad_click": "ad click",
    "survey": "survey reply|survey submit|survey held",
    "order": "pay",
    "cart": "cart abandon",
}
_KNOWN = {frozenset(each.split()): name for name, all_of in _MEANS.items() for each in all_of.split("|")}
_KNOWN |= {concepts | {"submit"}: name for concepts, name in _KNOWN.items() if "form" in concepts}


@lru_cache(1_000)
def meant_by(kind: str) -> str | None:
    """Which event of the phrase book this type is; None where its name says anything more, or something else.

    >>> [meant_by(kind) for kind in ("Demo Request", "demande_de_démo", "EmailOpened", "ouverture e-mail")]
    ['demo_request', 'demo_request', 'email_open', 'email_open']
    >>> meant_by("emailopened"), meant_by("WEBINARATTENDED")
    ('email_open', 'webinar_attended')
    >>> [meant_by(kind) for kind in ("demo_cancelled", "xyz")]
    [None, None]
    """
    concepts = {concept for word in _words(kind) if word not in _FILLING for concept in _concepts(word)}
    return _KNOWN.get(frozenset(concepts))


def meaning() -> object:
    """Everything that decides what a type means."""
    return [_CONCEPT, _SHORTEST, sorted(_FILLING), _TOGETHER, _MEANS]


def _concepts(word: str) -> tuple[str, ...]:
    """What a word says, or two that are written as one."""
    if word not in _CONCEPT:
        for at in range(_SHORTEST, len(word) - _SHORTEST + 1):
            parts = word[:at], word[at:]
            if all(part in _CONCEPT for part in parts):
                return _CONCEPT[parts[0]], _CONCEPT[parts[1]]
    return (_CONCEPT.get(word, word),)


def _words(kind: str) -> list[str]:
    """The words of a type's name, without case, accents, punctuation or numbers."""
    parted = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", kind)
    letters = unicodedata.normalize("NFKD", parted).casefold()
    text = " ".join(re.findall(r"[a-z]+", "".join(c for c in letters if not unicodedata.combining(c))))
    for apart, together in _TOGETHER:
        text = re.sub(rf"\b{apart}\b", together, text)
    return text.split()
