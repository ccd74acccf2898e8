"""What a channel is: it packs deliveries, sends them, tells the fate of each, and reads what its provider reports."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from incidents.enums import ContactKind
from notifications.enums import FailureCode
from notifications.models import Delivery


class Fate(Enum):
    """What became of one delivery, as far as can be known."""

    ACCEPTED = auto()
    TEMPORARY = auto()  # refused for now: an attempt
    THROTTLED = auto()  # slow down: not an attempt
    UNREACHABLE = auto()  # nobody answered before anything was offered: not an attempt
    PERMANENT = auto()
    UNCERTAIN = auto()  # it left, and no answer came


@dataclass(frozen=True)
class Outcome:
    """One delivery's fate in our words; `detail` is what the receiving side said."""

    fate: Fate
    code: FailureCode = FailureCode.NONE
    detail: str = ""
    provider_id: str = ""
    is_hard_bounce: bool = False
    wait: timedelta | None = None


@dataclass(frozen=True)
class Parcel:
    """A delivery ready to leave; `problem` says why it cannot."""

    delivery: Delivery
    data: bytes = b""
    problem: str = ""


@dataclass(frozen=True)
class Receipt:
    """What a provider reports about one delivery."""

    kind: str
    reference: uuid.UUID | None
    payload: dict[str, Any] = field(default_factory=dict)


class Channel:
    """One way to reach customers."""

    address_kind: ContactKind | None = None
    is_published = False
    hook = ""

    def pack(self, deliveries: Sequence[Delivery], *, now: datetime) -> list[Parcel]:
        """Make everything ready before anything leaves: no network here, and one bad row does not stop the others."""
        return [Parcel(delivery) for delivery in deliveries]

    def send(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Send; one outcome each, in order. Never raises for what a network can do."""
        raise NotImplementedError

    def parse(self, event: dict[str, Any]) -> Receipt:
        """Translate one report of the provider; raises KeyError or ValueError for what is none."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of open connections."""
