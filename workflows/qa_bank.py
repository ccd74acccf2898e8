"""The Q&A bank: the answers everybody gives, approved by another person than their writer."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import transaction

from incidents import audit, facts
from incidents.enums import FactStatus, TimelineKind
from incidents.errors import Refusal
from incidents.models import Customer, FactSheet, Incident, User
from incidents.sentences import gettext as _
from notifications import rendering
from workflows import briefings, plans, staff_texts
from workflows.enums import BriefState
from workflows.models import QAEntry

TEMPLATE = "qa_starter"
Texts = dict[str, str]
# Shorter words, such as “3” or “no”, stand in every second answer by chance.
SHORTEST_VALUE = 4


class BadAnswer(Refusal):
    """The question or answer is empty, or names a variable that does not exist."""


class AnswerNotApproved(Refusal):
    """Nobody may use this answer yet, or this person may not approve it."""


def seed(incident: Incident) -> int:
    """Add the plan's starting questions that the bank lacks, as drafts, and return how many."""
    plan = plans.required(incident)
    items = plan.content["message_templates"][TEMPLATE]["items"]
    existing = set(incident.qa_entries.values_list("key", flat=True))
    rows = [
        QAEntry(incident=incident, key=item["id"], question=item["question"], answer=item["answer"])
        for item in items
        if item["id"] not in existing
    ]
    return len(QAEntry.objects.bulk_create(rows))


def add(incident: Incident, *, key: str, question: Texts, answer: Texts, by: User, now: datetime) -> QAEntry:
    """Add a question that customers really ask, with its answer, as a draft."""
    _refuse_empty(question, answer)
    with transaction.atomic():
        entry, is_new = QAEntry.objects.get_or_create(
            incident=incident, key=key, defaults={"question": question, "answer": answer, "author": by}
        )
        if not is_new:
            raise BadAnswer(_("The bank has an answer “%s” already: edit that one.") % key)
        _log(entry, action="answer.added", text=_("Answer “%s” added") % key, by=by, now=now)
    return entry


def edit(entry: QAEntry, *, question: Texts, answer: Texts, by: User, now: datetime) -> QAEntry:
    """Change an answer; it is a draft again, and `by` its author."""
    _refuse_empty(question, answer)
    with transaction.atomic():
        locked = _lock(entry)
        locked.question = question
        locked.answer = answer
        locked.author = by
        locked.state = BriefState.DRAFT
        locked.approved_by = None
        locked.approved_at = None
        locked.save()
        _log(locked, action="answer.edited", text=_("Answer “%s” edited") % locked.key, by=by, now=now)
    return locked


def approve(entry: QAEntry, *, by: User, now: datetime) -> QAEntry:
    """Approve an answer as another person than its writer, who holds or stands in for a role for answers."""
    with transaction.atomic():
        locked = _lock(entry)
        if locked.state != BriefState.DRAFT:
            raise AnswerNotApproved(_("“%s” is not a draft.") % locked.key)
        if locked.author_id == by.pk:
            raise AnswerNotApproved(_("You wrote this answer: another person approves it."))
        briefings.refuse_without_role(locked.incident, kind=TEMPLATE, by=by)
        _stamp(locked, by=by, now=now)
        _log(locked, action="answer.approved", text=_("Answer “%s” approved") % locked.key, by=by, now=now)
    return locked


def approve_all(incident: Incident, *, by: User, now: datetime) -> int:
    """Approve every drafted answer that another person or the playbook wrote, in one step; return how many."""
    drafts = incident.qa_entries.filter(state=BriefState.DRAFT).exclude(author=by).order_by("key")
    with transaction.atomic():
        approved = [approve(entry, by=by, now=now) for entry in drafts]
    if not approved:
        raise AnswerNotApproved(_("No answer of somebody else waits for an approval."))
    return len(approved)


def confirm(entry: QAEntry, *, by: User, now: datetime) -> QAEntry:
    """Say that an approved answer is still right after facts changed; the same people may who approve it."""
    with transaction.atomic():
        locked = _lock(entry)
        if locked.state != BriefState.APPROVED:
            raise AnswerNotApproved(_("“%s” is not approved.") % locked.key)
        if locked.author_id == by.pk:
            raise AnswerNotApproved(_("You wrote this answer: another person approves it."))
        briefings.refuse_without_role(locked.incident, kind=TEMPLATE, by=by)
        _stamp(locked, by=by, now=now)
        _log(locked, action="answer.confirmed", text=_("Answer “%s” is still right") % locked.key, by=by, now=now)
    return locked


