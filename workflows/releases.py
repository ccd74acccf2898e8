"""From an approved text to deliveries, page and promises, in one transaction; and the drafts that lead there."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents import audit, facts
from incidents.enums import Role, Tier, TimelineKind
from incidents.errors import Refusal
from incidents.models import Company, FactSheet, Incident, User
from incidents.phases import LIVE, Phase
from incidents.sentences import gettext as _
from notifications import channels, combining, compose, corrections, engine, freezing, translations
from notifications.channels import page
from notifications.enums import HANDED_OVER, DeliveryStatus, MessageKind, MessageState
from notifications.models import Message
from workflows import approvals, cadence, capacity, copies, linking, outreach, owed, plans, promises, values
from workflows.models import CommunicationPlan, PlanAudience

BEFORE_THE_END = frozenset({Phase.IDENTIFY, Phase.ANALYZE, Phase.PLAN, Phase.EXECUTE})
PHASES: dict[str, frozenset[Phase]] = {
    MessageKind.HOLDING_STATEMENT: BEFORE_THE_END,
    MessageKind.FIRST_NOTICE: frozenset({Phase.EXECUTE}),
    MessageKind.PROGRESS_UPDATE: BEFORE_THE_END | {Phase.FOLLOW_UP},
    MessageKind.CORRECTION: LIVE,
    MessageKind.RESOLUTION: frozenset({Phase.EXECUTE}),
    MessageKind.LAST_WORD: LIVE | {Phase.CANCELLED},
    MessageKind.FOLLOW_UP_SURVEY: frozenset({Phase.FOLLOW_UP}),
    **dict.fromkeys(HANDED_OVER, LIVE),
}
FIRST_WORDS = frozenset({MessageKind.HOLDING_STATEMENT, MessageKind.FIRST_NOTICE})
PROMISING = FIRST_WORDS | {MessageKind.PROGRESS_UPDATE, MessageKind.CORRECTION}
FINAL = frozenset({MessageKind.RESOLUTION, MessageKind.LAST_WORD})


def may_draft(incident: Incident) -> bool:
    """Whether any kind of message can still leave in the present phase."""
    return incident.declared_at is not None and any(incident.phase in phases for phases in PHASES.values())


def is_under_way(incident: Incident) -> bool:
    """Whether anything can leave for this incident: it lives, or a message of it is still being sent."""
    on_its_way = [MessageState.SCHEDULED, MessageState.SENDING]
    return incident.is_live or incident.messages.filter(state__in=on_its_way).exists()


class CannotRelease(Refusal):
    """The message may not leave now; the sentence says why and what to do."""


class LiveSendingRefused(CannotRelease):
    """Sending to customers is not set up; `problems` say what is missing."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join([_("Nothing can be sent yet:"), *problems]))


@dataclass(frozen=True)
class Draft:
    """What to draft: the kind, for whom (every tier of the affected customers), by which template (the kind's own).

    `fact_sheet` is the sheet to draw on where the newest confirmed one is not meant, `next_update_at` the next word a
    person promises instead of the plan's rhythm.
    """

    kind: MessageKind
    audience: dict[str, Any] = field(default_factory=lambda: {"tiers": list(Tier.values)})
    template: str = ""
    fact_sheet: FactSheet | None = None
    next_update_at: datetime | None = None

    @property
    def tiers(self) -> list[int]:
        """The tiers the text speaks to; customers nobody has placed yet may be in any."""
        return list(self.audience.get("tiers", Tier.values))


def draft_message(incident: Incident, *, kind: MessageKind, by: User | None, now: datetime) -> Message:
    """Draft a message of this kind for all affected customers from the plan's frozen templates."""
    return draft(incident, draft=Draft(kind), by=by, now=now)


def draft(incident: Incident, *, draft: Draft, by: User | None, now: datetime) -> Message:
    """Draft from the plan's frozen templates, in every language that has values, for the channels of each tier."""
    plan = plans.required(incident)
    owed.follow(incident, by=by, now=now)
    template = draft.template or draft.kind
    is_update = draft.kind == MessageKind.PROGRESS_UPDATE
    number = _update_number(incident, draft.tiers) if is_update else 0
    sheet = draft.fact_sheet or facts.confirmed(incident)
    said = values.message_values(
        incident, plan=plan, fact_sheet=sheet, kind=template, now=now, tiers=draft.tiers, number=number
    )
    texts = plans.template(plan, template)
    spec = compose.DraftSpec(
        kind=draft.kind,
        audience=owed.audience(plan, draft.audience),
        channels={str(tier): _channels(incident, plan, tier, draft) for tier in draft.tiers},
        promises=next_promises(incident, plan=plan, draft=draft, now=now),
        texts={language: texts[language] for language in said.by_language if language in texts},
        values=said.by_language,
        times=said.times,
        fact_sheet=sheet,
        update_number=number,
        elements_required=plan.content["message_templates"][template].get("elements_required", ()),
    )
    return compose.draft(incident, spec=spec, by=by, now=now)


