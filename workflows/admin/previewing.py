"""A message as one chosen customer will see it, served from our own address into a frame that may do nothing."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from incidents.errors import Refusal
from incidents.models import Customer
from notifications import compose
from notifications.enums import ChannelName
from notifications.models import Message
from workflows import audiences

HTML, TEXT, SHORT, PAGE = "html", "text", "short", "page"
WAYS = [(HTML, _("E-mail")), (TEXT, _("E-mail as text")), (SHORT, _("Short text")), (PAGE, _("Public page"))]
CHANNELS = {
    HTML: ChannelName.EMAIL_PERSONAL,
    TEXT: ChannelName.EMAIL_PERSONAL,
    SHORT: ChannelName.SMS,
    PAGE: ChannelName.STATUS_PAGE,
}
POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "frame-ancestors": ["'self'"],
    "sandbox": [],
}
PAGE_OF_TEXT = '<!doctype html><html lang="{}"><meta charset="utf-8"><title>{}</title><body style="{}">{}</body></html>'
STYLE = "font: 15px/1.55 system-ui, sans-serif; margin: 1rem; color: #111; background: #fff; overflow-wrap: anywhere"


def chosen_customer(message: Message, request: HttpRequest) -> Customer | None:
    """Return the customer a person chose by CRM id, if the message is for them."""
    wanted = request.GET.get("customer", "").strip()
    return audiences.people(message).filter(crm_id=wanted).first() if wanted else None


def framed(message: Message, request: HttpRequest) -> HttpResponse:
    """Return the document for the frame, which only a page of our own may show and which may do nothing."""
    response = HttpResponse(_document(message, request))
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    cast(Any, response)._csp_replace = POLICY
    return response


def _document(message: Message, request: HttpRequest) -> str:
    """A text that cannot be rendered says why."""
    way = request.GET.get("way", HTML)
    channel = CHANNELS.get(way, ChannelName.EMAIL_PERSONAL)
    customer = chosen_customer(message, request)
    language = request.GET.get("language") or None
    try:
        shown = compose.preview(message, customer=customer, channel=channel, language=language)
    except Refusal as refusal:
        return _plain("", str(refusal))
    if way == HTML and shown.html:
        return shown.html
    if way == PAGE and shown.html:
        # Made from Markdown and cleaned by notifications.layout: nothing of it is a person's own HTML.
        title = format_html("<h1>{}</h1>{}", shown.subject, mark_safe(shown.html))  # noqa: S308
        return format_html(PAGE_OF_TEXT, language or "", shown.subject, STYLE, title)
    return _plain(shown.subject, shown.text)


def _plain(subject: str, text: str) -> str:
    words = format_html(
        "<h1 style='font-size: 1.1rem'>{}</h1><div style='white-space: pre-wrap'>{}</div>", subject, text
    )
    return format_html(PAGE_OF_TEXT, "", subject, STYLE, words)
