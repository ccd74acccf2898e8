"""Copies for staff: what was released, in each of its languages, to the mailboxes the company named.

They are wake-ups, never deliveries: no figure of reach counts them, and no customer's mailbox gets one.
"""

import hashlib
from datetime import datetime

from django.utils.translation import gettext as _

from incidents.enums import Language
from incidents.models import Company, ContactPoint
from notifications import compose, outbox
from notifications.enums import NoticeMedium
from notifications.models import Message, StaffNotice
from workflows import audiences


def send(message: Message, *, now: datetime) -> int:
    """Write one copy a language and mailbox, once; return how many. A demonstration's inbox holds customers' mail."""
    company = Company.objects.first()
    if company is None or company.is_demonstration:
        return 0
    addresses = _ours(company.copy_addresses)
    if not addresses:
        return 0
    reach = audiences.people(message).count()
    languages = message.languages or compose.current(message).content["languages"]
    notices = [_copy(message, code, address, reach=reach, now=now) for code in languages for address in addresses]
    return len(StaffNotice.objects.bulk_create(notices, ignore_conflicts=True))


def _ours(named: list[str]) -> list[str]:
    """Return the mailboxes that belong to no customer: those get their own mail, and only that."""
    wanted = list(dict.fromkeys(address.strip().lower() for address in named if address.strip()))
    theirs = set(ContactPoint.objects.filter(normalised__in=wanted).values_list("normalised", flat=True))
    return [address for address in wanted if address not in theirs]


def _copy(message: Message, language: str, address: str, *, reach: int, now: datetime) -> StaffNotice:
    said = compose.public_body(compose.current(message), language=language)
    names = {"message": message, "customers": reach, "language": dict(Language.choices).get(language, language)}
    head = _("COPY for staff of %(message)s, released to %(customers)s customers; this is its text in %(language)s.")
    return StaffNotice(
        key=f"copy:{message.pk}:{language}:{hashlib.sha256(address.encode()).hexdigest()[:32]}",
        medium=NoticeMedium.MAIL,
        address=address,
        subject=f"{outbox.warning(message.incident)}{_('[Copy] %s') % said.subject}"[:200],
        body=f"{head % names}\n\n{said.text}",
        data={"kind": "copy", "message": message.reference, "language": language, **outbox.marks(message.incident)},
        next_attempt_at=now,
        created_at=now,
    )
