"""How many customers a message would reach, by tier, channel and language, and who would not hear and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, SmallIntegerField, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from incidents import customers, exclusions
from incidents.enums import ContactKind, Tier
from incidents.models import Customer, Impact, User
from notifications import channels, compose, freezing
from notifications.enums import HANDED_OVER, NOT_MEANT, FailureCode
from notifications.freezing import Forecast
from notifications.models import Delivery, Message, MessageRevision
from workflows import outreach


@dataclass(frozen=True)
class Reach:
    """Customers by tier and channel, those by mail also by language, who is not written to, and who hears nothing."""

    tiers: dict[int, dict[str, int]] = field(default_factory=dict)
    unreachable: int = 0
    languages: dict[int, dict[str, int]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Return why customers get no mail of their own, in words, the commonest first."""
        words = dict(FailureCode.choices)
        return [(str(words[code]), count) for code, count in sorted(self.left_out.items(), key=lambda one: -one[1])]


def count(message: Message) -> Reach:
    """Return what a release would do now: one mail each, calls where the plan begins with one, the page for all.

    Mails are counted by the very query that a release freezes by.
    """
    tiers: dict[int, dict[str, int]] = {}
    languages: dict[int, dict[str, int]] = {}
    left_out: Counter[str] = Counter()
    unreachable = 0
    by_tier: dict[int, list[Forecast]] = {}
    # What people carry is frozen for nobody.
    for row in [] if message.kind in HANDED_OVER else freezing.forecast(message):
        by_tier.setdefault(row.tier, []).append(row)
    for tier, rows in by_tier.items():
        names = message.channels.get(str(tier), [])
        meant = sum(row.count for row in rows if row.outcome != FailureCode.EXCLUDED)
        spoken = _by_language(rows)
        tiers[tier] = ways = _ways(names, total=meant, written=sum(spoken.values()))
        languages[tier] = spoken
        left_out.update(_by_reason(rows, is_mailed=_mail_of(names) is not None))
        if not any(name in ways for name in [*outreach.PERSONAL_CHANNELS, *channels.published()]):
            unreachable += sum(row.count for row in rows if row.outcome not in ("", *NOT_MEANT) or not row.way)
    return Reach(tiers=tiers, unreachable=unreachable, languages=languages, left_out=dict(left_out))


def _by_language(rows: Iterable[Forecast]) -> dict[str, int]:
    spoken: Counter[str] = Counter()
    for row in rows:
        if row.way and not row.outcome:
            spoken[row.language] += row.count
    return dict(sorted(spoken.items()))


def _by_reason(rows: Iterable[Forecast], *, is_mailed: bool) -> Counter[str]:
    """Who is left out stays so by every way; what keeps mail back counts where there would be mail."""
    reasons: Counter[str] = Counter()
    for row in rows:
        if row.outcome == FailureCode.EXCLUDED or (row.outcome and row.way and is_mailed):
            reasons[row.outcome] += row.count
    return reasons


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


def exclude(message: Message, *, spec: dict[str, Any], reason: str, by: User, now: datetime) -> MessageRevision:
    """Leave customers out of this message alone; the reason is part of what is approved.

    Raises exclusions.ExclusionRefused where safety or a legal right is at stake.
    """
    if not reason.strip() or not spec:
        raise exclusions.ExclusionRefused(_("Say who is left out, and why: the approvers read it."))
    exclusions.refuse_protected(message.incident, chosen=customers.matching(spec))
    earlier = [one for one in message.audience.get("excluding", []) if one["filter"] != spec]
    audience = {**message.audience, "excluding": [*earlier, {"filter": spec, "reason": reason.strip()}]}
    return compose.edit(message, changes={"audience": audience}, by=by, now=now)


def include(message: Message, *, by: User, now: datetime) -> MessageRevision:
    """Let everybody whom this message alone left out hear again."""
    audience = {name: value for name, value in message.audience.items() if name != "excluding"}
    return compose.edit(message, changes={"audience": audience}, by=by, now=now)


def _mail_of(names: list[str]) -> str | None:
    return next((name for name in names if name in channels.addressed_by(ContactKind.EMAIL)), None)


def _ways(names: list[str], *, total: int, written: int) -> dict[str, int]:
    """Count as a release does: the first mail channel carries one mail each, a first personal channel one contact."""
    mail = _mail_of(names)
    ways = {name: total for name in names if name in channels.published()}
    if names and names[0] in outreach.PERSONAL_CHANNELS:
        ways[names[0]] = total
    if mail is not None:
        ways[mail] = written
    return ways
