"""Legal clocks: screening starts them, a receipt meets them, two people stop them, and nobody forgets them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents import decisions, facts
from incidents.enums import DecisionKind, Role
from incidents.models import Incident, User
from incidents.phases import Phase
from notifications.enums import MessageKind
from tests import factories_gates as gates
from tests import factories_incidents as make
from tests import factories_updates as updates
from workflows import clock_data, clock_screening, clocks, escalations, playbooks
from workflows.enums import AlertKind, ClockState
from workflows.models import Alert, ClockRun
from workflows.scorecard import rhythm
from workflows.scorecard.registry import Question

pytestmark = pytest.mark.django_db
NOW = gates.NOW
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def incident() -> Incident:
    return gates.incident_with_team(jurisdictions=("EU",))


def lydia() -> User:
    return make.person("lydia")


def begun(incident: Incident, clock: str, *, now: datetime = NOW, place: str = "EU") -> ClockRun:
    return clocks.start(incident, clock=clock, place=place, answer="yes", by=lydia(), now=now)


def met(run: ClockRun, *, now: datetime = NOW) -> ClockRun:
    known = clock_data.find(run.clock)
    assert known is not None
    notification = clocks.Notification(tuple(range(len(known.items))), "No. 7")
    return clocks.finish(run, notification=notification, by=lydia(), now=now)


def test_every_clock_of_the_data_has_its_words_in_three_languages() -> None:
    found = clock_data.clocks()

    assert set(found) == playbooks.ids("clocks")
    for clock in found.values():
        assert set(clock.name) == set(clock.question) == {"en", "zh", "ru"}
        assert clock.items
        assert all(set(item) == {"en", "zh", "ru"} for item in clock.items)
        assert clock.rule_text is None or set(clock.rule_text) == {"en", "zh", "ru"}
        assert clock.owner in Role.values
        assert clock.starts in {"awareness", "decision", "solution", *found}


@pytest.mark.parametrize(
    ("clock", "starts_at", "due_at"),
    [
        ("gdpr_33", datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC)),
        # From Friday four working days, over a weekend.
        ("sec_8k_105", datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 26, 9, tzinfo=UTC)),
        ("cpsc_15b", datetime(2026, 11, 20, 15, tzinfo=UTC), datetime(2026, 11, 23, 15, tzinfo=UTC)),
        ("nis2_23_final", datetime(2027, 1, 31, 9, tzinfo=UTC), datetime(2027, 2, 28, 9, tzinfo=UTC)),
        ("gdpr_34", datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("contract_sla_notice", datetime(2026, 11, 20, 9, tzinfo=UTC), None),
    ],
)
def test_a_deadline_counts_as_its_law_counts(clock: str, starts_at: datetime, due_at: datetime | None) -> None:
    known = clock_data.clocks()[clock]

    assert clock_data.due_at(known, starts_at=starts_at, aware_at=starts_at) == due_at


@pytest.mark.parametrize(
    ("classified", "due"), [(1, 5), (22, 24), (30, 34)], ids=["soon", "late on the day", "after the day"]
)
def test_two_limits_the_earlier_one_counts_while_it_can(classified: int, due: int) -> None:
    known = clock_data.clocks()["dora_initial"]

    found = clock_data.due_at(known, starts_at=NOW + classified * HOUR, aware_at=NOW)

    assert found == NOW + due * HOUR


@pytest.mark.parametrize(
    ("clock", "places", "asked"),
    [
        ("gdpr_33", ["DE", "CN", "US"], ["DE"]),
        ("cn_pipl_57", ["DE", "CN"], ["CN"]),
        ("gdpr_33", ["Atlantis"], ["Atlantis"]),
        ("contract_sla_notice", ["DE", "CN"], ["DE"]),
    ],
)
def test_a_clock_is_asked_where_it_counts_and_where_nobody_can_tell(
    clock: str, places: list[str], asked: list[str]
) -> None:
    assert clock_data.places_of(clock, places) == asked


def screen(incident: Incident, answer: str, *, by: str = "lydia") -> None:
    answers = {"gdpr_33": {"EU": answer}}
    clock_screening.screen_clocks(incident, answers=answers, by=make.person(by), now=NOW, reason="looked")


@pytest.mark.parametrize(("answer", "states"), [("yes", ["running"]), ("unknown", ["running"]), ("no", [])])
def test_the_screening_starts_what_applies_or_may(incident: Incident, answer: str, states: list[str]) -> None:
    gates.plan(incident, content={"clock_refs": ["gdpr_33"]})
    screen(incident, answer)
    screen(incident, answer)

    found = list(ClockRun.objects.values_list("state", "starts_at", "due_at", "owner__username"))
    assert found == [(state, NOW, NOW + 3 * DAY, "lydia") for state in states]


def test_a_new_answer_does_not_stop_a_clock_but_asks_for_it(incident: Incident) -> None:
    gates.plan(incident, content={"clock_refs": ["gdpr_33"]})
    screen(incident, "yes")
    screen(incident, "no")

    run = ClockRun.objects.get()
    assert (run.state, run.stop_reason, run.stop_asked_by) == (ClockState.RUNNING, "looked", lydia())


def test_a_fact_suggests_the_answer(incident: Incident) -> None:
    key = "incident.personal_data_involved"
    facts.seed(incident, definitions=[make.definition(key, kind="boolean")])
    before = clock_screening.suggestion(incident, "gdpr_33")
    make.put(incident, key, **{"": True})

    assert (before, clock_screening.suggestion(incident, "gdpr_33")) == ("", "yes")
    assert clock_screening.suggestion(incident, "dora_initial") == ""


def test_a_clock_is_met_with_its_contents_and_a_receipt(incident: Incident) -> None:
    run = begun(incident, "gdpr_33")

    def finish(*ticked: int, receipt: str = "No. 7", note: str = "") -> None:
        notification = clocks.Notification(ticked, receipt, note)
        clocks.finish(run, notification=notification, by=lydia(), now=NOW + HOUR)

    with pytest.raises(clocks.BadReceipt):
        finish(0, 1, 2, 3, receipt=" ")
    with pytest.raises(clocks.BadReceipt):
        finish(9, note="follows")
    with pytest.raises(clocks.BadReceipt):
        finish(0)
    finish(0, note="numbers follow on Friday")

    assert (run.state, run.done_at, run.ticked, run.receipt) == ("done", NOW + HOUR, [0], "No. 7")
    assert incident.evidence.get().subject == "clock.gdpr_33"
    with pytest.raises(clocks.NotRunning):
        finish(0, 1, 2, 3)


def test_a_clock_stops_with_a_reason_and_another_persons_word(incident: Incident) -> None:
    run = begun(incident, "gdpr_33")
    lena = make.person("lena")
    with pytest.raises(clocks.CannotStop):
        clocks.ask_stop(run, reason=" ", by=lydia(), now=NOW)
    with pytest.raises(clocks.CannotStop):
        clocks.agree_to_stop(run, by=lena, now=NOW)
    clocks.ask_stop(run, reason="encrypted", by=lydia(), now=NOW)
    with pytest.raises(clocks.CannotStop):
        clocks.agree_to_stop(run, by=lydia(), now=NOW)
    asked = run.state
    clocks.agree_to_stop(run, by=lena, now=NOW)

    assert (asked, run.state, run.stopped_by) == ("running", "stopped", lena)


def test_the_database_refuses_a_stop_by_one_person_and_a_finish_without_a_receipt(incident: Incident) -> None:
    run = begun(incident, "gdpr_33")
    alone = {"state": "stopped", "stop_reason": "x", "stop_asked_by": lydia(), "stopped_by": lydia()}

    for fields in (alone, {"state": "stopped", "stop_reason": "x"}, {"state": "done"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ClockRun.objects.filter(pk=run.pk).update(**fields)


def test_the_database_keeps_one_run_of_a_clock_in_one_place(incident: Incident) -> None:
    run = begun(incident, "gdpr_33")
    run.pk = None

    with pytest.raises(IntegrityError, match="one_run_per_clock_and_place"), transaction.atomic():
        run.save(force_insert=True)


def test_what_follows_begins_when_its_clock_is_met(incident: Incident) -> None:
    waiting = begun(incident, "nis2_23_final")
    before = (waiting.starts_at, waiting.due_at)
    met(begun(incident, "nis2_23_notification"), now=NOW + HOUR)
    met(begun(incident, "dora_initial"), now=NOW + HOUR)

    waiting.refresh_from_db()
    intermediate = ClockRun.objects.get(clock="dora_intermediate")
    assert before == (None, None)
    assert waiting.starts_at == NOW + HOUR
    assert (intermediate.answer, intermediate.due_at) == ("follows", NOW + HOUR + 3 * DAY)


def test_a_closing_report_waits_for_the_solution(incident: Incident) -> None:
    run = begun(incident, "cn_cyber_final", place="CN")
    before = clocks.waiting_for_solution(now=NOW)
    Incident.objects.filter(pk=incident.pk).update(resolved_at=NOW)
    found = clocks.waiting_for_solution(now=NOW)
    done = [clocks.begin(pk, now=NOW) for pk in [*found, *found]]

    run.refresh_from_db()
    assert (before, found, done) == ([], [run.pk], [1, 0])
    assert run.due_at == NOW + 30 * DAY


def test_only_a_deadline_without_a_number_in_the_law_is_set(incident: Incident) -> None:
    contract = begun(incident, "contract_sla_notice")
    with pytest.raises(clocks.CannotMove):
        clocks.set_deadline(begun(incident, "gdpr_33"), due_at=NOW, reason="later", by=lydia(), now=NOW)
    with pytest.raises(clocks.CannotMove):
        clocks.set_deadline(contract, due_at=NOW + DAY, reason="", by=lydia(), now=NOW)
    clocks.set_deadline(contract, due_at=NOW + DAY, reason="clause 7", by=lydia(), now=NOW)

    assert contract.due_at == NOW + DAY


def test_the_soonest_clock_stands_first_and_those_without_a_number_last(incident: Incident) -> None:
    for clock in ("contract_sla_notice", "gdpr_33", "dora_initial"):
        begun(incident, clock)

    found = [run.clock for run in clocks.unsettled(incident)]
    assert found == ["dora_initial", "gdpr_33", "contract_sla_notice"]


def test_owner_then_deputy_then_lead_are_woken(incident: Incident) -> None:
    incident.team.filter(role=Role.LEGAL_COUNSEL).update(deputy=make.person("dora"))
    begun(incident, "dora_initial")  # four hours

    def woken(hours: float) -> dict[str, list[str]]:
        for kind in (AlertKind.CLOCK_AT_RISK, AlertKind.CLOCK_MISSED):
            escalations.refresh(kind, now=NOW + hours * HOUR)
        alerts = Alert.objects.filter(over_at=None).order_by("kind")
        return {one.kind: sorted(one.watchers.values_list("username", flat=True)) for one in alerts}

    assert woken(1.9) == {}
    assert woken(2) == {"clock_at_risk": ["lydia"]}
    assert woken(3) == {"clock_at_risk": ["dora", "lydia"]}
    assert woken(4) == {"clock_missed": ["dora", "lena", "lydia"]}
    met(ClockRun.objects.get(), now=NOW + 5 * HOUR)
    assert "clock_missed" not in woken(5)


def test_the_review_counts_deadlines_that_were_met(incident: Incident) -> None:
    for clock, hours in (("gdpr_33", 1), ("dora_initial", 5)):
        met(begun(incident, clock), now=NOW + hours * HOUR)
    begun(incident, "nis2_23_early_warning")
    clocks.ask_stop(begun(incident, "gdpr_34"), reason="low risk", by=lydia(), now=NOW)
    clocks.agree_to_stop(ClockRun.objects.get(clock="gdpr_34"), by=make.person("lena"), now=NOW)

    found = rhythm.statutory_deadline_met(Question(incident, NOW + 25 * HOUR))
    assert found == {"numerator": 1, "denominator": 3, "value": pytest.approx(1 / 3, abs=0.001)}


def test_no_incident_closes_over_a_running_clock(incident: Incident) -> None:
    none_yet = clocks.closing_gate(incident, Phase.EVALUATE)
    run = begun(incident, "gdpr_33")
    gate = clocks.closing_gate(incident, Phase.EVALUATE)[0]
    before = clocks.are_settled(incident, gate, NOW)
    met(run)

    assert none_yet == clocks.closing_gate(incident, Phase.PLAN) == []
    assert [(one.id, one.is_blocking) for one in before] == [("clocks.settled", True)]
    assert clocks.are_settled(incident, gate, NOW) == []


def test_a_recall_that_runs_forbids_words_that_lower_the_risk(incident: Incident) -> None:
    from tests.workflows.judges.test_proving import said

    notice = said(incident, "A voluntary recall.")
    before = clocks.breaches(notice)
    run = begun(incident, "eu_gpsr_recall_notice")
    found = clocks.breaches(notice)
    met(run)

    assert (before, clocks.breaches(notice)) == ([], [])
    assert [text.endswith("not allowed in a recall: voluntary.") for text in found] == [True]


def test_customers_hear_nothing_the_market_has_not_been_told(incident: Incident) -> None:
    notice = gates.message(incident)
    begun(incident, "eu_mar_17")
    before = clocks.breaches(notice)
    decisions.decide(
        incident,
        key=clocks.MARKET_CHECK,
        outcome="published",
        reason="ad hoc",
        by=lydia(),
        now=NOW,
        kind=DecisionKind.CHECK,
    )

    assert ["No selective disclosure" in text for text in before] == [True]
    assert clocks.breaches(notice) == []


@pytest.fixture
def speaking() -> Iterator[Any]:
    with updates.once(updates.speaking) as incident:
        yield incident


def test_a_text_that_breaks_a_rule_of_a_running_clock_is_not_submitted(speaking: Incident) -> None:
    from workflows import approvals

    begun(speaking, "eu_mar_17")
    drafted = updates.drafted(speaking, MessageKind.PROGRESS_UPDATE)

    with pytest.raises(approvals.NotReady) as refused:
        approvals.submit(drafted, by=make.person("wen"), now=NOW)

    assert "market_disclosure" in str(refused.value)
