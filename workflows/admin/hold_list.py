"""Whom the rest of the company leaves in peace, as it was announced, and the list as a file."""

from django.contrib import admin
from django.http import StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from incidents import exports
from incidents.admin.base import ReadOnlyAdmin
from incidents.admin.doors import Asked, Door
from workflows import hold_list
from workflows.models import HoldList


@admin.register(HoldList)
class HoldListAdmin(ReadOnlyAdmin):
    list_display = ("incident", "customers", "kinds_shown", "version", "published_at", "lifted_at")
    list_select_related = ("incident",)
    ordering = ("-published_at", "-pk")
    actions_list = ("download",)

    @admin.display(description=_("kept back"))
    def kinds_shown(self, row: HoldList) -> str:
        return ", ".join(row.kinds)

    @Door(
        title=_("Download the list (CSV)"),
        permission="workflows.view_holdlist",
        icon="download",
        explanation=_("Affected customers of every open incident and the campaigns kept back from them, by CRM id."),
    )
    def download(self, _subject: None, asked: Asked) -> StreamingHttpResponse:
        headers = {"Content-Disposition": 'attachment; filename="hold-list.csv"'}
        lines = hold_list.take(by=asked.by, now=asked.now)
        return StreamingHttpResponse(lines, content_type=exports.CONTENT_TYPE, headers=headers)
