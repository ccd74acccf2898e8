"""How the admin looks: names, colours and the side bar."""

from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, object] = {
    "SITE_TITLE": _("CrisisComm"),
    "SITE_HEADER": _("CrisisComm"),
    "SITE_SYMBOL": "campaign",
    "SHOW_VIEW_ON_SITE": False,
}
