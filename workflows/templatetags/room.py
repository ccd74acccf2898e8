"""What the templates of the admin ask for: the doors of a row that are open to the reader, and words and times."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import template
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from unfold.enums import ActionVariant

from incidents.enums import Role
from incidents.models import Incident
from incidents.phases import Phase
from notifications.enums import ChannelName, MessageKind
from notifications.models import Message
from workflows import figures, scope
from workflows.enums import Party
from workflows.gates import element_name, in_reader_language, word_of

# The admin's own pages cannot be imported here: templates are set up while they are still being loaded.
NOT_SET = "–"
_KEPT_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
register = template.Library()
register.filter("element_name", element_name)


@register.simple_tag
def scope_warning(of: Incident | Message) -> str:
    """Say both figures where the number of affected customers does not fit the list."""
    return scope.warning_for(of) if isinstance(of, Message) else scope.warning(of)


@register.inclusion_tag("admin/room/doors.html", takes_context=True)
def doors(context: Any, subject: Model, names: str, **given: Any) -> dict[str, Any]:
    """Draw a button for each named door of a row that is open to the reader; `given` fills its form in."""
    request, page = context["request"], admin.site.get_model_admin(type(subject))
    place = f"{page.admin_site.name}:{page.opts.app_label}_{page.opts.model_name}"
    query = urlencode({"next": context.get("here") or request.get_full_path(), **given})
    buttons = []
    for name in names.split():
        door = getattr(type(page), name).door
        if door.is_open_to(request) and door.applies_to(subject, by=request.user):
            link = f"{reverse(f'{place}_{name}', args=[subject.pk])}?{query}"
            variant = _one_primary(request, door.variant)
            buttons.append({"title": door.title, "icon": door.icon, "link": link, "variant": variant})
    return {"buttons": buttons}


def _one_primary(request: Any, variant: ActionVariant) -> str:
    """Only the first primary button of a page is drawn as one: two next steps are none."""
    if variant == ActionVariant.PRIMARY and getattr(request, "has_primary_door", False):
        return str(ActionVariant.DEFAULT.value)
    request.has_primary_door = getattr(request, "has_primary_door", False) or variant == ActionVariant.PRIMARY
    return str(variant.value)


@register.filter
def worded(texts: Any) -> str:
    """Return the text in the reader's language; anything that is not a set of texts as it is."""
    if not isinstance(texts, Mapping):
        return str(texts)
    return in_reader_language({str(key): str(value) for key, value in texts.items()})


@register.filter
def role(name: str) -> str:
    """Return the name of a role."""
    return str(Role(name).label) if name in Role.values else name


@register.filter
def phase_name(name: str) -> str:
    """Return the name of a phase."""
    return str(Phase(name).label) if name in Phase.values else name


@register.filter
def step_name(name: str) -> str:
    """Return the name of a step of a call."""
    return _call_steps().get(name, name)


@register.filter
def kind_name(kind: str) -> str:
    """Return the name of a kind of text; what is no message has its own words."""
    others = {**dict(Party.choices), "no_change": gettext("No change")}
    named = {**dict(MessageKind.choices), **others}
    shared = word_of("message_kinds", kind)
    return str(named.get(kind) or named.get(kind.removeprefix("party_")) or shared or kind.replace("_", " "))


def _call_steps() -> dict[str, str]:
    return {
        "setting": gettext("Begin the call"),
        "perception": gettext("Hear what they know"),
        "invitation": gettext("Ask how much they want to hear"),
        "knowledge": gettext("Say what happened"),
        "emotion": gettext("Take up how they feel"),
        "strategy": gettext("Offer the ways out"),
        "summary": gettext("Sum up what was agreed"),
    }


@register.filter
def channels(names: list[str]) -> str:
    """Return channels by name, in order."""
    return ", ".join(str(ChannelName(name).label) if name in ChannelName.values else name for name in names)


@register.simple_tag
def way_name(name: str) -> str:
    """Return the name of one channel."""
    return channels([name])


@register.filter
def told(moment: datetime | None) -> str:
    """Return a time in the reader's zone and language."""
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else NOT_SET


@register.filter
def as_read(value: Any) -> str:
    """Return a value of a fact sheet as people read it: a kept time in words, a list in one line."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return parsed(value) if isinstance(value, str) and _KEPT_TIME.match(value) else str(value)


@register.filter
def parsed(moment: str) -> str:
    """Return a time that is kept as ISO 8601 text."""
    return told(datetime.fromisoformat(moment)) if moment else NOT_SET


@register.filter
def length_of(interval: timedelta | None) -> str:
    """Return a length of time in words."""
    return figures.length(interval.total_seconds()) if interval else NOT_SET


@register.simple_tag
def due(moment: datetime | None, now: datetime) -> SafeString:
    """Return when something is due, late ones in colour."""
    if moment is None or moment >= now:
        return format_html("{}", told(moment))
    return format_html('<span class="cc-late">{} <strong>{}</strong></span>', told(moment), gettext("late"))
