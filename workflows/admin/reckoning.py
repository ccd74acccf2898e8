"""What an incident cost and what became of its customers: entered, corrected and imported in the room's review."""

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import costs, outcomes
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import CostKind
from incidents.models import CostItem, CustomerOutcome, Incident
from notifications.enums import ChannelName
from workflows.admin.audience import LINES_SHOWN, FileForm, kept
from workflows.admin.base import RowOfRoom, Tab


class CostForm(ActionForm):
    kind = forms.ChoiceField(label=_("What for"), choices=CostKind.choices)
    amount = forms.DecimalField(label=_("Amount"), min_value=0, max_digits=14, decimal_places=2)
    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("Three letters, such as EUR or CNY."))
    is_estimate = forms.BooleanField(label=_("An estimate"), required=False)
    channel = forms.ChoiceField(
        label=_("Channel"),
        required=False,
        choices=[("", "–"), *ChannelName.choices],
        help_text=_("Only for the cost of a channel."),
    )
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, help_text=_("For staff hours: how many, at what rate.")
    )

    def prepare(self) -> None:
        """Begin with the currency that was written last."""
        newest = CostItem.objects.order_by("-pk").values_list("currency", flat=True)
        own = newest.filter(incident=self.subject).first()
        self.fields["currency"].initial = own or newest.first()

    def gather(self) -> dict[str, Any]:
        """Return the cost as it is recorded."""
        given = {name: self.cleaned_data[name] for name in CostForm.base_fields}
        return {"cost": costs.Cost(**{**given, "kind": CostKind(given["kind"])})}


class CorrectionForm(CostForm):
    reason = forms.CharField(
        label=_("Why it is corrected"), max_length=300, help_text=_("Both records stay. An amount of 0 takes it out.")
    )

    def prepare(self) -> None:
        for name in CostForm.base_fields:
            self.fields[name].initial = getattr(self.subject, name)


class OutcomesForm(FileForm):
    is_trial = forms.BooleanField(label=_("Only try, write nothing"), required=False)

    def prepare(self) -> None:
        self.fields["file"].help_text = _(
            "CSV or Excel: columns crm_id, observed_on, is_customer (yes or no), and if known orders, revenue and "
            "currency since the incident was declared. Customers who were not affected show the difference."
        )


class ReckoningDoors:
    """Doors of the incident about its cost and what became of its customers."""

    @Door(title=_("Record a cost"), permission="incidents.add_costitem", form=CostForm, icon="payments")
    def record_cost(self, incident: Incident, asked: Asked) -> str:
        item = costs.record(incident, cost=asked.given["cost"], by=asked.by, now=asked.now)
        return gettext("Recorded: %s") % costs.told(item)

    @Door(
        title=_("Import what became of customers"),
        permission="incidents.add_customeroutcome",
        form=OutcomesForm,
        icon="upload_file",
        shown=lambda incident: incident.declared_at is not None,
    )
    def import_outcomes(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        with tempfile.TemporaryDirectory() as folder:
            report = outcomes.import_file(
                incident,
                path=kept(given["file"], folder=Path(folder)),
                by=asked.by,
                now=asked.now,
                encoding=given["encoding"] or None,
                is_dry_run=given["is_trial"],
            )
        lines = [report.summary, *map(str, report.errors[:LINES_SHOWN])]
        if report.created or report.changed:
            lines.append(gettext("Compute the figures again to see it in the review."))
        return "\n".join(lines)


@admin.register(CostItem)
class CostItemAdmin(RowOfRoom):
    tab = Tab.REVIEW

    @Door(
        title=_("Correct"),
        permission="incidents.add_costitem",
        form=CorrectionForm,
        icon="edit",
        shown=lambda item: getattr(item, "correction", None) is None,
    )
    def correct(self, item: CostItem, asked: Asked) -> str:
        made = costs.correct(item, cost=asked.given["cost"], reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("Corrected: %s") % costs.told(made)


def reckoning_shown(incident: Incident) -> dict[str, Any]:
    """Return what the review tab shows of cost and customers afterwards."""
    items = CostItem.objects.standing().filter(incident=incident).select_related("by", "incident", "correction")
    found = list(items.order_by("at", "pk"))
    seen = CustomerOutcome.objects.filter(incident=incident).order_by().values("observed_on")
    gone = Count("pk", filter=Q(is_customer=False))
    return {
        "cost_items": found,
        "cost_totals": costs.totals(found),
        "observed": seen.annotate(customers=Count("pk"), gone=gone).order_by("-observed_on")[:20],
    }
