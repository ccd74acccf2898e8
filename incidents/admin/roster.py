"""The duty roster: who holds a role, who stands in, and who is on shift when."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from incidents.admin.base import Admin
from incidents.models import DutyShift, RosterEntry, User


@admin.register(RosterEntry)
class RosterEntryAdmin(Admin):
    list_display = ("get_role_display", "user", "deputy")
    list_select_related = ("user", "deputy")
    ordering = ("role",)
    fields = ("role", "user", "deputy")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = User.objects.filter(is_active=True).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(DutyShift)
class DutyShiftAdmin(Admin):
    list_display = ("get_role_display", "user", "deputy", "starts_at", "ends_at")
    list_filter = ("role",)
    list_select_related = ("user", "deputy")
    ordering = ("-starts_at", "role")
    fields = ("role", ("user", "deputy"), ("starts_at", "ends_at"))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = User.objects.filter(is_active=True).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
