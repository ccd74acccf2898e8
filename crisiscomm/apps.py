"""Registers the wiring: the Celery application, and the rights of database roles and groups after each migration."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class CrisisCommConfig(AppConfig):
    name = "crisiscomm"

    def ready(self) -> None:
        # Tasks find their application, and Django finds the checks.
        from crisiscomm import celery, checks  # noqa: F401
        from crisiscomm.groups import make_groups
        from crisiscomm.rights import grant_rights

        # Sent once for every app when all tables exist; one of them is enough.
        post_migrate.connect(grant_rights, sender=apps.get_app_config("workflows"))
        post_migrate.connect(make_groups, sender=apps.get_app_config("workflows"))
