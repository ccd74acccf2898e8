"""Signals for other systems: post what was noticed, and read what came in."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from incidents import clock, radar
from incidents.api.protocol import (
    ERRORS,
    LARGEST_ID,
    Bearer,
    Before,
    IdempotencyKey,
    Input,
    Limit,
    Storable,
    Word,
    caller,
    once,
    page,
    visible,
)
from incidents.enums import ApiScope, SignalKind
from incidents.models import Signal

router = Router(tags=["signals"])
READ, WRITE = Bearer(ApiScope.INCIDENTS_READ), Bearer(ApiScope.SIGNALS_WRITE)


class SignalOut(Schema):
    """A signal, and the incident it belongs to, if any."""

    id: int
    kind: SignalKind
    source: str
    keyword: str
    count: int
    text: str
    received_at: datetime
    incident: str | None

    @staticmethod
    def resolve_incident(signal: Signal) -> str | None:
        """Name the incident by its reference."""
        return signal.incident.reference if signal.incident else None


class SignalPage(Schema):
    """Some signals, newest first."""

    items: list[SignalOut]
    next_before: int | None


class NewSignal(Input):
    """What was noticed: how many of which kind by which source; no personal data belongs in the text."""

    kind: SignalKind
    source: Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S"), Storable]
    count: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    keyword: Word = ""
    text: Annotated[str, Field(max_length=5000), Storable] = ""


@router.get("/signals", response={200: SignalPage, **ERRORS}, auth=READ, operation_id="list_signals")
def list_signals(request: HttpRequest, limit: Limit = 50, before: Before = LARGEST_ID) -> dict[str, Any]:
    """List what was noticed, newest first."""
    return page(visible(Signal.objects.select_related("incident"), request), before=before, limit=limit)


@router.post("/signals", response={201: SignalOut, **ERRORS}, auth=WRITE, operation_id="post_signal")
def post_signal(request: HttpRequest, key: IdempotencyKey, body: NewSignal) -> HttpResponse:
    """Post a signal. From a threshold on it becomes a report that people judge; it declares nothing."""

    def act() -> Schema:
        observation = radar.Observation(**body.model_dump())
        signal = radar.receive(observation, by=caller(request), now=clock.now())
        told = SignalOut.from_orm(signal)
        # What it belongs to may be kept from who noticed it.
        return told if visible(Signal.objects.filter(pk=signal.pk), request).exists() else _alone(told)

    return once(request, key=key, body=body, act=act, status=201)


def _alone(told: SignalOut) -> SignalOut:
    return told.model_copy(update={"incident": None})
