"""Who holds which role in one incident, and the profile that spreads ten roles over three people."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from incidents import audit, sentences
from incidents.enums import Role, TimelineKind
from incidents.errors import Refusal
from incidents.models import Incident, TeamAssignment, User
from incidents.sentences import gettext as _


class TooFewPeople(Refusal):
    """A team of three needs three different people with active log-ins."""


class SamePerson(Refusal):
    """A person and the deputy are two people."""


@dataclass(frozen=True)
class TeamOfThree:
    """Three people who hold every role between them; each stands in for another, so nobody approves own words."""

    lead: User
    communications: User
    adviser: User


# The lead decides, communications speaks, the adviser checks; the first name in a pair holds, the second stands in.
_PROFILE: dict[Role, tuple[str, str]] = {
    Role.INCIDENT_LEAD: ("lead", "adviser"),
    Role.COMMUNICATIONS_LEAD: ("communications", "lead"),
    Role.SUBJECT_OWNER: ("lead", "adviser"),
    Role.LEGAL_COUNSEL: ("adviser", "lead"),
    Role.EXECUTIVE_SPONSOR: ("lead", "adviser"),
    Role.SPOKESPERSON: ("communications", "lead"),
    Role.ACCOUNT_MANAGER: ("communications", "adviser"),
    Role.PRIVACY_OFFICER: ("adviser", "lead"),
    Role.HR_LEAD: ("adviser", "lead"),
    Role.FINANCE_LEAD: ("adviser", "lead"),
}


def holder(incident: Incident, role: Role | str) -> User | None:
    """Return who holds a role in the incident, or None when nobody does."""
    assignment = incident.team.select_related("user").filter(role=role).first()
    return assignment.user if assignment else None


def deputies(incident: Incident, role: Role | str) -> list[User]:
    """Return who stands in for a role in the incident."""
    return list(User.objects.filter(deputy_assignments__incident=incident, deputy_assignments__role=role))


def roles_of(incident: Incident, user: User) -> frozenset[Role]:
    """Return the roles a person holds or stands in for."""
    held = incident.team.filter(user=user).values_list("role", flat=True)
    stood_in = incident.team.filter(deputy=user).values_list("role", flat=True)
    return frozenset(Role(role) for role in held.union(stood_in))


def people(incident: Incident) -> list[User]:
    """Return everybody on the team, holders and deputies, each once, in order of log-in name."""
    pairs = incident.team.values_list("user_id", "deputy_id")
    return list(User.objects.filter(pk__in={key for pair in pairs for key in pair if key}).order_by("username"))


def assign(  # noqa: PLR0913 - who, as what, who stands in, and who says so
    incident: Incident, *, role: Role, user: User, deputy: User | None, by: User, now: datetime
) -> TeamAssignment:
    """Give a role of the incident to a person, with or without a deputy, in place of whoever held it."""
    if deputy is not None and deputy.pk == user.pk:
        raise SamePerson(_("%s cannot stand in for themselves: name another deputy, or none.") % user)
    with transaction.atomic():
        seat, _is_new = TeamAssignment.objects.update_or_create(
            incident=incident, role=role, defaults={"user": user, "deputy": deputy}
        )
        audit.tell(
            incident,
            kind=TimelineKind.NOTE,
            text=sentences.pattern("%(role)s: %(person)s") % {"role": Role(role).label, "person": user},
            by=by,
            now=now,
        )
        data = {"role": role.value, "user": user.pk, "deputy": deputy.pk if deputy else None}
        audit.record(incident, action="team.assigned", actor=by, now=now, data=data)
    return seat


def apply_team_of_three(incident: Incident, *, people: TeamOfThree, by: User, now: datetime) -> list[TeamAssignment]:
    """Give every role of the incident to one of three people, in place of whoever held it."""
    members = {"lead": people.lead, "communications": people.communications, "adviser": people.adviser}
    if len({user.pk for user in members.values()}) < 3 or not all(user.is_active for user in members.values()):
        raise TooFewPeople(_("A team of three needs three different people who can log in."))
    with transaction.atomic():
        team = [
            TeamAssignment.objects.update_or_create(
                incident=incident, role=role, defaults={"user": members[holds], "deputy": members[stands_in]}
            )[0]
            for role, (holds, stands_in) in _PROFILE.items()
        ]
        names = ", ".join(str(user) for user in members.values())
        audit.tell(incident, kind=TimelineKind.NOTE, text=_("Team of three: %s") % names, by=by, now=now)
        audit.record(
            incident,
            action="team.of_three",
            actor=by,
            now=now,
            data={name: user.pk for name, user in members.items()},
        )
    return team
