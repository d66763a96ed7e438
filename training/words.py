"""What a scorecard says to people, in English and French: the verdict and why, notes, why columns are left out."""

import re
import string
from collections.abc import Mapping
from typing import Any, NamedTuple


class Both(NamedTuple):
    """The same in both languages."""

    en: str
    fr: str


SAID: Mapping[str, Both] = {
    "chance": Both("chance", "le hasard"),
    "figures": Both(
        "(ROC-AUC {auc:.3f}, 95 % interval {low:.3f} to {high:.3f})",
        "(ROC-AUC {auc:.3f}, intervalle à 95 % : {low:.3f} à {high:.3f})",
    ),
    "nothing to learn": Both(
        "nothing to learn: forward in time the model ranks leads no better than chance {figures}",
        "rien à apprendre : sur la période suivante, le modèle ne classe pas les leads mieux que le hasard {figures}",
    ),
    "does as well": Both(
        "ranking by {rival} does as well, and needs no model {figures}",
        "classer selon {rival} fait aussi bien, et sans modèle {figures}",
    ),
    "not yet sure": Both(
        "better than {rival} in {share:.0%} of the resamples: likely, and not sure on so few leads",
        "meilleur que {rival} dans {share:.0%} des rééchantillonnages : probable, pas certain sur si peu de leads",
    ),
    "order only": Both(
        "the order is worth having {figures}",
        "l’ordre est utile {figures}",
    ),
    "untrue chances": Both(
        "the chances are no truer than the base rate: show ranks, no percentages",
        "les probabilités ne sont pas plus justes que le taux moyen : montrer les rangs, pas de pourcentages",
    ),
    "better": Both(
        "forward in time it ranks better {than} {figures}",
        "sur la période suivante, il classe mieux {than} {figures}",
    ),
    "true chances": Both(
        "its chances are truer than the base rate", "ses probabilités sont plus justes que le taux moyen"
    ),
    "truer than before": Both(
        "recalibrated: on the {leads} newest outcomes the chances are truer than before (log loss {after:.4f}, was "
        "{before:.4f}); the order is the same",
        "recalibré : sur les {leads} résultats les plus récents, les probabilités sont plus justes qu’avant (log loss "
        "{after:.4f}, était {before:.4f}) ; l’ordre est le même",
    ),
    "no truer than before": Both(
        "not recalibrated: on the {leads} newest outcomes the chances would not be surely truer than they are (log "
        "loss {after:.4f}, is {before:.4f})",
        "pas de recalibrage : sur les {leads} résultats les plus récents, les probabilités ne seraient pas sûrement "
        "plus justes qu’elles ne le sont (log loss {after:.4f}, est {before:.4f})",
    ),
    "untrue before": Both(
        "as they are, they may be no truer than the base rate: train again",
        "telles quelles, elles ne sont peut-être pas plus justes que le taux moyen : réentraîner",
    ),
    "points found": Both(
        "points: the column “{column}” says so by its name; another one is named by the setting points_column",
        "points : la colonne « {column} » d’après son nom ; le réglage points_column en désigne une autre",
    ),
    "points named": Both(
        "points: the column “{column}”, as the setting points_column says",
        "points : la colonne « {column} », selon le réglage points_column",
    ),
    "points refused": Both(
        "points: the column “{column}” is refused as a feature ({evidence}): it is shown, and plays no part in the "
        "verdict",
        "points : la colonne « {column} » est refusée comme variable ({evidence}) : elle est montrée, sans compter "
        "dans le verdict",
    ),
    "calibration off": Both(
        "{segment} = {level}: chances are off: predicted {predicted:.1%}, real {real:.1%} of {leads} leads",
        "{segment} = {level} : probabilités décalées : {predicted:.1%} prédits, {real:.1%} réels sur {leads} leads",
    ),
    "no order": Both(
        "nobody knows which leads are newer: oldest first and newest first are left out",
        "l’ordre d’arrivée des leads est inconnu : les plus anciens ou récents d’abord sont omis",
    ),
    "peers sampled": Both(
        "the peers were learned from {some:,} of {rows:,} rows, drawn by chance",
        "les modèles comparés ont appris sur {some:,} lignes tirées au hasard parmi {rows:,}",
    ),
    "not given": Both("not given", "non renseigné"),
}

