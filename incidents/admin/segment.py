"""Saved segments: written as a query, tried out before they are kept."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import clock, exports, segment_queries, segment_words, segments
from incidents.admin.base import Admin
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.errors import Refusal
from incidents.models import Segment, User


def _help() -> str:
    names = [*segment_words.FIELDS, *(f"{segment_words.ATTRIBUTE}{name}" for name in exports.attribute_names()[:30])]
    return gettext(
        "For example: region = DE and (importance >= 2 or attributes.product in (NB-12, NB-14)). Signs: = != < <= > >= "
        "in contains begins, is empty; joined by and, or, not. Fields: %s."
    ) % ", ".join(names)


QUERY_HELP = lazy(_help, str)()


class SegmentForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_query(self) -> str:
        """Name the place of what cannot be read."""
        query: str = self.cleaned_data["query"]
        try:
            segment_queries.condition(query)
        except Refusal as problem:
            raise forms.ValidationError(str(problem)) from problem
        return query


class TryForm(ActionForm):
    query = forms.CharField(label=_("Query"), widget=forms.Textarea(attrs={"rows": 3}), help_text=QUERY_HELP)

    def prepare(self) -> None:
        if self.subject is not None:
            self.fields["query"].initial = self.subject.query


@admin.register(Segment)
class SegmentAdmin(Admin):
    form = SegmentForm
    list_display = ("name", "query", "note", "updated_at")
    search_fields = ("name__icontains",)
    ordering = ("name",)
    fields = ("name", "query", "note", "found", ("created_by", "updated_at"))
    state_fields = ("found", "created_by", "updated_at")
    actions_list = ("try_out",)
    actions_detail = ("try_this",)

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change=change, **{**kwargs, "help_texts": {"query": QUERY_HELP}})

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: bool) -> None:
        by = cast(User, request.user)
        kept = segments.keep(
            obj.name, query=obj.query, note=obj.note, by=by, now=clock.now(), segment=obj if change else None
        )
        obj.pk = kept.pk

    @admin.display(description=_("finds now"))
    def found(self, segment: Segment) -> str:
        return str(segments.preview(segment.query)) if segment.pk else gettext("Try it out, then keep it.")

    @Door(
        title=_("Try a query"),
        permission="incidents.view_segment",
        form=TryForm,
        icon="search",
        explanation=_("Counts the customers and names a few. Nothing is kept."),
    )
    def try_out(self, _subject: None, asked: Asked) -> str:
        return str(segments.preview(asked.given["query"]))

    @Door(title=_("Try a query"), permission="incidents.view_segment", form=TryForm, icon="search")
    def try_this(self, segment: Segment, asked: Asked) -> str:
        return str(segments.preview(asked.given["query"]))
