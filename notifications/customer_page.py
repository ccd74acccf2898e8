"""What one customer sees on their own page: their messages, promises, offers and entries, and nobody else's."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.safestring import SafeString

from incidents import commitments, feedback
from incidents.enums import CommitmentKind, Language
from incidents.models import Company, Customer, Feedback, Incident, RemedyChoice, RemedyOption, SurveyResponse
from notifications import bodies, page_words, personal, public_page, rendering, surveys, tokens
from notifications.enums import REACHED, DeliveryStatus, MessageKind
from notifications.models import Delivery, Message
from notifications.models.delivery import DeliveryQuerySet
from notifications.surveys import Question

OPEN_AFTER_CLOSING = timedelta(days=30)
MAY_HAVE_REACHED = (*REACHED, DeliveryStatus.UNCERTAIN, DeliveryStatus.SENDING)
# Reading proves arrival, also of a mail whose fate was unknown.
CAN_BE_ACKNOWLEDGED = (DeliveryStatus.ACCEPTED, DeliveryStatus.DELIVERED, DeliveryStatus.UNCERTAIN)


@dataclass(frozen=True)
class Visit:
    """A valid link, opened: whose page it is, about which incident, and how to speak."""

    delivery: Delivery
    customer: Customer
    incident: Incident
    language: Language

    def moment(self, moment: datetime) -> str:
        """Write a time as this customer reads it, in their own time zone."""
        return rendering.format_moment(moment, language=self.language, time_zone=self.customer.time_zone)

    def choose(self, texts: dict[str, str]) -> str:
        """Return the customer's language of a text, or the first there is."""
        return texts.get(self.language) or next((text for text in texts.values() if text), "")


@dataclass(frozen=True)
class ShownMessage:
    """One message as this customer got it."""

    reference: str
    subject: str
    html: SafeString
    lang: str
    sent_at: str
    is_corrected: bool
    is_acknowledged: bool


@dataclass(frozen=True)
class NextUpdate:
    """The promised time of the next word, and whether it has passed."""

    time: str
    is_late: bool


def visit(reference: uuid.UUID | None, *, now: datetime) -> Visit | None:
    """Return the visit a link's reference opens, or None: unknown, erased and expired look the same from outside."""
    if reference is None:
        return None
    found = Delivery.objects.select_related("customer", "incident", "message", "revision")
    delivery = found.filter(reference=reference, customer__is_active=True).first()
    if delivery is None or _is_over(delivery.incident, now=now):
        return None
    language = page_words.language_of(delivery.customer.language)
    return Visit(delivery=delivery, customer=delivery.customer, incident=delivery.incident, language=language)


def name(visit: Visit) -> str:
    """Return whose page it is; an exercise's is its test recipient's."""
    if visit.incident.is_drill:
        return personal.sample_of(visit.delivery, language=visit.language)
    return visit.customer.name


def _is_over(incident: Incident, *, now: datetime) -> bool:
    return incident.closed_at is not None and incident.closed_at + OPEN_AFTER_CLOSING < now


def messages(visit: Visit) -> list[ShownMessage]:
    """Return what this customer was sent about the incident, newest first, each message once."""
    shown: dict[int, Delivery] = {}
    for delivery in _own(visit).order_by("-message__released_at", "-message_id", "-rendition", "status", "pk"):
        known = shown.get(delivery.message_id)
        if known is None or (known.rendition == delivery.rendition and delivery.status == DeliveryStatus.ACKNOWLEDGED):
            shown[delivery.message_id] = delivery
    corrected = set(
        Message.objects.filter(corrects__in=shown, released_at__isnull=False).values_list("corrects_id", flat=True)
    )
    return [_shown(visit, delivery, is_corrected=pk in corrected) for pk, delivery in shown.items()]


def _own(visit: Visit) -> DeliveryQuerySet:
    mine = Delivery.objects.filter(customer=visit.customer, incident=visit.incident)
    return mine.filter(Q(status__in=MAY_HAVE_REACHED) | Q(pk=visit.delivery.pk)).select_related(
        "message", "message__incident", "revision", "revision__message"
    )


def _shown(visit: Visit, delivery: Delivery, *, is_corrected: bool) -> ShownMessage:
    body = _body(visit, delivery)
    spoken = bodies.spoken_language(bodies.content_of(delivery.revision, rendition=delivery.rendition), visit.language)
    return ShownMessage(
        reference=delivery.message.reference,
        subject=body.subject,
        html=SafeString(body.html),
        lang=page_words.TAGS[page_words.language_of(spoken)],
        sent_at=visit.moment(delivery.accepted_at or delivery.created_at),
        is_corrected=is_corrected,
        is_acknowledged=delivery.status == DeliveryStatus.ACKNOWLEDGED,
    )


