"""The act that matters: customers are told, called, updated on time, heard, and told that it is over."""

import json
import uuid

import httpx
from django.conf import settings
from standardwebhooks import Webhook

from crisiscomm.demo import customers, preparation
from crisiscomm.demo.play import Play
from incidents import assessments, decisions, facts, feedback, lifecycle
from incidents.enums import FeedbackState, Mood
from incidents.models import Feedback
from incidents.phases import Phase
from notifications.enums import DeliveryStatus, MessageKind
from notifications.models import Delivery, Message
from workflows import approvals, call_desk, call_outcomes, outreach, releases
from workflows.enums import OutreachOrigin, SlotState
from workflows.models import OutreachTask, UpdateSlot

SCHEDULED_UPDATES = 3
LANGUAGES = ("en", "zh", "ru")


def execute(play: Play) -> None:
    """Release the first notice, keep the rhythm, listen, stop and resume, and resolve."""
    notice = play.messages[MessageKind.FIRST_NOTICE]
    releases.release(notice, by=play.lead, now=play.now)
    play.ring()
    play.say(f"first notice released, {notice.reference}")
    _call_tier_1(play)
    play.wait_until_sent(notice)
    _bounce(play, notice)
    _customers_speak(play)
    _keep_the_rhythm(play)
    _answer_everybody(play)
    _finish_calls(play)
    _resolve(play)
    preparation.move(play, Phase.FOLLOW_UP)


def _call_tier_1(play: Play) -> None:
    call = play.words["call"]
    outcome = call_outcomes.CallOutcome(reached=call["outcome"], concern=call["concern"], agreed_points=call["agreed"])
    tasks = _open_tasks(play, OutreachOrigin.PLAN)
    for task in tasks:
        caller = task.owner or play.lead
        call_desk.claim(task, by=caller, now=play.now)
        call_outcomes.finish(task, outcome=outcome, by=caller, now=play.now)
    play.ring()
    play.say(f"{len(tasks)} tier 1 customers called, each call confirmed in writing")


def _open_tasks(play: Play, origin: OutreachOrigin) -> list[OutreachTask]:
    rows = OutreachTask.objects.filter(incident=play.incident, origin=origin, state__in=outreach.OPEN)
    return list(rows.select_related("owner").order_by("pk"))


def _bounce(play: Play, notice: Message) -> None:
    """Where the mail server of the user takes everything, its bounce comes as a provider's event."""
    if play.options.smtp is not None:
        delivery = Delivery.objects.reached().filter(message=notice, tier=2).order_by("pk")[0]
        event = {"type": "bounced", "data": {"delivery": str(delivery.reference), "is_permanent": True}}
        body, identifier = json.dumps(event), f"demo-{uuid.uuid4()}"
        moment = play.now
        signature = Webhook(settings.CRISISCOMM_HOOK_SECRET).sign(identifier, moment, body)
        headers = {
            "webhook-id": identifier,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": signature,
            "content-type": "application/json",
        }
        url = f"{settings.PUBLIC_BASE_URL}/hooks/email/"
        httpx.post(url, content=body, headers=headers, trust_env=False).raise_for_status()
    failed = Delivery.objects.filter(message=notice, status=DeliveryStatus.FAILED)
    play.wait("one mailbox does not exist", lambda: float(failed.exists()), seconds=20)
    play.wait("a call replaces the failed mail", lambda: float(bool(_failures(play))), seconds=20)
    play.say("one mail came back: the call desk got a task for that customer")


def _failures(play: Play) -> list[OutreachTask]:
    return _open_tasks(play, OutreachOrigin.FAILED_DELIVERY)


def _customers_speak(play: Play) -> None:
    count = 0
    for entry in play.words["feedback"]:
        for language in LANGUAGES:
            for reader in customers.readers(play.incident, language=language, count=2, tier=2):
                reader.post("say/", kind=entry["kind"], mood=entry["mood"], verbatim=entry[language])
                count += 1
    choices = 0
    options = list(play.incident.remedy_options.filter(approved_at__isnull=False).order_by("position"))
    for place, language in enumerate(LANGUAGES):
        for reader in customers.readers(play.incident, language=language, count=5, tier=2):
            reader.post("choose/", option=options[(place + choices) % len(options)].pk)
            reader.post("read/")
            choices += 1
    _log_a_call(play)
    play.say(f"{count} customers wrote through their links, {choices} chose an option")


