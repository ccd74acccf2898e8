"""An estimate has its confidence, and every estimate before it is kept."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from incidents import estimates, facts
from incidents.enums import Confidence, FactStatus
from incidents.models import FactVersion, Incident
from tests.factories_incidents import NOW, definition, person, reported

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def incident() -> Incident:
    made = reported()
    keys = ((estimates.TIME, "datetime"), (estimates.CONFIDENCE, "choice"))
    facts.seed(made, definitions=[definition(key, kind=kind) for key, kind in keys])
    return made


def put(made: Incident, hours: int, confidence: Confidence, *, after: int = 0) -> None:
    estimate = estimates.Estimate(NOW + hours * HOUR, confidence, "plant")
    estimates.put(made, estimate=estimate, by=person(), now=NOW + after * HOUR)


def test_the_history_holds_every_estimate_newest_first() -> None:
    made = incident()
    put(made, 10, Confidence.LOW)
    put(made, 20, Confidence.HIGH, after=1)
    change = facts.FactChange(estimates.TIME, {"": NOW + 20 * HOUR}, FactStatus.RETRACTED, "plant")
    facts.put(made, change=change, by=person(), now=NOW + 2 * HOUR)

    told = [(one.expected_at, one.confidence, one.at) for one in estimates.history(made)]

    assert told == [
        (None, "high", NOW + 2 * HOUR),
        (NOW + 20 * HOUR, "high", NOW + HOUR),
        (NOW + 10 * HOUR, "low", NOW),
    ]


def test_an_estimate_lies_ahead() -> None:
    with pytest.raises(estimates.BadEstimate):
        put(incident(), 0, Confidence.LOW)


def test_the_history_is_never_rewritten() -> None:
    put(incident(), 10, Confidence.LOW)

    with pytest.raises(IntegrityError, match=r"guard\.append_only"), transaction.atomic():
        FactVersion.objects.update(status=FactStatus.VERIFIED)


def test_a_translation_behind_its_source_is_not_told() -> None:
    made = reported()
    facts.seed(made, definitions=[definition()])
    for text in ("One line stands", "Two lines stand"):
        change = facts.FactChange(
            "incident.summary", {"en": text, "ru": "Одна линия стоит"}, FactStatus.VERIFIED, "plant"
        )
        facts.put(made, change=change, by=person(), now=NOW)
    fact = made.facts.get()
    sheet = facts.freeze(made, by=person(), now=NOW)
    assert (fact.stale_languages, sheet.content[fact.key]["value"]) == (["ru"], {"en": "Two lines stand"})

    with pytest.raises(facts.BadFact, match="translated from this language"):
        facts.translate(fact, language="en", text="x", by=person(), now=NOW)  # type: ignore[arg-type]
    fact = facts.translate(fact, language="ru", text="Две линии стоят", by=person(), now=NOW)  # type: ignore[arg-type]

    assert (fact.stale_languages, fact.value) == ([], {"en": "Two lines stand", "ru": "Две линии стоят"})
