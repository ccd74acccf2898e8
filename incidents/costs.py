"""What an incident costs: recorded item by item, corrected with a reason, summed per currency."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from incidents import audit, sentences
from incidents.enums import CostKind, TimelineKind
from incidents.errors import Refusal
from incidents.models import CostItem, Incident, User
from incidents.sentences import gettext as _

CURRENCY = re.compile(r"[A-Z]{3}")


class BadCost(Refusal):
    """The cost lacks something, or was corrected already."""


@dataclass(frozen=True)
class Cost:
    """One cost; `channel` says which channel was paid, `note` what for."""

    kind: CostKind
    amount: Decimal
    currency: str
    is_estimate: bool = False
    channel: str = ""
    note: str = ""


@dataclass(frozen=True)
class Total:
    """What was spent in one currency, known and estimated, and how much of it on what; nothing is converted."""

    currency: str
    known: Decimal
    estimated: Decimal
    by_kind: dict[str, Decimal]

    @property
    def all(self) -> Decimal:
        """Known and estimated together."""
        return self.known + self.estimated


def record(incident: Incident, *, cost: Cost, by: User, now: datetime) -> CostItem:
    """Record one cost of an incident."""
    with transaction.atomic():
        item = _write(incident, cost, by=by, now=now)
        words = _("Cost recorded: %s") % told(item)
        audit.tell(incident, kind=TimelineKind.REVIEW, text=words, by=by, now=now)
        audit.record(incident, action="cost.recorded", actor=by, now=now, data=_data(item))
    return item


def correct(item: CostItem, *, cost: Cost, reason: str, by: User, now: datetime) -> CostItem:
    """Put a new record in the place of one that was wrong; an amount of 0 takes it out."""
    if not reason.strip():
        raise BadCost(_("Say why the cost is corrected: both records stay."))
    with transaction.atomic():
        # The record itself cannot be locked: nobody may change it.
        incident = Incident.objects.select_for_update(no_key=True).get(pk=item.incident_id)
        if CostItem.objects.filter(corrects=item).exists():
            raise BadCost(_("This cost was corrected already: correct the newer record."))
        made = _write(incident, cost, corrects=item, reason=reason.strip(), by=by, now=now)
        words = _("Cost corrected: %(old)s, now %(new)s (%(reason)s)")
        text = words % {"old": told(item), "new": told(made), "reason": made.reason}
        audit.tell(incident, kind=TimelineKind.REVIEW, text=text, by=by, now=now)
        data = {**_data(made), "corrects": item.pk, "reason": made.reason}
        audit.record(incident, action="cost.corrected", actor=by, now=now, data=data)
    return made


def totals(items: Iterable[CostItem]) -> list[Total]:
    """Sum the records given, which are those that stand, by currency."""
    found: dict[str, list[CostItem]] = {}
    for item in items:
        found.setdefault(item.currency, []).append(item)
    return [_total(currency, own) for currency, own in sorted(found.items())]


def told(item: CostItem) -> str:
    """Return one cost in words: what for, how much, and whether it is estimated."""
    facts = {"kind": CostKind(item.kind).label, "amount": f"{item.amount:f}", "currency": item.currency}
    words = sentences.pattern("%(kind)s %(amount)s %(currency)s") % facts
    if not item.is_estimate:
        return words
    return sentences.pattern("%(cost)s (%(estimate)s)") % {"cost": words, "estimate": _("estimate")}


def _total(currency: str, items: list[CostItem]) -> Total:
    by_kind: dict[str, Decimal] = {}
    for item in items:
        by_kind[item.kind] = by_kind.get(item.kind, Decimal(0)) + item.amount
    estimated = sum((item.amount for item in items if item.is_estimate), Decimal(0))
    return Total(currency, sum(by_kind.values(), Decimal(0)) - estimated, estimated, by_kind)


def _write(  # noqa: PLR0913 - what is recorded, and why
    incident: Incident, cost: Cost, *, by: User, now: datetime, corrects: CostItem | None = None, reason: str = ""
) -> CostItem:
    currency = cost.currency.strip().upper()
    if not CURRENCY.fullmatch(currency):
        raise BadCost(_("Name the currency by its three letters, such as EUR or CNY."))
    if cost.amount < 0 or (cost.amount == 0 and corrects is None):
        raise BadCost(_("A cost is more than nothing."))
    if cost.channel and cost.kind != CostKind.CHANNEL:
        raise BadCost(_("Only the cost of a channel names one."))
    return CostItem.objects.create(
        incident=incident,
        kind=cost.kind,
        amount=round(cost.amount, 2),
        currency=currency,
        is_estimate=cost.is_estimate,
        channel=cost.channel,
        note=cost.note.strip(),
        corrects=corrects,
        reason=reason,
        by=by,
        at=now,
    )


def _data(item: CostItem) -> dict[str, object]:
    return {"id": item.pk, "kind": item.kind, "amount": str(item.amount), "currency": item.currency}