def _body(visit: Visit, delivery: Delivery) -> bodies.Body:
    rendered = bodies.page_body(
        delivery.revision,
        language=visit.language,
        tier=delivery.tier,
        time_zone=delivery.time_zone,
        rendition=delivery.rendition,
    )
    return bodies.splice(rendered, {**delivery.personal, "survey.url": tokens.survey_url(delivery.reference)})


def title(visit: Visit) -> str:
    """Return the incident's title as it was last told to this customer; the working title is the team's own."""
    newest = _own(visit).order_by("-message__released_at", "-message_id").first() or visit.delivery
    content = bodies.content_of(newest.revision)
    spoken = bodies.spoken_language(content, visit.language)
    values = {**content["values"].get("", {}), **content["values"].get(spoken, {})}
    return str(values.get("incident.title") or _body(visit, newest).subject)


@dataclass(frozen=True)
class Successor:
    """The incident that a merged one went on in, and where this customer reads about it."""

    reference: str
    link: str


def successor(visit: Visit) -> Successor | None:
    """Return where a merged incident goes on: this customer's page there, else the public one, else None."""
    incident = visit.incident
    while incident.merged_into is not None:
        incident = incident.merged_into
    if incident.pk == visit.incident.pk or incident.is_embargoed:
        return None
    told = Delivery.objects.filter(customer=visit.customer, incident=incident, status__in=MAY_HAVE_REACHED)
    newest = told.order_by("-created_at", "-pk").first()
    if newest is not None:
        return Successor(incident.reference, tokens.portal_url(newest.reference))
    if public_page.speaker_of(visit.incident):
        path = reverse("status-incident", args=[incident.reference])
        return Successor(incident.reference, f"{settings.PUBLIC_BASE_URL}{path}")
    return None


def next_update(visit: Visit, *, now: datetime) -> NextUpdate | None:
    """Return the next update that was promised to this customer's tier and is still open."""
    promised = commitments.open_for(visit.incident, tier=visit.delivery.tier, customer=visit.customer)
    moments = [one.due_at for one in promised if one.kind == CommitmentKind.NEXT_UPDATE and one.due_at is not None]
    moments = moments or _named_in_newest(visit, now=now)
    if not moments:
        return None
    to_come = [moment for moment in moments if moment >= now]
    return NextUpdate(time=visit.moment(to_come[0] if to_come else moments[-1]), is_late=not to_come)


def _named_in_newest(visit: Visit, *, now: datetime) -> list[datetime]:
    newest = _own(visit).order_by("-message__released_at", "-message_id").first() or visit.delivery
    named = newest.message.promises.get(str(newest.tier), {}).get("next_update_at")
    moment = datetime.fromisoformat(named) if named else now
    return [moment] if moment > now else []


def entries(visit: Visit) -> list[Feedback]:
    """Return what this customer wrote or said about the incident, newest first, with our answers."""
    return list(
        Feedback.objects.filter(customer=visit.customer, incident=visit.incident).order_by("-received_at", "-pk")
    )


def options(visit: Visit, *, now: datetime) -> list[RemedyOption]:
    """Return the remedies this customer can choose from now."""
    offered = visit.incident.remedy_options.filter(approved_at__isnull=False)
    in_time = offered.filter(Q(claim_deadline=None) | Q(claim_deadline__gte=now))
    if not _is_affected(visit):
        return []
    return [one for one in in_time.order_by("position", "pk") if feedback.is_meant_for(one, visit.customer)]


def choice(visit: Visit) -> RemedyChoice | None:
    """Return what this customer chose, or None."""
    mine = RemedyChoice.objects.filter(customer=visit.customer, incident=visit.incident)
    return mine.select_related("option").first()


def questions(visit: Visit) -> list[Question]:
    """Return the survey's questions, once the survey has been sent out."""
    surveys_sent = visit.incident.messages.filter(kind=MessageKind.FOLLOW_UP_SURVEY, released_at__isnull=False)
    return surveys.questions_of(visit.incident) if surveys_sent.exists() else []


def has_answered(visit: Visit) -> bool:
    """Whether this customer answered the survey."""
    return SurveyResponse.objects.filter(customer=visit.customer, incident=visit.incident).exists()


def answer_due(now: datetime) -> datetime:
    """Return by when an entry of today is answered: the company's promise to call back."""
    company = Company.objects.first()
    return now + (company.brief_callback_within if company else timedelta(hours=4))


def acknowledge(visit: Visit, *, now: datetime) -> int:
    """Mark this customer's arrived messages as read and return how many were new; twice is harmless."""
    mine = Delivery.objects.filter(customer=visit.customer, incident=visit.incident)
    return mine.filter(status__in=CAN_BE_ACKNOWLEDGED).update(
        status=DeliveryStatus.ACKNOWLEDGED,
        opened_at=Coalesce(F("opened_at"), now),
        settled_at=Coalesce(F("settled_at"), now),
    )


def _is_affected(visit: Visit) -> bool:
    return visit.incident.impacts.filter(customer=visit.customer).exists()
