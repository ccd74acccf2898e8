"""People: who can log in, and the groups that say what they may do."""

from typing import Any, cast

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from incidents import audit
from incidents.admin.base import Admin
from incidents.admin.doors import Asked, Door
from incidents.admin.widgets import TimeZoneField
from incidents.enums import Language
from incidents.models import User

# What a person may do is said by groups, which every release writes anew (see crisiscomm/groups.py).
admin.site.unregister(Group)


class PersonForm(UserChangeForm):
    time_zone = TimeZoneField(label=_("Time zone"))
    languages = forms.MultipleChoiceField(
        label=_("Languages read as a native"),
        choices=Language.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Translations of messages are approved by somebody who reads them so."),
    )


@admin.register(User)
class UserAdmin(DjangoUserAdmin, Admin):  # type: ignore[type-arg, misc]
    form = PersonForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "group_names", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("username__istartswith", "last_name__istartswith", "first_name__istartswith")
    ordering = ("username",)  # type: ignore[misc]
    filter_horizontal = ()
    actions_detail = ("forget_second_factor",)
    state_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": (("first_name", "last_name"), ("email", "phone"), "time_zone", "languages")}),
        (_("What this person may do"), {"fields": ("groups", ("is_active", "is_superuser"))}),
        (_("Record"), {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", ("first_name", "last_name"), "email", "password1", "password2", "groups")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only who may do everything makes others so, and nobody gives groups to themselves."""
        asking = cast(User, request.user)
        locked = [] if asking.is_superuser else ["is_superuser"]
        if obj is not None and obj.pk == asking.pk:
            locked += ["is_active", "is_superuser", *([] if asking.is_superuser else ["groups"])]
        return [*super().get_readonly_fields(request, obj), *locked]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = bool(super().has_change_permission(request, obj))
        return may and (obj is None or not obj.is_superuser or cast(User, request.user).is_superuser)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    @Door(
        title=_("Forget the second factor"),
        permission="incidents.change_user",
        icon="phonelink_erase",
        explanation=_("For a lost telephone. The person enrols a new one at the next log-in."),
    )
    def forget_second_factor(self, person: User, asked: Asked) -> str:
        with transaction.atomic():
            Authenticator.objects.filter(user=person).delete()
            data = {"id": person.pk}
            audit.record(None, action="user.second_factor_forgotten", actor=asked.by, now=asked.now, data=data)
        return gettext("The second factor of %s is forgotten.") % person

    @admin.display(description=_("name"))
    def full_name(self, person: User) -> str:
        return person.get_full_name()

    @admin.display(description=_("groups"))
    def group_names(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all())
