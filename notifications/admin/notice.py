"""Wake-ups of staff, the webhooks they also go to, and what providers reported."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget

from incidents import embargo
from incidents.admin.base import Admin, ReadOnlyAdmin
from notifications import secrets
from notifications.models import ProviderEvent, StaffNotice, WebhookEndpoint


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]
    """The secret is written and never shown again."""

    new_secret = forms.CharField(
        label=_("Signing secret"),
        required=False,
        widget=UnfoldAdminPasswordWidget(render_value=False),
        help_text=_("Written once, never shown; leave it empty to keep the present one."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("name", "url", "is_active")

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        if self.cleaned_data.get("new_secret"):
            self.instance.secret = secrets.encrypt(self.cleaned_data["new_secret"])
        return super().save(commit=commit)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(Admin):
    form = EndpointForm
    list_display = ("name", "is_active")
    ordering = ("name", "pk")
    fields = ("name", "url", "new_secret", "is_active")


@admin.register(StaffNotice)
class StaffNoticeAdmin(ReadOnlyAdmin):
    list_display = ("subject", "medium", "user", "endpoint", "state", "attempts", "created_at", "sent_at")
    list_filter = ("state", "medium")
    list_select_related = ("user", "endpoint")
    ordering = ("-created_at", "-pk")
    fields = ("subject", "medium", "user", "endpoint", "state", "attempts", "created_at", "sent_at", "last_error")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """A wake-up names its incident in its data alone, so the rule for lists is said here once more."""
        hidden = embargo.hidden_from(request.user).values("reference")
        rows = super().get_queryset(request).annotate(about=KeyTextTransform("incident", "data"))
        return cast("QuerySet[Any]", rows.exclude(about__isnull=False, about__in=hidden))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnlyAdmin):
    list_display = ("channel", "kind", "delivery_reference", "received_at", "processed_at")
    list_filter = ("channel", "kind", ("processed_at", admin.EmptyFieldListFilter))
    ordering = ("-received_at", "-pk")
    fields = ("channel", "kind", "event_id", "delivery_reference", "received_at", "processed_at")
