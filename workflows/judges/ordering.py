"""Judges of order and of one voice: who hears first, which word replaced which, what is denied and what admitted."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from incidents.enums import ResponsibilityCluster
from incidents.models import Incident
from incidents.phases import Gate
from notifications.enums import ChannelName, MessageKind
from notifications.models import Message
from workflows import briefings, claims, clocks, proofs
from workflows.enums import BriefState, ConferenceState, Stance
from workflows.gates import Missing, enumerate_names, judge, unjudged
from workflows.judges.speaking import DEAD, READY, newest, no_first_notice
from workflows.models import BriefAcknowledgement, Claim, PressConference, SocialPost

CLAIMS = "facts.claims"
PRESS = frozenset({ChannelName.PRESS_RELEASE, ChannelName.PRESS_CONFERENCE, ChannelName.SOCIAL_POST})


@judge("items_classified")
def items_classified(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Every claim of others was verified one by one, with what proves the finding."""
    if gate.params["items"] != CLAIMS:
        return unjudged(gate.params["items"])
    hint = _("Note each claim under Decisions and say whether it is true, with its evidence.")
    if not Claim.objects.filter(incident=incident).exists():
        return Missing(_("no claim is noted."), hint)
    waiting = claims.unclassified(incident)
    if not waiting:
        return None
    text = _("%(count)d claims are not verified with evidence: %(names)s.") % {
        "count": len(waiting),
        "names": enumerate_names([str(claim) for claim in waiting]),
    }
    return Missing(text, hint)


@judge("strategy_consistent")
def strategy_consistent(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Each claim has one answer that fits what is true, and nothing is denied that the company answers for."""
    rows = list(Claim.objects.filter(incident=incident).order_by("pk"))
    hint = _("Choose for each claim under Decisions how it is answered; what is true is admitted first.")
    if not rows:
        return Missing(_("no claim is noted."), hint)
    wrong = claims.contradicted(incident)
    if wrong:
        names = enumerate_names([str(claim) for claim in wrong])
        return Missing(_("without an answer that fits: %s.") % names, hint)
    stances = {claim.stance for claim in rows}
    is_ours = incident.responsibility_accepted or incident.responsibility_cluster == ResponsibilityCluster.PREVENTABLE
    if is_ours and Stance.REBUILD not in stances:
        return Missing(_("the company answers for what happened, yet no claim is admitted."), hint)
    if incident.responsibility_cluster == ResponsibilityCluster.DEPENDS_ON_TRUTH and Stance.REBUILD in stances:
        assess = _("Assess the responsibility again now that claims are verified.")
        return Missing(_("a claim is true; the responsibility is still open."), assess)
    return None


@judge("sequence")
def sequence(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Staff hear before customers, customers before the media."""
    asked = (gate.params.get("artifact") or gate.params.get("message"), gate.params["before"])
    if asked == ("staff_brief", "first_notice"):
        return _staff_first(incident)
    if asked == ("first_notice", "press_statement"):
        return _customers_first(incident, now)
    return unjudged(f"{asked[0]} / {asked[1]}")


@judge("supersede")
def supersede(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Every wrong message has its approved correction; an earlier statement from outside is named with its mark."""
    wrong = Message.objects.filter(incident=incident, needs_correction=True).select_related("incident")
    corrected = Message.objects.filter(incident=incident, corrects__isnull=False, state__in=READY)
    waiting = [row.reference for row in wrong.exclude(pk__in=corrected.values("corrects")).order_by("number")]
    if waiting:
        text = _("without an approved correction: %s.") % enumerate_names(waiting)
        return Missing(text, _("Open each under Messages, correct it, and have the correction approved."))
    if corrected.exists() or proofs.latest(incident, gate.id):
        return None
    hint = _("Correct the message, or record under Decisions where the earlier statement stands and how it is marked.")
    return Missing(_("no earlier statement is marked as superseded."), hint)


@judge("clock_started")
def clock_started(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """A statutory clock about personal data runs, or was met or stopped by two people."""
    if clocks.of_topic(incident, gate.params.get("topic", clocks.PERSONAL_DATA)).exists():
        return None
    hint = _("Screen the clocks again under Clocks: where personal data is involved, “not known” starts a clock too.")
    return Missing(_("no clock about personal data runs."), hint)


def _staff_first(incident: Incident) -> Missing | None:
    hint = _("Approve the staff brief and give it to the front line on the tab Brief and Q&A.")
    brief = briefings.current(incident)
    if brief is None or brief.state != BriefState.APPROVED or not brief.acknowledgements.exists():
        return Missing(_("staff have no brief yet."), hint)
    heard = BriefAcknowledgement.objects.filter(brief__incident=incident).order_by("brief__approved_at")
    first = heard.select_related("brief").first()
    told = _first_release(incident)
    if first is None or first.brief.approved_at is None or told is None or first.brief.approved_at <= told:
        return None
    return Missing(_("customers were told before staff."), _("Say in the waiver why, and tell staff now."))


def _customers_first(incident: Incident, now: datetime) -> Missing | None:
    notice = newest(incident, MessageKind.FIRST_NOTICE)
    if notice is None:
        return no_first_notice()
    # A notice without a time of its own can go out now at the earliest.
    told = _first_release(incident) or notice.release_at or now
    early = [name for name, moment in _media_moments(incident, but=notice) if moment < told]
    if not early:
        return None
    text = _("the media hear before customers: %s.") % enumerate_names(early)
    return Missing(text, _("Release the first notice before it, or put the media statement off."))


def _media_moments(incident: Incident, *, but: Message) -> Iterator[tuple[str, datetime]]:
    """Tell what speaks to the media and when, done or planned; the holding statement is no media statement."""
    messages = Message.objects.filter(incident=incident).exclude(state__in=DEAD, released_at=None).exclude(pk=but.pk)
    for message in messages.exclude(kind=MessageKind.HOLDING_STATEMENT).select_related("incident").order_by("number"):
        moment = message.released_at or message.release_at
        if moment is not None and PRESS & {name for names in message.channels.values() for name in names}:
            yield message.reference, moment
    conferences = PressConference.objects.filter(incident=incident).exclude(state=ConferenceState.CANCELLED)
    for conference in conferences.order_by("held_at"):
        yield _("press conference"), conference.held_at
    for post in SocialPost.objects.filter(message__incident=incident).order_by("pk"):
        moment = post.posted_at or post.post_at
        if moment is not None:
            yield _("post"), moment


def _first_release(incident: Incident) -> datetime | None:
    rows = Message.objects.filter(incident=incident, kind=MessageKind.FIRST_NOTICE, released_at__isnull=False)
    return rows.order_by("released_at").values_list("released_at", flat=True).first()
