"""Judges of who speaks: staff who know the line to take, a first notice with all its approvals."""

from datetime import datetime

from django.utils.translation import gettext as _

from incidents.enums import Role
from incidents.models import Incident
from incidents.phases import Gate
from notifications.enums import RELEASED, MessageKind, MessageState
from notifications.models import Message
from workflows import approvals, briefings, training
from workflows.enums import BriefState
from workflows.gates import Missing, enumerate_names, judge, unjudged

DEAD = (MessageState.CANCELLED, MessageState.SUPERSEDED, MessageState.EXPIRED)
READY = (MessageState.APPROVED, MessageState.SCHEDULED, *RELEASED, MessageState.SUPERSEDED)


@judge("acknowledged")
def acknowledged(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Enough of the front line has read the staff brief that fits the confirmed fact sheet."""
    if gate.params["artifact"] != "staff_brief":
        return unjudged(gate.params["artifact"])
    hint = _("Write, approve and publish the brief on the tab Brief and Q&A; remind those who have not read it.")
    brief = briefings.current(incident)
    if brief is None or brief.state != BriefState.APPROVED:
        return Missing(_("no staff brief is approved."), hint)
    stale = briefings.changed_facts(brief)
    if stale:
        return Missing(_("the brief is older than these facts: %s.") % enumerate_names(stale), hint)
    read, asked = briefings.acknowledgements(brief)
    if asked and read / asked >= gate.params["min_ratio"]:
        return None
    numbers = {"read": read, "asked": asked, "share": round(100 * gate.params["min_ratio"])}
    return Missing(_("%(read)d of %(asked)d have read it; %(share)d%% are wanted.") % numbers, hint)


@judge("staff_trained")
def staff_trained(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Enough of the front line holds a standing training that has not expired."""
    people = briefings.front_line(incident)
    lacking = training.untrained(incident, now=now)
    if not people or 1 - len(lacking) / len(people) >= gate.params["min_ratio"]:
        return None
    numbers = {"lacking": len(lacking), "all": len(people)}
    text = _("%(lacking)d of %(all)d who face customers hold no valid training.") % numbers
    return Missing(text, _("Let a trained colleague sit with them; record trainings in the training log."))


@judge("approvals_complete")
def approvals_complete(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """The first notice has every approval of its present text; the author's own does not count."""
    notice = newest(incident, MessageKind.FIRST_NOTICE)
    if notice is None:
        return no_first_notice()
    if notice.state in READY:
        return None
    if notice.state == MessageState.DRAFT:
        return Missing(
            _("%s is not submitted.") % notice.reference, _("Finish the text and submit it to its approvers.")
        )
    named = enumerate_names([str(Role(role).label) for role in approvals.missing(notice)])
    text = _("%(message)s waits for: %(names)s.") % {"message": notice.reference, "names": named}
    return Missing(text, _("Ask them to read and approve it; a silent approver's deputy may, after the set time."))


def newest(incident: Incident, kind: MessageKind) -> Message | None:
    """Return the newest message of a kind to customers that was not withdrawn; other parties' texts are their own."""
    rows = Message.objects.filter(incident=incident, kind=kind).exclude(state__in=DEAD, released_at=None)
    rows = rows.exclude(audience__has_key="party")
    return rows.select_related("current", "incident").order_by("-number").first()


def no_first_notice() -> Missing:
    return Missing(_("no first notice is drafted."), _("Draft it on the tab Messages from the plan's template."))
