"""An embargoed incident exists for its team alone: every list, every address, every operation, whatever the group."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crisiscomm import dashboard
from crisiscomm.api import api
from crisiscomm.groups import GroupName
from incidents import api_tokens, clock, costs, embargo, feedback, radar
from incidents.enums import ApiScope, CostKind, SignalKind
from incidents.models import AuditEvent, Incident, Signal, User
from notifications import public_page
from notifications.models import Message
from tests import factories, factories_updates
from tests.factories_admin import client_of, member
from tests.factories_incidents import NOW, person, reported
from workflows import briefings, escalations, linking, outreach, qa_bank, reviews
from workflows.models import IncidentLink

pytestmark = pytest.mark.django_db
TITLE = "Zanzibar"


def secret() -> Incident:
    """An embargoed incident with a row of nearly every kind."""
    incident = factories_updates.told(tiers=(1, 2, 3))
    Incident.objects.filter(pk=incident.pk).update(title=TITLE)
    embargo.impose(incident, reason="an inquiry", by=person("incident_lead"), now=NOW)
    signal = radar.Observation(SignalKind.TECHNICAL, "probe", text=TITLE)
    radar.attach(Signal.objects.create(kind=signal.kind, source="probe", posted_by=person(), received_at=NOW),
                 incident=incident, by=person(), now=NOW)  # fmt: skip
    briefings.draft_brief(incident, by=person("wen"), now=NOW)
    qa_bank.seed(incident)
    reviews.begin(incident, now=NOW)
    outreach.prepare_contacts(incident, message=incident.messages.get(), now=NOW)
    for kind in escalations.kinds(now=NOW):
        escalations.refresh(kind, now=NOW + timedelta(days=9))
    return incident


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), factories_updates.once(secret) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody who may do everything a group allows, and has no part in the incident."""
    user = member(GroupName.CRISIS_LEAD, "stranger")
    user.email = "stranger@nordbahn.example"
    user.save()
    return user


def bound() -> list[type[Model]]:
    """Every model with a page of its own whose rows lead to an incident."""
    return [model for model in admin.site._registry if embargo.path_to_incident(model)]


def tells(content: bytes, incident: Incident) -> bool:
    text = content.decode()
    return TITLE in text or incident.reference in text


def test_no_list_shows_it(incident: Incident, stranger: User) -> None:
    client, lists = client_of(stranger), {}

    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        answer = client.get(address, follow=True)
        lists[address] = answer.status_code == 200 and tells(answer.content, incident)

    assert [address for address, is_told in lists.items() if is_told] == []
    assert len(lists) > 20


def rows_of(incident: Incident) -> Iterator[tuple[Any, Model]]:
    """Every page of the admin whose rows lead to an incident, with a row of this one."""
    for model in bound():
        of_incident = {str(embargo.path_to_incident(model)): incident.pk}
        row = model._default_manager.filter(**of_incident).order_by("pk").first()
        if row is not None:
            yield admin.site.get_model_admin(model), row


def addresses_of(page: Any, row: Model) -> list[str]:
    """Every address of a page that takes a row's number: change, history, doors, files, whatever was added to it."""
    named = [(one.name, one.pattern.converters) for one in page.get_urls() if one.name and one.pattern.converters]
    # The first place in an address is the row's number, a second one says which file of it.
    return sorted({reverse(f"admin:{name}", args=[row.pk, "pdf"][: len(places)]) for name, places in named})


def test_no_address_of_any_row_opens_it(incident: Incident, stranger: User) -> None:
    client, told, tried = client_of(stranger), [], 0

    for page, row in rows_of(incident):
        for address in addresses_of(page, row):
            tried += 1
            for answer in (client.get(address), client.post(address, {})):
                # 405: said to everybody, before anything is looked up
                if answer.status_code not in {302, 403, 404, 405} or tells(answer.content, incident):
                    told.append((address, answer.status_code))

    assert told == []
    assert tried > 150


def test_the_first_page_says_nothing(incident: Incident, stranger: User) -> None:
    hidden = [client_of(stranger).get(address).content for address in ("/admin/", reverse("now"))]
    lead = User.objects.get(username="incident_lead")
    shown = dashboard.board(_with_all_rights(lead), now=NOW)

    assert [tells(content, incident) for content in hidden] == [False, False]
    assert [one.reference for one in shown["incidents"]] == [incident.reference]


