"""The preparation sheet of the plan: what a caller writes down before a personal contact."""

from typing import Any

from django.utils.translation import gettext as _

from incidents.enums import Tier
from incidents.errors import Refusal
from incidents.models import Impact
from workflows import plans
from workflows.gates import in_reader_language
from workflows.models import OutreachTask

OPTIONS = "options_to_offer"
FEWEST_OPTIONS = 2


class SheetIncomplete(Refusal):
    """The preparation sheet lacks required fields or options; `fields` names them."""

    def __init__(self, fields: list[str], text: str) -> None:
        self.fields = fields
        super().__init__(text)


def fields(task: OutreachTask) -> list[dict[str, Any]]:
    """Return the fields of the preparation sheet as the plan's frozen playbook has them."""
    sheet: dict[str, Any] = _templates(task).get("call_preparation_sheet", {})
    return list(sheet.get("fields", []))


def check(task: OutreachTask, *, sheet: dict[str, Any]) -> None:
    """Refuse a sheet without a required field, or, for tier 1, with fewer than two options to offer."""
    empty = [field for field in fields(task) if field["required"] and not _lines(sheet.get(field["key"]))]
    if empty:
        named = "; ".join(in_reader_language(field["label"]) for field in empty)
        raise SheetIncomplete([field["key"] for field in empty], _("The preparation sheet still lacks: %s") % named)
    tier = Impact.objects.filter(incident=task.incident, customer=task.customer).values_list("tier", flat=True).first()
    if tier == Tier.ONE and len(_lines(sheet.get(OPTIONS))) < FEWEST_OPTIONS:
        raise SheetIncomplete([OPTIONS], _("Offer a tier 1 customer at least two options: one a line."))


def has_choice(sheet: dict[str, Any]) -> bool:
    """Whether a kept sheet that asks for options offers what a tier 1 customer may expect: at least two."""
    return OPTIONS not in sheet or len(_lines(sheet.get(OPTIONS))) >= FEWEST_OPTIONS


def tidy(task: OutreachTask, *, sheet: dict[str, Any]) -> dict[str, Any]:
    """Return the sheet as it is kept: what the playbook calls a list as a list of entries."""
    lists = {field["key"] for field in fields(task) if field["type"] == "list"}
    return {key: _lines(value) if key in lists else value for key, value in sheet.items()}


def _templates(task: OutreachTask) -> dict[str, Any]:
    templates: dict[str, Any] = plans.required(task.incident).content["message_templates"]
    return templates


def _lines(value: Any) -> list[str]:
    """Return the entries of a list, or the lines of a text, that say anything."""
    entries = value if isinstance(value, list) else str(value or "").splitlines()
    return [str(entry).strip() for entry in entries if str(entry).strip()]
