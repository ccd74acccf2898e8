"""A customer's addresses: editable for who may see them, masked for everybody else."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from incidents import customers
from incidents.admin.base import display
from incidents.admin.masking import column_for, masked, may_see_addresses
from incidents.enums import ContactKind
from incidents.models import Company, ContactPoint, User


class ContactPointForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ContactPoint
        fields = ("kind", "value", "is_primary")

    def clean(self) -> dict[str, Any] | None:
        """An address nobody can be reached at is refused here as it is by an import."""
        cleaned = super().clean()
        if cleaned and cleaned.get("value") and cleaned.get("kind"):
            try:
                self.instance.normalised = self._normalised(cleaned["kind"], cleaned["value"])
            except customers.InvalidAddress as refusal:
                raise ValidationError({"value": str(refusal)}) from refusal
        return cleaned

    def _normalised(self, kind: str, value: str) -> str:
        if kind == ContactKind.EMAIL:
            return customers.normalise_email(value)
        if kind != ContactKind.PHONE:
            return value.strip()
        region = customers.region_of(self.instance.customer.region)
        return customers.normalise_phone(value, region=region or customers.region_of_company(Company.objects.first()))


class ContactPointInline(TabularInline):
    model = ContactPoint
    form = ContactPointForm
    extra = 0
    ordering = ("kind", "-is_primary", "pk")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("kind", column_for(request, "value"), "is_primary")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return () if may_see_addresses(request) else ("kind", "value_masked", "is_primary")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return cast(User, request.user).has_perm("incidents.view_customer")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_see_addresses(request) and bool(super().has_add_permission(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_see_addresses(request) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A wrong address goes: who may change it may take it away; deliveries keep what they were sent to."""
        return self.has_change_permission(request, obj)

    @display(description=_("address"))
    def value_masked(self, point: ContactPoint) -> str:
        return masked(point.value)
