"""Facts for other systems: read the fact sheet, propose a value."""

from datetime import datetime
from typing import Annotated, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema

from incidents import clock, estimates, facts, responsibility, withholding
from incidents.api.protocol import ERRORS, Bearer, Input, Line, Moment, Prose, Reference, caller, incident_of
from incidents.enums import ApiScope, Confidence, FactStatus, Language, Role, Sensitivity, WithholdingReason
from incidents.models import Fact, FactVersion, Withholding

router = Router(tags=["facts"])
READ, WRITE = Bearer(ApiScope.INCIDENTS_READ), Bearer(ApiScope.FACTS_WRITE)
TRANSLATE = Bearer(ApiScope.TRANSLATIONS_WRITE)
Key = Annotated[str, Path(pattern=r"^[a-z0-9_.]+$", max_length=80)]
Value = bool | int | float | str | list[str] | None


class FactOut(Schema):
    """One line of the fact sheet; a value that reads the same in every language stands under the empty key."""

    key: str
    type: str
    value: dict[str, Value]
    status: FactStatus
    source: str
    is_publishable: bool
    is_answered: bool
    affects_customer: bool
    stale_languages: list[str]
    version: int
    updated_at: datetime | None


class NewFact(Input):
    """A new value: texts per language, or one shared value under the empty key; and where it comes from."""

    value: dict[Literal["", "en", "zh", "ru"], bool | int | float | Prose | list[Line]]
    status: Literal["unknown", "reported", "estimated", "verified", "retracted"]
    source: Line
    is_news: bool = False


class FactVersionOut(Schema):
    """A value the fact had."""

    version: int
    value: dict[str, Value]
    status: FactStatus
    source: str
    is_news: bool
    at: datetime


class EstimateOut(Schema):
    """When it was expected to be over, and how sure the team was; null where there was no estimate any more."""

    expected_at: datetime | None
    confidence: str
    source: str
    at: datetime


class NewEstimate(Input):
    """A new estimate; `is_news` says that the one before it was right when it was told."""

    expected_at: Moment
    confidence: Confidence
    source: Line
    is_news: bool = False


class NewTranslation(Input):
    """One language of a fact."""

    text: Prose


class NewWithholding(Input):
    """Why a fact should be kept from customers, and when that is looked at again."""

    reason: WithholdingReason
    explanation: Prose
    review_at: Moment


class WithholdingOut(Schema):
    """A withheld fact; it is told until `approved_at` is set."""

    key: str
    reason: WithholdingReason
    review_at: datetime
    asked_at: datetime
    approved_at: datetime | None

    @staticmethod
    def resolve_key(one: Withholding) -> str:
        """Name the fact."""
        return one.fact.key


class StampOut(Schema):
    """What one of the two roles said of responsibility; null: no word yet."""

    role: Role
    outcome: str | None
    at: datetime | None


class ResponsibilityOut(Schema):
    """Whether texts admit responsibility, and who said what."""

    is_accepted: bool
    stamps: list[StampOut]


@router.get("/{reference}/facts", response={200: list[FactOut], **ERRORS}, auth=READ, operation_id="list_facts")
def list_facts(request: HttpRequest, reference: Reference) -> QuerySet[Fact]:
    """List the facts of an incident; restricted ones stay inside."""
    rows = incident_of(reference).facts.exclude(sensitivity=Sensitivity.RESTRICTED)
    return rows.order_by("position", "key")


@router.put("/{reference}/facts/{key}", response={200: FactOut, **ERRORS}, auth=WRITE, operation_id="put_fact")
def put_fact(request: HttpRequest, reference: Reference, key: Key, body: NewFact) -> Fact:
    """Propose the value of one fact. It reaches customers only after a person confirmed the fact sheet."""
    change = facts.FactChange(
        key=key,
        value={str(language): value for language, value in body.value.items()},
        status=FactStatus(body.status),
        source=body.source,
        is_news=body.is_news,
    )
    return facts.put(incident_of(reference), change=change, by=caller(request), now=clock.now())