def test_a_report_under_embargo_is_no_candidate_for_others(incident: Incident, stranger: User) -> None:
    one = reported(TITLE, is_embargoed=True)

    assert list(dashboard.board(stranger, now=NOW)["candidates"]) == []
    assert dashboard.board(_with_all_rights(person("root"), is_superuser=True), now=NOW)["candidates"] == [one]


def _with_all_rights(user: User, **fields: Any) -> User:
    """Return the person as a member of the group that may do most."""
    found = member(GroupName.CRISIS_LEAD, user.username)
    for name, value in fields.items():
        setattr(found, name, value)
    found.save()
    return found


def operations() -> list[tuple[str, str]]:
    paths = api.get_openapi_schema()["paths"]
    return sorted((path, method) for path, methods in paths.items() for method in methods)


def headers_of(user: User) -> dict[str, str]:
    now = clock.now()
    grant = api_tokens.Grant("robot", tuple(ApiScope), now + timedelta(days=1))
    return {"Authorization": f"Bearer {api_tokens.issue(user, grant=grant, now=now)}", "Idempotency-Key": "k-1"}


def test_no_operation_knows_it(incident: Incident, stranger: User, client: Client) -> None:
    headers, strange, named = headers_of(stranger), {}, 0

    for path, method in operations():
        known, unknown = (
            _called(client, method, path, reference=reference, headers=headers)
            for reference in (incident.reference, "INC-1999-0001")
        )
        if "{reference}" in path:
            named += 1
            if (known.status_code, known.content) != (404, unknown.content):
                strange[method, path] = known.status_code
        elif method == "get" and tells(known.content, incident):
            strange[method, path] = "told"

    assert strange == {}
    assert named > 8


def _called(client: Client, method: str, path: str, *, reference: str, headers: dict[str, str]) -> Any:
    address = path.replace("{reference}", reference)
    for name in ("number", "key", "entry_id"):
        address = address.replace(f"{{{name}}}", "1")
    return client.generic(method.upper(), address, "{}", content_type="application/json", headers=headers)


# Every other operation with something of an incident in its path, and what of ours stands there.
BY_NUMBER = {
    "/api/v1/feedback/{entry_id}/answer": lambda incident: incident.feedback.get().pk,
    "/api/v1/contacts/{contact_id}/outcome": lambda incident: incident.outreach.order_by("pk")[0].pk,
    "/api/v1/costs/{cost_id}/correction": lambda incident: incident.costs.get().pk,
    "/api/v1/customers/{crm_id}/told": lambda incident: incident.impacts.order_by("pk")[0].customer.crm_id,
}


BODIES = {
    "answer": '{"text": "x"}',
    "outcome": '{"result": "reached", "reached": "x"}',
    "correction": '{"kind": "logistics", "amount": "1", "currency": "EUR", "reason": "x"}',
}


def test_no_row_of_it_is_reached_by_number(incident: Incident, stranger: User, client: Client) -> None:
    feedback.log(incident, entry=feedback.Entry(verbatim=TITLE), by=person(), now=NOW)
    costs.record(incident, cost=costs.Cost(CostKind.LOGISTICS, Decimal(5), "EUR", note=TITLE), by=person(), now=NOW)
    headers, told = headers_of(stranger), {}
    others = [(path, method) for path, method in operations() if "{" in path.replace("{reference}", "")]

    for path, method in [one for one in others if "{reference}" not in one[0]]:
        address = f"{path.partition('{')[0]}{BY_NUMBER[path](incident)}{path.partition('}')[2]}"
        body = next((written for word, written in BODIES.items() if word in path), "{}")
        answer = client.generic(method.upper(), address, body, content_type="application/json", headers=headers)
        told[path] = (answer.status_code, tells(answer.content, incident))

    assert told == {
        "/api/v1/feedback/{entry_id}/answer": (404, False),
        "/api/v1/contacts/{contact_id}/outcome": (404, False),
        "/api/v1/costs/{cost_id}/correction": (404, False),
        "/api/v1/customers/{crm_id}/told": (200, False),
    }


def test_who_posts_a_signal_does_not_learn_where_it_went(incident: Incident, stranger: User, client: Client) -> None:
    Signal.objects.filter(incident=incident).update(received_at=clock.now())
    body = '{"kind": "technical", "source": "probe"}'

    answer = client.generic(
        "POST", "/api/v1/signals", body, content_type="application/json", headers=headers_of(stranger)
    )

    assert Signal.objects.latest("pk").incident == incident
    assert (answer.status_code, answer.json()["incident"], tells(answer.content, incident)) == (201, None, False)


