"""Who is left out, whose copy serves two, and whom an exercise writes to: by the freeze and by the database."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents import duties, exclusions
from incidents.enums import Duty, Harm
from incidents.models import Customer, Exclusion, Incident
from notifications import customer_page, freezing, previews
from notifications.enums import MessageKind
from notifications.freezing import Forecast
from notifications.models import Delivery, Message, PagePost
from tests.factories_delivery import (
    NOW,
    make_company,
    make_customer,
    make_impact,
    make_incident,
    make_released,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident() -> Incident:
    make_company()
    return make_incident()


def affected(
    incident: Incident, *, tier: int = 3, items: str = "", harm: Harm = Harm.INCONVENIENCE, **fields: Any
) -> Customer:
    customer = make_customer(**fields)
    make_impact(incident, customer, computed_tier=tier, affected_items=items, harm=harm)
    return customer


def outcomes(message: Message) -> dict[int, tuple[str, str, int | None]]:
    freezing.freeze(message, now=NOW)
    rows = message.deliveries.values_list("customer_id", "status", "failure_code", "through_id")
    return {key: (status, code, through) for key, status, code, through in rows}


def test_who_is_left_out_becomes_a_row_that_says_so(incident: Incident) -> None:
    told, out, also_out = affected(incident), affected(incident), affected(incident, region="FR")
    exclusions.exclude(incident, spec={"crm_ids": [out.crm_id]}, reason="in court", by=make_user(), now=NOW)
    excluding = [{"filter": {"query": "region = FR"}, "reason": "told by the branch"}]
    message = make_released(incident, audience={"tiers": [3], "excluding": excluding})

    forecast = freezing.forecast(message)

    assert outcomes(message) == {
        told.pk: ("queued", "", None),
        out.pk: ("suppressed", "excluded", None),
        also_out.pk: ("suppressed", "excluded", None),
    }
    assert forecast == [Forecast(3, "email_bulk", "en", "", 1), Forecast(3, "email_bulk", "en", "excluded", 2)]


def test_one_copy_serves_who_shares_the_address_and_names_what_affects_each(incident: Incident) -> None:
    low = affected(incident, address="office@example.org", items="order 7")
    high = affected(incident, tier=1, address="office@example.org", items="order 9")
    message = make_released(incident)

    assert outcomes(message) == {high.pk: ("queued", "", None), low.pk: ("suppressed", "duplicate", high.pk)}
    assert message.deliveries.get(customer=high).personal["customer.affected_items"] == "order 9; order 7"


def test_one_copy_serves_a_household_where_the_plan_says_so(incident: Incident) -> None:
    one, two = affected(incident, account_key="A"), affected(incident, account_key="A", address="b@example.org")
    neighbour = affected(incident, account_key="B", address="b@example.org")
    by_both = make_released(incident, audience={"tiers": [3], "once_per": ["address", "account"]})
    by_account = make_released(incident, audience={"tiers": [3], "once_per": ["account"]})
    by_nothing = make_released(incident, audience={"tiers": [3], "once_per": []})

    assert outcomes(by_both)[two.pk] == outcomes(by_account)[two.pk] == ("suppressed", "duplicate", one.pk)
    assert outcomes(by_both)[neighbour.pk] == ("queued", "", None)
    assert {status for status, _code, _through in outcomes(by_nothing).values()} == {"queued"}


def test_a_customer_served_through_a_household_leads_to_the_copy_that_left(incident: Incident) -> None:
    served = affected(incident, address="a@example.org")
    head = affected(incident, address="a@example.org", account_key="A")
    member = affected(incident, account_key="A")
    message = make_released(incident, audience={"tiers": [3], "once_per": ["address", "account"]})

    assert outcomes(message) == {
        served.pk: ("queued", "", None),
        head.pk: ("suppressed", "duplicate", served.pk),
        member.pk: ("suppressed", "duplicate", served.pk),
    }


@pytest.mark.parametrize("duty", [Duty.SAFETY_WARNING, Duty.INDIVIDUAL_NOTICE])
def test_a_duty_to_everybody_ends_exclusions_and_shared_copies(incident: Incident, duty: Duty) -> None:
    one, two = affected(incident, address="a@example.org"), affected(incident, address="a@example.org")
    by = make_user()
    exclusions.exclude(incident, spec={"crm_ids": [one.crm_id]}, reason="in court", by=by, now=NOW)

    assert duties.owe(incident, duty=duty, reason="recall", by=by, now=NOW)
    assert not duties.owe(incident, duty=duty, reason="again", by=by, now=NOW)

    with pytest.raises(exclusions.ExclusionRefused, match="Nobody is left out"):
        exclusions.exclude(incident, spec={"crm_ids": [two.crm_id]}, reason="in court", by=by, now=NOW)
    excluding = [{"filter": {"crm_ids": [one.crm_id]}, "reason": "no"}]
    message = make_released(Incident.objects.get(pk=incident.pk), audience={"tiers": [3], "excluding": excluding})
    assert outcomes(message)[two.pk] == ("queued", "", None)


def test_harm_to_one_customer_outranks_an_exclusion(incident: Incident) -> None:
    endangered = affected(incident, tier=1, harm=Harm.SAFETY)
    other = affected(incident)
    by = make_user()

    with pytest.raises(exclusions.ExclusionRefused) as refused:
        exclusions.exclude(incident, spec={"query": "has_email"}, reason="in court", by=by, now=NOW)
    exclusions.exclude(incident, spec={"crm_ids": [other.crm_id]}, reason="in court", by=by, now=NOW)
    again = exclusions.exclude(incident, spec={"crm_ids": [other.crm_id]}, reason="in court", by=by, now=NOW)

    assert (refused.value.crm_ids, again) == ([endangered.crm_id], 0)
    assert exclusions.lift(incident, crm_ids=[other.crm_id], by=by, now=NOW) == 1
    for spec, reason in (({}, "all"), ({"crm_ids": ["X"]}, " ")):
        with pytest.raises(exclusions.ExclusionRefused):
            exclusions.exclude(incident, spec=spec, reason=reason, by=by, now=NOW)


def test_the_database_refuses_an_exclusion_against_harm_and_duty(incident: Incident) -> None:
    endangered, other = affected(incident, harm=Harm.LEGAL_RIGHT, tier=1), affected(incident)
    row = {"incident": incident, "reason": "no", "by": make_user(), "at": NOW}
    Exclusion.objects.create(customer=other, **row)

    with pytest.raises(IntegrityError, match=r"guard\.exclusion"), transaction.atomic():
        Exclusion.objects.create(customer=endangered, **row)
    with pytest.raises(IntegrityError, match=r"guard\.exclusion"), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(is_safety_warning=True)
    message = make_released(incident)
    freezing.freeze(message, now=NOW)
    copy = message.deliveries.get(customer=endangered)
    copy.pk, copy.channel, copy.status, copy.failure_code = None, "sms", "suppressed", "excluded"
    copy.reference = "00000000-0000-4000-8000-000000000001"
    with pytest.raises(IntegrityError, match=r"guard\.exclusion"), transaction.atomic():
        copy.save()


# --- exercises --------------------------------------------------------------------------------------


def test_an_exercise_writes_to_its_test_recipients_alone() -> None:
    make_company(test_recipients=["one@team.example", "two@team.example"])
    drill = make_incident(is_drill=True)
    for tier in (1, 3, 3, 3):
        affected(drill, tier=tier)
    message = make_released(drill)

    freezing.freeze(message, now=NOW)

    rows = message.deliveries.order_by("tier", "pk").values_list("tier", "status", "failure_code", "address")
    assert list(rows) == [
        (1, "queued", "", "one@team.example"),
        (3, "queued", "", "one@team.example"),
        (3, "queued", "", "two@team.example"),
        (3, "suppressed", "exercise", ""),
    ]


def test_an_exercise_carries_no_customers_name_and_no_customers_orders() -> None:
    make_company(test_recipients=["one@team.example", "two@team.example"])
    drill = make_incident(is_drill=True)
    for _number in range(2):
        customer = affected(drill, tier=1, items="order 4711")
        Customer.objects.filter(pk=customer.pk).update(name="Real GmbH", salutation="Dear Ms Real")
    message = make_released(drill)

    freezing.freeze(message, now=NOW)

    copies = list(message.deliveries.order_by("pk"))
    own = [(copy.personal["customer.salutation"], copy.personal["customer.affected_items"]) for copy in copies]
    visits = [customer_page.visit(copy.reference, now=NOW) for copy in copies]
    shown = previews.personal_values(message, customer=copies[0].customer, language="en")
    assert own == [("Dear Test recipient 1", "sample order 1"), ("Dear Test recipient 2", "sample order 1")]
    assert [customer_page.name(visit) for visit in visits if visit] == ["Test recipient 1", "Test recipient 2"]
    assert (shown["customer.salutation"], shown["customer.affected_items"]) == own[0]


def test_an_exercise_without_test_recipients_writes_to_nobody() -> None:
    make_company()
    drill = make_incident(is_drill=True)
    customer = affected(drill, tier=1)
    message = make_released(drill)
    freezing.freeze(message, now=NOW)

    freezing.freeze_one(message, customer=customer, channel="sms", now=NOW)

    assert set(message.deliveries.values_list("status", "failure_code", "address")) == {("suppressed", "exercise", "")}


def test_the_database_keeps_exercises_from_real_addresses() -> None:
    make_company(test_recipients=["one@team.example"])
    drill = make_incident(is_drill=True)
    affected(drill, tier=1)
    message = make_released(drill)
    freezing.freeze(message, now=NOW)
    copy = message.deliveries.get()

    with pytest.raises(IntegrityError, match=r"guard\.delivery"), transaction.atomic():
        Delivery.objects.filter(pk=copy.pk).update(address="real@customer.example")
    with pytest.raises(IntegrityError, match=r"guard\.drill"), transaction.atomic():
        Incident.objects.filter(pk=drill.pk).update(is_drill=False)
    copy.pk, copy.channel, copy.address = None, "sms", "real@customer.example"
    copy.reference = "00000000-0000-4000-8000-000000000002"
    with pytest.raises(IntegrityError, match=r"guard\.drill"), transaction.atomic():
        copy.save()


def test_a_real_incident_that_wrote_to_somebody_never_becomes_an_exercise(incident: Incident) -> None:
    affected(incident)
    freezing.freeze(make_released(incident), now=NOW)

    with pytest.raises(IntegrityError, match=r"guard\.drill"), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(is_drill=True)


# --- the market's turn --------------------------------------------------------------------------------


def test_no_customer_hears_before_the_market(incident: Incident) -> None:
    affected(incident)
    by = make_user()
    duties.owe(incident, duty=Duty.MARKET_FIRST, reason="listed", by=by, now=NOW)
    message = make_released(Incident.objects.get(pk=incident.pk))

    with pytest.raises(IntegrityError, match=r"guard\.market"), transaction.atomic():
        freezing.freeze(message, now=NOW)
    with pytest.raises(IntegrityError, match=r"guard\.market"), transaction.atomic():
        PagePost.objects.create(incident=incident, message=message, kind=MessageKind.FIRST_NOTICE, published_at=NOW)
    assert duties.waits_for_the_market(incident)

    duties.record_disclosure(incident, at=NOW, evidence="exchange notice 7", by=by, now=NOW)

    assert freezing.freeze(message, now=NOW) == 1
    assert not duties.waits_for_the_market(incident)


def test_danger_to_people_waits_for_no_market_and_a_duty_goes_back_with_a_reason(incident: Incident) -> None:
    affected(incident)
    by = make_user()
    for duty in (Duty.MARKET_FIRST, Duty.SAFETY_WARNING):
        duties.owe(incident, duty=duty, reason="recall", by=by, now=NOW)
    message = make_released(Incident.objects.get(pk=incident.pk))

    assert freezing.freeze(message, now=NOW) == 1
    assert message.deliveries.get().priority == 3
    with pytest.raises(duties.NoReason):
        duties.owe(incident, duty=Duty.INDIVIDUAL_NOTICE, reason=" ", by=by, now=NOW)
    duties.give_back(incident, duty=Duty.SAFETY_WARNING, reason="no danger: laboratory", by=by, now=NOW)
    assert duties.of(incident) == {Duty.MARKET_FIRST}
