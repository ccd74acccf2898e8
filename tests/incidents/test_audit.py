"""What was done stays, and tampering is found."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from incidents import audit
from incidents.enums import TimelineKind
from incidents.models import AuditEvent, TimelineEntry
from tests.factories_incidents import NOW, person, reported

pytestmark = pytest.mark.django_db


def test_each_incident_has_a_chain_of_its_own() -> None:
    first, second = reported(), reported("Second")

    audit.record(first, action="a", actor=person(), now=NOW, data={"text": "ключ 钥匙"})
    audit.record(None, action="global", actor=None, now=NOW)

    rows = AuditEvent.objects.order_by("incident_id", "sequence").values_list("incident_id", "sequence", "action")
    assert list(rows) == [
        (first.pk, 1, "incident.reported"),
        (first.pk, 2, "a"),
        (second.pk, 1, "incident.reported"),
        (None, 1, "global"),
    ]
    assert audit.broken_links() == []


@pytest.mark.parametrize("model", [AuditEvent, TimelineEntry])
def test_nothing_written_is_changed_or_removed(model: type[AuditEvent] | type[TimelineEntry]) -> None:
    audit.tell(reported(), kind=TimelineKind.NOTE, text="note", by=None, now=NOW)

    with pytest.raises(IntegrityError, match=r"guard\.append_only"), transaction.atomic():
        model.objects.update(at=NOW)
    with pytest.raises(IntegrityError, match=r"guard\.append_only"), transaction.atomic():
        model.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match=r"guard\.append_only"), transaction.atomic():
            cursor.execute(f"TRUNCATE {model._meta.db_table}")


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE incidents_auditevent SET action = 'other' WHERE sequence = 2", "changed"),
        ("DELETE FROM incidents_auditevent WHERE sequence = 2", "missing"),
    ],
)
def test_verify_audit_finds_tampering_by_the_owner_of_the_table(sql: str, problem: str) -> None:
    incident = reported()
    for number in range(3):
        audit.record(incident, action=f"step {number}", actor=None, now=NOW)
    call_command("verify_audit", stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE incidents_auditevent DISABLE TRIGGER append_only")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE incidents_auditevent ENABLE TRIGGER append_only")

    assert [link.problem for link in audit.broken_links()][0] == problem
    with pytest.raises(CommandError, match="do not fit"):
        call_command("verify_audit", stdout=StringIO())
