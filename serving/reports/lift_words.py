"""What the report on lift says, in English and French."""

from serving.reports.language import Both

LIFT: dict[str, Both] = {
    "lift title": Both("What the order of leadloop brings", "Ce que rapporte l’ordre de leadloop"),
    "lift against": Both("More a slot than by another order", "Par place, de plus qu’avec un autre ordre"),
    "lift orders": Both("What a slot brings by each order", "Ce que rapporte une place selon l’ordre"),
    "lift known": Both("What there is to go by", "Sur quoi cela repose"),
    "lift says": Both(
        "A slot: a place on a day’s list that is worked, for a lead that sales had said nothing of. Value in "
        "{currency}. First doubly robust estimates, then those by inverse propensity alone; below, the 95 % interval.",
        "Une place : un rang de la liste du jour qui est travaillé, pour un lead dont les ventes n’avaient rien "
        "dit. Valeur en {currency}. D’abord les estimations doublement robustes, puis celles par la seule pondération "
        "inverse ; dessous, l’intervalle à 95 %.",
    ),
    "lift within": Both(
        "From {lists} lists; wins count within {days} days of the first look. {young} more are too young to tell.",
        "D’après {lists} listes ; les gains comptent dans les {days} jours suivant le premier examen. {young} autres "
        "sont trop récentes pour en juger.",
    ),
    "lift too few": Both(
        "Too little is known yet: {worked} drawn leads were worked on lists that had their time, and {least} are "
        "needed, with a win. Lists with drawn slots are noted whenever the queue is asked for (setting explore_share).",
        "Trop peu est connu encore : {worked} leads tirés au sort ont été travaillés sur des listes assez anciennes ; "
        "il en faut {least}, et un gain. Les listes avec des places tirées au sort sont notées quand la file est "
        "demandée (réglage explore_share).",
    ),
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
