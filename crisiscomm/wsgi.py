"""The web server's entry."""

import os
import threading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crisiscomm.settings")
os.environ.setdefault("CRISISCOMM_DB_POOL", "true")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from crisiscomm import embedded

if settings.EMBEDDED:
    # Kept for as long as the process lives.
    local_servers = embedded.attach_or_start(settings.DATA_DIR, postgres_binaries=settings.PG_BIN_DIR)

application = get_wsgi_application()

from notifications.wording import rulebook  # noqa: E402 - its models need the application

threading.Thread(target=rulebook.warm, name="wording", daemon=True).start()
