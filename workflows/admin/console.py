"""The agent console: one page, also on a phone, for whoever has a customer on the line."""

from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incidents import clock, embargo, hotline
from incidents.enums import FeedbackKind, Language, Mood
from incidents.models import Company, Customer, Feedback, Incident, User
from workflows import customer_history, line_to_take, qa_bank, staff_texts
from workflows.admin.base import DoorsAdmin
from workflows.escalations import desk
from workflows.models import BriefAcknowledgement, QAEntry

CONSOLE = "admin:workflows_staffbrief_console"
MAY_LISTEN = "incidents.view_feedback"
WAITING_SHOWN = 10


def reader_language() -> str:
    """Return the language of the screen as one in which customers are written to."""
    code = (get_language() or Language.EN).partition("-")[0]
    return code if code in Language.values else str(Language.EN)


def console_url(incident: Incident, *, customer: Customer | None = None) -> str:
    """Return the address of the console for an incident, beside a customer if one is named."""
    beside = f"&customer={customer.pk}" if customer else ""
    return f"{reverse(CONSOLE)}?incident={incident.pk}{beside}"


class ConsolePages(DoorsAdmin):
    """Adds the console's page to an admin."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.console)
        return [path("console/", view, name="workflows_staffbrief_console"), *super().get_urls()]

    def console(self, request: HttpRequest) -> HttpResponse:
        """Show the line to take; who may listen also finds customers, logs and answers. A search is posted: no names in
        addresses."""
        if not self.has_view_permission(request):
            return HttpResponse(_("You may not read staff briefs."), status=403)
        mine = embargo.visible(Incident.objects.live(), to=request.user)
        incidents = list(mine.order_by("-created_at"))
        incident = _chosen(incidents, request)
        context = {
            **self.admin_site.each_context(request),
            "media": self.media,
            "title": _("Agent console"),
            "content_title": _("Agent console"),
            "incidents": incidents,
            "incident": incident,
            "now": clock.now(),
            "languages": Language.choices,
            "language": _language(request),
            "may_listen": cast(User, request.user).has_perm(MAY_LISTEN),
            **(_page(incident, request) if incident else {}),
        }
        return TemplateResponse(request, "admin/console.html", context)


def _page(incident: Incident, request: HttpRequest) -> dict[str, Any]:
    language, user = _language(request), cast(User, request.user)
    line = line_to_take.now_for(incident, language=language)
    mine = BriefAcknowledgement.objects.filter(brief=line.brief, user=user).first() if line.brief else None
    listening = _listening(incident, request) if user.has_perm(MAY_LISTEN) else {}
    return {
        "here": f"{console_url(incident)}&language={language}",
        "line": line,
        "hotline_wait": hotline.current(Company.objects.get(), now=clock.now()),
        "to_read": line.brief if mine and mine.acknowledged_at is None else None,
        "words": request.GET.get("words", ""),
        "answers": _answers(incident, request, language, customer=listening.get("customer")),
        **listening,
    }


def _listening(incident: Incident, request: HttpRequest) -> dict[str, Any]:
    found = customer_history.find(request.POST.get("customer_words", "")) if request.method == "POST" else None
    if found is not None and len(found) == 1:
        customer: Customer | None = found[0]
    else:
        customer = Customer.objects.filter(pk=_number(request.GET.get("customer"))).first()
    waiting = Feedback.objects.unanswered().filter(incident=incident).select_related("customer", "owner")
    return {
        "customer": customer,
        "found": found,
        "told": customer_history.told(customer, to=cast(User, request.user)) if customer else None,
        "impact": incident.impacts.filter(customer=customer).first() if customer else None,
        "waiting": waiting.order_by("due_at", "received_at")[:WAITING_SHOWN],
        "themes": desk.open_themes(now=clock.now(), incident=incident),
        "kinds": FeedbackKind.choices,
        "moods": Mood.choices,
    }


def _answers(
    incident: Incident, request: HttpRequest, language: str, *, customer: Customer | None
) -> list[dict[str, Any]]:
    """Return what the bank has on the words asked for, ready to be said where it is approved and complete."""
    stale, now = qa_bank.stale(incident), clock.now()
    found = qa_bank.search(incident, words=request.GET.get("words", ""))
    values = qa_bank.values_of(incident, language=language, now=now) if found else {}
    if customer is not None:
        values |= staff_texts.customer_values(incident, customer=customer, language=language)
    return [
        {"entry": entry, "text": _said(entry, language, values), "changed": stale.get(entry.pk, [])} for entry in found
    ]


def _said(entry: QAEntry, language: str, values: dict[str, str]) -> str:
    return qa_bank.shown(entry, language=language, values=values)


def _chosen(incidents: list[Incident], request: HttpRequest) -> Incident | None:
    wanted = _number(request.GET.get("incident"))
    return next((one for one in incidents if one.pk == wanted), incidents[0] if incidents else None)


def _language(request: HttpRequest) -> str:
    wanted = request.GET.get("language", "")
    return wanted if wanted in Language.values else reader_language()


def _number(text: str | None) -> int:
    try:
        number: int | None = forms.IntegerField(required=False, max_value=2**63 - 1).clean(text or "")
    except forms.ValidationError:
        return 0
    return number or 0
