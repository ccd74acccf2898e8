"""Words that customers wait for: promised updates and the first contact."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, F, Max, OuterRef, QuerySet

from incidents import sentences
from incidents.enums import Role, Tier
from incidents.models import Impact, Incident
from incidents.phases import LIVE, Phase
from incidents.sentences import gettext as _
from notifications.models import Message
from workflows import first_contacts as contacts
from workflows.enums import AlertKind, OutreachState, PlanState, SlotState
from workflows.escalations import registry
from workflows.escalations.registry import Late, finder
from workflows.models import OutreachTask, PlanAudience, UpdateSlot


@finder(AlertKind.UPDATE_AT_RISK)
def updates_at_risk(now: datetime) -> Iterator[Late]:
    """A promised update is not out although half of its preparation time is gone, or sending is stopped."""
    slots = UpdateSlot.objects.filter(
        state__in=[SlotState.PROMISED, SlotState.OPEN],
        opens_at__lte=now,
        promised_at__gt=now,
        incident__phase__in=LIVE,
    )
    for slot in slots.select_related("incident").order_by("pk"):
        is_half_gone = now - slot.opens_at >= slot.promised_at - now
        if is_half_gone or slot.incident.is_on_hold:
            reason = _(" Sending is stopped for this incident.") if slot.incident.is_on_hold else ""
            yield _about_slot(slot, AlertKind.UPDATE_AT_RISK, _("is not out yet and may miss its time.") + reason)


@finder(AlertKind.UPDATE_MISSED)
def updates_missed(now: datetime) -> Iterator[Late]:
    """A promised time has passed and the update has not gone out."""
    slots = UpdateSlot.objects.filter(
        state__in=[SlotState.PROMISED, SlotState.OPEN], promised_at__lte=now, incident__phase__in=LIVE
    )
    for slot in slots.select_related("incident").order_by("pk"):
        yield _about_slot(slot, AlertKind.UPDATE_MISSED, _("has missed its promised time."))


@finder(AlertKind.FIRST_NOTICE_LATE)
def first_contacts(now: datetime) -> Iterator[Late]:
    """A tier has not heard a first word within the plan's time from the declaration."""
    late = PlanAudience.objects.filter(
        plan__incident__phase__in=LIVE - {Phase.FOLLOW_UP, Phase.EVALUATE},
        plan__incident__declared_at__lte=now - F("first_contact_interval"),
    ).exclude(plan__state=PlanState.SUPERSEDED)
    for audience in late.select_related("plan__incident").order_by("pk"):
        incident = audience.plan.incident
        if not Impact.objects.filter(incident=incident, tier=audience.tier).exists():
            continue
        if audience.tier not in contacts.heard_at(incident):
            yield Late(
                key=f"{AlertKind.FIRST_NOTICE_LATE}:{incident.pk}:{audience.tier}",
                kind=AlertKind.FIRST_NOTICE_LATE,
                incident=incident,
                text=_("%(tier)s should have heard from us by now.") % {"tier": Tier(audience.tier).label},
                people=registry.leads(incident)
                | registry.holders(incident, [Role.COMMUNICATIONS_LEAD], with_deputies=False),
            )


def _about_slot(slot: UpdateSlot, kind: AlertKind, words: str) -> Late:
    subject = _("Update %(number)s for %(tier)s, promised for %(time)s UTC") % {
        "number": slot.number,
        "tier": Tier(slot.tier).label,
        "time": f"{slot.promised_at:%Y-%m-%d %H:%M}",
    }
    return Late(
        key=f"{kind}:{slot.pk}",
        kind=kind,
        incident=slot.incident,
        text=sentences.pattern("%(what)s, %(how)s") % {"what": subject, "how": words},
        people=registry.leads(slot.incident) | _owners(slot.incident, slot.tier),
    )


def _owners(incident: Incident, tier: int) -> set[int]:
    """The plan's owner of this tier and who writes, each with the one who stands in."""
    owner = PlanAudience.objects.filter(plan__incident=incident, tier=tier).exclude(plan__state=PlanState.SUPERSEDED)
    roles = {Role.COMMUNICATIONS_LEAD.value, *owner.values_list("owner_role", flat=True)}
    return registry.holders(incident, roles, with_deputies=True)


@finder(AlertKind.SILENCE)
def silence(now: datetime) -> Iterator[Late]:
    """Nothing is promised to a tier, and it has heard nothing for longer than the plan allows, also afterwards."""
    rows = PlanAudience.objects.exclude(plan__state=PlanState.SUPERSEDED)
    rows = rows.filter(plan__incident__phase__in=(Phase.EXECUTE, Phase.FOLLOW_UP)).annotate(
        is_promised=Exists(_live_slots()), has_customers=Exists(_customers())
    )
    waiting = rows.filter(is_promised=False, has_customers=True).select_related("plan__incident").order_by("pk")
    for audience in waiting:
        incident = audience.plan.incident
        longest = audience.update_interval if incident.phase == Phase.EXECUTE else audience.check_interval
        last = last_word(incident, audience.tier)
        if last is not None and longest is not None and now - last > longest:
            yield Late(
                key=f"{AlertKind.SILENCE}:{incident.pk}:{audience.tier}:{last:%Y%m%d%H%M%S}",
                kind=AlertKind.SILENCE,
                incident=incident,
                text=_("%(tier)s has heard nothing since %(time)s UTC, and nothing is promised.")
                % {"tier": Tier(audience.tier).label, "time": f"{last:%Y-%m-%d %H:%M}"},
                people=registry.leads(incident) | _owners(incident, audience.tier),
            )


def last_word(incident: Incident, tier: int) -> datetime | None:
    """Return when a tier last heard from us, in writing or in person; None before the first word."""
    told = Message.objects.filter(incident=incident, released_at__isnull=False, channels__has_key=str(tier))
    called = OutreachTask.objects.filter(
        incident=incident, state=OutreachState.DONE, customer__impacts__incident=incident, customer__impacts__tier=tier
    )
    moments = [told.aggregate(last=Max("released_at"))["last"], called.aggregate(last=Max("finished_at"))["last"]]
    return max((moment for moment in moments if moment is not None), default=None)


def _live_slots() -> QuerySet[UpdateSlot]:
    promised = UpdateSlot.objects.filter(state__in=[SlotState.PROMISED, SlotState.OPEN])
    return promised.filter(incident=OuterRef("plan__incident"), tier=OuterRef("tier"))


def _customers() -> QuerySet[Impact]:
    return Impact.objects.filter(incident=OuterRef("plan__incident"), tier=OuterRef("tier"))
