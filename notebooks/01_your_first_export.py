# %% [markdown]
# # 1. Your first export
#
# > **En bref.** Un export de CRM entre dans un registre neuf : un fichier de correspondance dit quelle colonne est
# > quoi. L’import garde les bonnes lignes, dit pour chaque mauvaise le fichier, la ligne et la cause, et nomme les
# > raisons de refus qu’il ne connaît pas. Importer deux fois ne change rien.
#
# An export of a CRM goes into a ledger of its own: a mapping file says which column is what. Replace the export and the
# mapping below by yours; nothing else has to change.

# %%
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd

from features.history import read
from leadloop.cli.learn import bring_in
from leadloop.settings import Settings
from leadloop.store import outcomes
from leadloop.store.ledger import Ledger
from training.labels import label

# %% [markdown]
# The export: one line a lead, as a CRM in France would write it. One date can't be.

# %%
folder = Path(mkdtemp())
export = folder / "export.csv"
written = export.write_text(
    "Numéro;Créé le;Source;Société;Statut;Motif;Fermé le;Montant\n"
    "1001;03-02-2026 09:12;Salon;Acme;Gagné;;12-03-2026 16:40;8400\n"
    "1002;03-02-2026 10:30;Site web;Zèbre;Perdu;Pas de budget;20-02-2026 11:05;\n"
    "1003;04-02-2026 08:55;Site web;Globex;Rejeté;Stagiaire;05-02-2026 09:00;\n"
    "1004;31-02-2026 14:20;Salon;Initech;Ouvert;;;\n"
    "1005;05-02-2026 17:45;Partenaire;Umbrella;Ouvert;;;\n",
    encoding="utf-8",
)
mapping = folder / "export.toml"
written = mapping.write_text(
    """
[leads]
id = "Numéro"
created_at = "Créé le"
timezone = "Europe/Paris"
time_format = "%d-%m-%Y %H:%M"
separator = ";"
rename = { "Source" = "source", "Société" = "company" }

[outcome]
column = "Statut"
won = ["Gagné"]
lost = ["Perdu"]
rejected = ["Rejeté"]
at = "Fermé le"
amount = "Montant"

[reason]
column = "Motif"
map = { "Pas de budget" = "no_budget" }
""",
    encoding="utf-8",
)

# %% [markdown]
# ## What came in
# Good rows are stored; the bad one is told with its line, its column and what is wrong with it.

# %%
settings = Settings(home=folder / "home")
report = bring_in(settings, [export], mapping)
pd.DataFrame(report["tables"]).T

# %%
bad = pd.DataFrame(report["bad_rows"])
bad[["line", "column", "value", "cause"]]

# %%
assert report["bad"] == 1
assert (bad.loc[0, "line"], bad.loc[0, "column"]) == (5, "Créé le")

# %% [markdown]
# A reason that no family knows is kept, and named here so that you can say in the mapping what it means.

# %%
report["unknown_reasons"]

# %%
assert report["unknown_reasons"] == {"Stagiaire": 1}

# %% [markdown]
# ## What became of the leads
# An open lead is not a lost one: what is not known yet is not learned from.

# %%
ledger = Ledger.open(settings.ledger_url)
history = read(ledger)
with ledger.reading() as connection:
    labels = label(history, outcomes.read(connection), settings.reasons)
words = {1: "won", 0: "not won", -1: "not known yet"}
became = pd.Series([words[state] for state in labels.state.tolist()], index=history.lead_ids, name="became")
became

# %%
assert became.to_dict() == {"1001": "won", "1002": "not won", "1003": "not won", "1005": "not known yet"}

# %% [markdown]
# ## The same file again
# Nothing changes: a row that is known is not stored twice. Correct the export, import it again, and only what was
# corrected comes in.

# %%
again = bring_in(settings, [export], mapping)
ledger.close()
pd.DataFrame(again["tables"]).T

# %%
assert [counts["new"] for counts in again["tables"].values()] == [0, 0, 0]
