"""The press and the networks in the crisis room: enquiries, conferences, posts, comments."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import FeedbackKind, Mood
from incidents.models import Incident
from notifications.enums import MessageKind
from notifications.models import Message
from workflows import press, social
from workflows.admin.base import RowOfRoom, Tab
from workflows.admin.people import Person
from workflows.enums import ConferenceState
from workflows.gates import in_reader_language
from workflows.models import PressConference, PressEnquiry, SocialPost

LONG = {"rows": 4}
PLANNED = (ConferenceState.PLANNED, ConferenceState.APPROVED)


def _live(incident: Incident) -> bool:
    return incident.is_live and incident.declared_at is not None


class EnquiryForm(ActionForm):
    who = forms.CharField(label=_("Who asks"), max_length=200)
    outlet = forms.CharField(label=_("Medium"), max_length=200, required=False)
    contact = forms.CharField(label=_("How to reach them"), max_length=200, required=False)
    question = forms.CharField(label=_("Question"), widget=forms.Textarea(attrs=LONG))
    due_at = forms.DateTimeField(label=_("Their deadline"), required=False, widget=forms.DateTimeInput)
    owner = Person(label=_("Owner"), required=False)
    conference = forms.ModelChoiceField(label=_("Asked at"), queryset=PressConference.objects.none(), required=False)

    def prepare(self) -> None:
        self.fields["owner"].initial = press.spokesperson(self.subject)
        self.fields["conference"].queryset = self.subject.conferences.order_by("-held_at")  # type: ignore[attr-defined]


class AnswerForm(ActionForm):
    answer = forms.CharField(label=_("Answer"), widget=forms.Textarea(attrs=LONG))


class StatementForm(ActionForm):
    statement = forms.ModelChoiceField(
        label=_("Statement (a press release)"), queryset=Message.objects.none(), required=False
    )

    def prepare(self) -> None:
        incident = self.subject if isinstance(self.subject, Incident) else self.subject.incident
        releases = incident.messages.filter(kind=MessageKind.PRESS_RELEASE).order_by("-number")
        self.fields["statement"].queryset = releases  # type: ignore[attr-defined]


class ConferenceForm(StatementForm):
    held_at = forms.DateTimeField(label=_("Time"), widget=forms.DateTimeInput)
    place = forms.CharField(label=_("Place or link"), max_length=200)
    speaker = Person(label=_("Who speaks"))
    field_order = ["held_at", "place", "speaker", "statement"]

    def prepare(self) -> None:
        super().prepare()
        self.fields["speaker"].initial = press.spokesperson(self.subject)


class AttachForm(StatementForm):
    def prepare(self) -> None:
        super().prepare()
        self.fields["statement"].required = True


class RecordForm(ActionForm):
    record = forms.CharField(label=_("What was said beyond the statement"), widget=forms.Textarea(attrs=LONG))


class CallOffForm(ActionForm):
    reason = forms.CharField(label=_("Why"), max_length=300)


class PostForm(ActionForm):
    network = forms.ChoiceField(label=_("Network"))
    post_at = forms.DateTimeField(label=_("To be posted"), required=False, widget=forms.DateTimeInput)
    poster = Person(label=_("Who posts it"), required=False)

    def prepare(self) -> None:
        known = social.networks().values()
        self.fields["network"].choices = [  # type: ignore[attr-defined]
            (one["id"], f"{in_reader_language(one['name'])} ({one['limit'] or '∞'})") for one in known
        ]
        self.fields["poster"].initial = self.by.pk


class PostedForm(ActionForm):
    link = forms.URLField(label=_("Link to the post"), max_length=500, assume_scheme="https")


class CommentForm(ActionForm):
    text = forms.CharField(label=_("Comment"), widget=forms.Textarea(attrs=LONG))
    author_name = forms.CharField(label=_("Name on the network"), max_length=80, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=FeedbackKind.choices)
    mood = forms.ChoiceField(label=_("Mood"), choices=Mood.choices, initial=Mood.NEUTRAL)


class PressDoors:
    """Doors of the incident towards the press and the networks."""

    @Door(
        title=_("Log an enquiry"),
        permission="workflows.add_pressenquiry",
        form=EnquiryForm,
        icon="contact_support",
        variant=ActionVariant.PRIMARY,
        shown=lambda incident: incident.is_live,
    )
    def log_enquiry(self, incident: Incident, asked: Asked) -> str:
        row = press.log(incident, enquiry=press.Enquiry(**asked.given), by=asked.by, now=asked.now)
        return gettext("Logged for %s.") % (row.owner or "–")

    @Door(
        title=_("Plan a press conference"),
        permission="workflows.add_pressconference",
        form=ConferenceForm,
        icon="podium",
        shown=_live,
    )
    def plan_conference(self, incident: Incident, asked: Asked) -> str:
        given = {name: asked.given[name] for name in ("held_at", "place", "speaker", "statement")}
        press.plan_conference(incident, invitation=press.Invitation(**given), by=asked.by, now=asked.now)
        return gettext("Planned: another person approves it.")

    @Door(
        title=_("Plan a post"),
        permission="workflows.add_socialpost",
        form=PostForm,
        icon="share",
        explanation=_("Nothing is posted by the system: it keeps the approved text, reminds, and logs the link."),
        shown=_live,
    )
    def plan_post(self, incident: Incident, asked: Asked) -> HttpResponse:
        post = social.plan_post(incident, plan=social.Plan(**asked.given), by=asked.by, now=asked.now)
        return HttpResponseRedirect(reverse("admin:notifications_message_change", args=[post.message_id]))


@admin.register(PressEnquiry)
class PressEnquiryAdmin(RowOfRoom):
    tab = Tab.PRESS

    @Door(
        title=_("Answer"),
        permission="workflows.change_pressenquiry",
        form=AnswerForm,
        icon="reply",
        explanation=_("Only what the confirmed fact sheet says; the spokesperson gives it."),
        shown=lambda row: row.answered_at is None,
    )
    def answer(self, row: PressEnquiry, asked: Asked) -> str:
        press.answer(row, text=asked.given["answer"], by=asked.by, now=asked.now)
        return gettext("The answer is kept.")


@admin.register(PressConference)
class PressConferenceAdmin(RowOfRoom):
    tab = Tab.PRESS

    @Door(
        title=_("Name the statement"),
        permission="workflows.change_pressconference",
        form=AttachForm,
        icon="description",
        shown=lambda row: row.state in PLANNED,
    )
    def attach(self, row: PressConference, asked: Asked) -> str:
        press.attach(row, statement=asked.given["statement"], by=asked.by, now=asked.now)
        return gettext("Another person approves the conference with this statement.")

    @Door(
        title=_("Approve"),
        permission="workflows.approve_plan",
        icon="verified",
        variant=ActionVariant.PRIMARY,
        shown=lambda row: row.state == ConferenceState.PLANNED,
    )
    def approve(self, row: PressConference, asked: Asked) -> str:
        press.approve_conference(row, by=asked.by, now=asked.now)
        return gettext("The conference is approved.")

    @Door(
        title=_("It was held"),
        permission="workflows.change_pressconference",
        form=RecordForm,
        icon="task_alt",
        shown=lambda row: row.state == ConferenceState.APPROVED,
    )
    def record_it(self, row: PressConference, asked: Asked) -> str:
        press.record(row, words=asked.given["record"], by=asked.by, now=asked.now)
        return gettext("Recorded.")

    @Door(
        title=_("Call it off"),
        permission="workflows.change_pressconference",
        form=CallOffForm,
        icon="event_busy",
        shown=lambda row: row.state in PLANNED,
    )
    def call_off(self, row: PressConference, asked: Asked) -> str:
        press.cancel(row, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("Called off.")


@admin.register(SocialPost)
class SocialPostAdmin(RowOfRoom):
    tab = Tab.PRESS
    path_to_incident = "message.incident"

    @Door(
        title=_("It is posted"),
        permission="workflows.change_socialpost",
        form=PostedForm,
        icon="link",
        shown=lambda post: post.posted_at is None,
    )
    def posted(self, post: SocialPost, asked: Asked) -> str:
        social.mark_posted(post, link=asked.given["link"], by=asked.by, now=asked.now)
        return gettext("The link is kept.")

    @Door(
        title=_("Log a comment"),
        permission="incidents.add_feedback",
        form=CommentForm,
        icon="comment",
        explanation=_("It waits in the feedback log until it is answered."),
        shown=lambda post: post.posted_at is not None,
    )
    def log_comment(self, post: SocialPost, asked: Asked) -> str:
        given = asked.given
        comment = social.Comment(given["text"], given["author_name"], Mood(given["mood"]), FeedbackKind(given["kind"]))
        row = social.log_comment(post, comment=comment, by=asked.by, now=asked.now)
        return gettext("Logged as feedback no. %s.") % row.pk


def press_tab(incident: Incident, _request: HttpRequest) -> dict[str, Any]:
    """Return what the tab shows."""
    rows = SocialPost.objects.filter(message__incident=incident).order_by("-pk")
    posts = rows.select_related("message__incident", "message__current", "poster").prefetch_related(
        "comments__feedback"
    )
    names = social.networks()
    return {
        "speaks": press.spokesperson(incident),
        "enquiries": incident.enquiries.select_related("owner", "answered_by", "conference__incident").order_by(
            "answered_at", "due_at", "pk"
        ),
        "conferences": incident.conferences.select_related(
            "incident", "speaker", "statement__incident", "approved_by"
        ).order_by("held_at"),
        "posts": [
            {
                "row": post,
                "network": in_reader_language(names[post.network]["name"]),
                "texts": social.texts_or_none(post),
                "comments": list(post.comments.all()),
            }
            for post in posts
        ],
    }
