"""Plain builders around gates: a team, a small plan, affected customers, released messages, deliveries."""

from datetime import timedelta
from typing import Any

from incidents.enums import ContactKind, Role
from incidents.models import ContactPoint, Customer, FactSheet, Impact, Incident, TeamAssignment, User
from incidents.phases import Blocker, Enforcement, Gate, judge_of
from notifications.enums import DeliveryStatus, MessageKind
from notifications.models import Approval, ApprovalRequirement, Delivery, Message, MessageRevision, PagePost
from tests import factories_incidents as make
from workflows.models import CommunicationPlan, OutreachTask, PlanAudience, Playbook, PlaybookVersion

NOW = make.NOW
TEAM = {
    Role.INCIDENT_LEAD: "lena",
    Role.COMMUNICATIONS_LEAD: "carla",
    Role.SUBJECT_OWNER: "sven",
    Role.LEGAL_COUNSEL: "lydia",
    Role.EXECUTIVE_SPONSOR: "emil",
    Role.SPOKESPERSON: "sofia",
    Role.ACCOUNT_MANAGER: "anna",
}
CHANNELS: dict[int, list[str]] = {
    1: ["phone", "video", "in_person"],
    2: ["email_personal", "phone"],
    3: ["website_notice", "official_statement"],
}


def incident_with_team(**fields: Any) -> Incident:
    """Return a reported incident whose team is `TEAM`."""
    incident = make.reported(**fields)
    for role, username in TEAM.items():
        TeamAssignment.objects.create(incident=incident, role=role, user=make.person(username))
    return incident


def judged(incident: Incident, kind: str, *, now: Any = NOW, **params: Any) -> list[Blocker]:
    """Return what the judge of a kind says about a gate with these parameters."""
    judge = judge_of(kind)
    assert judge is not None, f"nobody judges {kind}"
    gate = Gate(params.pop("id", "G-01"), kind, Enforcement.WAIVABLE, {"en": "Gate"}, params)
    return judge(incident, gate, now)


def missing(incident: Incident, kind: str, *, now: Any = NOW, **params: Any) -> str:
    """Return the sentence of the gate without its label, or an empty text when it holds."""
    found = judged(incident, kind, now=now, **params)
    if not found:
        return ""
    assert [bool(blocker.hint) for blocker in found] == [True]
    return found[0].text.removeprefix("Gate: ")


def plan(incident: Incident, *, content: dict[str, Any] | None = None, **fields: Any) -> CommunicationPlan:
    """Return a small drafted plan with three audiences."""
    playbook, _created = Playbook.objects.get_or_create(key="small", defaults={"kind": "incident_type", "name": {}})
    version, _created = PlaybookVersion.objects.get_or_create(
        playbook=playbook, number=1, defaults={"content": {}, "sha256": "0", "source": "test", "created_at": NOW}
    )
    defaults = {"version": 1, "created_by": make.person("carla"), "created_at": NOW}
    made = CommunicationPlan.objects.create(
        incident=incident, playbook=version, content={"gates": {}, **(content or {})}, **{**defaults, **fields}
    )
    for tier, channels in CHANNELS.items():
        PlanAudience.objects.create(
            plan=made,
            tier=tier,
            first_channels=channels,
            update_channels=["email_personal", "status_page"],
            fallback_channels=["sms"] if tier == 2 else [],
            first_contact_interval=timedelta(hours=2 * tier),
            update_interval=timedelta(hours=8),
            written_confirmation_interval=timedelta(hours=2) if tier < 3 else None,
            needs_prep_sheet=tier == 1,
            owner_role=Role.ACCOUNT_MANAGER if tier < 3 else Role.COMMUNICATIONS_LEAD,
        )
    return made


