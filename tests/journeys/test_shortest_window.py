"""Three people, half an hour: the fastest playbook's first word and first notice reach tier 1 inside its window."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.test import override_settings

from incidents import assessments, commitments, decisions, feedback, impacts, lifecycle
from incidents.enums import ResponsibilityCluster, Role
from incidents.models import Impact, Incident, User
from incidents.phases import Enforcement, Phase
from notifications import compose
from notifications.enums import MessageKind
from notifications.models import Delivery, Message
from tests import factories
from tests import factories_updates as updates
from tests.factories_incidents import NOW, person, reported
from workflows import (
    approvals,
    briefings,
    clock_screening,
    declarations,
    dispatch,
    first_contacts,
    holding,
    outreach,
    plans,
    playbooks,
    qa_bank,
    releases,
    roster,
    sheet_drafts,
)
from workflows.models import StaffBrief

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
KIND, SUBTYPE = "product-service-quality", "service_outage"
# The names are those the builders of facts and sheets use; nobody else takes part.
LEAD, SPEAKER, ADVISER = "incident_lead", "communications_lead", "subject_owner"


@dataclass
class Watch:
    """The clock on the wall: each step costs the minutes a practised person needs."""

    now: datetime = field(default=NOW)

    def after(self, minutes: int) -> datetime:
        self.now += minutes * MINUTE
        return self.now


@pytest.fixture(autouse=True)
def local_mail() -> Iterator[None]:
    with override_settings(EMAIL_HOST="127.0.0.1"):
        yield


def shortest_window() -> timedelta:
    """Return the shortest first contact of any shipped playbook."""
    from workflows import durations

    contents = [playbooks.read(path) for path in playbooks.files()]
    lengths = [
        tiers["tier_1"]["first_contact_within"]
        for content in contents
        for tiers in content["cadence"]["by_severity"].values()
    ]
    return min(durations.parse(length) for length in lengths)


def team_of_three(incident: Incident) -> list[User]:
    people = roster.TeamOfThree(person(LEAD), person(SPEAKER), person(ADVISER))
    roster.apply_team_of_three(incident, people=people, by=person(LEAD), now=NOW)
    return roster.people(incident)


def declare_and_speak(incident: Incident, watch: Watch) -> Message:
    """The lead ticks one line and writes one sentence; another person presses one button."""
    declaration = declarations.Declaration(KIND, SUBTYPE, None, person(LEAD), triggers=(f"{KIND}:SEV1",))
    statement = holding.Statement(known={"en": "Nobody can log in"}, audience={"filter": {}})
    spoken = holding.declare(incident, declaration=declaration, statement=statement, by=person(LEAD), now=watch.now)
    assert spoken.message is not None
    assert spoken.trouble == ""
    sha256 = compose.current(spoken.message).sha256
    sent = dispatch.approve_and_send(spoken.message, by=person(SPEAKER), sha256=sha256, now=watch.after(3))
    assert sent.trouble == ""
    updates.arrive(sent.message, at=watch.after(1))
    return sent.message


def advance(incident: Incident, watch: Watch) -> list[str]:
    """Move on; what may be waived is waived with a reason, what is hard holds."""
    for blocker in lifecycle.blockers(incident, now=watch.now):
        if blocker.is_blocking and blocker.enforcement == Enforcement.WAIVABLE:
            reason = "half an hour: told after the first notice"
            lifecycle.waive(incident, gate_id=blocker.id, reason=reason, by=person(LEAD), now=watch.now)
    passed = list(incident.waivers.filter(phase=incident.phase).order_by("gate_id").values_list("gate_id", flat=True))
    to = lifecycle.next_phase(incident)
    assert to is not None
    lifecycle.move(incident, to=to, by=person(LEAD), now=watch.now)
    return passed


def know(incident: Incident, watch: Watch) -> None:
    """Who is affected, what is known, whose doing it is; confirmed by another person."""
    impacts.add_by_filter(incident, spec={}, by=person(ADVISER), now=watch.after(2))
    Impact.objects.filter(incident=incident).update(computed_tier=1)
    factories.tell_facts(incident, now=watch.after(7))
    assessments.assess(incident, cluster=ResponsibilityCluster.ACCIDENTAL, by=person(LEAD), now=watch.now)
    advance(incident, watch)
    factories.fact_sheet(incident, now=watch.after(2))


def promise(incident: Incident, watch: Watch) -> None:
    plans.approve(plans.required(incident), by=person(SPEAKER), now=watch.after(2))
    words = {"en": "tell the cause", "zh": "说明原因", "ru": "назвать причину"}
    due_at = watch.now + timedelta(days=2)
    made = commitments.Promise(text=words, owner=person(LEAD), due_at=due_at, feasibility_evidence="logs are kept")
    commitments.promise(incident, promise=made, now=watch.now)
    for option in incident.remedy_options.order_by("pk"):
        seat = incident.team.get(role=Role(option.approver_role))
        feedback.approve_remedy(option, by=seat.user, now=watch.now)


def approved_notice(incident: Incident, watch: Watch) -> Message:
    """Communications writes; the lead stamps three roles, one of them as deputy of the writer, the adviser one."""
    message = releases.draft_message(incident, kind=MessageKind.FIRST_NOTICE, by=person(SPEAKER), now=watch.after(1))
    approvals.submit(message, by=person(SPEAKER), now=watch.after(2))
    message.refresh_from_db()
    for name in (LEAD, ADVISER):
        approvals.approve(message, by=person(name), sha256=compose.current(message).sha256, now=watch.after(1))
    message.refresh_from_db()
    return message


def brief_everybody(incident: Incident, watch: Watch) -> None:
    """Beside the notice, the adviser drafts brief and answers; communications approves each in one press; all read."""
    brief = briefings.draft_brief(incident, by=person(ADVISER), now=watch.now)
    asked = briefings.approve_and_give(brief, by=person(SPEAKER), now=watch.now)
    for name in (LEAD, SPEAKER, ADVISER):
        briefings.acknowledge(brief_of(incident), by=person(name), now=watch.now)
    seeded = qa_bank.seed(incident)
    assert (asked, qa_bank.approve_all(incident, by=person(SPEAKER), now=watch.after(1))) == (3, seeded)


def look_at_sheets(incident: Incident, notice: Message, watch: Watch) -> None:
    """The planned calls come with prefilled sheets; the lead reads them and presses once."""
    outreach.prepare_contacts(incident, message=notice, now=watch.now)
    sheets = sheet_drafts.waiting(incident, now=watch.now)
    looked = sheet_drafts.look(incident, seen=sheet_drafts.digest(sheets), by=person(LEAD), now=watch.after(1))
    assert looked == sheet_drafts.Looked(ready=2, left_open=[])


def brief_of(incident: Incident) -> StaffBrief:
    found = briefings.current(incident)
    assert found is not None
    return found


def test_three_people_tell_tier_one_within_the_shortest_window() -> None:
    factories.company(is_demonstration=True)
    incident, watch = reported(jurisdictions=("EU",), detection_source="monitoring"), Watch()
    # More one-to-one contacts than two callers can hold in half an hour are refused.
    for number in range(2):
        updates.affected(incident, tier=1, name=f"C-{number}")
    incident.impacts.all().delete()
    three = team_of_three(incident)

    word = declare_and_speak(incident, watch)
    answers = {
        clock: dict.fromkeys(incident.jurisdictions, "no") for clock, _place in clock_screening.questions(incident)
    }
    clock_screening.screen_clocks(incident, answers=answers, by=person(ADVISER), now=watch.after(2))
    with pytest.raises(lifecycle.GateClosed, match="PRD-01"):
        advance(incident, watch)
    reason = "software alone; nobody can be hurt"
    decisions.decide(
        incident, key="stop_sale_stop_use", outcome="no", reason=reason, by=person(LEAD), now=watch.after(1)
    )
    assert advance(incident, watch) == []
    know(incident, watch)
    promise(incident, watch)
    notice = approved_notice(incident, watch)
    brief_everybody(incident, watch)
    look_at_sheets(incident, notice, watch)
    waived = advance(incident, watch)
    releases.release(notice, by=person(LEAD), now=watch.after(1))
    updates.arrive(notice, at=watch.after(1))

    window = shortest_window()
    [clock] = first_contacts.clocks(incident, now=watch.now)
    assert (window, clock.due_at, clock.heard_at) == (30 * MINUTE, NOW + window, NOW + 3 * MINUTE)
    assert (clock.is_late, watch.now - NOW <= window) == (False, True)
    assert (incident.phase, len(three)) == (Phase.EXECUTE, 3)
    assert waived == []
    last = Delivery.objects.filter(message=word, accepted_at__lte=NOW + window)
    assert last.values("customer").distinct().count() == 2
