"""Renders a revision for one language, tier and time zone, with place-holders where every recipient differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from notifications import layout, rendering
from notifications.enums import OPTIONAL, MessageKind
from notifications.models import MessageRevision

NEXT_UPDATE = "update.next_due_at"
ISSUED = "update.issued_at"
Content = Mapping[str, Any]


@dataclass(frozen=True)
class Body:
    """A rendered text; `html` is a whole mail, the fragment of a page, or empty for a short text.

    All three may hold markers, the subject too: playbooks name a customer's own order in it.
    """

    subject: str
    text: str
    html: str = ""


def content_of(revision: MessageRevision, *, rendition: str = "") -> Content:
    """Return what a revision says as it leaves: issued at its release, in the languages approved by then.

    Stamps cover every language; a release takes languages away, it never adds one. `rendition` names the one language
    of a copy that was sent later.
    """
    message = revision.message
    content: dict[str, Any] = revision.content
    if message.released_at is None:
        return content
    spoken = [rendition] if rendition else message.languages or list(content["texts"])
    times = content["times"]
    if ISSUED in times:
        times = {**times, ISSUED: message.released_at.isoformat()}
    return {**content, "texts": {one: text for one, text in content["texts"].items() if one in spoken}, "times": times}


def spoken_language(content: Content, language: str) -> str:
    """Return the language a reader of `language` is written in: their own, or the first of the fallback order."""
    if language in content["texts"]:
        return language
    return str(next(one for one in [*content["languages"], *content["texts"]] if one in content["texts"]))


def body(revision: MessageRevision, *, language: str, tier: int, time_zone: str, rendition: str = "") -> Body:
    """Return the mail for one group of recipients, with markers for personal values and links."""
    content = content_of(revision, rendition=rendition)
    spoken = spoken_language(content, language)
    values = _values(content, spoken, tier=tier, time_zone=time_zone)
    values |= {name: rendering.marker(name) for name in rendering.PERSONAL}
    page = _page(content, values, spoken=spoken, language=language)
    return Body(subject=page.title, text=layout.plain(page), html=layout.html(page))


def short_body(revision: MessageRevision, *, language: str, tier: int, time_zone: str) -> Body:
    """Return the short text for the same group, with markers for personal values."""
    content = content_of(revision)
    spoken = spoken_language(content, language)
    values = _values(content, spoken, tier=tier, time_zone=time_zone)
    values |= {name: rendering.marker(name) for name in rendering.PERSONAL}
    source = content["texts"][spoken].get("short_text", "")
    return Body(subject="", text=_one_line(rendering.render(source, values)))


def page_body(revision: MessageRevision, *, language: str, tier: int, time_zone: str, rendition: str = "") -> Body:
    """Return the text for the customer's own page, as a fragment of HTML with markers for personal values."""
    content = content_of(revision, rendition=rendition)
    spoken = spoken_language(content, language)
    values = _values(content, spoken, tier=tier, time_zone=time_zone)
    values |= {name: rendering.marker(name) for name in rendering.PERSONAL}
    text = content["texts"][spoken]
    sections = "\n\n".join(_sections(text, values, rendering.render))
    markdown = "\n\n".join(_sections(text, values, rendering.render_markdown))
    return Body(subject=_subject(text, values), text=sections, html=layout.fragment(markdown))


def public_body(revision: MessageRevision, *, language: str, update_number: int = 0) -> Body:
    """Return the public version: nobody's salutation, the incident's scope, no personal content.

    Each tier counts its own updates and the page counts them all: `update_number` is the page's count.
    """
    content = content_of(revision)
    spoken = spoken_language(content, language)
    values = _values(content, spoken, tier=_calmest_tier(content), time_zone=content.get("time_zone", "UTC"))
    values |= public_values(content, spoken)
    if update_number:
        values["update.sequence"] = str(update_number)
    text = content["texts"][spoken]
    sections = "\n\n".join(_sections(text, values, rendering.render))
    markdown = "\n\n".join(_sections(text, values, rendering.render_markdown))
    return Body(subject=_subject(text, values), text=sections, html=layout.fragment(markdown))


def public_facts(content: Content, language: str) -> dict[str, str]:
    """Return every value of a revision as a public reader sees it."""
    tier, zone = _calmest_tier(content), content.get("time_zone", "UTC")
    return _values(content, language, tier=tier, time_zone=zone) | public_values(content, language)


