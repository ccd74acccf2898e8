"""Commitments: what was promised, to whom, until when, and how it ended."""

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import clock, commitments
from incidents.admin.base import ReadOnlyAdmin, display
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.moments import due
from incidents.enums import CommitmentState
from incidents.models import Commitment

COLOURS = {
    CommitmentState.OPEN: "info",
    CommitmentState.KEPT: "success",
    CommitmentState.BROKEN: "danger",
    CommitmentState.RENEGOTIATED: "warning",
}
ENDS = [choice for choice in CommitmentState.choices if choice[0] != CommitmentState.OPEN]


class SettleForm(ActionForm):
    state = forms.ChoiceField(label=_("How it ended"), choices=ENDS)
    outcome = forms.CharField(
        label=_("What happened"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("The review shows this.")
    )


@admin.register(Commitment)
class CommitmentAdmin(ReadOnlyAdmin):
    list_display = ("promise", "incident", "kind", "tier_or_customer", "owner", "due_shown", "state_shown")
    list_filter = ("state", "kind", "tier")
    search_fields = ("incident__reference", "customer__name__istartswith")
    list_select_related = ("incident", "owner", "customer")
    ordering = ("due_at", "pk")
    actions_detail = ("settle",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Commitment]:
        is_late = Q(state=CommitmentState.OPEN, due_at__lt=clock.now())
        return super().get_queryset(request).annotate(is_late=is_late)  # type: ignore[no-any-return]

    @Door(
        title=_("Settle"),
        permission="incidents.change_commitment",
        form=SettleForm,
        icon="task_alt",
        shown=lambda commitment: commitment.state == CommitmentState.OPEN,
    )
    def settle(self, commitment: Commitment, asked: Asked) -> str:
        state, outcome = CommitmentState(asked.given["state"]), asked.given["outcome"]
        commitments.settle(commitment, state=state, outcome=outcome, by=asked.by, now=asked.now)
        return gettext("The commitment is settled.")

    @display(description=_("promise"))
    def promise(self, commitment: Commitment) -> str:
        return str(commitment)

    @display(description=_("promised to"))
    def tier_or_customer(self, commitment: Commitment) -> str:
        if commitment.customer is not None:
            return str(commitment.customer)
        return gettext("Tier %s") % commitment.tier if commitment.tier else gettext("All affected customers")

    @display(description=_("due"), ordering="due_at")
    def due_shown(self, commitment: Commitment) -> str:
        return due(commitment.due_at, is_late=commitment.is_late)  # type: ignore[attr-defined]

    @display(description=_("state"), label=dict(COLOURS), ordering="state")
    def state_shown(self, commitment: Commitment) -> tuple[str, str]:
        return commitment.state, commitment.get_state_display()
