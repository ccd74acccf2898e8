"""The case library: what comes with the product, and the company's own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents.admin.base import display
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.widgets import LocalisedField
from workflows import cases
from workflows.admin.base import DoorsAdmin
from workflows.enums import CaseOutcome
from workflows.gates import in_reader_language
from workflows.models import Case


class CaseForm(ActionForm):
    title = LocalisedField(label=_("Title"))
    outcome = forms.ChoiceField(label=_("Outcome"), choices=CaseOutcome.choices)
    story = LocalisedField(label=_("What happened"), is_long=True)
    lessons = LocalisedField(label=_("What to take from it"), is_long=True, required=False)
    tags = forms.CharField(
        label=_("Tags"), required=False, help_text=_("Types, subtypes and themes by their short names, with commas.")
    )

    def prepare(self) -> None:
        if self.subject is not None:
            for name in ("title", "outcome", "story", "lessons"):
                self.fields[name].initial = getattr(self.subject, name)
            self.fields["tags"].initial = ", ".join(self.subject.tags)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        given["tags"] = tuple(part.strip() for part in given.get("tags", "").split(",") if part.strip())
        return given


class NewCaseForm(CaseForm):
    key = forms.SlugField(label=_("Short name"), max_length=60, help_text=_("Letters, digits and hyphens."))
    field_order = ["key", "title", "outcome", "story", "lessons", "tags"]


@admin.register(Case)
class CaseAdmin(DoorsAdmin):
    list_display = ("title_shown", "outcome", "is_shipped", "created_by", "created_at")
    list_filter = ("outcome", "is_shipped")
    search_fields = ("key__istartswith",)
    list_select_related = ("created_by",)
    ordering = ("key",)
    actions_list = ("add_case",)
    fields = ("title_shown", "outcome", "story_shown", "lessons_shown", "tags", "is_shipped")
    readonly_fields = ("title_shown", "story_shown", "lessons_shown")

    @Door(
        title=_("Add a case"),
        permission="workflows.add_case",
        form=NewCaseForm,
        icon="add",
        variant=ActionVariant.PRIMARY,
        explanation=_("Told without the names of persons or other companies; shown beside plans that share a tag."),
    )
    def add_case(self, _subject: None, asked: Asked) -> str:
        given = dict(asked.given)
        case = cases.add(given.pop("key"), words=cases.Words(**given), by=asked.by, now=asked.now)
        return gettext("Added: %s.") % in_reader_language(case.title)

    @Door(
        title=_("Edit"),
        permission="workflows.change_case",
        form=CaseForm,
        icon="edit",
        shown=lambda case: not case.is_shipped,
    )
    def edit(self, case: Case, asked: Asked) -> str:
        cases.edit(case, words=cases.Words(**asked.given), by=asked.by, now=asked.now)
        return gettext("Kept.")

    @display(description=_("title"))
    def title_shown(self, case: Case) -> str:
        return in_reader_language(case.title)

    @display(description=_("what happened"))
    def story_shown(self, case: Case) -> str:
        return in_reader_language(case.story)

    @display(description=_("what to take from it"))
    def lessons_shown(self, case: Case) -> str:
        return in_reader_language(case.lessons)
