"""How well the check does on sentences that nobody tuned it on, and what the command says of it."""

import io
import json
import time

import pytest
from django.core.management import call_command

from notifications import wording
from notifications.wording import examples, learned
from notifications.wording.evaluation import ORDINARY, Sample, Score, cases, scores
from workflows.management.commands.teach_wording import templates

PAGE = {
    "en": "The pump in hall 3 stood still for 40 minutes because a fuse blew. We expect to be back by 18:00. ",
    "zh": "保险丝烧断，三号车间的水泵停了四十分钟，预计 18:00 前恢复，请拨打 400-000-0000。",
    "ru": "Насос в третьем цехе стоял 40 минут, потому что сгорел предохранитель. Закончим к 18:00. ",
}


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("sample", [Sample.HELD_OUT, Sample.BLIND])
def test_sentences_that_nobody_tunes_on_are_judged_well(sample: Sample, language: str) -> None:
    total = sum(scores(language, sample=sample).values(), Score())

    assert total.recall >= 0.75
    assert total.precision >= 0.85


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_the_sentences_cover_every_category_on_both_sides(language: str) -> None:
    asked = cases(language)

    assert len(asked) >= 100
    assert {(one.category, one.is_fault, one.sample) for one in asked if one.sample != Sample.BLIND} == {
        (category, is_fault, sample)
        for category in wording.categories(language)
        for is_fault in (True, False)
        for sample in (Sample.TUNED, Sample.HELD_OUT)
    }
    compared = {"inconsistent_fact", "unreadable_length"}
    assert {(one.category, one.is_fault) for one in asked if one.sample == Sample.BLIND} == {
        (category, is_fault) for category in wording.categories(language) - compared for is_fault in (True, False)
    } | {(ORDINARY, False)}


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("subject", learned.Subject)
def test_the_weights_come_from_the_sentences_that_are_here(subject: learned.Subject, language: str) -> None:
    taught = examples.examples(language, subject=subject, ordinary=templates(language))

    # `make teach` writes them anew.
    assert learned.lesson(language, subject).taught_by == examples.digest(taught)


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_nobody_is_examined_on_what_taught_them(language: str) -> None:
    taught = {
        one.text
        for subject in learned.Subject
        for one in examples.examples(language, subject=subject, ordinary=templates(language))
    }

    assert {one.text for one in cases(language) if one.sample == Sample.BLIND} & taught == set()


def test_a_fault_that_no_rule_knows_is_heard_and_its_words_are_marked() -> None:
    text = "The line is back. We have left it entirely to our logistics partner to explain the late parcels."

    [found] = wording.check(text, language="en", scope=wording.Scope.SENTENCE)

    assert (found.rule, found.category, found.severity) == ("EN-BTP-00", "blame_third_party", "warning")
    assert "our logistics partner" in text[found.start : found.end]
    assert found.start >= text.index("We have")


@pytest.mark.parametrize(("language", "text"), [("en", "İ 12!"), ("zh", "12，"), ("ru", "12!"), ("en", "?!")])
def test_hardly_a_word_is_no_fault(language: str, text: str) -> None:
    assert list(learned.marks(text, language=language, subject=learned.Subject.FAULTS)) == []


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_a_page_is_checked_in_a_tenth_of_a_second(language: str) -> None:
    text = (PAGE[language] * 60)[: 1800 if language == "zh" else 3000]
    wording.check_message(text, language=language, approved_facts=["18:00"])

    began = time.process_time()
    wording.check_message(text, language=language, approved_facts=["18:00"])

    # Twice the promised time: the machine that tests is not alone.
    assert time.process_time() - began < 0.2


def test_the_command_prints_one_object() -> None:
    out = io.StringIO()

    call_command("evaluate_wording", "--json", "--sample", "held-out", "--language", "en", stdout=out)

    told = json.loads(out.getvalue())
    assert set(told["en"]) == wording.categories("en") | {"total"}
    assert told["en"]["total"]["faults"] == 53
