"""What we write into the story is read in the language of the reader, whoever wrote it."""

import pytest
from django.utils import translation

from incidents import audit, sentences
from incidents.enums import TimelineKind
from incidents.models import TimelineEntry
from incidents.phases import Phase
from incidents.sentences import gettext as _
from tests.factories_incidents import NOW, person, reported


def test_gettext_is_read_in_the_language_of_the_reader() -> None:
    with translation.override("ru"):
        written = _("Phase: %(source)s → %(target)s") % {"source": Phase.PLAN.label, "target": Phase.EXECUTE.label}

    with translation.override("zh-hans"):
        read = sentences.read(written.said)
    with translation.override("en"):
        plain = sentences.read(written.said)

    assert (str(written), read, plain) == ("Этап: План → Исполнение", "阶段：计划 → 执行", "Phase: Plan → Execute")


def test_ngettext_counts_in_the_language_of_the_reader() -> None:
    written = sentences.ngettext("%d customer", "%d customers", 5) % 5

    assert [written, sentences.read(written.said)] == ["5 customers", "5 customers"]


def test_join_and_one_of_translate_each_part() -> None:
    row = sentences.join([Phase.PLAN.label, sentences.one_of({"en": "Cause", "zh": "原因"})])
    framed = sentences.pattern("%(what)s (%(how)s)") % {"what": row, "how": "as told"}

    with translation.override("zh-hans"):
        read = sentences.read(framed.said)

    assert (framed, read) == ("Plan, Cause (as told)", "计划, 原因 (as told)")


def test_kept_has_nothing_for_what_a_person_wrote() -> None:
    assert sentences.kept("100 % sure") == {}


@pytest.mark.django_db
def test_tell_keeps_the_sentence_and_the_text() -> None:
    incident = reported()
    by = person("writer")

    with translation.override("ru"):
        audit.tell(incident, kind=TimelineKind.NOTE, text=_("Sending resumed"), by=by, now=NOW)
    audit.tell(incident, kind=TimelineKind.NOTE, text="100 % sure", by=by, now=NOW)

    ours, written = TimelineEntry.objects.filter(incident=incident, by=by).order_by("pk")
    assert (ours.told, written.told) == ("Sending resumed", "100 % sure")
