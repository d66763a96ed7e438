"""The shapes of the HTTP API; what stands here is what the OpenAPI file says."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Scalar = str | int | float | bool | None
Row = dict[str, Scalar]
BATCH_AT_MOST = 1_000
EVENTS_AT_MOST = 10_000

INSTANT: dict[str, JsonValue] = {"format": "date-time", "examples": ["2026-03-03T08:00:00Z"]}
"""How the OpenAPI file describes an instant; a day alone, or a time in the configured zone, is read too."""

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
    reasons: Annotated[list[Reason], Field(description="left out with ?reasons=false")] = []


class BatchScores(BaseModel):
    """Scores in the order of the leads sent."""

    scores: list[Score]


class Moment(BaseModel):
    """Something that the lead did."""

    type: str
    occurred_at: str


class Tactic(BaseModel):
    """What to do with a lead of its cell (setting `tactics`)."""

    text: str
    next: Annotated[list[str], Field(description="steps or contents, in their order")]


class Split(BaseModel):
    """A figure then and now: before + data + waiting + model + population = after."""

    before: float
    after: float
    data: Annotated[float, Field(description="by what became known")]
    waiting: Annotated[float, Field(description="by time alone")]
    model: Annotated[float, Field(description="by another model")]
    population: Annotated[float, Field(description="by the open leads that the model compares with")]


class Change(BaseModel):
    """What changed since yesterday and why; figures are null for a lead that is new."""

    since: str
    p_win: Split | None
    priority: Split | None
    events: Annotated[list[Moment], Field(description="what became known meanwhile of what the lead did")]
    text: str


class QueuedLead(Score):
    """A lead in the queue; `as_of` is its own where it changed since all were ranked."""

    rank: int
    drawn: Annotated[bool, Field(description="it is there by lot, whatever its score (setting `explore_share`)")]
    why_here: Annotated[str | None, Field(description="the same in words; null where its score put it there")]
    moments: list[Moment]
    owner: str | None
    stage: Annotated[str, Field(description='where sales left it; "open": sales has said nothing')]
    stage_since: str | None
    deadline: Annotated[str | None, Field(description="of the first contact that the setting `sla` promises")]
    time_left_hours: Annotated[float | None, Field(description="working hours; below 0: missed by so many")]
    promise: Annotated[str, Field(pattern="^(none|in_time|at_risk|missed|kept|late)$")]
    tactic: Tactic
    change: Change | None


class State(BaseModel):
    """A state of a lead's life, and since when."""

    state: str
    since: str | None


class LeadOutcome(BaseModel):
    """What sales did with a lead; `note` as it was clicked."""

    stage: str
    occurred_at: str | None
    reason: str | None
    amount: float | None
    currency: str | None
    actor: str | None
    until: str | None
    note: str | None


class LeadHistory(BaseModel):
    """How a lead came to where it is: its states in order, then outcomes and events, newest first."""

    states: list[State]
    outcomes: list[LeadOutcome]
    events: list[Moment]


class Waterfall(BaseModel):
    """base + the reasons' contributions + rest = total, the log-odds of the chance."""

    base: float
    rest: float
    total: float


class LeadSheet(Score):
    """All that is known of a lead; a duplicate's is that of the lead that stands for it."""

    moments: list[Moment]
    owner: str | None
    stage: str
    stage_since: str | None
    deadline: Annotated[str | None, Field(description="of the first contact that the setting `sla` promises")]
    time_left_hours: Annotated[float | None, Field(description="working hours; below 0: missed by so many")]
    promise: Annotated[str, Field(pattern="^(none|in_time|at_risk|missed|kept|late)$")]
    tactic: Tactic
    change: Change | None
    waterfall: Waterfall
    attributes: Row
    history: LeadHistory
    identity: Annotated[dict[str, str], Field(description="who it is; absent where you may not know")] = {}


class Today(BaseModel):
    """What the best leads of the list should bring, as many as the team can still take on today."""

    capacity: int
    taken: Annotated[int, Field(description="leads accepted or contacted since midnight; not counted if you gave one")]
    remaining: int
    leads: int
    expected_wins: float
    expected_wins_interval: Annotated[list[float], Field(description="in nine cases of ten")]
    expected_value: float


class Queue(BaseModel):
    """A page of today's list, best first; `next_cursor` leads to the next one, null on the last."""

    as_of: Annotated[str | None, Field(description="of the list as a whole; a lead says its own")]
    age_seconds: Annotated[float, Field(description="since the ledger was last looked at for what changed")]
    model_version: str
    chances: Annotated[str, Field(pattern="^(true|order_only)$", description="as in each score")]
    total: Annotated[int, Field(description="open leads in all")]
    capacity: Annotated[int | None, Field(description="the list ends here")]
    today: Today
    leads: list[QueuedLead]
    next_cursor: str | None


class Click(BaseModel):
    """What goes with a click; each is optional but the reason of a rejection and the end of a snooze."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {}})

    reason: Annotated[str | None, Field(description="of a rejection: one of ours or of the setting `reasons`")] = None
    note: Annotated[str | None, Field(max_length=2_000, description="for people; no model sees it")] = None
    until: Annotated[str | None, Field(description="of a snooze: a day or an instant to come")] = None


class Undo(BaseModel):
    """Which click to take back; without it the last one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {}})

    outcome_id: str | None = None


class ClickedOutcome(BaseModel):
    """The outcome that stands for a click; `action` and `note` are absent where it came by another way."""

    outcome_id: str
    lead_id: str
    stage: str
    occurred_at: str | None
    reason: str | None
    until: str | None
    actor: str | None
    action: str = ""
    note: str | None = None


class Undoable(BaseModel):
    """By what and until when the click can be taken back."""

    outcome_id: str
    until: str


class Clicked(BaseModel):
    """What was stored, and the lead to work next."""

    outcome: ClickedOutcome
    undo: Undoable | None
    next: QueuedLead | None


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
    until: Annotated[str, Field(description="of a recycled lead: when it is open again")] = ""
    outcome_id: Annotated[str, Field(description="yours; default: a hash of the content")] = ""
    recorded_at: Annotated[str, Field(description="since when it is known; default: occurred_at")] = ""


def one_or_many(item: type[BaseModel]) -> dict[str, Any]:
    """The request body of a route that takes one object or a batch, for the OpenAPI file."""
    one = item.model_json_schema()
    told = "one of another shape is refused by name in the answer, and the others are stored"
    items = {"type": "array", "items": {"anyOf": [one, {"description": told}]}, "maxItems": BATCH_AT_MOST}
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
    until: str | None


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
