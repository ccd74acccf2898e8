"""The last acts: promises kept, customers asked, the review written, the incident closed."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from crisiscomm.demo import customers, preparation, stage
from crisiscomm.demo.play import Play
from incidents import commitments, costs, feedback, imports, lifecycle, outcomes
from incidents.enums import CommitmentKind, CommitmentState, CostKind, Tier
from incidents.models import Commitment, RemedyChoice
from incidents.phases import Phase
from notifications.enums import MessageKind, MessageState
from notifications.models import Message
from workflows import approvals, plans, releases, reviews

SCORES = {"en": 5, "zh": 4, "ru": 4}


def follow_up(play: Play) -> None:
    """Keep the promises, deliver the remedies, ask the customers when the plan says so, and wait for answers."""
    _keep_promises(play)
    for choice in RemedyChoice.objects.filter(incident=play.incident, delivered_at=None).order_by("pk"):
        feedback.deliver_remedy(choice, by=play.person("emma"), now=play.now)
    surveys = _schedule_surveys(play)
    for message in surveys:
        _wait_for_release(play, message)
        play.wait_until_sent(message)
    _customers_answer(play)
    _wait_for_window(play)
    preparation.move(play, Phase.EVALUATE)


def _keep_promises(play: Play) -> None:
    rows = Commitment.objects.unsettled().filter(incident=play.incident).exclude(kind=CommitmentKind.NEXT_UPDATE)
    for row in rows.order_by("pk"):
        outcome = play.words["resolution_evidence"]
        commitments.settle(row, state=CommitmentState.KEPT, outcome=outcome, by=row.owner or play.lead, now=play.now)


def _schedule_surveys(play: Play) -> list[Message]:
    plan = plans.required(play.incident)
    resolved = play.incident.resolved_at
    assert resolved is not None
    scheduled = []
    for tier in Tier.values:
        draft = releases.Draft(MessageKind.FOLLOW_UP_SURVEY, audience={"tiers": [tier]})
        message = releases.draft(play.incident, draft=draft, by=play.writer, now=play.now)
        approvals.submit(message, by=play.writer, now=play.now)
        preparation.approve(play, message, [play.communications])
        after = plans.audience(plan, tier).survey_interval or timedelta(0)
        at = max(resolved + after, play.now + timedelta(seconds=1))
        releases.schedule(message, at=at, by=play.lead, now=play.now)
        scheduled.append(message)
    play.say("surveys approved and scheduled for each tier; the clock releases them")
    return scheduled


def _wait_for_release(play: Play, message: Message) -> None:
    released = Message.objects.filter(pk=message.pk, state__in=[MessageState.SENDING, MessageState.SENT])
    tiers = ", ".join(str(tier) for tier in message.audience["tiers"])
    play.wait(f"survey to tier {tiers}: its time has not come", lambda: float(released.exists()), seconds=120)


def _customers_answer(play: Play) -> None:
    count = 0
    for language, score in SCORES.items():
        for place, reader in enumerate(customers.readers(play.incident, language=language, count=12)):
            scale = dict.fromkeys(_scale_items(), score - (place % 3 == 0))
            answers = {f"answer-{name}": str(value) for name, value in scale.items()}
            answers |= {"answer-promises_kept": "yes", "answer-continue": "9", "answer-open": ""}
            reader.post("survey/", **answers)
            count += 1
    play.say(f"{count} customers answered the survey")


def _scale_items() -> tuple[str, ...]:
    return ("informed_in_time", "understood", "believed", "treated_with_respect", "remedy_fair")


def _wait_for_window(play: Play) -> None:
    def is_open() -> float:
        waiting = lifecycle.blockers(play.incident, now=play.now)
        return float(all(blocker.id != "FU-03" for blocker in waiting))

    play.wait("the survey's window", is_open, seconds=120)


def evaluate(play: Play) -> tuple[Path, Path]:
    """Compute the metrics, hold the review, write its report, close the incident; return page and PDF."""
    words, incident = play.words, play.incident
    _reckon(play)
    review = reviews.compute(incident, by=play.lead, now=play.now)
    front_line = [play.person(name) for name in ("emma", "olga", "chen.yu")]
    meeting = reviews.Meeting(
        summary=words["review"]["summary"],
        strengths=words["review"]["strengths"],
        lessons=words["review"]["lessons"],
        participants=(play.lead, play.communications, play.owner, *front_line),
        has_front_line=True,
        held_at=play.now,
    )
    reviews.hold(review, meeting=meeting, by=play.lead, now=play.now)
    for item in words["improvements"]:
        due_on = (play.now + timedelta(days=60)).date()
        action = reviews.Action(text=item["text"], owner=play.owner, due_on=due_on, test=item["test"])
        reviews.improve(review, action=action, by=play.lead, now=play.now)
    preparation.decide(play, "playbook_revision")
    preparation.decide(play, "risk_register")
    preparation.move(play, Phase.CLOSED)
    return _write(play, "html"), _write(play, "pdf")


def _reckon(play: Play) -> None:
    """Enter what it cost, and what the customer system says of customers, affected and not."""
    for item in play.words["costs"]:
        cost = costs.Cost(**{**item, "kind": CostKind(item["kind"]), "amount": Decimal(item["amount"])})
        costs.record(play.incident, cost=cost, by=play.lead, now=play.now)
    folder, number = Path(settings.DATA_DIR), play.options.customers
    neighbours = stage.write_neighbours(folder / "other-customers.csv", beyond=number)
    imports.run(neighbours, by=play.writer, now=play.now)
    path = stage.write_outcomes(folder / "outcomes.csv", number=number, day=play.now.date())
    report = outcomes.import_file(play.incident, path=path, by=play.lead, now=play.now)
    play.say(f"{len(play.words['costs'])} costs entered; {report.created} customers observed from {path.name}")


def _write(play: Play, kind: str) -> Path:
    path = Path(settings.DATA_DIR) / f"review-{play.incident.reference}.{kind}"
    call_command("review", play.incident.reference, format=kind, output=path, stdout=_Nowhere())
    play.say(f"review written: {path.name}")
    return path


class _Nowhere:
    """Standard output belongs to the figures at the end."""

    def write(self, _text: str) -> int:
        return 0
