# %% [markdown]
# # 2. Why leads are refused
#
# > **En bref.** Chaque refus des ventes porte une raison : par famille, par source, et combien ont été refusés sans
# > être lus. Les chiffres sont ceux de `leadloop report rejections`, sur le registre de `LEADLOOP_HOME`.
#
# What sales wrote down when it would not work a lead, which sources bring which refusals, and how many were refused
# before anybody had looked. It reads the ledger under `LEADLOOP_HOME`; after `make demo`, set it to `var/demo`.

# %%
import pandas as pd

from leadloop import charts
from leadloop.notebook import picture
from leadloop.settings import load_settings
from leadloop.store.ledger import Ledger
from serving.reports.ask import Ask
from serving.reports.catalogue import make
from serving.reports.frames import frame
from serving.scorer import Scorer, when

settings = load_settings()
ledger = Ledger.open(settings.ledger_url)
ask = Ask(settings, when(ledger, None))
report = make(ledger, "rejections", ask, lambda: Scorer.load(settings))
report.title

# %% [markdown]
# ## By reason
# A reason is of a family: fit, need, timing, budget, reach, competition, data. The families are what the model learns.

# %%
reasons = frame(report)
reasons.head(12)

# %%
bars = [
    charts.Bar(f"{reason} ({family})", share, f"{share:.0%}")
    for reason, family, share in reasons[["reason", "family", "share"]].head(8).itertuples(index=False)
]
picture(charts.bars(bars), "Refusals by reason")

# %%
assert abs(reasons["share"].sum() - 1) < 1e-6
assert reasons["count"].sum() == report.data["refusals"]

# %% [markdown]
# ## By source
# A source whose leads are often refused brings the wrong people, or the right ones too early: its main reason says so.

# %%
sources = frame(report, 1).sort_values("rejected_share", ascending=False)
sources

# %%
bars = [
    charts.Bar(f"{source}: {main}", share, f"{share:.0%}")
    for source, main, share in sources[["source", "main_reason", "rejected_share"]].head(8).itertuples(index=False)
]
picture(charts.bars(bars), "Share of each source's leads that is refused")

# %%
assert sources["rejected_share"].between(0, 1).all()
assert sources["count"].sum() == report.data["refusals"]

# %% [markdown]
# ## Refused unread
# A lead that was refused before anybody had accepted or contacted it says something about the list, not about the lead.

# %%
unread = report.data["unread"] / report.data["refusals"]
pd.Series({"refused": report.data["refusals"], "of these unread": report.data["unread"], "share": round(unread, 3)})

# %%
assert 0 <= unread <= 1
ledger.close()
