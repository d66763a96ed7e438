"""What the demo world is made of in words and weights: sources, kinds, industries, titles, made-up names."""

from dataclasses import dataclass

KINDS = ("buyer", "student", "competitor", "abroad", "too_small", "spam", "customer")
"""Who a lead truly is; only a buyer has a fair chance."""
BUYER, STUDENT, COMPETITOR, ABROAD, TOO_SMALL, SPAM, CUSTOMER = range(7)


@dataclass(frozen=True)
class Source:
    """Where leads come from. `share`: while it runs; `no_buyers`: weights of KINDS[1:], the rest are buyers.

    `points`: what the sales team's old points score gives it; `bursts`: days between its crowded moments, 0 for none.
    """

    name: str
    share: float
    need: float
    intent: float
    points: float
    no_buyers: tuple[float, float, float, float, float, float]
    bursts: int = 0
    from_half: bool = False


SOURCES = (
    Source("organic_search", 0.20, 0.2, 1.2, 8, (0.10, 0.03, 0.06, 0.07, 0.03, 0.02)),
    Source("webinar", 0.16, 0.0, 0.9, 12, (0.12, 0.04, 0.04, 0.04, 0.00, 0.03), bursts=30),
    Source("trade_show", 0.13, 0.1, 1.0, 15, (0.05, 0.05, 0.06, 0.06, 0.00, 0.04), bursts=85),
    Source("paid_social", 0.16, -0.4, 0.8, 6, (0.16, 0.02, 0.08, 0.12, 0.03, 0.01)),
    Source("content_syndication", 0.15, -0.1, 0.8, 10, (0.12, 0.03, 0.07, 0.05, 0.02, 0.01)),
    Source("referral", 0.06, 0.9, 1.3, 20, (0.02, 0.01, 0.03, 0.05, 0.00, 0.02)),
    Source("partner", 0.07, 0.6, 1.1, 18, (0.01, 0.02, 0.05, 0.06, 0.00, 0.05)),
    Source("outbound", 0.07, -0.5, 0.6, 4, (0.00, 0.02, 0.02, 0.04, 0.00, 0.08)),
    Source("ai_assistant", 0.14, 0.6, 1.3, 5, (0.05, 0.05, 0.08, 0.08, 0.02, 0.02), from_half=True),
)
COLLAPSING = "content_syndication"
"""The source whose publisher starts to pad its lists half way."""
COLLAPSED = (0.32, 0.03, 0.12, 0.10, 0.10, 0.01)
STOPPING, TURNING = "paid_social", "webinar"
"""In a world that changes twice: the source that ends half way, and the one that turns at the second change."""
TURNED = (0.34, 0.05, 0.10, 0.10, 0.06, 0.03)

INDUSTRIES = ("manufacturing", "software", "retail", "healthcare", "finance", "public", "education", "construction",
              "services")  # fmt: skip
INDUSTRY_SHARE = (0.20, 0.14, 0.13, 0.08, 0.10, 0.06, 0.06, 0.10, 0.13)
INDUSTRY_FIT = (0.7, 0.6, 0.0, -0.2, 0.4, -1.0, -0.9, -0.4, 0.2)
INDUSTRY_FIT_LATER = (0.4, 0.1, 0.0, 0.7, 0.3, -0.8, -0.9, -0.4, 0.2)

SERVED = ("FR", "DE", "GB", "US", "BE", "CH", "ES", "IT")
SERVED_SHARE = (0.50, 0.13, 0.11, 0.08, 0.06, 0.05, 0.04, 0.03)
NOT_SERVED = ("IN", "BR", "NG", "TR", "PK", "ID", "MA", "EG")
COUNTRIES = SERVED + NOT_SERVED

FUNCTIONS = ("marketing", "sales", "it", "operations", "finance", "general")
FUNCTION_SHARE = (0.26, 0.22, 0.17, 0.14, 0.08, 0.13)
FUNCTION_FIT = (0.5, 0.6, 0.0, -0.2, -0.3, 0.4)
SENIORITIES = ("assistant", "staff", "manager", "director", "executive")
SENIORITY_SHARE = (0.12, 0.30, 0.28, 0.18, 0.12)
SENIORITY_FIT = (-0.9, -0.3, 0.3, 0.7, 0.5)
SENIORITY_POINTS = (0, 2, 8, 14, 14)

