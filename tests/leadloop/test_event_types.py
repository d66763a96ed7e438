"""What types of events mean, and which of them are acts of the lead, however they are spelt."""

import pytest

from leadloop.event_types import meant_by
from leadloop.store.activity import is_asking, is_own


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        *(("Demo Request", "demo_request"), ("demande_de_démo", "demo_request"), ("EmailOpened", "email_open")),
        *(("Ouverture e-mail", "email_open"), ("Email Link Clicked", "email_click"), ("E-mail bounced", "bounce")),
        *(("Formulaire rempli", "form_submit"), ("Inscription webinaire", "webinar_registered")),
        *(("Rendez-vous pris", "meeting_booked"), ("désabonnement", "unsubscribe")),
        ("Pricing page view", "pricing_view"),
        *(("emailopened", "email_open"), ("DEMOREQUEST", "demo_request"), ("Envoi mail", "email_sent")),
        *(("téléchargement", "download"), ("appel", "call"), ("livechat", "chat"), ("trial_started", "trial_start")),
    ],
)  # fmt: skip
def test_a_type_of_event_is_known_however_it_is_spelt(kind: str, meant: str) -> None:
    assert meant_by(kind) == meant


@pytest.mark.parametrize("kind", ["address", "formad", "openness", "clientcall", "webinarcancelled"])
def test_words_written_as_one_are_only_read_where_both_are_known(kind: str) -> None:
    assert meant_by(kind) is None


@pytest.mark.parametrize(
    "kind",
    [
        *("email_open", "Opened Email", "mail_open", "E-mail ouvert", "ouverture_newsletter", "EMAILOPENED"),
        *("newsletter_open", "email_sent", "Mail envoyé", "emaildelivered", "sent", "sms_sent", "Outbound call"),
        *("appel sortant", "call attempt", "Email Hard Bounced", "rebond", "spam_report", "Unsubscribed", "opt-out"),
        *("désinscription", "adimpression"),
    ],
)  # fmt: skip
def test_what_is_done_to_a_lead_or_against_being_contacted_is_no_act_of_its_own(kind: str) -> None:
    assert not is_own(kind)
    assert not is_asking(kind)


@pytest.mark.parametrize(
    "kind", ["email_click", "page_view", "Clic e-mail", "webinar_attended", "xyz", "call", "account_opened"]
)
def test_anything_else_is(kind: str) -> None:
    assert is_own(kind)


@pytest.mark.parametrize(
    "kind", ["Demo Request", "formulaire rempli", "contact-request", "livechat", "E-mail reply", "inbound_email"]
)
def test_who_asks_steps_forward(kind: str) -> None:
    assert is_own(kind)
    assert is_asking(kind)
