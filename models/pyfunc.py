"""The bundle as an MLflow pyfunc, logged as code: a table of leads in, a table of scores out, for MLflow's own tools.

Our scorer never loads models this way: it checks the bundle's hashes and reads text and JSON.
"""

from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import PythonModel, PythonModelContext

from features.history import NEVER, build, with_companies, with_given
from leadloop.clock import instant, isoformat
from leadloop.errors import InputError
from models import bundle as bundles
from models.judging import Scores
from models.signature import SCORES, accepted
from models.table import as_of_of, events_of, lead_id_of, lead_of, rows_of


class LeadScorer(PythonModel):  # type: ignore[misc] # MLflow ships no types for it
    """Scores a pandas DataFrame: lead_id, created_at, as_of, events (all optional) and an attribute a column."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the bundle that was logged with this model."""
        self.bundle = bundles.load(Path(context.artifacts["bundle"]))

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """One row a lead, in the order given: the contract's columns of a score but for the rank, which is a list's.

        Raises: MlflowException, the only error whose text MLflow's server passes on, where a row can't be read.
        """
        try:
            return self._scored(model_input)
        except InputError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from None

    def _scored(self, table: pd.DataFrame) -> pd.DataFrame:
        rows = rows_of(table, accepted(self.bundle))
        leads = [lead_of(i, row) for i, row in enumerate(rows)]
        events = [event for i, row in enumerate(rows) for event in events_of(i, row)]
        alone = with_given(build(leads, events), {})  # a table says nothing of contacts and companies
        history = with_companies(alone, leads, events, [])
        today = instant() if self.bundle.catalogue.dated else int(NEVER)
        as_of = np.array([as_of_of(i, row, today) for i, row in enumerate(rows)], dtype=np.int64)
        scores = self.bundle.score(history, np.arange(len(rows)), as_of)
        named = {"lead_id": [lead_id_of(row) for row in rows], "as_of": [_shown(at) for at in as_of.tolist()]}
        texts = {
            name: pd.Series(column, table.index, dtype=object) for name, column in named.items()
        }  # None stays None
        return pd.DataFrame({**texts, **_columns(scores)}, index=table.index)


def _columns(scores: Scores) -> dict[str, Any]:
    known = {name: getattr(scores, name) for name in SCORES}
    return {**known, **{f"p_reject_{reason}": p for reason, p in scores.p_reject.items()}}


def _shown(as_of: int) -> str | None:
    return None if as_of == NEVER else isoformat(as_of)


mlflow.models.set_model(LeadScorer())
