"""What the pages of the deciding side share: doors gathered from mixins, and rows that live inside a crisis room."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.admin.base import ReadOnlyAdmin
from incidents.models import Incident


class Tab(models.TextChoices):
    """Parts of the crisis room, in the order a team works through them."""

    NOW = "now", _("Now")
    FACTS = "facts", _("Facts")
    DECISIONS = "decisions", _("Decisions")
    CLOCKS = "clocks", _("Legal clocks")
    AUDIENCE = "audience", _("Audience")
    PLAN = "plan", _("Plan")
    BRIEF = "brief", _("Brief and Q&A")
    MESSAGES = "messages", _("Messages")
    PRESS = "press", _("Press")
    CALLS = "calls", _("Call desk")
    FEEDBACK = "feedback", _("Feedback")
    COMMITMENTS = "commitments", _("Commitments")
    TEAM = "team", _("Team")
    TIMELINE = "timeline", _("Timeline")
    REVIEW = "review", _("Review")


def room_url(incident: Incident, tab: Tab = Tab.NOW) -> str:
    """Return the address of a part of the crisis room."""
    return f"{reverse('admin:incidents_incident_change', args=[incident.pk])}?tab={tab}"


class DoorsAdmin(ReadOnlyAdmin):
    """A page whose doors are all found by themselves, also those of its mixins; its template says where they show."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        doors = [name for name in dir(cls) if hasattr(getattr(cls, name, None), "door")]
        cls.actions_detail = tuple(name for name in doors if name not in cls.actions_list)

    def look_at(self, request: HttpRequest, object_id: str) -> Any:
        """Return the row; 404 where there is none, 403 for who may not see it."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404(gettext("There is no such row."))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row


class RowOfRoom(DoorsAdmin):
    """A row that is shown inside its incident's room: its own addresses are doors, all others lead back there."""

    tab = Tab.NOW
    path_to_incident = "incident"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        incident: Any = self.look_at(request, object_id)
        for step in self.path_to_incident.split("."):
            incident = getattr(incident, step)
        return HttpResponseRedirect(room_url(incident, self.tab))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:incidents_incident_changelist"))
