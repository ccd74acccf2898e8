"""The Celery application: tasks are wake-ups, rows in PostgreSQL are the work."""

import os
import sys
import warnings
from typing import Any

from celery import Celery, signals
from django.conf import settings

from crisiscomm import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crisiscomm.settings")

app = Celery("crisiscomm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["incidents", "notifications", "workflows"])


@signals.celeryd_init.connect
@signals.beat_init.connect
def use_local_servers(**_: Any) -> None:
    """A worker or beat started by hand joins the running local servers, or says which command is missing."""
    if settings.IS_SUPERVISED:
        warnings.filterwarnings("ignore", message=".*superuser privileges.*")
    if not settings.EMBEDDED:
        return
    try:
        app.local_servers = embedded.attach(settings.DATA_DIR)  # type: ignore[attr-defined]
    except embedded.EmbeddedError as error:
        sys.exit(str(error))
