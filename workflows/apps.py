"""Registers the workflows app."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class WorkflowsConfig(AppConfig):
    name = "workflows"
    verbose_name = _("Workflows")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what follows phase changes and where gates come from; load the playbooks after a migration."""
        # Importing them registers the judges, the source of gates and the source of survey questions.
        from workflows import clocks, judges, plans, survey_questions  # noqa: F401

        post_migrate.connect(install_playbooks, sender=self)


def install_playbooks(*, using: str, **_kwargs: Any) -> None:
    """Load the shipped playbooks and cases where their tables exist, so that a new installation knows them at once."""
    from incidents import clock
    from workflows import cases, playbooks_loader
    from workflows.models import Case, PlaybookVersion

    connection = connections[using]
    needed = {model._meta.db_table for model in (Case, PlaybookVersion)}
    if using == "default" and needed <= set(connection.introspection.table_names()):
        playbooks_loader.install(now=clock.now())
        cases.install(now=clock.now())
