"""Facts kept from customers: asked for with a ground, approved by another person, looked at again, lifted."""

from datetime import datetime

from django.db import transaction

from incidents import audit, sentences
from incidents.enums import TimelineKind, WithholdingReason
from incidents.errors import Refusal
from incidents.models import Fact, Incident, User, Withholding
from incidents.sentences import gettext as _


class MayNotBeWithheld(Refusal):
    """Customers need the fact to act, or it is not told anyway."""


class BadWithholding(Refusal):
    """It lacks a reason or a later review, or is not in the state the request supposes."""


class NotBySamePerson(Refusal):
    """Who asks for a fact to be withheld does not approve it."""


def ask(  # noqa: PLR0913 - a ground, its words and its end, said at once
    fact: Fact, *, reason: WithholdingReason, explanation: str, review_at: datetime, by: User, now: datetime
) -> Withholding:
    """Ask that a fact be kept from customers; it is told as before until another person approves."""
    with transaction.atomic():
        locked = _fact(fact)
        if locked.affects_customer:
            raise MayNotBeWithheld(
                _("“%s” affects customers: they need it to act, so nobody may withhold it.") % locked.key
            )
        if not locked.is_publishable:
            raise MayNotBeWithheld(_("“%s” is not told to customers as it is.") % locked.key)
        if not explanation.strip():
            raise BadWithholding(_("Say why this may be kept from customers: the approver and the review read it."))
        _refuse_past(review_at, now=now)
        if locked.withholdings.filter(lifted_at=None).exists():
            raise BadWithholding(_("Withholding “%s” was asked for already.") % locked.key)
        asked = Withholding.objects.create(
            fact=locked, reason=reason, explanation=explanation.strip(), review_at=review_at, asked_by=by, asked_at=now
        )
        _log(asked, action="fact.withholding_asked", text=_("Asked to withhold %(key)s: %(reason)s"), by=by, now=now)
    return asked


def approve(withholding: Withholding, *, by: User, now: datetime) -> Withholding:
    """Approve it as another person: from now on no text may tell the fact, whichever sheet it was drawn from."""
    with transaction.atomic():
        locked = _lock(withholding)
        if locked.approved_at is not None:
            raise BadWithholding(_("This was approved already, by %s.") % locked.approved_by)
        if locked.asked_by_id == by.pk:
            raise NotBySamePerson(_("You asked for this to be withheld: another person approves it."))
        _refuse_past(locked.review_at, now=now)
        locked.approved_by, locked.approved_at = by, now
        locked.save(update_fields=["approved_by", "approved_at"])
        Fact.objects.filter(pk=locked.fact_id).update(is_publishable=False, updated_at=now)
        _log(locked, action="fact.withheld", text=_("Withheld %(key)s: %(reason)s"), by=by, now=now)
    return locked


def keep(withholding: Withholding, *, review_at: datetime, by: User, now: datetime) -> Withholding:
    """Look at it again and keep it withheld, until a later review; whoever asked does not judge it alone."""
    with transaction.atomic():
        locked = _lock(withholding)
        if locked.approved_at is None:
            raise BadWithholding(_("Nobody has approved this yet: approve it, or take it back."))
        if locked.asked_by_id == by.pk:
            raise NotBySamePerson(_("You asked for this to be withheld: another person looks at it again."))
        _refuse_past(review_at, now=now)
        locked.review_at = review_at
        locked.save(update_fields=["review_at"])
        _log(locked, action="fact.withholding_kept", text=_("Still withheld: %(key)s"), by=by, now=now)
    return locked


def lift(withholding: Withholding, *, by: User, now: datetime) -> Withholding:
    """Take it back: the next fact sheet tells the fact again."""
    with transaction.atomic():
        locked = _lock(withholding)
        was_in_force = locked.approved_at is not None
        locked.lifted_by, locked.lifted_at = by, now
        locked.save(update_fields=["lifted_by", "lifted_at"])
        if was_in_force:
            Fact.objects.filter(pk=locked.fact_id).update(is_publishable=True, updated_at=now)
        _log(locked, action="fact.withholding_lifted", text=_("No longer withheld: %(key)s"), by=by, now=now)
    return locked


def keys(incident: Incident) -> frozenset[str]:
    """Return the facts no text may tell now, whichever sheet it is drawn from."""
    held = Withholding.objects.in_force().filter(fact__incident=incident)
    return frozenset(held.values_list("fact__key", flat=True))


def _refuse_past(review_at: datetime, *, now: datetime) -> None:
    if review_at <= now:
        raise BadWithholding(_("Name a later day on which somebody looks at this again."))


def _fact(fact: Fact) -> Fact:
    return Fact.objects.select_for_update(no_key=True, of=("self",)).select_related("incident").get(pk=fact.pk)


def _lock(withholding: Withholding) -> Withholding:
    locked = (
        Withholding.objects.select_for_update(no_key=True, of=("self",))
        .select_related("fact__incident", "approved_by")
        .get(pk=withholding.pk)
    )
    if locked.lifted_at is not None:
        raise BadWithholding(_("This was taken back already."))
    return locked


def _log(withholding: Withholding, *, action: str, text: str, by: User, now: datetime) -> None:
    fact = withholding.fact
    words = text % {
        "key": sentences.one_of(fact.label or {"en": fact.key}),
        "reason": WithholdingReason(withholding.reason).label,
    }
    audit.tell(fact.incident, kind=TimelineKind.FACT, text=words, by=by, now=now)
    data = {"key": fact.key, "reason": withholding.reason, "review_at": withholding.review_at.isoformat()}
    audit.record(fact.incident, action=action, actor=by, now=now, data=data)