def stale(incident: Incident) -> dict[int, list[str]]:
    """Return, by answer, the facts it speaks of that changed since it was approved; answers without any are left out.

    An answer speaks of a fact by its variable, or by the words or number the fact had then.
    """
    newest = facts.confirmed(incident)
    entries = list(incident.qa_entries.filter(state=BriefState.APPROVED).select_related("fact_sheet"))
    if newest is None:
        return {}
    found = {entry.pk: _touched(entry, newest) for entry in entries if entry.fact_sheet_id not in (None, newest.pk)}
    return {pk: keys for pk, keys in found.items() if keys}


def search(incident: Incident, *, words: str) -> list[QAEntry]:
    """Return the entries in whose question or answer every word occurs, in any language; approved ones first."""
    wanted = words.casefold().split()
    entries = incident.qa_entries.exclude(state=BriefState.SUPERSEDED).order_by("state", "key")
    return [entry for entry in entries if all(word in _everything(entry) for word in wanted)]


def values_of(incident: Incident, *, language: str, now: datetime) -> Texts:
    """Return what every answer of an incident may say today in one language."""
    plan = plans.required(incident)
    shared = staff_texts.shared_values(incident, plan=plan, now=now).get(language, {})
    return {"customer.affected_items": staff_texts.word("this_customer", language), **shared}


def said_to(entry: QAEntry, *, customer: Customer | None, language: str, now: datetime) -> str:
    """Return an approved answer with today's confirmed facts and, where one is named, the customer's own values."""
    values = values_of(entry.incident, language=language, now=now)
    if customer is not None:
        values = {**values, **staff_texts.customer_values(entry.incident, customer=customer, language=language)}
    return answer_text(entry, language=language, values=values)


def shown(entry: QAEntry, *, language: str, values: Mapping[str, str]) -> str:
    """Return an answer as staff read it; what is not known says so. A draft or an untranslated one is empty."""
    source = entry.answer.get(language)
    if entry.state != BriefState.APPROVED or not source:
        return ""
    return staff_texts.fill(source, known=values, language=language)


def answer_text(entry: QAEntry, *, language: str, values: Mapping[str, str]) -> str:
    """Return an approved answer ready to be said or sent; raises AnswerNotApproved, rendering.MissingValue."""
    if entry.state != BriefState.APPROVED:
        raise AnswerNotApproved(_("“%s” is not approved: take the question down and call back.") % entry.key)
    source = entry.answer.get(language)
    if not source:
        raise BadAnswer(_("“%(key)s” has no answer in “%(language)s”.") % {"key": entry.key, "language": language})
    return rendering.render(source, values)


def _stamp(entry: QAEntry, *, by: User, now: datetime) -> None:
    entry.state = BriefState.APPROVED
    entry.approved_by = by
    entry.approved_at = now
    entry.fact_sheet = facts.confirmed(entry.incident)
    entry.save(update_fields=["state", "approved_by", "approved_at", "fact_sheet"])


def _touched(entry: QAEntry, newest: FactSheet) -> list[str]:
    changed = facts.changed_keys(entry.fact_sheet, newest)
    named = staff_texts.variables(entry.answer)
    before = entry.fact_sheet.content if entry.fact_sheet else {}
    said = " ".join(entry.answer.values()).casefold()
    return [key for key in changed if key in named or any(value in said for value in _values(before.get(key)))]


def _values(line: dict[str, object] | None) -> Iterator[str]:
    if line is None or line["status"] == FactStatus.UNKNOWN or not isinstance(line["value"], dict):
        return
    for value in line["value"].values():
        text = str(value).strip().casefold()
        if len(text) >= SHORTEST_VALUE:
            yield text


def _everything(entry: QAEntry) -> str:
    return " ".join([*entry.question.values(), *entry.answer.values(), entry.key]).casefold()


def _refuse_empty(question: Texts, answer: Texts) -> None:
    answered = {language for language, text in answer.items() if text.strip()}
    asked = {language for language, text in question.items() if text.strip()}
    if not answered or not answered <= asked:
        raise BadAnswer(_("Write the question and the answer in the same languages, at least in one."))
    for source in answer.values():
        rendering.analyse(source)


def _lock(entry: QAEntry) -> QAEntry:
    return QAEntry.objects.select_for_update(no_key=True, of=("self",)).select_related("incident").get(pk=entry.pk)


def _log(entry: QAEntry, *, action: str, text: str, by: User, now: datetime) -> None:
    audit.tell(entry.incident, kind=TimelineKind.PLAN, text=text, by=by, now=now)
    audit.record(entry.incident, action=action, actor=by, now=now, data={"key": entry.key})
