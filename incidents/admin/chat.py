"""Transcripts of the online consultation, word for word, with what they left in the feedback log."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from incidents.admin.base import ReadOnlyAdmin, ReadOnlyInline, display
from incidents.admin.masking import column_for, masked
from incidents.models import ChatTranscript, Feedback


class EntryInline(ReadOnlyInline):
    model = Feedback
    verbose_name_plural = _("left in the feedback log")
    fields = ("verbatim", "kind", "mood", "owner", "due_at", "state")
    ordering = ("pk",)


@admin.register(ChatTranscript)
class ChatTranscriptAdmin(ReadOnlyAdmin):
    list_display = ("conversation", "customer", "incident", "mood", "received_at")
    list_filter = ("mood",)
    search_fields = ("conversation__istartswith", "customer__name__istartswith", "incident__reference")
    list_select_related = ("customer", "incident")
    ordering = ("-received_at", "-pk")
    inlines = (EntryInline,)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        address = column_for(request, "address")
        facts = ["mood", "language", "received_at", "filed_by"]
        return ["incident", "conversation", "customer", address, "transcript", *facts]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "address_masked"]

    @display(description=_("address given in the chat"))
    def address_masked(self, row: ChatTranscript) -> str:
        return masked(row.address) if row.address else ""
