"""The Celery application: tasks are wake-ups, rows in PostgreSQL are the work."""

import os
import sys
import warnings
from typing import Any, NoReturn

from celery import Celery, signals
from django.conf import settings

from crisiscomm import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crisiscomm.settings")

app = Celery("crisiscomm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["incidents", "notifications", "workflows"])
KEEPING_POLICY = "noeviction"
# Kept for as long as the process lives.
_attachments: list[embedded.Attachment] = []


@signals.celeryd_init.connect
@signals.beat_init.connect
def use_local_servers(**_: Any) -> None:
    """A worker or beat started by hand joins the running local servers, or says which command is missing."""
    if settings.IS_SUPERVISED:
        # The launcher has said it once for all.
        warnings.filterwarnings("ignore", message=".*superuser privileges.*")
    if not settings.EMBEDDED:
        require_a_broker_that_keeps()
        return
    try:
        _attachments.append(embedded.attach(settings.DATA_DIR))
    except embedded.EmbeddedError as error:
        _end(str(error))


def require_a_broker_that_keeps() -> None:
    """A Redis that drops keys when it is full would lose wake-ups without a word."""
    with app.connection_for_read() as connection:
        try:
            client: Any = connection.default_channel.client  # type: ignore[attr-defined]  # of the Redis transport
            policy = client.info("memory").get("maxmemory_policy", KEEPING_POLICY)
        except connection.connection_errors:
            return  # Celery tells and tries again.
    if policy != KEEPING_POLICY:
        _end(f"The Redis of REDIS_URL drops keys when it is full ({policy}); set maxmemory-policy {KEEPING_POLICY}.")


def _end(sentence: str) -> NoReturn:
    """Celery turns what beat prints into log lines: a sentence for a person goes past it."""
    print(sentence, file=sys.__stderr__)
    raise SystemExit(1)
