"""Plain builders that span the apps: the company, its team, and an incident declared by a playbook."""

from datetime import datetime
from typing import Any

from incidents import facts
from incidents.enums import FactStatus, Language, Role, Severity
from incidents.models import Company, FactSheet, Incident, TeamAssignment, User
from tests.factories_incidents import NOW, person, reported
from workflows import declarations, plans
from workflows.models import CommunicationPlan

TYPE, SUBTYPE = "supply-chain-operations", "supplier_failure"


def company(**fields: Any) -> Company:
    """Return the one company, with texts in all three languages; called again it changes the fields given."""
    defaults = {
        "name": {"en": "Nordbahn Parts", "zh": "北轨配件", "ru": "Нордбан Партс"},
        "signatory_name": {"en": "Ida Holm", "zh": "伊达", "ru": "Ида Хольм"},
        "signatory_title": {"en": "Managing Director", "zh": "总经理", "ru": "генеральный директор"},
        "hotline": "+49 30 5550100",
        "contact_email": "help@nordbahn.example",
        "contact_hours": {"en": "8:00 to 18:00", "zh": "8:00 至 18:00", "ru": "с 8:00 до 18:00"},
        "team_name": {"en": "Customer team", "zh": "客户服务团队", "ru": "Команда по работе с клиентами"},
        "languages": ["en", "zh", "ru"],
        "time_zone": "Europe/Berlin",
        "sender_address": "updates@nordbahn.example",
        "reply_address": "replies@nordbahn.example",
        **fields,
    }
    return Company.objects.update_or_create(pk=1, defaults=defaults)[0]


def team(incident: Incident, **holders: User) -> None:
    """Give every role of an incident to a person of that name, with the deputy “nina”; `holders` override by role."""
    for role in Role:
        user = holders.get(role) or person(username=role.value)
        TeamAssignment.objects.update_or_create(
            incident=incident, role=role, defaults={"user": user, "deputy": person("nina")}
        )


def declared(
    *, severity: Severity = Severity.SEV2, relationship_type: str = "", now: datetime = NOW, **fields: Any
) -> Incident:
    """Return an incident with a full team, declared as a supply-chain failure by its lead; its plan is a draft."""
    company()
    incident = reported(now=now, **fields)
    team(incident)
    lead = person("incident_lead")
    declaration = declarations.Declaration(TYPE, SUBTYPE, severity, lead, relationship_type)
    declarations.declare(incident, declaration=declaration, by=lead, now=now)
    return incident


def tell_facts(incident: Incident, *, now: datetime = NOW, **values: Any) -> None:
    """Answer every line of the fact sheet as verified; `values` override, by the key's last part."""
    for fact in incident.facts.exclude(key__startswith="contact.").order_by("position"):
        name = fact.key.split(".")[-1]
        change = facts.FactChange(
            fact.key, values.get(name) or _answer(fact.type, name, now), FactStatus.VERIFIED, "plant"
        )
        facts.put(incident, change=change, by=person("subject_owner"), now=now)


def fact_sheet(incident: Incident, *, now: datetime = NOW) -> FactSheet:
    """Return a confirmed fact sheet of the facts as they stand."""
    sheet = facts.freeze(incident, by=person("subject_owner"), now=now)
    return facts.confirm(sheet, by=person("incident_lead"), now=now)


def approved_plan(incident: Incident, *, now: datetime = NOW, **changes: Any) -> CommunicationPlan:
    """Return the incident's plan, written by its lead and approved by the communications lead."""
    plan = plans.required(incident)
    plans.edit(plan, changes=plans.PlanChanges(**changes), by=person("incident_lead"), now=now)
    return plans.approve(plan, by=person("communications_lead"), now=now)


def _answer(kind: str, name: str, now: datetime) -> dict[str, Any]:
    if kind in facts.LOCALISED_TYPES:
        return {language: f"{name} ({language})" for language in Language.values}
    shared: dict[str, Any] = {"datetime": now, "integer": 3, "number": 1.5, "boolean": False, "multichoice": ["EU"]}
    choices = {"cause_status": "suspected", "eta_confidence": "medium"}
    return {facts.SHARED: shared.get(kind, choices.get(name, name))}
