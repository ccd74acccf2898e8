"""Two incidents that turn out to be one: the smaller gives its customers, questions and promises to the other."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from incidents import lifecycle
from incidents.enums import CommitmentKind, CommitmentState, FeedbackState
from incidents.models import Commitment, Feedback, Impact, Incident, Unknown, User
from incidents.phases import Phase
from notifications.models import Message
from workflows import cadence, linking, plans
from workflows.enums import LinkKind, OutreachState, SlotState
from workflows.models import IncidentLink, OutreachTask, UpdateSlot

OPEN_TASKS = (OutreachState.TO_DO, OutreachState.CLAIMED)


def merge(incident: Incident, *, other: Incident, reason: str, by: User, now: datetime) -> IncidentLink:
    """Move what is open in `other` to `incident`, and end `other`; what it said stays where it was said.

    Every promised update keeps its time: whoever waits for one gets one by then, under the incident that stays.
    """
    linking.refuse_pair(incident, other, reason=reason)
    with transaction.atomic():
        stays, goes = _lock(incident, other)
        linking.refuse_pair(stays, goes, reason=reason)
        plans.required(stays)
        _take_back_unsent(goes)
        _move_customers(stays, goes, reason=_("merged from %s") % goes.reference, by=by)
        _move_promises(stays, goes)
        _move_open_work(stays, goes)
        made = _note(stays, goes, reason=reason.strip(), by=by, now=now)
        words = _("Merged into %(reference)s: %(reason)s") % {"reference": stays.reference, "reason": made.reason}
        goes.merged_into = stays
        goes.save(update_fields=["merged_into"])
        lifecycle.move(goes, to=Phase.CANCELLED, by=by, now=now, reason=words)
    other.refresh_from_db()
    return made


def into(incident: Incident) -> Incident | None:
    """Return the incident this one was merged into, or None."""
    made = IncidentLink.objects.filter(other=incident, kind=LinkKind.MERGED).select_related("incident").first()
    return made.incident if made else None


def _lock(incident: Incident, other: Incident) -> tuple[Incident, Incident]:
    rows = Incident.objects.select_for_update(no_key=True).filter(pk__in=[incident.pk, other.pk]).order_by("pk")
    found = {row.pk: row for row in rows}
    return found[incident.pk], found[other.pk]


def _take_back_unsent(incident: Incident) -> None:
    unsent = Message.objects.select_for_update(no_key=True).filter(incident=incident, state__in=cadence.UNSENT)
    for message in unsent.order_by("pk"):
        message.expire()
        message.save(update_fields=["state"])


def _move_customers(stays: Incident, goes: Incident, *, reason: str, by: User) -> None:
    """Copy the affected customers; who is hit by both keeps the higher of the two tiers, so that no promise lapses."""
    own = [field for field in Impact._meta.concrete_fields if not field.primary_key and not field.generated]
    columns = [str(field.column) for field in own if field.column != "incident_id"]
    named = ", ".join(columns)
    values: dict[str, Any] = {"stays": stays.pk, "goes": goes.pk, "reason": reason, "by": by.pk}
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, values)
        cursor.execute(
            f"INSERT INTO incidents_impact (incident_id, {named}) "  # noqa: S608 - column names of our own model
            f"SELECT %(stays)s, {named} FROM incidents_impact WHERE incident_id = %(goes)s "
            "ON CONFLICT (incident_id, customer_id) DO NOTHING",
            values,
        )


def _move_promises(stays: Incident, goes: Incident) -> None:
    """Move the promised updates with their times; where their customers stand in another tier, it is told as well."""
    placed = _placed(stays, goes)
    slots = UpdateSlot.objects.select_for_update(no_key=True).filter(incident=goes, state__in=cadence.LIVE)
    for slot in slots.order_by("promised_at", "pk"):
        heirs = placed.get(slot.tier) or {slot.tier: slot.promised_to}
        tier = slot.tier if slot.tier in heirs else max(heirs)
        if slot.promised_in is not None:
            _promises_of(slot).update(tier=tier)
        for extra in sorted(heirs.keys() - {tier}):
            _promise_as_well(stays, slot, tier=extra, customers=heirs[extra])
        slot.incident, slot.tier, slot.number = stays, tier, _next_number(stays, tier)
        slot.state, slot.message, slot.opened_at = SlotState.PROMISED, None, None
        slot.save()


def _promises_of(slot: UpdateSlot) -> QuerySet[Commitment]:
    assert slot.promised_in is not None
    return Commitment.objects.unsettled().filter(
        incident=slot.incident,
        kind=CommitmentKind.NEXT_UPDATE,
        tier=slot.tier,
        source_reference=slot.promised_in.reference,
    )


def _promise_as_well(stays: Incident, slot: UpdateSlot, *, tier: int, customers: int) -> None:
    earlier = UpdateSlot.objects.filter(
        incident=stays, tier=tier, state__in=cadence.LIVE, promised_at__lte=slot.promised_at
    )
    if not earlier.exists():
        UpdateSlot.objects.create(
            incident=stays,
            tier=tier,
            number=_next_number(stays, tier),
            promised_at=slot.promised_at,
            opens_at=slot.opens_at,
            promised_to=customers,
            promised_in=slot.promised_in,
        )


def _next_number(incident: Incident, tier: int) -> int:
    last = UpdateSlot.objects.filter(incident=incident, tier=tier).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _placed(stays: Incident, goes: Incident) -> dict[int, dict[int, int]]:
    """Return for each tier of the incident that goes where its customers are now, and how many."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACED, {"stays": stays.pk, "goes": goes.pk})
        found: dict[int, dict[int, int]] = defaultdict(dict)
        for before, after, customers in cursor.fetchall():
            found[before][after] = customers
    return found


