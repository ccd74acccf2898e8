"""Addresses that programs of staff reach without a log-in: their calendars."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from incidents import clock
from workflows import calendars


def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Serve a person's open contacts to their calendar program."""
    owner = calendars.owner_of(secret)
    if owner is None:
        raise Http404
    answer = HttpResponse(calendars.feed(owner, now=clock.now()), content_type="text/calendar")
    answer["Cache-Control"] = "private, max-age=300"
    return answer


urlpatterns: list[URLPattern] = [path("calendar/<str:secret>.ics", calendar_feed, name="calendar-feed")]