def test_a_link_is_seen_by_who_may_see_both_sides(incident: Incident, stranger: User) -> None:
    other = factories.declared()
    linking.link(other, other=incident, reason=TITLE, by=person(), now=NOW)
    plan_tab = f"{reverse('admin:incidents_incident_change', args=[other.pk])}?tab="

    told = [tab for tab in ("plan", "timeline") if tells(client_of(stranger).get(plan_tab + tab).content, incident)]

    assert told == []
    assert embargo.visible(IncidentLink.objects.all(), to=stranger).exists() is False
    assert embargo.visible(IncidentLink.objects.all(), to=person("root", is_superuser=True)).exists()
    assert not [row for row in AuditEvent.objects.filter(incident=other) if incident.reference in str(row.data)]


def test_the_public_page_is_silent(incident: Incident, client: Client) -> None:
    pages = ["/status/", f"/status/{incident.reference}/", "/status/feed.atom", "/status/api/v2/incidents.json"]

    told = [address for address in pages if tells(client.get(address).content, incident)]

    assert (told, public_page.find(incident.reference)) == ([], None)


@pytest.mark.parametrize("way", ["holder", "deputy", "lead", "let in"])
def test_members_see_it(incident: Incident, stranger: User, way: str) -> None:
    seat = incident.team.order_by("pk").first()
    assert seat is not None
    match way:
        case "holder":
            incident.team.filter(pk=seat.pk).update(user=stranger)
        case "deputy":
            incident.team.filter(pk=seat.pk).update(deputy=stranger)
        case "lead":
            Incident.objects.filter(pk=incident.pk).update(lead=stranger)
        case "let in":
            embargo.let_in(incident, people=[stranger], by=person(), now=NOW)

    room = client_of(stranger).get(reverse("admin:incidents_incident_change", args=[incident.pk]))

    assert (room.status_code, tells(room.content, incident)) == (200, True)
    assert embargo.visible(Message.objects.all(), to=stranger).exists()


def test_a_superuser_sees_it_and_leaves_a_trace_once_an_hour(incident: Incident) -> None:
    root = _with_all_rights(person("root"), is_superuser=True, is_staff=True)
    client, room = client_of(root), reverse("admin:incidents_incident_change", args=[incident.pk])

    codes = [client.get(room).status_code for _ in range(2)]
    client.get(reverse("admin:notifications_message_change", args=[incident.messages.get().pk]))

    assert codes == [200, 200]
    assert AuditEvent.objects.filter(incident=incident, action=embargo.SEEN, actor=root).count() == 1


def test_the_rule_costs_no_query_of_its_own(incident: Incident, stranger: User) -> None:
    with CaptureQueriesContext(connection, ) as asked:  # fmt: skip
        list(embargo.visible(Message.objects.all(), to=stranger))

    assert len(asked) == 1


def test_rows_without_an_incident_stay_visible(incident: Incident, stranger: User) -> None:
    alone = Signal.objects.create(kind=SignalKind.KEYWORD, source="forum", posted_by=stranger, received_at=NOW)

    assert list(embargo.visible(Signal.objects.all(), to=stranger)) == [alone]
    assert embargo.visible(User.objects.all(), to=stranger).count() == User.objects.count()


def test_an_embargo_begins_and_ends_for_a_reason_and_once(incident: Incident) -> None:
    by = person()

    with pytest.raises(embargo.NoChange):
        embargo.impose(incident, reason="again", by=by, now=NOW)
    with pytest.raises(embargo.ReasonMissing):
        embargo.lift(incident, reason=" ", by=by, now=NOW)
    embargo.lift(incident, reason="over", by=by, now=NOW)
    with pytest.raises(embargo.NoChange):
        embargo.lift(incident, reason="again", by=by, now=NOW)

    assert incident.is_embargoed is False


def test_every_row_of_an_incident_is_reached_by_the_rule() -> None:
    """A model that names an incident in any field of its own is found by the rule, by the shortest way."""
    for model in admin.site._registry:
        try:
            field = model._meta.get_field("incident")
        except FieldDoesNotExist:
            continue
        if field.related_model is Incident:
            assert embargo.path_to_incident(model) == "incident"


def test_a_reporter_who_is_not_on_duty_is_thanked_and_led_away(stranger: User) -> None:
    factories.company()
    client = client_of(stranger)

    answer = client.post(
        reverse("admin:incidents_incident_report"), {"title": TITLE, "is_embargoed": "on"}, follow=True
    )

    assert answer.redirect_chain == [("/admin/", 302)]
    assert TITLE not in answer.content.decode()
    assert "Thank you." in answer.content.decode()
