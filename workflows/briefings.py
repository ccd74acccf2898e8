"""The staff brief: one line to take from the confirmed fact sheet, approved and read before customers hear."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Min, OuterRef, Q, Subquery

from incidents import audit, embargo, facts
from incidents.enums import Language, Role, TimelineKind
from incidents.errors import Refusal
from incidents.models import FactSheet, Incident, User
from incidents.sentences import gettext as _
from workflows import plans, roster, staff_notices, staff_texts
from workflows.enums import BriefState, TrainingTopic
from workflows.models import BriefAcknowledgement, CommunicationPlan, StaffBrief, TrainingRecord

TEMPLATE = staff_texts.BRIEF
# Log-in groups whose members talk to customers; the team of the incident reads the brief too.
FRONT_LINE_GROUPS = ("Support agent", "Account manager")
_WRITABLE = frozenset({"subject", "sections", "do", "do_not", "escalation", "logging"})


class NotConfirmed(Refusal):
    """There is no confirmed fact sheet to brief staff from."""


class CannotApproveBrief(Refusal):
    """This person may not approve this brief, or it is not a draft."""


class NotApproved(Refusal):
    """Only an approved brief is given to staff."""


class NotAsked(Refusal):
    """This person was not given this brief."""


class QuizOpen(Refusal):
    """The brief is acknowledged by its quiz."""


def draft_brief(incident: Incident, *, by: User, now: datetime) -> StaffBrief:
    """Write a new version of the brief in every language of the company, from the plan's template and confirmed facts.

    An unknown fact reads “not known yet”: staff must know what they cannot say. Older versions are superseded.
    """
    sheet = facts.confirmed(incident)
    if sheet is None:
        raise NotConfirmed(
            _("Staff are briefed from confirmed facts: let another person confirm the fact sheet first.")
        )
    with transaction.atomic():
        Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
        plan = plans.required(incident)
        last = incident.briefs.order_by("-version").first()
        incident.briefs.exclude(state=BriefState.SUPERSEDED).update(state=BriefState.SUPERSEDED)
        valid_until = _valid_until(plan, now=now)
        brief = StaffBrief.objects.create(
            incident=incident,
            version=last.version + 1 if last else 1,
            quiz=last.quiz if last else [],
            fact_sheet=sheet,
            content=_content(incident, plan=plan, valid_until=valid_until, now=now),
            author=by,
            valid_until=valid_until,
            created_at=now,
        )
        log(brief, action="brief.drafted", text=_("Staff brief v%s drafted") % brief.version, by=by, now=now)
    return brief


def edit(brief: StaffBrief, *, language: str, changes: dict[str, Any], by: User, now: datetime) -> StaffBrief:
    """Change the words of one language of a drafted brief; who changed them last is its author."""
    unknown = sorted(set(changes) - _WRITABLE)
    if unknown:
        raise NotApproved(_("A brief has no part “%s”.") % ", ".join(unknown))
    with transaction.atomic():
        locked = _lock(brief)
        if locked.state != BriefState.DRAFT:
            raise CannotApproveBrief(_("Staff brief v%s is no draft any more: draft a new one.") % locked.version)
        locked.content = {**locked.content, language: {**locked.content.get(language, {}), **changes}}
        locked.author = by
        locked.save(update_fields=["content", "author"])
        log(locked, action="brief.edited", text=_("Staff brief v%s edited") % locked.version, by=by, now=now)
    return locked


def approve(brief: StaffBrief, *, by: User, now: datetime) -> StaffBrief:
    """Approve a drafted brief as another person, who holds or stands in for one of the plan's roles for briefs.

    Where an older version was given to the front line, this one is given to them at once.
    """
    with transaction.atomic():
        locked = _lock(brief)
        if locked.state != BriefState.DRAFT:
            raise CannotApproveBrief(_("Staff brief v%s is not a draft.") % locked.version)
        if locked.author_id == by.pk:
            raise CannotApproveBrief(_("You wrote this brief: another person approves it."))
        refuse_without_role(locked.incident, kind=TEMPLATE, by=by)
        locked.state = BriefState.APPROVED
        locked.approved_by = by
        locked.approved_at = now
        locked.save(update_fields=["state", "approved_by", "approved_at"])
        log(locked, action="brief.approved", text=_("Staff brief v%s approved") % locked.version, by=by, now=now)
        if BriefAcknowledgement.objects.filter(brief__incident=locked.incident).exists():
            publish(locked, by=by, now=now)
    return locked


def approve_and_give(brief: StaffBrief, *, by: User, now: datetime) -> int:
    """Approve a drafted brief and give it to the front line in one step; return how many are asked to read it."""
    with transaction.atomic():
        approved = approve(brief, by=by, now=now)
        publish(approved, by=by, now=now)
    return approved.acknowledgements.count()


def publish(brief: StaffBrief, *, by: User, now: datetime) -> int:
    """Ask the front line to read an approved brief: support, account managers and the team; return how many are new.

    Everybody asked gets a mail with the link to read and acknowledge it.
    """
    with transaction.atomic():
        locked = _lock(brief)
        if locked.state != BriefState.APPROVED:
            raise NotApproved(_("Staff brief v%s is not approved.") % locked.version)
        before = locked.acknowledgements.count()
        people = front_line(locked.incident)
        rows = [BriefAcknowledgement(brief=locked, user=user, asked_at=now) for user in people]
        BriefAcknowledgement.objects.bulk_create(rows, ignore_conflicts=True)
        asked = locked.acknowledgements.count() - before
        if asked:
            text = _("Staff brief v%(version)s given to %(count)d people") % {"version": locked.version, "count": asked}
            log(locked, action="brief.published", text=text, by=by, now=now)
            staff_notices.tell(locked.incident, news=_news(locked, f"brief:{locked.pk}"), people=people, now=now)
    return asked


def remind(brief: StaffBrief, *, by: User, now: datetime) -> int:
    """Write once more to everybody who has not read the brief; return how many they are."""
    silent = list(User.objects.filter(_has_not_read(brief), is_active=True).order_by("pk"))
    if not silent:
        raise NotAsked(_("Everybody who was asked has read staff brief v%s.") % brief.version)
    news = _news(brief, f"brief:{brief.pk}:{int(now.timestamp())}")
    staff_notices.tell(brief.incident, news=news, people=silent, now=now)
    text = _("%(count)d people reminded of staff brief v%(version)s")
    log(brief, action="brief.reminded", text=text % {"count": len(silent), "version": brief.version}, by=by, now=now)
    return len(silent)


def acknowledge(brief: StaffBrief, *, by: User, now: datetime) -> BriefAcknowledgement:
    """Record that this person has read a brief without a quiz; a second time changes nothing."""
    row = asked(brief, by=by)
    if row.acknowledged_at is None:
        if brief.quiz:
            raise QuizOpen(_("Answer the questions of staff brief v%s: that acknowledges it.") % brief.version)
        keep_acknowledgement(row, now=now)
    return row


def asked(brief: StaffBrief, *, by: User) -> BriefAcknowledgement:
    """Return what a person was asked to read; raises NotApproved for a replaced brief, NotAsked for a stranger."""
    if brief.state != BriefState.APPROVED:
        raise NotApproved(_("Staff brief v%s was replaced: read the newest one.") % brief.version)
    row = BriefAcknowledgement.objects.filter(brief=brief, user=by).select_related("brief__incident", "user").first()
    if row is None:
        raise NotAsked(_("Staff brief v%s was not given to you.") % brief.version)
    return row


def keep_acknowledgement(row: BriefAcknowledgement, *, now: datetime) -> None:
    """Keep when the brief was read, and that its reader is trained for this incident."""
    row.acknowledged_at = now
    row.save(update_fields=["acknowledged_at"])
    TrainingRecord.objects.get_or_create(
        user=row.user,
        incident=row.brief.incident,
        topic=TrainingTopic.INCIDENT_BRIEF,
        defaults={"trained_at": now, "score": row.first_score, "recorded_by": row.user},
    )


def acknowledgements(brief: StaffBrief) -> tuple[int, int]:
    """Return how many have read the brief, of how many who can still log in."""
    counted = brief.acknowledgements.filter(user__is_active=True).aggregate(
        read=Count("pk", filter=Q(acknowledged_at__isnull=False)), asked=Count("pk")
    )
    return counted["read"], counted["asked"]


def ratio(brief: StaffBrief) -> float:
    """Return the share of the people asked who have read the brief; asked of nobody is read by nobody."""
    read, asked = acknowledgements(brief)
    return read / asked if asked else 0.0


def current(incident: Incident) -> StaffBrief | None:
    """Return the newest brief that is not superseded."""
    rows = StaffBrief.objects.filter(incident=incident).exclude(state=BriefState.SUPERSEDED)
    return rows.select_related("fact_sheet", "incident").order_by("-version").first()


def in_force(incident: Incident) -> StaffBrief | None:
    """Return the newest brief that was ever approved: what staff go by until a newer one is."""
    rows = StaffBrief.objects.filter(incident=incident, approved_at__isnull=False)
    return rows.select_related("fact_sheet", "incident").order_by("-version").first()


def changed_facts(brief: StaffBrief) -> list[str]:
    """Return the keys of facts used in the brief that differ in the newest confirmed fact sheet."""
    newest = facts.confirmed(brief.incident)
    if newest is None or newest.pk == brief.fact_sheet_id:
        return []
    template = plans.template(plans.required(brief.incident), TEMPLATE)
    used = staff_texts.variables(template)
    return [key for key in facts.changed_keys(brief.fact_sheet, newest) if key in used]


def refresh(incident: Incident, *, by: User, now: datetime) -> StaffBrief | None:
    """Replace a brief that a newer confirmed fact sheet made wrong: a new draft, to be approved and read again."""
    brief = current(incident)
    if brief is None or not changed_facts(brief):
        return None
    return draft_brief(incident, by=by, now=now)


def outdated(*, now: datetime) -> list[int]:
    """Return the live incidents whose brief rests on another fact sheet than the newest confirmed one."""
    sheets = FactSheet.objects.filter(incident=OuterRef("incident"), confirmed_by__isnull=False).order_by("-version")
    briefs = StaffBrief.objects.exclude(state=BriefState.SUPERSEDED).filter(incident__in=Incident.objects.live())
    resting = briefs.annotate(newest=Subquery(sheets.values("pk")[:1])).exclude(fact_sheet_id=F("newest"))
    return list(resting.order_by("incident_id").values_list("incident_id", flat=True).distinct())


def renew(pk: int, *, now: datetime) -> StaffBrief | None:
    """Replace the brief of an incident that a newer confirmed fact sheet made wrong.

    The new draft counts as written by who wrote the fact sheet, so that another person approves it.
    """
    incident = Incident.objects.get(pk=pk)
    sheet = facts.confirmed(incident)
    return refresh(incident, by=sheet.created_by, now=now) if sheet else None


def front_line(incident: Incident) -> list[User]:
    """Return who must read a brief: active members of the front-line groups, and the incident's team.

    Under an embargo only who may know of the incident at all.
    """
    team = [user.pk for user in roster.people(incident)]
    meant = User.objects.filter(Q(groups__name__in=FRONT_LINE_GROUPS) | Q(pk__in=team), is_active=True)
    people = meant.distinct().order_by("pk")
    return [person for person in people if not incident.is_embargoed or embargo.is_visible(incident, to=person)]


def refuse_without_role(incident: Incident, *, kind: str, by: User) -> None:
    """Raise CannotApproveBrief unless the person holds or stands in for a role that approves this kind."""
    roles = plans.approval_rule(plans.required(incident), kind).roles
    if not by.is_active or not set(roles) & roster.roles_of(incident, by):
        named = " / ".join(str(Role(role).label) for role in roles)
        raise CannotApproveBrief(_("This is approved by: %s. Ask one of them or their deputy.") % named)


def _content(
    incident: Incident, *, plan: CommunicationPlan, valid_until: datetime, now: datetime
) -> dict[str, dict[str, Any]]:
    template = plans.template(plan, TEMPLATE)
    shared = staff_texts.shared_values(incident, plan=plan, now=now)
    spoken = [language for language in shared if language in template] or [str(Language.EN)]
    return {
        language: staff_texts.fill_all(
            template[language],
            known={
                **shared.get(language, {}),
                **staff_texts.brief_values(incident, language=language, valid_until=valid_until),
            },
            language=language,
        )
        for language in spoken
    }


def _valid_until(plan: CommunicationPlan, *, now: datetime) -> datetime:
    """A brief holds until the next round of updates of the tier that is updated most often."""
    shortest = plan.audiences.aggregate(shortest=Min("update_interval"))["shortest"]
    until: datetime = now + shortest
    return until


def _lock(brief: StaffBrief) -> StaffBrief:
    return StaffBrief.objects.select_for_update(no_key=True, of=("self",)).select_related("incident").get(pk=brief.pk)


def log(brief: StaffBrief, *, action: str, text: str, by: User, now: datetime) -> None:
    """Write a line of the story and of the audit trail."""
    audit.tell(brief.incident, kind=TimelineKind.PLAN, text=text, by=by, now=now)
    audit.record(brief.incident, action=action, actor=by, now=now, data={"version": brief.version})


def _has_not_read(brief: StaffBrief) -> Q:
    return Q(brief_acknowledgements__brief=brief, brief_acknowledgements__acknowledged_at=None)


def _news(brief: StaffBrief, key: str) -> staff_notices.News:
    return staff_notices.News(
        key=key,
        subject=_("Please read staff brief v%s") % brief.version,
        text=_("What we say to customers, what we do not, and what is known. Read it before the next conversation."),
        path=f"/admin/workflows/staffbrief/{brief.pk}/acknowledge/",
    )
