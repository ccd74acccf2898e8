"""The public side of incidents, read from published notices alone: no draft, segment or name can show here."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models

from incidents.enums import Language
from incidents.models import Incident
from notifications import rendering
from notifications.models import PagePost

HISTORY = timedelta(days=90)
MOST_INCIDENTS = 50
RESOLVED = "resolved"
MONITORING = "monitoring"
IMPACTS = ("none", "minor", "major", "critical")


@dataclass(frozen=True)
class Reader:
    """How to speak to whoever opens the page: nobody is known here but a language."""

    language: Language
    fallback: str
    time_zone: str
    company_names: dict[str, str]

    @property
    def company_name(self) -> str:
        """The company's name, or the product's while the company has none."""
        return self.choose(self.company_names) or "CrisisComm"

    def choose(self, texts: dict[str, str]) -> str:
        """Return this reader's language of a text, else the company's first one, else any."""
        return texts.get(self.language) or texts.get(self.fallback) or next(iter(texts.values()), "")

    def moment(self, moment: datetime) -> str:
        """Write a time as this reader's language does, in the company's time zone."""
        return rendering.format_moment(moment, language=self.language, time_zone=self.time_zone)


@dataclass(frozen=True)
class PublicIncident:
    """What was published about one incident; `posts` stand newest first."""

    reference: str
    posts: tuple[PagePost, ...]
    # The published incident that speaks for this one since the two were merged.
    merged_into: str = ""

    @property
    def newest(self) -> PagePost:
        """The notice that holds now: the newest one that no correction replaced, if there is one."""
        return next((post for post in self.posts if post.superseded_at is None), self.posts[0])

    @property
    def is_live(self) -> bool:
        """Whether the public was not yet told that it is over, or that another incident speaks for it."""
        return self.newest.status != RESOLVED and not self.merged_into

    @property
    def started_at(self) -> datetime:
        """When the first notice was published."""
        return self.posts[-1].published_at

    @property
    def updated_at(self) -> datetime:
        """When the public record last changed."""
        changes = [post.superseded_at for post in self.posts if post.superseded_at is not None]
        return max([self.posts[0].published_at, *changes])

    def since(self, status: str) -> datetime | None:
        """Return when a notice with this status was first published, or None."""
        moments = [post.published_at for post in self.posts if post.status == status]
        return min(moments, default=None)


def recent(*, now: datetime) -> list[PublicIncident]:
    """Return the live incidents and the ones of the last 90 days, the latest word first; exercises never show."""
    grouped: dict[str, list[PagePost]] = {}
    for post in _posts():
        grouped.setdefault(post.incident.reference, []).append(post)
    merged = _merged()
    found = [
        PublicIncident(reference, tuple(posts), _speaker(reference, merged=merged, published=grouped))
        for reference, posts in grouped.items()
    ]
    shown = [one for one in found if one.is_live or one.updated_at >= now - HISTORY]
    return sorted(shown, key=lambda one: (one.updated_at, one.reference), reverse=True)[:MOST_INCIDENTS]


def find(reference: str) -> PublicIncident | None:
    """Return what was published about one incident, or None."""
    posts = tuple(_posts().filter(incident__reference=reference))
    return PublicIncident(reference, posts, speaker_of(posts[0].incident)) if posts else None


def speaker_of(incident: Incident) -> str:
    """Return the reference of the published incident that this one was merged into, or an empty text."""
    if incident.merged_into_id is None:
        return ""
    published = set(_posts().order_by().values_list("incident__reference", flat=True).distinct())
    return _speaker(incident.reference, merged=_merged(), published=published)


def worst(incidents: Iterable[PublicIncident]) -> str:
    """Return the gravest public impact among the live incidents, or `none`."""
    found = [one.newest.impact for one in incidents if one.is_live]
    return max(found, key=lambda impact: IMPACTS.index(impact) if impact in IMPACTS else 0, default=IMPACTS[0])


def _merged() -> dict[str, str]:
    """Return, for each merged incident, the one it went into."""
    rows = Incident.objects.filter(merged_into__isnull=False).order_by("pk")
    return dict(rows.values_list("reference", "merged_into__reference"))


def _speaker(reference: str, *, merged: Mapping[str, str], published: Collection[str]) -> str:
    """Return where the last of a chain of merges leads, if the public knows of it: what is hidden stays hidden."""
    last = reference
    while last in merged:
        last = merged[last]
    return last if last != reference and last in published else ""


def _posts() -> models.QuerySet[PagePost]:
    shown = PagePost.objects.filter(incident__is_drill=False, incident__is_embargoed=False, repeats=None)
    published = shown.select_related("incident")
    return published.order_by("-published_at", "-pk").only(
        *("kind", "incident_title", "texts", "status", "impact", "next_update_at", "published_at", "superseded_at"),
        *("incident__reference", "incident__merged_into", "message_id"),
    )
