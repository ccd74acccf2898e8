"""What bounds an audience: segments, exclusions, duties that outrank every rule, and how many calls can be held."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import duties, exclusions, impacts, segments
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.segment import QUERY_HELP
from incidents.enums import Duty
from incidents.models import Incident, Segment
from notifications.models import Message
from workflows import audiences, capacity, ladders

WRITE = "notifications.write_message"
SHOWN = 50
REASON = forms.Textarea(attrs={"rows": 2})


class SegmentForm(ActionForm):
    """A saved segment, or a query written here."""

    segment = forms.ModelChoiceField(label=_("Segment"), queryset=Segment.objects.order_by("name"), required=False)
    query = forms.CharField(
        label=_("Or a query"), required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text=QUERY_HELP
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if bool(given.get("segment")) == bool(given.get("query", "").strip()):
            self.add_error("query", _("Choose a segment or write a query: one of the two."))
        return given


class ExcludeForm(SegmentForm):
    reason = forms.CharField(label=_("Why they are left out"), widget=REASON)


class IncludeForm(ActionForm):
    crm_ids = forms.CharField(label=_("CRM ids"), widget=forms.Textarea(attrs={"rows": 3}))


class DutyForm(ActionForm):
    duty = forms.ChoiceField(label=_("What is owed"), choices=Duty.choices)
    reason = forms.CharField(label=_("Why"), widget=REASON)


class DisclosureForm(ActionForm):
    at = forms.DateTimeField(label=_("Disclosed at"), widget=forms.DateTimeInput)
    evidence = forms.CharField(label=_("Where it can be read"), widget=REASON)

    def prepare(self) -> None:
        self.fields["at"].initial = self.now


class CallersForm(ActionForm):
    count = forms.IntegerField(label=_("Further people who call"), min_value=0, max_value=500)
    who = forms.CharField(label=_("Who they are"), widget=REASON)


class WaiverForm(ActionForm):
    reason = forms.CharField(label=_("Why the promise is made all the same"), widget=REASON)


def spec_of_segment(given: dict[str, Any]) -> dict[str, Any]:
    """Return the saved-filter form of the segment or query a person chose."""
    return segments.spec(given["segment"]) if given.get("segment") else {"query": given["query"].strip()}


def _is_live(incident: Incident) -> bool:
    return incident.is_live


def _is_too_much(incident: Incident) -> bool:
    return incident.is_live and incident.declared_at is not None


class RuleDoors:
    """Doors of the incident about what bounds its audience."""

    @Door(
        title=_("Add by segment"),
        permission="incidents.add_impact",
        form=SegmentForm,
        icon="group_add",
        shown=_is_live,
    )
    def add_by_segment(self, incident: Incident, asked: Asked) -> str:
        spec = spec_of_segment(asked.given)
        return str(impacts.add_by_filter(incident, spec=spec, by=asked.by, now=asked.now))

    @Door(
        title=_("Leave customers out"),
        permission="incidents.add_exclusion",
        form=ExcludeForm,
        icon="person_off",
        explanation=_("No message of this incident goes to them. A risk to safety or a statutory right outranks this."),
        shown=_is_live,
    )
    def exclude_customers(self, incident: Incident, asked: Asked) -> str:
        spec, reason = spec_of_segment(asked.given), asked.given["reason"]
        return gettext("%d customers are left out.") % exclusions.exclude(
            incident, spec=spec, reason=reason, by=asked.by, now=asked.now
        )

    @Door(
        title=_("Let them hear again"),
        permission="incidents.change_exclusion",
        form=IncludeForm,
        icon="person_add",
        shown=_is_live,
    )
    def include_customers(self, incident: Incident, asked: Asked) -> str:
        ids = impacts.ids_in(asked.given["crm_ids"])
        return gettext("%d customers hear again.") % exclusions.lift(incident, crm_ids=ids, by=asked.by, now=asked.now)

    @Door(
        title=_("Take up a duty"),
        permission="incidents.change_incident",
        form=DutyForm,
        icon="gavel",
        explanation=_("It outranks every rule: exclusions end, nobody's copy stands for another's."),
        shown=_is_live,
    )
    def owe_duty(self, incident: Incident, asked: Asked) -> str:
        duty = Duty(asked.given["duty"])
        duties.owe(incident, duty=duty, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("Owed: %s") % duty.label

    @Door(
        title=_("Give a duty back"),
        permission="incidents.change_incident",
        form=DutyForm,
        icon="undo",
        variant=ActionVariant.DANGER,
        shown=lambda incident: incident.is_live and bool(duties.of(incident)),
    )
    def give_back_duty(self, incident: Incident, asked: Asked) -> str:
        duty = Duty(asked.given["duty"])
        duties.give_back(incident, duty=duty, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("No longer owed: %s") % duty.label

    @Door(
        title=_("The market was told"),
        permission="incidents.change_incident",
        form=DisclosureForm,
        icon="trending_up",
        shown=lambda incident: incident.is_market_first and incident.market_disclosed_at is None,
    )
    def record_disclosure(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        duties.record_disclosure(incident, at=given["at"], evidence=given["evidence"], by=asked.by, now=asked.now)
        return gettext("Recorded: customers may hear now.")

    @Door(
        title=_("More people call"),
        permission="incidents.add_decision",
        form=CallersForm,
        icon="group",
        shown=_is_too_much,
    )
    def add_callers(self, incident: Incident, asked: Asked) -> str:
        count, who = asked.given["count"], asked.given["who"]
        capacity.add_people(incident, count=count, who=who, by=asked.by, now=asked.now)
        return str(capacity.of(incident, now=asked.now))

    @Door(
        title=_("Write to the rest first (tier 1b)"),
        permission="incidents.change_impact",
        icon="low_priority",
        explanation=_("Who has the lowest score and no protected harm goes to tier 2, as many as nobody can call."),
        shown=_is_too_much,
    )
    def lower_surplus(self, incident: Incident, asked: Asked) -> str:
        return gettext("%d customers are written to first.") % capacity.lower(incident, by=asked.by, now=asked.now)

    @Door(
        title=_("Waive the number of calls"),
        permission="incidents.waive_gate",
        form=WaiverForm,
        icon="lock_open",
        variant=ActionVariant.WARNING,
        shown=_is_too_much,
    )
    def waive_capacity(self, incident: Incident, asked: Asked) -> str:
        capacity.waive(incident, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("The lead answers for it.")


class MessageRuleDoors:
    """Doors of a message about whom it alone leaves out; the approvers read the reason."""

    @Door(
        title=_("Leave customers out of this message"),
        permission=WRITE,
        form=ExcludeForm,
        icon="person_off",
        explanation=_("The text is approved anew, with this audience."),
        shown=lambda message: message.is_editable,
    )
    def leave_out(self, message: Message, asked: Asked) -> str:
        spec, reason = spec_of_segment(asked.given), asked.given["reason"]
        audiences.exclude(message, spec=spec, reason=reason, by=asked.by, now=asked.now)
        return gettext("They are left out of this message.")

    @Door(
        title=_("Leave nobody out of this message"),
        permission=WRITE,
        icon="person_add",
        shown=lambda message: message.is_editable and bool(message.audience.get("excluding")),
    )
    def leave_nobody_out(self, message: Message, asked: Asked) -> str:
        audiences.include(message, by=asked.by, now=asked.now)
        return gettext("This message leaves nobody out.")


def rules_of(incident: Incident, request: HttpRequest, *, now: Any) -> dict[str, Any]:
    """Return what the tab shows beside the list: duties, calls, who is left out, and one customer's ladder."""
    open_ones = incident.exclusions.filter(lifted_at=None)
    return {
        "duties": [Duty(duty).label for duty in sorted(duties.of(incident))],
        "waits_for_the_market": duties.waits_for_the_market(incident),
        "capacity": capacity.of(incident, now=now),
        "left_out": open_ones.select_related("customer", "by").order_by("-at", "pk")[:SHOWN],
        "left_out_count": open_ones.count(),
        **_ladder(incident, request, now=now),
    }


def _ladder(incident: Incident, request: HttpRequest, *, now: Any) -> dict[str, Any]:
    wanted = request.GET.get("why", "").strip()
    message = incident.messages.select_related("incident", "current").order_by("-number").first()
    row = incident.impacts.select_related("customer").filter(customer__crm_id=wanted).first() if wanted else None
    ladder = ladders.of(message, customer=row.customer, now=now) if message and row else None
    return {"why": wanted, "ladder": ladder, "ladder_message": message}
