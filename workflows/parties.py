"""Audiences that are no customers: what each hears at which stage, drafted from the same facts, carried by people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from incidents import audit, facts
from incidents.enums import TimelineKind
from incidents.errors import Refusal
from incidents.models import Incident, User
from incidents.sentences import gettext as _
from notifications import compose
from notifications.enums import EDITABLE, HANDED_OVER, MessageKind, MessageState
from notifications.models import Message
from workflows import plans, playbooks, values
from workflows.enums import Party, PartyState
from workflows.models import CommunicationPlan, PlanParty

# What counts as said or under way; a withdrawn text leaves its cell empty again.
_STANDING = (*EDITABLE, MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT)
_STATES: dict[str, PartyState] = {
    MessageState.DRAFT: PartyState.DRAFT,
    MessageState.IN_REVIEW: PartyState.IN_REVIEW,
    MessageState.APPROVED: PartyState.APPROVED,
}


class TextExists(Refusal):
    """The audience has a text at this stage that is not handed over yet."""


class CannotHandOver(Refusal):
    """The text may not leave the house as it stands; the sentence says why."""


@dataclass(frozen=True)
class Cell:
    """One party at one stage: its row of the plan, where its text stands, who sees to it and by when."""

    row: PlanParty
    state: PartyState
    message: Message | None
    owner: User | None
    due_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Whether it should have been handed over by now."""
        is_open = self.state not in {PartyState.HANDED_OVER, PartyState.NOT_NEEDED}
        return is_open and self.due_at is not None and self.due_at < now


def matrix(plan: CommunicationPlan) -> list[Cell]:
    """Return every party and stage of the plan with its state, in order; a fixed number of queries."""
    incident = plan.incident
    texts = {(one.audience["party"], one.audience.get("stage")): one for one in _texts(incident).order_by("number")}
    team = {seat.role: seat.user for seat in incident.team.select_related("user")}
    spoken = _customers_heard(incident)
    rows = list(plan.parties.select_related("owner", "plan__incident").order_by("pk"))
    windows = {row.party: row.due_interval for row in rows if row.due_interval is not None}
    briefed = incident.briefs.filter(acknowledgements__isnull=False).exists()
    return [
        Cell(
            row=row,
            state=_state(row, texts.get((row.party, row.stage)), has_heard=briefed and row.party == Party.STAFF),
            message=texts.get((row.party, row.stage)),
            owner=row.owner or team.get(row.owner_role),
            due_at=_due_at(row, incident, spoken, window=windows.get(row.party, timedelta())),
        )
        for row in rows
    ]


def draft(row: PlanParty, *, by: User, now: datetime) -> Message:
    """Draft the text of one party and stage from the plan's template and the confirmed facts."""
    incident = row.plan.incident
    present = _texts(incident).filter(audience__party=row.party, audience__stage=row.stage).order_by("number").last()
    if present is not None and present.state in EDITABLE:
        raise TextExists(_("%s is on its way already: edit that text.") % present)
    kind = MessageKind.PRESS_RELEASE if row.party == Party.PRESS else MessageKind.PARTY_NOTICE
    audience = {"party": row.party, "stage": row.stage}
    return write(incident, kind=kind, template=_template(row), audience=audience, by=by, now=now)


def write(  # noqa: PLR0913 - what, by which template, for whom
    incident: Incident, *, kind: MessageKind, template: str, audience: dict[str, Any], by: User, now: datetime
) -> Message:
    """Draft a text that people carry: no channel and no promise of ours, but the same facts and the same approval."""
    plan, sheet = plans.required(incident), facts.confirmed(incident)
    said = values.message_values(incident, plan=plan, fact_sheet=sheet, kind=template, now=now)
    texts = plans.template(plan, template)
    spec = compose.DraftSpec(
        kind=kind,
        audience=audience,
        channels={},
        texts={language: texts[language] for language in said.by_language if language in texts},
        values=said.by_language,
        times=said.times,
        fact_sheet=sheet,
        elements_required=plan.content["message_templates"][template].get("elements_required", ()),
    )
    return compose.draft(incident, spec=spec, by=by, now=now)


