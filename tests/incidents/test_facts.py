"""Facts are written once, with a source, and confirmed by a second person."""

import pytest
from django.db import IntegrityError, connection, transaction

from incidents import facts
from incidents.enums import FactStatus
from incidents.models import FactSheet
from tests.factories_incidents import NOW, definition, person, put, reported

pytestmark = pytest.mark.django_db


def test_seed_keeps_what_is_there() -> None:
    incident = reported()
    facts.seed(incident, definitions=[definition()])
    put(incident, en="Known")

    added = facts.seed(incident, definitions=[definition(), definition("incident.eta", kind="datetime")])

    assert added == 1
    assert dict(incident.facts.values_list("key", "value")) == {"incident.summary": {"en": "Known"}, "incident.eta": {}}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            facts.FactChange("incident.eta", {"": "soon"}, FactStatus.VERIFIED, "plant"),
            "needs a date and time with its zone",
        ),
        (facts.FactChange("incident.eta", {"": "2026-11-22T10:00"}, FactStatus.VERIFIED, "plant"), "with its zone"),
        (facts.FactChange("incident.summary", {"en": " "}, FactStatus.VERIFIED, "plant"), "has no value"),
        (facts.FactChange("incident.summary", {"de": "x"}, FactStatus.VERIFIED, "plant"), "does not take"),
        (facts.FactChange("incident.summary", {"en": "x"}, FactStatus.VERIFIED, " "), "Say where the fact comes from"),
        (facts.FactChange("incident.affected_count", {"": "many"}, FactStatus.VERIFIED, "crm"), "whole number"),
    ],
)
def test_put_refuses_what_does_not_fit(change: facts.FactChange, sentence: str) -> None:
    incident = reported()
    lines = [definition(), definition("incident.eta", kind="datetime")]
    facts.seed(incident, definitions=[*lines, definition("incident.affected_count", kind="integer")])

    with pytest.raises(facts.BadFact, match=sentence):
        facts.put(incident, change=change, by=person(), now=NOW)


def test_put_refuses_a_line_the_sheet_lacks() -> None:
    with pytest.raises(facts.UnknownFact, match=r"no line “incident\.cause”"):
        put(reported(), "incident.cause")


def test_an_unknown_is_an_answer() -> None:
    incident = reported()
    facts.seed(incident, definitions=[definition("incident.cause")])

    fact = facts.mark_unknown(incident, key="incident.cause", source="engineering", by=person(), now=NOW)

    assert (fact.is_answered, fact.status, fact.value) == (True, "unknown", {})


def test_confirm_takes_another_person_once_and_the_newest_sheet() -> None:
    incident = reported()
    facts.seed(incident, definitions=[definition()])
    put(incident)
    first = facts.freeze(incident, by=person("lena"), now=NOW)
    newest = facts.freeze(incident, by=person("lena"), now=NOW)

    with pytest.raises(facts.NotConfirmable, match="You wrote fact sheet v2"):
        facts.confirm(newest, by=person("lena"), now=NOW)
    with pytest.raises(facts.NotConfirmable, match="newer fact sheet"):
        facts.confirm(first, by=person("otto"), now=NOW)
    facts.confirm(newest, by=person("otto"), now=NOW)
    with pytest.raises(facts.NotConfirmable, match="confirmed already"):
        facts.confirm(newest, by=person("otto"), now=NOW)

    assert facts.confirmed(incident) == newest


def test_freeze_refuses_an_empty_sheet() -> None:
    with pytest.raises(facts.BadFact, match="The fact sheet is empty"):
        facts.freeze(reported(), by=person(), now=NOW)


def test_changed_keys_names_what_differs() -> None:
    incident = reported()
    facts.seed(incident, definitions=[definition(), definition("incident.scope")])
    put(incident, en="One")
    put(incident, "incident.scope", en="Same")
    old = facts.freeze(incident, by=person(), now=NOW)
    put(incident, en="Two")
    new = facts.freeze(incident, by=person(), now=NOW)

    assert facts.changed_keys(old, new) == ["incident.summary"]
    assert facts.changed_keys(None, old) == ["incident.summary", "incident.scope"]


def test_the_database_refuses_to_change_or_self_confirm_a_sheet() -> None:
    incident = reported()
    facts.seed(incident, definitions=[definition()])
    put(incident)
    sheet = facts.freeze(incident, by=person("lena"), now=NOW)

    with pytest.raises(IntegrityError, match=r"guard\.fact_sheet"), transaction.atomic():
        FactSheet.objects.update(content={})
    with pytest.raises(IntegrityError, match="confirmed_by_another_person"), transaction.atomic():
        FactSheet.objects.filter(pk=sheet.pk).update(confirmed_by=person("lena"), confirmed_at=NOW)


def test_the_database_keeps_a_confirmed_sheet_confirmed_and_in_place() -> None:
    incident = reported()
    facts.seed(incident, definitions=[definition()])
    put(incident)
    sheet = facts.freeze(incident, by=person("lena"), now=NOW)
    facts.confirm(sheet, by=person("otto"), now=NOW)

    with pytest.raises(IntegrityError, match=r"guard\.fact_sheet"), transaction.atomic():
        FactSheet.objects.update(confirmed_by=None, confirmed_at=None)
    with pytest.raises(IntegrityError, match=r"guard\.fact_sheet"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM incidents_factsheet WHERE id = %s", [sheet.pk])
