"""What marketing pays for leads, as the setting `[lead_costs]` writes it; reports set it against what leads bring."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Cost = Annotated[float, Field(ge=0)]


class LeadCosts(BaseModel):
    """What one lead costs, by campaign and by source, in the configured currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: dict[str, Cost] = {}
    campaign: dict[str, Cost] = {}

    def of(self, source: str, campaign: str) -> float | None:
        """Of a lead: as its campaign says, else as its source does; None where neither is there.

        >>> LeadCosts(source={"ads": 40}).of("ads", "spring"), LeadCosts().of("ads", "")
        (40.0, None)
        """
        return self.campaign.get(campaign, self.source.get(source))
