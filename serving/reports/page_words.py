"""What the reports behind the pages of marketing and of both sides say besides, in English and French."""

from serving.reports.language import Both

PAGES: dict[str, Both] = {
    # costs
    "cost": Both("cost", "coût"),
    "cost_per_sql": Both("cost per SQL", "coût par SQL"),
    "cost_per_win": Both("cost per win", "coût par gain"),
    "returned": Both("returned per unit spent", "rapporté par unité dépensée"),
    "returns title": Both("What they cost, and what comes back", "Ce qu’ils coûtent, et ce qui revient"),
    "returns say": Both(
        "Costs: the setting lead_costs times the leads that came, {currency}. Wins so far: newer leads may still win.",
        "Coûts : le réglage lead_costs fois les leads arrivés, {currency}. Gains à ce jour : les leads récents peuvent "
        "encore gagner.",
    ),
    # conversion against plan
    "planned": Both("planned", "prévu"),
    "against_plan": Both("against plan", "face au prévu"),
    "below plan": Both("below plan", "sous le prévu"),
    "above plan": Both("above plan", "au-dessus du prévu"),
    "as plan": Both("as planned", "comme prévu"),
    "with plan": Both("{told}, planned {planned}", "{told}, prévu {planned}"),
    # what matters
    "matters to all": Both("Over all leads", "Sur l’ensemble des leads"),
    "matters by source": Both("Within each source", "Au sein de chaque source"),
    "matters by campaign": Both("Within each campaign", "Au sein de chaque campagne"),
    "share_before": Both("share before", "part d’avant"),
    "change": Both("change", "évolution"),
    "direction_change": Both("direction", "sens"),
    "changes title": Both(
        "What changed: model {before} to model {now}", "Ce qui a changé : du modèle {before} au modèle {now}"
    ),
    "changes say": Both(
        "In points of the movement of all features together; small moves are within what another draw would give.",
        "En points du mouvement de toutes les caractéristiques ; les petits écarts tiennent du hasard.",
    ),
    "looked at now": Both("looked at now", "regardée désormais"),
    "no longer looked at": Both("no longer looked at", "n’est plus regardée"),
    "no model before": Both(
        "No model was switched on before this one, so there is nothing to compare with.",
        "Aucun modèle n’a été en service avant celui-ci : il n’y a rien à comparer.",
    ),
    # personas
    "personas title": Both("Who wins", "Qui l’on gagne"),
    "personas found": Both("Personas", "Personas"),
    "persona": Both("who", "qui"),
    "judged_leads": Both("newer leads judged", "leads récents jugés"),
    "share_of_leads": Both("of all leads", "de tous les leads"),
    "lately_share": Both("of the last 90 days", "des 90 derniers jours"),
    "in_target": Both("in the target", "dans la cible"),
    "target": Both("target", "cible"),
    "personas say": Both(
        "Rules found on older leads; the share of wins, with its 95 % interval, and the value are those of newer leads "
        "that had no part in finding them. Each lead is in one persona, by what was known when it came in.",
        "Règles trouvées sur les leads anciens ; la part de gains, avec son intervalle à 95 %, et la valeur sont "
        "celles de leads plus récents qui n’y ont pas contribué. Chaque lead est dans un seul persona, selon ce qu’on "
        "savait à son arrivée.",
    ),
    "personas judged": Both(
        "Found by model {version} when it was trained.", "Trouvés par le modèle {version} à l’entraînement."
    ),
    "no personas": Both(
        "No personas are kept with the model, or there is none: `leadloop train` finds them once outcomes are in.",
        "Aucun persona n’accompagne le modèle, ou il n’y en a pas : `leadloop train` les trouve dès que des "
        "résultats sont connus.",
    ),
    "one persona": Both(
        "Nothing about who leads are tells wins apart on these leads: there is one persona, everybody.",
        "Rien de ce que sont les leads ne distingue les gains ici : il n’y a qu’un persona, tout le monde.",
    ),
    "target title": Both("Against the declared target", "Face à la cible déclarée"),
    "target says": Both(
        "Declared: {declared}. All leads old enough judge it, since nobody learned it from them.",
        "Déclarée : {declared}. Tous les leads assez anciens la jugent, puisqu’elle n’en a pas été apprise.",
    ),
    "in target": Both("in the target", "dans la cible"),
    "out of target": Both("out of the target", "hors cible"),
    "no target": Both(
        'No target is declared. To compare, write in leadloop.toml: [target] country = ["FR"] (docs/settings.md).',
        'Aucune cible n’est déclarée. Pour comparer, écrire dans leadloop.toml : [target] country = ["FR"] '
        "(docs/settings.md).",
    ),
    # samples
    "samples title": Both("Samples of planned campaigns", "Échantillons de campagnes prévues"),
    "samples table": Both("Samples", "Échantillons"),
    "samples by lead": Both("Lead by lead", "Lead par lead"),
    "samples say": Both(
        "A lead counts as most people in sales say; “would work”: of those that could be told.",
        "Un lead compte comme la plupart des commerciaux le disent ; « à travailler » : parmi ceux dont on peut juger.",
    ),
    "sample": Both("sample", "échantillon"),
    "made_at": Both("made", "créé"),
    "yes": Both("would work", "à travailler"),
    "no": Both("would refuse", "à refuser"),
    "unsure": Both("can’t tell", "indécis"),
    "would_work": Both("would work, share", "à travailler, part"),
    "sample_state": Both("state", "état"),
    "is open": Both("open", "ouvert"),
    "is closed": Both("closed", "clos"),
    "said": Both("sales says", "les ventes disent"),
    "says yes": Both("would work", "à travailler"),
    "says no": Both("would refuse", "à refuser"),
    "says unsure": Both("can’t tell", "indécis"),
    "says none": Both("not looked at yet", "pas encore vu"),
    # definitions
    "definitions title": Both("What we mean", "Ce que nous entendons"),
    "definitions history": Both("Every edit", "Toutes les modifications"),
    "group state": Both("The life of a lead", "La vie d’un lead"),
    "group reason": Both("Reasons", "Motifs"),
    "group cell": Both("Cells: what to do", "Cases : que faire"),
    "group threshold": Both("Thresholds", "Seuils"),
    "term": Both("term", "terme"),
    "means": Both("means", "signifie"),
    "set_to": Both("set to", "réglé à"),
    "changed_at": Both("changed", "modifié"),
    "changed_by": Both("by", "par"),
    "as shipped": Both("as shipped", "d’origine"),
    "cell call_now": Both("call now", "appeler"),
    "cell qualify": Both("qualify", "qualifier"),
    "cell develop": Both("develop", "développer"),
    "cell nurture": Both("nurture", "nourrir"),
    "cell unknown": Both("not known", "inconnue"),
    "threshold stars": Both("stars", "étoiles"),
    "threshold flames": Both("flames", "flammes"),
    "threshold hot": Both("hot", "brûlant"),
    "threshold capacity": Both("capacity", "capacité"),
    "threshold first_contact": Both("first contact", "premier contact"),
    "threshold delivered": Both("delivered", "livré"),
    "threshold horizon": Both("horizon", "horizon"),
    "threshold target": Both("target", "cible"),
    "value hot": Both("{stars} stars and {flames} flames", "{stars} étoiles et {flames} flammes"),
    "value a day": Both("{n} leads a day", "{n} leads par jour"),
    "value days": Both("{n} days", "{n} jours"),
    "value not set": Both("not set", "non réglé"),
    "value created_at": Both("from its creation", "dès sa création"),
    "value mql": Both("from MQL on", "à partir de MQL"),
    "value percentiles": Both("the upper 50, 20 and 5 % of open leads", "les 50, 20 et 5 % du haut des leads ouverts"),
    # drawings
    "drawn reasons": Both("Refusals by reason", "Refus par motif"),
    "drawn refusal months": Both("Refusals a month", "Refus par mois"),
    "drawn campaigns": Both(
        "Refused, of the leads that each campaign brought", "Refusés, sur les leads de chaque campagne"
    ),
    "drawn expected": Both("Wins beyond what the model expected", "Gains au-delà de ce que le modèle attendait"),
    "drawn value": Both("Value per lead", "Valeur par lead"),
    "drawn matters": Both("What moves the chance of a win", "Ce qui fait varier la chance de gain"),
    "drawn changes": Both("Change since the last model, in points", "Évolution depuis le dernier modèle, en points"),
    "drawn personas": Both("Won, of newer leads", "Gagnés, parmi les leads récents"),
    "drawn funnel": Both("How far leads came", "Jusqu’où vont les leads"),
    "drawn stages": Both("From each stage to the next", "D’une étape à la suivante"),
    "drawn delivered": Both("Leads delivered a month", "Leads livrés par mois"),
    "drawn in time": Both("First contacts in time, by month", "Premiers contacts à temps, par mois"),
    "drawn would work": Both("Would work, of the leads judged", "À travailler, parmi les leads jugés"),
    "of": Both("of", "sur"),
    "expected against real": Both("{real} for {expected} expected", "{real} pour {expected} attendus"),
    "so many": Both("{share} of {n}", "{share} sur {n}"),
}