def affected(incident: Incident, crm_id: str, *, tier: int | None = 1, phone: str = "", **fields: Any) -> Customer:
    """Return an affected customer with an e-mail address, and a telephone where one is given."""
    customer = make.customer(crm_id, **fields)
    Impact.objects.create(incident=incident, customer=customer, computed_tier=tier, affected_items="order 7")
    address = f"{crm_id.lower()}@example.org"
    ContactPoint.objects.create(customer=customer, kind=ContactKind.EMAIL, value=address, normalised=address)
    if phone:
        ContactPoint.objects.create(customer=customer, kind=ContactKind.PHONE, value=phone, normalised=phone)
    return customer


def message(
    incident: Incident, *, kind: MessageKind = MessageKind.FIRST_NOTICE, number: int = 1, **fields: Any
) -> Message:
    """Return a drafted message for every tier, by carla."""
    defaults: dict[str, Any] = {
        "audience": {"tiers": [1, 2, 3]},
        "channels": {str(tier): names for tier, names in CHANNELS.items()},
        "author": make.person("carla"),
        "created_at": NOW,
    }
    drafted = Message.objects.create(incident=incident, kind=kind, number=number, **{**defaults, **fields})
    text = {
        "subject": "Late",
        "sections": [{"element": "opening", "text": "Your order is late."}],
        "short_text": "Late",
    }
    content = {"kind": kind, "languages": ["en"], "texts": {"en": text}, "values": {"en": {}}, "times": {}}
    for name in ("audience", "channels", "promises", "uncertain_policy"):
        content[name] = getattr(drafted, name)
    drafted.current = MessageRevision.objects.create(
        message=drafted, number=1, content=content, sha256="a" * 64, author=drafted.author, created_at=NOW
    )
    drafted.save(update_fields=["current"])
    return drafted


def approved(incident: Incident, *, by: User | None = None, **fields: Any) -> Message:
    """Return a message that the incident lead approved."""
    drafted = message(incident, **fields)
    assert drafted.current is not None
    ApprovalRequirement.objects.create(revision=drafted.current, any_of=[Role.INCIDENT_LEAD])
    drafted.submit()
    drafted.save()
    Approval.objects.create(
        revision=drafted.current,
        sha256="a" * 64,
        role=Role.INCIDENT_LEAD,
        approver=by or make.person("lena"),
        approved_at=NOW,
    )
    drafted.approve()
    drafted.save()
    return drafted


def released(incident: Incident, *, at: Any = NOW, **fields: Any) -> Message:
    """Return a released message without deliveries."""
    ready = approved(incident, **fields)
    ready.release()
    ready.released_at = at
    ready.save()
    return ready


def delivery(sent: Message, customer: Customer, *, status: DeliveryStatus, **fields: Any) -> Delivery:
    """Return one delivery of a released message with this fate."""
    tier = Impact.objects.get(incident=sent.incident, customer=customer).tier or 3
    defaults = {"channel": "email_personal", "tier": tier, "language": "en"}
    row = {**defaults, **fields}
    assert sent.current is not None
    return Delivery.objects.create(
        incident=sent.incident,
        message=sent,
        revision=sent.current,
        customer=customer,
        status=status,
        next_attempt_at=NOW,
        created_at=NOW,
        **row,
    )


def published(sent: Message) -> PagePost:
    """Put a released message on the public page."""
    return PagePost.objects.create(
        incident=sent.incident, message=sent, kind=sent.kind, texts={"en": {}}, published_at=NOW
    )


def contact(sent: Message, customer: Customer, **fields: Any) -> OutreachTask:
    """Return a planned contact of a message."""
    defaults = {"origin": "plan", "channel": "phone", "due_at": NOW, "created_at": NOW}
    return OutreachTask.objects.create(
        incident=sent.incident, customer=customer, **{"message": sent, **defaults, **fields}
    )


def confirmed_sheet(incident: Incident) -> FactSheet:
    """Freeze the facts and confirm them by another person."""
    from incidents import facts

    sheet = facts.freeze(incident, by=make.person("lena"), now=NOW)
    return facts.confirm(sheet, by=make.person("carla"), now=NOW)
