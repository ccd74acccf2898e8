"""Alerts: what is late, who was woken, and who takes it."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents.admin.base import display
from incidents.admin.doors import Asked, Door
from workflows import escalations
from workflows.admin.base import DoorsAdmin
from workflows.models import Alert

COLOURS = {"open": "danger", "taken": "warning", "over": "default"}


@admin.register(Alert)
class AlertAdmin(DoorsAdmin):
    list_display = ("text", "kind", "incident", "raised_at", "rounds", "standing")
    list_filter = ("kind", ("over_at", admin.EmptyFieldListFilter), ("taken_at", admin.EmptyFieldListFilter))
    search_fields = ("incident__reference__istartswith",)
    list_select_related = ("incident", "taken_by")
    ordering = ("-raised_at", "-pk")
    fields = ("text", "kind", "incident", "raised_at", "rounds", "next_round_at", "taken_by", "taken_at", "over_at")

    @Door(
        title=_("I take care"),
        permission="workflows.change_alert",
        icon="back_hand",
        variant=ActionVariant.PRIMARY,
        explanation=_("The others are left in peace; the timeline names you."),
        shown=lambda alert: alert.over_at is None and alert.taken_at is None,
    )
    def take(self, alert: Alert, asked: Asked) -> str:
        escalations.take(alert, by=asked.by, now=asked.now)
        return gettext("It is yours.")

    @display(description=_("state"), label=COLOURS)
    def standing(self, alert: Alert) -> tuple[str, str]:
        if alert.over_at is not None:
            return "over", gettext("over")
        return ("taken", str(alert.taken_by)) if alert.taken_by else ("open", gettext("nobody yet"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))
