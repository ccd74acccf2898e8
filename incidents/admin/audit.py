"""The story people read and the chain that proves it: both only tell."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import audit
from incidents.admin.base import ReadOnlyAdmin
from incidents.admin.doors import Asked, Door
from incidents.models import AuditEvent, TimelineEntry


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "incident", "actor", "sequence", "digest")
    list_select_related = ("incident", "actor")
    search_fields = ("action__istartswith", "incident__reference")
    search_help_text = _("The first letters of the action, or an incident's reference")
    ordering = ("-at", "-pk")
    actions_list = ("prove",)
    fields = ("at", "action", "incident", "actor", "data", "sequence", "previous_hash", "hash")

    @Door(
        title=_("Verify the chain"),
        permission="incidents.view_auditevent",
        icon="verified_user",
        explanation=_("Every link is computed again and compared. Nothing is changed."),
    )
    def prove(self, _subject: None, asked: Asked) -> str:
        return gettext("The chain is whole: %s events fit.") % audit.prove()

    @admin.display(description=_("digest"))
    def digest(self, event: AuditEvent) -> str:
        return event.hash[:12]


@admin.register(TimelineEntry)
class TimelineEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "incident", "kind", "told", "by")
    fields = ("at", "incident", "kind", "told", "by")
    readonly_fields = ("told",)
    list_filter: tuple[Any, ...] = ("kind",)
    list_select_related = ("incident", "by")
    search_fields = ("incident__reference",)
    search_help_text = _("An incident's reference")
    ordering = ("-at", "-pk")

    @admin.display(description=_("text"))
    def told(self, entry: TimelineEntry) -> str:
        return entry.told
