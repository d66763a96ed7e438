"""What a retraining says of its decision, in English and French."""

from collections.abc import Mapping, Sequence

from training.words import Both, put

DECIDED: Mapping[str, Both] = {
    "better": Both(
        "on {leads:,} leads that neither had learned from, {wins:,} of them won so far, it is better than version "
        "{champion} in {share:.0%} of the resamples (log loss {after:.4f}, was {before:.4f})",
        "sur {leads:,} leads dont aucun des deux n’a appris l’issue, dont {wins:,} gagnés à ce jour, il est meilleur "
        "que la version {champion} dans {share:.0%} des rééchantillonnages (log loss {after:.4f}, était {before:.4f})",
    ),
    "not surely better": Both(
        "on {leads:,} leads that neither had learned from, {wins:,} of them won so far, it is better than version "
        "{champion} in {share:.0%} of the resamples: {wanted:.0%} are wanted (log loss {after:.4f}, was {before:.4f})",
        "sur {leads:,} leads dont aucun des deux n’a appris l’issue, dont {wins:,} gagnés à ce jour, il est meilleur "
        "que la version {champion} dans {share:.0%} des rééchantillonnages : il en faut {wanted:.0%} (log loss "
        "{after:.4f}, était {before:.4f})",
    ),
    "surely worse": Both(
        "on {leads:,} leads that neither had learned from it is surely worse than version {champion} (log loss "
        "{after:.4f}, was {before:.4f})",
        "sur {leads:,} leads dont aucun des deux n’a appris l’issue, il est sûrement moins bon que la version "
        "{champion} (log loss {after:.4f}, était {before:.4f})",
    ),
    "less value": Both(
        "the {capacity:,} leads that it ranks first brought surely less: {after:,.0f}, those of version {champion} "
        "{before:,.0f}",
        "les {capacity:,} leads qu’il classe en tête ont sûrement moins rapporté : {after:,.0f}, ceux de la version "
        "{champion} {before:,.0f}",
    ),
    "segment worse": Both(
        "it is surely worse for {segment} = {level} ({leads:,} leads)",
        "il est sûrement moins bon pour {segment} = {level} ({leads:,} leads)",
    ),
    "less true": Both(
        "its chances are surely less true: they made {after:.1f} wins by now, those of version {champion} "
        "{before:.1f}, and {wins:,.0f} came",
        "ses probabilités sont sûrement moins justes : elles donnaient {after:.1f} ventes à ce jour, celles de la "
        "version {champion} {before:.1f}, et il y en a eu {wins:,.0f}",
    ),
    "slower": Both(
        "a score takes it {after:.2f} ms of processor time, version {champion} {before:.2f}: more than {times:.1f} "
        "times as much, and more than {budget:.1f} ms",
        "une note lui prend {after:.2f} ms de processeur, {before:.2f} à la version {champion} : plus de {times:.1f} "
        "fois autant, et plus de {budget:.1f} ms",
    ),
    "leaks": Both(
        "it learned from “{column}”, which gives the outcome away ({evidence}) and which allow_columns lets in; "
        "version {champion} does not know it: look at the column, then promote by hand or leave it out",
        "il a appris de « {column} », qui trahit l’issue ({evidence}) et que allow_columns laisse passer ; la version "
        "{champion} ne la connaît pas : examiner la colonne, puis activer à la main ou l’écarter",
    ),
    "ranks only": Both(
        "percentages go, which version {champion} showed: by its own scorecard its chances are not surely truer than "
        "the base rate",
        "les pourcentages que la version {champion} montrait disparaissent : d’après sa propre fiche, ses probabilités "
        "ne sont pas sûrement plus justes que le taux moyen",
    ),
    "too little new": Both(
        "too little is new to version {champion}: {leads:,} leads that sales took up since, {wins:,} of them won so "
        "far, {coming:,} on their way, {expected:.1f} expected by now; {least}, {least_wins} of them won or on their "
        "way, or expected by now, are the least to tell two models apart. Wait for more",
        "trop peu de nouveautés pour la version {champion} : {leads:,} leads pris en main depuis, dont {wins:,} gagnés "
        "à ce jour, {coming:,} en bonne voie, {expected:.1f} attendus à ce jour ; il en faut {least}, dont "
        "{least_wins} gagnés ou en bonne voie, ou attendus à ce jour, pour départager deux modèles. Attendre",
    ),
    "too few outcomes": Both(
        "too few outcomes are ripe to learn from: version {champion} stays",
        "trop peu d’issues sont assez anciennes pour apprendre : la version {champion} reste",
    ),
    "undated": Both(
        "nothing says which outcomes are new to version {champion}, since it or the ledger has no dates: `leadloop "
        "train` learns anew and lets its scorecard decide",
        "rien ne dit quelles issues sont nouvelles pour la version {champion}, faute de dates : `leadloop train` "
        "apprend à nouveau et laisse décider sa fiche",
    ),
    "first": Both(
        "no learned model was switched on: its own scorecard decides",
        "aucun modèle appris n’était actif : sa propre fiche décide",
    ),
    "switched meanwhile": Both(
        "version {now} was switched on meanwhile, and it was judged against version {champion}",
        "la version {now} a été activée entre-temps, alors qu’il a été jugé contre la version {champion}",
    ),
    "nothing new": Both("nothing new since version {version}", "rien de nouveau depuis la version {version}"),
    "nothing new, nothing made": Both(
        "nothing new since the run of {at}, which registered nothing",
        "rien de nouveau depuis l’exécution du {at}, qui n’a rien enregistré",
    ),
    "busy": Both(
        "another retraining is under way: this one does nothing",
        "un autre réentraînement est en cours : celui-ci ne fait rien",
    ),
}

