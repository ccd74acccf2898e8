"""Durations as playbooks write them."""

from datetime import timedelta

import pytest

from workflows import durations


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT2H", timedelta(hours=2)),
        ("P14D", timedelta(days=14)),
        ("P1M", timedelta(days=30)),
        ("P1Y2W", timedelta(days=379)),
        ("P1DT30M", timedelta(days=1, minutes=30)),
        ("PT0.5S", timedelta(milliseconds=500)),
        ("PT0,5S", timedelta(milliseconds=500)),
    ],
)
def test_durations_are_read(text: str, length: timedelta) -> None:
    assert durations.parse(text) == length


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "2H", "PT2", "P-1D", "PT1H30", "Project", None, 5])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(durations.BadDuration, match="expected an ISO 8601 duration such as PT2H or P14D, found"):
        durations.parse(text)


@pytest.mark.parametrize("length", [timedelta(milliseconds=500), timedelta(hours=2), timedelta(days=14, seconds=0.125)])
def test_what_is_written_is_read_again(length: timedelta) -> None:
    assert durations.parse(durations.write(length)) == length


def test_every_own_duration_is_divided_and_texts_stay() -> None:
    content = {
        "cadence": {"by_severity": {"SEV1": {"update_every": "PT8H"}}, "tempo": "fast", "never": None},
        "gates": {"follow_up": [{"params": {"min_window": "P5D", "min_ratio": 0.95}}]},
        "message_templates": {"en": {"subject": "PT8H"}},
    }

    divided = durations.divide(content, divisor=7200)

    assert divided == {
        "cadence": {"by_severity": {"SEV1": {"update_every": "PT4S"}}, "tempo": "fast", "never": None},
        "gates": {"follow_up": [{"params": {"min_window": "PT60S", "min_ratio": 0.95}}]},
        "message_templates": {"en": {"subject": "PT8H"}},
    }
    assert durations.divide(content, divisor=1) is content
