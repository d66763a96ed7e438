# %% [markdown]
# # 3. Which features matter, and for whom
#
# > **En bref.** Ce qui déplace les probabilités du modèle en service : sur tous les leads, puis source par source. Un
# > poids est la part d’un fait dans tout ce qui bouge ; le sens dit si « plus » vaut mieux.
#
# What moves the chances of the model that serves: over all leads, then source by source. A share is a fact's part of
# all that moves; the direction says whether more of it is better. It reads `LEADLOOP_HOME`.

# %%
import pandas as pd

from leadloop import charts
from leadloop.notebook import picture
from leadloop.settings import load_settings
from models import registry

settings = load_settings()
version = registry.load(settings)
importances = registry.importances_of(version)
facts = pd.DataFrame(importances["facts"])[["en", "share", "effect", "direction"]]
facts.head(12)

# %%
bars = [
    charts.Bar(name, share, f"{share:.1%}") for name, share in facts[["en", "share"]].head(10).itertuples(index=False)
]
picture(charts.bars(bars), "What moves the chances")

# %%
assert facts["share"].is_monotonic_decreasing
assert 0 < facts["share"].sum() <= 1 + 1e-9

# %% [markdown]
# ## Which values
# Of the fact that matters most, each value with its mean effect in log-odds: +0.7 doubles the odds of a win, −0.7
# halves them.

# %%
first = importances["facts"][0]
shape = pd.DataFrame(first["shape"])
bars = [
    charts.Bar(name, effect, f"{effect:+.2f}")
    for name, effect in shape[["en", "effect"]].head(12).itertuples(index=False)
]
picture(charts.signed_bars(bars), first["en"])

# %%
assert (shape["leads"] > 0).all()
assert shape["effect"].max() > 0 > shape["effect"].min()

# %% [markdown]
# ## For whom
# The same by source: what matters to leads of a trade show is not what matters to those of a search engine.

# %%
levels = importances["segments"]["source"]
rows = [
    (each["level"], each["leads"], each["p_win"], fact["en"], fact["share"])
    for each in levels
    for fact in each["facts"][:3]
]
by_source = pd.DataFrame(rows, columns=["source", "leads", "mean chance", "fact", "share"])
by_source

# %%
assert by_source["source"].nunique() > 1
assert by_source["share"].between(0, 1).all()

# %% [markdown]
# A share is no cause: it says what the model leans on, not what would happen if you changed it.