def hand_over(message: Message, *, how: str, by: User, now: datetime) -> Message:
    """Record that an approved text was given to its audience, and how; an earlier one of the same place is replaced."""
    if not how.strip():
        raise CannotHandOver(_("Say how it was handed over: a link, a list, or to whom."))
    with transaction.atomic():
        Incident.objects.select_for_update(no_key=True).get(pk=message.incident_id)
        locked = (
            Message.objects.select_for_update(no_key=True, of=("self",))
            .select_related("current", "incident")
            .get(pk=message.pk)
        )
        _refuse(locked)
        _replace_earlier(locked)
        locked.release()
        locked.complete()
        locked.released_at = locked.completed_at = now
        locked.save(update_fields=["state", "released_at", "completed_at"])
        text = _("%(message)s handed over: %(how)s") % {"message": locked, "how": how.strip()}
        audit.tell(locked.incident, kind=TimelineKind.MESSAGE, text=text, by=by, now=now)
        data = {"message": locked.reference, "sha256": compose.current(locked).sha256, "how": how.strip()}
        audit.record(locked.incident, action="message.handed_over", actor=by, now=now, data=data)
    return locked


def is_to_be_handed_over(message: Message) -> bool:
    """Whether people are to carry this approved text now."""
    return message.kind in HANDED_OVER and message.state == MessageState.APPROVED


def _refuse(message: Message) -> None:
    if message.kind not in HANDED_OVER:
        raise CannotHandOver(_("%s goes to customers: release it.") % message.reference)
    if message.state != MessageState.APPROVED:
        raise CannotHandOver(_("Only an approved text is handed over; this one is: %s.") % message.get_state_display())
    if message.incident.is_on_hold:
        raise CannotHandOver(_("Sending is stopped for this incident: %s.") % message.incident.hold_reason)
    problems = compose.problems(message)
    if problems:
        raise CannotHandOver("\n".join(problems))


def _replace_earlier(message: Message) -> None:
    if message.kind == MessageKind.SOCIAL_POST:
        return
    earlier = _texts(message.incident).filter(
        audience__party=message.audience["party"],
        audience__stage=message.audience.get("stage"),
        state=MessageState.SENT,
    )
    for one in earlier.exclude(pk=message.pk).order_by("pk"):
        one.supersede()
        one.needs_correction = False
        one.save(update_fields=["state", "needs_correction"])


def _texts(incident: Incident) -> QuerySet[Message]:
    return Message.objects.filter(
        incident=incident, kind__in=HANDED_OVER, audience__has_key="party", state__in=_STANDING
    ).select_related("incident")


def _customers_heard(incident: Incident) -> dict[str, datetime]:
    """Return when customers first heard of each stage."""
    released = Message.objects.filter(incident=incident, released_at__isnull=False).order_by("-released_at")
    return {kind: at for kind, at in released.values_list("kind", "released_at") if at}


def _state(row: PlanParty, message: Message | None, *, has_heard: bool) -> PartyState:
    """Staff who were given the staff brief have their text."""
    if message is None and has_heard:
        return PartyState.HANDED_OVER
    if message is None:
        return PartyState.TO_DRAFT if row.is_needed else PartyState.NOT_NEEDED
    return _STATES.get(message.state, PartyState.HANDED_OVER)


def _due_at(row: PlanParty, incident: Incident, spoken: dict[str, datetime], *, window: timedelta) -> datetime | None:
    """From the declaration; later stages follow the customers' own message within the same time."""
    if row.due_interval is not None and incident.declared_at is not None:
        return incident.declared_at + row.due_interval
    heard_at = spoken.get(row.stage)
    return heard_at + window if heard_at else None


def _template(row: PlanParty) -> str:
    known = playbooks.reference("parties")
    shared = known["stages"][row.stage]
    return str(shared or next(item["template"] for item in known["parties"] if item["id"] == row.party))
