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
_EVENT: dict[str, JsonValue] = {"type": "demo_request", "occurred_at": "2026-03-02T10:30:00Z"}
_OUTCOME: JsonValue = {
    "lead_id": "L-1001",
    "stage": "rejected",
    "occurred_at": "2026-03-04T15:00:00Z",
    "reason": "no_budget",
}


class ScoreRequest(BaseModel):
    """A lead to score: fields as in the files; what is sent counts on top of what is stored of that lead_id."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"lead": _LEAD, "events": [_EVENT], "as_of": "2026-03-03T08:00:00Z"}},
    )

    lead: Annotated[Row, Field(description="lead_id, created_at and any attribute; only what is known")]
    events: Annotated[list[Row], Field(max_length=EVENTS_AT_MOST)] = []
    as_of: Annotated[
        str | None, Field(description="ISO 8601; default: now, or of an imported history the newest instant")
    ] = None


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
    direction: Annotated[str, Field(pattern="^(for|against)$", description="by the sign of the contribution")]


class Score(BaseModel):
    """What leadloop thinks of a lead at an instant."""

    lead_id: str | None
    as_of: str | None
    model_version: str
    p_win: float
    p_win_interval: Annotated[
        list[float], Field(description="what p_win is at least and at most, in nine cases of ten")
    ]
    chances: Annotated[
        str, Field(pattern="^(true|order_only)$", description="order_only: only the order holds, show no percentages")
    ]
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
    chances: Annotated[str, Field(pattern="^(true|order_only)$", description="as in each score")]
    total: Annotated[int, Field(description="open leads in all")]
    capacity: Annotated[int | None, Field(description="the list ends here")]
    leads: list[QueuedLead]
    next_cursor: str | None


class LeadIn(BaseModel):
    """A row of leads, fields as in the files; any other field is an attribute, null clears one."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": _LEAD})

    lead_id: str
    created_at: str
    recorded_at: Annotated[str, Field(description="since when it is known; default: created_at")] = ""
    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    domain: str = ""


class EventIn(BaseModel):
    """A row of events; any other field is a property."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": {"lead_id": "L-1001", **_EVENT}})

    lead_id: str
    type: str
    occurred_at: str
    event_id: Annotated[str, Field(description="yours; default: a hash of the content")] = ""
    recorded_at: Annotated[str, Field(description="since when it is known; default: occurred_at")] = ""


class OutcomeIn(BaseModel):
    """A row of outcomes."""

    model_config = ConfigDict(json_schema_extra={"example": _OUTCOME})

    lead_id: str
    stage: str
    occurred_at: str
    reason: str = ""
    amount: float | None = None
    currency: str = ""
    actor: str = ""
    outcome_id: Annotated[str, Field(description="yours; default: a hash of the content")] = ""
    recorded_at: Annotated[str, Field(description="since when it is known; default: occurred_at")] = ""


def one_or_many(item: type[BaseModel]) -> dict[str, Any]:
    """The request body of a route that takes one object or a batch, for the OpenAPI file."""
    one = item.model_json_schema()
    items = {"type": "array", "items": one, "maxItems": BATCH_AT_MOST}
    many = {"type": "object", "properties": {"items": items}, "required": ["items"], "title": f"{item.__name__}Batch"}
    body = {"required": True, "content": {"application/json": {"schema": {"anyOf": [one, many]}}}}
    return {"requestBody": body}


class _Stored(BaseModel):
    """What every row has once it is stored; `score` only with ?score=true."""

    key: Annotated[str, Field(description="what makes two rows the same one: your id, else a hash of the content")]
    lead_id: str
    recorded_at: str | None
    score: Score | None = None
    score_detail: Annotated[str | None, Field(description="why there is no score")] = None


class StoredLead(_Stored):
    """A row of leads as it was stored."""

    created_at: str | None
    attributes: Row
    identity: dict[str, str]


class StoredEvent(_Stored):
    """An event as it was stored."""

    event_id: str | None
    type: str
    occurred_at: str
    properties: Row


class StoredOutcome(_Stored):
    """An outcome as it was stored; the stage by our name."""

    outcome_id: str | None
    stage: str
    occurred_at: str | None
    reason: str | None
    amount: float | None
    currency: str | None
    actor: str | None


class IngestedItem(BaseModel):
    """What became of one item of a batch; stored fields beside it unless it was refused."""

    model_config = ConfigDict(extra="allow")

    index: int
    status: Annotated[int, Field(description="201 stored, 200 known already, 422 refused")]
    field: Annotated[str | None, Field(description="of a refused item")] = None
    detail: Annotated[str | None, Field(description="of a refused item: what is wrong and what to do")] = None


class IngestedBatch(BaseModel):
    """What became of a batch, in its order; all that was stored was stored in one transaction."""

    items: list[IngestedItem]
    stored: int
    known: int
    refused: int


class StoredScoreOut(BaseModel):
    """A score as it was stored."""

    as_of: Annotated[str | None, Field(description="null in an undated ledger")]
    model_version: str
    p_win: float
    expected_value: float
    importance: float
    urgency: float
    priority: float
    stars: int
    flames: int
    fit: float | None
    readiness: float | None
    cell: str
    recorded_at: str


class StoredScores(BaseModel):
    """A page of a lead's stored scores, newest first."""

    lead_id: Annotated[str, Field(description="of the lead that stands for the person")]
    scores: list[StoredScoreOut]
    next_cursor: str | None


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = None
