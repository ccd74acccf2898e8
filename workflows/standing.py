"""Which automatic updates were approved beforehand with the plan, by whom, and on what basis."""

from incidents import facts
from incidents.models import User
from incidents.sentences import gettext as _
from notifications import compose
from notifications.enums import MessageKind
from notifications.models import Message, MessageRevision
from workflows import plans
from workflows.enums import PlanState
from workflows.models import CommunicationPlan, StandingApproval


def basis(message: Message) -> tuple[User, str] | None:
    """Return who approved these words beforehand, and the sentence that says so."""
    plan = plans.current(message.incident)
    revision = compose.current(message)
    if plan is None or plan.state != PlanState.APPROVED or message.kind != MessageKind.PROGRESS_UPDATE:
        return None
    if revision.author_id is not None or not _is_from_the_newest_facts(revision):
        return None
    # The plan's approver allowed each kind apart: the update from its template, and the plain “no change” text.
    for granted in StandingApproval.objects.filter(plan=plan, revoked_at=None).order_by("pk"):
        if _covers(granted, revision):
            named = {"version": plan.version, "person": granted.granted_by}
            return granted.granted_by, _("standing approval of plan v%(version)s by %(person)s") % named
    return None


def _covers(granted: StandingApproval, revision: MessageRevision) -> bool:
    kind = granted.message_kind
    is_unchanged = granted.template_sha256 == plans.template_digest(granted.plan, kind)
    return is_unchanged and _is_template(revision, granted.plan, kind)


def _is_template(revision: MessageRevision, plan: CommunicationPlan, kind: str) -> bool:
    if kind not in plan.content["message_templates"]:
        return False
    template = plans.template(plan, kind)
    texts = revision.content["texts"]
    return bool(texts) and all(
        language in template and compose.clean_text(template[language]) == text for language, text in texts.items()
    )


def _is_from_the_newest_facts(revision: MessageRevision) -> bool:
    confirmed = facts.confirmed(revision.message.incident)
    return confirmed is not None and revision.fact_sheet_id == confirmed.pk
