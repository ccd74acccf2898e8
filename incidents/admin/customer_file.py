"""The import of customers in the browser: upload, look, import, read the report."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import exports, imports
from incidents.admin.base import ReadOnlyAdmin
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.imports import uploads
from incidents.models import CustomerFile, User

MAY_IMPORT = "incidents.import_customers"


class UploadForm(ActionForm):
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xlsm"}),
        help_text=_("CSV or Excel (.xlsx); the first line names the columns, one of them crm_id."),
    )


class ImportForm(ActionForm):
    """Shows how the file would be read; the encoding a person chose travels along."""

    encoding = forms.CharField(required=False, widget=forms.HiddenInput)
    view: imports.FileView | None = None
    trial: imports.Report | None = None
    headings: list[tuple[str, str]]

    def prepare(self) -> None:
        encoding = (self.data or self.initial).get("encoding") or None
        self.view = uploads.view(self.subject, encoding=encoding)
        if self.view.source is None or self.view.columns is None:
            return
        columns = self.view.columns
        named = {place: name for name, place in columns.fields.items()}
        self.headings = [(heading, named.get(place, "")) for place, heading in enumerate(columns.headings)]
        self.trial = uploads.rehearse(self.subject, encoding=encoding, now=self.now)

    def clean(self) -> dict[str, Any]:
        if self.view is None or self.view.source is None:
            raise forms.ValidationError(_("Choose first how the file is to be read."))
        return self.cleaned_data


def take_upload(asked: Asked) -> HttpResponse:
    """Keep the file that was sent, and go on to how it would be read."""
    given = asked.given["file"]
    file = uploads.store(given.name, chunks=given.chunks(), by=asked.by, now=asked.now)
    return HttpResponseRedirect(reverse("admin:incidents_customerfile_look", args=[file.pk]))


@admin.register(CustomerFile)
class CustomerFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "uploaded_by", "uploaded_at", "imported_at", "result")
    list_select_related = ("uploaded_by",)
    ordering = ("-uploaded_at", "-pk")
    actions_list = ("upload",)
    actions_detail = ("look", "bad_lines")
    fields = ("name", ("uploaded_by", "uploaded_at"), "imported_at", "result")
    readonly_fields = ("result",)
    change_form_after_template = "admin/import_report.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomerFile]:
        return cast("QuerySet[CustomerFile]", super().get_queryset(request)).defer("content")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return cast(User, request.user).has_perm(MAY_IMPORT)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return cast(User, request.user).has_perm(MAY_IMPORT)

    @Door(title=_("Import a file"), permission=MAY_IMPORT, form=UploadForm, icon="upload", button=_("Upload and look"))
    def upload(self, _subject: None, asked: Asked) -> HttpResponse:
        return take_upload(asked)

    @Door(
        title=_("Look and import"),
        permission=MAY_IMPORT,
        form=ImportForm,
        icon="table_view",
        button=_("Import now"),
        template="admin/import_preview.html",
        shown=lambda file: file.imported_at is None,
    )
    def look(self, file: CustomerFile, asked: Asked) -> str:
        done = uploads.run(file, encoding=asked.given["encoding"] or None, by=asked.by, now=asked.now)
        return str(done.report["summary"])

    @Door(
        title=_("Bad lines as CSV"),
        permission=MAY_IMPORT,
        icon="download",
        explanation=_("The lines that were left out, with what to do about each."),
        button=_("Download"),
        shown=lambda file: bool(file.report.get("errors")),
    )
    def bad_lines(self, file: CustomerFile, asked: Asked) -> StreamingHttpResponse:
        headers = {"Content-Disposition": 'attachment; filename="bad-lines.csv"'}
        lines = exports.bad_lines(file.report)
        return StreamingHttpResponse(lines, content_type=exports.CONTENT_TYPE, headers=headers)

    @admin.display(description=_("result"))
    def result(self, file: CustomerFile) -> str:
        return str(file.report.get("summary") or gettext("Not imported yet"))
