"""Deliveries: what became of each one, and the end of a doubt by evidence."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.admin.base import ReadOnlyAdmin, display
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.masking import masked
from notifications import engine, tasks
from notifications.enums import DeliveryStatus
from notifications.models import Delivery

COLOURS = {
    DeliveryStatus.QUEUED: "info",
    DeliveryStatus.SENDING: "info",
    DeliveryStatus.RETRY: "info",
    DeliveryStatus.ACCEPTED: "success",
    DeliveryStatus.DELIVERED: "success",
    DeliveryStatus.ACKNOWLEDGED: "success",
    DeliveryStatus.FAILED: "danger",
    DeliveryStatus.UNCERTAIN: "warning",
}
ENDS = [
    (DeliveryStatus.DELIVERED, _("It arrived")),
    (DeliveryStatus.FAILED, _("It did not arrive")),
    (DeliveryStatus.RETRY, _("Send it again with the same Message-ID")),
]
MOST = 10_000


class ShortCount(Paginator):  # type: ignore[type-arg]
    """Counts no further than people page: the outbox holds millions of rows."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST].count())


class ResolveForm(ActionForm):
    status = forms.ChoiceField(label=_("What is known"), choices=ENDS)
    evidence = forms.CharField(
        label=_("From where it is known"), max_length=300, help_text=_("The provider's log, the customer's word.")
    )


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("reference", "message", "customer", "channel", "tier", "address_shown", "status_shown", "reason")
    list_filter = ("status", "channel", "tier", "language", "failure_code")
    search_fields = ("incident__reference__istartswith", "customer__crm_id__istartswith")
    search_help_text = _("Reference of the incident or CRM id")
    list_select_related = ("message__incident", "customer")
    ordering = ("-pk",)
    paginator = ShortCount
    actions_detail = ("resolve",)
    fields = (
        ("reference", "message"),
        ("customer", "address_shown"),
        ("channel", "tier", "language"),
        ("status", "failure_code", "failure_detail"),
        ("attempts", "next_attempt_at"),
        ("created_at", "accepted_at", "settled_at", "opened_at"),
        "provider_id",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return cast("QuerySet[Delivery]", super().get_queryset(request)).defer("personal")

    @Door(
        title=_("End the doubt"),
        permission="notifications.change_delivery",
        form=ResolveForm,
        icon="help",
        shown=lambda delivery: delivery.status == DeliveryStatus.UNCERTAIN,
    )
    def resolve(self, delivery: Delivery, asked: Asked) -> str:
        status, evidence = DeliveryStatus(asked.given["status"]), asked.given["evidence"]
        engine.resolve(delivery, status=status, evidence=evidence, by=asked.by, now=asked.now)
        transaction.on_commit(tasks.ring)
        return gettext("The delivery is: %s.") % status.label

    @display(description=_("address"))
    def address_shown(self, delivery: Delivery) -> str:
        return masked(delivery.address) if delivery.address else ""

    @display(description=_("status"), label=dict(COLOURS), ordering="status")
    def status_shown(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display()

    @display(description=_("reason"))
    def reason(self, delivery: Delivery) -> str:
        return delivery.get_failure_code_display() if delivery.failure_code else ""
