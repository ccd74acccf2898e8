"""Whom an incident affects, how badly, and the tier that follows: computed in one go, overridden with a reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from incidents import audit, customers
from incidents.enums import Harm, Tier, TimelineKind
from incidents.errors import Refusal
from incidents.imports import affected, staging
from incidents.imports.report import Report
from incidents.models import Customer, Impact, Incident, User
from incidents.sentences import gettext as _

# importance × degree × closeness runs from 1 to 27. Tier 1 means a personal call, so it must stay a list people can
# work through: from 12 on, all three are at least medium and one is high (3 × 2 × 2), or two are high (3 × 3 × 2).
# Tier 2 means a letter of one's own: from 4 on, two are at least medium (2 × 2 × 1) or a high one meets a medium one.
TIER_1_FROM = 12
TIER_2_FROM = 4
# The duty to protect whoever is harmed outranks what a customer is worth.
PROTECTED = (Harm.SAFETY, Harm.LEGAL_RIGHT)
NAMED_AT_MOST = 10


class OverrideRefused(Refusal):
    """A tier that must not be given; `crm_ids` are the customers it was asked for."""

    def __init__(self, sentence: str, *, crm_ids: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.crm_ids = list(crm_ids)


class IncidentIsOver(Refusal):
    """The incident is closed or cancelled; its list of affected customers stays as it was."""


@dataclass(frozen=True)
class Added:
    """What adding changed: new rows, rows that were there before, ids nobody has, and the customers per tier now."""

    added: int
    already: int
    tiers: dict[int, int]
    unknown: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = _("%(added)s affected customers added, %(already)s were on the list.") % {
            "added": self.added,
            "already": self.already,
        }
        return f"{told} {_unknown(self.unknown)}".rstrip()


# --- who is affected -------------------------------------------------------------------------------


def add_all(incident: Incident, *, by: User, now: datetime) -> Added:
    """Count every active customer as affected."""
    return _add(incident, customers.matching({}), how={"how": "all"}, by=by, now=now)


def add_by_filter(incident: Incident, *, spec: dict[str, Any], by: User, now: datetime) -> Added:
    """Count the customers of a saved filter as affected; raise customers.UnknownFilter for one that cannot be asked."""
    return _add(incident, customers.matching(spec), how={"how": "filter", "filter": spec}, by=by, now=now)


def add_by_crm_ids(  # noqa: PLR0913 - who, whom, why and when of one decision
    incident: Incident, *, crm_ids: Sequence[str], by: User, now: datetime, tier: Tier | None = None, reason: str = ""
) -> Added:
    """Count the customers with these ids as affected and, if asked, put them into one tier; name the ids nobody has."""
    wanted = _tidied(crm_ids)
    unknown = _without_customer(wanted)
    with transaction.atomic():
        chosen = Customer.objects.filter(crm_id__in=wanted)
        added = _add(incident, chosen, how={"how": "crm_ids", "unknown": unknown}, by=by, now=now)
        if tier is not None and len(unknown) < len(wanted):
            known = sorted(set(wanted) - set(unknown))
            override(incident, crm_ids=known, tier=tier, reason=reason, by=by, now=now)
    return Added(added.added, added.already, tiers=counts(incident), unknown=unknown)


def add_from_file(incident: Incident, *, path: Path, by: User, now: datetime, encoding: str | None = None) -> Report:
    """Count the customers of a file as affected, with its degree, harm and items; several lines of one customer add up.

    Harm to safety or rights that comes this way ends an override that had put the customer lower.
    """
    _refuse_if_over(incident)
    with transaction.atomic():
        report = affected.run(path, incident_id=incident.pk, encoding=encoding)
        recompute(incident, now=now)
        how = {"how": "file", "file": report.source.name, "bad_lines": report.bad_lines, "changed": report.changed}
        how["overrides_ended"] = report.overrides_ended
        _write_down(incident, added=report.created, how=how, by=by, now=now)
    return report


def ids_in(text: str) -> list[str]:
    """Return the CRM ids of a pasted text, one a line or separated by commas, semicolons or tabs."""
    return _tidied(re.split(r"[\n\r\t,;，；、]+", text))


def _tidied(crm_ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(crm_id.strip() for crm_id in crm_ids if crm_id.strip()))


def _without_customer(crm_ids: list[str]) -> list[str]:
    found = set(Customer.objects.filter(crm_id__in=crm_ids).values_list("crm_id", flat=True))
    return [crm_id for crm_id in crm_ids if crm_id not in found]


def _add(incident: Incident, chosen: QuerySet[Customer], *, how: dict[str, Any], by: User, now: datetime) -> Added:
    _refuse_if_over(incident)
    query, parameters = chosen.order_by().values("pk").query.sql_with_params()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_INSERT.format(chosen=query), [incident.pk, Harm.INCONVENIENCE, *parameters])
        added = cursor.rowcount
        already = chosen.count() - added
        tiers = recompute(incident, now=now)
        _write_down(incident, added=added, how=how, by=by, now=now)
    return Added(added, already, tiers)


def _write_down(incident: Incident, *, added: int, how: dict[str, Any], by: User, now: datetime) -> None:
    text = _("%(added)s affected customers added (%(how)s)") % {"added": added, "how": how["how"]}
    audit.tell(incident, kind=TimelineKind.AUDIENCE, text=text, by=by, now=now)
    audit.record(incident, action="impacts.added", actor=by, now=now, data={**how, "added": added})


def _refuse_if_over(incident: Incident) -> None:
    if not incident.is_live:
        raise IncidentIsOver(_("The incident is over; reopen it before changing whom it affects."))


# --- tiers -----------------------------------------------------------------------------------------


def recompute(incident: Incident, *, now: datetime) -> dict[int, int]:
    """Work out score, tier and arithmetic of every affected customer, keep overrides, return customers per tier."""
    with transaction.atomic(), staging.whole_tables(), connection.cursor() as cursor:
        cursor.execute(
            _RECOMPUTE,
            {
                "incident": incident.pk,
                "protected": [str(harm) for harm in PROTECTED],
                "operational": Harm.OPERATIONAL,
                "tier_1_from": TIER_1_FROM,
                "tier_2_from": TIER_2_FROM,
            },
        )
    return counts(incident)


def counts(incident: Incident) -> dict[int, int]:
    """Return how many affected customers each tier has; every tier is named."""
    found = Impact.objects.filter(incident=incident).order_by().values_list("tier").annotate(Count("pk"))
    return {int(tier): 0 for tier in Tier} | {tier: count for tier, count in found if tier is not None}


def override(  # noqa: PLR0913 - who, whom, what and why of one decision
    incident: Incident, *, crm_ids: Sequence[str], tier: Tier, reason: str, by: User, now: datetime
) -> int:
    """Put affected customers into a tier against the arithmetic; the reason stays, and recomputing keeps the tier."""
    _refuse_if_over(incident)
    if not reason.strip():
        raise OverrideRefused(_("Say why these customers are put into another tier: the reason is read in the review."))
    wanted = _tidied(crm_ids)
    with transaction.atomic():
        before = _tiers_of(incident, crm_ids=wanted)
        _refuse_lower(incident, crm_ids=wanted, tier=tier)
        chosen = Impact.objects.filter(incident=incident, customer__crm_id__in=wanted)
        changed = chosen.update(override_tier=tier, override_reason=reason.strip(), override_by=by)
        data = {"tier": int(tier), "reason": reason.strip(), "before": before}
        audit.record(incident, action="impacts.overridden", actor=by, now=now, data=data)
        text = _("%(count)s customers put into tier %(tier)s: %(reason)s")
        told = text % {"count": changed, "tier": int(tier), "reason": reason.strip()}
        audit.tell(incident, kind=TimelineKind.AUDIENCE, text=told, by=by, now=now)
    return changed


def lift_override(incident: Incident, *, crm_ids: Sequence[str], by: User, now: datetime) -> int:
    """Let the arithmetic decide again for these customers."""
    _refuse_if_over(incident)
    wanted = _tidied(crm_ids)
    with transaction.atomic():
        before = _tiers_of(incident, crm_ids=wanted)
        chosen = Impact.objects.filter(incident=incident, customer__crm_id__in=wanted).exclude(override_tier=None)
        changed = chosen.update(override_tier=None, override_reason="", override_by=None)
        audit.record(incident, action="impacts.override_lifted", actor=by, now=now, data={"before": before})
        text = _("%(count)s customers put back into their computed tier") % {"count": changed}
        audit.tell(incident, kind=TimelineKind.AUDIENCE, text=text, by=by, now=now)
    return changed


def _tiers_of(incident: Incident, *, crm_ids: list[str]) -> dict[str, int | None]:
    """Return the present tier by id; refuse ids that are not on the list."""
    rows = Impact.objects.select_for_update(no_key=True, of=("self",)).filter(
        incident=incident, customer__crm_id__in=crm_ids
    )
    found = dict(rows.order_by("pk").values_list("customer__crm_id", "tier"))
    missing = [crm_id for crm_id in crm_ids if crm_id not in found]
    if missing or not found:
        sentence = _("Not on the list of affected customers: %(ids)s. Add them first.")
        raise OverrideRefused(sentence % {"ids": named(missing) or "–"}, crm_ids=missing)
    return found


def _refuse_lower(incident: Incident, *, crm_ids: list[str], tier: Tier) -> None:
    if tier == Tier.ONE:
        return
    guarded = Impact.objects.filter(incident=incident, customer__crm_id__in=crm_ids, harm__in=PROTECTED)
    names = list(guarded.order_by("customer__crm_id").values_list("customer__crm_id", flat=True))
    if names:
        sentence = _(
            "A risk to safety or a statutory right to notice keeps a customer in tier 1, whatever the customer is "
            "worth to us: %(ids)s. Leave them out, or correct the harm if it was recorded wrongly."
        )
        raise OverrideRefused(sentence % {"ids": named(names)}, crm_ids=names)


def _unknown(crm_ids: list[str]) -> str:
    return _("No customer has the id %(ids)s.") % {"ids": named(crm_ids)} if crm_ids else ""


def named(crm_ids: Sequence[str]) -> str:
    """Return the first ids for a sentence, and how many more there are."""
    more = len(crm_ids) - NAMED_AT_MOST
    shown = ", ".join(crm_ids[:NAMED_AT_MOST])
    return _("%(ids)s and %(more)s more") % {"ids": shown, "more": more} if more > 0 else shown


_INSERT = """
INSERT INTO incidents_impact (
    incident_id, customer_id, affected_items, harm, degree, is_defaulted, score, arithmetic, override_reason
)
SELECT %s, chosen.id, '', %s, 2, true, 0, '', '' FROM ({chosen}) AS chosen (id)
ON CONFLICT (incident_id, customer_id) DO NOTHING
"""

_RECOMPUTE = """
WITH scored AS (
    SELECT i.id, i.harm, i.degree, c.importance, c.closeness, c.importance * i.degree * c.closeness AS score
    FROM incidents_impact i JOIN incidents_customer c ON c.id = i.customer_id WHERE i.incident_id = %(incident)s
), placed AS (
    SELECT *, CASE WHEN score >= %(tier_1_from)s THEN 1 WHEN score >= %(tier_2_from)s THEN 2 ELSE 3 END AS by_score,
        CASE WHEN harm = ANY(%(protected)s) THEN 1 WHEN harm <> %(operational)s THEN 3
             WHEN degree = 3 THEN 1 ELSE 2 END AS by_harm
    FROM scored
), told AS (
    SELECT id, score, least(by_score, by_harm) AS tier,
        CASE WHEN harm = ANY(%(protected)s) THEN replace(harm, '_', ' ')
             ELSE concat(importance, ' x ', degree, ' x ', closeness, ' = ', score,
                         CASE WHEN by_harm < by_score THEN ', operations stop' END)
        END || ' -> tier ' || least(by_score, by_harm) AS arithmetic
    FROM placed
)
UPDATE incidents_impact i SET score = t.score, computed_tier = t.tier, arithmetic = t.arithmetic
FROM told t
WHERE i.id = t.id AND (i.score, i.computed_tier, i.arithmetic) IS DISTINCT FROM (t.score, t.tier, t.arithmetic)
"""
