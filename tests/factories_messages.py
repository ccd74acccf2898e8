"""Plain builders of messages: texts, drafts and a company that speaks."""

from datetime import UTC, datetime
from typing import Any

from incidents.models import Company, Incident, User
from notifications import compose
from notifications.compose import DraftSpec
from notifications.enums import MessageKind
from notifications.models import Message
from tests import factories_incidents as incidents

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NEXT = "2026-11-22T13:00:00+00:00"


def company(**fields: Any) -> Company:
    """Return the one company, able to speak English, Chinese and Russian."""
    defaults = {
        "name": {"en": "Northwind Bearings", "zh": "北风轴承", "ru": "Северный подшипник"},
        "languages": ["en", "zh", "ru"],
        "team_name": {"en": "Customer desk", "zh": "客户服务组", "ru": "Служба клиентов"},
        "sender_address": "updates@northwind.example",
        "reply_address": "answers@northwind.example",
        "time_zone": "Europe/Berlin",
    }
    return Company.objects.update_or_create(pk=1, defaults={**defaults, **fields})[0]


def text(**elements: str) -> dict[str, Any]:
    """Return one language's text; every element can be replaced."""
    defaults = {
        "greeting": "{{ customer.salutation }},",
        "opening": "Affected at your side: {{ customer.affected_items }}.",
        "cause": "The cause is {{ incident.cause }}.",
        "solution": "We are replacing the part.{% if incident.eta %} Ready by {{ incident.eta }}.{% endif %}",
        "commitment": "Next update by {{ update.next_due_at }}.",
        "contact": "{{ contact.person_name }}, {{ contact.hotline }}",
        "closing": "{{ company.name }}",
    }
    chosen = {**defaults, **elements}
    subject = chosen.pop("subject", "{{ incident.title }} ({{ incident.reference }})")
    short = chosen.pop(
        "short_text", "{{ incident.title }}. Next update {{ update.next_due_at }}. {{ contact.hotline }}"
    )
    sections = [{"element": element, "text": words} for element, words in chosen.items()]
    return {"subject": subject, "sections": sections, "short_text": short}


def values(**overrides: str) -> dict[str, str]:
    """Return the values of one language; names are written with two underscores for the dot."""
    defaults = {
        "incident.title": "Late bearings",
        "incident.cause": "a worn die",
        "incident.scope": "all orders of November",
        "contact.hotline": "0800 555 0100",
        "contact.portal_url": "https://status.northwind.example/",
        "company.name": "Northwind Bearings",
    }
    return {**defaults, **{name.replace("__", "."): value for name, value in overrides.items()}}


def spec(**fields: Any) -> DraftSpec:
    """Return what a progress update in English to tiers 1 and 3 says."""
    defaults: dict[str, Any] = {
        "kind": MessageKind.PROGRESS_UPDATE,
        "audience": {"tiers": [1, 3]},
        "channels": {"1": ["email_personal"], "3": ["email_bulk", "status_page"]},
        "promises": {"1": {"next_update_at": NEXT}, "3": {"next_update_at": "2026-11-23T09:00:00+00:00"}},
        "texts": {"en": text()},
        "values": {"en": values()},
    }
    return DraftSpec(**{**defaults, **fields})


def message(incident: Incident | None = None, *, by: User | None = None, **fields: Any) -> Message:
    """Return a drafted message; `by` defaults to the writer `wen`."""
    author = by or incidents.person("wen")
    return compose.draft(incident or incidents.reported(), spec=spec(**fields), by=author, now=NOW)
