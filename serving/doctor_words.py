"""What the doctor says, in English and French: how a thing is, and what to do."""

WORDS: dict[str, dict[str, str]] = {
    "error": {"en": "{cause}", "fr": "{cause}"},
    "settings_ok": {"en": "read; state lives in {home}", "fr": "lus ; l’état est gardé dans {home}"},
    "settings_wrong": {
        "en": "{cause}; correct leadloop.toml or the environment",
        "fr": "{cause} ; corrigez leadloop.toml ou l’environnement",
    },
    "disk_ok": {"en": "{free} GB are free in {home}", "fr": "{free} Go libres dans {home}"},
    "disk_little": {
        "en": "only {free} GB are free in {home}; make room before writing fails",
        "fr": "plus que {free} Go libres dans {home} ; faites de la place avant que l’écriture n’échoue",
    },
    "ledger_none": {
        "en": "there is no ledger in {home} yet; run `leadloop import` or `leadloop demo`",
        "fr": "pas encore de registre dans {home} ; lancez `leadloop import` ou `leadloop demo`",
    },
    "ledger_old": {
        "en": "its tables are of another version; any command, such as `leadloop serve`, brings older ones up to date; "
        "for newer ones upgrade leadloop",
        "fr": "ses tables sont d’une autre version ; toute commande, telle que `leadloop serve`, met les anciennes à "
        "jour ; pour des tables plus récentes, mettez leadloop à jour",
    },
    "ledger_ok": {"en": "answers ({database}), tables up to date", "fr": "répond ({database}), tables à jour"},
    "packed_ok": {"en": "every lead has its packed history", "fr": "chaque lead a son historique compacté"},
    "packed_missing": {
        "en": "{count} leads have no packed history and score more slowly; `leadloop serve` packs them when it starts",
        "fr": "{count} leads sans historique compacté, notés plus lentement ; `leadloop serve` le fait au démarrage",
    },
    "clock_ok": {"en": "the newest row is of {newest}, now is {now}", "fr": "dernière ligne : {newest} ; il est {now}"},
    "clock_nothing": {
        "en": "nothing dated is in the ledger yet; import leads",
        "fr": "rien de daté dans le registre ; importez des leads",
    },
    "clock_ahead": {
        "en": "the newest row is of {newest}, but now is {now}: set this machine's clock (NTP) or the sender's",
        "fr": "la dernière ligne est du {newest}, or il est {now} : réglez l’horloge de cette machine (NTP) ou de "
        "l’expéditeur",
    },
    "keys_ok": {"en": "{count} keys were created", "fr": "{count} clés ont été créées"},
    "keys_none": {
        "en": "there are none; `leadloop keys create --role service` makes one, `serve --open` needs none on loopback",
        "fr": "aucune ; `leadloop keys create --role service` en crée une, `serve --open` s’en passe en local",
    },
    "model_ok": {
        "en": "version {version} loads, is what was saved, and scores",
        "fr": "la version {version} se charge, est telle qu’enregistrée, et note",
    },
    "mlflow_ok": {"en": "answers; the champion is {champion}", "fr": "répond ; le champion est {champion}"},
    "mlflow_silent": {
        "en": "{cause}; scoring goes on, training and promoting do not: start it or correct MLFLOW_TRACKING_URI",
        "fr": "{cause} ; la notation continue, pas l’apprentissage ni la promotion : démarrez-le ou corrigez "
        "MLFLOW_TRACKING_URI",
    },
    "mlflow_not_asked": {
        "en": "its address can't be watched by a server; use `leadloop promote` on this machine",
        "fr": "un serveur ne peut surveiller son adresse ; utilisez `leadloop promote` sur cette machine",
    },
    "extra_ok": {"en": "installed", "fr": "installé"},
    "extra_lacking": {
        "en": "lacks {lacking}; if you need it: pip install 'leadloop[{extra}]'",
        "fr": "il manque {lacking} ; s’il vous le faut : pip install 'leadloop[{extra}]'",
    },
    "port_ok": {"en": "{host}:{port} is free", "fr": "{host}:{port} est libre"},
    "port_taken": {
        "en": "{host}:{port} can't be used ({cause}); a server is there already, or take another --port",
        "fr": "{host}:{port} est inutilisable ({cause}) ; un serveur y est déjà, ou prenez un autre --port",
    },
}
