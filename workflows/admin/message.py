"""A message's page: its languages side by side, what is wrong with them, who gets it, and every step to release."""

from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from incidents import clock
from incidents.admin.base import display
from incidents.enums import Language
from incidents.models import User
from notifications import compose, renditions
from notifications.enums import CAN_WAIT, DeliveryStatus, MessageState
from notifications.models import Message
from notifications.wording import second_reader
from workflows import approvals, audiences, clocks, dates, rewriting, values, waiting
from workflows.admin import composing, previewing
from workflows.admin.audience_rules import MessageRuleDoors
from workflows.admin.base import DoorsAdmin, Tab, room_url
from workflows.admin.message_doors import ApprovingDoors, SendingDoors, WritingDoors
from workflows.admin.message_languages import LanguageDoors, languages_of, waiting_list
from workflows.admin.parties import HandOverDoors
from workflows.admin.progress import progress_of
from workflows.admin.stamps import ExceptionalDoors, exceptional
from workflows.handled import handled

COLOURS = {
    MessageState.DRAFT: "default",
    MessageState.IN_REVIEW: "warning",
    MessageState.APPROVED: "success",
    MessageState.SCHEDULED: "info",
    MessageState.SENDING: "info",
    MessageState.SENT: "success",
    MessageState.CANCELLED: "default",
    MessageState.SUPERSEDED: "default",
    MessageState.EXPIRED: "danger",
}
UNCERTAIN_SHOWN = 50
READERS_SHOWN = 20