def draft_no_change(incident: Incident, *, tier: int, now: datetime) -> Message:
    """Draft the plan's minimal “no change” update for one tier: it needs title, next update and contact only."""
    plain = Draft(MessageKind.PROGRESS_UPDATE, audience={"tiers": [tier]}, template=plans.NO_CHANGE)
    return draft(incident, draft=plain, by=None, now=now)


def _channels(incident: Incident, plan: CommunicationPlan, tier: int, draft: Draft) -> list[str]:
    """The matrix picks. A holding statement, and whom a filter chose, is written to as well: calls take their time."""
    names = _named(incident, plans.audience(plan, tier), draft)
    # What only the team may see is on no public page, and what is not set up tells nobody.
    closed = channels.not_set_up() | (set(channels.published()) if incident.is_embargoed else set())
    return [name for name in names if name not in closed]


def _named(incident: Incident, row: PlanAudience, draft: Draft) -> list[str]:
    if draft.kind == MessageKind.FOLLOW_UP_SURVEY:
        # A survey asks the customers it was sent to; the public page has nothing to ask.
        return [name for name in row.update_channels if name not in channels.published()]
    if draft.kind not in FIRST_WORDS:
        return list(row.update_channels)
    is_first_word = draft.kind == MessageKind.HOLDING_STATEMENT and "page" not in draft.audience
    is_written = "filter" in draft.audience or is_first_word
    return list(dict.fromkeys([*owed.channels(incident, row), *(row.update_channels if is_written else [])]))


def next_promises(
    incident: Incident, *, plan: CommunicationPlan, draft: Draft, now: datetime
) -> dict[str, dict[str, str]]:
    """Return the next update a text drafted now would name to each tier."""
    if draft.kind not in PROMISING:
        return {}
    if draft.next_update_at is not None:
        return {str(tier): {"next_update_at": draft.next_update_at.isoformat()} for tier in draft.tiers}
    times = {tier: cadence.next_promise(incident, plan=plan, tier=tier, planned_at=now) for tier in draft.tiers}
    return {str(tier): {"next_update_at": moment.isoformat()} for tier, moment in times.items()}


def _update_number(incident: Incident, tiers: list[int]) -> int:
    earlier = Message.objects.filter(
        incident=incident, kind=MessageKind.PROGRESS_UPDATE, released_at__isnull=False
    ).order_by("number")
    heard = [message.update_number for message in earlier if any(str(tier) in message.channels for tier in tiers)]
    return max(heard, default=0) + 1


def release(message: Message, *, by: User | None, now: datetime) -> Message:
    """Freeze the audience, publish, plan the calls and make the promises: all in one transaction, once.

    Raises `CannotRelease` with the reason; a second call finds the message released and is told so. A graver incident
    or a grown audience asks for its further stamps first, and that stays written down though the release is refused.
    """
    with transaction.atomic():
        locked = _lock(message)
        owed.follow(locked.incident, by=by, now=now)
        missing = approvals.ask_again(locked, now=now)
    if missing:
        raise CannotRelease(_asked_again(missing))
    with transaction.atomic():
        locked = _lock(message)
        _refuse_release(locked, now=now)
        locked.release()
        locked.released_at = now
        locked.languages = translations.spoken(locked)
        locked.expires_at = max(cadence.promised_times(locked).values(), default=None)
        locked.save(update_fields=["state", "released_at", "expires_at", "languages"])
        _replace_earlier(locked, now=now)
        freezing.freeze(locked, now=now)
        _spare_the_told(locked, now=now)
        if page.is_public(locked):
            page.publish(locked, now=now)
        outreach.plan_contacts(locked, now=now)
        _keep_promises(locked, now=now)
        copies.send(locked, now=now)
        _note(locked, _("%(message)s is released."), action="message.released", by=by, now=now)
    return locked


def schedule(message: Message, *, at: datetime, by: User, now: datetime) -> Message:
    """Set an approved message to leave at a later time."""
    with transaction.atomic():
        locked = _lock(message)
        if locked.state != MessageState.APPROVED:
            raise CannotRelease(_("Only an approved message can be scheduled; this one is: %s.") % _state(locked))
        if at <= now:
            raise CannotRelease(_("The release time has passed. Choose a later one, or release now."))
        _refuse_past_promises(locked, now=at)
        locked.schedule()
        locked.release_at = at
        locked.save(update_fields=["state", "release_at"])
        _note(locked, _("%(message)s is scheduled."), action="message.scheduled", by=by, now=now)
    return locked


def cancel(message: Message, *, by: User, now: datetime) -> Message:
    """Withdraw a message before anything was sent."""
    with transaction.atomic():
        locked = _lock(message)
        if locked.state not in cadence.UNSENT:
            raise CannotRelease(_("This message cannot be withdrawn any more; it is: %s.") % _state(locked))
        locked.cancel()
        locked.save(update_fields=["state"])
        _note(locked, _("%(message)s is withdrawn."), action="message.cancelled", by=by, now=now)
    return locked


def due(*, now: datetime) -> list[int]:
    """Return the scheduled messages whose time has come; those of a stopped incident wait."""
    messages = Message.objects.filter(
        state=MessageState.SCHEDULED, release_at__lte=now, incident__is_on_hold=False, incident__phase__in=LIVE
    )
    return list(messages.order_by("release_at", "pk").values_list("pk", flat=True))


