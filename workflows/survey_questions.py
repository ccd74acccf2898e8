"""The survey of an incident: the questions of its plan's frozen playbook, offered to the customers' pages."""

from typing import Any

from incidents.models import Incident
from notifications import surveys
from workflows import plans


@surveys.source
def questions(incident: Incident) -> list[dict[str, Any]]:
    """Return the questions of the incident's current plan; none while there is no plan."""
    plan = plans.current(incident)
    if plan is None:
        return []
    found: list[dict[str, Any]] = plan.content["message_templates"]["follow_up_survey"].get("survey_questions", [])
    return found
