"""What the reports on sources, refusals and the life of leads say, in English and French."""

from serving.reports.language import Both

LEADS: dict[str, Both] = {
    # sources and campaigns
    "sources title": Both("What each source brings", "Ce qu’apporte chaque source"),
    "campaigns title": Both("What each campaign brings", "Ce qu’apporte chaque campagne"),
    "volumes title": Both("How many, and what they are worth", "Combien, et ce qu’ils valent"),
    "value says": Both(
        "Leads by what they first came in by; a person counts once. Value: amounts won so far, {currency}.",
        "Leads selon leur première origine ; une personne compte une fois. Valeur : montants gagnés à ce "
        "jour, {currency}.",
    ),
    "conversions title": Both("How far they come", "Jusqu’où ils vont"),
    "conversions say": Both(
        "From each stage to the next, among leads that had the time it takes; below, the 95 % interval. "
        "“Won”: from end to end. “Evened out”: held near the share of all where there are few leads; marked "
        "below {few} leads.",
        "D’une étape à la suivante, parmi les leads qui ont eu le temps qu’il faut ; dessous, l’intervalle "
        "à 95 %. « Gagnés » : de bout en bout. « Lissé » : rapproché de la part de l’ensemble quand il y a "
        "peu de leads ; signalé au-dessous de {few} leads.",
    ),
    "few leads": Both("few leads", "peu de leads"),
    "undated rates": Both(
        "This ledger is undated: rates are those of closed leads, and nothing can be told of times.",
        "Cette base est sans dates : les taux sont ceux des leads clos, et rien ne peut être dit des délais.",
    ),
    "model says": Both(
        "Wins expected: by model {version} as of each lead’s arrival, of leads that sales looked at and "
        "that are old enough to tell. It learned from some of these leads itself.",
        "Gains attendus : selon le modèle {version} à l’arrivée de chaque lead, pour les leads examinés par "
        "les ventes et assez anciens pour en juger. Il a lui-même appris d’une partie de ces leads.",
    ),
    # refusals
    "rejections title": Both("Why sales refuses leads", "Pourquoi les ventes refusent des leads"),
    "refusals by reason": Both("By reason", "Par motif"),
    "refusals by source": Both("By source", "Par source"),
    "refusals by campaign": Both("By campaign", "Par campagne"),
    "refusals by month": Both("By month of refusal", "Par mois de refus"),
    "refusals in detail": Both("In detail", "En détail"),
    "unread says": Both(
        "At sight: refused although nobody had taken the lead on or called it before.",
        "Sans ouverture : refusé sans que personne n’ait pris le lead en charge ni appelé auparavant.",
    ),
    "worth says": Both(
        "Expected value lost: chance times value of the refused leads on their arrival, by model {version}.",
        "Valeur attendue perdue : chance fois valeur des leads refusés, à leur arrivée, selon le modèle {version}.",
    ),
    "undated refusals": Both(
        "This ledger is undated: months, times and what came before a refusal can’t be told.",
        "Cette base est sans dates : ni les mois, ni les délais, ni ce qui a précédé un refus ne peuvent être dits.",
    ),
    "reason none": Both("no reason given", "sans motif"),
    "reason not_a_buyer": Both("not a buyer", "pas un acheteur"),
    "reason off_target": Both("off target", "hors cible"),
    "reason too_small": Both("too small", "trop petit"),
    "reason no_budget": Both("no budget", "pas de budget"),
    "reason bad_timing": Both("bad timing", "pas le moment"),
    "reason not_interested": Both("not interested", "pas intéressé"),
    "reason competitor_chosen": Both("competitor chosen", "concurrent choisi"),
    "reason unreachable": Both("unreachable", "injoignable"),
    "reason invalid_contact": Both("wrong contact details", "coordonnées fausses"),
    "reason duplicate": Both("duplicate", "doublon"),
    "reason spam": Both("spam", "spam"),
    "reason already_customer": Both("already a customer", "déjà client"),
    "reason other": Both("other", "autre"),
    "family fit": Both("fit", "adéquation"),
    "family budget": Both("budget", "budget"),
    "family timing": Both("timing", "calendrier"),
    "family need": Both("need", "besoin"),
    "family competition": Both("competition", "concurrence"),
    "family reach": Both("reach", "joignabilité"),
    "family data": Both("data", "données"),
    "family other": Both("other", "autre"),
    # the life of leads, and duplicates
    "funnel title": Both("Funnel of {leads} leads", "Entonnoir de {leads} leads"),
    "transitions title": Both("Moves of {leads} leads", "Passages de {leads} leads"),
    "impossible moves": Both(
        "{moves} moves cannot be; they are kept as they came, so correct them in the CRM",
        "{moves} passages sont impossibles ; ils sont gardés tels quels, à corriger dans le CRM",
    ),
    "usual": Both("usual", "habituel"),
    "skips": Both("skips", "saute une étape"),
    "impossible": Both("impossible", "impossible"),
    "state unknown": Both("unknown", "inconnu"),
    "state contact": Both("contact", "contact"),
    "state prospect": Both("prospect", "prospect"),
    "state lead": Both("lead", "lead"),
    "state mql": Both("mql", "mql"),
    "state accepted": Both("accepted", "accepté"),
    "state contacted": Both("contacted", "contacté"),
    "state sql": Both("sql", "sql"),
    "state opportunity": Both("opportunity", "opportunité"),
    "state client": Both("client", "client"),
    "state promoter": Both("promoter", "prescripteur"),
    "state rejected": Both("rejected", "refusé"),
    "state lost": Both("lost", "perdu"),
    "state recycled": Both("recycled", "rendu au marketing"),
    "duplicates title": Both(
        "{duplicates} of {leads} leads are there twice",
        "{duplicates} leads sur {leads} sont en double",
    ),
    "pairs title": Both(
        "{pairs} pairs may be one person: leadloop merge DUPLICATE SURVIVOR",
        "{pairs} paires sont peut-être une même personne : leadloop merge DOUBLON GARDÉ",
    ),
    "joined by": Both("joined by themselves or by hand: {ways}", "réunis d’eux-mêmes ou à la main : {ways}"),
    "no one": Both("none", "aucun"),
    "found by email": Both("by email", "par e-mail"),
    "found by phone": Both("by phone", "par téléphone"),
    "found by by hand": Both("by hand", "à la main"),
    "same name": Both("same name", "même nom"),
    "similar name": Both("similar name", "nom voisin"),
    "same account": Both("same account", "même compte"),
    "same company": Both("same company", "même entreprise"),
    "similar company": Both("similar company", "entreprise voisine"),
    "same phone": Both("same phone", "même téléphone"),
    "same mailbox name": Both("same mailbox name", "même nom de boîte"),
}