_FRENCH_TITLES = {
    "marketing": (
        "Assistante marketing",
        "Chargé de marketing",
        "Responsable marketing",
        "Directrice marketing",
        "CMO",
    ),
    "sales": ("Assistant commercial", "Ingénieur commercial", "Responsable ventes", "Directeur commercial", "CRO"),
    "it": ("Technicien informatique", "Développeuse", "Chef de projet SI", "DSI", "CTO"),
    "operations": ("Assistant d'exploitation", "Chargée de projet", "Responsable opérations", "Directeur usine", "COO"),
    "finance": ("Assistante comptable", "Contrôleur de gestion", "Responsable financier", "DAF", "CFO"),
    "general": ("Office manager", "Chargé d'affaires", "Responsable d'agence", "Directrice générale", "Gérant"),
}
_ENGLISH_TITLES = {
    "marketing": ("Marketing assistant", "Marketing specialist", "Marketing manager", "Head of Marketing", "CMO"),
    "sales": ("Sales assistant", "Account executive", "Sales manager", "VP Sales", "Chief Revenue Officer"),
    "it": ("IT support", "Developer", "IT manager", "Head of IT", "CTO"),
    "operations": ("Ops assistant", "Project officer", "Operations manager", "Director of Operations", "COO"),
    "finance": ("Accounts assistant", "Financial analyst", "Finance manager", "Finance director", "CFO"),
    "general": ("Office manager", "Business analyst", "Branch manager", "Managing Director", "CEO & founder"),
}
TITLES = {"fr": _FRENCH_TITLES, "en": _ENGLISH_TITLES}
"""By language and function, one for each of SENIORITIES."""
KIND_TITLES = {
    STUDENT: ("étudiant", "Étudiante en master", "student", "PhD candidate", "stagiaire", "MSc student", "Doctorant"),
    COMPETITOR: ("Product manager", "Product marketing manager", "Chef de produit", "Consultant", "Veille marché"),
    SPAM: ("asdf", "SEO expert", "CEO CEO", "test", "x"),
    TOO_SMALL: ("Freelance", "Auto-entrepreneur", "Gérant", "Founder", "Indépendante", "Consultant"),
}
KIND_TITLE_SHARE = (0.0, 0.70, 0.55, 0.0, 0.55, 0.70, 0.0)
"""How often a kind gives itself away in its title."""

BANDS = ("1-10", "11-50", "51-200", "201-1000", "1000+")
BAND_EDGES = (10, 50, 200, 1000)
TIMELINES = ("<3 months", "3-6 months", "6-12 months", "just looking")

EVENT_TYPES = ("email_open", "email_click", "page_view", "pricing_view", "content_download", "webinar_attended",
               "demo_request", "form_submit", "unsubscribe")  # fmt: skip
OPEN, CLICK, PAGE, PRICING, DOWNLOAD, WEBINAR, DEMO, FORM, UNSUBSCRIBE = range(9)
EVENT_SHARE = (0.24, 0.11, 0.38, 0.07, 0.09, 0.05, 0.02, 0.04)
EVENT_POINTS = (1, 3, 1, 6, 8, 10, 20, 8, -15)
TOPICS = ("lead_scoring", "crm_integration", "gdpr", "roi", "case_study", "product")

REASONS = ("not_a_buyer", "off_target", "too_small", "no_budget", "bad_timing", "not_interested", "competitor_chosen",
           "unreachable", "invalid_contact", "duplicate", "spam", "already_customer")  # fmt: skip
"""Reason codes of the contract, in its order."""
UNREADABLE = ("autre", "voir notes", "???")
"""What some sales people write instead of a reason."""

OWNERS = ("camille", "hugo", "lea", "karim", "anna", "tom")
FIRST_NAMES = {
    "fr": ("Camille", "Élodie", "Hugo", "Léa", "Karim", "Zoé", "Noémie", "Théo", "Inès", "François", "Aïcha", "Maël"),
    "en": ("Alice", "Ben", "Clara", "Jonas", "Emma", "Oliver", "Priya", "Lukas", "Grace", "Marta", "Samuel", "Ines"),
}
LAST_NAMES = ("Dupré", "Lefèvre", "Moreau", "Garnier", "Rousseau", "Benali", "Schmitt", "Weber", "Fischer", "Okafor",
              "Hughes", "Carter", "Rossi", "Peeters", "Müller", "Novak", "Silva", "Khan", "Bauer", "Lambert", "Costa",
              "Fontaine", "Marchand", "Walsh", "Greene", "Keller", "Blanchet", "Perrin", "Dunne", "Picard")  # fmt: skip
COMPANY_HEADS = ("Alpine", "Boréal", "Cobalt", "Delta", "Estuaire", "Fjord", "Garance", "Harbour", "Iris", "Juniper",
                 "Kestrel", "Lumen", "Méridien", "Northgate", "Océane", "Pivoine", "Quartz", "Rivage", "Saphir",
                 "Tilleul", "Ursa", "Vela", "Willow", "Zénith")  # fmt: skip
COMPANY_TAILS = ("Industrie", "Systems", "Conseil", "Logistics", "Santé", "Retail", "Finance", "Bâtiment", "Labs",
                 "Services", "Group", "Werke")  # fmt: skip
FREE_MAIL = ("freemail.example", "webmail.example", "boitemail.example", "mailbox.example")
PHONES = {
    "FR": ("+33 1 99 00 ", "+33 2 61 91 ", "+33 3 53 01 ", "+33 4 65 71 ", "+33 5 36 49 ", "+33 6 39 98 "),
    "DE": ("+49 30 23125 ", "+49 69 90009 ", "+49 40 66969 ", "+49 221 4710 ", "+49 89 99998 "),
    "GB": ("+44 7700 900", "+44 20 7946 0", "+44 113 496 0", "+44 121 496 0", "+44 131 496 0", "+44 161 496 0"),
    "US": tuple(f"+1 {area} 555 01" for area in range(201, 989, 11)),
}
"""Ranges that the regulators keep for fiction; the rest of the world borrows the French ones."""
PHONE_DIGITS = {"FR": 4, "DE": 3, "GB": 3, "US": 2}