RIVALS: Mapping[str, Both] = {
    "recency": Both("recency", "l’ordre de dernière activité"),
    "newest_first": Both("newest first", "l’ordre des plus récents"),
    "points": Both("the points you already have", "vos points actuels"),
}

WRITTEN: Mapping[str, str] = {
    "the leads have no date and no order: split at random, which flatters every model": (
        "les leads n’ont ni date ni ordre : séparés au hasard, ce qui flatte tout modèle"
    ),
    "{share} of the training leads belong to accounts in the test and stay: too few would be left": (
        "{share} des leads d’apprentissage appartiennent à des comptes du test et restent : il en resterait trop peu"
    ),
    "outcomes are known as they stood at the export, not when they came about": (
        "les résultats sont ceux de l’export, sans la date à laquelle ils sont survenus"
    ),
    "too few outcomes were in when the test began: the training leads' outcomes are taken as known today": (
        "trop peu de résultats étaient connus au début du test : ceux des leads d’apprentissage sont pris tels "
        "qu’aujourd’hui"
    ),
    "this ledger records only wins: a lead without one when the horizon has passed counts as not won": (
        "ce registre ne contient que des ventes : un lead sans vente à l’échéance compte comme non gagné"
    ),
    "reasons and the logistic regression were learned from {some} of {rows} rows, drawn by chance": (
        "les motifs et la régression logistique ont appris sur {some} lignes tirées au hasard parmi {rows}"
    ),
    "always {value}": "toujours {value}",
    "never filled when the leads were scored": "jamais rempli au moment où les leads ont été notés",
    "no value in {count} leads or more": "aucune valeur dans {count} leads ou plus",
    "{values} different values in {count} leads": "{values} valeurs différentes dans {count} leads",
}
"""What other rooms write in English into notes and evidence, and the same in French; {name} stands for anything."""


class _Speech(string.Formatter):
    """Puts values into sentences, numbers as the language writes them."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Both):
            return str(getattr(value, self._lang))
        if value is None or value != value:
            return "?"
        text = format(value, format_spec)
        return text if isinstance(value, str) else number(text, self._lang)


def number(text: str, lang: str) -> str:
    """A number as the language writes it.

    >>> number("1,234.5%", "fr")
    '1\u202f234,5\xa0%'
    """
    return text.translate({ord(","): "\u202f", ord("."): ",", ord("%"): "\xa0%"}) if lang == "fr" else text


def put(text: str, lang: str, **values: object) -> str:
    """Values put into a sentence of that language.

    >>> put("{share:.1%} of {leads:,}", "fr", share=0.125, leads=1200)
    '12,5\xa0% of 1\u202f200'
    """
    return _Speech(lang).format(text, **values)


def both(key: str, **values: object) -> Both:
    """A sentence of SAID in both languages; values may themselves be Both."""
    return Both(*(put(getattr(SAID[key], lang), lang, **values) for lang in Both._fields))


def rival(name: str) -> Both:
    """What a ranking is called in a sentence."""
    return RIVALS.get(name, Both(name, name))


def said(text: str, lang: str) -> str:
    """A note or an evidence in this language; as it was written where nobody has translated it.

    >>> said("always '2'", "fr")
    "toujours '2'"
    """
    if lang != "fr":
        return text
    templates = {**WRITTEN, **{each.en: each.fr for each in SAID.values()}}
    return next((french for en, fr in templates.items() if (french := _translated(text, en, fr))), text)


def _translated(text: str, english: str, french: str) -> str | None:
    """The French of a text that an English template gave, its values put in as they are."""
    names = re.findall(r"\{(\w+)[^}]*\}", english)
    pattern = re.sub(r"\\\{\w+.*?\\\}", "(.+)", re.escape(english))
    found = re.fullmatch(pattern, text, re.DOTALL)
    if not found or (not names and text != english):
        return None
    values = dict(zip(names, (_value(each) for each in found.groups()), strict=True))
    return re.sub(r"\{(\w+)[^}]*\}", lambda m: values[m[1]], french)


def _value(text: str) -> str:
    """A value as French has it: numbers are written otherwise, and what is a sentence is translated too."""
    return number(text, "fr") if re.fullmatch(r"\d[\d,]*(\.\d+)?%?", text) else said(text, "fr")