def public_values(content: Content, language: str) -> dict[str, str]:
    """Return what a public reader sees in place of personal values."""
    own = _fixed(content, language)
    team = content.get("team_name", {}).get(language) or rendering.phrase("team", language)
    commitments = rendering.phrase("commitments_public", language)
    return {
        "customer.salutation": rendering.phrase("public_salutation", language),
        "customer.affected_items": own.get("incident.scope", ""),
        "contact.person_name": team,
        "commitment.status_summary": commitments,
        "commitment.open_summary": commitments,
        "survey.url": own.get("contact.portal_url", ""),
    }


def splice(rendered: Body, personal: Mapping[str, str]) -> Body:
    """Return the body with its markers replaced: one line in the subject, escaped in the HTML part."""
    subject, text, html = rendered.subject, rendered.text, rendered.html
    for name, value in personal.items():
        mark, safe = rendering.marker(name), rendering.clean(value)
        subject = subject.replace(mark, _one_line(safe))
        text = text.replace(mark, safe)
        html = html.replace(mark, escape(safe).replace("\n", "<br>"))
    return Body(subject=subject, text=text, html=html)


def section_texts(
    content: Content, language: str, *, tier: int, time_zone: str, is_public: bool = False
) -> dict[str, str]:
    """Return the rendered text of every element of one language; `title` is the subject.

    Personal values stay markers, or, for the public, become what a public reader sees.
    """
    values = _values(content, language, tier=tier, time_zone=time_zone)
    values |= {name: rendering.marker(name) for name in rendering.PERSONAL}
    if is_public:
        values |= public_values(content, language)
    text = content["texts"][language]
    elements = {"title": _subject(text, values)}
    for section in text["sections"]:
        rendered = rendering.render(section["text"], values).strip()
        elements[section["element"]] = f"{elements.get(section['element'], '')}\n{rendered}".strip()
    return elements


def sources(text: Mapping[str, Any]) -> list[str]:
    """Return every Liquid source of one language's text."""
    return [text["subject"], *(section["text"] for section in text["sections"]), text.get("short_text", "")]


def _page(content: Content, values: dict[str, str], *, spoken: str, language: str) -> layout.Page:
    text = content["texts"][spoken]
    is_optional = content["kind"] in OPTIONAL
    reason = rendering.phrase("reason_optional" if is_optional else "reason_essential", language)
    names = ["portal", "unsubscribe"] if is_optional else ["portal"]
    return layout.Page(
        title=_subject(text, values),
        language=spoken,
        text="\n\n".join(_sections(text, values, rendering.render)),
        markdown="\n\n".join(_sections(text, values, rendering.render_markdown)),
        reason=rendering.render(reason, values),
        links=[layout.Link(rendering.phrase(name, language), rendering.marker(f"link.{name}")) for name in names],
        notice="" if spoken == language else rendering.phrase("fallback_language", language),
        notice_language=language,
    )


def _sections(text: dict[str, Any], values: dict[str, str], render: Any) -> list[str]:
    rendered = (render(section["text"], values).strip() for section in text["sections"])
    return [section for section in rendered if section]


def _subject(text: dict[str, Any], values: dict[str, str]) -> str:
    return _one_line(rendering.render(text["subject"], values))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _fixed(content: Content, language: str) -> dict[str, str]:
    values = content["values"]
    return {**values.get("", {}), **values.get(language, {})}


def _values(content: Content, language: str, *, tier: int, time_zone: str) -> dict[str, str]:
    moments = dict(content["times"])
    promised = content["promises"].get(str(tier), {}).get("next_update_at")
    if promised:
        moments[NEXT_UPDATE] = promised
    return _fixed(content, language) | {
        name: rendering.format_moment(datetime.fromisoformat(value), language=language, time_zone=time_zone)
        for name, value in moments.items()
        if value
    }


def _calmest_tier(content: Content) -> int:
    # The public page is read by all: it names the update every reader can count on.
    return max((int(tier) for tier in content["promises"]), default=3)


def promises_next_update(kind: str) -> bool:
    """Whether a message of this kind names the time of the next update."""
    return kind in {MessageKind.HOLDING_STATEMENT, MessageKind.FIRST_NOTICE, MessageKind.PROGRESS_UPDATE}
