"""Times as the pages show them: in the reader's zone and language, late ones in colour."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from incidents.admin.base import NOT_SET


def told(moment: datetime | None) -> str:
    """Return a moment in words of the reader's language and in the reader's time zone."""
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else NOT_SET


def due(moment: datetime | None, *, is_late: bool | None) -> SafeString:
    """Return when something is due; what is late is coloured and says so."""
    if not is_late:
        return format_html("{}", told(moment))
    return format_html('<span class="cc-late">{} <strong>{}</strong></span>', told(moment), _("late"))
