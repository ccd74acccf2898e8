"""Reports that wait for somebody to say whether they are an incident."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from incidents.enums import Role
from incidents.models import Incident
from incidents.sentences import gettext as _
from workflows.enums import AlertKind
from workflows.escalations import registry
from workflows.escalations.registry import Late, finder

# A report has no plan yet that could say when the deputy is woken.
DEPUTY_AFTER = timedelta(minutes=15)


@finder(AlertKind.REPORT_WAITS)
def reports(now: datetime) -> Iterator[Late]:
    """A report is not judged: whoever leads now is woken at once, the deputy after a quarter of an hour."""
    for incident in Incident.objects.candidates().order_by("pk"):
        has_waited = incident.created_at <= now - DEPUTY_AFTER
        people = registry.holders(incident, [Role.INCIDENT_LEAD], with_deputies=has_waited)
        if has_waited or people - {incident.reported_by_id}:
            yield Late(
                key=f"{AlertKind.REPORT_WAITS}:{incident.pk}",
                kind=AlertKind.REPORT_WAITS,
                incident=incident,
                text=_("A report waits to be declared or dismissed."),
                people=people,
                path=f"/admin/incidents/incident/{incident.pk}/declare/",
            )
