"""What staff are told first, and the answers everybody gives: drafted, approved by another person, read."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminRadioSelectWidget

from incidents import clock
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.widgets import LocalisedField
from incidents.enums import Language
from incidents.models import Incident, User
from workflows import briefings, qa_bank, quizzes, training
from workflows.admin.base import RowOfRoom, Tab
from workflows.admin.console import ConsolePages, reader_language
from workflows.enums import BriefState
from workflows.models import BriefAcknowledgement, QAEntry, StaffBrief


class BriefForm(ActionForm):
    """The words of one language: subject, each section, and the two lists."""

    language = forms.ChoiceField(label=_("Language"), widget=forms.HiddenInput, choices=Language.choices)
    subject_line = forms.CharField(label=_("Subject"), max_length=300)

    def prepare(self) -> None:
        self.spoken = str(self.data.get("language") or self.initial.get("language") or next(iter(self.subject.content)))
        words = self.subject.content.get(self.spoken, {})
        self.fields["language"].initial = self.spoken
        self.fields["subject_line"].initial = words.get("subject", "")
        for place, section in enumerate(words.get("sections", [])):
            self.fields[f"section-{place}"] = _area(section["element"].replace("_", " "), section["text"])
        for name, label in (("do", _("Do")), ("do_not", _("Do not"))):
            self.fields[name] = _area(label, "\n".join(words.get(name, [])))

    def gather(self) -> dict[str, Any]:
        """Return the changed parts by name."""
        given = self.cleaned_data
        sections = self.subject.content.get(self.spoken, {}).get("sections", [])
        texts = [{**one, "text": given[f"section-{place}"]} for place, one in enumerate(sections)]
        lists = {name: [line for line in given[name].splitlines() if line.strip()] for name in ("do", "do_not")}
        return {"changes": {"subject": given["subject_line"], "sections": texts, **lists}}


class QuestionForm(ActionForm):
    """A question of the quiz; wrong answers stand one a line."""

    question = LocalisedField(label=_("Question"))
    right = LocalisedField(label=_("Right answer"))
    wrong = LocalisedField(label=_("Wrong answers"), is_long=True, help_text=_("One a line."))

    def gather(self) -> dict[str, Any]:
        """Return the question as it is kept."""
        given = self.cleaned_data
        wrong = {
            language: [line.strip() for line in text.splitlines() if line.strip()]
            for language, text in given["wrong"].items()
        }
        return {"entry": quizzes.Question(question=given["question"], right=given["right"], wrong=wrong)}


class ReadForm(ActionForm):
    """The brief in the reader's language, its quiz, and one button."""

    def prepare(self) -> None:
        brief: StaffBrief = self.subject
        briefings.asked(brief, by=self.by)
        self.spoken = reader_language()
        self.words: dict[str, Any] = brief.content.get(self.spoken) or next(iter(brief.content.values()), {})
        for place, (question, choices) in enumerate(quizzes.shown(brief, language=self.spoken)):
            self.fields[f"answer-{place}"] = forms.ChoiceField(
                label=question,
                choices=[(choice, choice) for choice in choices],
                widget=UnfoldAdminRadioSelectWidget,
            )

    def gather(self) -> dict[str, Any]:
        """Return the answers in the order of the questions."""
        return {"answers": [self.cleaned_data[name] for name in self.fields]}


class AnswerForm(ActionForm):
    question = LocalisedField(label=_("Question"))
    answer = LocalisedField(label=_("Answer"), is_long=True)

    def prepare(self) -> None:
        if isinstance(self.subject, QAEntry):
            self.fields["question"].initial = self.subject.question
            self.fields["answer"].initial = self.subject.answer


class NewAnswerForm(AnswerForm):
    key = forms.SlugField(label=_("Short name"), max_length=60, help_text=_("Letters, digits and hyphens."))
    field_order = ["key", "question", "answer"]


def _area(label: Any, text: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, initial=text, widget=forms.Textarea(attrs={"rows": 4}))


def _is_draft(row: Any) -> bool:
    return bool(row.state == BriefState.DRAFT)


