"""The script of a personal contact, in the customer's language and with the customer's own values."""

from dataclasses import dataclass
from datetime import datetime

from incidents.models import Company, Impact
from workflows import plans, staff_texts
from workflows.models import CommunicationPlan, OutreachTask


@dataclass(frozen=True)
class Step:
    """One step of the conversation and its words."""

    name: str
    text: str


def script(task: OutreachTask, *, language: str, now: datetime) -> list[Step]:
    """Return what to say, step by step, with this customer's own values; what is heard in the call stays open."""
    plan = plans.required(task.incident)
    shared = staff_texts.shared_values(task.incident, plan=plan, now=now)
    known = {
        **shared.get(language, {}),
        **staff_texts.customer_values(task.incident, customer=task.customer, language=language),
        **_call_values(task, plan=plan, language=language, now=now),
    }
    steps = plan.content["message_templates"]["call_script"]["steps"]
    return [
        Step(step["step"], staff_texts.fill(step["text"][language], known=known, language=language)) for step in steps
    ]


def _call_values(task: OutreachTask, *, plan: CommunicationPlan, language: str, now: datetime) -> dict[str, str]:
    heard = staff_texts.word("to_be_heard", language)
    written = plan.audiences.filter(
        tier__in=Impact.objects.filter(incident=task.incident, customer=task.customer).values("tier"),
        written_confirmation_interval__isnull=False,
    ).first()
    values = {
        "call.customer_concern": task.concern or heard,
        "call.agreed_points": task.agreed_points or heard,
        "call.decision_by": heard,
        "call.callback_by": heard,
        "call.written_confirmation_by": heard,
    }
    if written is not None and written.written_confirmation_interval is not None:
        values["call.written_confirmation_by"] = staff_texts.moment(
            now + written.written_confirmation_interval, language=language, company=Company.objects.get()
        )
    return values
