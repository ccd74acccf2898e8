"""The communication plan of an incident: drafted from its playbooks, edited, approved by another person, revised."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from incidents import audit, phases
from incidents.enums import Language, Role, TimelineKind
from incidents.errors import Refusal
from incidents.models import Incident, User
from incidents.phases import Blocker, Enforcement, Gate, Phase
from incidents.sentences import gettext as _
from notifications.enums import MessageKind
from workflows import durations, plan_content, plan_freezing, playbooks, playbooks_loader, roster
from workflows.enums import PlanState, SlotState
from workflows.models import CommunicationPlan, PlanAudience, PlanParty, StandingApproval, UpdateSlot

BadPlan = plan_content.BadPlan
NO_CHANGE = plan_freezing.NO_CHANGE
_CHANNELS = frozenset({"first_channels", "update_channels", "fallback_channels"})
_EDITABLE = _CHANNELS | {
    "first_contact_interval",
    "update_interval",
    "written_confirmation_interval",
    "survey_interval",
    "check_interval",
    "needs_prep_sheet",
    "owner_role",
}
# Kinds without a rule of their own in the playbooks are approved like the kind they stand closest to.
_APPROVED_LIKE = {
    MessageKind.CORRECTION: MessageKind.FIRST_NOTICE,
    MessageKind.LAST_WORD: MessageKind.HOLDING_STATEMENT,
    NO_CHANGE: MessageKind.PROGRESS_UPDATE,
    MessageKind.PARTY_NOTICE: MessageKind.FIRST_NOTICE,
    MessageKind.PRESS_RELEASE: MessageKind.FIRST_NOTICE,
    MessageKind.SOCIAL_POST: MessageKind.PROGRESS_UPDATE,
}
COPIES = ("once_per_address", "once_per_account")
_WORDS = ("objective", "key_messages", "owner", "grants_standing_approval", "allows_no_change_update") + COPIES
_OF_A_PARTY = frozenset({"channel", "owner_role", "owner", "due_interval", "is_needed", "reason"})


class NoPlan(Refusal):
    """The incident has no plan yet."""


class PlanIsFrozen(Refusal):
    """An approved or superseded plan is not edited."""


class CannotApprovePlan(Refusal):
    """This person may not approve this plan."""


@dataclass(frozen=True)
class ApprovalRule:
    """Who approves a kind of message: all roles or any one, within `sla`; after `deputy_after` the deputy may."""

    roles: tuple[Role, ...]
    rule: str
    sla: timedelta
    deputy_after: timedelta

    @property
    def is_any_one(self) -> bool:
        """Whether one approval by any of the roles is enough."""
        return self.rule == "any_one"


@dataclass(frozen=True)
class PlanChanges:
    """What an edit changes; None and empty leave things as they are.

    `templates` maps a message kind to its texts by language, `audiences` a tier to fields of its row, `parties` an
    audience that is no customer and a stage to fields of its row. `approvals` maps a kind to its approvers, `cadence`
    a severity and a tier to their intervals: these two change only with a `reason`.
    """

    objective: str | None = None
    key_messages: str | None = None
    owner: User | None = None
    grants_standing_approval: bool | None = None
    allows_no_change_update: bool | None = None
    once_per_address: bool | None = None
    once_per_account: bool | None = None
    templates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    audiences: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    parties: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    approvals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    cadence: Mapping[tuple[str, int], Mapping[str, timedelta]] = field(default_factory=dict)
    reason: str = ""


def draft(incident: Incident, *, by: User, now: datetime) -> CommunicationPlan:
    """Freeze the newest versions of the incident's playbooks into a new plan; a plan before it is superseded."""
    frozen = plan_freezing.freeze(incident)
    with transaction.atomic():
        version = _make_room(incident, now=now)
        plan = CommunicationPlan.objects.create(
            incident=incident,
            version=version,
            playbook=frozen.playbook,
            relationship_playbook=frozen.relationship,
            content=frozen.content,
            key_messages=frozen.key_messages,
            objective=frozen.objective,
            owner=roster.holder(incident, Role.COMMUNICATIONS_LEAD),
            created_by=by,
            created_at=now,
        )
        PlanAudience.objects.bulk_create(plan_freezing.audiences(plan, severity=incident.severity))
        PlanParty.objects.bulk_create(plan_freezing.parties(plan, severity=incident.severity))
        _log(plan, action="plan.drafted", text=_("Plan v%s drafted") % version, by=by, now=now)
    return plan