def _move_open_work(stays: Incident, goes: Incident) -> None:
    """Questions of the team, of customers, calls to make and promises still open go with their customers."""
    Unknown.objects.filter(incident=goes, resolved_at=None).update(incident=stays)
    Feedback.objects.filter(incident=goes, state=FeedbackState.OPEN).update(incident=stays)
    Commitment.objects.filter(incident=goes, state=CommitmentState.OPEN).update(incident=stays)
    OutreachTask.objects.filter(incident=goes, state__in=OPEN_TASKS).update(incident=stays)


def _note(stays: Incident, goes: Incident, *, reason: str, by: User, now: datetime) -> IncidentLink:
    ended = IncidentLink.objects.standing().of(goes).filter(kind=LinkKind.LINKED)
    ended.update(ended_at=now, ended_by=by)
    made = IncidentLink.objects.create(incident=stays, other=goes, kind=LinkKind.MERGED, reason=reason, by=by, at=now)
    text = _("Merged into the first: %(pair)s (%(reason)s)")
    linking.tell_both(made, action="incident.merged", text=text, by=by, now=now)
    return made


_RAISE = """
UPDATE incidents_impact i SET
    affected_items = concat_ws('; ', nullif(i.affected_items, ''), nullif(o.affected_items, '')),
    harm = CASE WHEN o.harm IN ('safety', 'legal_right') AND o.tier = 1 AND i.harm <> 'safety' THEN o.harm
                ELSE i.harm END,
    override_tier = CASE WHEN o.tier < coalesce(i.tier, 9) THEN o.tier ELSE i.override_tier END,
    override_reason = CASE WHEN o.tier < coalesce(i.tier, 9) THEN %(reason)s ELSE i.override_reason END,
    override_by_id = CASE WHEN o.tier < coalesce(i.tier, 9) THEN %(by)s ELSE i.override_by_id END
FROM incidents_impact o
WHERE i.incident_id = %(stays)s AND o.incident_id = %(goes)s AND o.customer_id = i.customer_id
"""
_PLACED = """
SELECT o.tier, i.tier, count(*) FROM incidents_impact o
JOIN incidents_impact i ON i.incident_id = %(stays)s AND i.customer_id = o.customer_id
WHERE o.incident_id = %(goes)s AND o.tier IS NOT NULL AND i.tier IS NOT NULL
GROUP BY o.tier, i.tier
"""
