"""What kind of e-mail address and which country's telephone: as much of an identity as a model may see."""

from leadloop.store.accounts import FREE_MAIL

_ROLES = """
info infos contact contacts sales ventes commercial admin administration office accueil hello bonjour support sav help
service marketing communication presse press rh hr jobs recrutement compta comptabilite billing facturation accounts
achats purchasing procurement direction secretariat webmaster postmaster noreply no-reply team equipe mail
"""
ROLES = frozenset(_ROLES.split())
_SCHOOLS = """
univ universite university uni etu etud etudiant student students campus school ecole
"""
_EDUCATION = frozenset(_SCHOOLS.split())
_LONG_CODES = """
20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92
93 94 95 98
"""
_TWO_DIGITS = frozenset(_LONG_CODES.split())


def kind_of_email(email: str) -> str:
    """One of "free", "education", "role", "company", or "none" where it is no address.

    >>> [kind_of_email(e) for e in ("ada@gmail.com", "z.ada@etu.univ-lyon1.fr", "Info@engines.example", "a@b.example")]
    ['free', 'education', 'role', 'company']
    >>> kind_of_email("ada at home"), kind_of_email("")
    ('none', 'none')
    """
    name, at, domain = email.strip().casefold().rpartition("@")
    if not (name and at and "." in domain.strip(".")):
        return "none"
    if domain in FREE_MAIL:
        return "free"
    if _teaches(domain):
        return "education"
    return "role" if name.partition("+")[0] in ROLES else "company"


def _teaches(domain: str) -> bool:
    """Whether the domain is a school's: …edu, …ac.uk, univ-…, etu.…"""
    parts = domain.split(".")
    if "edu" in parts[-2:] or (parts[-2] == "ac" and len(parts) > 2):
        return True
    return not _EDUCATION.isdisjoint(word for part in parts[:-1] for word in part.split("-"))


def calling_code(phone: str) -> str:
    """The country calling code of an international number, "" where it names none.

    >>> calling_code("+33 2 61 91 99 93"), calling_code("001 (212) 555-0100"), calling_code("02 61 91 99 93")
    ('33', '1', '')
    >>> calling_code("+352 27 00 00 00")
    '352'
    """
    text = phone.strip()
    digits = "".join(char for char in text if char in "0123456789")
    if text.startswith("00"):
        digits = digits[2:]
    elif not text.startswith("+"):
        return ""
    if len(digits) < 7 or digits[0] == "0":
        return ""
    return digits[0] if digits[0] in "17" else digits[:2] if digits[:2] in _TWO_DIGITS else digits[:3]
