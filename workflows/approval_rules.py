"""Which stamps a text needs: by its kind, by how grave the incident is, and by how many customers will hear it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from incidents.enums import Role
from incidents.errors import Refusal
from incidents.models import Incident
from notifications.enums import MessageKind
from notifications.models import Message
from workflows import audiences, plans, playbooks

# Before a plan exists the holding statement needs one other authorised person, soon.
BEFORE_THE_PLAN = plans.ApprovalRule(
    roles=(Role.COMMUNICATIONS_LEAD, Role.INCIDENT_LEAD),
    rule="any_one",
    sla=timedelta(minutes=30),
    deputy_after=timedelta(minutes=15),
)
ANY_ONE = "any_one"
UNGRADED = "SEV9"


class NoRule(Refusal):
    """The playbook has nothing to say yet: there is no plan."""


@dataclass(frozen=True)
class Need:
    """The stamps a text needs, each one of several roles, for this severity and so many customers."""

    stamps: tuple[tuple[Role, ...], ...]
    rule: plans.ApprovalRule
    severity: str
    customers: int

    @property
    def roles(self) -> list[Role]:
        """Every role that may be asked."""
        return list(dict.fromkeys(role for stamp in self.stamps for role in stamp))


def needed(message: Message) -> Need:
    """Return what the text needs now; raises NoRule before the plan exists, but for a holding statement."""
    rule = _rule(message)
    customers = audiences.people(message).count()
    further = dict.fromkeys(_further(message, customers=customers))
    first = (rule.roles,) if rule.rule == ANY_ONE else tuple((role,) for role in rule.roles)
    more = tuple((role,) for role in further if (role,) not in first)
    return Need((*first, *more), rule, message.incident.severity, customers)


def has_grown(message: Message, need: Need) -> bool:
    """Whether the incident is graver, or the audience larger, than when the approvals were asked for."""
    if message.cleared_size is None or message.cleared_severity is None:
        return False
    graver = (need.severity or UNGRADED) < (message.cleared_severity or UNGRADED)
    return graver or need.customers > message.cleared_size


def overruling_roles(incident: Incident) -> list[str]:
    """Return who may overrule a strong objection."""
    return list(_stamps(incident)["objection"]["overruled_by"])


def emergency_roles(incident: Incident) -> list[str]:
    """Return who may open the emergency path."""
    return list(_stamps(incident)["emergency"]["opened_by"])


def _rule(message: Message) -> plans.ApprovalRule:
    plan, kind = plans.current(message.incident), _kind(message)
    if plan is not None:
        rule = plans.approval_rule(plan, kind)
        if kind != MessageKind.HOLDING_STATEMENT:
            return rule
        return plans.ApprovalRule(rule.roles, ANY_ONE, rule.sla, rule.deputy_after)
    if kind == MessageKind.HOLDING_STATEMENT:
        return BEFORE_THE_PLAN
    raise NoRule(_("Before the plan exists only a holding statement can go out."))


def _kind(message: Message) -> str:
    is_correction = message.kind == MessageKind.CORRECTION and message.corrects is not None
    return str(message.corrects.kind if is_correction and message.corrects else message.kind)


def _further(message: Message, *, customers: int) -> Iterator[Role]:
    kind, severity = _kind(message), message.incident.severity or UNGRADED
    for more in _stamps(message.incident)["further"]:
        from_severity, from_size = more.get("severity"), more.get("customers")
        is_grave = from_severity is None or severity <= from_severity
        is_large = from_size is None or customers >= from_size
        if kind in more["kinds"] and is_grave and is_large:
            yield from (Role(role) for role in more["roles"])


def _stamps(incident: Incident) -> dict[str, Any]:
    plan = plans.current(incident)
    ours: dict[str, Any] = playbooks.reference("approvals")["stamps"]
    return ours if plan is None else {**ours, **plan.content.get("stamps", {})}
