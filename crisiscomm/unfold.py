"""How the admin looks: names, colours and the side bar, in the order a crisis team works."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

Link = dict[str, Any]


def _address(page: str) -> str:
    """A page that does not exist (yet) has no entry; see `_link`."""
    try:
        return reverse(page)
    except NoReverseMatch:
        return ""


def _may_see(page: str, permission: str) -> Callable[[HttpRequest], bool]:
    def may_see(request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(_address(page)) and user.has_perm(permission)

    return may_see


def _link(title: Any, *, icon: str, model: str, verb: str = "view") -> Link:
    """One entry for a model's list, shown to those who may see it."""
    app, noun = model.split(".")
    page = f"admin:{app}_{noun}_changelist"
    return {
        "title": title,
        "icon": icon,
        "link": lazy(_address, str)(page),
        "permission": _may_see(page, f"{app}.{verb}_{noun}"),
    }


def _page(title: Any, *, icon: str, page: str, needs: str) -> Link:
    """One entry for a page that is no model's list."""
    name = f"admin:{page}"
    return {"title": title, "icon": icon, "link": lazy(_address, str)(name), "permission": _may_see(name, needs)}


WORK: list[Link] = [
    {"title": _("Now"), "icon": "crisis_alert", "link": lazy(_address, str)("admin:index")},
    _link(_("Incidents"), icon="emergency_home", model="incidents.incident"),
    _link(_("Radar"), icon="radar", model="incidents.signal"),
    _link(_("Messages"), icon="campaign", model="notifications.message"),
    {
        "title": _("Agent console"),
        "icon": "support_agent",
        "link": lazy(_address, str)("admin:workflows_staffbrief_console"),
        "permission": _may_see("admin:workflows_staffbrief_console", "workflows.view_staffbrief"),
    },
    {
        "title": _("Translations"),
        "icon": "translate",
        "link": lazy(_address, str)("admin:notifications_message_translations"),
        "permission": _may_see("admin:notifications_message_translations", "notifications.view_message"),
    },
    _link(_("Call desk"), icon="call", model="workflows.outreachtask"),
    _link(_("Feedback"), icon="forum", model="incidents.feedback"),
    _link(_("Chat transcripts"), icon="chat", model="incidents.chattranscript"),
    _link(_("Waiting time"), icon="phone_in_talk", model="incidents.hotlinewait"),
    _page(
        _("Cadence board"), icon="event_upcoming", page="workflows_updateslot_board", needs="workflows.view_updateslot"
    ),
    _page(_("My approvals"), icon="verified", page="notifications_message_mine", needs="notifications.approve_message"),
    _link(_("Alerts"), icon="notifications_active", model="workflows.alert"),
    _link(_("Commitments"), icon="handshake", model="incidents.commitment"),
    _link(_("Hold list"), icon="do_not_touch", model="workflows.holdlist"),
    _link(_("Customers"), icon="groups", model="incidents.customer"),
    _link(_("Segments"), icon="group_work", model="incidents.segment"),
    _link(_("Review"), icon="query_stats", model="workflows.review"),
]
RECORD: list[Link] = [
    _link(_("Deliveries"), icon="outgoing_mail", model="notifications.delivery"),
    _link(_("Wake-ups"), icon="alarm", model="notifications.staffnotice"),
    _link(_("Suppressions"), icon="do_not_disturb_on", model="notifications.suppression"),
    _link(_("Timeline"), icon="timeline", model="incidents.timelineentry"),
    _link(_("Audit trail"), icon="verified_user", model="incidents.auditevent"),
]
SETUP: list[Link] = [
    _link(_("Company"), icon="apartment", model="incidents.company"),
    _link(_("Duty roster"), icon="badge", model="incidents.rosterentry"),
    _link(_("Shifts"), icon="schedule", model="incidents.dutyshift"),
    _link(_("Signal thresholds"), icon="tune", model="incidents.signalthreshold"),
    _link(_("Training log"), icon="school", model="workflows.trainingrecord"),
    _link(_("Playbooks"), icon="menu_book", model="workflows.playbookversion"),
    _link(_("Case library"), icon="local_library", model="workflows.case"),
    _link(_("Webhooks"), icon="webhook", model="notifications.webhookendpoint"),
    _link(_("People"), icon="person", model="incidents.user"),
    _link(_("API tokens"), icon="key", model="incidents.apitoken"),
]

UNFOLD: dict[str, object] = {
    "SITE_TITLE": _("CrisisComm"),
    "SITE_HEADER": _("CrisisComm"),
    "SITE_SYMBOL": "campaign",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")},
    ],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_HISTORY": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "ENVIRONMENT": "crisiscomm.dashboard.environment",
    "DASHBOARD_CALLBACK": "crisiscomm.dashboard.home",
    "STYLES": [lambda request: static("css/admin.css"), lambda request: static("css/room.css")],
    "SCRIPTS": [lambda request: static("js/admin.js"), lambda request: static("js/room.js")],
    "COLORS": {
        "primary": {
            "50": "#eff6ff",
            "100": "#dbeafe",
            "200": "#bfdbfe",
            "300": "#93c5fd",
            "400": "#60a5fa",
            "500": "#2f6fde",
            "600": "#1d4ed8",
            "700": "#1e40af",
            "800": "#1e3a8a",
            "900": "#172f6b",
            "950": "#101f47",
        }
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {"title": _("Work"), "separator": False, "items": WORK},
            {"title": _("Record"), "separator": True, "collapsible": True, "items": RECORD},
            {"title": _("Setup"), "separator": True, "collapsible": True, "items": SETUP},
        ],
    },
}
