"""Freezes the newest playbooks of an incident into what its plan holds: content, first words and audiences."""

import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from incidents.enums import Language, Tier
from incidents.errors import Refusal
from incidents.models import Company, Incident
from notifications.enums import MessageKind
from workflows import durations, plan_merging, playbooks, playbooks_loader
from workflows.models import CommunicationPlan, PlanAudience, PlanParty, PlaybookVersion

NO_CHANGE = "no_change"
LINKED = "{% if update.linked %}\n\n{{ update.linked }}{% endif %}"


class NoPlaybook(Refusal):
    """No playbook of this name was loaded."""


@dataclass(frozen=True)
class Frozen:
    """The copy for one incident, where it came from, and words to begin with in the company's first language."""

    playbook: PlaybookVersion
    relationship: PlaybookVersion | None
    content: dict[str, Any]
    objective: str
    key_messages: str


def freeze(incident: Incident) -> Frozen:
    """Return the newest versions of the incident's playbooks as one copy; raises NoPlaybook."""
    playbook = _newest(incident.type)
    relationship = _newest(incident.relationship_type) if incident.relationship_type else None
    content = playbook.content
    if relationship is not None:
        content = plan_merging.merge(content, relationship.content)
    content = _with_our_own(content)
    focus = [_worded(item["text"]) for item in content["communication_focus"]]
    objective = _worded(playbooks.reference("phrases")["plan"]["objective"]).format(focus=focus[0])
    return Frozen(playbook, relationship, content, objective=objective, key_messages="\n".join(focus))


def audiences(plan: CommunicationPlan, *, severity: str) -> list[PlanAudience]:
    """Return the unsaved rows of a plan: one for each tier, with the intervals of this severity."""
    return [_audience(plan, tier, severity) for tier in Tier]


def parties(plan: CommunicationPlan, *, severity: str) -> list[PlanParty]:
    """Return the unsaved matrix of those who are no customers: a cell for each of them and each stage."""
    first = next(row for row in audiences(plan, severity=severity) if row.tier == Tier.ONE).first_contact_interval
    kinds = {plan.playbook.content["id"], (plan.content.get("relationship") or {}).get("id")}
    return [
        _party(
            plan,
            item,
            stage,
            window=first,
            is_concerned=severity in item["severities"] or bool(kinds & set(item["types"])),
        )
        for item in playbooks.reference("parties")["parties"]
        for stage in playbooks.reference("parties")["stages"]
    ]


def _party(
    plan: CommunicationPlan, item: dict[str, Any], stage: str, *, window: timedelta, is_concerned: bool
) -> PlanParty:
    """The first word and the last are needed where the party is concerned; updates in between are asked for."""
    is_needed = is_concerned and stage != MessageKind.PROGRESS_UPDATE
    return PlanParty(
        plan=plan,
        party=item["id"],
        stage=stage,
        channel=item["channel"],
        owner_role=item["owner_role"],
        due_interval=window * item["share"] if stage == MessageKind.FIRST_NOTICE else None,
        is_needed=is_needed,
        reason="" if is_needed else _("on request"),
    )


def rhythm(plan: CommunicationPlan, *, tier: int, severity: str) -> dict[str, timedelta]:
    """Return a tier's intervals for a severity, as the plan's frozen playbook has them."""
    lengths = plan.content["cadence"]["by_severity"][severity][f"tier_{tier}"]
    return {
        "first_contact_interval": durations.parse(lengths["first_contact_within"]),
        "update_interval": durations.parse(lengths["update_every"]),
    }


def _newest(key: str) -> PlaybookVersion:
    version = playbooks_loader.newest(key)
    if version is None:
        raise NoPlaybook(_("There is no playbook “%s”: load it, or choose another type.") % key)
    return version


def _with_our_own(content: dict[str, Any]) -> dict[str, Any]:
    """Add the facts and the texts that every incident needs, whatever its type; a playbook's own win."""
    ours = copy.deepcopy(playbooks.reference("phrases"))
    others = copy.deepcopy(playbooks.reference("parties")["message_templates"])
    known = {fact["key"] for fact in content["facts_to_collect"]}
    return {
        **content,
        "stamps": plan_merging.stamps(content.get("stamps", {}), playbooks.reference("approvals")["stamps"]),
        "facts_to_collect": [fact for fact in ours["facts"] if fact["key"] not in known] + content["facts_to_collect"],
        "message_templates": _speaking_of_links(
            {**others, **ours["message_templates"], **content["message_templates"]}
        ),
    }


def _speaking_of_links(templates: dict[str, Any]) -> dict[str, Any]:
    """Let updates say what a linked incident has to tell, where there is one: its customers then get one message."""
    spoken = {kind: dict(templates[kind]) for kind in (MessageKind.PROGRESS_UPDATE.value, NO_CHANGE)}
    for texts in spoken.values():
        for language in set(texts) & set(Language.values):
            sections = [dict(section) for section in texts[language]["sections"]]
            place = next((one for one in sections if one["element"] == "solution"), None) or next(
                one for one in sections if one["element"] == "opening"
            )
            place["text"] = f"{place['text']}{LINKED}"
            texts[language] = {**texts[language], "sections": sections}
    return {**templates, **spoken}


def _worded(texts: dict[str, str]) -> str:
    company = Company.objects.first()
    wanted = company.languages if company else []
    return next((texts[language] for language in [*wanted, *Language.values] if language in texts), "")


def _audience(plan: CommunicationPlan, tier: int, severity: str) -> PlanAudience:
    name = f"tier_{tier}"
    row, after = plan.content["channel_matrix"][name], plan.content["cadence"]["follow_up"][name]
    confirmation = row["written_confirmation"]
    return PlanAudience(
        plan=plan,
        tier=tier,
        first_channels=row["primary"],
        update_channels=row["updates"],
        fallback_channels=row["fallback"],
        written_confirmation_interval=durations.parse(confirmation["within"]) if confirmation else None,
        survey_interval=durations.parse(after["survey_after_resolution"]),
        check_interval=durations.parse(after["first_check_after_resolution"]),
        aftercare=after.get("aftercare", playbooks.reference("aftercare")["aftercare"][name]),
        needs_prep_sheet=row["prep_sheet_required"],
        owner_role=row["owner_role"],
        **rhythm(plan, tier=tier, severity=severity),
    )