OUTCOMES: Mapping[str, Both] = {
    "promoted": Both("**Switched on** by the retraining{day}", "**Mise en service** par le réentraînement{day}"),
    "kept": Both(
        "**Kept as challenger** by the retraining{day}", "**Gardée comme prétendante** par le réentraînement{day}"
    ),
    "refused": Both("**Refused** by the retraining{day}", "**Refusée** par le réentraînement{day}"),
}
"""What a retraining did with a version, for its description."""


def decided(outcome: str, why: Sequence[Both], day: str | None) -> Both:
    """What was done with a version, when and why.

    >>> decided("refused", [Both("too slow", "trop lent")], "2026-06-29").fr
    '**Refusée** par le réentraînement du 2026-06-29 : trop lent.'
    """
    of = Both(f" of {day}", f" du {day}") if day else Both("", "")
    said = Both(*(put(getattr(OUTCOMES[outcome], lang), lang, day=of) for lang in Both._fields))
    reasons = Both("; ".join(each.en for each in why), " ; ".join(each.fr for each in why))
    return Both(f"{said.en}: {reasons.en}.", f"{said.fr} : {reasons.fr}.")


CHECKS: Mapping[str, Both] = {
    "scores": Both("it loads and scores", "il se charge et note"),
    "scorecard": Both("its own scorecard", "sa propre fiche"),
    "leaks": Both("no column that gives the outcome away", "aucune colonne qui trahit l’issue"),
    "forward": Both("not worse on the newest leads", "pas moins bon sur les leads les plus récents"),
    "segments": Both(
        "not worse for any source, campaign or country", "pas moins bon pour une source, une campagne ou un pays"
    ),
    "calibration": Both("chances as true as before", "des probabilités aussi justes qu’avant"),
    "latency": Both("quick enough", "assez rapide"),
    "better": Both("better on the newest leads", "meilleur sur les leads les plus récents"),
    "enough": Both("enough to judge by", "de quoi juger"),
    "dated": Both("dates that say what is new", "des dates qui disent ce qui est nouveau"),
}
"""What was looked at, as people read that it was passed, or not."""


def because(key: str, **values: object) -> Both:
    """A reason in both languages."""
    return Both(*(put(getattr(DECIDED[key], lang), lang, **values) for lang in Both._fields))
