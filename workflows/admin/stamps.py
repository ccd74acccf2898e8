"""Beside the stamps: strong objections and the emergency path, each with the doors by which it ends."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents.admin.doors import ActionForm, Asked, Door
from notifications import compose
from notifications.enums import MessageState
from notifications.models import EmergencyApproval, Message, Objection
from workflows import approvals, emergencies, objections
from workflows.admin.base import RowOfRoom, Tab

APPROVE = "notifications.approve_message"


class WhyForm(ActionForm):
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}))


class JudgementForm(ActionForm):
    judgement = forms.CharField(label=_("What the review found"), widget=forms.Textarea(attrs={"rows": 3}))


class ExceptionalDoors:
    """Doors of a message for the rare cases: a veto, and no time for every stamp."""

    @Door(
        title=_("Object strongly"),
        permission=APPROVE,
        form=WhyForm,
        icon="gavel",
        variant=ActionVariant.DANGER,
        explanation=_("Nothing of this message leaves until you withdraw it or somebody entitled overrules you."),
        shown=lambda message: message.state in objections.MAY_BE_OBJECTED,
    )
    def object_strongly(self, message: Message, asked: Asked) -> str:
        objections.raise_strong(message, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("Your objection stands; the lead knows.")

    @Door(
        title=_("Emergency: one approval is enough"),
        permission=APPROVE,
        form=WhyForm,
        icon="e911_emergency",
        variant=ActionVariant.DANGER,
        explanation=_("One stamp of another person then stands for all. The sponsor is woken, the review judges it."),
        shown=lambda message: message.state == MessageState.IN_REVIEW and not _is_open(message),
    )
    def open_emergency(self, message: Message, asked: Asked) -> str:
        emergencies.open_for(message, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("The emergency path is open; the sponsor is woken.")


@admin.register(Objection)
class ObjectionAdmin(RowOfRoom):
    tab = Tab.MESSAGES
    path_to_incident = "message.incident"

    @Door(
        title=_("Withdraw my objection"),
        permission=APPROVE,
        form=WhyForm,
        icon="undo",
        shown=lambda objection: objection.ended_at is None,
    )
    def withdraw(self, objection: Objection, asked: Asked) -> str:
        objections.withdraw(objection, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("The objection is withdrawn.")

    @Door(
        title=_("Overrule"),
        permission=APPROVE,
        form=WhyForm,
        icon="gavel",
        variant=ActionVariant.WARNING,
        shown=lambda objection: objection.ended_at is None,
    )
    def overrule(self, objection: Objection, asked: Asked) -> str:
        objections.overrule(objection, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("The objection is overruled.")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(_page(self.look_at(request, object_id).message_id))


@admin.register(EmergencyApproval)
class EmergencyAdmin(RowOfRoom):
    tab = Tab.MESSAGES
    path_to_incident = "revision.message.incident"

    @Door(
        title=_("Judge the emergency"),
        permission=APPROVE,
        form=JudgementForm,
        icon="rate_review",
        shown=lambda emergency: emergency.judged_at is None,
    )
    def judge(self, emergency: EmergencyApproval, asked: Asked) -> str:
        emergencies.judge(emergency, judgement=asked.given["judgement"], by=asked.by, now=asked.now)
        return gettext("It is written down for the review.")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(_page(self.look_at(request, object_id).revision.message_id))


def exceptional(message: Message) -> dict[str, Any]:
    """Return what a message's page shows of objections and emergencies."""
    rows = message.objections.select_related("raised_by", "ended_by").order_by("-raised_at")
    opened = EmergencyApproval.objects.filter(revision__message=message)
    return {
        "objections": rows,
        "emergencies": opened.select_related("opened_by", "judged_by", "revision").order_by("-opened_at"),
    }


def _is_open(message: Message) -> bool:
    return message.current is not None and approvals.in_emergency(compose.current(message))


def _page(message: int) -> str:
    return reverse("admin:notifications_message_change", args=[message])
