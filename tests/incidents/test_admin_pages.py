"""Every page of the admin answers every group, and a list costs the same for one row and for three."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents import api_tokens, audit, clock, commitments, feedback
from incidents.enums import ApiScope, Role, TimelineKind
from incidents.imports import uploads
from incidents.models import (
    ApiToken,
    AuditEvent,
    Commitment,
    Customer,
    CustomerFile,
    Feedback,
    Incident,
    RosterEntry,
    TimelineEntry,
    User,
)
from tests.factories import declared
from tests.factories_admin import client_of, member
from tests.factories_customers import address
from tests.factories_incidents import NOW, customer, person

pytestmark = pytest.mark.django_db
Maker = Callable[[Incident, int], Any]


def make_feedback(incident: Incident, place: int) -> None:
    owner = customer(f"F-{place}")
    feedback.log(incident, entry=feedback.Entry("When?", customer=owner, owner=person(f"o{place}")), now=NOW)


def make_commitment(incident: Incident, place: int) -> None:
    made = commitments.Promise({"en": f"Word {place}"}, customer=customer(f"P-{place}"), owner=person(f"p{place}"))
    commitments.promise(incident, promise=made, now=NOW)


def make_customer(_incident: Incident, place: int) -> None:
    address(customer(f"C-{place}", account_manager=person(f"m{place}")), f"a{place}@nordbahn.example")


def make_token(_incident: Incident, place: int) -> None:
    grant = api_tokens.Grant(f"t{place}", [ApiScope.values[0]], clock.now() + timedelta(days=1))
    api_tokens.issue(person(f"t{place}"), grant=grant, now=clock.now())


MAKERS: dict[type[Model], Maker] = {
    Feedback: make_feedback,
    Commitment: make_commitment,
    Customer: make_customer,
    ApiToken: make_token,
    CustomerFile: lambda _i, n: uploads.store(f"{n}.csv", chunks=[b"crm_id\n1\n"], by=person(f"u{n}"), now=NOW),
    AuditEvent: lambda i, n: audit.record(i, action="x", actor=person(f"a{n}"), now=NOW),
    TimelineEntry: lambda i, n: audit.tell(i, kind=TimelineKind.NOTE, text="x", by=person(f"n{n}"), now=NOW),
    RosterEntry: lambda _i, n: RosterEntry.objects.create(role=Role.values[n], user=person(f"r{n}")),
    User: lambda _i, n: member(GroupName.VIEWER, f"viewer{n}"),
}
OURS = [model for model in admin.site._registry if model._meta.app_label in {"incidents", "notifications", "workflows"}]


def page(model: type[Model], name: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)


def fill(*, rows: int) -> None:
    incident = declared()
    for make in MAKERS.values():
        for place in range(rows):
            make(incident, place)


@pytest.mark.parametrize(
    "group",
    [pytest.param(one, marks=() if one == GroupName.COMMUNICATIONS_WRITER else pytest.mark.long) for one in GroupName],
)
def test_no_page_breaks_for_any_group(group: GroupName) -> None:
    fill(rows=1)
    client = client_of(member(group))
    client.raise_request_exception = False
    answers: dict[str, int] = {}

    for model in OURS:
        row = model._default_manager.order_by("pk").first()
        pages = [page(model, "changelist"), page(model, "add")]
        pages += [page(model, "change", row.pk)] if row else []
        answers |= {place: client.get(place).status_code for place in pages}

    assert {place: code for place, code in answers.items() if code not in {200, 302, 403}} == {}


@pytest.mark.parametrize("model", MAKERS)
def test_a_list_costs_the_same_for_one_row_and_for_three(model: type[Model]) -> None:
    incident, client = declared(), client_of(person("root", is_superuser=True, is_staff=True))
    before = model._default_manager.count()
    costs = []

    for rows in (1, 3):
        for place in range(model._default_manager.count() - before, rows):
            MAKERS[model](incident, place)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(page(model, "changelist")).status_code == 200
        costs.append(len(queries))

    assert costs[0] == costs[1]


@pytest.mark.parametrize("model", OURS)
def test_nothing_can_be_deleted(model: type[Model]) -> None:
    request: Any = type("Request", (), {"user": person("root", is_superuser=True)})()

    assert not admin.site._registry[model].has_delete_permission(request)
