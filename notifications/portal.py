"""Customers' own pages behind signed links: what they were told, what they may choose, and how they reach us."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents import clock, feedback
from incidents.enums import FeedbackKind, FeedbackSource, Language, Mood
from incidents.errors import Refusal
from incidents.models import Company
from notifications import contact, customer_page, page_words, suppressions, surveys, throttle, tokens
from notifications.customer_page import Visit
from notifications.enums import SuppressionReason
from notifications.models import Delivery
from notifications.tokens import Purpose

KINDS = (FeedbackKind.QUESTION, FeedbackKind.COMPLAINT, FeedbackKind.URGENT_NEED)
MOODS = (Mood.NEUTRAL, Mood.WORRIED, Mood.ANGRY, Mood.CONTENT)
THANKS = ("said", "chosen", "read", "answered")
PRIVATE = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "private, no-store",
}


class StaleForm(Refusal):
    """The form was not made by this page."""


class Incomplete(Refusal):
    """Nothing that is on offer was chosen."""


@dataclass(frozen=True)
class Call:
    """One request to a customer's page, with the link opened and the clock read."""

    visit: Visit
    token: str
    now: datetime

    @property
    def words(self) -> dict[str, str]:
        """The page's words in the customer's language."""
        return page_words.words(self.visit.language)

    @property
    def proof(self) -> str:
        """What only a form of this page carries."""
        return salted_hmac("notifications.portal", self.token, algorithm="sha256").hexdigest()

    def path(self, name: str) -> str:
        """Return the address of one of this customer's pages."""
        return reverse(f"portal-{name}", args=[self.token])


Handler = Callable[[HttpRequest, Call], HttpResponse]
View = Callable[..., HttpResponse]
Act = Callable[[Call, QueryDict], str]


def door(handle: Handler) -> View:
    """Open the link and speak the customer's language; keep the page out of caches, indexes and referrers.

    Without a referrer, browsers send `Origin: null`, which Django's own protection refuses. Here it is not needed:
    no cookie says who somebody is, and nobody can aim a form at an address they do not know. Still each form proves
    that this very page made it.
    """

    @csrf_exempt
    @wraps(handle)
    def view(request: HttpRequest, token: str) -> HttpResponse:
        now = clock.now()
        visit = customer_page.visit(tokens.read(Purpose.PAGE, token), now=now)
        if visit is None:
            return absent()
        with translation.override(page_words.SCREENS[visit.language]):
            return _private(handle(request, Call(visit=visit, token=token, now=now)))

    return view


@require_safe
@door
def own_page(request: HttpRequest, call: Call) -> HttpResponse:
    """Show everything this customer was told, and the forms."""
    return _show_own_page(call, done=request.GET.get("done", ""))


@require_POST
@door
def say(request: HttpRequest, call: Call) -> HttpResponse:
    """Take a question, a complaint or an urgent need."""
    return _write(request, call, act=_say, show=_show_own_page)


@require_POST
@door
def choose(request: HttpRequest, call: Call) -> HttpResponse:
    """Take the choice of a remedy."""
    return _write(request, call, act=_choose, show=_show_own_page)


@require_POST
@door
def acknowledge(request: HttpRequest, call: Call) -> HttpResponse:
    """Note that the customer has read what we sent."""
    return _write(request, call, act=_acknowledge, show=_show_own_page)


