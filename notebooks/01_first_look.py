# %% [markdown]
# # A first look at your leads
#
# What came in, what became of it, and why leads were refused. It reads the ledger under `LEADLOOP_HOME` (default
# `var`); after `make demo`, set it to `var/demo`.

# %%
from collections import Counter

import pandas as pd

from features.history import read
from leadloop.settings import load_settings
from leadloop.store import outcomes
from leadloop.store.ledger import Ledger
from training.labels import label

settings = load_settings()
ledger = Ledger.open(settings.ledger_url)
history = read(ledger)
with ledger.reading() as connection:
    rows = outcomes.read(connection)
labels = label(history, rows, settings.reasons)

# %% [markdown]
# How many leads there are, and how many are won, not won, or not known yet.

# %%
names = {1: "won", 0: "not won", -1: "not known"}
became = pd.Series([names[state] for state in labels.state.tolist()], name="leads").value_counts()
became

# %% [markdown]
# Why the others were not won.

# %%
reasons = pd.Series(Counter(reason for reason in labels.reason if reason), name="leads").sort_values(ascending=False)
reasons
