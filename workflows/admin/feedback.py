"""The feedback log: logged in two clicks, answered from the bank or in own words, assigned and closed."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import clock, embargo, feedback
from incidents.admin.base import Admin, display
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.moments import due
from incidents.enums import Attitude, EscalatedTo, FeedbackKind, FeedbackSource, FeedbackState, Language, Mood
from incidents.models import Customer, Feedback, Incident, User
from workflows import qa_bank
from workflows.admin.people import Person
from workflows.enums import BriefState
from workflows.models import QAEntry

STATES = {FeedbackState.OPEN: "warning", FeedbackState.ANSWERED: "success", FeedbackState.CLOSED: "default"}
KINDS = {
    FeedbackKind.URGENT_NEED: "danger",
    FeedbackKind.COMPLAINT: "warning",
    FeedbackKind.QUESTION: "info",
    FeedbackKind.PRAISE: "success",
}


def _is_open(entry: Feedback) -> bool:
    return entry.state == FeedbackState.OPEN


class MineFilter(admin.SimpleListFilter):
    """Mine alone."""

    title = _("whose")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("Mine")), ("nobody", _("Nobody's"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
        if self.value() == "mine":
            return queryset.filter(owner=cast(User, request.user))
        return queryset.filter(owner=None) if self.value() == "nobody" else queryset


class AnswerForm(ActionForm):
    answer = forms.CharField(
        label=_("Answer"),
        max_length=feedback.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8, "autofocus": True}),
        help_text=_("The customer reads it on their own page."),
    )

    def prepare(self) -> None:
        entry: Feedback = self.subject
        approved = entry.incident.qa_entries.filter(state=BriefState.APPROVED).order_by("key")
        self.bank = sorted(approved, key=lambda one: not _is_about(one, entry.theme))
        self.stale = qa_bank.stale(entry.incident)
        chosen = next((one for one in self.bank if one.key == self.initial.get("bank")), None)
        if chosen is not None:
            text = qa_bank.said_to(chosen, customer=entry.customer, language=_language_of(entry), now=self.now)
            self.fields["answer"].initial = text


class EscalatedForm(ActionForm):
    to = forms.ChoiceField(label=_("Whom the customer turned to"), choices=EscalatedTo.choices)


class LogForm(ActionForm):
    """What a customer said: their words and a kind are enough."""

    verbatim = forms.CharField(
        label=_("In the customer's words"),
        max_length=feedback.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=FeedbackKind.choices)
    mood = forms.ChoiceField(label=_("Mood"), choices=Mood.choices, initial=Mood.NEUTRAL)
    theme = forms.CharField(
        label=_("Theme"), max_length=80, required=False, widget=forms.TextInput(attrs={"list": "themes"})
    )
    customer = forms.CharField(label=_("Customer (CRM id)"), max_length=80, required=False)
    attitude = forms.ChoiceField(
        label=_("How our person came across"), choices=[("", "–"), *Attitude.choices], required=False
    )
    contact_person = Person(label=_("Who that was"), required=False)

    def prepare(self) -> None:
        asking = Feedback.objects.filter(incident=self.subject).exclude(theme="").order_by("theme")
        self.themes = list(asking.values_list("theme", flat=True).distinct()[:50])

    def clean_customer(self) -> Customer | None:
        crm_id = self.cleaned_data["customer"].strip()
        found = Customer.objects.filter(crm_id=crm_id).first() if crm_id else None
        if crm_id and found is None:
            raise forms.ValidationError(gettext("No customer has this id."))
        return found

    def gather(self) -> dict[str, Any]:
        """Return the entry as it is logged."""
        given = self.cleaned_data
        customer: Customer | None = given["customer"]
        entry = feedback.Entry(
            verbatim=given["verbatim"],
            kind=FeedbackKind(given["kind"]),
            customer=customer,
            mood=Mood(given["mood"]),
            theme=given["theme"],
            language=customer.language if customer else "",
            attitude=Attitude(given["attitude"]) if given["attitude"] else None,
            contact_person=given["contact_person"],
        )
        return {"entry": entry}


class ThemeForm(ActionForm):
    theme = forms.CharField(label=_("Theme"), max_length=80)
    answer = forms.CharField(
        label=_("Answer"),
        max_length=feedback.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Every one of them reads it; urgent needs and people in distress are left to a person."),
    )


class ListeningDoors:
    """Doors of the incident about what customers say."""

    @Door(
        title=_("Log feedback"),
        permission="incidents.add_feedback",
        form=LogForm,
        icon="add_comment",
        variant=ActionVariant.PRIMARY,
        template="admin/room/log_feedback.html",
        shown=lambda incident: incident.is_live,
    )
    def log_feedback(self, incident: Incident, asked: Asked) -> str:
        logged = feedback.log(incident, entry=asked.given["entry"], by=asked.by, now=asked.now)
        return gettext("Logged; it is with %s.") % (logged.owner or "–")

    @Door(
        title=_("Answer a theme"),
        permission="incidents.change_feedback",
        form=ThemeForm,
        icon="reply_all",
        shown=lambda incident: incident.is_live,
    )
    def answer_theme(self, incident: Incident, asked: Asked) -> str:
        theme, text = asked.given["theme"], asked.given["answer"]
        done = feedback.answer_theme(incident, theme=theme, text=text, by=asked.by, now=asked.now)
        return gettext("%d answered.") % done


class AssignForm(ActionForm):
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.filter(is_active=True).order_by("username"))
    due_at = forms.DateTimeField(label=_("Answer due"), required=False, widget=forms.DateTimeInput)

    def prepare(self) -> None:
        self.fields["owner"].initial = self.subject.owner_id or self.by.pk
        self.fields["due_at"].initial = self.subject.due_at


def _is_about(entry: QAEntry, theme: str) -> bool:
    words = theme.casefold().split()
    said = " ".join([entry.key, *entry.question.values()]).casefold()
    return bool(words) and all(word in said for word in words)


def _language_of(entry: Feedback) -> str:
    spoken = entry.language or (entry.customer.language if entry.customer else "")
    return spoken if spoken in Language.values else str(Language.EN)


@admin.register(Feedback)
class FeedbackAdmin(Admin):
    list_display = ("words", "kind_shown", "mood", "customer", "incident", "owner", "due_shown", "state_shown")
    list_filter = ("state", "kind", "mood", MineFilter)
    search_fields = ("theme__istartswith", "customer__name__istartswith", "incident__reference")
    list_select_related = ("customer", "incident", "owner")
    ordering = ("-received_at", "-pk")
    autocomplete_fields = ("customer",)
    actions_detail = ("answer", "assign", "escalate", "close")
    add_fieldsets = (
        (None, {"fields": ("incident", "verbatim", "kind", "mood", "customer")}),
        (_("More"), {"fields": ("theme", "owner", "due_at", ("contact_person", "attitude"))}),
    )
    fieldsets = (
        (None, {"fields": ("verbatim", ("kind", "mood"), ("customer", "incident"), "theme", ("source", "transcript"))}),
        (_("Our person"), {"fields": (("contact_person", "attitude"),)}),
        (_("Answer"), {"fields": ("state", "answer", ("answered_by", "answered_at"))}),
        (_("Handling"), {"fields": (("owner", "due_at"), "escalated_to", ("received_at", "logged_by"))}),
    )
    state_fields = (
        "state", "answer", "answered_by", "answered_at", "received_at", "logged_by", "source", "transcript",
        "escalated_to",
    )  # fmt: skip
    # What a customer said is not rewritten: these are read-only once logged.
    said_fields = ("incident", "customer", "verbatim", "owner", "due_at", "contact_person", "attitude")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        is_late = Q(state=FeedbackState.OPEN, due_at__lt=clock.now())
        return cast("QuerySet[Feedback]", super().get_queryset(request)).annotate(is_late=is_late)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        said = self.said_fields if obj is not None else ()
        return [*super().get_readonly_fields(request, obj), *said]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the incident that is live, when there is but one."""
        live = list(embargo.visible(self.incidents(), to=request.user).values_list("pk", flat=True)[:2])
        return {**({"incident": live[0]} if len(live) == 1 else {}), **super().get_changeform_initial_data(request)}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "incident":
            kwargs["queryset"] = self.incidents()
        if db_field.name in {"owner", "contact_person"}:
            kwargs["queryset"] = User.objects.filter(is_active=True).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def incidents(self) -> QuerySet[Incident]:
        """Return the incidents feedback can be logged for, the newest first."""
        return Incident.objects.live().order_by("-created_at")

    def save_model(self, request: HttpRequest, obj: Feedback, form: Any, change: bool) -> None:
        """Log a new entry as every other door does; on an old one only kind, mood and theme can change."""
        if change:
            obj.save(update_fields=["kind", "mood", "theme"])
            return
        entry = feedback.Entry(
            verbatim=obj.verbatim,
            kind=FeedbackKind(obj.kind),
            source=FeedbackSource.STAFF,
            customer=obj.customer,
            mood=Mood(obj.mood),
            theme=obj.theme,
            owner=obj.owner,
            due_at=obj.due_at,
            contact_person=obj.contact_person,
            attitude=Attitude(obj.attitude) if obj.attitude else None,
        )
        by = cast(User, request.user)
        obj.pk = feedback.log(obj.incident, entry=entry, by=by, now=clock.now()).pk

    @Door(
        title=_("Answer"),
        permission="incidents.change_feedback",
        form=AnswerForm,
        icon="reply",
        shown=_is_open,
        template="admin/feedback_door.html",
    )
    def answer(self, entry: Feedback, asked: Asked) -> str:
        feedback.answer(entry, text=asked.given["answer"], by=asked.by, now=asked.now)
        return gettext("Answered.")

    @Door(
        title=_("Turned to others"),
        permission="incidents.change_feedback",
        form=EscalatedForm,
        icon="north_east",
        explanation=_("The customer turned to management, an authority, a court or the media: the review counts it."),
    )
    def escalate(self, entry: Feedback, asked: Asked) -> str:
        feedback.escalate(entry, to=EscalatedTo(asked.given["to"]), by=asked.by, now=asked.now)
        return gettext("Noted.")

    @Door(title=_("Assign"), permission="incidents.change_feedback", form=AssignForm, icon="person_add", shown=_is_open)
    def assign(self, entry: Feedback, asked: Asked) -> str:
        owner: User = asked.given["owner"]
        feedback.assign(entry, owner=owner, due_at=asked.given["due_at"], by=asked.by, now=asked.now)
        return gettext("Given to %s.") % owner

    @Door(
        title=_("Close"),
        permission="incidents.change_feedback",
        icon="done_all",
        explanation=_("Nothing more has to be said to the customer about this."),
        shown=lambda entry: entry.state == FeedbackState.ANSWERED,
    )
    def close(self, entry: Feedback, asked: Asked) -> str:
        feedback.close(entry, by=asked.by, now=asked.now)
        return gettext("Closed.")

    @display(description=_("words"))
    def words(self, entry: Feedback) -> str:
        return str(entry)

    @display(description=_("kind"), label=dict(KINDS), ordering="kind")
    def kind_shown(self, entry: Feedback) -> tuple[str, str]:
        return entry.kind, entry.get_kind_display()

    @display(description=_("answer due"), ordering="due_at")
    def due_shown(self, entry: Feedback) -> str:
        return due(entry.due_at, is_late=entry.is_late)  # type: ignore[attr-defined]

    @display(description=_("state"), label=dict(STATES), ordering="state")
    def state_shown(self, entry: Feedback) -> tuple[str, str]:
        return entry.state, entry.get_state_display()
