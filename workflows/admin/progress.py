"""How far messages have got: frozen, accepted, failed, uncertain; by message and tier, in one query."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count

from incidents.enums import Tier
from incidents.models import Incident
from notifications.enums import REACHED, RELEASED, DeliveryStatus
from notifications.models import Delivery, Message
from workflows.enums import SlotState
from workflows.models import UpdateSlot

FAILED = frozenset({DeliveryStatus.FAILED, DeliveryStatus.SUPPRESSED})
ENDED_UNSENT = frozenset({DeliveryStatus.SUPERSEDED, DeliveryStatus.EXPIRED, DeliveryStatus.CANCELLED})
MESSAGES_SHOWN = 6


@dataclass
class Bar:
    """The deliveries of one tier of a message, by what became of them."""

    tier: int
    statuses: dict[str, int] = field(default_factory=dict)

    def _sum(self, statuses: Iterable[str]) -> int:
        return sum(self.statuses.get(status, 0) for status in statuses)

    @property
    def total(self) -> int:
        """How many were frozen."""
        return sum(self.statuses.values())

    @property
    def accepted(self) -> int:
        """How many a receiving side took."""
        return self._sum(REACHED)

    @property
    def failed(self) -> int:
        """How many will not arrive this way."""
        return self._sum(FAILED)

    @property
    def uncertain(self) -> int:
        """How many nobody can know."""
        return self._sum([DeliveryStatus.UNCERTAIN])

    @property
    def unsent(self) -> int:
        """How many were taken back before they left."""
        return self._sum(ENDED_UNSENT)

    @property
    def waiting(self) -> int:
        """How many are still to go."""
        return self.total - self.accepted - self.failed - self.uncertain - self.unsent

    @property
    def parts(self) -> list[tuple[str, int]]:
        """Return name and count of each coloured part of the bar."""
        return [
            ("accepted", self.accepted),
            ("failed", self.failed),
            ("uncertain", self.uncertain),
            ("unsent", self.unsent),
            ("waiting", self.waiting),
        ]


@dataclass(frozen=True)
class Progress:
    """One released message and its bars."""

    message: Message
    bars: list[Bar]


@dataclass(frozen=True)
class NextWord:
    """The promise a tier waits for."""

    tier: int
    label: str
    slot: UpdateSlot
    is_late: bool


def progress_of(messages: list[Message]) -> list[Progress]:
    """Return the bars of these messages, by tier."""
    rows = Delivery.objects.filter(message__in=messages).order_by().values("message", "tier", "status")
    found: dict[int, dict[int, Bar]] = {}
    for row in rows.annotate(count=Count("pk")):
        bars = found.setdefault(row["message"], {})
        bars.setdefault(row["tier"], Bar(row["tier"])).statuses[row["status"]] = row["count"]
    return [Progress(one, [bar for _tier, bar in sorted(found.get(one.pk, {}).items())]) for one in messages]


def live_progress(incident: Incident) -> list[Progress]:
    """Return the newest released messages of an incident with their bars."""
    released = incident.messages.filter(state__in=RELEASED).select_related("incident").order_by("-released_at", "-pk")
    return progress_of(list(released[:MESSAGES_SHOWN]))


def next_words(incident: Incident, *, now: datetime) -> list[NextWord]:
    """Return what each tier waits for, tier 1 first."""
    slots = UpdateSlot.objects.filter(incident=incident, state__in=[SlotState.PROMISED, SlotState.OPEN])
    newest = {slot.tier: slot for slot in slots.select_related("message").order_by("tier", "number")}
    return [NextWord(tier, str(Tier(tier).label), slot, slot.promised_at < now) for tier, slot in newest.items()]