@require_http_methods(["GET", "HEAD", "POST"])
@door
def survey(request: HttpRequest, call: Call) -> HttpResponse:
    """Show the questions after an incident, and take the answers, once."""
    if request.method == "POST":
        return _write(request, call, act=_answer, show=_show_survey)
    return _show_survey(call)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask (GET), or take the address off the updates one may opt out of (POST, RFC 8058: no cookie, no log-in)."""
    reference = tokens.read(Purpose.UNSUBSCRIBE, token)
    delivery = Delivery.objects.filter(reference=reference).first() if reference else None
    if delivery is None:
        return absent()
    is_done = request.method == "POST"
    if is_done:
        suppressions.suppress([delivery.address], reason=SuppressionReason.UNSUBSCRIBED, now=clock.now())
    return _page("unsubscribe/page.html", page_words.language_of(delivery.language), {"is_done": is_done})


def absent() -> HttpResponse:
    """Say the same to an unknown, a forged and an expired link, in every language."""
    pages = [(page_words.TAGS[language], page_words.words(language)) for language in Language]
    return _page("portal/absent.html", Language.EN, {"pages": pages}, status=404)


def _write(request: HttpRequest, call: Call, *, act: Act, show: Callable[..., HttpResponse]) -> HttpResponse:
    """Do one thing a customer asks for and thank, or show the page again with the reason why not."""
    words = call.words
    try:
        _require_own_form(request, call)
        throttle.visit(call.token, address=_address(request), now=call.now)
        done = act(call, request.POST)
    except StaleForm:
        return show(call, problem=words["problem_stale"], typed=request.POST, status=403)
    except throttle.TooMany:
        return show(call, problem=words["problem_too_many"], typed=request.POST, status=429)
    except Incomplete:
        return show(call, problem=words["problem_incomplete"], typed=request.POST, status=409)
    except Refusal as refusal:
        return show(call, problem=str(refusal), typed=request.POST, status=409)
    return HttpResponseRedirect(f"{call.path('page')}?done={done}")


def _address(request: HttpRequest) -> str:
    """Return where a request comes from; all whose place is unknown share one limit."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""


def _require_own_form(request: HttpRequest, call: Call) -> None:
    if not constant_time_compare(request.POST.get("proof", ""), call.proof):
        raise StaleForm
    # Browsers say where a request comes from, also where they keep the referrer to themselves.
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise StaleForm


def _say(call: Call, form: QueryDict) -> str:
    kind, mood = form.get("kind", ""), form.get("mood", "")
    if kind not in KINDS:
        raise Incomplete
    entry = feedback.Entry(
        verbatim=form.get("verbatim", ""),
        kind=FeedbackKind(kind),
        source=FeedbackSource.CUSTOMER_PAGE,
        customer=call.visit.customer,
        mood=Mood(mood) if mood in MOODS else Mood.NEUTRAL,
        language=call.visit.language,
        due_at=customer_page.answer_due(call.now),
        form_key=_form_key(call, form),
    )
    feedback.log(call.visit.incident, entry=entry, now=call.now)
    return "said"


def _form_key(call: Call, form: QueryDict) -> str | None:
    """What tells one filled form from the next: the page draws a new number each time it is shown."""
    number = form.get("form", "")[:64]
    return salted_hmac("notifications.portal.form", f"{call.token}|{number}").hexdigest() if number else None


def _choose(call: Call, form: QueryDict) -> str:
    offered = {str(option.pk): option for option in customer_page.options(call.visit, now=call.now)}
    option = offered.get(form.get("option", ""))
    if option is None:
        raise Incomplete
    feedback.choose_remedy(option, customer=call.visit.customer, now=call.now)
    return "chosen"


def _acknowledge(call: Call, form: QueryDict) -> str:
    customer_page.acknowledge(call.visit, now=call.now)
    return "read"


def _answer(call: Call, form: QueryDict) -> str:
    visit = call.visit
    answers = surveys.answers_in(form, questions=customer_page.questions(visit))
    feedback.answer_survey(
        visit.incident, customer=visit.customer, answers=answers, language=visit.language, now=call.now
    )
    return "answered"