def _log_a_call(play: Play) -> None:
    entry = feedback.Entry(verbatim=play.words["call"]["concern"], mood=Mood.WORRIED, theme="delivery date")
    feedback.log(play.incident, entry=entry, now=play.now, by=play.person("emma"))


def _keep_the_rhythm(play: Play) -> None:
    """Only beat opens updates; the team changes facts between them."""
    for number, change in enumerate(play.words["changes"], start=1):
        _wait_for_updates(play, number)
        for key, value in change.items():
            preparation.put(play, key, value)
        preparation.confirm_facts(play)
        play.say(f"new facts before update {number + 1}: {', '.join(change)}")
    _wait_for_updates(play, SCHEDULED_UPDATES)
    for tier in (2, 3):
        _wait_for_updates(play, 1, tier=tier)


def _wait_for_updates(play: Play, number: int, *, tier: int = 1) -> None:
    settled = UpdateSlot.objects.filter(
        incident=play.incident, tier=tier, state=SlotState.RELEASED, settled_at__isnull=False
    )
    play.wait(f"tier {tier}: {number} scheduled update(s) complete", lambda: settled.count() / number, seconds=90)
    play.say(f"tier {tier}: update {number} out, opened by the clock alone")


def _answer_everybody(play: Play) -> None:
    for entry in Feedback.objects.unanswered().filter(incident=play.incident).select_related("owner"):
        text = play.words["answer"][entry.language or "en"]
        feedback.answer(entry, text=text, by=entry.owner or play.person("emma"), now=play.now)
    for entry in Feedback.objects.filter(incident=play.incident, state=FeedbackState.ANSWERED):
        feedback.close(entry, by=entry.owner or play.lead, now=play.now)


def _finish_calls(play: Play) -> None:
    outcome = call_outcomes.CallOutcome(
        reached=play.words["call"]["outcome"], agreed_points=play.words["call"]["agreed"]
    )
    for task in [*_failures(play), *_open_tasks(play, OutreachOrigin.PLAN)]:
        caller = task.owner or play.person("emma")
        call_desk.claim(task, by=caller, now=play.now)
        call_outcomes.finish(task, outcome=outcome, by=caller, now=play.now)


def _resolve(play: Play) -> None:
    words, incident = play.words, play.incident
    assessments.resolve(incident, at=play.now, by=play.owner, now=play.now)
    decisions.add_evidence(
        incident,
        subject="resolution_evidence",
        text=words["resolution_evidence"],
        source=words["source"],
        by=play.owner,
        now=play.now,
    )
    preparation.put(play, "incident.cause_status", {facts.SHARED: "confirmed"})
    preparation.confirm_facts(play)
    message = releases.draft_message(incident, kind=MessageKind.RESOLUTION, by=play.writer, now=play.now)
    approvals.submit(message, by=play.writer, now=play.now)
    preparation.approve(play, message, [play.communications, play.lead, play.owner])
    releases.release(message, by=play.lead, now=play.now)
    play.ring()
    _stop_and_resume(play, message)
    play.wait_until_sent(message)
    _call_the_unreached(play, message)
    play.say("resolution notice sent to every affected customer")


def _stop_and_resume(play: Play, message: Message) -> None:
    accepted = Delivery.objects.reached().filter(message=message)
    play.wait("some of the resolution notice is out", lambda: float(accepted.exists()), seconds=30)
    lifecycle.stop_sending(play.incident, reason=play.words["stop_reason"], by=play.lead, now=play.now)
    flying = Delivery.objects.filter(message=message, status=DeliveryStatus.SENDING)
    play.wait("the last mail under way lands", lambda: float(not flying.exists()), seconds=20)
    waiting = Delivery.objects.waiting().filter(message=message).count()
    play.say(f"sending stopped with {waiting} still to go; checked, and resumed")
    lifecycle.resume_sending(play.incident, by=play.lead, now=play.now)
    play.ring()


def _call_the_unreached(play: Play, message: Message) -> None:
    unreached = Delivery.objects.filter(message=message, status__in=[DeliveryStatus.FAILED, DeliveryStatus.SUPPRESSED])
    if unreached.exists():
        play.wait("who cannot be mailed is called", lambda: float(bool(_failures(play))), seconds=20)
        _finish_calls(play)
