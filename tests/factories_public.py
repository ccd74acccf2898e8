"""Plain builders of what customers see: released messages, deliveries with their links, published notices."""

from datetime import datetime
from typing import Any

from incidents.enums import Role
from incidents.models import Customer, Impact, Incident, TeamAssignment
from notifications import tokens
from notifications.enums import ChannelName, DeliveryStatus
from notifications.models import Approval, ApprovalRequirement, Delivery, Message, PagePost
from notifications.tokens import Purpose
from tests import factories_incidents as incidents
from tests import factories_messages as messages

NOW = messages.NOW
LANGUAGES = ("en", "zh", "ru")
TITLES = {"en": "Late bearings", "zh": "轴承延迟交付", "ru": "Задержка подшипников"}
OPENINGS = {
    "en": "We are sorry: {{ customer.affected_items }} will be late.",
    "zh": "非常抱歉，您的{{ customer.affected_items }}将延迟交付。",
    "ru": "Приносим извинения: {{ customer.affected_items }} задерживается.",
}


def released(incident: Incident, *, at: datetime = NOW, **fields: Any) -> Message:
    """Return a message in three languages, approved by a second person and released."""
    spec = {
        "texts": {language: messages.text(opening=OPENINGS[language]) for language in LANGUAGES},
        "values": {language: messages.values(incident__title=TITLES[language]) for language in LANGUAGES},
        **fields,
    }
    message = messages.message(incident, **spec)
    assert message.current is not None
    role = Role.COMMUNICATIONS_LEAD
    approver = incidents.person("approver")
    TeamAssignment.objects.get_or_create(incident=incident, role=role, defaults={"user": approver})
    ApprovalRequirement.objects.create(revision=message.current, any_of=[role])
    message.submit()
    message.save()
    Approval.objects.create(
        revision=message.current, sha256=message.current.sha256, role=role, approver=approver, approved_at=at
    )
    for step in (message.approve, message.release):
        step()
        message.save()
    Message.objects.filter(pk=message.pk).update(released_at=at)
    message.refresh_from_db(fields=["released_at"])
    return message


def delivery(message: Message, customer: Customer, *, tier: int = 1, **fields: Any) -> Delivery:
    """Return what one customer was sent; it was accepted."""
    Impact.objects.get_or_create(
        incident=message.incident, customer=customer, defaults={"computed_tier": tier, "affected_items": "order 7"}
    )
    defaults = {
        "revision": message.current,
        "incident": message.incident,
        "channel": ChannelName.EMAIL_PERSONAL,
        "tier": tier,
        "language": customer.language,
        "time_zone": customer.time_zone,
        "address": f"{customer.crm_id.lower()}@customer.example",
        "personal": personal(customer),
        "status": DeliveryStatus.ACCEPTED,
        "next_attempt_at": NOW,
        "created_at": NOW,
        "accepted_at": NOW,
    }
    return Delivery.objects.create(message=message, customer=customer, **{**defaults, **fields})


def personal(customer: Customer) -> dict[str, str]:
    """Return one customer's own values."""
    return {
        "customer.salutation": customer.salutation or f"Dear {customer.name}",
        "customer.affected_items": "order 7",
        "contact.person_name": "Ada Brandt",
        "commitment.status_summary": "-",
        "commitment.open_summary": "-",
    }


def page_path(delivery: Delivery) -> str:
    """Return the path of the customer's own page."""
    return f"/c/{tokens.sign(Purpose.PAGE, delivery.reference)}/"


def unsubscribe_path(delivery: Delivery) -> str:
    """Return the path that takes the customer off the updates."""
    return f"/unsubscribe/{tokens.sign(Purpose.UNSUBSCRIBE, delivery.reference)}/"


def post(message: Message, **fields: Any) -> PagePost:
    """Return a notice published in three languages."""
    defaults = {
        "kind": message.kind,
        "incident_title": TITLES,
        "texts": {
            language: {
                "title": TITLES[language],
                "html": f"<p>Notice in {language}</p>",
                "text": f"Notice in {language}",
            }
            for language in LANGUAGES
        },
        "status": "investigating",
        "impact": "major",
        "published_at": NOW,
    }
    return PagePost.objects.create(incident=message.incident, message=message, **{**defaults, **fields})


def customer(crm_id: str = "C-1", *, language: str = "en", **fields: Any) -> Customer:
    """Return a customer who reads this language."""
    zones = {"en": "Europe/London", "zh": "Asia/Shanghai", "ru": "Europe/Moscow"}
    return incidents.customer(crm_id, language=language, **{"time_zone": zones[language], **fields})
