"""Customers are heard, answered, and their choices kept."""

from datetime import timedelta

import pytest

from incidents import feedback
from incidents.models import Feedback, Impact, RemedyOption
from tests.factories_incidents import NOW, customer, person, reported, roster

pytestmark = pytest.mark.django_db


def option(key: str = "substitute") -> RemedyOption:
    roster(subject_owner=person("sam"))
    incident = reported()
    feedback.offer(incident, options=[{"id": key, "name": {"en": "Substitute"}, "approver_role": "subject_owner"}])
    return incident.remedy_options.get()


def test_log_gives_the_entry_to_the_account_manager() -> None:
    buyer = customer(account_manager=person("anna"))

    entry = feedback.log(reported(), entry=feedback.Entry("Where is my order?", customer=buyer), now=NOW)

    assert (entry.owner, entry.state, entry.kind) == (person("anna"), "open", "question")


@pytest.mark.parametrize(("words", "sentence"), [(" \x00", "the entry is empty"), ("x" * 5001, "5000 fit")])
def test_log_refuses_what_it_cannot_keep(words: str, sentence: str) -> None:
    with pytest.raises(feedback.BadFeedback, match=sentence):
        feedback.log(reported(), entry=feedback.Entry(words), now=NOW)


def test_answer_once_then_close() -> None:
    entry = feedback.log(reported(), entry=feedback.Entry("When?"), now=NOW)

    with pytest.raises(feedback.BadFeedback, match="answer it first"):
        feedback.close(entry, by=person(), now=NOW)
    feedback.answer(entry, text="On Friday.", by=person(), now=NOW + timedelta(hours=1))
    with pytest.raises(feedback.BadFeedback, match="answered a moment ago"):
        feedback.answer(entry, text="On Monday.", by=person("otto"), now=NOW)
    feedback.close(entry, by=person(), now=NOW)

    assert (entry.answer, entry.state, Feedback.objects.unanswered().count()) == ("On Friday.", "closed", 0)


def test_a_remedy_is_offered_only_after_its_approver_said_so() -> None:
    remedy = option()
    buyer = customer()
    Impact.objects.create(incident=remedy.incident, customer=buyer)

    with pytest.raises(feedback.NotOffered, match="not on offer"):
        feedback.choose_remedy(remedy, customer=buyer, now=NOW)
    with pytest.raises(feedback.NotOffered, match="approved by the subject_owner"):
        feedback.approve_remedy(remedy, by=person("lena"), now=NOW)
    feedback.approve_remedy(remedy, by=person("sam"), now=NOW)
    choice = feedback.choose_remedy(remedy, customer=buyer, now=NOW)
    feedback.deliver_remedy(choice, by=person(), now=NOW)
    with pytest.raises(feedback.NotOffered, match="delivered already"):
        feedback.choose_remedy(remedy, customer=buyer, now=NOW)
    with pytest.raises(feedback.NotOffered, match="affected customers only"):
        feedback.choose_remedy(remedy, customer=customer("C-2"), now=NOW)

    assert (choice.option, choice.delivered_at) == (remedy, NOW)


def test_a_survey_is_answered_once() -> None:
    incident, buyer = reported(), customer()

    with pytest.raises(feedback.BadFeedback, match="at least one question"):
        feedback.answer_survey(incident, customer=buyer, answers={"open": " "}, language="en", now=NOW)
    feedback.answer_survey(incident, customer=buyer, answers={"understood": 5}, language="en", now=NOW)
    with pytest.raises(feedback.BadFeedback, match="with us already"):
        feedback.answer_survey(incident, customer=buyer, answers={"understood": 1}, language="en", now=NOW)

    assert incident.survey_responses.get().answers == {"understood": 5}
