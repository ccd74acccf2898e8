"""How the interface speaks: who may call, what errors and pages look like, and which text fits the database."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from ninja import Header, Path, Query, Schema
from ninja.errors import HttpError
from ninja.security import HttpBearer
from pydantic import AfterValidator, AwareDatetime, ConfigDict, StringConstraints

from incidents import api_tokens, clock, embargo
from incidents.enums import ApiScope
from incidents.models import ApiToken, Incident, User

M = TypeVar("M", bound=Model)
LARGEST_ID = 2**63 - 1


class Problem(Schema):
    """Why a request was not carried out, in a sentence; `fields` names what does not fit."""

    error: str
    fields: list[str] | None = None


class Input(Schema):
    """What a caller sends; a field we do not know is refused rather than silently dropped."""

    model_config = ConfigDict(extra="forbid")


ERRORS: dict[int, type[Problem]] = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)


def _storable(value: Any) -> Any:
    text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds characters that are no text")
    return value


def _in_utc(moment: datetime) -> datetime:
    # A zone no place on earth has, such as +20:26, is a zone the database does not know.
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside of time") from None


Storable = AfterValidator(_storable)
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Storable]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60), Storable]
Place = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000), Storable]
REFERENCE = re.compile(r"^INC-[0-9]{4}-[0-9]{4,}$")
Reference = Annotated[str, Path(pattern=REFERENCE.pattern, max_length=20)]
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
Before = Annotated[int, Query(ge=1, le=LARGEST_ID, description="`next_before` of the page before this one.")]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]+$",
        max_length=200,
        description="Sent again with the same body, the first answer is given and nothing is done.",
    ),
]


class Bearer(HttpBearer):
    """A token made by `create_api_token`, in the header `Authorization: Bearer …`, with the scope of the operation."""

    def __init__(self, scope: ApiScope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Return the token, None where it is no good (401), or refuse what it does not cover (403)."""
        found = api_tokens.find(token, address=_address(request), now=clock.now())
        if found is not None and self.scope not in found.scopes:
            raise HttpError(403, f"This token does not have the scope {self.scope}.")
        if found is not None:
            _refuse_embargoed(request, found.user)
        return found


def _refuse_embargoed(request: HttpRequest, user: User) -> None:
    """Know nothing of an incident that is kept from this person, whatever operation names it in its address.

    One that does not exist is refused at the same place, so that no other complaint tells the two apart.
    """
    match = request.resolver_match
    reference = match.kwargs.get("reference") if match else None
    if reference is None or not REFERENCE.fullmatch(reference):
        return
    incident = embargo.visible(Incident.objects.filter(reference=reference), to=user).first()
    if incident is None:
        raise Http404
    embargo.note_sight(incident, by=user, now=clock.now())


def _address(request: HttpRequest) -> str:
    """Return where a request comes from; an unknown place is in no network."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""


def token_of(request: HttpRequest) -> ApiToken:
    """Return the token a request came with."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    return token


def caller(request: HttpRequest) -> User:
    """Return the member of staff a request acts as."""
    return token_of(request).user


def refuse_without(request: HttpRequest, permission: str) -> None:
    """Refuse what the person behind the token may not do in the admin either (403)."""
    if not caller(request).has_perm(permission):
        raise HttpError(403, f"The person behind this token does not have the right {permission}.")


def visible(rows: QuerySet[M], request: HttpRequest) -> QuerySet[M]:
    """Return the rows the caller may see; every list and every address by number begins here."""
    return embargo.visible(rows, to=caller(request))


def incident_of(reference: str) -> Incident:
    """Return an incident; an unknown one is a 404."""
    return get_object_or_404(Incident, reference=reference)


def page(rows: QuerySet[M], *, before: int, limit: int) -> dict[str, Any]:
    """Return one page, newest first, and where the next one begins; the cost does not grow with the depth."""
    found = list(rows.filter(pk__lt=before).order_by("-pk")[: limit + 1])
    return {"items": found[:limit], "next_before": found[limit - 1].pk if len(found) > limit else None}


def once(request: HttpRequest, *, key: str, body: Input, act: Callable[[], Schema], status: int = 200) -> HttpResponse:
    """Carry a POST out once for its Idempotency-Key; a repetition is answered with the same bytes."""
    answer = api_tokens.once(
        token_of(request),
        key=key,
        request={"path": request.path, "body": body.model_dump(mode="json")},
        now=clock.now(),
        act=lambda: act().model_dump(mode="json"),
    )
    return JsonResponse(answer, status=status)
