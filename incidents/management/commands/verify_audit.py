"""Proves every audit chain whole, or names the links that do not fit."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidents import audit
from incidents.models import AuditEvent


class Command(BaseCommand):
    help = "Recompute the digests of every audit chain; exit 1 and name the events that were changed or removed."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = audit.broken_links()
        for link in broken:
            self.stderr.write(
                f"incident {link.incident_id}: event {link.event_id} (#{link.sequence}) is {link.problem}"
            )
        if broken:
            raise CommandError(f"{len(broken)} audit events do not fit their chain; compare with the last backup.")
        self.stdout.write(f"{AuditEvent.objects.count()} audit events, every chain is whole.")
