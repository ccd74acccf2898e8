"""The radar: what was noticed, from how many on it becomes a report, and a person who decides otherwise."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import embargo, radar
from incidents.admin.base import Admin, ReadOnlyAdmin
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.models import Incident, Signal, SignalThreshold


class AttachForm(ActionForm):
    incident = forms.ModelChoiceField(label=_("Incident"), queryset=Incident.objects.none())

    def prepare(self) -> None:
        field: Any = self.fields["incident"]
        field.queryset = embargo.visible(Incident.objects.live(), to=self.by).order_by("-created_at")


def _is_untied(signal: Signal) -> bool:
    return signal.incident_id is None


@admin.register(Signal)
class SignalAdmin(ReadOnlyAdmin):
    list_display = ("kind", "keyword", "count", "source", "received_at", "incident")
    list_filter = ("kind", ("incident", admin.EmptyFieldListFilter))
    search_fields = ("keyword__istartswith", "source__istartswith")
    list_select_related = ("incident",)
    ordering = ("-received_at", "-pk")
    fields = ("kind", "keyword", "count", "source", "text", "incident", "posted_by", "received_at")
    actions_detail = ("report", "attach")

    @Door(
        title=_("Report this"),
        permission="incidents.add_incident",
        icon="add_alert",
        variant=ActionVariant.PRIMARY,
        explanation=_("It becomes a report that somebody declares or dismisses, whatever the threshold says."),
        shown=_is_untied,
    )
    def report(self, signal: Signal, asked: Asked) -> HttpResponse:
        incident = radar.report(signal, by=asked.by, now=asked.now)
        return HttpResponseRedirect(reverse("admin:incidents_incident_change", args=[incident.pk]))

    @Door(
        title=_("Belongs to an incident"),
        permission="incidents.add_incident",
        form=AttachForm,
        icon="link",
        shown=_is_untied,
    )
    def attach(self, signal: Signal, asked: Asked) -> str:
        radar.attach(signal, incident=asked.given["incident"], by=asked.by, now=asked.now)
        return gettext("Kept.")


@admin.register(SignalThreshold)
class SignalThresholdAdmin(Admin):
    list_display = ("kind", "keyword", "source", "count", "interval", "is_active")
    list_filter = ("kind", "is_active")
    ordering = ("kind", "keyword", "source")
    fields = (("kind", "keyword", "source"), ("count", "interval"), "title", "is_active")
