"""Builds mails: rendered once per group of recipients, spliced per recipient into base64 parts joined as bytes."""

import binascii
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import lru_cache
from html import escape
from typing import Any

from django.conf import settings

from incidents.models import Company
from notifications import bodies, page_words, prepared, rendering, tokens
from notifications.enums import OPTIONAL, REACHED
from notifications.models import Delivery, MessageRevision

CRLF = b"\r\n"
LONGEST_THREAD = 20
LINE = 76
WORD = 39  # bytes in an encoded word: with the longest header name in front it fits a line
MARKER = re.compile(f"{rendering.MARKER_OPEN}([a-z_.]+){rendering.MARKER_CLOSE}")
Personal = Mapping[str, str]


@dataclass(frozen=True)
class Pattern:
    """A text cut at its personal places: even pieces are literal, odd ones name a value."""

    pieces: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Pattern":
        """Cut `text` at its markers."""
        return cls(tuple(MARKER.split(text)))

    def filled(self, values: Personal) -> str:
        """Return the text with this recipient's values; a missing or empty one is refused."""
        parts = list(self.pieces)
        for place in range(1, len(parts), 2):
            name = parts[place]
            if not values.get(name):
                raise rendering.MissingValue(name)
            parts[place] = values[name]
        return "".join(parts)


@dataclass(frozen=True)
class Group:
    """Everything that all recipients of one message, language, tier and time zone share."""

    subject: Pattern
    text: Pattern
    html: Pattern
    head: bytes
    sender: str
    is_optional: bool


def group(delivery: Delivery) -> Group:
    """Return what this delivery shares with others; made once per process and kept."""
    return _group(
        delivery.revision_id, delivery.language, delivery.tier, delivery.time_zone, rendition=delivery.rendition
    )


@lru_cache(maxsize=512)
def _group(revision_id: int, language: str, tier: int, time_zone: str, *, rendition: str = "") -> Group:
    # A revision never changes, so neither does what is rendered from it.
    revision = MessageRevision.objects.select_related("message__incident").get(pk=revision_id)
    body = bodies.body(revision, language=language, tier=tier, time_zone=time_zone, rendition=rendition)
    spoken = bodies.spoken_language(bodies.content_of(revision, rendition=rendition), language)
    sender = sender_of(revision.content.get("sender", {}).get("from", ""))
    return Group(
        subject=Pattern.of(_warning(revision, spoken=spoken) + body.subject),
        text=Pattern.of(body.text.replace("\r\n", "\n")),
        html=Pattern.of(body.html.replace("\r\n", "\n")),
        head=_shared_head(revision, sender=sender, spoken=spoken),
        sender=sender,
        is_optional=revision.content["kind"] in OPTIONAL,
    )


def _warning(revision: MessageRevision, *, spoken: str) -> str:
    """Return what a test recipient reads first: a crisis that is only played must not frighten who finds the mail."""
    if not revision.message.incident.is_drill:
        return ""
    return f"[{page_words.words(page_words.language_of(spoken))['exercise']}] "


def envelope_sender(delivery: Delivery) -> str:
    """Return the address the receiving side reports failures to."""
    return group(delivery).sender


def sender_of(frozen: str) -> str:
    """Return the address a message comes from: the one that was approved with it, else the installation's."""
    return _plain(frozen) or settings.DEFAULT_FROM_EMAIL


@lru_cache(maxsize=64)
def domain_of(address: str) -> str:
    """Return the domain part, in ASCII, for Message-IDs."""
    return address.rpartition("@")[2].encode("idna").decode()


def message_id(reference: uuid.UUID, domain: str) -> str:
    """Return the Message-ID of a delivery: the same for all its life."""
    return f"<{reference}@{domain}>"


def _shared_head(revision: MessageRevision, *, sender: str, spoken: str) -> bytes:
    name = _plain(Company.objects.get().name.get(spoken, ""))
    reply_to = _plain(revision.content.get("sender", {}).get("reply_to", ""))
    lines = [
        "MIME-Version: 1.0",
        f"From: {formataddr((name, sender))}",
        *([f"Reply-To: {reply_to}"] if reply_to else []),
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        f"Content-Language: {spoken}",
    ]
    return "\r\n".join(lines).encode("ascii") + CRLF


def threads(deliveries: Sequence[Delivery]) -> dict[tuple[int, int], list[str]]:
    """Return, per customer and incident, the Message-IDs of what reached them before, oldest first; one query."""
    pairs = list({(delivery.customer_id, delivery.incident_id) for delivery in deliveries})
    values: dict[str, Any] = {
        "customers": [customer for customer, _incident in pairs],
        "incidents": [incident for _customer, incident in pairs],
        "reached": list(REACHED),
    }
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for customer, incident, reference, revision in prepared.execute(_EARLIER, values):
        found[customer, incident].append(message_id(reference, domain_of(_sender_of_revision(revision))))
    return found


