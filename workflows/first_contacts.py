"""The clocks of the first contact: until when each tier should have heard a first word, and whether it has."""

from dataclasses import dataclass
from datetime import datetime

from incidents.enums import Tier
from incidents.models import Incident
from notifications import channels
from notifications.enums import RELEASED, MessageKind
from notifications.models import Message
from workflows import plans

FIRST_WORDS = (MessageKind.HOLDING_STATEMENT, MessageKind.FIRST_NOTICE)


@dataclass(frozen=True)
class FirstContact:
    """One tier: when its first word is due, and when it went out, if it did."""

    tier: Tier
    due_at: datetime
    heard_at: datetime | None
    is_late: bool


def clocks(incident: Incident, *, now: datetime) -> list[FirstContact]:
    """Return the clock of each tier that has customers, or of all tiers while nobody knows who is affected."""
    plan = plans.current(incident)
    if plan is None or incident.declared_at is None:
        return []
    affected = set(incident.impacts.order_by().values_list("tier", flat=True).distinct())
    heard = heard_at(incident)
    found = []
    for row in plan.audiences.order_by("tier"):
        if affected and row.tier not in affected:
            continue
        due_at, said_at = incident.declared_at + row.first_contact_interval, heard.get(row.tier)
        found.append(FirstContact(Tier(row.tier), due_at, said_at, (said_at or now) > due_at))
    return found


def heard_at(incident: Incident) -> dict[int, datetime]:
    """Return when each tier that a first word was released to got it first."""
    heard: dict[int, datetime] = {}
    words = Message.objects.filter(incident=incident, kind__in=FIRST_WORDS, state__in=RELEASED)
    for message in words.exclude(released_at=None).order_by("-released_at"):
        assert message.released_at is not None
        heard |= dict.fromkeys(_tiers(message), message.released_at)
    return heard


def _tiers(message: Message) -> list[int]:
    """A text on the page alone reaches only the tiers that the plan tells by the page."""
    on_page = set(channels.published())
    is_page_alone = set(message.audience) == {"page"}
    return [int(tier) for tier, names in message.channels.items() if not is_page_alone or on_page & set(names)]
