"""Judges of order and of one voice: each refuses, names what is wrong, and opens by work."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents.enums import ResponsibilityCluster
from incidents.models import Incident
from notifications.enums import MessageKind
from notifications.models import Message
from tests import factories_gates as gates
from tests import factories_incidents as make
from workflows import claims, clocks, proofs
from workflows.enums import BriefState, Stance, Truth
from workflows.models import BriefAcknowledgement, Claim, PressConference, StaffBrief

pytestmark = pytest.mark.django_db
NOW = gates.NOW
HOUR = timedelta(hours=1)
PRESS = {"3": ["press_release"]}


@pytest.fixture
def incident() -> Incident:
    return gates.incident_with_team()


def note(incident: Incident, text: str) -> Claim:
    return claims.note(incident, text=text, said_where="forum", by=make.person(), now=NOW)


def classify(claim: Claim, truth: Truth, stance: Stance, evidence: str = "report 7") -> None:
    finding = claims.Finding(truth, stance, evidence, "laboratory")
    claims.classify(claim, finding=finding, by=make.person(), now=NOW)


def test_every_claim_is_verified_with_evidence(incident: Incident) -> None:
    params = {"items": "facts.claims"}
    found = [gates.missing(incident, "items_classified", **params)]
    first, second = note(incident, "It burns"), note(incident, "It is poison")
    classify(first, Truth.TRUE, Stance.REBUILD)
    classify(second, Truth.UNVERIFIED, Stance.INFORM)
    found.append(gates.missing(incident, "items_classified", **params))
    classify(second, Truth.FALSE, Stance.DENY)

    assert found == ["no claim is noted.", "1 claims are not verified with evidence: It is poison."]
    assert gates.missing(incident, "items_classified", **params) == ""
    assert incident.evidence.count() == 2


@pytest.mark.parametrize(
    ("truth", "stance"),
    [
        (Truth.TRUE, Stance.DENY),
        (Truth.PARTLY_TRUE, Stance.DENY),
        (Truth.UNVERIFIED, Stance.DENY),
        (Truth.FALSE, Stance.REBUILD),
    ],
)
def test_what_is_true_is_not_denied_and_what_is_false_not_admitted(
    incident: Incident, truth: Truth, stance: Stance
) -> None:
    claim = note(incident, "It burns")

    with pytest.raises(claims.BadClaim):
        classify(claim, truth, stance)

    claim.refresh_from_db()
    assert (claim.truth, claim.stance, incident.evidence.count()) == (Truth.UNVERIFIED, "", 0)


def test_the_database_refuses_a_denial_of_what_is_not_false(incident: Incident) -> None:
    claim = note(incident, "It burns")

    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(stance=Stance.DENY)


def test_a_claim_without_words_is_refused(incident: Incident) -> None:
    with pytest.raises(claims.BadClaim):
        note(incident, " ")


def test_the_strategy_has_one_answer_for_each_claim_and_admits_what_is_ours(incident: Incident) -> None:
    found = [gates.missing(incident, "strategy_consistent")]
    rumour = note(incident, "It is poison")
    found.append(gates.missing(incident, "strategy_consistent"))
    classify(rumour, Truth.FALSE, Stance.DENY)
    found.append(gates.missing(incident, "strategy_consistent"))
    incident.responsibility_cluster = ResponsibilityCluster.PREVENTABLE
    found.append(gates.missing(incident, "strategy_consistent"))
    classify(note(incident, "It burns"), Truth.TRUE, Stance.REBUILD)
    found.append(gates.missing(incident, "strategy_consistent"))
    incident.responsibility_cluster = ResponsibilityCluster.DEPENDS_ON_TRUTH
    found.append(gates.missing(incident, "strategy_consistent"))

    assert found == [
        "no claim is noted.",
        "without an answer that fits: It is poison.",
        "",
        "the company answers for what happened, yet no claim is admitted.",
        "",
        "a claim is true; the responsibility is still open.",
    ]


def brief(incident: Incident, *, approved_at: Any = NOW) -> StaffBrief:
    return StaffBrief.objects.create(
        incident=incident,
        version=incident.briefs.count() + 1,
        fact_sheet=incident.fact_sheets.first() or gates.confirmed_sheet(incident),
        content={},
        state=BriefState.APPROVED,
        author=make.person("carla"),
        approved_by=make.person("lena"),
        approved_at=approved_at,
        created_at=NOW,
    )


def sheet_of(incident: Incident) -> None:
    from incidents import facts

    facts.seed(incident, definitions=[make.definition()])
    make.put(incident)


def test_staff_hear_before_customers(incident: Incident) -> None:
    sheet_of(incident)
    params = {"artifact": "staff_brief", "before": "first_notice"}
    found = [gates.missing(incident, "sequence", **params)]
    given = brief(incident)
    found.append(gates.missing(incident, "sequence", **params))
    BriefAcknowledgement.objects.create(brief=given, user=make.person("anna"))
    found.append(gates.missing(incident, "sequence", **params))
    gates.released(incident, at=NOW - HOUR)
    found.append(gates.missing(incident, "sequence", **params))

    assert found == ["staff have no brief yet.", "staff have no brief yet.", "", "customers were told before staff."]


def test_customers_hear_before_the_media(incident: Incident) -> None:
    params = {"message": "first_notice", "before": "press_statement"}
    found = [gates.missing(incident, "sequence", **params)]
    gates.approved(incident)
    found.append(gates.missing(incident, "sequence", **params))
    press = gates.approved(incident, kind=MessageKind.PROGRESS_UPDATE, number=2, channels=PRESS)
    Message.objects.filter(pk=press.pk).update(release_at=NOW - HOUR)
    found.append(gates.missing(incident, "sequence", **params))
    Message.objects.filter(pk=press.pk).update(release_at=NOW + HOUR)
    sofia = make.person("sofia")
    PressConference.objects.create(
        incident=incident, held_at=NOW + HOUR, speaker=sofia, planned_by=sofia, created_at=NOW
    )
    Message.objects.filter(incident=incident, number=1).update(release_at=NOW + 2 * HOUR)
    found.append(gates.missing(incident, "sequence", **params))
    Message.objects.filter(incident=incident, number=1).update(release_at=NOW)
    found.append(gates.missing(incident, "sequence", **params))

    assert found == [
        "no first notice is drafted.",
        "",
        f"the media hear before customers: {press.reference}.",
        f"the media hear before customers: {press.reference}, press conference.",
        "",
    ]


def test_a_wrong_message_waits_for_its_approved_correction(incident: Incident) -> None:
    wrong = gates.released(incident)
    found = [gates.missing(incident, "supersede")]
    Message.objects.filter(pk=wrong.pk).update(needs_correction=True)
    found.append(gates.missing(incident, "supersede"))
    gates.approved(incident, kind=MessageKind.CORRECTION, number=2, corrects=wrong)

    assert found == [
        "no earlier statement is marked as superseded.",
        f"without an approved correction: {wrong.reference}.",
    ]
    assert gates.missing(incident, "supersede") == ""


def test_a_statement_from_outside_is_named_with_its_mark(incident: Incident) -> None:
    proofs.replace_statement(
        incident,
        gate_id="G-01",
        statement="Website, 3 May: no delay",
        marked_how="struck out, with a link",
        by=make.person(),
        now=NOW,
    )

    assert gates.missing(incident, "supersede") == ""


def test_personal_data_wants_a_clock_of_its_own(incident: Incident) -> None:
    clocks.start(incident, clock="dora_initial", place="EU", answer="yes", by=make.person(), now=NOW)
    before = gates.missing(incident, "clock_started")
    clocks.start(incident, clock="gdpr_33", place="EU", answer="unknown", by=make.person(), now=NOW)

    assert before == "no clock about personal data runs."
    assert gates.missing(incident, "clock_started") == ""
