"""What the report on lift says, in English and French."""

from serving.reports.language import Both

LIFT: dict[str, Both] = {
    "lift title": Both("What the order of leadloop brings", "Ce que rapporte l’ordre de leadloop"),
    "lift against": Both("More a slot than by another order", "Par place, de plus qu’avec un autre ordre"),
    "lift orders": Both("What a slot brings by each order", "Ce que rapporte une place selon l’ordre"),
    "lift known": Both("What there is to go by", "Sur quoi cela repose"),
    "lift says": Both(
        "A slot: a place on a day’s list that is worked, for a lead that sales had said nothing of. Value in "
        "{currency}, wins in points of the share won; below, the 95 % interval. Read the first two columns of figures, "
        "which are doubly robust; those by propensity are there to compare.",
        "Une place : un rang de la liste du jour qui est travaillé, pour un lead dont les ventes n’avaient rien "
        "dit. Valeur en {currency}, gains en points de la part gagnée ; dessous, l’intervalle à 95 %. Lisez les deux "
        "premières colonnes de chiffres, doublement robustes ; celles par pondération sont là pour comparer.",
    ),
    "lift possible": Both(
        "Doubly robust too. No slot brings less than nothing: what is estimated below 0 is shown as 0, so that two "
        "lines may differ by less than is said above.",
        "Doublement robustes aussi. Une place ne peut rapporter moins que rien : ce qui est estimé sous 0 est montré "
        "comme 0, si bien que deux lignes peuvent différer de moins que ce qui est dit plus haut.",
    ),
    "lift robust": Both(
        "Doubly robust: what the model expected of every lead, put right by what came of those that were worked; right "
        "if the chances of the draw are, however wrong the model is.",
        "Doublement robuste : ce que le modèle attendait de chaque lead, corrigé par ce qu’ont donné ceux qui ont été "
        "travaillés ; juste si les probabilités du tirage le sont, même quand le modèle se trompe.",
    ),
    "lift propensity": Both(
        "Inverse propensity (by propensity): no model; each worked lead counts for as many as its chance to be on the "
        "list says that it stands for. It varies more.",
        "Pondération inverse (par pondération) : sans modèle ; chaque lead travaillé compte pour autant de leads que "
        "sa probabilité d’être sur la liste dit qu’il en représente. Elle varie davantage.",
    ),
    "lift compared": Both("{name}: {said}.", "{name} : {said}."),
    "beside random": Both("leadloop beside chance", "leadloop face au hasard"),
    "beside newest": Both("leadloop beside newest first", "leadloop face aux plus récents d’abord"),
    "beside challenger": Both("Version {version} beside leadloop", "La version {version} face à leadloop"),
    "value more": Both("surely more value, {told}", "sûrement plus de valeur, {told}"),
    "value less": Both("surely less value, {told}", "sûrement moins de valeur, {told}"),
    "value untold": Both(
        "value can’t be told yet, {told}",
        "pour la valeur, on ne peut pas encore le dire, {told}",
    ),
    "wins more": Both("surely more wins, {told}", "sûrement plus de gains, {told}"),
    "wins less": Both(
        "surely fewer wins, {told}",
        "sûrement moins de gains, {told}",
    ),
    "wins untold": Both(
        "wins can’t be told yet, {told}",
        "pour les gains, on ne peut pas encore le dire, {told}",
    ),
    "told value": Both(
        "{figure} {currency} a slot ({low} to {high})", "{figure} {currency} par place ({low} à {high})"
    ),
    "told wins": Both("{figure} ({low} to {high})", "{figure} ({low} à {high})"),
    "lift same": Both(
        "Version {version} and leadloop fill {share} of the slots alike, on {lists} lists.",
        "La version {version} et leadloop remplissent {share} des places de la même façon, sur {lists} listes.",
    ),
    "lift no rival": Both(
        "Of the lists made since version {version} was trained none has had its time: nothing can be said of it yet.",
        "Aucune des listes faites depuis l’entraînement de la version {version} n’est assez ancienne : on ne peut "
        "encore rien en dire.",
    ),
    "lift within": Both(
        "From {lists} lists; wins count within {days} days of the first look. {young} more are too young to tell.",
        "D’après {lists} listes ; les gains comptent dans les {days} jours suivant le premier examen. {young} autres "
        "sont trop récentes pour en juger.",
    ),
    "missing too_few": Both(
        "Too little is known yet: {worked} drawn leads were worked on lists that had their time, and {least} are "
        "needed, with a win. Let sales work drawn leads as any other; a larger explore_share draws more of them.",
        "Trop peu est connu encore : {worked} leads tirés au sort ont été travaillés sur des listes assez anciennes ; "
        "il en faut {least}, et un gain. Que les ventes travaillent ces leads comme les autres ; un explore_share plus "
        "grand en tire davantage.",
    ),
    "missing history": Both(
        "This ledger is an imported history, where nothing is drawn by lot. It is live from the first lead, event or "
        "outcome that comes by the API, or the first click in the queue: send one, and each day’s list can have drawn "
        "slots from then on.",
        "Cette base est un historique importé, où rien n’est tiré au sort. Elle est en direct dès le premier lead, "
        "événement ou résultat reçu par l’API, ou le premier clic dans la file : envoyez-en un, et la liste de chaque "
        "jour peut dès lors avoir des places tirées au sort.",
    ),
    "missing no_share": Both(
        "The setting explore_share is 0: nothing is drawn by lot. Set it to 0.05, or to 0.2 for an answer sooner, "
        "and start the server again.",
        "Le réglage explore_share est à 0 : rien n’est tiré au sort. Mettez-le à 0.05, ou à 0.2 pour une réponse plus "
        "rapide, et redémarrez le serveur.",
    ),
    "missing no_list": Both(
        "No list was noted yet. One is each day that somebody asks for the queue, on its page, over the API or by "
        "`leadloop queue`, while more new leads wait than it has places (setting capacity: {places}).",
        "Aucune liste n’est encore notée. Il y en a une chaque jour où quelqu’un demande la file, sur sa page, par "
        "l’API ou par `leadloop queue`, tant que plus de nouveaux leads attendent qu’elle n’a de places (réglage "
        "capacity : {places}).",
    ),
    "missing days": Both(
        "A list counts {days} days after its day, once its leads had their time: no answer can come sooner.",
        "Une liste compte {days} jours après son jour, quand ses leads ont eu leur temps : aucune réponse ne peut "
        "venir plus tôt.",
    ),
    "missing until": Both(
        "As things stand, the first answer can come on {date} at the earliest: a list counts {days} days after its "
        "day.",
        "En l’état, la première réponse peut venir le {date} au plus tôt : une liste compte {days} jours après "
        "son jour.",
    ),
    "drawn more value": Both("More value a slot", "Valeur en plus par place"),
    "drawn more wins": Both("More wins a slot", "Gains en plus par place"),
    "lift skipped": Both(
        "Drawn leads are worked less than half as often as ranked ones: if sales skips those that look bad, the other "
        "orders look better here than they are.",
        "Les leads tirés au sort sont travaillés plus de deux fois moins souvent que les autres : si les ventes "
        "écartent ceux qui semblent mauvais, les autres ordres paraissent ici meilleurs qu’ils ne sont.",
    ),
    "lift taught": Both(
        "Version {version} was trained after {lists} of the lists were made and knows what came of them: they are "
        "left out.",
        "La version {version} a été entraînée après {lists} des listes et en connaît la suite : elles sont écartées.",
    ),
    "lift left out": Both(
        "{lists} lists were left out for the challenger, evenly, since scoring them all would take too long.",
        "{lists} listes ont été écartées pour le challenger, à intervalles réguliers, car tout noter serait trop long.",
    ),
    "order leadloop": Both("leadloop", "leadloop"),
    "order random": Both("by chance", "au hasard"),
    "order newest": Both("newest first", "les plus récents d’abord"),
    "less random": Both("leadloop less chance", "leadloop moins le hasard"),
    "less newest": Both("leadloop less newest first", "leadloop moins les plus récents d’abord"),
    "challenger less": Both("version {version} less leadloop", "version {version} moins leadloop"),
    "slots ranked": Both("ranked", "classées"),
    "slots drawn": Both("drawn by lot", "tirées au sort"),
    "order": Both("order", "ordre"),
    "value a slot": Both("value a slot", "valeur par place"),
    "wins a slot": Both("wins a slot", "gains par place"),
    "value_ips": Both("value, by propensity", "valeur, par pondération"),
    "wins_ips": Both("wins, by propensity", "gains, par pondération"),
    "slots": Both("slots", "places"),
    "worked": Both("worked", "travaillées"),
    "worked_share": Both("worked, share", "travaillées, part"),
}
