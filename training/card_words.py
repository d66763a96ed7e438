"""The words of a model card, in English and French."""

from collections.abc import Mapping

from training.words import Both

CARD: Mapping[str, Both] = {
    "title": Both("Model card: leadloop version {version}", "Fiche du modèle : leadloop version {version}"),
    "for": Both("What it is for", "À quoi il sert"),
    "for says": Both(
        "It tells sales in which order to work open leads: the chance of a win within {days:,.0f} days if the lead is "
        "worked now, what that win would bring, and what waiting costs.",
        "Il dit aux commerciaux dans quel ordre traiter les leads ouverts : la probabilité d’une vente en "
        "{days:,.0f} jours si le lead est traité maintenant, ce que rapporterait cette vente, et ce que coûte "
        "l’attente.",
    ),
    "for says rules": Both(
        "It tells sales in which order to work open leads, by rules: what they did and how lately. Its percentages "
        "mean nothing yet.",
        "Il dit aux commerciaux dans quel ordre traiter les leads ouverts, par des règles : ce qu’ils ont fait, et "
        "quand. Ses pourcentages ne disent encore rien.",
    ),
    "not for": Both(
        "It is not for refusing anybody, for prices or credit, for other companies’ leads, or for people who are no "
        "leads. It decides nothing by itself: a person does.",
        "Il ne sert ni à refuser quelqu’un, ni à fixer un prix ou un crédit, ni aux leads d’une autre entreprise, ni à "
        "des personnes qui ne sont pas des leads. Il ne décide rien seul : une personne décide.",
    ),
    "what": Both("What it is", "Ce qu’il est"),
    "chosen": Both("model", "modèle"),
    "as_of": Both("learned from what was known at", "appris sur ce qui était connu au"),
    "as_of rules": Both("made from what was known at", "établi sur ce qui était connu au"),
    "undated": Both("the export (undated)", "l’export (sans date)"),
    "features": Both("columns that it looks at", "colonnes regardées"),
    "feature_hash": Both("hash of the columns", "empreinte des colonnes"),
    "currency": Both("currency", "devise"),
    "recalibrated": Both("recalibrated from version", "recalibré depuis la version"),
    "data": Both("Data", "Données"),
    "data says": Both(
        "Leads of this ledger, as they were known at the moment of scoring, with what became of them. No leads’ "
        "names, addresses or phone numbers are features, and none are in MLflow.",
        "Les leads de ce registre, tels qu’ils étaient connus au moment de la notation, avec ce qu’ils sont devenus. "
        "Ni nom, ni adresse, ni téléphone d’un lead n’est une variable, et aucun n’est dans MLflow.",
    ),
    "data owners": Both(
        "The names of salespeople are a feature (column “{columns}”), and are in MLflow with the model.",
        "Les noms des commerciaux sont une variable (colonne « {columns} ») et sont dans MLflow avec le modèle.",
    ),
    "set": Both("set", "jeu"),
    "rows": Both("moments", "moments"),
    "digest": Both("digest", "empreinte"),
    "training": Both("training", "apprentissage"),
    "training for the test": Both("training for the test", "apprentissage pour le test"),
    "test": Both("test", "test"),
    "calibration set": Both("recalibration", "recalibrage"),
    "ranked": Both("leads ranked", "leads classés"),
    "measured": Both("measured", "mesuré"),
    "verdict": Both("Verdict", "Verdict"),
    "measures": Both("Figures", "Mesures"),
    "measured says": Both(
        "Measured forward in time, with 95 % intervals over resamples of the test leads.",
        "Mesurées sur la période suivante, avec des intervalles à 95 % sur des rééchantillonnages des leads de test.",
    ),
    "interval": Both("95 % interval", "intervalle à 95 %"),
    "against": Both("Against what anyone could do without it", "Face à ce qui se fait sans lui"),
    "calibration": Both("Calibration", "Calibration"),
    "calibration says": Both(
        "Tenths of the test leads by predicted chance: what was predicted, and what came about.",
        "Dixièmes des leads de test par probabilité prévue : ce qui était prévu, et ce qui s’est réalisé.",
    ),
    "looks": Both("What it looks at", "Ce qu’il regarde"),
    "looks says": Both(
        "Share of each fact in what moves the chances of the leads that taught it. What goes together with a win need "
        "not cause it.",
        "Part de chaque fait dans ce qui déplace les probabilités des leads d’apprentissage. Ce qui accompagne une "
        "vente n’en est pas forcément la cause.",
    ),
    "fact": Both("fact", "fait"),
    "share": Both("share", "part"),
    "rules": Both(
        "It ranks by rules: nothing was learned, for want of outcomes.",
        "Il classe par des règles : rien n’a été appris, faute de résultats.",
    ),
    "excluded says": Both(
        "Columns that could only be known after the moment of scoring, or say nothing, are refused.",
        "Les colonnes qui n’ont pu être connues qu’après la notation, ou ne disent rien, sont refusées.",
    ),
    "none": Both("None.", "Aucune."),
    "limits": Both("Limits", "Limites"),
    "limit worked": Both(
        "It learned from leads that sales chose to work; weights make up for that choice as far as columns show it.",
        "Il a appris sur des leads que les commerciaux ont choisi de traiter ; des poids corrigent ce choix dans la "
        "mesure où les colonnes le montrent.",
    ),
    "limit rules": Both(
        "Nothing was learned and nothing tested: `leadloop train` learns once enough outcomes are in.",
        "Rien n’a été appris ni testé : `leadloop train` apprend dès qu’il y a assez de résultats.",
    ),
    "limit change": Both(
        "When offers, markets or forms change, its chances go stale: `leadloop recalibrate` and `retrain` tell and "
        "mend.",
        "Quand l’offre, le marché ou les formulaires changent, ses probabilités vieillissent : `leadloop recalibrate` "
        "et `retrain` le disent et y remédient.",
    ),
    "limit segments": Both(
        "Small segments are not in the table: of them nothing is known.",
        "Les petits segments ne sont pas dans le tableau : on n’en sait rien.",
    ),
    "limit undated": Both(
        "The ledger is undated: nobody could test it forward in time.",
        "Le registre est sans date : personne n’a pu le tester sur une période suivante.",
    ),
    "privacy": Both("Personal data", "Données personnelles"),
    "privacy profiling": Both(
        "A score is profiling (GDPR, article 4): tell leads of it, let them object (article 21), and have a person "
        "decide wherever it weighs on somebody (article 22).",
        "Un score est un profilage (RGPD, article 4) : informez-en les leads, laissez-les s’y opposer (article 21), et "
        "faites décider une personne dès que cela pèse sur quelqu’un (article 22).",
    ),
    "privacy holds": Both(
        "The version holds figures over all leads and values that many of them share: no leads’ names, no lead_ids.",
        "La version contient des chiffres sur l’ensemble des leads et des valeurs que beaucoup partagent : ni noms de "
        "leads, ni lead_id.",
    ),
    "privacy learned": Both(
        "It learned from leads that may be erased since: training again makes one that did not.",
        "Elle a pu apprendre sur des leads effacés depuis : réentraîner en produit une sans eux.",
    ),
    "privacy why": Both(
        "Each score comes with its reasons, so that it can be explained to whom it is about.",
        "Chaque score vient avec ses raisons, pour être expliqué à la personne concernée.",
    ),
    "gain curve": Both("Gain: wins caught by calls", "Gain : ventes captées par appels"),
    "lift curve": Both("Lift: how many times better than chance", "Lift : combien de fois mieux que le hasard"),
    "lift": Both("lift", "lift"),
}
