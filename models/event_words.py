"""The phrase book: what a salesperson says of the events that CRMs and marketing tools send, in French and English."""

from dataclasses import dataclass
from functools import lru_cache

from leadloop.event_types import meant_by


@dataclass(frozen=True)
class EventWords:
    """One type of event in one language, as the rest of a sentence about the lead.

    `noun`: its name in a table. `did`: it happened, before "2 days ago". `never`: it did not.
    `no_more`: before "for 40 days" in French and "40 days ago" in English, of something that went quiet.
    """

    noun: str
    did: str
    never: str
    no_more: str


_FR = {
    "demo_request": ("demande de démo", "a demandé une démo", "n’a pas demandé de démo"),
    "demo_attended": ("démo suivie", "a suivi une démo", "n’a pas suivi de démo"),
    "quote_request": ("demande de devis", "a demandé un devis", "n’a pas demandé de devis"),
    "contact_request": ("demande de contact", "nous a écrit par le formulaire", "n’a pas écrit par le formulaire"),
    "callback_request": ("demande de rappel", "a demandé un rappel", "n’a pas demandé de rappel"),
    "trial_start": ("début d’essai", "a commencé un essai", "n’a pas commencé d’essai"),
    "account_created": ("création de compte", "a créé un compte", "n’a pas créé de compte"),
    "login": ("connexion", "a ouvert une session", "n’a pas ouvert de session"),
    "product_use": ("utilisation du produit", "a utilisé le produit", "n’a pas utilisé le produit"),
    "pricing_view": ("consultation des tarifs", "a consulté les tarifs", "n’a pas consulté les tarifs"),
    "product_view": ("page produit", "a consulté une page produit", "n’a pas consulté de page produit"),
    "page_view": ("page du site", "a consulté une page du site", "n’a pas consulté le site"),
    "visit": ("visite du site", "a visité le site", "n’a pas visité le site"),
    "email_open": ("ouverture d’e-mail", "a ouvert un e-mail", "n’a pas ouvert d’e-mail"),
    "email_click": ("clic dans un e-mail", "a cliqué dans un e-mail", "n’a pas cliqué dans un e-mail"),
    "email_reply": ("réponse à un e-mail", "a répondu à un e-mail", "n’a pas répondu par e-mail"),
    "email_sent": ("e-mail reçu", "a reçu un e-mail de notre part", "n’a pas reçu d’e-mail de notre part"),
    "bounce": (
        "e-mail revenu en erreur",
        "a une adresse dont un e-mail est revenu",
        "n’a pas eu d’e-mail revenu en erreur",
    ),
    "unsubscribe": ("désabonnement", "a demandé l’arrêt des e-mails", "n’a pas demandé l’arrêt des e-mails"),
    "spam_complaint": (
        "signalement comme indésirable",
        "a signalé un e-mail comme indésirable",
        "n’a pas signalé d’e-mail comme indésirable",
    ),
    "newsletter": ("abonnement à la newsletter", "a demandé la newsletter", "n’a pas demandé la newsletter"),
    "download": ("téléchargement", "a téléchargé un document", "n’a pas téléchargé de document"),
    "content_view": ("contenu lu", "a lu un contenu", "n’a pas lu de contenu"),
    "case_study": ("cas client", "a lu un cas client", "n’a pas lu de cas client"),
    "blog_view": ("article de blog", "a lu un article du blog", "n’a pas lu d’article du blog"),
    "video_view": ("vidéo", "a regardé une vidéo", "n’a pas regardé de vidéo"),
    "form_submit": ("formulaire rempli", "a rempli un formulaire", "n’a pas rempli de formulaire"),
    "webinar_registered": (
        "inscription à un webinaire",
        "a réservé une place de webinaire",
        "n’a pas réservé de place de webinaire",
    ),
    "webinar_attended": ("webinaire suivi", "a suivi un webinaire", "n’a pas suivi de webinaire"),
    "webinar_missed": ("webinaire manqué", "a manqué un webinaire", "n’a pas manqué de webinaire"),
    "event_registered": (
        "inscription à un événement",
        "a réservé une place à un événement",
        "n’a pas réservé de place à un événement",
    ),
    "event_attended": (
        "participation à un événement",
        "a participé à un événement",
        "n’a pas participé à un événement",
    ),
    "stand_visit": ("visite de notre stand", "a visité notre stand", "n’a pas visité notre stand"),
    "meeting_booked": ("prise de rendez-vous", "a pris rendez-vous", "n’a pas pris rendez-vous"),
    "meeting_held": (
        "rendez-vous tenu",
        "a eu un rendez-vous avec nous",
        "n’a pas eu de rendez-vous avec nous",
    ),
    "meeting_missed": ("rendez-vous manqué", "a manqué un rendez-vous", "n’a pas manqué de rendez-vous"),
    "call_in": ("appel entrant", "nous a appelés", "ne nous a pas appelés"),
    "call_out": ("appel de notre part", "a reçu un appel de notre part", "n’a pas reçu d’appel de notre part"),
    "call_reply": ("appel décroché", "a répondu à un appel", "n’a pas répondu à un appel"),
    "call_missed": ("appel manqué", "a manqué un appel", "n’a pas manqué d’appel"),
    "call": ("appel", "a eu un appel avec nous", "n’a pas eu d’appel avec nous"),
    "chat": ("discussion par chat", "a discuté avec nous par chat", "n’a pas discuté avec nous par chat"),
    "sms_sent": ("SMS reçu", "a reçu un SMS de notre part", "n’a pas reçu de SMS de notre part"),
    "sms_reply": ("réponse à un SMS", "a répondu à un SMS", "n’a pas répondu par SMS"),
    "ad_click": ("clic sur une publicité", "a cliqué sur une publicité", "n’a pas cliqué sur une publicité"),
    "survey": ("réponse à une enquête", "a répondu à une enquête", "n’a pas répondu à une enquête"),
    "order": ("commande", "a passé une commande", "n’a pas passé de commande"),
    "cart": ("panier abandonné", "a abandonné un panier", "n’a pas abandonné de panier"),
}
_EN = {
    "demo_request": ("demo request", "asked for a demo", "has not asked for a demo"),
    "demo_attended": ("demo attended", "attended a demo", "attended no demo"),
    "quote_request": ("quote request", "asked for a quote", "has not asked for a quote"),
    "contact_request": ("contact request", "wrote through the contact form", "has not used the contact form"),
    "callback_request": ("call-back request", "asked to be called back", "has not asked to be called back"),
    "trial_start": ("trial start", "started a trial", "has not started a trial"),
    "account_created": ("account created", "created an account", "has not created an account"),
    "login": ("login", "logged in", "has not logged in"),
    "product_use": ("use of the product", "used the product", "has not used the product"),
    "pricing_view": ("look at the prices", "looked at the prices", "has not looked at the prices"),
    "product_view": ("product page", "looked at a product page", "has not looked at a product page"),
    "page_view": ("page of the site", "viewed a page of the site", "has not viewed the site"),
    "visit": ("visit of the site", "visited the site", "has not visited the site"),
    "email_open": ("e-mail opened", "opened an e-mail", "opened no e-mail"),
    "email_click": ("click in an e-mail", "clicked in an e-mail", "has not clicked in an e-mail"),
    "email_reply": ("reply to an e-mail", "replied to an e-mail", "has not replied by e-mail"),
    "email_sent": ("e-mail received", "received an e-mail from us", "received no e-mail from us"),
    "bounce": ("e-mail bounced", "had an e-mail bounce", "had no e-mail bounce"),
    "unsubscribe": ("unsubscription", "unsubscribed from our e-mails", "has not unsubscribed from our e-mails"),
    "spam_complaint": ("spam complaint", "reported an e-mail as spam", "reported no e-mail as spam"),
    "newsletter": ("newsletter subscription", "subscribed to the newsletter", "has not subscribed to the newsletter"),
    "download": ("download", "downloaded a document", "downloaded no document"),
    "content_view": ("content read", "read some content", "read no content"),
    "case_study": ("case study", "read a case study", "read no case study"),
    "blog_view": ("blog post", "read a blog post", "read no blog post"),
    "video_view": ("video", "watched a video", "watched no video"),
    "form_submit": ("form filled in", "filled in a form", "filled in no form"),
    "webinar_registered": ("webinar registration", "registered for a webinar", "registered for no webinar"),
    "webinar_attended": ("webinar attended", "attended a webinar", "attended no webinar"),
    "webinar_missed": ("webinar missed", "missed a webinar", "missed no webinar"),
    "event_registered": ("event registration", "registered for an event", "registered for no event"),
    "event_attended": ("event attended", "attended an event", "attended no event"),
    "stand_visit": ("visit of our stand", "visited our stand", "has not visited our stand"),
    "meeting_booked": ("meeting booked", "booked a meeting", "has not booked a meeting"),
    "meeting_held": ("meeting held", "had a meeting with us", "had no meeting with us"),
    "meeting_missed": ("meeting missed", "missed a meeting", "missed no meeting"),
    "call_in": ("call to us", "called us", "has not called us"),
    "call_out": ("call from us", "got a call from us", "got no call from us"),
    "call_reply": ("call answered", "answered a call", "has not answered a call"),
    "call_missed": ("call missed", "missed a call", "missed no call"),
    "call": ("call", "had a call with us", "had no call with us"),
    "chat": ("chat", "chatted with us", "has not chatted with us"),
    "sms_sent": ("text message received", "received a text message from us", "received no text message from us"),
    "sms_reply": ("reply to a text message", "replied to a text message", "has not replied by text message"),
    "ad_click": ("click on an ad", "clicked on an ad", "has not clicked on an ad"),
    "survey": ("survey answered", "answered a survey", "answered no survey"),
    "order": ("order", "placed an order", "has not placed an order"),
    "cart": ("cart abandoned", "abandoned a cart", "abandoned no cart"),
}


@lru_cache(1_000)
def words_of(kind: str, lang: str) -> EventWords:
    """What to say of a type of event; of one that the phrase book does not know, its name in quotes.

    >>> words_of("demo_request", "fr").no_more
    'n’a plus demandé de démo depuis'
    >>> words_of("xyz_seen", "en").did
    '“xyz seen”'
    """
    meant = meant_by(kind)
    if meant is None:
        return _quoted(" ".join(kind.replace("_", " ").split()), lang)
    noun, did, never = (_FR if lang == "fr" else _EN)[meant]
    no_more = f"{never.replace(' pas ', ' plus ', 1)} depuis" if lang == "fr" else f"last {did}"
    return EventWords(noun, did, never, no_more)


def _quoted(name: str, lang: str) -> EventWords:
    if lang == "fr":
        quoted = f"« {name} »"
        return EventWords(quoted, quoted, f"jamais {quoted}", f"plus de {quoted} depuis")
    quoted = f"“{name}”"
    return EventWords(quoted, quoted, f"never {quoted}", f"last {quoted}")
