"""How a gate is judged: when it applies, what its fields hold, and how a missing piece becomes a blocker."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incidents import phases
from incidents.enums import FactStatus, Language
from incidents.models import Fact, Incident
from incidents.phases import Blocker, Gate
from workflows import playbooks

# `incident.…` names that are kept on the incident itself; every other name is a line of the fact sheet.
INCIDENT_FIELDS = {
    "incident.type": "type",
    "incident.subtype": "subtype",
    "incident.severity": "severity",
    "incident.responsibility_cluster": "responsibility_cluster",
    "incident.detected_at": "detected_at",
    "incident.detection_source": "detection_source",
    "incident.started_at": "impact_started_at",
    "incident.declared_at": "declared_at",
    "incident.resolved_at": "resolved_at",
    "incident.jurisdictions": "jurisdictions",
}
_CONDITION = re.compile(r"^(?P<name>[a-z_]+\.[a-z_]+)(?:\s*==\s*'(?P<value>[^']*)')?$")
_NO = frozenset({"no", "false", "0", ""})
_NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Missing:
    """What keeps a gate closed, and what to do about it and where."""

    text: str
    hint: str
    can_judge: bool = True


Finder = Callable[[Incident, Gate, datetime], Missing | None]


def judge(kind: str) -> Callable[[Finder], Finder]:
    """Register the function that finds what keeps a gate of `kind` closed; None opens it."""

    def register(find: Finder) -> Finder:
        @phases.judge(kind)
        @wraps(find)
        def judged(incident: Incident, gate: Gate, now: datetime) -> list[Blocker]:
            if not applies(incident, gate):
                return []
            missing = find(incident, gate, now)
            return [blocker(gate, missing)] if missing else []

        return find

    return register


def blocker(gate: Gate, missing: Missing) -> Blocker:
    """Put what is missing under the gate's own id, behind its label in the reader's language."""
    return Blocker(
        id=gate.id,
        text=f"{in_reader_language(gate.label)}: {missing.text}",
        hint=missing.hint,
        enforcement=gate.enforcement,
        can_judge=missing.can_judge,
    )


def unjudged(what: str) -> Missing:
    """Say that the gate asks for something no judge knows; a named person looks and waives it with a reason."""
    return Missing(
        _("the system cannot judge “%s” yet.") % what,
        _("Check it by hand and waive it with a reason that says what you found."),
        can_judge=False,
    )


def in_reader_language(texts: dict[str, str]) -> str:
    """Return the text in the language of the screen, else in English, else in any."""
    code = (get_language() or Language.EN).partition("-")[0]
    return str(texts.get(code) or texts.get(Language.EN) or next(iter(texts.values()), ""))


def word_of(words: str, name: str) -> str:
    """Return what a list of the vocabulary calls an id, in the language of the screen; empty where it has no word."""
    listed = {item["id"]: item["name"] for item in playbooks.reference("vocabulary")[words]}
    return in_reader_language(listed[name]) if name in listed else ""


def element_name(element: str) -> str:
    """Return what a part of a text is called on the screens."""
    return word_of("message_elements", element) or (_("Greeting") if element == "greeting" else element)


def applies(incident: Incident, gate: Gate) -> bool:
    """Whether the gate's condition (`when`) is met; an unreadable condition counts as met, so that nothing slips by."""
    condition = _CONDITION.match(gate.params.get("when", ""))
    if not gate.params.get("when") or condition is None:
        return True
    if condition["value"] is not None:
        return str(read(incident, condition["name"])) == condition["value"]
    fact = Fact.objects.filter(incident=incident, key=condition["name"]).first()
    if fact is not None and fact.type == "boolean":
        # Safety, personal data: only a plain no switches the gate off; not knowing does not.
        return str(fact.value.get("", "unknown")).lower() not in _NO
    return has_value(incident, condition["name"])


def read(incident: Incident, name: str) -> Any:
    """Return the value behind a playbook's field name: of the incident, else of its fact sheet, else None."""
    own = getattr(incident, INCIDENT_FIELDS[name]) if name in INCIDENT_FIELDS else None
    if own:
        return own
    fact = Fact.objects.filter(incident=incident, key=name).first()
    return fact.value.get("", fact.value) if fact and is_known(fact) else None


def has_value(incident: Incident, name: str) -> bool:
    """Whether the field holds anything."""
    return read(incident, name) not in (None, "", [], {})


def lines(incident: Incident, name: str) -> list[str]:
    """Return the entries of a list field, one a line, in the fullest language: every language lists the same."""
    value = read(incident, name)
    texts = list(value.values()) if isinstance(value, dict) else [value]
    lists = [text if isinstance(text, list) else str(text or "").splitlines() for text in texts]
    found = max(lists, key=len, default=[])
    return [str(line).strip() for line in found if str(line).strip()]


def is_known(fact: Fact) -> bool:
    """Whether the fact carries a value that stands."""
    return bool(fact.value) and fact.status not in {FactStatus.UNKNOWN, FactStatus.RETRACTED}


def name_of(incident: Incident, name: str) -> str:
    """Return a field's name as the screens show it."""
    fact = Fact.objects.filter(incident=incident, key=name).first()
    if fact is not None and fact.label:
        return in_reader_language(fact.label)
    if name in INCIDENT_FIELDS:
        return str(Incident._meta.get_field(INCIDENT_FIELDS[name]).verbose_name)  # type: ignore[union-attr]
    return name


def enumerate_names(names: Sequence[str]) -> str:
    """Join names for a sentence; a long list ends with how many more there are."""
    shown = ", ".join(names[:_NAMED_AT_MOST])
    more = len(names) - _NAMED_AT_MOST
    return _("%(names)s and %(more)d more") % {"names": shown, "more": more} if more > 0 else shown
