"""The bundle as an MLflow pyfunc, logged as code: a table of leads in, a table of scores out, for MLflow's own tools.

Our scorer never loads models this way: it checks the bundle's hashes and reads text and JSON.
"""

import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel, PythonModelContext

from features.history import NEVER, build, with_companies, with_given
from leadloop.clock import now, parse_as_of, to_micros
from leadloop.store.leads import StoredLead
from models import bundle as bundles


class LeadScorer(PythonModel):  # type: ignore[misc] # MLflow ships no types for it
    """Scores a pandas DataFrame: lead_id, created_at, as_of (all optional) and an attribute a column."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the bundle that was logged with this model."""
        self.bundle = bundles.load(Path(context.artifacts["bundle"]))

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """One row a lead, in the order given: p_win, expected_value, importance, fit, readiness, p_reject_<reason>."""
        rows = json.loads(model_input.to_json(orient="records", date_format="iso", date_unit="us", double_precision=15))
        leads = [_lead(i, row) for i, row in enumerate(rows)]
        alone = with_given(build(leads, []), {})  # a table says nothing of contacts and companies
        history = with_companies(alone, leads, [], [])
        as_of = np.array([_as_of(row, dated=self.bundle.catalogue.dated) for row in rows], dtype=np.int64)
        scores = self.bundle.score(history, np.arange(len(rows)), as_of)
        columns = {
            name: getattr(scores, name) for name in ("p_win", "expected_value", "importance", "fit", "readiness")
        }
        return pd.DataFrame(
            {**columns, **{f"p_reject_{reason}": p for reason, p in scores.p_reject.items()}},
            index=model_input.index,
        )


def _lead(number: int, row: dict[str, Any]) -> StoredLead:
    created = row.get("created_at")
    attributes = {
        name: value
        for name, value in row.items()
        if name not in ("lead_id", "created_at", "as_of") and value is not None
    }
    return StoredLead(f"{number:09d}", 0, parse_as_of(str(created)) if created else None, None, None, attributes, None)


def _as_of(row: dict[str, Any], *, dated: bool) -> int:
    if row.get("as_of"):
        return parse_as_of(str(row["as_of"]))
    return to_micros(now()) if dated else int(NEVER)


mlflow.models.set_model(LeadScorer())
