"""Lays a rendered message out: safe HTML from Markdown, and the two parts of a mail from the same words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import css_inline
import nh3
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from notifications import rendering

ELEMENTS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h2", "h3", "h4", "blockquote", "hr"} | {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "pre",
}
SCHEMES = {"https", "http", "mailto", "tel"}
ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+|[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
SURVEY = rendering.marker("survey.url")


@dataclass(frozen=True)
class Link:
    """A link of the footer; its address may be a marker."""

    text: str
    url: str


@dataclass(frozen=True)
class Page:
    """What a mail consists of; `markdown` holds escaped values, `text` the same words as they are."""

    title: str
    language: str
    text: str
    markdown: str
    reason: str
    links: Sequence[Link] = ()
    notice: str = ""
    notice_language: str = ""


def fragment(markdown: str) -> str:
    """Return safe HTML: a small set of elements, links to pages, mailboxes and telephones only."""
    html = nh3.clean(
        MARKDOWN.render(markdown),
        tags=ELEMENTS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    # A cleaner reads addresses, and a marker is none yet.
    return html.replace(SURVEY, f'<a href="{SURVEY}" rel="noopener noreferrer">{SURVEY}</a>')


def plain(page: Page) -> str:
    """Return the text part."""
    head = [page.notice, page.title, page.text]
    links = [f"{link.text}: {link.url}" for link in page.links]
    return "\n\n".join([part for part in head if part] + ["--", *links, page.reason]) + "\n"


def html(page: Page) -> str:
    """Return the HTML part with its styles put inline; nothing is fetched."""
    whole = render_to_string(
        "mail/base.html",
        {
            "lang": page.language,
            "title": page.title,
            "notice": page.notice,
            "notice_lang": page.notice_language or page.language,
            "content": SafeString(fragment(page.markdown)),
            "links": page.links,
            "reason": page.reason,
        },
    )
    return INLINER.inline(whole)


def _autolink(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline" and token.children:
            token.children = _linked(token.children)


def _linked(tokens: list[Token]) -> list[Token]:
    result: list[Token] = []
    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        result += _split(token) if token.type == "text" and not depth else [token]
    return result


def _split(token: Token) -> list[Token]:
    pieces: list[Token] = []
    position = 0
    for found in ADDRESS.finditer(token.content):
        address = found.group().rstrip(".,;:!?)'")
        pieces.append(_text(token.content[position : found.start()]))
        opening = Token("link_open", "a", 1, attrs={"href": address if "://" in address else f"mailto:{address}"})
        pieces += [opening, _text(address), Token("link_close", "a", -1)]
        position = found.start() + len(address)
    return [*pieces, _text(token.content[position:])]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _lower_headings(state: StateCore) -> None:
    # The title is the one h1 of a mail.
    for token in state.tokens:
        if token.tag == "h1":
            token.tag = "h2"


def _markdown() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable(["image", "code"])
    reader.core.ruler.push("autolink_addresses", _autolink)
    reader.core.ruler.push("lower_headings", _lower_headings)
    return reader


MARKDOWN = _markdown()
INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)
