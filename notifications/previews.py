"""Shows a message as one reader will get it, and mails it to its writer as a test."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.utils.translation import gettext as _

from incidents import audit
from incidents.enums import Tier
from incidents.errors import Refusal
from incidents.models import Commitment, Customer, Impact, User
from notifications import bodies, personal, rendering
from notifications.enums import ChannelName
from notifications.models import Message, MessageRevision

PAGES = frozenset(
    {ChannelName.WEBSITE_NOTICE, ChannelName.STATUS_PAGE, ChannelName.DARK_SITE, ChannelName.OFFICIAL_STATEMENT}
)
SHORT = frozenset({ChannelName.SMS, ChannelName.MESSENGER, ChannelName.IN_APP, ChannelName.SOCIAL_POST})
# An example stands where a recipient's own link will: a preview must not hold a key to anybody's page.
EXAMPLE_LINK = "/c/example/"


class NoAddress(Refusal):
    """A test goes to the writer's own mailbox, and there is none."""


class NoText(Refusal):
    """The message has no revision yet."""


@dataclass(frozen=True)
class Preview:
    """What one reader sees."""

    subject: str
    text: str
    html: str


def preview(
    message: Message, *, customer: Customer | None, channel: ChannelName, language: str | None = None
) -> Preview:
    """Return the message as this customer, or anybody where `customer` is None, gets it on this channel."""
    revision = current(message)
    wanted = language or (customer.language if customer else revision.content["languages"][0])
    if channel in PAGES:
        shown = bodies.public_body(revision, language=wanted)
        return Preview(shown.subject, shown.text, shown.html)
    tier = _tier(message, customer)
    zone = customer.time_zone if customer else revision.content["time_zone"]
    render = bodies.short_body if channel in SHORT else bodies.body
    rendered = render(revision, language=wanted, tier=tier, time_zone=zone)
    spoken = bodies.spoken_language(bodies.content_of(revision), wanted)
    own = personal_values(message, customer=customer, language=spoken) if customer else _anybody(revision, spoken)
    links = dict.fromkeys(rendering.LINKS, settings.PUBLIC_BASE_URL + EXAMPLE_LINK)
    shown = bodies.splice(rendered, own | links)
    return Preview(shown.subject, shown.text, shown.html)


def personal_values(message: Message, *, customer: Customer, language: str) -> dict[str, str]:
    """Return one customer's own values, with the worded defaults where the record is silent."""
    revision = current(message)
    public = bodies.public_values(revision.content, language)
    impact = Impact.objects.filter(incident_id=message.incident_id, customer=customer).first()
    tier = impact.tier if impact and impact.tier else Tier.THREE
    is_drill = message.incident.is_drill
    name = personal.sample_name(1, language=language) if is_drill else customer.name
    greeting = rendering.phrase("salutation", language).format(name=name)
    items = rendering.phrase("sample_items", language) if is_drill else impact.affected_items if impact else ""
    has_manager = customer.account_manager is not None and tier != Tier.THREE
    made = _promises(message, customer=customer, tier=tier)
    promised = personal.summaries(made, language=language, time_zone=customer.time_zone)
    return {
        "customer.salutation": (not is_drill and customer.salutation) or greeting,
        "customer.affected_items": items or public["customer.affected_items"],
        "contact.person_name": str(customer.account_manager) if has_manager else public["contact.person_name"],
        "commitment.status_summary": promised["status"] or rendering.phrase("none_open", language),
        "commitment.open_summary": promised["open"] or rendering.phrase("none_open", language),
        "survey.url": settings.PUBLIC_BASE_URL + EXAMPLE_LINK,
    }


def send_test(message: Message, *, to: User, now: datetime) -> None:
    """Mail the message, marked as a test, to the person who asks for it."""
    if not to.email:
        raise NoAddress(_("Your log-in has no e-mail address; add one to your account first."))
    revision = current(message)
    for language in revision.content["languages"]:
        shown = preview(message, customer=None, channel=ChannelName.EMAIL_PERSONAL, language=language)
        mark = rendering.phrase("test_mark", language)
        mail = EmailMultiAlternatives(subject=f"{mark} {shown.subject}", body=shown.text, to=[to.email])
        mail.attach_alternative(shown.html, "text/html")
        mail.send()
    data = {"message": message.reference, "sha256": revision.sha256}
    audit.record(message.incident, action="message.tested", actor=to, now=now, data=data)


def _anybody(revision: MessageRevision, language: str) -> dict[str, str]:
    example = settings.PUBLIC_BASE_URL + EXAMPLE_LINK
    return bodies.public_values(revision.content, language) | {"survey.url": example}


def _tier(message: Message, customer: Customer | None) -> int:
    impact = Impact.objects.filter(incident_id=message.incident_id, customer=customer).first() if customer else None
    if impact and impact.tier:
        return int(impact.tier)
    return max((int(tier) for tier in message.promises), default=int(Tier.THREE))


def _promises(message: Message, *, customer: Customer, tier: int) -> list[Commitment]:
    addressed = Q(customer=customer) | Q(customer=None) & (Q(tier=None) | Q(tier=tier))
    return list(personal.told(message.incident, kind=message.kind).filter(addressed))


def current(message: Message) -> MessageRevision:
    """Return the text as it stands."""
    if message.current is None:
        raise NoText(_("%s has no text yet.") % message.reference)
    return message.current