def current(incident: Incident) -> CommunicationPlan | None:
    """Return the plan that counts now, drafted or approved, or None before the declaration."""
    return incident.plans.exclude(state=PlanState.SUPERSEDED).order_by("-version").first()


def required(incident: Incident) -> CommunicationPlan:
    """Return the plan that counts now; raises NoPlan."""
    plan = current(incident)
    if plan is None:
        raise NoPlan(_("%s has no plan yet: declare it with a type and a severity.") % incident.reference)
    return plan


def edit(plan: CommunicationPlan, *, changes: PlanChanges, by: User, now: datetime) -> CommunicationPlan:
    """Change a drafted plan; its author is then `by`, so that another person approves these words."""
    if (changes.approvals or changes.cadence) and not changes.reason.strip():
        raise BadPlan([_("Say why approvers or rhythm differ from the playbook: the timeline and the review show it.")])
    with transaction.atomic():
        locked = _lock(plan)
        if locked.state != PlanState.DRAFT:
            raise PlanIsFrozen(_("Plan v%s is not a draft any more: revise it, with a reason.") % locked.version)
        for name in _WORDS:
            if getattr(changes, name) is not None:
                setattr(locked, name, getattr(changes, name))
        locked.content = plan_content.with_templates(locked.content, changes.templates)
        locked.content = plan_content.with_approvals(locked.content, changes.approvals)
        locked.content = plan_content.with_cadence(locked.content, changes.cadence)
        locked.created_by = by
        locked.save()
        for tier, fields in changes.audiences.items():
            _change_audience(locked, tier, fields)
        for (party, stage), fields in changes.parties.items():
            _change_party(locked, party, stage, fields)
        if changes.cadence:
            _follow_rhythm(locked, now=now)
        text = " ".join([_("Plan v%s edited") % locked.version, changes.reason.strip()]).strip()
        _log(locked, action="plan.edited", text=text, by=by, now=now)
    plan.refresh_from_db()
    return plan


def change(plan: CommunicationPlan, *, changes: PlanChanges, by: User, now: datetime) -> CommunicationPlan:
    """Change the plan that counts now: a draft as it is, an approved one by a revision with the change's reason."""
    with transaction.atomic():
        draft = plan if plan.state == PlanState.DRAFT else revise(plan, reason=changes.reason, by=by, now=now)
        return edit(draft, changes=changes, by=by, now=now)


def approve(plan: CommunicationPlan, *, by: User, now: datetime) -> CommunicationPlan:
    """Approve a drafted plan as another member of the team; with it the standing approval, when the plan grants one."""
    with transaction.atomic():
        locked = _lock(plan)
        _refuse_approver(locked, by)
        locked.state = PlanState.APPROVED
        locked.approved_by = by
        locked.approved_at = now
        locked.save(update_fields=["state", "approved_by", "approved_at"])
        _grant_standing_approvals(locked, by=by, now=now)
        _log(locked, action="plan.approved", text=_("Plan v%s approved") % locked.version, by=by, now=now)
    plan.refresh_from_db()
    return plan


def _grant_standing_approvals(plan: CommunicationPlan, *, by: User, now: datetime) -> None:
    """The plan's approver allows beforehand what it says may go out by itself: updates, and the “no change” text."""
    granted = {
        MessageKind.PROGRESS_UPDATE.value: plan.grants_standing_approval,
        NO_CHANGE: plan.allows_no_change_update,
    }
    for kind in (kind for kind, is_granted in granted.items() if is_granted):
        StandingApproval.objects.create(
            plan=plan,
            message_kind=kind,
            template_sha256=template_digest(plan, kind),
            granted_by=by,
            granted_at=now,
        )


