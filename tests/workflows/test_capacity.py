"""How many calls the team can hold, who is told which way and why, and what a release refuses."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents import decisions, duties, facts, impacts
from incidents.enums import ContactKind, DecisionKind, Duty, FactStatus, Harm
from incidents.facts import SHARED, FactChange
from incidents.models import Company, ContactPoint, Customer, Impact, Incident
from notifications.enums import MessageKind
from tests import factories_updates as updating
from tests.factories_incidents import NOW, person
from workflows import audiences, capacity, clock_screening, ladders, outreach, owed, plans, releases
from workflows.ladders import Standing
from workflows.models import OutreachTask, PlanAudience

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Incident]:
    with django_db_blocker.unblock(), updating.once(lambda: updating.speaking(tiers=(1, 1, 2, 3))) as incident:  # type: ignore[attr-defined]
        yield incident


@pytest.fixture
def incident(world: Incident) -> Incident:
    return Incident.objects.get(pk=world.pk)


def tight(incident: Incident, *, hours: float = 1, length: timedelta = timedelta(hours=1)) -> None:
    """One hour for tier 1, and one contact an hour for each person."""
    PlanAudience.objects.filter(plan__incident=incident).update(first_contact_interval=timedelta(hours=hours))
    Company.objects.update(contact_length=length)


def test_contacts_are_counted_against_people_and_hours(incident: Incident) -> None:
    tight(incident)
    everybody = capacity.of(incident, now=NOW)
    tight(incident, hours=50)  # two days of eight hours, and two more hours
    longer = capacity.of(incident, now=NOW)

    assert (everybody.needed, everybody.people, everybody.available, everybody.is_enough) == (2, 2, 2, True)
    assert longer.available == 2 * 18
    assert str(everybody) == "2 one-to-one contacts within 1 h; 2 people can hold 2."


def test_a_release_promises_no_more_calls_than_can_be_held(incident: Incident) -> None:
    notice = updating.ready(incident)
    tight(incident, length=timedelta(hours=2))

    with pytest.raises(capacity.TooManyCalls) as refused:
        releases.release(notice, by=person("incident_lead"), now=NOW)
    assert refused.value.capacity.surplus == 2
    assert "add people, widen the window" in str(refused.value)

    with pytest.raises(capacity.CannotChangeCapacity, match="Only the incident lead"):
        capacity.waive(incident, reason="all night", by=person("wen"), now=NOW)
    capacity.waive(incident, reason="we call all night", by=person("incident_lead"), now=NOW)

    assert capacity.of(incident, now=NOW).waiver == "we call all night"
    assert releases.release(notice, by=person("incident_lead"), now=NOW).is_released


def test_a_waiver_does_not_cover_more_than_it_was_given_for(incident: Incident) -> None:
    tight(incident, length=timedelta(hours=2))
    capacity.waive(incident, reason="all night", by=person("incident_lead"), now=NOW)
    updating.affected(incident, tier=1, name="T1-late")

    assert not capacity.of(incident, now=NOW).is_open


def test_further_people_or_a_lower_tier_make_room(incident: Incident) -> None:
    tight(incident, length=timedelta(minutes=45))
    endangered, free = Impact.objects.filter(incident=incident, tier=1).order_by("pk")
    Impact.objects.filter(pk=endangered.pk).update(harm=Harm.SAFETY)
    Company.objects.update(contact_length=timedelta(hours=2))
    lead = person("incident_lead")

    moved = capacity.lower(incident, by=lead, now=NOW)
    free.refresh_from_db()
    with pytest.raises(capacity.CannotChangeCapacity, match="Nobody can be moved"):
        capacity.lower(incident, by=lead, now=NOW)
    capacity.add_people(incident, count=3, who="support, second floor", by=lead, now=NOW)

    assert (moved, free.tier, capacity.of(incident, now=NOW).people) == (1, 2, 5)
    assert free.override_reason.startswith("tier 1b")
    with pytest.raises(capacity.CannotChangeCapacity):
        capacity.add_people(incident, count=-1, who="nobody", by=lead, now=NOW)


def test_capacity_costs_the_same_for_few_and_many(incident: Incident) -> None:
    with CaptureQueriesContext(connection) as few:
        capacity.of(incident, now=NOW)
    for number in range(5):
        updating.affected(incident, tier=1, name=f"M{number}")
    with CaptureQueriesContext(connection) as many:
        capacity.of(incident, now=NOW)

    assert len(few) == len(many) <= 8


# --- why this way ---------------------------------------------------------------------------------------


def test_the_ladder_says_why_a_customer_gets_a_call(incident: Incident) -> None:
    notice = updating.drafted(incident)
    customer = Customer.objects.filter(impacts__incident=incident, impacts__tier=1).order_by("pk")[0]
    without = ladders.of(notice, customer=customer, now=NOW)
    ContactPoint.objects.create(customer=customer, kind=ContactKind.PHONE, value="+4930", normalised="+4930")
    Customer.objects.filter(pk=customer.pk).update(preferred_channel="phone")
    customer.refresh_from_db()

    ladder = ladders.of(notice, customer=customer, now=NOW)
    outreach.prepare_contacts(incident, message=notice, now=NOW)

    assert ladder is not None
    assert without is not None
    taken = [rung for rung in ladder.rungs if rung.standing == Standing.TAKEN]
    assert [(rung.channel, rung.reason.partition(".")[0]) for rung in taken] == [
        ("phone", "The customer asked for this channel")
    ]
    assert {rung.reason for rung in without.rungs if rung.channel == "phone"} <= {"No telephone number is known."}
    assert OutreachTask.objects.get(message=notice, customer=customer).channel == taken[0].channel


def test_the_ladder_names_the_reason_against_a_mail(incident: Incident) -> None:
    updating.affected(incident, tier=2, name="T2-b")
    first, second = Customer.objects.filter(impacts__incident=incident, impacts__tier=2).order_by("pk")
    shared = ContactPoint.objects.get(customer=first).normalised
    ContactPoint.objects.filter(customer=second).update(normalised=shared)
    notice = updating.drafted(incident)

    mails = {
        rung.channel: (rung.standing, rung.reason)
        for rung in ladders.of(notice, customer=second, now=NOW).rungs  # type: ignore[union-attr]
    }
    counted = audiences.count(notice)
    stranger = Customer.objects.create(crm_id="X", name="X", created_at=NOW, updated_at=NOW)

    assert mails["email_personal"][0] == Standing.PASSED_OVER
    assert f"copy of {first.name}" in mails["email_personal"][1]
    assert counted.left_out == {"duplicate": 1}
    assert ladders.of(notice, customer=stranger, now=NOW) is None


def test_who_is_left_out_of_a_message_is_not_called_either(incident: Incident) -> None:
    notice = updating.drafted(incident)
    customer = Customer.objects.filter(impacts__incident=incident, impacts__tier=1).order_by("pk")[0]

    audiences.exclude(notice, spec={"crm_ids": [customer.crm_id]}, reason="in court", by=person("wen"), now=NOW)
    notice.refresh_from_db()
    made = outreach.prepare_contacts(incident, message=notice, now=NOW)
    counted = audiences.count(notice)

    assert (made, counted.left_out, notice.current.number) == (1, {"excluded": 1}, 2)  # type: ignore[union-attr]
    audiences.include(notice, by=person("wen"), now=NOW)
    notice.refresh_from_db()
    assert audiences.count(notice).left_out == {}


# --- duties -----------------------------------------------------------------------------------------------


def test_a_fact_and_a_screened_clock_make_a_duty(incident: Incident) -> None:
    lead = person("incident_lead")
    change = FactChange("incident.safety_risk", {SHARED: True}, FactStatus.VERIFIED, "plant")
    facts.put(incident, change=change, by=lead, now=NOW)
    decisions.decide(
        incident,
        key=clock_screening.CHECK,
        outcome="1 clock",
        reason="screened",
        by=lead,
        now=NOW,
        kind=DecisionKind.CHECK,
        data={"running": ["eu_mar_17"]},
    )

    owed.follow(incident, by=lead, now=NOW)
    found = duties.of(incident)
    duties.give_back(incident, duty=Duty.SAFETY_WARNING, reason="laboratory", by=lead, now=NOW)
    owed.follow(incident, by=lead, now=NOW)

    assert found == {Duty.SAFETY_WARNING, Duty.MARKET_FIRST}
    assert duties.of(incident) == {Duty.MARKET_FIRST}


def test_a_safety_warning_goes_to_every_tier_in_writing(incident: Incident) -> None:
    lead = person("incident_lead")
    duties.owe(incident, duty=Duty.SAFETY_WARNING, reason="recall", by=lead, now=NOW)
    narrow = releases.Draft(MessageKind.FIRST_NOTICE, audience={"tiers": [1]})

    wide = updating.drafted(incident)
    partial = updating.approve(releases.draft(incident, draft=narrow, by=person("wen"), now=NOW))

    assert all({"email_bulk", "email_personal"} & set(names) for names in wide.channels.values())
    with pytest.raises(owed.DutyFirst, match="everybody at once") as refused:
        releases.release(partial, by=lead, now=NOW)
    assert refused.value.duty == Duty.SAFETY_WARNING


def test_a_notice_waits_for_the_market(incident: Incident) -> None:
    lead = person("incident_lead")
    notice = updating.ready(incident)
    duties.owe(incident, duty=Duty.MARKET_FIRST, reason="listed", by=lead, now=NOW)

    with pytest.raises(owed.DutyFirst, match="The market hears before"):
        releases.release(notice, by=lead, now=NOW)
    duties.record_disclosure(incident, at=NOW, evidence="exchange notice 7", by=lead, now=NOW)

    assert releases.release(notice, by=lead, now=NOW).is_released


def test_a_plan_that_spares_households_says_so_in_the_draft(incident: Incident) -> None:
    plan = plans.required(incident)
    usual = owed.audience(plan, {"tiers": [1]})
    plan.once_per_account = True

    assert usual == {"tiers": [1]}
    assert owed.audience(plan, {"tiers": [1]}) == {"tiers": [1], "once_per": ["address", "account"]}
    assert impacts.PROTECTED == (Harm.SAFETY, Harm.LEGAL_RIGHT)
