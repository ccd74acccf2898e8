"""A message on its way through the admin: four eyes for everybody, an edit voids, a double click sends once."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents.models import Incident, User
from notifications.enums import MessageKind, MessageState
from notifications.models import Approval, Delivery, Message
from tests import factories_updates as updating
from tests.factories_admin import client_of
from tests.factories_incidents import person

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), updating.once(updating.speaking) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


def browser(username: str, group: GroupName = GroupName.CRISIS_LEAD, **fields: Any) -> Client:
    """A browser of one of the incident's people, who may use the admin."""
    user = person(username)
    User.objects.filter(pk=user.pk).update(is_staff=True, **fields)
    user.refresh_from_db()
    user.groups.set([Group.objects.get(name=group.value)])
    return client_of(user)


def post(client: Client, message: Message, door: str, **given: Any) -> Any:
    return client.post(reverse(f"admin:notifications_message_{door}", args=[message.pk]), given)


def fresh(message: Message) -> Message:
    return Message.objects.select_related("current", "incident").get(pk=message.pk)


def digest(message: Message) -> str:
    current = fresh(message).current
    assert current is not None
    return current.sha256


def drafted(incident: Incident) -> Message:
    return updating.drafted(incident)


def said(page: HttpResponse) -> list[str]:
    """What a refused form says, or the page it led to."""
    context: Any = page.context  # type: ignore[attr-defined]
    if context is None or "form" not in context:
        return []
    return list(context["form"].non_field_errors())


def approve_by_all(message: Message) -> None:
    for role in ("communications_lead", "incident_lead", "subject_owner"):
        post(browser(role, GroupName.APPROVER), message, "approve", sha256=digest(message))


def texts(message: Message, **changes: str) -> dict[str, str]:
    """What the composer's form sends for the text as it stands."""
    current = fresh(message).current
    assert current is not None
    given = {"uncertain_policy": "hold"}
    for code, text in current.content["texts"].items():
        given |= {f"{code}-subject": text["subject"], f"{code}-short": text["short_text"]}
        given |= {f"{code}-{place}": one["text"] for place, one in enumerate(text["sections"])}
    return given | changes


def test_from_draft_to_release_by_different_people(incident: Incident) -> None:
    message, writer = drafted(incident), browser(updating.WRITER, GroupName.COMMUNICATIONS_WRITER)

    post(writer, message, "submit")
    approve_by_all(message)
    post(writer, message, "release")

    assert fresh(message).state in {MessageState.SENDING, MessageState.SENT}


def test_nobody_approves_their_own_words_not_even_a_superuser(incident: Incident) -> None:
    message, writer = drafted(incident), browser(updating.WRITER, is_superuser=True)
    post(writer, message, "submit")

    page = post(writer, message, "approve", sha256=digest(message))
    answer = writer.get(page.headers["Location"]) if page.status_code == 302 else page

    assert "another person" in answer.content.decode() or "wrote" in answer.content.decode()
    assert Approval.objects.filter(revision__message=message).count() == 0


def test_an_edit_after_the_approval_voids_it(incident: Incident) -> None:
    message, writer = drafted(incident), browser(updating.WRITER, GroupName.COMMUNICATIONS_WRITER)
    post(writer, message, "submit")
    approve_by_all(message)
    assert fresh(message).state == MessageState.APPROVED

    post(writer, message, "edit", **texts(message, **{"en-subject": "Another subject ({{ incident.reference }})"}))
    page = post(writer, message, "release")

    assert fresh(message).state == MessageState.DRAFT
    assert page.status_code == 200
    assert said(page) != []


def test_the_digest_of_an_older_text_is_refused(incident: Incident) -> None:
    message, writer = drafted(incident), browser(updating.WRITER, GroupName.COMMUNICATIONS_WRITER)
    old = digest(message)
    post(writer, message, "edit", **texts(message, **{"en-subject": "Another subject ({{ incident.reference }})"}))
    post(writer, message, "submit")

    page = post(browser("incident_lead", GroupName.APPROVER), message, "approve", sha256=old)

    assert said(page) == [f"The text of {message.reference} changed since you read it: read it again."]
    assert Approval.objects.filter(revision__message=message).count() == 0


def test_a_double_click_on_release_sends_once(incident: Incident) -> None:
    message, writer = updating.ready(incident), browser(updating.WRITER, GroupName.COMMUNICATIONS_WRITER)

    first, second = post(writer, message, "release"), post(writer, message, "release")

    assert (first.status_code, second.status_code) == (302, 200)
    assert said(second) != []
    assert Delivery.objects.filter(message=message).count() == fresh(message).frozen_count


def test_an_odd_template_is_refused_and_the_words_stay(incident: Incident) -> None:
    message, writer = drafted(incident), browser(updating.WRITER, GroupName.COMMUNICATIONS_WRITER)

    page = post(writer, message, "edit", **texts(message, **{"en-subject": "{{ secret.key }} and {% if"}))

    assert page.status_code == 200
    assert said(page) != []
    assert "secret.key" in page.content.decode()


def test_the_approval_shows_the_digest_and_the_difference(incident: Incident) -> None:
    message, writer = drafted(incident), browser(updating.WRITER, GroupName.COMMUNICATIONS_WRITER)
    post(writer, message, "edit", **texts(message, **{"en-subject": "Another subject ({{ incident.reference }})"}))
    post(writer, message, "submit")

    lead = browser("incident_lead", GroupName.APPROVER)
    page = lead.get(reverse("admin:notifications_message_approve", args=[message.pk])).content.decode()

    assert digest(message) in page
    assert "rm-diff-add" in page
    assert "rm-diff-del" in page


def test_a_sent_text_is_stopped_resumed_and_corrected(incident: Incident) -> None:
    message, lead = updating.released(incident), browser("incident_lead")

    post(lead, message, "stop", reason="a wrong number")
    assert fresh(message).is_stopped
    post(lead, message, "resume")
    assert not fresh(message).is_stopped
    post(lead, message, "correct", explanation_en="The date was wrong; it is Friday.")

    correction = Message.objects.get(corrects=message)
    assert (correction.kind, correction.audience) == (MessageKind.CORRECTION, {"recipients_of": message.pk})


def test_newer_facts_are_taken_over(incident: Incident) -> None:
    message, writer = drafted(incident), browser(updating.WRITER, GroupName.COMMUNICATIONS_WRITER)

    page = post(writer, message, "take_over")

    assert page.status_code == 302
    assert fresh(message).state == MessageState.DRAFT


def test_the_composer_is_told_what_the_wording_check_makes_of_a_language(incident: Incident) -> None:
    message, writer = drafted(incident), browser(updating.WRITER, GroupName.COMMUNICATIONS_WRITER)
    source = reverse("admin:notifications_message_wording", args=[message.pk])

    answer = writer.post(source, {"language": "en", "en-1": "We guarantee this will never happen again."})

    assert list(answer.json()["reports"]) == ["en"]
    assert "EN-OVP-01" in answer.json()["reports"]["en"]
    assert writer.get(source).status_code == 405
