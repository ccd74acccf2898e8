"""What other audiences wait for: texts for staff, partners and authorities, answers to the press, posts."""

from collections.abc import Iterator
from datetime import datetime

from incidents.phases import LIVE
from incidents.sentences import gettext as _
from workflows import parties
from workflows.enums import AlertKind, Party, PlanState
from workflows.escalations import registry
from workflows.escalations.registry import Late, finder
from workflows.models import CommunicationPlan, PressEnquiry, SocialPost


@finder(AlertKind.PARTY_LATE)
def texts(now: datetime) -> Iterator[Late]:
    """A party that needs to be told at this stage was not told in time."""
    live = CommunicationPlan.objects.exclude(state=PlanState.SUPERSEDED).filter(incident__phase__in=LIVE)
    for plan in live.select_related("incident").order_by("pk"):
        for cell in parties.matrix(plan):
            if cell.is_late(now):
                yield Late(
                    key=f"{AlertKind.PARTY_LATE}:{plan.incident_id}:{cell.row.party}:{cell.row.stage}",
                    kind=AlertKind.PARTY_LATE,
                    incident=plan.incident,
                    text=_("%(who)s should have been told by now.") % {"who": Party(cell.row.party).label},
                    people={cell.owner.pk} if cell.owner else registry.leads(plan.incident),
                )


@finder(AlertKind.ENQUIRY_LATE)
def enquiries(now: datetime) -> Iterator[Late]:
    """The press has waited beyond its deadline; its words stay in the log."""
    waiting = PressEnquiry.objects.filter(answered_at=None, due_at__lte=now, incident__phase__in=LIVE)
    for row in waiting.select_related("incident").order_by("pk"):
        yield Late(
            key=f"{AlertKind.ENQUIRY_LATE}:{row.pk}",
            kind=AlertKind.ENQUIRY_LATE,
            incident=row.incident,
            text=_("Press enquiry no. %s waits for an answer.") % row.pk,
            people={row.owner_id} if row.owner_id else registry.leads(row.incident),
        )


@finder(AlertKind.POST_LATE)
def posts(now: datetime) -> Iterator[Late]:
    """A post was to stand on its network by now and nobody noted its link."""
    waiting = SocialPost.objects.filter(posted_at=None, post_at__lte=now, message__incident__phase__in=LIVE)
    for post in waiting.select_related("message__incident").order_by("pk"):
        incident = post.message.incident
        yield Late(
            key=f"{AlertKind.POST_LATE}:{post.pk}",
            kind=AlertKind.POST_LATE,
            incident=incident,
            text=_("%(message)s: to be posted on %(network)s.") % {"message": post.message, "network": post.network},
            people={post.poster_id} if post.poster_id else registry.leads(incident),
        )
