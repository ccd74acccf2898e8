"""API tokens: made through a form, shown once, revoked at once."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from incidents import api_tokens
from incidents.admin.base import ReadOnlyAdmin
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import ApiScope
from incidents.models import ApiToken, User


class TokenForm(ActionForm):
    name = forms.CharField(label=_("Which program uses it"), max_length=80)
    user = forms.ModelChoiceField(
        label=_("Acts as"),
        queryset=User.objects.filter(is_active=True).order_by("username"),
        help_text=_("The program may do what this person may do, within the scopes, and no more."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), choices=ApiScope.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    networks = forms.CharField(
        label=_("Networks"), required=False, help_text=_("Where it may be used from, by commas; empty: anywhere.")
    )
    expires_at = forms.DateTimeField(label=_("Ends"), widget=forms.DateTimeInput)

    def prepare(self) -> None:
        self.fields["user"].initial = self.by.pk
        self.fields["expires_at"].initial = self.now + timedelta(days=90)
        if not self.by.is_superuser:
            cast(Any, self.fields["user"]).queryset = User.objects.filter(pk=self.by.pk)

    def clean_networks(self) -> list[str]:
        return [text.strip() for text in self.cleaned_data["networks"].split(",") if text.strip()]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "scope_names", "is_active", "expires_at", "last_used_at")
    list_select_related = ("user",)
    ordering = ("-created_at", "-pk")
    actions_list = ("issue",)
    actions_detail = ("revoke",)
    fields = ("name", "user", "scope_names", "networks", ("created_at", "expires_at", "last_used_at"), "is_active")
    readonly_fields = ("scope_names",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        """Everybody manages their own; who may do everything manages all."""
        rows = cast("QuerySet[ApiToken]", super().get_queryset(request))
        asking = cast(User, request.user)
        return rows if asking.is_superuser else rows.filter(user=asking)

    @Door(title=_("Make a token"), permission="incidents.add_apitoken", form=TokenForm, icon="key")
    def issue(self, _subject: None, asked: Asked) -> HttpResponse:
        user = asked.given.pop("user")
        secret = api_tokens.issue(user, grant=api_tokens.Grant(**asked.given), by=asked.by, now=asked.now)
        context = {
            **self.admin_site.each_context(asked.request),
            "title": gettext("Your new API token"),
            "opts": self.opts,
            "name": asked.given["name"],
            "secret": secret,
        }
        page = TemplateResponse(asked.request, "admin/api_token_made.html", context)
        page.headers["Cache-Control"] = "no-store"
        return page

    @Door(
        title=_("Revoke"),
        permission="incidents.change_apitoken",
        icon="block",
        explanation=_("Programs that use it are refused from this moment on."),
        shown=lambda token: token.is_active,
    )
    def revoke(self, token: ApiToken, asked: Asked) -> str:
        api_tokens.revoke(token, by=asked.by, now=asked.now)
        return gettext("The token is revoked.")

    @admin.display(description=_("scopes"))
    def scope_names(self, token: ApiToken) -> str:
        return ", ".join(str(ApiScope(scope).label) for scope in token.scopes)
