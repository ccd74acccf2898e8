"""Preparation sheets as the system fills them from its own record, and the press of a person who looked at them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from incidents import audit
from incidents.enums import Role, Tier, TimelineKind
from incidents.errors import Refusal
from incidents.models import Feedback, Impact, Incident, User
from workflows import call_sheets, plans, roster, sheet_sources
from workflows.enums import OutreachOrigin
from workflows.gates import enumerate_names, in_reader_language
from workflows.models import OutreachTask
from workflows.outreach import OPEN
from workflows.sheet_sources import Known

# Who says that the sheets of tier 1 are ready, deputies included.
LOOKERS = (Role.ACCOUNT_MANAGER, Role.INCIDENT_LEAD)
_BATCH = 500


class NotYoursToLookAt(Refusal):
    """Somebody else says that the sheets are ready."""

    def __init__(self) -> None:
        named = " / ".join(str(role.label) for role in LOOKERS)
        super().__init__(_("This is said by: %s. Ask one of them or their deputy.") % named)


class SheetsChanged(Refusal):
    """What the sheets are filled from changed while they were read."""

    def __init__(self) -> None:
        super().__init__(_("The sheets changed while you read them: look at them once more."))


class NothingReady(Refusal):
    """No prefilled sheet of tier 1 waits that could be called ready; `names` are those that lack options."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        if names:
            text = _("Offer at least two options first, by approved remedies or an interim measure: %s.")
            super().__init__(text % enumerate_names(self.names))
        else:
            super().__init__(_("No prefilled sheet of tier 1 waits: prepare the calls at the first notice."))


@dataclass(frozen=True)
class Draft:
    """A prefilled sheet; `gaps` are the required fields with nothing on record, `is_poor` a lack of options."""

    task: OutreachTask
    sheet: dict[str, str | list[str]]
    gaps: list[str]
    is_poor: bool

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The sheet as it is read: the name of each field and its text."""
        return _lines(self.task, self.sheet)


@dataclass(frozen=True)
class Looked:
    """How many sheets became ready, and whose stay open for want of options."""

    ready: int
    left_open: list[str]


def waiting(incident: Incident, *, now: datetime) -> list[Draft]:
    """Return the prefilled sheets of tier 1 that nobody looked at, in the order in which the calls are due."""
    return _drafts(incident, _unprepared(incident), now=now)


def of_task(task: OutreachTask, *, now: datetime) -> Draft:
    """Return what the system would write on the sheet of one contact."""
    return _drafts(task.incident, OutreachTask.objects.filter(pk=task.pk), now=now)[0]


def kept(task: OutreachTask) -> list[tuple[str, str]]:
    """Return a kept sheet as it is read; nothing where the incident has no plan."""
    return _lines(task, task.preparation) if plans.current(task.incident) else []


def digest(drafts: Sequence[Draft]) -> str:
    """Return a short name for exactly these sheets, so that nobody vouches for others than they read."""
    text = json.dumps([[draft.task.pk, draft.sheet] for draft in drafts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def look(incident: Incident, *, seen: str, by: User, now: datetime) -> Looked:
    """Keep every prefilled sheet of tier 1 as looked at by this person; those short of options stay open, by name.

    `seen` is the digest of the sheets that were read.
    """
    if not by.is_active or not set(LOOKERS) & roster.roles_of(incident, by):
        raise NotYoursToLookAt
    with transaction.atomic():
        list(_unprepared(incident).select_for_update(no_key=True, of=("self",)))
        drafts = waiting(incident, now=now)
        poor = [draft.task.customer.crm_id for draft in drafts if draft.is_poor]
        ready = [draft for draft in drafts if not draft.is_poor]
        if not ready:
            raise NothingReady(poor)
        if digest(drafts) != seen:
            raise SheetsChanged
        _keep(ready, by=by, now=now)
        _log(incident, ready, by=by, now=now)
    return Looked(len(ready), poor)


def _lines(task: OutreachTask, sheet: Mapping[str, Any]) -> list[tuple[str, str]]:
    named = [(in_reader_language(one["label"]), sheet.get(one["key"])) for one in call_sheets.fields(task)]
    return [(label, "\n".join(value) if isinstance(value, list) else str(value or "")) for label, value in named]


def _unprepared(incident: Incident) -> QuerySet[OutreachTask]:
    """Contacts are locked and read in one order, so that two presses wait for each other."""
    first = Impact.objects.filter(incident=incident, tier=Tier.ONE).values("customer")
    planned = OutreachTask.objects.filter(incident=incident, origin=OutreachOrigin.PLAN, customer__in=first)
    return planned.filter(state__in=OPEN, is_prepared=False).order_by("due_at", "pk")


def _drafts(incident: Incident, tasks: QuerySet[OutreachTask], *, now: datetime) -> list[Draft]:
    rows = list(tasks.select_related("customer__account_manager", "owner"))
    if not rows:
        return []
    plan = plans.required(incident)
    ids = [task.customer_id for task in rows]
    shared = sheet_sources.shared(incident, plan=plan, affected=ids, now=now)
    impacts = {one.customer_id: one for one in Impact.objects.filter(incident=incident, customer__in=ids)}
    asked: dict[int | None, list[Feedback]] = defaultdict(list)
    for entry in Feedback.objects.unanswered().filter(incident=incident, customer__in=ids).order_by("received_at"):
        asked[entry.customer_id].append(entry)
    found = []
    for task in rows:
        # Every sheet of an incident has the fields of its one plan.
        task.incident = incident
        known = Known(task, impacts.get(task.customer_id), asked[task.customer_id], shared)
        found.append(_draft(known))
    return found


def _draft(known: Known) -> Draft:
    sheet: dict[str, str | list[str]] = {}
    gaps: list[str] = []
    for field in known.shared.fields:
        value = sheet_sources.value(known, field["key"])
        if not value and field["required"]:
            gaps.append(in_reader_language(field["label"]))
            value = [] if field["key"] == call_sheets.OPTIONS else [_("Not on record: ask in the call.")]
        sheet[field["key"]] = value if field["type"] == "list" else "\n".join(value)
    is_first = known.impact is not None and known.impact.tier == Tier.ONE
    return Draft(known.task, sheet, gaps, is_poor=is_first and not call_sheets.has_choice(sheet))


def _keep(drafts: Sequence[Draft], *, by: User, now: datetime) -> None:
    for draft in drafts:
        draft.task.preparation = draft.sheet
        draft.task.is_prepared = draft.task.is_prefilled = True
        draft.task.prepared_by, draft.task.prepared_at = by, now
    kept = ["preparation", "is_prepared", "is_prefilled", "prepared_by", "prepared_at"]
    OutreachTask.objects.bulk_update([draft.task for draft in drafts], kept, batch_size=_BATCH)


def _log(incident: Incident, drafts: Sequence[Draft], *, by: User, now: datetime) -> None:
    text = _("%d prefilled sheets of tier 1 looked at: ready") % len(drafts)
    audit.tell(incident, kind=TimelineKind.DELIVERY, text=text, by=by, now=now)
    data = {"tasks": [draft.task.pk for draft in drafts]}
    audit.record(incident, action="outreach.sheets_looked_at", actor=by, now=now, data=data)
