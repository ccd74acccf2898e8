"""System checks of the wiring that a well-formed environment can still get wrong."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Info, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_mail_server(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    if settings.MAIL_SERVER is not None:
        return []
    return [
        Warning(
            "EMAIL_URL is not set: no mail reaches any customer.",
            hint="Set it to smtp+tls://user:password@host:587.",
            id="crisiscomm.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_database_roles(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """The tables' guards bind only roles that do not own them; told, not enforced: some databases have one role."""
    if settings.EMBEDDED or settings.HAS_OWN_OWNER_ROLE:
        return []
    return [
        Info(
            "DATABASE_OWNER_URL is not set: the web server owns the tables and could disable their triggers.",
            hint="Give the tables to a role of their own and name it in DATABASE_OWNER_URL.",
            id="crisiscomm.I001",
        )
    ]
