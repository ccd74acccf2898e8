"""Words that customers wait for: promised updates and the first contact."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from incidents.enums import Role
from incidents.models import Impact, Incident
from incidents.phases import LIVE, Phase
from workflows import first_contacts as contacts
from workflows.enums import AlertKind, PlanState, SlotState
from workflows.escalations import registry
from workflows.escalations.registry import Late, finder
from workflows.models import PlanAudience, UpdateSlot


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
                text=_("%(tier)s should have heard from us by now.") % {"tier": audience.get_tier_display()},
                people=registry.leads(incident)
                | registry.holders(incident, [Role.COMMUNICATIONS_LEAD], with_deputies=False),
            )


def _about_slot(slot: UpdateSlot, kind: AlertKind, words: str) -> Late:
    subject = _("Update %(number)s for %(tier)s, promised for %(time)s UTC") % {
        "number": slot.number,
        "tier": slot.get_tier_display(),
        "time": f"{slot.promised_at:%Y-%m-%d %H:%M}",
    }
    return Late(
        key=f"{kind}:{slot.pk}",
        kind=kind,
        incident=slot.incident,
        text=f"{subject}, {words}",
        people=registry.leads(slot.incident) | _owners(slot.incident, slot.tier),
    )


def _owners(incident: Incident, tier: int) -> set[int]:
    """The plan's owner of this tier and who writes, each with the one who stands in."""
    owner = PlanAudience.objects.filter(plan__incident=incident, tier=tier).exclude(plan__state=PlanState.SUPERSEDED)
    roles = {Role.COMMUNICATIONS_LEAD.value, *owner.values_list("owner_role", flat=True)}
    return registry.holders(incident, roles, with_deputies=True)
