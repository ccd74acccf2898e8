"""What fault tests need: a mail server."""

from collections.abc import Iterator

import pytest

from crisiscomm.smtp_inbox import Inbox


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A mail server that takes everything until its rules say otherwise."""
    server = Inbox().start()
    yield server
    server.stop()
