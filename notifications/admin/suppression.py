"""Addresses that are not written to, known by digest alone."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from incidents.admin.base import ReadOnlyAdmin, display
from notifications.models import Suppression


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    list_display = ("digest", "kind", "reason", "is_total", "created_at")
    list_filter = ("kind", "reason", "is_total")
    ordering = ("-created_at", "-pk")

    @display(description=_("address (digest)"))
    def digest(self, suppression: Suppression) -> str:
        return suppression.address_hash[:12]
