"""Languages approved after a message left: who read its fallback meanwhile, and the same text for exactly those.

Nothing is approved anew: the stamps cover the revision with all its languages, and a reader approved this one. Only
who got the fallback gets the copy, once; one that a newer word has overtaken is not sent at all.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q

from incidents import audit
from incidents.enums import Language, TimelineKind
from incidents.errors import Refusal
from incidents.models import Customer, User
from incidents.sentences import gettext as _
from notifications import compose, freezing, translations
from notifications.enums import RELEASED
from notifications.models import Delivery, Message


class CannotSend(Refusal):
    """The language is not approved, not of this message, or the message is out of date."""


@dataclass(frozen=True)
class Late:
    """A language the message did not go out in: how many readers got the fallback, and how many this since."""

    language: str
    sha256: str
    is_approved: bool
    in_fallback: int
    sent: int

    @property
    def name(self) -> str:
        """The language as people call it."""
        return str(dict(Language.choices).get(self.language, self.language))

    @property
    def waiting(self) -> int:
        """How many have the fallback alone."""
        return self.in_fallback - self.sent


def late(message: Message) -> list[Late]:
    """Return the languages a released text is written in but did not go out in; readers are counted in one query."""
    if message.released_at is None or message.current is None:
        return []
    held = [state for state in translations.states(message) if state.language not in message.languages]
    got = Delivery.objects.filter(message=message, language__in=[state.language for state in held])
    reached = Q(rendition="", status__in=freezing.MAY_HAVE_REACHED)
    counts = (
        got.order_by()
        .values("language")
        .annotate(
            fallback=Count("customer", filter=reached, distinct=True),
            sent=Count("customer", filter=~Q(rendition=""), distinct=True),
        )
    )
    found = {row["language"]: (row["fallback"], row["sent"]) for row in counts}
    return [
        Late(state.language, state.text_sha256, state.is_approved, *found.get(state.language, (0, 0))) for state in held
    ]


def readers(message: Message, *, language: str) -> list[Customer]:
    """Return who got the fallback of this language and nothing since."""
    got = Delivery.objects.filter(message=message, language=language)
    told = got.exclude(rendition="").values("customer")
    rows = Customer.objects.filter(
        pk__in=got.filter(rendition="", status__in=freezing.MAY_HAVE_REACHED).values("customer")
    )
    return list(rows.exclude(pk__in=told).order_by("name", "pk"))


@transaction.atomic
def send(message: Message, *, language: str, sha256: str, by: User, now: datetime) -> int:
    """Freeze the approved language for those who got the fallback; returns how many, none when all have it."""
    locked = Message.objects.select_for_update(no_key=True, of=("self",)).select_related("incident", "current")
    found = locked.get(pk=message.pk)
    _refuse(found, language=language, sha256=sha256, now=now)
    count = freezing.freeze_rendition(found, language=language, now=now)
    named = {"message": found, "language": dict(Language.choices).get(language, language), "count": count}
    text = _("%(message)s goes to %(count)d in %(language)s, who got the fallback.") % named
    audit.tell(found.incident, kind=TimelineKind.DELIVERY, text=text, by=by, now=now)
    data = {"message": found.reference, "language": language, "sha256": sha256, "count": count}
    audit.record(found.incident, action="message.language_sent", actor=by, now=now, data=data)
    return count


def _refuse(message: Message, *, language: str, sha256: str, now: datetime) -> None:
    if message.state not in RELEASED or (message.expires_at is not None and message.expires_at <= now):
        raise CannotSend(_("Newer word has taken the place of %s: translate that.") % message.reference)
    if message.is_stopped or message.incident.is_on_hold:
        raise CannotSend(_("Sending is stopped: resume it first."))
    if message.needs_correction:
        raise CannotSend(_("A fact this text used has changed: correct it instead."))
    state = translations.state_of(message, language)
    if language in message.languages:
        raise CannotSend(_("%s went out in this language already.") % message.reference)
    if not state.is_approved or state.text_sha256 != sha256:
        raise CannotSend(_("A reader of this language approves it first, as it was shown to you."))
    problems = compose.problems_of(message, language=language)
    if problems:
        raise CannotSend("\n".join(problems))
