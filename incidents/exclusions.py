"""Customers left out of an incident, each with the reason; never where safety or a legal right is at stake."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from incidents import audit, customers, duties, impacts
from incidents.enums import Duty, TimelineKind
from incidents.errors import Refusal
from incidents.models import Customer, Exclusion, Impact, Incident, User
from incidents.sentences import gettext as _


class ExclusionRefused(Refusal):
    """These customers must hear; `crm_ids` names those whose own harm says so, empty where a duty covers all."""

    def __init__(self, sentence: str, *, crm_ids: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.crm_ids = list(crm_ids)


def exclude(incident: Incident, *, spec: dict[str, Any], reason: str, by: User, now: datetime) -> int:
    """Leave the customers of a saved filter out of every message to come; return how many were not out before."""
    if not incident.is_live:
        raise impacts.IncidentIsOver(_("The incident is over; reopen it before changing whom it affects."))
    if not reason.strip():
        raise ExclusionRefused(_("Say why these customers are left out: the reason is read in the review."))
    if not spec:
        raise ExclusionRefused(_("Say who is left out: nobody leaves everybody out."))
    chosen = customers.matching(spec)
    refuse_protected(incident, chosen=chosen)
    query, parameters = chosen.order_by().values("pk").query.sql_with_params()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_INSERT.format(chosen=query), [incident.pk, reason.strip(), by.pk, now, *parameters])
        added = int(cursor.rowcount)
        told = _("%(count)s customers are left out: %(reason)s") % {"count": added, "reason": reason.strip()}
        audit.tell(incident, kind=TimelineKind.AUDIENCE, text=told, by=by, now=now)
        data = {"filter": spec, "reason": reason.strip(), "added": added}
        audit.record(incident, action="exclusions.added", actor=by, now=now, data=data)
    return added


def lift(incident: Incident, *, crm_ids: Sequence[str], by: User, now: datetime) -> int:
    """Let these customers hear again; return how many were left out."""
    with transaction.atomic():
        rows = Exclusion.objects.filter(incident=incident, lifted_at=None, customer__crm_id__in=list(crm_ids))
        lifted = rows.update(lifted_at=now)
        told = _("%s customers are no longer left out") % lifted
        audit.tell(incident, kind=TimelineKind.AUDIENCE, text=told, by=by, now=now)
        data = {"crm_ids": list(crm_ids), "lifted": lifted}
        audit.record(incident, action="exclusions.lifted", actor=by, now=now, data=data)
    return lifted


def refuse_protected(incident: Incident, *, chosen: QuerySet[Customer]) -> None:
    """Raise ExclusionRefused where a duty covers everybody, or where one of the chosen is protected by the harm."""
    incident.refresh_from_db(fields=[*duties.FIELDS.values()])
    owed = duties.of(incident) & duties.TO_EVERYBODY
    if owed:
        named = ", ".join(str(Duty(duty).label) for duty in sorted(owed))
        raise ExclusionRefused(_("Nobody is left out of this incident: %s. No rule outranks that.") % named)
    harmed = Impact.objects.filter(incident=incident, harm__in=impacts.PROTECTED)
    guarded = chosen.filter(pk__in=harmed.values("customer")).order_by("crm_id")
    names = list(guarded.values_list("crm_id", flat=True))
    if names:
        sentence = _("A risk to safety or a statutory right to notice: %s must hear. Leave them out of your choice.")
        raise ExclusionRefused(sentence % impacts.named(names), crm_ids=names)


_INSERT = """
INSERT INTO incidents_exclusion (incident_id, customer_id, reason, by_id, at)
SELECT %s, chosen.id, %s, %s, %s FROM ({chosen}) AS chosen (id)
ON CONFLICT (incident_id, customer_id) WHERE lifted_at IS NULL DO NOTHING
"""
