"""Why a customer is told by this way and no other: each rung of the ladder with its reason."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.enums import ContactKind, Harm
from incidents.models import ContactPoint, Customer, Impact
from notifications import channels, freezing
from notifications.enums import ChannelName, FailureCode
from notifications.freezing import Verdict
from notifications.models import Message
from workflows import calling_hours, outreach


class Standing(models.TextChoices):
    """What becomes of one rung."""

    TAKEN = "taken", gettext_lazy("This way")
    AS_WELL = "as_well", gettext_lazy("As well")
    PASSED_OVER = "passed_over", gettext_lazy("Not this way")


@dataclass(frozen=True)
class Rung:
    """One channel of the plan for this customer, whether it is taken, and why."""

    channel: str
    standing: Standing
    reason: str

    @property
    def name(self) -> str:
        """The channel as people call it."""
        return str(ChannelName(self.channel).label)


@dataclass(frozen=True)
class Ladder:
    """How one customer hears of one message: the tier and why, and the channels in the plan's order."""

    customer: Customer
    tier: int
    why_this_tier: str
    rungs: list[Rung]


def of(message: Message, *, customer: Customer, now: datetime) -> Ladder | None:
    """Return the ladder of a customer, judged as a release would; None for somebody the message is not for."""
    verdict = freezing.verdict(message, customer=customer)
    if verdict is None:
        return None
    impact = Impact.objects.filter(incident=message.incident, customer=customer).first()
    names = message.channels.get(str(verdict.tier), [])
    left_out = verdict.outcome == FailureCode.EXCLUDED
    personal = [] if left_out else [name for name in names if name in outreach.PERSONAL_CHANNELS]
    rungs = [*_calls(names, personal, customer, impact, now=now)] if names[:1] == personal[:1] else []
    rungs += _mails(names, verdict, is_left_out=left_out)
    rungs += [
        Rung(name, Standing.AS_WELL, _("Published for everybody; it needs no address."))
        for name in names
        if name in channels.published()
    ]
    return Ladder(customer, verdict.tier, _tier(impact), rungs)


def _tier(impact: Impact | None) -> str:
    if impact is None:
        return _("nobody placed this customer: general tier")
    if impact.override_tier is not None:
        return _("put there by %(by)s: %(reason)s") % {"by": impact.override_by, "reason": impact.override_reason}
    return impact.arithmetic or _("not computed yet: general tier")


def _calls(
    names: list[str], personal: list[str], customer: Customer, impact: Impact | None, *, now: datetime
) -> list[Rung]:
    """One personal channel is taken: the customer's wish first, then the plan's order; a call needs a number."""
    has_phone = ContactPoint.objects.filter(customer=customer, kind=ContactKind.PHONE).exists()
    ranked = sorted(
        personal,
        key=lambda name: (
            name != customer.preferred_channel,
            name == ChannelName.PHONE and not has_phone,
            names.index(name),
        ),
    )
    return [
        Rung(
            name,
            Standing.TAKEN if name == ranked[0] else Standing.PASSED_OVER,
            _why_called(name, customer, impact, has_phone=has_phone, now=now)
            if name == ranked[0]
            else _why_not(name, customer, has_phone=has_phone),
        )
        for name in personal
    ]


def _why_called(name: str, customer: Customer, impact: Impact | None, *, has_phone: bool, now: datetime) -> str:
    reason = _("The plan begins this tier in person.")
    if name == customer.preferred_channel:
        reason = _("The customer asked for this channel.")
    elif name == ChannelName.PHONE and not has_phone:
        reason = _("The plan asks for a call, but no number is known: find one, or visit.")
    return f"{reason} {_hours(customer, impact, now=now)}"


def _hours(customer: Customer, impact: Impact | None, *, now: datetime) -> str:
    if impact is not None and impact.harm == Harm.SAFETY:
        return _("At once: people are in danger.")
    begin, end = calling_hours.hours(customer)
    told = _("Between %(begin)s and %(end)s in %(zone)s") % {
        "begin": time_format(begin, "H:i"),
        "end": time_format(end, "H:i"),
        "zone": customer.time_zone,
    }
    here = time_format(calling_hours.local(customer, now=now).time(), "H:i")
    return _("%(hours)s; it is %(here)s there now.") % {"hours": told, "here": here}


def _why_not(name: str, customer: Customer, *, has_phone: bool) -> str:
    if name == ChannelName.PHONE and not has_phone:
        return _("No telephone number is known.")
    if customer.preferred_channel and customer.preferred_channel != name:
        return _("The customer asked for another channel, or the plan names another one first.")
    return _("The plan names another one first.")


def _mails(names: list[str], verdict: Verdict, *, is_left_out: bool) -> list[Rung]:
    """One mail channel carries one mail; the reason against it is the one a release would write down."""
    mails = [name for name in names if name in channels.addressed_by(ContactKind.EMAIL)]
    if verdict.way and verdict.way not in mails:
        mails.insert(0, verdict.way)
    rungs = []
    for name in mails:
        is_way = name == verdict.way and not verdict.outcome
        standing = Standing.AS_WELL if is_way else Standing.PASSED_OVER
        if is_way and names[:1] == [name]:
            standing = Standing.TAKEN
        rungs.append(Rung(name, standing, _why_mailed(name, verdict)))
    if is_left_out and not rungs:
        rungs.append(Rung(names[0] if names else ChannelName.EMAIL_PERSONAL, Standing.PASSED_OVER, _left_out()))
    return rungs


def _why_mailed(name: str, verdict: Verdict) -> str:
    if name != verdict.way:
        return _("One mail is enough: the first of the plan's mail channels carries it.")
    if verdict.outcome == FailureCode.EXCLUDED:
        return _left_out()
    if verdict.outcome == FailureCode.DUPLICATE:
        server = Customer.objects.get(pk=verdict.through)
        return _("Told through the copy of %(name)s (%(id)s), who shares the address or the account.") % {
            "name": server.name,
            "id": server.crm_id,
        }
    if verdict.outcome:
        return f"{FailureCode(verdict.outcome).label}."
    return _("An address is known, nothing stands against it; in %s.") % verdict.language


def _left_out() -> str:
    return _("Left out of the incident or of this message, with the reason kept there.")
