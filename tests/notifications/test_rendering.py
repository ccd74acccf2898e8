"""Rendering: the closed list, what no text may contain, gaps, and moments in three languages."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import rendering

FACTS = frozenset({"facts.batch"})


@pytest.mark.parametrize(
    "source",
    [
        "{{ nope.x }}",
        "{{ incident }}",
        "{{ incident.title.size }}",
        "{{ incident[facts.batch] }}",
        "{{ facts.other }}",
        "{{ incident.title | truncate: secret.key }}",
        "{{ (1..50000000) }}",
        "{{ (1..9) | join: ',' }}",
        "{{ incident.title | default: (1..9) }}",
        "{% case incident.eta %}{% when (1..3) %}x{% endcase %}",
        "{% if incident.eta contains (1..99) %}x{% endif %}",
        "{% for i in incident.title %}x{% endfor %}",
        "{% assign x = 1 %}",
        "{% capture x %}y{% endcapture %}",
        "{% include 'x' %}",
        "{% render 'x' %}",
        "{% liquid echo 1 %}",
        "{% echo incident.title %}",
        "{{ incident.title | safe }}",
        "{{ incident.title | append: 'x' }}",
        "{{ incident.title | newline_to_br }}",
        "{{ 'a' | times: 9 }}",
        "{{ incident.title",
        "{% if incident.eta %}",
        "{% if incident.eta %}" * 21 + "{% endif %}" * 21,
        "x" * 20_001,
        "{{ customer.salutation | upcase }}",
        "{% if customer.salutation %}x{% endif %}",
        "{% unless survey.url %}x{% endunless %}",
        "{{ incident.title | default: customer.salutation }}",
    ],
)
def test_check_refuses(source: str) -> None:
    with pytest.raises(rendering.BadText):
        rendering.check(source, facts=FACTS)


@pytest.mark.parametrize(
    "source",
    [
        "{{ incident.title }} {{ facts.batch }} {{ customer.salutation }}",
        "{% if incident.eta %}{{ incident.eta }}{% elsif facts.batch %}x{% else %}y{% endif %}",
        "{{ incident.title | strip | capitalize | truncate: 20 | default: 'x' | escape }}",
        "{% comment %}{{ nope.x }}{% endcomment %}",
        "50 % {not} a } tag",
    ],
)
def test_check_accepts(source: str) -> None:
    rendering.check(source, facts=FACTS)


def test_refusal_names_line_and_column() -> None:
    with pytest.raises(rendering.BadText, match=r"“nope.x”.*\(line 2, column 5\)"):
        rendering.check("ok\nx{{ nope.x }}")


@pytest.mark.parametrize("value", ["", None])
def test_empty_value_is_missing(value: str | None) -> None:
    with pytest.raises(rendering.MissingValue, match="“Title” \\(incident.title\\) has no value"):
        rendering.render("{{ incident.title }}", {"incident.title": value or ""})


def test_missing_value_inside_a_taken_condition_is_a_gap_too() -> None:
    source = "{% if incident.eta %}{{ incident.eta }}, {{ incident.eta_confidence }}{% endif %}"

    assert rendering.render(source, {}) == ""
    with pytest.raises(rendering.MissingValue) as gap:
        rendering.render(source, {"incident.eta": "noon"})
    assert gap.value.variable == "incident.eta_confidence"


def test_default_fills_a_gap() -> None:
    assert rendering.render("{{ incident.eta | default: 'unknown' }}", {}) == "unknown"


def test_values_are_not_templates() -> None:
    values = {"incident.title": "{{ incident.cause }}{% if x %}"}

    assert rendering.render("{{ incident.title }}", values) == values["incident.title"]


@given(st.text(max_size=80).map(rendering.clean))
def test_any_value_stays_itself_in_plain_text(value: str) -> None:
    if value:
        assert rendering.render("{{ incident.title }}", {"incident.title": value}) == value


def test_output_is_bounded() -> None:
    with pytest.raises(rendering.BadText):
        rendering.render("{{ incident.title }}" * 300, {"incident.title": "x" * 1_000})


def test_conditions_compare_values_as_they_are_in_markdown() -> None:
    source = "{% if incident.title == 'a*b' %}yes {{ incident.title }}{% endif %}"

    assert rendering.render_markdown(source, {"incident.title": "a*b"}) == "yes a\\*b"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\u202eb\u200bc\u2066d\ufeff", "abcd"),
        ("a\x00b\x1bc\x7f", "abc"),
        ("line\r\nline\ttab", "line\nline tab"),
        (f"{rendering.MARKER_OPEN}customer.salutation{rendering.MARKER_CLOSE}", "customer.salutation"),
        ("e\u0301 王女士 Ёлка 🙂", "é 王女士 Ёлка 🙂"),
        ("\ud800x", "x"),
    ],
)
def test_clean_drops_what_nobody_sees(text: str, cleaned: str) -> None:
    assert rendering.clean(text) == cleaned


@pytest.mark.parametrize(
    ("language", "zone", "written"),
    [
        ("en", "Europe/Berlin", "22 November 2026, 14:00 (Europe/Berlin)"),
        ("zh", "Asia/Shanghai", "2026年11月22日 21:00（北京时间）"),
        ("ru", "Europe/Moscow", "22 ноября 2026 г., 16:00 (московское время)"),
        ("ru", "Europe/Berlin", "22 ноября 2026 г., 14:00 (Europe/Berlin)"),
        ("en", "Mars/Olympus", "22 November 2026, 13:00 (UTC)"),
        ("en", "../../etc/passwd", "22 November 2026, 13:00 (UTC)"),
        ("en", "", "22 November 2026, 13:00 (UTC)"),
    ],
)
def test_moments_read_naturally(language: str, zone: str, written: str) -> None:
    moment = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)

    assert rendering.format_moment(moment, language=language, time_zone=zone) == written


def test_an_hour_that_happens_twice_names_its_offset() -> None:
    hours = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]

    assert [rendering.format_moment(one, language="en", time_zone="Europe/Berlin") for one in hours] == [
        "25 October 2026, 02:30 (Europe/Berlin, UTC+02:00)",
        "25 October 2026, 02:30 (Europe/Berlin, UTC+01:00)",
    ]


def test_every_phrase_exists_in_every_language() -> None:
    texts = {name: value for name, value in rendering.PHRASES.items() if name not in {"zones", "commitment_state"}}

    assert {name: sorted(value) for name, value in texts.items()} == dict.fromkeys(texts, ["en", "ru", "zh"])