def revise(plan: CommunicationPlan, *, reason: str, by: User, now: datetime) -> CommunicationPlan:
    """Supersede a plan by a new draft of the same frozen copy and audiences; it too needs another person's approval."""
    if not reason.strip():
        raise BadPlan([_("Say why the plan changes: the timeline and the review show it.")])
    with transaction.atomic():
        old = _lock(plan)
        if old.state == PlanState.SUPERSEDED:
            raise PlanIsFrozen(_("Plan v%s was replaced already: revise the present one.") % old.version)
        rows, cells = list(old.audiences.order_by("tier")), list(old.parties.order_by("pk"))
        new = CommunicationPlan.objects.get(pk=old.pk)
        new.version = _make_room(old.incident, now=now)
        new.pk, new.state, new.approved_by, new.approved_at = None, PlanState.DRAFT, None, None
        new.created_by, new.created_at, new.change_reason = by, now, reason.strip()
        new.save(force_insert=True)
        for row in rows:
            row.pk, row.plan = None, new
        for cell in cells:
            cell.pk, cell.plan = None, new
        PlanAudience.objects.bulk_create(rows)
        PlanParty.objects.bulk_create(cells)
        text = _("Plan v%(version)s: %(reason)s") % {"version": new.version, "reason": new.change_reason}
        _log(new, action="plan.revised", text=text, by=by, now=now)
    plan.refresh_from_db()
    return new


def follow_severity(incident: Incident, *, reason: str, by: User, now: datetime) -> CommunicationPlan:
    """Revise the plan so that its intervals are those of the playbook for the incident's present severity."""
    with transaction.atomic():
        plan = revise(required(incident), reason=reason, by=by, now=now)
        _follow_rhythm(plan, now=now)
    return plan


def _follow_rhythm(plan: CommunicationPlan, *, now: datetime) -> None:
    """Give every tier the intervals of the plan for the present severity.

    A promise made stands. Where the rhythm is faster now, its update is begun sooner, so that it comes before its time.
    """
    for row in plan.audiences.all():
        for name, length in plan_freezing.rhythm(plan, tier=row.tier, severity=plan.incident.severity).items():
            setattr(row, name, length)
        row.save(update_fields=["first_contact_interval", "update_interval"])
        slots = UpdateSlot.objects.filter(incident=plan.incident, tier=row.tier, state=SlotState.PROMISED)
        soon = now + row.update_interval / 2
        slots.filter(promised_at__gt=now + row.update_interval, opens_at__gt=soon).update(opens_at=soon)


def template(plan: CommunicationPlan, kind: str) -> dict[str, dict[str, Any]]:
    """Return the frozen texts of a message kind by language: subject, sections, short text."""
    found = plan.content["message_templates"][kind]
    return {language: found[language] for language in Language.values if language in found}


def template_digest(plan: CommunicationPlan, kind: str) -> str:
    """Return the SHA-256 that a standing approval of this kind is bound to."""
    return playbooks_loader.digest(template(plan, kind))


def approval_rule(plan: CommunicationPlan, kind: str) -> ApprovalRule:
    """Return who approves a kind of message under this plan."""
    rules = plan.content["approvals"]
    rule = rules[kind] if kind in rules else rules[_APPROVED_LIKE[kind]]
    return ApprovalRule(
        roles=tuple(Role(role) for role in rule["approvers"]),
        rule=rule["rule"],
        sla=durations.parse(rule["sla"]),
        deputy_after=durations.parse(rule["deputy_after"]),
    )


def audience(plan: CommunicationPlan, tier: int) -> PlanAudience:
    """Return a tier's row: channels, intervals, owner."""
    return plan.audiences.get(tier=tier)


@phases.gate_source
def gates(incident: Incident, phase: Phase) -> list[Gate]:
    """Return the gates of the plan's frozen copy; an incident without a plan was not declared, and stays."""
    plan = current(incident)
    if plan is None:
        return [Gate("plan.drafted", "declared", Enforcement.HARD, playbooks.reference("phrases")["gates"]["declared"])]
    return [
        Gate(item["id"], item["kind"], Enforcement(item["enforcement"]), item["label"], item.get("params") or {})
        for item in plan.content["gates"].get(phase, [])
    ]


