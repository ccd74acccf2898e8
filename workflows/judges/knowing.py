"""Judges of what is known: fields, roles, checks, decisions, facts, open questions, evidence."""

import re
from datetime import datetime

from django.utils.translation import gettext as _

from incidents import decisions, facts
from incidents.enums import DecisionKind, FactStatus, Role
from incidents.models import Evidence, Fact, Impact, Incident, TeamAssignment, Unknown
from incidents.phases import Gate, Phase
from workflows import clock_data, clock_screening
from workflows.gates import Missing, enumerate_names, has_value, in_reader_language, judge, name_of, read, unjudged

AFFECTED = "affected_customers"
APPROVED = "approved"
FEWEST_SOURCES = 2
_PHASES = list(Phase.values)
_STANDING = (FactStatus.VERIFIED, FactStatus.ESTIMATED, FactStatus.REPORTED)
# "3–5 days", "3 to 5", "3至5天", "от 3 до 5": an estimate given as a range.
_RANGE = re.compile(r"\d[^\d.;!?]{0,12}(?:–|—|-|~|\bto\b|至|到|\bдо\b)\s*\d")  # noqa: RUF001 - dashes as people type them


@judge("field_set")
def field_set(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Each named field holds something."""
    empty = [name_of(incident, name) for name in gate.params["fields"] if not has_value(incident, name)]
    if not empty:
        return None
    text = _("still empty: %s.") % enumerate_names(empty)
    return Missing(text, _("Fill it in on the incident page, tab Facts."))


@judge("field_confirmed")
def field_confirmed(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Somebody looked again and confirmed the very value that stands there now."""
    unsure = [name for name in gate.params["fields"] if not _is_confirmed(incident, name)]
    if not unsure:
        return None
    text = _("not confirmed as it stands now: %s.") % enumerate_names([name_of(incident, name) for name in unsure])
    return Missing(text, _("Look at it again with what is known now and record a confirmation under Decisions."))


@judge("role_assigned")
def role_assigned(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Each named role is held by somebody who can log in."""
    team = TeamAssignment.objects.filter(incident=incident, user__is_active=True)
    held = set(team.values_list("role", flat=True))
    empty = [str(Role(role).label) for role in gate.params["roles"] if role not in held]
    if not empty:
        return None
    return Missing(_("nobody is: %s.") % enumerate_names(empty), _("Name a person under Team."))


@judge("check_done")
def check_done(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """The named check was done; the screening of clocks answers every question of the plan."""
    check = gate.params["check"]
    if check == clock_screening.CHECK:
        return _clocks_screened(incident)
    if decisions.latest(incident, kind=DecisionKind.CHECK, key=check):
        return None
    return Missing(
        _("nobody recorded this check."), _("Do the check and record it under Decisions as “%s”.") % _title(gate)
    )


@judge("decision_recorded")
def decision_recorded(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """The named decision was recorded with its reason."""
    key = gate.params["decision"]
    if decisions.latest(incident, kind=DecisionKind.DECISION, key=key):
        return None
    hint = _("Record the decision “%s” with its reason under Decisions; deciding against it counts too.") % _title(gate)
    return Missing(_("no decision is recorded."), hint)


@judge("approval")
def approval(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Each named role, or anybody where none is named, approved the subject of the gate, and did not take it back."""
    roles = gate.params.get("roles") or [role for role in [gate.params.get("role")] if role]
    given = decisions.latest(incident, kind=DecisionKind.APPROVAL, key=gate.id)
    if not roles:
        absent = [] if given and given.outcome == APPROVED else [_("an approval")]
    else:
        absent = [str(Role(role).label) for role in roles if not _has_approved(incident, gate.id, role)]
    if not absent:
        return None
    hint = _("Let them record an approval of “%(gate)s” with the outcome “%(word)s” under Decisions.")
    return Missing(_("still missing: %s.") % enumerate_names(absent), hint % {"gate": gate.id, "word": APPROVED})


@judge("facts_complete")
def facts_complete(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Every fact needed by the phase is answered with a source and a status, or marked unknown on purpose."""
    rows = Fact.objects.filter(incident=incident).order_by("position", "key")
    if "items" in gate.params:
        rows = rows.filter(key=gate.params["items"])
    else:
        rows = rows.filter(needed_by__in=_PHASES[: _PHASES.index(gate.params["phase"]) + 1])
    wanted = list(rows)
    if not wanted:
        return Missing(_("the fact sheet has no line yet."), _("Choose the type, so that the playbook's facts appear."))
    open_facts = [in_reader_language(fact.label) or fact.key for fact in wanted if not _is_answered(fact)]
    if not open_facts:
        return None
    text = _("%(open)d of %(all)d facts are open: %(names)s.") % {
        "open": len(open_facts),
        "all": len(wanted),
        "names": enumerate_names(open_facts),
    }
    return Missing(text, _("Answer them under Facts with source and status, or mark them unknown on purpose."))


@judge("list_not_empty")
def list_not_empty(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """The named list has an entry."""
    name = gate.params["list"]
    if name == AFFECTED:
        if Impact.objects.filter(incident=incident).exists():
            return None
        hint = _("Add customers under Audience: by file, by filter, by CRM ids, or everybody.")
        return Missing(_("no affected customer is named."), hint)
    if not name.startswith("facts."):
        return unjudged(name)
    if has_value(incident, name):
        return None
    return Missing(_("the list is empty."), _("Fill in “%s” under Facts.") % name_of(incident, name))


@judge("items_owned")
def items_owned(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Every open question of the team has an owner and a due time."""
    if gate.params["items"] != "unknowns":
        return unjudged(gate.params["items"])
    waiting = Unknown.objects.filter(incident=incident, resolved_at=None).order_by("pk")
    loose = [row.text for row in waiting if row.owner_id is None or row.due_at is None]
    if not loose:
        return None
    text = _("%(count)d without owner or due time: %(names)s.") % {"count": len(loose), "names": enumerate_names(loose)}
    return Missing(text, _("Give each open question a person and a time under Facts."))


@judge("evidence")
def evidence(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """A claim is proven: a field by two sources or by being a range, anything else by one piece of evidence."""
    subject = gate.params.get("artifact") or gate.params.get("field") or gate.id
    rows = Evidence.objects.filter(incident=incident, subject=subject)
    relapse = relapsed_at(incident)
    if relapse is not None and "artifact" in gate.params:
        rows = rows.filter(at__gte=relapse)
    sources = rows.values("source").distinct().count()
    wanted = FEWEST_SOURCES if "field" in gate.params else 1
    if sources >= wanted or ("field" in gate.params and _is_range(incident, subject)):
        return None
    text = _("%(found)d of %(wanted)d sources recorded for “%(subject)s”.") % {
        "found": sources,
        "wanted": wanted,
        "subject": subject,
    }
    hint = _("Add evidence with its source under Decisions.")
    if "field" in gate.params:
        hint = _("Add evidence from another source under Decisions, or give the estimate as a range, like 3–5 days.")  # noqa: RUF001
    return Missing(text, hint)


def relapsed_at(incident: Incident) -> datetime | None:
    """Return when the incident last fell back from follow-up to execute: what ended it before ended nothing."""
    falls = incident.transitions.filter(source=Phase.FOLLOW_UP, target=Phase.EXECUTE)
    moment: datetime | None = falls.order_by("-at").values_list("at", flat=True).first()
    return moment


def sheet_problem(incident: Incident) -> Missing | None:
    """Say why the fact sheet is not the confirmed single source of truth, if it is not."""
    newest = incident.fact_sheets.order_by("-version").first()
    hint = _("Write the fact sheet under Facts, and let another person confirm it.")
    if newest is None:
        return Missing(_("no fact sheet is written."), hint)
    if newest.confirmed_at is None:
        return Missing(_("fact sheet v%s waits for its confirmation.") % newest.version, hint)
    since = Fact.objects.filter(incident=incident, updated_at__gt=newest.created_at).order_by("position", "key")
    changed = [in_reader_language(fact.label) or fact.key for fact in since if _differs(fact, newest.content)]
    if not changed:
        return None
    names = {"version": newest.version, "names": enumerate_names(changed)}
    return Missing(_("changed since fact sheet v%(version)s: %(names)s.") % names, hint)


def confirmed_version(incident: Incident) -> int | None:
    """Return the version of the newest confirmed fact sheet."""
    sheet = facts.confirmed(incident)
    return sheet.version if sheet else None


def _title(gate: Gate) -> str:
    """Return what the button beside the gate under Decisions stands for."""
    return f"{gate.id} {in_reader_language(gate.label)}"


def _clock_name(clock: str) -> str:
    known = clock_data.find(clock)
    return in_reader_language(known.name) if known else clock


def _clocks_screened(incident: Incident) -> Missing | None:
    if not incident.jurisdictions:
        return Missing(
            _("the incident names no jurisdiction."), _("Name the jurisdictions concerned, then screen the clocks.")
        )
    still_open = clock_screening.unanswered(incident)
    if not still_open and decisions.latest(incident, kind=DecisionKind.CHECK, key=clock_screening.CHECK):
        return None
    if not still_open:
        return Missing(_("nobody screened the clocks."), _("Screen the clocks under Clocks and sign it."))
    named = enumerate_names([f"{_clock_name(clock)} ({place})" for clock, place in still_open])
    text = _("%(count)d clocks have no answer: %(names)s.") % {"count": len(still_open), "names": named}
    return Missing(text, _("Answer each with yes, no or unknown under Clocks; unknown starts the clock."))


def _is_confirmed(incident: Incident, name: str) -> bool:
    confirmation = decisions.latest(incident, kind=DecisionKind.CONFIRMATION, key=name)
    return confirmation is not None and confirmation.outcome == str(read(incident, name))


def _has_approved(incident: Incident, key: str, role: str) -> bool:
    """Whether the newest word of a holder or deputy of the role is an approval."""
    team = TeamAssignment.objects.filter(incident=incident, role=role).first()
    if team is None:
        return False
    said = incident.decisions.filter(kind=DecisionKind.APPROVAL, key=key, by__in=[team.user_id, team.deputy_id])
    return said.order_by("-at", "-pk").values_list("outcome", flat=True).first() == APPROVED


def _is_answered(fact: Fact) -> bool:
    if not fact.is_answered:
        return False
    if fact.status == FactStatus.UNKNOWN:
        return True
    return fact.status in _STANDING and bool(fact.value) and bool(fact.source)


def _is_range(incident: Incident, name: str) -> bool:
    value = read(incident, name)
    texts = list(value.values()) if isinstance(value, dict) else [str(value or "")]
    return bool(texts) and all(_RANGE.search(str(text)) for text in texts)


def _differs(fact: Fact, content: dict[str, dict[str, object]]) -> bool:
    kept = content.get(fact.key)
    if kept is None:
        return True
    now = (facts.value_told(fact), fact.status, fact.is_publishable)
    return (kept["value"], kept["status"], kept["is_publishable"]) != now
