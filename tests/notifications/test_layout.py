"""Layout: safe HTML, links, and a mail that reads the same in both parts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import layout, rendering

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<b>)",
    "![x](https://evil.example/pixel.png)",
    "<a href='vbscript:x'>y</a>",
    "<https://ok.example/'onmouseover='x'>",
    "<style>*{display:none}</style>",
    "&#x3c;script&#x3e;",
]


def page(**fields: object) -> layout.Page:
    defaults = {"title": "Late & later", "language": "en", "text": "Body", "markdown": "Body", "reason": "Why"}
    return layout.Page(**{**defaults, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("attack", ATTACKS)
def test_fragment_is_harmless(attack: str) -> None:
    html = layout.fragment(attack)

    tags = set(re.findall(r"<\s*([a-z0-9]+)", html))
    assert tags <= {"p", "a", "br"}
    assert not re.search(r"<[^>]*\s(?:on\w+|src|style)\s*=", html)
    assert not re.search(r"<[^>]*href=\"(?!https?:|mailto:|tel:)", html)


@given(st.text(max_size=60))
def test_an_escaped_value_never_becomes_markup(value: str) -> None:
    html = layout.fragment(rendering.escape_markdown(rendering.clean(value)))

    assert set(re.findall(r"<\s*([a-z0-9]+)", html)) <= {"p", "br", "a"}


def test_addresses_become_links() -> None:
    html = layout.fragment("See https://a.example/b_c?d=1. Or help@a.example（请看https://b.example/x）")

    assert re.findall(r'href="([^"]+)"', html) == [
        "https://a.example/b_c?d=1",
        "mailto:help@a.example",
        "https://b.example/x",
    ]


def test_survey_marker_becomes_a_link() -> None:
    mark = rendering.marker("survey.url")

    assert layout.fragment(f"Here: {mark}") == (f'<p>Here: <a href="{mark}" rel="noopener noreferrer">{mark}</a></p>\n')


def test_headings_stay_below_the_title() -> None:
    assert layout.fragment("# Big") == "<h2>Big</h2>\n"


def test_mail_is_accessible_and_fetches_nothing() -> None:
    html = layout.html(page(links=[layout.Link("Your page", rendering.marker("link.portal"))]))

    assert re.findall(r"<h1[^>]*>(.*?)</h1>", html) == ["Late &amp; later"]
    assert '<html lang="en"' in html
    assert "font-size: 16px" in html
    assert len(re.findall(r"<table", html)) == len(re.findall(r'<table[^>]* role="presentation"', html))
    assert not re.search(r"<(?:img|link|script|iframe|style)\b|url\(|@import", html)


def test_both_parts_say_the_same() -> None:
    one = page(links=[layout.Link("Your page", "https://a.example/c/x/")], notice="Original follows.")

    text, html = layout.plain(one), layout.html(one)

    assert text == "Original follows.\n\nLate & later\n\nBody\n\n--\n\nYour page: https://a.example/c/x/\n\nWhy\n"
    for words in ("Original follows.", "Late &amp; later", "Body", "Your page", "https://a.example/c/x/", "Why"):
        assert words in html
