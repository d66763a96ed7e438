# %% [markdown]
# # 5. What would another contract or capacity bring?
#
# > **En bref.** Du registre viennent les taux de passage d’une étape à l’autre et la vente moyenne ; de là, ce que
# > rapporterait une autre capacité, et ce que demande un but de chiffre d’affaires. Les intervalles font partie de la
# > réponse.
#
# From the ledger come the rates from stage to stage and the mean deal; from these, what another capacity would bring a
# month, and what a revenue goal takes. The intervals are part of the answer. It reads `LEADLOOP_HOME`.

# %%
import pandas as pd

from leadloop import charts
from leadloop.notebook import picture
from leadloop.settings import load_settings
from leadloop.store.ledger import Ledger
from serving.reports.ask import Ask
from serving.reports.catalogue import REPORTS
from serving.reports.frames import frame
from serving.scorer import when

settings = load_settings()
ledger = Ledger.open(settings.ledger_url)
at = when(ledger, None)
with ledger.reading() as connection:
    today = REPORTS["contract"](connection, Ask(settings, at))
frame(today, 1)

# %% [markdown]
# ## Another capacity
# Leads that the team looks at each working day, and the revenue a month that as many leads would bring.

# %%
with ledger.reading() as connection:
    plans = {n: REPORTS["contract"](connection, Ask(settings, at, capacity=n)).data["plan"] for n in (5, 10, 20, 40)}
revenue = pd.DataFrame(
    [(n, plan["at_capacity"]["value"], *plan["at_capacity"]["interval"]) for n, plan in plans.items()],
    columns=["leads a day", "a month", "low", "high"],
)
revenue.round(0)

# %%
bars = [charts.Bar(f"{n} a day", value, f"{value:,.0f}") for n, value, *_ in revenue.itertuples(index=False)]
picture(charts.bars(bars), "Revenue a month by capacity")

# %%
assert revenue["a month"].is_monotonic_increasing
assert (revenue["low"] <= revenue["a month"]).all()
assert (revenue["a month"] <= revenue["high"]).all()

# %% [markdown]
# More capacity than there are leads brings nothing: what is delivered a month is the other limit.

# %%
pd.Series(today.data["monthly"]).round(1)

# %% [markdown]
# ## A goal
# What it takes to bring half as much again as today's volume does: leads a month, stage by stage.

# %%
goal = 1.5 * today.data["plan"]["at_volume"]["value"]
with ledger.reading() as connection:
    asked = REPORTS["contract"](connection, Ask(settings, at, goal=goal)).data["plan"]
needed = pd.Series({stage: each["value"] for stage, each in asked["needed"].items()}, name="a month")
needed.round(0)

# %%
assert needed.is_monotonic_decreasing
assert needed["delivered"] > today.data["monthly"]["delivered"]

# %% [markdown]
# ## A better rate
# Rates are learned, and can be assumed: what if sales won seven of ten opportunities?

# %%
with ledger.reading() as connection:
    better = REPORTS["contract"](connection, Ask(settings, at, goal=goal, rates={"won": 0.7})).data["plan"]
both = pd.DataFrame({"as learned": needed, "won 70 %": {s: each["value"] for s, each in better["needed"].items()}})
both.round(0)

# %%
learned = next(step["rate"]["rate"] for step in today.data["rates"] if step["stage"] == "won")
assert (both.loc["delivered", "won 70 %"] < both.loc["delivered", "as learned"]) == (learned < 0.7)
ledger.close()
