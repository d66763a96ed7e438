"""What the reports on the first contact and on the contract say, in English and French."""

from serving.reports.language import Both

PROMISES: dict[str, Both] = {
    # the first contact
    "sla title": Both("The first contact: promised and kept", "Le premier contact : promis et tenu"),
    "sla by month": Both("By month of arrival", "Par mois d’arrivée"),
    "sla by source": Both("By source", "Par source"),
    "sla by owner": Both("By owner", "Par responsable"),
    "sla by cell": Both("By cell", "Par case"),
    "sla waiting": Both("At risk now", "À risque en ce moment"),
    "sla speeds": Both(
        "What came of leads, by how fast they were called",
        "Ce que sont devenus les leads, selon la vitesse du premier contact",
    ),
    "speed is no cause": Both(
        "Only leads old enough to tell. It describes and does not explain: who looks best is often called "
        "first, and would have bought anyway.",
        "Seulement les leads assez anciens pour en juger. Cela décrit sans expliquer : on appelle souvent "
        "d’abord ceux qui promettent le plus, et qui auraient acheté de toute façon.",
    ),
    "within the hour": Both("within the hour", "dans l’heure"),
    "within a day": Both("within a day", "dans la journée"),
    "within a week": Both("within a week", "dans la semaine"),
    "after a week": Both("after a week", "après une semaine"),
    "no sla": Both(
        'No deadline is promised. To promise one, write in leadloop.toml: [sla] within = "4 working hours", '
        "and in [[sla.promises]] what holds for a cell or a source (docs/contract.md).",
        'Aucun délai n’est promis. Pour en promettre un, écrire dans leadloop.toml : [sla] within = "4 '
        'working hours", et dans [[sla.promises]] ce qui vaut pour une case ou une source (docs/contract.md).',
    ),
    "undated sla": Both(
        "This ledger is undated: when leads came in and when they were called can’t be told, so no promise "
        "can be checked.",
        "Cette base est sans dates : on ne peut dire ni quand les leads sont arrivés ni quand ils ont été "
        "appelés, donc aucun délai ne peut être vérifié.",
    ),
    "no contacts recorded": Both(
        "The ledger hardly records calls (stage contacted, sql or opportunity), only how leads ended: whether a "
        "first contact was in time can’t be told.",
        "La base n’enregistre presque pas les appels (étapes contacted, sql ou opportunity), seulement la fin : on "
        "ne peut dire si un premier contact a eu lieu à temps.",
    ),
    "told at once": Both(
        "Many outcomes are all of one instant ({day}), as in an export that only says how things stand: when leads "
        "that came in before were called or judged can’t be told, and rates are those of closed leads there.",
        "Beaucoup de résultats sont d’un seul instant ({day}), comme dans un export qui ne dit que l’état des "
        "choses : on ne peut dire quand les leads arrivés avant ont été appelés ou jugés, et leurs taux sont ceux "
        "des leads clos.",
    ),
    "no cells": Both(
        "Some promises are for a cell, and no lead has a stored score here: those promises were not applied.",
        "Certains délais sont promis pour une case, et aucun lead n’a ici de score enregistré : ces délais "
        "n’ont pas été appliqués.",
    ),
    # the contract
    "contract title": Both("The contract between marketing and sales", "Le contrat entre marketing et ventes"),
    "plan title": Both("What the goal takes", "Ce que demande l’objectif"),
    "plan says": Both(
        "In brackets or below: where the figure is in 95 cases of 100, given how few leads and deals taught it.",
        "Entre parenthèses ou dessous : où se trouve le chiffre dans 95 cas sur 100, vu le nombre de leads "
        "et de ventes dont il est tiré.",
    ),
    "monthly goal": Both("goal a month, {currency}", "objectif par mois, {currency}"),
    "mean deal": Both("mean deal, {currency}", "vente moyenne, {currency}"),
    "wins needed": Both("wins needed a month", "gains nécessaires par mois"),
    "leads needed": Both("leads needed a month", "leads nécessaires par mois"),
    "capacity needed": Both("leads to look at a working day", "leads à examiner par jour ouvré"),
    "leads delivered": Both("leads delivered a month, of late", "leads livrés par mois, récemment"),
    "revenue per lead": Both("revenue per delivered lead, {currency}", "revenu par lead livré, {currency}"),
    "revenue at volume": Both(
        "revenue a month at today’s volume, {currency}",
        "revenu par mois au volume actuel, {currency}",
    ),
    "revenue at capacity": Both(
        "revenue a month if sales looks at {capacity} leads a day, {currency}",
        "revenu par mois si les ventes examinent {capacity} leads par jour, {currency}",
    ),
    "stages title": Both("From stage to stage", "D’étape en étape"),
    "stages say": Both(
        "The share of leads that go on to each stage, among those that had the days given: one that had no "
        "time yet is no failure.",
        "La part des leads qui passent à chaque étape, parmi ceux qui ont eu les jours laissés : un lead "
        "qui n’a pas encore eu le temps n’est pas un échec.",
    ),
    "sides title": Both("Is each side keeping its word?", "Chaque côté tient-il parole ?"),
    "promises title": Both("Promise by promise", "Engagement par engagement"),
    "marketing": Both("marketing", "marketing"),
    "sales": Both("sales", "ventes"),
    "is kept": Both("kept", "tenu"),
    "is not_kept": Both("not kept", "non tenu"),
    "is too_early": Both("too early to say", "trop tôt pour le dire"),
    "is nothing_due": Both("nothing was due", "rien n’était dû"),
    "promise leads": Both("leads delivered", "leads livrés"),
    "promise source": Both("leads from {of}", "leads de {of}"),
    "promise fit": Both("leads not refused for what they are", "leads non refusés pour ce qu’ils sont"),
    "promise accepted": Both("leads that sales takes on", "leads pris en charge par les ventes"),
    "promise in_time": Both("leads contacted in time", "leads contactés dans les temps"),
    "promise reasons": Both("refusals with a reason", "refus avec motif"),
    "promise feedback": Both("leads with feedback in time", "leads avec retour dans les temps"),
    "leads says": Both(
        "Leads delivered by marketing: {real}; promised: {promised}.",
        "Leads livrés par le marketing : {real} ; promis : {promised}.",
    ),
    "source says": Both(
        "Leads from {of}: {real}; promised: {promised}.",
        "Leads de {of} : {real} ; promis : {promised}.",
    ),
    "fit says": Both(
        "Leads that sales looked at: {cases}; not refused for what they are: {real}; promised: {promised}.",
        "Leads examinés par les ventes : {cases} ; non refusés pour ce qu’ils sont : {real} ; promis : {promised}.",
    ),
    "accepted says": Both(
        "Leads that sales looked at: {cases}; taken on: {real}; promised: {promised}.",
        "Leads examinés par les ventes : {cases} ; pris en charge : {real} ; promis : {promised}.",
    ),
    "in_time says": Both(
        "First contacts due: {cases}; made in time: {real}; promised: {promised}.",
        "Premiers contacts dus : {cases} ; faits à temps : {real} ; promis : {promised}.",
    ),
    "reasons says": Both(
        "Refusals: {cases}; with a reason: {real}; promised: {promised}.",
        "Refus : {cases} ; avec motif : {real} ; promis : {promised}.",
    ),
    "feedback says": Both(
        "Leads awaiting word from sales: {cases}; told in time what became of them: {real}; promised: {promised}.",
        "Leads en attente d’un retour des ventes : {cases} ; retour à temps : {real} ; promis : {promised}.",
    ),
    "fit none": Both("Sales has not looked at any of these leads.", "Les ventes n’ont examiné aucun de ces leads."),
    "accepted none": Both(
        "Sales has not looked at any of these leads.",
        "Les ventes n’ont examiné aucun de ces leads.",
    ),
    "in_time none": Both("No first contact can be judged yet.", "Aucun premier contact ne peut encore être jugé."),
    "reasons none": Both("Nothing was refused.", "Rien n’a été refusé."),
    "feedback none": Both("No feedback can be judged yet.", "Aucun retour ne peut encore être jugé."),
    "still open": Both(
        "Still open, and able to change that: {open}.",
        "Encore ouverts, et capables de changer cela : {open}.",
    ),
    "not over": Both("The month is not over.", "Le mois n’est pas terminé."),
    "no contract": Both(
        "No contract is configured. To have each side checked, write in leadloop.toml: [contract] goal = "
        "100000, then [contract.marketing] leads = 400 and [contract.sales] in_time = 0.9 (docs/contract.md).",
        "Aucun contrat n’est configuré. Pour vérifier chaque côté, écrire dans leadloop.toml : [contract] "
        "goal = 100000, puis [contract.marketing] leads = 400 et [contract.sales] in_time = 0.9 "
        "(docs/contract.md).",
    ),
    "undated contract": Both(
        "This ledger is undated: volumes by month, times and promises can’t be told, and rates are those of "
        "closed leads.",
        "Cette base est sans dates : les volumes par mois, les délais et les engagements ne peuvent être "
        "dits, et les taux sont ceux des leads clos.",
    ),
    "no mql": Both(
        "The contract counts MQLs, and the ledger has no outcome mql: nothing was delivered. Import them, "
        'or write counted = "created_at".',
        "Le contrat compte les MQL et la base n’a aucun résultat mql : rien n’a été livré. Les importer, ou "
        'écrire counted = "created_at".',
    ),
    "no deals": Both(
        "No win has an amount in {currency}: write contract.mean_deal, so that revenue can be worked out.",
        "Aucun gain n’a de montant en {currency} : écrire contract.mean_deal pour que le revenu puisse être calculé.",
    ),
    "few deals": Both("The mean deal rests on {deals} wins only.", "La vente moyenne ne repose que sur {deals} gains."),
    "other currencies": Both(
        "{left_out} wins in other currencies than {currency} are left out of the mean deal.",
        "{left_out} gains dans d’autres monnaies que {currency} sont laissés hors de la vente moyenne.",
    ),
    "assumed rates": Both(
        "Assumed in place of what was learned: {rates}.",
        "Supposé à la place de ce qui a été appris : {rates}.",
    ),
}
