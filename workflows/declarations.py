"""Declares an incident: its type becomes facts to collect, remedies to approve and a plan to finish."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import audit, facts, feedback, lifecycle
from incidents.enums import FactStatus, Severity, TimelineKind
from incidents.errors import Refusal
from incidents.models import Company, Incident, User
from workflows import plans, playbooks_loader
from workflows.enums import PlaybookKind
from workflows.models import CommunicationPlan, PlaybookVersion


class BadDeclaration(Refusal):
    """The type, subtype or relationship type does not exist, or the severity is the present one."""


@dataclass(frozen=True)
class Declaration:
    """What is declared: playbook ids, severity, and who leads."""

    type: str
    subtype: str
    severity: Severity
    lead: User
    relationship_type: str = ""


def declare(incident: Incident, *, declaration: Declaration, by: User, now: datetime) -> CommunicationPlan:
    """Classify and declare an incident, seed its facts and remedies, and return its drafted plan.

    Declared before and back in `identify` (the type was wrong): facts keep their values by key, the clocks of the
    first declaration go on, and a new plan supersedes the old one.
    """
    classification = _classification(declaration)
    with transaction.atomic():
        lifecycle.classify(incident, classification=classification, by=by, now=now)
        if incident.declared_at is None:
            lifecycle.declare(incident, severity=declaration.severity, lead=declaration.lead, by=by, now=now)
        else:
            _declare_anew(incident, declaration, by=by, now=now)
        plan = plans.draft(incident, by=by, now=now)
        facts.seed(incident, definitions=plan.content["facts_to_collect"])
        feedback.offer(incident, options=plan.content["remedy_options"])
        _write_what_is_known(incident, by=by, now=now)
    return plan


def change_severity(
    incident: Incident, *, severity: Severity, reason: str, by: User, now: datetime
) -> CommunicationPlan:
    """Raise or lower the severity with a reason; the plan is revised so that its cadence follows."""
    if not reason.strip():
        raise BadDeclaration(_("Say why the severity changes: the timeline and the review show it."))
    with transaction.atomic():
        if Incident.objects.filter(pk=incident.pk).exclude(severity=severity).update(severity=severity) == 0:
            raise BadDeclaration(_("%(incident)s is %(severity)s already.") % _named(incident, severity))
        incident.refresh_from_db()
        text = _("Severity is now %(severity)s: %(reason)s") % {"severity": severity, "reason": reason.strip()}
        audit.tell(incident, kind=TimelineKind.DECISION, text=text, by=by, now=now)
        audit.record(incident, action="incident.severity", actor=by, now=now, data={"severity": severity})
        return plans.follow_severity(incident, reason=text, by=by, now=now)


def _classification(declaration: Declaration) -> lifecycle.Classification:
    playbook = _playbook(declaration.type)
    subtypes = [item["id"] for item in playbook.content["subtypes"]]
    if declaration.subtype not in subtypes:
        names = {"subtype": declaration.subtype, "type": declaration.type, "known": ", ".join(subtypes)}
        raise BadDeclaration(_("“%(subtype)s” is no subtype of %(type)s; choose one of %(known)s.") % names)
    relationship = declaration.relationship_type
    if relationship and _playbook(relationship).playbook.kind != PlaybookKind.RELATIONSHIP_TYPE:
        raise BadDeclaration(_("“%s” is an incident type: choose a relationship type beside the type.") % relationship)
    if relationship == declaration.type:
        raise BadDeclaration(_("“%s” is the type already: leave the relationship type empty.") % relationship)
    return lifecycle.Classification(declaration.type, declaration.subtype, relationship)


def _playbook(key: str) -> PlaybookVersion:
    version = playbooks_loader.newest(key)
    if version is None:
        raise BadDeclaration(_("There is no playbook “%s”: load it, or choose another type.") % key)
    return version


def _declare_anew(incident: Incident, declaration: Declaration, *, by: User, now: datetime) -> None:
    incident.severity = declaration.severity
    incident.lead = declaration.lead
    incident.save(update_fields=["severity", "lead"])
    text = _("Declared anew as %(severity)s, led by %(lead)s") % {
        "severity": declaration.severity,
        "lead": declaration.lead,
    }
    audit.tell(incident, kind=TimelineKind.PHASE, text=text, by=by, now=now)
    audit.record(incident, action="incident.declared_anew", actor=by, now=now, data={"text": text})


def _write_what_is_known(incident: Incident, *, by: User, now: datetime) -> None:
    """Copy what the record says into lines nobody has answered, so that it is typed once."""
    open_lines = set(incident.facts.filter(is_answered=False).values_list("key", flat=True))
    for key, value in _record(incident).items():
        if key in open_lines and value:
            change = facts.FactChange(key, value, FactStatus.REPORTED, _("incident record"))
            facts.put(incident, change=change, by=by, now=now)


def _record(incident: Incident) -> dict[str, dict[str, Any]]:
    company = Company.objects.first()
    languages = company.languages if company else ["en"]
    shared = {
        "incident.detected_at": incident.detected_at,
        "incident.started_at": incident.impact_started_at,
        "incident.detection_source": incident.detection_source,
    }
    return {
        # The working title is in the team's language; other languages wait for a person.
        "incident.title": {languages[0]: incident.title},
        "incident.owner_name": dict.fromkeys(languages, str(incident.lead)),
        **{key: {facts.SHARED: value} for key, value in shared.items() if value},
        **(_contact_block(company) if company else {}),
    }


def _contact_block(company: Company) -> dict[str, dict[str, Any]]:
    """The company's own lines, to be replaced where this incident has its own."""
    lines = {
        "contact.hotline": dict.fromkeys(company.languages, company.hotline),
        "contact.email": dict.fromkeys(company.languages, company.contact_email),
        "contact.hours": company.contact_hours,
    }
    return {key: texts for key, texts in lines.items() if any(texts.values())}


def _named(incident: Incident, severity: Severity) -> dict[str, str]:
    return {"incident": incident.reference, "severity": severity}
