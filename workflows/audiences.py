"""How many customers a message would reach, by tier and channel, before anything is sent."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, Func, OuterRef, Q, QuerySet, SmallIntegerField, Subquery, Value
from django.db.models.functions import Coalesce

from incidents import customers
from incidents.enums import ContactKind, Tier
from incidents.models import ContactPoint, Customer, Impact
from notifications import channels, freezing
from notifications.enums import OPTIONAL
from notifications.models import Delivery, Message, Suppression
from workflows import outreach


@dataclass(frozen=True)
class Reach:
    """Customers by tier and channel, and those no channel of the message reaches."""

    tiers: dict[int, dict[str, int]] = field(default_factory=dict)
    unreachable: int = 0


class Digest(Func):
    """The digest suppressed addresses are remembered by."""

    template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"


def count(message: Message) -> Reach:
    """Return what a release would do now: one mail each, calls where the plan begins with one, the page for all."""
    tiers: dict[int, dict[str, int]] = {}
    unreachable = 0
    for head in _heads(message):
        names = message.channels.get(str(head["level"]), [])
        tiers[head["level"]] = ways = _ways(names, total=head["total"], written=head["written"])
        mailed = sum(ways[name] for name in ways if name in channels.addressed_by(ContactKind.EMAIL))
        told_otherwise = any(name in ways for name in [*outreach.PERSONAL_CHANNELS, *channels.published()])
        unreachable += 0 if told_otherwise else head["total"] - mailed
    return Reach(tiers=tiers, unreachable=unreachable)


def _heads(message: Message) -> list[dict[str, Any]]:
    """Customers the message is for, by tier (`level`), and how many of them mail reaches."""
    impact = Impact.objects.filter(incident=message.incident_id, customer=OuterRef("pk"))
    placed = people(message).annotate(
        level=Coalesce(Subquery(impact.values("tier")[:1]), Value(Tier.THREE.value), output_field=SmallIntegerField()),
        has_mail=Exists(_mailboxes(message)) & Q(is_active=True),
    )
    counted = placed.values("level").annotate(total=Count("pk"), written=Count("pk", filter=Q(has_mail=True)))
    return [{**head} for head in counted.order_by("level")]


def people(message: Message) -> QuerySet[Customer]:
    """Return the customers a message is for."""
    return Customer.objects.filter(_meant(message))


def _meant(message: Message) -> Q:
    audience = message.audience
    meant = Q(pk__in=audience.get("customers", []))
    if "tiers" in audience:
        affected = Impact.objects.annotate(
            level=Coalesce("tier", Value(Tier.THREE.value), output_field=SmallIntegerField())
        )
        chosen = affected.filter(incident=message.incident_id, level__in=audience["tiers"])
        meant |= Q(pk__in=chosen.values("customer"))
    if "filter" in audience:
        meant |= Q(pk__in=customers.matching(audience["filter"]).order_by().values("pk"))
    if "recipients_of" in audience:
        told = Delivery.objects.filter(message=audience["recipients_of"], status__in=freezing.MAY_HAVE_REACHED)
        meant |= Q(pk__in=told.values("customer"))
    return meant


def _mailboxes(message: Message) -> QuerySet[ContactPoint]:
    covers = Q() if message.kind in OPTIONAL else Q(is_total=True)
    suppressed = Suppression.objects.filter(covers, kind=ContactKind.EMAIL, address_hash=Digest(OuterRef("normalised")))
    mailboxes = ContactPoint.objects.filter(customer=OuterRef("pk"), kind=ContactKind.EMAIL, is_primary=True)
    return mailboxes.exclude(Exists(suppressed))


def _ways(names: list[str], *, total: int, written: int) -> dict[str, int]:
    """Count as a release does: the first mail channel carries one mail each, a first personal channel one contact."""
    mail = next((name for name in names if name in channels.addressed_by(ContactKind.EMAIL)), None)
    ways = {name: total for name in names if name in channels.published()}
    if names and names[0] in outreach.PERSONAL_CHANNELS:
        ways[names[0]] = total
    if mail is not None:
        ways[mail] = written
    return ways
