"""The words of a scorecard's page, in English and French: its headings, its figures and who is compared."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.version_words import VERDICTS
from training.words import Both

WORDS: Mapping[str, Both] = {
    "title": Both("Scorecard", "Bilan du modèle"),
    "version": Both("version {version}", "version {version}"),
    **{name: Both(*words) for name, words in VERDICTS.items()},
    "activate means": Both(
        "The order and the percentages are worth showing.", "L’ordre et les pourcentages méritent d’être montrés."
    ),
    "rank_only means": Both(
        "The order is worth showing; the percentages are not.",
        "L’ordre mérite d’être montré ; les pourcentages, non.",
    ),
    "do_not_activate means": Both(
        "Nothing here that the team could not do without it. It was not switched on by itself.",
        "Rien ici que l’équipe ne puisse faire sans lui. Il n’a pas été mis en service de lui-même.",
    ),
    "tested": Both(
        "Tested on the {test:,} newest leads{span}, after learning from {taught:,} older ones ({kind}).",
        "Testé sur les {test:,} leads les plus récents{span}, après apprentissage sur {taught:,} anciens ({kind}).",
    ),
    "untested": Both("Nothing was tested.", "Rien n’a été testé."),
    "span": Both(", from {start} to {end}", ", du {start} au {end}"),
    "by time": Both("split by time", "séparés par date"),
    "by order": Both("split by order in the export", "séparés par ordre dans l’export"),
    "by random": Both("split at random", "séparés au hasard"),
    "capacity": Both(
        "In that time the team can take on {leads:,} of them ({share:.0%}): that is its capacity.",
        "Dans ce temps, l’équipe peut en traiter {leads:,} ({share:.0%}) : c’est sa capacité.",
    ),
    "capacity undated": Both(
        "Nothing says how long they took to come in: {leads:,} of them ({share:.0%}) stand for the team’s capacity.",
        "Rien ne dit en combien de temps ils sont arrivés : {leads:,} d’entre eux ({share:.0%}) tiennent lieu de "
        "capacité.",
    ),
    "calibration": Both("Are the chances true?", "Les probabilités sont-elles justes ?"),
    "calibration says": Both(
        "A dot is a tenth of the leads, with its 95 % interval. On the dashed line, what was predicted came about.",
        "Un point est un dixième des leads, avec son intervalle à 95 %. Sur la ligne pointillée, la prévision s’est "
        "réalisée.",
    ),
    "predicted": Both("predicted share of wins", "part de ventes prévue"),
    "real": Both("real share of wins", "part de ventes réelle"),
    "gains": Both("How many wins do the first calls catch?", "Combien de ventes dans les premiers appels ?"),
    "gains says": Both("The dashed line is chance.", "La ligne pointillée est le hasard."),
    "called": Both("share of leads called, best first", "part des leads appelés, meilleurs d’abord"),
    "caught": Both("share of wins caught", "part des ventes captées"),
    "capacity line": Both("capacity", "capacité"),
    "beside": Both("The model beside what you could do without it", "Le modèle face à ce qui se fait sans lui"),
    "beside says": Both(
        "Small print: 95 % intervals from the same resamples of the test leads for everyone. The gain is "
        "the model’s ROC-AUC minus that of the line.",
        "En petit : intervalles à 95 %, sur les mêmes rééchantillonnages des leads de test pour tous. Le "
        "gain est le ROC-AUC du modèle moins celui de la ligne.",
    ),
    "gain": Both("gain", "gain"),
    "segments": Both("By segment", "Par segment"),
    "segments says": Both(
        "Predicted ÷ real is 1 where chances are true. Only levels with enough leads and wins.",
        "Prédit ÷ réel vaut 1 quand les probabilités sont justes. Seulement les valeurs avec assez de leads et de "
        "ventes.",
    ),
    "segment": Both("segment", "segment"),
    "level": Both("value", "valeur"),
    "not given": Both("not given", "non renseigné"),
    "leads": Both("leads", "leads"),
    "wins": Both("wins", "ventes"),
    "short predicted": Both("predicted", "prédit"),
    "short real": Both("real", "réel"),
    "ratio": Both("predicted ÷ real", "prédit ÷ réel"),
    "notes": Both("To bear in mind", "À garder à l’esprit"),
    "excluded": Both("Columns left out", "Colonnes écartées"),
    "column": Both("column", "colonne"),
    "evidence": Both("why", "pourquoi"),
    "figures": Both("What the figures mean", "Ce que disent les chiffres"),
    "figure": Both("figure", "chiffre"),
    "means": Both("meaning", "sens"),
}


@dataclass(frozen=True)
class Figure:
    """A column of the table: what it is called, what it means, how it is written, and which end of it is good."""

    name: Both
    means: Both
    form: str


FIGURES: Mapping[str, Figure] = {
    "roc_auc": Figure(
        Both("ROC-AUC", "ROC-AUC"),
        Both(
            "chance that a lead that was won ranks above one that was not; 0.5 is chance",
            "probabilité qu’un lead gagné soit classé avant un lead non gagné ; 0,5 est le hasard",
        ),
        ".3f",
    ),
    "average_precision": Figure(
        Both("average precision", "précision moyenne"),
        Both(
            "mean share of wins among the first leads, looked at each win; chance is the share of wins",
            "part moyenne de ventes parmi les premiers leads, à chaque vente ; le hasard est le taux de vente",
        ),
        ".3f",
    ),
    "log_loss": Figure(
        Both("log loss", "log loss"),
        Both(
            "what untrue chances cost, confident errors most; lower is better",
            "coût des probabilités fausses, surtout les erreurs affirmées ; plus bas est meilleur",
        ),
        ".3f",
    ),
    "brier": Figure(
        Both("Brier", "Brier"),
        Both("mean squared error of the chances; lower is better", "erreur quadratique ; plus bas est meilleur"),
        ".3f",
    ),
    "calibration_slope": Figure(
        Both("calibration slope", "pente de calibration"),
        Both("1 is right; below 1 the chances are too bold", "1 est juste ; sous 1, probabilités trop affirmées"),
        ".2f",
    ),
    "calibration_error": Figure(
        Both("calibration error", "erreur de calibration"),
        Both(
            "mean distance between predicted and real share of wins, over tenths; lower is better",
            "écart moyen entre parts prévue et réelle, par dixième ; plus bas est meilleur",
        ),
        ".1%",
    ),
    "wins_at_capacity": Figure(
        Both("wins at capacity", "ventes à capacité"),
        Both(
            "wins among the leads that the team has time for, best first",
            "ventes parmi les leads que l’équipe a le temps de traiter, meilleurs d’abord",
        ),
        ",.0f",
    ),
    "precision_at_capacity": Figure(
        Both("precision at capacity", "précision à capacité"),
        Both("share of wins among them", "part de ventes parmi eux"),
        ".1%",
    ),
    "value_at_capacity": Figure(
        Both("value at capacity", "valeur à capacité"),
        Both("what those wins brought", "ce que ces ventes ont rapporté"),
        ",.0f",
    ),
    "lift_at_10": Figure(
        Both("lift, first 10 %", "lift, premiers 10 %"),
        Both(
            "how many times more wins the first tenth holds than a tenth by chance",
            "combien de fois plus de ventes dans le premier dixième qu’au hasard",
        ),
        ".2f",
    ),
    "lift_at_20": Figure(
        Both("lift, first 20 %", "lift, premiers 20 %"),
        Both("the same of the first fifth", "de même pour le premier cinquième"),
        ".2f",
    ),
}

WHO: Mapping[str, Both] = {
    "model": Both("leadloop", "leadloop"),
    "random": Both("random order", "ordre au hasard"),
    "constant": Both("base rate for everyone", "taux moyen pour tous"),
    "oldest_first": Both("oldest first", "plus anciens d’abord"),
    "newest_first": Both("newest first", "plus récents d’abord"),
    "recency": Both("last active first", "derniers actifs d’abord"),
    "points": Both("your own points", "vos propres points"),
    "odoo_pls": Both("Odoo PLS", "Odoo PLS"),
    "odoo_pls_plus": Both("Odoo PLS+ (with numbers)", "Odoo PLS+ (avec nombres)"),
    "logistic": Both("logistic regression", "régression logistique"),
    "before": Both("before recalibrating", "avant le recalibrage"),
}
