"""The company's one row of settings."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.validators import URLValidator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminURLInputWidget

from incidents import customers
from incidents.admin.base import Admin
from incidents.admin.widgets import LinesField, LocalisedField, OrderedLanguagesField, TimeZoneField
from incidents.models import Company


class WordsField(forms.CharField):
    """Short names, one a line."""

    widget = forms.Textarea(attrs={"rows": 6})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = value if isinstance(value, list) else str(super().to_python(value)).splitlines()
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


class AddressesField(WordsField):
    """E-mail addresses, one a line, each in its normal form and named when it is none."""

    def to_python(self, value: Any) -> Any:
        return [self._normal(line) for line in super().to_python(value)]

    def _normal(self, line: str) -> str:
        try:
            return customers.normalise_email(line)
        except customers.InvalidAddress as problem:
            raise forms.ValidationError(f"{line}: {problem}") from problem


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    name = LocalisedField(label=_("Name"))
    signatory_name = LocalisedField(label=_("Signatory"), required=False)
    signatory_title = LocalisedField(label=_("Signatory's title"), required=False)
    contact_hours = LocalisedField(label=_("Opening hours"), required=False)
    chat_url = forms.URLField(
        label=_("Online consultation"),
        required=False,
        assume_scheme="https",
        validators=[URLValidator(schemes=["https"])],
        widget=UnfoldAdminURLInputWidget,
        help_text=_("Address of the chat; it begins with https://."),
    )
    team_name = LocalisedField(label=_("Customer team's name"), required=False)
    languages = OrderedLanguagesField(
        label=_("Languages, in fallback order"), help_text=_("The first one is used where a text is missing.")
    )
    copy_addresses = LinesField(
        label=_("Copies go to"),
        required=False,
        help_text=_("Staff mailboxes, one a line: each gets a copy of every message, marked as a copy."),
    )
    time_zone = TimeZoneField(label=_("Time zone"))
    held_campaigns = WordsField(
        label=_("Campaigns kept back from affected customers"),
        required=False,
        help_text=_("One a line, by the names your marketing systems know."),
    )
    test_recipients = AddressesField(
        label=_("Test recipients"),
        required=False,
        help_text=_("One a line. An exercise writes to these alone; without any it writes to nobody."),
    )


@admin.register(Company)
class CompanyAdmin(Admin):
    form = CompanyForm
    list_display = ("__str__",)
    ordering = ("pk",)
    fieldsets = (
        (None, {"fields": ("name", "team_name", "signatory_name", "signatory_title")}),
        (
            _("How customers reach us"),
            {"fields": (("hotline", "contact_email"), ("chat_url", "hotline_wait_is_fresh_for"), "contact_hours")},
        ),
        (_("Sending"), {"fields": (("sender_address", "reply_address"), "languages", "copy_addresses")}),
        (_("Clock"), {"fields": (("time_zone", "quiet_from", "quiet_until"),)}),
        (_("Listening"), {"fields": (("brief_callback_within", "call_attempts"), "theme_alarm_count")}),
        (
            _("Calls and exercises"),
            {"fields": (("contact_length", "contact_hours_a_day"), "test_recipients")},
        ),
        (_("Other"), {"fields": ("survey_minutes", "held_campaigns", "is_demonstration")}),
    )
    # The sample company's mail stays on this machine; nobody switches that off on a page.
    state_fields = ("is_demonstration",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(super().has_add_permission(request)) and not Company.objects.exists()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one: go to it, or to the page that makes it."""
        if Company.objects.exists() and self.has_view_permission(request):
            return HttpResponseRedirect(reverse("admin:incidents_company_change", args=[1]))
        if self.has_add_permission(request):
            return HttpResponseRedirect(reverse("admin:incidents_company_add"))
        return cast(HttpResponse, super().changelist_view(request, extra_context))

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)
