"""The hotline's waiting times: what was measured, and the page where a person says how long callers wait."""

from datetime import timedelta

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import hotline
from incidents.admin.base import ReadOnlyAdmin, display
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.models import HotlineWait
from incidents.models.hotline import LONGEST_WAIT


class WaitForm(ActionForm):
    minutes = forms.IntegerField(
        label=_("Callers wait (minutes)"),
        min_value=0,
        max_value=LONGEST_WAIT // timedelta(minutes=1),
        widget=forms.NumberInput(attrs={"autofocus": True}),
    )
    measured_at = forms.DateTimeField(label=_("Measured"), widget=forms.DateTimeInput)
    source = forms.CharField(label=_("Where the figure comes from"), max_length=100)

    def prepare(self) -> None:
        self.fields["measured_at"].initial = self.now
        self.fields["source"].initial = gettext("seen by %s") % self.by


@admin.register(HotlineWait)
class HotlineWaitAdmin(ReadOnlyAdmin):
    list_display = ("minutes_shown", "measured_at", "source", "recorded_by")
    list_filter = ("source",)
    list_select_related = ("recorded_by",)
    ordering = ("-measured_at", "-pk")
    fields = ("wait", "measured_at", "source", "recorded_by", "recorded_at")
    actions_list = ("report",)

    @display(description=_("waiting time (minutes)"), ordering="wait")
    def minutes_shown(self, figure: HotlineWait) -> int:
        return figure.minutes

    @Door(
        title=_("How long do callers wait?"),
        permission="incidents.add_hotlinewait",
        form=WaitForm,
        icon="phone_in_talk",
        variant=ActionVariant.PRIMARY,
        button=_("Tell customers"),
        explanation=_("Pages of customers show it with its time, until it is too old."),
    )
    def report(self, _row: None, asked: Asked) -> str:
        given = asked.given
        figure = hotline.Figure(timedelta(minutes=given["minutes"]), given["measured_at"], given["source"])
        hotline.report(figure, by=asked.by, now=asked.now)
        return gettext("Kept: customers see it with its time.")
