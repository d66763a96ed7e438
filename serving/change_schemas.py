"""The shapes of why a score changed, over HTTP."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from serving.schemas import Moment


class Told(BaseModel):
    """A figure then and now: before + its parts = after. A part that nobody can tell is null, and in the others."""

    before: float
    after: float
    data: Annotated[float | None, Field(description="by what became known")]
    waiting: Annotated[float | None, Field(description="by time alone")]
    model: Annotated[float | None, Field(description="by another model")]
    population: Annotated[float | None, Field(description="by the open leads that the model compares with")]


class MovedFact(BaseModel):
    """A fact that moved, and what that made of the chance."""

    feature: str
    text: Annotated[str, Field(description="how the fact stands now, in the language asked for")]
    log_odds: float
    p_win: float


class Rest(BaseModel):
    """What is left of a part: facts not shown."""

    log_odds: float
    p_win: float


class MovedFacts(BaseModel):
    """What a part of the chance is made of: the facts and the rest add up to it."""

    facts: list[MovedFact]
    rest: Rest


class FactsByPart(BaseModel):
    """What became known, and what time alone moved."""

    data: MovedFacts
    waiting: MovedFacts


class NewAttribute(BaseModel):
    """An attribute that was given, changed or cleared between the two scores."""

    name: str
    before: Any
    after: Any


class Standing(BaseModel):
    """Where the lead stood: before + others + own = after."""

    before: float
    after: float
    others: Annotated[float, Field(description="because other leads came, went or moved, its own score as it was")]
    own: Annotated[float, Field(description="by its own score")]


class ScoreChange(BaseModel):
    """A stored score beside the one before."""

    as_of: Annotated[str | None, Field(description="null in an undated ledger")]
    since: Annotated[str | None, Field(description="of the score before; null in an undated ledger")]
    model_version: str
    model_version_before: str
    told_by: Annotated[
        Literal["older", "newer", "nobody"],
        Field(description="the model that tells the parts apart; `newer` where the older one is gone"),
    ]
    p_win: Told
    log_odds: Annotated[Told, Field(description="of the chance of a win")]
    expected_value: Told
    importance: Told
    urgency: Told
    priority: Told
    stars: Told
    flames: Told
    facts: FactsByPart | None
    events: Annotated[list[Moment], Field(description="what became known of the lead's doing")]
    attributes: list[NewAttribute]
    place: Annotated[Standing | None, Field(description="among the open leads by priority, 1 the best")]
    percentile: Annotated[Standing | None, Field(description="the share of open leads that matter less")]
    open_leads: int | None
    text: str


class ScoreChanges(BaseModel):
    """A page of the changes of a lead's score, newest first."""

    lead_id: Annotated[str, Field(description="of the lead that stands for the person")]
    changes: list[ScoreChange]
    next_cursor: str | None
