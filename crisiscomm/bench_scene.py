"""An incident with any number of affected customers and one approved update, made by the product's own functions."""

from datetime import datetime
from typing import Any

from django.db import connection

from incidents import facts, feedback, lifecycle
from incidents.enums import FactStatus, Language, Role, Severity
from incidents.models import Company, Fact, Incident, RosterEntry, User
from notifications.enums import MessageKind, MessageState
from notifications.models import Message
from workflows import approvals, declarations, plans, releases

TYPE, SUBTYPE = "supply-chain-operations", "supplier_failure"
NAMES = {"en": "Example Parts", "zh": "示例配件", "ru": "Пример Детали"}


def build(customers: int, *, now: datetime) -> Message:
    """Return an approved update to this many customers, written by one person and approved by others."""
    people = _people()
    _company()
    incident = lifecycle.report(lifecycle.Report("Benchmark"), by=people[Role.SUBJECT_OWNER], now=now)
    lead = people[Role.INCIDENT_LEAD]
    declaration = declarations.Declaration(TYPE, SUBTYPE, Severity.SEV2, lead)
    declarations.declare(incident, declaration=declaration, by=lead, now=now)
    _tell_facts(incident, by=people[Role.SUBJECT_OWNER], now=now)
    sheet = facts.freeze(incident, by=people[Role.SUBJECT_OWNER], now=now)
    facts.confirm(sheet, by=lead, now=now)
    for option in incident.remedy_options.order_by("pk"):
        feedback.approve_remedy(option, by=people[option.approver_role], now=now)
    plan = plans.required(incident)
    plans.edit(plan, changes=plans.PlanChanges(), by=lead, now=now)
    plans.approve(plan, by=people[Role.COMMUNICATIONS_LEAD], now=now)
    _affect(incident, customers=customers, now=now)
    message = releases.draft_message(
        incident, kind=MessageKind.PROGRESS_UPDATE, by=User.objects.get(username="writer"), now=now
    )
    return _approved(message, now=now)


def _people() -> dict[str, User]:
    User.objects.create(username="writer")
    found: dict[str, User] = {}
    for role in Role:
        found[role] = User.objects.create(username=role.value, first_name="Ada", last_name=str(role.label))
        RosterEntry.objects.create(role=role, user=found[role])
    return found


def _company() -> None:
    defaults: dict[str, Any] = {
        "name": NAMES,
        "signatory_name": NAMES,
        "signatory_title": NAMES,
        "team_name": NAMES,
        "contact_hours": NAMES,
        "hotline": "+49 30 23125000",
        "contact_email": "help@customer.example",
        "languages": Language.values,
        "sender_address": "crisis@company.example",
        "reply_address": "help@company.example",
        "is_demonstration": True,
    }
    Company.objects.update_or_create(pk=1, defaults=defaults)


def _tell_facts(incident: Incident, *, by: User, now: datetime) -> None:
    for fact in incident.facts.order_by("position"):
        change = facts.FactChange(fact.key, _answer(fact, now), FactStatus.VERIFIED, "plant")
        facts.put(incident, change=change, by=by, now=now)


def _answer(fact: Fact, now: datetime) -> dict[str, Any]:
    name = fact.key.split(".")[-1]
    if fact.type in facts.LOCALISED_TYPES:
        return {language: f"{name} ({language}): a bearing of the second line broke" for language in Language.values}
    shared: dict[str, Any] = {"datetime": now, "integer": 3, "number": 1.5, "boolean": False, "multichoice": ["EU"]}
    choices = {"cause_status": "suspected", "eta_confidence": "medium"}
    return {facts.SHARED: shared.get(fact.type, choices.get(name, name))}


def _affect(incident: Incident, *, customers: int, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, {"incident": incident.pk, "count": customers, "now": now})
        cursor.execute("ANALYZE incidents_customer, incidents_contactpoint, incidents_impact")


def _approved(message: Message, *, now: datetime) -> Message:
    approvals.submit(message, by=User.objects.get(username="writer"), now=now)
    message.refresh_from_db()
    assert message.current is not None
    for person in User.objects.order_by("pk"):
        if message.state == MessageState.APPROVED:
            break
        if approvals.may_approve(message, by=person, now=now) is None:
            approvals.approve(message, by=person, sha256=message.current.sha256, now=now)
            message.refresh_from_db()
    return message


_CUSTOMERS = """
WITH added AS (
    INSERT INTO incidents_customer (crm_id, name, salutation, language, time_zone, region, importance, closeness,
        account_key, preferred_channel, consent_basis, attributes, defaulted, is_active, created_at, updated_at)
    SELECT 'B' || n, 'Customer ' || n, '', (ARRAY['en', 'zh', 'ru'])[1 + n %% 3], 'Europe/Berlin', '', 2, 2,
        '', '', 'contract', '{}', '[]', true, %(now)s, %(now)s
    FROM generate_series(1, %(count)s) AS n
    RETURNING id, crm_id
), reached AS (
    INSERT INTO incidents_contactpoint (customer_id, kind, value, normalised, is_primary)
    SELECT id, 'email', lower(crm_id) || '@customer.example', lower(crm_id) || '@customer.example', true FROM added
)
INSERT INTO incidents_impact (incident_id, customer_id, affected_items, harm, degree, is_defaulted, score,
    computed_tier, arithmetic, override_reason)
SELECT %(incident)s, id, 'order ' || crm_id, 'inconvenience', 2, false, 0, 1 + (id / 3) %% 3, '', '' FROM added
"""
