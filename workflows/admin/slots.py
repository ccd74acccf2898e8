"""The cadence board: promised updates over all incidents, the next one first, with what can be done about each."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import clock
from incidents.admin.base import display
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.moments import due
from incidents.models import User
from workflows import cadence, cadence_board, pauses, updates, values
from workflows.admin.base import DoorsAdmin, RowOfRoom, Tab, room_url
from workflows.enums import SlotState
from workflows.models import RhythmPause, UpdateSlot

COLOURS = {
    SlotState.PROMISED: "info",
    SlotState.OPEN: "warning",
    SlotState.RELEASED: "success",
    SlotState.MISSED: "danger",
    SlotState.WITHDRAWN: "default",
}
WAITING = frozenset({SlotState.PROMISED, SlotState.OPEN})
WRITE = "notifications.write_message"


class NoChangeForm(ActionForm):
    def changed(self) -> list[dict[str, Any]]:
        """Return what customers would have to be told instead."""
        return values.changed_labels(self.subject.incident, tiers=[self.subject.tier])


class PauseForm(ActionForm):
    until = forms.DateTimeField(label=_("Next word at"), widget=forms.DateTimeInput)
    reason = forms.CharField(
        label=_("Why"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What is promised already is kept: the next message says when the word after it comes."),
    )


class PostponeForm(ActionForm):
    to = forms.DateTimeField(label=_("New time"), widget=forms.DateTimeInput)
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    def prepare(self) -> None:
        self.fields["to"].initial = self.subject.promised_at


@admin.register(UpdateSlot)
class SlotAdmin(DoorsAdmin):
    list_display = ("promised_shown", "incident", "tier", "number", "state_shown", "promised_to", "opens_at", "message")
    list_filter = ("state", "tier")
    search_fields = ("incident__reference__istartswith",)
    list_select_related = ("incident", "message__incident")
    ordering = ("-promised_at", "-pk")

    def get_urls(self) -> list[URLPattern]:
        board = path("board/", self.admin_site.admin_view(self.board), name="workflows_updateslot_board")
        return [board, *super().get_urls()]

    def board(self, request: HttpRequest) -> HttpResponse:
        """Show every promised update of every live incident, by day."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = clock.now()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Cadence board"),
            "here": request.path,
            "now": now,
            "lines": cadence_board.lines(cast(User, request.user), now=now),
            "waiting": cadence_board.Standing.TO_APPROVE,
        }
        return TemplateResponse(request, "admin/cadence.html", context)

    @Door(
        title=_("Nothing has changed"),
        permission=WRITE,
        form=NoChangeForm,
        icon="check",
        variant=ActionVariant.PRIMARY,
        button=_("I have checked: nothing has changed"),
        template="admin/room/no_change.html",
        explanation=_("The plain text takes the update's place. Who may approve updates approves it with that."),
        shown=lambda slot: slot.state == SlotState.OPEN,
    )
    def confirm_no_change(self, slot: UpdateSlot, asked: Asked) -> str:
        word = updates.confirm_no_change(slot, by=asked.by, now=asked.now)
        return gettext("%(message)s: %(state)s.") % {"message": word, "state": word.get_state_display()}

    @Door(
        title=_("Pause the rhythm"),
        permission=WRITE,
        form=PauseForm,
        icon="pause_circle",
        shown=lambda slot: slot.state in WAITING,
    )
    def pause(self, slot: UpdateSlot, asked: Asked) -> str:
        given = asked.given
        pauses.pause(
            slot.incident, tier=slot.tier, until=given["until"], reason=given["reason"], by=asked.by, now=asked.now
        )
        return gettext("The next message says so; what is promised stays promised.")

    @Door(
        title=_("Put off"),
        permission=WRITE,
        form=PostponeForm,
        icon="update",
        explanation=_("Nobody was promised this time yet."),
        shown=lambda slot: slot.state in WAITING and slot.promised_in_id is None,
    )
    def postpone(self, slot: UpdateSlot, asked: Asked) -> str:
        cadence.postpone(slot, to=asked.given["to"], reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("The update has a new time.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[UpdateSlot]:
        late = Q(state__in=WAITING, promised_at__lt=clock.now())
        return cast("QuerySet[UpdateSlot]", super().get_queryset(request)).annotate(is_late=late)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(room_url(self.look_at(request, object_id).incident))

    @display(description=_("promised"), ordering="promised_at")
    def promised_shown(self, slot: UpdateSlot) -> str:
        return due(slot.promised_at, is_late=slot.is_late)  # type: ignore[attr-defined]

    @display(description=_("state"), label=dict(COLOURS), ordering="state")
    def state_shown(self, slot: UpdateSlot) -> tuple[str, str]:
        return slot.state, slot.get_state_display()


@admin.register(RhythmPause)
class PauseAdmin(RowOfRoom):
    tab = Tab.PLAN

    @Door(
        title=_("End the pause"),
        permission=WRITE,
        icon="play_circle",
        shown=lambda pause: pause.ended_at is None,
    )
    def resume(self, pause: RhythmPause, asked: Asked) -> str:
        pauses.resume(pause, by=asked.by, now=asked.now)
        return gettext("The rhythm of the plan holds again.")
