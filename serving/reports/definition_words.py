"""What leadloop means by its words, in English and French, where nobody in the company wrote something else."""

from collections.abc import Mapping, Sequence

from serving.reports.language import Both

GROUPS: Mapping[str, Sequence[str]] = {
    "state": (
        *("contact", "prospect", "lead", "mql", "accepted", "contacted", "sql", "opportunity", "client", "promoter"),
        *("rejected", "lost", "recycled"),
    ),
    "reason": (
        *("not_a_buyer", "off_target", "too_small", "no_budget", "bad_timing", "not_interested", "competitor_chosen"),
        *("unreachable", "invalid_contact", "duplicate", "spam", "already_customer", "other"),
    ),
    "cell": ("call_now", "qualify", "develop", "nurture", "unknown"),
    "threshold": ("stars", "flames", "hot", "capacity", "first_contact", "delivered", "horizon", "target"),
}
"""Terms by group, in the order of a page."""

SHIPPED: Mapping[str, Both] = {
    "state.contact": Both(
        "Somebody we can reach. They have done nothing of their own accord yet.",
        "Quelqu’un que nous pouvons joindre, et qui n’a encore rien fait de lui-même.",
    ),
    "state.prospect": Both(
        "A contact who did something of their own accord: visited, clicked, came by. Opening an e-mail is not enough.",
        "Un contact qui a fait quelque chose de lui-même : visite, clic, passage. Ouvrir un e-mail ne suffit pas.",
    ),
    "state.lead": Both(
        "A prospect who stepped forward by name: filled in a form, asked for a demo, came to a webinar, replied.",
        "Un prospect qui s’est fait connaître : formulaire rempli, démo demandée, webinaire suivi, réponse.",
    ),
    "state.mql": Both(
        "Marketing qualified lead: marketing found it ripe and hands it over. From here on sales owes it an answer.",
        "Lead qualifié par le marketing : jugé mûr et transmis. À partir de là, les ventes lui doivent une réponse.",
    ),
    "state.accepted": Both(
        "Sales took the lead on: somebody will call, within the time that was promised.",
        "Les ventes ont pris le lead en charge : quelqu’un appellera, dans le délai promis.",
    ),
    "state.contacted": Both(
        "Somebody in sales spoke with the lead or wrote to them personally.",
        "Quelqu’un des ventes a parlé au lead ou lui a écrit personnellement.",
    ),
    "state.sql": Both(
        "Sales qualified lead: need, budget, time and who decides are known, and worth an expert’s hour.",
        "Lead qualifié par les ventes : besoin, budget, calendrier et décideur connus ; vaut l’heure d’un expert.",
    ),
    "state.opportunity": Both(
        "There is a deal to win: something to offer, an amount and a date.",
        "Il y a une affaire à gagner : une offre à faire, un montant et une date.",
    ),
    "state.client": Both(
        "Won: the contract is signed or the order has come.",
        "Gagné : le contrat est signé ou la commande est arrivée.",
    ),
    "state.promoter": Both(
        "A client who brings us others, or speaks for us in public.",
        "Un client qui nous en amène d’autres, ou qui parle pour nous en public.",
    ),
    "state.rejected": Both(
        "Sales would not work the lead, and says why. The reason teaches the model and marketing.",
        "Les ventes n’ont pas voulu du lead et disent pourquoi. Le motif instruit le modèle et le marketing.",
    ),
    "state.lost": Both(
        "Sales worked the lead and did not win it.",
        "Les ventes ont travaillé le lead sans le gagner.",
    ),
    "state.recycled": Both(
        "Given back to marketing until a date: not now, and not never.",
        "Rendu au marketing jusqu’à une date : pas maintenant, mais pas jamais.",
    ),
    "reason.not_a_buyer": Both(
        "A student, a job seeker, a researcher: will never buy.",
        "Étudiant, candidat, chercheur : n’achètera jamais.",
    ),
    "reason.off_target": Both(
        "Outside the region, the sector or the use that we serve.",
        "Hors de la région, du secteur ou de l’usage que nous servons.",
    ),
    "reason.too_small": Both("Too few people or too little volume.", "Trop peu de personnes ou de volume."),
    "reason.no_budget": Both("Wants it and cannot pay for it.", "Le veut et ne peut pas le payer."),
    "reason.bad_timing": Both("Not now: to be called again later.", "Pas maintenant : à rappeler plus tard."),
    "reason.not_interested": Both("No need, or no will.", "Pas de besoin, ou pas d’envie."),
    "reason.competitor_chosen": Both("Bought elsewhere.", "A acheté ailleurs."),
    "reason.unreachable": Both("Never answers, however often called.", "Ne répond jamais, malgré les appels."),
    "reason.invalid_contact": Both("The number or the address is wrong.", "Le numéro ou l’adresse est faux."),
    "reason.duplicate": Both("The same person again.", "La même personne, une fois de plus."),
    "reason.spam": Both("Nobody at all.", "Personne."),
    "reason.already_customer": Both("Buys from us already.", "Achète déjà chez nous."),
    "reason.other": Both("Something else; somebody should say what.", "Autre chose ; quelqu’un devrait dire quoi."),
    "cell.call_now": Both(
        "Fits us and is ready: fit and readiness both above those of half the open leads.",
        "Fait pour nous et prêt : adéquation et maturité au-dessus de la moitié des leads ouverts.",
    ),
    "cell.qualify": Both(
        "Ready, but may not be for us: find out in ten minutes.",
        "Prêt, mais peut-être pas fait pour nous : à vérifier en dix minutes.",
    ),
    "cell.develop": Both(
        "Fits us and is not ready: become the one they call when the moment comes.",
        "Fait pour nous mais pas prêt : être celui qu’il appellera le moment venu.",
    ),
    "cell.nurture": Both(
        "Neither: marketing keeps in touch, sales does not call.",
        "Ni l’un ni l’autre : le marketing garde le contact, les ventes n’appellent pas.",
    ),
    "cell.unknown": Both(
        "Too few refusals say why, so that fit is not known: go by the order.",
        "Trop peu de refus disent pourquoi, l’adéquation n’est pas connue : suivre l’ordre.",
    ),
    "threshold.stars": Both(
        "How much a lead is worth: its chance times what a win would bring. One, two and three stars from these on.",
        "Ce que vaut un lead : sa chance fois ce que rapporterait un gain. Une, deux et trois étoiles à partir de là.",
    ),
    "threshold.flames": Both(
        "How much of that is lost by waiting. One, two and three flames from these on.",
        "Ce qui s’en perd en attendant. Une, deux et trois flammes à partir de là.",
    ),
    "threshold.hot": Both(
        "A hot lead: others are told of it at once, by a webhook.",
        "Un lead brûlant : on en est averti aussitôt, par un webhook.",
    ),
    "threshold.capacity": Both(
        "How many leads the team can take on in a day; today’s queue ends there.",
        "Combien de leads l’équipe peut prendre en un jour ; la file du jour s’arrête là.",
    ),
    "threshold.first_contact": Both(
        "How soon sales promises to contact a new lead.",
        "En combien de temps les ventes promettent de contacter un nouveau lead.",
    ),
    "threshold.delivered": Both(
        "From when a lead counts as delivered by marketing.",
        "À partir de quand un lead compte comme livré par le marketing.",
    ),
    "threshold.horizon": Both(
        "A win later than this after scoring does not count as this lead’s.",
        "Un gain plus tardif après le score ne compte plus pour ce lead.",
    ),
    "threshold.target": Both(
        "Whom we aim at. A lead is in the target when each of these holds.",
        "Qui nous visons. Un lead est dans la cible quand tout cela est vrai.",
    ),
}
