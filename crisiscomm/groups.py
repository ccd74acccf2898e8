"""The groups people are put into, each with the least it needs; the table in docs/security.md says the same."""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.utils.translation import gettext_lazy as _


class GroupName(models.TextChoices):
    """Names of the groups, as they stand in the database."""

    CRISIS_LEAD = "Crisis lead", _("Crisis lead")
    COMMUNICATIONS_WRITER = "Communications writer", _("Communications writer")
    APPROVER = "Approver", _("Approver")
    SUPPORT_AGENT = "Support agent", _("Support agent")
    ACCOUNT_MANAGER = "Account manager", _("Account manager")
    VIEWER = "Viewer", _("Viewer")


def _all(verbs: str, app: str, nouns: str) -> set[str]:
    return {f"{app}.{verb}_{noun}" for noun in nouns.split() for verb in verbs.split()}


# What happened, what was said, what was decided; no words of customers, no restricted set-up, no audit trail.
READING = (
    _all(
        "view",
        "incidents",
        "action incident company commitment costitem customer customeroutcome decision dutyshift evidence exclusion "
        "fact factsheet factversion gatewaiver hotlinewait impact phasetransition remedylimit remedyoption "
        "rosterentry segment signal signalthreshold teamassignment timelineentry unknown withholding",
    )
    # Whoever notices something reports it.
    | {"incidents.add_incident"}
    | _all(
        "view",
        "notifications",
        "approval approvalrequirement delivery emergencyapproval languageapproval message messagerevision "
        "objection pagepost",
    )
    | _all(
        "view",
        "workflows",
        "alert briefacknowledgement case claim clockrun communicationplan holdlist improvement incidentlink "
        "outreachtask planaudience planparty playbook playbookversion postcomment pressconference "
        "pressenquiry qaentry review rhythmpause socialpost staffbrief standingapproval updateslot",
    )
)
LISTENING = (
    _all("view", "incidents", "chattranscript contactpoint feedback remedychoice surveyresponse")
    | _all("add change", "incidents", "feedback")
    | _all("add", "incidents", "hotlinewait")
    | _all("change", "workflows", "outreachtask")
    | _all("add", "workflows", "briefacknowledgement")
    | {"incidents.see_addresses", "notifications.approve_language"}
)
WRITING = (
    _all("add", "incidents", "evidence withholding")
    | _all("add change", "incidents", "action commitment fact factsheet feedback unknown remedyoption")
    | _all("add change", "incidents", "segment")
    | _all("add", "incidents", "hotlinewait")
    | _all("view", "incidents", "chattranscript feedback remedychoice surveyresponse")
    | _all("add change", "workflows", "qaentry staffbrief briefacknowledgement")
    | _all("add change", "workflows", "pressconference pressenquiry socialpost")
    | _all("change", "workflows", "alert communicationplan planaudience planparty")
    | {"notifications.write_message", "notifications.approve_language", "notifications.release_message"}
    | {"incidents.stop_sending"}
)
APPROVING = (
    {
        "incidents.approve_withholding",
        "incidents.confirm_factsheet",
        "incidents.stop_sending",
        "notifications.approve_language",
        "notifications.approve_message",
        "workflows.approve_plan",
        "workflows.change_clockrun",
        "workflows.stop_clock",
    }
    | _all("add", "incidents", "decision")
    | _all("change", "workflows", "alert qaentry staffbrief")
    | _all("change", "incidents", "remedyoption")
)
LEADING = (
    _all("view", "incidents", "auditevent user contactpoint")
    | _all("add", "incidents", "decision gatewaiver")
    | _all(
        "add change",
        "incidents",
        "customer contactpoint exclusion impact rosterentry teamassignment dutyshift signalthreshold",
    )
    | _all("add", "incidents", "costitem customeroutcome")
    | _all("change", "incidents", "incident company remedychoice")
    | _all("add change", "workflows", "case incidentlink")
    | _all("add change", "workflows", "alert outreachtask playbook playbookversion review improvement updateslot")
    | _all("view add", "workflows", "trainingrecord")
    | _all("view", "notifications", "webhookendpoint staffnotice suppression providerevent")
    | _all("change", "notifications", "delivery")
    | {
        "incidents.declare_incident",
        "incidents.move_phase",
        "incidents.waive_gate",
        "incidents.import_customers",
        "incidents.export_customers",
        "incidents.see_addresses",
    }
)
KEEPING = (
    _all("add change", "incidents", "customer contactpoint commitment segment")
    | _all("change", "incidents", "impact remedychoice")
    | _all("add", "incidents", "costitem customeroutcome")
    | {"incidents.import_customers"}
)

GROUPS: dict[GroupName, set[str]] = {
    GroupName.CRISIS_LEAD: READING | LISTENING | WRITING | APPROVING | LEADING | KEEPING,
    GroupName.COMMUNICATIONS_WRITER: READING | WRITING,
    GroupName.APPROVER: READING | APPROVING,
    GroupName.SUPPORT_AGENT: READING | LISTENING,
    GroupName.ACCOUNT_MANAGER: READING | LISTENING | KEEPING,
    GroupName.VIEWER: READING,
}


def make_groups(*, using: str, **_arguments: Any) -> None:
    """Give each group exactly its permissions; run after every migration, so that a new release needs no hand."""
    ours: list[AppConfig] = [apps.get_app_config(name) for name in ("incidents", "notifications", "workflows")]
    for app in ours:
        # Django makes them in the same round, perhaps after us.
        create_permissions(app, verbosity=0, using=using)
    rows = (
        Permission.objects.using(using)
        .select_related("content_type")
        .filter(content_type__app_label__in=[app.label for app in ours])
    )
    by_name = {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
    for name, permissions in GROUPS.items():
        group, _created = Group.objects.using(using).get_or_create(name=name.value)
        group.permissions.set([by_name[permission] for permission in sorted(permissions)])
