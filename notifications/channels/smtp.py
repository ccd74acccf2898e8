"""Mail by SMTP: one open connection a process, one recipient a message, every answer translated into our words."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings

from incidents.enums import ContactKind
from incidents.errors import Refusal
from incidents.models import Company
from notifications import mime
from notifications.channels.base import Channel, Fate, Outcome, Parcel, Receipt
from notifications.channels.smtp_session import AfterTheDot, BeforeTheDot, Refused, Session, Stage
from notifications.enums import FailureCode
from notifications.models import Delivery
from notifications.reach import is_loopback

logger = structlog.get_logger()

SECONDS_A_MESSAGE = 20.0
# Answers of RCPT that say the mailbox itself does not exist.
DEAD_MAILBOX = re.compile(r"^5\.1\.[0-36]\b")
FULL_MAILBOX = re.compile(r"^[45]\.2\.2\b")
EVENT_KINDS = frozenset({"delivered", "bounced", "complained", "opened"})


class SMTPChannel(Channel):
    """Speaks to the server of EMAIL_URL."""

    address_kind = ContactKind.EMAIL
    hook = "email"

    def __init__(self) -> None:
        self.session: Session | None = None

    def pack(self, deliveries: Sequence[Delivery], *, now: datetime) -> list[Parcel]:
        """Write every mail of the window; a customer whose mail cannot be written does not stop the others."""
        threads = mime.threads(deliveries) if deliveries else {}
        return [
            self._written(one, thread=threads.get((one.customer_id, one.incident_id), []), now=now)
            for one in deliveries
        ]

    def _written(self, delivery: Delivery, *, thread: list[str], now: datetime) -> Parcel:
        try:
            return Parcel(delivery, mime.build(delivery, thread=thread, now=now))
        except (Refusal, ValueError) as error:
            logger.warning("unrenderable", delivery=delivery.pk, problem=type(error).__name__)
            return Parcel(delivery, problem=str(error))

    def send(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Send one after the other on the open connection; a broken one is opened anew for the next."""
        return [self._send_one(parcel) for parcel in parcels]

    def _send_one(self, parcel: Parcel) -> Outcome:
        is_reused = self.session is not None
        outcome = self._attempt(parcel)
        if outcome.fate == Fate.UNREACHABLE and is_reused:
            # Servers hang up on idle connections; nothing was handed over, so a fresh one may try.
            outcome = self._attempt(parcel)
        return outcome

    def _attempt(self, parcel: Parcel) -> Outcome:
        try:
            said = self._open().deliver(
                sender=mime.envelope_sender(parcel.delivery),
                recipient=parcel.delivery.address,
                data=parcel.data,
                seconds=SECONDS_A_MESSAGE,
            )
        except Refused as answer:
            self._after(answer)
            return translate(answer)
        except AfterTheDot as silence:
            self.close()
            return Outcome(Fate.UNCERTAIN, FailureCode.UNKNOWN_OUTCOME, str(silence))
        except BeforeTheDot as silence:
            self.close()
            return Outcome(Fate.UNREACHABLE, FailureCode.CONNECTION, str(silence))
        return Outcome(Fate.ACCEPTED, provider_id=said)

    def _open(self) -> Session:
        if self.session is None:
            if Company.objects.filter(is_demonstration=True).exists() and not is_loopback(settings.EMAIL_HOST):
                raise BeforeTheDot("the demonstration company only sends to this machine")
            self.session = Session.open()
        return self.session

    def _after(self, answer: Refused) -> None:
        if answer.code == 421 or (self.session is not None and self.session.is_broken):
            self.close()

    def parse(self, event: dict[str, Any]) -> Receipt:
        """Read one event: {"type": "bounced", "data": {"delivery": reference, "is_permanent": true, "detail": …}}."""
        kind, data = str(event["type"]), event["data"]
        if kind not in EVENT_KINDS or not isinstance(data, dict):
            raise ValueError(kind)
        return Receipt(kind=kind, reference=UUID(str(data["delivery"])), payload=data)

    def close(self) -> None:
        """End the connection politely."""
        if self.session is not None:
            self.session.close()
            self.session = None


def translate(answer: Refused) -> Outcome:
    """Say in our words what a refusal means for this delivery."""
    enhanced = answer.text.split(" ", 1)[0]
    if answer.code == 421 or answer.stage == Stage.GREETING:
        return Outcome(Fate.THROTTLED, FailureCode.TEMPORARY, answer.line)
    if answer.code < 500:
        is_full = answer.code == 452 and answer.stage == Stage.RECIPIENT or FULL_MAILBOX.match(enhanced)
        return Outcome(Fate.TEMPORARY, FailureCode.MAILBOX_FULL if is_full else FailureCode.TEMPORARY, answer.line)
    if answer.code == 552 or FULL_MAILBOX.match(enhanced):
        return Outcome(Fate.PERMANENT, FailureCode.MAILBOX_FULL, answer.line)
    has_enhanced = re.match(r"^\d\.\d+\.\d+$", enhanced)
    is_dead = bool(DEAD_MAILBOX.match(enhanced)) if has_enhanced else answer.code in (550, 551, 553)
    if answer.stage == Stage.RECIPIENT and is_dead:
        return Outcome(Fate.PERMANENT, FailureCode.MAILBOX_UNKNOWN, answer.line, is_hard_bounce=True)
    return Outcome(Fate.PERMANENT, FailureCode.REJECTED, answer.line)
