"""Changes to the frozen copy inside a plan: its templates, who approves, and its rhythm for each severity."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from incidents.enums import Role, Severity, Tier
from incidents.errors import Refusal
from workflows import durations, playbook_rules, playbook_shapes

Content = dict[str, Any]
RULES = ("all", "any_one")


class BadPlan(Refusal):
    """The change leaves the plan without something it needs; `faults` says what."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


def with_templates(content: Content, changes: Mapping[str, Mapping[str, Any]]) -> Content:
    """Return the copy with other texts of some message kinds, by kind and language; raises BadPlan."""
    known = playbook_rules.known_variables(content)
    templates = dict(content["message_templates"])
    faults: list[str] = []
    for kind, texts in changes.items():
        if kind not in templates:
            faults.append(playbook_shapes.fault("message_templates", f"one of {', '.join(templates)}", kind))
            continue
        faults += playbook_rules.template_faults(texts, path=f"message_templates.{kind}", known=known)
        templates[kind] = {**templates[kind], **texts}
    if faults:
        raise BadPlan(faults)
    return {**content, "message_templates": templates}


def with_approvals(content: Content, changes: Mapping[str, Mapping[str, Any]]) -> Content:
    """Return the copy with other approvers of some kinds: roles, rule, and the two times; raises BadPlan."""
    rules = dict(content["approvals"])
    faults: list[str] = []
    for kind, change in changes.items():
        if kind not in rules:
            faults.append(playbook_shapes.fault("approvals", f"one of {', '.join(rules)}", kind))
            continue
        rule = {**rules[kind], **{name: _written(value) for name, value in change.items()}}
        faults += _approval_faults(kind, rule)
        rules[kind] = rule
    if faults:
        raise BadPlan(faults)
    return {**content, "approvals": rules}


def with_cadence(content: Content, changes: Mapping[tuple[str, int], Mapping[str, timedelta]]) -> Content:
    """Return the copy with another rhythm for some severities and tiers; raises BadPlan."""
    rhythm = {severity: dict(tiers) for severity, tiers in content["cadence"]["by_severity"].items()}
    for (severity, tier), lengths in changes.items():
        if severity not in Severity.values or tier not in Tier.values:
            raise BadPlan([_("There is no rhythm for %(severity)s, tier %(tier)s.") % _named(severity, tier)])
        if min(lengths.values(), default=timedelta()) <= timedelta():
            raise BadPlan([_("Tier %s: an interval is longer than nothing.") % tier])
        written = {name: durations.write(length) for name, length in lengths.items()}
        rhythm[severity][f"tier_{tier}"] = {**rhythm[severity][f"tier_{tier}"], **written}
    return {**content, "cadence": {**content["cadence"], "by_severity": rhythm}}


def _approval_faults(kind: str, rule: Mapping[str, Any]) -> list[str]:
    faults = []
    if not rule["approvers"] or not set(rule["approvers"]) <= set(Role.values):
        faults.append(_("%s: name at least one role that approves it.") % kind)
    if rule["rule"] not in RULES:
        faults.append(playbook_shapes.fault(f"approvals.{kind}.rule", f"one of {', '.join(RULES)}", rule["rule"]))
    if durations.parse(rule["deputy_after"]) > durations.parse(rule["sla"]):
        faults.append(_("%s: the deputy steps in before the time is over, not after it.") % kind)
    return faults


def _written(value: Any) -> Any:
    return durations.write(value) if isinstance(value, timedelta) else value


def _named(severity: str, tier: int) -> dict[str, Any]:
    return {"severity": severity, "tier": tier}
