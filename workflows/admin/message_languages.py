"""A message's languages: what waits for a translator or a reader, source and target side by side."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import facts
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import Language
from incidents.models import Company, Fact
from incidents.phases import LIVE
from notifications import compose, renditions, tasks, translations
from notifications.models import Message
from workflows import rewriting

APPROVE_LANGUAGE = "notifications.approve_language"
NAMES = dict(Language.choices)


class LanguageForm(ActionForm):
    language = forms.ChoiceField(choices=Language.choices, widget=forms.HiddenInput)

    def prepare(self) -> None:
        self.code = str(self.data.get("language") or self.initial.get("language") or "")
        self.content = compose.current(self.subject).content
        self.source_code = translations.source_of(self.content)
        self.source = self.content["texts"][self.source_code]
        self.code_name, self.source_name = NAMES.get(self.code, self.code), NAMES.get(self.source_code, "")


class TranslateForm(LanguageForm):
    """Each place of the source beside its translation."""

    def prepare(self) -> None:
        super().prepare()
        self.begun = rewriting.starting_text(self.subject, language=self.code)
        words = {section["element"]: section["text"] for section in self.begun["sections"]}
        self.fields["subject"] = self._box(_("Subject"), self.begun["subject"])
        for place, section in enumerate(self.source["sections"]):
            label = section["element"].replace("_", " ")
            self.fields[f"section-{place}"] = self._box(label, words.get(section["element"], ""))
        self.fields["short"] = self._box(_("Short text (SMS)"), self.begun.get("short_text", ""))

    def pairs(self) -> list[tuple[Any, str]]:
        """Return each field of the target with the source beside it."""
        sources = [self.source["subject"], *(section["text"] for section in self.source["sections"])]
        names = ["subject", *(f"section-{place}" for place in range(len(self.source["sections"]))), "short"]
        return [
            (self[name], text) for name, text in zip(names, [*sources, self.source.get("short_text", "")], strict=True)
        ]

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            given = self.cleaned_data
            given["text"] = {
                "subject": given["subject"],
                "sections": [
                    {**section, "text": given[f"section-{place}"]}
                    for place, section in enumerate(self.source["sections"])
                ],
                "short_text": given["short"],
            }
        return self.cleaned_data

    def _box(self, label: Any, text: str) -> forms.CharField:
        rows = max(2, min(10, len(text) // 60 + 1))
        widget = forms.Textarea(attrs={"rows": rows, "lang": self.code})
        return forms.CharField(label=label, initial=text, required=False, widget=widget)


class ReadForm(LanguageForm):
    """Shows one language beside its source and carries the digest of what was shown."""

    sha256 = forms.CharField(widget=forms.HiddenInput)

    def prepare(self) -> None:
        super().prepare()
        state = translations.state_of(self.subject, self.code)
        self.fields["sha256"].initial = state.text_sha256
        self.target = self.content["texts"][self.code]
        self.has_reader = translations.readers(self.code).exists()

    def pairs(self) -> list[tuple[str, str]]:
        """Return source and target of each place."""
        places = zip(self.source["sections"], self.target["sections"], strict=False)
        return [
            (self.source["subject"], self.target["subject"]),
            *((source["text"], target["text"]) for source, target in places),
            (self.source.get("short_text", ""), self.target.get("short_text", "")),
        ]


class LanguageDoors:
    """Doors for translators and readers of one language of a message."""

    @Door(
        title=_("Translate"),
        permission="notifications.write_message",
        form=TranslateForm,
        icon="translate",
        button=_("Keep this language"),
        template="admin/room/translate.html",
        explanation=_("The other languages stay as they are. What stands in double braces stays as it is."),
        shown=lambda message: message.is_editable,
    )
    def translate(self, message: Message, asked: Asked) -> str:
        given = asked.given
        rewriting.translate(message, language=given["language"], text=given["text"], by=asked.by, now=asked.now)
        return gettext("%s is kept. Another person who reads it approves it.") % NAMES[given["language"]]

    @Door(
        title=_("It says the same"),
        permission=APPROVE_LANGUAGE,
        form=ReadForm,
        icon="spellcheck",
        variant=ActionVariant.PRIMARY,
        button=_("I read both: it says the same"),
        template="admin/room/read.html",
        shown=lambda message: message.is_editable or message.is_released,
    )
    def approve_language(self, message: Message, asked: Asked) -> str:
        given = asked.given
        rewriting.approve_language(
            message, language=given["language"], sha256=given["sha256"], by=asked.by, now=asked.now
        )
        if message.is_released:
            return gettext("%s is approved: send it to those who got the fallback.") % NAMES[given["language"]]
        return gettext("%s goes out with the message.") % NAMES[given["language"]]

    @Door(
        title=_("Send to those who got the fallback"),
        permission="notifications.release_message",
        form=ReadForm,
        icon="send",
        variant=ActionVariant.PRIMARY,
        button=_("Send this language to them"),
        template="admin/room/read.html",
        explanation=_("Nobody else gets a second copy. The text is the one that was approved."),
        shown=lambda message: message.is_released,
    )
    def send_language(self, message: Message, asked: Asked) -> str:
        language, sha256 = asked.given["language"], asked.given["sha256"]
        count = renditions.send(message, language=language, sha256=sha256, by=asked.by, now=asked.now)
        transaction.on_commit(tasks.ring)
        return gettext("%(count)d get it in %(language)s.") % {"count": count, "language": NAMES[language]}


def languages_of(message: Message) -> list[dict[str, Any]]:
    """Return every language of the company and the message, with its state; a missing one waits for a translator."""
    known = {state.language: state for state in translations.states(message)}
    company = Company.objects.first() or Company()
    codes = list(dict.fromkeys([*company.languages, *known]))
    return [{"code": code, "name": NAMES.get(code, code), "state": known.get(code)} for code in codes]


def waiting_list(request: HttpRequest, *, context: dict[str, Any], seen: Any) -> HttpResponse:
    """Show what waits for translators and readers over all live incidents the person may see."""
    wanted = (Company.objects.first() or Company()).languages
    messages = [
        {"message": message, "languages": _open(message, wanted)}
        for message in translations.waiting().filter(pk__in=seen, incident__phase__in=LIVE)
    ]
    rows = Fact.objects.filter(
        incident__in=seen.values("incident"), incident__phase__in=LIVE, is_answered=True, is_publishable=True
    )
    lines = rows.filter(type__in=facts.TRANSLATED_TYPES).exclude(value={}).select_related("incident")
    waiting_facts = [
        {"fact": fact, "behind": fact.stale_languages, "missing": [one for one in wanted if one not in fact.value]}
        for fact in lines.order_by("incident", "position", "key")
    ]
    found = {
        "waiting_messages": [one for one in messages if one["languages"]],
        "waiting_facts": [one for one in waiting_facts if one["behind"] or one["missing"]],
        "here": request.path,
    }
    return TemplateResponse(request, "admin/room/translations.html", {**context, **found})


def _open(message: Message, wanted: list[str]) -> list[dict[str, Any]]:
    known = {state.language: state for state in translations.states(message)}
    codes = [code for code in dict.fromkeys([*wanted, *known]) if code not in known or not known[code].is_approved]
    return [{"code": code, "name": NAMES.get(code, code), "state": known.get(code)} for code in codes]
