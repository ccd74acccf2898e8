"""The contact block of every page customers open: telephone with hours and waiting time, mailbox, chat."""

from datetime import datetime

from incidents import hotline
from incidents.enums import Language
from incidents.models import Company, HotlineWait
from notifications import rendering


def block(company: Company, *, language: Language, time_zone: str, now: datetime) -> dict[str, str]:
    """Return how customers reach the company, in one language; the waiting time only while its figure is fresh."""
    figure = hotline.current(company, now=now) if company.hotline else None
    return {
        "name": company.name.get(language) or str(company),
        "hotline": company.hotline,
        "email": company.contact_email,
        "chat_url": company.chat_url,
        "hours": company.contact_hours.get(language) or company.contact_hours.get(company.fallback_language, ""),
        "wait": waiting_time(figure, language=language, time_zone=time_zone) if figure else "",
    }


def waiting_time(figure: HotlineWait, *, language: str, time_zone: str) -> str:
    """Return a waiting time in words that name when it was measured, so that it never reads as of now."""
    at = rendering.format_moment(figure.measured_at, language=language, time_zone=time_zone)
    name = "waiting_time" if figure.minutes else "waiting_time_none"
    return rendering.phrase(name, language).format(minutes=figure.minutes, at=at)
