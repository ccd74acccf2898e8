"""Declares an incident: its type becomes facts to collect, remedies to approve and a plan to finish."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents import assessments, audit, decisions, facts, feedback, lifecycle
from incidents.enums import FactStatus, Severity, TimelineKind
from incidents.errors import Refusal
from incidents.models import Company, Incident, User
from incidents.sentences import gettext as _
from workflows import plans, playbooks_loader, severity_questions
from workflows.enums import PlaybookKind
from workflows.models import CommunicationPlan, PlaybookVersion


class BadDeclaration(Refusal):
    """The type, subtype or relationship type does not exist, or the severity is the present one."""


@dataclass(frozen=True)
class Declaration:
    """What is declared: playbook ids, severity, and who leads.

    `triggers` are the questions answered with yes (ids of `severity_questions`); without a severity they decide. A
    severity that differs from theirs has a reason. What is None leaves the record as it was reported.
    """

    type: str
    subtype: str
    severity: Severity | None
    lead: User
    relationship_type: str = ""
    triggers: tuple[str, ...] = ()
    severity_reason: str = ""
    impact_started_at: datetime | None = None
    jurisdictions: tuple[str, ...] | None = None


def declare(incident: Incident, *, declaration: Declaration, by: User, now: datetime) -> CommunicationPlan:
    """Classify and declare an incident, seed its facts and remedies, and return its drafted plan.

    Declared before and back in `identify` (the type was wrong): facts keep their values by key, the clocks of the
    first declaration go on, and a new plan supersedes the old one.
    """
    classification = _classification(declaration)
    severity = _severity(declaration)
    with transaction.atomic():
        _put_record_right(incident, declaration, by=by, now=now)
        lifecycle.classify(incident, classification=classification, by=by, now=now)
        if incident.declared_at is None:
            lifecycle.declare(incident, severity=severity, lead=declaration.lead, by=by, now=now)
        else:
            _declare_anew(incident, severity=severity, lead=declaration.lead, by=by, now=now)
        _record_answers(incident, declaration, by=by, now=now)
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


def _severity(declaration: Declaration) -> Severity:
    """Return the severity chosen, or the one the answers propose; to choose otherwise takes a reason."""
    proposed = severity_questions.propose(_true_triggers(declaration))
    chosen = declaration.severity or proposed
    if chosen is None:
        raise BadDeclaration(_("Say how severe it is: tick what is true, or choose a severity."))
    if proposed is not None and chosen != proposed and not declaration.severity_reason.strip():
        raise BadDeclaration(
            _("The answers say %(proposed)s. Say why it is %(chosen)s, or leave the severity to them.")
            % {"proposed": proposed, "chosen": chosen}
        )
    return Severity(chosen)


def _record_answers(incident: Incident, declaration: Declaration, *, by: User, now: datetime) -> None:
    """Keep what was answered, what it proposed and why another severity was chosen, for the review."""
    true = _true_triggers(declaration)
    if not true and not declaration.severity_reason.strip():
        return
    asked = severity_questions.questions(declaration.type, declaration.relationship_type)
    answers = {one.id: one.id in true for one in asked}
    proposed = severity_questions.propose(true)
    decisions.decide(
        incident,
        key=severity_questions.DECISION,
        outcome=incident.severity,
        reason=declaration.severity_reason.strip() or _("as the playbook's triggers say"),
        by=by,
        now=now,
        data={"answers": answers, "proposed": proposed or ""},
    )


def _true_triggers(declaration: Declaration) -> frozenset[str]:
    """Return the ticks that belong to the types declared; another type may have been looked at before."""
    types = {declaration.type, declaration.relationship_type}
    return frozenset(one for one in declaration.triggers if one.rpartition(":")[0] in types)


def _put_record_right(incident: Incident, declaration: Declaration, *, by: User, now: datetime) -> None:
    started_at = declaration.impact_started_at or incident.impact_started_at
    places = tuple(incident.jurisdictions) if declaration.jurisdictions is None else declaration.jurisdictions
    if (started_at, list(places)) == (incident.impact_started_at, incident.jurisdictions):
        return
    record = assessments.Record(
        title=incident.title,
        detection_source=incident.detection_source,
        impact_started_at=started_at,
        detected_at=incident.detected_at,
        jurisdictions=places,
    )
    assessments.correct_report(incident, record=record, by=by, now=now)


def _declare_anew(incident: Incident, *, severity: Severity, lead: User, by: User, now: datetime) -> None:
    incident.severity = severity
    incident.lead = lead
    incident.save(update_fields=["severity", "lead"])
    text = _("Declared anew as %(severity)s, led by %(lead)s") % {"severity": severity, "lead": lead}
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
