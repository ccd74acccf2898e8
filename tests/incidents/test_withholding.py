"""A fact is kept from customers only with a ground, by two people, for a while; and never what affects them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents import facts, withholding
from incidents.enums import WithholdingReason
from incidents.models import Fact, Withholding
from tests.factories_incidents import NOW, definition, person, reported

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=7)


def fact(key: str = "facts.person_role", **fields: Any) -> Fact:
    incident = reported()
    facts.seed(incident, definitions=[definition(key, **fields)])
    return incident.facts.get()


def asked(one: Fact) -> Withholding:
    return withholding.ask(
        one,
        reason=WithholdingReason.PRIVACY,
        explanation="A person would be recognised",
        review_at=LATER,
        by=person("lena"),
        now=NOW,
    )


def test_it_is_withheld_once_another_person_approves_and_told_again_once_lifted() -> None:
    one = fact()
    request = asked(one)
    assert (withholding.keys(one.incident), Fact.objects.get().is_publishable) == (frozenset(), True)
    with pytest.raises(withholding.NotBySamePerson):
        withholding.approve(request, by=person("lena"), now=NOW)

    withholding.approve(request, by=person("otto"), now=NOW)
    assert (withholding.keys(one.incident), Fact.objects.get().is_publishable) == (frozenset({one.key}), False)
    with pytest.raises(withholding.BadWithholding, match="approved already"):
        withholding.approve(request, by=person("otto"), now=NOW)

    withholding.lift(request, by=person("lena"), now=NOW)
    assert (withholding.keys(one.incident), Fact.objects.get().is_publishable) == (frozenset(), True)
    with pytest.raises(withholding.BadWithholding, match="taken back"):
        withholding.lift(request, by=person("lena"), now=NOW)


def test_what_affects_customers_is_refused_by_the_function_and_by_the_database() -> None:
    one = fact(affects_customer=True)

    with pytest.raises(withholding.MayNotBeWithheld, match="affects customers"):
        asked(one)
    with pytest.raises(IntegrityError, match=r"guard\.withholding"), transaction.atomic():
        Withholding.objects.create(
            fact=one, reason="legal", explanation="x", review_at=LATER, asked_by=person("lena"), asked_at=NOW
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.update(is_publishable=False)
    with pytest.raises(IntegrityError, match=r"guard\.fact"), transaction.atomic():
        Fact.objects.update(affects_customer=False)


def test_why_a_fact_was_withheld_stays_on_record() -> None:
    request = asked(fact())

    with pytest.raises(IntegrityError, match="stays on record"), transaction.atomic():
        request.delete()


def test_the_database_wants_an_approved_withholding() -> None:
    request = asked(fact())

    with pytest.raises(IntegrityError, match="that another person approved"), transaction.atomic():
        Fact.objects.update(is_publishable=False)
    with pytest.raises(IntegrityError, match="approved_by_another_person"), transaction.atomic():
        Withholding.objects.filter(pk=request.pk).update(approved_by=person("lena"), approved_at=NOW)
    with pytest.raises(IntegrityError, match="never rewritten"), transaction.atomic():
        Withholding.objects.filter(pk=request.pk).update(explanation="another")


def test_it_needs_a_reason_and_a_later_review_and_is_asked_once() -> None:
    one = fact()
    ground: dict[str, Any] = {"reason": WithholdingReason.LEGAL, "by": person("lena"), "now": NOW}

    with pytest.raises(withholding.BadWithholding, match="Say why"):
        withholding.ask(one, explanation=" ", review_at=LATER, **ground)
    with pytest.raises(withholding.BadWithholding, match="later day"):
        withholding.ask(one, explanation="x", review_at=NOW, **ground)
    asked(one)
    with pytest.raises(withholding.BadWithholding, match="asked for already"):
        asked(one)


def test_a_review_keeps_it_by_another_person_or_it_falls_due() -> None:
    request = asked(fact())
    withholding.approve(request, by=person("otto"), now=NOW)
    assert [list(Withholding.objects.due_for_review(now)) for now in (NOW, LATER)] == [[], [request]]

    with pytest.raises(withholding.NotBySamePerson):
        withholding.keep(request, review_at=LATER + timedelta(days=1), by=person("lena"), now=LATER)
    withholding.keep(request, review_at=LATER + timedelta(days=1), by=person("otto"), now=LATER)

    assert not Withholding.objects.due_for_review(LATER).exists()
