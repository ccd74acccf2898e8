"""Teaches the wording check by sentences that writers marked; needs scikit-learn, which the product does not.

A logistic regression for each category over the traits of a sentence, weighed by their rarity (tf-idf). The bar of a
category is set on sentences that were kept back in turn.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import diags
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from notifications.wording.examples import Example, digest, examples
from notifications.wording.learned import LEAST, WEIGHTS, Subject
from notifications.wording.traits import traits

# A trait of a single sentence teaches nothing about others.
SEEN_AT_LEAST = 2
PARTS = 5
# Of the marks this share must be right, and of sentences with nothing to mark no more than that share may be marked. An
# element that is not heard costs a false remark, so there the bar is lower.
PROMISES = {Subject.FAULTS: (0.87, 0.005), Subject.ELEMENTS: (0.55, 0.3)}
# The lower, the less a single trait may say.
BOLDNESS = 4.0
# What was written as a fault of another category is seldom this one too, but nobody looked.
UNSEEN = 0.5
UNIT = 0.01


@dataclass(frozen=True)
class Lesson:
    """What one category taught: from which score on it is marked, the weights, and how kept back sentences did."""

    bar: float
    weights: Any
    recall: float
    precision: float


def teach(language: str, *, subject: Subject, ordinary: Iterable[str]) -> dict[str, Lesson]:
    """Learn from the marked sentences of a language, write the weights, and return what each category taught.

    `ordinary` are texts without a fault.
    """
    taught = examples(language, subject=subject, ordinary=ordinary)
    vectorizer = TfidfVectorizer(
        analyzer=lambda text: [one.name for one in traits(text, language=language)],
        min_df=SEEN_AT_LEAST,
        binary=True,
        norm=None,
    )
    rows = _of_one_length(vectorizer.fit_transform([one.text for one in taught]))
    lessons = {
        category: _lesson(category, taught=taught, rows=rows, promises=PROMISES[subject])
        for category in sorted({category for one in taught for category in one.says})
    }
    _write(f"{subject}-{language}", vectorizer=vectorizer, lessons=lessons, taught_by=digest(taught))
    return lessons


def _of_one_length(rows: Any) -> Any:
    return diags(1 / np.sqrt(LEAST + np.asarray(rows.power(2).sum(axis=1)).ravel())) @ rows


def _lesson(category: str, *, taught: Sequence[Example], rows: Any, promises: tuple[float, float]) -> Lesson:
    says = np.array([category in one.says for one in taught])
    asked = np.array([one.about in {category, None} for one in taught])
    trust = np.array(
        [UNSEEN if one.says and not was_asked else 1.0 for one, was_asked in zip(taught, asked, strict=True)]
    )
    ordinary = np.array([not one.says and one.about is None for one in taught])
    scores = _kept_back(rows, says=says, trust=trust)
    bar, recall, precision = _bar(scores, says=says, asked=asked, ordinary=ordinary, promises=promises)
    model = _model().fit(rows, says, trust)
    return Lesson(bar - float(model.intercept_[0]), model.coef_[0], recall, precision)


def _model() -> LogisticRegression:
    return LogisticRegression(C=BOLDNESS, class_weight="balanced", solver="liblinear", random_state=0)


def _kept_back(rows: Any, *, says: Any, trust: Any) -> Any:
    """Return for each sentence the score it gets from a model that did not see it."""
    scores = np.zeros(len(says))
    for seen, kept in StratifiedKFold(PARTS, shuffle=True, random_state=0).split(rows, says):
        scores[kept] = _model().fit(rows[seen], says[seen], trust[seen]).decision_function(rows[kept])
    return scores


def _bar(
    scores: Any, *, says: Any, asked: Any, ordinary: Any, promises: tuple[float, float]
) -> tuple[float, float, float]:
    """Return the lowest score that keeps both promises, and the recall and precision it had."""
    least_precision, most_alarms = promises
    best = (float(scores.max()), 0.0, 1.0)
    for bar in sorted(scores[says], reverse=True):
        marked = scores >= bar
        found, false = int((marked & says).sum()), int((marked & ~says & asked).sum())
        precision = found / (found + false)
        if precision >= least_precision and (marked & ordinary).sum() <= most_alarms * ordinary.sum():
            best = (float(bar), found / int(says.sum()), precision)
    return best


def _write(name: str, *, vectorizer: TfidfVectorizer, lessons: dict[str, Lesson], taught_by: str) -> None:
    weights = [lesson.weights * vectorizer.idf_ for lesson in lessons.values()]
    table = np.rint(np.stack([vectorizer.idf_, *weights], axis=1) / UNIT).astype(int).tolist()
    head = {
        "taught_by": taught_by,
        "categories": list(lessons),
        "bars": [round(lesson.bar, 3) for lesson in lessons.values()],
        "unit": UNIT,
    }
    # One trait a line, so that a difference can be read.
    lines = ",\n".join(
        f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(row, separators=(',', ':'))}"
        for name, row in zip(vectorizer.get_feature_names_out(), table, strict=True)
    )
    text = json.dumps(head, ensure_ascii=False)[:-1] + ',"weights":{\n' + lines + "\n}}\n"
    (WEIGHTS / f"{name}.json").write_text(text, encoding="utf-8")
