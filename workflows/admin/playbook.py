"""Playbooks: their versions to read, the shipped files to load again, and a file of one's own as a new version."""

import tempfile
from pathlib import Path
from typing import Any

import yaml
from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents.admin.base import display
from incidents.admin.doors import ActionForm, Asked, Door
from workflows import playbooks_loader
from workflows.admin.audience import kept
from workflows.admin.base import DoorsAdmin
from workflows.gates import in_reader_language
from workflows.models import Playbook, PlaybookVersion

MAY_ADD = "workflows.add_playbookversion"


class FileForm(ActionForm):
    file = forms.FileField(
        label=_("YAML file"), allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".yaml,.yml"})
    )


@admin.register(PlaybookVersion)
class PlaybookVersionAdmin(DoorsAdmin):
    list_display = ("name_shown", "kind_shown", "number", "source", "created_by", "created_at", "duration_divisor")
    list_filter = ("playbook__kind",)
    search_fields = ("playbook__key__istartswith",)
    list_select_related = ("playbook", "created_by")
    ordering = ("playbook__key", "-number")
    actions_list = ("load_shipped", "upload")
    fields = ("playbook", "number", "source", "duration_divisor", ("created_by", "created_at"), "sha256", "words")
    readonly_fields = ("words",)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        # The content of a playbook is some 60 kB: the list does without.
        return (
            rows if request.resolver_match and "object_id" in request.resolver_match.kwargs else rows.defer("content")
        )

    @Door(
        title=_("Upload a playbook"),
        permission=MAY_ADD,
        form=FileForm,
        icon="upload",
        variant=ActionVariant.PRIMARY,
        explanation=_("It becomes a new version; incidents that run keep theirs."),
    )
    def upload(self, _subject: None, asked: Asked) -> str | HttpResponse:
        with tempfile.TemporaryDirectory() as folder:
            path = kept(asked.given["file"], folder=Path(folder))
            return _told(playbooks_loader.load(now=asked.now, path=path, by=asked.by))

    @Door(
        title=_("Load from the files"),
        permission=MAY_ADD,
        icon="sync",
        explanation=_("Every shipped playbook that differs from its newest version becomes a new version."),
    )
    def load_shipped(self, _subject: None, asked: Asked) -> str:
        return _told(playbooks_loader.load(now=asked.now, by=asked.by))

    @display(description=_("playbook"), ordering="playbook__key")
    def name_shown(self, version: PlaybookVersion) -> str:
        return in_reader_language(version.playbook.name)

    @display(description=_("kind"), ordering="playbook__kind")
    def kind_shown(self, version: PlaybookVersion) -> str:
        return version.playbook.get_kind_display()

    @display(description=_("content"))
    def words(self, version: PlaybookVersion) -> str:
        return yaml.safe_dump(version.content, allow_unicode=True, sort_keys=False, width=110)


@admin.register(Playbook)
class PlaybookAdmin(DoorsAdmin):
    list_display = ("key", "kind")
    ordering = ("key",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False


def _told(made: list[PlaybookVersion]) -> str:
    if not made:
        return gettext("Nothing differs: no new version was made.")
    text = ngettext("%d new version was made.", "%d new versions were made.", len(made))
    return text % len(made)
