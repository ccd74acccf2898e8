"""What a playbook file must hold, and what in it must agree with the reference data."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from incidents import phases
from incidents.enums import Language, ResponsibilityCluster, Sensitivity
from incidents.phases import Enforcement
from workflows import playbooks
from workflows.enums import PlaybookKind
from workflows.playbook_shapes import (
    Shape,
    anything,
    duration,
    fault,
    list_of,
    localised,
    one_of,
    optional,
    record,
    text,
    yes_or_no,
)

FACT_TYPES = (
    "text", "datetime", "choice", "multichoice", "boolean", "integer", "number", "person", "list", "money", "file",
    "url",
)  # fmt: skip
CUSTOMER_KINDS = ("holding_statement", "first_notice", "progress_update", "resolution", "follow_up_survey")
TAG = re.compile(r"\{\{\s*([\w.]+)\s*\}\}|\{%\s*(?:if\s+([\w.]+)|(else)|(endif))\s*%\}")
_FACT = re.compile(r"facts\.\w+")
Localise = Callable[[Shape], Shape]


def faults(content: Any, *, languages: Sequence[str] = ()) -> list[str]:
    """Return every fault of a playbook, one sentence each; `languages` are those every text must have."""
    found = list(_playbook(languages)(content, ""))
    return found or list(_disagreements(content))


def template_faults(texts: Any, *, path: str, known: frozenset[str]) -> Iterator[str]:
    """Tell of tags that are no known variable, `if`, `else` or `endif`, in every text below `path`."""
    for place, value in _texts(texts, path):
        rest = TAG.sub("", value)
        if "{{" in rest or "{%" in rest:
            yield fault(place, "only {{ variable }}, {% if variable %}, {% else %} and {% endif %}", value)
        elif not _is_balanced(value):
            yield fault(place, "an {% endif %} for every {% if %}", value)
        for variable in used_variables(value):
            if variable not in known:
                yield fault(place, "a variable of variables.yaml or of facts_to_collect", variable)


def used_variables(source: str) -> list[str]:
    """Return the variables a template text names, in order."""
    return [found[1] or found[2] for found in TAG.finditer(source) if found[1] or found[2]]


def printed_variables(texts: Any) -> set[str]:
    """Return the variables printed outside every `if`, in all texts below: those that must have a value."""
    printed: set[str] = set()
    for _place, source in _texts(texts, ""):
        depth = 0
        for found in TAG.finditer(source):
            depth += bool(found[2]) - bool(found[4])
            if found[1] and not depth:
                printed.add(found[1])
    return printed


def known_variables(content: dict[str, Any]) -> frozenset[str]:
    """Return what the templates of a playbook may name."""
    listed = {item["name"] for item in playbooks.reference("variables")["variables"]}
    return frozenset(listed | {fact["key"] for fact in content["facts_to_collect"]})


def _playbook(languages: Sequence[str]) -> Shape:
    def worded(shape: Shape) -> Shape:
        return localised(shape, languages=languages)

    named = {"id": text, "name": worded(text)}
    return record(
        {
            "schema_version": one_of(("1.0",)),
            "id": text,
            "kind": one_of(PlaybookKind.values),
            "name": worded(text),
            "definition": worded(text),
            "subtypes": list_of(
                record({**named, "responsibility_cluster": one_of(ResponsibilityCluster.values)}), at_least=1, key="id"
            ),
            "response_strategy": _strategy(),
            "severity_triggers": _each("severities", worded(text)),
            "communication_focus": list_of(record({"id": text, "text": worded(text)}), at_least=1, key="id"),
            "pitfalls": list_of(record({"id": text, "text": worded(text)}), key="id"),
            "facts_to_collect": list_of(_fact(worded), at_least=1, key="key"),
            "gates": _each("phases", list_of(_gate(worded), key="id")),
            "cadence": _cadence(worded),
            "channel_matrix": _matrix(worded),
            "approvals": _each("message_kinds", _approval()),
            "clock_refs": list_of(text),
            "remedy_options": list_of(record({**named, "approver_role": one_of(playbooks.words("roles"))}), key="id"),
            "metrics_focus": list_of(text),
            "message_templates": _templates(languages),
        },
        also={"stamps": _stamps()},
    )


def _each(name: str, shape: Shape) -> Shape:
    return record(dict.fromkeys(playbooks.words(name), shape))


def _strategy() -> Shape:
    return record(
        {
            "framework": text,
            "default_cluster": one_of(ResponsibilityCluster.values),
            "primary": list_of(text, at_least=1),
            "secondary": list_of(text),
            "avoid": list_of(text),
            "note": text,
        }
    )


def _fact(worded: Localise) -> Shape:
    return record(
        {
            "key": text,
            "type": one_of(FACT_TYPES),
            "needed_by": one_of(playbooks.words("phases")),
            "sensitivity": one_of(Sensitivity.values),
            "publishable": yes_or_no,
            "origin": one_of(("common", "type")),
            "label": worded(text),
        },
        also={"affects_customer": yes_or_no},
    )


def _gate(worded: Localise) -> Shape:
    # A kind is known by its judge or by the vocabulary; parameters of a new kind are that judge's affair.
    kinds = sorted({*playbooks.words("gate_kinds"), *phases.known_kinds()})
    fields = {
        "id": text,
        "kind": one_of(kinds),
        "enforcement": one_of(Enforcement.values),
        "label": worded(text),
        "origin": one_of(("common", "type")),
    }
    return record(fields, also={"params": _params})


def _params(value: Any, path: str) -> Iterator[str]:
    role = one_of(playbooks.words("roles"))
    known = {
        "roles": list_of(role, at_least=1),
        "role": role,
        "tier": one_of(playbooks.words("tiers")),
        "phase": one_of(playbooks.words("phases")),
        "message": one_of(playbooks.words("message_kinds")),
        "min_window": duration,
    }
    if not isinstance(value, dict):
        yield fault(path, "a mapping", value)
        return
    for name, item in value.items():
        ratio = _ratio if "ratio" in str(name) else anything
        yield from known.get(name, ratio)(item, f"{path}.{name}")


def _ratio(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        yield fault(path, "a ratio between 0 and 1", value)


def _cadence(worded: Localise) -> Shape:
    rhythm = record({"first_contact_within": duration, "update_every": duration})
    after = record(
        {"first_check_after_resolution": duration, "survey_after_resolution": duration},
        also={"aftercare": list_of(duration)},
    )
    return record(
        {
            "tempo": one_of(("slow", "medium", "fast")),
            "clock_starts": text,
            "by_severity": _each("severities", _each("tiers", rhythm)),
            "acknowledge_check_after": _each("tiers", optional(duration)),
            "follow_up": _each("tiers", after),
            "rules": list_of(worded(text)),
        }
    )


def _matrix(worded: Localise) -> Shape:
    channel = one_of(playbooks.words("channels"))
    row = record(
        {
            "primary": list_of(channel, at_least=1),
            "updates": list_of(channel, at_least=1),
            "written_confirmation": optional(record({"channel": channel, "within": duration})),
            "fallback": list_of(channel),
            "owner_role": one_of(playbooks.words("roles")),
            "prep_sheet_required": yes_or_no,
        },
        also={"note": worded(text)},
    )
    return record(dict.fromkeys(playbooks.words("tiers"), row), also={"rules": list_of(worded(text))})


def _approval() -> Shape:
    return record(
        {
            "approvers": list_of(one_of(playbooks.words("roles")), at_least=1),
            "rule": one_of(("all", "any_one")),
            "sla": duration,
            "deputy_after": duration,
            "author_may_approve": _never,
        }
    )


def _stamps() -> Shape:
    """Stamps beside the rule of a kind, from a severity or a number of customers on; who overrules; who opens.

    A holding statement needs one other person and never more.
    """
    roles = list_of(one_of(playbooks.words("roles")), at_least=1)
    further = record(
        {"kinds": list_of(one_of(CUSTOMER_KINDS[1:]), at_least=1), "roles": roles},
        also={"severity": one_of(playbooks.words("severities")), "customers": _number},
    )
    return record(
        {},
        also={
            "further": list_of(further),
            "objection": record({"overruled_by": roles}),
            "emergency": record({"opened_by": roles}),
        },
    )


def _number(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        yield fault(path, "a number above 0", value)


def _never(value: Any, path: str) -> Iterator[str]:
    if value is not False:
        yield fault(path, "false (the author never approves)", value)


def _templates(languages: Sequence[str]) -> Shape:
    elements = one_of(("greeting", *playbooks.words("message_elements")))
    sections = list_of(record({"element": elements, "text": text}), at_least=1)
    letter = record({"subject": text, "sections": sections, "short_text": text})
    needs = list_of(one_of(playbooks.words("message_elements")), at_least=1)
    about = {"audience": text, "elements_required": needs, "survey_questions": list_of(anything)}
    customer = localised(letter, languages=languages, also=about)

    def worded(shape: Shape) -> Shape:
        return localised(shape, languages=languages)

    return record({**dict.fromkeys(CUSTOMER_KINDS, customer), **_staff_templates(worded, languages)})


def _staff_templates(worded: Localise, languages: Sequence[str]) -> dict[str, Shape]:
    lines = list_of(record({"element": text, "text": text}), at_least=1)
    brief = record(
        {"subject": text, "sections": lines, "do": list_of(text), "do_not": list_of(text)},
        also={"escalation": text, "logging": text},
    )
    about = {"audience": text, "send_before": one_of(CUSTOMER_KINDS), "acknowledgement_required": yes_or_no}
    answer = record({"id": text, "origin": text, "question": worded(text), "answer": worded(text)})
    field = record({"key": text, "type": text, "required": yes_or_no, "label": worded(text)})
    step = record({"step": text, "text": worded(text)})
    return {
        "staff_brief": localised(brief, languages=languages, also=about),
        "qa_starter": record({"audience": text, "items": list_of(answer, key="id")}),
        "call_script": record({"audience": text, "structure": text, "steps": list_of(step, at_least=1, key="step")}),
        "call_preparation_sheet": record({"audience": text, "fields": list_of(field, at_least=1, key="key")}),
    }


def _disagreements(content: dict[str, Any]) -> Iterator[str]:
    yield from _strangers(content["clock_refs"], "clock_refs", playbooks.ids("clocks"), "clocks.yaml")
    yield from _strangers(content["metrics_focus"], "metrics_focus", playbooks.ids("metrics"), "metrics.yaml")
    yield from _gate_faults(content)
    yield from _concealments(content)
    templates = content["message_templates"]
    yield from template_faults(templates, path="message_templates", known=known_variables(content))
    for kind in CUSTOMER_KINDS:
        yield from _missing_elements(templates[kind], f"message_templates.{kind}")


def _strangers(names: list[str], path: str, known: frozenset[str], file: str) -> Iterator[str]:
    for index, name in enumerate(names):
        if name not in known:
            yield fault(f"{path}[{index}]", f"an id of {file}", name)


def _gate_faults(content: dict[str, Any]) -> Iterator[str]:
    facts = {fact["key"] for fact in content["facts_to_collect"]}
    seen: set[str] = set()
    for phase, gates in content["gates"].items():
        for index, gate in enumerate(gates):
            path = f"gates.{phase}[{index}]"
            if gate["id"] in seen:
                yield fault(f"{path}.id", "a name used once", gate["id"])
            seen.add(gate["id"])
            for place, value in _texts(gate.get("params", {}), f"{path}.params"):
                for name in set(_FACT.findall(value)) - facts:
                    yield fault(place, "a key of facts_to_collect", name)


def _concealments(content: dict[str, Any]) -> Iterator[str]:
    for index, item in enumerate(content["facts_to_collect"]):
        if item.get("affects_customer") and not item["publishable"]:
            yield fault(
                f"facts_to_collect[{index}].publishable", "true for what affects customers", item["publishable"]
            )


def _missing_elements(template: dict[str, Any], path: str) -> Iterator[str]:
    for language in set(template) & set(Language.values):
        present = {"title", *(section["element"] for section in template[language]["sections"])}
        for element in template["elements_required"]:
            if element not in present:
                yield f"{path}.{language}.sections: expected a section for the element {element}, but missing"


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
    elif isinstance(value, str):
        yield path, value


def _is_balanced(source: str) -> bool:
    depth = 0
    for found in TAG.finditer(source):
        depth += bool(found[2]) - bool(found[4])
        if depth < 0 or (found[3] and not depth):
            return False
    return depth == 0
