"""A mail server on this machine that judges what really left."""

from collections.abc import Iterator
from typing import Any

import pytest

from crisiscomm.smtp_inbox import Inbox
from notifications import channels


@pytest.fixture
def inbox(settings: Any) -> Iterator[Inbox]:
    """An inbox the settings point to; set its `rules` before sending."""
    server = Inbox().start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield server
    channels.close_all()
    server.stop()
