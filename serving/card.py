"""A model as a card: its shape in the API, and how it is filled from a version."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from models.registry import Version


class FeatureName(BaseModel):
    """A column that the model looks at; `source` is the fact that it belongs to."""

    name: str
    source: str
    fr: str
    en: str


class Step(BaseModel):
    """Values in words, how many leads had them, and their mean contribution in log-odds."""

    fr: str
    en: str
    leads: int
    effect: float


class SegmentFact(BaseModel):
    """How much a fact moves the chances of some leads, and which way."""

    feature: Annotated[str, Field(description="as in the reasons of a score")]
    fr: str
    en: str
    share: Annotated[float, Field(ge=0, le=1, description="of the movement of all facts together")]
    effect: Annotated[float, Field(description="mean size of its contribution, in log-odds")]
    direction: Annotated[
        str,
        Field(pattern="^((more|recent|yes)_is_(better|worse)|it_depends|by_value)$"),
    ]


class MatteringFact(SegmentFact):
    """The same over all leads, with the contribution by value and, for events, by how long ago."""

    shape: list[Step]
    recency: list[Step]


class Segment(BaseModel):
    """What matters among the leads of one source or campaign."""

    level: str
    leads: int
    p_win: Annotated[float, Field(description="mean chance")]
    facts: list[SegmentFact]


class Importances(BaseModel):
    """What matters over the leads that taught the model."""

    leads: int
    p_win: Annotated[float, Field(description="mean chance")]
    facts: list[MatteringFact]
    segments: Annotated[dict[str, list[Segment]], Field(description="by `source` and `campaign`")]
    personas: Annotated[dict[str, Any] | None, Field(description="who wins, in rules; null for old versions")] = None


class RefusedVersion(BaseModel):
    """A version that was switched on and does not serve."""

    version: str
    why: str
    at: str


class ModelCard(BaseModel):
    """A model: how it did when it was tested forward in time, what it looks at, and what matters to it."""

    model_version: str
    verdict: Annotated[str | None, Field(description="activate, rank_only or do_not_activate")]
    why: list[str]
    metrics: dict[str, float | None]
    trained_as_of: Annotated[str | None, Field(description="null in an undated ledger")]
    horizon_days: float | None
    features: list[FeatureName]
    importances: Annotated[Importances | None, Field(description="null for rules and for old versions")]
    refused: Annotated[RefusedVersion | None, Field(description="what this server was told to serve, and does not")]


def card(version: Version) -> dict[str, Any]:
    """What the contract says of a model."""
    scorecard, facts = version.scorecard, version.bundle.facts
    return {
        "model_version": version.version,
        "verdict": scorecard.get("verdict"),
        "why": scorecard.get("why", []),
        "metrics": scorecard.get("metrics", {}),
        "trained_as_of": facts.get("as_of"),
        "horizon_days": facts.get("horizon_days"),
        "features": [
            {"name": feature.name, "source": feature.source, "fr": feature.fr, "en": feature.en}
            for feature in version.bundle.catalogue.features
        ],
        "importances": version.importances,
    }
