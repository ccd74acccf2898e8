"""The board of promised updates over all incidents, the next one first."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from incidents import clock
from incidents.admin.base import ReadOnlyAdmin, display
from incidents.admin.moments import due
from workflows.admin.base import room_url
from workflows.enums import SlotState
from workflows.models import UpdateSlot

COLOURS = {
    SlotState.PROMISED: "info",
    SlotState.OPEN: "warning",
    SlotState.RELEASED: "success",
    SlotState.MISSED: "danger",
    SlotState.WITHDRAWN: "default",
}


@admin.register(UpdateSlot)
class SlotAdmin(ReadOnlyAdmin):
    list_display = ("promised_shown", "incident", "tier", "number", "state_shown", "promised_to", "opens_at", "message")
    list_filter = ("state", "tier")
    search_fields = ("incident__reference__istartswith",)
    list_select_related = ("incident", "message__incident")
    ordering = ("-promised_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[UpdateSlot]:
        late = Q(state__in=[SlotState.PROMISED, SlotState.OPEN], promised_at__lt=clock.now())
        return cast("QuerySet[UpdateSlot]", super().get_queryset(request)).annotate(is_late=late)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        slot = self.get_object(request, object_id)
        if slot is None or not self.has_view_permission(request, slot):
            return cast(HttpResponse, super().change_view(request, object_id, form_url, extra_context))
        return HttpResponseRedirect(room_url(slot.incident))

    @display(description=_("promised"), ordering="promised_at")
    def promised_shown(self, slot: UpdateSlot) -> str:
        return due(slot.promised_at, is_late=slot.is_late)  # type: ignore[attr-defined]

    @display(description=_("state"), label=dict(COLOURS), ordering="state")
    def state_shown(self, slot: UpdateSlot) -> tuple[str, str]:
        return slot.state, slot.get_state_display()
