"""Two approvers click in the same moment: one transition, one audit event, no lost stamp."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from incidents.enums import Role
from incidents.errors import Refusal
from incidents.models import AuditEvent, Incident, User
from notifications import compose
from notifications.enums import MessageKind, MessageState
from notifications.models import Approval, Message
from tests import factories
from tests import factories_messages as messages
from tests.factories_incidents import NOW, person
from workflows import approvals, plans

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def incident(committed: None) -> Incident:
    return factories.declared()


def all_at_once(message: Message, people: list[User]) -> list[Refusal]:
    """Let everybody approve at the same moment, each on a connection of their own; return the refusals."""
    refusals: list[Refusal] = []
    start = threading.Barrier(len(people))
    sha256 = compose.current(message).sha256

    def click(by: User) -> None:
        start.wait(timeout=10)
        try:
            approvals.approve(message, by=by, sha256=sha256, now=LATER)
        except Refusal as refusal:
            refusals.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click, args=(by,)) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return refusals


def test_double_click_stamps_once(incident: Incident) -> None:
    message = approvals.submit(messages.message(incident), by=person("wen"), now=NOW)

    refusals = all_at_once(message, [person(Role.COMMUNICATIONS_LEAD)] * 6)

    assert [type(one) for one in refusals] == [approvals.AlreadyApproved] * 5
    assert Message.objects.get(pk=message.pk).state == MessageState.APPROVED
    assert AuditEvent.objects.filter(action="message.approved").count() == 1
    assert Approval.objects.count() == 1


def test_all_approvers_at_once_complete_the_set_once(incident: Incident) -> None:
    roles = plans.approval_rule(plans.required(incident), MessageKind.FIRST_NOTICE).roles
    message = messages.message(incident, kind=MessageKind.FIRST_NOTICE)
    approvals.submit(message, by=person("wen"), now=NOW)

    refusals = all_at_once(message, [person(role) for role in roles])

    assert refusals == []
    assert Message.objects.get(pk=message.pk).state == MessageState.APPROVED
    assert AuditEvent.objects.filter(action="message.approved").count() == 1
    assert Approval.objects.count() == len(roles)
