"""Each of the ten playbooks, in each language, from identify to execute: gates refuse, the team works, gates open."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import translation

from incidents.models import Company, Customer, GateWaiver, Incident
from incidents.phases import Phase
from notifications.models import Delivery
from tests import factories_journeys as team
from tests import factories_updates as updates
from tests.factories_incidents import NOW, person
from tests.factories_journeys import YES, Kind
from workflows import call_desk, call_outcomes, plans, releases

pytestmark = pytest.mark.django_db
PERSONAL_DATA = (("personal_data_involved", YES),)
# More than the people on the roster can take calls about.
MANY = (("units_affected", {"": 4_000}),)
UNSAFE = (("safety_risk", YES), *MANY)
# A relationship type stands beside what happened; churn and a broken conversation can be what happened.
KINDS = {
    "financial": Kind("financial", "liquidity_strain"),
    "legal-compliance": Kind("legal-compliance", "personal_data_breach", told=PERSONAL_DATA),
    "personnel-internal": Kind("personnel-internal", "key_person_departure"),
    "product-service-quality": Kind("product-service-quality", "safety_recall", told=UNSAFE),
    "supply-chain-operations": Kind("supply-chain-operations", "supplier_failure"),
    "rel-communication-breakdown": Kind("rel-communication-breakdown", "wrong_information"),
    "rel-customer-churn": Kind("rel-customer-churn", "price_change_reaction"),
    "rel-negative-publicity": Kind("personnel-internal", "misconduct", "rel-negative-publicity"),
    "rel-product-quality": Kind("product-service-quality", "severe_malfunction", "rel-product-quality", told=MANY),
    "rel-service-quality": Kind("product-service-quality", "service_outage", "rel-service-quality", told=MANY),
}
COMMON = {
    Phase.IDENTIFY: {"ID-05", "ID-06"},
    Phase.ANALYZE: {"AN-01", "AN-02", "AN-03"},
    Phase.PLAN: {"PL-01", "PL-03", "PL-04", "PL-05", "PL-06", "PL-07"},
    Phase.EXECUTE: {"EX-01", "EX-04", "EX-05"},
}
# What each playbook refuses beyond that; a gate whose answer is there already opens by itself.
OWN: dict[str, dict[Phase, set[str]]] = {
    "financial": {Phase.ANALYZE: {"FIN-01"}, Phase.PLAN: {"FIN-02", "FIN-03"}},
    "legal-compliance": {Phase.ANALYZE: {"LEG-01", "LEG-02"}, Phase.PLAN: {"LEG-03"}},
    "personnel-internal": {Phase.ANALYZE: {"PER-01"}, Phase.PLAN: {"PER-02", "PER-03"}},
    "product-service-quality": {Phase.IDENTIFY: {"PRD-01"}, Phase.PLAN: {"PRD-02", "PRD-03"}},
    "supply-chain-operations": {Phase.ANALYZE: {"SUP-01"}, Phase.PLAN: {"SUP-03"}},
    "rel-communication-breakdown": {Phase.ANALYZE: {"RCB-01"}, Phase.PLAN: {"RCB-02", "RCB-03"}},
    "rel-customer-churn": {Phase.ANALYZE: {"RCC-01"}, Phase.PLAN: {"RCC-02", "RCC-03"}},
    "rel-negative-publicity": {
        Phase.IDENTIFY: {"RNP-01"},
        Phase.ANALYZE: {"PER-01", "RNP-02"},
        Phase.PLAN: {"PER-02", "RNP-04"},
    },
    "rel-product-quality": {
        Phase.IDENTIFY: {"PRD-01"},
        Phase.ANALYZE: {"RPQ-01"},
        Phase.PLAN: {"PRD-03", "RPQ-02"},
    },
    "rel-service-quality": {
        Phase.IDENTIFY: {"PRD-01"},
        Phase.ANALYZE: {"RSQ-01"},
        Phase.PLAN: {"PRD-03", "RSQ-02"},
    },
}


def refused(incident: Incident, *, language: str) -> set[str]:
    """Return the gates that refuse to let go of the phase; each speaks the words of the playbook in this language."""
    labels = {gate.id: gate.label[language] for gate in plans.gates(incident, Phase(incident.phase))}
    with translation.override("zh-hans" if language == "zh" else language):
        found = team.judged(incident)
    assert all(one.hint and one.can_judge and one.text.startswith(labels[one.id]) for one in found)
    return {one.id for one in found}


def expected(key: str, phase: Phase) -> set[str]:
    return COMMON[phase] | OWN[key].get(phase, set())


def pass_phase(key: str, incident: Incident, *, languages: tuple[str, ...]) -> None:
    """Be refused in every language, do the work of the phase, and go on."""
    phase = Phase(incident.phase)
    for language in languages:
        assert refused(incident, language=language) >= expected(key, phase)
    if phase == Phase.ANALYZE:
        team.analyse(incident, KINDS[key])
    elif phase == Phase.PLAN:
        team.prepare(incident, KINDS[key])
    team.work(incident, plans.gates(incident, phase))

    assert refused(incident, language=languages[0]) == set()


@pytest.fixture(scope="module", params=KINDS)
def world(request: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, Incident]]:
    """One incident a playbook, known and analysed in all languages; each language plans and speaks by itself."""
    key = request.param

    def build() -> Incident:
        incident = team.declare(KINDS[key])
        for _phase in (Phase.IDENTIFY, Phase.ANALYZE):
            pass_phase(key, incident, languages=team.LANGUAGES)
        return incident

    with django_db_blocker.unblock(), updates.once(build) as incident:
        yield key, incident


@pytest.fixture
def journey(world: tuple[str, Incident]) -> Iterator[tuple[str, Incident]]:
    key, incident = world
    incident.refresh_from_db()
    with override_settings(EMAIL_HOST="127.0.0.1"), transaction.atomic():
        yield key, incident
        transaction.set_rollback(True)


def tell_everybody(incident: Incident) -> None:
    """Release the first notice, let the mails arrive, make the calls."""
    notice = incident.messages.get(kind="first_notice")
    releases.release(notice, by=person("wen"), now=NOW)
    updates.arrive(notice, at=NOW)
    caller = person("account_manager")
    while (call := call_desk.claim_next(by=caller, now=NOW)) is not None:
        call_outcomes.finish(call, outcome=call_outcomes.CallOutcome("Told in person"), by=caller, now=NOW)


# Every playbook in one language on every run, in all of them on the long one.
@pytest.mark.parametrize(
    "language", [pytest.param(one, marks=() if one == "en" else pytest.mark.long) for one in team.LANGUAGES]
)
def test_every_gate_refuses_and_opens_by_work_alone(journey: tuple[str, Incident], language: str) -> None:
    key, incident = journey
    Company.objects.update(languages=[language])
    Customer.objects.update(language=language)

    pass_phase(key, incident, languages=(language,))
    assert refused(incident, language=language) == expected(key, Phase.EXECUTE)
    tell_everybody(incident)

    assert refused(incident, language=language) == {"EX-04", "EX-05"}
    assert incident.phase == Phase.EXECUTE
    assert GateWaiver.objects.filter(incident=incident).count() == 0
    assert set(Delivery.objects.filter(incident=incident).values_list("language", flat=True)) == {language}


def test_all_ten_playbooks_travel() -> None:
    from workflows import playbooks

    travelled = {kind.type for kind in KINDS.values()} | {kind.relationship_type for kind in KINDS.values()} - {""}

    assert travelled == {path.stem for path in playbooks.files()}
