"""The duty roster: who holds a role now, and who stands in."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from incidents.admin.base import Admin
from incidents.models import RosterEntry, User


@admin.register(RosterEntry)
class RosterEntryAdmin(Admin):
    list_display = ("get_role_display", "user", "deputy")
    list_select_related = ("user", "deputy")
    ordering = ("role",)
    fields = ("role", "user", "deputy")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = User.objects.filter(is_active=True).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
