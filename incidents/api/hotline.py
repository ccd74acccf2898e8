"""The hotline for other systems: the telephone system reports how long callers wait."""

from datetime import datetime, timedelta
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from incidents import clock, hotline
from incidents.api.protocol import ERRORS, Bearer, IdempotencyKey, Input, Moment, Storable, caller, once
from incidents.enums import ApiScope
from incidents.models import Company, HotlineWait
from incidents.models.hotline import LONGEST_WAIT

router = Router(tags=["hotline"])
READ, WRITE = Bearer(ApiScope.INCIDENTS_READ), Bearer(ApiScope.HOTLINE_WRITE)


class WaitingTimeOut(Schema):
    """A measured waiting time, and where it comes from."""

    seconds: int
    measured_at: datetime
    source: str


class ContactOut(Schema):
    """How customers reach the company now; `waiting_time` is null where no fresh figure is known."""

    telephone: str
    email: str
    chat_url: str
    hours: dict[str, str]
    waiting_time: WaitingTimeOut | None


class NewWaitingTime(Input):
    """How long callers wait, measured just now unless `measured_at` says otherwise."""

    seconds: Annotated[int, Field(ge=0, le=int(LONGEST_WAIT.total_seconds()))]
    source: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S"), Storable]
    measured_at: Moment | None = None


@router.get("/hotline", response={200: ContactOut, **ERRORS}, auth=READ, operation_id="read_hotline")
def read_hotline(request: HttpRequest) -> ContactOut:
    """Read the company's contact block with the present waiting time."""
    company = Company.objects.first() or Company()
    figure = hotline.current(company, now=clock.now())
    return ContactOut(
        telephone=company.hotline,
        email=company.contact_email,
        chat_url=company.chat_url,
        hours=company.contact_hours,
        waiting_time=_told(figure) if figure else None,
    )


@router.post(
    "/hotline/waiting-time",
    response={201: WaitingTimeOut, **ERRORS},
    auth=WRITE,
    operation_id="report_waiting_time",
)
def report_waiting_time(request: HttpRequest, key: IdempotencyKey, body: NewWaitingTime) -> HttpResponse:
    """Report how long callers wait. Customers are told the newest figure with its time, while it is fresh."""

    def act() -> Schema:
        now = clock.now()
        figure = hotline.Figure(timedelta(seconds=body.seconds), body.measured_at or now, body.source)
        return _told(hotline.report(figure, by=caller(request), now=now))

    return once(request, key=key, body=body, act=act, status=201)


def _told(figure: HotlineWait) -> WaitingTimeOut:
    return WaitingTimeOut(
        seconds=int(figure.wait.total_seconds()), measured_at=figure.measured_at, source=figure.source
    )
