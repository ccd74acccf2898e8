"""The database refuses what no door may do: unapproved, self-approved and edited texts never become deliveries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from incidents.enums import Role
from incidents.models import Customer, Incident, TeamAssignment, User
from notifications import compose
from notifications.enums import ChannelName, MessageState
from notifications.models import Approval, ApprovalRequirement, Delivery, Message, MessageRevision
from tests import factories_incidents as incidents
from tests import factories_messages as messages
from tests.factories_incidents import person
from tests.factories_messages import NOW

pytestmark = pytest.mark.django_db
LEAD = Role.COMMUNICATIONS_LEAD.value


@pytest.fixture
def incident() -> Incident:
    messages.company()
    incident = incidents.reported()
    TeamAssignment.objects.create(incident=incident, role=LEAD, user=person("chief"), deputy=person("nina"))
    return incident


def reviewed(incident: Incident, **fields: Any) -> Message:
    """Return a message in review that needs one stamp."""
    message = messages.message(incident, **fields)
    ApprovalRequirement.objects.create(revision=compose.current(message), any_of=[LEAD])
    message.submit()
    message.save()
    return message


def stamp(message: Message, *, by: User | None = None, **fields: Any) -> Approval:
    revision = compose.current(message)
    defaults = {"revision": revision, "sha256": revision.sha256, "role": LEAD, "approved_at": NOW}
    return Approval.objects.create(**{**defaults, "approver": by or person("chief"), **fields})


def approved(incident: Incident, **fields: Any) -> Message:
    message = reviewed(incident, **fields)
    stamp(message)
    message.approve()
    message.save()
    return message


def released(incident: Incident) -> Message:
    message = approved(incident)
    message.release()
    message.save()
    return message


def delivery(message: Message, **fields: Any) -> Delivery:
    customer = Customer.objects.first() or incidents.customer()
    defaults: dict[str, Any] = {
        "incident": message.incident,
        "message": message,
        "revision": message.current,
        "customer": customer,
        "channel": ChannelName.EMAIL_PERSONAL,
        "tier": 1,
        "language": "en",
        "next_attempt_at": NOW,
        "created_at": NOW,
    }
    return Delivery(**{**defaults, **fields})


def refuses(guard: str, attack: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match=guard), transaction.atomic():
        attack()


def copy_row(source: Delivery, **changes: object) -> None:
    """Insert a delivery by plain SQL."""
    fields = {str(field.column): getattr(source, field.attname) for field in Delivery._meta.concrete_fields}
    row: dict[str, Any] = {**fields, **changes, "personal": "{}"}
    row.pop("id")
    columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO notifications_delivery ({columns}) VALUES ({places})", list(row.values()))


def every_way_in(message: Message) -> dict[str, Callable[[], object]]:
    return {
        "create": lambda: delivery(message).save(),
        "bulk_create": lambda: Delivery.objects.bulk_create([delivery(message)]),
        "raw SQL": lambda: copy_row(delivery(message)),
    }


@pytest.mark.parametrize("way", ["create", "bulk_create", "raw SQL"])
@pytest.mark.parametrize("stage", ["draft", "reviewed", "approved"])
def test_no_delivery_before_release(incident: Incident, stage: str, way: str) -> None:
    message = {"draft": messages.message, "reviewed": reviewed, "approved": approved}[stage](incident)

    refuses("guard.delivery", every_way_in(message)[way])


@pytest.mark.parametrize("way", ["create", "bulk_create", "raw SQL"])
def test_deliveries_of_a_released_message(incident: Incident, way: str) -> None:
    every_way_in(released(incident))[way]()

    assert Delivery.objects.count() == 1


def test_one_bad_row_refuses_the_whole_statement(incident: Incident) -> None:
    good, bad = released(incident), messages.message(incident)

    refuses("guard.delivery", lambda: Delivery.objects.bulk_create([delivery(good), delivery(bad)]))
    assert Delivery.objects.count() == 0


def test_no_delivery_of_another_text_or_incident(incident: Incident) -> None:
    message, other = released(incident), released(incident)

    refuses("guard.delivery", lambda: delivery(message, revision=other.current).save())
    refuses("guard.delivery", lambda: delivery(message, incident=incidents.reported("Another")).save())


def test_delivery_never_changes_what_it_carries(incident: Incident) -> None:
    message, other = released(incident), released(incident)
    delivery(message).save()

    refuses("guard.delivery", lambda: Delivery.objects.update(message=other, revision=other.current))


@pytest.mark.parametrize("state", ["approved", "scheduled", "sending", "sent"])
def test_no_state_past_approval_without_stamps(incident: Incident, state: str) -> None:
    message = reviewed(incident)
    rows = Message.objects.filter(pk=message.pk)

    def by_sql() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE notifications_message SET state = %s WHERE id = %s", [state, message.pk])

    refuses("guard.message", lambda: rows.update(state=state))
    refuses("guard.message", by_sql)


def test_a_message_is_not_born_approved(incident: Incident) -> None:
    done = approved(incident)

    def create() -> None:
        Message.objects.create(
            incident=incident,
            kind=done.kind,
            number=99,
            state=MessageState.APPROVED,
            created_at=NOW,
            current=done.current,
            audience=done.audience,
            channels=done.channels,
            promises=done.promises,
        )

    refuses("guard.message", create)


def test_no_state_past_approval_without_requirements(incident: Incident) -> None:
    message = messages.message(incident)
    message.submit()
    message.save()
    stamp(message)

    refuses("guard.message", lambda: Message.objects.filter(pk=message.pk).update(state="approved"))


def test_every_requirement_is_met(incident: Incident) -> None:
    message = reviewed(incident)
    ApprovalRequirement.objects.create(revision=compose.current(message), any_of=[Role.LEGAL_COUNSEL])
    stamp(message)

    refuses("guard.message", lambda: Message.objects.filter(pk=message.pk).update(state="approved"))


def test_author_cannot_stamp(incident: Incident) -> None:
    message = reviewed(incident, by=person("chief"))

    refuses("guard.approval: the author", lambda: stamp(message))
    refuses("guard.approval: the author", lambda: Approval.objects.bulk_create([unsaved_stamp(message)]))


def unsaved_stamp(message: Message) -> Approval:
    revision = compose.current(message)
    return Approval(revision=revision, sha256=revision.sha256, role=LEAD, approver=person("chief"), approved_at=NOW)


def test_stamp_names_the_very_text(incident: Incident) -> None:
    refuses("guard.approval: the approval names another", lambda: stamp(reviewed(incident), sha256="0" * 64))


def test_stamp_needs_the_role_in_this_incident(incident: Incident) -> None:
    refuses("does not hold the role", lambda: stamp(reviewed(incident), by=person("somebody")))
    refuses("does not hold the role", lambda: stamp(reviewed(incident), role=Role.LEGAL_COUNSEL))


def test_stamp_needs_an_active_person(incident: Incident) -> None:
    message = reviewed(incident)
    User.objects.filter(username="chief").update(is_active=False)

    refuses("no active log-in", lambda: stamp(message))


def test_stamp_needs_the_present_text_in_review(incident: Incident) -> None:
    refuses("guard.approval: only the present text", lambda: stamp(messages.message(incident)))
    message = reviewed(incident)
    old = compose.current(message)
    compose.edit(message, changes={"promises": {}}, by=person("wen"), now=NOW)

    refuses(
        "guard.approval: only the present text",
        lambda: Approval.objects.create(
            revision=old, sha256=old.sha256, role=LEAD, approver=person("chief"), approved_at=NOW
        ),
    )


def test_edit_after_approval_voids_it(incident: Incident) -> None:
    message = approved(incident)
    compose.edit(message, changes={"promises": {"1": {}}}, by=person("wen"), now=NOW)

    rows = Message.objects.filter(pk=message.pk)
    refuses("guard.message", lambda: rows.update(state="approved"))
    refuses("guard.message", lambda: rows.update(state="sending"))


def test_text_is_not_exchanged_after_approval(incident: Incident) -> None:
    message = approved(incident)
    first = compose.current(message)
    revision = MessageRevision.objects.create(
        message=message, number=2, content={**first.content, "texts": {}}, sha256=first.sha256, created_at=NOW
    )

    rows = Message.objects.filter(pk=message.pk)
    refuses("guard.message", lambda: rows.update(current=revision))
    rows.update(current=revision, state="draft")
    refuses("guard.message", lambda: rows.update(state="approved"))
    refuses("guard.message", lambda: rows.update(current=first))


def test_text_of_another_message_is_not_borrowed(incident: Incident) -> None:
    donor, message = approved(incident), messages.message(incident)

    refuses("guard.message", lambda: Message.objects.filter(pk=message.pk).update(current=donor.current))


@pytest.mark.parametrize(
    "change",
    [
        {"audience": {"tiers": [1, 2, 3]}},
        {"channels": {"1": ["sms"]}},
        {"promises": {}},
        {"kind": "first_notice"},
        {"uncertain_policy": "resend"},
    ],
)
@pytest.mark.parametrize("stage", ["approved", "released"])
def test_audience_and_promises_are_part_of_the_approval(incident: Incident, stage: str, change: dict[str, Any]) -> None:
    message = {"approved": approved, "released": released}[stage](incident)

    refuses("guard.message", lambda: Message.objects.filter(pk=message.pk).update(**change))


def test_a_larger_audience_before_approval_is_no_way_round(incident: Incident) -> None:
    message = reviewed(incident)
    stamp(message)
    Message.objects.filter(pk=message.pk).update(audience={"tiers": [1, 2, 3]})

    refuses("guard.message", lambda: Message.objects.filter(pk=message.pk).update(state="approved"))


@pytest.mark.parametrize("state", ["cancelled", "expired", "superseded"])
def test_what_was_withdrawn_does_not_return(incident: Incident, state: str) -> None:
    message = approved(incident)
    rows = Message.objects.filter(pk=message.pk)
    rows.update(state=state)

    refuses("guard.message", lambda: rows.update(state="sending"))
    refuses("guard.message", lambda: rows.update(state="draft"))


def test_what_was_released_does_not_become_unsaid(incident: Incident) -> None:
    message = released(incident)

    refuses("guard.message", lambda: Message.objects.filter(pk=message.pk).update(state="draft"))


@pytest.mark.parametrize("model", [MessageRevision, Approval, ApprovalRequirement])
def test_history_is_append_only(incident: Incident, model: type[Any]) -> None:
    approved(incident)
    table = model._meta.db_table
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")

    def sql(statement: str) -> Callable[[], object]:
        return lambda: connection.cursor().execute(statement)

    refuses("append-only|cannot be changed|guard", lambda: model.objects.update(id=10_000_000))
    refuses("append-only|cannot be changed|guard", sql(f"DELETE FROM {table}"))
    refuses("append-only|cannot be changed|guard", sql(f"TRUNCATE {table} CASCADE"))


def test_requirement_names_a_role(incident: Incident) -> None:
    revision = compose.current(messages.message(incident))

    refuses("guard.requirement", lambda: ApprovalRequirement.objects.create(revision=revision, any_of=[]))


def test_requirement_is_not_added_after_approval(incident: Incident) -> None:
    revision = compose.current(approved(incident))

    refuses("guard.requirement", lambda: ApprovalRequirement.objects.create(revision=revision, any_of=[LEAD]))
