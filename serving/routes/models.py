"""Versions of the model over HTTP, for those who run leadloop: what there is, what another changes, switching."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.exceptions import HTTPException

from leadloop.errors import NoModelError, RegistryError
from models import aliases
from serving import model_diff, versions
from serving.access import Caller, caller_of
from serving.schemas import Problem
from serving.state import State
from serving.switching import Desk

router = APIRouter(prefix="/v1", tags=["model"], responses={code: {"model": Problem} for code in (404, 409, 422, 503)})
REF = "^[A-Za-z0-9_.-]{1,255}$"
Asking = Annotated[Caller, Depends(caller_of)]
Ref = Annotated[str, Query(pattern=REF, description="number or alias of a version", examples=["champion"])]

_PROMOTION: JsonValue = {"force": False, "reason": "quarterly review"}
_SWITCHED: JsonValue = {"did": "promoted", "version": "8", "before": "7", "forced": False}


class Reason(BaseModel):
    """Why a version is switched; it is kept in MLflow."""

    reason: Annotated[str, Field(max_length=500, description="names nobody")] = ""


class Promotion(Reason):
    """How a version is switched on."""

    model_config = ConfigDict(json_schema_extra={"example": _PROMOTION})

    force: Annotated[bool, Field(description="although its verdict is no; wants a reason")] = False


class SwitchedOut(BaseModel):
    """What was done. Every server on this registry follows within seconds."""

    model_config = ConfigDict(json_schema_extra={"example": _SWITCHED})

    did: Annotated[str, Field(description="promoted, rolled_back, or nothing where it served already")]
    version: Annotated[str, Field(description="serves now")]
    before: Annotated[str | None, Field(description="served until now")]
    forced: bool


class VersionOut(BaseModel):
    """A version; figures are of its own test forward in time."""

    version: str
    aliases: list[str]
    verdict: str | None
    why: list[str]
    metrics: Annotated[dict[str, float | None], Field(description="fewer, to four digits, where no copy is here")]
    split: dict[str, Any] | None
    created_at: str | None
    description: str
    tags: dict[str, str]
    copied: Annotated[bool, Field(description="whether it can serve here without MLflow")]


class SwitchOut(BaseModel):
    """A version was promoted, rolled back to or refused."""

    at: str
    did: str
    version: str
    before: str | None
    by: str
    reason: str
    forced: bool
    reason_fr: Annotated[str, Field(description="the reason in French; empty where a person wrote it")]


class Versions(BaseModel):
    """Every version, the newest first."""

    aliases: dict[str, str]
    versions: list[VersionOut]
    registry: Annotated[str, Field(description="`ok`, or why it does not answer: then only copies are listed")]
    history: Annotated[list[SwitchOut], Field(description="who switched what, the newest first")]


class Difference(BaseModel):
    """What version b changes against a for today's open leads; rows of each list as docs/models.md tells."""

    as_of: str | None
    open_leads: int
    capacity: int
    a: dict[str, Any]
    b: dict[str, Any]
    agreement: dict[str, Any]
    tiers: dict[str, Any]
    queue: dict[str, Any]
    owners: list[dict[str, Any]]
    teams: list[dict[str, Any]]
    features: list[dict[str, Any]]
    metrics: list[dict[str, Any]]
    leads: list[dict[str, Any]]


@router.get("/models", response_model=None, responses={200: {"model": Versions}})
def models(request: Request) -> dict[str, Any]:
    """Every version with its aliases, verdict and figures, and who switched what when."""
    state: State = request.app.state.leadloop
    return versions.listed(state.settings)


@router.get("/models/diff", response_model=None, responses={200: {"model": Difference}})
def difference(
    request: Request,
    a: Ref,
    b: Ref,
    capacity: Annotated[int | None, Query(ge=1, le=100_000, description="default: the setting")] = None,
) -> dict[str, Any]:
    """What another version would change for today's open leads; nothing is switched."""
    state: State = request.app.state.leadloop
    try:
        return model_diff.diff(state.settings, state.ledger, (a, b), capacity=capacity)
    except NoModelError as error:
        raise HTTPException(404, str(error)) from None


@router.post("/models/rollback", response_model=None, responses={200: {"model": SwitchedOut}})
def rollback(request: Request, caller: Asking, why: Reason | None = None) -> dict[str, Any]:
    """Let the version before the champion serve again; once more, and the champion comes back."""
    desk = desk_of(request, caller)
    try:
        return desk.roll_back(why.reason if why else "").as_json()
    except NoModelError as error:
        raise HTTPException(409, str(error)) from None


@router.post("/models/{version}/promote", response_model=None, responses={200: {"model": SwitchedOut}})
def promote(
    request: Request,
    caller: Asking,
    version: Annotated[str, InPath(pattern=REF, description="number or alias", examples=["8"])],
    how: Promotion | None = None,
) -> dict[str, Any]:
    """Make a version the champion, unless its verdict is no: 409 then, but where it is forced with a reason."""
    desk, wanted = desk_of(request, caller), how or Promotion()
    try:
        return desk.promote(version, wanted.reason, force=wanted.force).as_json()
    except NoModelError as error:
        raise HTTPException(404, str(error)) from None


def desk_of(request: Request, caller: Caller) -> Desk:
    """Where versions are switched in the name of a caller.

    Raises: RegistryError where only MLflow could do so.
    """
    state: State = request.app.state.leadloop
    if aliases.short(state.settings) is None:
        raise RegistryError("This registry can only be switched by the command: a server does not import MLflow")
    return Desk(state.settings, state.ledger, caller.actor)
