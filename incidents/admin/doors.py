"""Doors: how a person in the admin starts one domain function.

A door is a button on a page that leads to a small page with a form (or just the question "do this?"), and that page
POSTs. Nothing changes on GET. Write the form, say who may pass, call **one** domain function, return the sentence
that tells how it went:

    class SettleForm(ActionForm):
        outcome = forms.CharField(label=_("How it went"), widget=forms.Textarea)

        def prepare(self) -> None:                       # optional: `self.subject`, `self.by` and `self.now` are known
            self.fields["outcome"].initial = self.subject.outcome

    class CommitmentAdmin(Admin):
        actions_detail = ["settle"]                      # on one row's page; `actions_list`: above a list, subject None

        @Door(title=_("Settle"), permission="incidents.change_commitment", form=SettleForm, icon="task_alt",
              shown=lambda commitment: commitment.state == CommitmentState.OPEN)
        def settle(self, commitment: Commitment, asked: Asked) -> str:
            commitments.settle(commitment, outcome=asked.given["outcome"], by=asked.by, now=asked.now)
            return _("The commitment is settled.")

The door reads the database clock, checks the permission, shows every line of a `Refusal` beside the form (what was
written stays), and leads back to the row, the list, or a local `?next=`. A second click meets the domain function's
own refusal. A link may fill the form in: `?outcome=…`. `shown` only hides a button that would be refused anyway,
`hidden_from` one that would be refused to this person: whoever wrote a text does not approve it.
Return an `HttpResponse` for a file or for another place. Plain Django widgets of an `ActionForm` are dressed by
themselves. Addresses go through `masking`, times through `moments`, texts per language through `widgets`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from unfold.enums import ActionVariant

from incidents import clock
from incidents.admin.widgets import dress
from incidents.errors import Refusal
from incidents.models import User

Handler = Callable[[Any, Any, "Asked"], str | HttpResponseBase]
View = Callable[..., HttpResponseBase]


class ActionForm(forms.Form):
    """A door's form; without fields it is just the question whether to go on."""

    def __init__(self, *args: Any, subject: Any, by: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subject, self.by, self.now = subject, by, now
        self.prepare()
        for form_field in self.fields.values():
            dress(form_field)

    def prepare(self) -> None:
        """Fill choices and initial values from the subject; a Refusal raised here is shown instead of the form."""

    def gather(self) -> dict[str, Any]:
        """Return what the domain function takes, made from fields that were put together in `prepare`."""
        return {}

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        return given if self.errors else {**given, **self.gather()}


@dataclass(frozen=True)
class Asked:
    """What a person asked for: who, when, and what they wrote on the form."""

    request: HttpRequest
    by: User
    now: datetime
    given: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Door:
    """The decorator that makes a ModelAdmin's method a door; the module's first lines show how."""

    # A template that reads a door's title must not try to open it.
    do_not_call_in_templates: ClassVar[bool] = True

    title: str | Promise
    permission: str
    form: type[ActionForm] = ActionForm
    explanation: str | Promise = ""
    button: str | Promise = ""
    icon: str = ""
    variant: ActionVariant = ActionVariant.DEFAULT
    shown: Callable[[Any], bool] | None = None
    hidden_from: Callable[[Any, User], bool] | None = None
    template: str = "admin/door.html"
    attrs: dict[str, Any] = field(default_factory=dict)

    def __call__(self, handler: Handler) -> View:
        @wraps(handler)
        def view(admin: "ModelAdmin[Any]", request: HttpRequest, object_id: str | None = None) -> HttpResponseBase:
            if not self.is_open_to(request):
                raise PermissionDenied
            subject = None if object_id is None else _found(admin, request, object_id)
            return _Passage(self, handler, admin, request, subject, clock.now()).answer()

        self._describe(view)
        return view

    def is_open_to(self, request: HttpRequest) -> bool:
        """Whether this person may pass at all."""
        return cast(User, request.user).has_perm(self.permission)

    def applies_to(self, subject: Any, *, by: Any = None) -> bool:
        """Whether the button makes sense on this row's page, and for this reader where one is named."""
        if self.shown is not None and not self.shown(subject):
            return False
        return by is None or self.hidden_from is None or not self.hidden_from(subject, by)

    def _describe(self, view: Any) -> None:
        """Tell Unfold what to draw; these are the names it looks for.

        Not its `allowed_permissions`: Unfold looks them up in the database while Django checks the code.
        """
        view.short_description = self.title
        view.icon = self.icon or None
        view.variant = self.variant
        view.attrs = self.attrs
        view.door = self


@dataclass(frozen=True)
class _Passage:
    door: Door
    handler: Handler
    admin: "ModelAdmin[Any]"
    request: HttpRequest
    subject: Model | None
    now: datetime

    def answer(self) -> HttpResponseBase:
        try:
            form = self._form()
        except Refusal as refusal:
            self._say(messages.ERROR, str(refusal))
            return HttpResponseRedirect(self._back())
        if self.request.method != "POST" or not form.is_valid():
            return self._page(form)
        return self._pass(form)

    def _form(self) -> ActionForm:
        written = (self.request.POST, self.request.FILES) if self.request.method == "POST" else ()
        asking = cast(User, self.request.user)
        return self.door.form(*written, subject=self.subject, by=asking, now=self.now, initial=self.request.GET.dict())

    def _pass(self, form: ActionForm) -> HttpResponseBase:
        asked = Asked(self.request, cast(User, self.request.user), self.now, form.cleaned_data)
        try:
            done = self.handler(self.admin, self.subject, asked)
        except Refusal as refusal:
            for line in str(refusal).splitlines():
                form.add_error(None, line)
            return self._page(form)
        if isinstance(done, HttpResponseBase):
            return done
        self._say(messages.SUCCESS, done)
        return HttpResponseRedirect(self._back())

    def _page(self, form: ActionForm) -> HttpResponse:
        context = {
            **self.admin.admin_site.each_context(self.request),
            "title": self.door.title,
            "opts": self.admin.model._meta,
            "original": self.subject,
            "subject": self.subject,
            "form": form,
            "door": self.door,
            "back": self._back(),
            "media": self.admin.media + form.media,
        }
        return TemplateResponse(self.request, self.door.template, context)

    def _say(self, level: int, text: str) -> None:
        for line in text.splitlines():
            messages.add_message(self.request, level, line)

    def _back(self) -> str:
        wanted = self.request.GET.get("next", "")
        if url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        ):
            return wanted
        place = f"{self.admin.admin_site.name}:{self.admin.opts.app_label}_{self.admin.opts.model_name}"
        if self.subject is not None:
            return reverse(f"{place}_change", args=[self.subject.pk])
        return reverse(f"{place}_changelist")


def _found(admin: "ModelAdmin[Any]", request: HttpRequest, object_id: str) -> Model:
    subject = cast("Model | None", admin.get_object(request, unquote(object_id)))
    if subject is None:
        raise Http404(_("There is no such row."))
    if not admin.has_view_permission(request, subject):
        raise PermissionDenied
    return subject
