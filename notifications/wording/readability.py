"""Says how hard a text is to read: the length of its sentences and the share of long words."""

import re
from dataclasses import dataclass

from notifications.wording.templates import words
from notifications.wording.texts import sentences

# Words (Chinese: characters) of a sentence that reads easily, and of one that is a burden.
EASY = {"en": 15.0, "ru": 12.0, "zh": 22.0}
HARD = {"en": 25.0, "ru": 20.0, "zh": 45.0}
# From this many letters on a word is long; Chinese words of four characters and more are set phrases and terms.
LONG_WORD = {"en": 9, "ru": 10, "zh": 4}
MARKS = re.compile(r"[^\w\s]+")
PLACES = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)


@dataclass(frozen=True)
class Readability:
    """Sentences, their mean length, the share of long words, and a mark from 0 (hard) to 100 (easy)."""

    sentences: int
    mean_length: float
    long_words: float
    mark: int


def readability(text: str, *, language: str) -> Readability:
    """Return how hard a text is to read; what stands in braces is one word."""
    plain = PLACES.sub("X", text)
    pieces = [plain[start:end] for start, end in sentences(plain, language)]
    parts = [words(MARKS.sub(" ", piece), language=language) for piece in pieces]
    lengths = [sum(map(len, part)) if language == "zh" else len(part) for part in parts]
    if not sum(lengths):
        return Readability(0, 0.0, 0.0, 100)
    mean = sum(lengths) / len(lengths)
    all_words = [word for part in parts for word in part]
    long = sum(1 for word in all_words if len(word) >= LONG_WORD[language]) / len(all_words)
    burden = (mean - EASY[language]) / (HARD[language] - EASY[language])
    mark = 100 - 60 * min(1.0, max(0.0, burden)) - 40 * min(1.0, max(0.0, (long - 0.15) / 0.35))
    return Readability(len(pieces), round(mean, 1), round(long, 2), round(mark))
