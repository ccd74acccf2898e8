"""Posts for social networks: approved like every text, posted by hand at a set time, comments answered in time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents import audit, feedback
from incidents.enums import FeedbackKind, FeedbackSource, Mood, TimelineKind
from incidents.errors import Refusal
from incidents.models import Feedback, Incident, User
from incidents.sentences import gettext as _
from notifications import compose
from notifications.enums import MessageKind
from workflows import durations, parties, playbooks
from workflows.models import PostComment, SocialPost

TEMPLATE = "social_post"


class NoSuchNetwork(Refusal):
    """The network is not on the list."""


class AlreadyPosted(Refusal):
    """Somebody posted it and noted the link."""


@dataclass(frozen=True)
class Plan:
    """Where a post goes, when, and who posts it."""

    network: str
    post_at: datetime | None = None
    poster: User | None = None


@dataclass(frozen=True)
class Comment:
    """What somebody wrote under a post."""

    text: str
    author_name: str = ""
    mood: Mood = Mood.NEUTRAL
    kind: FeedbackKind = FeedbackKind.QUESTION


def networks() -> dict[str, dict[str, Any]]:
    """Return the networks by id: name per language, and the longest text, zero for none."""
    return {item["id"]: item for item in playbooks.reference("parties")["networks"]}


def plan_post(incident: Incident, *, plan: Plan, by: User, now: datetime) -> SocialPost:
    """Draft a post; its text is a message, so that wording, facts, length and approval are checked as for any other."""
    network = networks().get(plan.network)
    if network is None:
        raise NoSuchNetwork(_("There is no network “%s”.") % plan.network)
    audience = {"party": "public", "network": plan.network, "limit": network["limit"]}
    kind = MessageKind.SOCIAL_POST
    with transaction.atomic():
        message = parties.write(incident, kind=kind, template=TEMPLATE, audience=audience, by=by, now=now)
        return SocialPost.objects.create(
            message=message,
            network=plan.network,
            post_at=plan.post_at,
            poster=plan.poster or by,
            answer_within=durations.parse(playbooks.reference("parties")["answer_comments_within"]),
        )


def texts(post: SocialPost) -> dict[str, str]:
    """Return the words to post, by language."""
    revision = compose.current(post.message)
    revision.message = post.message
    return {language: compose.public_body(revision, language=language).text for language in revision.content["texts"]}


def texts_or_none(post: SocialPost) -> dict[str, str]:
    """Return the words to post, or nothing where they cannot be rendered yet; the message's page says why."""
    try:
        return texts(post)
    except Refusal:
        return {}


def mark_posted(post: SocialPost, *, link: str, by: User, now: datetime) -> SocialPost:
    """Note that the approved text stands on the network, and where."""
    with transaction.atomic():
        locked = (
            SocialPost.objects.select_for_update(no_key=True, of=("self",)).select_related("message").get(pk=post.pk)
        )
        if locked.posted_at is not None:
            raise AlreadyPosted(_("This was posted already: %s") % locked.link)
        parties.hand_over(locked.message, how=link, by=by, now=now)
        locked.posted_at, locked.posted_by, locked.link = now, by, link.strip()
        locked.save(update_fields=["posted_at", "posted_by", "link"])
    return locked


def log_comment(post: SocialPost, *, comment: Comment, by: User, now: datetime) -> Feedback:
    """Log a comment that wants an answer; it waits in the feedback log with the post's time limit."""
    incident = post.message.incident
    entry = feedback.Entry(
        verbatim=comment.text,
        kind=comment.kind,
        source=FeedbackSource.SOCIAL,
        mood=comment.mood,
        theme=post.network,
        owner=post.poster or by,
        due_at=now + post.answer_within,
    )
    with transaction.atomic():
        row = feedback.log(incident, entry=entry, now=now, by=by)
        PostComment.objects.create(post=post, feedback=row, author_name=comment.author_name.strip())
        text = _("A comment under the post on %s waits for an answer.") % post.network
        audit.tell(incident, kind=TimelineKind.FEEDBACK, text=text, by=by, now=now)
    return row
