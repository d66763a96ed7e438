"""What the report on drift says, in English and French."""

from serving.reports.language import Both

DRIFT: dict[str, Both] = {
    "drift title": Both(
        "Are today’s leads still those that the model knows?",
        "Les leads d’aujourd’hui sont-ils encore ceux que le modèle connaît ?",
    ),
    "drift features": Both("The leads, fact by fact", "Les leads, fait par fait"),
    "drift says": Both(
        "{leads} leads that came in within {days:.0f} days, beside {before} at training. The index (PSI) is less "
        "what chance alone gives: from 0.10 on worth watching, from 0.25 on an alarm; only where chance would do so "
        "once in 100 times among all that is looked at here.",
        "{leads} leads arrivés en {days:.0f} jours, à côté de {before} lors de l’apprentissage. De l’indice (PSI) est "
        "ôté ce que donne le seul hasard : à suivre dès 0,10, alarme dès 0,25 ; seulement là où le hasard n’en ferait "
        "autant qu’une fois sur 100 parmi tout ce qui est regardé ici.",
    ),
    "drift says undated": Both(
        "All {leads} leads, beside {before} at training. The index (PSI) is less what chance alone gives.",
        "Tous les {leads} leads, à côté de {before} lors de l’apprentissage. De l’indice (PSI) est ôté ce que donne le "
        "seul hasard.",
    ),
    "drift outcomes": Both("The chances, and what came of them", "Les chances, et ce qu’elles sont devenues"),
    "drift outcomes say": Both(
        "Leads that came in since training, that sales looked at and that are old enough to tell. The chances are "
        "those just before sales first said anything; below, the 95 % interval.",
        "Leads arrivés depuis l’apprentissage, examinés par les ventes et assez anciens pour en juger. Les chances "
        "sont celles juste avant le premier mot des ventes ; dessous, l’intervalle à 95 %.",
    ),
    "drift reasons": Both("Why leads are refused, source by source", "Pourquoi des leads sont refusés, par source"),
    "drift reasons say": Both(
        "Refused or lost: up to {days} days before training, and up to {days} days until now. Sources with at least "
        "{least} of both.",
        "Refusés ou perdus : jusqu’à {days} jours avant l’apprentissage, et jusqu’à {days} jours jusqu’à présent. "
        "Sources qui en ont au moins {least} des deux.",
    ),
    "no drift model": Both(
        "No model is switched on: there is nothing to compare with. Run `leadloop train`.",
        "Aucun modèle n’est en service : il n’y a rien à comparer. Lancez `leadloop train`.",
    ),
    "no drift reference": Both(
        "Model {version} kept nothing of the leads that taught it: it was trained before that was kept, or after the "
        "instant asked for. Train again to have the comparison.",
        "Le modèle {version} n’a rien gardé des leads qui l’ont formé : il a été appris avant que cela ne se garde, ou "
        "après l’instant demandé. Relancez l’apprentissage pour avoir la comparaison.",
    ),
    "too few to compare": Both(
        "Too few leads to tell drift from chance: {leads}, and {before} at training; it takes {least} of both.",
        "Trop peu de leads pour distinguer une dérive du hasard : {leads}, et {before} lors de l’apprentissage ; il en "
        "faut {least} des deux.",
    ),
    "no drift outcomes": Both(
        "Too few leads that came in since training are old enough to say what the chances were worth.",
        "Trop peu de leads arrivés depuis l’apprentissage sont assez anciens pour dire ce que valaient les chances.",
    ),
    "new value": Both(
        "“{value}” is new: {leads} leads ({share}); the model does not know it, and takes it for “other”",
        "« {value} » est nouveau : {leads} leads ({share}) ; le modèle ne le connaît pas et le prend pour « autre »",
    ),
    "gone value": Both(
        "“{value}” brings no more leads: none of the last {leads}; it had {share}",
        "« {value} » n’apporte plus de leads : aucun des {leads} derniers ; il en avait {share}",
    ),
    "new value, briefly": Both("“{value}” new ({share})", "« {value} » nouveau ({share})"),
    "gone value, briefly": Both("“{value}” gone ({share})", "« {value} » disparu ({share})"),
    "more values": Both(
        "{count} more values came or went: see the table.",
        "{count} autres valeurs apparues ou disparues : voir la table.",
    ),
    "help new": Both(
        "What helps with new values: wait until some dozens of their leads are closed, then train; until then they are "
        "“other”.",
        "Pour les valeurs nouvelles : attendre que quelques dizaines de leurs leads soient clos, puis réapprendre ; "
        "jusque-là, elles sont « autre ».",
    ),
    "help gone": Both(
        "Values that are gone need nothing: the model unlearns them at the next training.",
        "Les valeurs disparues ne demandent rien : le modèle les oublie au prochain apprentissage.",
    ),
    "help missing": Both(
        "A fact is missing more often: look at the form or the CRM’s field; it was renamed or is not sent any more.",
        "Un fait manque plus souvent : vérifiez le formulaire ou le champ du CRM, renommé ou plus transmis.",
    ),
    "help wins": Both(
        "Wins are no longer what the chances say: if the leads are the same, `leadloop recalibrate`; else train again.",
        "Les gains ne sont plus ceux des chances : si les leads sont les mêmes, `leadloop recalibrate` ; sinon "
        "réapprendre.",
    ),
    "steady": Both("steady", "stable"),
    "watch": Both("worth watching", "à suivre"),
    "alarm": Both("alarm", "alarme"),
    "all chances": Both("chance of a win", "chance de gain"),
    "no drift alarm": Both("no alarm", "aucune alarme"),
    "one drift alarm": Both("1 alarm: {facts}", "1 alarme : {facts}"),
    "drift alarms": Both("{count} alarms: {facts}", "{count} alarmes : {facts}"),
    "drift wins": Both("wins beside their chances", "gains face aux chances"),
    "drift refusals": Both("refusals: {source}", "refus : {source}"),
    # headings
    "level": Both("verdict", "verdict"),
    "psi": Both("index (PSI)", "indice (PSI)"),
    "missing_before": Both("missing then", "absents alors"),
    "missing": Both("missing now", "absents maintenant"),
    "values_moved": Both("values that came and went", "valeurs apparues et disparues"),
    "expected_share": Both("expected", "attendu"),
    "real_share": Both("won", "gagné"),
    "refusals_before": Both("refusals then", "refus d’alors"),
    "refusals": Both("refusals now", "refus d’aujourd’hui"),
    "moved_most": Both("what moved most", "ce qui a le plus bougé"),
}
