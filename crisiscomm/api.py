"""The API for other systems, assembled from the routers of the apps."""

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from incidents import api as incidents
from incidents.errors import Refusal
from notifications.api import router as messages
from workflows import api as workflows

api = NinjaAPI(
    title="CrisisComm",
    version="1",
    urls_namespace="api-v1",
    description="Other systems may report, propose facts and pass feedback on. People approve and release.",
)
api.add_router("/incidents", incidents.incidents)
api.add_router("/incidents", incidents.facts)
api.add_router("/incidents", messages)
api.add_router("/incidents", workflows.gates)
api.add_router("/incidents", workflows.telling)
api.add_router("/incidents", workflows.clocks)
api.add_router("/incidents", workflows.claims)
api.add_router("", workflows.hold_list)
api.add_router("/incidents", workflows.plan)
api.add_router("/incidents", workflows.capacity)
api.add_router("", incidents.audience)
api.add_router("", incidents.feedback)
api.add_router("", incidents.chats)
api.add_router("", incidents.hotline)
api.add_router("", incidents.signals)
api.add_router("", incidents.duties)
api.add_router("", workflows.declarations)
api.add_router("", workflows.desk)
api.add_router("", workflows.rhythm)
api.add_router("", workflows.sheets)
api.add_router("", incidents.review)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Tell the sentence a person would be shown."""
    return api.create_response(request, {"error": str(refusal)}, status=409)


@api.exception_handler(AuthenticationError)
def not_recognised(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Say the same to a missing, unknown, expired and misplaced token."""
    sentence = "Send a valid token in the header “Authorization: Bearer …”."
    response = api.create_response(request, {"error": sentence}, status=401)
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(HttpError)
def failed(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Tell what ninja found wrong with the request itself."""
    return api.create_response(request, {"error": str(error)}, status=error.status_code)


@api.exception_handler(Http404)
def absent(request: HttpRequest, error: Http404) -> HttpResponse:
    """Say that there is no such thing."""
    return api.create_response(request, {"error": "Not found."}, status=404)


@api.exception_handler(ValidationError)
def unfit(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name every field that does not fit, and why; what was sent is not repeated."""
    fields = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors]
    return api.create_response(request, {"error": "The request does not fit.", "fields": fields}, status=422)
