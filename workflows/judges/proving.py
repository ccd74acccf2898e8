"""Judges of what only people can see: watching, consent, content, resources, measured targets, a recall's success."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from incidents.models import Impact, Incident
from incidents.phases import Gate
from notifications.enums import MessageKind
from notifications.models import MessageRevision
from workflows import capacity as roster_capacity
from workflows import content_lists, proofs, recall
from workflows.gates import Missing, enumerate_names, has_value, in_reader_language, judge, lines, name_of, read
from workflows.judges.speaking import newest, no_first_notice


@judge("monitoring_on")
def monitoring_on(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Somebody watches named sources, and a number of mentions calls the team."""
    if proofs.latest(incident, proofs.MONITORING):
        return None
    hint = _("Record under Decisions which media and networks are watched, by whom, and when the team is called.")
    return Missing(_("nobody watches media and social networks."), hint)


@judge("consent")
def consent(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """The person named agreed to the very wording that stands there now, or nobody is named."""
    hint = _("Show the person the wording and record the answer under Decisions; or take the name out.")
    said = proofs.latest(incident, gate.id)
    if said is None:
        return Missing(_("nobody recorded what the person named says."), hint)
    if said.outcome == proofs.NOBODY_NAMED:
        return None
    if said.outcome != proofs.AGREED:
        return Missing(_("the person named does not agree."), hint)
    notice = newest(incident, MessageKind.FIRST_NOTICE)
    if notice is None or notice.current is None or said.data.get("sha256") == notice.current.sha256:
        return None
    return Missing(_("the wording changed since the person agreed."), hint)


@judge("content_check")
def content_check(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """The first notice carries what it must, ticked on its present text, and nothing that lowers a risk."""
    notice = newest(incident, MessageKind.FIRST_NOTICE)
    if notice is None or notice.current is None:
        return no_first_notice()
    if content_lists.name_of(gate) == content_lists.RECALL:
        soft = content_lists.lowering_words(notice.current)
        if soft:
            text = _("these words lower the risk: %s.") % enumerate_names(soft)
            return Missing(text, _("Say the hazard plainly; a recall notice may not play it down."))
    field = gate.params.get("field")
    if field and field in notice.current.content["facts_used"] and has_value(incident, field):
        return None
    absent = _unticked(incident, gate, notice.current)
    if not absent:
        return None
    text = _("not found in %(message)s: %(names)s.") % {"message": notice.reference, "names": enumerate_names(absent)}
    return Missing(text, _("Write it into the notice, then tick the list under Decisions; an edit voids the ticks."))


@judge("capacity")
def capacity(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """What is there covers what is needed: a fact knows the stock, a person the resources, the roster the people.

    What people must handle begins with the one-to-one contacts the plan promises: the roster says whether they can.
    """
    names = gate.params.get("inputs") or [name for name in [gate.params.get("field")] if name]
    open_names = [name_of(incident, name) for name in names if not _is_answered(incident, name)]
    if open_names:
        return Missing(_("still empty: %s.") % enumerate_names(open_names), _("Fill it in under Facts."))
    promised = roster_capacity.of(incident, now=now) if _is_handled_by_people(gate) else roster_capacity.Capacity()
    if not promised.is_open:
        return Missing(str(promised), _("Go to the tab Audience: it has each of these ways out."))
    needed = needed_capacity(incident, gate)
    available = available_capacity(incident, gate)
    if available is not None and available >= needed:
        return None
    text = _("%(available)s is there, %(needed)s is needed.") % {"available": available or 0, "needed": needed}
    return Missing(text, _("Record under Decisions what is there to meet the need, or change what is offered."))


@judge("threshold")
def threshold(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Every target of the fact sheet was measured over a time that is past, after the solution, and met."""
    field = gate.params["field"]
    if not has_value(incident, field):
        return Missing(_("still empty: %s.") % name_of(incident, field), _("Fill it in under Facts."))
    hint = _("Measure each target over the observation period and record it under Decisions.")
    found = proofs.latest(incident, gate.id)
    if found is None:
        return Missing(_("nobody recorded a measurement."), hint)
    measured = dict(zip(found.data["targets"], found.data["met"], strict=True))
    short = [target for target in lines(incident, field) if not measured.get(target)]
    if short:
        return Missing(_("not met or not measured: %s.") % enumerate_names(short), hint)
    if incident.resolved_at and datetime.fromisoformat(found.data["until"]) <= incident.resolved_at:
        return Missing(_("the measurement ends before the solution."), hint)
    return None


@judge("effectiveness_check")
def effectiveness_check(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Enough of what was recalled is put right: notified, reached, understood and acted are told beside it."""
    steps = recall.funnel(incident)
    if steps.ratio >= gate.params["min_ratio"]:
        return None
    text = _(
        "%(percent)d%% put right, %(wanted)d%% are wanted; of %(affected)d customers %(notified)d were notified, "
        "%(reached)d reached, %(understood)d understood, %(acted)d acted."
    )
    shares = {"percent": int(100 * steps.ratio), "wanted": round(100 * gate.params["min_ratio"])}
    hint = _("Write or call those who did not act yet, and record under Decisions how many units are put right.")
    return Missing(text % {**vars(steps), **shares}, hint)


def needed_capacity(incident: Incident, gate: Gate) -> int:
    """Return how much a capacity gate asks for: units, affected customers, or one for each line of a list."""
    values = [read(incident, name) for name in gate.params.get("inputs", [])]
    numbers = [value for value in values if isinstance(value, int)]
    if numbers:
        return max(numbers)
    field = gate.params.get("field")
    if field and not isinstance(read(incident, field), int):
        return max(len(lines(incident, field)), 1)
    return max(Impact.objects.filter(incident=incident).count(), 1)


def available_capacity(incident: Incident, gate: Gate) -> int | None:
    """Return what is there: the stock of the fact sheet, what a person recorded, what the roster can hold in a day."""
    field = gate.params.get("field")
    stock: Any = read(incident, field) if field else None
    provided = proofs.latest(incident, gate.id)
    found = [int(provided.data["available"])] if provided else []
    if _is_handled_by_people(gate):
        found.append(roster_capacity.a_day(incident))
    return max([*found, stock] if isinstance(stock, int) else found, default=None)


def _is_handled_by_people(gate: Gate) -> bool:
    """Whether the gate compares people's work with a number: a stock or a list of targets is no work of theirs."""
    return bool(gate.params.get("inputs"))


def _is_answered(incident: Incident, name: str) -> bool:
    """A fact that is marked unknown on purpose is an answer: what is there is then judged against the customers."""
    return has_value(incident, name) or incident.facts.filter(key=name, is_answered=True).exists()


def _unticked(incident: Incident, gate: Gate, revision: MessageRevision) -> list[str]:
    checked = proofs.latest(incident, gate.id)
    fits = checked is not None and checked.data.get("sha256") == revision.sha256
    ticked = set(checked.data["items"]) if checked is not None and fits else set()
    return [in_reader_language(item.text) for item in content_lists.items(gate) if item.id not in ticked]
