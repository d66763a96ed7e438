"""The shapes of webhooks over HTTP: how they are managed, and what they tell."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, JsonValue

Kind = Literal["lead.hot", "deadline.at_risk", "model.changed", "model.drift"]
WebhookId = Annotated[str, Field(pattern="^wh_[0-9a-f]{16}$", examples=["wh_5f2c9a1b7d3e4f60"])]
EventId = Annotated[str, Field(pattern="^msg_[0-9a-f]{32}$")]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]

_HOT: dict[str, JsonValue] = {
    "type": "lead.hot",
    "timestamp": "2026-03-02T10:30:05.120000Z",
    "data": {
        "lead_id": "L-1001",
        "as_of": "2026-03-02T10:30:00Z",
        "model_version": "7",
        "p_win": 0.31,
        "expected_value": 4200.0,
        "priority": 1302.0,
        "stars": 3,
        "flames": 2,
        "cell": "call_now",
    },
}
_AT_RISK: dict[str, JsonValue] = {
    "type": "deadline.at_risk",
    "timestamp": "2026-03-02T15:00:01Z",
    "data": {"lead_id": "L-1001", "deadline": "2026-03-02T16:30:00Z", "cell": "call_now"},
}
_CHANGED: dict[str, JsonValue] = {
    "type": "model.changed",
    "timestamp": "2026-03-03T02:00:04Z",
    "data": {"model_version": "8", "previous": "7", "switched_at": "2026-03-03T02:00:00Z"},
}
_DRIFT: dict[str, JsonValue] = {
    "type": "model.drift",
    "timestamp": "2026-03-04T02:10:00Z",
    "data": {
        "model_version": "8",
        "as_of": "2026-03-04T02:09:58Z",
        "feature": "source",
        "fr": "source",
        "en": "source",
        "psi": 0.41,
        "missing_before": 0.02,
        "missing": 0.02,
        "values": [{"name": "podcast", "kind": "new", "leads": 64, "share_before": 0.0, "share": 0.11}],
    },
}
_WANTED: dict[str, JsonValue] = {"url": "https://crm.example/hooks/leadloop", "kinds": ["lead.hot"], "owner": "ada"}


class WebhookIn(BaseModel):
    """Who is to be told of what."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _WANTED})

    url: Annotated[str, Field(min_length=1, max_length=2_000, description="https, on the public internet")]
    kinds: Annotated[list[Kind], Field(min_length=1, max_length=10)]
    owner: Annotated[Name | None, Field(description="only of this owner's leads")] = None
    team: Annotated[Name | None, Field(description="only of this team's leads")] = None


class WebhookShown(BaseModel):
    """A target, without its secret."""

    id: WebhookId
    url: str
    kinds: list[Kind]
    owner: str | None
    team: str | None
    created_at: str
    disabled_at: str | None
    disabled_why: str | None


class WebhookMade(WebhookShown):
    """The same with its secret, which is not shown again."""

    secret: Annotated[str, Field(description="signs deliveries; keep it, it is not shown again")]


class WebhookStanding(WebhookShown):
    """The same with how many deliveries wait and are dead, and what went wrong last."""

    waiting: int
    dead: int
    error: str | None


class Webhooks(BaseModel):
    """Every target."""

    webhooks: list[WebhookStanding]


class Tested(BaseModel):
    """What became of a test event."""

    delivered: bool
    status: int | None
    error: str | None


class DeadShown(BaseModel):
    """A delivery that was given up."""

    id: EventId
    webhook: str
    kind: str
    lead_id: str | None
    attempts: int
    status: int | None
    error: str | None
    created_at: str
    dead_at: str


class DeadLetters(BaseModel):
    """Deliveries that were given up, the newest first."""

    dead: list[DeadShown]
    total: int


class ReplayIn(BaseModel):
    """What to take up again: events by their ids, or `all`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"all": True}})

    events: Annotated[list[EventId], Field(max_length=1_000)] = []
    all: bool = False


class Replayed(BaseModel):
    """How many deliveries were taken up again."""

    replayed: int


class HotLead(BaseModel):
    """A lead that became hot: figures as in a score, nothing of the person."""

    lead_id: str
    as_of: str | None
    model_version: str
    p_win: float | None
    expected_value: float | None
    priority: float | None
    stars: int
    flames: int
    cell: str


class LeadHot(BaseModel):
    """Told when a lead becomes hot."""

    model_config = ConfigDict(json_schema_extra={"example": _HOT})

    type: Literal["lead.hot"]
    timestamp: str
    data: HotLead


class DeadlineNear(BaseModel):
    """A lead nobody has contacted yet, and by when that was promised."""

    lead_id: str
    deadline: str
    cell: str | None


class DeadlineAtRisk(BaseModel):
    """Told once a lead and deadline."""

    model_config = ConfigDict(json_schema_extra={"example": _AT_RISK})

    type: Literal["deadline.at_risk"]
    timestamp: str
    data: DeadlineNear


class OtherModel(BaseModel):
    """Which model serves now, and which did before."""

    model_version: str
    previous: str | None
    switched_at: str


class ModelChanged(BaseModel):
    """Told once a switch, however many servers there are."""

    model_config = ConfigDict(json_schema_extra={"example": _CHANGED})

    type: Literal["model.changed"]
    timestamp: str
    data: OtherModel


class MovedValue(BaseModel):
    """A value that appeared (`new`: on so many leads) or vanished (`gone`: not on the last so many)."""

    name: str
    kind: Literal["new", "gone"]
    leads: int
    share_before: float
    share: float


class DriftedFeature(BaseModel):
    """What moved away from what the model was trained on; `p_win` for its own chances, `outcomes` for wins.

    `reason`: of `reasons: SOURCE`, the one whose share of the refusals changed most, from `share_before` to `share`.
    """

    model_version: str
    as_of: str | None
    feature: str
    fr: str
    en: str
    psi: float | None
    missing_before: float | None
    missing: float | None
    values: list[MovedValue]
    reason: str | None = None
    share_before: float | None = None
    share: float | None = None


class ModelDrift(BaseModel):
    """Told once a feature and alarm: again only after it was steady in between."""

    model_config = ConfigDict(json_schema_extra={"example": _DRIFT})

    type: Literal["model.drift"]
    timestamp: str
    data: DriftedFeature


def describe(told: APIRouter) -> None:
    """Put what is sent into the OpenAPI file's `webhooks`."""

    @told.post("lead.hot", status_code=204)
    def lead_hot(body: LeadHot) -> None:
        """A lead became hot. Answer 2xx; anything else is tried again."""

    @told.post("deadline.at_risk", status_code=204)
    def deadline_at_risk(body: DeadlineAtRisk) -> None:
        """The promised first contact is nearly late."""

    @told.post("model.changed", status_code=204)
    def model_changed(body: ModelChanged) -> None:
        """Another model serves."""

    @told.post("model.drift", status_code=204)
    def model_drift(body: ModelDrift) -> None:
        """Leads are no longer those that the model was trained on; docs/drift.md."""