@phases.judge("declared")
def is_declared(incident: Incident, gate: Gate, _now: datetime) -> list[Blocker]:
    """Whether the incident was declared, which gives it its plan and every other gate."""
    if current(incident) is not None:
        return []
    return [
        Blocker(gate.id, _("The incident is not declared."), _("Declare it with type, subtype, severity and lead."))
    ]


def _make_room(incident: Incident, *, now: datetime) -> int:
    """Supersede the present plan and its standing approvals, and return the next version's number."""
    Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    StandingApproval.objects.filter(plan__incident=incident, revoked_at=None).update(revoked_at=now)
    incident.plans.exclude(state=PlanState.SUPERSEDED).update(state=PlanState.SUPERSEDED)
    last: int | None = incident.plans.aggregate(last=Max("version"))["last"]
    return (last or 0) + 1


def _change_audience(plan: CommunicationPlan, tier: int, changes: Mapping[str, Any]) -> None:
    row = audience(plan, tier)
    for name, value in changes.items():
        if name not in _EDITABLE or (name in _CHANNELS and not set(value) <= set(playbooks.words("channels"))):
            raise BadPlan([_("%(name)s: %(value)s is not possible.") % {"name": name, "value": value}])
        setattr(row, name, value)
    if not row.first_channels or not row.update_channels:
        raise BadPlan([_("Tier %s needs a channel for the first contact and one for updates.") % tier])
    if min(row.first_contact_interval, row.update_interval) <= timedelta():
        raise BadPlan([_("Tier %s: an interval is longer than nothing.") % tier])
    row.save(update_fields=list(changes))


def _change_party(plan: CommunicationPlan, party: str, stage: str, changes: Mapping[str, Any]) -> None:
    row = plan.parties.filter(party=party, stage=stage).first()
    if row is None or not set(changes) <= _OF_A_PARTY:
        raise BadPlan([_("The plan has no such audience: %s.") % f"{party}, {stage}"])
    for name, value in changes.items():
        setattr(row, name, value)
    if not row.is_needed and not row.reason.strip():
        raise BadPlan([_("Say why this audience need not be told.")])
    row.save(update_fields=list(changes))


def _refuse_approver(plan: CommunicationPlan, by: User) -> None:
    if plan.state != PlanState.DRAFT:
        raise PlanIsFrozen(_("Plan v%(version)s is %(state)s already.") % _facts(plan))
    if by.pk == plan.created_by_id:
        raise CannotApprovePlan(_("You wrote plan v%(version)s: another person approves it.") % _facts(plan))
    roles = roster.roles_of(plan.incident, by)
    if not roles or not by.is_active:
        raise CannotApprovePlan(_("%s holds no role in this incident: a member of its team approves the plan.") % by)
    rule = approval_rule(plan, MessageKind.PROGRESS_UPDATE)
    needed = set(rule.roles) if not rule.is_any_one else set(rule.roles) & roles or set(rule.roles)
    if plan.grants_standing_approval and not needed <= roles:
        names = ", ".join(str(Role(role).label) for role in rule.roles)
        raise CannotApprovePlan(
            _(
                "The plan approves progress updates beforehand, which only their approver can do: %s. "
                "Let them or their deputy approve it, or let its author take the standing approval out."
            )
            % names
        )


def _facts(plan: CommunicationPlan) -> dict[str, Any]:
    return {"version": plan.version, "state": PlanState(plan.state).label}


def _lock(plan: CommunicationPlan) -> CommunicationPlan:
    return (
        CommunicationPlan.objects.select_for_update(no_key=True, of=("self",))
        .select_related("incident")
        .get(pk=plan.pk)
    )


def _log(plan: CommunicationPlan, *, action: str, text: str, by: User, now: datetime) -> None:
    audit.tell(plan.incident, kind=TimelineKind.PLAN, text=text, by=by, now=now)
    audit.record(plan.incident, action=action, actor=by, now=now, data={"version": plan.version})