@router.get(
    "/{reference}/facts/{key}/history",
    response={200: list[FactVersionOut], **ERRORS},
    auth=READ,
    operation_id="list_fact_versions",
)
def list_fact_versions(request: HttpRequest, reference: Reference, key: Key) -> QuerySet[FactVersion]:
    """List every value a fact had, newest first."""
    fact = _open_fact(reference, key)
    return fact.versions.order_by("-version")


@router.put(
    "/{reference}/facts/{key}/texts/{language}",
    response={200: FactOut, **ERRORS},
    auth=TRANSLATE,
    operation_id="translate_fact",
)
def translate_fact(
    request: HttpRequest, reference: Reference, key: Key, language: Language, body: NewTranslation
) -> Fact:
    """Write one language of a fact; the others stay."""
    fact = _open_fact(reference, key)
    return facts.translate(fact, language=language, text=body.text, by=caller(request), now=clock.now())


@router.get(
    "/{reference}/estimates", response={200: list[EstimateOut], **ERRORS}, auth=READ, operation_id="list_estimates"
)
def list_estimates(request: HttpRequest, reference: Reference) -> list[estimates.Estimated]:
    """List every estimate of the end there was, newest first."""
    return estimates.history(incident_of(reference))


@router.put(
    "/{reference}/estimate", response={200: list[EstimateOut], **ERRORS}, auth=WRITE, operation_id="put_estimate"
)
def put_estimate(request: HttpRequest, reference: Reference, body: NewEstimate) -> list[estimates.Estimated]:
    """Propose time and confidence together. Customers hear of it after a person confirmed the fact sheet."""
    incident = incident_of(reference)
    estimates.put(incident, estimate=estimates.Estimate(**body.model_dump()), by=caller(request), now=clock.now())
    return estimates.history(incident)


@router.get(
    "/{reference}/withheld", response={200: list[WithholdingOut], **ERRORS}, auth=READ, operation_id="list_withheld"
)
def list_withheld(request: HttpRequest, reference: Reference) -> QuerySet[Withholding]:
    """List what is kept from customers, or asked to be; restricted facts stay inside."""
    rows = Withholding.objects.filter(fact__incident=incident_of(reference), lifted_at=None).select_related("fact")
    return rows.exclude(fact__sensitivity=Sensitivity.RESTRICTED).order_by("review_at")


@router.put(
    "/{reference}/facts/{key}/withholding",
    response={200: WithholdingOut, **ERRORS},
    auth=WRITE,
    operation_id="ask_to_withhold",
)
def ask_to_withhold(request: HttpRequest, reference: Reference, key: Key, body: NewWithholding) -> Withholding:
    """Ask that a fact be kept from customers. Another person approves it; what affects customers is never withheld."""
    fact = _open_fact(reference, key)
    return withholding.ask(fact, **body.model_dump(), by=caller(request), now=clock.now())


@router.get(
    "/{reference}/responsibility",
    response={200: ResponsibilityOut, **ERRORS},
    auth=READ,
    operation_id="read_responsibility",
)
def read_responsibility(request: HttpRequest, reference: Reference) -> ResponsibilityOut:
    """Read whether responsibility is accepted. Two people decide it, never a machine."""
    incident = incident_of(reference)
    given = responsibility.stamps(incident).items()
    stamps = [
        StampOut(role=role, outcome=stamp.outcome if stamp else None, at=stamp.at if stamp else None)
        for role, stamp in given
    ]
    return ResponsibilityOut(is_accepted=incident.responsibility_accepted, stamps=stamps)


def _open_fact(reference: str, key: str) -> Fact:
    rows = Fact.objects.exclude(sensitivity=Sensitivity.RESTRICTED).select_related("incident")
    return get_object_or_404(rows, incident=incident_of(reference), key=key)
