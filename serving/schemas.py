"""The shapes of the HTTP API; what stands here is what the OpenAPI file says."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Scalar = str | int | float | bool | None
Row = dict[str, Scalar]
BATCH_AT_MOST = 1_000
EVENTS_AT_MOST = 10_000

_LEAD: JsonValue = {
    "lead_id": "L-1001",
    "created_at": "2026-03-01T09:00:00Z",
    "job_title": "Directrice marketing",
    "source": "webinar",
    "company_size": "250",
}
_EVENT: JsonValue = {"type": "demo_request", "occurred_at": "2026-03-02T10:30:00Z"}


class ScoreRequest(BaseModel):
    """A lead to score: fields as in the files; what is sent counts on top of what is stored of that lead_id."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"lead": _LEAD, "events": [_EVENT], "as_of": "2026-03-03T08:00:00Z"}},
    )

    lead: Annotated[Row, Field(description="lead_id, created_at and any attribute; only what is known")]
    events: Annotated[list[Row], Field(max_length=EVENTS_AT_MOST)] = []
    as_of: Annotated[str | None, Field(description="ISO 8601; default: the newest instant known")] = None


class BatchRequest(BaseModel):
    """Up to 1,000 leads, each as in a single request or just its `lead` object."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"leads": [_LEAD]}})

    leads: Annotated[list[ScoreRequest | Row], Field(max_length=BATCH_AT_MOST)]
    as_of: str | None = None


class Reason(BaseModel):
    """A fact that moves the chance; contributions are exact parts of its log-odds."""

    feature: str
    text: str
    value: str | float | None
    contribution: float


class Score(BaseModel):
    """What leadloop thinks of a lead at an instant."""

    lead_id: str | None
    as_of: str | None
    model_version: str
    p_win: float
    expected_value: Annotated[float, Field(description="the expected amount of a win")]
    importance: Annotated[float, Field(description="p_win x expected_value")]
    urgency: Annotated[float, Field(description="share of that lost by waiting another day")]
    priority: float
    stars: Annotated[int, Field(ge=0, le=3)]
    flames: Annotated[int, Field(ge=0, le=3)]
    fit: float | None
    readiness: float | None
    cell: str
    p_reject: dict[str, float]
    reasons: list[Reason]


class BatchScores(BaseModel):
    """Scores in the order of the leads sent."""

    scores: list[Score]


class Moment(BaseModel):
    """Something that the lead did."""

    type: str
    occurred_at: str


class QueuedLead(Score):
    """A lead in the queue."""

    rank: int
    moments: list[Moment]


class Queue(BaseModel):
    """A page of today's list, best first; `next_cursor` leads to the next one, null on the last."""

    as_of: str | None
    model_version: str
    total: Annotated[int, Field(description="open leads in all")]
    capacity: Annotated[int | None, Field(description="the list ends here")]
    leads: list[QueuedLead]
    next_cursor: str | None


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = None
