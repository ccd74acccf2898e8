"""The team of an incident: who holds which role, and three people for all of them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import Role
from incidents.models import Incident, TeamAssignment
from workflows import roster
from workflows.admin.base import RowOfRoom, Tab
from workflows.admin.people import Person


class RoleForm(ActionForm):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    user = Person(label=_("Person"))
    deputy = Person(label=_("Deputy"), required=False)


class ThreeForm(ActionForm):
    lead = Person(label=_("Leads and decides"))
    communications = Person(label=_("Speaks"))
    adviser = Person(label=_("Checks"))

    def prepare(self) -> None:
        self.fields["lead"].initial = self.subject.lead_id or self.by.pk


class TeamDoors:
    """Doors of the incident about its people."""

    @Door(
        title=_("Name a person"),
        permission="incidents.change_teamassignment",
        form=RoleForm,
        icon="person_add",
        shown=lambda incident: incident.is_live,
    )
    def assign_role(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        seat = roster.assign(
            incident, role=Role(given["role"]), user=given["user"], deputy=given["deputy"], by=asked.by, now=asked.now
        )
        return str(seat)

    @Door(
        title=_("Team of three"),
        permission="incidents.change_teamassignment",
        form=ThreeForm,
        icon="groups_3",
        explanation=_("Three people hold every role between them; each stands in for another."),
        shown=lambda incident: incident.is_live,
    )
    def team_of_three(self, incident: Incident, asked: Asked) -> str:
        roster.apply_team_of_three(incident, people=roster.TeamOfThree(**asked.given), by=asked.by, now=asked.now)
        return gettext("Three people hold every role.")


@admin.register(TeamAssignment)
class TeamAssignmentAdmin(RowOfRoom):
    tab = Tab.TEAM


def team_tab(incident: Incident, _request: HttpRequest) -> dict[str, Any]:
    """Return every role with its holder, filled or not."""
    held = {seat.role: seat for seat in incident.team.select_related("user", "deputy")}
    let_in = incident.insiders.order_by("username") if incident.is_embargoed else []
    return {"roles": [(role, held.get(role.value)) for role in Role], "insiders": let_in}
