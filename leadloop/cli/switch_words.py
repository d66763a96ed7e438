"""What the commands that list and switch versions say, in English and French."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "promoted": "Version {version} is now the champion, before it {before}; servers follow within seconds.",
        "rolled_back": "Version {version} serves again, {before} is the one before: `leadloop rollback` brings it "
        "back.",
        "nothing": "Version {version} is the champion already; nothing was switched.",
        "first": "Version {version} is now the champion; servers follow within seconds.",
        "refused": "{why}",
        "one version": "1 version",
        "version count": "{n} versions",
        "one switch": "1 switch",
        "switch count": "{n} switches",
        "version": "version",
        "aliases": "aliases",
        "verdict": "verdict",
        "created": "created",
        "own test": "each figure is of the version's own test: not the same leads unless the windows are",
        "copies": "{registry}; these are the copies on this machine",
        "unknown": "{registry}; who switched what is kept there, and not known here",
        "when": "when",
        "did": "did",
        "before": "before",
        "by": "by",
        "why": "why",
        "did promoted": "promoted",
        "did rolled_back": "rolled back to",
        "did refused": "refused",
        "forced": "{did}, forced",
    },
    "fr": {
        "promoted": "La version {version} est désormais le champion, avant elle la {before} ; les serveurs suivent en "
        "quelques secondes.",
        "rolled_back": "La version {version} sert à nouveau, la {before} est celle d’avant : `leadloop rollback` la "
        "rétablit.",
        "nothing": "La version {version} est déjà le champion ; rien n’a été changé.",
        "first": "La version {version} est désormais le champion ; les serveurs suivent en quelques secondes.",
        "refused": "La version {version} n’a pas été activée : son verdict est « ne pas activer » (voir `leadloop "
        "scorecard --model {version}`) ; `--force --reason TEXTE` la force, s’il le faut.",
        "one version": "1 version",
        "version count": "{n} versions",
        "one switch": "1 changement",
        "switch count": "{n} changements",
        "version": "version",
        "aliases": "alias",
        "verdict": "verdict",
        "created": "créée",
        "own test": "chaque mesure est celle du test propre à la version : pas les mêmes leads, sauf si les périodes "
        "sont les mêmes",
        "copies": "MLflow ne répond pas ({registry}) ; voici les copies de cette machine",
        "unknown": "MLflow ne répond pas ({registry}) ; qui a activé quoi y est gardé, et n’est pas connu ici",
        "when": "quand",
        "did": "quoi",
        "before": "avant",
        "by": "par",
        "why": "pourquoi",
        "did promoted": "activée",
        "did rolled_back": "rétablie",
        "did refused": "refusée",
        "forced": "{did}, forcée",
    },
}
