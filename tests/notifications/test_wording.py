"""The message rules: every example of the rules, places in the text, and the comparison with facts."""

from typing import Any

import pytest

from notifications import wording
from notifications.wording import texts

EXAMPLES = [
    (language, rule.id, is_flagged, example)
    for language in wording.LANGUAGES
    for rule, entry in zip(wording.rules(language), texts.book(language)["rules"], strict=True)
    for is_flagged, name in ((True, "must_flag"), (False, "must_not_flag"))
    for example in entry["examples"][name]
]


def flagged(text: str, *, language: str, rule: str, approved_fact: str | None = None) -> bool:
    scope = next(one.scope for one in wording.rules(language) if one.id == rule)
    found = wording.check(text, language=language, scope=scope, approved_fact=approved_fact)
    return rule in {one.rule for one in found}


@pytest.mark.parametrize(("language", "rule", "is_flagged", "example"), EXAMPLES)
def test_every_example_of_the_rules(language: str, rule: str, is_flagged: bool, example: Any) -> None:
    text, fact = (example, None) if isinstance(example, str) else (example["text"], example["approved"])

    assert flagged(text, language=language, rule=rule, approved_fact=fact) == is_flagged


def test_there_are_fifteen_categories_in_every_language() -> None:
    assert {len(wording.categories(language)) for language in wording.LANGUAGES} == {15}
    assert len({wording.categories(language) for language in wording.LANGUAGES}) == 1
