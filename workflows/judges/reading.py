"""The judge of how the first notice reads."""

from datetime import datetime

from django.utils.translation import gettext as _

from incidents.models import Incident
from incidents.phases import Gate
from notifications import wording
from notifications.enums import MessageKind
from workflows.gates import Missing, enumerate_names, judge
from workflows.judges.speaking import newest, no_first_notice

SEVERITIES = ["info", "warning", "error"]


@judge("lint_clean")
def lint_clean(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """The first notice lacks no element above the allowed severity; style is advice, and never keeps a gate shut."""
    notice = newest(incident, MessageKind.FIRST_NOTICE)
    if notice is None or notice.current is None:
        return no_first_notice()
    allowed = SEVERITIES.index(gate.params["max_severity"])
    above = [
        f"{language}: {finding.explanation}"
        for language, findings in wording.check_revision(notice.current).items()
        for finding in findings
        if wording.is_deterministic(finding) and SEVERITIES.index(finding.severity) > allowed
    ]
    if not above:
        return None
    text = _("%(count)d findings in %(message)s: %(names)s") % {
        "count": len(above),
        "message": notice.reference,
        "names": enumerate_names(above),
    }
    return Missing(text, _("Open the message and follow the suggestions beside its text."))
