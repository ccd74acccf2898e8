"""The public page: for people as HTML and Atom, for programs in the shape of the widely used status-page API, v2."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from incidents import clock
from incidents.enums import Language
from incidents.models import Company
from notifications import contact, page_words, public_page
from notifications.models import PagePost
from notifications.public_page import MONITORING, RESOLVED, PublicIncident, Reader

PAGE_ID = "crisiscomm"
SECONDS_FRESH = 5

Handler = Callable[..., HttpResponse]


def door(handle: Handler) -> Handler:
    """Choose the reader's language, and let any cache keep the answer for five seconds."""

    @require_safe
    @wraps(handle)
    def view(request: HttpRequest, **kwargs: str) -> HttpResponse:
        reader = _reader(request)
        response = handle(request, reader, **kwargs)
        response["Content-Language"] = page_words.TAGS[reader.language]
        response["ETag"] = '"' + hashlib.sha256(response.content).hexdigest()[:32] + '"'
        response["Cache-Control"] = f"public, max-age={SECONDS_FRESH}"
        patch_vary_headers(response, ["Accept-Language"])
        answer = get_conditional_response(request, etag=response["ETag"], response=response)
        return answer if isinstance(answer, HttpResponse) else response

    return view


@door
def index(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show the live incidents and those of the last three months."""
    found = public_page.recent(now=clock.now())
    context = {
        "indicator": public_page.worst(found),
        "live": [_shown(one, reader) for one in found if one.is_live],
        "history": [_shown(one, reader) for one in found if not one.is_live],
    }
    return _page("status/index.html", reader, context)


@door
def incident(request: HttpRequest, reader: Reader, reference: str) -> HttpResponse:
    """Show what was published about one incident, newest first."""
    found = public_page.find(reference)
    if found is None:
        raise Http404
    return _page("status/incident.html", reader, {"incident": _shown(found, reader)})


@door
def feed(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Offer every notice of the shown incidents as an Atom feed."""
    name = reader.company_name
    title = f"{page_words.words(reader.language)['status_of']}: {name}"
    atom = Atom1Feed(title=title, link=_url(), description=title, language=reader.language, feed_url=_url("feed.atom"))
    found = public_page.recent(now=clock.now())
    posts = [(post, one) for one in found for post in one.posts]
    for post, one in sorted(posts, key=lambda pair: pair[0].published_at, reverse=True):
        words = _words_of(post, reader)
        address = _url(f"{one.reference}/")
        atom.add_item(
            title=words["title"],
            link=f"{address}#post-{post.pk}",
            description=words["text"],
            unique_id=f"{address}#post-{post.pk}",
            pubdate=post.published_at,
            updateddate=post.superseded_at or post.published_at,
            author_name=name,
        )
    return HttpResponse(atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@door
def status_json(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Say how it is in one word."""
    found = public_page.recent(now=clock.now())
    return _json({"page": _page_json(found, reader), "status": _status_json(found, reader)})


@door
def summary_json(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Say how it is, with what is going on."""
    found = public_page.recent(now=clock.now())
    return _json(
        {
            "page": _page_json(found, reader),
            "status": _status_json(found, reader),
            "components": [],
            "incidents": [_incident_json(one, reader) for one in found if one.is_live],
            "scheduled_maintenances": [],
        }
    )


@door
def incidents_json(request: HttpRequest, reader: Reader) -> HttpResponse:
    """List the latest incidents, live and past."""
    found = public_page.recent(now=clock.now())
    return _json({"page": _page_json(found, reader), "incidents": [_incident_json(one, reader) for one in found]})


@door
def unresolved_json(request: HttpRequest, reader: Reader) -> HttpResponse:
    """List the live incidents."""
    found = public_page.recent(now=clock.now())
    live = [_incident_json(one, reader) for one in found if one.is_live]
    return _json({"page": _page_json(found, reader), "incidents": live})


def _reader(request: HttpRequest) -> Reader:
    company = Company.objects.first() or Company()
    asked = request.GET.get("lang", "")
    if page_words.is_known(asked):
        language = page_words.language_of(asked)
    else:
        language = page_words.preferred(request.headers, fallback=company.fallback_language)
    return Reader(language, company.fallback_language, company.time_zone, company.name)


def _page(template: str, reader: Reader, context: dict[str, Any]) -> HttpResponse:
    company = Company.objects.first() or Company()
    reached = contact.block(company, language=reader.language, time_zone=reader.time_zone, now=clock.now())
    shared = {
        "words": page_words.words(reader.language),
        "lang": page_words.TAGS[reader.language],
        "language": reader.language,
        "languages": [(code, page_words.TAGS[code], page_words.NAMES[code]) for code in Language],
        "company": {**reached, "name": reader.company_name},
    }
    return HttpResponse(render_to_string(template, shared | context))


def _shown(incident: PublicIncident, reader: Reader) -> dict[str, Any]:
    newest, words = incident.newest, page_words.words(reader.language)
    return {
        "reference": incident.reference,
        "title": reader.choose(newest.incident_title) or _words_of(newest, reader)["title"],
        "status": newest.status,
        "status_name": words.get(f"status_{newest.status}", newest.status),
        "next_update": reader.moment(newest.next_update_at) if newest.next_update_at and incident.is_live else "",
        "updated": reader.moment(incident.updated_at),
        "merged_into": incident.merged_into,
        "merged": words["merged_into"].format(reference=incident.merged_into),
        "newest": _post(newest, reader),
        "posts": [_post(post, reader) for post in incident.posts],
    }


def _post(post: PagePost, reader: Reader) -> dict[str, Any]:
    words = page_words.words(reader.language)
    return {
        "id": post.pk,
        **_words_of(post, reader),
        "status_name": words.get(f"status_{post.status}", post.status),
        "published": reader.moment(post.published_at),
        "corrected": reader.moment(post.superseded_at) if post.superseded_at else "",
    }


def _words_of(post: PagePost, reader: Reader) -> dict[str, str]:
    order = [reader.language, reader.fallback, *post.texts]
    spoken = next((code for code in order if code in post.texts), reader.language)
    texts = post.texts.get(spoken, {})
    return {
        "lang": page_words.TAGS[page_words.language_of(spoken)],
        **{part: texts.get(part, "") for part in ("title", "html", "text")},
    }


def _page_json(incidents: list[PublicIncident], reader: Reader) -> dict[str, Any]:
    changed = max((one.updated_at for one in incidents), default=None)
    return {
        "id": PAGE_ID,
        "name": reader.company_name,
        "url": _url(),
        "time_zone": reader.time_zone,
        "updated_at": _iso(changed),
    }


def _status_json(incidents: list[PublicIncident], reader: Reader) -> dict[str, str]:
    indicator = public_page.worst(incidents)
    return {"indicator": indicator, "description": page_words.words(reader.language)[f"indicator_{indicator}"]}


def _incident_json(incident: PublicIncident, reader: Reader) -> dict[str, Any]:
    newest = incident.newest
    return {
        "id": incident.reference,
        "name": reader.choose(newest.incident_title) or _words_of(newest, reader)["title"],
        "status": newest.status,
        "created_at": _iso(incident.started_at),
        "updated_at": _iso(incident.updated_at),
        "started_at": _iso(incident.started_at),
        "monitoring_at": _iso(incident.since(MONITORING)),
        "resolved_at": None if incident.is_live else _iso(incident.since(RESOLVED)),
        "impact": newest.impact,
        "shortlink": _url(f"{incident.reference}/"),
        **({"merged_into": incident.merged_into} if incident.merged_into else {}),
        "page_id": PAGE_ID,
        "incident_updates": [_update_json(post, incident.reference, reader) for post in incident.posts],
        "components": [],
    }


def _update_json(post: PagePost, reference: str, reader: Reader) -> dict[str, Any]:
    return {
        "id": str(post.pk),
        "status": post.status,
        "body": _words_of(post, reader)["text"],
        "incident_id": reference,
        "created_at": _iso(post.published_at),
        "updated_at": _iso(post.superseded_at or post.published_at),
        "display_at": _iso(post.published_at),
        "affected_components": [],
        "corrected_at": _iso(post.superseded_at),
    }


def _json(body: dict[str, Any]) -> JsonResponse:
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    # What everybody may read, every page may fetch.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _url(rest: str = "") -> str:
    return f"{settings.PUBLIC_BASE_URL}{reverse('status')}{rest}"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
