# %% [markdown]
# # 4. Is the score true?
#
# > **En bref.** Le modèle a appris d’anciens leads et a été jugé sur de plus récents, jamais l’inverse. Sur la ligne
# > pointillée, ce qui était prévu s’est réalisé. Les intervalles disent ce que ce nombre de leads permet de dire.
#
# The model learned from older leads and was judged on newer ones, never the other way round. Where it says 20 %, did 20
# of 100 buy? It reads the scorecard of the version that serves, under `LEADLOOP_HOME`.

# %%
import pandas as pd

from leadloop import model_charts
from leadloop.notebook import picture
from leadloop.settings import load_settings
from models import registry

version = registry.load(load_settings())
card = version.scorecard
pd.Series({"version": version.version, "verdict": card["verdict"], **card["split"]})

# %%
assert card["split"]["kind"] == "time"
assert card["split"]["from"] < card["split"]["to"]

# %% [markdown]
# ## Calibration
# A dot is a tenth of the test leads, with its 95 % interval.

# %%
axes = model_charts.Axes("predicted share of wins", "real share of wins")
picture(model_charts.calibration(card["reliability"], axes), "Are the chances true?")

# %%
bins = pd.DataFrame(card["reliability"])
bins["holds"] = bins["predicted"].between(bins["low"], bins["high"])
bins

# %% [markdown]
# Of ten intervals of 95 % one may miss by chance. If most miss, the chances are wrong: then the verdict is at best to
# show ranks only.

# %%
assert bins["leads"].sum() == card["split"]["test"]
assert bins["predicted"].is_monotonic_increasing
assert bins["holds"].mean() > 0.5 or card["verdict"] != "activate"

# %% [markdown]
# ## Beside what you could do without it
# The same test leads, ranked by others. Log loss punishes untrue chances; the base rate for everyone is the least that
# a model has to beat.

# %%
names = ["roc_auc", "log_loss", "brier", "calibration_error", "precision_at_capacity"]
beside = pd.DataFrame({"leadloop": card["metrics"], **card["baselines"]}).T[names]
beside

# %%
assert beside.loc["leadloop", "roc_auc"] > beside.loc["random", "roc_auc"]
assert beside.loc["leadloop", "log_loss"] < beside.loc["constant", "log_loss"]

# %% [markdown]
# ## What the first calls catch

# %%
curves = [
    model_charts.Curve("leadloop", card["gains"]),
    model_charts.Curve("newest first", card["baseline_gains"]["newest_first"]),
]
axes = model_charts.Axes("share of leads called, best first", "share of wins caught")
picture(model_charts.gains(curves, card["capacity"]["share"], axes), "How many wins do the first calls catch?")

# %%
caught = {round(called, 2): wins for called, wins in card["gains"]}
assert caught[1.0] == 1.0
assert caught[0.5] > 0.5