@lru_cache(maxsize=512)
def _sender_of_revision(revision_id: int) -> str:
    # A revision never changes.
    frozen = MessageRevision.objects.values_list("content__sender__from", flat=True).get(pk=revision_id)
    return sender_of(frozen or "")


def build(delivery: Delivery, *, thread: Sequence[str], now: datetime) -> bytes:
    """Return the whole mail of one delivery; raises MissingValue when a personal place would be blank."""
    shared = group(delivery)
    personal = _values(delivery)
    boundary = f"=_{delivery.reference.hex}"
    head = _own_head(delivery, shared=shared, personal=personal, thread=thread, now=now)
    in_html = {name: escape(value).replace("\n", "<br>") for name, value in personal.items()}
    return b"".join(
        [
            shared.head,
            head,
            f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode(),
            _part("plain", shared.text.filled(personal), boundary),
            _part("html", shared.html.filled(in_html), boundary),
            f"--{boundary}--\r\n".encode(),
        ]
    )


def _own_head(delivery: Delivery, *, shared: Group, personal: Personal, thread: Sequence[str], now: datetime) -> bytes:
    one_line = {name: " ".join(value.split()) for name, value in personal.items()}
    lines = [
        f"To: {_plain(delivery.address)}",
        f"Subject: {encode_header(shared.subject.filled(one_line), 'Subject')}",
        f"Date: {_date(now)}",
        f"Message-ID: {message_id(delivery.reference, domain_of(shared.sender))}",
        f"X-Delivery-Ref: {delivery.reference}",
    ]
    if thread:
        recent = list(thread)[-LONGEST_THREAD:]
        lines += [f"In-Reply-To: {recent[-1]}", "References: " + "\r\n ".join(recent)]
    if shared.is_optional:
        # One line each: a folded one breaks signatures on the way.
        lines.append(f"List-Unsubscribe: <{tokens.unsubscribe_url(delivery.reference)}>")
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return "\r\n".join(lines).encode("ascii") + CRLF


def _values(delivery: Delivery) -> dict[str, str]:
    own = {name: _clean(value) for name, value in delivery.personal.items()}
    return own | {
        "survey.url": tokens.survey_url(delivery.reference),
        "link.portal": tokens.portal_url(delivery.reference),
        "link.unsubscribe": tokens.unsubscribe_url(delivery.reference),
    }


def _part(subtype: str, text: str, boundary: str) -> bytes:
    head = f'--{boundary}\r\nContent-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    coded = binascii.b2a_base64(text.encode(), newline=False)
    lines = [coded[place : place + LINE] for place in range(0, len(coded), LINE)]
    return b"".join([head.encode(), CRLF.join(lines), CRLF])


@lru_cache(maxsize=4096)
def encode_header(value: str, name: str) -> str:
    """Return a header value that fits RFC 2047 and RFC 5322; what looks like an encoded word is encoded too."""
    is_plain = value.isascii() and value.isprintable() and "=?" not in value
    if is_plain:
        return Header(value, "us-ascii", header_name=name, maxlinelen=LINE).encode(linesep="\r\n")
    return "\r\n ".join(_encoded_words(_plain(value).encode()))


def _encoded_words(raw: bytes) -> Iterator[str]:
    """Cut between characters: each word is decoded for itself."""
    start = 0
    while start < len(raw):
        end = min(start + WORD, len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end -= 1
        yield f"=?utf-8?b?{binascii.b2a_base64(raw[start:end], newline=False).decode()}?="
        start = end


@lru_cache(maxsize=64)
def _date(moment: datetime) -> str:
    return format_datetime(moment)


@lru_cache(maxsize=4096)
def _clean(value: str) -> str:
    return value if value.isascii() and value.isprintable() else rendering.clean(value)


def _plain(value: str) -> str:
    """One line without control characters: nothing in a header can begin another one."""
    return value if value.isprintable() else "".join(one for one in value if one.isprintable())


# Asked customer by customer: by the incident's index every window would read the whole incident.
_EARLIER = """
SELECT d.customer_id, d.incident_id, d.reference, d.revision_id
FROM unnest(%(customers)s::bigint[], %(incidents)s::bigint[]) AS w (customer, incident)
CROSS JOIN LATERAL (
    SELECT * FROM notifications_delivery d
    WHERE d.customer_id = w.customer AND d.incident_id + 0 = w.incident
        AND d.status = ANY(%(reached)s) AND d.address <> ''
    OFFSET 0
) d
ORDER BY d.accepted_at, d.id
"""