def _show_own_page(
    call: Call, *, done: str = "", problem: str = "", typed: QueryDict | None = None, status: int = 200
) -> HttpResponse:
    visit, words = call.visit, call.words
    promised = customer_page.next_update(visit, now=call.now)
    context = {
        "thanks": words[f"done_{done}"] if done in THANKS else "",
        "next_update": promised,
        "merged": _merged(call),
        "late_update": words["next_update_late"].format(time=promised.time if promised else ""),
        "messages": customer_page.messages(visit),
        "options": _named_options(call),
        "choice": _named_choice(call),
        "entries": _dated_entries(call),
        "kinds": [(kind, words[f"kind_{kind}"]) for kind in KINDS],
        "moods": [(mood, words[f"mood_{mood}"]) for mood in MOODS],
        "has_survey": bool(customer_page.questions(visit)) and not customer_page.has_answered(visit),
        "typed": typed or {},
        "form_number": (typed.get("form") if typed else "") or secrets.token_urlsafe(12),
    }
    return _customer_page(call, template="portal/page.html", context=context, problem=problem, status=status)


def _show_survey(call: Call, *, problem: str = "", typed: QueryDict | None = None, status: int = 200) -> HttpResponse:
    visit, words = call.visit, call.words
    given: Mapping[str, str] = typed or {}
    questions = [
        {
            "id": question.id,
            "scale": question.scale,
            "label": visit.choose(question.label),
            "choices": [(value, words.get(f"survey_{value}", value)) for value in question.choices],
            "given": given.get(f"answer-{question.id}", ""),
        }
        for question in customer_page.questions(visit)
    ]
    context = {"questions": questions, "has_answered": customer_page.has_answered(visit)}
    return _customer_page(call, template="portal/survey.html", context=context, problem=problem, status=status)


def _merged(call: Call) -> dict[str, str] | None:
    found = customer_page.successor(call.visit)
    if found is None:
        return None
    text = call.words["merged_into"].format(reference=found.reference)
    return {"text": text, "reference": found.reference, "link": found.link}


def _named_options(call: Call) -> list[dict[str, str]]:
    visit = call.visit
    return [
        {
            "id": str(option.pk),
            "name": visit.choose(option.name),
            "how": visit.choose(option.how_to_claim),
            "until": visit.moment(option.claim_deadline) if option.claim_deadline else "",
        }
        for option in customer_page.options(visit, now=call.now)
    ]


def _named_choice(call: Call) -> dict[str, str] | None:
    found = customer_page.choice(call.visit)
    if found is None:
        return None
    delivered = call.visit.moment(found.delivered_at) if found.delivered_at else ""
    return {"id": str(found.option_id), "name": call.visit.choose(found.option.name), "delivered": delivered}


def _dated_entries(call: Call) -> list[dict[str, str]]:
    visit, words = call.visit, call.words
    return [
        {
            "kind": words.get(f"kind_{entry.kind}", ""),
            "verbatim": entry.verbatim,
            "received": visit.moment(entry.received_at),
            "answer": entry.answer,
            "answered": visit.moment(entry.answered_at) if entry.answered_at else "",
            "due": words["answer_by"].format(time=visit.moment(entry.due_at)) if entry.due_at else "",
        }
        for entry in customer_page.entries(visit)
    ]


def _customer_page(call: Call, *, template: str, context: dict[str, Any], problem: str, status: int) -> HttpResponse:
    visit = call.visit
    shared = {
        "title": customer_page.title(visit),
        "incident_reference": visit.incident.reference,
        "customer_name": customer_page.name(visit),
        "problem": problem,
        "proof": call.proof,
        "company": contact.block(
            Company.objects.first() or Company(),
            language=visit.language,
            time_zone=visit.customer.time_zone,
            now=call.now,
        ),
        "paths": {name: call.path(name) for name in ("page", "say", "choose", "acknowledge", "survey")},
    }
    return _page(template, visit.language, shared | context, status=status)


def _page(template: str, language: Language, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    shared = {"words": page_words.words(language), "lang": page_words.TAGS[language], "company": _named(language)}
    response = HttpResponse(render_to_string(template, shared | context), status=status)
    response["Content-Language"] = page_words.TAGS[language]
    return _private(response)


def _named(language: Language) -> dict[str, str]:
    company = Company.objects.first() or Company()
    return {"name": company.name.get(language) or str(company)}


def _private(response: HttpResponse) -> HttpResponse:
    for name, value in PRIVATE.items():
        response[name] = value
    return response
