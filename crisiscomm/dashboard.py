"""The first page: what is live, what is late, whether word arrives, and what was promised next."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from incidents.models import Company


def environment(request: HttpRequest) -> list[Any] | None:
    """Return the label that keeps people from mistaking the sample company for the real one."""
    if Company.objects.filter(is_demonstration=True).exists():
        return [_("Demonstration"), "warning"]
    return None


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    return context