class BriefDoors:
    """Doors of the incident about what staff say."""

    @Door(
        title=_("Draft the staff brief"),
        permission="workflows.add_staffbrief",
        icon="record_voice_over",
        explanation=_("From the plan's template and the confirmed facts; it takes the place of an older brief."),
        shown=lambda incident: incident.is_live,
    )
    def draft_brief(self, incident: Incident, asked: Asked) -> str:
        brief = briefings.draft_brief(incident, by=asked.by, now=asked.now)
        return gettext("Staff brief v%s is drafted.") % brief.version

    @Door(
        title=_("Take over the playbook's questions"),
        permission="workflows.add_qaentry",
        icon="playlist_add",
        shown=lambda incident: incident.is_live,
    )
    def seed_answers(self, incident: Incident, _asked: Asked) -> str:
        return gettext("%d questions were added as drafts.") % qa_bank.seed(incident)

    @Door(
        title=_("Approve all answers"),
        permission="workflows.change_qaentry",
        icon="done_all",
        explanation=_(
            "You have read the answers below. Those you wrote yourself stay drafts: another person approves."
        ),
        shown=lambda incident: incident.is_live,
    )
    def approve_answers(self, incident: Incident, asked: Asked) -> str:
        return gettext("%d answers are approved.") % qa_bank.approve_all(incident, by=asked.by, now=asked.now)

    @Door(
        title=_("Add a question"),
        permission="workflows.add_qaentry",
        form=NewAnswerForm,
        icon="add",
        shown=lambda incident: incident.is_live,
    )
    def add_answer(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        qa_bank.add(
            incident,
            key=given["key"],
            question=given["question"],
            answer=given["answer"],
            by=asked.by,
            now=asked.now,
        )
        return gettext("Added as a draft.")


@admin.register(StaffBrief)
class StaffBriefAdmin(ConsolePages, RowOfRoom):
    tab = Tab.BRIEF

    @Door(title=_("Edit"), permission="workflows.change_staffbrief", form=BriefForm, icon="edit", shown=_is_draft)
    def edit(self, brief: StaffBrief, asked: Asked) -> str:
        language, changes = asked.given["language"], asked.given["changes"]
        briefings.edit(brief, language=language, changes=changes, by=asked.by, now=asked.now)
        return gettext("The brief is changed.")

    @Door(
        title=_("Approve"),
        permission="workflows.change_staffbrief",
        icon="verified",
        variant=ActionVariant.PRIMARY,
        shown=_is_draft,
    )
    def approve(self, brief: StaffBrief, asked: Asked) -> str:
        briefings.approve(brief, by=asked.by, now=asked.now)
        return gettext("Staff brief v%s is approved.") % brief.version

    @Door(
        title=_("Approve and give it to the front line"),
        permission="workflows.change_staffbrief",
        icon="campaign",
        variant=ActionVariant.PRIMARY,
        shown=_is_draft,
    )
    def approve_and_give(self, brief: StaffBrief, asked: Asked) -> str:
        return gettext("%d people are asked to read it.") % briefings.approve_and_give(
            brief, by=asked.by, now=asked.now
        )

    @Door(
        title=_("Give it to the front line"),
        permission="workflows.change_staffbrief",
        icon="send",
        explanation=_("Support, account managers and the team get a mail with the link to read it."),
        shown=lambda brief: brief.state == BriefState.APPROVED,
    )
    def publish(self, brief: StaffBrief, asked: Asked) -> str:
        return gettext("%d people are asked to read it.") % briefings.publish(brief, by=asked.by, now=asked.now)

    @Door(
        title=_("Remind"),
        permission="workflows.change_staffbrief",
        icon="notifications",
        explanation=_("Everybody who has not read it gets another mail."),
        shown=lambda brief: brief.state == BriefState.APPROVED,
    )
    def remind(self, brief: StaffBrief, asked: Asked) -> str:
        return gettext("%d people are reminded.") % briefings.remind(brief, by=asked.by, now=asked.now)

    @Door(
        title=_("Add a quiz question"),
        permission="workflows.change_staffbrief",
        form=QuestionForm,
        icon="quiz",
        explanation=_("Who reads the brief answers it before it counts as read."),
        shown=_is_draft,
    )
    def add_question(self, brief: StaffBrief, asked: Asked) -> str:
        quizzes.add(brief, question=asked.given["entry"], by=asked.by, now=asked.now)
        return gettext("The question is added.")

    @Door(
        title=_("Remove the quiz"),
        permission="workflows.change_staffbrief",
        icon="delete",
        shown=lambda brief: _is_draft(brief) and bool(brief.quiz),
    )
    def clear_quiz(self, brief: StaffBrief, asked: Asked) -> str:
        quizzes.clear(brief, by=asked.by, now=asked.now)
        return gettext("The brief has no quiz any more.")

    @Door(
        title=_("I have read it"),
        permission="workflows.view_staffbrief",
        form=ReadForm,
        icon="done_all",
        variant=ActionVariant.PRIMARY,
        template="admin/room/read_brief.html",
        shown=lambda brief: brief.state == BriefState.APPROVED,
    )
    def acknowledge(self, brief: StaffBrief, asked: Asked) -> str:
        language = reader_language()
        wrong = quizzes.take(brief, answers=asked.given["answers"], language=language, by=asked.by, now=asked.now)
        quizzes.refuse(brief, wrong=wrong, language=language)
        return gettext("Thank you.")


@admin.register(BriefAcknowledgement)
class BriefAcknowledgementAdmin(RowOfRoom):
    tab = Tab.BRIEF
    path_to_incident = "brief.incident"


@admin.register(QAEntry)
class QAEntryAdmin(RowOfRoom):
    tab = Tab.BRIEF

    @Door(title=_("Edit"), permission="workflows.change_qaentry", form=AnswerForm, icon="edit")
    def edit(self, entry: QAEntry, asked: Asked) -> str:
        given = asked.given
        qa_bank.edit(entry, question=given["question"], answer=given["answer"], by=asked.by, now=asked.now)
        return gettext("The answer is a draft again: another person approves it.")

    @Door(
        title=_("Approve"),
        permission="workflows.change_qaentry",
        icon="verified",
        variant=ActionVariant.PRIMARY,
        shown=_is_draft,
    )
    def approve(self, entry: QAEntry, asked: Asked) -> str:
        qa_bank.approve(entry, by=asked.by, now=asked.now)
        return gettext("The answer is approved.")

    @Door(
        title=_("Still right"),
        permission="workflows.change_qaentry",
        icon="published_with_changes",
        explanation=_("Facts it speaks of changed. You say that the answer holds with the new ones."),
        shown=lambda entry: entry.state == BriefState.APPROVED,
    )
    def confirm(self, entry: QAEntry, asked: Asked) -> str:
        qa_bank.confirm(entry, by=asked.by, now=asked.now)
        return gettext("The answer holds.")


def brief_tab(incident: Incident, request: HttpRequest) -> dict[str, Any]:
    """Return what the tab shows."""
    brief = briefings.current(incident)
    may_see_results = cast(User, request.user).has_perm("workflows.view_trainingrecord")
    read, asked = briefings.acknowledgements(brief) if brief else (0, 0)
    mine = brief.acknowledgements.filter(user=cast(User, request.user)).first() if brief else None
    open_names = brief.acknowledgements.filter(acknowledged_at=None).select_related("user") if brief else []
    return {
        "brief": brief,
        "read": read,
        "asked": asked,
        "mine": mine,
        "waiting_for": [str(row.user) for row in open_names],
        "stale": briefings.changed_facts(brief) if brief else [],
        "trained_first": training.share_before_first_contact(incident),
        **(_trained(incident, brief) if may_see_results else {}),
        "stale_answers": qa_bank.stale(incident),
        "answers": incident.qa_entries.select_related("author", "approved_by").order_by("key"),
    }


def _trained(incident: Incident, brief: StaffBrief | None) -> dict[str, Any]:
    """How people did is for who leads them."""
    return {
        "quiz_results": quizzes.results(brief) if brief else [],
        "untrained": training.untrained(incident, now=clock.now()),
    }
