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
from leadloop.clock import isoformat, now, parse_as_of, to_micros
from leadloop.errors import InputError
from leadloop.store.events import StoredEvent
from leadloop.store.leads import StoredLead
from models import bundle as bundles
from models.judging import Scores
from models.signature import BESIDE, EVENTS, SCORES

Row = dict[str, Any]


class LeadScorer(PythonModel):  # type: ignore[misc] # MLflow ships no types for it
    """Scores a pandas DataFrame: lead_id, created_at, as_of, events (all optional) and an attribute a column."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the bundle that was logged with this model."""
        self.bundle = bundles.load(Path(context.artifacts["bundle"]))

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """One row a lead, in the order given: the contract's columns of a score but for the rank, which is a list's."""
        rows = json.loads(model_input.to_json(orient="records", date_format="iso", date_unit="us", double_precision=15))
        leads = [_lead(i, row) for i, row in enumerate(rows)]
        events = [event for i, row in enumerate(rows) for event in _events(i, row)]
        alone = with_given(build(leads, events), {})  # a table says nothing of contacts and companies
        history = with_companies(alone, leads, events, [])
        as_of = np.array([_as_of(row, dated=self.bundle.catalogue.dated) for row in rows], dtype=np.int64)
        scores = self.bundle.score(history, np.arange(len(rows)), as_of)
        named = {"lead_id": [row.get("lead_id") for row in rows], "as_of": [_shown(at) for at in as_of.tolist()]}
        return pd.DataFrame({**named, **_columns(scores)}, index=model_input.index)


def _columns(scores: Scores) -> dict[str, Any]:
    known = {name: getattr(scores, name) for name in SCORES}
    return {**known, **{f"p_reject_{reason}": p for reason, p in scores.p_reject.items()}}


def _lead(number: int, row: Row) -> StoredLead:
    created = row.get("created_at")
    attributes = {name: value for name, value in row.items() if name not in BESIDE and value is not None}
    return StoredLead(_id(number), 0, parse_as_of(str(created)) if created else None, None, None, attributes, None)


def _events(number: int, row: Row) -> list[StoredEvent]:
    """Of a cell that holds them as JSON: a list of {"type", "occurred_at", …}; any other name is a property."""
    try:
        told = json.loads(row.get(EVENTS) or "[]")
        return [_event(number, i, each) for i, each in enumerate(told)]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"Row {number}: events must be a JSON list of objects with type and occurred_at: {type(error).__name__}"
        ) from None


def _event(number: int, place: int, told: Row) -> StoredEvent:
    occurred = parse_as_of(str(told["occurred_at"]))
    recorded = parse_as_of(str(told["recorded_at"])) if told.get("recorded_at") else occurred
    properties = {name: value for name, value in told.items() if name not in ("type", "occurred_at", "recorded_at")}
    return StoredEvent(f"{number}-{place}", 0, _id(number), str(told["type"]), occurred, recorded, properties)


def _id(number: int) -> str:
    """Sorts as the rows do."""
    return f"{number:09d}"


def _as_of(row: Row, *, dated: bool) -> int:
    if row.get("as_of"):
        return parse_as_of(str(row["as_of"]))
    return to_micros(now()) if dated else int(NEVER)


def _shown(as_of: int) -> str | None:
    return None if as_of == NEVER else isoformat(as_of)


mlflow.models.set_model(LeadScorer())
