"""Which company a lead belongs to: its domain, the e-mail's unless that is a free-mail one, else its name."""

from collections.abc import Mapping

_FREE_MAIL = """
gmail.com googlemail.com yahoo.com yahoo.fr yahoo.co.uk hotmail.com hotmail.fr hotmail.co.uk outlook.com outlook.fr
live.com live.fr msn.com icloud.com me.com aol.com gmx.com gmx.de gmx.net web.de t-online.de mail.com proton.me
protonmail.com orange.fr wanadoo.fr free.fr sfr.fr laposte.net bbox.fr neuf.fr numericable.fr libero.it mail.ru
yandex.ru qq.com 163.com rediffmail.com
"""
FREE_MAIL = frozenset(_FREE_MAIL.split())


def account_of(identity: Mapping[str, str]) -> str | None:
    """The account's key, or None where nothing tells.

    >>> account_of({"email": "Ada@Engines.example", "company": "Analytical Engines"})
    'engines.example'
    >>> account_of({"email": "ada@gmail.com", "company": " Analytical  Engines "})
    'analytical engines'
    """
    for domain in (identity.get("domain", ""), identity.get("email", "").rpartition("@")[2]):
        bare = domain.strip().casefold().removeprefix("www.")
        if bare and bare not in FREE_MAIL:
            return bare
    return " ".join(identity.get("company", "").casefold().split()) or None
