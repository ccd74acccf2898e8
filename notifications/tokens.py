"""Opaque links for customers: a delivery's reference and 128 bits that prove we made the link, for one purpose."""

import base64
import binascii
import hmac
import uuid
from enum import StrEnum

from django.conf import settings

MAC_BYTES = 16


class Purpose(StrEnum):
    """What a link is good for; a link made for one purpose opens nothing else."""

    PAGE = "page"
    UNSUBSCRIBE = "unsubscribe"


def sign(purpose: Purpose, reference: uuid.UUID) -> str:
    """Return the token of `reference` for `purpose`."""
    return _spell(reference.bytes + _proof(settings.SECRET_KEY, purpose, reference))


def read(purpose: Purpose, token: str) -> uuid.UUID | None:
    """Return the reference a token was made for, or None: a forged, foreign or garbled one all look alike."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 16 + MAC_BYTES or _spell(raw) != token:
        return None
    reference, proof = uuid.UUID(bytes=raw[:16]), raw[16:]
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    matches = [hmac.compare_digest(proof, _proof(key, purpose, reference)) for key in keys]
    return reference if any(matches) else None


def portal_url(reference: uuid.UUID) -> str:
    """Return the address of the customer's own page."""
    return f"{settings.PUBLIC_BASE_URL}/c/{sign(Purpose.PAGE, reference)}/"


def survey_url(reference: uuid.UUID) -> str:
    """Return the address of the survey on the customer's own page."""
    return portal_url(reference) + "#survey"


def unsubscribe_url(reference: uuid.UUID) -> str:
    """Return the address that takes a customer off the updates one may opt out of (POST only)."""
    return f"{settings.PUBLIC_BASE_URL}/unsubscribe/{sign(Purpose.UNSUBSCRIBE, reference)}/"


def _spell(raw: bytes) -> str:
    """The one spelling of a token: no second one opens the same page."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _proof(key: str, purpose: Purpose, reference: uuid.UUID) -> bytes:
    text = f"crisiscomm.link|{purpose}|".encode() + reference.bytes
    return hmac.digest(key.encode(), text, "sha256")[:MAC_BYTES]