def release_scheduled(pk: int, *, now: datetime) -> Message:
    """Release one scheduled message."""
    return release(Message.objects.get(pk=pk), by=None, now=now)


def _lock(message: Message) -> Message:
    """Lock the incident, then the message: whoever releases, stops or opens slots takes them in this order."""
    incident = Incident.objects.select_for_update(no_key=True).get(pk=message.incident_id)
    locked = Message.objects.select_for_update(no_key=True, of=("self",)).select_related("current").get(pk=message.pk)
    locked.incident = incident
    return locked


def _refuse_release(message: Message, *, now: datetime) -> None:
    if message.state not in (MessageState.APPROVED, MessageState.SCHEDULED):
        raise CannotRelease(_("Only an approved message can be released; this one is: %s.") % _state(message))
    if message.kind in HANDED_OVER:
        raise CannotRelease(_("People carry this text: hand it over under Plan or Press, and note where."))
    incident = message.incident
    if incident.is_on_hold:
        raise CannotRelease(_("Sending is stopped for this incident: %s. Resume it first.") % incident.hold_reason)
    if incident.phase not in PHASES[message.kind]:
        raise CannotRelease(
            _("%(kind)s cannot be released in the phase %(phase)s.")
            % {"kind": message.get_kind_display(), "phase": Phase(incident.phase).label}
        )
    if incident.is_embargoed and page.is_public(message):
        raise CannotRelease(
            _("The incident is under embargo and this text would stand on the public page: choose customers instead.")
        )
    if message.kind == MessageKind.RESOLUTION and incident.resolved_at is None:
        raise CannotRelease(_("Record first when the incident was resolved: the resolution notice says so."))
    _refuse_past_promises(message, now=now)
    owed.refuse(message)
    capacity.refuse(message, now=now)
    problems = engine.live_problems(Company.objects.get())
    if problems:
        raise LiveSendingRefused(problems)


def _asked_again(roles: list[str]) -> str:
    named = ", ".join(str(Role(role).label) for role in roles)
    return _("The incident is graver or more customers hear it than was approved; now asked for: %s.") % named


def _refuse_past_promises(message: Message, *, now: datetime) -> None:
    late = [tier for tier, moment in cadence.promised_times(message).items() if moment <= now]
    if late:
        raise CannotRelease(
            _("The next update this text promises has passed for tier %s. Edit the message to name a later time.")
            % ", ".join(map(str, late))
        )


def _state(message: Message) -> str:
    return str(MessageState(message.state).label)


def _replace_earlier(message: Message, *, now: datetime) -> None:
    """What is still on its way and now out of date does not leave any more."""
    if message.corrects is not None:
        engine.withdraw(message.corrects, status=DeliveryStatus.SUPERSEDED, now=now)
        corrections.close(message, by=None, now=now)
    if message.kind in FINAL:
        _expire_unsent(message)
    if message.kind in FINAL | {MessageKind.PROGRESS_UPDATE}:
        leaving = Message.objects.filter(
            incident=message.incident, kind=MessageKind.PROGRESS_UPDATE, state=MessageState.SENDING
        ).exclude(pk=message.pk)
        for earlier in leaving.order_by("number"):
            if set(earlier.channels) <= set(message.channels):
                _supersede(earlier, now=now)


def _supersede(message: Message, *, now: datetime) -> None:
    engine.withdraw(message, status=DeliveryStatus.SUPERSEDED, now=now)
    locked = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if locked.state != MessageState.SUPERSEDED:
        locked.supersede()
        locked.save(update_fields=["state"])


def _expire_unsent(message: Message) -> None:
    unsent = Message.objects.select_for_update(no_key=True).filter(
        incident=message.incident, kind=MessageKind.PROGRESS_UPDATE, state__in=cadence.UNSENT
    )
    for update in unsent.order_by("number"):
        update.expire()
        update.save(update_fields=["state"])


def _spare_the_told(message: Message, *, now: datetime) -> None:
    """Write to nobody twice whom the update of a linked incident told the same."""
    told = combining.combine(message, covered_by=linking.covering(message, now=now), now=now)
    if told:
        text = _("%(message)s: %(count)d customers were told by the update of a linked incident.")
        words = text % {"message": message, "count": told}
        audit.tell(message.incident, kind=TimelineKind.DELIVERY, text=words, by=None, now=now)


def _keep_promises(message: Message, *, now: datetime) -> None:
    cadence.fulfil(message)
    if message.kind in FINAL:
        cadence.withdraw(message.incident, now=now)
    cadence.promise(message, now=now)
    promises.record(message, now=now)


def _note(message: Message, words: str, *, action: str, by: User | None, now: datetime) -> None:
    data = {"message": message.pk, "sha256": message.current.sha256 if message.current else "", "kind": message.kind}
    text = words % {"message": message}
    audit.tell(message.incident, kind=TimelineKind.MESSAGE, text=text, by=by, now=now)
    audit.record(message.incident, action=action, actor=by, now=now, data=data)
