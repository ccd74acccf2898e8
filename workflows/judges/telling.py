"""Judges of the telling: customers handled, feedback owned, no promised update overdue."""

from datetime import datetime

from django.utils.translation import gettext as _

from incidents.models import Feedback, Impact, Incident
from incidents.phases import Gate
from notifications.enums import MessageKind
from notifications.models import Message
from workflows import handled
from workflows.enums import SlotState
from workflows.gates import Missing, enumerate_names, judge
from workflows.handled import Share
from workflows.judges.knowing import relapsed_at
from workflows.models import UpdateSlot


@judge("delivery")
def delivery(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Enough customers of every tier are handled: delivered, reached in person, or unreachable with a reason."""
    kind = MessageKind(gate.params["message"])
    shares = handled.handled_by_kind(incident, kind=kind, since=_since(incident, kind))
    if not shares:
        return Missing(_("no affected customer has a tier."), _("Compute the tiers under Audience."))
    short = [_short(tier, share) for tier, share in shares.items() if share.ratio < _wanted(gate, tier)]
    without_tier = Impact.objects.filter(incident=incident, tier=None).count()
    if without_tier:
        short.append(_("%d customers have no tier") % without_tier)
    if not short:
        return None
    hint = _(
        "Release it, then work the call desk: call those whose delivery failed, or record why they are unreachable."
    )
    return Missing(_("%(kind)s: %(names)s.") % {"kind": kind.label, "names": enumerate_names(short)}, hint)


@judge("feedback_owned")
def feedback_owned(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Every open entry of the feedback log belongs to somebody."""
    loose = Feedback.objects.unanswered().filter(incident=incident, owner=None).count()
    if not loose:
        return None
    return Missing(_("%d entries have no owner.") % loose, _("Give each a person on the tab Feedback."))


@judge("cadence")
def cadence(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """No promised update is overdue; a missed one counts until its tier heard from us again."""
    due = UpdateSlot.objects.filter(
        incident=incident,
        promised_at__lt=now,
        state__in=[SlotState.PROMISED, SlotState.OPEN, SlotState.MISSED],
    )
    overdue = [slot for slot in due.order_by("promised_at", "tier") if not _broke_the_silence(incident, slot)]
    if len(overdue) <= gate.params["max_overdue"]:
        return None
    named = enumerate_names([_("tier %(tier)d, number %(number)d") % vars(slot) for slot in overdue])
    text = _("%(count)d updates are overdue: %(names)s.") % {"count": len(overdue), "names": named}
    return Missing(text, _("Approve and release the update on the tab Messages, even if nothing is new."))


def _since(incident: Incident, kind: MessageKind) -> datetime | None:
    """A relapse makes an earlier resolution notice void: everybody is told anew."""
    return relapsed_at(incident) if kind == MessageKind.RESOLUTION else None


def _wanted(gate: Gate, tier: int) -> float:
    return float(gate.params.get(f"min_ratio_tier_{tier}", gate.params.get("min_ratio", 1.0)))


def _short(tier: int, share: Share) -> str:
    return _("tier %(tier)d: %(handled)d of %(total)d handled") % {
        "tier": tier,
        "handled": share.handled,
        "total": share.total,
    }


def _broke_the_silence(incident: Incident, slot: UpdateSlot) -> bool:
    if slot.state != SlotState.MISSED:
        return False
    later = Message.objects.filter(incident=incident, released_at__gte=slot.promised_at)
    return later.exclude(kind=MessageKind.FOLLOW_UP_SURVEY).filter(channels__has_key=str(slot.tier)).exists()
