"""What is shown beside a plan to learn from: earlier incidents by likeness, and the library."""

import pytest

from incidents.enums import Language, Severity
from incidents.models import Incident
from tests import factories_updates
from tests.factories_incidents import NOW, person, reported
from workflows import cases
from workflows.enums import CaseOutcome
from workflows.models import Case, Review

pytestmark = pytest.mark.django_db
TYPE = {"type": "supply-chain-operations"}


def past(title: str, *, lessons: str = "", **fields: object) -> Incident:
    found = reported(title)
    Incident.objects.filter(pk=found.pk).update(**fields)
    found.refresh_from_db()
    if lessons:
        Review.objects.create(incident=found, lessons=lessons, created_at=NOW)
    return found


def test_earlier_incidents_are_ordered_by_likeness_with_their_lessons() -> None:
    now = past("now", **TYPE, subtype="supplier_failure", severity=Severity.SEV2)
    kin = past("same kind", **TYPE, subtype="logistics_delay")
    twin = past("same subtype", **TYPE, subtype="supplier_failure", lessons="Call tier 1 first.\n\nName two dates.")
    past("other", type="financial")
    past("exercise", **TYPE, is_drill=True)
    past("hidden", **TYPE, is_embargoed=True)
    factories_updates.cancelled(past("false alarm", **TYPE))

    found = cases.similar(now)

    assert [(one.incident, one.score, one.lessons) for one in found] == [
        (twin, 7, ["Call tier 1 first.", "Name two dates."]),
        (kin, 3, []),
    ]


def test_the_shipped_cases_are_told_in_three_languages_and_installed_once() -> None:
    assert cases.install(now=NOW) == 0

    shipped = Case.objects.filter(is_shipped=True)

    assert shipped.count() == 4
    assert all(set(case.title) == set(case.story) == set(case.lessons) == set(Language.values) for case in shipped)
    assert all(set(one["text"]) == set(Language.values) for one in cases.methods())


def test_cases_of_our_own_come_before_shipped_ones_of_the_same_likeness() -> None:
    words = cases.Words(CaseOutcome.FAILURE, {"en": "Ours"}, {"en": "We waited."}, {}, ("supply-chain-operations",))
    own = cases.add("ours", words=words, by=person(), now=NOW)

    told = cases.told(past("now", **TYPE))

    assert [case.key for case in told] == [own.key, "fast-food-supplier-food-safety"]
    with pytest.raises(cases.BadCase, match="already"):
        cases.add("ours", words=words, by=person(), now=NOW)


def test_a_shipped_case_is_not_rewritten_and_an_own_one_needs_words() -> None:
    shipped = Case.objects.filter(is_shipped=True).latest("key")
    words = cases.Words(CaseOutcome.SUCCESS, {"en": "x"}, {"en": "y"}, {})

    with pytest.raises(cases.BadCase, match="comes with the product"):
        cases.edit(shipped, words=words, by=person(), now=NOW)
    with pytest.raises(cases.BadCase, match="needs a title"):
        cases.add("empty", words=cases.Words(CaseOutcome.SUCCESS, {}, {}, {}), by=person(), now=NOW)
    own = cases.add("own", words=words, by=person(), now=NOW)
    assert cases.edit(
        own, words=cases.Words(CaseOutcome.MIXED, {"en": "z"}, {"en": "y"}, {}), by=person(), now=NOW
    ).title == {"en": "z"}
