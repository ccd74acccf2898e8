"""Whom the rest of the company leaves in peace: customers of open incidents and the campaigns kept back from them.

Who is on the list is read from the affected customers, so it grows and ends with them. Rows remember what was
announced; the clock announces what has changed since.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet, Value

from incidents import audit, exports, sentences
from incidents.enums import TimelineKind
from incidents.models import Company, Customer, Impact, Incident, User
from incidents.phases import LIVE
from incidents.sentences import gettext as _
from notifications.enums import NoticeMedium
from notifications.models import StaffNotice, WebhookEndpoint
from workflows.models import HoldList

EVENT = "hold_list.changed"
COLUMNS = ["crm_id", "campaign_kind", "incident"]
# A growing list is announced in steps, so that an import of a hundred thousand is one call and not a thousand.
LOOK_EVERY = timedelta(seconds=15)


def holding() -> QuerySet[Incident]:
    """Return the incidents whose customers are left in peace: declared, not over, no exercise."""
    return Incident.objects.filter(phase__in=LIVE, declared_at__isnull=False, is_drill=False)


def kinds() -> list[str]:
    """Return the kinds of campaign that the company keeps back."""
    company = Company.objects.filter(pk=1).first() or Company()
    return list(company.held_campaigns)


def customers() -> QuerySet[Customer]:
    """Return the customers on the list, each once, with the references of their incidents as `held_by`.

    An embargoed incident holds its customers too, without giving its name.
    """
    held = Q(impacts__incident__in=holding())
    named = held & Q(impacts__incident__is_embargoed=False)
    reference = "impacts__incident__reference"
    references = ArrayAgg(reference, filter=named, distinct=True, order_by=reference, default=Value([]))
    return Customer.objects.filter(held).annotate(held_by=references)


def take(*, by: User, now: datetime) -> Iterator[str]:
    """Yield the list as a CSV file, a customer and a kind of campaign a line, after noting who took it."""
    audit.record(None, action="hold_list.exported", actor=by, now=now, data={"customers": customers().count()})
    return exports.lines(COLUMNS, _rows())


def _rows() -> Iterator[list[object]]:
    kept_back = kinds()
    for customer in customers().order_by("pk").iterator(chunk_size=exports.CHUNK):
        for kind in kept_back:
            yield [customer.crm_id, kind, " ".join(customer.held_by)]  # type: ignore[attr-defined]


def to_announce(*, now: datetime) -> list[int]:
    """Return the incidents whose list is new, to be looked at again, or to be lifted."""
    rows = HoldList.objects.filter(lifted_at=None)
    known = rows.filter(Q(checked_at__lte=now - LOOK_EVERY) | ~Q(incident__in=holding()))
    fresh = holding().exclude(pk__in=HoldList.objects.filter(lifted_at=None).values("incident"))
    return [
        *fresh.order_by("pk").values_list("pk", flat=True),
        *known.order_by("pk").values_list("incident", flat=True),
    ]


def announce(pk: int, *, now: datetime) -> int:
    """Tell every webhook what changed about one incident's list; return how many calls were written."""
    with transaction.atomic():
        incident = Incident.objects.select_for_update(no_key=True).get(pk=pk)
        row, is_new = HoldList.objects.get_or_create(
            incident=incident, defaults={"checked_at": now, "published_at": now}
        )
        state = _state(incident) if holding().filter(pk=pk).exists() else None
        if state is None:
            return 0 if is_new else _lift(row, now=now)
        if not is_new and row.lifted_at is None and state == _announced(row):
            HoldList.objects.filter(pk=row.pk).update(checked_at=now)
            return 0
        for name, value in state.items():
            setattr(row, name, value)
        row.version, row.checked_at, row.published_at, row.lifted_at = row.version + 1, now, now, None
        row.save()
        if row.version == 1:
            text = _("Hold list published: %s") % sentences.join(kind.replace("_", " ") for kind in row.kinds)
            audit.tell(incident, kind=TimelineKind.AUDIENCE, text=text, by=None, now=now)
        return _call(row, "published" if row.version == 1 else "changed", now=now)


def _lift(row: HoldList, *, now: datetime) -> int:
    if row.lifted_at is not None:
        return 0
    row.version, row.checked_at, row.lifted_at = row.version + 1, now, now
    row.save()
    audit.tell(row.incident, kind=TimelineKind.AUDIENCE, text=_("Hold list lifted"), by=None, now=now)
    return _call(row, "lifted", now=now)


def _state(incident: Incident) -> dict[str, Any]:
    counted = Impact.objects.filter(incident=incident).aggregate(customers=Count("pk"), newest=Max("pk"))
    return {"customers": counted["customers"], "newest": counted["newest"] or 0, "kinds": kinds()}


def _announced(row: HoldList) -> dict[str, Any]:
    return {"customers": row.customers, "newest": row.newest, "kinds": row.kinds}


def _call(row: HoldList, change: str, *, now: datetime) -> int:
    # What is under embargo holds its customers without giving its name.
    reference = "" if row.incident.is_embargoed else row.incident.reference
    data = {
        "event": EVENT,
        "change": change,
        "incident": reference,
        "customers": row.customers,
        "campaign_kinds": row.kinds,
        "version": row.version,
        "list": f"{settings.PUBLIC_BASE_URL}/api/v1/hold-list",
    }
    notices = [
        StaffNotice(
            key=f"hold_list:{row.pk}:{row.version}:{endpoint.pk}",
            medium=NoticeMedium.WEBHOOK,
            endpoint=endpoint,
            subject=f"[{reference}] {EVENT}" if reference else EVENT,
            body=_("Hold list: %(change)s, %(count)s customers.") % {"change": change, "count": row.customers},
            data=data,
            next_attempt_at=now,
            created_at=now,
        )
        for endpoint in WebhookEndpoint.objects.filter(is_active=True).order_by("pk")
    ]
    return len(StaffNotice.objects.bulk_create(notices, ignore_conflicts=True))
