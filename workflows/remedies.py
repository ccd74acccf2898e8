"""What a remedy says before it is approved, for whom it is meant, and what is granted within its limits."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import audit, customers, feedback
from incidents.enums import Role
from incidents.errors import Refusal
from incidents.models import RemedyChoice, RemedyLimit, RemedyOption, User
from workflows import roster


class RemedyApproved(Refusal):
    """The words of an approved remedy stand: customers may have read them."""


def describe(
    option: RemedyOption, *, how_to_claim: dict[str, str], claim_deadline: datetime | None, by: User, now: datetime
) -> RemedyOption:
    """Say how customers claim a remedy and until when, before it is approved."""
    with transaction.atomic():
        locked = _unapproved(option)
        locked.how_to_claim = how_to_claim
        locked.claim_deadline = claim_deadline
        locked.save(update_fields=["how_to_claim", "claim_deadline"])
        audit.record(locked.incident, action="remedy.described", actor=by, now=now, data={"key": locked.key})
    return locked


class BadLimit(Refusal):
    """The limit names nobody, or an amount without a currency."""


class AboveLimit(Refusal):
    """The amount needs the remedy's approver."""


@dataclass(frozen=True)
class Limit:
    """For whom, and up to which amount without the approver; empty means everybody, and every amount asks them."""

    tier: int | None = None
    segment: dict[str, Any] = field(default_factory=dict)
    largest_amount: Decimal | None = None
    currency: str = ""


def limit(option: RemedyOption, *, limit: Limit, by: User, now: datetime) -> RemedyLimit:
    """Say for whom a remedy is meant and up to which amount, before it is approved."""
    if limit.largest_amount is not None and (limit.largest_amount <= 0 or not limit.currency.strip()):
        raise BadLimit(_("An amount is more than nothing and names its currency."))
    customers.matching(limit.segment)
    with transaction.atomic():
        locked = _unapproved(option)
        row = RemedyLimit.objects.create(
            option=locked,
            tier=limit.tier,
            segment=limit.segment,
            largest_amount=limit.largest_amount,
            currency=limit.currency.strip().upper(),
        )
        _log(locked, action="remedy.limited", by=by, now=now, data={"limit": row.pk, "tier": limit.tier})
    return row


def unlimit(row: RemedyLimit, *, by: User, now: datetime) -> None:
    """Take a limit back, before the remedy is approved."""
    with transaction.atomic():
        locked = _unapproved(row.option)
        RemedyLimit.objects.filter(pk=row.pk).delete()
        _log(locked, action="remedy.limit_removed", by=by, now=now, data={"limit": row.pk})


def grant(choice: RemedyChoice, *, amount: Decimal, by: User, now: datetime) -> RemedyChoice:
    """Grant an amount for a chosen remedy: within the limit by anybody on the case, above it by its approver."""
    if amount <= 0:
        raise BadLimit(_("An amount is more than nothing and names its currency."))
    with transaction.atomic():
        locked = (
            RemedyChoice.objects.select_for_update(no_key=True, of=("self",))
            .select_related("option", "incident", "customer")
            .get(pk=choice.pk)
        )
        covering = feedback.limit_for(locked.option, locked.customer)
        largest = covering.largest_amount if covering else None
        if (largest is None or amount > largest) and not _approves(locked.option, by):
            role = Role(locked.option.approver_role).label
            raise AboveLimit(_("This amount is granted by: %s. Ask them or their deputy.") % role)
        locked.amount, locked.granted_by = amount, by
        locked.save(update_fields=["amount", "granted_by"])
        data = {"choice": locked.pk, "amount": str(amount)}
        audit.record(locked.incident, action="remedy.granted", actor=by, now=now, data=data)
    return locked


def _approves(option: RemedyOption, person: User) -> bool:
    return option.approver_role in roster.roles_of(option.incident, person)


def _unapproved(option: RemedyOption) -> RemedyOption:
    locked = RemedyOption.objects.select_for_update(of=("self",)).select_related("incident").get(pk=option.pk)
    if locked.approved_at is not None:
        raise RemedyApproved(_("“%s” is approved: its words stand.") % locked.name.get("en", locked.key))
    return locked


def _log(option: RemedyOption, *, action: str, by: User, now: datetime, data: dict[str, Any]) -> None:
    audit.record(option.incident, action=action, actor=by, now=now, data={"key": option.key, **data})
