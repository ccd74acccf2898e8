"""Languages of a message: read by natives, behind their source, and never waiting for each other."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents.models import Company, User
from notifications import bodies, compose, translations
from notifications.models import LanguageApproval, Message
from tests import factories_incidents as incidents
from tests import factories_messages as messages
from tests.factories_messages import NOW

pytestmark = pytest.mark.django_db
EN, RU = messages.text(), messages.text(cause="Причина: {{ incident.cause }}.")


def written(**fields: Any) -> Message:
    messages.company()
    both = {"en": messages.values(), "ru": messages.values()}
    return messages.message(texts={"en": EN, "ru": RU}, values=both, **fields)


def reader(name: str, *languages: str) -> User:
    user = incidents.person(name)
    User.objects.filter(pk=user.pk).update(languages=list(languages))
    user.refresh_from_db()
    return user


def rewrite(message: Message, by: str = "wen", **texts: Any) -> Message:
    changes = {"texts": {"en": EN, "ru": RU, **texts}}
    compose.edit(message, changes=changes, by=incidents.person(by), now=NOW)
    return fresh(message)


def fresh(message: Message) -> Message:
    return Message.objects.select_related("current", "incident").get(pk=message.pk)


def said(message: Message) -> list[tuple[str, bool, bool]]:
    return [(one.language, one.is_approved, one.is_stale) for one in translations.states(message)]


def approve(message: Message, by: User) -> None:
    sha256 = translations.state_of(message, "ru").text_sha256
    translations.approve(message, language="ru", sha256=sha256, by=by, now=NOW)


def test_what_was_drafted_together_fits_together() -> None:
    assert said(written()) == [("en", True, False), ("ru", True, False)]


def test_a_changed_source_leaves_its_translation_behind_until_somebody_compares() -> None:
    message = rewrite(written(), en=messages.text(cause="The cause is known: {{ incident.cause }}."))
    assert said(message) == [("en", True, False), ("ru", False, True)]
    assert translations.spoken(message) == ["en"]

    approve(message, incidents.person("otto"))

    assert said(message) == [("en", True, False), ("ru", True, False)]


def test_a_changed_translation_waits_for_another_person_who_reads_it() -> None:
    message = rewrite(written(), by="ruth", ru=messages.text(cause="Вот причина: {{ incident.cause }}."))
    native = reader("nadja", "ru")
    assert said(message) == [("en", True, False), ("ru", False, False)]

    with pytest.raises(translations.OwnTranslation):
        approve(message, reader("ruth", "ru"))
    with pytest.raises(translations.NotReader):
        approve(message, incidents.person("otto"))
    approve(message, native)
    with pytest.raises(translations.BadLanguage, match="approved already"):
        approve(message, native)

    assert translations.state_of(message, "ru").approval.is_native  # type: ignore[union-attr]


def test_the_database_keeps_an_approved_language_as_it_was_read() -> None:
    message = rewrite(written(), by="ruth", ru=messages.text(cause="Вот причина: {{ incident.cause }}."))
    approve(message, reader("nadja", "ru"))
    approvals = LanguageApproval.objects.filter(message=message)

    with pytest.raises(IntegrityError, match=r"guard\.append_only"), transaction.atomic():
        approvals.update(is_native=False)
    with pytest.raises(IntegrityError, match=r"guard\.append_only"), transaction.atomic():
        approvals.filter(language="ru").delete()


def test_without_another_reader_somebody_else_does_and_it_shows() -> None:
    message = rewrite(written(), by="ruth", ru=messages.text(cause="Вот причина: {{ incident.cause }}."))
    reader("ruth", "ru")

    approve(message, incidents.person("otto"))

    assert not translations.state_of(message, "ru").approval.is_native  # type: ignore[union-attr]


def test_a_stamp_covers_what_its_giver_reads_but_nothing_that_fell_behind() -> None:
    native = reader("nadja", "ru")
    changed = rewrite(written(), ru=messages.text(cause="Вот причина: {{ incident.cause }}."))
    behind = rewrite(written(), en=messages.text(cause="Known: {{ incident.cause }}."))

    covered = [
        translations.approve_read(changed, by=incidents.person("otto"), now=NOW),
        translations.approve_read(changed, by=native, now=NOW),
        translations.approve_read(behind, by=native, now=NOW),
    ]

    assert covered == [[], ["ru"], []]


def test_a_gap_in_a_language_that_does_not_go_out_blocks_nobody() -> None:
    broken = messages.text(cause="{{ incident.known }}")
    message = rewrite(written(), ru=broken)

    assert compose.problems(message) == []
    assert compose.problems_of(message, language="ru") != []


def test_a_released_text_speaks_the_approved_languages_and_names_its_release() -> None:
    message = written(times={"update.issued_at": "2026-11-22T09:00:00+00:00"})
    Message.objects.filter(pk=message.pk).update(languages=["en"], released_at=NOW.replace(hour=11))
    content = bodies.content_of(compose.current(fresh(message)))

    assert (list(content["texts"]), content["times"]["update.issued_at"]) == (["en"], "2026-11-22T11:00:00+00:00")
    shown = bodies.body(compose.current(fresh(message)), language="ru", tier=1, time_zone="UTC")
    assert "The cause is" in shown.text


def test_a_lost_or_strange_place_is_refused() -> None:
    lost = messages.text(cause="Причина известна.")
    strange = messages.text(cause="{{ incident.cause }} {{ incident.scope }}")

    with pytest.raises(translations.PlaceholdersLost) as refused:
        translations.refuse_lost(lost, source=EN, before=None)
    assert (refused.value.missing, refused.value.strange) == (["incident.cause"], [])
    with pytest.raises(translations.PlaceholdersLost) as refused:
        translations.refuse_lost(strange, source=EN, before=RU)
    assert (refused.value.missing, refused.value.strange) == ([], ["incident.scope"])
    translations.refuse_lost(RU, source=EN, before=None)


def test_a_company_of_one_language_waits_for_nobody() -> None:
    messages.company(languages=["en"])

    assert said(messages.message()) == [("en", True, False)]
    assert Company.objects.get().languages == ["en"]