@admin.register(Message)
class MessageAdmin(
    MessageRuleDoors,
    LanguageDoors,
    WritingDoors,
    ApprovingDoors,
    ExceptionalDoors,
    SendingDoors,
    HandOverDoors,
    DoorsAdmin,
):
    list_display = ("reference_shown", "kind", "incident", "state_shown", "author", "created_at", "released_at")
    list_filter = ("state", "kind", "needs_correction", "is_standing_approved")
    search_fields = ("incident__reference__istartswith",)
    search_help_text = _("Reference of the incident")
    list_select_related = ("incident", "author")
    ordering = ("-created_at", "-pk")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        mail = path("<path:object_id>/preview/", view(self.preview), name="notifications_message_preview")
        translations = path("translations/", view(self.translations), name="notifications_message_translations")
        mine = path("mine/", view(self.mine), name="notifications_message_mine")
        check = path("<path:object_id>/wording/", view(self.wording), name="notifications_message_wording")
        second = path("<path:object_id>/second/", view(self.second_reader), name="notifications_message_second")
        return [mine, mail, translations, check, second, *super().get_urls()]

    def mine(self, request: HttpRequest) -> HttpResponse:
        """Show what waits for this person's stamp, soonest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = clock.now()
        context = {
            **self.admin_site.each_context(request),
            "title": _("My approvals"),
            "here": request.path,
            "now": now,
            "mine": waiting.mine(cast(User, request.user), now=now),
        }
        return TemplateResponse(request, "admin/mine.html", context)

    def wording(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say what the wording check makes of the texts that are being written."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return composing.answer(self.look_at(request, object_id), request)

    def second_reader(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask the second reader, where one is configured."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return composing.second_answer(self.look_at(request, object_id), request)

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Serve what one customer will see, for the frame on the message's page."""
        return previewing.framed(self.look_at(request, object_id), request)

    def translations(self, request: HttpRequest) -> HttpResponse:
        """Serve the list of what waits for translators and readers."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Translations"),
            "content_title": _("Translations"),
        }
        return waiting_list(request, context=context, seen=self.get_queryset(request).order_by())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        message: Message = self.look_at(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": str(message),
            "original": message,
            "message_row": message,
            "incident": message.incident,
            "here": request.path,
            "room": room_url(message.incident, Tab.MESSAGES),
            **_text(message),
            **_approval(message, cast(User, request.user)),
            **_right_now(message),
            **exceptional(message),
            "changed": values.changed_labels(message.incident, tiers=_tiers(message)) if message.is_editable else [],
            **_sending(message),
            **_preview(message, request),
        }
        return TemplateResponse(request, "admin/room/message.html", context)

    @display(description=_("message"), ordering="number")
    def reference_shown(self, message: Message) -> str:
        return message.reference

    @display(description=_("state"), label=dict(COLOURS), ordering="state")
    def state_shown(self, message: Message) -> tuple[str, str]:
        return message.state, message.get_state_display()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("incident", "current", "author", "corrects__incident")


def _text(message: Message) -> dict[str, Any]:
    revision = compose.current(message)
    reports = {one.code: one for one in composing.reports(message)} if message.is_editable else {}
    names = dict(Language.choices)
    languages = [
        {
            "code": code,
            "name": names.get(code, code),
            "text": revision.content["texts"][code],
            "body": compose.public_body(revision, language=code),
            "report": reports.get(code),
        }
        for code in revision.content["languages"]
    ]
    return {
        "revision": revision,
        "languages": languages,
        "has_second_reader": message.is_editable and second_reader.is_configured(),
        "problems": [*compose.problems(message), *clocks.breaches(message)] if message.is_editable else [],
        "revisions": message.revisions.select_related("author").order_by("-number"),
        "promises": sorted((int(tier), one.get("next_update_at", "")) for tier, one in message.promises.items()),
        "channels_by_tier": sorted(message.channels.items()),
    }


def _right_now(message: Message) -> dict[str, Any]:
    """What is wrong with a sent text, and which languages and dates of an unsent one nobody answers for."""
    now = clock.now()
    is_unsent = message.is_editable
    return {
        "states": languages_of(message),
        "loose_dates": dates.untracked(message, now=now) if is_unsent else [],
        "wrong": rewriting.explanation(message) if message.needs_correction else {},
    }


def _tiers(message: Message) -> list[int]:
    return compose.tiers(compose.current(message).content)


def _approval(message: Message, reader: User) -> dict[str, Any]:
    revision = compose.current(message)
    given = revision.approvals.select_related("approver").order_by("pk")
    missing = approvals.open_requirements(message) if message.state == MessageState.IN_REVIEW else []
    refusal = approvals.may_approve(message, by=reader, now=clock.now()) if missing else None
    return {"approvals": given, "missing": missing, "why_not_me": str(refusal or "")}


def _sending(message: Message) -> dict[str, Any]:
    released = message.state in {MessageState.SENDING, MessageState.SENT, MessageState.SUPERSEDED}
    uncertain = message.deliveries.filter(status=DeliveryStatus.UNCERTAIN).select_related("customer").order_by("pk")
    return {
        "reach": None if released else audiences.count(message),
        "progress": progress_of([message]) if released else [],
        "handled": handled(message) if released else {},
        "uncertain": uncertain[:UNCERTAIN_SHOWN],
        "late_languages": _late_languages(message),
        "quiet": _held_back(message) if released else None,
        "contacts": message.outreach.order_by().values("state").annotate(count=Count("pk")),
    }


def _late_languages(message: Message) -> list[dict[str, Any]]:
    """The languages that stayed behind, with who reads the fallback instead, some of them by name."""
    return [
        {"row": one, "readers": renditions.readers(message, language=one.language)[:READERS_SHOWN]}
        for one in renditions.late(message)
    ]


def _held_back(message: Message) -> dict[str, Any] | None:
    """How many mails wait for the end of their readers' quiet hours, and until when the last of them does."""
    if message.kind not in CAN_WAIT:
        return None
    rows = message.deliveries.waiting().filter(attempts=0, next_attempt_at__gt=clock.now())
    found = rows.aggregate(count=Count("pk"), until=Max("next_attempt_at"))
    return found if found["count"] else None


def _preview(message: Message, request: HttpRequest) -> dict[str, Any]:
    names, content = dict(Language.choices), compose.current(message).content
    sample = audiences.people(message).order_by("crm_id")[:10]
    source = reverse("admin:notifications_message_preview", args=[message.pk])
    return {
        "preview_ways": previewing.WAYS,
        "preview_languages": [(code, names.get(code, code)) for code in content["languages"]],
        "preview_sample": sample,
        "preview_customer": previewing.chosen_customer(message, request),
        "preview_source": f"{source}?{request.GET.urlencode()}",
        "asked": request.GET,
    }
