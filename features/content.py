"""Which kind of content an event is about, read out of its type's name in French or English."""

import re
from functools import lru_cache

from features.titles import plain

_WORDS = {
    "mail": r"(e ?)?mails?|emailing|courriels?|newsletters?|infolettres?",
    "gathering": r"webinai?re?s?|events?|evenements?|salons?|fairs?|tradeshow|conferences?|workshops?|ateliers?|booth",
    "video": r"videos?|podcasts?|replays?|watch(ed)?",
    "talk": r"calls?|appels?|chats?|meetings?|phone|telephone|rendez vous|rdv|reunions?|sms|whatsapp",
    "document": r"downloads?(ed)?|telecharge\w*|contents?|contenus?|white ?papers?|livres? blancs?|e ?books?|guides?"
    r"|brochures?|pdf|documents?|documentation|case stud(y|ies)|etudes? de cas|reports?|catalogues?",
    "request": r"forms?|formulaires?|demos?|trials?|essais?|requests?|demandes?|signups?|sign up|register(ed)?"
    r"|inscriptions?|contact\w*|quotes?|devis|submit\w*|subscribe[ds]?|abonnements?",
    "page": r"pages?|pageviews?|views?|viewed|vues?|visite?s?|visited|sites?|web\w*|pricing|tarifs?|blogs?|articles?"
    r"|search\w*|click\w*|clics?",
}
_KINDS = tuple((kind, re.compile(rf"\b(?:{words})\b")) for kind, words in _WORDS.items())


@lru_cache(1_000)
def content_kind(event_type: str) -> str | None:
    """One of "mail", "gathering", "video", "talk", "document", "request", "page"; None where the name says none.

    >>> [content_kind(t) for t in ("email_open", "Webinaire suivi", "content_download", "demo_request", "pricing_view")]
    ['mail', 'gathering', 'document', 'request', 'page']
    >>> content_kind("score_changed")
    """
    words = plain(event_type.replace("_", " "))
    return next((kind for kind, names in _KINDS if names.search(words)), None)


def meaning() -> object:
    """All words that are told apart, so that a model knows when they changed."""
    return [[kind, names.pattern] for kind, names in _KINDS]
