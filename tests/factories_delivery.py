"""Released messages with their approvals, and customers in bulk, for tests of the carrying side."""

import itertools
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from incidents.enums import ContactKind, Role
from incidents.models import Company, ContactPoint, Customer, Impact, Incident, TeamAssignment, User
from notifications.enums import MessageKind
from notifications.models import Approval, ApprovalRequirement, Message, MessageRevision

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)

TEXTS: dict[str, Any] = {
    "en": {
        "subject": "Deliveries are late ({{ incident.reference }})",
        "sections": [
            {"element": "salutation", "text": "{{ customer.salutation }},"},
            {
                "element": "what",
                "text": "{{ customer.affected_items }}. Open: {{ commitment.open_summary }}.",
            },
            {"element": "contact", "text": "Ask {{ contact.person_name }}, {{ contact.hotline }}."},
        ],
        "short_text": "",
    },
    "zh": {
        "subject": "交付延迟（{{ incident.reference }}）",
        "sections": [{"element": "what", "text": "{{ customer.salutation }}：{{ customer.affected_items }}受影响。"}],
        "short_text": "",
    },
}
VALUES = {
    "": {"incident.reference": "INC-2026-0001", "contact.hotline": "+49 30 23125000"},
    "en": {"incident.scope": "all open orders", "incident.title": "Late deliveries"},
    "zh": {"incident.scope": "全部未完成订单", "incident.title": "交付延迟"},
}


def make_company(**fields: Any) -> Company:
    """The company row, in English first, then Chinese."""
    defaults = {"name": {"en": "Example, Ltd.", "zh": "示例公司"}, "languages": ["en", "zh"], "team_name": {}}
    return Company.objects.update_or_create(pk=1, defaults=defaults | fields)[0]


def make_user(**fields: Any) -> User:
    number = next(_numbers)
    return User.objects.create_user(**{"username": f"user{number}", "email": f"user{number}@example.org"} | fields)


def make_incident(**fields: Any) -> Incident:
    defaults = {"reference": f"INC-2026-{next(_numbers):04}", "title": "Late deliveries", "severity": "SEV2"}
    return Incident.objects.create(**defaults | {"phase_entered_at": NOW, "created_at": NOW} | fields)


def make_customer(*, address: str | None = "", **fields: Any) -> Customer:
    """A customer with an e-mail address; `address=None` leaves it out."""
    number = next(_numbers)
    defaults = {"crm_id": f"C{number}", "name": f"Customer {number}", "created_at": NOW, "updated_at": NOW}
    customer = Customer.objects.create(**defaults | fields)
    if address is not None:
        value = address or f"customer{number}@example.org"
        ContactPoint.objects.create(customer=customer, kind=ContactKind.EMAIL, value=value, normalised=value)
    return customer


def make_impact(incident: Incident, customer: Customer, **fields: Any) -> Impact:
    return Impact.objects.create(incident=incident, customer=customer, **{"computed_tier": 3} | fields)


def make_content(**fields: Any) -> dict[str, Any]:
    content = {
        "kind": MessageKind.FIRST_NOTICE.value,
        "languages": ["en", "zh"],
        "texts": TEXTS,
        "values": VALUES,
        "times": {},
        "promises": {},
        "audience": {},
        "channels": {},
        "sender": {"from": "crisis@example.org", "reply_to": "help@example.org"},
        "facts_used": [],
        "uncertain_policy": "hold",
    }
    return content | fields


def make_released(incident: Incident, *, content: dict[str, Any] | None = None, **fields: Any) -> Message:
    """A message that was written by one person, approved by another, and released; not frozen yet."""
    kind = fields.get("kind", MessageKind.FIRST_NOTICE)
    names = ["email_personal", "status_page"]
    defaults = {
        "kind": kind,
        "number": incident.messages.count() + 1,
        "audience": {"tiers": [1, 2, 3]},
        "channels": {"1": names, "2": names, "3": ["email_bulk", "email_personal"]},
        "author": make_user(),
        "created_at": NOW,
        "released_at": NOW,
    }
    message = Message.objects.create(incident=incident, **defaults | fields)
    addressed = {name: getattr(message, name) for name in ("audience", "channels", "promises", "uncertain_policy")}
    revision = MessageRevision.objects.create(
        message=message,
        number=1,
        content=make_content(**addressed | {"kind": str(kind)} | (content or {})),
        sha256=f"{message.pk:064x}",
        author=message.author,
        created_at=NOW,
    )
    Message.objects.filter(pk=message.pk).update(current=revision)
    message = Message.objects.get(pk=message.pk)
    approve(message)
    return message


def approve(message: Message) -> None:
    """Walk the message through submission, one approval and release."""
    lead = TeamAssignment.objects.get_or_create(
        incident=message.incident, role=Role.INCIDENT_LEAD, defaults={"user": make_user()}
    )[0]
    revision = message.current
    assert revision is not None
    ApprovalRequirement.objects.create(revision=revision, any_of=[Role.INCIDENT_LEAD.value])
    message.submit()
    message.save()
    Approval.objects.create(
        revision=revision, sha256=revision.sha256, role=Role.INCIDENT_LEAD, approver=lead.user, approved_at=NOW
    )
    message.approve()
    message.save()
    message.release()
    message.save()


def make_many(incident: Incident, count: int) -> None:
    """Affected customers by the thousand, in three tiers and two languages, each with an address."""
    with connection.cursor() as cursor:
        cursor.execute(_MANY, {"incident": incident.pk, "count": count, "now": NOW})
        # Foreign keys are checked by plans that a session keeps; one made for an empty table reads it row by row.
        cursor.execute("ANALYZE incidents_customer, incidents_impact")


_MANY = """
WITH added AS (
    INSERT INTO incidents_customer (crm_id, name, salutation, language, time_zone, region, importance, closeness,
        account_key, preferred_channel, consent_basis, attributes, defaulted, is_active, created_at, updated_at)
    SELECT 'B' || n, 'Customer ' || n, '', (ARRAY['en', 'zh', 'ru'])[1 + n %% 3], 'Europe/Berlin', '', 2, 2,
        '', '', 'contract', '{}', '[]', true, %(now)s, %(now)s
    FROM generate_series(1, %(count)s) AS n
    RETURNING id, crm_id
), reached AS (
    INSERT INTO incidents_contactpoint (customer_id, kind, value, normalised, is_primary)
    SELECT id, 'email', lower(crm_id) || '@example.org', lower(crm_id) || '@example.org', true FROM added
)
INSERT INTO incidents_impact (incident_id, customer_id, affected_items, harm, degree, is_defaulted, score,
    computed_tier, arithmetic, override_reason)
SELECT %(incident)s, id, 'order ' || crm_id, 'inconvenience', 2, false, 0, 1 + id %% 3, '', '' FROM added
"""
