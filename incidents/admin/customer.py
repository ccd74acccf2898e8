"""Customers: the list, one customer's addresses, and the export of all of them."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from incidents import clock, exports
from incidents.admin.base import NOT_SET, Admin, display
from incidents.admin.contact_points import ContactPointInline
from incidents.admin.customer_file import MAY_IMPORT, UploadForm, take_upload
from incidents.admin.doors import Asked, Door
from incidents.admin.masking import column_for, masked
from incidents.admin.widgets import TimeZoneField
from incidents.models import ContactPoint, Customer

SCORES = {1: "default", 2: "info", 3: "warning"}


class CustomerForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = TimeZoneField(label=_("Time zone"))

    def save(self, commit: bool = True) -> Any:
        """What a person fills in is no longer a value we assumed."""
        self.instance.defaulted = [name for name in self.instance.defaulted if name not in self.changed_data]
        return super().save(commit)


@admin.register(Customer)
class CustomerAdmin(Admin):
    form = CustomerForm
    list_display = (
        "name",
        "crm_id",
        "importance_shown",
        "closeness_shown",
        "language",
        "region",
        "addresses",
        "account_manager",
    )
    list_filter = ("importance", "closeness", "language", ("region", admin.AllValuesFieldListFilter), "is_active")
    search_fields = ("name__istartswith", "crm_id__istartswith")
    search_help_text = _("The first letters of the name or of the CRM id")
    list_select_related = ("account_manager",)
    ordering = ("name", "pk")
    autocomplete_fields = ("account_manager",)
    inlines = (ContactPointInline,)
    actions_list = ("start_import", "export")
    state_fields = ("defaulted", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": (("name", "crm_id"), "salutation", ("language", "time_zone"), ("region", "account_key"))}),
        (_("Priority"), {"fields": (("importance", "closeness"), "account_manager")}),
        (_("Contact"), {"fields": (("preferred_channel", "consent_basis"), ("call_from", "call_until"), "is_active")}),
        (_("Attributes"), {"fields": ("attributes", "defaulted", ("created_at", "updated_at"))}),
    )

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Two columns of addresses, of which each reader gets one: a page is shared by many at the same time."""
        return [column_for(request, "addresses") if name == "addresses" else name for name in self.list_display]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        primary = ContactPoint.objects.filter(is_primary=True).order_by("kind")
        rows = cast("QuerySet[Customer]", super().get_queryset(request))
        return rows.prefetch_related(Prefetch("contact_points", primary, to_attr="primary_points"))

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        obj.updated_at = clock.now()
        if not change:
            obj.created_at = obj.updated_at
        super().save_model(request, obj, form, change)

    @Door(title=_("Import…"), permission=MAY_IMPORT, form=UploadForm, icon="upload", button=_("Upload and look"))
    def start_import(self, _subject: None, asked: Asked) -> HttpResponse:
        return take_upload(asked)

    @Door(
        title=_("Export all"),
        permission="incidents.export_customers",
        icon="download",
        explanation=_("All customers leave the house with their addresses. The audit trail keeps that you took them."),
    )
    def export(self, _subject: None, asked: Asked) -> StreamingHttpResponse:
        lines = exports.take_customers(by=asked.by, now=asked.now)
        headers = {"Content-Disposition": 'attachment; filename="customers.csv"'}
        return StreamingHttpResponse(lines, content_type=exports.CONTENT_TYPE, headers=headers)

    @display(description=_("addresses"))
    def addresses(self, customer: Customer) -> str:
        return ", ".join(point.value for point in _primary(customer)) or NOT_SET

    @display(description=_("addresses"))
    def addresses_masked(self, customer: Customer) -> str:
        return ", ".join(masked(point.value) for point in _primary(customer)) or NOT_SET

    @display(description=_("importance"), label=SCORES, ordering="importance")
    def importance_shown(self, customer: Customer) -> tuple[int, str]:
        return customer.importance, customer.get_importance_display()

    @display(description=_("closeness"), label=SCORES, ordering="closeness")
    def closeness_shown(self, customer: Customer) -> tuple[int, str]:
        return customer.closeness, customer.get_closeness_display()


def _primary(customer: Customer) -> list[ContactPoint]:
    return cast(Any, customer).primary_points  # type: ignore[no-any-return]
