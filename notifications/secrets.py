"""Secrets of webhooks at rest: encrypted with the installation's key, readable only by who holds it."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from incidents.errors import Refusal


class Unreadable(Refusal):
    """A stored secret was encrypted with a key this installation does not have."""

    def __init__(self) -> None:
        super().__init__("The stored secret cannot be read with the present FIELD_ENCRYPTION_KEY; enter it again.")


def encrypt(secret: str) -> str:
    """Return what may be stored of `secret`, made with the newest key."""
    return _keys().encrypt(secret.encode()).decode()


def decrypt(stored: str) -> str:
    """Return the secret, whichever of the installation's keys it was stored with."""
    try:
        return _keys().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
